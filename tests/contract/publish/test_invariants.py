"""What must hold after any run is found where it doesn't."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness.applying import Killed, Stage, kill_after, stage
from tests.harness.values import held, name

from namehold.ledger.model import Holdings
from namehold.plan.model import Plan
from namehold.publish.invariants import RememberedUploads, find_breaches


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def breaches(here: Stage, plan: Plan, uploads: RememberedUploads, *, holdings: Holdings | None = None) -> list[str]:
    found = find_breaches(
        plan, holdings=holdings or here.holdings, state=here.index.state, account="acme", sent=uploads.sent
    )
    return list(found)


def test_a_run_without_faults_breaches_nothing(here: Stage) -> None:
    plan, uploads = here.plan("acme-tol"), RememberedUploads(here.uploader)
    here.run(plan, uploader=uploads)
    assert len(uploads.sent) == 2
    assert breaches(here, plan, uploads) == []


def test_what_was_sent_and_not_planned_is_named(here: Stage) -> None:
    plan, uploads = here.plan("acme-tol"), RememberedUploads(here.uploader)
    here.run(plan, uploader=uploads)
    other = here.plan("acme-too")
    assert breaches(here, other, uploads, holdings=Holdings()) == ["names outside the plan were sent: acme-tol"]


def test_a_file_that_was_sent_twice_for_no_reason_is_counted(here: Stage) -> None:
    plan, uploads = here.plan("acme-tol"), RememberedUploads(here.uploader)
    here.run(plan, uploader=uploads)
    uploads.sent.append(uploads.sent[0])
    assert breaches(here, plan, uploads) == ["3 uploads for 2 files with 0 faults and 0 kills"]


def test_what_was_sent_though_the_quota_was_used_up_is_counted(here: Stage) -> None:
    plan, uploads = here.plan("acme-tol"), RememberedUploads(here.uploader)
    here.run(plan, uploader=uploads)
    state = here.index.state
    state.uploads.append(replace(state.uploads[-1], status=429, is_committed=False, spent_slot=False))
    assert breaches(here, plan, uploads) == ["1 uploads beyond the quota, of which 0 can be excused"]


def test_a_ledger_and_an_index_that_disagree_are_found(here: Stage) -> None:
    plan, uploads = here.plan("acme-tol"), RememberedUploads(here.uploader)
    here.run(plan, uploader=uploads)
    (ours,) = here.holdings.held
    assert breaches(here, plan, uploads, holdings=Holdings()) == ["acme-tol is on the index and not held by the ledger"]
    more = replace(here.holdings, held=(ours, held("acme-too")))
    assert breaches(here, plan, uploads, holdings=more) == ["acme-too is held by the ledger and not on the index"]
    changed = ours.changed(files=tuple((filename, "00" * 32) for filename, _ in ours.files))
    assert breaches(here, plan, uploads, holdings=replace(here.holdings, held=(changed,))) == [
        "acme-tol has other files on the index than its receipt says"
    ]


def test_what_was_sent_and_never_proved_is_named(here: Stage) -> None:
    plan, uploads = here.plan("acme-tol"), RememberedUploads(here.uploader)
    here.uploader.faults[2] = kill_after
    with pytest.raises(Killed):
        here.run(plan, uploader=uploads)
    assert name("acme-tol") not in here.held
    assert "still unproven: acme-tol" in breaches(here, plan, uploads)

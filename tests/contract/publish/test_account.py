"""The ceilings bind the account, not a file: what it holds and a ledger lacks stops every run before its first byte."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import PORTFOLIO, Stage, stage
from tests.harness.values import PROFILE, action, territory

from namehold.errors import IndexError_, UnlistedError, UnsafePlan
from namehold.index.access.http import HttpIndex
from namehold.index.model import Outcome, ProjectStatus
from namehold.ledger.model import HandedOver, Receipt
from namehold.placeholder.build import PlaceholderBuilder
from namehold.plan.checks.guards import find_plan_refusals
from namehold.portfolio.model import MAX_NAMES_A_PACKAGE
from namehold.portfolio.packages import Package
from namehold.publish.result import ApplyResult

FIRST, SECOND = "acme-tol", "acme-too"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def beside(here: Stage, folder: str = "second") -> Stage:
    """A second folder of the same account: another names.yaml, another ledger."""
    other = here.folder / folder
    other.mkdir(exist_ok=True)
    return replace(here, folder=other, receipts=[])


def is_refused(here: Stage, *names: str) -> str:
    """What stops a run that would send these names; nothing of them may have left."""
    sent = len(here.index.state.uploads)
    with pytest.raises(UnsafePlan) as refused:
        here.run(here.plan(*names))
    assert len(here.index.state.uploads) == sent
    assert {finding.rule for finding in refused.value.diagnostics()} == {"unrecorded"}
    return " ".join(finding.message for finding in refused.value.diagnostics())


def test_a_second_folder_of_the_account_is_no_fresh_ceiling(here: Stage) -> None:
    here.run(here.plan(FIRST))
    assert FIRST in is_refused(beside(here), SECOND)


def test_a_lost_ledger_is_no_fresh_ceiling(here: Stage) -> None:
    here.run(here.plan(FIRST))
    here.ledger_path.unlink()
    assert FIRST in is_refused(here, SECOND)


def test_the_same_plan_finds_its_own_names_again_where_its_ledger_is_lost(here: Stage) -> None:
    plan = here.plan(FIRST, SECOND)
    here.run(plan)
    here.ledger_path.unlink()
    sent = len(here.index.state.uploads)
    assert here.run(plan).stopped is None
    assert (here.held, len(here.index.state.uploads)) == ([FIRST, SECOND], sent)


def test_a_reservation_without_a_digest_is_no_planned_one(here: Stage) -> None:
    bare = replace(action(FIRST), digest="")
    built = PlaceholderBuilder().build(here.renderer.render(bare, PORTFOLIO), here.folder / "elsewhere")
    files = [(item.filename, Path(item.path).read_bytes()) for item in built]
    here.index.state.add_project(NormalizedName(FIRST), owner="acme", files=files)
    assert FIRST in is_refused(here, SECOND)


def test_all_teams_share_one_ledger(here: Stage) -> None:
    here.run(here.plan(FIRST))
    result = here.run(here.plan(SECOND))
    assert isinstance(result, ApplyResult)
    assert here.held == [FIRST, SECOND]


def test_a_placeholder_called_a_package_counts(here: Stage) -> None:
    here.run(here.plan(FIRST))
    other = beside(here)
    packages = (*PORTFOLIO.packages, Package(name=NormalizedName(FIRST), spelled=FIRST))
    other.portfolio = replace(PORTFOLIO, packages=packages)
    assert FIRST in is_refused(other, SECOND)


def test_a_race_that_was_lost_to_a_second_ledger_counts(here: Stage) -> None:
    """The ledger took the name for a stranger's, and it is the account's own."""
    beside(here).run(here.plan(FIRST))
    with here.open_ledger() as ledger:
        lost = Receipt(
            name=NormalizedName(FIRST), target=NormalizedName("acme-tool"), outcome=Outcome.LOST_RACE, message="",
            time=here.clock.now(), action_digest="",
        )  # fmt: skip
        ledger.append(lost)
    assert FIRST in is_refused(here, SECOND)


def test_what_was_given_back_counts_in_the_ledger_alone(here: Stage) -> None:
    here.run(here.plan(FIRST))
    with here.open_ledger() as ledger:
        given = HandedOver(
            name=NormalizedName(FIRST), to="The Tol project", how="transferred", version="0.0.1", checked=False,
            time=here.clock.now(),
        )  # fmt: skip
        ledger.append(given)
    assert here.run(here.plan(SECOND)).stopped is None


def test_projects_of_ours_that_are_no_reservations_stop_nothing(here: Stage) -> None:
    for number in range(3):
        here.index.state.add_project(NormalizedName(f"acme-service-{number}"), owner="acme")
    here.index.state.set_status(NormalizedName("acme-service-1"), ProjectStatus.QUARANTINED)
    assert here.run(here.plan(FIRST)).stopped is None


class _Without(HttpIndex):
    """An index that lists no user's projects, or fails to."""

    error: IndexError_ = UnlistedError("there is no such list")

    def user_packages(self, username: str) -> tuple[NormalizedName, ...]:  # noqa: ARG002 -- the port's signature
        raise self.error


def reader_without_list(here: Stage, error: IndexError_ | None = None) -> _Without:
    reader = _Without(here.index.profile, contact="security@acme.example", sleep=here.clock.advance)
    if error is not None:
        reader.error = error
    return reader


def test_an_index_without_a_list_is_asked_for_the_names_of_the_plan(here: Stage) -> None:
    here.run(here.plan(FIRST))
    other = beside(here)
    changed = replace(here.plan(SECOND, FIRST), policy=PORTFOLIO.policy)
    with reader_without_list(here) as reader:
        sent = len(here.index.state.uploads)
        with pytest.raises(UnsafePlan, match="this ledger lacks"):
            other.run(changed, reader=reader)
        assert len(here.index.state.uploads) == sent
        # A name that neither plan nor ledger has can't be found there.
        assert other.run(other.plan("acme-toool"), reader=reader).stopped is None


def test_a_list_that_fails_sends_nothing(here: Stage) -> None:
    with reader_without_list(here, IndexError_("it answered 503")) as reader, pytest.raises(IndexError_):
        here.run(here.plan(FIRST), reader=reader)
    assert here.index.state.uploads == []


def test_the_account_is_looked_at_where_nothing_is_to_be_sent(here: Stage) -> None:
    here.run(here.plan(FIRST))
    beside(here, "third").index.state.add_project(NormalizedName("acme-website"), owner="acme")
    assert here.run(here.plan(FIRST)).stopped is None
    here.run(here.plan(FIRST, SECOND))
    content = b"".join(here.ledger_path.read_bytes().splitlines(keepends=True)[:3])
    here.ledger_path.write_bytes(content)  # a ledger from before the second name
    assert here.held == [FIRST]
    assert SECOND in is_refused(here, FIRST)


def test_names_that_are_found_again_spend_no_slot_and_stay_as_old_as_they_are(here: Stage) -> None:
    names = ["acme-tol", "acme-too", "acme-tols", "acme-toos"]
    began = here.clock.now()
    here.run(here.plan(*names))
    here.ledger_path.unlink()
    here.clock.advance(2 * 86_400)
    result = here.run(here.plan(*names, "acme-toool", "acme-tooll"))
    assert (result.stopped, result.waiting) == (None, ())
    assert len(here.index.state.uploads) == 2 * 6
    assert [item.since.date() for item in here.holdings.held[:4]] == [began.date()] * 4
    assert [item.date() for item in here.holdings.slot_times] == [began.date()] * 4 + [here.clock.now().date()] * 2


def test_what_is_found_again_waits_for_no_slot(here: Stage) -> None:
    old, new = ["acme-tol", "acme-too"], ["acme-tols", "acme-toos", "acme-toool", "acme-tooll"]
    here.run(here.plan(*old))
    here.clock.advance(2 * 86_400)
    plan = here.plan(*old, *new, "acme-tooool")
    here.run(here.plan(*old, *new))
    here.ledger_path.unlink()
    sent = len(here.index.state.uploads)
    result = here.run(plan)
    # Today's four slots are spent, by the index's own times: the one name that is really new waits.
    assert (result.waiting, len(here.index.state.uploads)) == (("acme-tooool",), sent)
    assert sorted(here.held) == sorted(old + new)
    assert result.next_slot is not None
    assert result.next_slot - here.clock.now() > dt.timedelta(hours=23)


@pytest.mark.parametrize("organization", ["", "acme-org"])
def test_the_ceiling_says_how_names_of_an_organization_count(here: Stage, organization: str) -> None:
    portfolio = replace(PORTFOLIO, organization=replace(PORTFOLIO.organization, index_organization=organization))
    plan = here.plan(*(f"acme-tool-{number}" for number in range(MAX_NAMES_A_PACKAGE + 1)))
    findings = find_plan_refusals(
        plan, portfolio=portfolio, holdings=here.holdings, profile=PROFILE, territory=territory(portfolio)
    )
    (ceiling,) = [item for item in findings if item.rule == "guard-package-ceiling"]
    assert ("moved to the organization acme-org count as the ledger has them" in ceiling.message) is bool(organization)

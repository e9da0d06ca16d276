from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypitoken
import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import (
    NOW,
    PORTFOLIO,
    Killed,
    Stage,
    Upload,
    interrupt_after,
    kill_after,
    kill_before,
    lose_answer,
    lose_request,
    make_plan,
    say,
    stage,
)

from namehold import files
from namehold.errors import CredentialError, ExitCode, LedgerError, StalePlan, UnsafePlan
from namehold.index.access.tokens import NarrowingTokens
from namehold.index.model import Answer, Outcome, ProjectState, ProjectStatus, Quota, Token
from namehold.index.ports import BuiltFile
from namehold.ledger.file import Ledger
from namehold.ledger.model import Decided, Event, LedgerEvent, Observed, Sighting
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.model import Distribution, SourceTree
from namehold.plan.model import Plan
from namehold.portfolio.model import Budget, Publishing
from namehold.rehearsal.clocks import SteppedClock
from namehold.rehearsal.limits import CreationLimits

FIVE = ("acme-tol", "acme-too", "acme-tools", "acmee-tool", "tool-acme")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def outcomes(receipts: object) -> list[Outcome]:
    return [receipt.outcome for receipt in receipts]  # type: ignore[attr-defined]  # receipts of any sequence


# --------------------------------------------------------------------------- the straight way


def test_a_name_is_written_down_sent_and_proved(here: Stage) -> None:
    result = here.run(here.plan("acme-tol"))
    assert result.exit_code is ExitCode.DONE
    assert here.kinds == ["opened", "intent", "receipt"]
    (receipt,) = result.receipts
    assert receipt.outcome is Outcome.HELD
    assert receipt.owner == "acme"
    on_index = {file.filename: file.digests["sha256"] for file in here.index.state.holdings_of("acme")[receipt.name]}
    assert dict(receipt.files) == on_index
    assert [name.endswith(".whl") for name, _ in receipt.files].count(True) == 1
    assert len(on_index) == 2


def test_the_quota_stops_the_run_and_the_next_one_goes_on(here: Stage) -> None:
    plan = here.plan(*FIVE)
    first = here.run(plan)
    assert outcomes(first.receipts) == [Outcome.HELD] * 4
    assert first.exit_code is ExitCode.QUOTA
    assert first.waiting == ("tool-acme",)
    assert first.next_slot is not None
    assert first.next_slot - here.clock.now() <= dt.timedelta(days=1, seconds=1)
    assert len(here.index.state.uploads) == 8  # no POST was wasted on a 429

    again = here.run(plan)
    assert (again.exit_code, again.receipts) == (ExitCode.QUOTA, ())

    here.clock.advance((first.next_slot - here.clock.now()).total_seconds())
    last = here.run(plan)
    assert (last.exit_code, outcomes(last.receipts), last.waiting) == (ExitCode.DONE, [Outcome.HELD], ())
    assert {upload.status for upload in here.index.state.uploads} == {200}


def test_where_the_index_counts_nothing_the_ledger_does(here: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # While its limiter's store is down the index takes every new name, and its answers have no quota in them.
    monkeypatch.setattr(CreationLimits, "hit", lambda *_, **__: None)

    def without_headers(upload: Upload, file: BuiltFile, token: Token) -> Answer:
        return replace(upload(file, token), headers=())

    here.uploader.faults = dict.fromkeys(range(1, 30), without_headers)
    plan = here.plan(*FIVE)
    result = here.run(plan)
    assert (len(result.receipts), result.exit_code, result.waiting) == (4, ExitCode.QUOTA, ("tool-acme",))
    assert here.run(plan).receipts == ()


def test_a_run_may_wait_for_the_next_slot(here: Stage) -> None:
    result = here.run(here.plan(*FIVE), wait_s=90_000)
    assert outcomes(result.receipts) == [Outcome.HELD] * 5
    assert result.exit_code is ExitCode.DONE


def test_a_run_that_has_nothing_to_do_sends_nothing(here: Stage) -> None:
    plan = here.plan("acme-tol")
    here.run(plan)
    sent = len(here.index.state.uploads)
    result = here.run(plan)
    assert (result.receipts, result.waiting, len(here.index.state.uploads)) == ((), (), sent)


def test_files_are_kept_until_the_receipt_and_no_longer(here: Stage) -> None:
    here.uploader.faults[1] = kill_after
    with pytest.raises(Killed):
        here.run(here.plan("acme-tol"))
    kept = {path.name for path in (here.folder / "outbox").rglob("acme_tol*")}
    assert len([name for name in kept if "." in name]) == 2
    here.run_all(here.plan("acme-tol"))
    assert list((here.folder / "outbox").iterdir()) == []


def test_what_a_killed_build_leaves_goes_with_the_next_run(
    here: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    class KilledBuilder(PlaceholderBuilder):
        def build(self, tree: SourceTree, folder: Path) -> tuple[Distribution, ...]:
            super().build(tree, folder)
            raise Killed

    with monkeypatch.context() as dead:
        dead.setattr(shutil, "rmtree", lambda *_, **__: None)  # who is dead doesn't tidy up
        with pytest.raises(Killed):
            here.run(here.plan("acme-tol"), builder=KilledBuilder())
    assert any((tmp_path / "temporary").rglob("acme_tol*"))
    files._SWEPT.clear()  # as a new process has it
    here.run(here.plan("acme-tol"))
    assert list((tmp_path / "temporary").iterdir()) == []
    assert list((here.folder / "outbox").iterdir()) == []


def test_what_was_built_and_never_meant_to_be_sent_goes_with_the_next_run(
    here: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    with here.open_ledger() as ledger, monkeypatch.context() as dead:
        dead.setattr(ledger, "append", die)
        plan = here.plan("acme-tol")
        with pytest.raises(Killed):
            here.apply(plan, plan, ledger)
    assert any((here.folder / "outbox").rglob("acme_tol*"))
    here.run(here.plan())
    assert list((here.folder / "outbox").iterdir()) == []


@pytest.mark.parametrize(
    "told",
    [
        {"headers": (("ratelimit", '"project.create.user";r=0;t=9999999999'),)},
        {"date": NOW + dt.timedelta(days=25_000)},
        {"date": dt.datetime.max.replace(tzinfo=dt.UTC), "headers": (("ratelimit", '"project.create.user";r=0;t=9'),)},
    ],
)
def test_no_answer_closes_the_account_for_years(here: Stage, told: dict[str, Any]) -> None:
    here.uploader.faults[1] = say(429, "Too many new projects created", **told)
    result = here.run(here.plan("acme-tol"))
    assert outcomes(result.receipts) == [Outcome.RATE_LIMITED]
    here.clock.advance(31 * 86_400)
    assert outcomes(here.run(here.plan("acme-tol")).receipts) == [Outcome.HELD]


def test_an_approval_under_a_wrong_clock_is_none(here: Stage) -> None:
    plan = here.plan("acme-tol")
    here.portfolio = replace(PORTFOLIO, publishing=Publishing(enabled=True))
    profile = replace(here.index.profile, is_loopback=False)
    ahead = SteppedClock(here.clock.now() + dt.timedelta(days=1000))
    with pytest.raises(UnsafePlan, match="clock"):
        here.run(plan, profile=profile, approve=plan.action_digest, clock=ahead)
    assert here.holdings.approvals == ()


def test_the_budgets_share_of_a_day_is_no_error(here: Stage) -> None:
    here.portfolio = replace(PORTFOLIO, budget=Budget(per_day=1))
    result = here.run(here.plan("acme-tol", "acme-too"))
    assert outcomes(result.receipts) == [Outcome.HELD]
    assert result.exit_code is ExitCode.DONE
    assert result.next_slot is not None


def test_kept_slots_are_left_alone(here: Stage) -> None:
    here.portfolio = replace(PORTFOLIO, budget=Budget(keep_slots=3))
    result = here.run(here.plan("acme-tol", "acme-too"))
    assert outcomes(result.receipts) == [Outcome.HELD]
    assert result.exit_code is ExitCode.QUOTA


def test_slots_that_strangers_at_the_address_spent_stop_the_run_without_a_second_post(here: Stage) -> None:
    here.run(here.plan("acme-tol"))
    other = here.plan("acme-too", "acme-tools")
    for _ in range(3):  # three new projects from the same address, of which our ledger knows nothing
        here.index.state.limits.addresses.hit("127.0.0.1", here.clock.now())
    before = len(here.index.state.uploads)
    result = here.run(other)
    assert result.exit_code is ExitCode.QUOTA
    assert outcomes(result.receipts) == [Outcome.RATE_LIMITED]
    assert len(here.index.state.uploads) == before + 1
    assert result.next_slot is not None
    here.clock.advance((result.next_slot - here.clock.now()).total_seconds())
    assert outcomes(here.run(other).receipts)[:1] == [Outcome.HELD]


# --------------------------------------------------------------------------- guards


def test_nothing_leaves_for_a_target_that_is_a_strangers(here: Stage) -> None:
    here.index.state.delete_project(NormalizedName("acme-tool"))
    here.index.state.add_project(NormalizedName("acme-tool"), owner="mallory")
    result = here.run(here.plan("acme-tol"))
    assert (result.exit_code, result.waiting) == (ExitCode.FINDINGS, ("acme-tol",))
    assert [(proof.target, proof.rule) for proof in result.unproved] == [("acme-tool", "ownership-others")]
    assert here.index.state.uploads == []
    assert here.kinds == ["opened"]


def test_clocks_that_differ_stop_before_the_first_byte(here: Stage) -> None:
    class Late:
        def now(self) -> dt.datetime:
            return here.clock.now() - dt.timedelta(seconds=61)

    with pytest.raises(UnsafePlan, match="clock"):
        here.run(here.plan("acme-tol"), clock=Late())
    assert here.index.state.uploads == []


def test_a_clock_that_jumps_underway_ends_the_run_before_the_next_name(here: Stage) -> None:
    jump = dt.timedelta()

    class Jumping:
        def now(self) -> dt.datetime:
            return here.clock.now() + jump

    def send_and_jump(upload: Upload, distribution: BuiltFile, token: Token) -> Answer:
        nonlocal jump
        jump = dt.timedelta(hours=3)
        return upload(distribution, token)

    here.uploader.faults[2] = send_and_jump
    result = here.run(here.plan("acme-tol", "acme-too"), clock=Jumping())
    assert outcomes(result.receipts) == [Outcome.HELD]
    assert result.stopped is not None
    # Something was sent: the code that says that nothing was is no longer true.
    assert (result.stopped.rule, result.exit_code) == ("clock", ExitCode.PARTLY_FAILED)
    assert len(here.index.state.uploads) == 2


def test_a_token_for_other_projects_is_found_out_before_anything_is_written(here: Stage) -> None:
    scoped = here.index.mint_token("acme", caveats=[[1, ["acme-tool"]]])
    with pytest.raises(CredentialError, match="other projects"):
        here.run(here.plan("acme-tol"), tokens=NarrowingTokens(Token(scoped)))
    assert here.kinds == ["opened"]
    assert here.index.state.uploads == []


def test_a_changed_policy_or_plan_is_refused(here: Stage) -> None:
    plan = here.plan("acme-tol")
    edited = replace(plan, actions=(replace(plan.actions[0], name=NormalizedName("acme-too")),))
    with pytest.raises(StalePlan):
        here.run(edited)
    here.portfolio = replace(PORTFOLIO, policy=replace(PORTFOLIO.policy, answer_days=15))
    with pytest.raises(StalePlan):
        here.run(plan)
    assert here.index.state.uploads == []


def test_beyond_loopback_publishing_and_approval_are_needed(here: Stage) -> None:
    # The same index, treated as one that isn't on loopback.
    profile = replace(here.index.profile, is_loopback=False)
    plan = here.plan("acme-tol")
    with pytest.raises(UnsafePlan) as caught:
        here.run(plan, profile=profile)
    assert {item.rule for item in caught.value.diagnostics()} == {"guard-publishing", "guard-approval"}

    here.portfolio = replace(PORTFOLIO, publishing=Publishing(enabled=True))
    with pytest.raises(StalePlan, match="digest"):
        here.run(plan, profile=profile, approve="sha256:of-another-plan")
    assert "approval" not in here.kinds
    assert here.run(plan, profile=profile, approve=plan.action_digest).exit_code is ExitCode.DONE
    assert here.kinds.count("approval") == 1


def test_an_approval_lapses_after_thirty_days(here: Stage) -> None:
    profile = replace(here.index.profile, is_loopback=False)
    here.portfolio = replace(PORTFOLIO, publishing=Publishing(enabled=True))
    plan = here.plan(*FIVE)
    here.run(plan, profile=profile, approve=plan.action_digest)
    here.clock.advance(31 * 86_400)
    with pytest.raises(UnsafePlan) as caught:
        here.run(plan, profile=profile)
    assert {item.rule for item in caught.value.diagnostics()} == {"guard-approval-lapsed"}


def test_an_action_that_no_longer_holds_is_skipped_with_a_receipt(here: Stage) -> None:
    plan = here.plan("acme-tol", "acme-too")
    fresh = make_plan(["acme-tol"], here.renderer)
    result = here.run(plan, fresh_plan=fresh)
    assert outcomes(result.receipts) == [Outcome.HELD, Outcome.SKIPPED]
    assert "names.yaml" in result.receipts[1].message


@pytest.mark.parametrize("fate", ["removed", "quarantined"])
def test_the_administrators_word_stops_every_run_until_it_is_recorded(here: Stage, fate: str) -> None:
    here.run(here.plan("acme-tol"))
    name = NormalizedName("acme-tol")
    if fate == "removed":
        here.index.state.prohibit(name)
    else:
        here.index.state.set_status(name, ProjectStatus.QUARANTINED)
    sent = len(here.index.state.uploads)
    plan = here.plan("acme-tol", "acme-too")
    for _ in range(2):
        with pytest.raises(UnsafePlan, match="acme-tol"):
            here.run(plan)
    assert len(here.index.state.uploads) == sent
    with here.open_ledger() as ledger:
        ledger.append(Decided(name=name, decision="they prohibited it", time=here.clock.now()))
    result = here.run(plan)
    assert [(item.name, item.outcome) for item in result.receipts] == [("acme-too", Outcome.HELD)]


# --------------------------------------------------------------------------- names that can't be had


def test_a_stranger_who_was_faster_before_we_sent(here: Stage) -> None:
    here.index.state.add_project(NormalizedName("acme-tol"), owner="mallory")
    result = here.run(here.plan("acme-tol"))
    assert outcomes(result.receipts) == [Outcome.LOST_RACE]
    assert "a stranger has registered it" in result.receipts[0].message
    assert "mallory" not in here.ledger_path.read_text(encoding="utf-8")
    assert result.exit_code is ExitCode.PARTLY_FAILED
    assert here.index.state.uploads == []


def test_a_stranger_who_was_faster_while_we_sent(here: Stage) -> None:
    def rival_first(upload, distribution, token):  # type: ignore[no-untyped-def]  # a fault's shape
        here.index.state.add_project(NormalizedName("acme-tol"), owner="mallory")
        return upload(distribution, token)

    here.uploader.faults[1] = rival_first
    result = here.run(here.plan("acme-tol", "acme-too"))
    assert outcomes(result.receipts) == [Outcome.LOST_RACE, Outcome.HELD]
    assert here.holdings.settled == (("acme-tol", "lost-race"),)


def test_names_that_the_index_refuses_are_settled_and_the_run_goes_on(here: Stage) -> None:
    here.index.state.prohibit(NormalizedName("acme-too"))
    here.index.state.add_project(NormalizedName("acme-tolls"), owner="mallory")
    plan = here.plan("acme-t0lls", "acme-too", "email", "acme-tol")
    result = here.run(plan)
    assert outcomes(result.receipts) == [
        Outcome.REFUSED_SIMILAR,
        Outcome.REFUSED_PROHIBITED,
        Outcome.REFUSED_STDLIB,
        Outcome.HELD,
    ]
    assert result.exit_code is ExitCode.DONE
    assert here.holdings.prohibited == ("acme-too",)
    assert len(here.holdings.slot_times) == 1
    assert here.run(plan).receipts == ()


def test_a_name_that_is_ours_already_is_adopted_only_with_our_bytes(here: Stage) -> None:
    plan = here.plan("acme-tol")
    here.run(plan)
    here.ledger_path.unlink()  # the ledger was lost, the name wasn't
    result = here.run(plan)
    assert outcomes(result.receipts) == [Outcome.HELD]
    assert len(here.index.state.uploads) == 2
    assert here.held == ["acme-tol"]

    here.index.state.add_project(NormalizedName("acme-too"), owner="acme")
    result = here.run(here.plan("acme-too"))
    assert outcomes(result.receipts) == [Outcome.SKIPPED]


# --------------------------------------------------------------------------- answers that end a run


@pytest.mark.parametrize(
    ("trouble", "outcome", "code"),
    [
        ("email", Outcome.AUTHENTICATION_FAILED, ExitCode.CREDENTIALS),
        ("frozen", Outcome.AUTHENTICATION_FAILED, ExitCode.CREDENTIALS),
        ("read-only", Outcome.REGISTRATION_DISABLED, ExitCode.INDEX_UNUSABLE),
        ("closed", Outcome.REGISTRATION_DISABLED, ExitCode.INDEX_UNUSABLE),
    ],
)
def test_a_closed_door_ends_the_run_after_one_post(here: Stage, trouble: str, outcome: Outcome, code: ExitCode) -> None:
    state = here.index.state
    state.users["acme"].has_verified_email = trouble != "email"
    state.users["acme"].is_frozen = trouble == "frozen"
    state.is_read_only = trouble == "read-only"
    state.is_registration_disabled = trouble == "closed"
    result = here.run(here.plan("acme-tol", "acme-too"))
    assert (outcomes(result.receipts), result.exit_code) == ([outcome], code)
    assert len(state.uploads) == 1
    assert result.waiting == ("acme-tol", "acme-too")


@pytest.mark.parametrize(
    ("status", "message"),
    [(302, ""), (308, "An upload was attempted to /legacy"), (418, "I'm a teapot"), (499, "\x00garbage")],
)
def test_an_answer_that_nobody_understands_ends_the_run(here: Stage, status: int, message: str) -> None:
    here.uploader.faults[1] = say(status, message)
    result = here.run(here.plan("acme-tol", "acme-too"))
    assert outcomes(result.receipts) == [Outcome.REFUSED_UNKNOWN]
    assert result.exit_code is ExitCode.PARTLY_FAILED
    assert here.uploader.count == 1


def test_a_yes_of_the_index_without_proof_is_no_success_and_is_never_sent_again(here: Stage) -> None:
    limits = ("ratelimit", '"project.create.ip";r=4;t=86400, "project.create.user";r=4;t=86400')
    here.uploader.faults[1] = here.uploader.faults[2] = say(200, "OK", headers=(limits,))
    plan = here.plan("acme-tol")
    result = here.run(plan)
    assert outcomes(result.receipts) == [Outcome.UNVERIFIED]
    assert here.holdings.unverified == ("acme-tol",)
    here.clock.advance(3600)
    assert outcomes(here.run(plan).receipts) == [Outcome.UNVERIFIED]
    assert here.uploader.count == 2
    # A day later it was taken away again, as far as anybody can tell: that is for people to find out.
    here.clock.advance(86_400)
    result = here.run(plan)
    assert result.exit_code is ExitCode.GUARD_REFUSED
    assert here.holdings.undecided == ("acme-tol",)
    assert here.uploader.count == 2


def test_a_name_that_the_index_took_has_a_whole_day_to_be_shown(here: Stage) -> None:
    limits = ("ratelimit", '"project.create.ip";r=4;t=86400, "project.create.user";r=4;t=86400')
    here.uploader.faults[1] = here.uploader.faults[2] = say(200, "OK", headers=(limits,))
    plan = here.plan("acme-tol")
    pauses: list[float] = []
    assert outcomes(here.run(plan, sleep=pauses.append).receipts) == [Outcome.UNVERIFIED]
    # It is asked for again at once, a little later each time.
    assert pauses[:3] == [1.0, 2.0, 4.0]
    here.clock.advance(86_400)
    assert outcomes(here.run(plan).receipts) == [Outcome.UNVERIFIED]
    assert here.holdings.undecided == ()
    here.clock.advance(1)
    assert here.run(plan).exit_code is ExitCode.GUARD_REFUSED
    last = here.events[-1].value
    assert isinstance(last, Observed)
    assert (last.name, last.found) == ("acme-tol", Sighting.VANISHED)


def test_a_log_in_pages_yes_is_not_the_indexs(here: Stage) -> None:
    here.uploader.faults[1] = here.uploader.faults[2] = say(200, "OK")
    plan = here.plan("acme-tol", "acme-too")
    result = here.run(plan)
    assert outcomes(result.receipts) == [Outcome.INDETERMINATE]
    assert here.uploader.count == 2
    assert here.run_all(plan).waiting == ()
    assert sorted(here.held) == ["acme-tol", "acme-too"]


@pytest.mark.parametrize("answer", [say(429, "Too Many Requests"), say(503), say(None), lose_request])
def test_a_second_file_that_is_not_taken_follows_with_a_later_run(here: Stage, answer: object) -> None:
    here.uploader.faults[2] = answer  # type: ignore[assignment]  # parametrized
    plan = here.plan("acme-tol", "acme-too")
    first = here.run(plan)
    assert outcomes(first.receipts) == [Outcome.INDETERMINATE]
    assert here.uploader.count == 2
    assert here.run_all(plan).waiting == ()
    assert [len(item.files) for item in here.holdings.held] == [2, 2]
    assert len(here.index.state.uploads) == 4


def test_a_second_file_that_is_refused_for_good_leaves_the_name_held(here: Stage) -> None:
    here.uploader.faults[2] = say(400, "Invalid distribution file. File is not a tarfile")
    result = here.run(here.plan("acme-tol"))
    assert outcomes(result.receipts) == [Outcome.HELD]
    assert len(result.receipts[0].files) == 1
    assert "not a tarfile" in result.receipts[0].message


# --------------------------------------------------------------------------- crashes


def test_a_lost_answer_is_settled_by_asking(here: Stage) -> None:
    here.uploader.faults[1] = lose_answer
    result = here.run(here.plan("acme-tol"))
    assert outcomes(result.receipts) == [Outcome.HELD]
    assert here.uploader.count == 2


def test_a_500_after_the_file_was_taken_is_settled_by_asking(here: Stage) -> None:
    def fail_after(upload, distribution, token):  # type: ignore[no-untyped-def]  # a fault's shape
        upload(distribution, token)
        return say(500, "Internal Server Error")(upload, distribution, token)

    here.uploader.faults[2] = fail_after
    assert outcomes(here.run(here.plan("acme-tol")).receipts) == [Outcome.HELD]
    assert here.uploader.count == 2


def test_a_lost_request_is_sent_again_only_after_asking_twice(here: Stage) -> None:
    # Caches lie between us and an index that isn't on this machine.
    profile = replace(here.index.profile, is_loopback=False)
    here.portfolio = replace(PORTFOLIO, publishing=Publishing(enabled=True))
    here.uploader.faults[1] = lose_request
    plan = here.plan("acme-tol", "acme-too")
    first = here.run(plan, profile=profile, approve=plan.action_digest)
    assert outcomes(first.receipts) == [Outcome.INDETERMINATE]
    assert first.exit_code is ExitCode.PARTLY_FAILED
    assert here.uploader.count == 1
    here.clock.advance(1)
    soon = here.run(plan, profile=profile)
    assert outcomes(soon.receipts) == [Outcome.INDETERMINATE]
    assert here.uploader.count == 1
    here.clock.advance(600)
    later = here.run(plan, profile=profile)
    assert outcomes(later.receipts) == [Outcome.HELD, Outcome.HELD]
    assert len(here.index.state.uploads) == 4


def test_what_arrived_before_a_run_died_is_held_at_once(here: Stage) -> None:
    profile = replace(here.index.profile, is_loopback=False)
    here.portfolio = replace(PORTFOLIO, publishing=Publishing(enabled=True))
    here.uploader.faults[2] = kill_after
    plan = here.plan("acme-tol")
    with pytest.raises(Killed):
        here.run(plan, profile=profile, approve=plan.action_digest)
    here.clock.advance(1)
    assert outcomes(here.run(plan, profile=profile).receipts) == [Outcome.HELD]
    assert here.uploader.count == 2


def test_an_interrupt_after_something_was_sent_is_a_stop_with_the_receipts(here: Stage) -> None:
    here.uploader.faults[3] = interrupt_after
    plan = here.plan("acme-tol", "acme-too", "acme-tools")
    result = here.run(plan)
    assert (result.exit_code, outcomes(result.receipts)) == (ExitCode.INTERRUPTED, [Outcome.HELD])
    assert result.stopped is not None
    assert result.stopped.message == "the run was interrupted; it is not known yet whether it arrived: acme-too"
    assert here.kinds[-1] == "intent"
    assert outcomes(here.run(plan).receipts) == [Outcome.HELD, Outcome.HELD]
    assert here.uploader.count == 6


def test_an_interrupt_before_anything_was_sent_ends_at_once(here: Stage) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    plan = here.plan("acme-tol")
    with pytest.raises(KeyboardInterrupt):
        here.run(plan, tokens=SimpleNamespace(token_for=interrupt))
    assert "intent" not in here.kinds


@pytest.mark.parametrize("error", [KeyboardInterrupt(), LedgerError("no room"), CredentialError("none")], ids=repr)
def test_what_an_earlier_run_sent_and_this_one_settled_is_told_whatever_ends_it(
    here: Stage, error: BaseException
) -> None:
    plan = here.plan("acme-tol", "acme-too")
    here.uploader.faults[2] = kill_after
    with pytest.raises(Killed):
        here.run(plan)

    def fail(*_: object, **__: object) -> None:
        raise error

    result = here.run(plan, tokens=SimpleNamespace(token_for=fail))
    assert outcomes(result.receipts) == [Outcome.HELD]
    assert result.exit_code is getattr(error, "exit_code", ExitCode.INTERRUPTED)


def test_on_this_machine_the_next_run_goes_on_at_once(here: Stage) -> None:
    here.uploader.faults[1] = lose_request
    plan = here.plan("acme-tol")
    assert outcomes(here.run(plan).receipts) == [Outcome.INDETERMINATE]
    assert outcomes(here.run(plan).receipts) == [Outcome.HELD]


def test_what_never_arrived_and_has_no_slot_today_waits(here: Stage) -> None:
    here.uploader.faults[3] = lose_request
    plan = here.plan("acme-tol", "acme-too")
    assert outcomes(here.run(plan).receipts) == [Outcome.HELD, Outcome.INDETERMINATE]
    here.portfolio = replace(PORTFOLIO, budget=Budget(per_day=1))
    second = here.run(plan)
    assert outcomes(second.receipts) == [Outcome.SKIPPED]
    assert (second.waiting, second.lost) == (("acme-too",), ("acme-too",))
    assert second.stopped is not None
    assert (second.stopped.rule, here.holdings.open_intents) == ("budget", ())
    here.clock.advance(86_400 + 60)
    assert outcomes(here.run(plan).receipts) == [Outcome.HELD]


def test_a_later_version_that_never_arrived_is_sent_again_with_one_receipt(here: Stage) -> None:
    here.run(here.plan("acme-tol"))
    plan = here.later_plan(NormalizedName("acme-tol"))
    here.uploader.faults[3] = lose_request
    assert outcomes(here.run(plan).receipts) == [Outcome.INDETERMINATE]
    assert outcomes(here.run(plan).receipts) == [Outcome.HELD]
    assert [item.version for item in here.holdings.held] == ["0.0.2"]


@pytest.mark.parametrize("upload", [1, 2, 3, 4])
@pytest.mark.parametrize("fault", [kill_before, kill_after])
def test_killed_at_any_upload_everything_arrives_exactly_once(here: Stage, upload: int, fault: object) -> None:
    here.uploader.faults[upload] = fault  # type: ignore[assignment]  # parametrized
    plan = here.plan("acme-tol", "acme-too")
    with pytest.raises(Killed):
        here.run(plan)
    result = here.run_all(plan)
    assert result.waiting == ()
    assert sorted(here.held) == ["acme-tol", "acme-too"]
    sent = [item.filename for item in here.index.state.uploads]
    assert len(sent) == len(set(sent)) == 4
    assert {item.status for item in here.index.state.uploads} == {200}


@pytest.mark.parametrize("event", [2, 3, 4, 5])
def test_a_ledger_that_can_not_be_written_stops_the_run_and_loses_nothing(
    here: Stage, event: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Ledger.append
    written = 0

    def fill_disk(self: Ledger, value: Event) -> LedgerEvent:
        nonlocal written
        written += 1
        if written == event:
            raise LedgerError("the ledger can't be written: No space left on device")
        return append(self, value)

    plan = here.plan("acme-tol", "acme-too")
    monkeypatch.setattr(Ledger, "append", fill_disk)
    if event == 2:
        with pytest.raises(LedgerError):
            here.run(plan)
    else:
        # Something was sent: the run tells what became of it.
        result = here.run(plan)
        assert result.stopped is not None
        assert "No space left on device" in result.stopped.message
        assert result.exit_code is ExitCode.PARTLY_FAILED
        assert outcomes(result.receipts) == [Outcome.HELD] * (event > 3)
    monkeypatch.undo()
    here.run_all(plan)
    assert sorted(here.held) == ["acme-tol", "acme-too"]
    assert len(here.index.state.uploads) == 4


def lose_the_sdist(here: Stage, plan: Plan) -> None:
    """The wheel is on the index, the run is dead, and the sdist has gone from the outbox."""
    here.uploader.faults[here.uploader.count + 1] = kill_after
    with pytest.raises(Killed):
        here.run(plan)
    for path in (here.folder / "outbox").rglob("*.tar.gz"):
        path.write_bytes(b"other bytes")


class OtherBuilder(PlaceholderBuilder):
    """Another version of a library: the same tree gives other bytes."""

    def build(self, tree: SourceTree, folder: Path) -> tuple[Distribution, ...]:
        files = (replace(file, text=f"{file.text}\n") if file.path == "README.md" else file for file in tree.files)
        return super().build(replace(tree, files=tuple(files)), folder)


def test_a_file_that_is_missing_in_the_outbox_is_built_again_and_sent(here: Stage) -> None:
    plan = here.plan("acme-tol")
    lose_the_sdist(here, plan)
    (receipt,) = here.run_all(plan).receipts
    assert (receipt.outcome, len(receipt.files)) == (Outcome.HELD, 2)
    assert [(item.status, item.filename.endswith(".whl")) for item in here.index.state.uploads] == [
        (200, True),
        (200, False),
    ]
    assert (here.held, len(here.holdings.slot_times)) == (["acme-tol"], 1)


def test_a_file_that_would_be_another_one_is_not_sent_before_it_is_the_same_again(here: Stage) -> None:
    plan = here.plan("acme-tol")
    lose_the_sdist(here, plan)
    result = here.run(plan, builder=OtherBuilder())
    (receipt,) = result.receipts
    assert (receipt.outcome, len(receipt.files)) == (Outcome.HELD, 1)
    assert "is another one when it is built again" in receipt.message

    class NoTokens:
        def token_for(self, name: NormalizedName, *, now: dt.datetime) -> Token:
            pytest.fail(f"a token for {name} was looked for at {now}, though nothing can be sent")

    # The next runs look again; the day on which the bytes are right, it is sent, in whichever run that is.
    again = here.run(plan, builder=OtherBuilder(), tokens=NoTokens())
    assert [item.rule for item in again.drift] == ["drift-file-missing"]
    assert len(here.index.state.uploads) == 1
    mended = here.run(plan)
    assert (mended.exit_code, mended.drift) == (ExitCode.DONE, ())
    assert [len(item.files) for item in mended.receipts] == [2]
    assert len(here.index.state.uploads) == 2
    assert (len(here.holdings.slot_times), here.run(plan).receipts) == (1, ())


def test_the_wheel_that_is_missing_beside_an_sdist_is_built_again_and_sent(here: Stage) -> None:
    """A lost ledger, and an upload of the sdist alone."""
    plan = here.plan("acme-tol")
    tree = here.renderer.render(plan.actions[0], PORTFOLIO)
    _, sdist = PlaceholderBuilder().build(tree, here.folder / "elsewhere")
    files = [(sdist.filename, Path(sdist.path).read_bytes())]
    here.index.state.add_project(NormalizedName("acme-tol"), owner="acme", files=files, age_days=3)
    sent = len(here.index.state.uploads)
    (receipt,) = here.run(plan).receipts
    assert (receipt.outcome, len(receipt.files)) == (Outcome.HELD, 2)
    assert [item.filename.endswith(".whl") for item in here.index.state.uploads[sent:]] == [True]
    (held,) = here.holdings.held
    assert here.clock.now() - held.since >= dt.timedelta(days=3)
    assert here.clock.now() - here.holdings.slot_times[-1] >= dt.timedelta(days=3)


def test_a_file_that_the_index_refuses_is_not_sent_again(here: Stage) -> None:
    here.uploader.faults[2] = say(400, "Invalid distribution file. File is not a tarfile")
    plan = here.plan("acme-tol")
    here.run(plan)
    count = here.uploader.count
    assert [item.rule for item in here.run(plan).drift] == ["drift-file-missing"]
    assert here.uploader.count == count


def test_a_file_that_was_deleted_on_the_index_is_not_sent_again(here: Stage) -> None:
    plan = here.plan("acme-tol")
    here.run(plan)
    here.index.state.delete_file(NormalizedName("acme-tol"), "acme_tol-0.0.1.tar.gz")
    count = here.uploader.count
    assert [item.rule for item in here.run(plan).drift] == ["drift-file-missing"]
    assert here.uploader.count == count


def test_the_quota_is_read_from_the_answers(tmp_path: Path) -> None:
    with stage(tmp_path, quota=Quota(limit=2, window_s=3600)) as here:
        plan = here.plan("acme-tol", "acme-too", "acme-tools")
        result = here.run(plan, profile=replace(here.index.profile, quota=None))
        assert outcomes(result.receipts) == [Outcome.HELD] * 2
        assert result.next_slot is not None
        assert result.next_slot - here.clock.now() <= dt.timedelta(seconds=3601)
        assert here.holdings.quota == Quota(limit=2, window_s=3600)


def test_every_upload_carries_a_token_for_its_own_name_alone(here: Stage) -> None:
    account_token = here.tokens.token_for(NormalizedName("acme-tool"), now=NOW).reveal()[:60]
    result = here.run(here.plan("acme-tol", "acme-too"))
    assert result.is_narrowed
    names = []
    for token in here.uploader.tokens:
        assert token.reveal().startswith(account_token)
        dates, scope = pypitoken.Token.load(token.reveal()).restrictions
        assert dates.dump() == [0, int(NOW.timestamp()) + 300, int(NOW.timestamp()) - 300]
        names.append(scope.dump()[1])
    assert names == [["acme-tol"]] * 2 + [["acme-too"]] * 2


def test_a_run_asks_once_about_each_fact_and_about_held_names_once_a_week(here: Stage) -> None:
    asked: list[str] = []

    class Listening:
        def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:
            asked.append(name)
            return here.reader.project(name, known_serial=known_serial)

        def now(self) -> dt.datetime:
            return here.reader.now()

        def user_packages(self, username: str) -> tuple[NormalizedName, ...]:
            # The package itself is no placeholder; that it was looked at for a reservation.json isn't counted here.
            return tuple(name for name in here.reader.user_packages(username) if name != "acme-tool")

    def ask_in_a_run() -> list[str]:
        asked.clear()
        here.run(plan, reader=Listening())
        return sorted(asked)

    here.portfolio = replace(PORTFOLIO, budget=Budget(per_day=2))
    plan = here.plan("acme-tol", "acme-too", "acme-tols", "acme-toos")
    # Before and after each name that has a slot; their common target once.
    first_two = ["acme-tol", "acme-tol", "acme-too", "acme-too"]
    assert ask_in_a_run() == ["acme-tol", "acme-tol", "acme-too", "acme-too", "acme-tool"]
    # What is new is asked about in the next run. No name has a slot, so no target is asked about.
    assert ask_in_a_run() == ["acme-tol", "acme-too"]
    assert ask_in_a_run() == []
    here.clock.advance(86_400 + 60)
    assert set(ask_in_a_run()) == {"acme-tols", "acme-toos", "acme-tool"}
    assert ask_in_a_run() == ["acme-tols", "acme-toos"]
    here.clock.advance(6 * 86_400)
    assert ask_in_a_run() == sorted({*first_two})
    assert [item.name for item in here.holdings.held if item.looked is None] == []

"""One periodic run: what is approved goes on, everything else is reported, and nothing of it raises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import Killed, Stage, interrupt_after, kill_after, say, stage
from tests.harness.pages import break_pages

from namehold.errors import CredentialError, ExitCode, IndexError_
from namehold.index.ports import TokenSource
from namehold.plan.checks.approvals import action_digest
from namehold.plan.model import Plan
from namehold.publish.run import RunResult, run_once
from namehold.rehearsal.clocks import SteppedClock


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def run_here(
    here: Stage,
    refresh: Plan | Callable[[], Plan],
    *,
    approve: str = "",
    read: Plan | None = None,
    prepare: Callable[[Plan, Plan], TokenSource] | None = None,
    is_offline: bool = False,
) -> RunResult:
    with here.open_ledger() as ledger:
        return run_once(
            refresh=refresh if callable(refresh) else lambda: refresh,
            prepare=prepare or (lambda *_: here.tokens),
            portfolio=here.portfolio,
            edges=here.edges(ledger),
            approve=approve,
            read=read,
            is_offline=is_offline,
        )


def with_changed(plan: Plan, name: str) -> Plan:
    actions = tuple(
        replace(action, tree_digest="sha256:other bytes") if action.name == name else action for action in plan.actions
    )
    return replace(plan, actions=actions, action_digest=action_digest(actions))


def rules(result: RunResult) -> dict[NormalizedName, str]:
    return {item.name: item.rule for item in result.waiting}


def test_without_an_approval_nothing_is_sent_and_no_token_is_looked_for(here: Stage) -> None:
    def never(*_: Plan) -> TokenSource:
        pytest.fail("a token was looked for")

    result = run_here(here, here.plan("acme-tol"), prepare=never)
    assert (result.exit_code, rules(result)) == (ExitCode.CHANGES_PENDING, {"acme-tol": "approval"})
    assert here.index.state.uploads == []


def test_a_changed_action_waits_for_its_own_approval_and_the_others_go_on(here: Stage) -> None:
    plan = here.plan("acme-tol", "acme-too", "acme-tools")
    now = with_changed(plan, "acme-too")
    # The person had the plan before them in which acme-too was still another one.
    result = run_here(here, now, approve=plan.action_digest, read=plan)
    assert [item.name for item in result.done] == ["acme-tol", "acme-tools"]
    assert (result.exit_code, rules(result)) == (ExitCode.CHANGES_PENDING, {"acme-too": "approval"})
    assert [item.name for item in result.unapproved] == ["acme-too"]


def test_what_a_refresh_drops_is_not_sent(here: Stage) -> None:
    plan = here.plan("acme-tol", "acme-too")
    fewer = replace(plan, actions=plan.actions[:1], action_digest=action_digest(plan.actions[:1]))
    result = run_here(here, fewer, approve=plan.action_digest, read=plan)
    assert (result.exit_code, here.held) == (ExitCode.DONE, ["acme-tol"])


def test_a_plan_that_was_edited_can_not_be_approved(here: Stage) -> None:
    plan = here.plan("acme-tol")
    edited = replace(plan, actions=(replace(plan.actions[0], name=NormalizedName("acme-too")),))
    result = run_here(here, edited, approve=plan.action_digest)
    assert (result.exit_code, here.index.state.uploads) == (ExitCode.GUARD_REFUSED, [])
    assert "approval" not in here.kinds


def test_an_index_that_can_not_be_read_is_reported(here: Stage) -> None:
    def refresh() -> Plan:
        raise IndexError_("the index can't be read", fix="look at the network")

    result = run_here(here, refresh)
    assert (result.exit_code, result.waiting) == (ExitCode.INDEX_UNUSABLE, ())
    assert result.stopped is not None
    assert result.stopped.fix == "look at the network"


def test_a_target_that_is_a_strangers_is_reported_with_its_rule(here: Stage) -> None:
    here.index.state.delete_project(NormalizedName("acme-tool"))
    here.index.state.add_project(NormalizedName("acme-tool"), owner="mallory")
    plan = here.plan("acme-tol")
    result = run_here(here, plan, approve=plan.action_digest)
    assert (result.exit_code, result.stopped) == (ExitCode.FINDINGS, None)
    assert rules(result) == {"acme-tol": "ownership-others"}
    assert result.waiting[0].text.startswith("waits for proof: acme-tool isn't proved to be yours")
    assert here.index.state.uploads == []


def test_a_missing_token_leaves_the_approval_and_no_intent(here: Stage) -> None:
    def refuse(*_: Plan) -> TokenSource:
        raise CredentialError("there is no token", fix="make one")

    plan = here.plan("acme-tol")
    result = run_here(here, plan, approve=plan.action_digest, prepare=refuse)
    assert result.exit_code is ExitCode.CREDENTIALS
    assert here.kinds == ["opened", "approval"]
    assert run_here(here, plan).exit_code is ExitCode.DONE


def test_offline_an_approval_is_recorded_and_nothing_is_sent(here: Stage) -> None:
    plan = here.plan("acme-tol")
    result = run_here(here, plan, approve=plan.action_digest, is_offline=True)
    assert (rules(result), here.index.state.uploads) == ({"acme-tol": "slot"}, [])
    assert "approval" in here.kinds


@pytest.mark.parametrize("days", [-40, 2])
def test_an_approval_is_not_recorded_by_a_clock_that_is_wrong(here: Stage, days: int) -> None:
    plan, right = here.plan("acme-tol"), here.clock
    here.clock = SteppedClock(right.now() + dt.timedelta(days=days))
    result = run_here(here, plan, approve=plan.action_digest)
    # It would have lapsed already, or would last too long.
    assert (result.exit_code, "approval" in here.kinds) == (ExitCode.GUARD_REFUSED, False)
    here.clock = right
    assert run_here(here, plan, approve=plan.action_digest).exit_code is ExitCode.DONE


def test_failed_wins_over_the_quota_and_the_quota_over_what_waits(here: Stage) -> None:
    names = ("acme-tol", "acme-too", "acme-tools", "acmee-tool", "tool-acme", "acme-t")
    plan = here.plan(*names)
    full = run_here(here, plan, approve=plan.action_digest)
    assert full.exit_code is ExitCode.QUOTA
    assert full.next_slot is not None
    more = here.plan(*names, "acme-o")
    assert run_here(here, more).exit_code is ExitCode.QUOTA

    here.clock.advance(86_401)
    here.index.state.add_project(NormalizedName("tool-acme"), owner="mallory")
    mixed = run_here(here, more)
    assert mixed.exit_code is ExitCode.PARTLY_FAILED
    assert [item.rule for item in mixed.failed] == ["lost-race"]
    assert [item.name for item in mixed.done] == ["acme-t"]
    assert rules(mixed) == {"acme-o": "approval"}
    # Every name stands in one list.
    listed = [item.name for items in (mixed.done, mixed.failed, mixed.skipped, mixed.waiting) for item in items]
    assert len(listed) == len(set(listed))


def test_findings_win_over_what_waits(here: Stage) -> None:
    plan = here.plan("acme-tol")
    run_here(here, plan, approve=plan.action_digest)
    here.index.state.delete_file(NormalizedName("acme-tol"), "acme_tol-0.0.1.tar.gz")
    result = run_here(here, here.plan("acme-tol", "acme-too"))
    assert result.exit_code is ExitCode.FINDINGS
    assert [item.rule for item in result.drift] == ["drift-file-missing"]


def test_a_held_name_whose_page_cant_be_read_is_told_by_a_run_that_sends_too(
    here: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = here.plan("acme-tol", "acme-too")
    run_here(here, plan, approve=plan.action_digest)
    break_pages(monkeypatch, "acme-tol")
    monkeypatch.setattr("namehold.publish.first_byte.find_doubtful", lambda held, *_, **__: held)
    plan = here.plan("acme-toolz")
    result = run_here(here, plan, approve=plan.action_digest)
    assert [item.name for item in result.done] == ["acme-toolz"]
    assert [(item.name, item.rule) for item in result.drift] == [("acme-tol", "drift-unread")]
    assert result.exit_code is ExitCode.FINDINGS


def test_a_run_that_has_nothing_else_to_send_sends_a_file_that_is_missing(here: Stage) -> None:
    """The plan of the day doesn't have the name any more: what its approval froze gives the same bytes."""
    plan = here.plan("acme-tol")
    here.uploader.faults[1] = kill_after
    with pytest.raises(Killed):
        run_here(here, plan, approve=plan.action_digest)
    for path in (here.folder / "outbox").rglob("*.tar.gz"):
        path.write_bytes(b"other bytes")
    result = run_here(here, here.plan())
    assert result.exit_code is ExitCode.DONE
    assert [len(item.files) for item in here.holdings.held] == [2]
    assert len(here.index.state.uploads) == 2


@pytest.mark.parametrize("is_checking", [False, True], ids=["sending", "checking"])
def test_an_interrupted_run_reports_what_it_sent(
    here: Stage, is_checking: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = here.plan("acme-tol", "acme-too")
    if is_checking:

        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("namehold.publish.run.make_status", interrupt)
    else:
        here.uploader.faults[3] = interrupt_after
    result = run_here(here, plan, approve=plan.action_digest)
    assert result.exit_code is ExitCode.INTERRUPTED
    sent = ["acme-tol", "acme-too"] if is_checking else ["acme-tol"]
    assert [item.name for item in result.done] == sent
    assert rules(result) == ({} if is_checking else {"acme-too": "proof"})


def test_a_refused_upload_waits_as_before_and_says_what_to_do(here: Stage) -> None:
    here.uploader.faults[1] = say(403, "Invalid or non-existent authentication information.")
    plan = here.plan("acme-tol", "acme-too")
    result = run_here(here, plan, approve=plan.action_digest)
    assert result.exit_code is ExitCode.CREDENTIALS
    assert rules(result) == {"acme-tol": "slot", "acme-too": "slot"}
    assert here.uploader.count == 1

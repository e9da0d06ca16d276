"""A status marker of tomorrow is neither an attack nor fine: nothing is sent around that project, all else goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import Stage, stage
from tests.harness.raw_server import answering, server
from tests.harness.values import action

from namehold.errors import ExitCode
from namehold.index.access.http import HttpIndex
from namehold.index.access.policy import Patience
from namehold.index.access.remote import read_project_page
from namehold.index.model import IndexChoice, Outcome, Ownership, ProjectState, ProjectStatus, Role
from namehold.index.profiles import private_profile
from namehold.ownership.prove import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.plan.checks.approvals import action_digest
from namehold.plan.checks.waiting import find_held_back, hold_back, why_targets_wait
from namehold.portfolio.model import Mode
from namehold.portfolio.packages import Package
from namehold.upkeep.adopt import Adoptee, find_refusal
from namehold.upkeep.drift import find_drift

NAME, OTHER = NormalizedName("acme-tol"), NormalizedName("acme-tooll")
TOOL, SDK = NormalizedName("acme-tool"), NormalizedName("acme-sdk")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, owned={TOOL: "acme", SDK: "acme"}) as made:
        yield made


def test_both_readers_of_a_page_keep_the_markers_word() -> None:
    page = '{"name": "acme-tool", "files": [], "project-status": {"status": "frozen"}}'
    reply = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(page)}\r\n\r\n{page}"
    with server(answering(reply)) as (address, _):
        profile = private_profile(IndexChoice(upload=address, simple=address))
        with HttpIndex(profile, contact="x", patience=Patience(waits_s=())) as index:
            state, shown = index.project(TOOL), read_project_page(TOOL, index, address)
    assert state.status is shown.status is ProjectStatus.UNKNOWN
    assert state.marker == shown.marker == "frozen"
    assert state.unknown_status.endswith("frozen")


def test_a_held_name_of_unknown_status_stops_nothing_and_nothing_is_written_about_it(here: Stage) -> None:
    plan = here.plan(NAME, OTHER)
    assert here.run(here.plan(NAME)).exit_code is ExitCode.DONE
    here.index.state.set_status(NAME, ProjectStatus.UNKNOWN)
    result = here.run(plan)
    # It is told, in the index's own word.
    assert [(item.rule, item.name) for item in result.drift] == [("drift-status-unknown", NAME)]
    assert "unknown" in result.drift[0].text
    assert result.exit_code is ExitCode.FINDINGS
    assert here.held == [NAME, OTHER]
    assert "observation" not in here.kinds


def test_status_tells_it(here: Stage) -> None:
    here.run(here.plan(NAME))
    here.index.state.set_status(NAME, ProjectStatus.UNKNOWN)
    here.index.state.set_status(TOOL, ProjectStatus.UNKNOWN)
    states = {name: here.reader.project(name) for name in (NAME, TOOL)}
    found = find_drift(here.holdings, portfolio=here.portfolio, states=states, shows_ownership=True)
    assert [(item.rule, item.name) for item in found] == [("drift-status-unknown", NAME)] * 2
    assert not any("quarantine" in item.text for item in found)
    assert f"it points to {TOOL}" in found[1].text


def test_no_later_version_is_sent_to_it(here: Stage) -> None:
    here.run(here.plan(NAME))
    here.index.state.set_status(NAME, ProjectStatus.UNKNOWN)
    plan = here.later_plan(NAME)
    before = len(here.index.state.uploads)
    (receipt,) = here.run(plan).receipts
    assert receipt.outcome is Outcome.SKIPPED
    assert "doesn't know" in receipt.message
    assert len(here.index.state.uploads) == before


def test_nothing_is_sent_around_a_package_of_unknown_status_and_others_go_on(here: Stage) -> None:
    here.portfolio = replace(here.portfolio, packages=(*here.portfolio.packages, Package(name=SDK, spelled="acme-sdk")))
    plan = here.plan(NAME, OTHER)
    moved = replace(action(OTHER, Mode.REDIRECT), target=SDK, ordinal=2, digest=plan.actions[1].digest)
    moved = replace(moved, tree_digest=here.renderer.render(moved, here.portfolio).digest)
    actions = (plan.actions[0], moved)
    plan = replace(plan, actions=actions, action_digest=action_digest(actions))
    here.index.state.set_status(TOOL, ProjectStatus.UNKNOWN)
    result = here.run(plan)
    assert {receipt.name: receipt.outcome for receipt in result.receipts} == {OTHER: Outcome.HELD}
    assert (result.waiting, result.exit_code) == ((NAME,), ExitCode.FINDINGS)
    assert "doesn't know" in result.unproved[0].text
    assert "observation" not in here.kinds


@pytest.mark.parametrize("status", [ProjectStatus.ARCHIVED, ProjectStatus.DEPRECATED])
@pytest.mark.parametrize("mode", [Mode.REDIRECT, Mode.SIGNPOST, Mode.REFUSE])
def test_only_a_refusal_goes_out_around_a_package_that_is_retired(
    here: Stage, mode: Mode, status: ProjectStatus
) -> None:
    plan = here.plan(NAME)
    moved = replace(action(NAME, mode), ordinal=1, digest=plan.actions[0].digest)
    moved = replace(moved, tree_digest=here.renderer.render(moved, here.portfolio).digest)
    plan = replace(plan, actions=(moved,), action_digest=action_digest((moved,)))
    here.index.state.set_status(TOOL, status)
    kept: list[OwnershipProof] = []
    (receipt,) = here.run(plan, keep_proofs=kept.extend).receipts
    waiting = why_targets_wait(kept, today=here.clock.now().date(), portfolio=here.portfolio)
    if mode is Mode.REFUSE:
        assert receipt.outcome is Outcome.HELD
        assert hold_back(plan, waiting) is plan
        return
    assert (receipt.outcome, here.uploader.count) == (Outcome.SKIPPED, 0)
    assert f"acme-tool is {status} on the index" in receipt.message
    # What was seen is kept: the next plan holds the name back without asking.
    (deferred,) = find_held_back(hold_back(plan, waiting))
    assert receipt.message.endswith(deferred.reason.text)


def test_a_project_of_unknown_status_is_not_adopted(here: Stage) -> None:
    owner = Ownership(roles=(Role(role="Owner", user="acme"),))
    state = ProjectState(name=NAME, exists=True, status=ProjectStatus.UNKNOWN, marker="frozen", ownership=owner)
    proof = OwnershipProof(
        target=TOOL,
        verdict=OwnershipVerdict.PROVED,
        rule=OwnershipRule.ACCOUNT_OWNS,
        text="",
        fix="",
        time=here.clock.now(),
    )
    target = ProjectState(name=TOOL, exists=True, ownership=owner)
    refusal = find_refusal(Adoptee(state=state, target=target, proof=proof), here.portfolio)
    assert refusal is not None
    assert (refusal.rule, "frozen" in refusal.message) == ("adopt-status-unknown", True)

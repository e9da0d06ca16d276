"""What must hold before a public index hears of anything; the index here is on this machine and only treated as one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness.applying import PORTFOLIO, Stage, stage

from namehold.cli.confirm import confirm
from namehold.errors import ExitCode, UnsafePlan
from namehold.index.model import TypoFlag
from namehold.ledger.model import Holdings
from namehold.placeholder.build import PlaceholderBuilder
from namehold.plan.model import Plan
from namehold.portfolio.model import Portfolio, Publishing
from namehold.publish.rehearse import Rehearsal, record_rehearsal, rehearse_plan, require_rehearsal

REAL = replace(
    PORTFOLIO,
    organization=replace(PORTFOLIO.organization, contact="security@acme-robotics.dev"),
    publishing=Publishing(enabled=True),
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        made.portfolio = REAL
        yield made


def refusals(here: Stage, plan: Plan, *, portfolio: Portfolio = REAL, approve: str = "") -> set[str]:
    """What stands against the first byte on a public index; empty if it left."""
    here.portfolio = portfolio
    profile = replace(here.index.profile, is_public=True, is_loopback=False)
    try:
        result = here.run(plan, profile=profile, approve=approve)
    except UnsafePlan as error:
        assert here.index.state.uploads == []
        return {item.rule for item in error.diagnostics()}
    assert result.exit_code is ExitCode.DONE
    return set()


def rehearsed(here: Stage, plan: Plan) -> Rehearsal | None:
    with here.open_ledger() as ledger:
        return require_rehearsal(
            plan,
            ledger,
            carry_out=lambda: rehearse_plan(
                plan,
                portfolio=here.portfolio,
                view=None,
                renderer=here.renderer,
                builder=PlaceholderBuilder(),
                folder=here.folder / "rehearsal",
            ),
            now=here.clock.now(),
        )


def test_everything_that_stands_against_the_first_byte_is_said_at_once(here: Stage) -> None:
    plan = here.plan("acme-tol", "acme-too")
    flag = TypoFlag(check="swap", matched=plan.actions[0].target)
    flagged = replace(plan, actions=(replace(plan.actions[0], flagged_as=(flag,)), plan.actions[1]))
    assert refusals(here, flagged, portfolio=replace(PORTFOLIO, demo=True)) == {
        "guard-publishing",
        "guard-approval",
        "guard-demo",
        "guard-rehearsal",
        "guard-announcement",
    }


def test_a_rehearsal_and_an_approval_of_the_same_actions_open_the_way(here: Stage) -> None:
    plan = here.plan("acme-tol", "acme-too")
    assert refusals(here, plan) == {"guard-rehearsal", "guard-approval"}
    assert rehearsed(here, plan) is not None
    assert refusals(here, plan) == {"guard-approval"}
    assert rehearsed(here, plan) is None  # once is enough
    assert refusals(here, plan, approve=plan.action_digest) == set()
    assert here.held == ["acme-tol", "acme-too"]


def test_a_name_that_fails_in_the_rehearsal_is_not_tried_on_the_index(here: Stage) -> None:
    plan = here.plan("acme-tol", "email")
    with pytest.raises(UnsafePlan, match="email"):
        rehearsed(here, plan)
    assert refusals(here, plan, approve=plan.action_digest) == {"guard-rehearsal"}


def test_the_ceilings_count_over_the_ledgers_life(here: Stage) -> None:
    plan = here.plan(*(f"acme-tool-{number}" for number in range(11)))
    with here.open_ledger() as ledger:
        record_rehearsal(plan, ledger, now=here.clock.now())
    assert refusals(here, plan, approve=plan.action_digest) == {"guard-package-ceiling"}


def test_the_mail_to_the_administrators_opens_the_way_for_flagged_names(here: Stage) -> None:
    plan = here.plan("acme-tol")
    flag = TypoFlag(check="swap", matched=plan.actions[0].target)
    flagged = replace(plan, actions=(replace(plan.actions[0], flagged_as=(flag,)),))
    with here.open_ledger() as ledger:
        record_rehearsal(flagged, ledger, now=here.clock.now())
    digest = flagged.action_digest
    tomorrow = here.clock.now().date() + dt.timedelta(days=1)
    not_yet = replace(REAL, publishing=Publishing(enabled=True, announced=tomorrow))
    assert refusals(here, flagged, portfolio=not_yet, approve=digest) == {"guard-announcement"}
    told = replace(REAL, publishing=Publishing(enabled=True, announced=here.clock.now().date()))
    assert refusals(here, flagged, portfolio=told, approve=digest) == set()


@pytest.mark.parametrize(("typed", "is_refused"), [("acme  robotics", False), ("yes", True), ("", True)])
def test_the_first_time_a_person_types_the_organizations_name(here: Stage, typed: str, is_refused: bool) -> None:
    plan = here.plan("acme-tol", "acme-too")
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return typed

    if is_refused:
        with pytest.raises(UnsafePlan, match="wasn't typed"):
            confirm(plan, Holdings(), ask=ask)
    else:
        confirm(plan, Holdings(), ask=ask)
    assert asked == ["2 names on rehearsal, for good. Type the organization's name to go on"]


def test_nobody_is_asked_where_nobody_is_there_or_names_are_held_already(here: Stage) -> None:
    plan = here.plan("acme-tol")
    confirm(plan, Holdings(), ask=None)
    here.run(plan)
    confirm(plan, here.holdings, ask=lambda _: pytest.fail("asked"))

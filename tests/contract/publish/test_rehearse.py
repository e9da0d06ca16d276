"""A plan carried out on the embedded index, day after day, before a real one hears of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness.applying import PORTFOLIO, make_plan
from tests.harness.values import PROFILE

from namehold.errors import ExitCode
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.render import Templates
from namehold.portfolio.model import Budget
from namehold.publish.rehearse import Rehearsal, rehearse_plan

FIVE = ("acme-tol", "acme-too", "acme-tools", "acmee-tool", "tool-acme")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "rehearsal"


def rehearsed(folder: Path, budget: Budget) -> Rehearsal:
    renderer, owned = Templates(None, PROFILE), replace(PORTFOLIO, budget=budget)
    plan = make_plan(FIVE, renderer, portfolio=owned)
    return rehearse_plan(
        plan, portfolio=owned, view=None, renderer=renderer, builder=PlaceholderBuilder(), folder=folder
    )


def test_what_the_quota_keeps_back_is_sent_on_the_next_simulated_day(folder: Path) -> None:
    result = rehearsed(folder, Budget())
    assert [len(day.names) for day in result.calendar] == [4, 1]
    assert (result.ends - result.begins).days == 1
    assert result.held == FIVE
    assert result.exit_code is ExitCode.DONE


def test_a_rehearsal_that_gets_nowhere_ends_after_three_runs_and_says_what_waits(folder: Path) -> None:
    result = rehearsed(folder, Budget(per_day=0))
    assert len(result.runs) == 3
    assert result.waiting == FIVE
    assert result.exit_code is ExitCode.PARTLY_FAILED

"""A plan carried out on the embedded index, day after day, before a real one hears of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness.applying import PORTFOLIO, make_plan, remember_projects
from tests.harness.values import PROFILE, package

from namehold.errors import ExitCode
from namehold.index.model import Outcome
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.render import Templates
from namehold.portfolio.model import Budget
from namehold.portfolio.packages import Package
from namehold.publish.rehearse import Rehearsal, rehearse_plan

FIVE = ("acme-tol", "acme-too", "acme-tools", "acmee-tool", "tool-acme")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "rehearsal"


def rehearsed(folder: Path, budget: Budget, *more: Package) -> Rehearsal:
    packages = (*PORTFOLIO.packages, *more)
    renderer, owned = Templates(None, PROFILE), replace(PORTFOLIO, budget=budget, packages=packages)
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


def test_packages_that_no_name_is_taken_for_stand_there_and_are_not_looked_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = remember_projects(monkeypatch)
    result = rehearsed(folder, Budget(), package("acme-t0l"), package("acme-other"))
    assert [item.name for item in result.receipts if item.outcome is Outcome.REFUSED_SIMILAR] == ["acme-tol"]
    assert "acme-tool" in asked
    assert {"acme-t0l", "acme-other"}.isdisjoint(asked)


def test_a_rehearsal_that_gets_nowhere_ends_after_three_runs_and_says_what_waits(folder: Path) -> None:
    result = rehearsed(folder, Budget(per_day=0))
    assert len(result.runs) == 3
    assert result.waiting == FIVE
    assert result.exit_code is ExitCode.PARTLY_FAILED

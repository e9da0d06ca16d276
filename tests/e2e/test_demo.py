"""The main job, as a new user runs it: one command, offline, on the worked example."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.harness.cli import call

from namehold.portfolio.model import Route


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demo in a path with spaces, and what it printed on standard output."""
    folder = tmp_path_factory.mktemp("a path") / "the demo"
    # A home that can't be written, and proxies that lead nowhere: the demo needs neither.
    elsewhere = {"HOME": "/proc/nowhere", "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    with pytest.MonkeyPatch.context() as patch:
        for variable in [key for key in os.environ if key.startswith("NAMEHOLD_")]:
            patch.delenv(variable)
        done = call("demo", "--into", str(folder), env=elsewhere)
    assert done.code == 0, done.err
    assert "Next:" in done.err.splitlines()[-1]
    return folder, done.out


@pytest.fixture(scope="module")
def plan(made: tuple[Path, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((made[0] / ".namehold" / "plan.json").read_text("utf-8"))
    return document


def test_every_route_is_shown(plan: dict[str, Any]) -> None:
    assert {item["route"] for item in plan["assessments"]} == {str(route) for route in Route}


def test_the_reservations_span_two_days_of_quota(plan: dict[str, Any]) -> None:
    assert len({action["day"] for action in plan["actions"]}) >= 2


def test_the_rehearsal_holds_every_planned_name(made: tuple[Path, str], plan: dict[str, Any]) -> None:
    rehearsal = json.loads((made[0] / ".namehold" / "rehearsal.json").read_text("utf-8"))
    held = {receipt["name"] for receipt in rehearsal["receipts"] if receipt["outcome"] == "held"}
    assert held == {action["name"] for action in plan["actions"]}


def test_everything_that_it_says_it_made_is_there(made: tuple[Path, str]) -> None:
    folder, _ = made
    for name in ("names.yaml", "plan.md", ".namehold/plan.json", "rehearsal.md", "report.html"):
        assert (folder / name).stat().st_size > 0
    assert {path.suffix for path in (folder / ".namehold" / "dist").iterdir()} == {".whl", ".gz"}


def test_the_first_screen_has_at_most_twelve_lines(made: tuple[Path, str]) -> None:
    lines = [line for line in made[1].splitlines() if line.strip()]
    assert 5 < len(lines) <= 13  # the heading and the first screen
    assert any(line.startswith("Today:") for line in lines)


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert call("demo", "--into", str(tmp_path)).code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt"]

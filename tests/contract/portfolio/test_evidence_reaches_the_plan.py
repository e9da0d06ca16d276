"""evidence.yaml is an input of the plan: its observations become candidates, and its digest provenance."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from namehold.cli import app
from namehold.cli.main import run_reporting_errors

_ROOT = Path(__file__).parents[3]
_SEEN = "{name: acme-robotics-hub, package: acme-robotics-sdk, source: model m1, date: 2026-11-20, count: 9, of: 50}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "names.yaml").write_text((_ROOT / "names.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "names.txt").write_text("acme-robotics-sdk\npython-gripwright\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    call(monkeypatch, 0, "plan", "--snapshot", "names.txt", "--as-of", "2026-11-22", "--format", "json", "-o", "p.json")
    made: dict[str, Any] = json.loads((folder / "p.json").read_text("utf-8"))
    return made


def call(monkeypatch: pytest.MonkeyPatch, code: int, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["namehold", *words])
    assert run_reporting_errors(app) == code


def test_an_observation_is_a_candidate_with_its_source_date_and_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = plan(folder, monkeypatch)
    (folder / "evidence.yaml").write_text(f"probed:\n  - {_SEEN}\n", "utf-8")
    with_it = plan(folder, monkeypatch)
    (candidate,) = [
        item["candidate"] for item in with_it["assessments"] if item["candidate"]["name"] == "acme-robotics-hub"
    ]
    clue = candidate["evidence"][0]
    assert (clue["source"], clue["date"], clue["count"], clue["of"]) == ("model m1", "2026-11-20", 9, 50)
    assert clue["surface"]["kind"] == "probed"
    assert (without["provenance"]["evidence"], with_it["provenance"]["evidence"][:7]) == ("", "sha256:")
    assert with_it["provenance"]["portfolio"] == without["provenance"]["portfolio"]


def test_a_fault_in_it_stops_the_plan_with_its_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "evidence.yaml").write_text(f"probed:\n  - {_SEEN.replace('count', 'cuont')}\n", "utf-8")
    call(monkeypatch, 3, "plan", "--snapshot", "names.txt")
    assert "evidence.yaml:2:" in capsys.readouterr().err


def test_what_is_about_no_package_any_more_is_told_and_not_planned(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = _SEEN.replace("package: acme-robotics-sdk", "package: acme-gone")
    (folder / "evidence.yaml").write_text(f"probed:\n  - {gone}\n", "utf-8")
    made = plan(folder, monkeypatch)
    sources = {clue["source"] for item in made["assessments"] for clue in item["candidate"]["evidence"]}
    assert "model m1" not in sources
    assert "warning[evidence-unused]" in capsys.readouterr().err

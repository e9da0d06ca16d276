from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from namehold.cli import app
from namehold.cli.session import run_reporting_errors

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The worked example, with a made-up list of the index's names."""
    (tmp_path / "names.yaml").write_text((_ROOT / "names.yaml").read_text())
    (tmp_path / "names.txt").write_text("acme-robotics-sdk\npython-gripwright\nroverlink-mqtt\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["namehold", *words])
    return run_reporting_errors(app)


def test_a_name_is_explained_without_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "explain", "Requets", "--package", "requests") == 0
    shown = capsys.readouterr().out
    assert "requets is number" in shown
    assert "two neighbouring letters swapped" in shown or "a letter left out" in shown
    assert "That is not the risk of an attack" in shown
    assert "What would change it" in shown
    assert "no plan yet" in shown


def test_without_names_yaml_the_package_must_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "explain", "requets") == 2
    assert "--package" in capsys.readouterr().err


def test_a_name_that_nothing_leads_to_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "explain", "zebra", "--package", "requests") == 0
    assert "no technique comes from requests to this name" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_with_names_yaml_the_package_is_found_and_the_plan_tells_the_route(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "explain", "gripwright") == 0
    shown = capsys.readouterr()
    assert "may be taken for python-gripwright" in shown.out
    assert "no plan yet" in shown.out
    assert "namehold plan" in shown.err
    assert run(monkeypatch, "plan", "--snapshot", "names.txt", "--as-of", "2026-11-22") == 0
    capsys.readouterr()
    assert run(monkeypatch, "explain", "gripwright") == 0
    assert "Route: reserve." in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_taking_a_surface_away_changes_the_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "explain", "roverlink-flash", "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "namehold/explanation/1"
    assert document["package"] == "roverlink-mqtt"
    without = next(change for change in document["changes"] if "command roverlink-flash" in change["supposed"])
    assert without["score"] < document["candidate"]["score"]["value"]
    assert document["candidate"]["score"]["factors"]


@pytest.mark.usefixtures("folder")
def test_an_observed_name_is_explained_by_its_observation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "explain", "gripwright-client") == 0
    assert "seen 7 times in 50 answers" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_the_factors_can_be_had_as_a_table_for_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "explain", "gripwright", "--format", "csv") == 0
    assert capsys.readouterr().out.startswith("channel,factor,times,log-weight\n")

"""The step of the printed workflow that pushes the ledger, run by a real shell against a real repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.harness.workflows import clone, git, keep, make_origin, push

LEDGER = ".namehold/ledger-pypi.jsonl"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    return make_origin(tmp_path)


def test_a_push_of_somebody_else_during_the_run_loses_no_ledger(origin: Path, tmp_path: Path) -> None:
    job = clone(origin, tmp_path / "job")
    (job / ".namehold").mkdir()
    (job / LEDGER).write_text("this run's\n")
    push(clone(origin, tmp_path / "colleague"), "names.yaml", "changed meanwhile\n")
    assert keep(job).code == 0
    after = clone(origin, tmp_path / "after")
    assert (after / LEDGER).read_text() == "this run's\n"
    assert (after / "names.yaml").read_text() == "changed meanwhile\n"


def test_the_branch_is_fetched_before_anything_is_pushed(origin: Path, tmp_path: Path) -> None:
    job = clone(origin, tmp_path / "job")
    (job / ".namehold").mkdir()
    (job / LEDGER).write_text("this run's\n")
    push(clone(origin, tmp_path / "colleague"), "names.yaml", "changed meanwhile\n")
    done = keep(job)
    # A push that is refused would say so.
    assert (done.code, "rejected" in done.err) == (0, False)


def test_two_ledgers_are_never_merged(origin: Path, tmp_path: Path) -> None:
    job = clone(origin, tmp_path / "job")
    (job / ".namehold").mkdir()
    (job / LEDGER).write_text("this run's\n")
    push(clone(origin, tmp_path / "colleague"), LEDGER, "another run's\n")
    done = keep(job)
    assert done.code == 1
    assert "namehold status --config names.yaml --rebuild ledger/ledger-pypi.jsonl\n" in done.out
    assert (job / LEDGER).read_text() == "this run's\n"
    assert (clone(origin, tmp_path / "after") / LEDGER).read_text() == "another run's\n"


def test_a_run_that_wrote_nothing_pushes_nothing(origin: Path, tmp_path: Path) -> None:
    job = clone(origin, tmp_path / "job")
    before = git(origin, "rev-parse", "main")
    assert keep(job).code == 0
    assert git(origin, "rev-parse", "main") == before

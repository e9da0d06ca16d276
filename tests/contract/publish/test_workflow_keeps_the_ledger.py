"""The step of the printed workflow that pushes the ledger, run by a real shell against a real repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.harness.workflows import git, script_of, workflow

LEDGER = ".namehold/ledger-pypi.jsonl"


def keep_script() -> str:
    return script_of(workflow(), "run", "Keep the ledger")


def clone(origin: Path, folder: Path) -> Path:
    git(origin.parent, "clone", "--quiet", str(origin), str(folder))
    git(folder, "config", "user.name", "a colleague")
    git(folder, "config", "user.email", "colleague@acme.example")
    return folder


def push(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text(text)
    git(folder, "add", "--force", path)
    git(folder, "commit", "--quiet", "--message", f"Change {path}")
    git(folder, "push", "--quiet")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    path = tmp_path / "origin"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
    push(clone(path, tmp_path / "first"), "names.yaml", "first\n")
    return path


def keep(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "BRANCH": "main",
        "STATE": ".namehold",
        "PRIVATE": "true",
        "NAMEHOLD_KEY": "",
        "GITHUB_OUTPUT": os.devnull,
    }
    return subprocess.run(
        ["bash", "-e", "-c", keep_script()], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_a_push_of_somebody_else_during_the_run_loses_no_ledger(origin: Path, tmp_path: Path) -> None:
    job = clone(origin, tmp_path / "job")
    (job / ".namehold").mkdir()
    (job / LEDGER).write_text("this run's\n")
    push(clone(origin, tmp_path / "colleague"), "names.yaml", "changed meanwhile\n")
    assert keep(job).returncode == 0
    after = clone(origin, tmp_path / "after")
    assert (after / LEDGER).read_text() == "this run's\n"
    assert (after / "names.yaml").read_text() == "changed meanwhile\n"


def test_two_ledgers_are_never_merged(origin: Path, tmp_path: Path) -> None:
    job = clone(origin, tmp_path / "job")
    (job / ".namehold").mkdir()
    (job / LEDGER).write_text("this run's\n")
    push(clone(origin, tmp_path / "colleague"), LEDGER, "another run's\n")
    done = keep(job)
    assert done.returncode == 1
    assert "namehold status --rebuild" in done.stdout
    assert (job / LEDGER).read_text() == "this run's\n"
    assert (clone(origin, tmp_path / "after") / LEDGER).read_text() == "another run's\n"


def test_a_run_that_wrote_nothing_pushes_nothing(origin: Path, tmp_path: Path) -> None:
    job = clone(origin, tmp_path / "job")
    before = git(origin, "rev-parse", "main")
    assert keep(job).returncode == 0
    assert git(origin, "rev-parse", "main") == before

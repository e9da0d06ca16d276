"""The printed workflow of GitHub: its steps run by a real shell, in real repositories on this machine."""

from __future__ import annotations

import os
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from namehold.publish.schedule import TEXTS, Schedule, Scheduler, write_schedule

SCHEDULE = Schedule(
    organization="Acme",
    version="0.1.0",
    folder="/srv",
    config="names.yaml",
    state=".namehold",
    program="namehold",
    source="./vendor/namehold-0.1.0-py3-none-any.whl",
)


def steps(schedule: Schedule = SCHEDULE) -> list[dict[str, Any]]:
    """The steps of its one job."""
    (name,) = TEXTS[Scheduler.GITHUB]
    text = files("namehold").joinpath("data", "schedule", name).read_text("utf-8")
    (job,) = YAML(typ="safe").load(write_schedule(Scheduler.GITHUB, {name: text}, schedule))["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def clone(origin: Path, folder: Path) -> Path:
    git(origin.parent, "clone", "--quiet", str(origin), str(folder))
    git(folder, "config", "user.name", "a colleague")
    git(folder, "config", "user.email", "colleague@acme.example")
    return folder


def push(folder: Path, path: str, content: str | bytes) -> None:
    """A colleague's push of one file."""
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
    git(folder, "add", "--force", path)
    git(folder, "commit", "--quiet", "--message", f"Change {path}")
    git(folder, "push", "--quiet")


def make_origin(folder: Path) -> Path:
    """A repository with a branch and one file in it."""
    path = folder / "origin"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
    push(clone(path, folder / "first"), "names.yaml", "first\n")
    return path


def keep(folder: Path) -> subprocess.CompletedProcess[str]:
    """The step that pushes the ledger, in the checkout of a job."""
    environment = os.environ | {
        "GITHUB_REF_NAME": "main",
        "PRIVATE": "true",
        "NAMEHOLD_KEY": "",
        "GITHUB_OUTPUT": os.devnull,
    }
    (step,) = (step for step in steps() if step.get("id") == "ledger")
    return subprocess.run(
        ["bash", "-e", "-c", step["run"]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )

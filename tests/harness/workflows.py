"""The printed workflow as a runner reads it, and its steps' own shell text against real repositories."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from namehold.publish.schedule import INCLUDED, TEXTS, Schedule, Scheduler, write_schedule

SCHEDULE = Schedule(
    organization="Acme Robotics", version="0.1.0", folder="/srv/name hold", config="names.yaml",
    state=".namehold", program="/usr/bin/namehold", source="./vendor/namehold-0.1.0-py3-none-any.whl",
)  # fmt: skip


def text_of(scheduler: Scheduler, schedule: Schedule = SCHEDULE) -> str:
    """What `namehold schedule` prints."""
    names = (*TEXTS[scheduler], *INCLUDED.get(scheduler, ()))
    texts = {name: files("namehold").joinpath("data", "schedule", name).read_text("utf-8") for name in names}
    return write_schedule(scheduler, texts, schedule)


def workflow(scheduler: Scheduler = Scheduler.GITHUB) -> dict[str, Any]:
    """The same, read as YAML."""
    return dict(YAML(typ="safe").load(text_of(scheduler)))


def script_of(read: Mapping[str, Any], job: str, step: str) -> str:
    """The shell text of a job's step in GitHub's workflow."""
    (found,) = (item for item in read["jobs"][job]["steps"] if item.get("name") == step)
    return str(found["run"])


def git(folder: Path, *words: str) -> str:
    """What git prints; it must succeed."""
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def put_program(folder: Path, name: str = "namehold", text: str = "") -> None:
    """A program of that name in `folder`; without a text it is this checkout's namehold."""
    path = folder / name
    path.write_text(text or f'#!/bin/sh\nexec "{sys.executable}" -m namehold "$@"\n', "utf-8")
    path.chmod(0o755)


def run_script(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The end of a step, run by bash as a runner does, with `variables` added to the environment."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

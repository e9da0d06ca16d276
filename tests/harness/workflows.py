"""The printed workflow as a runner reads it, and its steps' own shell text against real repositories."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

from namehold.publish.schedule import INCLUDED, TEXTS, Schedule, Scheduler, write_schedule
from tests.harness.cli import Done, call

SCHEDULE = Schedule(
    organization="Acme Robotics", version="0.1.0", folder="/srv/name hold", config="names.yaml",
    state=".namehold", program="/usr/bin/namehold", source="./vendor/namehold-0.1.0-py3-none-any.whl",
)  # fmt: skip


def text_of(scheduler: Scheduler, schedule: Schedule = SCHEDULE) -> str:
    """What `namehold schedule` prints."""
    names = (*TEXTS[scheduler], *INCLUDED.get(scheduler, ()))
    texts = {name: files("namehold").joinpath("data", "schedule", name).read_text("utf-8") for name in names}
    return write_schedule(scheduler, texts, schedule)


def workflow(scheduler: Scheduler = Scheduler.GITHUB, schedule: Schedule = SCHEDULE) -> dict[str, Any]:
    """The same, read as YAML."""
    return dict(_read(text_of(scheduler, schedule)))


@cache
def _read(text: str) -> dict[str, Any]:
    return dict(YAML(typ="safe").load(text))


def script_of(read: Mapping[str, Any], job: str, step: str) -> str:
    """The shell text of a job's step in GitHub's workflow."""
    (found,) = (item for item in read["jobs"][job]["steps"] if item.get("name") == step)
    return str(found["run"])


def git(folder: Path, *words: str) -> str:
    """What git prints; it must succeed."""
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


def keep(folder: Path) -> Done:
    """The step that pushes the ledger, in the checkout of a job."""
    given = {"CONFIG": "names.yaml", "STATE": ".namehold", "BRANCH": "main", "PRIVATE": "true", "NAMEHOLD_KEY": ""}
    return run_script(script_of(workflow(), "run", "Keep the ledger"), folder, GITHUB_OUTPUT=os.devnull, **given)


def put_program(folder: Path, name: str, text: str) -> None:
    """A program of that name in `folder`."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)


def run_script(script: str, folder: Path, **variables: str) -> Done:
    """The end of a step, run by bash as a runner does, with `variables` added to the environment.

    Its `namehold` runs in this process, which waits for it: starting Python anew would take most of the time.
    """
    with TemporaryDirectory() as desk:
        asked = Path(desk) / "asked"
        os.mkfifo(asked)
        put_program(Path(desk), "namehold", _ASK.format(asked=asked))
        environment = {**os.environ, "PATH": f"{desk}:{os.environ['PATH']}", **variables}
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        with (
            asked.open("r+b", buffering=0) as calls,
            (Path(desk) / "out").open("w+") as out,
            (Path(desk) / "err").open("w+") as err,
            subprocess.Popen(words, cwd=folder, env=environment, stdout=out, stderr=err) as bash,
        ):
            while bash.poll() is None:
                if select.select([calls], [], [], 0.02)[0]:
                    _answer(Path(os.fsdecode(calls.read(4096).strip())))
            out.seek(0)
            err.seek(0)
            return Done(bash.returncode, out.read(), err.read())


#: Writes the call down, and waits for its end.
_ASK = """\
call=$(mktemp -d)
mkfifo "$call/code"
env -0 > "$call/environment"
printf '%s\\0' "$PWD" "$@" > "$call/words"
echo "$call" > {asked}
read -r code < "$call/code"
cat "$call/out"
cat "$call/err" >&2
rm -r "$call"
exit "$code"
"""


def _answer(place: Path) -> None:
    folder, *words = (place / "words").read_text("utf-8").split("\0")[:-1]
    pairs = (line.partition("=") for line in (place / "environment").read_text("utf-8").split("\0")[:-1])
    done = call(*words, cwd=Path(folder), env={key: value for key, _, value in pairs})
    (place / "out").write_text(done.out, "utf-8")
    (place / "err").write_text(done.err, "utf-8")
    (place / "code").write_text(f"{done.code}\n", "utf-8")

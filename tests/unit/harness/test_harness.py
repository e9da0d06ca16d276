"""The tests' own way to call the command line: nothing of one call reaches the next, or the test."""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.harness import cli
from tests.harness.cli import call

from namehold.cli.main import run_reporting_errors


def state() -> list[Any]:
    """What a program may change in its process."""
    umask = os.umask(0)
    os.umask(umask)
    twine = logging.getLogger("twine")
    return [
        dict(os.environ), Path.cwd(), umask, signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM),
        sys.argv, sys.stdin, sys.stdout, sys.stderr, sys.excepthook, sys.modules["__main__"], list(warnings.filters),
        logging.root.level, list(logging.root.handlers), logging.root.manager.disable, twine.level,
    ]  # fmt: skip


def change_everything() -> None:
    os.environ["NAMEHOLD_OFFLINE"] = "1"
    os.environ.pop("NO_COLOR", None)
    os.umask(0o777)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    logging.basicConfig(level=logging.DEBUG)
    logging.getLogger("twine").setLevel(logging.ERROR)
    sys.argv.append("more")
    sys.excepthook = print
    os.chdir("/")


@pytest.mark.parametrize(
    ("end", "code"), [(SystemExit(3), 3), (KeyboardInterrupt(), 130), (ValueError("a bug"), 1), (None, 0)], ids=repr
)
def test_a_call_leaves_the_process_as_it_was(
    monkeypatch: pytest.MonkeyPatch, end: BaseException | None, code: int
) -> None:
    program = typer.Typer(add_completion=False)

    @program.command()
    def run() -> None:
        change_everything()
        if end is not None:
            raise end

    monkeypatch.setattr(cli, "main", lambda: sys.exit(run_reporting_errors(program)))
    before = state()
    done = call()
    assert state() == before
    assert done.code == code


def test_a_call_sees_what_it_was_given_and_takes_secrets_from_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Path, str | None, str]] = []

    def look() -> None:
        seen.append((Path.cwd(), os.environ.pop("NAMEHOLD_TOKEN", None), sys.stdin.read()))
        sys.stdout.write("an arrow \u2192")
        sys.exit(0)

    monkeypatch.setattr(cli, "main", look)
    monkeypatch.setenv("NAMEHOLD_TOKEN", "pypi-outer")
    assert call("x", cwd=tmp_path, env={"NAMEHOLD_TOKEN": "pypi-inner"}, stdin="words").out == "an arrow \u2192"
    call("x")
    assert seen == [(tmp_path, "pypi-inner", "words"), (Path.cwd(), "pypi-outer", "")]
    assert os.environ["NAMEHOLD_TOKEN"] == "pypi-outer"


def test_what_is_no_option_ends_as_in_a_shell() -> None:
    done = call("check", "--nonsense")
    assert done.code == 2
    assert done.err == ("namehold: namehold check: there is no option --nonsense\nNext: namehold check --help\n")

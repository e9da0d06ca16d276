"""The command line in tests: `call` runs a command in this process, `start` and `run` start it as a program.

Starting Python takes most of a short command's time, so a test calls in process unless it is about the process itself:
signals, kills, streams, encodings, or what another program sees of it.
"""

from __future__ import annotations

import io
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import types
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any, NamedTuple
from unittest.mock import patch

import typer.main

from namehold.cli import main
from namehold.cli.workspace import SystemClock

_RULE = re.compile(r"\b(?:error|warning)\[([a-z0-9-]+)\]: ")

#: Seconds after which a started program is given up; far more than any command takes.
_PATIENCE_S = 600


class Done(NamedTuple):
    """The exit code of a call, and what it wrote to standard output and standard error, each line end as written."""

    code: int
    out: str
    err: str

    @property
    def rules(self) -> list[str]:
        """The rule ids of the diagnostics on standard error, in their order."""
        return _RULE.findall(self.err)


def call(*words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None, stdin: str | bytes = b"") -> Done:
    """`namehold WORDS` in this process: the way of the console script, from `sys.argv` to the exit code.

    `cwd` is this process's folder by default, `env` is added to its environment, `stdin` is all that can be read.
    Nothing of the process is changed afterwards: environment, folder, umask, signal handlers, streams, logging.
    """
    given = stdin.encode() if isinstance(stdin, str) else stdin
    out, err = io.BytesIO(), io.BytesIO()
    with ExitStack() as stack:
        for restored in (_pauses, _application, _environment, _folder, _umask, _signals, _logging, _interpreter):
            stack.enter_context(restored())
        stack.enter_context(warnings.catch_warnings())
        os.environ.update(env or {})
        if cwd is not None:
            os.chdir(cwd)
        sys.argv = ["namehold", *words]
        # As for a pipe: standard output in blocks and strict, standard error by the line and never failing.
        encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
        sys.stdin = io.TextIOWrapper(io.BytesIO(given), encoding=encoding)
        sys.stdout = io.TextIOWrapper(out, encoding=encoding)
        sys.stderr = io.TextIOWrapper(err, encoding=encoding, errors="backslashreplace", line_buffering=True)
        streams = sys.stdout, sys.stderr
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        for stream in streams:
            stream.flush()
        texts = [buffer.getvalue().decode(encoding, "replace") for buffer in (out, err)]
    assert isinstance(code, int)
    return Done(code, *texts)


def start(
    *words: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int | IO[Any] = subprocess.DEVNULL,
    stdout: int | IO[Any] = subprocess.PIPE,
    stderr: int | IO[Any] = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """`namehold WORDS` as a program of its own; `env` is added to this process's environment."""
    return subprocess.Popen(
        [sys.executable, "-m", "namehold", *words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        text=True,
        errors="replace",
    )


def run(*words: str, **options: Any) -> Done:
    """A started program's end; `options` are those of `start`."""
    with start(*words, **options) as program:
        try:
            out, err = program.communicate(timeout=_PATIENCE_S)
        finally:
            program.kill()
    return Done(program.returncode, out or "", err or "")


@contextmanager
def _pauses() -> Iterator[None]:
    """Asks again at once where a command would wait for an index that doesn't answer or isn't settled yet."""
    with patch.object(SystemClock, "sleep", lambda _: None):
        yield


@contextmanager
def _application() -> Iterator[None]:
    """Typer makes its commands of the functions once for all calls, as it does once in a program."""
    with patch.object(typer.main, "get_command", _get_command):
        yield


_get_command = cache(typer.main.get_command)


# What a program may change in its process, and that the next call must not see.


@contextmanager
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        if os.environ != before:
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def _folder() -> Iterator[None]:
    before = Path.cwd()
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    os.umask(before)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _signals() -> Iterator[None]:
    is_main = threading.current_thread() is threading.main_thread()  # only there can a handler be set
    before = {number: signal.getsignal(number) for number in signal.valid_signals()} if is_main else {}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)


@contextmanager
def _logging() -> Iterator[None]:
    def loggers() -> list[logging.Logger]:
        known = logging.root.manager.loggerDict.values()
        return [logging.root, *(item for item in known if isinstance(item, logging.Logger))]

    before = {logger: (logger.level, list(logger.handlers)) for logger in loggers()}
    disabled = logging.root.manager.disable
    try:
        yield
    finally:
        logging.disable(disabled)
        for logger in loggers():
            level, handlers = before.get(logger, (logging.NOTSET, []))
            logger.setLevel(level)
            logger.handlers[:] = handlers


@contextmanager
def _interpreter() -> Iterator[None]:
    """Streams, arguments and hooks. The program's name in its usage comes from `__main__`, which is the test runner."""
    before = {key: getattr(sys, key) for key in ("argv", "stdin", "stdout", "stderr", "excepthook")}
    runner = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = runner
        for key, value in before.items():
            setattr(sys, key, value)

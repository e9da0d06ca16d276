"""Judges files of anybody in a process of their own, which is ended when one takes too long.

    judge_files([("acme_tol-0.0.1.tar.gz", content)])[0].form

Each step of a judgement takes time in proportion to what it reads. The renderers of descriptions are other people's
code, so the limit is held from outside as well: one hostile file costs some seconds and is a finding. They also keep
things for the next text (docutils the roles that a text defines), so each file has a copy of the process to itself.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import gc
import io
import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Final

from packaging.utils import NormalizedName

from namehold.errors import InputError
from namehold.placeholder.audit import AuditFinding, find_fault, judge_form
from namehold.placeholder.page import render_page
from namehold.placeholder.reading import find_targets, read_placeholder

#: A placeholder is judged in some hundredths of a second.
JUDGEMENT_LIMIT_S: Final = 5.0
#: A process starts in less than a second on an idle machine; it reads nothing of a file before it says that it can.
_START_LIMIT_S: Final = 120.0
#: What a process that judges may take of memory, in bytes, where the system can limit it.
_MEMORY_BYTES: Final = 2 << 30
#: What a judgement may take of the processor, in whole seconds: it ends then, also where nothing is left to end it.
_MOST_CPU_S: Final = math.ceil(JUDGEMENT_LIMIT_S) + 1
#: Whether a process can copy itself (not on Windows). Where it can't, it judges one file and ends.
_CAN_FORK: Final = hasattr(os, "fork")
#: What is no placeholder without being read: more files, or bytes, than are even listed, and other kinds of files.
_OTHERS: Final = {
    "archive-members": "more than a placeholder holds",
    "archive-size": "more than a placeholder holds",
    "archive-kind": "neither a wheel nor an sdist",
}

# `-P`: nothing in the current folder, which may be a stranger's checkout, is imported instead of the real module.
_COMMAND: Final = (sys.executable, "-P", "-c", "from namehold.placeholder.judging import serve; serve()")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found in one file. `other` says what it is where it is no placeholder; `form` then says little.

    `is_silent`: nothing but its emptiness says that it is one.
    `targets` are the projects that it points to; `summary` and `description` what it says of itself.
    """

    filename: str
    form: tuple[AuditFinding, ...]
    targets: tuple[NormalizedName, ...] = ()
    other: str = ""
    is_silent: bool = False
    summary: str = ""
    description: str = ""

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel, which is installed as it is."""
        return self.filename.endswith(".whl")


def judge_file(filename: str, content: bytes) -> Judgement:
    """The judgement on one file, in this process. A file that can't be read safely is a finding."""
    try:
        placeholder = read_placeholder(filename, io.BytesIO(content))
    except InputError as error:
        other = next((_OTHERS[fault.rule] for fault in error.diagnostics() if fault.rule in _OTHERS), "")
        return Judgement(filename=filename, form=(find_fault("size", error.message),), other=other)
    is_silent = placeholder.is_silent and not placeholder.is_placeholder
    return Judgement(
        filename=filename,
        form=judge_form(placeholder),
        targets=find_targets(placeholder),
        other="" if is_silent or placeholder.is_placeholder else placeholder.describe(),
        is_silent=is_silent,
        summary=str(placeholder.fields.get("summary", "")),
        description=str(placeholder.fields.get("description", "")),
    )


def judge_files(
    files: Sequence[tuple[str, bytes]],
    *,
    within_s: float = math.inf,
    report: Callable[[Judgement], None] = lambda _: None,
) -> tuple[Judgement, ...]:
    """The judgements on files, given by name and content, in their order; each takes JUDGEMENT_LIMIT_S at most.

    `within_s` limits all of them together, in seconds: what isn't judged by then is a finding. How long this machine
    takes to start a process is no fault of a file, and doesn't count.
    `report` is called with each judgement as it comes.
    """
    judged: list[Judgement] = []
    left_s = within_s
    for filename, content in files:
        if left_s <= 0:
            why = f"there was no time left of the {within_s:g} s for all files of the release"
            judged.append(_unjudged(filename, why))
            continue
        with _lend_judge() as judge:
            began_s = time.monotonic()
            found = judge.judge(filename, content, limit_s=min(JUDGEMENT_LIMIT_S, left_s))
            left_s -= time.monotonic() - began_s
        why = f"judging it took more than {JUDGEMENT_LIMIT_S:g} s, or more memory than there is"
        judged.append(found or _unjudged(filename, why))
        report(judged[-1])
    return tuple(judged)


def _unjudged(filename: str, why: str) -> Judgement:
    return Judgement(filename=filename, form=(find_fault("size", why),))


class _Judge:
    """A process that judges one file after the other, each in a copy of itself."""

    def __init__(self) -> None:
        self._answers: queue.Queue[str] = queue.Queue()
        self._process = subprocess.Popen(  # noqa: S603 -- a fixed command of our own
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            process_group=0,
        )
        self._collector = threading.Thread(target=_collect, args=(self._process.stdout, self._answers), daemon=True)
        self._collector.start()
        # The process says with an empty line that it can start.
        self.is_fit = bool(self._next(_START_LIMIT_S))

    def judge(self, filename: str, content: bytes, *, limit_s: float) -> Judgement | None:
        """The judgement, or None if it takes more than `limit_s` seconds or the process ends; then it isn't fit."""
        if not self.is_fit:
            return None
        self.is_fit = False
        # A process that ended by itself takes no more.
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.write(json.dumps([filename, base64.b64encode(content).decode()]) + "\n")
                self._process.stdin.flush()
        answer = self._next(limit_s)
        self.is_fit = bool(answer) and _CAN_FORK
        return _read_answer(answer) if answer else None

    def end(self) -> None:
        """Ends the process and its copies, whatever they do."""
        if _CAN_FORK:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._collector.join()
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()

    def _next(self, limit_s: float) -> str:
        try:
            return self._answers.get(timeout=limit_s)
        except queue.Empty:
            return ""


#: Processes that wait for the next file, whichever release it is of: to start one takes longer than to judge ten files.
_idle: Final[list[_Judge]] = []


@contextlib.contextmanager
def _lend_judge() -> Iterator[_Judge]:
    """A process that nothing else uses; one that is still fit afterwards is kept."""
    try:
        judge = _idle.pop()
    except IndexError:
        judge = _Judge()
    try:
        yield judge
    finally:
        if judge.is_fit:
            _idle.append(judge)
        else:
            judge.end()


@atexit.register
def end_judges() -> None:
    """Ends the processes that are kept."""
    while _idle:
        _idle.pop().end()


def _collect(stream: IO[str] | None, answers: queue.Queue[str]) -> None:
    """Passes lines on as they come, and an empty text at the end."""
    with contextlib.suppress(OSError, ValueError), stream or contextlib.nullcontext(()) as lines:
        for line in lines:
            answers.put(line)
    answers.put("")


def _read_answer(answer: str) -> Judgement:
    values = json.loads(answer)
    form = tuple(AuditFinding(**finding) for finding in values.pop("form"))
    targets = tuple(NormalizedName(name) for name in values.pop("targets"))
    return Judgement(form=form, targets=targets, **values)


def serve() -> None:
    """What the process does: an empty line once it can start, then a line of JSON for each file."""
    # What a library prints is no answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    # Before the clock starts: the renderers load large libraries with their first text.
    for kind in ("text/markdown", "text/x-rst"):
        render_page("A *word*, `code` and https://acme.example/.\n", kind)
    gc.freeze()
    print(file=answers, flush=True)
    while line := sys.stdin.readline():
        copy = os.fork() if _CAN_FORK else 0
        if copy == 0:
            _limit()
            filename, content = json.loads(line)
            print(json.dumps(asdict(judge_file(filename, base64.b64decode(content)))), file=answers, flush=True)
            # To take the interpreter apart costs more than to judge.
            os._exit(0)
        if os.waitpid(copy, 0)[1] != 0:
            return


def _limit() -> None:
    """Where the system has such limits (not on Windows); elsewhere the time alone bounds it, by who asks."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 -- Windows has none

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        # The one who asked may have been killed.
        resource.setrlimit(resource.RLIMIT_CPU, (_MOST_CPU_S, _MOST_CPU_S))

"""Runs the parsers on changed inputs for so many minutes each, and says what failed and which lines were reached."""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import CodeType, FrameType
from typing import Any

from tests.fuzz.parsers import PARSERS, SOURCE, Parser

#: An input that takes longer is a hang, in seconds; one that takes more memory is a fault, in bytes.
HANG_S = 5.0
#: By the clock: a machine with other work lets a process wait.
WAIT_S = 60.0
MEMORY_BYTES = 300_000_000
#: Of so many inputs one is read under a trace, which is slow.
_TRACED = 8


class Hang(BaseException):
    """An input took too long; no parser's own handler takes this for damage."""


def main() -> None:
    """The command line; exit code 1 on failures."""
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    arguments.add_argument("parsers", nargs="*", metavar="PARSER", help=f"of {', '.join(PARSERS)}; default: all")
    arguments.add_argument("--minutes", type=float, default=1.0, help="for each parser")
    arguments.add_argument("--inputs", type=int, default=0, help="at most so many inputs for each parser")
    arguments.add_argument("--seed", type=int, default=time.time_ns(), help="default: another one each time")
    arguments.add_argument("--number", type=int, help="this input alone, with its whole error")
    arguments.add_argument("--folder", type=Path, default=Path(".fuzz"), help="where inputs that failed are kept")
    options = arguments.parse_args()
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    failures = 0
    for name in options.parsers or PARSERS:
        if options.number is not None:
            PARSERS[name].judge(*PARSERS[name].make(_chance(name, options.seed, options.number)))
        else:
            failures += _run(name, options)
    sys.exit(1 if failures else 0)


def _chance(name: str, seed: int, number: int) -> Random:
    return Random(f"{name}:{seed}:{number}")  # noqa: S311 -- inputs, no secret


def _run(name: str, options: argparse.Namespace) -> int:
    """How many inputs failed, each kind of failure shown once."""
    parser, reach = PARSERS[name], Reach(PARSERS[name])
    for label, content in parser.seeds():
        reach.read(label, content)
    signal.signal(signal.SIGPROF, _hang)
    signal.signal(signal.SIGALRM, _hang)
    started, number, slowest = time.monotonic(), 0, 0.0
    before = _peak_bytes()
    kinds: dict[str, int] = {}
    while time.monotonic() - started < options.minutes * 60 and not 0 < options.inputs <= number:
        # Again each second: what is raised within a callback of C code goes nowhere.
        signal.setitimer(signal.ITIMER_PROF, HANG_S, 1.0)
        signal.setitimer(signal.ITIMER_REAL, WAIT_S, 1.0)
        began = time.process_time()
        content, kind = b"", ""
        try:
            label, content = parser.make(_chance(name, options.seed, number))
            (reach.read if number % _TRACED == 0 else parser.judge)(label, content)
        except MemoryError:
            raise
        except Hang:
            kind = f"it took more than {HANG_S:g} s of the processor, or {WAIT_S:g} s by the clock"
        except Exception as error:  # noqa: BLE001 -- what is looked for
            kind = f"{type(error).__name__} at {_place(error)}: {str(error)[:200]}"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
        slowest = max(slowest, time.process_time() - began)
        if _peak_bytes() - before > MEMORY_BYTES:
            kind, before = f"it took {(_peak_bytes() - before) / 1e6:.0f} MB more", _peak_bytes()
        if kind:
            group = kind.partition(": ")[0]
            kinds[group] = kinds.get(group, 0) + 1
            if kinds[group] == 1:
                print(f"{name}, --seed {options.seed} --number {number}: {kind}", flush=True)  # noqa: T201 -- a tool
                options.folder.mkdir(exist_ok=True)
                (options.folder / f"{name}-{options.seed}-{number}").write_bytes(content)
        number += 1
    failures = sum(kinds.values())
    print(  # noqa: T201 -- a tool
        f"{name}: {number:,} inputs, {failures} failures of {len(kinds)} kinds, seed {options.seed}, "
        f"slowest {slowest:.2f} CPU s, peak {_peak_bytes() / 1e6:.0f} MB, "
        f"{time.monotonic() - started:.0f} s, {reach.share:.1%} of the lines ({reach.missing()})",
        flush=True,
    )
    return failures


def _place(error: BaseException) -> str:
    """The deepest place in our own code."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename.startswith(str(SOURCE)):
            place = f"{Path(code.co_filename).relative_to(SOURCE)}:{code.co_name}"
        trace = trace.tb_next
    return place


def _hang(*_: object) -> None:
    raise Hang


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Reach:
    """Which lines of a parser's functions were read."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._lines: dict[str, set[int]] = {}
        for file, others in parser.files.items():
            path = SOURCE / file
            code = compile(path.read_text("utf-8"), str(path), "exec")
            self._lines[str(path)] = set(_lines_in(code, others))
        self._seen: dict[str, set[int]] = {path: set() for path in self._lines}

    def read(self, label: str, content: bytes) -> None:
        """Reads one input and notes the lines."""
        sys.settrace(self._trace)
        try:
            self._parser.judge(label, content)
        finally:
            sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:  # noqa: ARG002 -- Python's interface
        seen = self._seen.get(frame.f_code.co_filename)
        if seen is None:
            return None
        add = seen.add

        def trace(inner: FrameType, event: str, argument: Any) -> Any:
            add(inner.f_lineno)
            return trace

        return trace

    @property
    def share(self) -> float:
        """Lines that were read among all, 0 to 1."""
        reached = sum(len(lines & self._seen[path]) for path, lines in self._lines.items())
        return reached / sum(map(len, self._lines.values()))

    def missing(self) -> str:
        """The lines that weren't, by file."""
        rows = [
            f"{Path(path).name} {', '.join(map(str, left))}"
            for path, lines in self._lines.items()
            if (left := sorted(lines - self._seen[path]))
        ]
        return "not: " + "; ".join(rows) if rows else "all"


def _lines_in(code: CodeType, others: frozenset[str]) -> Iterator[int]:
    """The lines of the functions in a module's code, without those of `others`."""
    for inner in code.co_consts:
        if not isinstance(inner, CodeType) or inner.co_name in others:
            continue
        if inner.co_flags & 0x2:  # CO_NEWLOCALS: a function; a class body is none
            yield from (line for *_, line in inner.co_lines() if line is not None and line > inner.co_firstlineno)
        yield from _lines_in(inner, others)


if __name__ == "__main__":
    main()

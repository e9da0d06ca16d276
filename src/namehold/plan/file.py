"""A plan as a file: written whole, and read as far as it is needed.

    for piece in dump_plan(plan): ...
    plan = read_plan(Path("plan.json"))

The file is one JSON document with the assessments last, one a line. Thousands of packages have a million of them:
who reads a plan for its actions doesn't decode one. Before them stand their outlines in columns, 10,000 names a line:
who counts names, or looks for some, reads those. Their digest follows them: without it a name that is missing there
would be missed by some readers only. A file whose keys stand in another order is read whole, and the outlines of a file
without them, or without their digest (of an earlier version), are made from the assessments.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import BinaryIO, Final

from namehold import documents
from namehold.errors import Diagnostic, InputError
from namehold.files import MOST_BYTES, InnerPath, Place, read_input
from namehold.index import NICKNAME
from namehold.names import are_normalized, is_normalized
from namehold.plan.model import Assessment, Block, Plan, StoredAssessments

_AGAIN: Final = "namehold plan"
#: The line that the outlines follow, and the last of them; nothing reads them with the rest.
_OUTLINES: Final = b'"outlines":[\n'
_OUTLINES_END: Final = b"],\n"
#: The line after them: SHA-256 of their lines, without what stands between those.
_OUTLINED: Final = re.compile(rb'"outlined":"([0-9a-f]{64})",\n')
#: The piece of the document before the assessments.
_BEFORE_ASSESSMENTS: Final = ',\n"assessments":'
#: The line that the assessments follow, and what follows them, as `dump_plan` writes them.
_FIRST: Final = b'"assessments":[\n'
_LAST: Final = b"\n]\n}\n"
_END: Final = b"]\n"
#: Bytes of a line, and of all lines before the assessments but for the outlines: the largest plans have a tenth.
_MOST_HELD: Final = 128 * 1024 * 1024
#: No plan is made later, in years, or goes on for longer, in seconds: a hundred years. Calendars end in the year 9999.
_LAST_YEAR: Final = 2999
_LONGEST_S: Final = 100 * 366 * 86_400


def dump_plan(plan: Plan) -> Iterator[str]:
    """The plan as the pieces of a JSON document; no more than one line is held at once."""
    for piece in documents.dump_records("plan", plan):
        if piece == _BEFORE_ASSESSMENTS and plan.assessments:
            yield f",\n{_OUTLINES.decode()}"
            digest = hashlib.sha256()
            for number, block in enumerate(plan.blocks()):
                line = json.dumps(block, separators=(",", ":"))
                digest.update(line.encode())
                yield f",\n{line}" if number else line
            yield f'\n],\n"outlined":"{digest.hexdigest()}"'
        yield piece


def read_plan(path: Place) -> Plan:
    """The plan in a file; its assessments are read when they are asked for.

    Raises InputError if it can't be read, is no plan, or has a name that can't be one: a plan may come from anywhere,
    and its names become paths. The assessments raise it, too, as they are read.
    """
    try:
        plan = _read_without_assessments(path) or documents.load("plan", Plan, _read_text(path), path=str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InputError(f"the plan {path} can't be read: {reason}", fix=_AGAIN) from None
    _require_sense(plan, path=str(path))
    return plan


def _read_text(path: Place) -> str:
    if isinstance(path, InnerPath):
        return path.read_text("utf-8")
    return read_input(path, most_bytes=MOST_BYTES).decode("utf-8")


def _read_without_assessments(path: Place) -> Plan | None:
    """The plan with its assessments left in the file; None if the file isn't laid out as `dump_plan` does it."""
    if not path.is_file():
        # A pipe can be read only once.
        return None
    with path.open("rb") as stream:
        version = _version(stream)
        head: list[bytes] = []
        held = 0
        outlines: int | None = None
        lines = _lines(stream)
        for line in lines:
            if line == _OUTLINES and outlines is None:
                outlines = sum(map(len, head)) + len(line)
                for _ in itertools.takewhile(_OUTLINES_END.__ne__, lines):
                    pass
                continue
            head.append(line)
            held += len(line)
            if held >= _MOST_HELD:
                return None
            if line == _FIRST:
                break
        else:
            return None
        start = stream.tell()
        stream.seek(-len(_LAST), os.SEEK_END)
        if stream.read() != _LAST:
            return None
    outlined = _OUTLINED.fullmatch(head[-2]) if len(head) > 1 else None
    try:
        plan = documents.load("plan", Plan, (b"".join(head) + b"]}").decode(), path=str(path), is_plain=True)
    except InputError:
        return None
    return replace(
        plan,
        assessments=StoredAssessments(
            partial(_read_lines, path, start, version, _END),
            partial(_decode, str(path)),
            None
            if outlines is None or outlined is None
            else partial(_read_blocks, path, outlines, version, outlined[1]),
        ),
    )


def _read_blocks(path: Place, start: int, version: tuple[int, int, int], outlined: bytes) -> Iterator[Block]:
    """The outlines in the file; raises InputError, at their end at the latest, where `outlined` isn't their digest."""
    digest = hashlib.sha256()
    for line in map(_strip, _read_lines(path, start, version, _OUTLINES_END)):
        digest.update(line)
        block = documents.load_line("plan", Block, line, path=str(path))
        if not block.is_whole:
            raise _refuse_outlines(path, "don't fit together")
        if not are_normalized([*block.names, *(kind.target for kind in block.kinds)]):
            raise _refuse_outlines(path, "have a text that is no normalized name")
        yield block
    if digest.hexdigest().encode() != outlined:
        raise _refuse_outlines(path, "were changed, or some are missing")


def _refuse_outlines(path: Place, why: str) -> InputError:
    return InputError(f"{path} can't be a plan of namehold's: its outlines {why}", fix=_AGAIN)


def _read_lines(path: Place, start: int, version: tuple[int, int, int], end: bytes) -> Iterator[bytes]:
    """Each line from a place up to `end` in the file, which is still the one that the actions were read from."""
    try:
        with path.open("rb") as stream:
            if _version(stream) != version:
                raise InputError(f"the plan {path} has changed since it was read", fix="call again")
            stream.seek(start)
            yield from itertools.takewhile(end.__ne__, _lines(stream))
    except OSError:
        raise InputError(f"the plan {path} can't be read any more", fix=_AGAIN) from None


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Its lines; one that is longer than any plan's comes in pieces, none of which is a record."""
    return iter(partial(stream.readline, _MOST_HELD), b"")


def _decode(path: str, line: bytes) -> Assessment:
    return documents.load_line("plan", Assessment, _strip(line), path=path)


def _strip(line: bytes) -> bytes:
    """A line without what stands between it and the next one."""
    return line.rstrip(b",\n")


def _version(stream: BinaryIO) -> tuple[int, int, int]:
    """What changes when a file is written anew."""
    state = os.fstat(stream.fileno())
    return state.st_ino, state.st_size, state.st_mtime_ns


def _require_sense(plan: Plan, *, path: str) -> None:
    """Nothing; InputError where names aren't normalized, or days lie so far off that there is no date for them."""
    listed = {name for action in plan.actions for name in (action.name, action.target)}
    faults = [f"{name!r} is no normalized name" for name in sorted(listed) if not is_normalized(name)]
    if not NICKNAME.fullmatch(plan.index):
        faults.append(f"{plan.index!r} is no nickname of an index")
    window_s = plan.window_s
    if plan.provenance.as_of.year > _LAST_YEAR or not 0 < window_s <= _LONGEST_S:
        faults.append("its day or its quota's window can't be right")
    faults += [
        f"day {action.day} of {action.name!r} can't be right"
        for action in plan.actions
        if not 0 < action.day * window_s <= _LONGEST_S
    ]
    if faults:
        raise InputError(
            f"{path} can't be a plan of namehold's",
            fix=_AGAIN,
            diagnostics=tuple(
                Diagnostic(message=fault, rule="document-value", path=path, fix=f"write the file anew: {_AGAIN}")
                for fault in faults
            ),
        )

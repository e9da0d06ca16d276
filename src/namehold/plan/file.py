"""A plan as a file: written whole, and read as far as it is needed.

    for piece in dump_plan(plan): ...
    plan = read_plan(Path("plan.json"))

The file is one JSON document with the assessments last, one a line. Thousands of packages have a million of them:
who reads a plan for its actions doesn't decode one. A file whose keys stand in another order is read whole.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import BinaryIO, Final

from packaging.utils import NormalizedName

from namehold import documents
from namehold.errors import Diagnostic, InputError
from namehold.files import InnerPath, Place, read_input
from namehold.index import NICKNAME
from namehold.index.rules import Availability
from namehold.names import is_normalized
from namehold.plan.model import Assessment, Outline, Plan, StoredAssessments, outline_of
from namehold.portfolio import NameClass, Route

_AGAIN: Final = "namehold plan"
#: A plan for 5,000 packages has about 300 MB; larger ones are read line by line, from plain files.
_MAX_BYTES: Final = 512 * 1024 * 1024

#: The line that the assessments follow, and what follows them, as `dump_plan` writes them.
_FIRST: Final = b'"assessments":[\n'
_LAST: Final = b"\n]\n}\n"
_END: Final = b"]\n"

#: What stands before the fields of an outline in an assessment's text, in their order.
_NAME: Final = b'{"candidate":{"name":"'
_TARGET: Final = b'","target":"'
_SCORE: Final = b'"score":{"value":'
_AVAILABILITY: Final = b'"availability":"'
_ROUTE: Final = b'"route":"'
#: The values of these fields; of several clues' classes the strongest counts, which stands first.
_ROUTES: Final = {route.encode(): route for route in Route}
_AVAILABILITIES: Final = {item.encode(): item for item in Availability}
_CLASS: Final = re.compile(rb'"name_class":"([a-z]+)"')
_CLASSES: Final = tuple(NameClass)
_PLACES: Final = {item.encode(): place for place, item in enumerate(_CLASSES)}


def dump_plan(plan: Plan) -> Iterator[str]:
    """The plan as the pieces of a JSON document; no more than one line is held at once."""
    return documents.dump_records("plan", plan)


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
    _require_plain_names(plan, path=str(path))
    return plan


def _read_text(path: Place) -> str:
    if isinstance(path, InnerPath):
        return path.read_text("utf-8")
    return read_input(path, most_bytes=_MAX_BYTES).decode("utf-8")


def _read_without_assessments(path: Place) -> Plan | None:
    """The plan with its assessments left in the file; None if the file isn't laid out as `dump_plan` does it."""
    if not path.is_file():
        # A pipe can be read only once.
        return None
    with path.open("rb") as stream:
        version = _version(stream)
        head: list[bytes] = []
        for line in stream:
            head.append(line)
            if line == _FIRST:
                break
        else:
            return None
        start = stream.tell()
        stream.seek(-len(_LAST), os.SEEK_END)
        if stream.read() != _LAST:
            return None
    try:
        plan = documents.load("plan", Plan, (b"".join(head) + b"]}").decode(), path=str(path))
    except InputError:
        return None
    return replace(
        plan,
        assessments=StoredAssessments(
            partial(_read_lines, path, start, version), partial(_decode, path), partial(_outline, path)
        ),
    )


def _read_lines(path: Place, start: int, version: tuple[int, int, int]) -> Iterator[bytes]:
    """The text of each assessment in the file, which is still the one that the actions were read from."""
    try:
        with path.open("rb") as stream:
            if _version(stream) != version:
                raise InputError(f"the plan {path} has changed since it was read", fix="call again")
            stream.seek(start)
            for line in itertools.takewhile(_END.__ne__, stream):
                yield line.rstrip(b",\n")
    except OSError:
        raise InputError(f"the plan {path} can't be read any more", fix=_AGAIN) from None


def _decode(path: Place, line: bytes) -> Assessment:
    return documents.load_record("plan", Assessment, line, path=str(path))


def _outline(path: Place, line: bytes) -> Outline:
    """The outline of an assessment, cut out of its text; to decode it takes ten times as long.

    In JSON a quotation mark within a string has a backslash before it, so none of these keys is found in a string.
    """
    if not line.startswith(_NAME):
        return outline_of(_decode(path, line))
    try:
        name, _, rest = line[len(_NAME) :].partition(_TARGET)
        head, _, rest = rest.partition(_SCORE)
        _, _, check = rest.partition(_AVAILABILITY)
        _, _, route = check.partition(_ROUTE)
        return Outline(
            NormalizedName(name.decode()),
            NormalizedName(head[: head.index(b'"')].decode()),
            _ROUTES[route[: route.index(b'"')]],
            _AVAILABILITIES[check[: check.index(b'"')]],
            _CLASSES[min(map(_PLACES.__getitem__, _CLASS.findall(head)))],
            float(rest[: rest.index(b",")]),
        )
    except (KeyError, ValueError):
        # It isn't laid out as `dump_plan` does it.
        return outline_of(_decode(path, line))


def _version(stream: BinaryIO) -> tuple[int, int, int]:
    """What changes when a file is written anew."""
    state = os.fstat(stream.fileno())
    return state.st_ino, state.st_size, state.st_mtime_ns


def _require_plain_names(plan: Plan, *, path: str) -> None:
    listed = {name for action in plan.actions for name in (action.name, action.target)}
    faults = [f"{name!r} is no normalized name" for name in sorted(listed) if not is_normalized(name)]
    if not NICKNAME.fullmatch(plan.index):
        faults.append(f"{plan.index!r} is no nickname of an index")
    if faults:
        raise InputError(
            f"{path} can't be a plan of namehold's",
            fix=_AGAIN,
            diagnostics=tuple(
                Diagnostic(message=fault, rule="document-value", path=path, fix=f"write the file anew: {_AGAIN}")
                for fault in faults
            ),
        )

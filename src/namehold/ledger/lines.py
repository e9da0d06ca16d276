"""The ledger's lines: an event as canonical JSON that is chained to the line before, and back.

event, line = write_line(Decided(...), sequence=7, previous=head)
assert read_line(line, number=7, previous=head) == event
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, reduce
from operator import or_
from typing import Any, Final

from packaging.utils import is_normalized_name
from packaging.version import InvalidVersion, Version

from namehold.documents import adapter_of, as_plain, canonical_json, digest
from namehold.errors import LedgerCorrupt, LedgerError
from namehold.ledger.model import EVENT_TYPES, Event, LedgerEvent, OpaqueEvent, Receipt

#: The kind that each type is written as.
_KINDS: Final = {type_: kind for kind, types in EVENT_TYPES.items() for type_ in types}
#: Keys that are left out while they are empty, so that a line without them keeps its bytes.
_OPTIONAL: Final = frozenset({"mac"})
#: The key of data that only the holder of the key can read.
_SEALED: Final = "sealed"

_FILE_NAME: Final = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*")
_SHA256: Final = re.compile(r"(?:[0-9a-f]{64})?")


def corrupt(number: int, why: str) -> LedgerCorrupt:
    """The error for line `number`, counted from 1."""
    return LedgerCorrupt(
        f"the ledger is damaged in line {number}: {why}",
        line=number,
        fix="restore the file from a copy; nothing is sent on the word of a damaged ledger",
    )


def write_line(value: Event, *, sequence: int, previous: str) -> tuple[LedgerEvent, bytes]:
    """The event with its digest, and its line as it is written, with the line's end.

    Raises LedgerError for what `read_line` would refuse: it would make the whole ledger unreadable.
    """
    for key in _find_wrong(value):
        raise LedgerError(f"the ledger can't take this {key}: {getattr(value, key)!r}")
    kind = value.kind if isinstance(value, OpaqueEvent) else _KINDS[type(value)]
    body = {
        "sequence": sequence,
        "time": as_plain(value.time),
        "kind": kind,
        "data": _data_of(value),
        "previous": previous,
    }
    event = LedgerEvent(sequence=sequence, kind=kind, value=value, previous=previous, digest=digest(body))
    return event, canonical_json(body | {"digest": event.digest}) + b"\n"


def read_line(line: bytes, *, number: int, previous: str) -> LedgerEvent:
    """The event in a line that follows the digest `previous`. Raises LedgerCorrupt, and nothing else."""
    try:
        body = json.loads(line)
        claimed = body.pop("digest")
        is_whole = body.keys() >= {"sequence", "time", "kind", "data", "previous"}
        is_authentic = is_whole and claimed == digest(body)
    # RecursionError: nested too deep; ValueError: no JSON, too long a number, or text that is no UTF-8.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise corrupt(number, "it is no event") from None
    if not is_whole:
        raise corrupt(number, "it is no event")
    if not is_authentic:
        raise corrupt(number, "its content doesn't fit its digest")
    if body["previous"] != previous or body["sequence"] != number:
        raise corrupt(number, "it doesn't follow the line before")
    value = _value_of(body, number)
    return LedgerEvent(sequence=number, kind=body["kind"], value=value, previous=previous, digest=claimed)


def _data_of(value: Event) -> dict[str, Any]:
    """What stands under `data`. The line itself has the time; a receipt, which people also read alone, has it twice."""
    if isinstance(value, OpaqueEvent):
        return dict(value.data)
    data: dict[str, Any] = as_plain(value)
    if not isinstance(value, Receipt):
        del data["time"]
    return {key: item for key, item in data.items() if item or key not in _OPTIONAL}


def _value_of(body: dict[str, Any], number: int) -> Event:
    """The typed event. Raises LedgerCorrupt if it doesn't fit its kind's type."""
    kind, data = body["kind"], body["data"]
    is_opaque = isinstance(kind, str) and isinstance(data, dict) and (kind not in EVENT_TYPES or _SEALED in data)
    try:
        if is_opaque:
            value: Event = OpaqueEvent(kind=kind, data=data, time=dt.datetime.fromisoformat(body["time"]))
        else:
            text = canonical_json(data | {"time": body["time"]})
            value = adapter_of(_type_of(kind)).validate_json(text, strict=True)
    except (ValueError, TypeError, KeyError):
        raise corrupt(number, f"its content is no {kind}" if isinstance(kind, str) else "it is no event") from None
    for key in _find_wrong(value):
        raise corrupt(number, f"its {key} can't be right")
    return value


@cache
def _type_of(kind: str) -> Any:
    return reduce(or_, EVENT_TYPES[kind])


def _find_wrong(value: Event) -> Iterable[str]:
    """The fields of the right type that hold what none of them can."""
    for name in _CHECKED_FIELDS[type(value)]:
        item = getattr(value, name)
        if item is not None and not _CHECKS[name](item):
            yield name


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _are_files(files: tuple[tuple[str, str], ...]) -> bool:
    """Names without a folder, as the outbox needs them, and sha256 digests; empty where an index shows none."""
    return all(_FILE_NAME.fullmatch(name) and _SHA256.fullmatch(sha256) for name, sha256 in files)


def _is_utc(time: dt.datetime) -> bool:
    return time.utcoffset() == dt.timedelta()


#: What the values of these fields have to be beside their types.
_CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "time": _is_utc,
    "slot_time": _is_utc,
    "limits": lambda limits: limits.closed_until is None or _is_utc(limits.closed_until),
    "name": is_normalized_name,
    "target": is_normalized_name,
    "names": lambda names: all(map(is_normalized_name, names)),
    "version": _is_version,
    "files": _are_files,
}
_CHECKED_FIELDS: Final = {
    type_: tuple(field.name for field in dataclasses.fields(type_) if field.name in _CHECKS)
    for type_ in (*_KINDS, OpaqueEvent)
}

"""The ledger's lines: an event as canonical JSON that is chained to the line before, and back.

event, line = write_line(Decided(...), sequence=7, previous=head)
assert read_line(line, number=7, previous=head) == event

With a key, what is still open is sealed (`sealing`), and approvals and rehearsals carry a MAC over the whole line but
for itself and the digest. That includes the digest of the line before, so that the MAC is good for this ledger and this
place alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType
from packaging.utils import NormalizedName, is_normalized_name

from namehold.documents import as_plain, canonical_json, digest
from namehold.errors import LedgerCorrupt, LedgerError, NameholdError
from namehold.ledger.model import (
    EVENT_TYPES,
    Event,
    LedgerEvent,
    OpaqueEvent,
    PlanApproved,
    PlanRehearsed,
    Receipt,
    SealedEvent,
    SeenLimits,
    SentPlaceholder,
)
from namehold.ledger.sealing import fields_to_seal
from namehold.names import NAME_CHARACTERS, is_version

if TYPE_CHECKING:
    from namehold.ledger.key import LedgerKey

T = TypeVar("T")

#: Where the key comes from; asked only when a line needs one. None: there is no key here.
FindKey: TypeAlias = "Callable[[], LedgerKey | None]"

#: The kind that each type is written as.
_KINDS: Final[Mapping[type[Event], str]] = {type_: kind for kind, types in EVENT_TYPES.items() for type_ in types}
#: The kinds that are read and trusted without a key, where nothing of them is sealed.
_KEYLESS: Final = EVENT_TYPES.keys() - {_KINDS[PlanApproved], _KINDS[PlanRehearsed]}
#: Under this stands what only a holder of the key can read; under the other, that a holder wrote the line.
_SEALED: Final = "sealed"
_MAC: Final = "mac"

#: What stands in a line as `write_line` lays it out: its digest has so many bytes, and is followed by its kind.
_DIGEST: Final = len(b',"digest":"sha256:"') + 64
_KIND_KEY: Final = b',"kind":"'

#: Of a ledger's days and times.
_FIRST_YEAR, _LAST_YEAR = 1970, 2999
_NO_OFFSET: Final = dt.timedelta()
#: Ten years in seconds: no index counts new projects over a longer window.
_WINDOW_S_MAX: Final = 10 * 366 * 86_400

#: What may stand in a normalized name, in a digest, and in a file's name.
_IN_NAMES: Final = NAME_CHARACTERS.encode()
_IN_DIGESTS: Final = b"0123456789abcdef"
_IN_FILE_NAMES: Final = bytes(byte for byte in range(0x20, 0x7F) if byte not in b"/\\")


#: How the first line of a pointer of Git LFS begins, and that of a conflict that git leaves in a file.
_LFS_POINTER: Final = b"version https://git-lfs."
_CONFLICT: Final = b"<<<<<<< "


def corrupt(number: int, why: str) -> LedgerCorrupt:
    """The error for line `number`, counted from 1."""
    return LedgerCorrupt(
        f"the ledger is damaged in line {number}: {why}",
        line=number,
        fix="restore the file from a copy, or move it away, then: namehold status --rebuild LIST; "
        "nothing is sent on the word of a damaged ledger",
    )


def no_key() -> None:
    """The `FindKey` of a reader without one."""


def write_line(
    value: Event,
    *,
    sequence: int,
    previous: str,
    find_key: FindKey = no_key,
    closed: Collection[NormalizedName] = (),
) -> tuple[LedgerEvent, bytes]:
    """The event with its digest, and its line as it is written, with the line's end.

    Args:
        value: What happened.
        sequence: The line's number, from 1.
        previous: Digest of the line before.
        find_key: The key that seals and proves; without one everything stands in plain.
        closed: The names that no stranger can register any more, by the lines before.

    Raises:
        LedgerError: `read_line` would refuse it, which would make the whole ledger unreadable.
    """
    for key in _find_wrong([value]):
        raise LedgerError(f"the ledger can't take this {key}: {getattr(value, key)!r}")
    kind = value.kind if isinstance(value, OpaqueEvent | SealedEvent) else _KINDS[type(value)]
    body = {
        "sequence": sequence,
        "time": as_plain(value.time),
        "kind": kind,
        "data": _data_of(value),
        "previous": previous,
    }
    hidden = fields_to_seal(value, closed)
    if hidden and (secret := find_key()) is not None:
        body["data"] = _seal(body["data"], hidden, secret, previous)
        if isinstance(value, PlanApproved | PlanRehearsed):
            value = value.changed(mac=secret.authenticate(_authenticated(body)))
            body["data"] |= {_MAC: value.mac}
    is_authentic = isinstance(value, PlanApproved | PlanRehearsed)
    event = LedgerEvent(
        sequence=sequence, kind=kind, value=value, previous=previous, digest=digest(body), is_authentic=is_authentic
    )
    return event, canonical_json(body | {"digest": event.digest}) + b"\n"


def read_line(line: bytes, *, number: int, previous: str, find_key: FindKey = no_key) -> LedgerEvent:
    """The event in a line that follows the digest `previous`; see `read_lines`."""
    (event,) = read_lines([line], number=number, previous=previous, find_key=find_key)
    return event


def read_lines(
    lines: Sequence[bytes], *, number: int, previous: str, find_key: FindKey = no_key
) -> Iterator[LedgerEvent]:
    """The events in lines of which the first has this number and follows the digest `previous`.

    Raises LedgerCorrupt at the first bad line, and nothing else but what `find_key` raises.
    """
    events: list[LedgerEvent] = []
    unsealed: list[Event] = []
    stopped = None
    try:
        for place, (line, read, fitting) in enumerate(_read_layouts(lines), start=number):
            value = None
            if read and read.previous == previous and read.sequence == place and read.digest == fitting:
                value = read.data
                if isinstance(value, msgspec.Raw) and (value := _event_of(read, find_key)):
                    unsealed.append(value)
            if read and value:
                event = LedgerEvent(sequence=place, kind=read.kind, value=value, previous=previous, digest=fitting)
            else:
                event = _read_slowly(line, place, previous, find_key)
            events.append(event)
            previous = event.digest
    except NameholdError as error:
        stopped = error
    if not _are_right(unsealed):
        # One of them comes before what stopped the others.
        read_again = zip(lines, events, strict=False)
        yield from (_read_slowly(line, event.sequence, event.previous, find_key) for line, event in read_again)
    else:
        yield from events
    if stopped is not None:
        raise stopped


def _tell_of_git(line: bytes, number: int) -> LedgerCorrupt | None:
    """What to do about a line that git wrote, while the whole ledger lies in the repository; None for another line."""
    if line.startswith(_LFS_POINTER):
        message = "the ledger isn't here: Git LFS has left a pointer to it"
        return LedgerCorrupt(message, line=number, fix="git lfs pull, then call again")
    if line.startswith(_CONFLICT):
        message = f"git couldn't merge two ledgers: a mark of conflict stands in line {number}"
        fix = (
            "keep one of them whole (git checkout --ours FILE), write the other beside it (git show MERGE_HEAD:FILE > "
            "OTHER), then: namehold status --rebuild OTHER"
        )
        return LedgerCorrupt(message, line=number, fix=fix)
    return None


def _read_slowly(line: bytes, number: int, previous: str, find_key: FindKey) -> LedgerEvent:
    """The event of one line. Raises LedgerCorrupt."""
    try:
        body = json.loads(line.decode())
        claimed = body.pop("digest")
        is_whole = body.keys() >= {"sequence", "time", "kind", "data", "previous"}
        is_authentic = is_whole and claimed == digest(body)
    # RecursionError: nested too deep; ValueError: no JSON, too long a number, or text that is no UTF-8.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _tell_of_git(line, number) or corrupt(number, "it is no event") from None
    if not is_whole:
        raise corrupt(number, "it is no event")
    if not is_authentic:
        raise corrupt(number, "its content doesn't fit its digest")
    # Python takes 1.0 and true for 1, and other readers of the file needn't.
    if body["previous"] != previous or body["sequence"] != number or type(body["sequence"]) is not int:
        raise corrupt(number, "it doesn't follow the line before")
    value = _value_of(body, number, find_key)
    return LedgerEvent(
        sequence=number,
        kind=body["kind"],
        value=value,
        previous=previous,
        digest=claimed,
        is_authentic=_is_proved(body, value, find_key),
    )


class _Line(Struct, Generic[T], gc=False):
    """The keys of a line as `write_line` sorts them; its data are an event without its time, or text."""

    data: T
    digest: str
    kind: str
    previous: str
    sequence: int
    time: dt.datetime


def _read_layouts(lines: Sequence[bytes]) -> Iterator[tuple[bytes, _Line[Any] | None, str]]:
    """Each line, what `_read_alike` makes of it, and its right digest.

    All lines go through one step after the other, those of one kind together: a processor is faster at what it did just
    before.
    """
    # Behind the data no text has such a part, for the quotes in it are escaped.
    cuts = [line.rfind(_KIND_KEY) for line in lines]
    digests = [
        # A line's digest is that of the line without it.
        "sha256:" + hashlib.sha256(line[: cut - _DIGEST] + line[cut:]).hexdigest()
        for line, cut in zip(lines, cuts, strict=True)
    ]
    places: dict[bytes, list[int]] = {}
    for place, (line, cut) in enumerate(zip(lines, cuts, strict=True)):
        start = cut + len(_KIND_KEY)
        places.setdefault(line[start : line.find(b'"', start)], []).append(place)
    layouts: list[_Line[Any] | None] = [None] * len(lines)
    for kind, alike in places.items():
        for place, read in zip(alike, _read_alike(kind, [lines[place] for place in alike]), strict=True):
            layouts[place] = read
    return zip(lines, layouts, digests, strict=True)


def _read_alike(kind: bytes, lines: Sequence[bytes]) -> list[_Line[Any] | None]:
    """Lines of one kind, each with its event and this with the line's time; with its data's text where they are sealed.

    None if it may have a MAC, isn't canonical JSON, or holds what can't be right: then somebody who decodes and encodes
    the line, as the slow way does, has another digest, or the slow way says what is wrong. What is read is encoded
    again and compared.
    """
    decode = _TYPED_LINES.get(kind)
    found = [None if decode is None else _read_with(decode, line) for line in lines]
    if not all(found) or _encode_lines(found) != b"\n".join((*lines, b"")):
        found = [
            read if read and _encode(read) == line else _read_with(_read_by_text, line)
            for line, read in zip(lines, found, strict=True)
        ]
    plain = [read for read in found if read and not isinstance(read.data, msgspec.Raw)]
    for read in plain:
        # Nothing else has the event yet, and a copy would take longer than to read it.
        msgspec.structs.force_setattr(read.data, "time", read.time)
    if _are_right([read.data for read in plain]):
        return found
    return [
        read if read and (isinstance(read.data, msgspec.Raw) or _are_right([read.data])) else None for read in found
    ]


def _read_with(read: Callable[[bytes], T], line: bytes) -> T | None:
    """What `read` makes of a line; None if it can't."""
    try:
        return read(line)
    except (ValueError, RecursionError):
        return None


def _read_by_text(line: bytes) -> _Line[Any] | None:
    """A line that another version laid out, or that is sealed, as `_read_alike` gives it, nothing checked.

    Raises ValueError, RecursionError.
    """
    read: _Line[Any] = _decode_text(line)
    is_canonical = _encode(read) == line and _encode(_decode_data(read.data)) == bytes(read.data)
    if not is_canonical or read.kind not in _KEYLESS:
        return None
    if _SEALED not in _split(read.data):
        read.data = _reader_of(read.kind)(_with_time(read))
    return read


def _event_of(read: _Line[msgspec.Raw], find_key: FindKey) -> Event | None:
    """The event in a line whose data are sealed, nothing checked; None if there is none."""
    with suppress(ValueError, RecursionError):
        return _unsealed(read.kind, _with_time(read), find_key)
    return None


def _with_time(read: _Line[msgspec.Raw]) -> bytes:
    """The text of a line's data, the line's time in it."""
    return bytes(read.data)[:-1] + b',"time":%b}' % _encode(read.time)


def _seal(data: dict[str, Any], hidden: Collection[str], key: LedgerKey, previous: str) -> dict[str, Any]:
    """`data` with its hidden part sealed for this place in this ledger."""
    part = {name: item for name, item in data.items() if name in hidden}
    rest = {name: item for name, item in data.items() if name not in hidden}
    return rest | {_SEALED: key.seal(canonical_json(part), place=previous)}


def _authenticated(body: Mapping[str, Any]) -> bytes:
    """What the MAC covers: the line without digest and MAC."""
    data = {name: item for name, item in body["data"].items() if name != _MAC}
    return canonical_json({**body, "data": data})


def _is_proved(body: Mapping[str, Any], value: Event, find_key: FindKey) -> bool:
    if not isinstance(value, PlanApproved | PlanRehearsed) or not value.mac:
        return False
    key = find_key()
    # What could just be decoded may be nested too deeply to be encoded a frame further in.
    with suppress(RecursionError):
        return key is not None and key.is_authentic(_authenticated(body), value.mac)
    return False


def _data_of(value: Event) -> dict[str, Any]:
    """What stands under `data`. The line itself has the time; a receipt, which people also read alone, has it twice."""
    if isinstance(value, OpaqueEvent):
        return dict(value.data)
    others = {"kind", "time"} if isinstance(value, SealedEvent) else set() if isinstance(value, Receipt) else {"time"}
    return {key: item for key, item in msgspec.to_builtins(value).items() if key not in others}


def _value_of(body: dict[str, Any], number: int, find_key: FindKey) -> Event:
    """The typed event. Raises LedgerCorrupt if it doesn't fit its kind's type."""
    kind, data = body["kind"], body["data"]
    try:
        if isinstance(kind, str) and isinstance(data, dict) and kind not in EVENT_TYPES:
            value: Event = OpaqueEvent(kind=kind, data=data, time=dt.datetime.fromisoformat(body["time"]))
        elif _SEALED in data:
            value = _unsealed(kind, canonical_json(data | {"time": body["time"]}), find_key)
        else:
            value = _reader_of(kind)(canonical_json({**data, "time": body["time"]}))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise corrupt(number, f"its content is no {kind}" if isinstance(kind, str) else "it is no event") from None
    for key in _find_wrong([value]):
        raise corrupt(number, f"its {key} can't be right")
    return value


def _unsealed(kind: str, text: bytes, find_key: FindKey) -> Event:
    """The event in the text of its data and time: whole where the key is here, else what stands in plain of it.

    Raises what `_reader_of` says.
    """
    parts = _split(text)
    sealed = _read_text(parts.pop(_SEALED))
    plain, key, read = msgspec.json.encode(parts), find_key(), _reader_of(kind)
    hidden = key.unseal(sealed) if key is not None else None
    if hidden is not None:
        # Of a key that stands in both, what was sealed counts.
        return read(plain[:-1] + b"," + hidden[1:])
    try:
        return read(plain)
    except ValueError:
        return _read_sealed(msgspec.json.encode(parts | {"kind": kind, _SEALED: sealed}))


#: What decodes a line of each kind, which stands here as it is written; kinds of two types are rare.
_TYPED_LINES: Final[Mapping[bytes, Callable[[bytes], _Line[Any]]]] = {
    kind.encode(): msgspec.json.Decoder(_Line[types[0]]).decode  # type: ignore[valid-type]  # a type that is looked up
    for kind, types in EVENT_TYPES.items()
    if kind in _KEYLESS and len(types) == 1
}
_decode_text: Final = msgspec.json.Decoder(_Line[msgspec.Raw]).decode
#: What the data of an event is made of. Anything else, such as a number with a fraction, which two libraries may write
#: in two ways, or deeper nesting, is left to the slow way.
_Scalar: TypeAlias = str | int | bool | None
_Item: TypeAlias = _Scalar | list[_Scalar] | dict[str, _Scalar]
_decode_data: Final = msgspec.json.Decoder(dict[str, _Scalar | list[_Item] | dict[str, _Item]]).decode
#: Of such values, and of events, it writes what `canonical_json` does.
_encoder: Final = msgspec.json.Encoder(order="sorted")
_encode, _encode_lines = _encoder.encode, _encoder.encode_lines
_split: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_text: Final = msgspec.json.Decoder(str).decode
_read_sealed: Final = msgspec.json.Decoder(SealedEvent).decode


@cache
def _reader_of(kind: str) -> Callable[[bytes], Event]:
    """What makes an event of this kind from JSON text; its errors are ValueErrors, and RecursionError."""
    first, *others = (msgspec.json.Decoder(type_).decode for type_ in EVENT_TYPES[kind])
    if not others:
        return first
    (second,) = others

    def read(text: bytes) -> Event:
        try:
            return first(text)
        except ValueError:
            return second(text)

    return read


def _are_right(values: Iterable[Event]) -> bool:
    """Whether `_find_wrong` finds nothing in events of any types."""
    by_type: dict[type[Event], list[Event]] = {}
    for value in values:
        by_type.setdefault(type(value), []).append(value)
    return not any(map(_find_wrong, by_type.values()))


def _find_wrong(values: Sequence[Event]) -> list[str]:
    """The fields of events of one type that hold, though of the right type, what none of them can."""
    names, values_of, checks = _CHECKED_FIELDS[type(values[0])]
    columns = zip(*map(values_of, values), strict=True)
    return [name for name, are_right, column in zip(names, checks, columns, strict=True) if not are_right(column)]


def _are_times(times: Iterable[dt.datetime | UnsetType | None]) -> bool:
    """Whether they are in UTC, and days as below; of an event without a time it is neither."""
    return all(
        time is None
        or (
            time is not UNSET
            and (time.tzinfo is dt.UTC or time.utcoffset() == _NO_OFFSET)
            and _FIRST_YEAR <= time.year <= _LAST_YEAR
        )
        for time in times
    )


def _are_days(days: Iterable[dt.date | None]) -> bool:
    """Whether years can be counted from them in both directions: at the calendar's ends nothing can be added."""
    return all(day is None or _FIRST_YEAR <= day.year <= _LAST_YEAR for day in days)


def _are_names(names: Sequence[str]) -> bool:
    """Whether they are normalized."""
    text = "/".join(("", *names, "")).encode("ascii", "replace")
    are_plain = text.translate(None, _IN_NAMES) == b"/" * (len(names) + 1) and b"//" not in text.replace(b"-", b"/")
    # The few that are normalized and look strange.
    return are_plain or all(map(is_normalized_name, names))


def _are_versions(versions: Iterable[str]) -> bool:
    return all(map(is_version, frozenset(versions)))


def _are_files(lists: Iterable[Sequence[tuple[str, str]]]) -> bool:
    """Whether these are names without a folder, as the outbox needs them, and sha256 digests; empty where an index
    shows none.
    """
    files = [*chain.from_iterable(lists)]
    if not files:
        return True
    names, digests = zip(*files, strict=True)
    text = "/".join(("", *names, "")).encode("ascii", "replace")
    are_names = text.translate(None, _IN_FILE_NAMES) == b"/" * (len(names) + 1)
    return (
        are_names
        and b"//" not in text
        and b"/." not in text
        and {*map(len, digests)} <= {0, 64}
        and not "".join(digests).encode("ascii", "replace").translate(None, _IN_DIGESTS)
    )


def _are_limits(all_limits: Iterable[SeenLimits | None]) -> bool:
    given = [limits for limits in all_limits if limits is not None]
    quotas = [limits.quota for limits in given if limits.quota is not None]
    are_counted = all(quota.limit >= 0 and 0 < quota.window_s <= _WINDOW_S_MAX for quota in quotas)
    return are_counted and _are_times(limits.closed_until for limits in given)


def _are_sent(all_sent: Iterable[SentPlaceholder | None]) -> bool:
    given = [sent for sent in all_sent if sent is not None]
    return (
        _are_versions(sent.version for sent in given)
        and _are_files(sent.files for sent in given)
        and _are_days(sent.withdraw_on for sent in given)
    )


#: What the values of these fields must be beside their types, of many events at once.
_CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "time": _are_times,
    "slot_time": _are_times,
    "uploaded": _are_times,
    "date": _are_days,
    "withdraw_on": _are_days,
    "limits": _are_limits,
    "sent": _are_sent,
    "name": _are_names,
    "target": _are_names,
    "names": lambda lists: _are_names([*chain.from_iterable(lists)]),
    "seen": lambda looks: all(is_normalized_name(name) and serial >= 0 for seen in looks for name, serial in seen),
    "version": _are_versions,
    "files": _are_files,
}


def _checks_of(
    type_: type[Event],
) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]], tuple[Callable[[Any], bool], ...]]:
    """The names of a type's checked fields, what gets their values, and their checks."""
    names = tuple(name for name in type_.__struct_fields__ if name in _CHECKS)
    # The time of every event is checked; of a single name `attrgetter` gives the value alone.
    values_of = attrgetter(*names) if len(names) > 1 else lambda value: (value.time,)
    return names, values_of, tuple(_CHECKS[name] for name in names)


_TYPES: Final[tuple[type[Event], ...]] = (*_KINDS, OpaqueEvent, SealedEvent)
_CHECKED_FIELDS: Final = {type_: _checks_of(type_) for type_ in _TYPES}

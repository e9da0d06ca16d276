"""JSON documents that namehold writes and reads, and the canonical form behind every digest.

    text = dump("plan", plan)
    plan = load("plan", Plan, text, path="plan.json")
    digest(plan)

The canonical form is RFC 8785's for everything that namehold digests: texts, whole numbers, lists and tables with
ASCII keys. Floats are written as Python writes them, so that what was digested once stays verifiable.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from namehold.errors import Diagnostic, InputError
from namehold.text import single_line

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")

#: The command that writes a kind of document.
_WRITERS: Mapping[str, str] = {
    "plan": "namehold plan",
    "rehearsal": "namehold rehearse",
    "letter": "namehold letter prohibit",
    "register": "namehold register",
}


#: Marks around the values of a document that is read as a whole. A value takes some 70 bytes of memory, twice.
_MOST_VALUES = 5_000_000
#: Of what is wrong with a value, which may hold the value itself, so many characters are shown.
_MOST_TOLD = 200
#: JSON may hold half of a surrogate pair.
_WITH_HALVES = "surrogatepass"
#: Half of a surrogate pair may be escaped like this.
_SURROGATE = "\\ud"


def schema_of(kind: str) -> str:
    """The value of a document's `schema` key: `namehold/<kind>/1`."""
    return f"namehold/{kind}/1"


def dump(kind: str, value: Any) -> str:
    """`value` (a dataclass or a dictionary) as an indented JSON document of this kind, with a final newline."""
    return show_json({"schema": schema_of(kind), **as_plain(value)}, indent=1) + "\n"


#: What JSON allows in a text as it is, and a terminal obeys or doesn't show: C1, marks of direction, joiners, tags.
_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


#: How U+E0000 to U+E0FFF begin in UTF-8.
_TAGS = b"\xf3\xa0"
#: What shows in every text, and what ends a line.
_PLAIN = bytes(range(ord(" "), ord("~") + 1)) + b"\n"
#: So many lines of a document are written at once.
_LINES_AT_ONCE = 200


def show_json(value: Any, *, indent: int | None = None) -> str:
    """JSON text in which letters of all languages stand as they are; what doesn't show is escaped, so that it does."""
    return _escape_unseen(json.dumps(value, indent=indent, ensure_ascii=False).encode(errors=_WITH_HALVES))


def _escape_unseen(json_text: bytes) -> str:
    text, rest = (part.decode(errors=_WITH_HALVES) for part in (json_text, json_text.translate(None, _PLAIN)))
    # Of what doesn't show, only selectors near the tags count as printable.
    if rest.isprintable() and _TAGS not in json_text:
        return text
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def dump_records(kind: str, value: Any) -> Iterator[str]:
    """A dataclass as the pieces of a JSON document with one line for each item of its sequences.

    The same values as `dump` writes, compact and readable in a diff; numbers with a fraction have their shortest text.
    Thousands of lines are never held as text at once.
    """
    yield f'{{\n"schema":{_encode(schema_of(kind))}'
    for field in dataclasses.fields(value):
        items = getattr(value, field.name)
        yield f",\n{_encode(field.name)}:"
        if isinstance(items, Sequence) and items and (dataclasses.is_dataclass(items[0]) or _is_record(items[0])):
            for start in range(0, len(items), _LINES_AT_ONCE):
                yield f"{',' if start else '['}\n{_encode(*items[start : start + _LINES_AT_ONCE])}"
            yield "\n]"
        else:
            yield _encode(items)
    yield "\n}\n"


def _encode(*values: Any) -> str:
    """Values as JSON, each on a line that ends with a comma but for the last, as `show_json` leaves their letters."""
    try:
        lines = _encode_lines()(values)[:-1].replace(b"\n", b",\n")
    except UnicodeEncodeError:
        # Half of a surrogate pair is no text in UTF-8.
        texts = (json.dumps(as_plain(value), ensure_ascii=False, separators=(",", ":")) for value in values)
        lines = ",\n".join(texts).encode(errors=_WITH_HALVES)
    return _escape_unseen(lines)


@cache
def _encode_lines() -> Callable[[Any], bytes]:
    """What writes dataclasses and what JSON has: a large plan has a million of them."""
    import msgspec  # noqa: PLC0415 -- only writers of large documents pay for it

    return msgspec.json.Encoder(enc_hook=as_plain).encode_lines


def parse_json(
    content: bytes, *, most_values: int, pairs_hook: Callable[[list[tuple[str, Any]]], Any] | None = None
) -> Any:
    """The value in a JSON text from outside that holds at most so many values and keys.

    They are counted by the marks around them before anything is read, because each takes some 70 bytes of memory where
    it may have taken two of the text. A mark within a text counts, too. `pairs_hook` makes
    each table's value.
    Raises ValueError where there are more, where it isn't JSON or is nested too deeply, or where Python can't read it.
    """
    if sum(map(content.count, (b",", b":", b"[", b"{"))) > most_values:
        raise ValueError(f"it holds more than {most_values:,} values")
    # Python's own way would let half of a surrogate pair pass, which can be written nowhere.
    text = content.decode(json.detect_encoding(content))
    try:
        found = json.loads(text, object_pairs_hook=pairs_hook)
        if _SURROGATE in text.lower():
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return found


def load(kind: str, type_: type[T], text: str, *, path: str, is_plain: bool = False) -> T:
    """The value of type `type_` in a JSON document of this kind.

    Args:
        kind: the kind that the document must have.
        type_: a dataclass.
        text: the document.
        path: where it was read, for messages.
        is_plain: `type_` is without constraints of pydantic's, and can be read as `load_line` does it.

    Raises:
        InputError: the text isn't JSON, is of another kind, or doesn't fit the type; with every reason at once.
    """
    # Windows' editors and shells write a byte order mark.
    text = text.removeprefix("\ufeff")
    if sum(map(text.count, ",:[{")) > _MOST_VALUES:
        raise _refuse(kind, path, f"can't be read: it holds more than {_MOST_VALUES:,} values")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        reason = Diagnostic(
            message=f"this isn't JSON: {error.msg}",
            rule="document-json",
            path=path,
            line=error.lineno,
            column=error.colno,
            fix=_again(kind),
        )
        raise _refuse(kind, path, "can't be read", reason) from None
    except (RecursionError, ValueError):
        # ValueError: a number of more digits than Python reads.
        raise _refuse(kind, path, "can't be read: it is nested too deeply, or holds too long a number") from None
    found = document.get("schema") if isinstance(document, dict) else None
    if found != schema_of(kind):
        message = f"the schema is {found!r}, not {schema_of(kind)!r}"
        reason = Diagnostic(message=message, rule="document-schema", path=path, fix=_again(kind))
        raise _refuse(kind, path, "is another document", reason)
    return load_line(kind, type_, text.encode(), path=path) if is_plain else load_record(kind, type_, text, path=path)


def load_record(kind: str, type_: type[T], text: str | bytes, *, path: str) -> T:
    """The value of type `type_` in JSON that is a part of a document of this kind. Raises InputError."""
    from pydantic import ValidationError  # noqa: PLC0415 -- only readers of documents pay for it

    try:
        value: T = adapter_of(cast("Any", type_)).validate_json(text)
    except ValidationError as error:
        reasons = (
            Diagnostic(
                message=f"{'.'.join(str(part) for part in fault['loc'])}: {single_line(fault['msg'], most=_MOST_TOLD)}",
                rule="document-value",
                path=path,
                fix=f"don't edit it by hand; {_again(kind)}",
            )
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise _refuse(kind, path, f"doesn't fit {schema_of(kind)}", *reasons) from None
    return value


def load_line(kind: str, type_: type[T], line: bytes, *, path: str) -> T:
    """As `load_record`, for the many lines of a large document; `type_` must be without constraints of pydantic's.

    What this refuses, `load_record` judges and explains.
    """
    try:
        value: T = decoder_of(cast("Any", type_))(line)
    except (ValueError, RecursionError):
        return load_record(kind, type_, line, path=path)
    return value


@cache
def decoder_of(type_: Any) -> Callable[[bytes], Any]:
    """What reads JSON into values of records, plain dataclasses and named tuples; made once for each type.

    Its errors are ValueErrors, and RecursionError.
    """
    import msgspec  # noqa: PLC0415 -- only readers of documents pay for it

    return msgspec.json.Decoder(type_).decode


@cache
def adapter_of(type_: Any) -> TypeAdapter[Any]:
    """What reads JSON into values of `type_` and checks them; made once for each type. Its errors are ValueErrors."""
    from pydantic import TypeAdapter  # noqa: PLC0415 -- only readers of documents pay for it

    return TypeAdapter(type_)


def _refuse(kind: str, path: str, message: str, *reasons: Diagnostic) -> InputError:
    return InputError(f"{path} {message}", fix=_WRITERS.get(kind, ""), diagnostics=reasons)


def _again(kind: str) -> str:
    """What a person does to have a document of this kind again."""
    writer = _WRITERS.get(kind)
    return f"write it again: {writer}" if writer else f"give a file that namehold wrote as {schema_of(kind)}"


def as_plain(value: Any) -> Any:
    """Dataclasses, structs, tuples, dates and enums as what JSON has; their fields keep their order.

    Raises TypeError for anything else that JSON lacks.
    """
    if isinstance(value, str):  # StrEnum included: json writes its value
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): as_plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if _is_record(value):
        return {name: as_plain(getattr(value, name)) for name in value.__struct_fields__}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _is_record(value: Any) -> bool:
    """Whether it is a `Struct` of msgspec's, which isn't imported for this."""
    return hasattr(type(value), "__struct_fields__")


#: `as_plain` is asked only for what JSON lacks: a ledger of 100,000 lines is all plain already.
_encode_canonical = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=as_plain
).encode


def canonical_json(value: Any) -> bytes:
    """`value` as UTF-8 JSON with sorted keys and no white space. Raises ValueError for NaN and infinity."""
    return _encode_canonical(value).encode()


def digest(value: Any) -> str:
    """`sha256:` and the hexadecimal digest of the canonical form of `value`."""
    return "sha256:" + hashlib.sha256(canonical_json(value)).hexdigest()


def as_table(value: Any, *keys: str) -> dict[str, Any]:
    """The table under these keys of a table, or `value` itself; an empty one where anything else stands."""
    for key in keys:
        value = as_table(value).get(key)
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """`value` where it is a list; an empty one where anything else stands."""
    return value if isinstance(value, list) else []


#: Python's reader takes the square of a dotted key's parts.
_MOST_DOTS_A_LINE = 500


def load_toml(text: str) -> dict[str, Any] | None:
    """The table in a TOML text of others; None where it can't be read, or would take too long."""
    import tomllib  # noqa: PLC0415 -- start-up time

    if any(line.count(".") > _MOST_DOTS_A_LINE for line in text.split("\n")):
        return None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        # ValueError: no TOML, or a number of more digits than Python reads.
        return None

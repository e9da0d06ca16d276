"""From a file's bytes to a checked shape, or to everything that is wrong with the file, each with place, rule and fix.

pydantic's errors are put into the words of YAML; what keys are called and what they look like comes from the shape.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from namehold.errors import ConfigError, Diagnostic
from namehold.files import open_named
from namehold.portfolio.checks import find_days_over, find_days_to_come
from namehold.portfolio.package_shape import Shape
from namehold.portfolio.rules import RULES
from namehold.portfolio.yaml import MAX_FILE_BYTES, MAX_TOLD, Document, Location, read_document

S = TypeVar("S", bound=Shape)

_A_DATE = ("a date", "write it as 2026-12-31")
_A_MAPPING = ("a mapping", "write `key: value` lines, indented below the key")
#: pydantic's error types -> what the value should have been, and how that is written.
_EXPECTED = {
    "string_type": ("a text", "put quotes round it if it is meant as text"),
    "int_type": ("a whole number", "write digits alone, without quotes"),
    "float_type": ("a number", "write it without quotes, as 0.01"),
    "bool_type": ("true or false", "write true or false, without quotes"),
    "tuple_type": ("a list", "write a list, one `- value` a line, or [value, value]"),
    "dict_type": _A_MAPPING,
    "model_type": _A_MAPPING,
    "model_attributes_type": _A_MAPPING,
    "date_type": _A_DATE,
    "date_from_datetime_parsing": _A_DATE,
    "date_from_datetime_inexact": _A_DATE,
    "date_parsing": _A_DATE,
}
#: What a value is, in the words of YAML.
_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number with a decimal point",
    str: "a text",
    list: "a list",
    dict: "a mapping",
    dt.date: "a date",
    dt.datetime: "a date with a time",
}


def read_content(path: Path) -> bytes:
    """The bytes of a file that may be a names.yaml or an evidence.yaml.

    Raises FileNotFoundError, and ConfigError where there is something that can't be read or is too large.
    """
    try:
        with open_named(path) as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unusable(path, f"it can't be read: {error.strerror}", "give a readable file") from None
    if len(content) > MAX_FILE_BYTES:
        raise unusable(path, f"it has more than {MAX_FILE_BYTES:,} bytes", f"give a {path.name}")
    return content


_GIVE_FILE = "call again with --config FILE, or NAMEHOLD_CONFIG"


def unusable(path: Path, message: str, fix: str, next_step: str = _GIVE_FILE) -> ConfigError:
    """The error of a file that can't be read at all."""
    diagnostic = Diagnostic(message=message, rule="config-file", fix=fix, path=str(path))
    return ConfigError(f"{path} can't be used", fix=next_step, diagnostics=(diagnostic,))


def fit(
    content: bytes,
    shape: type[S],
    *,
    path: str,
    is_demo: bool = False,
    today: dt.date | None = None,
    cross_check: Callable[[Document], Iterable[Diagnostic]],
) -> tuple[S, tuple[Diagnostic, ...]]:
    """The shape that a file's bytes fit, and warnings in the order of the file.

    `path` is what diagnostics call the file; `cross_check` finds what is wrong between its values. `is_demo`, or the
    file's own `demo: true`: addresses may be examples. `today`: observations of days to come, and a review date that is
    over, are warned of.
    Raises ConfigError with everything that is wrong at once, in the order of the file, warnings included.
    """
    document = read_document(content, path=path)
    found, untold = list(document.diagnostics), document.untold
    fitting = None
    if isinstance(document.values, dict):
        try:
            context = {"demo": is_demo or document.values.get("demo") is True}
            fitting = shape.model_validate(document.values, context=context)
        except ValidationError as error:
            faults, is_follow_up = _Faults(document, shape), _follow_ups(document.diagnostics)
            new = [faults.fault(reason) for reason in error.errors(include_url=False)[:MAX_TOLD]]
            untold += error.error_count() - len(new)
            found += [fault for fault in new if not is_follow_up(fault)]
        found += cross_check(document)
        if today is not None:
            found += [*find_days_to_come(document, today), *find_days_over(document, today)]
    elif document.values is not None:
        given = _KINDS.get(type(document.values), "another value")
        key = next((key for key, field in _fields(shape).items() if field.is_required()), "")
        fix = f"begin with `{key}:`, and below it write one `- value` a line" if key else _A_MAPPING[1]
        found.append(document.fault("config-yaml", (), f"the file holds {given} in place of keys and values", fix=fix))
    found.sort(key=lambda item: (item.line or 0, item.column or 0))
    count = sum(item.severity == "error" for item in found) + untold
    if fitting is None or count:
        message = f"{path} has {count} error{'s' if count > 1 else ''}; nothing was done"
        raise ConfigError(
            message,
            fix="correct what the lines above name, then call again; namehold schema explains every key",
            diagnostics=tuple(found),
        )
    return fitting, tuple(found)


def _follow_ups(earlier: Iterable[Diagnostic]) -> Callable[[Diagnostic], bool]:
    """Whether the YAML was already blamed: for the value that stands here, or for a hidden character in its line."""
    places = {(item.line, item.column) for item in earlier}
    hidden = {item.line for item in earlier if item.rule == "config-invisible"}
    return lambda fault: (
        (fault.line, fault.column) in places or (fault.rule == "config-invisible" and fault.line in hidden)
    )


class _Faults:
    """Puts pydantic's errors about a document into diagnostics."""

    def __init__(self, document: Document, root: type[Shape]) -> None:
        self._document = document
        self._root = root

    def fault(self, reason: ErrorDetails) -> Diagnostic:
        """One error as a diagnostic with rule, place and fix."""
        document, kind, context = self._document, reason["type"], reason.get("ctx", {})
        # pydantic marks an error of a mapping's key by a last part '[key]'.
        at_key = reason["loc"][-1:] == ("[key]",)
        location = reason["loc"][:-1] if at_key else reason["loc"]
        key = str(location[-1]) if location else ""
        if kind == "extra_forbidden":
            message, fix = f"the key `{key}` is unknown here", self._suggestion(key, location[:-1])
            return document.key_fault("config-unknown-key", location, message, fix=fix)
        if kind == "missing":
            where = next((f" under `{part}`" for part in reversed(location[:-1]) if isinstance(part, str)), "")
            fix = self._addition(key, location[:-1])
            return document.fault("config-missing-key", location[:-1], f"`{key}` is missing{where}", fix=fix)
        rule, message, fix = "config-value", reason["msg"][:1].lower() + reason["msg"][1:], _SEE_REFERENCE
        if kind in RULES:
            rule, message, fix = kind, str(context["message"]), str(context["fix"])
        elif kind in _EXPECTED:
            message, fix = _of_wrong_type(kind, reason["input"]), self._rewriting(kind, key, reason["input"])
            rule = "config-type"
        elif kind in {"enum", "literal_error"}:
            message, fix = f"{reason['input']!r} is none of the allowed values", f"choose {context['expected']}"
        elif kind == "string_pattern_mismatch":
            message, fix = f"{reason['input']!r} has another form than it must have", self._example(key, location[:-1])
        elif kind == "greater_than_equal":
            message, fix = f"{reason['input']} is too little", f"write at least {_number(context['ge'])}"
        elif kind == "less_than_equal":
            message, fix = f"{reason['input']} is too much", f"write at most {_number(context['le'])}"
            if location in {("budget", "total"), ("budget", "per_package")}:
                rule, fix = "config-budget", f"write {context['le']} or less; no key or flag lifts this ceiling"
        fault = document.key_fault if at_key else document.fault
        return fault(rule, location, self._named(location, message), fix=fix)

    def _named(self, location: Location, message: str) -> str:
        """The message with the key that it is about in front: the last one that stands in the file."""
        given = (end for end in range(len(location), 0, -1) if location[:end] in self._document.key_places)
        return next((f"`{location[end - 1]}`: {message}" for end in given), message)

    def _rewriting(self, kind: str, key: str, given: object) -> str:
        """How to write a value of another type; quotes make no text of several values."""
        if kind != "string_type" or not isinstance(given, dict | list):
            return _EXPECTED[kind][1]
        is_section = isinstance(given, dict) and key in _fields(self._root)
        return f"write one text{f'; these keys belong under `{key}` at the top level' if is_section else ''}"

    def _addition(self, key: str, around: Location) -> str:
        """How to add a missing key, with an example where the shape has one."""
        examples = field_at(self._root, around, key).examples or ()
        return f"add `{key}: {examples[0]}`, with your own value" if examples else f"add `{key}`"

    def _example(self, key: str, around: Location) -> str:
        """How to write a value of a fixed form."""
        field = field_at(self._root, around, key)
        return f"write it like {next(iter(field.examples or ()))}: {str(field.description).rstrip('.').lower()}"

    def _suggestion(self, key: str, around: Location) -> str:
        """The likeliest key that was meant: the same one elsewhere, or a near one here."""
        here = list(_fields(_shape_at(self._root, around)))
        word = key.lower().replace("-", "_")
        # `package` at the top is `packages` rather than what an observation has.
        if likely := difflib.get_close_matches(word, here, n=1, cutoff=0.85):
            return f"did you mean `{likely[0]}`?"
        for parent in ("", *_fields(self._root)):
            section = _shape_at(self._root, (parent,))
            if key in _fields(section) and (section is not self._root or not parent):
                return f"it belongs under `{parent}`" if parent else "it belongs at the top level"
        near = difflib.get_close_matches(word, here, n=1, cutoff=0.6)
        return f"did you mean `{near[0]}`?" if near else f"keys here are {', '.join(here)}"


_SEE_REFERENCE = "namehold schema tells every key"


def _number(value: float) -> str:
    """A bound as people write it: `1,000,000`, `0.5`."""
    return f"{value:,.15g}"


def field_at(root: type[BaseModel], around: Location, key: str) -> FieldInfo:
    """The field behind `key` in the mapping at `around`."""
    return _fields(_shape_at(root, around))[key]


@cache
def _fields(shape: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The fields of a shape by their keys in the file."""
    return {field.alias or name: field for name, field in shape.model_fields.items()}


def _shape_at(shape: type[BaseModel], location: Location) -> type[BaseModel]:
    """The shape of the mapping at `location`; the one around it where there is none."""
    for part in location:
        field = _fields(shape).get(str(part))
        shape = next(_shapes_in(field.annotation), shape) if field else shape
    return shape


def _shapes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _shapes_in(argument)


def _of_wrong_type(kind: str, given: object) -> str:
    """What is said of a value that has another type than it must have."""
    if kind == "date_parsing" and isinstance(given, str) and given[:1].isdigit():
        return f"{given!r} is no date of the calendar"
    return f"this should be {_EXPECTED[kind][0]}, not {_KINDS.get(type(given), 'nothing')}"

"""From the bytes of a names.yaml to a portfolio, or to every reason why there is none."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from namehold.config.checks import cross_check
from namehold.config.conversion import portfolio_of
from namehold.config.document import Document, Location, read_document
from namehold.config.rules import RULES
from namehold.config.shape import FileShape
from namehold.digests import digest
from namehold.errors import Diagnostic
from namehold.models import Portfolio

# pydantic's error types -> what the value should have been.
_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a date",
    "date_from_datetime_parsing": "a date",
    "date_from_datetime_inexact": "a date",
    "date_parsing": "a date",
}
_FIXES = {
    "a text": "put quotes round it if it is meant as text",
    "true or false": "write true or false, without quotes",
    "a list": "write a list, one `- value` a line, or [value, value]",
    "a mapping": "write `key: value` lines, indented below the key",
    "a date": "write it as 2026-12-31",
    "a whole number": "write digits without quotes",
    "a number": "write it without quotes, as 0.01",
}


def parse(content: bytes, *, path: str) -> tuple[Portfolio | None, tuple[Diagnostic, ...]]:
    """The portfolio and the warnings, or None and everything that is wrong, in the order of the file."""
    document = read_document(content, path=path)
    found = list(document.diagnostics)
    shape = None
    if isinstance(document.values, dict):
        shape, faults = _shape(document, path)
        # Where the YAML itself is at fault, the value that is missing for it is no second fault.
        blamed = {(item.line, item.column) for item in document.diagnostics}
        found += [fault for fault in faults if (fault.line, fault.column) not in blamed]
        found += cross_check(document, path=path)
    elif document.values is not None:
        found.append(_diagnostic(document, (), path, "config-yaml", "this is no mapping", _FIXES["a mapping"]))
    found.sort(key=lambda item: (item.line or 0, item.column or 0))
    if shape is None or any(item.severity == "error" for item in found):
        return None, tuple(found)
    portfolio = portfolio_of(shape)
    return replace(portfolio, digest=digest(portfolio)), tuple(found)


def _shape(document: Document, path: str) -> tuple[FileShape | None, list[Diagnostic]]:
    """The file's shape, or what doesn't fit it."""
    demo = document.values.get("demo") is True
    try:
        return FileShape.model_validate(document.values, context={"demo": demo}), []
    except ValidationError as error:
        return None, [_fault(reason, document, path) for reason in error.errors(include_url=False)]


def _fault(reason: ErrorDetails, document: Document, path: str) -> Diagnostic:
    """One of pydantic's errors as a diagnostic with rule, place and fix."""
    kind, context = reason["type"], reason.get("ctx", {})
    # pydantic marks an error of a mapping's key by a last part '[key]'.
    at_key = reason["loc"][-1:] == ("[key]",)
    location = reason["loc"][:-1] if at_key else reason["loc"]
    key = str(location[-1]) if location else ""
    if kind == "extra_forbidden":
        place = document.key_place(location)
        message, fix = f"the key `{key}` is unknown here", _suggestion(key, location[:-1])
        return _at(place.line, place.column, path, "config-unknown-key", message, fix)
    if kind == "missing":
        where = f" under `{location[-2]}`" if len(location) > 1 and isinstance(location[-2], str) else ""
        return _diagnostic(
            document, location[:-1], path, "config-missing-key", f"`{key}` is missing{where}", _add(location)
        )
    if kind in RULES:
        return _diagnostic(
            document, location, path, kind, _named(location, str(context["message"])), str(context["fix"])
        )
    if reason["input"] is None:
        message = f"`{key}` has no value"
        return _diagnostic(document, location, path, "config-leftover", message, "write a value or delete the key")
    if kind in _EXPECTED:
        expected = _EXPECTED[kind]
        message = f"this should be {expected}, not {_kind_of(reason['input'])}"
        return _diagnostic(document, location, path, "config-type", _named(location, message), _FIXES[expected])
    place = document.key_place(location) if at_key else document.place(location)
    message = _named(location, reason["msg"][:1].lower() + reason["msg"][1:])
    rule = "config-budget" if location[:1] == ("budget",) else "config-value"
    return _at(place.line, place.column, path, rule, message, _allowed(kind, context))


def _named(location: Location, message: str) -> str:
    """The message with the key that it is about in front."""
    key = next((part for part in reversed(location) if isinstance(part, str)), "")
    return f"`{key}`: {message}" if key else message


def _allowed(kind: str, context: dict[str, Any]) -> str:
    """What to write instead of a value outside of its limits."""
    if kind in {"enum", "literal_error"}:
        return f"choose {context.get('expected', 'another')}"
    limits = [f"{words} {context[key]}" for key, words in _LIMIT_WORDS.items() if key in context]
    return f"write a value of {' and '.join(limits)}" if limits else "see docs/reference/configuration.md"


_LIMIT_WORDS = {"ge": "at least", "le": "at most", "min_length": "at least"}


def _kind_of(value: Any) -> str:
    """What a value is, in the words of YAML."""
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a mapping",
    }
    return names.get(type(value), "a date")


def _add(location: Location) -> str:
    """How to add a missing key, with an example where the shape has one."""
    field = _shape_at(location[:-1]).model_fields.get(str(location[-1]))
    examples = list(field.examples or ()) if field else []
    return f"add `{location[-1]}: {examples[0]}`, with your own value" if examples else f"add `{location[-1]}`"


def _suggestion(key: str, location: Location) -> str:
    """The likeliest key that was meant: a near one here, or the same one elsewhere."""
    here = _keys(_shape_at(location))
    near = difflib.get_close_matches(key.lower().replace("-", "_"), here, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    for parent, shape in _sections():
        if key in _keys(shape):
            return f"it belongs under `{parent}`" if parent else "it belongs at the top level"
    return f"keys here are {', '.join(here)}"


def _keys(shape: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in shape.model_fields.items()]


def _sections() -> Iterator[tuple[str, type[BaseModel]]]:
    """The top level and its sections, with the name of each."""
    yield "", FileShape
    for name in FileShape.model_fields:
        section = _shape_at((name,))
        if section is not FileShape:
            yield name, section


def _shape_at(location: Location) -> type[BaseModel]:
    """The shape of the mapping at `location`; the one around it where there is none."""
    shape: type[BaseModel] = FileShape
    for part in location:
        field = shape.model_fields.get(part) if isinstance(part, str) else None
        shape = next(_shapes_in(field.annotation), shape) if field else shape
    return shape


def _shapes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _shapes_in(argument)


def _diagnostic(document: Document, location: Location, path: str, rule: str, message: str, fix: str) -> Diagnostic:
    place = document.place(location)
    return _at(place.line, place.column, path, rule, message, fix)


def _at(line: int, column: int, path: str, rule: str, message: str, fix: str) -> Diagnostic:
    return Diagnostic(message=message, rule=rule, fix=fix, path=path, line=line, column=column)

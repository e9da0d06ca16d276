"""From a path to a checked portfolio."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, StrictStr, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from namehold.documents import digest
from namehold.errors import ConfigError, Diagnostic
from namehold.portfolio.checks import cross_check
from namehold.portfolio.convert import portfolio_of
from namehold.portfolio.model import Portfolio
from namehold.portfolio.rules import RULES
from namehold.portfolio.shape import FileShape
from namehold.portfolio.yaml import Document, Location, read_document

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
        shape, faults = _shape(document)
        found += [fault for fault in faults if not _is_follow_up(fault, document.diagnostics)]
        found += cross_check(document)
    elif document.values is not None:
        found.append(document.fault("config-yaml", (), "this is no mapping", fix=_FIXES["a mapping"]))
    found.sort(key=lambda item: (item.line or 0, item.column or 0))
    if shape is None or any(item.severity == "error" for item in found):
        return None, tuple(found)
    portfolio = portfolio_of(shape)
    return replace(portfolio, digest=digest(portfolio)), tuple(found)


def _is_follow_up(fault: Diagnostic, earlier: tuple[Diagnostic, ...]) -> bool:
    """Whether the YAML was already blamed: for the value that stands here, or for a hidden character in its line."""
    return any(
        item.line == fault.line and (item.column == fault.column or item.rule == fault.rule == "config-invisible")
        for item in earlier
    )


def text_fault(location: tuple[str, str], text: str) -> str:
    """What is wrong with `text` as the value of a section's key, and the fix; empty if nothing is."""
    field = _shape_at(location[:1]).model_fields[location[1]]
    try:
        TypeAdapter(Annotated[(StrictStr, *field.metadata)]).validate_python(text)
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]
        return f"{reason['msg']}; {reason['ctx']['fix']}"
    return ""


def _shape(document: Document) -> tuple[FileShape | None, list[Diagnostic]]:
    """The file's shape, or what doesn't fit it."""
    demo = document.values.get("demo") is True
    try:
        return FileShape.model_validate(document.values, context={"demo": demo}), []
    except ValidationError as error:
        return None, [_fault(reason, document) for reason in error.errors(include_url=False)]


def _fault(reason: ErrorDetails, document: Document) -> Diagnostic:
    """One of pydantic's errors as a diagnostic with rule, place and fix."""
    kind, context = reason["type"], reason.get("ctx", {})
    # pydantic marks an error of a mapping's key by a last part '[key]'.
    at_key = reason["loc"][-1:] == ("[key]",)
    location = reason["loc"][:-1] if at_key else reason["loc"]
    key = str(location[-1]) if location else ""
    if kind == "extra_forbidden":
        message = f"the key `{key}` is unknown here"
        return document.key_fault("config-unknown-key", location, message, fix=_suggestion(key, location[:-1]))
    if kind == "missing":
        where = next((f" under `{part}`" for part in reversed(location[:-1]) if isinstance(part, str)), "")
        message = f"`{key}` is missing{where}"
        return document.fault("config-missing-key", location[:-1], message, fix=_add(location))
    if kind in RULES:
        return document.fault(
            kind, location, _named(document, location, str(context["message"])), fix=str(context["fix"])
        )
    if kind in _EXPECTED:
        expected = _EXPECTED[kind]
        message = _named(document, location, f"this should be {expected}, not {_kind_of(reason['input'])}")
        return document.fault("config-type", location, message, fix=_FIXES[expected])
    fault = document.key_fault if at_key else document.fault
    if kind in {"enum", "literal_error"}:
        message = _named(document, location, f"{reason['input']!r} is none of the allowed values")
        return fault("config-value", location, message, fix=f"choose {context['expected']}")
    if kind == "string_pattern_mismatch":
        message = _named(document, location, f"{reason['input']!r} has another form than it must have")
        return fault("config-value", location, message, fix=_example(location))
    if kind in {"greater_than_equal", "less_than_equal"}:
        return _limit_fault(document, location, reason)
    message = _named(document, location, reason["msg"][:1].lower() + reason["msg"][1:])
    return fault("config-value", location, message, fix="see docs/reference/configuration.md")


def _limit_fault(document: Document, location: Location, reason: ErrorDetails) -> Diagnostic:
    """A number below or above its limits."""
    context = reason["ctx"]
    word, limit = ("at most", context["le"]) if "le" in context else ("at least", context["ge"])
    message = _named(document, location, f"{reason['input']} is too {'much' if 'le' in context else 'little'}")
    if location in {("budget", "total"), ("budget", "per_package")} and "le" in context:
        fix = f"write {limit} or less; no key or flag lifts this ceiling"
        return document.fault("config-budget", location, message, fix=fix)
    return document.fault("config-value", location, message, fix=f"write {word} {limit:g}")


def _named(document: Document, location: Location, message: str) -> str:
    """The message with the key that it is about in front: the last one that stands in the file."""
    given = (end for end in range(len(location), 0, -1) if location[:end] in document.key_places)
    return next((f"`{location[end - 1]}`: {message}" for end in given), message)


def _kind_of(value: Any) -> str:
    """What a value is, in the words of YAML."""
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a mapping",
        dt.date: "a date",
        dt.datetime: "a date with a time",
    }
    return names.get(type(value), "nothing")


def _add(location: Location) -> str:
    """How to add a missing key, with an example where the shape has one."""
    field = _shape_at(location[:-1]).model_fields.get(str(location[-1]))
    examples = list(field.examples or ()) if field else []
    return f"add `{location[-1]}: {examples[0]}`, with your own value" if examples else f"add `{location[-1]}`"


def _example(location: Location) -> str:
    """How a value is written that has to have one form."""
    field = _shape_at(location[:-1]).model_fields[str(location[-1])]
    return f"write it like {next(iter(field.examples or ()))}: {str(field.description).rstrip('.').lower()}"


def _suggestion(key: str, location: Location) -> str:
    """The likeliest key that was meant: the same one elsewhere, or a near one here."""
    for parent, shape in _sections():
        if key in _keys(shape):
            return f"it belongs under `{parent}`" if parent else "it belongs at the top level"
    here = _keys(_shape_at(location))
    near = difflib.get_close_matches(key.lower().replace("-", "_"), here, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else f"keys here are {', '.join(here)}"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPortfolio:
    """What a names.yaml says, and what it should be looked at for; warnings stop nothing."""

    portfolio: Portfolio
    warnings: tuple[Diagnostic, ...] = ()


def load_portfolio(path: Path) -> LoadedPortfolio:
    """The portfolio in the file at `path`.

    Raises ConfigError with every reason at once, in the order of the file, warnings included.
    """
    from namehold.portfolio.yaml import MAX_FILE_BYTES  # noqa: PLC0415 -- ruamel.yaml: only readers of a file pay

    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise _unreadable(path, "there is no such file", "write it with `namehold init`", "namehold init") from None
    except OSError as error:
        raise _unreadable(path, f"it can't be read: {error.strerror}", "give a readable file", _GIVE_FILE) from None
    if len(content) > MAX_FILE_BYTES:
        raise _unreadable(path, f"it has more than {MAX_FILE_BYTES:,} bytes", "give a names.yaml", _GIVE_FILE)
    return read_portfolio(content, path=str(path))


def read_portfolio(content: bytes, *, path: str) -> LoadedPortfolio:
    """The portfolio in a file's bytes; `path` is what its diagnostics call the file. Raises ConfigError."""
    portfolio, diagnostics = parse(content, path=path)
    if portfolio is None:
        count = sum(item.severity == "error" for item in diagnostics)
        message = f"{path} has {count} error{'s' if count > 1 else ''}; nothing was done"
        raise ConfigError(message, hint="mend the file; docs/reference/configuration.md", diagnostics=diagnostics)
    return LoadedPortfolio(portfolio=portfolio, warnings=diagnostics)


def find_text_fault(location: tuple[str, str], text: str) -> str:
    """What is wrong with `text` as the value of a section's key, for people; empty if nothing is."""
    return text_fault(location, text)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of names.yaml, with descriptions and examples, for editors."""
    from namehold.portfolio.shape import EditorSchema, FileShape  # noqa: PLC0415 -- pydantic: only who asks pays

    described = FileShape.model_json_schema(schema_generator=EditorSchema)
    return {"$schema": EditorSchema.schema_dialect, **described, "title": "names.yaml"}


_GIVE_FILE = "call again with --config FILE, or NAMEHOLD_CONFIG"


def _unreadable(path: Path, message: str, fix: str, hint: str) -> ConfigError:
    diagnostic = Diagnostic(message=message, rule="config-file", fix=fix, path=str(path))
    return ConfigError(f"{path} can't be used", hint=hint, diagnostics=(diagnostic,))

"""Reads a names.yaml as a checked portfolio."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import StrictStr, TypeAdapter, ValidationError

from namehold.documents import digest
from namehold.errors import ConfigError, Diagnostic
from namehold.portfolio.checks import cross_check
from namehold.portfolio.faults import field_at, fit, read_content, unusable
from namehold.portfolio.model import Portfolio
from namehold.portfolio.shape import EditorSchema, FileShape


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPortfolio:
    """What a names.yaml says, and what a person should look at; warnings stop nothing."""

    portfolio: Portfolio
    warnings: tuple[Diagnostic, ...] = ()


def load_portfolio(path: Path, *, today: dt.date | None = None) -> LoadedPortfolio:
    """The portfolio in the file at `path`. Raises ConfigError as `read_portfolio` does, or if it can't be read."""
    try:
        content = read_content(path)
    except FileNotFoundError:
        other = path.with_suffix(".yml" if path.suffix == ".yaml" else ".yaml")
        message = f"there is no such file in {path.absolute().parent}"
        if other.is_file():
            raise unusable(path, message, f"rename {other.name}, or call again with --config {other}") from None
        raise unusable(path, message, "write it with `namehold init`", "namehold init") from None
    return read_portfolio(content, path=str(path), today=today)


def read_portfolio(content: bytes, *, path: str, today: dt.date | None = None) -> LoadedPortfolio:
    """The portfolio in a file's bytes; `path` is what its diagnostics call the file.

    `today`: observations of days to come, and a review date that is over, are warned of.
    Raises ConfigError with every reason at once, in the order of the file, warnings included.
    """
    shape, warnings = fit(content, FileShape, path=path, today=today, cross_check=cross_check)
    portfolio = shape.freeze()
    return LoadedPortfolio(portfolio=replace(portfolio, digest=digest(portfolio)), warnings=warnings)


#: What must be written under which key before anything is approved, built or sent.
_NEEDED = {
    "organization.name": "write `name:` under `organization`, as placeholders show it",
    "organization.contact": (
        "write `contact:` under `organization`: a role mailbox, or the address of an issue tracker or security policy"
    ),
    "account.username": "write `username:` under `account`: the user on the index that reserves",
}


def require_complete(portfolio: Portfolio, *, path: Path) -> None:
    """Nothing if names.yaml says who holds the names and how to reach them.

    Raises ConfigError with every key that is missing; `path` is what its diagnostics call the file.
    """
    reasons = tuple(
        Diagnostic(message=f"`{key}` is missing", rule="config-incomplete", fix=_NEEDED[key], path=str(path))
        for key in portfolio.missing
    )
    if reasons:
        raise ConfigError(
            f"{path} doesn't say yet who holds the names; names can be looked at without it, and nothing else was done",
            fix="write what the lines above name, then call again",
            diagnostics=reasons,
        )


def find_text_fault(location: tuple[str, str], text: str) -> str:
    """What is wrong with `text` as the value of a section's key, and the fix, for people; empty if nothing is."""
    field = field_at(FileShape, location[:1], location[1])
    try:
        TypeAdapter(Annotated[(StrictStr, *field.metadata)]).validate_python(text)
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]
        return f"{reason['msg']}; {reason['ctx']['fix']}"
    return ""


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of names.yaml, with descriptions and examples, for editors."""
    described = FileShape.model_json_schema(schema_generator=EditorSchema)
    return {"$schema": EditorSchema.schema_dialect, **described, "title": "names.yaml"}

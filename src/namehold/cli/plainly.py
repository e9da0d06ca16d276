"""Reads what is given for a parameter without pydantic, by which typer reads everything: to load it takes .1 s a call.

Only what leaves no doubt is read here. The rest is left to typer, which also says what is wrong with it.
Typer has no option for that, so each of its parameters gets another reader. A typer whose parameters don't say what
they read, as before 0.29, which needed no pydantic, keeps its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

#: Longer numbers are left to typer.
_MOST_DIGITS = 9


def read_plainly(params: Iterable[Any]) -> list[Any]:
    """Typer's parameters, which read their values here first."""
    found = list(params)
    for param in found:
        if hasattr(param, "type_descriptor"):
            param.get_runtime_param = _Reader
    return found


class _Reader:
    """In the place of typer's reader of a parameter's values."""

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """The value that the command gets. Raises typer's error for one that isn't of the parameter's kind."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if value == "" and param.type_descriptor.annotation is Path:
            # Typer takes it for the folder where the command is called.
            raise typer.BadParameter("it must be a path, not an empty text", ctx=ctx, param=param)
        found = _read(value, param.type_descriptor)
        return type(param).get_runtime_param(param).coerce(value, param=param, ctx=ctx) if found is None else found


def _read(value: Any, wanted: Any) -> Any:
    """The value, of the kind that is wanted; None where that isn't plain."""
    kind, limits = wanted.annotation, wanted.parameter_info
    match value:
        case list() | tuple() if kind == list[str]:
            return list(value)
        case str() if kind is str or (isinstance(kind, type) and issubclass(kind, StrEnum) and value in list(kind)):
            return kind(value)
        case str() if (
            kind is Path and "\0" not in value and (os.access(value, os.R_OK) or not os.access(value, os.F_OK))
        ):
            return Path(value)
        case str() if kind is int and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
            value = int(value)
    is_kind = type(value) is kind
    if is_kind and isinstance(value, (int, float)):
        is_kind = (limits.min is None or limits.min <= value) and (limits.max is None or value <= limits.max)
    return value if is_kind else None

"""Writes values into templates, so that none of them can be taken for TOML, Python or Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from jinja2 import DictLoader, StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from namehold.names import has_name_shape
from namehold.placeholder.folder import TEMPLATE_MAX_CHARACTERS
from namehold.placeholder.values import is_web_address, web_address
from namehold.text import code, escape, is_mailbox

#: The filters of jinja2 that a template may use: they change text and lists, and nothing else.
_FILTERS: Final = frozenset({"default", "first", "join", "last", "length", "lower", "replace", "sort", "trim", "upper"})


class _Verbatim(str):
    """Text that a filter has already written for its file type."""

    __slots__ = ()


@lru_cache(maxsize=64)
def make_environment(files: frozenset[tuple[str, str]], suffix: str) -> SandboxedEnvironment:
    """A sandboxed, strict environment over (path, text) of `files`, for files with this suffix: one of `WRITERS`.

    The same files give the same environment, which compiles each of its templates once.
    """
    write = WRITERS[suffix]

    def finalize(value: Any) -> str:
        if isinstance(value, Undefined):
            return str(value)  # raises, and names what is undefined
        return value if isinstance(value, _Verbatim) else write(value)

    # autoescape is for HTML alone; `finalize` is its equivalent for any file type, and covers every value.
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(dict(files)),
        undefined=StrictUndefined,
        finalize=finalize,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    environment.filters = {name: filter_ for name, filter_ in environment.filters.items() if name in _FILTERS}
    environment.filters["replace"] = _replace
    if suffix == ".md":
        environment.filters |= {"code": _code_span, "url": autolink, "contact": contact_link, "bare_name": _bare_name}
    return environment


def _replace(value: str, old: str, new: str) -> str:
    """Jinja's `replace`, which could make any number of characters out of few. Raises ValueError then."""
    text, old, new = str(value), str(old), str(new)
    if len(text) + text.count(old) * len(new) > TEMPLATE_MAX_CHARACTERS:
        raise ValueError(f"replace makes more than {TEMPLATE_MAX_CHARACTERS:,} characters")
    return text.replace(old, new)


def write_markdown(value: Any) -> str:
    """`value` as Markdown text that shows as itself."""
    return escape(str(value))


def write_toml(value: Any) -> str:
    """`value` as a TOML value on one line; JSON's strings and arrays of strings are TOML's (TOML 1.0)."""
    return json.dumps(value, ensure_ascii=False)


def write_python(value: Any) -> str:
    """`value` as a Python literal; a text of several lines as one literal a line, in parentheses."""
    lines = str(value).splitlines(keepends=True)
    if len(lines) < 2:  # noqa: PLR2004 -- nothing to put in parentheses
        return repr(str(value))
    return "(\n" + "".join(f"    {line!r}\n" for line in lines) + ")"


#: File type -> how values are written in it. A file of any other type is refused.
WRITERS: Final[dict[str, Callable[[Any], str]]] = {
    ".toml": write_toml,
    ".py": write_python,
    ".md": write_markdown,
    "": str,
}


def _code_span(value: str) -> _Verbatim:
    return _Verbatim(code(value))


def autolink(value: str) -> _Verbatim:
    """`<address>`; raises ValueError for anything else."""
    return _Verbatim(f"<{web_address(value)}>")


def contact_link(value: str) -> _Verbatim:
    """A web address as a link, a mailbox as code (no mail program opens by mistake), other words as text."""
    if is_web_address(value):
        return autolink(value)
    return _Verbatim(code(value) if is_mailbox(value) else escape(value))


def _bare_name(value: str) -> _Verbatim:
    """A project name as it stands in a code block; raises ValueError for anything else."""
    if not has_name_shape(value):
        raise ValueError(f"{value!r} isn't a project name")
    return _Verbatim(value)

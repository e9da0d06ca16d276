"""Writes values into templates, so that none of them can be taken for TOML, Python or Markdown."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from namehold.names import has_name_shape
from namehold.text import is_mailbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2.sandbox import SandboxedEnvironment


_URL_SAFE: Final = "/:?&=+$,;~*'%-._#@!"
#: Always special; what starts a list, heading or underline at the start of a line; what GitHub's Markdown links.
_MARKDOWN_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>|&~]|^[-+=#]|:(?=//)|(?<=www)\.|@", re.IGNORECASE)


class _Verbatim(str):
    """Text that a filter has already written for its file type."""

    __slots__ = ()


def make_environment(files: dict[str, str], write: Callable[[Any], str]) -> SandboxedEnvironment:
    """A sandboxed, strict environment over `files`; `write` turns every value into text."""
    from jinja2 import DictLoader, StrictUndefined, Undefined  # noqa: PLC0415 -- only commands that render pay for it
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 -- same

    def finalize(value: Any) -> str:
        if isinstance(value, Undefined):
            return str(value)  # raises, and names what is undefined
        return value if isinstance(value, _Verbatim) else write(value)

    # autoescape is for HTML alone; `finalize` is its equivalent for any file type, and covers every value.
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(files),
        undefined=StrictUndefined,
        finalize=finalize,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    allowed = {"default", "first", "join", "last", "length", "lower", "replace", "sort", "trim", "upper"}
    environment.filters = {name: code for name, code in environment.filters.items() if name in allowed}
    if write is escape_markdown:
        environment.filters |= {"code": code_span, "url": autolink, "contact": contact_link, "bare_name": _bare_name}
    return environment


def escape_markdown(value: Any) -> str:
    """`value` as Markdown text that renders as itself (CommonMark, backslash escapes of ASCII punctuation).

    `<` becomes an entity, so that the lint finds a tag of a template and never one in a value.
    """
    text = _MARKDOWN_SPECIAL.sub(r"\\\g<0>", str(value)).replace("\\<", "&lt;")
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", text)  # an ordered list


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
    ".md": escape_markdown,
    "": str,
}


def code_span(value: str) -> _Verbatim:
    """A code span (CommonMark): longer fences than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", value)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return _Verbatim(f"{fence}{space}{value}{space}{fence}")


def autolink(value: str) -> _Verbatim:
    """`<address>`; raises ValueError for what is no web address."""
    return _Verbatim(f"<{web_address(value)}>")


def contact_link(value: str) -> _Verbatim:
    """A web address as a link, a mailbox as code (no mail program opens by mistake), other words as text."""
    if is_web_address(value):
        return autolink(value)
    return code_span(value) if is_mailbox(value) else _Verbatim(escape_markdown(value))


def _bare_name(value: str) -> _Verbatim:
    """A project name as it stands in a code block; raises ValueError for anything else."""
    if not has_name_shape(value):
        raise ValueError(f"{value!r} is no project name")
    return _Verbatim(value)


def is_web_address(text: str) -> bool:
    """Whether `text` is an https or http address with a host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)


def web_address(text: str) -> str:
    """`text` with everything quoted that could end an address in markup (RFC 3986). Raises ValueError if it is none."""
    if not is_web_address(text):
        raise ValueError(f"{text!r} is no web address")
    return quote(text, safe=_URL_SAFE)

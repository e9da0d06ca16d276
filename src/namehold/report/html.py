"""A page of this package as one self-contained file: no request, every text from outside escaped, scripts by hash."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from namehold.text import visible


def render_page(template: str, *, styles: tuple[str, ...] = ("page.css",), script: str = "", **values: Any) -> str:
    """One of this package's templates as a self-contained page; every text in `values` is escaped and made visible.

    `styles` and `script` are files of this package. They stand in the page, and its content security policy allows
    exactly them, by their hashes.
    """
    page = _environment().get_template(template)
    style, code = "\n".join(map(_read, styles)), _read(script) if script else ""
    return page.render(
        style=Markup(style),  # noqa: S704 -- a file of this package
        style_hash=_hash(style),
        script=Markup(code),  # noqa: S704 -- a file of this package
        script_hash=_hash(code),
        **values,
    )


@cache
def _environment() -> Environment:
    """Made once, so that each template is compiled once."""
    return Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


#: Most texts of a large page have none of the marks that are escaped.
_MARKS = re.compile("[&<>\"']")


@lru_cache(maxsize=10_000)
def as_html(text: str) -> str:
    """Text from outside as HTML that shows exactly it, on one line."""
    line = visible(text)
    return str(escape(line)) if _MARKS.search(line) else line


def _read(name: str) -> str:
    return files("namehold.report").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    """As a content security policy names what it allows (CSP level 3, 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"

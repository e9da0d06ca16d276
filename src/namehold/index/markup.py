"""The links of an HTML page, in one pass: the time is linear in the page's length, for hostile pages too.

    page = read_markup(text)
    page.links[0].address, page.links[0].text, page.base, page.metadata

The standard library's parser takes minutes for a hostile page of 70 kB, and stops with an error at others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from namehold.records import Record
from namehold.text import unescape_html

#: What begins like markup. The rest of a tag has quoted values whole; it ends at `>`, before the next `<`, or at a
#: quote without an end.
_OPENING: Final = re.compile(
    r"""<(?:(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*+)(?P<rest>(?:[^<>"']++|"[^"]*+"|'[^']*+')*+)(?P<stop>[>"']?)|[!?])"""
)
#: A name, and its value in double quotes, in single ones or bare.
_ATTRIBUTE: Final = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++)))?""")
#: The attributes that anything is read from; others of a hostile page would take many times its size.
_READ: Final = frozenset(
    {"href", "id", "name", "content", "data-yanked", "data-core-metadata", "data-dist-info-metadata"}
)
#: The elements that have them.
_WITH_ATTRIBUTES: Final = frozenset({"a", "base", "meta", "input"})
#: The identifier of the field that filters what a web server's listing of a folder shows (Caddy).
_FILTER: Final = "filter"
#: Attributes of one tag that are read: a hostile tag may have millions.
_MOST_IN_TAG: Final = 10_000
#: The list of the largest index has three tags a project. Each takes some microseconds and 200 bytes.
_MOST_TAGS: Final = 4_000_000
#: Elements whose content is no markup.
_RAW: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "textarea", "title")
}


class Link(Record, frozen=True, kw_only=True):
    """A link as the page has it: `address` may be relative, `marks` are its attributes."""

    address: str
    text: str
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """What a page holds: its links, the `href` of its `<base>`, its `<meta>` names, and whether it asks for input."""

    links: tuple[Link, ...]
    base: str
    metadata: Mapping[str, str]
    has_input: bool


def read_markup(text: str) -> Markup:
    """The links and metadata of a page; of what is no markup, or has more tags than any page, nothing. Never raises."""
    if text.count("<") > _MOST_TAGS:
        text = ""
    links: list[Link] = []
    metadata: dict[str, str] = {}
    base, has_input = "", False
    opened: dict[str, str] = {}
    words: list[str] = []
    for is_end, name, marks, before in chain(_pieces(text), [(True, "a", {}, "")]):
        words.append(before)
        if name == "a":
            if "href" in opened:
                shown = unescape_html("".join(words)).strip()
                links.append(Link(address=opened["href"].strip(), text=shown, marks=opened))
            opened, words = ({} if is_end else marks), []
        elif name == "base" and not base:
            base = marks.get("href", "").strip()
        elif name == "meta" and "name" in marks:
            metadata[marks["name"]] = marks.get("content", "")
        elif name == "form" or (name == "input" and marks.get("id") != _FILTER):
            has_input = True
    return Markup(links=tuple(links), base=base, metadata=metadata, has_input=has_input)


def _pieces(text: str) -> Iterator[tuple[bool, str, dict[str, str], str]]:
    """Each tag as (whether it ends an element, its name, its attributes, the text before it); last, the text left."""
    start = at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        opens, at = opening.span()
        ends, spelled, rest, stop = opening.groups()
        if spelled is None:
            end = text.find("-->" if text.startswith("<!--", opens) else ">", opens)
            yield False, "", {}, text[start:opens]
            start = at = len(text) if end < 0 else end + 1
            continue
        if stop != ">":
            # No tag: it is read as text.
            continue
        name = spelled.lower()
        marks = _attributes(rest) if name in _WITH_ATTRIBUTES and not ends else {}
        yield bool(ends), name, marks, text[start:opens]
        start = at
        if name in _RAW and not ends:
            ended = _RAW[name].search(text, at)
            start = at = ended.start() if ended is not None else len(text)
    yield False, "", {}, text[start:]


def _attributes(text: str) -> dict[str, str]:
    """Those of a tag's attributes that are read, by their small names; the first of two counts."""
    found: dict[str, str] = {}
    for attribute in islice(_ATTRIBUTE.finditer(text), _MOST_IN_TAG):
        spelled, double, single, bare = attribute.groups("")
        name = spelled.lower()
        if name in _READ:
            found.setdefault(name, unescape_html(double or single or bare))
    return found

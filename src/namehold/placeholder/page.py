r"""What people see of a placeholder: the index's page of its description, and the fields beside it.

    render_page("# Not acme\n<!-- hidden -->", "text/markdown").text  # 'Not acme'

The description is rendered as the index renders it; what counts is the text that comes out. What a placeholder of
namehold must say, and what its fields must be, follows from its `reservation.json`, which no template can change.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from itertools import islice
from typing import Any, Final

from packaging.utils import canonicalize_name

from namehold.documents import as_list, as_table
from namehold.errors import Diagnostic
from namehold.index.rules import read_content_type, render_description
from namehold.mentions import find_installed
from namehold.placeholder.rules import PEP_541, RESERVATION_FILE, find_leftovers, find_remote_parts, text_fault
from namehold.placeholder.values import (
    ORGANIZATION_FIELDS,
    make_advice,
    make_links,
    make_summary,
)
from namehold.portfolio import Mode
from namehold.text import single_line, unescape_html

_MARKDOWN: Final = "text/markdown"
#: Longer descriptions than this aren't rendered: ours have some three thousand characters.
PAGE_MAX_CHARACTERS: Final = 50_000
#: Words that a finding shows.
_SHOWN_WORDS: Final = 8
#: Elements that begin a line of their own on the page.
_BLOCKS: Final = frozenset(
    {
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    }
)
_WORD: Final = re.compile(r"[^\W_]+")
#: The number of an item of a list, which the page counts by itself.
_ITEM: Final = re.compile(r"^[ \t>]*[0-9]{1,9}[.)](?=[ \t])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A description as the index shows it. `addresses` are those of its links; not rendered: the index refuses it."""

    text: str
    addresses: tuple[str, ...] = ()
    is_rendered: bool = True


class _Reader(HTMLParser):
    """Text and links of the renderer's HTML, which is whole and has harmless elements only."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")
        if tag == "a":
            # A heading has a link to itself.
            self.addresses += [value for name, value in attrs if name == "href" and value and value[0] != "#"]

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


@lru_cache(maxsize=64)  # it is asked for when a release is rendered, and for its wheel and its sdist
def render_page(description: str, content_type: str) -> Page:
    """What the index shows for a description of this type (its `Description-Content-Type`; empty: reStructuredText)."""
    if read_content_type(content_type)[0] == "text/plain":
        return Page(text=description)
    if len(description) > PAGE_MAX_CHARACTERS:
        return Page(text="", is_rendered=False)
    page = render_description(description, content_type)
    if page is None:
        return Page(text="", is_rendered=False)
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = [line.strip() for line in "".join(reader.pieces).split("\n")]
    return Page(text="\n".join(line for line in lines if line), addresses=tuple(reader.addresses))


def find_hidden_text(description: str, page: Page, *, content_type: str, path: str) -> Iterator[Diagnostic]:
    """Words of a description that its page doesn't show: in comments, HTML, titles, definitions that nothing uses."""
    if not page.is_rendered:
        yield text_fault("hidden", "the index shows no page of it, or it is too long to be read", path)
    elif "markdown" in content_type.lower():
        lines = [_ITEM.sub("", line) for line in description.split("\n") if not _is_fence(line)]
        written = Counter(_WORD.findall(unescape_html("\n".join(lines))))
        written.subtract(Counter(_WORD.findall(page.text)))
        written.subtract(Counter(_WORD.findall(unescape_html(" ".join(page.addresses)))))
        hidden = [word for word, number in written.items() if number > 0]
        if hidden:
            shown = " ".join(word[: _SHOWN_WORDS * 5] for word in islice(hidden, _SHOWN_WORDS))
            more = f" and {len(hidden) - _SHOWN_WORDS:,} more words" if len(hidden) > _SHOWN_WORDS else ""
            yield text_fault("hidden", f"the page doesn't show: {shown}{more}", path)
    elif "plain" not in content_type.lower() and any(_is_comment(line) for line in description.split("\n")):
        yield text_fault("hidden", "the description has comments, which the page doesn't show", path)


def _is_fence(line: str) -> bool:
    """Whether a line opens or closes a code block; the language that it names isn't shown."""
    text = line.strip(" \t")
    mark = text[:1]
    language = text.lstrip(mark).strip(" \t") if mark and mark in "`~" else text
    is_word = not language or language.replace("_", "a").isalnum()
    return is_word and text.startswith(("```", "~~~"))


def _is_comment(line: str) -> bool:
    """Whether a line of reStructuredText starts a comment: two dots, and no directive, target, note or substitution."""
    text = line.strip()
    return (text == ".." or text.startswith(".. ")) and "::" not in text and text[3:4] not in {"_", "[", "|"}


# --------------------------------------------------------------------------- what a reservation promises


def find_page_faults(
    reservation: Mapping[str, Any], description: str, *, content_type: str = _MARKDOWN, path: str
) -> tuple[Diagnostic, ...]:
    """What the page of a placeholder of namehold lacks, hides, or says too much; its description must be Markdown."""
    if content_type != _MARKDOWN:
        return (text_fault("metadata", f"the description is {content_type!r}, not {_MARKDOWN}", path),)
    page = render_page(description, _MARKDOWN)
    seen = _plain(page.text)
    addresses = {*page.addresses}
    faults = [
        text_fault("transparency", f"{what} isn't named: {words!r}", path)
        for what, words in _promised(reservation)
        if words and _plain(words) not in seen and words not in addresses
    ]
    told = {canonicalize_name(name) for name in find_installed(page.text)}
    target = canonicalize_name(_text(reservation, "target"))
    if _text(reservation, "target_page") and target not in told:
        faults.append(text_fault("transparency", f"it doesn't tell to install {target}", path))
    others = told - {target, canonicalize_name(_text(reservation, "name"))}
    if others:
        shown = ", ".join(sorted(others)[:_SHOWN_WORDS])
        faults.append(text_fault("transparency", f"it tells to install something else: {shown}", path))
    return (
        *faults,
        *find_hidden_text(description, page, content_type=_MARKDOWN, path=path),
        *find_remote_parts(description, path=path),
        *find_leftovers(description, path=path),
    )


def _promised(reservation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What readers must be told: pairs of what it is, and the words that have to be seen."""
    organization, release = as_table(reservation, "organization"), as_table(reservation, "release")
    yield "the placeholder", _text(reservation, "name")
    yield "the real package's page", _text(reservation, "target_page")
    yield "the organization", _text(organization, "name")
    yield "the contact", _text(organization, "contact")
    for reason in as_list(reservation.get("reasons")):
        yield "the reason", single_line(_text(as_table(reason), "text"))
    yield "the days until an answer", f"{release.get('answer_days')} days"
    yield "the index's policy", PEP_541
    yield "the day on which it ends", _text(reservation, "withdraw_on")
    yield "the review date", _text(reservation, "review_date")
    yield "the digest of the decision", _text(reservation, "action_digest")
    yield "the machine-readable file", RESERVATION_FILE


def find_field_faults(
    reservation: Mapping[str, Any], *, summary: str, people: list[str], urls: Mapping[str, str], path: str
) -> tuple[Diagnostic, ...]:
    """What the metadata of a placeholder of namehold say otherwise than its reservation.

    Args:
        reservation: the parsed `reservation.json`.
        summary: the summary that the index shows.
        people: every author and maintainer, and their mailboxes.
        urls: every link by its label.
        path: where the metadata stand.
    """
    faults = []
    organization = {field: _text(as_table(reservation, "organization"), field) for field in ORGANIZATION_FIELDS}
    expected = _summary(reservation, organization["name"], summary)
    if summary != expected:
        faults.append(text_fault("metadata", f"the summary is {summary!r}, not {expected!r}", path))
    if people != [organization["name"]]:
        shown = ", ".join(people) or "none is shown"
        faults.append(text_fault("metadata", f"the author is {shown}, not {organization['name']}", path))
    links = make_links(organization, _text(reservation, "target_page"))
    if dict(urls) != links:
        odd = sorted({label for label, _ in set(urls.items()) ^ set(links.items())})
        faults.append(text_fault("metadata", f"links aren't those of the reservation: {', '.join(odd)}", path))
    return tuple(faults)


def _summary(reservation: Mapping[str, Any], organization: str, summary: str) -> str:
    """The summary that a reservation gives.

    It holds the target as people write it, which the reservation tells for a redirect alone. Elsewhere `summary` may
    choose among the ways to write the target's name.
    """
    spelled = _spelled(reservation)
    told = summary.partition(" to protect users of ")[2].split(". ")[0]
    if canonicalize_name(told) == canonicalize_name(spelled) and not as_list(reservation.get("dependencies")):
        spelled = told
    try:
        mode = Mode(_text(reservation, "mode"))
    except ValueError:
        mode = Mode.SIGNPOST
    is_published = bool(_text(reservation, "target_page"))
    advice = make_advice(mode, spelled, organization, is_published=is_published)
    return make_summary(organization, spelled, advice=advice, ends=_text(reservation, "withdraw_on"))


def _spelled(reservation: Mapping[str, Any]) -> str:
    """The target as people write it, where the reservation tells; else its normalized name."""
    return next(map(str, as_list(reservation.get("dependencies"))), _text(reservation, "target"))


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """On one line: a line of the source may end anywhere in a sentence."""
    return " ".join(text.split())

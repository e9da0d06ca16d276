"""Numbers and text from outside, as people read them: one line, nothing hidden, nouns in their form."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

#: Zero-width (non-)joiners are part of the spelling of Persian and Indic names; other format characters only deceive.
_JOINERS = frozenset("\u200c\u200d")

#: Control, format, surrogate, private and unassigned characters, and the line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

#: Smaller percentages are shown as less than this.
SMALLEST_PERCENT = 0.01


def visible(text: str) -> str:
    """`text` on one line, with each character that can't be seen (or turns others round) as U+FFFD."""
    return visible_lines(" ".join(text.split()))


def visible_lines(text: str) -> str:
    """The same for text of several lines: its line breaks and spaces stay."""
    return "".join(
        character
        if character == "\n" or character in _JOINERS or unicodedata.category(character) not in _INVISIBLE
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def count(number: int, noun: str) -> str:
    """`1 name`, `1,204 names`: the number and the noun in its form."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percent(share: float) -> str:
    """A share (0 to 1) as a percentage with two significant digits, as far as two decimals show them."""
    value = share * 100
    if 0 < value < SMALLEST_PERCENT:
        return f"< {SMALLEST_PERCENT} %"
    decimals = min(2, max(0, 1 - math.floor(math.log10(value)))) if value > 0 else 0
    return f"{value:.{decimals}f} %"


#: A local part as HTML's `input type=email` takes it (the characters of RFC 5322's dot-atom), at most 64 of them.
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^@\s]+")

#: Reserved for documentation, tests and local networks (RFC 2606, RFC 6761, RFC 6762): mail and links lead nowhere.
_EXAMPLE_HOST = re.compile(r"(?:.*\.)?(?:example\.(?:com|org|net)|example|test|invalid|localhost|local)", re.IGNORECASE)


def is_mailbox(text: str) -> bool:
    """Whether `text` has the shape of one mail address; its host isn't looked at."""
    return _MAILBOX.fullmatch(text) is not None


def is_example_host(host: str) -> bool:
    """Whether a host can't be reached from outside, because its domain is reserved for examples or local networks."""
    return _EXAMPLE_HOST.fullmatch(host) is not None


def join_words(names: Sequence[str], *, limit: int) -> str:
    """The first `limit` names, and how many more there are."""
    shown = ", ".join(names[:limit])
    rest = len(names) - limit
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def is_hidden(character: str) -> bool:
    """Whether a character changes a text without being seen: control, format (bidi), private, unassigned, separators.

    After the Unicode general category (Unicode Standard, chapter 4.5).
    """
    return unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def single_line(text: str) -> str:
    """`text` as one line that reads as it is: white space collapsed; control, bidi and other unseen characters gone."""
    visible = (character for character in re.sub(r"\s+", " ", text) if not is_hidden(character))
    return " ".join("".join(visible).split())


#: How each character with a meaning inside a line of Markdown is written as text.
#: A backslash does it (CommonMark 2.4); an entity where something else reads first (tables split cells, HTML starts).
_TEXT = str.maketrans(
    {
        **{mark: f"\\{mark}" for mark in "*_[]~#`"},
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "|": "&#124;",
        "\\": "&#92;",
    }
)

#: Addresses that GitHub's Markdown would turn into links on its own: the mark in them that is escaped.
_AUTOLINK = re.compile(r"(?i)(?<=www)\.|(?<=http):|(?<=https):|(?<=ftp):")


def escape(text: str) -> str:
    """`text` so that Markdown shows exactly it, on one line."""
    return _AUTOLINK.sub(lambda match: f"\\{match[0]}", visible(text).translate(_TEXT))


def code(text: str) -> str:
    """`text` (which isn't empty) as a code span, whatever backticks it holds (CommonMark 6.1)."""
    line = visible(text)
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{line}{space}{fence}"

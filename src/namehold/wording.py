"""Numbers and text from outside, as people read them: one line, nothing hidden, nouns in their form."""

from __future__ import annotations

import math
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


def listed(names: Sequence[str], *, limit: int) -> str:
    """The first `limit` names, and how many more there are."""
    shown = ", ".join(names[:limit])
    rest = len(names) - limit
    return f"{shown} and {rest:,} more" if rest > 0 else shown

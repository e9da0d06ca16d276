"""Names for property tests, drawn word by word: a pattern would draw each letter by itself, which costs more."""

from __future__ import annotations

import string
from typing import Final

from hypothesis import strategies as st
from packaging.utils import NormalizedName

#: What a normalized name consists of, besides dashes.
LETTERS: Final = string.ascii_lowercase + string.digits


def word(letters: str, longest: int, *, shortest: int = 1) -> st.SearchStrategy[str]:
    """Some of `letters`, `shortest` to `longest` of them."""
    return st.text(letters, min_size=shortest, max_size=longest)


def dashed(head: st.SearchStrategy[str], tail: st.SearchStrategy[str], most: int) -> st.SearchStrategy[NormalizedName]:
    """One `head` and none to `most` of `tail`, with a dash before each: `head(-tail){0,most}`."""
    words = st.tuples(head, st.lists(tail, max_size=most))
    return words.map(lambda parts: NormalizedName("-".join((parts[0], *parts[1]))))

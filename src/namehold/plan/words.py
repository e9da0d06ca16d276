"""What words names have in common: a typed one with the one that was meant, and many with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rapidfuzz.distance import OSA

#: Of so many words in a row at most it is asked which project they mean.
_LONGEST_RUN: Final = 3
#: Words of longer names aren't read: people don't type them.
MOST_WORDS: Final = 16


def has_other_word(name: str, meant: str) -> bool:
    """Whether a word of a name has no letter in its place of the one that was meant: that is no typing error."""
    typed, own = name.split("-"), meant.split("-")
    if len(typed) != len(own) or len(own) == 1 or sorted(typed) == sorted(own):
        return False
    return any(OSA.distance(*pair) >= max(map(len, pair)) for pair in zip(typed, own, strict=True))


def differing_runs(name: str, meant: str) -> Iterator[tuple[str, str]]:
    """The words in a row of a name that aren't so in what was meant, each with what stands there in its place.

    Where nothing that can be told does, that is empty.
    """
    typed, own = name.split("-"), meant.split("-")
    shorter = min(len(typed), len(own))
    start = next((at for at in range(shorter) if typed[at] != own[at]), shorter)
    same = next((at for at in range(shorter - start) if typed[-1 - at] != own[-1 - at]), shorter - start)
    end, longer = len(typed) - same, len(own) - len(typed)
    for first in range(max(0, start - _LONGEST_RUN), end):
        for last in range(max(first, start) + 1, min(len(typed), first + _LONGEST_RUN) + 1):
            is_whole = first <= start and last >= end
            there = own[first : last + longer] if is_whole or not longer else []
            run = "-".join(typed[first:last])
            if "-".join(there) != run:
                yield run, "-".join(there)


def runs_of(name: str) -> Iterator[str]:
    """Every word of a name, and every words in a row, with and without dashes."""
    words = name.split("-")[:MOST_WORDS]
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield "-".join(words[start:end])
            yield "".join(words[start:end])


def count_words(names: Iterable[str]) -> Counter[str]:
    """In how many of the names each word stands."""
    return Counter(word for name in names for word in set(name.split("-")))

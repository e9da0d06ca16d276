"""How many names of a list bear others as words: told from a table of all words, because there may be thousands.

The table has the place of every word in the list, ordered by the text that follows there (its first `_WIDTH` bytes,
a newline before a dash before letters): names that begin alike there are neighbours, and two binary searches find them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from packaging.utils import NormalizedName

#: Bytes that words are ordered by: as many as one number holds. Of the index's names 6,038 words share theirs at most.
_WIDTH: Final = 8


def find_words(lines: bytes) -> npt.NDArray[np.uint32]:
    """Where the words of a list of names begin, one name a line, each ended by a newline; in the order of the table."""
    # Newlines and dashes stand before digits and letters.
    ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) < ord("0"))
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    numbers = np.ndarray(len(lines), ">u8", lines + bytes(_WIDTH), strides=(1,))[starts]
    return starts[np.argsort(numbers.astype(np.uint64), kind="stable")].astype(np.uint32)


def count_bearers(
    lines: bytes, words: npt.NDArray[np.uint32], names: Collection[NormalizedName]
) -> dict[NormalizedName, int]:
    """How often each of `names` stands in the lines as a whole run of words, itself included; 0 is left out.

    `words` are those of the lines (`find_words`).
    """
    counts = {name: sum(_count(lines, words, name.encode() + end) for end in (b"\n", b"-")) for name in names}
    return {name: number for name, number in counts.items() if number}


def _count(lines: bytes, words: npt.NDArray[np.uint32], run: bytes) -> int:
    """How many words of the table this text begins at."""

    def text_at(place: np.uint32) -> bytes:
        return lines[place : int(place) + _WIDTH]

    first = run[:_WIDTH]
    low = bisect_left(words, first, key=text_at)
    high = bisect_left(words, first[:-1] + bytes((first[-1] + 1,)), low, key=text_at)
    if run == first:
        return high - low
    return sum([lines.startswith(run, place) for place in words[low:high].tolist()])

"""How many names of a list bear others as words: all are counted in one pass, because there may be thousands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from packaging.utils import NormalizedName

#: So many letters of a word are kept as one number: longer ones that begin alike are told apart by their text.
_WIDTH: Final = 8
_KEPT: Final = np.frombuffer(b"".join((b"\xff" * n).ljust(_WIDTH, b"\0") for n in range(_WIDTH + 1)), dtype=np.uint64)
#: What spreads numbers over a small table (2**64 divided by the golden ratio), and the bits that the table has.
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_TABLE_BITS: Final = 16


def count_bearers(lines: Iterable[bytes], names: Collection[NormalizedName]) -> Counter[NormalizedName]:
    """How often each of `names` stands in the lines as a whole run of words, itself included.

    `lines` are parts of a list with one name a line, each ended by a newline. Most words are told from all that names
    begin with by a number made of their letters, so that no text is made of them.
    """
    wanted = {name.encode(): name for name in names}
    by_length: dict[int, list[bytes]] = {}
    for run in wanted:
        by_length.setdefault(run.count(b"-") + 1, []).append(run)
    heads = {length: _first_words(runs) for length, runs in by_length.items()}
    table = np.zeros(1 << _TABLE_BITS, dtype=bool)
    for numbers in heads.values():
        table[_fold(numbers)] = True
    counts: Counter[bytes] = Counter()
    for part in lines:
        text = b"\n" + part + bytes(_WIDTH)
        # Newlines and dashes stand before digits and letters.
        ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8)[:-_WIDTH] < ord("0"))
        starts = ends[:-1] + 1
        words = np.ndarray(len(part), np.uint64, text, offset=1, strides=(1,))[ends[:-1]]
        words &= _KEPT[np.minimum(ends[1:] - starts, _WIDTH)]
        likely = np.flatnonzero(table[_fold(words)])
        words = words[likely]
        for length, numbers in heads.items():
            at = likely[np.isin(words, numbers)]
            at = at[at + length < len(ends)]
            spans = zip(starts[at].tolist(), ends[at + length].tolist(), strict=True)
            counts.update(filter(wanted.__contains__, [text[start:end] for start, end in spans]))
    return Counter({wanted[run]: number for run, number in counts.items()})


def _first_words(runs: Iterable[bytes]) -> npt.NDArray[np.uint64]:
    """The first words of these runs as numbers, as they stand in a text."""
    words = {run.split(b"-")[0][:_WIDTH].ljust(_WIDTH, b"\0") for run in runs}
    return np.frombuffer(b"".join(words), dtype=np.uint64)


def _fold(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The place of each number in the table."""
    return (numbers * _SPREAD) >> np.uint64(64 - _TABLE_BITS)

"""What searches in a list need beside its lines. Kept with the list: making it takes as long as a hundred searches."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from namehold.snapshot.bearers import find_words
from namehold.snapshot.near import Letters

if TYPE_CHECKING:
    import numpy.typing as npt


class Tables(NamedTuple):
    """The letters of the names of a list (`near.Letters`), and where its words begin (`bearers.find_words`)."""

    letters: Letters
    words: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, lines: bytes) -> Tables:
        """The tables of these lines; the same lines give the same tables."""
        return cls(Letters.of(lines), find_words(lines))

    @classmethod
    def read(cls, buffer: bytes | mmap.mmap, *, start: int, count: int, of: int) -> Tables:
        """What `parts` gave for so many names `of` so many bytes, from this place to the end; nothing is copied.

        Raises ValueError if it can't have given that: then searches would end outside the names.
        """
        starts = start + 8 * count
        words = starts + 4 * count
        lengths = len(buffer) - 2 * count
        letters = Letters(
            np.frombuffer(buffer, np.uint64, count, start),
            np.frombuffer(buffer, np.uint32, count, starts),
            np.frombuffer(buffer, np.uint16, count, lengths),
        )
        if count and int((letters.starts.astype(np.uint64) + letters.lengths).max()) >= of:
            raise ValueError("a name ends beyond the names")
        return cls(letters, np.frombuffer(buffer, np.uint32, (lengths - words) // 4, words))

    def parts(self) -> list[bytes]:
        """The bytes of the tables, the widest numbers first, so that each is aligned."""
        masks, starts, lengths = self.letters
        return [part.tobytes() for part in (masks, starts, self.words, lengths)]

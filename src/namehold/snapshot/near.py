"""Which names of a list are near a name, and how: complete, over a list of any size.

    near = NearNames.of(names)                    # or NearNames.listed(snapshot): a whole index's
    near.within(name, 2)                          # typing errors: every name within two edits
    near.find(name)                               # these, and turned words, added words, one similarity key

Each name has a mask with one bit for each letter in it. One edit changes two bits at most (an exchange), so that two
names within n edits differ in 2n bits at most, and in n of length. Within one edit, the first letters or the last ones
of a longer name are the same, which is seen five times as fast. What is left is measured with rapidfuzz.
An edit is that of optimal string alignment: a letter in, out or exchanged, or two neighbours swapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import numpy as np
from packaging.utils import NormalizedName
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from namehold.names import NAME_CHARACTERS, ultranormalize
from namehold.snapshot.file import Snapshot, names_with
from namehold.snapshot.nearness import Near, Nearness

if TYPE_CHECKING:
    import mmap

    import numpy.typing as npt

#: Shorter brands count only as whole words: `acmetool` has `acme` in it, `nacre` isn't about `acr`.
SHORTEST_BRAND_INSIDE: Final = 4

_BITS: Final = {character: 1 << at for at, character in enumerate(NAME_CHARACTERS)}
#: The bit of each letter by its code, 0 for what is in no name; and the bits of each two letters.
_BIT_OF_CODE: Final = np.array([_BITS.get(chr(code), 0) for code in range(256)], dtype=np.uint64)
_BITS_OF_PAIR: Final = np.bitwise_or.outer(_BIT_OF_CODE, _BIT_OF_CODE).ravel()
#: The characters that a similarity key has otherwise, and how; a dash isn't in it at all.
_FOLDED: Final = {character: key for character in NAME_CHARACTERS if (key := ultranormalize(character)) != character}
#: So many letters at each end of a name are kept as one number. One edit changes two letters at most (a swap), so that
#: of a name with more than twice as many one end stays.
_END: Final = 4
#: Names whose letters are looked up at once: bounds the memory that building needs.
_CHUNK: Final = 1 << 14


class Letters(NamedTuple):
    """Of each name of a list, in the order of their lengths: a mask of its letters, where it begins, how long it is."""

    masks: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.uint32]
    lengths: npt.NDArray[np.uint16]

    @classmethod
    def of(cls, lines: bytes) -> Letters:
        """The letters of names, one a line, each once, each ended by a newline."""
        ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == ord("\n"))
        starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
        # Two letters at once; of a pair with a newline the other letter belongs to the same name as the pair does.
        letters = np.frombuffer(lines + b"\n", dtype=np.uint16, count=(len(lines) + 1) // 2)
        pairs = np.append(starts // 2, len(letters))
        masks = np.zeros(len(starts), dtype=np.uint64)
        for at in range(0, len(starts), _CHUNK):
            end = min(at + _CHUNK, len(starts))
            bits = _BITS_OF_PAIR[letters[pairs[at] : pairs[end]]]
            masks[at:end] = np.bitwise_or.reduceat(bits, pairs[at:end] - pairs[at])
        # A stable sort of small numbers takes one pass; no name is longer than some hundred letters.
        lengths = (ends - starts).astype(np.uint16)
        order = np.argsort(lengths, kind="stable")
        return cls(masks[order], starts[order].astype(np.uint32), lengths[order])

    @classmethod
    def read(cls, buffer: bytes | mmap.mmap, *, start: int, count: int, of: int) -> Letters:
        """What `parts` gave for so many names `of` so many bytes, from this place to the end; nothing is copied.

        Raises ValueError if it can't have given that: then searches would end outside the names.
        """
        lengths = len(buffer) - 2 * count
        starts = start + 8 * count
        # Lists that an earlier version kept have another table, of numbers of four bytes, before the lengths.
        other = lengths - (starts + 4 * count)
        if other < 0 or other % 4:
            raise ValueError("no list of so many names has such tables")
        found = cls(
            np.frombuffer(buffer, np.uint64, count, start),
            np.frombuffer(buffer, np.uint32, count, starts),
            np.frombuffer(buffer, np.uint16, count, lengths),
        )
        if count and int((found.starts.astype(np.uint64) + found.lengths).max()) >= of:
            raise ValueError("a name ends beyond the names")
        return found

    def parts(self) -> list[bytes]:
        """The bytes of the letters, the widest numbers first, so that each is aligned."""
        return [part.tobytes() for part in self]


class NearNames:
    """A list of names that tells which of them are near a name. The name itself is never among them."""

    def __init__(self, lines: bytes, letters: Letters | None = None) -> None:
        """`lines` has one normalized name a line, each once, each ended by a newline; `letters`: theirs, if known."""
        self._lines = lines
        # A damaged file may hold anything; what isn't ASCII is no name that anybody asks for.
        self._text = lines.decode("ascii", errors="replace")
        self._masks, self._starts, self._lengths = letters or Letters.of(lines)
        longest = int(self._lengths[-1]) if len(self._lengths) else 0
        #: By a length how many names are shorter.
        self._shorter = self._lengths.searchsorted(np.arange(longest + 2, dtype=np.uint32)).tolist()

    @classmethod
    def of(cls, names: Iterable[NormalizedName]) -> NearNames:
        """These names, in any order and more than once."""
        return cls("".join(f"{name}\n" for name in dict.fromkeys(names)).encode("ascii"))

    @classmethod
    def listed(cls, snapshot: Snapshot) -> NearNames:
        """All names of an index's list."""
        return cls(snapshot.lines, snapshot.letters)

    def __len__(self) -> int:
        return len(self._masks)

    def within(self, name: NormalizedName, edits: int) -> tuple[Near, ...]:
        """Every name within so many edits (optimal string alignment), the nearest first, then by the alphabet."""
        low, high = self._band(len(name) - edits, len(name) + edits)
        masks, places = self._masks[low:high], None
        if edits == 1 and len(name) > 2 * _END:
            heads, tails = self._ends
            head, tail = np.frombuffer(f"{name[:_END]}{name[-_END:]}".encode("ascii"), dtype=np.uint32)
            places = ((heads[low:high] == head) | (tails[low:high] == tail)).nonzero()[0]
            masks = masks[places]
        similar = (np.bitwise_count(masks ^ _mask_of(name)) <= 2 * edits).nonzero()[0]
        left = self._names_at(low + (similar if places is None else places[similar]))
        found = extract(name, left, scorer=OSA.distance, score_cutoff=edits, limit=None)
        ordered = sorted((int(far), near) for near, far, _ in found)
        return tuple(Near(name=near, how=Nearness.EDITS, edits=far) for far, near in ordered if far)

    def with_turned_words(self, name: NormalizedName) -> tuple[Near, ...]:
        """Every name that has the same words in another order, by the alphabet."""
        words = sorted(name.split("-"))
        if len(words) == 1:
            return ()
        low, high = self._band(len(name), len(name))
        left = self._names_at(low + np.flatnonzero(self._masks[low:high] == _mask_of(name)))
        return _found(left, Nearness.TURNED_WORDS, keep=lambda near: near != name and sorted(near.split("-")) == words)

    def with_key(self, name: NormalizedName) -> tuple[Near, ...]:
        """Every name that the index reads as the same one (`names.ultranormalize`), by the alphabet."""
        key = ultranormalize(name)
        left = self._names_at(np.flatnonzero(self._key_masks == _key_masks(_mask_of(name))))
        return _found(left, Nearness.SAME_KEY, keep=lambda near: near != name and ultranormalize(near) == key)

    def containing(self, brand: NormalizedName) -> tuple[Near, ...]:
        """Every name that has the brand's words before or after others (ADDED_WORDS), or the brand inside a word.

        Inside a word (INSIDE) count brands of `SHORTEST_BRAND_INSIDE` letters or more. By the alphabet.
        """
        added, inside = f"-{brand}-", len(brand) >= SHORTEST_BRAND_INSIDE
        names = sorted(name for name in names_with(brand, self._lines) if name != brand)
        return tuple(
            Near(name=name, how=Nearness.ADDED_WORDS if added in f"-{name}-" else Nearness.INSIDE)
            for name in names
            if inside or added in f"-{name}-"
        )

    def find(self, name: NormalizedName, *, edits: int = 2) -> tuple[Near, ...]:
        """Every name that is near in any way, each once in its nearest way; the ways in the order of `Nearness`."""
        ways = (
            self.with_key(name),
            self.within(name, edits),
            self.with_turned_words(name),
            sorted(self.containing(name), key=lambda near: near.how is Nearness.INSIDE),
        )
        found: dict[NormalizedName, Near] = {}
        for near in (near for way in ways for near in way):
            found.setdefault(near.name, near)
        return tuple(found.values())

    def _band(self, shortest: int, longest: int) -> tuple[int, int]:
        """Where the names of these lengths begin and end."""
        last = len(self._shorter) - 1
        return self._shorter[max(0, min(shortest, last))], self._shorter[max(0, min(longest + 1, last))]

    def _names_at(self, places: npt.NDArray[np.intp]) -> list[NormalizedName]:
        """The names at these places. Only they become texts of their own: a whole index's would need 60 MB."""
        starts, text = self._starts[places], self._text
        spans = zip(starts.tolist(), (starts + self._lengths[places]).tolist(), strict=True)
        return cast("list[NormalizedName]", [text[start:end] for start, end in spans])

    @cached_property
    def _ends(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """The first letters of each name as one number, and the last ones."""
        # The number that begins at each byte.
        numbers = np.ndarray(len(self._lines), np.uint32, self._lines + bytes(_END), strides=(1,))
        ends = self._starts + self._lengths
        return numbers[self._starts], numbers[np.maximum(ends, _END) - _END]

    @cached_property
    def _key_masks(self) -> npt.NDArray[np.uint64]:
        return _key_masks(self._masks)


def _mask_of(name: str) -> np.uint64:
    mask = 0
    for character in name:
        mask |= _BITS.get(character, 0)
    return np.uint64(mask)


def _key_masks(masks: npt.NDArray[np.uint64] | np.uint64) -> npt.NDArray[np.uint64]:
    """The masks of the names' similarity keys."""
    found = np.asarray(masks) & ~np.uint64(sum(_BITS[character] for character in _FOLDED))
    for character, key in _FOLDED.items():
        if key:
            found |= np.where(masks & np.uint64(_BITS[character]), np.uint64(_BITS[key]), np.uint64(0))
    return found


def _found(
    names: Iterable[NormalizedName], how: Nearness, *, keep: Callable[[NormalizedName], bool]
) -> tuple[Near, ...]:
    return tuple(Near(name=name, how=how) for name in sorted(filter(keep, names)))

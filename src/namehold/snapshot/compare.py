"""What has changed from one list of an index to a later one: names, and the serials of their last changes.

Both lists are sorted and nearly equal, so that long equal stretches are compared as bytes, and names only between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from packaging.utils import NormalizedName

#: Bytes that are compared at once after a difference; as long as they are equal, each time twice as many.
_SHORTEST: Final = 64
_LONGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanges:
    """What a list has that an older one hadn't, each sorted. `changed` None: one of the two tells no serials."""

    new: tuple[NormalizedName, ...]
    gone: tuple[NormalizedName, ...]
    changed: tuple[NormalizedName, ...] | None


class Listing:
    """The sorted names of a list, one a line, with their serials."""

    def __init__(self, lines: bytes, *, places: memoryview, serials: memoryview) -> None:
        """The lower half of each of `places` is where a name begins in `lines`; its serial stands at the same place.

        No `serials`: the list tells none.
        """
        starts = np.frombuffer(places, dtype=np.uint64) & np.uint64(0xFFFF_FFFF)
        order = np.argsort(starts)
        self.lines, self.starts = lines, starts[order]
        self.serials = np.frombuffer(serials, dtype=np.uint32)[order] if len(serials) else None

    def names(self, starts: Iterable[int]) -> tuple[NormalizedName, ...]:
        """The names that begin at these places."""
        # A damaged file may hold anything.
        ends = ((start, self.lines.find(b"\n", start)) for start in starts)
        return tuple(NormalizedName(self.lines[start:end].decode("ascii", errors="replace")) for start, end in ends)

    def without(self, starts: list[int]) -> npt.NDArray[np.bool_]:
        """Which names, in their order, don't begin at one of these places."""
        kept = np.ones(len(self.starts), dtype=np.bool_)
        kept[np.searchsorted(self.starts, np.array(starts, dtype=np.uint64))] = False
        return kept


def compare_lists(before: Listing, after: Listing) -> ListChanges:
    """What `after` has that `before` hadn't. Raises ValueError or IndexError where one of them is damaged."""
    gone, new = _find_differences(before.lines, after.lines)
    changed = None
    if before.serials is not None and after.serials is not None:
        had, has = before.without(gone), after.without(new)
        differ = before.serials[had] != after.serials[has]
        changed = after.names(int(start) for start in after.starts[has][differ])
    return ListChanges(new=after.names(new), gone=before.names(gone), changed=changed)


def _find_differences(old: bytes, new: bytes) -> tuple[list[int], list[int]]:
    """Where the lines begin that only `old` has, and those that only `new` has."""
    gone: list[int] = []
    come: list[int] = []
    at, to, size = 0, 0, _SHORTEST
    while at < len(old) and to < len(new):
        stretch = old[at : at + size]
        if stretch == new[to : to + size]:
            at, to, size = at + len(stretch), to + len(stretch), min(2 * size, _LONGEST)
            continue
        # What lies before is equal, so that both lines begin as far back.
        at, to = old.rfind(b"\n", 0, at) + 1, new.rfind(b"\n", 0, to) + 1
        if size > _SHORTEST:
            size = _SHORTEST
            continue
        end, until = _end(old, at), _end(new, to)
        name, other = old[at : end - 1], new[to : until - 1]
        if name < other:
            gone.append(at)
        elif other < name:
            come.append(to)
        at, to = end if name <= other else at, until if other <= name else to
    return [*gone, *_starts(old, at)], [*come, *_starts(new, to)]


def _starts(lines: bytes, at: int) -> list[int]:
    """Where the lines from this place on begin."""
    found = []
    while at < len(lines):
        found.append(at)
        at = _end(lines, at)
    return found


def _end(lines: bytes, at: int) -> int:
    """Where the line ends that begins here, with its line break; a damaged list may lack the last one."""
    return lines.find(b"\n", at) + 1 or len(lines)

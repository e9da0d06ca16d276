"""Other people's projects: a list of names, of which a project is made only when somebody asks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Protocol, runtime_checkable

from packaging.utils import NormalizedName

from namehold.index import SnapshotView
from namehold.names import ultranormalize


class Strangers(Protocol):
    """What the index needs to know of names that aren't the account's; a snapshot knows it."""

    def existing(self, names: Collection[NormalizedName]) -> frozenset[NormalizedName]:
        """Those of `names` that a stranger's project has."""

    def similar(self, names: Collection[NormalizedName]) -> Mapping[NormalizedName, tuple[NormalizedName, ...]]:
        """For each of `names` the OTHER names of strangers with the same similarity key; without any it is left out."""


@runtime_checkable
class ListsNames(Protocol):
    """What can also tell all its names."""

    def names(self) -> Iterable[NormalizedName]:
        """All names, sorted."""


class ListedStrangers:
    """Strangers' names from a collection; the similarity keys are computed when the first name is compared."""

    def __init__(self, names: Collection[NormalizedName]) -> None:
        self._names = names if isinstance(names, set | frozenset | dict) else frozenset(names)

    def existing(self, names: Collection[NormalizedName]) -> frozenset[NormalizedName]:
        """Those of `names` that a stranger's project has."""
        return frozenset(name for name in names if name in self._names)

    def similar(self, names: Collection[NormalizedName]) -> Mapping[NormalizedName, tuple[NormalizedName, ...]]:
        """For each of `names` the OTHER names of strangers with the same similarity key; without any it is left out."""
        keys = {name: self._by_key.get(ultranormalize(name), []) for name in names}
        others = {name: tuple(other for other in same if other != name) for name, same in keys.items()}
        return {name: found for name, found in others.items() if found}

    def names(self) -> Iterable[NormalizedName]:
        """All of them, sorted."""
        return self._sorted

    @cached_property
    def _sorted(self) -> list[NormalizedName]:
        return sorted(self._names)

    @cached_property
    def _by_key(self) -> Mapping[str, list[NormalizedName]]:
        keys: defaultdict[str, list[NormalizedName]] = defaultdict(list)
        for name in self._names:
            keys[ultranormalize(name)].append(name)
        return dict(keys)


def strangers_of(names: SnapshotView | Collection[NormalizedName]) -> Strangers:
    """Either kind of list."""
    return ListedStrangers(names) if isinstance(names, Collection) else names

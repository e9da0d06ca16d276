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
    """What the index needs to know of names that aren't the account's."""

    def has(self, name: NormalizedName) -> bool:
        """Whether a stranger's project is called so."""

    def similar(self, name: NormalizedName) -> tuple[NormalizedName, ...]:
        """Strangers' names with the same similarity key, the name itself left out."""

    def names(self) -> Iterable[NormalizedName]:
        """All of them, sorted."""


@runtime_checkable
class _ListsNames(Protocol):
    def names(self) -> Iterable[NormalizedName]:
        """All names, sorted."""


class ListedStrangers:
    """Strangers' names from a collection; the similarity keys are computed when the first name is compared."""

    def __init__(self, names: Collection[NormalizedName]) -> None:
        self._names = names if isinstance(names, set | frozenset | dict) else frozenset(names)

    def has(self, name: NormalizedName) -> bool:
        """Whether a stranger's project is called so."""
        return name in self._names

    def similar(self, name: NormalizedName) -> tuple[NormalizedName, ...]:
        """Strangers' names with the same similarity key, the name itself left out."""
        return tuple(other for other in self._by_key.get(ultranormalize(name), ()) if other != name)

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


class SnapshotStrangers:
    """Strangers' names from a snapshot, which answers without becoming objects."""

    def __init__(self, view: SnapshotView) -> None:
        self._view = view

    def has(self, name: NormalizedName) -> bool:
        """Whether a stranger's project is called so."""
        return name in self._view.existing((name,))

    def similar(self, name: NormalizedName) -> tuple[NormalizedName, ...]:
        """Strangers' names with the same similarity key, the name itself left out."""
        return self._view.similar((name,)).get(name, ())

    def names(self) -> Iterable[NormalizedName]:
        """All of them, sorted, where the view can list its names; else none."""
        return self._view.names() if isinstance(self._view, _ListsNames) else ()


def strangers_of(names: SnapshotView | Collection[NormalizedName]) -> Strangers:
    """Either kind of list."""
    return ListedStrangers(names) if isinstance(names, Collection) else SnapshotStrangers(names)

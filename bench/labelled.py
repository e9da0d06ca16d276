"""The labelled names that rates are learned from: who takes which names for which packages."""

from __future__ import annotations

import collections
import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import canonicalize_name

from namehold.candidates.techniques.subjects import crowded_kinds, kind_of_surface
from namehold.portfolio.packages import Package, Surface, SurfaceKind

SETS = ("attack", "model", "owner")


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """The labelled names by set and target, and the packages of all targets.

    `shares` are learned from: how much each name counts (`POWERS`). `measured` are the rows of the figures. Names of
    2026 teach with the set of their kind (imitations are attacks, owners' own are owners' choices), and are measured
    apart.
    """

    shares: dict[str, dict[str, dict[str, float]]]
    measured: dict[str, dict[str, set[str]]]
    packages: list[Package]

    def all_names(self, target: str) -> set[str]:
        """The reference names of a target in all sets."""
        return set().union(*(by_target.get(target, set()) for by_target in self.measured.values()))

    def with_powers(self, powers: Mapping[str, float]) -> Labelled:
        """The same names, with other `POWERS`."""
        return replace(self, shares=_shares_of(self.measured, powers))

    def weight(self, key: str) -> float:
        """How much all names of a learned set count."""
        return sum(share for names in self.shares[key].values() for share in names.values())


#: The learned set of each set of the tables, and how much its names count there. Imitations were labelled by rules, and
#: a seventh of them is doubtful; beside attacks that were confirmed they count less.
_LEARNED = {
    "attack": ("attack", 1.0),
    "hallucination": ("model", 1.0),
    "owner-choice": ("owner", 1.0),
    "imitation-2026": ("attack", 0.3),
    "owner-2026": ("owner", 1.0),
}


#: How much one of n names of a target counts, by learned set: n to the power of minus this. At 1, all names of a target
#: count as one. An owner chooses every name by itself, and models answer again and again, so that more names show more;
#: many of one attacker's names are one list.
POWERS: Mapping[str, float] = {"attack": 0.7, "model": 0.5, "owner": 0.5}


def _shares_of(
    measured: Mapping[str, Mapping[str, set[str]]], powers: Mapping[str, float]
) -> dict[str, dict[str, dict[str, float]]]:
    shares: dict[str, dict[str, dict[str, float]]] = {key: collections.defaultdict(dict) for key in SETS}
    for table_set, (key, factor) in _LEARNED.items():
        for target, names in measured[table_set].items():
            shares[key][target] |= dict.fromkeys(sorted(names), factor / len(names) ** powers[key])
    return {key: dict(value) for key, value in shares.items()}


def read_labelled(tables: Iterable[Path], surfaces: Path) -> Labelled:
    """The labelled names of all tables (set,target,name,group), with the surfaces of their packages."""
    measured: dict[str, dict[str, set[str]]] = collections.defaultdict(lambda: collections.defaultdict(set))
    targets: set[str] = set()
    for table in tables:
        with table.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                target, name = row["target"], canonicalize_name(row["name"])
                targets.add(target)
                if row["group"] == "mass":
                    continue
                measured[row["set"]][target].add(name)
                if row["group"] == "universal":
                    measured["universal"][target].add(name)
    return Labelled(
        shares=_shares_of(measured, POWERS),
        measured={key: dict(value) for key, value in measured.items()},
        packages=read_packages(targets, surfaces),
    )


def read_packages(targets: Iterable[str], surfaces: Path) -> list[Package]:
    """The targets in alphabetical order, each with the surfaces that the file knows of it."""
    by_target: dict[str, list[Surface]] = collections.defaultdict(list)
    with surfaces.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            surface = Surface(kind=SurfaceKind(row["kind"]), value=row["value"], source=surfaces.name)
            by_target[row["target"]].append(surface)
    return [
        Package(name=canonicalize_name(target), spelled=target, surfaces=tuple(by_target[target]))
        for target in sorted(targets)
    ]


def count_surfaces(
    packages: Iterable[Package], labelled: Labelled, popular: Collection[str]
) -> dict[tuple[str, bool], tuple[int, int]]:
    """By kind, and whether one of many: how many surfaces of `packages` are labelled names, and how many there are.

    Those that are called like the package or a popular project aren't counted: such names are taken.
    """
    seen: dict[tuple[str, bool], set[tuple[str, str]]] = collections.defaultdict(set)
    for package in packages:
        crowded = crowded_kinds(package)
        for surface in package.surfaces:
            value, kind = canonicalize_name(surface.value), kind_of_surface(surface)
            if value != package.name and value not in popular:
                seen[kind, kind in crowded].add((package.name, value))
    return {
        key: (sum(value in labelled.all_names(target) for target, value in pairs), len(pairs))
        for key, pairs in sorted(seen.items())
    }

"""The labelled names that rates are learned from: who takes which names for which packages."""

from __future__ import annotations

import collections
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from namehold.portfolio.model import Package, Surface, SurfaceKind

SETS = ("attack", "model", "owner")


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """The labelled names by set and target, and the packages of all targets.

    `universal` is the part of the models' names that every model invents; it is measured, not learned apart.
    """

    names: dict[str, dict[str, set[str]]]
    universal: dict[str, set[str]]
    packages: list[Package]

    def all_names(self, target: str) -> set[str]:
        """The reference names of a target in all sets."""
        return set().union(*(by_target.get(target, set()) for by_target in self.names.values()))


def read_labelled(names: Path, surfaces: Path) -> Labelled:
    found: dict[str, dict[str, set[str]]] = {key: collections.defaultdict(set) for key in SETS}
    universal: dict[str, set[str]] = collections.defaultdict(set)
    targets: set[str] = set()
    with names.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            targets.add(row["target"])
            key = {"attack": "attack", "hallucination": "model", "owner-choice": "owner"}[row["set"]]
            if row["group"] != "mass":
                found[key][row["target"]].add(canonicalize_name(row["name"]))
            if row["group"] == "universal":
                universal[row["target"]].add(canonicalize_name(row["name"]))
    packages = read_packages(targets, surfaces)
    names_by_set = {key: dict(value) for key, value in found.items()}
    return Labelled(names=names_by_set, universal=dict(universal), packages=packages)


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

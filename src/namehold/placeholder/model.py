"""A placeholder's files: the source tree that templates make, and the distributions that are built from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from packaging.utils import NormalizedName

from namehold.documents import digest
from namehold.plan import Action, Renderer
from namehold.portfolio import Mode, Portfolio


class TreeRenderer(Renderer, Protocol):
    """A `plan.Renderer` whose source trees can be built."""

    def render(self, action: Action, portfolio: Portfolio) -> SourceTree:
        """Raises TemplateError."""


class Builder(Protocol):
    """A source tree in, checked files out."""

    def build(self, tree: SourceTree, folder: Path) -> tuple[Distribution, ...]:
        """Wheel and sdist (or sdist alone), byte-reproducible. Raises BuildError, InvalidDistribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of a rendered placeholder; `path` is relative, with forward slashes."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """A rendered placeholder before it is built. `digest` is `tree_digest` of its files; empty if it was only read."""

    name: NormalizedName
    version: str
    mode: Mode
    files: tuple[SourceFile, ...]
    digest: str


def tree_digest(files: tuple[SourceFile, ...]) -> str:
    """sha256 over the sorted paths and texts of a rendered placeholder."""
    return digest(sorted((file.path, file.text) for file in files))


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A built file, checked as the index would check it."""

    name: NormalizedName
    version: str
    filename: str
    path: str
    sha256: str
    size: int
    mode: Mode
    metadata: tuple[tuple[str, str], ...] = ()

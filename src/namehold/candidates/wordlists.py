"""The data that ships inside the wheel: popular names, a dictionary, general words.

Each file's first line names source and date.

Popular names tell how well known a project is and which names belong to others; they are never a complete snapshot.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import cast

from packaging.utils import NormalizedName

#: Whose name may be meant where another one was typed: the most downloaded. Of 1,467 unranked projects of the index 28
#: are a typing error away from one of so many, 55 from any ranked one; shorter names often are, by chance.
_MUCH_USED, _SHORTEST_TYPED = 5_000, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularNames:
    """About 15,000 names by popularity. `ranks` counts from 1 (the most downloaded)."""

    ranks: dict[NormalizedName, int]
    source: str
    digest: str

    def meant_by(self, name: NormalizedName) -> NormalizedName | None:
        """The most downloaded project that is a typing error away from `name`; None if that is popular itself."""
        if name in self.ranks or len(name) < _SHORTEST_TYPED:
            return None
        from rapidfuzz.distance import OSA  # noqa: PLC0415 -- only a name that isn't popular pays for it
        from rapidfuzz.process import extract_iter  # noqa: PLC0415

        much_used = islice(self.ranks, _MUCH_USED)
        near = extract_iter(name, much_used, scorer=OSA.distance, score_cutoff=1)
        return next((found for found, *_ in near), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionary:
    """Ordinary words: lower case, three letters or more."""

    words: frozenset[str]
    source: str


@cache
def popular_names() -> PopularNames:
    """The bundled popular names."""
    source, names, digest = _lines("popular.txt.gz")
    ranks = dict(zip(cast("list[NormalizedName]", names), range(1, len(names) + 1), strict=True))
    return PopularNames(ranks=ranks, source=source, digest=digest)


@cache
def load_dictionary() -> Dictionary:
    """The bundled dictionary (SCOWL; its licence lies beside it)."""
    source, words, _ = _lines("words.txt.gz")
    return Dictionary(words=frozenset(words), source=source)


@cache
def general_words() -> frozenset[str]:
    """The bundled words that say what a package does or is written in, never whose it is."""
    _, *words = files("namehold").joinpath("data", "general.txt").read_text("utf-8").splitlines()
    return frozenset(words)


def _lines(filename: str) -> tuple[str, list[str], str]:
    """First line without its mark, the other lines, and the digest of the file."""
    content = files("namehold").joinpath("data", filename).read_bytes()
    first, *rest = gzip.decompress(content).decode().splitlines()
    return first.removeprefix("# "), rest, "sha256:" + hashlib.sha256(content).hexdigest()

"""The data that ships inside the wheel: popular names, a dictionary. Each file's first line names source and date.

Popular names tell how known a project is and what belongs to somebody else; they are never a complete snapshot.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from packaging.utils import NormalizedName

from namehold.generators import Vocabulary
from namehold.scoring import Calibration, Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularNames:
    """About 15,000 names by popularity. `ranks` counts from 1 (the most downloaded)."""

    ranks: dict[NormalizedName, int]
    source: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionary:
    """Words that belong to nobody: lower case, three letters or more."""

    words: frozenset[str]
    source: str


@cache
def popular_names() -> PopularNames:
    """The bundled popular names."""
    source, names, digest = _lines("popular.txt.gz")
    ranks = {NormalizedName(name): rank for rank, name in enumerate(names, start=1)}
    return PopularNames(ranks=ranks, source=source, digest=digest)


@cache
def dictionary() -> Dictionary:
    """The bundled dictionary (SCOWL; its licence lies beside it)."""
    source, words, _ = _lines("words.txt.gz")
    return Dictionary(words=frozenset(words), source=source)


@cache
def weights() -> Weights:
    """The bundled, learned weights of the ranking (`bench/learn_weights.py` writes them)."""
    return read_weights(files("namehold").joinpath("data", "weights.json").read_bytes())


def read_weights(content: bytes) -> Weights:
    """The weights in the bytes of a weights file."""
    document = json.loads(content)
    tables = document["log_weights"]
    words = document["vocabulary"]
    return Weights(
        version=document["version"],
        source=document["source"],
        digest="sha256:" + hashlib.sha256(content).hexdigest(),
        attack=tables["attack"],
        model=tables["model"],
        owner=tables["owner"],
        taken=document["taken"],
        calibration=Calibration(**document["calibration"]),
        vocabulary=Vocabulary(
            suffixes=tuple(words["suffixes"]),
            prefixes=tuple(words["prefixes"]),
            glued_suffixes=tuple(words["glued_suffixes"]),
            glued_prefixes=tuple(words["glued_prefixes"]),
            generic=frozenset(words["generic"]),
            namespaces=frozenset(words["namespaces"]),
            bigrams=_by_item(words["bigrams"]),
            usages={usage: _by_item(classes) for usage, classes in words["usages"].items()},
            words=word_logs(words["words"].split()),
        ),
    )


def word_logs(words: Sequence[str]) -> dict[str, float]:
    """Natural logarithms of the frequencies of words that come most frequent first: one by rank (Zipf's law)."""
    whole = math.log(sum(1 / rank for rank in range(1, len(words) + 1)) or 1.0)
    return {word: -math.log(rank) - whole for rank, word in enumerate(words, start=1)}


def _by_item(classes: Mapping[str, str]) -> dict[str, str]:
    """The class of every item of a line."""
    return {item: often for often, items in classes.items() for item in items.split()}


def _lines(filename: str) -> tuple[str, list[str], str]:
    """First line without its mark, the other lines, and the digest of the file."""
    content = files("namehold").joinpath("data", filename).read_bytes()
    first, *rest = gzip.decompress(content).decode().splitlines()
    return first.removeprefix("# "), rest, "sha256:" + hashlib.sha256(content).hexdigest()

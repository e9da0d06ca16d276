"""The learned weights: how often people's confusions are of each kind."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from namehold.candidates.techniques.technique import Vocabulary


@cache
def load_weights() -> Weights:
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
        repeated=document["repeated"],
        assumed=document["assumed"],
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
            lately=_steps_by_item(words["lately"]),
            growing=_steps_by_item(words["growing"]),
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


def _steps_by_item(classes: Mapping[str, str]) -> dict[str, int]:
    """The number of every item of a line."""
    return {item: int(steps) for item, steps in _by_item(classes).items()}


#: The largest rate of a name (1 - 5e-5): beyond it a chance can't be told from 1.
LARGEST_RATE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """`probability = 1 - exp(-exp(shift) * rate ** slope)`: Platt's two parameters under the noisy-or's own link."""

    shift: float = 0.0
    slope: float = 1.0

    def rate(self, rate: float) -> float:
        """The calibrated rate; no name is more than as good as certain."""
        return min(LARGEST_RATE, math.exp(self.shift) * math.pow(rate, self.slope))

    def chances(self, rates: Iterable[float]) -> list[float]:
        """The chance (0 to 1) that each rate stands for, once it is calibrated."""
        factor, slope, expm1 = -math.exp(self.shift), self.slope, math.expm1
        chances = [-expm1(factor * rate**slope) for rate in rates]
        largest = -expm1(-LARGEST_RATE)
        return chances if max(chances, default=0.0) <= largest else [min(largest, chance) for chance in chances]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """The learned part of ranking (`data/weights.json`; `bench/learn_weights.py` writes it).

    `attack`, `model` and `owner` map labels to natural-log weights: how often attackers, language models and owners
    come to a name in this way. `taken` is the log-weight of a name that is a popular project itself, `repeated` that of
    one whose technique leads to a likelier name, too.
    `assumed` says, by the mark of a subject, what is assumed where labelled names were too few to learn a rate.
    """

    version: int
    source: str
    digest: str
    attack: Mapping[str, float]
    model: Mapping[str, float]
    owner: Mapping[str, float]
    taken: float = 0.0
    repeated: float = 0.0
    assumed: Mapping[str, str] = field(default_factory=dict)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    calibration: Calibration = field(default_factory=Calibration)

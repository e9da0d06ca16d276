"""A candidate, the clues that lead to it, and its score. Values alone."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from packaging.utils import NormalizedName

from namehold.portfolio import NameClass, Surface
from namehold.records import Record

#: Place of each class by strength, the strongest first.
_STRENGTH_ORDER = {name_class: place for place, name_class in enumerate(NameClass)}


class Channel(StrEnum):
    """By which way a person comes to the wrong name. `owner` is other owners' habit, `declared` is names.yaml."""

    TYPO = "typo"
    COMBO = "combo"
    MODEL = "model"
    OWNER = "owner"
    DECLARED = "declared"


class Clue(Record, frozen=True, kw_only=True):
    """One reason why a name may be taken for the target: a technique that leads to it, or an observation.

    `weight` is the natural logarithm of the clue's rate (hits per name, given that the package is attacked or asked
    for); `source` says where the rate or the observation comes from.
    An observation has a `date`, and was seen `count` times in `of` answers (None: their number isn't known).
    """

    technique: str
    channel: Channel
    name_class: NameClass
    surface: Surface
    detail: str
    weight: float
    source: str = ""
    date: dt.date | None = None
    count: int | None = None
    of: int | None = None


class Factor(Record, frozen=True, kw_only=True):
    """One term of a score: a label for people, its natural-log weight, and the channel it counts in."""

    label: str
    channel: Channel
    log_weight: float


class Score(Record, frozen=True, kw_only=True):
    """`value` is P(this name is used | the package is attacked), noisy-or over the channels; never a risk of attack."""

    value: float
    channels: tuple[tuple[Channel, float], ...] = ()
    factors: tuple[Factor, ...] = ()

    def without(self, channel: Channel) -> float:
        """What would be left of `value` (0 to 1) if nothing came through `channel`."""
        for known, part in self.channels:
            if known is channel:
                return 1.0 - (1.0 - self.value) / (1.0 - part)
        return self.value


class Candidate(Record, frozen=True, kw_only=True):
    """A name that may be mistaken for `target`, with all the evidence for it and its score."""

    name: NormalizedName
    target: NormalizedName
    evidence: tuple[Clue, ...]
    score: Score

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError("a candidate has evidence")

    @property
    def name_class(self) -> NameClass:
        """The strongest class among the evidence, in the order in which `NameClass` lists them."""
        if len(self.evidence) == 1:
            return self.evidence[0].name_class
        return min([item.name_class for item in self.evidence], key=_STRENGTH_ORDER.__getitem__)

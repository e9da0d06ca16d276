"""Says why a candidate stands where it stands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import TypeAlias

from packaging.utils import NormalizedName

from namehold.candidates.model import Candidate, Channel, Clue, Factor, Score
from namehold.candidates.rank import (
    EVIDENCE_FLOOR,
    Parts,
    Row,
    Shortlist,
    condition_labels,
    conditions_of,
    mark_labels,
    rates_of,
)
from namehold.candidates.techniques.affixes import LATELY
from namehold.candidates.techniques.technique import Marks, Technique, Usage
from namehold.candidates.tell import EVIDENCE_SHARE, describe
from namehold.candidates.weights import Weights
from namehold.portfolio import NameClass

#: What one way adds to a name's rate in one channel.
_Piece: TypeAlias = tuple[float, Channel, Parts]

#: What scales a name's whole rate, in plain words.
POPULAR = "it is a popular project's own name"
REPEATED = "a likelier name comes about in the same way"
CALIBRATION = "calibration on labelled names"
#: How the source of a clue begins whose rate was not learned from labelled names.
ASSUMED = "assumed"


def explain_names(found: Shortlist, *, weights: Weights, with_factors: bool = True) -> tuple[Candidate, ...]:
    """The listed names as candidates, with all their evidence and, unless they aren't asked for, every factor."""
    return tuple([_candidate(row, found, weights=weights, with_factors=with_factors) for row in found.rows])


def _candidate(row: Row, found: Shortlist, *, weights: Weights, with_factors: bool) -> Candidate:
    name, value, parts = row
    of_marks = rates_of(weights).of_marks
    pieces: list[_Piece] = []
    for way in parts:
        _, marks, (technique, _, (by_attack, by_model, by_owner)) = way
        attack, model, owner = of_marks[marks]
        first = Channel.TYPO if technique.name_class is NameClass.TYPO else Channel.COMBO
        pieces += (
            (attack * by_attack, first, way),
            (model * by_model, Channel.MODEL, way),
            (owner * by_owner, Channel.OWNER, way),
        )
    whole = -math.log1p(-value)
    raw = sum([rate for rate, _, _ in pieces])
    # What scales all pieces alike: that the name is a popular project's own or a repeated one, and the calibration.
    adjustment = whole / raw
    sums: dict[Channel, float] = {}
    for rate, channel, _ in pieces:
        sums[channel] = sums.get(channel, 0.0) + rate * adjustment
    least = min(EVIDENCE_FLOOR, EVIDENCE_SHARE * whole)
    # Sorting keeps the order of equal ones.
    pieces.sort(key=itemgetter(0), reverse=True)
    kept = [
        piece
        for number, piece in enumerate(pieces)
        # The strongest piece always counts, and so does a surface: what a name IS decides what is done about it.
        if number == 0 or piece[0] * adjustment >= least or _is_first_of_surface(pieces, number)
    ]
    # A way's channels have one detail.
    details = {id(way): describe(technique, subject, name) for way in parts for technique, subject, _ in (way[2],)}
    factors: tuple[Factor, ...] = ()
    if with_factors:
        steps = _steps(name, raw, adjustment, found, weights)
        factors = tuple(_factors(kept, steps, found.target, weights))
    return Candidate(
        name=NormalizedName(name),
        target=found.package.name,
        evidence=tuple(
            [
                Clue(
                    technique=technique.name,
                    channel=channel,
                    name_class=technique.name_class,
                    surface=subject.surface,
                    detail=details[id(way)],
                    weight=math.log(rate * adjustment),
                    source=_source_of(subject.mark, weights),
                )
                for rate, channel, way in kept
                for technique, subject, _ in (way[2],)
            ]
        ),
        score=Score(
            value=value,
            channels=tuple([(channel, -math.expm1(-total)) for channel, total in sums.items()]),
            factors=factors,
        ),
    )


def _factors(
    pieces: Iterable[_Piece], steps: Mapping[str, float], target: tuple[str, ...], weights: Weights
) -> Iterator[Factor]:
    """The terms of the pieces of a name; `steps` scale them all alike."""
    for _, channel, (_, marks, (technique, subject, _)) in pieces:
        conditions = conditions_of(subject, target)
        yield from _learned(channel, technique, marks, conditions, usage=subject.usage, weights=weights)
        yield from [Factor(label=label, channel=channel, log_weight=value) for label, value in steps.items()]


@cache
def _learned(
    channel: Channel,
    technique: Technique,
    marks: Marks,
    conditions: tuple[str, ...],
    *,
    usage: Usage,
    weights: Weights,
) -> tuple[Factor, ...]:
    """The log-weights behind one piece of evidence, summed by what they speak about."""
    table = {Channel.MODEL: weights.model, Channel.OWNER: weights.owner}.get(channel, weights.attack)
    sums: dict[str, float] = {}
    for label in (*condition_labels(technique, conditions), *mark_labels(marks)):
        if label in table:
            kind = _factor_kind(label, usage.shape)
            sums[kind] = sums.get(kind, 0.0) + table[label]
    return tuple(
        [Factor(label=f"{technique.title}: {kind}", channel=channel, log_weight=value) for kind, value in sums.items()]
    )


def _factor_kind(label: str, usage: str) -> str:
    """What a label speaks about, in plain words; a factor sums all labels of one kind."""
    if label == "all":
        return "the usual rate of any name"
    if "@" in label:
        return "what it starts from, and how long that is"
    if "&" in label or label.startswith("target:"):
        return "the package: its popularity, the shape of its name"
    if label.startswith("word:"):
        return f"the word {label.removeprefix('word:').removesuffix(LATELY)}, by how often it is used"
    if label.startswith("affix:lately"):
        return "how often names of the last year bear the word, and whether ever more do"
    if label.endswith("-its-kind"):
        shown, _, shape = usage.partition("-")
        return f"how usual it is on names {'that say' if shown == 'says' else 'of the kind'} {shape}"
    if "at-" in label or "in-" in label:
        return "the place in the name"
    return "the technique"


def _steps(name: str, raw: float, adjustment: float, found: Shortlist, weights: Weights) -> dict[str, float]:
    """What scaled the `raw` rate of a name by `adjustment`, as log-weights in plain words."""
    calibration = weights.calibration.rate(raw) / raw
    if math.isclose(adjustment, calibration, rel_tol=1e-6):
        return {CALIBRATION: math.log(adjustment)}
    return {
        REPEATED if name in found.repeated else POPULAR: math.log(adjustment / calibration),
        CALIBRATION: math.log(calibration),
    }


@cache
def _source_of(mark: str, weights: Weights) -> str:
    """Where the rate of a way from such a subject comes from: from labelled names, or from an assumption."""
    assumed = weights.assumed.get(mark)
    return weights.source if assumed is None else f"{ASSUMED}: {assumed}"


def _is_first_of_surface(pieces: Sequence[_Piece], number: int) -> bool:
    way = pieces[number][2]
    technique, _, _ = way[2]
    return technique.name_class is NameClass.SURFACE and all(piece[2] is not way for piece in pieces[:number])

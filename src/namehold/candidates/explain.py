"""Says why a candidate stands where it stands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import TypeAlias

from packaging.utils import NormalizedName

from namehold.candidates.model import Candidate, Channel, Clue, Factor, Score
from namehold.candidates.rank import (
    EVIDENCE_FLOOR,
    Listed,
    Parts,
    Row,
    Shortlist,
    Way,
    conditions_of,
    rates_of,
    strength_of,
)
from namehold.candidates.techniques.technique import Subject, Technique
from namehold.candidates.weights import Weights
from namehold.portfolio import NameClass

#: What one way adds to a name's rate in one channel.
_Piece: TypeAlias = tuple[float, Channel, Parts]

EVIDENCE_SHARE = 0.1
#: How the source of a clue begins whose rate was not learned from labelled names.
ASSUMED = "assumed"


def reasons(listed: Listed) -> tuple[Way, ...]:
    """The ways to a listed name that matter, strongest first; at least one."""
    return tuple(map(Way._make, strongest(listed.parts)))


def strongest(ways: Sequence[Parts]) -> list[Parts]:
    """Those of the ways to a name that matter, strongest first; at least one."""
    found = sorted(ways, key=strength_of)
    least = EVIDENCE_SHARE * sum([rate for rate, _, _ in found])
    while len(found) > 1 and found[-1][0] < least:
        found.pop()
    return found


def explain_names(found: Shortlist, *, weights: Weights, with_factors: bool = True) -> tuple[Candidate, ...]:
    """The listed names as candidates, with all their evidence and, unless they aren't asked for, every factor."""
    return tuple([_candidate(row, found, weights=weights, with_factors=with_factors) for row in found.rows])


def _candidate(row: Row, found: Shortlist, *, weights: Weights, with_factors: bool) -> Candidate:
    name, value, parts = row
    of_marks = rates_of(weights).of_marks
    pieces: list[_Piece] = []
    ways = sorted(parts, key=strength_of) if len(parts) > 1 else parts
    for way in ways:
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
    # What scales all pieces alike: that the name is a popular project's own, and the calibration.
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
    details = {id(way): _detail_of(technique, subject, name) for way in ways for technique, subject, _ in (way[2],)}
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
            factors=tuple(_factors(kept, raw, adjustment, found.target, weights)) if with_factors else (),
        ),
    )


def _factors(
    pieces: Iterable[_Piece],
    raw: float,
    adjustment: float,
    target: tuple[str, ...],
    weights: Weights,
) -> Iterator[Factor]:
    """The terms of the pieces of a name whose rate was `raw` before it was scaled by `adjustment`."""
    rates = rates_of(weights)
    calibration = weights.calibration.rate(raw) / raw
    steps = {"calibration on labelled names": math.log(adjustment)}
    if not math.isclose(adjustment, calibration, rel_tol=1e-6):
        steps = {
            "it is a popular project's own name": math.log(adjustment / calibration),
            "calibration on labelled names": math.log(calibration),
        }
    for _, channel, parts in pieces:
        way = Way._make(parts)
        yield from rates.factors(channel, way, conditions_of(way.subject, target), steps)


@cache
def _source_of(mark: str, weights: Weights) -> str:
    """Where the rate of a way from such a subject comes from: from labelled names, or from an assumption."""
    assumed = weights.assumed.get(mark)
    return weights.source if assumed is None else f"{ASSUMED}: {assumed}"


def _is_first_of_surface(pieces: Sequence[_Piece], number: int) -> bool:
    way = pieces[number][2]
    technique, _, _ = way[2]
    return technique.name_class is NameClass.SURFACE and all(piece[2] is not way for piece in pieces[:number])


def detail_of(way: Way, name: str) -> str:
    """One way to a name, in plain words."""
    return _detail_of(way.technique, way.subject, name)


def _detail_of(technique: Technique, subject: Subject, name: str) -> str:
    return f"{lead_of(technique, subject.mark)}: {change_of(subject.text, name)}"


@cache
def lead_of(technique: Technique, mark: str) -> str:
    """A technique's title and, where that isn't the project's name, what it starts from."""
    return technique.title if mark == "project" else f"{technique.title} from {_STARTS[mark]}"


def change_of(text: str, name: str) -> str:
    """From which string a way leads to which name."""
    # A command that is the name itself leads nowhere else.
    return text if text == name else f"{text} → {name}"


#: What a subject's mark means to people.
_STARTS = {
    "bare": "the bare name",
    "import": "an import",
    "command": "a command",
    "alias": "an alias",
    "former": "a former name",
    "submodule": "a module within a module",
    "namespace": "a namespace",
    "repository": "a repository",
    "stem-glued": "the name without the word glued to it",
    "stem-generic": "the name without its role word",
    "stem-own": "the name without its last word",
    "head-shared": "the namespace",
    "head-own": "the first word",
    "tail-shared": "the name without its namespace",
    "tail-own": "the name without its first word",
}

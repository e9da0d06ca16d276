"""Says why a candidate stands where it stands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from operator import itemgetter

from packaging.utils import NormalizedName

from namehold.candidates.model import Candidate, Channel, Clue, Factor, Score
from namehold.candidates.rank import EVIDENCE_FLOOR, Listed, Parts, Shortlist, Way, conditions_of, rates_of, strength_of
from namehold.candidates.techniques.technique import Technique
from namehold.candidates.weights import Weights
from namehold.portfolio import NameClass, Package

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
    return tuple(
        _candidate(listed, package=found.package, target=found.target, weights=weights, with_factors=with_factors)
        for listed in found.names
    )


def _candidate(
    listed: Listed, *, package: Package, target: tuple[str, ...], weights: Weights, with_factors: bool
) -> Candidate:
    rates = rates_of(weights)
    pieces: list[tuple[float, Channel, Way]] = []
    ways = sorted(listed.ways, key=strength_of)
    for way in ways:
        by_attack, by_model, by_owner = way.source[2]
        attack, model, owner = rates.of_marks[way.marks]
        first = Channel.TYPO if way.technique.name_class is NameClass.TYPO else Channel.COMBO
        pieces += (
            (attack * by_attack, first, way),
            (model * by_model, Channel.MODEL, way),
            (owner * by_owner, Channel.OWNER, way),
        )
    whole = -math.log1p(-listed.value)
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
    details = {id(way): detail_of(way, listed.name) for way in ways}
    return Candidate(
        name=NormalizedName(listed.name),
        target=package.name,
        evidence=tuple(
            [
                Clue(
                    technique=way.technique.name,
                    channel=channel,
                    name_class=way.technique.name_class,
                    surface=way.subject.surface,
                    detail=details[id(way)],
                    weight=math.log(rate * adjustment),
                    source=_source_of(way.subject.mark, weights),
                )
                for rate, channel, way in kept
            ]
        ),
        score=Score(
            value=listed.value,
            channels=tuple([(channel, -math.expm1(-total)) for channel, total in sums.items()]),
            factors=tuple(_factors(kept, raw, adjustment, target, weights)) if with_factors else (),
        ),
    )


def _factors(
    pieces: Iterable[tuple[float, Channel, Way]],
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
    for _, channel, way in pieces:
        yield from rates.factors(channel, way, conditions_of(way.subject, target), steps)


@cache
def _source_of(mark: str, weights: Weights) -> str:
    """Where the rate of a way from such a subject comes from: from labelled names, or from an assumption."""
    assumed = weights.assumed.get(mark)
    return weights.source if assumed is None else f"{ASSUMED}: {assumed}"


def _is_first_of_surface(pieces: Sequence[tuple[float, Channel, Way]], number: int) -> bool:
    way = pieces[number][2]
    return way.technique.name_class is NameClass.SURFACE and all(piece[2] is not way for piece in pieces[:number])


def detail_of(way: Way, name: str) -> str:
    """One way to a name, in plain words."""
    return f"{lead_of(way.technique, way.subject.mark)}: {change_of(way.subject.text, name)}"


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

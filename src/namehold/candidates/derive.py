"""From a portfolio to its ranked candidates: derived, declared and observed names in one list."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from packaging.utils import NormalizedName

from namehold.candidates.explain import explain_names
from namehold.candidates.model import Candidate, Channel, Clue, Factor, Score
from namehold.candidates.rank import Family, shortlist
from namehold.candidates.weights import LARGEST_RATE, Weights
from namehold.portfolio import CLAIMED_SOURCE, NameClass, Portfolio, Surface, SurfaceKind

#: A name that names.yaml asks for, or that was seen to be asked for, is used as good as certainly.
DECLARED_RATE = 3.0
#: The least share of asking models' answers that an observation counts for.
LEAST_SHARE = 0.1

_LARGEST_VALUE = -math.expm1(-LARGEST_RATE)


def derive_candidates(
    portfolio: Portfolio, *, weights: Weights, popular: Mapping[NormalizedName, int]
) -> tuple[Candidate, ...]:
    """Every name that the portfolio gives reason to look at, best first; each once, under its best target.

    These are every package's first `policy.candidates` names and, regardless of rank, all that names.yaml declares:
    surfaces, observed, always, internal and future names. An internal or future name is its own target.
    """
    family = Family.of(portfolio.packages)
    found: list[Candidate] = []
    for package in portfolio.packages:
        listed = shortlist(
            package,
            family=family,
            weights=weights,
            popular=popular,
            limit=portfolio.policy.candidates,
            with_surfaces=True,
        )
        found += explain_names(listed, weights=weights)
    found += _declared(portfolio)
    return _merge(found)


def _declared(portfolio: Portfolio) -> Iterator[Candidate]:
    """Observed, always, internal and future names, each with the clue that the portfolio gives."""
    for seen in portfolio.observed:
        share = seen.count / seen.of if seen.of else 1.0
        times = "once" if seen.count == 1 else f"{seen.count:,} times"
        answers = f" in {seen.of:,} answers" if seen.of else ""
        clue = Clue(
            technique="observed",
            channel=Channel.DECLARED,
            name_class=NameClass.OBSERVED,
            surface=Surface(kind=seen.kind, value=seen.name, source=seen.source, date=seen.date),
            detail=f"seen {times}{answers} ({seen.source})",
            weight=math.log(DECLARED_RATE * max(share, LEAST_SHARE)),
            source=seen.link or seen.source,
            date=seen.date,
            count=seen.count,
            of=seen.of,
        )
        yield _from_clue(seen.name, seen.package, clue)
    listed = [
        *(
            (item.name, item.package, NameClass.ALWAYS, SurfaceKind.DOCUMENTED, item.reason)
            for item in portfolio.always
        ),
        *(
            (item.name, item.name, NameClass.INTERNAL, SurfaceKind.INTERNAL, "a name used only inside")
            for item in portfolio.internal
        ),
        *(
            (name, name, NameClass.FUTURE, SurfaceKind.FUTURE, "a name for a project to come")
            for name in portfolio.future
        ),
    ]
    for name, target, name_class, kind, detail in listed:
        clue = Clue(
            technique=str(name_class),
            channel=Channel.DECLARED,
            name_class=name_class,
            surface=Surface(kind=kind, value=name, source=CLAIMED_SOURCE),
            detail=detail,
            weight=math.log(DECLARED_RATE),
            source=CLAIMED_SOURCE,
        )
        yield _from_clue(name, target, clue)


def _from_clue(name: NormalizedName, target: NormalizedName, clue: Clue) -> Candidate:
    """A candidate with one clue, which is the only factor of its score."""
    value = -math.expm1(-math.exp(clue.weight))
    factor = Factor(label=clue.detail, channel=clue.channel, log_weight=clue.weight)
    score = Score(value=value, channels=((Channel.DECLARED, value),), factors=(factor,))
    return Candidate(name=name, target=target, evidence=(clue,), score=score)


def _merge(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """One candidate a name, under its best target, best first."""
    by_pair: dict[tuple[str, str], Candidate] = {}
    for candidate in candidates:
        pair = (candidate.name, candidate.target)
        known = by_pair.get(pair)
        by_pair[pair] = candidate if known is None else unite(known, candidate)
    best: dict[str, Candidate] = {}
    for candidate in by_pair.values():
        other = best.get(candidate.name)
        if other is None or _precedence(candidate) < _precedence(other):
            best[candidate.name] = candidate
    return tuple(sorted(best.values(), key=_precedence))


def _precedence(candidate: Candidate) -> tuple[float, str, str]:
    return (-candidate.score.value, candidate.name, candidate.target)


def either(one: float, other: float) -> float:
    """The chance (0 to 1) that at least one of two things happens that know nothing of each other.

    Never more than as good as certain: from 1 no part could be taken away again.
    """
    return min(_LARGEST_VALUE, 1.0 - (1.0 - one) * (1.0 - other))


def unite(one: Candidate, other: Candidate) -> Candidate:
    """The evidence of both for one name and target; what both hold counts once."""
    if set(other.evidence) <= set(one.evidence):
        return one
    if set(one.evidence) <= set(other.evidence):
        return other
    channels: dict[Channel, float] = {}
    for channel, value in (*one.score.channels, *other.score.channels):
        channels[channel] = either(channels.get(channel, 0.0), value)
    return Candidate(
        name=one.name,
        target=one.target,
        evidence=tuple(dict.fromkeys((*one.evidence, *other.evidence))),
        score=Score(
            value=either(one.score.value, other.score.value),
            channels=tuple(channels.items()),
            factors=(*one.score.factors, *other.score.factors),
        ),
    )

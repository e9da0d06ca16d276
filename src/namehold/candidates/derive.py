"""From a portfolio to its ranked candidates: derived, declared and observed names in one list."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from packaging.utils import NormalizedName

from namehold.candidates.explain import explain_names
from namehold.candidates.model import Candidate, Channel, Clue, Factor, Score
from namehold.candidates.rank import Family, shortlist
from namehold.candidates.weights import LARGEST_RATE, Weights
from namehold.portfolio import NameClass, Portfolio, Surface, SurfaceKind

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
        evidence = Clue(
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
        yield _with_evidence(seen.name, seen.package, (evidence,))
    for wanted in portfolio.always:
        surface = Surface(kind=SurfaceKind.DOCUMENTED, value=wanted.name, source="names.yaml")
        yield _listed(wanted.name, wanted.package, NameClass.ALWAYS, surface, wanted.reason)
    for internal in portfolio.internal:
        surface = Surface(kind=SurfaceKind.INTERNAL, value=internal.name, source="names.yaml")
        yield _listed(internal.name, internal.name, NameClass.INTERNAL, surface, "a name used only inside")
    for name in portfolio.future:
        surface = Surface(kind=SurfaceKind.FUTURE, value=name, source="names.yaml")
        yield _listed(name, name, NameClass.FUTURE, surface, "a name for a project to come")


def _listed(
    name: NormalizedName, target: NormalizedName, name_class: NameClass, surface: Surface, detail: str
) -> Candidate:
    """A name that stands in names.yaml itself."""
    evidence = Clue(
        technique=str(name_class),
        channel=Channel.DECLARED,
        name_class=name_class,
        surface=surface,
        detail=detail,
        weight=math.log(DECLARED_RATE),
        source="names.yaml",
    )
    return _with_evidence(name, target, (evidence,))


def _with_evidence(name: NormalizedName, target: NormalizedName, evidence: tuple[Clue, ...]) -> Candidate:
    """A candidate whose score is the noisy-or of its evidence; each piece is its own factor."""
    total = sum(math.exp(item.weight) for item in evidence)
    value = -math.expm1(-total)
    return Candidate(
        name=name,
        target=target,
        evidence=evidence,
        score=Score(
            value=value,
            channels=((Channel.DECLARED, value),),
            factors=tuple(Factor(label=item.detail, channel=item.channel, log_weight=item.weight) for item in evidence),
        ),
    )


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

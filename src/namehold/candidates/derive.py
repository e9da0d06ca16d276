"""From a portfolio to its ranked candidates: derived, declared and observed names in one list."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from packaging.utils import NormalizedName

from namehold.candidates.attribution import Attribution, from_portfolio
from namehold.candidates.explain import explain_names
from namehold.candidates.model import Candidate, Channel, Clue, Factor, Score
from namehold.candidates.rank import Family, Shortlist, shortlist
from namehold.candidates.weights import LARGEST_RATE, Weights
from namehold.portfolio import CLAIMED_SOURCE, NameClass, Observation, Package, Portfolio, Surface, SurfaceKind
from namehold.text import count

#: The rate of a name that very many answers tell, all of those that were looked at: 95 of 100 cases.
OBSERVED_RATE = 3.0
#: What names.yaml merely asks for is no observation: the wish orders nothing and adds nothing to a rate.
WISH_WEIGHT = -20.0
#: So many answers that tell a name count half. Chosen so that one answer alone, however few were looked at, is never
#: called likely (`text.LIKELY`, 1 in 10): 1 - exp(-3 / 31) is 9.2 %.
HALF_ANSWERS = 30

_LARGEST_VALUE = -math.expm1(-LARGEST_RATE)


def derive_candidates(
    portfolio: Portfolio,
    *,
    weights: Weights,
    popular: Mapping[NormalizedName, int],
    with_factors: bool = True,
    report: Callable[[Package], None] = lambda _: None,
) -> tuple[Candidate, ...]:
    """Every name that the portfolio gives reason to look at, best first; each once, under the package it belongs to.

    These are every package's first `policy.candidates` names and, regardless of rank, all that names.yaml declares:
    surfaces, observed, always, internal and future names, and look-alikes. An internal or future name is its own
    target. `report` is called with each package that is done.
    The factors of the ranked names are left out where they aren't asked for: a plan keeps none.
    """
    family = Family.of(portfolio.packages)
    attribution = Attribution.of(portfolio.packages)

    def rank(package: Package, also: Collection[str] = ()) -> Shortlist:
        limit = portfolio.policy.candidates
        return shortlist(
            package, family=family, weights=weights, popular=popular, limit=limit, with_surfaces=True, also=also
        )

    found: list[Candidate] = []
    listed: dict[NormalizedName, set[str]] = {}
    for package in portfolio.packages:
        # What names.yaml asks for has the rate that the data give it, however far down it stands.
        names = rank(package, {item.name for item in portfolio.always if item.package == package.name})
        listed[package.name] = {name for name, _, _ in names.rows}
        found += explain_names(names, weights=weights, with_factors=with_factors)
        report(package)
    found += _for_their_package(found, listed, portfolio, attribution=attribution, rank=rank, weights=weights)
    found += from_portfolio(portfolio, portfolio.packages)
    found += _declared(portfolio)
    found += _imitations(portfolio, known={item.name for item in found})
    return _merge(found, attribution)


def _for_their_package(
    found: Iterable[Candidate],
    listed: Mapping[NormalizedName, Collection[str]],
    portfolio: Portfolio,
    *,
    attribution: Attribution,
    rank: Callable[[Package, Collection[str]], Shortlist],
    weights: Weights,
) -> list[Candidate]:
    """The names that carry a package's whole name and that only its siblings' lists have, as names for that package.

    Its own ways to a name give the rate; where it has none above the noise, the sibling's evidence stays.
    """
    astray: dict[NormalizedName, dict[NormalizedName, Candidate]] = {}
    for candidate in found:
        carried = attribution.carried(candidate.name)
        if carried is None or carried == candidate.target or candidate.name in listed[carried]:
            continue
        if attribution.choose(candidate.name, (candidate.target,)) == carried:
            astray.setdefault(carried, {})[candidate.name] = candidate
    made: list[Candidate] = []
    for package in portfolio.packages:
        wanted = astray.get(package.name)
        if wanted:
            names = rank(package, wanted)
            own = replace(names, rows=tuple(row for row in names.rows if row[0] in wanted))
            derived = {item.name: item for item in explain_names(own, weights=weights)}
            made += [derived.get(name) or item.changed(target=package.name) for name, item in wanted.items()]
    return made


def _declared(portfolio: Portfolio) -> Iterator[Candidate]:
    """Observed, always, internal and future names, each with the clue that the portfolio gives."""
    for seen in portfolio.observed:
        clue = Clue(
            technique="observed",
            channel=Channel.DECLARED,
            name_class=NameClass.OBSERVED,
            surface=Surface(kind=seen.kind, value=seen.name, source=seen.source, date=seen.date),
            detail=f"seen {_times(seen)} ({seen.source})",
            weight=math.log(OBSERVED_RATE * _steadiness(seen) * seen.count / (seen.count + HALF_ANSWERS)),
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
            weight=WISH_WEIGHT,
            source=CLAIMED_SOURCE,
        )
        yield Candidate(name=name, target=target, evidence=(clue,), score=Score(value=0.0))


def _imitations(portfolio: Portfolio, *, known: Collection[NormalizedName]) -> Iterator[Candidate]:
    """The projects that a person calls look-alikes and that no technique makes; each is to be reported."""
    for verdict in portfolio.look_alikes:
        if verdict.name not in known:
            clue = Clue(
                technique="look-alike",
                channel=Channel.DECLARED,
                name_class=NameClass.COMBO,
                surface=Surface(kind=SurfaceKind.PROJECT, value=verdict.name, source=CLAIMED_SOURCE),
                detail="a person found that it imitates the package",
                weight=WISH_WEIGHT,
                source=CLAIMED_SOURCE,
                date=verdict.date,
            )
            yield Candidate(name=verdict.name, target=verdict.package, evidence=(clue,), score=Score(value=0.0))


def _steadiness(seen: Observation) -> float:
    """How steadily a name was seen, 0 to 1: the smoothed share of the answers that were looked at.

    Of a survey of models it is the geometric mean of the smoothed shares of runs and of prompts: one and the same
    answer in every run is what an attacker can rely on, and so is one that many prompts lead to. Where nothing says how
    many answers there were, those that hold the name are all that is known. What several models tell adds up (`unite`).
    """
    has_survey = None not in {seen.runs, seen.of_runs, seen.prompts, seen.of_prompts}
    if seen.kind is not SurfaceKind.PROBED or not has_survey:
        return _smooth(seen.count, seen.of or seen.count)
    return math.sqrt(_smooth(seen.runs or 0, seen.of_runs or 0) * _smooth(seen.prompts or 0, seen.of_prompts or 0))


def _smooth(part: int, whole: int) -> float:
    """A share of few observations: one of one is less than certain (Jeffreys' prior for a proportion)."""
    return (part + 0.5) / (whole + 1)


def _times(seen: Observation) -> str:
    """How often a name was seen, for people."""
    times = "once" if seen.count == 1 else f"{seen.count:,} times"
    answers = f" in {count(seen.of, 'answer')}" if seen.of else ""
    runs = f", in {seen.runs} of {count(seen.of_runs, 'run')}" if seen.runs and seen.of_runs else ""
    prompts = (
        f", after {seen.prompts} of {count(seen.of_prompts, 'prompt')}" if seen.prompts and seen.of_prompts else ""
    )
    return f"{times}{answers}{runs}{prompts}"


def _from_clue(name: NormalizedName, target: NormalizedName, clue: Clue) -> Candidate:
    """A candidate with one clue, which is the only factor of its score."""
    value = -math.expm1(-math.exp(clue.weight))
    factor = Factor(label=clue.detail, channel=clue.channel, log_weight=clue.weight)
    score = Score(value=value, channels=((Channel.DECLARED, value),), factors=(factor,))
    return Candidate(name=name, target=target, evidence=(clue,), score=score)


def _merge(candidates: Iterable[Candidate], attribution: Attribution) -> tuple[Candidate, ...]:
    """One candidate a name, under the package that it belongs to, best first."""
    by_pair: dict[tuple[str, str], Candidate] = {}
    for candidate in candidates:
        pair = (candidate.name, candidate.target)
        known = by_pair.get(pair)
        by_pair[pair] = candidate if known is None else unite(known, candidate)
    by_name: dict[str, list[Candidate]] = {}
    for candidate in by_pair.values():
        by_name.setdefault(candidate.name, []).append(candidate)
    return tuple(sorted(map(attribution.best, by_name.values()), key=_precedence))


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

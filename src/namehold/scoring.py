"""Ranks the names that may be taken for a package: P(the name is used | the package is attacked or asked for).

    candidates = rank(package, siblings=(), weights=bundled.weights(), popular=bundled.popular_names().ranks, limit=10)

Every piece of evidence has a rate in each channel: `exp(sum of learned log-weights of its marks)`.
Rates of one name add up, which is the noisy-or: `1 - exp(-sum)` is the chance that at least one of them strikes.
No rate is the risk of an attack: all are conditional on the package being attacked or asked for.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from packaging.utils import NormalizedName

from namehold.generators import TECHNIQUES, Context, Marks, Subject, Technique, Vocabulary, namespaces_of, subjects_of
from namehold.models import (
    Candidate,
    Channel,
    Evidence,
    Factor,
    NameClass,
    Package,
    Portfolio,
    Score,
    Surface,
    SurfaceKind,
)

#: Channels whose rates are learned; `declared` comes from names.yaml.
LEARNED_CHANNELS = (Channel.TYPO, Channel.COMBO, Channel.MODEL, Channel.OWNER)
#: A name that names.yaml asks for, or that was seen to be asked for, is as good as certain.
DECLARED_RATE = 3.0
#: Names are kept to this length (file names on the index).
LONGEST_NAME = 100

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SOURCE = "learned rates"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """The learned part of ranking (`data/weights.json`).

    `log_weights` are natural logarithms by channel and mark; a technique without an entry has no rate in a channel.
    """

    version: int
    source: str
    digest: str
    log_weights: Mapping[Channel, Mapping[str, float]]
    vocabulary: Vocabulary = field(default_factory=Vocabulary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is common to all packages that are ranked together."""

    names: frozenset[str]
    namespaces: frozenset[str]

    @classmethod
    def of(cls, siblings: Iterable[Package]) -> Family:
        """The family of these packages."""
        members = tuple(siblings)
        return cls(names=frozenset(package.name for package in members), namespaces=namespaces_of(members))


class _Rates:
    """Rates by marks, computed once for each combination that occurs."""

    def __init__(self, weights: Weights) -> None:
        self._tables = tuple(weights.log_weights.get(channel, {}) for channel in LEARNED_CHANNELS)
        self._cells: dict[tuple[str, ...], dict[Marks, float]] = {}

    def cells(self, conditions: tuple[str, ...]) -> dict[Marks, float]:
        """The cache of total rates under these conditions (marks of subject and target)."""
        return self._cells.setdefault(conditions, {})

    def total(self, marks: Marks, conditions: tuple[str, ...]) -> float:
        """The rate over all channels."""
        return sum(math.exp(weight) for weight in self.by_channel(marks, conditions).values())

    def by_channel(self, marks: Marks, conditions: tuple[str, ...]) -> dict[Channel, float]:
        """The logarithm of the rate in every channel in which the technique has one."""
        return {
            channel: sum(value for _, value in self.terms(channel, marks, conditions))
            for channel, table in zip(LEARNED_CHANNELS, self._tables, strict=True)
            if marks[0] in table
        }

    def terms(self, channel: Channel, marks: Marks, conditions: tuple[str, ...]) -> list[tuple[str, float]]:
        """The labelled log-weights that make up a rate."""
        table = self._tables[LEARNED_CHANNELS.index(channel)]
        labels = (*marks, *(f"{marks[0]}@{conditions[0]}",), *conditions[1:])
        return [(label, table[label]) for label in labels if label in table]


@lru_cache(maxsize=8)
def _rates_of(weights: Weights) -> _Rates:
    return _Rates(weights)


def rank(
    package: Package,
    *,
    siblings: Sequence[Package],
    weights: Weights,
    popular: Mapping[NormalizedName, int],
    limit: int,
) -> tuple[Candidate, ...]:
    """The `limit` names that are likeliest to be taken for `package`, best first; fewer if there are no more.

    `siblings` are the other packages of the portfolio: their names are never candidates.
    """
    return rank_in(package, family=Family.of((package, *siblings)), weights=weights, popular=popular, limit=limit)


def rank_in(
    package: Package,
    *,
    family: Family,
    weights: Weights,
    popular: Mapping[NormalizedName, int],
    limit: int,
) -> tuple[Candidate, ...]:
    """As `rank`, for a family that was made once for many packages."""
    rates = _rates_of(weights)
    context = Context(vocabulary=weights.vocabulary, namespaces=family.namespaces, companions=tuple(package.companions))
    target_marks = _target_marks(package, popular)
    totals: dict[str, float] = {}
    drafts: list[tuple[str, Technique, Marks, Subject]] = []
    for subject in subjects_of(package):
        conditions = (subject.mark, *target_marks)
        cells = rates.cells(conditions)
        for technique in TECHNIQUES:
            if subject.mark not in technique.subjects:
                continue
            for name, marks in technique.generate(subject, context):
                rate = cells.get(marks)
                if rate is None:
                    rate = cells[marks] = rates.total(marks, conditions)
                totals[name] = totals.get(name, 0.0) + rate
                drafts.append((name, technique, marks, subject))
    chosen = _best(totals, package=package, family=family, limit=limit)
    evidence: dict[str, list[tuple[Technique, Marks, Subject]]] = {name: [] for name in chosen}
    for name, technique, marks, subject in drafts:
        if name in evidence:
            evidence[name].append((technique, marks, subject))
    return tuple(_candidate(name, package, evidence[name], rates=rates, target_marks=target_marks) for name in chosen)


def derive(portfolio: Portfolio, *, weights: Weights, popular: Mapping[NormalizedName, int]) -> tuple[Candidate, ...]:
    """Every name that the portfolio gives reason to look at, best first; each once, under its best target.

    These are every package's first `policy.candidates` names and, regardless of rank, all that names.yaml declares:
    surfaces, observed, always, internal and future names. An internal or future name is its own target.
    """
    family = Family.of(portfolio.packages)
    found: list[Candidate] = []
    for package in portfolio.packages:
        found += rank_in(package, family=family, weights=weights, popular=popular, limit=portfolio.policy.candidates)
        found += _declared_surfaces(package, family=family, weights=weights, popular=popular)
    found += _declared(portfolio)
    return _merge(found)


def _target_marks(package: Package, popular: Mapping[NormalizedName, int]) -> tuple[str, ...]:
    """What is known of the package itself: how popular it is, how many words its name has."""
    place = popular.get(package.name)
    bounds = (300, 1000, 3000, 15000)
    bucket = next((str(bound) for bound in bounds if place is not None and place <= bound), "none")
    return (f"target:rank-{bucket}", f"target:words-{min(package.name.count('-') + 1, 4)}")


def _best(totals: Mapping[str, float], *, package: Package, family: Family, limit: int) -> list[str]:
    """The `limit` best valid names; equal ones in alphabetical order."""
    ordered = heapq.nsmallest(3 * limit + 50, totals.items(), key=lambda item: (-item[1], item[0]))
    names = [name for name, _ in ordered if _is_allowed(name, package=package, family=family)]
    return names[:limit]


def _is_allowed(name: str, *, package: Package, family: Family) -> bool:
    return (
        name != package.name
        and name not in family.names
        and len(name) <= LONGEST_NAME
        and _NAME.fullmatch(name) is not None
    )


def _candidate(
    name: str,
    package: Package,
    drafts: Iterable[tuple[Technique, Marks, Subject]],
    *,
    rates: _Rates,
    target_marks: tuple[str, ...],
) -> Candidate:
    evidence: list[Evidence] = []
    factors: list[Factor] = []
    for technique, marks, subject in drafts:
        conditions = (subject.mark, *target_marks)
        for channel, weight in rates.by_channel(marks, conditions).items():
            evidence.append(
                Evidence(
                    technique=technique.name,
                    channel=channel,
                    name_class=technique.name_class,
                    surface=subject.surface,
                    detail=f"{technique.title}: {subject.text} -> {name}",
                    weight=weight,
                    source=_SOURCE,
                )
            )
            factors += [
                Factor(label=label, channel=channel, log_weight=value)
                for label, value in rates.terms(channel, marks, conditions)
            ]
    return Candidate(
        name=NormalizedName(name),
        target=package.name,
        evidence=tuple(evidence),
        score=_score(evidence, factors),
    )


def _score(evidence: Iterable[Evidence], factors: Iterable[Factor]) -> Score:
    """Noisy-or of all the evidence, over all and by channel."""
    sums: dict[Channel, float] = {}
    for item in evidence:
        sums[item.channel] = sums.get(item.channel, 0.0) + math.exp(item.weight)
    return Score(
        value=-math.expm1(-sum(sums.values())),
        channels=tuple((channel, -math.expm1(-total)) for channel, total in sums.items()),
        factors=tuple(factors),
    )


def _declared_surfaces(
    package: Package, *, family: Family, weights: Weights, popular: Mapping[NormalizedName, int]
) -> Iterator[Candidate]:
    """The package's surfaces themselves, however they rank."""
    rates = _rates_of(weights)
    target_marks = _target_marks(package, popular)
    context = Context(vocabulary=weights.vocabulary)
    technique = next(technique for technique in TECHNIQUES if technique.name == "surface")
    for subject in subjects_of(package):
        if subject.mark in technique.subjects and _is_allowed(subject.text, package=package, family=family):
            drafts = [(technique, marks, subject) for _, marks in technique.generate(subject, context)]
            yield _candidate(subject.text, package, drafts, rates=rates, target_marks=target_marks)


def _declared(portfolio: Portfolio) -> Iterator[Candidate]:
    """Observed, always, internal and future names, each with the evidence that names.yaml gives."""
    for seen in portfolio.observed:
        share = seen.count / seen.of if seen.of else 1.0
        evidence = Evidence(
            technique="observed",
            channel=Channel.DECLARED,
            name_class=NameClass.OBSERVED,
            surface=Surface(kind=SurfaceKind.OBSERVED, value=seen.name, source=seen.source, date=seen.date),
            detail=f"seen {seen.count} times" + (f" in {seen.of} answers" if seen.of else "") + f" ({seen.source})",
            weight=math.log(DECLARED_RATE * max(share, 0.1)),
            source=seen.link or seen.source,
            date=seen.date,
            count=seen.count,
        )
        yield _with_evidence(seen.name, seen.package, (evidence,))
    for wanted in portfolio.always:
        yield _listed(wanted.name, wanted.package, "always", NameClass.ALWAYS, SurfaceKind.DOCUMENTED, wanted.reason)
    for internal in portfolio.internal:
        yield _listed(
            internal.name, internal.name, "internal", NameClass.INTERNAL, SurfaceKind.INTERNAL, "an internal name"
        )
    for name in portfolio.future:
        yield _listed(name, name, "future", NameClass.FUTURE, SurfaceKind.FUTURE, "a name for a future project")


def _listed(  # noqa: PLR0917 -- one row of names.yaml, read left to right
    name: NormalizedName, target: NormalizedName, technique: str, name_class: NameClass, kind: SurfaceKind, detail: str
) -> Candidate:
    """A name that stands in names.yaml itself."""
    evidence = Evidence(
        technique=technique,
        channel=Channel.DECLARED,
        name_class=name_class,
        surface=Surface(kind=kind, value=name, source="names.yaml"),
        detail=detail,
        weight=math.log(DECLARED_RATE),
        source="names.yaml",
    )
    return _with_evidence(name, target, (evidence,))


def _with_evidence(
    name: NormalizedName, target: NormalizedName, evidence: tuple[Evidence, ...], factors: tuple[Factor, ...] = ()
) -> Candidate:
    """A candidate whose score follows from its evidence; declared evidence is its own factor."""
    declared = tuple(
        Factor(label=item.technique, channel=item.channel, log_weight=item.weight)
        for item in evidence
        if item.channel is Channel.DECLARED
    )
    return Candidate(name=name, target=target, evidence=evidence, score=_score(evidence, (*factors, *declared)))


def _united(same: Sequence[Candidate]) -> Candidate:
    """All distinct evidence for one name and target."""
    if len(same) == 1:
        return same[0]
    evidence = tuple(dict.fromkeys(item for candidate in same for item in candidate.evidence))
    learned = max((candidate.score.factors for candidate in same), key=len)
    kept = tuple(factor for factor in learned if factor.channel is not Channel.DECLARED)
    return _with_evidence(same[0].name, same[0].target, evidence, kept)


def _merge(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """One candidate a name: all evidence for its best target, best first."""
    by_pair: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in candidates:
        by_pair.setdefault((candidate.name, candidate.target), []).append(candidate)
    best: dict[str, Candidate] = {}
    for same in by_pair.values():
        merged = _united(same)
        other = best.get(merged.name)
        if other is None or (-merged.score.value, merged.target) < (-other.score.value, other.target):
            best[merged.name] = merged
    return tuple(sorted(best.values(), key=lambda item: (-item.score.value, item.name, item.target)))

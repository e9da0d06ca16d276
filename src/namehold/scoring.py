"""Ranks the names that may be taken for a package: P(the name is used | the package is attacked or asked for).

    candidates = rank(package, siblings=(), weights=bundled.weights(), popular=bundled.popular_names().ranks, limit=10)

Every piece of evidence has a rate in each channel: `exp(sum of the learned log-weights of its labels)`.
Rates of one name add up, which is the noisy-or: `1 - exp(-sum)` is the chance that at least one of them strikes.
A last, monotone step (`Calibration`) makes that a probability. No rate is the risk of an attack.

Names are cheap (name, rate) pairs until it is known which are listed; only those get `Evidence` and `Factor`s.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from packaging.utils import NormalizedName

from namehold.generators import (
    TECHNIQUES,
    Context,
    Marks,
    Subject,
    Technique,
    Template,
    Vocabulary,
    context_of,
    namespaces_of,
    python_parts,
    shapes,
    subjects_of,
    word_class,
)
from namehold.generators.technique import PYTHON_WORDS, SURFACES
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
from namehold.names import is_normalized

#: A name that names.yaml asks for, or that was seen to be asked for, is used as good as certainly.
DECLARED_RATE = 3.0
#: The least share of asking models' answers that an observation counts for.
LEAST_SHARE = 0.1
#: A way below this rate (1 in 2,000) adds nothing to a name that has a better one, and evidence below it and below a
#: tenth of the name's whole rate is noise, not a reason.
EVIDENCE_FLOOR = 0.0005
EVIDENCE_SHARE = 0.1
#: The largest rate of a name (1 - 5e-5): beyond it a chance can't be told from 1.
LARGEST_RATE = 10.0
_LARGEST_VALUE = -math.expm1(-LARGEST_RATE)

#: Upper bounds of the classes of popularity rank and of length.
_RANKS = (100, 300, 1000, 3000, 15000)
_LENGTHS = (5, 7, 10, 14)
_MANY_WORDS = 3


#: Which of the three tables a channel's rates come from; the others are the attackers'.
_TABLE_OF = {Channel.MODEL: 1, Channel.OWNER: 2}


class Habit(NamedTuple):
    """A rate for each of the three sets of labelled names that rates were learned from."""

    attack: float
    model: float
    owner: float


class Way(NamedTuple):
    """One way to a name, before it is evidence; `rate` is over all channels, not calibrated."""

    rate: float
    technique: Technique
    marks: Marks
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """`probability = 1 - exp(-exp(shift) * rate ** slope)`: Platt's two parameters under the noisy-or's own link."""

    shift: float = 0.0
    slope: float = 1.0

    def rate(self, rate: float) -> float:
        """The calibrated rate; no name is more than as good as certain."""
        return min(LARGEST_RATE, math.exp(self.shift) * rate**self.slope) if rate > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """The learned part of ranking (`data/weights.json`; `bench/learn_weights.py` writes it).

    `attack`, `model` and `owner` map labels to natural-log weights: how often attackers, language models and owners
    come to a name in this way. `taken` is the log-weight of a name that is a popular project itself.
    """

    version: int
    source: str
    digest: str
    attack: Mapping[str, float]
    model: Mapping[str, float]
    owner: Mapping[str, float]
    taken: float = 0.0
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    calibration: Calibration = field(default_factory=Calibration)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is common to all packages that are ranked together: they are each other's siblings."""

    names: frozenset[str]
    namespaces: frozenset[str]

    @classmethod
    def of(cls, packages: Iterable[Package]) -> Family:
        """The family of these packages."""
        members = tuple(packages)
        return cls(names=frozenset(package.name for package in members), namespaces=namespaces_of(members))


# --------------------------------------------------------------------------- labels


def mark_labels(marks: Marks) -> list[str]:
    """The labels of a batch's marks; marks with two parts (`at-last/in-first-word`) count each."""
    technique = marks[0]
    labels = [technique]
    for mark in marks[1:]:
        if ":" in mark:
            labels.append(mark)
        else:
            for part in mark.split("/"):
                labels += (part, f"{technique}:{part}")
    return labels


def condition_labels(technique: Technique, conditions: tuple[str, ...]) -> list[str]:
    """The labels of what a technique works on: the kind and length of the subject, then what the package is like."""
    start, length, *target = conditions
    name, kind = technique.name, str(technique.name_class)
    labels = ["all", f"{name}@{start}", f"{kind}@{start}", f"{name}@{length}", f"{kind}@{length}"]
    for mark in target:
        labels += (f"target:{mark}", f"{kind}&{mark}", f"{name}&{mark}")
    return labels


def target_marks(package: Package, popular: Mapping[NormalizedName, int], vocabulary: Vocabulary) -> tuple[str, ...]:
    """What the package is like: how popular, how many words, which words lead and end it, of which shape."""
    tokens = package.name.split("-")
    shape = shapes.shape_of_words(tokens, vocabulary.namespaces)
    place = popular.get(package.name)
    rank_class = next((str(bound) for bound in _RANKS if place is not None and place <= bound), "unknown")
    marks = [f"rank-{rank_class}", f"words-{min(len(tokens), _MANY_WORDS)}", f"shape-{shape}"]
    if len(tokens) > 1:
        marks.append(f"head-{word_class(tokens[0], Context(vocabulary=vocabulary))}")
    if not PYTHON_WORDS.isdisjoint(tokens):
        marks.append("python-word")
    elif python_parts.bare(package.name) != package.name:
        marks.append("python-glued")
    if len(tokens) > 1 and tokens[-1] in vocabulary.generic:
        marks.append("generic-tail")
    if package.name[-1].isdigit():
        marks.append("digit-tail")
    return tuple(marks)


def conditions_of(subject: Subject, target: tuple[str, ...]) -> tuple[str, ...]:
    """The conditions of everything that starts from `subject`."""
    length = next((str(bound) for bound in _LENGTHS if len(subject.text) <= bound), "more")
    return (subject.mark, f"length-{length}", *target)


class _Rates:
    """Rates by marks and by conditions, each computed once."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._tables = (weights.attack, weights.model, weights.owner)
        self._by_marks: dict[Marks, Habit] = {}
        self._by_conditions: dict[tuple[str, tuple[str, ...]], Habit] = {}
        self._factors: dict[tuple[Channel, str, Marks, tuple[str, ...], str], tuple[Factor, ...]] = {}
        self._templates: dict[tuple[str, str], list[tuple[Habit, Template]]] = {}

    def of_marks(self, marks: Marks) -> Habit:
        """The factor of these marks."""
        found = self._by_marks.get(marks)
        if found is None:
            found = self._by_marks[marks] = self._product(mark_labels(marks))
        return found

    def of_conditions(self, technique: Technique, conditions: tuple[str, ...]) -> Habit:
        """The factor of a technique under these conditions."""
        key = (technique.name, conditions)
        found = self._by_conditions.get(key)
        if found is None:
            found = self._by_conditions[key] = self._product(condition_labels(technique, conditions))
        return found

    def templates_worth(
        self, technique: Technique, usage: str, factor: Habit, worth: float
    ) -> list[tuple[float, Template]]:
        """The technique's templates for this usage with their rates, as far as these reach `worth`."""
        key = (technique.name, usage)
        known = self._templates.get(key)
        if known is None:
            made = technique.templates(self._weights.vocabulary, usage) if technique.templates else ()
            known = [(self.of_marks(template.marks), template) for template in made]
            known.sort(key=_largest, reverse=True)
            self._templates[key] = known
        # No rate is above the template's largest part times the whole factor, so that only the first need be looked at.
        end = bisect_right(known, -worth / sum(factor), key=lambda item: -_largest(item))
        return [(rate, template) for habit, template in known[:end] if (rate := _total(habit, factor)) >= worth]

    def factors(
        self, channel: Channel, way: Way, conditions: tuple[str, ...], steps: Mapping[str, float]
    ) -> tuple[Factor, ...]:
        """The log-weights behind one piece of evidence, summed by what they speak about, then `steps`."""
        usage = way.subject.usage
        key = (channel, way.technique.name, way.marks, conditions, usage)
        found = self._factors.get(key)
        if found is None:
            table = self._tables[_TABLE_OF.get(channel, 0)]
            labels = (*condition_labels(way.technique, conditions), *mark_labels(way.marks))
            sums: dict[str, float] = {}
            for label in labels:
                if label in table:
                    kind = _factor_kind(label, usage)
                    sums[kind] = sums.get(kind, 0.0) + table[label]
            found = self._factors[key] = tuple(
                Factor(label=f"{way.technique.title}: {kind}", channel=channel, log_weight=value)
                for kind, value in sums.items()
            )
        return (*found, *(Factor(label=label, channel=channel, log_weight=value) for label, value in steps.items()))

    def _product(self, labels: Sequence[str]) -> Habit:
        return Habit(*(math.exp(sum(table.get(label, 0.0) for label in labels)) for table in self._tables))


def _largest(item: tuple[Habit, Template]) -> float:
    return max(item[0])


def _total(marks: Habit, conditions: Habit) -> float:
    return marks[0] * conditions[0] + marks[1] * conditions[1] + marks[2] * conditions[2]


@lru_cache(maxsize=8)
def _rates_of(weights: Weights) -> _Rates:
    return _Rates(weights)


# --------------------------------------------------------------------------- the list


class Listed(NamedTuple):
    """A name in a list: how likely it is used if the package is attacked or asked for, and the ways to it."""

    name: str
    value: float
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist:
    """A package's names, best first; `target` is what the package is like."""

    package: Package
    names: tuple[Listed, ...]
    target: tuple[str, ...]


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
    family = Family.of((package, *siblings))
    return explain(shortlist(package, family=family, weights=weights, popular=popular, limit=limit), weights=weights)


def shortlist(
    package: Package,
    *,
    family: Family,
    weights: Weights,
    popular: Mapping[NormalizedName, int],
    limit: int,
    with_surfaces: bool = False,
) -> Shortlist:
    """The names of `rank` with the ways to them, before evidence is made; `family` is made once for all packages.

    `with_surfaces`: the package's own imports, commands, aliases and former names are listed however they rank.
    """
    search = _Search(package, family=family, weights=weights, popular=popular, limit=limit)
    return search.run(with_surfaces=with_surfaces)


class _Search:
    """Collects names and their rates for one package.

    A name's rate is the sum of its ways' rates as far as these reach `EVIDENCE_FLOOR`; one that has no such way has the
    rate of its best. So no rate depends on how long a list is asked for, and what can't be listed needn't be made.
    """

    def __init__(
        self,
        package: Package,
        *,
        family: Family,
        weights: Weights,
        popular: Mapping[NormalizedName, int],
        limit: int,
    ) -> None:
        self._package = package
        self._family = family
        self._popular = popular
        self._weights = weights
        self._limit = limit
        self._rates = _rates_of(weights)
        context = context_of(package, vocabulary=weights.vocabulary, namespaces=family.namespaces)
        self._context = context
        self._target = target_marks(package, popular, weights.vocabulary)
        self._subjects = [(subject, conditions_of(subject, self._target)) for subject in subjects_of(package, context)]
        self._totals: dict[str, float] = {}
        self._found: list[tuple[str, Way]] = []

    def run(self, *, with_surfaces: bool) -> Shortlist:
        """First what counts in any list, then, if there is room for what is rarer, as much of it as can be listed."""
        surfaces = {subject.text for subject, _ in self._subjects if subject.mark in SURFACES} if with_surfaces else ()
        self._generate(many=False, least=0.0)
        self._fill_templates(least=EVIDENCE_FLOOR)
        self._generate(many=True, least=EVIDENCE_FLOOR)
        best = self._best(surfaces)
        last = best[self._limit - 1][1] if len(best) >= self._limit else 0.0
        if last < EVIDENCE_FLOOR:
            self._fill_templates(least=last, below=EVIDENCE_FLOOR)
            self._generate(many=True, least=last, below=EVIDENCE_FLOOR)
            best = self._best(surfaces)
        ways: dict[str, list[Way]] = {name: [] for name, _ in best}
        for name, way in self._found:
            if name in ways:
                ways[name].append(way)
        calibrated = self._weights.calibration.rate
        return Shortlist(
            package=self._package,
            names=tuple(Listed(name, -math.expm1(-calibrated(rate)), _counted(ways[name])) for name, rate in best),
            target=self._target,
        )

    def _generate(self, *, many: bool, least: float, below: float = math.inf) -> None:
        of_marks = self._rates.of_marks
        for subject, conditions in self._subjects:
            for technique in TECHNIQUES:
                if technique.many is not many or technique.generate is None or subject.mark not in technique.subjects:
                    continue
                factor = self._rates.of_conditions(technique, conditions)
                for marks, names in technique.generate(subject, self._context):
                    rate = _total(of_marks(marks), factor)
                    if least <= rate < below:
                        self._add(names, Way(rate, technique, marks, subject))

    def _fill_templates(self, *, least: float, below: float = math.inf) -> None:
        for subject, conditions in self._subjects:
            for technique in TECHNIQUES:
                if technique.templates is None or subject.mark not in technique.subjects:
                    continue
                factor = self._rates.of_conditions(technique, conditions)
                for rate, template in self._rates.templates_worth(technique, subject.usage, factor, least):
                    name = template.fill(subject.text) if rate < below else ""
                    if name:
                        self._add((name,), Way(rate, technique, template.marks, subject))

    def _add(self, names: Iterable[str], way: Way) -> None:
        totals, rate = self._totals, way.rate
        for name in names:
            known = totals.get(name, 0.0)
            if rate < EVIDENCE_FLOOR:
                totals[name] = max(known, rate)
            else:
                totals[name] = known + rate if known >= EVIDENCE_FLOOR else rate
            self._found.append((name, way))

    def _best(self, surfaces: Collection[str]) -> list[tuple[str, float]]:
        """The `limit` best valid names with their rates, equal ones by name; then what is left of `surfaces`."""
        taken = math.exp(self._weights.taken)
        popular = self._totals.keys() & self._popular.keys()
        totals = self._totals | {name: self._totals[name] * taken for name in popular}
        best: list[tuple[str, float]] = []
        for name, rate in sorted(totals.items(), key=lambda item: (-item[1], item[0])):
            if len(best) >= self._limit and not surfaces:
                break
            if (len(best) < self._limit or name in surfaces) and is_allowed(
                name, package=self._package, family=self._family
            ):
                best.append((name, rate))
        return best


def _counted(ways: Sequence[Way]) -> tuple[Way, ...]:
    """The ways that a name's rate is made of."""
    return tuple(way for way in ways if way.rate >= EVIDENCE_FLOOR) or (min(ways, key=_strength),)


def is_allowed(name: str, *, package: Package, family: Family) -> bool:
    """Whether `name` is a valid normalized name of its own."""
    return name != package.name and name not in family.names and is_normalized(name)


# --------------------------------------------------------------------------- evidence and score


def reasons(listed: Listed) -> tuple[Way, ...]:
    """The ways to a listed name that matter, strongest first; at least one."""
    ways = sorted(listed.ways, key=_strength)
    least = EVIDENCE_SHARE * sum(way.rate for way in ways)
    return tuple(way for way in ways if way.rate >= least) or tuple(ways[:1])


def _strength(way: Way) -> tuple[float, str, str]:
    return (-way.rate, way.technique.name, way.subject.text)


def explain(found: Shortlist, *, weights: Weights) -> tuple[Candidate, ...]:
    """The listed names as candidates, with all their evidence and every factor."""
    return tuple(
        _candidate(listed, package=found.package, target=found.target, weights=weights) for listed in found.names
    )


def _candidate(listed: Listed, *, package: Package, target: tuple[str, ...], weights: Weights) -> Candidate:
    rates = _rates_of(weights)
    pieces: list[tuple[float, Channel, Way]] = []
    for way in sorted(listed.ways, key=_strength):
        factor = rates.of_conditions(way.technique, conditions_of(way.subject, target))
        by_attack = Channel.TYPO if way.technique.name_class is NameClass.TYPO else Channel.COMBO
        for channel, one, other in zip(
            (by_attack, Channel.MODEL, Channel.OWNER), rates.of_marks(way.marks), factor, strict=True
        ):
            pieces.append((one * other, channel, way))
    whole = -math.log1p(-listed.value)
    raw = sum(rate for rate, _, _ in pieces)
    # What scales all pieces alike: that the name is a popular project's own, and the calibration.
    adjustment = whole / raw
    calibration = weights.calibration.rate(raw) / raw
    steps = {"calibration on labelled names": math.log(adjustment)}
    if not math.isclose(adjustment, calibration, rel_tol=1e-6):
        steps = {
            "it is a popular project's own name": math.log(adjustment / calibration),
            "calibration on labelled names": math.log(calibration),
        }
    sums: dict[Channel, float] = {}
    for rate, channel, _ in pieces:
        sums[channel] = sums.get(channel, 0.0) + rate * adjustment
    least = min(EVIDENCE_FLOOR, EVIDENCE_SHARE * whole)
    pieces.sort(key=lambda piece: -piece[0])
    kept = [
        piece
        for number, piece in enumerate(pieces)
        # The strongest piece always counts, and so does a surface: what a name IS decides what is done about it.
        if number == 0 or piece[0] * adjustment >= least or _is_first_of_surface(pieces, number)
    ]
    return Candidate(
        name=NormalizedName(listed.name),
        target=package.name,
        evidence=tuple(
            Evidence(
                technique=way.technique.name,
                channel=channel,
                name_class=way.technique.name_class,
                surface=way.subject.surface,
                detail=detail_of(way, listed.name),
                weight=math.log(rate * adjustment),
                source=weights.source,
            )
            for rate, channel, way in kept
        ),
        score=Score(
            value=listed.value,
            channels=tuple((channel, -math.expm1(-total)) for channel, total in sums.items()),
            factors=tuple(
                factor
                for _, channel, way in kept
                for factor in rates.factors(channel, way, conditions_of(way.subject, target), steps)
            ),
        ),
    )


def _is_first_of_surface(pieces: Sequence[tuple[float, Channel, Way]], number: int) -> bool:
    way = pieces[number][2]
    return way.technique.name_class is NameClass.SURFACE and all(piece[2] is not way for piece in pieces[:number])


def detail_of(way: Way, name: str) -> str:
    """One way to a name, in plain words."""
    start = "" if way.subject.mark == "project" else f" from {_STARTS[way.subject.mark]}"
    return f"{way.technique.title}{start}: {way.subject.text} → {name}"


#: What a subject's mark means to people.
_STARTS = {
    "bare": "the bare name",
    "import": "an import",
    "command": "a command",
    "alias": "an alias",
    "former": "a former name",
    "stem-glued": "the name without the word glued to it",
    "stem-generic": "the name without its role word",
    "stem-own": "the name without its last word",
    "head-shared": "the namespace",
    "head-own": "the first word",
    "tail-shared": "the name without its namespace",
    "tail-own": "the name without its first word",
}


def _factor_kind(label: str, usage: str) -> str:
    """What a label speaks about, in plain words; a factor sums all labels of one kind."""
    if label == "all":
        return "the usual rate of any name"
    if "@" in label:
        return "what it starts from, and how long that is"
    if "&" in label or label.startswith("target:"):
        return "the package: its popularity, the shape of its name"
    if label.startswith("word:"):
        return f"the word {label.removeprefix('word:')}, by how often it is used"
    if label.endswith("-its-kind"):
        shown, _, shape = usage.partition("-")
        return f"how usual it is on names {'that say' if shown == 'says' else 'of the kind'} {shape}"
    if "at-" in label or "in-" in label:
        return "the place in the name"
    return "the technique"


# --------------------------------------------------------------------------- a whole portfolio


def derive(portfolio: Portfolio, *, weights: Weights, popular: Mapping[NormalizedName, int]) -> tuple[Candidate, ...]:
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
        found += explain(listed, weights=weights)
    found += _declared(portfolio)
    return _merge(found)


def _declared(portfolio: Portfolio) -> Iterator[Candidate]:
    """Observed, always, internal and future names, each with the evidence that names.yaml gives."""
    for seen in portfolio.observed:
        share = seen.count / seen.of if seen.of else 1.0
        times = "once" if seen.count == 1 else f"{seen.count:,} times"
        answers = f" in {seen.of:,} answers" if seen.of else ""
        evidence = Evidence(
            technique="observed",
            channel=Channel.DECLARED,
            name_class=NameClass.OBSERVED,
            surface=Surface(kind=SurfaceKind.OBSERVED, value=seen.name, source=seen.source, date=seen.date),
            detail=f"seen {times}{answers} ({seen.source})",
            weight=math.log(DECLARED_RATE * max(share, LEAST_SHARE)),
            source=seen.link or seen.source,
            date=seen.date,
            count=seen.count,
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
    evidence = Evidence(
        technique=str(name_class),
        channel=Channel.DECLARED,
        name_class=name_class,
        surface=surface,
        detail=detail,
        weight=math.log(DECLARED_RATE),
        source="names.yaml",
    )
    return _with_evidence(name, target, (evidence,))


def _with_evidence(name: NormalizedName, target: NormalizedName, evidence: tuple[Evidence, ...]) -> Candidate:
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

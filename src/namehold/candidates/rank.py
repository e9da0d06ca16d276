"""Ranks the names that may be taken for a package: P(the name is used | the package is attacked or asked for).

    family = Family.of(portfolio.packages)
    found = shortlist(package, family=family, weights=load_weights(), popular=popular_names().ranks, limit=10)
    [listed.name for listed in found.names]

Every piece of evidence has a rate in each channel: `exp(sum of the learned log-weights of its labels)`.
Rates of one name add up, which is the noisy-or: `1 - exp(-sum)` is the chance that at least one of them strikes.
A last, monotone step (`Calibration`) makes that a probability. No rate is the risk of an attack.

Names are cheap (name, rate) pairs until it is known which are listed; only those get `Clue`s and `Factor`s.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from packaging.utils import NormalizedName

from namehold.candidates.model import Channel, Factor
from namehold.candidates.techniques import TECHNIQUES, python_parts, shapes
from namehold.candidates.techniques.affixes import LATELY
from namehold.candidates.techniques.subjects import context_of, namespaces_of, subjects_of
from namehold.candidates.techniques.technique import (
    PYTHON_WORDS,
    SURFACES,
    Context,
    Marks,
    Subject,
    Technique,
    Template,
    Usage,
    Vocabulary,
    word_class,
)
from namehold.candidates.weights import Weights
from namehold.names import is_normalized
from namehold.portfolio import Package

#: A way below this rate (1 in 2,000) adds nothing to a name that has a better one, and evidence below it and below a
#: tenth of the name's whole rate is noise, not a reason.
EVIDENCE_FLOOR = 0.0005

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
class Family:
    """What is common to all packages that are ranked together: they are each other's siblings."""

    names: frozenset[str]
    namespaces: frozenset[str]

    @classmethod
    def of(cls, packages: Iterable[Package]) -> Family:
        """The family of these packages."""
        members = tuple(packages)
        return cls(names=frozenset(package.name for package in members), namespaces=namespaces_of(members))


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
    elif python_parts.bare(package.name, vocabulary) != package.name:
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
        self.of_marks = cache(self._of_marks)
        self._by_conditions: dict[tuple[str, tuple[str, ...]], Habit] = {}
        self._factors: dict[tuple[Channel, str, Marks, tuple[str, ...], Usage], tuple[Factor, ...]] = {}
        self._templates: dict[tuple[str, Usage], list[tuple[Habit, Template]]] = {}

    def _of_marks(self, marks: Marks) -> Habit:
        """The factor of these marks."""
        return self._product(mark_labels(marks))

    def of_conditions(self, technique: Technique, conditions: tuple[str, ...]) -> Habit:
        """The factor of a technique under these conditions."""
        key = (technique.name, conditions)
        found = self._by_conditions.get(key)
        if found is None:
            found = self._by_conditions[key] = self._product(condition_labels(technique, conditions))
        return found

    def templates_worth(
        self, technique: Technique, usage: Usage, factor: Habit, worth: float
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
                    kind = _factor_kind(label, usage.shape)
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
def rates_of(weights: Weights) -> _Rates:
    """The rates of `weights`, computed once."""
    return _Rates(weights)


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


def shortlist(
    package: Package,
    *,
    family: Family,
    weights: Weights,
    popular: Mapping[NormalizedName, int],
    limit: int,
    with_surfaces: bool = False,
    also: Collection[str] = (),
) -> Shortlist:
    """The `limit` names that are likeliest to be taken for `package`, with the ways to them, best first.

    Args:
        package: whose names are wanted.
        family: all packages that are ranked together; their names are never listed.
        weights: what was learned.
        popular: popularity ranks from 1 of projects by name.
        limit: how many names; fewer are listed if there are no more.
        with_surfaces: the package's own imports, commands, aliases and former names are listed however they rank.
        also: names that are listed however they rank, as far as a way above the noise leads to them.
    """
    return _Search(package, family, weights, popular, limit).run(with_surfaces=with_surfaces, also=also)


class _Search:
    """Collects names and their rates for one package.

    A name's rate is the sum of its ways' rates as far as these reach `EVIDENCE_FLOOR`; one that has no such way has the
    rate of its best. So no rate depends on how long a list is asked for, and what can't be listed needn't be made.
    """

    def __init__(
        self, package: Package, family: Family, weights: Weights, popular: Mapping[NormalizedName, int], limit: int
    ) -> None:
        self._package = package
        self._family = family
        self._popular = popular
        self._weights = weights
        self._limit = limit
        self._rates = rates_of(weights)
        context = context_of(
            package,
            vocabulary=weights.vocabulary,
            namespaces=family.namespaces,
            is_little_known=package.name not in popular,
        )
        self._context = context
        self._target = target_marks(package, popular, weights.vocabulary)
        self._subjects = [(subject, conditions_of(subject, self._target)) for subject in subjects_of(package, context)]
        self._totals: dict[str, float] = {}
        self._found: list[tuple[str, Way]] = []

    def run(self, *, with_surfaces: bool, also: Collection[str] = ()) -> Shortlist:
        """First what counts in any list, then, if there is room for what is rarer, as much of it as can be listed."""
        surfaces = set(also)
        if with_surfaces:
            surfaces |= {subject.text for subject, _ in self._subjects if subject.mark in SURFACES}
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
            is_listed = len(best) < self._limit or name in surfaces
            if is_listed and is_allowed(name, package=self._package, family=self._family):
                best.append((name, rate))
        return best


def _counted(ways: Sequence[Way]) -> tuple[Way, ...]:
    """The ways that a name's rate is made of."""
    return tuple(way for way in ways if way.rate >= EVIDENCE_FLOOR) or (min(ways, key=strength_of),)


def is_allowed(name: str, *, package: Package, family: Family) -> bool:
    """Whether `name` is a valid normalized name of its own."""
    return name != package.name and name not in family.names and is_normalized(name)


def strength_of(way: Way) -> tuple[float, str, str]:
    """Sorts ways, the strongest first; equal rates by technique and text."""
    return (-way.rate, way.technique.name, way.subject.text)


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
        return "how often names of the last year bear the word"
    if label.endswith("-its-kind"):
        shown, _, shape = usage.partition("-")
        return f"how usual it is on names {'that say' if shown == 'says' else 'of the kind'} {shape}"
    if "at-" in label or "in-" in label:
        return "the place in the name"
    return "the technique"

"""Ranks the names that may be taken for a package: P(the name is used | the package is attacked or asked for).

    family = Family.of(portfolio.packages)
    found = shortlist(package, family=family, weights=load_weights(), popular=popular_names().ranks, limit=10)
    [listed.name for listed in found.names]

Every piece of evidence has a rate in each channel: `exp(sum of the learned log-weights of its labels)`.
Rates of one name add up, which is the noisy-or: `1 - exp(-sum)` is the chance that at least one of them strikes.
A last, monotone step (`Calibration`) makes that a probability. No rate is the risk of an attack.

Names and the ways to them are plain tuples until it is known which are listed; only those get `Clue`s and `Factor`s.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count, islice
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from packaging.utils import NormalizedName

from namehold.candidates.techniques import TECHNIQUES, python_parts, shapes
from namehold.candidates.techniques.subjects import context_of, namespaces_of, subjects_of
from namehold.candidates.techniques.technique import (
    PYTHON_WORDS,
    SURFACES,
    Batches,
    Context,
    Marks,
    Subject,
    Technique,
    Usage,
    Vocabulary,
    word_class,
)
from namehold.candidates.weights import Weights
from namehold.names import are_normalized, is_normalized
from namehold.portfolio import Package

#: A way below this rate (1 in 2,000) adds nothing to a name that has a better one, and evidence below it and below a
#: tenth of the name's whole rate is noise, not a reason.
EVIDENCE_FLOOR = 0.0005

#: Ways below the floor are looked at in steps, until a list is full: few lists need them, and hardly any the last.
_RARER = (EVIDENCE_FLOOR / 2, EVIDENCE_FLOOR / 8, 0.0, 0.0)

#: Upper bounds of the classes of popularity rank and of length.
_RANKS = (100, 300, 1000, 3000, 15000)
_LENGTHS = (5, 7, 10, 14)
_MANY_WORDS = 3


#: A rate for each of the three sets of labelled names that rates were learned from: attack, model, owner.
Habit: TypeAlias = tuple[float, float, float]


#: Where many ways come from: a technique, the subject that it starts from, and the technique's factor under the
#: conditions: each channel's part of a rate is its product with that of the marks. A plain tuple is taken apart faster
#: than a named one.
Source: TypeAlias = tuple[Technique, Subject, Habit]


class Way(NamedTuple):
    """One way to a name, before it is evidence; `rate` is over all channels, not calibrated."""

    rate: float
    marks: Marks
    source: Source

    @property
    def technique(self) -> Technique:
        """The technique that leads to the name."""
        return self.source[0]

    @property
    def subject(self) -> Subject:
        """The string that it starts from."""
        return self.source[1]


#: The parts of a `Way`.
Parts: TypeAlias = tuple[float, Marks, Source]
#: A way, and all names that it leads to.
_Batch: TypeAlias = tuple[Parts, Iterable[str]]
#: A template under some conditions: its rate, its marks, and what it puts before and behind.
_Filling: TypeAlias = tuple[float, Marks, str, str]
#: A template under any: the largest factor of its marks, negative, to sort by; all three, the marks, and what it puts
#: before and behind.
_Form: TypeAlias = tuple[float, float, float, float, Marks, str, str]
#: The parts of a `Listed`.
Row: TypeAlias = tuple[str, float, Sequence[Parts]]
#: A log-weight for each of the three sets.
_LogWeights: TypeAlias = tuple[float, ...]

#: A technique, how it generates, and its factor under some conditions.
_Generator: TypeAlias = tuple[Technique, Callable[[Subject, Context], Batches], Habit]


class _Start(NamedTuple):
    """The techniques that start from a subject: those with few and with many names, and those with templates."""

    few: Sequence[_Generator]
    many: Sequence[_Generator]
    templates: Sequence[tuple[Technique, Habit]]


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
    return [technique, *(label for mark in marks[1:] for label in _labels_of_mark(technique, mark))]


def _labels_of_mark(technique: str, mark: str) -> list[str]:
    return [mark] if ":" in mark else [label for part in mark.split("/") for label in (part, f"{technique}:{part}")]


def condition_labels(technique: Technique, conditions: tuple[str, ...]) -> list[str]:
    """The labels of what a technique works on: the kind and length of the subject, then what the package is like."""
    start, length, *target = conditions
    return [*_start_labels(technique, start, length), *_target_labels(technique, target)]


def _start_labels(technique: Technique, start: str, length: str) -> tuple[str, ...]:
    name, kind = technique.name, technique.name_class
    return ("all", f"{name}@{start}", f"{kind}@{start}", f"{name}@{length}", f"{kind}@{length}")


def _target_labels(technique: Technique, target: Iterable[str]) -> list[str]:
    name, kind = technique.name, technique.name_class
    return [label for mark in target for label in (f"target:{mark}", f"{kind}&{mark}", f"{name}&{mark}")]


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


class _Habits(dict[Marks, Habit]):
    """The factor of each marks, computed once: a dict is asked faster than a function with a cache."""

    def __init__(self, compute: Callable[[Marks], Habit]) -> None:
        self._compute = compute

    def __missing__(self, marks: Marks) -> Habit:
        found = self[marks] = self._compute(marks)
        return found


class _Rates:
    """Rates by marks and by conditions, each computed once."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._tables = (weights.attack, weights.model, weights.owner)
        self.of_marks = _Habits(self._of_marks)
        self.templates_worth = lru_cache(maxsize=1000)(self._find_templates_worth)
        self._forms = cache(self._find_forms)
        self.start = cache(self._find_start)
        self._rows_of_mark = cache(lambda technique, mark: self._known(_labels_of_mark(technique, mark)))
        self._rows_of_start = cache(lambda *start: self._known(_start_labels(*start)))
        self._rows_of_target = cache(lambda technique, mark: self._known(_target_labels(technique, [mark])))

    def _of_marks(self, marks: Marks) -> Habit:
        """The factor of these marks."""
        technique, *others = marks
        rows = self._known([technique])
        for mark in others:
            rows += self._rows_of_mark(technique, mark)
        return _product(rows)

    def _of_conditions(self, technique: Technique, conditions: tuple[str, ...]) -> Habit:
        """The factor of a technique under these conditions."""
        start, length, *target = conditions
        rows = [*self._rows_of_start(technique, start, length)]
        for mark in target:
            rows += self._rows_of_target(technique, mark)
        return _product(rows)

    def _known(self, labels: Iterable[str]) -> list[_LogWeights]:
        """The log-weights of the labels that are known."""
        attack, model, owner = self._tables
        return [
            (attack.get(label, 0.0), model.get(label, 0.0), owner.get(label, 0.0))
            for label in labels
            if label in attack or label in model or label in owner
        ]

    def _find_start(self, conditions: tuple[str, ...]) -> _Start:
        """The techniques that start from a subject under these conditions, the first of which is its mark."""
        factored = [
            (technique, self._of_conditions(technique, conditions))
            for technique in TECHNIQUES
            if conditions[0] in technique.subjects
        ]
        generators = [(technique, technique.generate, factor) for technique, factor in factored if technique.generate]
        return _Start(
            few=[item for item in generators if not item[0].many],
            many=[item for item in generators if item[0].many],
            templates=[item for item in factored if item[0].templates],
        )

    def _find_templates_worth(
        self, technique: Technique, usage: Usage, factor: Habit, worth: float, below: float
    ) -> list[_Filling]:
        """The technique's templates for this usage whose rates reach `worth` and are below the other."""
        forms = self._forms(technique, usage)
        # No rate is above the template's largest part times the whole factor, so that only the first need be looked at.
        end = bisect_right(forms, -worth / sum(factor), key=itemgetter(0))
        by_attack, by_model, by_owner = factor
        return [
            (rate, marks, before, behind)
            for _, attack, model, owner, marks, before, behind in forms[:end]
            if worth <= (rate := attack * by_attack + model * by_model + owner * by_owner) < below
        ]

    def _find_forms(self, technique: Technique, usage: Usage) -> list[_Form]:
        """The technique's templates for this usage, those with the largest parts first."""
        made = technique.templates(self._weights.vocabulary, usage) if technique.templates else ()
        of_marks = self.of_marks
        forms = [
            (-max(habit), *habit, marks, before, behind)
            for before, behind, marks in made
            for habit in (of_marks[marks],)
        ]
        return sorted(forms, key=itemgetter(0))


def _product(rows: Sequence[_LogWeights]) -> Habit:
    """What the log-weights come to."""
    attack = model = owner = 0.0
    for by_attack, by_model, by_owner in rows:
        attack += by_attack
        model += by_model
        owner += by_owner
    return math.exp(attack), math.exp(model), math.exp(owner)


@lru_cache(maxsize=8)
def rates_of(weights: Weights) -> _Rates:
    """The rates of `weights`, computed once."""
    return _Rates(weights)


class Listed(NamedTuple):
    """A name in a list: how likely it is used if the package is attacked or asked for, and the parts of the ways to it.

    The parts become `Way`s only where a reader asks for `ways`: a list of names is made faster than that.
    """

    name: str
    value: float
    parts: Sequence[Parts]

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways to the name, the strongest first."""
        return tuple(map(Way._make, self.parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist:
    """A package's names, best first, in parts; `target` is what the package is like.

    `repeated` has the names whose technique leads to a likelier one, too.
    """

    package: Package
    rows: tuple[Row, ...]
    target: tuple[str, ...]
    repeated: frozenset[str]

    @property
    def names(self) -> tuple[Listed, ...]:
        """The names, best first."""
        return tuple(map(Listed._make, self.rows))


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
    rate of its best. It is worth less where a likelier name comes from the technique of its best way.
    So no rate depends on how long a list is asked for, and what can't be listed needn't be made.
    """

    def __init__(
        self, package: Package, family: Family, weights: Weights, popular: Mapping[NormalizedName, int], limit: int
    ) -> None:
        self._package = package
        self._family = family
        self._popular = popular
        self._weights = weights
        self._limit = limit
        # What a repeated name is worth of its rate.
        self._again = math.exp(weights.repeated)
        self._rates = rates_of(weights)
        context = context_of(
            package,
            vocabulary=weights.vocabulary,
            namespaces=family.namespaces,
            is_little_known=package.name not in popular,
        )
        self._context = context
        self._target = target_marks(package, popular, weights.vocabulary)
        self._subjects = [
            (subject, self._rates.start(conditions_of(subject, self._target)))
            for subject in subjects_of(package, context)
        ]
        # The names that ways above the floor lead to, one for each way, and these ways.
        self._names: list[str] = []
        self._found: list[Parts] = []
        # By each name the ways that count, the strongest first, and the sum of their rates.
        self._ways: dict[str, tuple[Parts, ...]]
        self._sums: dict[str, float]
        # What is below the floor, with its names, until it is known whether the list has room for it.
        self._rare: list[_Batch] = []

    def run(self, *, with_surfaces: bool, also: Collection[str] = ()) -> Shortlist:
        """First what counts in any list, then, if there is room for what is rarer, as much of it as can be listed."""
        surfaces = set(also)
        if with_surfaces:
            surfaces |= {subject.text for subject, _ in self._subjects if subject.mark in SURFACES}
        for subject, start in self._subjects:
            self._generate(subject, start.few)
        few, self._rare = self._rare, []
        for subject, start in self._subjects:
            names, ways = self._fill_templates(subject, start, EVIDENCE_FLOOR, math.inf)
            self._names += names
            self._found += ways
        for subject, start in self._subjects:
            self._generate(subject, start.many)
        self._gather()
        if surfaces:
            # What is asked for by name may be rare.
            self._add_rare(few, 0.0)
            few = []
        # As good as always the last of a list is a repeated name, so that most lists are put in order once.
        sums = sorted(self._sums.values(), reverse=True)
        last = sums[self._limit - 1] * self._again if len(sums) >= self._limit else 0.0
        best = self._best(surfaces) if last >= EVIDENCE_FLOOR else None
        if best is None or (last := best.last(self._limit)) < EVIDENCE_FLOOR:
            best = self._best_with_rare(few, last, surfaces)
        return Shortlist(
            package=self._package, rows=self._rows(best.rates), target=self._target, repeated=best.repeated
        )

    def _best_with_rare(self, few: Iterable[_Batch], last: float, surfaces: set[str]) -> _Best:
        """As `_best`, with the rare names of techniques that have few and as many others as can be listed.

        `last` is about what a name must be worth without them. Where it proves too high, there is one step more.
        """
        self._add_rare(few, 0.0)
        # All ways to what is asked for by name are looked at where there is room.
        for step in (0.0, 0.0) if surfaces else _RARER:
            least = max(step, last)
            for subject, start in self._subjects:
                names, ways = self._fill_templates(subject, start, step, EVIDENCE_FLOOR)
                self._add_rare(zip(ways, zip(names, strict=True), strict=True), least)
            self._add_rare(self._rare, least)
            best = self._best(surfaces)
            last = best.last(self._limit)
            if last >= least:
                break
        return best

    def _generate(self, subject: Subject, generators: Iterable[_Generator]) -> None:
        """Collects the names of techniques that look at the subject's letters or words; rare ones are put off."""
        of_marks, context = self._rates.of_marks, self._context
        found, ways, rare = self._names, self._found, self._rare
        for technique, generate, factor in generators:
            source = (technique, subject, factor)
            by_attack, by_model, by_owner = factor
            for marks, names in generate(subject, context):
                attack, model, owner = of_marks[marks]
                rate = attack * by_attack + model * by_model + owner * by_owner
                way = (rate, marks, source)
                if rate < EVIDENCE_FLOOR:
                    rare.append((way, names))
                else:
                    for name in names:
                        found.append(name)
                        ways.append(way)

    def _fill_templates(
        self, subject: Subject, start: _Start, worth: float, below: float
    ) -> tuple[list[str], list[Parts]]:
        """The names of templates whose rates reach `worth` and are below the other, and the way to each."""
        text = subject.text
        names: list[str] = []
        ways: list[Parts] = []
        for technique, factor in start.templates:
            source = (technique, subject, factor)
            worthy = self._rates.templates_worth(technique, subject.usage, factor, worth, below)
            for rate, marks, before, behind in worthy:
                # What the text says already isn't said twice.
                if not (text.endswith(behind) if behind else text.startswith(before)):
                    names.append(before + text + behind)
                    ways.append((rate, marks, source))
        return names, ways

    def _gather(self) -> None:
        """Puts the ways above the floor to each name together."""
        names, found = self._names, self._found
        self._ways = dict(zip(names, zip(found, strict=True), strict=True))
        self._sums = dict(zip(names, [rate for rate, _, _ in found], strict=True))
        if len(self._ways) == len(names):
            return
        last = dict(zip(names, count()))
        several: dict[str, list[Parts]] = {}
        for place in [place for place, name in enumerate(names) if last[name] != place]:
            several.setdefault(names[place], []).append(found[place])
        for name, ways in several.items():
            ways.append(found[last[name]])
            self._sums[name] = sum([rate for rate, _, _ in ways])
            self._ways[name] = tuple(sorted(ways, key=strength_of))

    def _add_rare(self, found: Iterable[_Batch], least: float) -> None:
        """Notes ways below the floor, and not below `least`, to each of their names to which no better one leads."""
        for way, names in found:
            if way[0] < least:
                continue
            for name in names:
                known = self._ways.get(name)
                if known is None or (known[0][0] < EVIDENCE_FLOOR and strength_of(way) < strength_of(known[0])):
                    self._ways[name] = (way,)
                    self._sums[name] = way[0]

    def _best(self, surfaces: set[str]) -> _Best:
        """The `limit` best valid names, equal ones by name; then what is left of `surfaces`."""
        taken = math.exp(self._weights.taken)
        known = self._sums.keys() & self._popular.keys()
        rates = self._sums | {name: self._sums[name] * taken for name in known}
        names = sorted(self._allowed(rates))
        # Sorting keeps the order of equal ones.
        names.sort(key=rates.__getitem__, reverse=True)
        # Most names are worth less for being repeated, so that it is quicker to lift the few others above them.
        again = self._again
        firsts = self._find_firsts([name for name in names if name not in known]) | known
        lifted = rates | {name: rates[name] / again for name in firsts}
        names.sort(key=lifted.__getitem__, reverse=True)
        listed = names[: self._limit]
        if surfaces:
            listed += [name for name in names[self._limit :] if name in surfaces]
        worth = {name: rates[name] if name in firsts else rates[name] * again for name in listed}
        return _Best(worth, frozenset(worth.keys() - firsts))

    def _find_firsts(self, names: Sequence[str]) -> set[str]:
        """The best name of each technique, of names that stand best first.

        A name's technique is that of its strongest way.
        """
        ways = self._ways
        backwards = names[::-1]
        # Of the names of one technique the one that is put in last stays.
        return set(dict(zip([ways[name][0][2][0] for name in backwards], backwards, strict=True)).values())

    def _allowed(self, names: Iterable[str]) -> list[str]:
        return find_allowed(names, package=self._package, family=self._family)

    def _rows(self, rates: Mapping[str, float]) -> tuple[Row, ...]:
        """The names with their chances and the parts of the ways that these are made of."""
        chances = self._weights.calibration.chances(rates.values())
        return tuple(zip(rates, chances, map(self._ways.__getitem__, rates), strict=True))


class _Best(NamedTuple):
    """What the best names are worth beside each other, best first, and those with a likelier one by their technique."""

    rates: Mapping[str, float]
    repeated: frozenset[str]

    def last(self, limit: int) -> float:
        """What a name must be worth to be listed beside the `limit` best."""
        return next(islice(self.rates.values(), limit - 1, None), 0.0)


def find_allowed(names: Iterable[str], *, package: Package, family: Family) -> list[str]:
    """Those of `names` that are valid normalized names of their own."""
    others = list(names)
    if package.name in others or not family.names.isdisjoint(others):
        others = [name for name in others if name != package.name and name not in family.names]
    return others if are_normalized(others) else [name for name in others if is_normalized(name)]


def strength_of(way: Parts) -> tuple[float, str, str]:
    """Sorts ways, the strongest first; equal rates by technique and text."""
    rate, _, (technique, subject, _) = way
    return (-rate, technique.name, subject.text)

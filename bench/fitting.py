"""The rates of all names as a model with a weight for each label, and the weights that fit the labelled names best.

What a candidate is expected to count among a target's reference names is `sum over ways exp(label weights)` (Poisson
with a log link; the sum is the noisy-or). `bench/labelled.py` says how much each reference name counts.
Weights are shrunk towards 0, rare kinds of labels more; a word or mark gets a weight of its own only if
`LEAST_TARGETS` different targets have shown it; another word has the weight of its class of frequency on the index.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import solve
from scipy.optimize import minimize
from scipy.sparse import coo_array, csr_array, diags_array

from bench.labelled import SETS, Labelled
from bench.vocabulary import Counts
from namehold.candidates.rank import Family, condition_labels, conditions_of, find_allowed, mark_labels, target_marks
from namehold.candidates.techniques import TECHNIQUES
from namehold.candidates.techniques.subjects import context_of, subjects_of
from namehold.candidates.techniques.technique import Context, Marks, Subject, Technique
from namehold.candidates.wordlists import popular_names

#: Shrinkage (precision of a normal prior around 0) by kind of label; see `kind_of`.
SHRINKAGE = {
    "all": 1e-4,
    "technique": 0.05,
    "mark": 2.0,
    "place": 2.0,
    "word": 0.25,
    "band": 0.5,
    "target": 0.5,
    "class-start": 0.5,
    "technique-start": 3.0,
    "class-target": 3.0,
    "technique-target": 3.0,
}
#: The part of a weight that is one set's own has a quarter of the variance of the part that all sets share.
OWN_PRECISION = 4.0
#: How much of the three weights' sum the common part takes, once it is integrated out: p / (3 p + 1), p as above.
COMMON = OWN_PRECISION / (len(SETS) * OWN_PRECISION + 1)
#: Rounds of descent before and after the units are measured; Newton's steps then go on to `SMALLEST_SLOPE`.
ROUNDS = (60, 300)
SMALLEST_SLOPE = 1e-8
POLISHING_STEPS = 8
#: A word or mark that fewer targets have shown has no weight of its own: no single name is remembered.
LEAST_TARGETS = 3

#: Labels whose weights aren't learned, but counted (`learn_weights.py`): shrinkage would leave them too near to 0.
COUNTED = frozenset({"plural:coined"})

Array = np.ndarray


class Part:
    """The part of every cell's labels that follows from one key of the cell; few keys serve many cells."""

    def __init__(
        self, keys: Sequence[Any], labels_of_key: Callable[[Any], Iterable[str]], labels: dict[str, int]
    ) -> None:
        numbers: dict[Any, int] = {}
        self.key_of_cell = np.array([numbers.setdefault(key, len(numbers)) for key in keys])
        self._found = [[labels.setdefault(label, len(labels)) for label in labels_of_key(key)] for key in numbers]

    def labels_of(self, cell: int) -> list[int]:
        """The numbers of a cell's labels."""
        return self._found[self.key_of_cell[cell]]

    def matrix(self, label_count: int) -> csr_array:
        """How often each label (column) stands at each key (row)."""
        starts = np.cumsum([0, *map(len, self._found)])
        columns = np.concatenate([np.array(row) for row in self._found])
        return csr_array((np.ones(len(columns)), columns, starts), shape=(len(self._found), label_count))


def _with_bands(marks: Marks, counts: Counts) -> list[str]:
    labels = mark_labels(marks)
    return [*labels, *(counts.bands[label] for label in labels if label in counts.bands)]


class Design:
    """Every name that the techniques give for every target, by cells: ways that have the same rate.

    `known` are labels that another design has: they keep their numbers, so that its weights can be used here.
    """

    def __init__(self, labelled: Labelled, counts: Counts, known: Mapping[str, int] | None = None) -> None:
        packages = labelled.packages
        popular = popular_names().ranks
        family = Family.of(packages)
        cells: dict[tuple[str, Marks, tuple[str, ...]], int] = {}
        self.names: dict[str, list[str]] = {}
        self.ways: dict[str, tuple[Array, Array]] = {}
        self.taken: dict[str, Array] = {}
        self.hits: dict[str, dict[str, Array]] = {}
        for package in packages:
            context = context_of(
                package,
                vocabulary=counts.vocabulary,
                namespaces=family.namespaces,
                is_little_known=package.name not in popular,
            )
            target = target_marks(package, popular, counts.vocabulary)
            numbers: dict[str, int] = {}
            of_name: list[int] = []
            of_cell: list[int] = []
            for subject in subjects_of(package, context):
                conditions = conditions_of(subject, target)
                for technique in TECHNIQUES:
                    if subject.mark not in technique.subjects:
                        continue
                    for marks, names in _batches(technique, subject, context):
                        cell = cells.setdefault((technique.name, marks, conditions), len(cells))
                        for name in find_allowed(names, package=package, family=family):
                            of_name.append(numbers.setdefault(name, len(numbers)))
                            of_cell.append(cell)
            self.names[package.name] = list(numbers)
            self.ways[package.name] = (np.array(of_name), np.array(of_cell))
            self.taken[package.name] = np.array([name in popular for name in numbers])
            found = self.ways[package.name]
            self.hits[package.name] = {
                name: found[1][found[0] == numbers[name]]
                for name in sorted(labelled.all_names(package.name))
                if name in numbers and name not in popular
            }
        self.cell_count = len(cells)
        by_name = {technique.name: technique for technique in TECHNIQUES}
        place = {name: number for number, name in enumerate(sorted(by_name))}
        #: By cell the place of its technique's name in the alphabet: of equal ways the first counts.
        self.technique_of_cell = np.array([place[technique] for technique, _, _ in cells])
        labels = dict(known or {})
        self.marks = Part([marks for _, marks, _ in cells], lambda marks: _with_bands(marks, counts), labels)
        self.conditions = Part(
            [(technique, conditions) for technique, _, conditions in cells],
            lambda key: condition_labels(by_name[key[0]], key[1]),
            labels,
        )
        self.labels = labels
        self.penalty = np.array([SHRINKAGE[kind_of(label)] for label in labels])
        self.words = self._words_shown()
        self._by_mark = self.marks.matrix(len(labels))
        self._by_condition = self.conditions.matrix(len(labels))

    def log_rates(self, weights: Array) -> Array:
        """The logarithm of every cell's rate."""
        of_mark, of_condition = self._by_mark @ weights, self._by_condition @ weights
        rates: Array = of_mark[self.marks.key_of_cell] + of_condition[self.conditions.key_of_cell]
        return rates

    def gradient(self, by_cell: Array) -> Array:
        """By label, from by cell: the transpose of `log_rates`."""
        of_mark = np.bincount(self.marks.key_of_cell, by_cell, self._by_mark.shape[0])
        of_condition = np.bincount(self.conditions.key_of_cell, by_cell, self._by_condition.shape[0])
        slope: Array = self._by_mark.T @ of_mark + self._by_condition.T @ of_condition
        return slope

    def curvature(self, by_cell: Array) -> Array:
        """By label and label, from by cell: the sum over cells of `by_cell` times what two labels count in the cell."""
        where = (self.marks.key_of_cell, self.conditions.key_of_cell)
        both = coo_array((by_cell, where), shape=(self._by_mark.shape[0], self._by_condition.shape[0])).tocsr()
        marks, conditions = self._by_mark, self._by_condition
        cross = (marks.T @ (both @ conditions)).toarray()
        one = (marks.T @ (diags_array(both.sum(axis=1)) @ marks)).toarray()
        other = (conditions.T @ (diags_array(both.sum(axis=0)) @ conditions)).toarray()
        curvature: Array = one + other + cross + cross.T
        return curvature

    def mean_labels(self, hits: Hits, rates: Array) -> Array:
        """Of each name that was found (row), how often each label (column) stands at the ways to it, on average."""
        _, odds = hits.expect(rates)
        parts = []
        for part, by_key in ((self.marks, self._by_mark), (self.conditions, self._by_condition)):
            where = (hits.owner, part.key_of_cell[hits.cells])
            parts.append(coo_array((odds, where), shape=(len(hits.share), by_key.shape[0])).tocsr() @ by_key)
        shown: Array = (parts[0] + parts[1]).toarray()
        return shown

    def exposure(self, targets: Iterable[str]) -> Array:
        """How many names of these targets each cell has; popular projects' names teach nothing."""
        total = np.zeros(self.cell_count)
        for target in targets:
            of_name, of_cell = self.ways[target]
            total += np.bincount(of_cell[~self.taken[target][of_name]], minlength=self.cell_count)
        return total

    def _words_shown(self) -> dict[int, set[str]]:
        """The targets that have shown each word and each mark, by the number of its label."""
        shown: dict[int, set[str]] = {
            number: set() for label, number in self.labels.items() if kind_of(label) in {"word", "mark"}
        }
        for target, by_name in self.hits.items():
            for cell in {cell for cells in by_name.values() for cell in cells.tolist()}:
                for number in self.marks.labels_of(cell):
                    if number in shown:
                        shown[number].add(target)
        return shown


def _batches(technique: Technique, subject: Subject, context: Context) -> Iterator[tuple[Marks, Iterable[str]]]:
    """All of a technique's batches: here nothing is too unlikely."""
    if technique.generate is not None:
        yield from technique.generate(subject, context)
    if technique.templates is not None:
        for template in technique.templates(context.vocabulary, subject.usage):
            name = template.fill(subject.text)
            if name:
                yield template.marks, (name,)


def kind_of(label: str) -> str:
    """The kind of a label, by which it is shrunk."""
    if label == "all":
        return "all"
    if label.startswith(("band:", "affix:lately")):
        return "band"
    if label.startswith("word:"):
        return "word"
    if label.startswith("target:"):
        return "target"
    for sign, what in (("&", "target"), ("@", "start")):
        if sign in label:
            owner = "class" if label.split(sign, 1)[0] in {"typo", "combo", "surface"} else "technique"
            return f"{owner}-{what}"
    if label.startswith(("at-", "in-")):
        return "place"
    return "mark" if ":" in label else "technique"


@dataclass(frozen=True, kw_only=True)
class Hits:
    """A set's names that were found: `share` is how much each one counts, `cells` are all their ways.

    `owner` says which name each of `cells` leads to.
    """

    share: Array
    cells: Array
    owner: Array

    @classmethod
    def of(cls, design: Design, shares: Mapping[str, Mapping[str, float]], targets: Sequence[str]) -> Hits:
        """The names of `targets` in one set that a technique gives at all."""
        found = [
            (cells, shares[target][name])
            for target in targets
            for name, cells in design.hits[target].items()
            if name in shares.get(target, ())
        ]
        return cls(
            share=np.array([part for _, part in found]),
            cells=np.concatenate([cells for cells, _ in found]),
            owner=np.repeat(np.arange(len(found)), [len(cells) for cells, _ in found]),
        )

    def expect(self, rates: Array) -> tuple[Array, Array]:
        """The rate of every name, and of each way the chance that it is the one that led to its name."""
        expected = np.bincount(self.owner, rates[self.cells])
        return expected, rates[self.cells] / expected[self.owner]

    def taken(self, rates: Array, cell_count: int) -> Array:
        """How much of the names' shares each cell takes."""
        _, odds = self.expect(rates)
        return np.bincount(self.cells, self.share[self.owner] * odds, cell_count)


class Fit:
    """Finds the label weights of all three sets at once, from the names of `targets`.

    Every name of every target counts as exposed, so that a target without names of a set counts as a miss there.
    A label's three weights are a common part and one of each set's own, all normal around 0 with the precision of
    `SHRINKAGE` (the own parts with `OWN_PRECISION` times that): what one set shows is in part believed of the others.
    The common part is integrated out, which leaves three weights a label and a penalty on their sum.
    `strength` multiplies all shrinkage.
    """

    def __init__(self, design: Design, labelled: Labelled, targets: Sequence[str], *, strength: float = 1.0) -> None:
        known = set(targets)
        frozen = [number for number, shown in design.words.items() if 0 < len(shown & known) < LEAST_TARGETS]
        frozen += [design.labels[label] for label in COUNTED & design.labels.keys()]
        self._design = design
        self._exposure = design.exposure(targets)
        self._free = np.setdiff1d(np.arange(len(design.labels)), frozen)
        self._penalty = design.penalty[self._free] * OWN_PRECISION * strength
        self._hits = [Hits.of(design, labelled.shares[key], targets) for key in SETS]

    def run(self, *, is_exact: bool = True, near: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """By set, the weight of every label, at the optimum to the last digits: the same on every machine.

        What isn't written into a file needn't be so exact. `near` are weights near the optimum, to start from.
        Raises ArithmeticError if the optimum isn't reached: such weights would hang on the machine.
        """
        start = np.zeros((len(SETS), len(self._design.labels)))
        for row, hits in zip(start, self._hits, strict=True):
            row[self._design.labels["all"]] = math.log(hits.share.sum() / self._exposure.sum())
        if near is not None:
            start = np.stack([near[key] for key in SETS])
        point = start[:, self._free].ravel()
        for rounds in ROUNDS[:1] if near is not None else ROUNDS:
            point = self._descend(point, rounds)
        if not is_exact:
            return dict(zip(SETS, self._whole(point), strict=True))
        found = minimize(
            self._loss, point, jac=True, hess=self._hessian, method="trust-exact", options={"gtol": SMALLEST_SLOPE}
        )
        return dict(zip(SETS, self._whole(self._polished(found.x)), strict=True))

    def _polished(self, point: Array) -> Array:
        """The optimum near `point` to `SMALLEST_SLOPE`, by whole Newton steps.

        A search that compares values ends where rounding hides the improvement; the slope still shows the way.
        """
        for _ in range(POLISHING_STEPS):
            _, slope = self._loss(point)
            if np.abs(slope).max() <= SMALLEST_SLOPE:
                return point
            point = point - solve(self._hessian(point), slope, assume_a="pos")
        raise ArithmeticError(f"the weights are not at their optimum: a slope of {np.abs(slope).max():.1e} is left")

    def _descend(self, point: Array, rounds: int) -> Array:
        """Some rounds of L-BFGS in units in which the curvature along each weight is about one."""
        weights = self._whole(point)
        curvature = [self._design.gradient(self._exposure * rates_of(self._design, row))[self._free] for row in weights]
        unit = 1 / np.sqrt(np.concatenate(curvature) + np.tile(self._penalty, len(SETS)))

        def scaled(there: Array) -> tuple[float, Array]:
            value, slope = self._loss(there * unit)
            return value, slope * unit

        options = {"maxiter": rounds, "maxfun": 2 * rounds, "ftol": 1e-12, "maxcor": 30}
        best: Array = minimize(scaled, point / unit, jac=True, method="L-BFGS-B", options=options).x * unit
        return best

    def _whole(self, point: Array) -> Array:
        """The weights of all labels, a row for each set."""
        weights = np.zeros((len(SETS), len(self._design.labels)))
        weights[:, self._free] = point.reshape(len(SETS), -1)
        return weights

    def _loss(self, point: Array) -> tuple[float, Array]:
        """The penalized negative logarithm of the likelihood, and its slope."""
        part = point.reshape(len(SETS), -1)
        pull = self._penalty * (part - COMMON * part.sum(axis=0))
        value, slopes = float((part * pull).sum()) / 2, pull
        for number, (weights, hits) in enumerate(zip(self._whole(point), self._hits, strict=True)):
            rates = rates_of(self._design, weights)
            expected, _ = hits.expect(rates)
            taken = hits.taken(rates, self._design.cell_count)
            value += float(self._exposure @ rates - hits.share @ np.log(expected))
            slopes[number] += self._design.gradient(self._exposure * rates - taken)[self._free]
        return value, slopes.ravel()

    def _hessian(self, point: Array) -> Array:
        """The second derivatives of `_loss`."""
        count = len(self._free)
        whole = np.kron(np.eye(len(SETS)) - COMMON, np.diag(self._penalty))
        for number, (weights, hits) in enumerate(zip(self._whole(point), self._hits, strict=True)):
            rates = rates_of(self._design, weights)
            taken = hits.taken(rates, self._design.cell_count)
            means = self._design.mean_labels(hits, rates)
            block = self._design.curvature(self._exposure * rates - taken) + means.T @ (hits.share[:, None] * means)
            here = slice(number * count, (number + 1) * count)
            whole[here, here] += block[np.ix_(self._free, self._free)]
        return whole


def rates_of(design: Design, weights: Array) -> Array:
    """The rate of every cell."""
    rates: Array = np.exp(np.clip(design.log_rates(weights), -30, 3))
    return rates

"""Learns the weights of the ranking from labelled names and writes `src/namehold/data/weights.json`.

    python bench/learn_weights.py --data DIR --date 2026-11-22

DIR holds `names_dev.csv` (set,target,name,group), `surfaces_dev.csv` (target,kind,value) and `index_names.txt.gz`
(one normalized name a line). Only hand-made attacks teach the attackers' rates: machine-made campaigns list every
one-edit name of their target. The same data and date give the same bytes.

Model: the expected share of a target's reference names that a candidate takes is `sum over ways exp(label weights)`
(Poisson with a log link; the sum is the noisy-or). A target weighs the same however many names it has.
Weights are shrunk towards 0, rare kinds of labels more; a word or mark gets a weight of its own only if
`LEAST_TARGETS` different targets have shown it; another word has the weight of its class of frequency on the index.
Cross-validation splits by target; the calibration is fitted on names of targets that the rates didn't see.
Needs numpy, which namehold itself doesn't.
"""

from __future__ import annotations

import argparse
import collections
import csv
import gzip
import hashlib
import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from packaging.utils import canonicalize_name

from namehold import bundled
from namehold.generators import (
    TECHNIQUES,
    Context,
    Marks,
    Subject,
    Technique,
    Vocabulary,
    context_of,
    subjects_of,
)
from namehold.models import Package, Surface, SurfaceKind
from namehold.scoring import Calibration, Family, condition_labels, conditions_of, is_allowed, mark_labels, target_marks

SETS = ("attack", "model", "owner")
KS = (4, 10, 25, 50, 100)
#: How much each set counts beside an equal weight of all its targets: models' names are rare but sure.
GAINS = {"attack": 1.0, "model": 2.5, "owner": 0.8}
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
    "class-target": 1.0,
    "technique-target": 3.0,
}
#: A word or mark that fewer targets have shown has no weight of its own: no single name is remembered.
LEAST_TARGETS = 3
FOLDS = 5
SUFFIXES, PREFIXES, GLUED_SUFFIXES, GLUED_PREFIXES = 300, 150, 80, 50
#: Weights below this are left out of the file (a factor of 1.02).
SMALLEST_WEIGHT = 0.02

Array = np.ndarray


# --------------------------------------------------------------------------- data


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """The labelled names by set and target, and the packages of all targets.

    `universal` is the part of the models' names that every model invents; it is measured, not learned apart.
    """

    names: dict[str, dict[str, set[str]]]
    universal: dict[str, set[str]]
    packages: list[Package]

    def all_names(self, target: str) -> set[str]:
        """The reference names of a target in all sets."""
        return set().union(*(by_target.get(target, set()) for by_target in self.names.values()))


def read_labelled(names: Path, surfaces: Path | None) -> Labelled:
    found: dict[str, dict[str, set[str]]] = {key: collections.defaultdict(set) for key in SETS}
    universal: dict[str, set[str]] = collections.defaultdict(set)
    targets: set[str] = set()
    with names.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            targets.add(row["target"])
            key = {"attack": "attack", "hallucination": "model", "owner-choice": "owner"}[row["set"]]
            if row["group"] != "mass":
                found[key][row["target"]].add(canonicalize_name(row["name"]))
            if row["group"] == "universal":
                universal[row["target"]].add(canonicalize_name(row["name"]))
    by_target: dict[str, list[Surface]] = collections.defaultdict(list)
    if surfaces is not None:
        with surfaces.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                kind = SurfaceKind(row["kind"])
                by_target[row["target"]].append(Surface(kind=kind, value=row["value"], source=surfaces.name))
    packages = [
        Package(name=canonicalize_name(target), spelled=target, surfaces=tuple(by_target[target]))
        for target in sorted(targets)
    ]
    names_by_set = {key: dict(value) for key, value in found.items()}
    return Labelled(names=names_by_set, universal=dict(universal), packages=packages)


# --------------------------------------------------------------------------- vocabulary


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Words counted on the index: on how many other projects' whole names each stands.

    `bands` gives each word's label the label of its class of frequency.
    """

    vocabulary: Vocabulary
    words: dict[str, dict[str, int]]
    bands: dict[str, str]


def count_words(index_names: Sequence[str], popular: Mapping[str, int]) -> Counts:
    """Counts what stands behind and before whole names of other projects.

    Words on popular projects count as much as words on all, since popular projects are the ones that are imitated.
    """
    every = set(index_names)
    counts: dict[str, tuple[collections.Counter[str], collections.Counter[str]]] = {
        key: (collections.Counter(), collections.Counter()) for key in ("suffixes", "prefixes")
    }
    glued = {key: collections.Counter() for key in ("glued_suffixes", "glued_prefixes")}
    plain = {name for name in popular if "-" not in name and len(name) > 4}
    for name in index_names:
        if "-" in name:
            for key, base, word in (
                ("suffixes", *name.rsplit("-", 1)),
                ("prefixes", *reversed(name.split("-", 1))),
            ):
                if base in every and len(base) > 2:
                    counts[key][0][word] += 1
                    counts[key][1][word] += base in popular
        else:
            for index in range(5, len(name)):
                if len(name) - index <= 8:
                    glued["glued_suffixes"][name[index:]] += name[:index] in plain
                    glued["glued_prefixes"][name[:-index]] += name[-index:] in plain
    chosen: dict[str, dict[str, int]] = {}
    bands: dict[str, str] = {}
    for key, size in (("suffixes", SUFFIXES), ("prefixes", PREFIXES)):
        everywhere, on_popular = counts[key]
        share = {
            word: (number / everywhere.total() + on_popular[word] / on_popular.total()) / 2
            for word, number in everywhere.items()
            if number >= 40 or on_popular[word] >= 15
        }
        chosen[key] = _most(share, everywhere, size)
        shape = "word:-{}" if key == "suffixes" else "word:{}-"
        bands |= {shape.format(word): f"band:{key}:{_band(share[word])}" for word in chosen[key]}
    for key, size in (("glued_suffixes", GLUED_SUFFIXES), ("glued_prefixes", GLUED_PREFIXES)):
        total = glued[key].total()
        share = {word: number / total for word, number in glued[key].items() if number >= 8 and len(word) > 1}
        chosen[key] = _most(share, glued[key], size)
        shape = "word:+{}" if key == "glued_suffixes" else "word:{}+"
        bands |= {shape.format(word): f"band:{key}:{_band(share[word])}" for word in chosen[key]}
    heads = collections.Counter(name.split("-")[0] for name in popular if "-" in name)
    vocabulary = Vocabulary(
        suffixes=tuple(chosen["suffixes"]),
        prefixes=tuple(chosen["prefixes"]),
        glued_suffixes=tuple(chosen["glued_suffixes"]),
        glued_prefixes=tuple(chosen["glued_prefixes"]),
        generic=frozenset(word for word, number in counts["suffixes"][0].items() if number >= 150),
        namespaces=frozenset(word for word, number in heads.items() if number >= 8),
        bigrams=_bigrams(popular),
    )
    return Counts(vocabulary=vocabulary, words=chosen, bands=bands)


def _most(share: Mapping[str, float], counts: Mapping[str, int], size: int) -> dict[str, int]:
    best = sorted(share, key=lambda word: (-share[word], word))[:size]
    return {word: counts[word] for word in best if canonicalize_name(word) == word and "-" not in word}


def _band(share: float) -> int:
    """The class of a word's frequency: half powers of ten."""
    return round(2 * math.log10(share * 1e4))


def _bigrams(names: Iterable[str]) -> dict[str, str]:
    """How often the second character follows the first in popular names."""
    pairs: collections.Counter[str] = collections.Counter()
    firsts: collections.Counter[str] = collections.Counter()
    for name in names:
        pairs.update(name[index : index + 2] for index in range(len(name) - 1))
        firsts.update(name[:-1])
    signs = "abcdefghijklmnopqrstuvwxyz0123456789-"
    bounds = ((0.06, "often"), (0.015, "sometimes"), (0.003, "rarely"), (-1.0, "never"))
    return {
        one + other: next(
            word for bound, word in bounds if (pairs[one + other] + 0.5) / (firsts[one] + len(signs) / 2) > bound
        )
        for one in signs
        for other in signs
    }


# --------------------------------------------------------------------------- design


class Part:
    """The part of every cell's labels that follows from one key of the cell; few keys serve many cells."""

    def __init__(
        self, keys: Sequence[Any], labels_of_key: Callable[[Any], Iterable[str]], labels: dict[str, int]
    ) -> None:
        numbers: dict[Any, int] = {}
        self.key_of_cell = np.array([numbers.setdefault(key, len(numbers)) for key in keys])
        self.count = len(numbers)
        found = [[labels.setdefault(label, len(labels)) for label in labels_of_key(key)] for key in numbers]
        self.starts = np.cumsum([0, *map(len, found)])
        self.rows = np.repeat(np.arange(self.count), np.diff(self.starts))
        self.columns = np.concatenate([np.array(row) for row in found])

    def sums(self, weights: Array) -> Array:
        """The sum of every cell's label weights."""
        return np.bincount(self.rows, weights[self.columns], self.count)[self.key_of_cell]

    def gradient(self, by_cell: Array, label_count: int) -> Array:
        """By label, from by cell."""
        by_key = np.bincount(self.key_of_cell, by_cell, self.count)
        return np.bincount(self.columns, by_key[self.rows], label_count)

    def labels_of(self, cell: int) -> list[int]:
        """The numbers of a cell's labels."""
        key = self.key_of_cell[cell]
        return self.columns[self.starts[key] : self.starts[key + 1]].tolist()


def _with_bands(marks: Marks, counts: Counts) -> list[str]:
    labels = mark_labels(marks)
    return [*labels, *(counts.bands[label] for label in labels if label in counts.bands)]


class Design:
    """Every name that the techniques give for every target, by cells: ways that have the same rate."""

    def __init__(self, labelled: Labelled, counts: Counts) -> None:
        packages = labelled.packages
        popular = bundled.popular_names().ranks
        family = Family.of(packages)
        cells: dict[tuple[str, Marks, tuple[str, ...]], int] = {}
        self.names: dict[str, list[str]] = {}
        self.ways: dict[str, tuple[Array, Array]] = {}
        self.taken: dict[str, Array] = {}
        self.hits: dict[str, dict[str, Array]] = {}
        for package in packages:
            context = context_of(package, vocabulary=counts.vocabulary, namespaces=family.namespaces)
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
                        for name in names:
                            if is_allowed(name, package=package, family=family):
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
        labels: dict[str, int] = {}
        self.marks = Part([marks for _, marks, _ in cells], lambda marks: _with_bands(marks, counts), labels)
        self.conditions = Part(
            [(technique, conditions) for technique, _, conditions in cells],
            lambda key: condition_labels(by_name[key[0]], key[1]),
            labels,
        )
        self.labels = labels
        self.penalty = np.array([SHRINKAGE[kind_of(label)] for label in labels])
        self.words = self._words_shown()

    def log_rates(self, weights: Array) -> Array:
        """The logarithm of every cell's rate."""
        return self.marks.sums(weights) + self.conditions.sums(weights)

    def gradient(self, by_cell: Array) -> Array:
        """By label, from by cell."""
        count = len(self.labels)
        return self.marks.gradient(by_cell, count) + self.conditions.gradient(by_cell, count)

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
        for template in technique.templates(context.vocabulary):
            name = template.fill(subject.text)
            if name:
                yield template.marks, (name,)


# --------------------------------------------------------------------------- fit


def kind_of(label: str) -> str:
    """The kind of a label, by which it is shrunk."""
    if label == "all":
        return "all"
    if label.startswith("band:"):
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


def fit(design: Design, names: Mapping[str, set[str]], targets: Sequence[str]) -> Array:
    """The weights of all labels, learned from the names of `targets` (targets without names count as misses)."""
    exposure = design.exposure(targets)
    found = [
        (cells, 1 / len(names[target]))
        for target in targets
        for name, cells in design.hits[target].items()
        if name in names.get(target, ())
    ]
    hits = [cells for cells, _ in found]
    share = np.array([part for _, part in found])
    known = set(targets)
    learned = np.ones(len(design.labels))
    learned[[number for number, shown in design.words.items() if 0 < len(shown & known) < LEAST_TARGETS]] = 0.0
    cells = np.concatenate(hits)
    owners = np.repeat(np.arange(len(hits)), [len(found) for found in hits])

    def loss(weights: Array) -> tuple[float, Array]:
        rates = rates_of(design, weights)
        expected = np.bincount(owners, rates[cells])
        value = float(exposure @ rates - share @ np.log(expected) + design.penalty @ weights**2 / 2)
        surplus = exposure * rates
        surplus -= np.bincount(cells, (share / expected)[owners] * rates[cells], design.cell_count)
        return value, learned * (design.gradient(surplus) + design.penalty * weights)

    start = np.zeros(len(design.labels))
    start[design.labels["all"]] = math.log(share.sum() / exposure.sum())
    return _minimize(loss, start)


def _minimize(loss: Callable[[Array], tuple[float, Array]], point: Array, rounds: int = 150, memory: int = 10) -> Array:
    """L-BFGS with backtracking (Nocedal and Wright, algorithm 7.5)."""
    value, slope = loss(point)
    steps: list[tuple[Array, Array]] = []
    for _ in range(rounds):
        direction = slope.copy()
        products = []
        for step, change in reversed(steps):
            product = (step @ direction) / (change @ step)
            products.append(product)
            direction -= product * change
        if steps:
            direction *= (steps[-1][0] @ steps[-1][1]) / (steps[-1][1] @ steps[-1][1])
        for (step, change), product in zip(steps, reversed(products), strict=True):
            direction += step * (product - (change @ direction) / (change @ step))
        length = 1.0 if steps else 1 / float(np.linalg.norm(slope))
        descent = float(slope @ direction)
        while True:
            there, there_slope = loss(point - length * direction)
            if there <= value - 1e-4 * length * descent or length < 1e-10:
                break
            length /= 2
        move, turn = -length * direction, there_slope - slope
        if move @ turn > 1e-12:
            steps = [*steps, (move, turn)][-memory:]
        done = abs(value - there) < 1e-7 * abs(value)
        point, value, slope = point + move, there, there_slope
        if done:
            break
    return point


def rates_of(design: Design, weights: Array) -> Array:
    """The rate of every cell."""
    return np.exp(np.clip(design.log_rates(weights), -30, 3))


# --------------------------------------------------------------------------- cross-validation and calibration


def fold_of(target: str, seed: int) -> int:
    return int(hashlib.sha256(f"{seed}:{target}".encode()).hexdigest()[:8], 16) % FOLDS


def mix_of(labelled: Labelled) -> dict[str, float]:
    """The factor of each set: all sets weigh the same, however many targets each has, but for `GAINS`."""
    count = len(labelled.packages) / len(SETS)
    return {key: GAINS[key] * count / len(labelled.names[key]) for key in SETS}


def predict(design: Design, cells: Array, target: str) -> Array:
    """The rate of every name of a target."""
    of_name, of_cell = design.ways[target]
    return np.bincount(of_name, cells[of_cell], len(design.names[target]))


def cross_validate(design: Design, labelled: Labelled, seed: int) -> dict[str, Array]:
    """Rates of every target's names, from the other folds' targets."""
    targets = [str(package.name) for package in labelled.packages]
    mix = mix_of(labelled)
    found: dict[str, Array] = {}
    for fold in range(FOLDS):
        train = [target for target in targets if fold_of(target, seed) != fold]
        cells = sum(mix[key] * rates_of(design, fit(design, labelled.names[key], train)) for key in SETS)
        found |= {target: predict(design, cells, target) for target in targets if fold_of(target, seed) == fold}
    return found


def is_hit(design: Design, labelled: Labelled, target: str) -> Array:
    """Which of a target's names are in any of the sets."""
    wanted = labelled.all_names(target)
    return np.array([name in wanted for name in design.names[target]])


def calibrate(rates: Array, hits: Array) -> tuple[float, float]:
    """Shift and slope of `1 - exp(-exp(shift) * rate ** slope)` by greatest likelihood (Newton's method)."""
    logs = np.log(np.maximum(rates, 1e-30))
    features = np.stack([np.ones_like(logs), logs])
    point = np.array([0.0, 1.0])
    for _ in range(50):
        power = np.exp(np.clip(point @ features, -60, 3))
        odds = np.where(hits, power / np.expm1(power), -power)
        curve = np.where(hits, odds * (1 - power - odds), -power)
        step = np.linalg.solve((features * -np.minimum(curve, -1e-12)) @ features.T, features @ odds)
        point = point + step
        if np.abs(step).max() < 1e-9:
            break
    return float(point[0]), float(point[1])


# --------------------------------------------------------------------------- the file


def export(design: Design, counts: Counts, weights: Array, shift: float) -> dict[str, float]:
    """The labels' weights as the file holds them: classes of frequency are folded into their words."""
    by_label = {label: float(weights[number]) for label, number in design.labels.items()}
    by_label["all"] += shift
    for label, band in counts.bands.items():
        by_label[label] = by_label.get(label, 0.0) + by_label.get(band, 0.0)
    _assume(by_label)
    return {
        label: round(weight, 2)
        for label, weight in sorted(by_label.items())
        if abs(weight) >= SMALLEST_WEIGHT and not label.startswith("band:")
    }


def _assume(weights: dict[str, float]) -> None:
    """Rates of what the labelled names can't teach, for want of data on commands, aliases and companions.

    A command, alias or former name is taken for the package as often as an import. People mistype an alias a third
    as often as the name (6.6 % of attacks mutate an alias). A companion is put on as often as the commonest word.
    """
    for label, weight in list(weights.items()):
        for kind in ("command", "alias", "former"):
            if label in {"surface:import", "surface@import"} or (label.endswith("@import") and kind == "command"):
                weights[label.replace("import", kind)] = weight
            elif label.endswith("@project") and kind != "command":
                weights[label.replace("project", kind)] = weight + math.log(1 / 3) / 2
    common = max(weight for label, weight in weights.items() if label.startswith("band:suffixes"))
    weights["companion"] = weights["affix"] + weights["affix:behind"] + common


def write(path: Path, document: Mapping[str, object]) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the labelled names")
    parser.add_argument("--date", required=True, help="the date that the file bears (YYYY-MM-DD)")
    parser.add_argument("--seeds", type=int, default=1, help="splits into folds for the cross-validated figures")
    parser.add_argument("-o", "--output", type=Path, default=Path("src/namehold/data/weights.json"))
    options = parser.parse_args()
    labelled = read_labelled(options.data / "names_dev.csv", options.data / "surfaces_dev.csv")
    with gzip.open(options.data / "index_names.txt.gz", "rt", encoding="utf-8") as stream:
        index_names = stream.read().split()
    popular = bundled.popular_names()
    counts = count_words(index_names, popular.ranks)
    design = Design(labelled, counts)
    print(f"{sum(map(len, design.names.values()))} names, {design.cell_count} cells, {len(design.labels)} labels")

    targets = [str(package.name) for package in labelled.packages]
    rates: dict[str, Array] = {}
    figures = []
    for seed in range(options.seeds):
        found = cross_validate(design, labelled, seed)
        figures.append(recalls(design, labelled, found))
        rates = rates or found  # the file must not depend on how many splits are measured
    print_recalls("cross-validated by target", figures)
    print(
        "oracle over all candidates: "
        + ", ".join(f"{key} {value:.3f}" for key, value in oracle(design, labelled).items())
    )

    every_rate = np.concatenate([rates[target] for target in targets])
    every_hit = np.concatenate([is_hit(design, labelled, target) for target in targets])
    every_taken = np.concatenate([design.taken[target] for target in targets])
    shift, slope = calibrate(every_rate[~every_taken], every_hit[~every_taken])
    calibrated = np.exp(shift) * every_rate**slope
    taken = math.log((every_hit[every_taken].sum() + 0.5) / (calibrated[every_taken].sum() + 0.5)) / slope
    print(f"calibration: shift {shift:.3f}, slope {slope:.3f}; a popular project's name: factor {math.exp(taken):.3f}")
    print_calibration(rates, design, labelled, Calibration(shift=shift, slope=slope), taken)

    mix = mix_of(labelled)
    log_weights = {
        key: export(design, counts, fit(design, labelled.names[key], targets), math.log(mix[key])) for key in SETS
    }
    bigrams: dict[str, list[str]] = collections.defaultdict(list)
    for pair, often in counts.vocabulary.bigrams.items():
        if often != "never":
            bigrams[often].append(pair)
    write(
        options.output,
        {
            "schema": "namehold/weights/1",
            "version": 2,
            "source": f"rates learned on {options.date}",
            "provenance": {
                "script": "bench/learn_weights.py",
                "date": options.date,
                "labelled": {
                    key: {
                        "targets": len(labelled.names[key]),
                        "names": sum(map(len, labelled.names[key].values())),
                    }
                    for key in SETS
                },
                "labelled_sources": "hand-made malicious names (public data sets of malicious packages and campaigns), "
                "names that language models invented (Churilov 2026, arXiv 2605.17062; 0pstech feed), "
                "names that owners reserved (summaries of projects); none of them is in this file",
                "index_names": len(index_names),
                "popular": popular.source,
                "least_targets_of_a_word_or_mark": LEAST_TARGETS,
                "gains": GAINS,
                "shrinkage": SHRINKAGE,
            },
            "calibration": {"shift": round(shift, 3), "slope": round(slope, 3)},
            "taken": round(taken, 2),
            "log_weights": log_weights,
            "vocabulary": {
                **counts.words,
                "generic": sorted(counts.vocabulary.generic),
                "namespaces": sorted(counts.vocabulary.namespaces),
                "bigrams": {often: " ".join(pairs) for often, pairs in bigrams.items()},
            },
        },
    )


# --------------------------------------------------------------------------- figures


def recalls(design: Design, labelled: Labelled, rates: Mapping[str, Array]) -> dict[str, list[float]]:
    """Macro recall of each set at each K, and their mean."""
    ranked = {}
    for target, values in rates.items():
        order = np.argsort(-np.where(design.taken[target], 0.0, values), kind="stable")[: max(KS)]
        ranked[target] = [design.names[target][number] for number in order]
    found = {
        key: [
            float(np.mean([len(names & set(ranked[target][:k])) / len(names) for target, names in by_target.items()]))
            for k in KS
        ]
        for key, by_target in (*labelled.names.items(), ("universal", labelled.universal))
    }
    found["mean"] = [float(value) for value in np.mean([found[key] for key in SETS], axis=0)]
    return found


def oracle(design: Design, labelled: Labelled) -> dict[str, float]:
    """Macro recall of somebody who knew which candidates are right."""
    return {
        key: float(
            np.mean([len(names & set(design.names[target])) / len(names) for target, names in by_target.items()])
        )
        for key, by_target in labelled.names.items()
    }


def print_recalls(title: str, figures: Sequence[Mapping[str, Sequence[float]]]) -> None:
    print(f"{title:34}" + "".join(f"{'@' + str(k):>8}" for k in KS))
    for key in figures[0]:
        values = np.mean([one[key] for one in figures], axis=0)
        print(f"{key:34}" + "".join(f"{value:8.3f}" for value in values))


def print_calibration(
    rates: Mapping[str, Array], design: Design, labelled: Labelled, calibration: Calibration, taken: float
) -> None:
    """Predicted against observed hits in ten bins of the first 100 names of every target, and the Brier score."""
    chances: list[Array] = []
    hits: list[Array] = []
    for target, values in rates.items():
        adjusted = values * np.where(design.taken[target], math.exp(taken), 1.0)
        order = np.argsort(-adjusted, kind="stable")[: max(KS)]
        chances.append(-np.expm1(-np.exp(calibration.shift) * adjusted[order] ** calibration.slope))
        hits.append(is_hit(design, labelled, target)[order])
    chance, hit = np.concatenate(chances), np.concatenate(hits)
    order = np.argsort(-chance, kind="stable")
    print(f"{'names':>8}{'predicted':>12}{'observed':>12}{'hits':>8}   (out of fold, first 100 names of every target)")
    bounds = [0, *(round(len(order) * part) for part in (0.003, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.5, 0.75, 1.0))]
    for begin, end in itertools.pairwise(bounds):
        part = order[begin:end]
        print(f"{len(part):8}{chance[part].mean():12.4f}{hit[part].mean():12.4f}{hit[part].sum():8}")
    base = hit.mean()
    print(f"Brier score {np.mean((chance - hit) ** 2):.5f} (always {base:.4f}: {np.mean((base - hit) ** 2):.5f})")


if __name__ == "__main__":
    main()

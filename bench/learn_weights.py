"""Learns the weights of the ranking from labelled names and writes `src/namehold/data/weights.json`.

    python -m bench.learn_weights --data DIR --surfaces bench/data/surfaces.csv --date 2026-11-29
    python -m bench.learn_weights --data DIR --time-split

DIR holds `names_dev.csv` and `names_2026_dev.csv` (set,target,name,group), `surfaces_dev.csv` (target,kind,value),
`suffix_counts_2026.csv` (word,last_release_2026,last_release_earlier) and `index_names.txt.gz` (one normalized name a
line); `bench/data/surfaces.csv` what real wheels showed (`read_surfaces.py`). Only hand-made attacks teach the
attackers' rates: machine-made campaigns list every one-edit name of their target. The same data and date give the same
bytes.

`labelled.py` reads the names, `vocabulary.py` counts words over the index, `fitting.py` holds the model.
Cross-validation splits by target, and targets that begin with the same word stay together; the calibration is fitted
on names of targets that the rates didn't see. `--nested` chooses the settings anew within each part that is learned
from. `--time-split` learns from names before 2026, with the words of those years, and measures names of 2026.
`--measured FILE` measures the same weights on packages that show what FILE says, not what the weights learned from.
Needs numpy and scipy (bench/requirements.txt), which namehold itself doesn't.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import hashlib
import itertools
import json
import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from bench.fitting import LEAST_TARGETS, OWN_PRECISION, SHRINKAGE, Array, Design, Fit, rates_of
from bench.labelled import POWERS, SETS, Labelled, count_surfaces, read_labelled
from bench.vocabulary import Counts, count_words, read_last_words
from namehold.candidates.weights import Calibration
from namehold.candidates.wordlists import popular_names

#: The rows whose mean is told.
MEAN_OF = ("attack", "hallucination", "owner-choice")
KS = (4, 10, 25, 50, 100)
#: How much each set counts beside an equal weight of all its targets.
GAINS = {"attack": 1.0, "model": 1.0, "owner": 1.0}
#: The label of projects that aren't ranked, and how much attackers' names count there: of the 366 labelled ones 12 were
#: attacked, so that equal weights of the sets put slips before what owners take.
LITTLE_KNOWN = "target:rank-unknown"
LITTLE_KNOWN_GAIN = 0.25
FOLDS = 5
#: The settings that `--nested` chooses among: all shrinkage times the first; how much one of many names of a target
#: counts; the attacks' and the models' gains, and what attacks count around little-known projects.
STRENGTHS = (1.0, 1.5)
POWERS_TRIED = (dict.fromkeys(SETS, 1.0), POWERS)
SET_GAINS = tuple(itertools.product((1.0, 2.0), (1.0, 2.0), (1.0, LITTLE_KNOWN_GAIN)))
#: What the labelled names can't teach, by the mark of the subject, and what is assumed instead. 6.6 % of attacks mutate
#: an alias.
ASSUMED = {
    "alias": "taken for the package as often as an import, mistyped a third as often as the name",
    "former": "taken for the package as often as an import, mistyped a third as often as the name",
}
#: How often a coined name was put in the plural beside a word: 4 of 341 to 10 of 179 (`techniques/plural.py`).
COINED_PLURALS = (4 / 341) / (10 / 179)
#: What a name's rate is worth where a likelier name of the target comes from the same technique. Of what was predicted
#: for the first ten names, .76 .77 .75 was seen for such names, and 1.03 1.08 .99 for the first of each technique (out
#: of fold, three splits).
REPEATED = 0.75
#: Weights below this are left out of the file (a factor of 1.03).
SMALLEST_WEIGHT = 0.03


# --------------------------------------------------------------------------- cross-validation and calibration


def fold_of(target: str, seed: int) -> int:
    """The fold of a target; siblings (`google-cloud-dlp`, `google-cloud-storage`) show the same habits."""
    first = target.split("-", maxsplit=1)[0]
    return int(hashlib.sha256(f"{seed}:{first}".encode()).hexdigest()[:8], 16) % FOLDS


def shifts_of(
    labelled: Labelled, gains: Mapping[str, float] = GAINS, little_known: float = LITTLE_KNOWN_GAIN
) -> dict[str, dict[str, float]]:
    """By set, what is added to the weights of labels, so that the sets' rates can be added up.

    All sets weigh the same, however many names each has, but for `gains`; around little-known projects attacks weigh
    `little_known` of that.
    """
    count = len(labelled.packages) / len(SETS)
    shifts = {key: {"all": math.log(gains[key] * count / labelled.weight(key))} for key in SETS}
    shifts["attack"][LITTLE_KNOWN] = math.log(little_known)
    return shifts


def predict(design: Design, cells: Array, target: str) -> Array:
    """The rate of every name of a target."""
    of_name, of_cell = design.ways[target]
    rates = np.bincount(of_name, cells[of_cell], len(design.names[target]))
    return np.where(is_repeated(design, cells, rates, target), REPEATED * rates, rates)


def is_repeated(design: Design, cells: Array, rates: Array, target: str) -> Array:
    """Which of a target's names have a likelier one by the technique of their strongest way; no popular project has."""
    of_name, of_cell = design.ways[target]
    techniques = design.technique_of_cell[of_cell]
    order = np.lexsort((-techniques, cells[of_cell], of_name))
    strongest = order[np.flatnonzero(np.diff(of_name[order], append=-1))]
    free = np.flatnonzero(~design.taken[target])
    free = free[np.argsort(-rates[free], kind="stable")]
    _, first = np.unique(techniques[strongest][free], return_index=True)
    repeated = ~design.taken[target]
    repeated[free[first]] = False
    return repeated


def cells_of(design: Design, weights: Mapping[str, Array], shifts: Mapping[str, Mapping[str, float]]) -> Array:
    """The rate of every cell over all sets; labels behind those that have a weight count nothing."""
    cells = np.zeros(design.cell_count)
    for key, of_set in weights.items():
        shifted = np.pad(of_set, (0, len(design.labels) - len(of_set)))
        for label, shift in shifts[key].items():
            shifted[design.labels[label]] += shift
        cells += rates_of(design, shifted)
    return cells


def cross_validate(
    design: Design,
    labelled: Labelled,
    seed: int,
    *,
    is_nested: bool = False,
    near: Mapping[str, Array] | None = None,
    measured: Design | None = None,
) -> dict[str, Array]:
    """Rates of every target's names, from the other folds' targets; nested, the settings come from these, too.

    `near` are weights to start from. An exact fit doesn't depend on them, so all targets may have taught them.
    `measured` holds the names that get rates, if they aren't those that are learned from, and has the labels of these.
    """
    targets = [str(package.name) for package in labelled.packages]
    found: dict[str, Array] = {}
    shown = measured or design
    for fold in range(FOLDS):
        train = [target for target in targets if fold_of(target, seed) != fold]
        if is_nested:
            cells = choose_settings(design, labelled, train, seed)
        else:
            cells = cells_of(shown, learn(design, labelled, train, near=near), shifts_of(labelled))
        found |= {target: predict(shown, cells, target) for target in targets if fold_of(target, seed) == fold}
    return found


def choose_settings(design: Design, labelled: Labelled, targets: Sequence[str], seed: int) -> Array:
    """The rates of all cells by the settings by which one part of `targets` is ranked best from the others.

    The best is the largest mean of all rows and depths.
    """
    inner = [target for target in targets if fold_of(target, seed + 1000) == 0]
    train = [target for target in targets if fold_of(target, seed + 1000) != 0]
    found: dict[tuple[float, int, tuple[float, float, float]], float] = {}
    weights = None
    for strength, number in itertools.product(STRENGTHS, range(len(POWERS_TRIED))):
        counted = labelled.with_powers(POWERS_TRIED[number])
        weights = learn(design, counted, train, strength=strength, is_exact=False, near=weights)
        for gains in SET_GAINS:
            cells = cells_of(design, weights, _with_gains(counted, *gains))
            rows = recalls(design, labelled, {target: predict(design, cells, target) for target in inner})
            found[strength, number, gains] = sum(map(sum, rows.values()))
    strength, number, gains = max(found, key=lambda setting: found[setting])
    powers = POWERS_TRIED[number]
    print(
        "  chosen: shrinkage times {}, powers {}, gain of attacks {}, of models {}; attacks around unknown {}".format(
            strength, powers, *gains
        ),
        flush=True,
    )
    counted = labelled.with_powers(powers)
    weights = learn(design, counted, targets, strength=strength, is_exact=False, near=weights)
    return cells_of(design, weights, _with_gains(counted, *gains))


def _with_gains(labelled: Labelled, attack: float, model: float, little_known: float) -> dict[str, dict[str, float]]:
    return shifts_of(labelled, {**GAINS, "attack": attack, "model": model}, little_known)


def is_hit(design: Design, labelled: Labelled, target: str) -> Array:
    """Which of a target's names are in any of the sets."""
    wanted = labelled.all_names(target)
    return np.array([name in wanted for name in design.names[target]])


def calibrate(rates: Array, hits: Array) -> tuple[float, float]:
    """Shift and slope of `1 - exp(-exp(shift) * rate ** slope)` by greatest likelihood."""
    features = np.stack([np.ones_like(rates), np.log(np.maximum(rates, 1e-30))])

    def loss(point: Array) -> tuple[float, Array]:
        power = np.exp(np.clip(point @ features, -60, 3))
        value = power[~hits].sum() - np.log(-np.expm1(-power[hits])).sum()
        return value / hits.sum(), features @ np.where(hits, -power / np.expm1(power), power) / hits.sum()

    shift, slope = minimize(loss, np.array([0.0, 1.0]), jac=True, method="BFGS", options={"gtol": 1e-8}).x
    return float(shift), float(slope)


# --------------------------------------------------------------------------- the file


def export(design: Design, counts: Counts, weights: Array, shifts: Mapping[str, float]) -> dict[str, float]:
    """The labels' weights as the file holds them: classes of frequency are folded into their words."""
    by_label = {label: float(weights[number]) + shifts.get(label, 0.0) for label, number in design.labels.items()}
    for label, band in counts.bands.items():
        by_label[label] = by_label.get(label, 0.0) + by_label.get(band, 0.0)
    _assume(by_label)
    exported = {
        label: round(weight, 2)
        for label, weight in by_label.items()
        if abs(weight) >= SMALLEST_WEIGHT and not label.startswith("band:")
    }
    return dict(sorted(exported.items()))


def _assume(weights: dict[str, float]) -> None:
    """Rates of what the labelled names can't teach: what becomes of aliases and former names (`ASSUMED`)."""
    for label, weight in list(weights.items()):
        for kind in ASSUMED:
            if label in {"surface:import", "surface@import"}:
                weights[label.replace("import", kind)] = weight
            elif label.endswith("@project"):
                weights[label.replace("project", kind)] = weight + math.log(1 / 3) / 2


def learn(
    design: Design,
    labelled: Labelled,
    targets: Sequence[str],
    *,
    strength: float = 1.0,
    is_exact: bool = True,
    near: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """By set, the weight of every label: what the names of `targets` teach, and what is counted on them instead."""
    found = Fit(design, labelled, targets, strength=strength).run(is_exact=is_exact, near=near)
    share = _share_of_inner_modules(labelled, set(targets))
    for weights in found.values():
        by_label = {label: float(weights[number]) for label, number in design.labels.items()}
        for label, weight in _counted(by_label, share).items():
            if label in design.labels:
                weights[design.labels[label]] = weight
    return found


def _counted(weights: Mapping[str, float], share: float) -> dict[str, float]:
    """The weights of what too few packages show: that teaches none.

    The rate of a module within a module is the learned rate of an import times `share`. The rate of a coined name's
    plural is `COINED_PLURALS` times that of a word's; the learned difference of the two is part of that factor.
    """

    def total(*labels: str) -> float:
        return sum(weights.get(label, 0.0) for label in labels)

    imported = total("surface", "surface:import", "surface@import", "surface@import")
    inner = total("inner-name", "inner-name@submodule", "combo@submodule")
    return {
        "inner-name:submodule": imported + math.log(share) - inner,
        "plural:coined": math.log(COINED_PLURALS) - total("plural:gives-none") + total("plural:gives-word"),
    }


def _share_of_inner_modules(labelled: Labelled, targets: Collection[str]) -> float:
    """How often a module within a module is a labelled name, beside how often as many top-level imports would be.

    One of many is compared with one of many. Half a name is added to each number, so that a few packages without any
    don't make it impossible.
    """
    packages = [package for package in labelled.packages if package.name in targets]
    counts = collections.defaultdict(lambda: (0, 0), count_surfaces(packages, labelled, popular_names().ranks))
    found = expected = 0.5
    for is_crowd in (False, True):
        (hits, count), (of_imports, imports) = counts["submodule", is_crowd], counts["import", is_crowd]
        found += hits
        expected += count * (of_imports + 0.5) / (imports + 0.5)
    return found / expected


def by_class(classes: Mapping[str, object], leave_out: str = "") -> dict[str, str]:
    """What is of each class, as the file holds it: in one line."""
    found: dict[str, list[str]] = collections.defaultdict(list)
    for item, often in classes.items():
        if often != leave_out:
            found[str(often)].append(item)
    return {often: " ".join(items) for often, items in found.items()}


def write(path: Path, document: Mapping[str, object]) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8")


def read_index_names(folder: Path) -> list[str]:
    """The index's complete list, which words are counted over."""
    with gzip.open(folder / "index_names.txt.gz", "rt", encoding="utf-8") as stream:
        return stream.read().split()


def read_years(folder: Path, *, is_earlier: bool) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """How many projects have a word of the last year, and of the years before; of the latter alone if `is_earlier`."""
    lately, earlier = read_last_words(folder / "suffix_counts_2026.csv")
    return (earlier, {}) if is_earlier else (lately, earlier)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the labelled names")
    parser.add_argument("--date", default="", help="the date that the file bears (YYYY-MM-DD)")
    parser.add_argument("--surfaces", type=Path, metavar="FILE", help="what read_surfaces.py read, if not DIR's table")
    parser.add_argument("--measured", type=Path, metavar="FILE", help="surfaces to measure on; writes nothing")
    parser.add_argument("--nested", action="store_true", help="choose the settings within each part learned from")
    parser.add_argument("--time-split", action="store_true", help="learn before 2026, measure 2026, write nothing")
    parser.add_argument("--seeds", type=int, default=1, help="splits into folds for the cross-validated figures")
    parser.add_argument("--lists", type=Path, metavar="FILE", help="write the cross-validated lists as JSON Lines")
    parser.add_argument("-o", "--output", type=Path, default=Path("src/namehold/data/weights.json"))
    options = parser.parse_args()
    if options.measured and options.nested:
        parser.error("--measured and --nested can't be combined")
    if not (options.time_split or options.measured or options.date):
        parser.error("the file needs its date")
    tables = [options.data / "names_dev.csv", options.data / "names_2026_dev.csv"]
    labelled = read_labelled(tables, options.surfaces or options.data / "surfaces_dev.csv")
    index_names = read_index_names(options.data)
    popular = popular_names()
    counts = count_words(index_names, popular.ranks, *read_years(options.data, is_earlier=options.time_split))
    design = Design(labelled, counts)
    print(f"{sum(map(len, design.names.values()))} names, {design.cell_count} cells, {len(design.labels)} labels")
    targets = [str(package.name) for package in labelled.packages]
    if options.time_split:
        print_time_split(design, labelled, targets)
        return
    measured = read_labelled(tables, options.measured) if options.measured else None
    shown = Design(measured, counts, known=design.labels) if measured else design
    learned = None if options.nested else learn(design, labelled, targets)
    rates: dict[str, Array] = {}
    figures = []
    for seed in range(options.seeds):
        found = cross_validate(design, labelled, seed, is_nested=options.nested, near=learned, measured=shown)
        figures.append(recalls(shown, labelled, found))
        rates = rates or found  # the file must not depend on how many splits are measured
    print_recalls("nested" if options.nested else "cross-validated by target", figures)
    if options.lists:
        lines = [json.dumps({"target": target, "candidates": names}) for target, names in rank(shown, rates).items()]
        options.lists.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if learned is None or options.measured:
        return
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

    shifts = shifts_of(labelled)
    log_weights = {key: export(design, counts, weights, shifts[key]) for key, weights in learned.items()}
    write(
        options.output,
        {
            "schema": "namehold/weights/1",
            "version": 5,
            "source": f"rates learned on {options.date}",
            "provenance": {
                "script": "bench/learn_weights.py",
                "date": options.date,
                "labelled": {
                    key: {
                        "targets": len(labelled.shares[key]),
                        "names": sum(map(len, labelled.shares[key].values())),
                    }
                    for key in SETS
                },
                "labelled_sources": "hand-made malicious names (public data sets of malicious packages and campaigns), "
                "names that language models invented (Churilov 2026, arXiv 2605.17062; 0pstech feed), "
                "names that owners reserved (summaries of projects), names of 2026 of either kind; "
                "none of them is in this file",
                "index_names": len(index_names),
                "popular": popular.source,
                "least_targets_of_a_word_or_mark": LEAST_TARGETS,
                "gains": GAINS,
                "powers_of_one_of_n_names": POWERS,
                "gain_of_attacks_around_little_known": LITTLE_KNOWN_GAIN,
                "shrinkage": SHRINKAGE,
                "own_precision": OWN_PRECISION,
                "repeated": REPEATED,
            },
            "calibration": {"shift": round(shift, 3), "slope": round(slope, 3)},
            "taken": round(taken, 2),
            "repeated": round(math.log(REPEATED), 2),
            "assumed": ASSUMED,
            "log_weights": log_weights,
            "vocabulary": {
                **counts.words,
                "generic": sorted(counts.vocabulary.generic),
                "namespaces": sorted(counts.vocabulary.namespaces),
                "bigrams": by_class(counts.vocabulary.bigrams, leave_out="never"),
                "usages": {usage: by_class(words) for usage, words in counts.vocabulary.usages.items()},
                "lately": by_class(counts.vocabulary.lately),
                "growing": by_class(counts.vocabulary.growing),
                "words": " ".join(counts.vocabulary.words),
            },
        },
    )


# --------------------------------------------------------------------------- figures


def rank(design: Design, rates: Mapping[str, Array]) -> dict[str, list[str]]:
    """By target, the names that are measured, best first; popular projects' names come last."""
    ranked = {}
    for target, values in rates.items():
        order = np.argsort(-np.where(design.taken[target], 0.0, values), kind="stable")[: max(KS)]
        ranked[target] = [design.names[target][number] for number in order]
    return ranked


def recalls(design: Design, labelled: Labelled, rates: Mapping[str, Array]) -> dict[str, list[float]]:
    """Macro recall of each set at each K, and their mean."""
    ranked = rank(design, rates)
    found = {
        key: [
            float(np.mean([len(names & set(ranked[target][:k])) / len(names) for target, names in by_target.items()]))
            for k in KS
        ]
        for key, targets in labelled.measured.items()
        if (by_target := {target: names for target, names in targets.items() if target in ranked})
    }
    found["mean"] = [float(value) for value in np.mean([found[key] for key in MEAN_OF], axis=0)]
    return found


def oracle(design: Design, labelled: Labelled) -> dict[str, float]:
    """Macro recall of somebody who knew which candidates are right."""
    return {
        key: float(
            np.mean([len(names & set(design.names[target])) / len(names) for target, names in by_target.items()])
        )
        for key, by_target in labelled.measured.items()
    }


def print_time_split(design: Design, labelled: Labelled, targets: Sequence[str]) -> None:
    """What weights find of the names of 2026 that were learned from other targets' names, none of them of 2026."""
    recent = {target for row in ("imitation-2026", "owner-2026") for target in labelled.measured[row]}
    train = [target for target in targets if target not in recent]
    cells = cells_of(design, learn(design, labelled, train), shifts_of(labelled))
    found = recalls(design, labelled, {target: predict(design, cells, target) for target in targets})
    print_recalls("learned before 2026", [{row: found[row] for row in ("imitation-2026", "owner-2026")}])


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

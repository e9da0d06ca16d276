"""How the number of attackers' names of a project follows from its rank and from the projects that begin with its name.

    python -m bench.weight --data DIR

DIR holds `names_dev.csv` (set,target,name,group), `top_15000.csv` (rank,name) and `index_names.txt.gz`. A Poisson
regression over all ranked projects for each form of the weight. Prints, as Markdown: exponents, log likelihood, and
log likelihood on projects that weren't fitted (five folds by project), for all attackers' names, for those that were
made by hand, and for the names that language models invent.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from packaging.utils import NormalizedName

from namehold.snapshot import Snapshot

Numbers = NDArray[np.float64]

FOLDS = 5
#: Newton's steps; every form below needs fewer than ten.
STEPS = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the labelled names")
    data: Path = parser.parse_args().data
    with (data / "top_15000.csv").open(newline="", encoding="utf-8") as stream:
        ranks = {NormalizedName(row["name"]): float(row["rank"]) for row in csv.DictReader(stream)}
    with gzip.open(data / "index_names.txt.gz", "rt", encoding="ascii") as stream:
        listed = [NormalizedName(line.strip()) for line in stream]
    bearers = Snapshot.of(listed, index="pypi", source=str(data), taken=dt.date.min).bearers(ranks)
    forms = make_forms(list(ranks.values()), [float(bearers.get(name, 0)) for name in ranks])
    folds = np.random.default_rng(1).integers(0, FOLDS, len(ranks))
    for title, counts in read_counts(data / "names_dev.csv").items():
        hits = np.array([float(counts[name]) for name in ranks])
        print(f"\n{title}: {hits.sum():.0f} names of {np.count_nonzero(hits)} of {len(ranks):,} projects\n")
        print("| weight | exponents | log likelihood | on projects that weren't fitted |\n| --- | --- | --- | --- |")
        for form, terms in forms.items():
            exponents = ", ".join(f"{value:.2f}" for value in fit(terms, hits)[1:])
            held_out = sum(
                likelihood(terms[folds == fold], hits[folds == fold], fit(terms[folds != fold], hits[folds != fold]))
                for fold in range(FOLDS)
            )
            print(f"| {form} | {exponents} | {likelihood(terms, hits, fit(terms, hits)):.0f} | {held_out:.0f} |")


def read_counts(path: Path) -> Mapping[str, Counter[str]]:
    """By title: how many different names each target has."""
    titles = ("all attackers", "made by hand", "invented by models")
    parts: dict[str, set[tuple[str, str]]] = {title: set() for title in titles}
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            pair = row["target"], row["name"]
            if row["set"] == "attack":
                parts["all attackers"].add(pair)
            if row["set"] == "attack" and row["group"] == "hand":
                parts["made by hand"].add(pair)
            if row["set"] == "hallucination":
                parts["invented by models"].add(pair)
    return {title: Counter(target for target, _ in pairs) for title, pairs in parts.items()}


def make_forms(ranks: Sequence[float], bearers: Sequence[float]) -> dict[str, Numbers]:
    """The terms of each form of the weight, a row a project; the first is the constant."""
    rank, others = np.log(np.array(ranks)), np.array(bearers)
    forms = {"rank": [rank], "rank, bearers": [rank, np.log(others + 1)]}
    for most in (30, 50, 100, 200):
        forms[f"rank, at most {most} bearers"] = [rank, np.log(np.minimum(others, most) + 1)]
    return {form: np.column_stack([np.ones_like(rank), *terms]) for form, terms in forms.items()}


def fit(terms: Numbers, hits: Numbers) -> Numbers:
    """The coefficients of the Poisson regression (Newton's method)."""
    found = np.zeros(terms.shape[1])
    found[0] = np.log(hits.mean())
    for _ in range(STEPS):
        expected = np.exp(terms @ found)
        found = found + np.linalg.solve((terms * expected[:, None]).T @ terms, terms.T @ (hits - expected))
    return found


def likelihood(terms: Numbers, hits: Numbers, coefficients: Numbers) -> float:
    """The log likelihood, without the part that no coefficient changes."""
    logs = terms @ coefficients
    return float(np.sum(hits * logs - np.exp(logs)))


if __name__ == "__main__":
    main()

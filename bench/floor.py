"""What a floor a package costs: `plan`'s own selection over invented portfolios of labelled targets, with each floor.

    python -m bench.floor --data DIR

Scores are cross-validated: every target's names are ranked with weights from other targets. Every candidate counts as
a name that may be reserved. Printed, on average over `PORTFOLIOS` portfolios: how many of the chosen names are
labelled ones, and the macro recall (of each package's labelled names the share that was chosen).
"""

from __future__ import annotations

import argparse
import gzip
import math
import random
from pathlib import Path

import numpy as np
from packaging.utils import NormalizedName

from bench.fitting import Design
from bench.labelled import Labelled, read_labelled
from bench.learn_weights import calibrate, cross_validate, is_hit
from bench.vocabulary import count_words, read_last_words
from namehold.candidates.model import Candidate, Channel, Clue, Score
from namehold.candidates.wordlists import popular_names
from namehold.index.rules.names import Availability, NameCheck, Protection
from namehold.ledger.model import Holdings
from namehold.plan.budget import select
from namehold.plan.model import Assessment, Reason
from namehold.portfolio.model import Account, Budget, Mode, Organization, Policy, Portfolio, Route
from namehold.portfolio.packages import NameClass, Surface, SurfaceKind

PORTFOLIOS = 1_000
#: Packages, `budget.total` and `budget.per_package` of the portfolios.
SIZES = ((5, 10, 3), (10, 10, 3), (10, 20, 4), (20, 10, 3), (20, 40, 4))
FLOORS = (0, 1, 2)
#: More names of one package than any budget takes.
DEPTH = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the labelled names")
    options = parser.parse_args()
    labelled = read_labelled([options.data / "names_dev.csv"], options.data / "surfaces_dev.csv")
    last_words = read_last_words(options.data / "suffix_counts_2026.csv")
    with gzip.open(options.data / "index_names.txt.gz", "rt", encoding="utf-8") as stream:
        counts = count_words(stream.read().split(), popular_names().ranks, *last_words)
    assessments = assess_all(Design(labelled, counts), labelled)
    chance = random.Random(1)  # noqa: S311 -- a sample, no secret
    print("| packages | total | per package | floor | labelled names chosen | macro recall |\n" + "| --- " * 6 + "|")
    for packages, total, per_package in SIZES:
        samples = [chance.sample(labelled.packages, packages) for _ in range(PORTFOLIOS)]
        for floor in FLOORS:
            budget = Budget(total=total, per_package=per_package, floor=floor)
            figures = []
            for sample in samples:
                portfolio = Portfolio(
                    organization=Organization(name="Sample", contact="sample"),
                    account=Account(index="pypi", username="sample"),
                    packages=tuple(sample),
                    policy=Policy(),
                    budget=budget,
                )
                offered = [item for package in sample for item in assessments[package.name]]
                chosen = select(offered, portfolio=portfolio, holdings=Holdings(), quota=None).chosen
                found = [
                    1 / len(names)
                    for item in chosen
                    if item.candidate.name in (names := labelled.all_names(item.candidate.target))
                ]
                figures.append((len(found), sum(found) / packages))
            hits, recall = np.mean(figures, axis=0)
            print(f"| {packages} | {total} | {per_package} | {floor} | {hits:.2f} | {recall:.3f} |")


def assess_all(design: Design, labelled: Labelled) -> dict[str, list[Assessment]]:
    """The first names of every target as names to be reserved, with their cross-validated chances."""
    rates = cross_validate(design, labelled, 0)
    known = {target: design.taken[target] for target in rates}
    shift, slope = calibrate(
        np.concatenate([values[~known[target]] for target, values in rates.items()]),
        np.concatenate([is_hit(design, labelled, target)[~known[target]] for target in rates]),
    )
    found: dict[str, list[Assessment]] = {}
    for package in labelled.packages:
        values = np.where(known[package.name], 0.0, rates[package.name])
        found[package.name] = [
            _reservable(
                NormalizedName(design.names[package.name][place]),
                package.name,
                -math.expm1(-math.exp(shift) * float(values[place]) ** slope),
            )
            for place in np.argsort(-values, kind="stable")[:DEPTH]
        ]
    return found


def _reservable(name: NormalizedName, target: NormalizedName, score: float) -> Assessment:
    evidence = Clue(
        technique="sample",
        channel=Channel.MODEL,
        name_class=NameClass.SURFACE,
        surface=Surface(kind=SurfaceKind.PROJECT, value=target, source="sample"),
        detail="",
        weight=math.log(score),
        source="sample",
    )
    candidate = Candidate(name=name, target=target, evidence=(evidence,), score=Score(value=score))
    check = NameCheck(name=name, normalized=name, availability=Availability.UNREGISTERED, protection=Protection.NONE)
    reason = Reason(rule="sample", text="")
    return Assessment(candidate=candidate, check=check, route=Route.RESERVE, reasons=(reason,), mode=Mode.REDIRECT)


if __name__ == "__main__":
    main()

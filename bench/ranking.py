"""How good and how fast the ranking is, beside public generators, in one run.

    python -m pip install -r bench/requirements.txt
    python -m bench.ranking --data DIR

DIR holds `names_dev.csv` (set,target,name,group) and `surfaces_dev.csv` (target,kind,value). Prints, as Markdown:
macro recall at 4, 10, 25, 50 and 100 names a package (every target weighs the same; names are compared after PEP 503
normalization, before any look at an index), the names a package that each generator gives, and its seconds; what is
missed, by kind; and time and memory of the whole process of `namehold names` for 100, 1,000 and 15,000 packages.
"""

from __future__ import annotations

import argparse
import collections
import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from bench.labelled import read_packages
from bench.peers import PEERS
from namehold.candidates.rank import Family, shortlist
from namehold.candidates.weights import load_weights
from namehold.candidates.wordlists import popular_names
from namehold.portfolio.packages import Package

KS = (4, 10, 25, 50, 100)
ROWS = ("attack/hand", "hallucination/all", "hallucination/universal", "owner-choice/all")
MEAN_OF = ("attack/hand", "hallucination/all", "owner-choice/all")
#: dnstwist takes minutes for more.
SPEED_COUNTS = {"namehold": 1000, "ail-typo-squatting": 1000, "dnstwist": 100}

Reference = Mapping[str, Mapping[str, set[str]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the labelled names")
    parser.add_argument("--no-speed", action="store_true", help="leave the timings out")
    options = parser.parse_args()
    reference, kinds = read_reference(options.data / "names_dev.csv")
    targets = {target for by_target in reference.values() for target in by_target}
    packages = read_packages(targets, options.data / "surfaces_dev.csv")
    lists = {"namehold": ranked_by_namehold(packages)}
    for peer, generate in PEERS.items():
        lists[peer] = {str(package.name): generate(package.name) for package in packages}
    print_recall(reference, lists)
    print_missed(reference, kinds, lists["namehold"])
    if not options.no_speed:
        print_speed()
        print_growth()


def read_reference(path: Path) -> tuple[Reference, dict[tuple[str, str], str]]:
    """{set/slice: {target: names}}, and the kind of each (target, name)."""
    found: dict[str, dict[str, set[str]]] = collections.defaultdict(lambda: collections.defaultdict(set))
    kinds: dict[tuple[str, str], str] = {}
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            for part in {"all", row["group"]}:
                found[f"{row['set']}/{part}"][row["target"]].add(canonicalize_name(row["name"]))
            kinds[row["target"], canonicalize_name(row["name"])] = row["technique"]
    return {key: dict(targets) for key, targets in found.items()}, kinds


def ranked_by_namehold(packages: Sequence[Package], limit: int = max(KS)) -> dict[str, list[str]]:
    family = Family.of(packages)
    popular, weights = popular_names().ranks, load_weights()
    return {
        str(package.name): [
            listed.name
            for listed in shortlist(package, family=family, weights=weights, popular=popular, limit=limit).names
        ]
        for package in packages
    }


def recall(targets: Mapping[str, set[str]], ranked: Mapping[str, Sequence[str]], k: int) -> float:
    return sum(len(names & set(ranked[target][:k])) / len(names) for target, names in targets.items()) / len(targets)


def print_recall(reference: Reference, lists: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    print("| generator | names a package | set |" + "".join(f" @{k} |" for k in KS) + " all its names |")
    print("| --- | --- | --- |" + " --- |" * (len(KS) + 1))
    for generator, ranked in lists.items():
        size = sum(map(len, ranked.values())) / len(ranked)
        ends = (*KS, 1_000_000)
        values = {row: [recall(reference[row], ranked, k) for k in ends] for row in ROWS}
        values["mean of three"] = [sum(values[row][i] for row in MEAN_OF) / len(MEAN_OF) for i in range(len(ends))]
        for row, figures in values.items():
            print(f"| {generator} | {size:.0f} | {row} |" + "".join(f" {figure:.3f} |" for figure in figures))


def print_missed(
    reference: Reference, kinds: Mapping[tuple[str, str], str], ranked: Mapping[str, Sequence[str]]
) -> None:
    """How many names of each kind lie outside the first 100."""
    print("\n| set | kind | names | missed in the first 100 |\n| --- | --- | --- | --- |")
    for row in MEAN_OF:
        total: collections.Counter[str] = collections.Counter()
        missed: collections.Counter[str] = collections.Counter()
        for target, names in reference[row].items():
            for name in names:
                total[kinds[target, name]] += 1
                missed[kinds[target, name]] += name not in ranked[target][: max(KS)]
        for kind, count in missed.most_common():
            print(f"| {row} | {kind} | {total[kind]} | {count} |")


def print_speed() -> None:
    """Seconds in this process for the most popular projects; namehold's names are ranked, with evidence."""
    names = list(popular_names().ranks)
    print("\n| generator | packages | seconds | names a second |\n| --- | --- | --- | --- |")
    for generator, count in SPEED_COUNTS.items():
        start = time.perf_counter()
        if generator == "namehold":
            made = ranked_by_namehold([Package(name=name, spelled=name) for name in names[:count]])
        else:
            made = {str(name): PEERS[generator](name) for name in names[:count]}
        seconds = time.perf_counter() - start
        print(f"| {generator} | {count} | {seconds:.1f} | {sum(map(len, made.values())) / seconds:,.0f} |")


def print_growth() -> None:
    """The whole process: 100 ranked and explained names a package, as JSON."""
    names = list(popular_names().ranks)
    print("\n| packages | seconds | processor seconds | peak memory (MB) |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "packages.txt"
        for count in (100, 1000, 15000):
            listing.write_text("\n".join(names[:count]), encoding="utf-8")
            command = [sys.executable, "-m", "namehold", "names", "--from", str(listing), "--limit", "100"]
            command += ["--format", "json", "--quiet", "--output", str(Path(folder) / "names.json")]
            measured = subprocess.run(
                [sys.executable, "-c", _MEASURE, *command], check=True, capture_output=True, text=True
            )
            seconds, processor, kilobytes = measured.stdout.split()
            print(
                f"| {len(names[:count]):,} | {float(seconds):.1f} | {float(processor):.1f} | {int(kilobytes) // 1024} |"
            )


#: Runs a command and prints its seconds, processor seconds and peak memory in kilobytes (a process of its own, so
#: that the peak is that of this command).
_MEASURE = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""

if __name__ == "__main__":
    main()

"""Processor time and memory of `namehold names` and `namehold plan` as whole processes, beside another version.

    python -m bench.plan --data DIR [--packages 100] [--runs 5] [--other PATH/TO/namehold]

DIR holds `index_names.txt.gz` (one name a line) and `top_15000.csv` (rank,name). `names` ranks 1,000 packages, 100
names each, with all evidence as JSON; `plan` plans for `--packages` against the index's whole list. `--other` is the
program of another version: both run in turns, so that other work on the machine meets both. Nothing is sent anywhere.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench import as_installed

#: For how many of the most popular packages names are ranked.
RANKED = 1000


class Cost(NamedTuple):
    """What one process needed: seconds, processor seconds of its own and of the system for it, megabytes at most."""

    wall_s: float
    processor_s: float
    rss_mb: float


def measure(command: list[str], folder: Path) -> Cost:
    """What one child process needs."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=as_installed(folder), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(command)} failed")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def write_portfolio(path: Path, names: Sequence[str]) -> None:
    portfolio = {
        "demo": True,
        "organization": {
            "name": "Acme Robotics",
            "homepage": "https://acme-robotics.example/",
            "contact": "https://acme-robotics.example/security",
        },
        "account": {"index": "pypi", "username": "acme-reserve"},
        "packages": [{"name": name, "imports": [name.replace("-", "_").replace(".", "_")]} for name in names],
    }
    path.write_text(json.dumps(portfolio))  # JSON is YAML


def prepare(folder: Path, names: Sequence[str], packages: int) -> None:
    """A folder with the packages to rank and a names.yaml."""
    folder.mkdir()
    (folder / "packages.txt").write_text("\n".join(names[:RANKED]))
    # A package that starts with a digit has no import of its name.
    write_portfolio(folder / "names.yaml", [name for name in names if name[0].isalpha()][:packages])


def best_of(costs: Sequence[Cost]) -> str:
    """The least of each kind of seconds and the most memory, as cells of a table."""
    wall_s, processor_s = min(cost.wall_s for cost in costs), min(cost.processor_s for cost in costs)
    return f"{wall_s:.2f} | {processor_s:.2f} | {max(cost.rss_mb for cost in costs):.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--packages", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--other", type=Path, help="the program of another version")
    arguments = parser.parse_args()
    with (arguments.data / "top_15000.csv").open(newline="") as stream:
        names = [row["name"] for row in csv.DictReader(stream)]
    list_of_names = (arguments.data / "index_names.txt.gz").resolve()
    programs = {"this": [sys.executable, "-m", "namehold"]}
    if arguments.other:
        programs["other"] = [str(arguments.other.resolve())]
    ranking = ["names", "--from", "packages.txt", "--limit", "100", "--format", "json", "-o", "names.json", "--quiet"]
    with tempfile.TemporaryDirectory() as temporary:
        folders = {version: Path(temporary) / version for version in programs}
        for version, program in programs.items():
            prepare(folders[version], names, arguments.packages)
            # Each version has its own form of the list.
            imported = measure([*program, "snapshot", "import", str(list_of_names), "--quiet"], folders[version])
            print(f"{version}: snapshot import {best_of([imported])}")
        print("\n| what | version | seconds | processor seconds | MB |\n| --- | --- | ---: | ---: | ---: |")
        commands = {
            f"names, {RANKED:,} packages": ranking,
            f"plan, {arguments.packages:,} packages": ["plan", "--quiet"],
        }
        for what, command in commands.items():
            costs: dict[str, list[Cost]] = {version: [] for version in programs}
            for _ in range(arguments.runs):
                for version, program in programs.items():
                    costs[version].append(measure([*program, *command], folders[version]))
            for version, found in costs.items():
                print(f"| {what} | {version} | {best_of(found)} |")
            least = [min(cost.processor_s for cost in found) for found in costs.values()]
            if len(least) > 1:
                print(f"| {what} | ratio | | {least[0] / least[1]:.2f} | |")
        for written in ("names.json", ".namehold/plan.json"):
            print(f"{written}: {(folders['this'] / written).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

"""Whole-process time and memory of `namehold plan` for 100 packages against an index's whole list of names.

    python -m bench.plan --data DIR [--packages 100] [--runs 5]

DIR holds `index_names.txt.gz` (one name a line) and `top_15000.csv` (rank,name). Nothing is sent anywhere.
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


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall seconds and peak RSS in megabytes of one child process."""
    environment = os.environ | {"NAMEHOLD_CACHE": str(folder / "cache")}
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(command)} failed")
    return wall_s, usage.ru_maxrss / 1024


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--packages", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with (arguments.data / "top_15000.csv").open(newline="") as stream:
        names = [row["name"] for row in csv.DictReader(stream)]
    namehold = [sys.executable, "-m", "namehold"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # A package that starts with a digit has no import of its name.
        write_portfolio(folder / "names.yaml", [name for name in names if name[0].isalpha()][: arguments.packages])
        list_of_names = (arguments.data / "index_names.txt.gz").resolve()
        wall_s, rss_mb = measure([*namehold, "snapshot", "import", str(list_of_names), "--quiet"], folder)
        print(f"snapshot import        {wall_s:6.2f} s  {rss_mb:6.0f} MB")
        runs = [measure([*namehold, "plan", "--quiet"], folder) for _ in range(arguments.runs)]
        size_mb = (folder / ".namehold" / "plan.json").stat().st_size / 1e6
        best_s, most_mb = min(run[0] for run in runs), max(run[1] for run in runs)
        print(f"plan, {arguments.packages} packages     {best_s:6.2f} s  {most_mb:6.0f} MB  (best of {len(runs)} runs)")
        print(f"plan.json              {size_mb:6.1f} MB")


if __name__ == "__main__":
    main()

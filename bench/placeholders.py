"""How fast placeholders are rendered, built, checked and audited, beside `python -m build`.

    python -m bench.placeholders --count 100 --beside 10

Prints one JSON object: seconds and rate for `--count` placeholders (wheel and sdist of each, every local check, the
audit of each file), processor seconds of this process and its workers (compare these on a busy machine), whether a
second run gave the same bytes, the seconds of `python -m build --no-isolation` for `--beside` of them, and the peak of
resident memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from packaging.utils import NormalizedName

from namehold.index.profiles import profile
from namehold.placeholder.audit import judge_form
from namehold.placeholder.build import PlaceholderBuilder, write_tree
from namehold.placeholder.model import SourceTree
from namehold.placeholder.reading import read_placeholder
from namehold.placeholder.render import Templates
from namehold.plan.model import Action, Reason
from namehold.portfolio.model import Account, Mode, Organization, Portfolio
from namehold.portfolio.packages import Package

_PORTFOLIO = Portfolio(
    organization=Organization(name="Acme Robotics", contact="security@acme.example", homepage="https://acme.example/"),
    account=Account(index="testpypi", username="acme"),
    packages=(Package(name=NormalizedName("acme-tool"), spelled="acme-tool"),),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="placeholders to build (default: 100)")
    parser.add_argument("--beside", type=int, default=10, help="of these through `python -m build` (default: 10)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), options.count, options.beside), indent=1))


def measure(folder: Path, count: int, beside: int) -> dict[str, object]:
    started = time.perf_counter()
    trees = render(count)
    rendered = time.perf_counter()
    first = build(trees, folder / "first")
    built = time.perf_counter()
    findings = audit(folder / "first")
    audited = time.perf_counter()
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    second = build(trees, folder / "second")
    ours = audited - started
    return {
        "count": count,
        "seconds": round(ours, 2),
        "processor_seconds": round(sum(used.ru_utime + used.ru_stime for used in spent), 2),
        "seconds_rendering": round(rendered - started, 2),
        "seconds_auditing": round(audited - built, 2),
        "findings": findings,
        "placeholders_per_second": round(count / ours, 1),
        "same_bytes_again": first == second,
        "beside": beside,
        "seconds_of_python_m_build": round(build_beside(trees[:beside], folder), 2),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def render(count: int) -> list[SourceTree]:
    templates = Templates(None, profile("testpypi"))
    modes = (Mode.REDIRECT, Mode.SIGNPOST)
    return [templates.render(action(number, modes[number % 2]), _PORTFOLIO) for number in range(count)]


def action(number: int, mode: Mode) -> Action:
    return Action(
        ordinal=number + 1,
        day=number // 4 + 1,
        name=NormalizedName(f"acme-tool-{number}"),
        target=NormalizedName("acme-tool"),
        mode=mode,
        version="0.0.1",
        reasons=(Reason(rule="observed", text=f"suggested by {number} of 1000 model answers"),),
        warnings=(),
        flagged_as=(),
        review_date=dt.date(2027, 12, 31),
        score=0.5,
        gain=0.5,
        digest="sha256:" + "0" * 64,
    )


def build(trees: list[SourceTree], folder: Path) -> list[str]:
    return [item.sha256 for files in PlaceholderBuilder().build_all(trees, folder) for item in files]


def audit(folder: Path) -> int:
    """How many findings the audit has in all files, on all processors; there should be none."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return sum(pool.map(count_findings, sorted(folder.iterdir()), chunksize=50))


def count_findings(path: Path) -> int:
    with path.open("rb") as stream:
        return len(judge_form(read_placeholder(path.name, stream)))


def build_beside(trees: list[SourceTree], folder: Path) -> float:
    started = time.perf_counter()
    for tree in trees:
        source = folder / "beside" / tree.name
        write_tree(tree, source)
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "theirs"), str(source)]
        subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()

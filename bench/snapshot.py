"""What a snapshot costs: import, opening, answers; wall time and peak memory, each in a process of its own.

    python -m bench.snapshot --data names.txt.gz

Whole processes show wall time and processor time (user + system): on a busy machine the second is the one to compare.
`--data` is a list of names, plain or gzip. Peak memory is `ru_maxrss`; pages of the mapped file count in it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from packaging.utils import NormalizedName

from namehold.candidates.wordlists import popular_names
from namehold.index.rules.names import TypoCorpus
from namehold.snapshot.store import SnapshotStore

QUESTIONS = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        print(json.dumps(answer(options.answer)))
        return
    with tempfile.TemporaryDirectory() as folder:
        namehold = [sys.executable, "-m", "namehold"]
        print(f"{'what':<52}{'wall s':>9}{'cpu s':>9}{'MB':>8}")
        row("import (whole process)", [*namehold, "snapshot", "import", str(options.data)], folder, options.repeat)
        row("check one name (whole process)", [*namehold, "check", "acme-tool"], folder, options.repeat)
        direct = [*namehold, "check", "acme-tool", "--snapshot", str(options.data)]
        row("check one name, --snapshot FILE (whole process)", direct, folder, options.repeat)
        ask = [sys.executable, "-m", "bench.snapshot", "--data", str(options.data), "--answer", folder]
        parts = [json.loads(run(ask, folder, cwd=None)[3]) for _ in range(options.repeat)]
        for what in parts[0]:
            best = min(part[what][0] for part in parts)
            print(f"{what:<52}{best:>9.4f}{'':>9}{parts[0][what][1]:>8.0f}")


def row(what: str, command: list[str], cache: str, repeat: int) -> None:
    runs = [run(command, cache, cwd=cache) for _ in range(repeat)]
    wall, cpu, mb, _ = zip(*runs, strict=True)
    print(f"{what:<52}{min(wall):>9.3f}{min(cpu):>9.3f}{max(mb):>8.0f}")


def run(command: list[str], cache: str, *, cwd: str | None) -> tuple[float, float, float, str]:
    """Wall time and processor time in seconds, peak memory in MB and standard output of one process."""
    started = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as out,
        subprocess.Popen(
            command, stdout=out, stderr=subprocess.DEVNULL, cwd=cwd, env={**os.environ, "NAMEHOLD_CACHE": cache}
        ) as process,
    ):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        out.seek(0)
        text = out.read()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text


def answer(cache: Path) -> dict[str, tuple[float, float]]:
    """Seconds for each question and the peak memory in MB after it."""
    popular = list(popular_names().ranks)
    # Popular names without one letter.
    slips = (known[:at] + known[at + 1 :] for known in popular for at in range(1, len(known) - 1))
    asked = [*map(NormalizedName, islice(slips, QUESTIONS))]
    told: dict[str, tuple[float, float]] = {}

    def measure(what: str, started: float) -> None:
        told[what] = (time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    measure("before anything (the questions themselves)", time.perf_counter())
    started = time.perf_counter()
    snapshot = SnapshotStore(cache / "snapshots").open("pypi")
    measure("open", started)
    if snapshot is None:
        sys.exit(f"no snapshot in {cache}")
    started = time.perf_counter()
    snapshot.existing(asked)
    measure(f"existing, {QUESTIONS:,} names", started)
    started = time.perf_counter()
    snapshot.similar(asked)
    measure(f"similar, {QUESTIONS:,} names", started)
    started = time.perf_counter()
    for token in popular[:100]:
        snapshot.containing(token, limit=5)
    measure("containing, 100 well-known tokens", started)
    started = time.perf_counter()
    for number in range(100):
        snapshot.containing(f"acme-robotics-{number}", limit=5)
    measure("containing, 100 tokens that no name has", started)
    started = time.perf_counter()
    corpus = TypoCorpus(popular[:10_000])
    corpus.flags("acme-tool")
    measure("typo checks, first name", started)
    started = time.perf_counter()
    for name in asked:
        corpus.flags(name)
    measure(f"typo checks, {QUESTIONS:,} names", started)
    return told


if __name__ == "__main__":
    main()

"""What the search for near names costs, beside rapidfuzz's cdist over the whole list and a loop over every name.

    python -m bench.near --data names.txt.gz [--check 20]

`--data` is a list of names, plain or gzip. Looked for are the most popular bundled names that stand in it.
Prints processor seconds and the peak memory in MB (`ru_maxrss`) of a process each, which opens the list as a snapshot.
`--check N` compares the first N answers with a comparison of every name.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from packaging.utils import NormalizedName
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist, extract

from namehold.candidates.wordlists import popular_names
from namehold.snapshot import NearNames, Snapshot, SnapshotStore

EDITS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=lambda text: Path(text).absolute(), required=True)
    parser.add_argument("--check", type=int, default=0)
    parser.add_argument("--way", choices=[*WAYS], help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        measure(options.data, options.way, options.count)
        return
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: a child's peak memory counts from its parent's.
        load = [sys.executable, "-m", "namehold", "snapshot", "import", str(options.data)]
        environment = {**os.environ, "NAMEHOLD_CACHE": folder}
        subprocess.run(load, env=environment, stdout=subprocess.DEVNULL, cwd=folder, check=True)
        print(f"{'what':<36}{'names':>7}{'build s':>9}{'search s':>10}{'found':>9}{'MB':>6}", flush=True)
        for way, count in (("within", 100), ("within", 1500), ("find", 100), ("cdist", 100), ("loop", 100)):
            me = [sys.executable, "-m", "bench.near", "--data", folder, "--way", way, "--count", str(count)]
            subprocess.run(me, check=True)
        if options.check:
            check(Path(folder), options.check)


def measure(folder: Path, way: str, count: int) -> None:
    """One row."""
    snapshot, asked = read(folder, count)
    title, build = WAYS[way]
    started = time.process_time()
    search = build(snapshot)
    built = time.process_time()
    found = search(asked)
    done = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{title:<36}{count:>7}{built - started:>9.2f}{done - built:>10.2f}{found:>9}{memory:>6.0f}", flush=True)


def build_within(snapshot: Snapshot) -> Search:
    near = NearNames.listed(snapshot)
    return lambda asked: sum(len(near.within(name, EDITS)) for name in asked)


def build_find(snapshot: Snapshot) -> Search:
    near = NearNames.listed(snapshot)
    return lambda asked: sum(len(near.find(name, edits=EDITS)) for name in asked)


def build_cdist(snapshot: Snapshot) -> Search:
    names = [*snapshot.names()]

    def search(asked: Sequence[str]) -> int:
        far = cdist(asked, names, scorer=OSA.distance, score_cutoff=EDITS, dtype=np.uint8)
        return int(np.count_nonzero(far <= EDITS)) - len(asked)  # the names themselves stand in the list

    return search


def build_loop(snapshot: Snapshot) -> Search:
    names = [*snapshot.names()]
    distance = OSA.distance
    return lambda asked: sum(
        sum(distance(name, other, score_cutoff=EDITS) <= EDITS for other in names) - 1 for name in asked
    )


Search = Callable[[Sequence[NormalizedName]], int]
WAYS: dict[str, tuple[str, Callable[[Snapshot], Search]]] = {
    "within": ("NearNames.within, two edits", build_within),
    "find": ("NearNames.find, every way", build_find),
    "cdist": ("rapidfuzz cdist, all at once", build_cdist),
    "loop": ("every name in turn", build_loop),
}


def read(folder: Path, count: int) -> tuple[Snapshot, list[NormalizedName]]:
    """The list, and so many names of it to look for."""
    snapshot = SnapshotStore(folder / "snapshots").open("pypi")
    if snapshot is None:
        sys.exit(f"no list of names in {os.fspath(folder)}")
    listed = snapshot.existing(tuple(popular_names().ranks))
    return snapshot, [name for name in popular_names().ranks if name in listed][:count]


def check(folder: Path, count: int) -> None:
    snapshot, asked = read(folder, count)
    near, names = NearNames.listed(snapshot), [*snapshot.names()]
    for name in asked:
        expected = {other for other, _, _ in extract(name, names, scorer=OSA.distance, score_cutoff=EDITS, limit=None)}
        if {item.name for item in near.within(name, EDITS)} != expected - {name}:
            sys.exit(f"another answer for {name}")
    print(f"{count} answers are equal to a comparison of every name")


if __name__ == "__main__":
    main()

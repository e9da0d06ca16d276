"""What `namehold watch` costs on two kept lists of an index: whole processes, with nothing looked up.

    python -m bench.watch --data names.txt.gz

`--data` is a list of names, plain or gzip. The older list lacks one name in 2,000 of it and has some others; one
project in 70 has changed since, as in one night of the public index. The portfolio has so many of the most popular
bundled names that stand in the list, each with a command of its own name and a former one.
Prints wall time and processor time (user + system) in seconds, peak memory in MB, and how many projects are told.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from packaging.utils import NormalizedName

from namehold.candidates.wordlists import popular_names
from namehold.snapshot import Snapshot, SnapshotStore

HEAD = """\
organization: {name: Acme Robotics, contact: "https://acme-robotics.example/security"}
account: {index: pypi, username: acme}
demo: true
packages:
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: a child's peak memory counts from its parent's.
        child = os.fork()
        if not child:
            make(options.data, Path(folder))
            os._exit(0)
        os.waitpid(child, 0)
        print(f"{'packages':>8}{'wall s':>9}{'cpu s':>9}{'MB':>6}{'told':>7}")
        for count in (1, 20, 100):
            write_config(Path(folder), count)
            runs = [watch(Path(folder)) for _ in range(options.repeat)]
            wall, cpu, mb, told = zip(*runs, strict=True)
            print(f"{count:>8}{min(wall):>9.2f}{min(cpu):>9.2f}{max(mb):>6.0f}{told[0]:>7}", flush=True)


def make(data: Path, folder: Path) -> None:
    """Keeps two lists in the folder's cache, and the popular names that they have beside them."""
    content = gzip.decompress(data.read_bytes()) if data.suffix == ".gz" else data.read_bytes()
    names = [NormalizedName(line) for line in content.decode().split()]
    random_ = random.Random(7)  # noqa: S311 -- the same lists each time
    store = SnapshotStore(folder / "snapshots")
    old = {name: random_.randrange(1, 30_000_000) for name in names if random_.random() > 1 / 2_000}
    new = {name: old.get(name, 30_000_000) + (random_.random() < 1 / 70) for name in names}
    old |= {NormalizedName(f"{name}-gone"): 1 for name in random_.sample(names, 200)}
    for day, serials in ((1, old), (2, new)):
        taken = dt.date(2026, 11, day)
        store.save(
            Snapshot.of(list(serials), index="pypi", source="bench", taken=taken, serials=list(serials.values()))
        )
    (folder / "popular.json").write_text(json.dumps([name for name in popular_names().ranks if name in new]))


def write_config(folder: Path, count: int) -> None:
    names = json.loads((folder / "popular.json").read_text())[:count]
    rows = [f"  - {{name: {name}, commands: [{name}], former: [{name}-classic]}}\n" for name in names]
    (folder / "names.yaml").write_text(HEAD + "".join(rows))


def watch(folder: Path) -> tuple[float, float, float, int]:
    """Wall time, processor time, peak memory, and how many projects were told."""
    command = [sys.executable, "-m", "namehold", "watch", "--offline", "--quiet", "--format", "json"]
    with tempfile.TemporaryDirectory() as state, tempfile.TemporaryFile() as out:
        # A first call each time: nothing is known of what was told.
        (Path(state) / "names.yaml").write_bytes((folder / "names.yaml").read_bytes())
        started = time.perf_counter()
        program = subprocess.Popen(command, cwd=state, env={**os.environ, "NAMEHOLD_CACHE": str(folder)}, stdout=out)
        _, _, used = os.wait4(program.pid, 0)
        wall = time.perf_counter() - started
        out.seek(0)
        found = json.load(out)
    told = sum(len(found[key]) for key in ("new", "gone", "changed"))
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, told


if __name__ == "__main__":
    main()

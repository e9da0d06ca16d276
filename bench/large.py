"""Processor time and memory of the commands that read the plan and the ledger of a very large organization.

    python -m bench.large --data DIR [--packages 5000] [--events 100000] [--runs 3]

DIR holds `index_names.txt.gz` (one name a line) and `top_15000.csv` (rank,name), whose first names are the packages.
Each command is a whole process, without network. The ledger holds an intent and a receipt of each name; it is read in
plain, and with what is open sealed by a key. Nothing is sent anywhere.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from packaging.utils import NormalizedName

from bench import as_installed
from bench.plan import write_portfolio
from namehold.index import Outcome
from namehold.ledger import Intent, Receipt
from namehold.ledger.file import GENESIS
from namehold.ledger.keeping import make_key
from namehold.ledger.lines import FindKey, no_key, write_line
from namehold.ledger.model import Event, Opened
from namehold.portfolio import Mode

BEGIN: Final = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)

#: What reads a plan, as a person calls it.
READERS: Final = (
    ("report", "--brief"),
    ("status", "--offline"),
    ("letter", "prohibit", "--draft"),
    ("rehearse",),
)


def measure(*words: str, folder: Path, more: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Processor seconds and peak megabytes of one call of namehold in `folder`; findings are no failure."""
    environment = as_installed(folder) | dict(more or {})
    process = subprocess.Popen(
        [sys.executable, "-m", "namehold", *words, "--quiet"], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in {0, 11}:
        sys.exit(f"namehold {' '.join(words)} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def tell(what: str, runs: list[tuple[float, float]]) -> None:
    """Prints a row: the least processor time and the most memory of the runs."""
    print(f"{what:42} {min(run[0] for run in runs):7.2f} s  {max(run[1] for run in runs):5.0f} MB", flush=True)


def invent_events(number: int) -> Iterator[Event]:
    """So many events of an account that holds a name with every second one, four names a day."""
    yield Opened(index="pypi", username="acme-reserve", organization="Acme Robotics", time=BEGIN)
    for place in range((number - 1) // 2):
        name = NormalizedName(f"acme-robotics-name-{place}")
        target = NormalizedName("requests")
        time = BEGIN + place * dt.timedelta(hours=6)
        stem = name.replace("-", "_")
        files = tuple(
            (file, hashlib.sha256(file.encode()).hexdigest())
            for file in (f"{stem}-0.0.1.tar.gz", f"{stem}-0.0.1-py3-none-any.whl")
        )
        yield Intent(
            name=name,
            target=target,
            mode=Mode.REDIRECT,
            version="0.0.1",
            files=files,
            action_digest="sha256:" + hashlib.sha256(name.encode()).hexdigest(),
            plan="sha256:" + "0" * 64,
            time=time,
        )
        yield Receipt(
            name=name,
            target=target,
            outcome=Outcome.HELD,
            message="the index shows both files under the account",
            action_digest="sha256:" + hashlib.sha256(name.encode()).hexdigest(),
            status=200,
            files=files,
            owner="acme-reserve",
            slot_time=time,
            time=time + dt.timedelta(minutes=1),
        )


def write_ledger(path: Path, number: int, find_key: FindKey = no_key) -> None:
    """A ledger of so many events, without a sync for each."""
    path.parent.mkdir(exist_ok=True)
    previous = GENESIS
    with path.open("wb") as stream:
        for sequence, value in enumerate(invent_events(number), start=1):
            event, line = write_line(value, sequence=sequence, previous=previous, find_key=find_key)
            stream.write(line)
            previous = event.digest


def main() -> None:
    """Print a row for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--packages", type=int, default=5000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with (arguments.data / "top_15000.csv").open(newline="") as stream:
        names = [row["name"] for row in csv.DictReader(stream) if row["name"][0].isalpha()]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_portfolio(folder / "names.yaml", names[: arguments.packages])
        list_of_names = (arguments.data / "index_names.txt.gz").resolve()
        measure("snapshot", "import", str(list_of_names), folder=folder)
        tell(f"plan, {arguments.packages:,} packages", [measure("plan", folder=folder)])
        size_mb = (folder / ".namehold" / "plan.json").stat().st_size / 1e6
        print(f"plan.json {size_mb:.0f} MB")
        for words in READERS:
            tell(" ".join(words), [measure(*words, folder=folder) for _ in range(arguments.runs)])
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_portfolio(folder / "names.yaml", ["requests"])
        ledger = folder / ".namehold" / "ledger-pypi.jsonl"
        key = make_key()
        write_ledger(ledger, arguments.events)
        runs = [measure("status", "--offline", folder=folder) for _ in range(arguments.runs)]
        tell(f"status, ledger of {arguments.events:,} events", runs)
        write_ledger(ledger, arguments.events, lambda: key)
        secret = {"NAMEHOLD_KEY": key.reveal()}
        runs = [measure("status", "--offline", folder=folder, more=secret) for _ in range(arguments.runs)]
        tell(f"status, {arguments.events:,} events, sealed", runs)


if __name__ == "__main__":
    main()

"""What `namehold scan` finds in well-known projects' source distributions, and how many files it reads a second.

    python -m pip download --no-deps --no-binary :all: -d SDISTS PROJECT...
    python -m bench.scan --data names.txt.gz --sdists SDISTS [--list]

`--data` is a complete list of names, plain or gzip. The projects themselves are the portfolio. Every finding is listed,
for a person to say whether it is one; `--list` prints every install instruction, too.
`data/instructions.txt` has the instructions and requirements of three projects, counted by hand (`file:line name`): how
many of them are found is told for each. Imports are no instructions, also where a code block of a document has them.
The speed is that of a made-up checkout of 10,000 files: half are Python code, a fifth Markdown, the rest other kinds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from namehold.candidates.wordlists import general_words, load_dictionary, popular_names
from namehold.evidence import known_modules
from namehold.portfolio.read import read_portfolio
from namehold.scan import FINDINGS, Judge, judge_documents, read_documents
from namehold.snapshot import Snapshot, load_file

FILES = 10_000
COUNTED = Path(__file__).parent / "data" / "instructions.txt"
#: Carriers of requirements and imports; everything else is an install instruction.
_NO_INSTRUCTIONS = {"import", "requirements", "pyproject", "pipfile", "setup.cfg", "setup.py", "script header"}

_CODE = '''"""Part {number} of a program."""

from __future__ import annotations

import json
import logging

import requests
from acme_tool.core import Robot

_LOGGER = logging.getLogger(__name__)


class Part{number}(Robot):
    """Moves arm {number}."""

    def move(self, angle: float) -> dict[str, float]:
        """Moves the arm by `angle`, in degrees."""
        if angle > 180:
            raise ValueError("an arm moves by half a turn at most; add another joint instead")
        answer = requests.post("http://arm.example/move", json={{"angle": angle}}, timeout=5)
        return json.loads(answer.text)
'''
_PROSE = "# Page {number}\n\n" + "The robot moves its arm by the angle that the program gives it.\n" * 30
_COMMAND = "\n## Install\n\n```console\n$ pip install acme-tool\n```\n"


def make_checkout(root: Path) -> None:
    for number in range(FILES):
        folder = root / f"part{number % 100:02}"
        folder.mkdir(exist_ok=True)
        match number % 10:
            case 0 | 1 | 2 | 3 | 4:
                (folder / f"m{number}.py").write_text(_CODE.format(number=number) * 3, "utf-8")
            case 5 | 6:
                text = _PROSE.format(number=number) + (_COMMAND if number % 4 == 0 else "")
                (folder / f"p{number}.md").write_text(text, "utf-8")
            case 7:
                (folder / f"c{number}.yml").write_text("on: push\njobs:\n  x:\n    steps: []\n" * 10, "utf-8")
            case 8:
                (folder / f"requirements-{number}.txt").write_text("requests>=2\nacme-tool==1.0\n", "utf-8")
            case _:
                (folder / f"d{number}.json").write_text('{"a": [1, 2, 3]}\n' * 50, "utf-8")


def measure_speed(view: Snapshot) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_checkout(root)
        started, processor = time.perf_counter(), time.process_time()
        judge = Judge(None, view=view)
        report = judge_documents([read_documents(root)], judge, accepted=(), today=dt.date(2026, 11, 28))
        seconds, used = time.perf_counter() - started, time.process_time() - processor
    rate = f"{report.scanned / used:,.0f} a processor second, {report.scanned / seconds:,.0f} a second"
    print(f"speed: {report.scanned:,} files, {len(report.findings):,} mentions, {used:.2f} s processor; {rate}")


def portfolio_of(projects: list[str]) -> bytes:
    return (
        'organization: {name: A bench, contact: "https://bench.example/security"}\n'
        f"account: {{index: pypi, username: bench}}\ndemo: true\npackages: {projects}\n"
    ).encode()


def project_of(archive: Path) -> NormalizedName:
    return canonicalize_name(archive.name.removesuffix(".tar.gz").rpartition("-")[0])


def measure_findings(view: Snapshot, sdists: Path, *, is_listing: bool) -> None:
    archives = sorted(sdists.glob("*.tar.gz"))
    portfolio = read_portfolio(portfolio_of([project_of(path) for path in archives]), path="bench").portfolio
    words = load_dictionary().words | general_words()
    judge = Judge(portfolio, view=view, popular=popular_names().ranks, modules=known_modules(), words=words)
    lines = (line.split() for line in COUNTED.read_text("utf-8").splitlines())
    counted = {(place, canonicalize_name(name)) for place, name in lines}
    total, findings = 0, 0
    for archive in archives:
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(archive) as opened:
                opened.extractall(folder, filter="data")
            documents = read_documents(Path(folder))
        report = judge_documents([documents], judge, accepted=(), today=dt.date(2026, 11, 28))
        imports = {(file, use.line, use.column) for file, use in documents.uses if use.module}
        commands = [item for item in report.findings if item.carrier not in _NO_INSTRUCTIONS]
        told = [item for item in commands if (item.file, item.line, item.column) not in imports]
        total += len(told)
        found = {(f"{item.file}:{item.line}", item.name) for item in report.findings}
        by_hand = [line for line in counted if line[0].startswith(f"{archive.name.removesuffix('.tar.gz')}/")]
        print(
            f"{archive.name}: {report.scanned:,} files, {len(report.findings):,} mentions, {len(told)} instructions",
            flush=True,
        )
        if by_hand:
            print(f"  counted by hand: {len(found.intersection(by_hand))} of {len(by_hand)} found")
        for place, name in sorted(set(by_hand) - found):
            print(f"  missed: {place} {name}")
        for item in report.findings:
            if item.verdict in FINDINGS:
                findings += 1
                print(f"  {item.verdict}: {item.name} ({item.instead}) {item.file}:{item.line}:{item.column}")
        for item in told if is_listing else ():
            print(f"    {item.name} {item.file}:{item.line}:{item.column} {item.carrier}")
    print(f"{len(archives)} projects: {total:,} install instructions, {findings} findings")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sdists", type=Path)
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    _, view = load_file(given.data, index="pypi")
    measure_speed(view)
    if given.sdists is not None:
        measure_findings(view, given.sdists, is_listing=given.list)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Makes the bundled lists and rates anew, each with its date.

    python -m bench.bundled --data DIR --date 2026-11-28 --surfaces surfaces.csv

DIR holds what `learn_weights.py` reads, and `top_15000.csv` (rank,name: projects by downloads, from public download
statistics). Written are `popular.txt.gz` and, through `learn_weights.py`, `weights.json`. Two more tables are made
where their source is given: `--releases FILE` (name,latest_release: every project with the day of its latest release,
from the index's public metadata) makes DIR's `suffix_counts_2026.csv` anew, counting the year before the date as the
last one, and `--words FILE` (one word a line, SCOWL's final lists) makes the dictionary anew.
The same files and date give the same bytes.
"""

from __future__ import annotations

import argparse
import collections
import csv
import datetime as dt
import gzip
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

BUNDLED = Path("src/namehold/data")
POPULAR_SOURCE = (
    "Popular project names, most downloaded first; rank = line number. Source: public download statistics of the "
    "Python package index (30 days). Date: {date}. A guide to popularity and to other people's names, never a complete "
    "list."
)
WORDS_SOURCE = (
    "English words of three letters or more, lower case. Source: SCOWL (wordlist.sourceforge.net). Made: {date}. "
    "Licence: words.LICENSE.txt"
)
#: So many last words are kept, those of the last year first.
LAST_WORDS = 300
YEAR = dt.timedelta(days=365)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the tables")
    parser.add_argument("--date", type=dt.date.fromisoformat, required=True, help="the day of the tables")
    parser.add_argument("--surfaces", type=Path, metavar="FILE", help="what read_surfaces.py read")
    parser.add_argument("--releases", type=Path, metavar="FILE", help="name,latest_release")
    parser.add_argument("--words", type=Path, metavar="FILE", help="one word a line")
    options = parser.parse_args()
    with (options.data / "top_15000.csv").open(newline="", encoding="utf-8") as stream:
        names = [row["name"] for row in csv.DictReader(stream)]
    write_list(BUNDLED / "popular.txt.gz", POPULAR_SOURCE.format(date=options.date), names)
    if options.words is not None:
        words = {word for word in options.words.read_text(encoding="utf-8").split() if word.isalpha() and len(word) > 2}
        lower = sorted(word for word in words if word.islower() and word.isascii())
        write_list(BUNDLED / "words.txt.gz", WORDS_SOURCE.format(date=options.date), lower)
    if options.releases is not None:
        with options.releases.open(newline="", encoding="utf-8") as stream:
            releases = [
                (row["name"], dt.date.fromisoformat(row["latest_release"][:10])) for row in csv.DictReader(stream)
            ]
        with (options.data / "suffix_counts_2026.csv").open("w", newline="", encoding="utf-8") as stream:
            table = csv.writer(stream)
            table.writerow(("word", "last_release_2026", "last_release_earlier"))
            table.writerows(count_last_words(releases, since=options.date - YEAR))
    command = [sys.executable, "-m", "bench.learn_weights", "--data", str(options.data)]
    command += ["--date", str(options.date)]
    command += ["--surfaces", str(options.surfaces)] if options.surfaces is not None else []
    subprocess.run(command, check=True)


def write_list(path: Path, source: str, lines: Iterable[str]) -> None:
    """A list as the program reads it: its source in the first line. No time and no file name, for equal bytes."""
    content = "\n".join((f"# {source}", *lines)) + "\n"
    path.write_bytes(gzip.compress(content.encode(), compresslevel=9, mtime=0))


def count_last_words(releases: Iterable[tuple[str, dt.date]], *, since: dt.date) -> list[tuple[str, int, int]]:
    """The commonest last words of names of several words: on how many since that day, on how many before."""
    late: collections.Counter[str] = collections.Counter()
    early: collections.Counter[str] = collections.Counter()
    for name, latest in releases:
        _, dash, word = name.rpartition("-")
        if dash and word.isalnum() and not word.isdigit():
            (late if latest >= since else early)[word] += 1
    best = sorted(late, key=lambda word: (-late[word], word))[:LAST_WORDS]
    return [(word, late[word], early[word]) for word in best]


if __name__ == "__main__":
    main()

"""Writes the manual page namehold.1 from the program's own help.

    python docs/make_man.py namehold.1

The page is in man(7): a section for the program, then one for each command.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from make_site import run_namehold  # type: ignore[import-not-found]  # found through the folder above

from namehold import __version__
from namehold.cli.commands import COMMANDS


def make_page(day: dt.date) -> str:
    """The whole manual page; `day` stands in its foot."""
    parts = [
        f'.TH NAMEHOLD 1 "{day.isoformat()}" "namehold {__version__}" "User Commands"',
        ".SH NAME",
        "namehold \\- reserve confusable package names defensively, in the open",
        *_section("SYNOPSIS AND COMMANDS", run_namehold("--help")),
    ]
    for name in COMMANDS:
        parts += _section(f"namehold {name}".upper(), run_namehold(name, "--help"))
    return "\n".join(parts) + "\n"


def _section(title: str, text: str) -> list[str]:
    return [f'.SH "{title}"', ".nf", *map(_escape, text.strip().splitlines()), ".fi"]


def _escape(line: str) -> str:
    """A line as roff shows it literally: no escapes, and no request at its start."""
    escaped = line.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped[:1] in {".", "'"} else escaped


if __name__ == "__main__":
    # Same source, same page: the day comes from the last commit where the caller gives it.
    day = dt.datetime.fromtimestamp(
        int(os.environ.get("SOURCE_DATE_EPOCH", dt.datetime.now(dt.UTC).timestamp())), dt.UTC
    )
    Path(sys.argv[1]).write_text(make_page(day.date()), encoding="utf-8")

"""Data on standard output (or atomically in a file), in the format that was asked for."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from namehold.wording import visible

#: How a cell begins that a spreadsheet takes for a formula; the wide forms are the same to some.
_FORMULA = re.compile("[=+\\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?(e[+-]?[0-9]+)?( ?%)?")


class Format(StrEnum):
    """How data is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How the data is written.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to FILE (atomically) instead of standard output."),
]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text for people; every row has as many cells as `columns`."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    title: str = ""


def write_text(text: str, output: Path | None) -> None:
    """`text` on standard output, or in `output`: the old file stays until the new one is whole."""
    write_pieces((text if text.endswith("\n") else text + "\n",), output)


def write_pieces(pieces: Iterable[str], output: Path | None) -> None:
    """As `write_text`, for text too long to be held at once; each piece is written as it comes."""
    if output is None:
        sys.stdout.writelines(pieces)
        sys.stdout.flush()
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(pieces)
        # mkstemp makes files for their owner alone; what a person asked for by name follows their umask.
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(output)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def emit(table: Table, as_json: Callable[[], str], *, form: Format, output: Path | None) -> None:
    """The same data as a table, JSON, CSV or Markdown. `as_json` is called only where JSON was asked for."""
    write_text(as_json() if form is Format.JSON else render_table(table, form), output)


def render_table(table: Table, form: Format) -> str:
    """A table as aligned text, CSV (RFC 4180) or GitHub's Markdown.

    Cells may hold anybody's words: each is shown on one line, and is text alone to what reads the table.
    """
    columns, *rows = [tuple(visible(cell) for cell in row) for row in (table.columns, *table.rows)]
    if form is Format.CSV:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
        return stream.getvalue()
    if form is Format.MARKDOWN:
        from namehold.reporting.markdown import escape  # noqa: PLC0415 -- start-up time

        cells = [tuple(escape(cell) for cell in row) for row in rows]
        lines = ["| " + " | ".join(row) + " |" for row in (columns, tuple("---" for _ in columns), *cells)]
        return "\n".join(lines)
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    lines = [visible(table.title)] if table.title else []
    for row in (columns, *rows):
        lines.append("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return "\n".join(lines)


def _csv_cell(text: str) -> str:
    """What a spreadsheet would calculate, an apostrophe before it: it is somebody's words then."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text

"""Data on standard output (or atomically in a file), in the format that was asked for."""

from __future__ import annotations

import csv
import errno
import io
import itertools
import os
import re
import shutil
import sys
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from namehold import documents, files
from namehold.cli.colours import find_state_columns, paint
from namehold.errors import InputError
from namehold.files import Place
from namehold.text import Table, all_visible, visible

#: How a cell begins that a spreadsheet takes for a formula; the wide forms are the same to some.
_FORMULA = re.compile("[=+\\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?(e[+-]?[0-9]+)?( ?%)?")

#: Between two columns of aligned text.
_GAP = "  "

#: A cell that holds a SHA-256 and nothing else; its first twelve digits tell it from any other in a table.
_DIGEST = re.compile(r"((?:sha256:)?[0-9a-f]{12})[0-9a-f]{52}\Z")

#: A column of sentences that is narrower than this, in cells, is no longer readable.
_LEAST_PROSE = 16


#: A file's name may hold bytes that are no text: a path in a text is written with their numbers, as on the terminal.
_ERRORS = "backslashreplace"


class Format(StrEnum):
    """How data is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def write_text(text: str, output: Place | None, *, is_private: bool = False) -> None:
    """`text` on standard output, or in `output`: the old file stays until the new one is whole.

    In a folder of our own no link is followed. On a path that a person named a link is followed, and what is there
    and is no plain file (a pipe, a device) is written to. Raises InputError where that can't be done.
    A reader of standard output who goes away (`namehold names … | head`) is no error.
    `is_private`: only its owner may read the file, as in a folder of our own; it tells names that are still open.
    """
    write_pieces((text if not text or text.endswith("\n") else text + "\n",), output, is_private=is_private)


def write_pieces(pieces: Iterable[str | bytes], output: Place | None, *, is_private: bool = False) -> None:
    """As `write_text`, for text too long to be held at once; each piece is written as it comes.

    A piece may be in UTF-8 already.
    """
    if output is None:
        _print(pieces)
        return
    try:
        if isinstance(output, files.InnerPath):
            output.replace((_encoded(piece) for piece in pieces), is_synced=True)
        elif output.exists() and not output.is_file():
            with output.open("w", encoding="utf-8", errors=_ERRORS, newline="\n") as stream:
                stream.writelines(map(_decoded, pieces))
        else:
            mode = files.PRIVATE if is_private else None
            files.replace(output.resolve(), (_encoded(piece) for piece in pieces), mode=mode)
    except RuntimeError:
        raise InputError(
            f"{output} can't be written: its links lead round in a circle", fix="name another file"
        ) from None
    except OSError as error:
        raise unwritable(output, error) from None


def _encoded(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", _ERRORS)


def _decoded(piece: str | bytes) -> str:
    return piece if isinstance(piece, str) else piece.decode()


def unwritable(what: object, error: OSError) -> InputError:
    """The error for a file or folder that can't be written."""
    if isinstance(error, files.NotPlainError):
        return InputError(f"{what} can't be written: {error.strerror}", fix="delete what stands in its place")
    # Only making a folder meets something that is in its way.
    reason = "its folder is a file" if isinstance(error, FileExistsError) else error.strerror
    fix = "make room, fix the permissions or name another file"
    if error.errno == errno.ENAMETOOLONG:
        fix = "give a shorter name or path"
    return InputError(f"{what} can't be written: {reason}", fix=fix)


def _print(pieces: Iterable[str | bytes]) -> None:
    """The pieces on standard output, if there is one."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.writelines(map(_decoded, pieces))
        sys.stdout.flush()
    except OSError as error:
        # What is still in the buffer would fail once more when the program ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise unwritable("standard output", error) from None


def emit(
    table: Table, kind: str, value: object, form: Format, output: Path | None, *, is_private: bool = False
) -> None:
    """A result as a table in Markdown, CSV or aligned text, or as a JSON document of this kind; see `write_text`."""
    is_json = form is Format.JSON
    text = documents.dump(kind, value) if is_json else render_table(table, form, width=line_width(output))
    write_text(text, output, is_private=is_private)


def line_width(output: Path | None) -> int | None:
    """Characters in a line of the terminal that is written to; None for a file or a pipe: no line is broken there."""
    is_terminal = output is None and sys.stdout is not None and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if is_terminal else None


def render_table(table: Table, form: Format, *, width: int | None = None) -> str:
    """A table as aligned text, CSV (RFC 4180) or GitHub's Markdown.

    Cells may hold anybody's words: each is shown on one line, and is text alone to what reads the table.
    Aligned text that is wider than `width` is laid out anew (`_fit`); without rows it is the caption alone.
    """
    if form is Format.MARKDOWN:
        from namehold.report import render_markdown_table  # noqa: PLC0415 -- start-up time

        return render_markdown_table(table)
    labels = [column.label for column in table.columns]
    by_column = [all_visible(cells) for cells in zip(labels, *table.rows, strict=True)]
    columns, *rows = zip(*by_column, strict=True)
    if form is Format.CSV:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
        return stream.getvalue()
    widths = [max(map(len, cells)) for cells in by_column]
    padded = [[cell.ljust(size) for cell in cells] for cells, size in zip(by_column, widths, strict=True)]
    caption = [wrap_text(visible(table.caption), width)] if table.caption else []
    # Columns without a row say nothing to a person; what the command says below does.
    lines = [_GAP.join(row).rstrip() for row in zip(*padded, strict=True)] if rows else []
    if width is not None and rows:
        from rich.cells import cell_len  # noqa: PLC0415 -- start-up time

        states = find_state_columns(columns, rows)
        # A terminal counts cells; many letters of East Asia take two, and accents of their own none.
        if any(cell_len(line) > width or cell_len(line) != len(line) for line in lines):
            lines = _fit(columns, rows, width, states)
        elif states:
            shown = ([cells[0], *map(paint, cells[1:])] if at in states else cells for at, cells in enumerate(padded))
            lines = [_GAP.join(row).rstrip() for row in zip(*shown, strict=True)]
    return "\n".join([*caption, *lines])


def wrap_text(text: str, width: int | None, *, command: str = "") -> str:
    """Prose, and a command behind its last line, in lines of at most `width` cells; a line that goes on is indented.

    A command and a word that have no room stay whole, so that they can be copied.
    """
    whole = f"{text} {command}" if command else text
    if width is None:
        return whole
    from rich.cells import cell_len  # noqa: PLC0415 -- start-up time

    lines = []
    for line in whole.splitlines():
        if cell_len(line) <= width:
            lines.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        first, *others = _wrap(line.removesuffix(command), width - len(indent + _GAP), is_broken=False)
        if command and line.endswith(command):
            others.append(command)
        lines += [indent + first, *(f"{indent}{_GAP}{part}" for part in others)]
    return "\n".join(lines)


def _fit(
    columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], width: int, states: Collection[int] = ()
) -> list[str]:
    """The lines of a table that fits `width`; no column is left out, and no name is broken that fits a line.

    Digests are shortened first. Then columns of sentences are wrapped at words. Then columns, the last ones first,
    go below their row, each with its label; the first column names the row and stays. `states` are painted.
    """
    from rich.cells import cell_len  # noqa: PLC0415 -- start-up time

    shortened = [tuple(_shortened(cell) for cell in row) for row in rows]
    by_column = list(zip(columns, *shortened, strict=True))
    natural = [max(map(cell_len, cells)) for cells in by_column]
    least = [_least_width(cells, size) for cells, size in zip(by_column, natural, strict=True)]
    beside = next(
        (number for number in range(len(columns), 1, -1) if sum(least[:number]) + len(_GAP) * (number - 1) <= width), 1
    )
    sizes = _allot(natural[:beside], least[:beside], width - len(_GAP) * (beside - 1))
    lines = []
    for row in (columns, *shortened):
        cells = [_wrap(cell, size) for cell, size in zip(row, sizes, strict=False)]
        for parts in itertools.zip_longest(*cells, fillvalue=""):
            padded = [part + " " * (size - cell_len(part)) for part, size in zip(parts, sizes, strict=True)]
            shown = (paint(part) if at in states and row is not columns else part for at, part in enumerate(padded))
            lines.append(_GAP.join(shown).rstrip())
        below = [(label, cell) for label, cell in zip(columns[beside:], row[beside:], strict=True) if cell]
        if row is columns:
            # What no row has is told here alone.
            below = [(label, "nothing") for label, *found in by_column[beside:] if not any(found)]
        for label, cell in below:
            inner = max(width - len(_GAP), 1)
            lines += [_GAP + line for line in _wrap(f"{label}: {cell}" if cell else label, inner)]
    return lines


def _shortened(cell: str) -> str:
    digest = _DIGEST.match(cell)
    return f"{digest[1]}…" if digest else cell


def _least_width(cells: Sequence[str], natural: int) -> int:
    """How narrow a column may become: its longest word stays whole, and a sentence has room for a few words."""
    from rich.cells import cell_len  # noqa: PLC0415 -- start-up time

    longest = max((cell_len(word) for cell in cells for word in cell.split()), default=0)
    return max(longest, min(natural, _LEAST_PROSE))


def _allot(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The width of each column: its natural one where that fits, an equal share of what is left elsewhere."""
    sizes = list(least)
    if len(sizes) == 1:
        return [max(min(natural[0], room), 1)]
    left = room - sum(sizes)
    while left > 0 and (growing := [at for at, size in enumerate(sizes) if size < natural[at]]):
        for at in growing[:left]:
            sizes[at] += 1
            left -= 1
    return sizes


def _wrap(text: str, width: int, *, is_broken: bool = True) -> list[str]:
    """`text` in lines of at most `width` cells; a word alone that has no room is broken, unless `is_broken` says no."""
    from rich.cells import cell_len  # noqa: PLC0415 -- start-up time

    lines, line = [], ""
    # A percentage is one word: `8.6 %`.
    for word in re.split(r"\s+(?!%)", text.strip()):
        if line and cell_len(line) + 1 + cell_len(word) <= width:
            line += f" {word}"
            continue
        if line:
            lines.append(line)
        line = ""
        for letter in word:
            if is_broken and line and cell_len(line + letter) > width:
                lines.append(line)
                line = ""
            line += letter
    return [*lines, line]


def _csv_cell(text: str) -> str:
    """What a spreadsheet would calculate, an apostrophe before it: it is somebody's words then."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text

"""Jupyter notebooks: the source of each cell (nbformat 4, and 3 with its worksheets)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from namehold.documents import as_list, as_table, parse_json
from namehold.scan.model import NOTEBOOK_CELL, Use
from namehold.scan.readers.imports import read_imports
from namehold.scan.readers.prose import read_commands, read_markdown

_MOST_VALUES: Final = 2_000_000


def read_notebook(text: str) -> Iterator[Use]:
    """What the cells install and import; lines and columns are those of the cell's source, cells count from 1."""
    try:
        notebook = parse_json(text.encode(), most_values=_MOST_VALUES)
    except ValueError:
        return
    for number, cell in enumerate(_cells(notebook), start=1):
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        if not isinstance(source, str):
            continue
        carrier = f"{NOTEBOOK_CELL}{number}"
        if cell.get("cell_type") == "code":
            found = [*read_commands(source, carrier=carrier), *read_imports(source, carrier=carrier)]
        else:
            found = list(read_markdown(source, carrier=carrier))
        yield from (replace(use, carrier=carrier) for use in found)


def _cells(notebook: Any) -> Iterator[dict[str, Any]]:
    for holder in (notebook, *as_list(as_table(notebook).get("worksheets"))):
        yield from (cell for cell in as_list(as_table(holder).get("cells")) if isinstance(cell, dict))

"""Conda's environment files: the part that pip installs. The rest comes from another kind of index."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.documents import as_list, as_table
from namehold.scan.model import Use
from namehold.scan.readers.requirements import find_index, read_requirement


def read_environment(text: str) -> Iterator[Use]:
    """Each requirement under `pip` in the dependencies of a conda environment file."""
    from namehold.portfolio import read_document  # noqa: PLC0415 -- the YAML library

    document = read_document(text.encode(), path="")
    values, lines = document.values, text.split("\n")
    for position, entry in enumerate(as_list(as_table(values).get("dependencies"))):
        listed = as_list(as_table(entry).get("pip"))
        source = next((found for item in listed if isinstance(item, str) and (found := find_index(item))), "")
        for number, item in enumerate(listed):
            if isinstance(item, str) and not item.startswith("-"):
                place = document.place(("dependencies", position, "pip", number))
                column = place.column + (lines[place.line - 1][place.column - 1 : place.column] in {'"', "'"})
                yield from read_requirement(item, line=place.line, column=column, carrier="conda", source=source)

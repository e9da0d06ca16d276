"""Reads the documents at some paths and judges what they mention."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

from packaging.utils import NormalizedName

from namehold.index.rules import is_stdlib
from namehold.portfolio import AcceptedMention
from namehold.scan.judge import Judge
from namehold.scan.model import NOTEBOOK_CELL, Mention, ScanReport, Use
from namehold.scan.readers.kinds import find_reader, read_script
from namehold.scan.readers.requirements import read_requirements
from namehold.scan.walk import Document, Walk, read_document_at, walk_documents

#: A document with more is a list of names, made to be read by programs.
MOST_USES: Final = 20_000
#: Mentions of one path: the documents of ten large projects have some thousand in all.
MOST_IN_ALL: Final = 200_000


@dataclass(frozen=True, slots=True)
class Documents:
    """What the documents at one path mention: pairs of a file and a use, and what the walk met.

    `folder` is what stands before a file's path where it is told to others: the path as a person gave it.
    """

    folder: str
    walk: Walk
    uses: Sequence[tuple[str, Use]] = field(default_factory=tuple)
    scanned: int = 0


def read_documents(path: Path) -> Documents:
    """The mentions in every document below a folder, or in the one file at `path`, which is read whatever its name.

    A file's path is relative to the folder; for a file that was named alone it is the path as it was given, or its
    name if that is an absolute one. Raises OSError where `path` can't be read.
    """
    walk = Walk()
    uses: list[tuple[str, Use]] = []
    scanned = 0
    if path.is_dir():
        for document in walk_documents(path, walk, is_document=lambda name: find_reader(name) is not None):
            scanned += 1
            room = MOST_IN_ALL - len(uses)
            mentioned = tuple(islice(_read(document), room + 1))
            uses += ((document.path, use) for use in mentioned[:room])
            if len(mentioned) > room:
                # Later documents are looked into as well, so that the number of those that say more is true.
                walk.left_out[f"after the first {MOST_IN_ALL:,} mentions"] += 1
        folder = "" if path.is_absolute() or path == Path() else f"{path.as_posix()}/"
    else:
        path.stat()
        folder = ""
        found = read_document_at(path, walk)
        if found is not None:
            scanned = 1
            shown = path.name if path.is_absolute() else path.as_posix()
            uses += ((shown, use) for use in _read(Document(shown, found.text)))
    return Documents(folder, walk, tuple(uses), scanned)


def read_requirement_list(text: str, *, name: str) -> Documents:
    """The projects of a requirements file's text, which is called `name`."""
    return Documents("", Walk(), tuple((name, use) for use in read_requirements(text)), 1)


def _read(document: Document) -> Iterator[Use]:
    """Each use once, in the order of the text: two readers may find the same place."""
    reader = find_reader(document.path) or read_script
    uses: dict[tuple[NormalizedName, int, int, str], Use] = {}
    for use in islice(reader(document.text), MOST_USES):
        cell = use.carrier if use.carrier.startswith(NOTEBOOK_CELL) else ""
        uses.setdefault((use.name, use.line, use.column, cell), use)
    found = uses.values()
    is_notebook = document.path.lower().endswith(".ipynb")
    yield from found if is_notebook else sorted(found, key=lambda use: (use.line, use.column))


def judge_documents(
    documents: Sequence[Documents], judge: Judge, *, accepted: Sequence[AcceptedMention], today: dt.date
) -> ScanReport:
    """Every mention, judged; in the order of the paths, the files and the places.

    A module that the documents themselves have is none, unless it is known to be ours. An accepted mention keeps its
    verdict, and says why a person accepts it.
    """
    mentions = [
        mention
        for found in documents
        for file, use in found.uses
        if (mention := _judge(file, use, judge, found.walk.modules)) is not None
    ]
    reasons = {(item.name, item.file): item.reason for item in accepted if item.until >= today}
    judged = [_accept(mention, reasons) for mention in mentions] if reasons else mentions
    return ScanReport(scanned=sum(found.scanned for found in documents), findings=tuple(judged))


def _judge(file: str, use: Use, judge: Judge, modules: set[str]) -> Mention | None:
    if use.module and not judge.owns_module(use.module) and (use.module in modules or is_stdlib(use.name)):
        return None
    said = judge.of(use)
    if judge.is_no_name(use, said):
        return None
    return Mention(
        name=judge.name_of(use),
        file=file,
        line=use.line,
        column=use.column,
        carrier=use.carrier,
        verdict=said.verdict,
        instead=said.instead,
        why=said.why,
    )


def _accept(mention: Mention, reasons: dict[tuple[NormalizedName, str], str]) -> Mention:
    reason = reasons.get((mention.name, mention.file)) or reasons.get((mention.name, ""))
    return replace(mention, accepted=reason) if reason else mention

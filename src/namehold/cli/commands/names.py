"""`namehold names`: the ranked names that may be taken for a package, without configuration or network."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from packaging.utils import NormalizedName, canonicalize_name

from namehold import documents
from namehold.candidates import (
    Family,
    Row,
    Shortlist,
    Technique,
    change_of,
    detail_of,
    lead_of,
    load_weights,
    popular_names,
    reasons,
    shortlist,
    strongest,
)
from namehold.cli.lists import ListedName, normalize_all, read_list, read_text
from namehold.cli.options import OutputOption, argument, option
from namehold.cli.output import Format, line_width, render_table, write_pieces
from namehold.cli.session import Session, session_of
from namehold.cli.workspace import Workspace
from namehold.documents import schema_of
from namehold.errors import Diagnostic, InputError, UsageError
from namehold.portfolio import Package, Surface, SurfaceKind
from namehold.text import Table, count, join_words, texts

SURFACE_COLUMNS = ("target", "kind", "value")
COLUMNS = texts("package", "rank", "name", "score", "why")
#: How many targets of a table of surfaces are told that weren't asked for.
_TOLD_TARGETS = 5
#: A longer pyproject.toml isn't looked at for the package's name.
_MAX_PROJECT_BYTES = 1_000_000


class NamesFormat(StrEnum):
    """How the names are written; `jsonl` and `list` are for other programs."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"
    LIST = "list"


EPILOG = """\
Examples:

  namehold names requests --limit 10

  namehold names --from packages.txt --format jsonl          a package a line, for another program

  cat packages.txt | namehold names --from - --surfaces imports.csv --format csv -o names.csv
"""


def names(
    ctx: typer.Context,
    packages: Annotated[list[str] | None, argument("Names of packages.", "[PACKAGE]...")] = None,
    from_: Annotated[
        Path | None, option("Read one package a line; - reads standard input.", "--from", metavar="FILE")
    ] = None,
    surfaces: Annotated[
        Path | None, option("CSV with target,kind,value: imports, commands, aliases …", metavar="FILE")
    ] = None,
    limit: Annotated[int, option("Names a package.", "--limit", "-n", min=1, max=10_000, show_default=True)] = 25,
    form: Annotated[
        NamesFormat, option("How the names are written.", "--format", "-f", show_default=True)
    ] = NamesFormat.TABLE,
    output: OutputOption = None,
) -> None:
    """Rank the names that people mistype and models invent for packages: best first, each with its evidence.

    Needs no configuration and no network, and doesn't look at any index: a name in the list may exist already.
    All packages of one call are taken for one portfolio: words in front that they share count as a namespace, and
    none is listed as a name for another (a package that exists can't be reserved, whosever it is).
    A score is the chance that the name is used if the package is attacked or asked for, never the risk of an attack.
    """
    session = session_of(ctx)
    asked = normalize_all((*map(ListedName, packages or ()), *(read_list(from_) if from_ else ())))
    if not asked:
        raise UsageError("no package was named", fix="namehold names PACKAGE, or --from FILE")
    by_target = _read_surfaces(surfaces) if surfaces is not None else {}
    members = [
        Package(name=name, spelled=text, surfaces=tuple(by_target.get(name, ()))) for name, text in asked.items()
    ]
    others = sorted(by_target.keys() - {package.name for package in members})
    if others:
        # One table may serve many calls, but a target may be mistyped, too.
        told = join_words(others, limit=_TOLD_TARGETS)
        number = count(len(others), "package")
        session.say(f"{surfaces} has surfaces of {number} not asked for: {told}")
    family = Family.of(members)
    popular = popular_names().ranks
    weights = load_weights()
    ranked = (shortlist(package, family=family, weights=weights, popular=popular, limit=limit) for package in members)
    write_pieces(_render(ranked, form, width=line_width(output)), output)
    _tell_mistyped(normalize_all(map(ListedName, packages or ())), session)
    session.next_step(_next_step(members, session))


def _tell_mistyped(typed: Iterable[NormalizedName], session: Session) -> None:
    """Which much used project may be meant where a name was typed that is neither popular nor the user's own."""
    popular = popular_names()
    meant = {name: near for name in typed if (near := popular.meant_by(name)) is not None}
    owned = _find_owned(session) if meant else set()
    strange = [(name, near) for name, near in meant.items() if name not in owned]
    for name, near in strange[:_TOLD_TARGETS]:
        session.say(f"{name}: did you mean {near}? It is number {popular.ranks[near]:,} by downloads.")


def _find_owned(session: Session) -> set[NormalizedName]:
    """The packages of names.yaml, or the one of the repository's pyproject.toml before there is a names.yaml."""
    from namehold.files import InnerPath, resolve  # noqa: PLC0415 -- start-up time
    from namehold.portfolio import read_project  # noqa: PLC0415 -- start-up time

    with suppress(InputError):  # a command that needs no names.yaml doesn't fail on a bad one
        if session.config.exists():
            return {package.name for package in Workspace(session).portfolio.packages}
    project = InnerPath(resolve(session.config).parent) / "pyproject.toml"
    with suppress(OSError, UnicodeDecodeError), project.open() as stream:
        return {canonicalize_name(read_project(stream.read(_MAX_PROJECT_BYTES).decode("utf-8-sig")).name)}
    return set()


def _next_step(members: list[Package], session: Session) -> str:
    """To a names.yaml, from which every other command starts; to the plan where there is one."""
    if session.config.exists():
        return "namehold plan (it counts in what names.yaml says of your packages, which this list doesn't)"
    if len(members) > 1 or members[0].surfaces:
        return "namehold init (explain takes packages that belong together, and their surfaces, from names.yaml)"
    return f"namehold init --yes --package {members[0].name}; in the package's repository: namehold init --yes"


def _read_surfaces(path: Path) -> dict[NormalizedName, list[Surface]]:
    """The surfaces of the CSV file by their package. Raises InputError with every bad row at once."""
    reader = csv.DictReader(read_text(path).splitlines())

    def fault(rule: str, message: str, *, line: int, fix: str = "") -> Diagnostic:
        return Diagnostic(message=message, rule=f"surfaces-{rule}", path=str(path), line=line, fix=fix)

    columns = ",".join(SURFACE_COLUMNS)
    if not set(SURFACE_COLUMNS) <= set(reader.fieldnames or ()):
        missing = fault("columns", f"the columns {columns} are expected", line=1)
        raise InputError(f"{path} holds no surfaces", diagnostics=(missing,))
    by_target: dict[NormalizedName, list[Surface]] = {}
    problems: list[Diagnostic] = []
    for row in reader:
        line, kind, value, target = reader.line_num, row["kind"], row["value"], row["target"]
        if kind not in set(SurfaceKind):
            fix = f"use one of {', '.join(SurfaceKind)}"
            problems.append(fault("kind", f"{kind!r} is no kind of surface", line=line, fix=fix))
        elif not value or not target:
            fix = f"write {columns} in every row"
            problems.append(fault("value", "the target or the value is missing", line=line, fix=fix))
        else:
            surface = Surface(kind=SurfaceKind(kind), value=value, source=str(path))
            by_target.setdefault(canonicalize_name(target), []).append(surface)
    if problems:
        raise InputError(f"{path} has invalid rows", diagnostics=tuple(problems))
    return by_target


def _render(ranked: Iterable[Shortlist], form: NamesFormat, *, width: int | None) -> Iterator[str | bytes]:
    """The output in pieces, a package each: many packages need no more memory than few.

    A table is the exception: its columns are as wide as the widest cell of all.
    JSON has one package a line, so that it stays readable and quick to write.
    """
    match form:
        case NamesFormat.LIST:
            for found in ranked:
                yield "".join(f"{name}\n" for name, _, _ in found.rows)
        case NamesFormat.JSONL:
            for found in ranked:
                names = [name for name, _, _ in found.rows]
                yield documents.show_json({"target": found.package.name, "candidates": names}) + "\n"
        case NamesFormat.JSON:
            yield f'{{"schema": "{schema_of("names")}", "packages": ['
            separator = "\n"
            for found in ranked:
                candidates = ", ".join(_as_json(found.rows))
                text = f'{separator}{{"package": "{found.package.name}", "candidates": [{candidates}]}}'
                yield text.encode().replace(_STAND_IN.encode(), _ARROW.encode())
                separator = ",\n"
            yield "\n]}\n"
        case NamesFormat.CSV:
            yield (header := render_table(Table(columns=COLUMNS, rows=()), Format.CSV))
            for found in ranked:
                yield render_table(Table(columns=COLUMNS, rows=_rows(found)), Format.CSV).removeprefix(header)
        case NamesFormat.TABLE | NamesFormat.MARKDOWN:
            table = Table(columns=COLUMNS, rows=[row for found in ranked for row in _rows(found)])
            yield render_table(table, Format(form), width=width) + "\n"


def _rows(found: Shortlist) -> list[tuple[str, ...]]:
    return [
        (found.package.name, str(place), name.name, f"{name.value:.4f}", detail_of(reasons(name)[0], name.name))
        for place, name in enumerate(found.names, start=1)
    ]


def _as_json(listed: Sequence[Row]) -> list[str]:
    """Names with their evidence; written as text, because normalized names hold nothing that JSON escapes.

    `_STAND_IN` stands for arrows: a text with an arrow needs two bytes a letter, which takes a quarter longer to write.
    """
    # All numbers in one call; so written, only smaller ones differ from how Python shows them.
    scores = ("%.6f " * len(listed) % tuple([value for _, value, _ in listed])).split()
    # What names from one source have in common, and the strings that the sources start from.
    opened: dict[int, str] = {}
    texts: set[str] = set()
    rows = []
    for (name, value, parts), score in zip(listed, scores, strict=True):
        shown = score.rstrip("0") if value >= _LEAST_IN_PLACES else repr(round(value, 6))
        source = parts[0][2]
        opening, last = opened.get(id(source)), name
        if opening is None:
            technique, subject, _ = source
            texts.add(subject.text)
            opening = opened[id(source)] = _told(technique, subject.mark, subject.text, "")
        if len(parts) > 1 or name in texts:
            pieces = [
                _told(technique, subject.mark, subject.text, name) for _, _, (technique, subject, _) in strongest(parts)
            ]
            opening, last = _BETWEEN.join(pieces), ""
        rows.append(f'{{"name": "{name}", "score": {shown}, "evidence": [{opening}{last}"}}]}}')
    return rows


#: Python shows numbers below this in powers of ten.
_LEAST_IN_PLACES = 0.0001
#: What closes a piece of evidence and parts it from the next.
_BETWEEN = '"}, '
_ARROW = "→"
#: No text in JSON holds this character as it is.
_STAND_IN = "\0"


def _told(technique: Technique, mark: str, text: str, name: str) -> str:
    """A piece of evidence, but for what closes it."""
    return _opening(technique, mark) + change_of(text, name).replace(_ARROW, _STAND_IN)


@cache
def _opening(technique: Technique, mark: str) -> str:
    """A piece of evidence as far as it is the same for many packages."""
    opened = {"technique": technique.name, "detail": f"{lead_of(technique, mark)}: "}
    return documents.show_json(opened).removesuffix('"}')

"""`namehold evidence`: what models, documents and people told of names, shown, taken in and taken out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namehold.cli.lists import ListedName, normalize_all, read_list
from namehold.cli.options import FormatOption, OutputOption, argument, option
from namehold.cli.output import Format, emit
from namehold.cli.session import session_of
from namehold.cli.workspace import Workspace
from namehold.documents import as_plain
from namehold.errors import InputError, SnapshotError, UsageError
from namehold.text import Column, Table, count, numbers, texts

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from namehold.portfolio import Observation

app = typer.Typer(
    no_args_is_help=True,
    help="Show what models, documents and people told of names near yours, import it and take it out again.",
)

_LIST_EPILOG = """\
Examples:

  namehold evidence list                              all of it, that of names.yaml too

  namehold evidence list --source "model smollm2"     what one model told
"""
_REMOVE_EPILOG = """\
Examples:

  namehold evidence remove acme-tool-client           everything about a name

  namehold evidence remove --source "model smollm2"   everything that one model told
"""
_IMPORT_EPILOG = """\
Examples:

  namehold evidence import other/evidence.yaml --licence "our own"

  namehold evidence import list.txt --source "Acme's list of 2026" \\
      --date 2026-10-01 --licence CC-BY-4.0
"""

NamesArgument = Annotated[list[str] | None, argument("Names. Default: all.", "[NAME]...")]
SourceOption = Annotated[str | None, option("Only from this source, as `list` shows it.", "--source", metavar="TEXT")]
PackageOption = Annotated[str | None, option("Only about this package.", "--package", metavar="NAME")]
KindOption = Annotated[str | None, option("Only `probed`, `documented` or `observed`.", "--kind")]

#: Names in one list; what is published as lists of invented names is some hundred thousand at most.
_MOST_NAMES = 1_000_000
#: Which file says it.
_EVIDENCE, _CONFIG = "evidence.yaml", "names.yaml"


@app.command("list", epilog=_LIST_EPILOG)
def list_(
    ctx: typer.Context,
    names: NamesArgument = None,
    source: SourceOption = None,
    package: PackageOption = None,
    kind: KindOption = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Show every observation with its source, its date and how often it was counted."""
    workspace = Workspace(session_of(ctx))
    is_meant = _selector(names, source, package, kind)
    found = [(item, file) for item, file in _all(workspace) if is_meant(item)]
    _emit(found, form, output)
    session = workspace.session
    session.say(f"{count(len(found), 'observation')}.")
    session.next_step("namehold plan" if found else "namehold probe")


@app.command(epilog=_REMOVE_EPILOG)
def remove(
    ctx: typer.Context,
    names: NamesArgument = None,
    source: SourceOption = None,
    package: PackageOption = None,
    kind: KindOption = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Take observations out of evidence.yaml, and show them; the next plan is made without them.

    What names.yaml says under `observed` is told, and stays for a person to delete.
    """
    from namehold.portfolio import EVIDENCE_FILE, save_evidence  # noqa: PLC0415 -- start-up time

    workspace = Workspace(session_of(ctx))
    session = workspace.session
    if not (names or source or package or kind):
        raise UsageError("say what to take out: names, --source, --package or --kind", fix="namehold evidence list")
    is_meant = _selector(names, source, package, kind)
    found = [(item, file) for item, file in _all(workspace) if is_meant(item)]
    gone = [item for item, file in found if file == _EVIDENCE]
    left = len(found) - len(gone)
    if left:
        session.say(f"{count(left, 'observation')} of names.yaml stay: delete what is wrong under `observed` there.")
    if not gone:
        raise InputError("evidence.yaml has no such observation", fix="namehold evidence list")
    stay = tuple(item for item in workspace.evidence.observations if not is_meant(item))
    save_evidence(session.config.with_name(EVIDENCE_FILE), replace(workspace.evidence, observations=stay))
    _emit([(item, _EVIDENCE) for item in gone], form, output)
    session.say(f"{count(len(gone), 'observation')} taken out.")
    session.next_step("namehold plan")


@app.command("import", epilog=_IMPORT_EPILOG)
def import_(
    ctx: typer.Context,
    file: Annotated[Path, argument("Another evidence.yaml, or a list with one name a line.", "FILE")],
    licence: Annotated[str | None, option("Under which licence it was published.", metavar="TEXT")] = None,
    source: Annotated[str | None, option("Of a list: who made it, and how.", metavar="TEXT")] = None,
    date: Annotated[
        dt.datetime | None, option("Of a list: when it was made (YYYY-MM-DD).", metavar="DATE", formats=["%Y-%m-%d"])
    ] = None,
    package: Annotated[
        str | None,
        option("Of a list: the package that all its names are about. Default: the one whose name each holds."),
    ] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Take in observations that were made elsewhere: those of names that are invented by a complete list of the index.

    A list counts for nothing without its source, its date and its licence.
    """
    from namehold.evidence import NameVerdict, judge_names  # noqa: PLC0415 -- start-up time
    from namehold.portfolio import EVIDENCE_FILE, add_observations, save_evidence  # noqa: PLC0415 -- start-up time

    workspace = Workspace(session_of(ctx))
    session, view = workspace.session, workspace.snapshot()
    if view is None or not view.info.complete:
        raise SnapshotError(
            "without a complete list of the index's names nothing is known to be invented",
            fix="namehold snapshot import FILE, or namehold snapshot update",
        )
    if file.suffix in {".yaml", ".yml", ".json"}:
        given = _read_evidence(workspace, file, licence)
    else:
        given = _read_names(workspace, file, source=source, date=date, licence=licence, package=package)
    held = [item.name for item in workspace.holdings().held]
    verdicts = judge_names(
        {item.name for item in given}, workspace.portfolio, view=view, held=held, profile=workspace.profile
    )
    taken = [item for item in given if verdicts[item.name] is NameVerdict.INVENTED]
    if taken:
        save_evidence(session.config.with_name(EVIDENCE_FILE), add_observations(workspace.evidence, taken))
    _emit([(item, _EVIDENCE) for item in taken], form, output)
    left = len(given) - len(taken)
    session.say(f"{count(len(taken), 'observation')} taken in.")
    if left:
        session.say(f"{count(left, 'observation')} left out: the names exist, are yours, or are refused to everyone.")
    session.next_step("namehold evidence list")


def _all(workspace: Workspace) -> Iterator[tuple[Observation, str]]:
    """Every observation, and the file that says it."""
    yield from ((item, _EVIDENCE) for item in workspace.evidence.observations)
    yield from ((item, _CONFIG) for item in workspace.portfolio.observed)


def _selector(
    names: Sequence[str] | None, source: str | None, package: str | None, kind: str | None
) -> Callable[[Observation], bool]:
    """Whether an observation is meant by the options. Raises InputError for what is no name, UsageError for no kind."""
    from namehold.portfolio import SurfaceKind  # noqa: PLC0415 -- start-up time

    kinds = {SurfaceKind.PROBED, SurfaceKind.DOCUMENTED, SurfaceKind.OBSERVED}
    if kind is not None and kind not in kinds:
        raise UsageError(f"--kind takes one of {', '.join(sorted(kinds))}")
    wanted = set(normalize_all(ListedName(text) for text in names or ()))
    about = set(normalize_all([ListedName(package)] if package else ()))

    def is_meant(item: Observation) -> bool:
        return (
            (not wanted or item.name in wanted)
            and (not about or item.package in about)
            and source in {None, item.source}
            and kind in {None, item.kind}
        )

    return is_meant


def _read_evidence(workspace: Workspace, file: Path, licence: str | None) -> list[Observation]:
    """The observations of another evidence.yaml. Raises InputError where one has no licence."""
    from namehold.portfolio import load_evidence  # noqa: PLC0415 -- start-up time

    if not file.exists():
        raise InputError(f"there is no file {file}", fix="give an evidence.yaml, or a list with one name a line")
    loaded = load_evidence(file, workspace.portfolio)
    for warning in loaded.warnings:
        workspace.session.say(str(warning))
    own = {package.name for package in workspace.portfolio.packages}
    found = [
        replace(item, licence=item.licence or licence or "")
        for item in loaded.evidence.observations
        if item.package in own
    ]
    for item in found:
        _require_past(item.date)
    if not all(item.licence for item in found):
        raise UsageError("an import counts for nothing without its licence", fix="add --licence TEXT")
    return found


def _read_names(
    workspace: Workspace,
    file: Path,
    *,
    source: str | None,
    date: dt.datetime | None,
    licence: str | None,
    package: str | None,
) -> list[Observation]:
    """The names of a list that are about one of our packages."""
    from namehold.evidence import find_package  # noqa: PLC0415 -- start-up time
    from namehold.portfolio import Observation, SurfaceKind, find_text_fault  # noqa: PLC0415 -- start-up time

    if not (source and date and licence):
        raise UsageError(
            "a list counts for nothing without its source, its date and its licence",
            fix="add --source TEXT --date YYYY-MM-DD --licence TEXT",
        )
    _require_past(date.date())
    for text in (source, licence):
        fault = find_text_fault(("observed", "source"), text)
        if fault:
            raise UsageError(f"{text!r} can't stand in evidence.yaml: {fault}")
    portfolio = workspace.portfolio
    about = _require_package(workspace, package) if package else None
    listed = read_list(file)
    if len(listed) > _MOST_NAMES:
        raise InputError(f"{file} lists more than {_MOST_NAMES:,} names", fix="give it in several files")
    names = normalize_all(listed)
    meant = {name: about or find_package(name, portfolio) for name in names}
    return [
        Observation(
            name=name,
            package=target,
            source=source,
            date=date.date(),
            kind=SurfaceKind.OBSERVED,
            licence=licence,
        )
        for name, target in meant.items()
        if target is not None
    ]


def _require_past(date: dt.date) -> None:
    """Raises UsageError: nothing newer could ever take the place of such an observation."""
    if date > dt.datetime.now(dt.UTC).date():
        raise UsageError(f"the date {date} lies in the future", fix="give the day on which the observation was made")


def _require_package(workspace: Workspace, text: str) -> NormalizedName:
    (name,) = normalize_all([ListedName(text)])
    if name not in {package.name for package in workspace.portfolio.packages}:
        raise InputError(f"{text} isn't listed under `packages` in names.yaml", fix="name one of the packages")
    return name


def _emit(found: Iterable[tuple[Observation, str]], form: Format, output: Path | None) -> None:
    rows, values = [], []
    for item, file in found:
        counted = (_share(item.count, item.of), _share(item.runs, item.of_runs), _share(item.prompts, item.of_prompts))
        rows.append((item.kind, item.name, item.package, item.source, str(item.date), *counted, file))
        values.append({**as_plain(item), "file": file})
    columns: tuple[Column, ...] = (
        *texts("kind", "name", "package", "source", "date"),
        *numbers("seen", "runs", "prompts"),
        *texts("file"),
    )
    emit(Table(columns=columns, rows=rows), "evidence", {"evidence": values}, form, output, is_private=True)


def _share(part: int | None, whole: int | None) -> str:
    """`3 of 50`; empty where nothing is known."""
    if part is None:
        return ""
    return f"{part} of {whole}" if whole else str(part)

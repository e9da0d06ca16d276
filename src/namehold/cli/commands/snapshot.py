"""`namehold snapshot`: an index's list of all names, from a file or downloaded, and what is known about it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namehold.cli.fetching import fetch_list, warn_if_stale, warn_of_list
from namehold.cli.options import FormatOption, OutputOption, argument, option
from namehold.cli.output import Format, emit
from namehold.cli.session import session_of
from namehold.cli.workspace import Workspace
from namehold.documents import as_plain
from namehold.errors import SnapshotError, UsageError
from namehold.text import Table, count, texts

if TYPE_CHECKING:
    from namehold.snapshot import Stored

app = typer.Typer(no_args_is_help=True, help="Keep an index's list of names for offline answers.")

_IMPORT_EPILOG = """\
Examples:

  namehold snapshot import names.txt.gz                       one name a line, plain or gzip

  namehold snapshot import simple.json --date 2026-11-20      the JSON form of the simple index (PEP 691)

  namehold snapshot import some.txt --partial                 only some of the index's names
"""
_UPDATE_EPILOG = """\
Examples:

  namehold snapshot update                                    the index of names.yaml

  namehold snapshot update --index testpypi --contact security@acme.example
"""
_INFO_EPILOG = """\
Examples:

  namehold snapshot info

  namehold snapshot info --format json
"""

IndexOption = Annotated[
    str | None, option("The index. Default: the one of names.yaml, else pypi.", "--index", metavar="NICKNAME")
]

SmallerOption = Annotated[bool, option("The index really has less than half of the names that it had.", "--smaller")]


@app.command("import", epilog=_IMPORT_EPILOG)
def import_(
    ctx: typer.Context,
    file: Annotated[Path, argument("The list of names.", "FILE")],
    index: IndexOption = None,
    partial: Annotated[bool, option("The list lacks some names: an unseen name stays unknown.", "--partial")] = False,
    smaller: SmallerOption = False,
    date: Annotated[
        dt.datetime | None,
        option("When it was taken (YYYY-MM-DD). Default: file's time.", metavar="DATE", formats=["%Y-%m-%d"]),
    ] = None,
) -> None:
    """Keep a list of an index's names: text with one name a line, or the simple index's JSON form; plain or gzip.

    It replaces the list that was there, unless it has less than half of its names. Lines without a name are left out.
    """
    workspace = Workspace(session_of(ctx))
    taken = date.date() if date else None
    if taken is not None and taken > _today():
        raise UsageError(f"--date {taken} lies in the future", fix="give the day on which the list was taken")
    chosen = workspace.find_index(index)
    store = workspace.snapshot_store(chosen)
    with workspace.session.measure("Reading the list") as report:
        stored = store.import_file(
            file, index=chosen.nickname, complete=not partial, may_shrink=smaller, date=taken, report=report
        )
    _tell(workspace, stored)
    workspace.session.next_step("namehold plan" if workspace.has_config else "namehold check NAME")


@app.command(epilog=_UPDATE_EPILOG)
def update(
    ctx: typer.Context,
    index: IndexOption = None,
    contact: Annotated[
        str, option("Who asks, for the index's operators. Default: the contact of names.yaml.", metavar="ADDRESS")
    ] = "",
    smaller: SmallerOption = False,
) -> None:
    """Download the list of all names of an index: one request, nothing if it hasn't changed.

    A download that is cut off, damaged or lacks half of the old names leaves the old list in its place.
    """
    workspace = Workspace(session_of(ctx))
    session, chosen = workspace.session, workspace.find_index(index)
    who = contact or workspace.contact
    if not who and not chosen.is_loopback and not session.offline:
        raise UsageError(
            f"{chosen.nickname} must know whom to write to about this download",
            fix="namehold snapshot update --contact ADDRESS, or write names.yaml (namehold init)",
        )
    stored = fetch_list(workspace, chosen, contact=who, may_shrink=smaller)
    _tell(workspace, stored)
    session.next_step("namehold plan" if workspace.has_config else "namehold check NAME")


@app.command(epilog=_INFO_EPILOG)
def info(
    ctx: typer.Context,
    index: IndexOption = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Show which list of names is kept for an index, how old it is, and that it is intact."""
    workspace = Workspace(session_of(ctx))
    chosen = workspace.find_index(index)
    store = workspace.snapshot_store(chosen)
    snapshot = store.open(chosen.nickname)
    if snapshot is None:
        raise SnapshotError(
            f"no list of {chosen.nickname}'s names is kept here",
            fix="namehold snapshot import FILE, or namehold snapshot update",
        )
    snapshot.verify()
    facts = {
        **as_plain(snapshot.info),
        "age_days": snapshot.info.age_days(_today()),
        "is_stale": snapshot.info.is_stale(_today()),
        "file": str(store.path(chosen.nickname)),
    }
    words = {True: "yes", False: "no"}
    rows = [
        (key.removeprefix("is_"), words[value] if isinstance(value, bool) else str(value))
        for key, value in facts.items()
        if value not in {None, ""}
    ]
    emit(Table(columns=texts("what", "value"), rows=rows), "snapshot", facts, form, output)
    warn_if_stale(workspace.session, snapshot.info)
    workspace.session.next_step("namehold snapshot update" if facts["is_stale"] else "namehold check NAME")


def _tell(workspace: Workspace, stored: Stored) -> None:
    session, known = workspace.session, stored.info
    for example in stored.examples:
        session.say(str(example))
    if stored.left_out:
        session.say(f"Left out: {count(stored.left_out, 'line')} without a name.")
    kind = "complete" if known.complete else "not complete: unseen ones stay unknown"
    news = "" if stored.changed else "; nothing has changed since the last update"
    session.say(f"{known.index}: {count(known.count, 'name')}, {kind}, taken {known.taken}{news}.")
    warn_of_list(session, stored, index=workspace.find_index(known.index))


def _today() -> dt.date:
    return dt.datetime.now(tz=dt.UTC).date()

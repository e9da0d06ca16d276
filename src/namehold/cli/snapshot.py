"""`namehold snapshot`: an index's list of all names, from a file or downloaded, and what is known about it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from namehold import documents
from namehold.cli.inputs import find_profile, read_portfolio, snapshot_store
from namehold.cli.output import Format, FormatOption, OutputOption, Table, emit
from namehold.cli.session import Session, session_of
from namehold.documents import as_plain
from namehold.errors import SnapshotError, UsageError
from namehold.index import KNOWN_INDEXES, SNAPSHOT_MAX_AGE_DAYS, IndexProfile, SnapshotInfo, profile
from namehold.portfolio import Portfolio
from namehold.snapshot import Stored
from namehold.text import count

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
    str | None,
    typer.Option("--index", metavar="NICKNAME", help="The index. Default: the one of names.yaml, else pypi."),
]


def chosen_index(session: Session, nickname: str | None = None) -> tuple[IndexProfile, Portfolio | None]:
    """The index that a command is about, and names.yaml if there is one.

    Raises ConfigError for an invalid names.yaml or a nickname that neither it nor namehold knows.
    """
    portfolio = read_portfolio(session) if session.config.exists() else None
    if portfolio is None or nickname not in {None, portfolio.account.index}:
        return profile(nickname or KNOWN_INDEXES[0]), portfolio
    return find_profile(portfolio), portfolio


@app.command("import", epilog=_IMPORT_EPILOG)
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The list of names.")],
    index: IndexOption = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="The list lacks some names: an unseen name stays unknown.")
    ] = False,
    date: Annotated[
        dt.datetime | None,
        typer.Option(
            "--date", metavar="DATE", formats=["%Y-%m-%d"], help="When it was taken (YYYY-MM-DD). Default: file's time."
        ),
    ] = None,
) -> None:
    """Keep a list of an index's names: text with one name a line, or the simple index's JSON form; plain or gzip.

    It replaces the list that was there. Lines that hold no name are left out and told.
    """
    session = session_of(ctx)
    taken = date.date() if date else None
    if taken is not None and taken > _today():
        raise UsageError(f"--date {taken} lies in the future", hint="give the day on which the list was taken")
    chosen, _ = chosen_index(session, index)
    stored = snapshot_store(session, chosen).import_file(file, index=chosen.nickname, complete=not partial, date=taken)
    _tell(session, stored)
    session.next_step("namehold plan" if session.config.exists() else "namehold check NAME")


@app.command(epilog=_UPDATE_EPILOG)
def update(
    ctx: typer.Context,
    index: IndexOption = None,
    contact: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS", help="Who asks, for the index's operators. Default: the contact of names.yaml."
        ),
    ] = "",
) -> None:
    """Download the list of all names of an index: one request, nothing if it hasn't changed.

    A download that is cut off, damaged or suddenly half as long leaves the old list in its place.
    """
    session = session_of(ctx)
    chosen, portfolio = chosen_index(session, index)
    who = contact or (portfolio.organization.contact if portfolio else "")
    if not who and not chosen.is_loopback and not session.offline:
        raise UsageError(
            f"{chosen.nickname} must know whom to write to about this download",
            hint="namehold snapshot update --contact ADDRESS, or write names.yaml (namehold init)",
        )
    with session.progress() as bar:
        task = bar.add_task(f"Names of {escape(chosen.nickname)} (kB)", total=None)
        stored = snapshot_store(session, chosen).update(
            chosen,
            contact=who,
            policy=session.policy,
            today=_today(),
            offline=session.offline,
            progress=lambda done, total: bar.update(
                task, completed=done // 1000, total=total // 1000 if total else None
            ),
        )
    _tell(session, stored)
    session.next_step("namehold plan" if portfolio else "namehold check NAME")


@app.command(epilog=_INFO_EPILOG)
def info(
    ctx: typer.Context,
    index: IndexOption = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Show which list of names is kept for an index, how old it is, and that it is intact."""
    session = session_of(ctx)
    chosen, _ = chosen_index(session, index)
    store = snapshot_store(session, chosen)
    snapshot = store.open(chosen.nickname)
    if snapshot is None:
        raise SnapshotError(
            f"no list of {chosen.nickname}'s names is kept here",
            hint="namehold snapshot import FILE, or namehold snapshot update",
        )
    snapshot.verify()
    facts = {
        **as_plain(snapshot.info),
        "age_days": snapshot.info.age_days(_today()),
        "is_stale": snapshot.info.is_stale(_today()),
        "file": str(store.path(chosen.nickname)),
    }
    rows = [(key, "" if value is None else str(value)) for key, value in facts.items()]
    emit(
        Table(columns=("what", "value"), rows=rows),
        lambda: documents.dump("snapshot", facts),
        form=form,
        output=output,
    )
    warn_if_stale(session, snapshot.info)
    session.next_step("namehold snapshot update" if facts["is_stale"] else "namehold check NAME")


def warn_if_stale(session: Session, known: SnapshotInfo) -> None:
    """Says so if the list is older than a plan should rely on."""
    if known.is_stale(_today()):
        age = count(known.age_days(_today()), "day")
        session.say(
            f"[yellow]The list is {age} old[/yellow], more than {SNAPSHOT_MAX_AGE_DAYS}: "
            "names may have been registered since."
        )


def _tell(session: Session, stored: Stored) -> None:
    known = stored.info
    for example in stored.examples:
        session.say(escape(str(example)))
    if stored.left_out:
        session.say(f"Left out: {count(stored.left_out, 'line')} without a name.")
    kind = "names, complete" if known.complete else "names, not complete: unseen ones stay unknown"
    news = "" if stored.changed else "; nothing has changed since the last update"
    session.say(f"{escape(known.index)}: {known.count:,} {kind}, taken {known.taken}{news}.")
    warn_if_stale(session, known)


def _today() -> dt.date:
    return dt.datetime.now(tz=dt.UTC).date()

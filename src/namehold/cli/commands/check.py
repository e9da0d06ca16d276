"""`namehold check`: what the index would answer for a name, and why."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from namehold.candidates import popular_names
from namehold.cli.options import FormatOption, OutputOption, argument, option
from namehold.cli.output import Format, emit
from namehold.cli.session import session_of
from namehold.cli.workspace import Workspace
from namehold.index.rules import TYPO_CORPUS_SIZE, NameCheck, TypoCorpus, check_names
from namehold.text import Table, texts

EPILOG = """\
Examples:

  namehold check acme-tool acme-t00l json             with the kept snapshot, if there is one

  namehold check acme-tool --snapshot names.txt.gz    with a list of names, without keeping it

  namehold check acme-tol --format json               for a script
"""


def check(
    ctx: typer.Context,
    names: Annotated[list[str], argument("Names, in any spelling.", "NAME...")],
    snapshot: Annotated[
        Path | None,
        option(
            "A complete list of the index's names: text or JSON form, plain or gzip. Default: the kept one.",
            metavar="FILE",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Say what the index would answer for names, and why.

    Needs no network and no configuration. Without a complete list of the index's names, an unseen name is 'unknown';
    with one it is 'unregistered', never 'free': the index's list of prohibited names isn't public.
    """
    workspace = Workspace(session_of(ctx))
    session, index = workspace.session, workspace.find_index()
    view = workspace.snapshot(index, file=snapshot)
    corpus = TypoCorpus(islice(popular_names().ranks, TYPO_CORPUS_SIZE))
    checks = check_names(names, view=view, corpus=corpus, profile=index)
    emit(_table(checks), "check", {"names": checks}, form, output)
    if view is None:
        session.say("There is no list of the index's names here, so an unseen name is unknown.")
    else:
        known = view.info
        kind = "all" if known.complete else "some"
        session.say(f"Compared with {kind} {known.count:,} names of {known.index} ({known.source}, {known.taken}).")
        workspace.warn_if_stale(known)
    if any(item.flagged_as for item in checks):
        session.say(
            "'Flagged' tells the index's administrators and blocks nothing. It is approximate: compared with the "
            f"{TYPO_CORPUS_SIZE:,} most popular bundled names instead of those that most projects depend on."
        )
    session.next_step("namehold snapshot import FILE" if view is None else "namehold names PACKAGE")


def _table(checks: tuple[NameCheck, ...]) -> Table:
    rows = [
        (
            item.name,
            item.normalized or "",
            str(item.availability),
            str(item.protection),
            " ".join(item.similar_to),
            " ".join(f"{flag.check}:{flag.matched}" for flag in item.flagged_as),
            item.reason,
        )
        for item in checks
    ]
    columns = texts("name", "normalized", "availability", "protection", "similar to", "flagged as", "reason")
    return Table(columns=columns, rows=rows)

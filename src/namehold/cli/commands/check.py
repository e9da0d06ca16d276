"""`namehold check`: what the index would answer for a name, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namehold.candidates import popular_names
from namehold.cli.fetching import warn_if_stale
from namehold.cli.lists import read_input, shown_input
from namehold.cli.options import FormatOption, OutputOption, argument, option
from namehold.cli.output import Format, emit
from namehold.cli.session import session_of
from namehold.cli.workspace import Workspace
from namehold.errors import ExitCode, UsageError
from namehold.index import IndexProfile
from namehold.index.rules import TYPO_CORPUS_SIZE, NameCheck, TypoCorpus, check_names
from namehold.text import Table, hide_passwords, texts

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from namehold.scan import Mention
    from namehold.snapshot import Snapshot

EPILOG = """\
Examples:

  namehold check acme-tool acme-t00l json             with the kept snapshot, if there is one

  namehold check acme-tool --snapshot names.txt.gz    with a list of names, without keeping it

  namehold check acme-tol --format json               for a script

  namehold check -r requirements.txt                  what others would get from these requirements

Exit codes: 0 any answer, 11 a requirement that anybody can register, or that is a look-alike of your package.
"""


def check(
    ctx: typer.Context,
    names: Annotated[list[str] | None, argument("Names, in any spelling.", "NAME...")] = None,
    requirements: Annotated[
        list[Path] | None,
        option(
            "Check the names in a requirements file, too (`-`: standard input); findings end with 11.",
            "--requirement",
            "-r",
            metavar="FILE",
        ),
    ] = None,
    snapshot: Annotated[
        Path | None,
        option(
            "A complete list of the index's names: text or JSON form, plain or gzip. Default: the kept one.",
            metavar="FILE",
        ),
    ] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Say what the index would answer for names, and why.

    Needs no network and no configuration. Without a complete list of the index's names, an unseen name is 'unknown';
    with one it is 'unregistered', never 'free': the index's list of prohibited names isn't public.
    """
    if not names and not requirements:
        raise UsageError("nothing to check", fix="give names, or a requirements file with -r FILE")
    workspace = Workspace(session_of(ctx))
    session, index = workspace.session, workspace.find_index()
    view = workspace.snapshot(index, file=snapshot)
    corpus = TypoCorpus(islice(popular_names().ranks, TYPO_CORPUS_SIZE))
    required = _judge_requirements(requirements or [], workspace, index, view)
    # An address given for a name is none, and its password isn't told, to programs neither.
    asked = dict.fromkeys([*map(hide_passwords, names or []), *(mention.name for mention in required)])
    checks = check_names(list(asked), view=view, corpus=corpus, profile=index)
    findings = _correct([mention for mention in required if mention.is_finding], checks, workspace, view)
    value = {"names": checks, "findings": findings} if requirements else {"names": checks}
    emit(_table(checks), "check", value, form, output)
    if view is None:
        session.say("There is no list of the index's names here, so an unseen name is unknown.")
    else:
        known = view.info
        kind = "all" if known.complete else "some"
        session.say(f"Compared with {kind} {known.count:,} names of {known.index} ({known.source}, {known.taken}).")
        warn_if_stale(workspace.session, known)
    if any(item.flagged_as for item in checks):
        session.say(
            "'Flagged' tells the index's administrators and blocks nothing. It is approximate: compared with the "
            f"{TYPO_CORPUS_SIZE:,} most popular bundled names instead of those that most projects depend on."
        )
    for mention in findings:
        where = f"{mention.file}:{mention.line}:{mention.column}"
        instead = f" Write {mention.instead} instead." if mention.instead else ""
        session.say(f"{where}: {mention.verdict}: {mention.name}: {mention.why}{instead}")
    if view is None:
        session.next_step("namehold snapshot import FILE")
    else:
        session.next_step("namehold plan" if workspace.has_config else "namehold init")
    return ExitCode.FINDINGS if findings else ExitCode.DONE


def _judge_requirements(
    paths: Sequence[Path], workspace: Workspace, index: IndexProfile, view: Snapshot | None
) -> tuple[Mention, ...]:
    """What each requirement of these files is; `-` is standard input. Raises InputError."""
    if not paths:
        return ()
    from namehold.cli.judging import make_judge  # noqa: PLC0415 -- only these files need the readers of documents
    from namehold.scan import judge_documents, read_requirement_list  # noqa: PLC0415

    documents = [read_requirement_list(read_input(path), name=shown_input(path)) for path in paths]
    accepted = workspace.portfolio.accepted if workspace.has_config else ()
    today = dt.datetime.now(dt.UTC).date()
    judge = make_judge(workspace, index, view)
    return tuple(judge_documents(documents, judge, accepted=accepted, today=today).findings)


def _correct(
    findings: Sequence[Mention], checks: Sequence[NameCheck], workspace: Workspace, view: Snapshot | None
) -> list[Mention]:
    """The findings, those without a correction with the project that the index would flag them for.

    A name of the portfolio is meant as it is written, and a project that isn't on the list corrects nothing.
    """
    portfolio = workspace.portfolio if workspace.has_config else None
    own: set[NormalizedName] = set()
    if portfolio is not None:
        own = {item.name for item in portfolio.packages} | {item.name for item in portfolio.internal}
    flagged = {item.normalized: item.flagged_as[0].matched for item in checks if item.flagged_as}
    listed = view.existing(flagged.values()) if view is not None else frozenset()
    meant = {name: matched for name, matched in flagged.items() if name not in own and matched in listed}
    return [replace(item, instead=item.instead or meant.get(item.name, "")) for item in findings]


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

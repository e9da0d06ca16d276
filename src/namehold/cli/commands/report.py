"""`namehold report`: where every name stands, for the people who decide."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from namehold import documents
from namehold.cli.lists import read_text
from namehold.cli.options import OutputOption, PlanArgument, option
from namehold.cli.output import Format, line_width, render_table, wrap_text, write_text
from namehold.cli.session import session_of, typed
from namehold.cli.workspace import Workspace
from namehold.errors import Diagnostic, UsageError
from namehold.files import InnerPath
from namehold.ledger import Holdings, Receipt
from namehold.plan import Plan
from namehold.plan.checks import find_edits, find_unpublished, hold_back, why_targets_wait
from namehold.report import (
    DEFAULT_LIMIT,
    EarlierReport,
    Report,
    State,
    hide_open_names,
    make_report,
    make_sections,
    render_markdown,
)
from namehold.text import Table, texts, visible
from namehold.upkeep import find_drift


class ReportFormat(StrEnum):
    """How the report is written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    JSON = "json"


_BY_SUFFIX = {
    ".md": ReportFormat.MARKDOWN,
    ".html": ReportFormat.HTML,
    ".htm": ReportFormat.HTML,
    ".csv": ReportFormat.CSV,
    ".json": ReportFormat.JSON,
}

#: Disagreements that the report shows as the state of a name.
_SHOWN_AS_STATES = frozenset({"drift-unproven", "drift-undecided"})

#: What a terminal shows below the first screen; the other sections are for the page.
_TERMINAL_SECTIONS = frozenset({"wishes", "overview", "calendar", "warnings"})


EPILOG = """\
Examples:

  namehold report                                            the first screen and the tables that matter most

  namehold report -o report.html                             one page, to read and to pass on

  namehold report -o today.json --against last-week.json     what has changed since then

  namehold report .namehold/plan.json --format json
"""


def report(
    ctx: typer.Context,
    plan: PlanArgument = None,
    form: Annotated[
        ReportFormat | None,
        option("Default: by the file's name (.md, .html, .csv, .json), else table.", "--format", "-f"),
    ] = None,
    output: OutputOption = None,
    limit: Annotated[
        int | None,
        option(
            "Names shown per package and route that need no decision (default 10). JSON and CSV always hold all.",
            min=1,
            metavar="N",
        ),
    ] = None,
    brief: Annotated[bool, option("The first screen alone, as a table.", "--brief")] = False,
    against: Annotated[
        Path | None,
        option("An earlier report as JSON: say what has changed since then.", "--against", metavar="FILE"),
    ] = None,
    public: Annotated[
        bool, option("Leave out every name that somebody could still register, to show it to others.", "--public")
    ] = False,
    as_of: Annotated[
        dt.datetime | None,
        option("The moment of the report (UTC). Default: now.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], metavar="TIME"),
    ] = None,
) -> None:
    """What to do today, what is safe, what isn't and why: from the plan and the ledger, without network.

    The first screen says at most ten things; then follow all names by package and route with their reasons,
    the calendar, what was not done and why, and the digests of everything that it was made from.
    """
    workspace = Workspace(session_of(ctx))
    session, loaded = workspace.session, workspace.plan(plan)
    holdings = workspace.holdings(index=loaded.index, username=loaded.account.username)
    now = as_of.replace(tzinfo=dt.UTC) if as_of else dt.datetime.now(dt.UTC)
    findings = find_edits(loaded)
    # What the index showed last about who owns the packages.
    proofs = workspace.proofs() if workspace.has_config else ()
    if proofs and not findings:
        waiting = why_targets_wait(proofs, today=now.date(), portfolio=workspace.portfolio)
        loaded = hold_back(loaded, waiting)
    made = make_report(
        loaded,
        holdings,
        now=now,
        plan_path=str(plan) if plan else "",
        targets=proofs,
        findings=(*findings, *_find_disagreements(workspace, loaded, holdings)),
        rehearsal=_read_rehearsal(session.state / "rehearsal.json", loaded.action_digest),
        is_brief=brief,
        against=_read_earlier(against) if against else None,
    )
    # What waits for a person today; without that, where things stand.
    next_step = next((line.command for line in made.first_screen if line.task and line.command), "")
    next_step = next_step or made.first_screen[0].command
    made = hide_open_names(made) if public else made
    form = form or (_BY_SUFFIX.get(output.suffix.lower()) if output else None) or ReportFormat.TABLE
    if brief and form is not ReportFormat.TABLE:
        raise UsageError("--brief is for the table", fix="namehold report --brief")
    limit = limit or DEFAULT_LIMIT
    match form:
        case ReportFormat.JSON:
            text = documents.dump("report", made)
        case ReportFormat.CSV:
            text = render_table(_every_name(made), Format.CSV)
        case ReportFormat.HTML:
            from namehold.report import render_html  # noqa: PLC0415 -- jinja2

            text = render_html(made, limit=limit)
        case ReportFormat.MARKDOWN:
            text = render_markdown(made, limit=limit)
        case ReportFormat.TABLE:
            text = _terminal(made, limit=None if brief else limit, width=line_width(output))
    write_text(text, output, is_private=not public)
    if output is not None:
        session.say(str(output), label="Written")
    is_page = form is ReportFormat.HTML and output is not None
    session.next_step(f"open {typed(output)} in a browser; then: {next_step}" if is_page and output else next_step)


def _read_earlier(path: Path) -> EarlierReport:
    """What is compared with of an earlier report's JSON document."""
    return documents.load("report", EarlierReport, read_text(path), path=str(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rehearsed:
    """What the report needs of a rehearsal's document."""

    action_digest: str
    receipts: tuple[Receipt, ...]


def _read_rehearsal(path: InnerPath, action_digest: str) -> tuple[Receipt, ...]:
    """The receipts of the last rehearsal if it was one of these actions; none if there was no such rehearsal."""
    if not path.is_file():
        return ()
    found = documents.load("rehearsal", _Rehearsed, path.read_text("utf-8"), path=str(path))
    return found.receipts if found.action_digest == action_digest else ()


def _find_disagreements(workspace: Workspace, plan: Plan, holdings: Holdings) -> tuple[Diagnostic, ...]:
    """Where plan, ledger and names.yaml disagree, without a look at the index; none where there is no names.yaml."""
    if not workspace.has_config:
        return ()
    portfolio = workspace.portfolio
    drift = find_drift(holdings, portfolio=portfolio, states={}, shows_ownership=False)
    is_sent = bool(plan.actions) and not workspace.profile.is_loopback
    return (
        *(find_unpublished(portfolio) if is_sent else ()),
        *(
            Diagnostic(message=f"{item.name}: {item.text}", rule=item.rule, fix=item.fix)
            for item in drift
            if item.rule not in _SHOWN_AS_STATES
        ),
    )


def _every_name(made: Report) -> Table:
    """Every assessed name in one row, then the held names that the plan doesn't assess."""
    rows: list[tuple[str, ...]] = [
        (
            entry.name,
            entry.target,
            entry.route,
            entry.state,
            f"{entry.score:.6f}",
            "" if entry.day is None else str(entry.day),
            entry.since.isoformat() if entry.since else "",
            " ".join(reason.text for reason in entry.reasons),
        )
        for entry in made.entries
    ]
    assessed = {entry.name for entry in made.entries}
    rows += [
        (item.name, item.target, "", State.HELD, "", "", item.since.isoformat(), "")
        for item in made.held
        if item.name not in assessed
    ]
    return Table(columns=texts("name", "target", "route", "state", "score", "day", "held since", "reasons"), rows=rows)


def _terminal(made: Report, *, limit: int | None, width: int | None) -> str:
    """At most twelve facts: what to do today, what is safe, what isn't; with a limit the tables for a terminal, too."""
    lines = [wrap_text(f"Names of {visible(made.organization)} on {visible(made.index)}", width), ""]
    for headline in made.first_screen:
        command = visible(f"-> {headline.command}") if headline.command else ""
        lines.append(wrap_text(visible(f"{headline.label}: {headline.text}"), width, command=command))
    for section in make_sections(made, limit=limit) if limit is not None else ():
        if section.anchor not in _TERMINAL_SECTIONS:
            continue
        for table in section.tables:
            lines += ["", render_table(table, Format.TABLE, width=width)]
    return "\n".join(lines)

"""`namehold report`: where every name stands, for the people who decide."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from namehold import documents
from namehold.cli.inputs import find_profile, load_ownership, load_plan, plan_path, read_own_holdings, read_portfolio
from namehold.cli.output import Format as TableFormat
from namehold.cli.output import OutputOption, Table, line_width, render_table, write_text
from namehold.cli.session import Session, session_of
from namehold.errors import Diagnostic, UsageError
from namehold.ledger import Holdings, Receipt
from namehold.ownership import OwnershipProof
from namehold.plan import Plan, find_edits, find_unpublished
from namehold.portfolio import load_portfolio
from namehold.report import DEFAULT_LIMIT, Report, make_report, make_sections, render_html, render_markdown
from namehold.text import visible
from namehold.upkeep import find_drift

app = typer.Typer()


class Format(StrEnum):
    """How the report is written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


_BY_SUFFIX = {".md": Format.MARKDOWN, ".html": Format.HTML, ".htm": Format.HTML, ".json": Format.JSON}

#: Disagreements that the report shows as the state of a name.
_SHOWN_AS_STATES = frozenset({"drift-unproven", "drift-undecided"})

#: What a terminal shows below the first screen; the other sections are for the page.
_TERMINAL_SECTIONS = frozenset({"overview", "calendar", "warnings"})


@app.command(
    epilog=(
        "Examples: [bold]namehold report[/bold]; "
        "[bold]namehold report -o report.html[/bold]; "
        "[bold]namehold report .namehold/plan.json --format json[/bold]."
    )
)
def report(
    ctx: typer.Context,
    plan: Annotated[
        Path | None,
        typer.Argument(metavar="[PLAN]", show_default=False, help="The plan. Default: .namehold/plan.json."),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="Default: by the file's name (.md, .html, .json), else table."),
    ] = None,
    output: OutputOption = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            min=1,
            metavar="N",
            show_default=False,
            help="Names shown a package and route that nobody has to decide on (default 10). JSON always holds all.",
        ),
    ] = None,
    brief: Annotated[bool, typer.Option("--brief", help="The first screen alone, as a table.")] = False,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
            metavar="TIME",
            help="The moment of the report (UTC). Default: now.",
        ),
    ] = None,
) -> None:
    """What to do today, what is safe, what isn't and why: from the plan and the ledger, without network.

    The first screen has at most twelve lines; then follow all names by package and route with their reasons,
    the calendar, what was not done and why, and the digests of everything that it was made from.
    """
    session = session_of(ctx)
    loaded = load_plan(plan or plan_path(session))
    holdings = read_own_holdings(session, index=loaded.index, username=loaded.account.username)
    now = as_of.replace(tzinfo=dt.UTC) if as_of else dt.datetime.now(dt.UTC)
    made = make_report(
        loaded,
        holdings,
        now=now,
        plan_path=str(plan) if plan else "",
        targets=_read_proofs(session),
        findings=(*find_edits(loaded), *_find_disagreements(session, loaded, holdings)),
        rehearsal=_read_rehearsal(session.state / "rehearsal.json", loaded.action_digest),
    )
    form = form or (_BY_SUFFIX.get(output.suffix.lower()) if output else None) or Format.TABLE
    if brief and form is not Format.TABLE:
        raise UsageError("--brief is for the table", hint="namehold report --brief")
    limit = limit or DEFAULT_LIMIT
    match form:
        case Format.JSON:
            text = documents.dump("report", made)
        case Format.HTML:
            text = render_html(made, limit=limit)
        case Format.MARKDOWN:
            text = render_markdown(made, limit=limit)
        case Format.TABLE:
            text = _first_screen(made) if brief else _terminal(made, limit=limit, width=line_width(output))
    write_text(text, output)
    _talk(session, made.first_screen[0].command, output)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rehearsed:
    """What the report needs of a rehearsal's document."""

    action_digest: str
    receipts: tuple[Receipt, ...]


def _read_rehearsal(path: Path, action_digest: str) -> tuple[Receipt, ...]:
    """The receipts of the last rehearsal if it was one of these actions; none if there was no such rehearsal."""
    if not path.is_file():
        return ()
    found = documents.load("rehearsal", _Rehearsed, path.read_text("utf-8"), path=str(path))
    return found.receipts if found.action_digest == action_digest else ()


def _read_proofs(session: Session) -> tuple[OwnershipProof, ...]:
    """What the index showed last about who owns the packages; nothing where there is no names.yaml."""
    if not session.config.is_file():
        return ()
    known = load_ownership(session, load_portfolio(session.config).portfolio)
    return known.proofs if known is not None else ()


def _find_disagreements(session: Session, plan: Plan, holdings: Holdings) -> tuple[Diagnostic, ...]:
    """Where plan, ledger and names.yaml disagree, without a look at the index; none where there is no names.yaml."""
    if not session.config.is_file():
        return ()
    portfolio = read_portfolio(session)
    drift = find_drift(holdings, portfolio=portfolio, states={}, shows_ownership=False)
    is_sent = bool(plan.actions) and not find_profile(portfolio).is_loopback
    return (
        *(find_unpublished(portfolio) if is_sent else ()),
        *(
            Diagnostic(message=f"{item.name}: {item.text}", rule=item.rule, fix=item.fix)
            for item in drift
            if item.rule not in _SHOWN_AS_STATES
        ),
    )


def _first_screen(made: Report) -> str:
    """At most twelve lines: what to do today, what is safe, what isn't."""
    lines = [f"Names of {visible(made.organization)} on {visible(made.index)}", ""]
    for headline in made.first_screen:
        command = f" -> {headline.command}" if headline.command else ""
        lines.append(visible(f"{headline.label}: {headline.text}{command}"))
    return "\n".join(lines)


def _terminal(made: Report, *, limit: int, width: int | None) -> str:
    """The first screen, then the tables that fit a terminal."""
    lines = [_first_screen(made)]
    for section in make_sections(made, limit=limit):
        if section.anchor not in _TERMINAL_SECTIONS:
            continue
        for grid in section.grids:
            table = Table(
                columns=tuple(column.label for column in grid.columns),
                rows=grid.rows,
                title=grid.caption,
            )
            lines += ["", render_table(table, TableFormat.TABLE, width=width)]
    return "\n".join(lines)


def _talk(session: Session, command: str, output: Path | None) -> None:
    if output is not None:
        session.say(f"[bold]Written:[/bold] {escape(str(output))}")
    session.next_step(escape(command))

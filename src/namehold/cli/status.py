"""`namehold status`: what is held, what is open, and where ledger, index and portfolio disagree."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from namehold import documents, ledger
from namehold.cli.inputs import find_profile, ledger_path, read_portfolio
from namehold.cli.output import Format, FormatOption, OutputOption, Table, emit
from namehold.cli.session import Session, session_of
from namehold.errors import ExitCode, UsageError
from namehold.index import HttpIndex
from namehold.models import EventKind, Portfolio
from namehold.names import normalize
from namehold.workflow.status import Status, make_status

app = typer.Typer()

_EPILOG = """\
Examples:

  namehold status                                ledger against index and names.yaml; exit 11 if they disagree

  namehold status --offline                      without asking the index

  namehold status --verify ledger.jsonl          is this ledger whole, and is it of this head?
  namehold status --verify ledger.jsonl --head sha256:...

  namehold status --decide acme-tol='They prohibited it; we agree.'
"""


@app.command(epilog=_EPILOG)
def status(
    ctx: typer.Context,
    verify: Annotated[
        Path | None,
        typer.Option(metavar="LEDGER", show_default=False, help="Only check this ledger's chain, line by line."),
    ] = None,
    head: Annotated[
        str,
        typer.Option(
            metavar="DIGEST", show_default=False, help="With --verify: a published head that it must contain."
        ),
    ] = "",
    decide: Annotated[
        str,
        typer.Option(
            metavar="NAME=TEXT",
            show_default=False,
            help="Write down what the index's administrators said about a name that they took away.",
        ),
    ] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Compare the ledger with the index and with names.yaml.

    Reads only. A name that we held and that is gone stops every further run until --decide records the answer of the
    index's administrators; it is never planned again.
    """
    session = session_of(ctx)
    if verify is not None:
        _verify(session, verify, head, form=form, output=output)
        return
    portfolio = read_portfolio(session)
    profile = find_profile(portfolio)
    path = ledger_path(session, profile.nickname)
    if decide:
        _decide(path, portfolio, decide)
    holdings = ledger.read_holdings(path)
    now = dt.datetime.now(dt.UTC)
    is_asking = bool(holdings.held) and (profile.is_loopback or not session.offline)
    if is_asking:
        with (
            HttpIndex(profile, contact=portfolio.organization.contact) as reader,
            session.progress() as progress,
        ):
            task = progress.add_task("Asking the index", total=len(holdings.held))
            found = make_status(
                holdings,
                portfolio=portfolio,
                profile=profile,
                reader=reader,
                now=now,
                report=lambda _: progress.advance(task),
            )
    else:
        found = make_status(holdings, portfolio=portfolio, profile=profile, reader=None, now=now)
    emit(_table(found), lambda: documents.dump("status", found), form=form, output=output)
    _say(session, found)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def _decide(path: Path, portfolio: Portfolio, text: str) -> None:
    """Writes a person's record of the administrators' answer."""
    name_text, separator, decision = text.partition("=")
    if not separator or not decision.strip():
        raise UsageError("--decide takes NAME=TEXT", hint="for example: --decide acme-tol='They prohibited it.'")
    name = normalize(name_text)
    now = dt.datetime.now(dt.UTC)
    undecided = ledger.read_holdings(path).undecided
    if name not in undecided:
        raise UsageError(
            f"nothing is to be decided about {name}",
            hint=f"names to decide about: {', '.join(undecided) or 'none'}",
        )
    with ledger.Ledger.open(
        path,
        index=portfolio.account.index,
        username=portfolio.account.username,
        organization=portfolio.organization.name,
        time=now,
    ) as book:
        book.append(EventKind.DECISION, {"name": name, "decision": decision.strip()}, time=now)


def _verify(session: Session, path: Path, head: str, *, form: Format, output: Path | None) -> None:
    """Whether a ledger's chain is whole, and goes back to a published head."""
    if not path.is_file():
        raise UsageError(f"there is no ledger at {path}")
    reading = ledger.read(path)
    heads = [event.digest for event in reading.events]
    has_head = not head or head in heads
    result = {
        "ledger": str(path),
        "events": len(reading.events),
        "head": reading.head,
        "torn_bytes": len(reading.torn),
        "is_whole": not reading.torn,
        "has_published_head": has_head if head else None,
    }
    rows = [(key.replace("_", " "), str(value)) for key, value in result.items() if value is not None]
    emit(
        Table(columns=("what", "value"), rows=rows),
        lambda: documents.dump("ledger-check", result),
        form=form,
        output=output,
    )
    if not has_head:
        session.say("The published head isn't in this ledger: it isn't the one that was published, or lines are gone.")
        raise typer.Exit(ExitCode.FINDINGS)
    if reading.torn:
        session.say("The last line was torn by a crash; the next run cuts it off and records that it did.")
    session.say(f"{len(reading.events)} events, chained without a gap.")


def _table(found: Status) -> Table:
    drift: dict[str, list[str]] = {}
    for item in found.drift:
        drift.setdefault(item.name, []).append(item.text)
    rows: list[tuple[str, ...]] = [
        (
            item.name,
            item.target or "",
            item.state,
            f"{item.since:%Y-%m-%d}" if item.since else "",
            "; ".join(drift.pop(item.name, ())),
        )
        for item in found.names
    ]
    rows += [(name, "", "", "", "; ".join(texts)) for name, texts in drift.items()]
    return Table(columns=("name", "for", "state", "since", "what disagrees"), rows=rows)


def _say(session: Session, found: Status) -> None:
    held = sum(item.state == "held" for item in found.names)
    asked = "the index agrees" if found.is_compared and not found.drift else f"{len(found.drift)} findings"
    session.say(
        f"{held} names held on {found.index} by {found.username}; {asked}. Ledger head: {found.head or 'none'}."
    )
    if found.next_slot is not None:
        session.say(f"No slot is free before {found.next_slot:%Y-%m-%d %H:%M} UTC.")
    for item in found.drift:
        session.say(f"{item.name}: {escape(item.text)}. {escape(item.fix)}.")
    session.next_step(
        "namehold apply" if any(item.state in {"open", "unverified"} for item in found.names) else "namehold report"
    )

"""`namehold handover`: give a held name back, step by step."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.markup import escape

from namehold import documents
from namehold.cli.inputs import find_profile, ledger_path, read_own_holdings, read_portfolio
from namehold.cli.output import Format, FormatOption, OutputOption, Table, emit
from namehold.cli.session import Session, session_of
from namehold.errors import UsageError
from namehold.index import HttpIndex, ProjectState
from namehold.ledger import Ledger
from namehold.names import normalize
from namehold.portfolio import Portfolio
from namehold.text import single_line
from namehold.upkeep import Handover, Stage, find_handover, record_handover

app = typer.Typer()

_EPILOG = """\
Examples:

  namehold handover acme-tol --to 'The Tol project'           what to do next, step by step

  namehold handover acme-tol                                  nobody has a claim: a request to prohibit it

  namehold handover acme-tol --to 'The Tol project' --done    it is done: into the ledger
"""


@app.command(epilog=_EPILOG)
def handover(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A name that the ledger holds.", show_default=False)],
    to: Annotated[
        str,
        typer.Option(metavar="WHO", show_default=False, help="Who gets it. Without it: nobody, and it is prohibited."),
    ] = "",
    done: Annotated[bool, typer.Option("--done", help="A person did the steps: record it.")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Give a held name to whoever has a claim on it, or to nobody; never by deleting it.

    A last version warns for 90 days first. Sends nothing: a person does the steps in the index's web interface.
    """
    session = session_of(ctx)
    portfolio = read_portfolio(session)
    index = find_profile(portfolio).nickname
    path = ledger_path(session, index)
    now = dt.datetime.now(dt.UTC)
    who = single_line(to)
    if to and not who:
        raise UsageError("--to names nobody")
    holdings = read_own_holdings(session, index=index, username=portfolio.account.username)
    found = find_handover(normalize(name), holdings, portfolio=portfolio, to=who, today=now.date())
    if done:
        account = portfolio.account
        with Ledger.open(
            path, index=index, username=account.username, organization=portfolio.organization.name, time=now
        ) as ledger:
            record_handover(found, ledger=ledger, state=_look(session, portfolio, found), now=now)
        session.say(escape(f"{found.name} is handed over{f' to {who}' if who else ''}; it is never planned again."))
        session.next_step("namehold register, and publish it")
        return
    emit(_table(found), lambda: documents.dump("handover", found), form=form, output=output)
    for text in (found.snippet, found.letter):
        if text and form is not Format.JSON:
            session.say("")
            session.say(escape(text))
    session.next_step(_next(found))


def _look(session: Session, portfolio: Portfolio, found: Handover) -> ProjectState | None:
    """What the index shows now; None where it mustn't be asked."""
    profile = find_profile(portfolio)
    if session.offline and not profile.is_loopback:
        return None
    with HttpIndex(profile, contact=portfolio.organization.contact, policy=session.policy) as reader:
        return reader.project(found.name)


def _table(found: Handover) -> Table:
    rows = [(str(number), step) for number, step in enumerate(found.steps, start=1)]
    to = found.to or "nobody: the administrators prohibit it"
    return Table(columns=("step", "what a person does"), rows=rows, title=f"{found.name} {found.version} goes to {to}")


def _next(found: Handover) -> str:
    if found.stage is Stage.UNWARNED:
        return "namehold plan, once names.yaml has the lines"
    if found.stage is Stage.WARNING:
        return f"namehold handover {found.name} on {found.ready_on}"
    return "the steps above, in the index's web interface"

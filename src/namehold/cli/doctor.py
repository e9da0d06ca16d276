"""`namehold doctor`: is everything that a reservation needs in place, and whose is it?"""

from __future__ import annotations

import datetime as dt
from collections import Counter

import typer
from rich.markup import escape

from namehold import documents
from namehold.cli.inputs import find_profile, ledger_path, open_snapshot, read_portfolio, save_ownership
from namehold.cli.output import Format, FormatOption, OutputOption, Table, emit
from namehold.cli.session import Session, session_of
from namehold.errors import SnapshotError
from namehold.index import HttpIndex, IndexProfile, LocatedToken, SnapshotInfo, locate_token
from namehold.ownership import Diagnosis, Finding, diagnose
from namehold.text import count

app = typer.Typer()

_EPILOG = """\
Examples:

  namehold doctor                                token, account, packages, index, quota, clock, files

  namehold doctor --offline                      what can be known without the index

  namehold doctor --format json                  for a scheduled run; exit 11 if anything is contradicted

The token is read, never shown and never sent.
"""


@app.command(epilog=_EPILOG)
def doctor(ctx: typer.Context, form: FormatOption = Format.TABLE, output: OutputOption = None) -> None:
    """Say of everything that a reservation needs whether it is proved, contradicted, or not provable yet.

    Each line that is contradicted has its fix. Who owns the packages is kept for `namehold plan`.
    """
    session = session_of(ctx)
    portfolio = read_portfolio(session)
    profile = find_profile(portfolio)
    now = dt.datetime.now(dt.UTC)

    def find_token() -> LocatedToken:
        return locate_token(profile, username=portfolio.account.username, environment=session.environment)

    def examine(index: HttpIndex | None) -> Diagnosis:
        return diagnose(
            portfolio,
            profile=profile,
            ledger_path=ledger_path(session, profile.nickname),
            snapshot=_snapshot(session, profile),
            find_token=find_token,
            index=index,
            now=now,
        )

    if session.offline and not profile.is_loopback:
        found = examine(None)
    else:
        with HttpIndex(profile, contact=portfolio.organization.contact, policy=session.policy) as index:
            found = examine(index)
    if found.proofs:
        save_ownership(session, portfolio, found.proofs, now=now)
    emit(_table(found), lambda: documents.dump("doctor", found), form=form, output=output)
    _say(session, found)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def _snapshot(session: Session, profile: IndexProfile) -> SnapshotInfo | None:
    """The list of names that `plan` would use; one that can't be read is none."""
    try:
        view = open_snapshot(session, profile)
    except SnapshotError as error:
        session.say(escape(error.message))
        return None
    return view.info if view is not None else None


def _table(found: Diagnosis) -> Table:
    rows = [(check.what, str(check.finding), check.text, check.fix) for check in found.checks]
    return Table(columns=("what", "finding", "why", "what to do"), rows=rows)


def _say(session: Session, found: Diagnosis) -> None:
    sums = Counter(check.finding for check in found.checks)
    session.say(", ".join(f"{sums[finding]} {finding}" for finding in Finding if sums[finding]) + ".")
    red = [check for check in found.checks if check.finding is Finding.CONTRADICTED]
    if red:
        session.say(f"{count(len(red), 'line')} to mend first.")
        session.next_step(escape(red[0].fix))
    else:
        session.next_step("namehold plan")

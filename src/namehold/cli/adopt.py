"""`namehold adopt`: a project of ours that was there before counts among the held names from now on."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Annotated

import typer
from packaging.utils import NormalizedName
from rich.markup import escape

from namehold.cli.inputs import find_profile, ledger_path, load_plan, plan_path, read_portfolio, require_network
from namehold.cli.session import Session, session_of
from namehold.errors import InputError, UnsafePlan, UsageError
from namehold.index import HttpIndex, ProjectState
from namehold.ledger import EventKind, Ledger
from namehold.names import normalize
from namehold.portfolio import Portfolio
from namehold.text import count
from namehold.upkeep import find_refusal, make_adoption

app = typer.Typer()

_EPILOG = """\
Examples:

  namehold adopt acme-tol                        for the package that the last plan says

  namehold adopt acme-tol --for acme-tool --yes  without a plan and without a question

Exit codes: 0 adopted, 6 the index doesn't show it as yours.
"""


@app.command(epilog=_EPILOG)
def adopt(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The project on the index.")],
    target: Annotated[
        str | None,
        typer.Option("--for", metavar="PACKAGE", show_default=False, help="The package that its name is mistaken for."),
    ] = None,
) -> None:
    """Enter a project that the index shows as ours into the ledger, with its files and their digests.

    For placeholders that a colleague registered years ago: the index must show the account, the organization or a
    holder of names.yaml as its owner. From then on `status` compares it like every other held name. Nothing is sent.
    """
    session = session_of(ctx)
    portfolio = read_portfolio(session)
    profile = find_profile(portfolio)
    require_network(session, profile, what="adopt")
    adopted = normalize(name)
    package = _target(session, portfolio, adopted, target)
    with HttpIndex(profile, contact=portfolio.organization.contact, policy=session.policy) as index:
        state = index.project(adopted)
    path = ledger_path(session, profile.nickname)
    now = dt.datetime.now(dt.UTC)
    refusal = find_refusal(state, portfolio)
    if refusal is not None:
        raise UnsafePlan(f"{adopted} can't be adopted", diagnostics=(refusal,))
    _confirm(session, state, package)
    with Ledger.open(
        path,
        index=profile.nickname,
        username=portfolio.account.username,
        organization=portfolio.organization.name,
        time=now,
    ) as ledger:
        if adopted in ledger.holdings().names:
            session.say(f"{adopted} is in the ledger already.")
        else:
            ledger.append(EventKind.ADOPTION, make_adoption(state, target=package), time=now)
            session.say(f"{adopted} counts as held for {package}.")
    session.next_step("namehold status")


def _target(session: Session, portfolio: Portfolio, name: NormalizedName, given: str | None) -> NormalizedName:
    """The package that the name belongs to: as given, else as the last plan says. Raises UsageError."""
    packages = [package.name for package in portfolio.packages]
    if name in packages:
        raise UsageError(f"{name} is one of your packages", hint="adopt is for names around them")
    if given is not None:
        found: NormalizedName | None = normalize(given)
    else:
        try:
            assessed = load_plan(plan_path(session)).assessments
        except InputError:
            assessed = ()
        found = next((item.candidate.target for item in assessed if item.candidate.name == name), None)
    if found not in packages:
        raise UsageError(
            f"nobody says which package {name} is mistaken for", hint=f"namehold adopt {name} --for {packages[0]}"
        )
    return found


def _confirm(session: Session, state: ProjectState, target: NormalizedName) -> None:
    """A person's word; `--yes` gives it in advance. Raises UsageError where nobody can be asked."""
    session.say(escape(f"{state.name}: {count(len(state.files), 'file')} on the index, for {target}."))
    if session.yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("adopt asks for confirmation on a terminal", hint=f"namehold adopt {state.name} --yes")
    if not typer.confirm(f"Count {state.name} among the held names?", err=True):
        session.say("Nothing was written.")
        raise typer.Exit

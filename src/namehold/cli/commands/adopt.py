"""`namehold adopt`: a project of ours that was there before counts among the held names from now on."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Annotated

import typer
from packaging.utils import NormalizedName

from namehold.cli.options import argument, option
from namehold.cli.session import Session, session_of
from namehold.cli.workspace import Workspace
from namehold.errors import InputError, UnsafePlan, UsageError
from namehold.index import ProjectState
from namehold.names import normalize
from namehold.text import count
from namehold.upkeep import find_refusal, look_at, make_adoption

EPILOG = """\
Examples:

  namehold adopt acme-tol                        for the package that the last plan says

  namehold adopt acme-tol --for acme-tool --yes  without a plan and without a question

Exit codes: 0 adopted, 6 it isn't proved to be yours.
"""


def adopt(
    ctx: typer.Context,
    name: Annotated[str, argument("The project on the index.", "NAME")],
    target: Annotated[
        str | None, option("The package that its name is mistaken for.", "--for", metavar="PACKAGE")
    ] = None,
) -> None:
    """Enter a project that the index shows as ours into the ledger, with its files and their digests.

    For placeholders that were registered years ago. The proof is that of publishing: the package is proved to be yours,
    and the index shows the account or an owner of the package as the project's owner. Nothing is sent.
    """
    workspace = Workspace(session_of(ctx))
    workspace.require_complete()
    workspace.require_network("adopt")
    adopted = normalize(name)
    package = _target(workspace, adopted, target)
    portfolio, now = workspace.portfolio, dt.datetime.now(dt.UTC)
    with workspace.index() as index:
        found = look_at(
            adopted, package, portfolio=portfolio, index=index, web=index, profile=workspace.profile, now=now
        )
    workspace.save_proofs((found.proof,), now=now)
    refusal = find_refusal(found, portfolio)
    if refusal is not None:
        raise UnsafePlan(f"{adopted} can't be adopted", diagnostics=(refusal,))
    _confirm(workspace.session, found.state, package)
    with workspace.ledger() as ledger:
        if adopted in ledger.holdings().names:
            workspace.session.say(f"{adopted} is in the ledger already.")
        else:
            ledger.append(make_adoption(found.state, target=package, time=now))
            workspace.session.say(f"{adopted} counts as held for {package}.")
    workspace.session.next_step("namehold status")


def _target(workspace: Workspace, name: NormalizedName, given: str | None) -> NormalizedName:
    """The package that the name belongs to: as given, else as the last plan says. Raises UsageError."""
    packages = [package.name for package in workspace.portfolio.packages]
    if name in packages:
        raise UsageError(f"{name} is one of your packages", fix="adopt is for names around them")
    if given is not None:
        found: NormalizedName | None = normalize(given)
    else:
        try:
            assessed = workspace.plan().assessments
        except InputError:
            assessed = ()
        found = next((item.candidate.target for item in assessed if item.candidate.name == name), None)
    if found not in packages:
        raise UsageError(
            f"nobody says which package {name} is mistaken for", fix=f"namehold adopt {name} --for {packages[0]}"
        )
    return found


def _confirm(session: Session, state: ProjectState, target: NormalizedName) -> None:
    """A person's word; `--yes` gives it in advance. Raises UsageError where nobody can be asked."""
    session.say(f"{state.name}: {count(len(state.files), 'file')} on the index, for {target}.")
    if session.yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("adopt asks for confirmation on a terminal", fix=f"namehold adopt {state.name} --yes")
    if not typer.confirm(f"Count {state.name} among the held names?", err=True):
        session.say("Nothing was written.")
        raise typer.Exit

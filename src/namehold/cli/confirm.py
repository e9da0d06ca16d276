"""The last look before a public index hears of anything: a fresh list of names, a rehearsal, a person's word."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable

import typer
from packaging.utils import NormalizedName

from namehold.cli.workspace import Inputs, SystemClock, Workspace
from namehold.errors import CredentialError, UnsafePlan
from namehold.index import Token, TokenSource
from namehold.ledger import Holdings, LedgerPort
from namehold.plan import Plan, refuse
from namehold.plan.checks import APPROVAL_RULES, find_apply_refusals, require_fresh_snapshot
from namehold.text import count

#: What `prepare` or the call itself is about to bring: no reason not to ask a person and to rehearse.
_TO_COME = APPROVAL_RULES | {"guard-rehearsal"}


class NoTokens:
    """A run that sends nothing needs no token, and looks for none; satisfies `ports.TokenSource`."""

    def token_for(self, name: NormalizedName, *, now: dt.datetime) -> Token:  # noqa: ARG002 -- the port's signature
        """Raises CredentialError."""
        raise CredentialError(f"no token was looked for, so {name} can't be sent", fix="report this: it is a bug")


class LateTokens:
    """The account's token, looked for when something is really to be sent; satisfies `ports.TokenSource`.

    For runs that may find a file to send again, and mostly don't: those need no token.
    """

    def __init__(self, find: Callable[[], TokenSource]) -> None:
        self._find = find
        self._found: TokenSource | None = None

    def token_for(self, name: NormalizedName, *, now: dt.datetime) -> Token:
        """The token for `name`. Raises CredentialError."""
        if self._found is None:
            self._found = self._find()
        return self._found.token_for(name, now=now)


def prepare(workspace: Workspace, plan: Plan, fresh_plan: Plan, inputs: Inputs, *, ledger: LedgerPort) -> None:
    """Makes sure of all three; indexes that aren't public need only a fresh list of names.

    The actions are rehearsed here if they weren't, and on a terminal a person who publishes for the first time types
    the organization's name. Raises SnapshotError, PlanError, UnsafePlan.
    """
    now = SystemClock().now()
    require_fresh_snapshot(inputs.view.info if inputs.view else None, today=now.date(), profile=inputs.profile)
    if not inputs.profile.is_public or not plan.actions:
        return
    from namehold.publish import require_rehearsal  # noqa: PLC0415 -- only public indexes need a rehearsal

    findings = find_apply_refusals(
        plan,
        portfolio=inputs.portfolio,
        holdings=ledger.holdings(),
        profile=inputs.profile,
        now=now,
        fresh_plan=fresh_plan,
    )
    refuse(finding for finding in findings if finding.rule not in _TO_COME)
    workspace.make_key(ledger.holdings())
    rehearsed = require_rehearsal(
        plan,
        ledger,
        carry_out=lambda: workspace.rehearse(plan, inputs),
        now=now,
    )
    if rehearsed is not None:
        workspace.session.say(
            f"Rehearsed first: {count(len(rehearsed.held), 'name')} held, {len(rehearsed.runs)} runs."
        )
    confirm(plan, ledger.holdings(), ask=_ask if sys.stdin is not None and sys.stdin.isatty() else None)


def confirm(plan: Plan, holdings: Holdings, *, ask: Callable[[str], str] | None) -> None:
    """Before an account's first reservation a person types the organization's name; `ask` None: there is no terminal.

    Without a terminal the approval of the actions' digest is enough. Raises UnsafePlan if another text is typed.
    """
    if ask is None or holdings.names or holdings.settled:
        return
    names = count(len(plan.actions), "name")
    typed = ask(f"{names} on {plan.index}, for good. Type the organization's name to go on")
    if " ".join(typed.split()).casefold() != " ".join(plan.organization.split()).casefold():
        raise UnsafePlan(
            "the organization's name wasn't typed; nothing was sent",
            fix=f"read the plan (namehold plan); the name is the one in names.yaml: {plan.organization}",
        )


def _ask(text: str) -> str:
    return str(typer.prompt(text, default="", show_default=False, err=True))

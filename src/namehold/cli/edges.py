"""What a command that writes to an index needs beyond its inputs: clock, token, ledger, and the last look before it.

with open_ledger(session, inputs) as ledger, HttpIndex(...) as reader:
edges = make_edges(session, inputs, ledger=ledger, reader=reader, tokens=find_tokens(session, inputs))
prepare(session, plan, inputs, ledger=ledger)
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable

import typer

from namehold.cli.inputs import Inputs, ledger_path, save_ownership
from namehold.cli.session import Session
from namehold.errors import UnsafePlan
from namehold.index import HttpIndex, NarrowingTokens, TokenSource, TwineUploader, find_token
from namehold.ledger import Holdings, Ledger
from namehold.placeholder import PlaceholderBuilder
from namehold.plan import APPROVAL_RULES, Plan, find_apply_refusals, refuse, require_fresh_snapshot
from namehold.publish import Edges, require_rehearsal, run_rehearsal
from namehold.text import count

#: What `prepare` or the call itself is about to bring: no reason not to ask and run_rehearsal.
_TO_COME = APPROVAL_RULES | {"guard-rehearsal"}


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> dt.datetime:
        """Timezone-aware UTC time."""
        return dt.datetime.now(dt.UTC)


def open_ledger(session: Session, inputs: Inputs) -> Ledger:
    """The ledger of the index and the account of names.yaml, held for writing. Raises LedgerError."""
    return Ledger.open(
        ledger_path(session, inputs.profile.nickname),
        index=inputs.profile.nickname,
        username=inputs.portfolio.account.username,
        organization=inputs.portfolio.organization.name,
        time=SystemClock().now(),
    )


def find_tokens(session: Session, inputs: Inputs) -> NarrowingTokens:
    """The account's token from environment or keyring. Raises CredentialError."""
    tokens = NarrowingTokens(
        find_token(inputs.profile, username=inputs.portfolio.account.username, environment=session.environment)
    )
    if not tokens.can_narrow:
        session.say(
            "This token can't be narrowed on this machine (it is no macaroon): every upload carries all its rights."
        )
    return tokens


def make_edges(
    session: Session,
    inputs: Inputs,
    *,
    ledger: Ledger,
    reader: HttpIndex,
    tokens: TokenSource,
    wait_s: float = 0.0,
) -> Edges:
    """The real edges; `wait_s` is how many seconds the run may wait for slots."""
    return Edges(
        profile=inputs.profile,
        reader=reader,
        web=reader,
        uploader=TwineUploader(inputs.profile, contact=inputs.portfolio.organization.contact, policy=session.policy),
        tokens=tokens,
        ledger=ledger,
        renderer=inputs.templates,
        builder=PlaceholderBuilder(),
        clock=SystemClock(),
        # One for each ledger: who holds the ledger knows that nobody else works in its outbox.
        outbox=session.state / "outbox" / inputs.profile.nickname,
        sleep=time.sleep,
        wait_s=wait_s,
        keep_proofs=lambda proofs: save_ownership(session, inputs.portfolio, proofs, now=SystemClock().now()),
    )


def prepare(session: Session, plan: Plan, fresh_plan: Plan, inputs: Inputs, *, ledger: Ledger) -> None:
    """The last look before a public index hears of anything; other indexes need none.

    The list of names is fresh, the actions are rehearsed (here, if they weren't), and on a terminal a person who
    publishes for the first time types the organization's name. Raises SnapshotError, PlanError.
    """
    now = SystemClock().now()
    require_fresh_snapshot(inputs.view.info if inputs.view else None, today=now.date(), profile=inputs.profile)
    if not inputs.profile.is_public or not plan.actions:
        return
    findings = find_apply_refusals(
        plan,
        portfolio=inputs.portfolio,
        holdings=ledger.holdings(),
        profile=inputs.profile,
        now=now,
        fresh_plan=fresh_plan,
    )
    refuse(finding for finding in findings if finding.rule not in _TO_COME)
    rehearsed = require_rehearsal(
        plan,
        ledger,
        carry_out=lambda: run_rehearsal(
            plan,
            portfolio=inputs.portfolio,
            view=inputs.view,
            renderer=inputs.templates,
            builder=PlaceholderBuilder(),
            folder=session.state / "rehearsal",
        ),
        now=now,
    )
    if rehearsed is not None:
        session.say(f"Rehearsed first: {count(len(rehearsed.held), 'name')} held, {len(rehearsed.runs)} runs.")
    confirm(plan, ledger.holdings(), ask=_ask if sys.stdin is not None and sys.stdin.isatty() else None)


def confirm(plan: Plan, holdings: Holdings, *, ask: Callable[[str], str] | None) -> None:
    """Before an account's first reservation a person types the organization's name; `ask` None: nobody is there.

    Where nobody is there the approval of the actions' digest has to do. Raises UnsafePlan if another text is typed.
    """
    if ask is None or holdings.names or holdings.settled:
        return
    names = count(len(plan.actions), "name")
    typed = ask(f"{names} on {plan.index}, for good. Type the organization's name to go on")
    if " ".join(typed.split()).casefold() != " ".join(plan.organization.split()).casefold():
        raise UnsafePlan(
            "the organization's name wasn't typed; nothing was sent",
            hint=f"read the plan (namehold plan); the name is the one in names.yaml: {plan.organization}",
        )


def _ask(text: str) -> str:
    return str(typer.prompt(text, default="", show_default=False, err=True))

"""`namehold apply`: carries an approved plan out on the index that it names, as far as today's slots go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from namehold.cli.confirm import LateTokens, prepare
from namehold.cli.options import ApproveOption, FormatOption, OutputOption, PlanArgument, SnapshotOption, WaitOption
from namehold.cli.output import Format, emit
from namehold.cli.session import Session, from_slot, session_of, typed, warn_of_slot
from namehold.cli.workspace import Inputs, Workspace
from namehold.errors import ExitCode
from namehold.files import Place
from namehold.index import Outcome
from namehold.ledger import Receipt
from namehold.ownership import why_waiting
from namehold.plan import Action, Deferred, Plan, refuse
from namehold.plan.checks import find_held_back, find_unpublished, find_vouching
from namehold.portfolio import Portfolio
from namehold.text import Table, texts

if TYPE_CHECKING:
    from namehold.publish import ApplyResult

EPILOG = """\
Examples:

  namehold apply                                 what is approved and has a slot today

  namehold apply plan.json --approve sha256:...  a person's approval of exactly these actions

  namehold apply --wait 3600                     wait up to an hour for slots

The token comes from the keyring (keyring set namehold USER@INDEX) or from NAMEHOLD_TOKEN, never from an option.
Exit codes: 0 done, 5 credentials, 6 refused by a guard, 11 a package isn't proved to be yours (the others went on)
or a held name isn't as it was, 12 the quota is used (call again), 13 some names failed.
"""


def apply(
    ctx: typer.Context,
    plan: PlanArgument = None,
    approve: ApproveOption = "",
    wait: WaitOption = 0,
    snapshot: SnapshotOption = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Reserve what was approved: one name after the other, inside the index's quota, from one account.

    Stops cleanly when the quota is used; the next call goes on. Every name is written down before it is sent, and
    counts as held only once the index shows our files under our account. Reservations are for good.
    """
    workspace = Workspace(session_of(ctx))
    session, path = workspace.session, plan or workspace.plan_path
    workspace.require_complete()
    planned = workspace.plan(path)
    inputs = workspace.inputs(snapshot=snapshot)
    workspace.require_network("apply")
    result = _carry_out(workspace, planned, inputs, approve=approve, wait_s=wait)
    emit(_table(result), "apply", result, form, output)
    _say(session, result, planned, path, portfolio=inputs.portfolio)
    return result.exit_code


def _carry_out(workspace: Workspace, plan: Plan, inputs: Inputs, *, approve: str, wait_s: float) -> ApplyResult:
    from namehold.publish import carry_out  # noqa: PLC0415 -- brings the placeholder's builders along; help doesn't

    session = workspace.session
    # Who owns the packages is asked anew: what was kept of it has no say.
    fresh_plan = replace(inputs, proofs=()).plan(as_of=plan.provenance.as_of)
    if not inputs.profile.is_loopback:
        # Before a token is asked for that nothing could be sent with.
        refuse(find_unpublished(inputs.portfolio))
    from namehold.plan import find_left  # noqa: PLC0415 -- start-up time: it brings the planner along

    holdings = inputs.holdings
    is_sending = bool(find_left(plan, holdings) or holdings.unproven)
    tokens = workspace.tokens() if is_sending else LateTokens(workspace.tokens)
    with workspace.ledger() as ledger, workspace.index() as reader:
        workspace.say_unread(ledger.holdings(), is_waiting=is_sending and not approve)
        if approve:
            workspace.make_key(ledger.holdings())
        prepare(workspace, plan, fresh_plan, inputs, ledger=ledger)
        with session.count_off("Reserving", len(plan.actions)) as advance:

            def report(receipt: Receipt) -> None:
                advance(receipt)
                session.detail(f"{receipt.name}: {receipt.outcome}: {receipt.message}")

            return carry_out(
                plan,
                fresh_plan=fresh_plan,
                portfolio=inputs.portfolio,
                edges=workspace.edges(inputs, ledger=ledger, reader=reader, tokens=tokens, wait_s=wait_s),
                approve=approve,
                report=report,
            )


def _table(result: ApplyResult) -> Table:
    rows = [
        (f"{item.time:%Y-%m-%d %H:%M:%S}", item.name, item.target, item.outcome, item.message)
        for item in result.receipts
    ]
    return Table(columns=texts("time (UTC)", "name", "for", "outcome", "what the index says"), rows=rows)


def _say(session: Session, result: ApplyResult, plan: Plan, path: Place, *, portfolio: Portfolio) -> None:
    held = sum(receipt.outcome is Outcome.HELD for receipt in result.receipts)
    session.say(f"{held} of {len(plan.actions)} planned names newly held, {len(result.waiting)} waiting.")
    unproved = {proof.target for proof in result.unproved}
    # Another call alone would skip them again, but for what never arrived.
    skipped = {item.name for item in result.receipts if item.outcome is Outcome.SKIPPED} - {*result.lost}
    asked: list[Action | Deferred] = [*plan.actions, *find_held_back(plan)]
    for proof in result.unproved:
        names = ", ".join(item.name for item in asked if find_vouching(item.target, portfolio) == proof.target)
        session.say(f"{names}: waits for proof: {why_waiting(proof)}")
    for item in result.drift:
        session.say(f"{item.name}: {item.text}. {item.fix}")
    if result.stopped is not None:
        session.say(f"Stopped: {result.stopped.message}.")
    warn_of_slot(result.next_slot)
    if result.stopped is not None and result.stopped.exit_code not in {ExitCode.QUOTA, ExitCode.DONE}:
        session.next_step(result.stopped.fix)
    elif result.drift:
        session.next_step("namehold status")
    elif any(
        find_vouching(action.target, portfolio) not in unproved
        for action in plan.actions
        if action.name in result.waiting and action.name not in skipped
    ):
        session.next_step(f"namehold apply {typed(path)}{from_slot(result.next_slot)}")
    elif unproved:
        # Another call alone would find the same.
        session.next_step("namehold doctor")
    else:
        session.next_step("namehold status")

"""`namehold apply`: carries an approved plan out on the index that it names, as far as today's slots go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from namehold import documents
from namehold.cli.edges import find_tokens, make_edges, open_ledger, prepare
from namehold.cli.inputs import Inputs, load_inputs, load_plan, plan_path, require_network
from namehold.cli.output import Format, FormatOption, OutputOption, Table, emit
from namehold.cli.session import Session, session_of, typed
from namehold.errors import ExitCode
from namehold.index import HttpIndex, Outcome
from namehold.ledger import Receipt
from namehold.plan import Plan, find_unpublished, refuse
from namehold.publish import ApplyResult
from namehold.publish import apply_plan as carry_out

app = typer.Typer()

_EPILOG = """\
Examples:

  namehold apply                                 what is approved and has a slot today

  namehold apply plan.json --approve sha256:...  a person's approval of exactly these actions

  namehold apply --wait 3600                     wait up to an hour for slots

The token comes from the keyring (keyring set namehold USER@INDEX) or from NAMEHOLD_TOKEN, never from an option.
Exit codes: 0 done, 5 credentials, 6 refused by a guard, 12 the quota is used (call again), 13 some names failed.
"""


@app.command(epilog=_EPILOG)
def apply(
    ctx: typer.Context,
    plan: Annotated[
        Path | None, typer.Argument(metavar="[PLAN]", show_default=False, help="Default: .namehold/plan.json.")
    ] = None,
    approve: Annotated[
        str,
        typer.Option(
            metavar="DIGEST", show_default=False, help="Approve the plan's actions: the digest that it tells."
        ),
    ] = "",
    wait: Annotated[
        float,
        typer.Option(min=0, metavar="SECONDS", help="Wait for slots up to this long in all. Default: not at all."),
    ] = 0,
    snapshot: Annotated[
        Path | None,
        typer.Option("--snapshot", metavar="FILE", help="A complete list of the index's names, used this once."),
    ] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Reserve what was approved: one name after the other, inside the index's quota, from one account.

    Stops cleanly when the quota is used; the next call goes on. Every name is written down before it is sent, and
    counts as held only once the index shows our files under our account. Reservations are for good.
    """
    session = session_of(ctx)
    path = plan or plan_path(session)
    planned = load_plan(path)
    inputs = load_inputs(session, snapshot=snapshot)
    require_network(session, inputs.profile, what="apply")
    result = _carry_out(session, planned, inputs, approve=approve, wait_s=wait)
    emit(_table(result), lambda: documents.dump("apply", result), form=form, output=output)
    _say(session, result, planned, path)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def _carry_out(session: Session, plan: Plan, inputs: Inputs, *, approve: str, wait_s: float) -> ApplyResult:
    fresh_plan = inputs.plan(as_of=plan.provenance.as_of)
    if not inputs.profile.is_loopback:
        # Before a token is asked for that nothing could be sent with.
        refuse(find_unpublished(inputs.portfolio))
    tokens = find_tokens(session, inputs)
    with (
        open_ledger(session, inputs) as ledger,
        HttpIndex(inputs.profile, contact=inputs.portfolio.organization.contact, policy=session.policy) as reader,
    ):
        prepare(session, plan, fresh_plan, inputs, ledger=ledger)
        with session.progress() as progress:
            task = progress.add_task("Reserving", total=len(plan.actions))

            def report(receipt: Receipt) -> None:
                progress.advance(task)
                session.detail(f"{receipt.name}: {receipt.outcome}: {escape(receipt.message)}")

            return carry_out(
                plan,
                fresh_plan=fresh_plan,
                portfolio=inputs.portfolio,
                edges=make_edges(session, inputs, ledger=ledger, reader=reader, tokens=tokens, wait_s=wait_s),
                approve=approve,
                report=report,
            )


def _table(result: ApplyResult) -> Table:
    rows = [
        (f"{item.time:%Y-%m-%d %H:%M:%S}", item.name, item.target, str(item.outcome), item.message)
        for item in result.receipts
    ]
    return Table(columns=("time (UTC)", "name", "for", "outcome", "what the index says"), rows=rows)


def _say(session: Session, result: ApplyResult, plan: Plan, path: Path) -> None:
    held = sum(receipt.outcome is Outcome.HELD for receipt in result.receipts)
    session.say(f"{held} of {len(plan.actions)} planned names newly held, {len(result.waiting)} waiting.")
    if result.stopped is not None:
        session.say(f"Stopped: {escape(result.stopped.message)}.")
    if result.next_slot is not None:
        # The one line that a scheduled run must not lose to --quiet: when to come again.
        typer.echo(f"Next slot: {result.next_slot:%Y-%m-%dT%H:%M:%SZ}", err=True)
    if result.stopped is not None and result.stopped.exit_code not in {ExitCode.QUOTA, ExitCode.DONE}:
        session.next_step(escape(result.stopped.advice))
    elif result.waiting:
        when = f" (from {result.next_slot:%Y-%m-%d %H:%M} UTC on)" if result.next_slot is not None else ""
        session.next_step(f"namehold apply {escape(typed(path))}{when}")
    else:
        session.next_step("namehold status")

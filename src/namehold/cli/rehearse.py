"""`namehold run_rehearsal`: the whole plan against an index on this machine that answers like the real one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from namehold import documents
from namehold.cli.inputs import ledger_path, load_inputs, load_plan, plan_path
from namehold.cli.lists import read_list
from namehold.cli.output import Format, FormatOption, OutputOption, Table, emit, write_text
from namehold.cli.session import Session, refuse_idle, session_of, typed
from namehold.errors import ExitCode, LedgerError
from namehold.index import INDEX_QUOTA
from namehold.ledger import Ledger
from namehold.placeholder import PlaceholderBuilder
from namehold.plan import Plan
from namehold.portfolio import Portfolio
from namehold.publish import Rehearsal, record_rehearsal, run_rehearsal
from namehold.rehearsal import parse_quota, serve_forever
from namehold.text import count

if TYPE_CHECKING:
    from namehold.rehearsal import Faults

app = typer.Typer()

#: What the public index lets an account, and an address, create.
_QUOTA = f"{INDEX_QUOTA.limit}/{INDEX_QUOTA.window_s // 3600}h"

_EPILOG = """\
Examples:

  namehold run_rehearsal                              the plan of names.yaml, day after day, in seconds

  namehold run_rehearsal plan.json --format json      receipts and calendar for a script

  namehold run_rehearsal --faults 7                   the same, with everything that can go wrong

  namehold run_rehearsal --serve --user acme          an index for other clients, until Ctrl-C

  namehold run_rehearsal --serve --names names.txt --user-quota 20/1h
"""


@app.command("rehearse", epilog=_EPILOG)
def rehearse_plan(
    ctx: typer.Context,
    plan: Annotated[
        Path | None, typer.Argument(metavar="[PLAN]", show_default=False, help="Default: .namehold/plan.json.")
    ] = None,
    snapshot: Annotated[
        Path | None,
        typer.Option("--snapshot", metavar="FILE", help="A list of the index's names; these are strangers' then."),
    ] = None,
    faults: Annotated[
        int | None,
        typer.Option(
            metavar="SEED",
            show_default=False,
            help="Make the index misbehave: lost answers, errors, stale reads, rivals, administrators.",
        ),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Keep an empty index running in real time, for any client.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --serve: the port; 0 takes any free one.")] = 0,
    names: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --serve: names of strangers' projects, one a line.")
    ] = None,
    prohibited: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --serve: names that the administrators refuse.")
    ] = None,
    user: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="With --serve: an account; may be repeated.")
    ] = None,
    user_quota: Annotated[
        str,
        typer.Option(
            metavar="N/TIME",
            show_default=_QUOTA,
            help="With --serve: new projects of an account in a sliding window.",
        ),
    ] = "",
    address_quota: Annotated[
        str, typer.Option(metavar="N/TIME", show_default=_QUOTA, help="With --serve: the same for an IP address.")
    ] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Carry the plan out on an embedded index: real uploads, the real rules, a clock that jumps to the next slot.

    Nothing leaves this machine, and no token of yours is used.
    """
    session = session_of(ctx)
    if serve:
        refuse_idle({"PLAN": plan, "--snapshot": snapshot, "--faults": faults is not None}, "with --serve")
        serve_forever(
            port=port,
            names=_names_in(names),
            prohibited=_names_in(prohibited),
            users=user or ["owner"],
            user_quota=parse_quota(user_quota or _QUOTA),
            address_quota=parse_quota(address_quota or _QUOTA),
            write=lambda line: write_text(line, None),
        )
        return
    serving = {
        "--port": port,
        "--names": names,
        "--prohibited": prohibited,
        "--user": user,
        "--user-quota": user_quota,
        "--address-quota": address_quota,
    }
    refuse_idle(serving, "without --serve")
    path = plan or plan_path(session)
    planned = load_plan(path)
    inputs = load_inputs(session, snapshot=snapshot)
    with session.progress() as progress:
        task = progress.add_task("Rehearsing", total=len(planned.actions))
        result = run_rehearsal(
            planned,
            portfolio=inputs.portfolio,
            view=inputs.view,
            renderer=inputs.templates,
            builder=PlaceholderBuilder(),
            folder=session.state / "rehearsal",
            faults=_faults(faults),
            report=lambda _: progress.advance(task),
        )
    document = documents.dump("rehearsal", result)
    if faults is None:
        # What happened under faults says nothing of what to expect: it opens no way to the real index.
        write_text(document, session.state / "rehearsal.json")
        if result.exit_code is ExitCode.DONE:
            _record(session, planned, inputs.portfolio)
    emit(_table(result) if faults is None else _fault_table(result), lambda: document, form=form, output=output)
    _say(session, result, planned, path, is_faulty=faults is not None)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def _faults(seed: int | None) -> Faults | None:
    if seed is None:
        return None
    from namehold.rehearsal import Faults  # noqa: PLC0415 -- only few rehearsals ask for faults

    return Faults(seed=seed)


def _names_in(path: Path | None) -> tuple[str, ...]:
    return tuple(entry.text for entry in read_list(path)) if path is not None else ()


def _table(result: Rehearsal) -> Table:
    rows = [
        (f"{item.time:%Y-%m-%d %H:%M}", item.name, item.target, str(item.outcome), item.message)
        for item in result.receipts
    ]
    return Table(columns=("time (simulated)", "name", "for", "outcome", "what the index shows"), rows=rows)


def _fault_table(result: Rehearsal) -> Table:
    """What befell the runs; survived if nothing broke that must always hold."""
    survived = "no" if result.breaches else "yes"
    rows = [(kind, str(times), survived) for kind, times in result.faults]
    rows += [("broken", "", breach) for breach in result.breaches]
    return Table(columns=("fault", "times", "survived"), rows=rows)


def _record(session: Session, plan: Plan, portfolio: Portfolio) -> None:
    """The real ledger knows which actions were rehearsed; where it can't be had now, the rehearsal stands alone."""
    now = dt.datetime.now(dt.UTC)
    try:
        with Ledger.open(
            ledger_path(session, plan.index),
            index=plan.index,
            username=portfolio.account.username,
            organization=portfolio.organization.name,
            time=now,
        ) as ledger:
            record_rehearsal(plan, ledger, now=now)
    except LedgerError as error:
        session.say(f"The ledger doesn't know of this rehearsal: {escape(error.message)}")


def _say(session: Session, result: Rehearsal, plan: Plan, path: Path, *, is_faulty: bool) -> None:
    days = count(max(1, (result.ends.date() - result.begins.date()).days + 1), "simulated day")
    session.say(
        f"{len(result.held)} of {len(plan.actions)} names held after {days}, "
        f"{count(result.uploads, 'upload')}, {count(result.slots_spent, 'slot')} of the quota."
    )
    if result.waiting:
        session.say(f"Not held: {escape(', '.join(result.waiting))}")
    if is_faulty:
        if result.lost:
            session.say(f"Lost to rivals and administrators: {escape(', '.join(result.lost))}")
        number = sum(times for _, times in result.faults)
        broken = f"{len(result.breaches)} of the lasting rules broken"
        session.say(f"{count(number, 'fault')} in {count(len(result.runs), 'run')}; {broken}.")
        session.next_step(f"namehold run_rehearsal {escape(typed(path))}")
        return
    session.say(escape(f"Receipts and calendar: {session.state / 'rehearsal.json'}"))
    if result.exit_code is not ExitCode.DONE:
        session.next_step("put what can't be had under never in names.yaml, then: namehold plan")
        return
    apply = f"namehold apply {escape(typed(path))} --approve {plan.action_digest}"
    session.next_step(apply if plan.actions else "namehold report")

"""`namehold rehearse`: the whole plan against an index on this machine that answers like the real one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Annotated

import typer
from packaging.utils import NormalizedName

from namehold import candidates, documents, portfolio, publish, rehearsal
from namehold.cli.lists import read_list
from namehold.cli.options import FormatOption, OutputOption, PlanArgument, option, refuse_idle
from namehold.cli.output import Format, emit, write_text
from namehold.cli.session import Session, session_of, typed
from namehold.cli.workspace import Workspace
from namehold.errors import ExitCode, LedgerError
from namehold.files import Place
from namehold.index import REHEARSAL, IndexProfile, private_profile
from namehold.ownership import OwnershipRule, mark_unasked
from namehold.plan import Plan
from namehold.plan.checks import hold_back, why_targets_wait
from namehold.portfolio import Portfolio
from namehold.rehearsal import parse_quota
from namehold.text import Table, count, texts

#: What the public index lets an account, and an address, create.
_QUOTA = "4/24h"

EPILOG = """\
Examples:

  namehold rehearse                              the plan of names.yaml, day after day, in seconds

  namehold rehearse plan.json --format json      receipts and calendar for a script

  namehold rehearse --faults 7                   the same, with everything that can go wrong

  namehold rehearse --serve --user acme          an index for other clients, until Ctrl-C

  namehold rehearse --serve --names names.txt --user-quota 20/1h

  namehold rehearse --serve --owned names.yaml   your own packages on it, to try every command
"""


def rehearse(
    ctx: typer.Context,
    plan: PlanArgument = None,
    snapshot: Annotated[
        Path | None, option("A list of the index's names; these are strangers' then.", metavar="FILE")
    ] = None,
    faults: Annotated[
        int | None,
        option("Make the index misbehave: lost answers, errors, stale reads, rivals, administrators.", metavar="SEED"),
    ] = None,
    serve: Annotated[bool, option("Keep an index running in real time, for any client.", "--serve")] = False,
    port: Annotated[
        int, option("With --serve: the port; 0 takes any free one.", min=0, max=65535, show_default=True)
    ] = 0,
    names: Annotated[
        Path | None, option("With --serve: names of strangers' projects, one a line.", metavar="FILE")
    ] = None,
    prohibited: Annotated[
        Path | None, option("With --serve: names that the administrators refuse.", metavar="FILE")
    ] = None,
    owned: Annotated[
        Path | None,
        option("With --serve: your packages, as this names.yaml tells of them.", metavar="NAMES.YAML"),
    ] = None,
    user: Annotated[list[str] | None, option("With --serve: an account; may be repeated.", metavar="NAME")] = None,
    user_quota: Annotated[
        str,
        option("With --serve: new projects of an account in a sliding window.", metavar="N/TIME", show_default=_QUOTA),
    ] = "",
    address_quota: Annotated[
        str, option("With --serve: the same for an IP address.", metavar="N/TIME", show_default=_QUOTA)
    ] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Carry the plan out on an embedded index: real uploads, the real rules, a clock that jumps to the next slot.

    Nothing leaves this machine, and no token of yours is used.
    """
    session = session_of(ctx)
    if serve:
        refuse_idle({"PLAN": plan, "--snapshot": snapshot, "--faults": faults is not None}, "with --serve")
        mine = portfolio.load_portfolio(owned).portfolio if owned is not None else None
        accounts = [mine.account.username, *mine.account.holders] if mine is not None else []
        rehearsal.serve_forever(
            port=port,
            names=_names_in(names) if names is not None or mine is None else _strangers_of(mine),
            prohibited=_names_in(prohibited),
            users=list(dict.fromkeys([*accounts, *(user or [])])) or ["owner"],
            user_quota=parse_quota(user_quota or _QUOTA),
            address_quota=parse_quota(address_quota or _QUOTA),
            imitated=_imitated(mine),
            seed=lambda index: publish.play_situation(index, mine) if mine is not None else None,
            write=lambda line: _tell_served(session, mine, line),
        )
        return ExitCode.DONE
    serving = {
        "--port": port,
        "--names": names,
        "--prohibited": prohibited,
        "--owned": owned,
        "--user": user,
        "--user-quota": user_quota,
        "--address-quota": address_quota,
    }
    refuse_idle(serving, "without --serve")
    workspace = Workspace(session)
    workspace.require_complete()
    path = plan or workspace.plan_path
    planned = workspace.plan(path)
    inputs = workspace.inputs(snapshot=snapshot)
    whole, planned = (
        planned,
        hold_back(
            planned, why_targets_wait(inputs.proofs, today=dt.datetime.now(dt.UTC).date(), portfolio=inputs.portfolio)
        ),
    )
    misbehaviour = rehearsal.Faults(seed=faults) if faults is not None else None
    with session.count_off("Rehearsing", len(planned.actions)) as advance:
        result = workspace.rehearse(planned, inputs, faults=misbehaviour, report=advance)
    if faults is None:
        # What happened under faults says nothing of what to expect: it opens no way to the real index.
        write_text(documents.dump("rehearsal", result), session.state / "rehearsal.json")
        if planned.actions and result.exit_code is ExitCode.DONE:
            _record(workspace, planned)
    emit(
        _table(result, {proof.target for proof in inputs.proofs}) if faults is None else _fault_table(result),
        "rehearsal",
        result,
        form,
        output,
        is_private=True,
    )
    _say_waiting(session, planned)
    is_off = not inputs.portfolio.publishing.enabled and not inputs.profile.is_loopback
    send = "namehold doctor" if is_off else f"namehold apply {typed(path)} --approve {whole.action_digest}"
    _say(session, result, planned, path, send=send, is_faulty=faults is not None)
    return result.exit_code


def _names_in(path: Path | None) -> tuple[str, ...]:
    return tuple(entry.text for entry in read_list(path)) if path is not None else ()


def _strangers_of(mine: Portfolio) -> Iterable[str]:
    """The well-known projects, and those that a person has judged: the situation has strangers, too."""
    judged = {item.name for item in mine.look_alikes} | {item.name for item in mine.unrelated}
    return candidates.popular_names().ranks.keys() | judged


def _imitated(mine: Portfolio | None) -> IndexProfile | None:
    """The private index of names.yaml, if it has one: its rules hold then."""
    return private_profile(mine.index, nickname=mine.account.index) if mine is not None and mine.index else None


def _tell_served(session: Session, mine: Portfolio | None, line: str) -> None:
    """Where the index is, for programs; then, for one's own situation, what goes into a copy of names.yaml."""
    write_text(line, None)
    if mine is None:
        return
    served = json.loads(line)
    account = mine.account
    # A private index has fewer rules than the public one: what stands in for it has a name of its own.
    nickname = REHEARSAL if mine.index is None else f"{REHEARSAL}-{account.index}"
    holders = f"  holders: {json.dumps(account.holders)}\n" if account.holders else ""
    write_text(
        f"account:\n  index: {nickname}\n  username: {json.dumps(account.username)}\n{holders}"
        f"index:\n  upload: {served['upload']}\n  simple: {served['simple']}\n  json: {served['json']}\n",
        None,
    )
    session.say(
        "Put these lines into a copy of names.yaml, in place of its account and index. "
        "Then every command can be tried there, from another terminal, until Ctrl-C ends the index."
    )
    token = next(user["token"] for user in served["users"] if user["name"] == account.username)
    session.say(f"NAMEHOLD_TOKEN={token}", label="Its token, which is worth nothing elsewhere")
    session.next_step("namehold snapshot update, then namehold discover")


def _table(result: publish.Rehearsal, asked: Collection[NormalizedName]) -> Table:
    rows = [
        (f"{item.time:%Y-%m-%d %H:%M}", item.name, mark_unasked(item.target, asked), str(item.outcome), item.message)
        for item in result.receipts
    ]
    return Table(columns=texts("time (simulated)", "name", "for", "outcome", "what the index shows"), rows=rows)


def _fault_table(result: publish.Rehearsal) -> Table:
    """What befell the runs; survived if nothing broke that must always hold."""
    survived = "no" if result.breaches else "yes"
    rows = [(kind, str(times), survived) for kind, times in result.faults]
    rows += [("broken", "", breach) for breach in result.breaches]
    return Table(columns=texts("fault", "times", "survived"), rows=rows)


def _record(workspace: Workspace, plan: Plan) -> None:
    """The real ledger knows which actions were rehearsed; where it can't be had now, the rehearsal stands alone."""
    try:
        with workspace.ledger(plan.index) as ledger:
            workspace.make_key(ledger.holdings())
            publish.record_rehearsal(plan, ledger, now=dt.datetime.now(dt.UTC))
    except LedgerError as error:
        workspace.session.say(f"The ledger doesn't know of this rehearsal: {error.message}")


def _say_waiting(session: Session, plan: Plan) -> None:
    """What isn't rehearsed, because it can't be sent yet."""
    for item in plan.deferred:
        if item.reason.rule in frozenset(OwnershipRule):
            session.say(f"{item.name} waits: {item.reason.text}")


def _say(session: Session, result: publish.Rehearsal, plan: Plan, path: Place, *, send: str, is_faulty: bool) -> None:
    days = count(max(1, (result.ends.date() - result.begins.date()).days + 1), "simulated day")
    session.say(
        f"{len(result.held)} of {len(plan.actions)} names held after {days}, "
        f"{count(result.uploads, 'upload')}, {count(result.slots_spent, 'slot')} of the quota."
    )
    if result.waiting:
        session.say(f"Not held: {', '.join(result.waiting)}")
    if is_faulty:
        if result.lost:
            session.say(f"Lost to rivals and administrators: {', '.join(result.lost)}")
        number = sum(times for _, times in result.faults)
        broken = f"{len(result.breaches)} of the lasting rules broken"
        session.say(f"{count(number, 'fault')} in {count(len(result.runs), 'run')}; {broken}.")
        session.next_step(f"namehold rehearse {typed(path)}")
        return
    session.say(f"Receipts and calendar: {session.state / 'rehearsal.json'}")
    if result.exit_code is not ExitCode.DONE:
        session.next_step("put what can't be had under never in names.yaml, then: namehold plan")
        return
    session.next_step(send if plan.actions else "namehold report")

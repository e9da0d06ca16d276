"""`namehold run`: the whole line once, for a scheduler: refresh, plan, apply what is approved, verify, report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from packaging.utils import NormalizedName
from rich.markup import escape

from namehold import documents
from namehold.cli.edges import SystemClock, find_tokens, make_edges, open_ledger, prepare
from namehold.cli.inputs import Inputs, load_inputs, load_plan, open_snapshot, plan_path, snapshot_store
from namehold.cli.output import Format as TableFormat
from namehold.cli.output import OutputOption, Table, render_table, write_pieces, write_text
from namehold.cli.session import Session, session_of, warn
from namehold.errors import CredentialError, ExitCode, IndexError_, InputError, SnapshotError
from namehold.index import HttpIndex, Token, TokenSource
from namehold.plan import Plan, find_plan_refusals, find_unpublished, refuse
from namehold.portfolio import make_renewal_entry, show_section
from namehold.publish import RunItem, RunResult, find_news
from namehold.publish import run_unattended as run_once
from namehold.text import count, visible

app = typer.Typer()

_EPILOG = """\
Examples:

  namehold run                                   without an approval it only reports; exit 10 if names wait for one

  namehold run --approve sha256:...              a person's approval of exactly the plan's actions; then it goes on

  namehold run --only-new --quiet                for a scheduler: says only what the last run didn't

  namehold run --format markdown -o run.md

Exit codes: 0 done, 4 index, 5 credentials, 6 refused by a guard, 10 names wait for approval, 11 findings, 12 the quota
is used (the next run goes on), 13 some names failed.
"""

#: A list of names that was taken today is new enough for today's run.
_REFRESH_AFTER_DAYS = 1


class Format(StrEnum):
    """How the result is written."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


@app.command(epilog=_EPILOG)
def run(
    ctx: typer.Context,
    approve: Annotated[
        str,
        typer.Option(metavar="DIGEST", show_default=False, help="Approve the actions of the plan with this digest."),
    ] = "",
    only_new: Annotated[bool, typer.Option("--only-new", help="Report what has changed since the last run.")] = False,
    wait: Annotated[
        float,
        typer.Option(min=0, metavar="SECONDS", help="Wait for slots up to this long in all. Default: not at all."),
    ] = 0,
    snapshot: Annotated[
        Path | None,
        typer.Option("--snapshot", metavar="FILE", help="A complete list of the index's names, instead of a new one."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", "-f", help="How the result is written.")] = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Do today's share: bring everything up to date, plan, reserve what was approved, check what is held, report.

    Safe to call again at any time: what is done stays done, and nothing is sent that nobody approved. What is new in
    the plan waits for an approval of its own, while the approved names go on inside the index's quota.
    """
    session = session_of(ctx)
    inputs = load_inputs(session, snapshot=snapshot)
    result = _run(session, inputs, approve=approve, wait_s=wait, is_given_names=snapshot is not None)
    last = _read_last(_last_path(session)) if only_new else None
    write_text(documents.dump("run", result), _last_path(session))
    shown = find_news(result, last)
    text = documents.dump("run", shown) if form is Format.JSON else _as_text(shown, form, is_brief=only_new)
    if text or output is not None:
        write_text(text, output)
    _say(session, result, is_brief=only_new and session.quiet)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def _run(session: Session, inputs: Inputs, *, approve: str, wait_s: float, is_given_names: bool) -> RunResult:
    is_offline = session.offline and not inputs.profile.is_loopback
    read = _read_plan(session) if approve else None
    with (
        open_ledger(session, inputs) as ledger,
        HttpIndex(inputs.profile, contact=inputs.portfolio.organization.contact, policy=session.policy) as reader,
    ):
        current = inputs

        def refresh() -> Plan:
            nonlocal current
            if not is_given_names and not is_offline:
                _refresh_names(session, inputs)
                current = replace(current, view=open_snapshot(session, inputs.profile))
            # The ledger is held by now: nobody else changes it under the plan.
            current = replace(current, holdings=ledger.holdings())
            plan = current.plan(as_of=SystemClock().now().date())
            refuse(
                find_plan_refusals(
                    plan,
                    portfolio=current.portfolio,
                    holdings=current.holdings,
                    profile=current.profile,
                    territory=current.territory(),
                )
            )
            write_pieces(documents.dump_records("plan", plan), plan_path(session))
            return plan

        def make_ready(approved: Plan, plan: Plan) -> TokenSource:
            if not current.profile.is_loopback:
                refuse(find_unpublished(current.portfolio))
            tokens = find_tokens(session, current)
            prepare(session, approved, plan, current, ledger=ledger)
            return tokens

        return run_once(
            refresh=refresh,
            prepare=make_ready,
            portfolio=inputs.portfolio,
            edges=make_edges(session, inputs, ledger=ledger, reader=reader, tokens=_NoTokens(), wait_s=wait_s),
            approve=approve,
            read=read,
            is_offline=is_offline,
            report=lambda receipt: session.detail(f"{receipt.name}: {receipt.outcome}: {escape(receipt.message)}"),
        )


class _NoTokens:
    """A run that sends nothing needs no token, and looks for none."""

    def token_for(self, name: NormalizedName, *, now: dt.datetime) -> Token:  # noqa: ARG002 -- the port's signature
        raise CredentialError(f"no token was looked for, so {name} can't be sent", hint="report this: it is a bug")


def _refresh_names(session: Session, inputs: Inputs) -> None:
    """A new list of the index's names, unless today's is there. The old one has to do where none can be had."""
    old = inputs.view.info if inputs.view is not None else None
    today = SystemClock().now().date()
    if old is not None and old.complete and old.age_days(today) < _REFRESH_AFTER_DAYS:
        return
    try:
        snapshot_store(session, inputs.profile).update(
            inputs.profile,
            contact=inputs.portfolio.organization.contact,
            policy=session.policy,
            today=today,
            offline=session.offline,
        )
    except (IndexError_, SnapshotError) as error:
        if old is None:
            raise
        session.say(f"The list of names of {old.taken} has to do: {escape(error.message)}")


def _read_plan(session: Session) -> Plan | None:
    """The plan that the person had before them when they approved; None if there is none that can be read."""
    try:
        return load_plan(plan_path(session))
    except InputError:
        return None


def _last_path(session: Session) -> Path:
    return session.state / "last-run.json"


def _read_last(path: Path) -> RunResult | None:
    """What the last run reported; None where it can't be read: then everything is new."""
    try:
        return documents.load("run", RunResult, path.read_text("utf-8"), path=str(path))
    except (OSError, UnicodeDecodeError, InputError):
        return None


# --------------------------------------------------------------------------- what people read


def _as_text(result: RunResult, form: Format, *, is_brief: bool) -> str:
    """What needs a person first, the summary, then every name once. Empty where a brief report has no news."""
    rows = [
        *_rows("done", result.done),
        *_rows("failed", result.failed),
        *_rows("skipped", result.skipped),
        *_rows("waiting", result.waiting),
        *(("finding", item.name, "", item.text) for item in result.drift),
    ]
    first = _first_lines(result)
    if is_brief and not rows and not first:
        return ""
    table = Table(columns=("list", "name", "for", "what"), rows=rows)
    if form is Format.MARKDOWN:
        lines = [*first, f"{_summary(result)}."]
        return "\n\n".join([*lines, *([render_table(table, TableFormat.MARKDOWN)] if rows else [])])
    return "\n".join([*first, f"{_summary(result)}.", *(["", render_table(table, TableFormat.TABLE)] if rows else [])])


def _first_lines(result: RunResult) -> list[str]:
    """What nobody but a person can do, before anything else."""
    lines = []
    if result.undecided:
        names = ", ".join(result.undecided)
        lines.append(f"STOPPED: the index took away {names}. Ask its administrators and write down what they said.")
    if result.reviews_due:
        due = ", ".join(f"{item.name} ({item.date})" for item in result.reviews_due)
        lines.append(f"Promised reviews are due: {due}.")
    return lines


def _rows(label: str, items: Sequence[RunItem]) -> list[tuple[str, ...]]:
    return [(label, item.name, item.target, item.text) for item in items]


def _summary(result: RunResult) -> str:
    lists = (("done", result.done), ("failed", result.failed), ("skipped", result.skipped), ("waiting", result.waiting))
    numbers = ", ".join(f"{len(items)} {label}" for label, items in lists)
    held = f"{count(result.held, 'name')} held"
    return f"{visible(result.organization)} on {result.index}, {result.time:%Y-%m-%d %H:%M} UTC: {numbers}; {held}"


def _say(session: Session, result: RunResult, *, is_brief: bool) -> None:
    for diagnostic in result.diagnostics:
        warn(str(diagnostic))
    stopped = result.stopped
    if stopped is not None and stopped.exit_code not in {ExitCode.QUOTA, ExitCode.DONE}:
        warn(f"namehold: {stopped.message}")
    elif stopped is not None:
        session.say(f"Stopped: {escape(stopped.message)}.")
    if result.next_slot is not None and not is_brief:
        # The one line that a script must not lose to --quiet: when to come again.
        warn(f"Next slot: {result.next_slot:%Y-%m-%dT%H:%M:%SZ}")
    if result.unapproved and result.action_digest:
        session.say(f"{count(len(result.unapproved), 'name')} wait for approval; read them: {plan_path(session)}")
    for item in result.drift:
        if item.renewal is not None:
            session.say(escape(f"{item.name}: {item.fix}."))
            session.say(escape(show_section("renew", make_renewal_entry(item.renewal))))
    session.next_step(escape(_next_step(result)))


def _next_step(result: RunResult) -> str:
    stopped = result.stopped
    if stopped is not None and stopped.exit_code not in {ExitCode.QUOTA, ExitCode.DONE}:
        return stopped.advice or "namehold status"
    if result.unapproved:
        return f"namehold run --approve {result.action_digest}"
    if result.waiting:
        when = f" (from {result.next_slot:%Y-%m-%d %H:%M} UTC on)" if result.next_slot is not None else ""
        return f"namehold run{when}"
    return "namehold status" if result.drift else "namehold report"

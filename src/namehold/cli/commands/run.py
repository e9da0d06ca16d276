"""`namehold run`: the whole line once, for a scheduler: refresh, plan, apply what is approved, verify, report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import Annotated

import typer

from namehold import documents, publish
from namehold.cli.confirm import LateTokens, NoTokens, prepare
from namehold.cli.fetching import fetch_list, warn_of_list
from namehold.cli.kept import load_kept
from namehold.cli.options import ApproveOption, FormatOption, OutputOption, SnapshotOption, WaitOption, option
from namehold.cli.output import Format, line_width, render_table, wrap_text, write_pieces, write_text
from namehold.cli.session import from_slot, session_of, warn, warn_of_slot
from namehold.cli.telling import find_in_run, tell
from namehold.cli.workspace import Inputs, SystemClock, Workspace
from namehold.errors import ExitCode, IndexError_, InputError, LedgerLocked, SnapshotError
from namehold.index import TokenSource
from namehold.ownership import OwnershipProof
from namehold.plan import Plan, Territory, dump_plan, refuse
from namehold.plan.checks import find_unpublished, why_targets_wait
from namehold.text import Table, count, texts, visible

EPILOG = """\
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


def run(
    ctx: typer.Context,
    approve: ApproveOption = "",
    only_new: Annotated[bool, option("Report what has changed since the last run.", "--only-new")] = False,
    wait: WaitOption = 0,
    snapshot: SnapshotOption = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Do today's share: bring everything up to date, plan, reserve what was approved, check what is held, report.

    Safe to call again at any time: what is done stays done, and nothing is sent without an approval. What is new in
    the plan waits for an approval of its own, while the approved names go on inside the index's quota.
    """
    workspace = Workspace(session_of(ctx))
    workspace.require_complete()
    session, inputs = workspace.session, workspace.inputs(snapshot=snapshot)
    try:
        result = _run(workspace, inputs, approve=approve, wait_s=wait, is_given_names=snapshot is not None)
    except LedgerLocked as error:
        if approve:
            raise
        # A scheduler that starts the next run before the last one has ended: that one does today's share.
        session.say(f"Nothing to do: {error.message}.")
        return ExitCode.DONE
    kept = session.state / "last-run.json"
    last = load_kept(kept, "run", publish.RunResult) if only_new else None
    write_text(documents.dump("run", result), kept)
    shown = publish.find_news(result, last)
    if form is Format.JSON:
        text = documents.dump("run", shown)
    else:
        text = _as_text(shown, form, is_brief=only_new, width=line_width(output))
    if text or output is not None:
        write_text(text, output, is_private=True)
    _say(workspace, result, shown=shown, is_only_new=only_new)
    tell(workspace, "run", find_in_run(result))
    return result.exit_code


def _run(
    workspace: Workspace, inputs: Inputs, *, approve: str, wait_s: float, is_given_names: bool
) -> publish.RunResult:
    session, is_offline = workspace.session, not workspace.can_ask()
    read = None
    if approve:
        # The plan that the person had before them; one that can't be read is none.
        with suppress(InputError):
            read = workspace.plan()
    with workspace.ledger() as ledger, workspace.index() as reader:
        current = inputs
        if approve:
            workspace.say_unread(ledger.holdings())
            workspace.make_key(ledger.holdings())

        def refresh() -> Plan:
            nonlocal current
            if not is_given_names and not is_offline:
                _refresh_names(workspace, inputs)
                current = replace(current, view=workspace.snapshot())
            # The ledger is held by now: no other run changes it under the plan.
            current = replace(current, holdings=ledger.holdings())
            plan = _plan_with_proofs(current, edges, is_offline=is_offline)
            current.require_safe(plan)
            write_pieces(dump_plan(plan), workspace.plan_path)
            return plan

        def territory(proofs: Collection[OwnershipProof], *, as_of: dt.date) -> Territory:
            return current.territory(proofs, as_of=as_of)

        def make_ready(approved: Plan, plan: Plan) -> TokenSource:
            if not current.profile.is_loopback:
                refuse(find_unpublished(current.portfolio))
            is_sending = bool(approved.actions or ledger.holdings().unproven)
            tokens = workspace.tokens() if is_sending else LateTokens(workspace.tokens)
            prepare(workspace, approved, plan, current, ledger=ledger)
            return tokens

        edges = workspace.edges(inputs, ledger=ledger, reader=reader, tokens=NoTokens(), wait_s=wait_s)
        result = publish.run_once(
            refresh=refresh,
            prepare=make_ready,
            portfolio=inputs.portfolio,
            edges=replace(edges, listed=lambda: current.view, territory=territory),
            approve=approve,
            read=read,
            is_offline=is_offline,
            report=lambda receipt: session.detail(f"{receipt.name}: {receipt.outcome}: {receipt.message}"),
        )
        if not approve:
            workspace.say_unread(ledger.holdings(), is_waiting=bool(result.unapproved))
        return result


def _plan_with_proofs(inputs: Inputs, edges: publish.Edges, *, is_offline: bool) -> Plan:
    """Today's plan: the index is asked who owns the packages that it is about, and it is made again where some wait.

    Offline it uses the answers that were kept.
    """
    now = SystemClock().now()
    if is_offline:
        return inputs.plan(as_of=now.date())
    plan = replace(inputs, proofs=()).plan(as_of=now.date())
    proofs = publish.prove_targets(plan.actions, portfolio=inputs.portfolio, edges=edges, now=now)
    if not why_targets_wait(proofs, today=now.date(), portfolio=inputs.portfolio):
        return plan
    return replace(inputs, proofs=proofs).plan(as_of=now.date())


def _refresh_names(workspace: Workspace, inputs: Inputs) -> None:
    """A new list of the index's names, unless today's is there. The old one is used where no new one can be had."""
    old = inputs.view.info if inputs.view is not None else None
    today = SystemClock().now().date()
    # A list that is dated in the future, by its file's time or a clock that was wrong, would stay new for ever.
    if old is not None and old.complete and 0 <= old.age_days(today) < _REFRESH_AFTER_DAYS:
        return
    try:
        stored = fetch_list(workspace, inputs.profile, contact=workspace.contact)
    except (IndexError_, SnapshotError) as error:
        if old is None:
            raise
        # One night without the index passes. A list that is refused, or can't be had for long, waits for a person, who
        # reads no more than what a scheduler's --quiet lets through.
        say = warn if isinstance(error, SnapshotError) or old.is_stale(today) else workspace.session.say
        say(f"The list of names of {old.taken} is used: {error.in_one_line()}")
    else:
        warn_of_list(workspace.session, stored, index=inputs.profile)


# --------------------------------------------------------------------------- what people read


def _as_text(result: publish.RunResult, form: Format, *, is_brief: bool, width: int | None) -> str:
    """What needs a person first, the summary, then every name once. Empty where a brief report has no news."""
    from namehold.portfolio import renew_lines  # noqa: PLC0415 -- start-up time

    rows: list[tuple[str, ...]] = [
        (label, item.name, item.target, item.text) for label, items in result.lists for item in items
    ]
    rows += [("finding", item.name, "", item.text) for item in result.drift]
    first = _first_lines(result)
    if is_brief and not rows and not first:
        return ""
    table = Table(columns=texts("list", "name", "for", "what"), rows=rows)
    if form is Format.CSV:
        return render_table(table, form)
    # Lines that follow each other are one paragraph in Markdown.
    break_ = "\n\n" if form is Format.MARKDOWN else "\n"
    head = break_.join([*first, f"{_summary(result, is_brief=is_brief)}."])
    if form is Format.TABLE:
        head = wrap_text(head, width)
    # What a person copies is data.
    to_copy = renew_lines(item.renewal for item in result.drift)
    if to_copy and form is Format.MARKDOWN:
        to_copy = f"```yaml\n{to_copy}\n```"
    return "\n\n".join(filter(None, [head, render_table(table, form, width=width) if rows else "", to_copy]))


def _first_lines(result: publish.RunResult) -> list[str]:
    """What only a person can do, before anything else."""
    lines = []
    if result.undecided:
        names = ", ".join(result.undecided)
        lines.append(f"STOPPED: the index took away {names}. Ask its administrators and write down what they said.")
    if result.reviews_due:
        due = ", ".join(f"{item.name} ({item.date})" for item in result.reviews_due)
        names = ",".join(item.name for item in result.reviews_due)
        lines.append(f"Promised reviews are due: {due}. Look at them, then: namehold status --reviewed {names}")
    return lines


def _summary(result: publish.RunResult, *, is_brief: bool) -> str:
    """Where, when, and how much; a brief report has no sums, which would leave out what it doesn't show."""
    place = f"{visible(result.organization)} on {result.index}, {result.time:%Y-%m-%d %H:%M} UTC"
    if is_brief:
        return f"{place}: new since the last run"
    numbers = ", ".join(f"{len(items)} {label}" for label, items in result.lists)
    return f"{place}: {numbers}; {count(result.held, 'name')} held"


def _say(workspace: Workspace, result: publish.RunResult, *, shown: publish.RunResult, is_only_new: bool) -> None:
    """What is to be said beside the report of `shown`, the part of `result` that it tells."""
    session = workspace.session
    is_brief = is_only_new and session.quiet
    for diagnostic in result.diagnostics:
        warn(str(diagnostic))
    stopped = result.stopped
    if stopped is not None and stopped.exit_code not in {ExitCode.QUOTA, ExitCode.DONE, ExitCode.INTERRUPTED}:
        warn(f"namehold: {stopped.message}")
    elif stopped is not None:
        session.say(f"Stopped: {stopped.message}.")
    warn_of_slot(result.next_slot if not is_brief else None)
    if shown.unapproved and result.action_digest:
        number = len(shown.unapproved)
        waiting = f"{count(number, 'name')} wait{'s' if number == 1 else ''} for approval"
        first = "New since the last run: " if is_only_new else ""
        session.say(f"{first}{waiting}; read them: {workspace.plan_path}")
    for item in shown.drift:
        if item.renewal is not None:
            session.say(f"{item.name}: {item.fix}.")
    session.next_step(_next_step(result))


def _next_step(result: publish.RunResult) -> str:
    stopped = result.stopped
    if stopped is not None and stopped.exit_code not in {ExitCode.QUOTA, ExitCode.DONE}:
        return stopped.fix or "namehold status"
    if result.unapproved:
        return f"namehold run --approve {result.action_digest}"
    if any(item.rule in {"slot", "proof"} for item in result.waiting):
        return f"namehold run{from_slot(result.next_slot)}"
    if result.waiting:
        # A package isn't proved: another run alone would find the same.
        return "namehold doctor"
    return "namehold status" if result.drift else "namehold report"

"""`namehold adopt`: projects of ours that were there before count among the held names from now on."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer
from packaging.utils import NormalizedName

from namehold.cli.options import FormatOption, OutputOption, argument, option, refuse_idle
from namehold.cli.output import Format, emit, write_text
from namehold.cli.session import Session, session_of
from namehold.cli.workspace import Workspace
from namehold.errors import Diagnostic, ExitCode, IndexError_, InputError, UnsafePlan, UsageError
from namehold.index import ask_each
from namehold.ledger import Holdings
from namehold.names import normalize
from namehold.portfolio import Renewal
from namehold.text import Table, count, texts
from namehold.upkeep import Judged, Look, judge, judge_for, list_candidates, take

#: The rule of a project about which the index gave no usable answer.
_UNREAD = "adopt-unread"
#: Why a placeholder of other tools gets a later version; it stands on that one's page.
_REASON = "The earlier placeholder doesn't say all that it should."

EPILOG = """\
Examples:

  namehold adopt acme-tol                        for the package that the last plan says

  namehold adopt acme-tol --for acme-tool --yes  without a plan and without a question

  namehold adopt --all                           every placeholder of the account that is proved to be yours

Exit codes: 0 done, 6 the named project isn't proved to be yours, 13 the index couldn't tell of every project.
"""


def adopt(
    ctx: typer.Context,
    name: Annotated[str, argument("The project on the index.", "[NAME]")] = "",
    target: Annotated[str, option("The package that its name is mistaken for.", "--for", metavar="PACKAGE")] = "",
    every: Annotated[bool, option("Every placeholder of the account that the ledger lacks.", "--all")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Enter projects that the index shows as ours into the ledger, with their files and digests.

    For placeholders that were registered years ago, and for a lost ledger. The proof is that of publishing: the package
    is proved to be yours, and the index shows the account or an owner of the package as the project's owner. With --all
    one table shows every project of the account; what is in doubt is left out, with the reason. Nothing is sent.
    """
    if every:
        refuse_idle({"NAME": name, "--for": target}, "with --all")
    elif not name:
        raise UsageError("adopt takes the name of a project", fix="namehold adopt NAME, or namehold adopt --all")
    workspace = Workspace(session_of(ctx))
    workspace.require_complete()
    workspace.require_network("adopt")
    judged, look = _judge_all(workspace) if every else _judge_one(workspace, normalize(name), target)
    emit(_table(judged), "adopt", {"names": judged}, form, output)
    if not judged:
        workspace.session.say("Beside your packages and the ledger's names, the index lists no project of the account.")
    if _is_confirmed(workspace.session, judged, name=name):
        with workspace.ledger() as ledger:
            known = ledger.holdings().names
            number = take([item for item in judged if item.name not in known], ledger, look=look)
            holdings = ledger.holdings()
        _say(workspace.session, judged, number)
        _propose(workspace.session, judged, holdings, is_table=form is Format.TABLE and output is None)
    workspace.session.next_step("namehold status")
    is_partly = any(item.refusal is not None and item.refusal.rule == _UNREAD for item in judged)
    return ExitCode.PARTLY_FAILED if is_partly else ExitCode.DONE


# --------------------------------------------------------------------------- judging


def _judge_one(workspace: Workspace, name: NormalizedName, given: str) -> tuple[tuple[Judged, ...], Look]:
    """What a person names. Raises UnsafePlan if it isn't proved to be ours."""
    target = _target(workspace, name, given)
    with workspace.index() as index:
        look = Look(index=index, web=index, profile=workspace.profile, time=dt.datetime.now(dt.UTC))
        holdings = workspace.holdings()
        judged = judge_for(name, target, holdings=holdings, portfolio=workspace.portfolio, look=look)
    workspace.save_proofs(tuple(look.proofs.values()), now=look.time)
    if judged.refusal is not None:
        raise UnsafePlan(f"{name} can't be adopted", diagnostics=(judged.refusal,))
    return (judged,), look


def _judge_all(workspace: Workspace) -> tuple[tuple[Judged, ...], Look]:
    """Everything of the account that the ledger lacks."""
    portfolio, holdings = workspace.portfolio, workspace.holdings()
    targets = _planned_targets(workspace)
    with workspace.index() as index:
        look = Look(index=index, web=index, profile=workspace.profile, time=dt.datetime.now(dt.UTC))
        names = list_candidates(index, portfolio=portfolio, targets=targets, holdings=holdings)
        judge_one = partial(judge, targets=targets, holdings=holdings, portfolio=portfolio, look=look)
        judged = []
        with workspace.session.count_off("Judging", len(names)) as advance:
            for item in ask_each(names, judge_one, leave_out=_leave_out):
                judged.append(item)
                advance(item.name)
    workspace.save_proofs(tuple(look.proofs.values()), now=look.time)
    return tuple(judged), look


def _leave_out(name: NormalizedName, error: IndexError_) -> Judged:
    """What the index can't tell of now is in doubt."""
    refusal = Diagnostic(message=error.message, rule=_UNREAD, fix="call again later")
    return Judged(name=name, target=None, version="", files=0, refusal=refusal)


def _planned_targets(workspace: Workspace) -> dict[NormalizedName, NormalizedName]:
    """The package of every name that the last plan is about; empty without a plan."""
    try:
        plan = workspace.plan()
    except InputError:
        return {}
    return dict(plan.find_taken()) | {action.name: action.target for action in plan.actions}


def _target(workspace: Workspace, name: NormalizedName, given: str) -> NormalizedName:
    """The package that the name belongs to: as given, else as the last plan says. Raises UsageError."""
    packages = [package.name for package in workspace.portfolio.packages]
    if name in packages:
        raise UsageError(f"{name} is one of your packages", fix="adopt is for names around them")
    if given:
        found: NormalizedName | None = normalize(given)
    else:
        try:
            assessed = workspace.plan().find([name])
        except InputError:
            assessed = {}
        found = assessed[name].candidate.target if name in assessed else None
    if found not in packages:
        raise UsageError(
            f"nothing says which package {name} is mistaken for", fix=f"namehold adopt {name} --for {packages[0]}"
        )
    return found


# --------------------------------------------------------------------------- what people read


def _table(judged: Sequence[Judged]) -> Table:
    rows = [
        (
            item.name,
            item.target or "",
            item.version,
            str(item.files),
            "ours" if item.refusal is None else "left out",
            _remark(item) if item.refusal is None else f"{item.refusal.message}. {item.refusal.fix}",
        )
        for item in judged
    ]
    return Table(columns=texts("name", "for", "version", "files", "state", "remark"), rows=rows)


def _remark(item: Judged) -> str:
    if not item.is_placeholder:
        return "no placeholder, but a project of yours"
    return f"{count(item.findings, 'finding')} in its form" if item.findings else ""


def _is_confirmed(session: Session, judged: Sequence[Judged], *, name: str) -> bool:
    """A person's word; `--yes` gives it in advance. Raises UsageError where no person can be asked."""
    ours = [item for item in judged if item.refusal is None]
    if not ours or session.yes:
        return bool(ours)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("adopt asks for confirmation on a terminal", fix=f"namehold adopt {name or '--all'} --yes")
    what = ours[0].name if len(ours) == 1 else count(len(ours), "name")
    if typer.confirm(f"Count {what} among the held names?", err=True):
        return True
    session.say("Nothing was written.")
    return False


def _say(session: Session, judged: Sequence[Judged], number: int) -> None:
    """What was entered, and how a placeholder of other tools gets a version that says what it should."""
    ours = [item for item in judged if item.refusal is None]
    if not number:
        session.say(f"{', '.join(item.name for item in ours)}: in the ledger already.")
    elif len(ours) == 1:
        session.say(f"{ours[0].name} counts as held for {ours[0].target}.")
    else:
        session.say(f"{count(number, 'name')} count as held; {len(judged) - number} left out.")


def _propose(session: Session, judged: Sequence[Judged], holdings: Holdings, *, is_table: bool) -> None:
    """How a placeholder that other tools made gets a version that says what it should, in its own numbering.

    The lines are to be copied: they stand below the table, or are talk where the data is for programs or a file.
    """
    from namehold.portfolio import renew_lines  # noqa: PLC0415 -- start-up time

    weak = {item.name for item in judged if item.refusal is None and item.is_placeholder and item.findings}
    renewals = [
        Renewal(name=item.name, version=item.next_version, reason=_REASON)
        for item in holdings.held
        if item.name in weak and not item.action_digest
    ]
    if renewals:
        verb = "lacks" if len(renewals) == 1 else "lack"
        session.say(
            f"{count(len(renewals), 'placeholder')} of other tools {verb} something (namehold audit NAME tells what). "
            "A later version says it, and costs no slot; ask for it in names.yaml:"
        )
        lines = renew_lines(renewals)
        if is_table:
            write_text(lines, None)
        else:
            session.say(lines)

"""`namehold plan`: what every name needs, and which ones are reserved on which day. Nothing is sent."""

from __future__ import annotations

import datetime as dt
import gc
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namehold import ledger, letters, ownership, report
from namehold.cli.fetching import bring_list
from namehold.cli.options import FormatOption, SnapshotOption, option, refuse_idle, require_folder
from namehold.cli.output import Format, line_width, render_table, wrap_text, write_pieces, write_text
from namehold.cli.session import session_of, typed
from namehold.cli.workspace import Inputs, Workspace
from namehold.errors import ExitCode, InputError
from namehold.portfolio import PolicyName, Route
from namehold.text import Table, count, figure, texts

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from namehold.files import Place
    from namehold.ownership import OwnershipProof
    from namehold.plan import Action, Assessment, Plan, PlanChange

EPILOG = """\
Examples:

  namehold plan                                  the plan for people; .namehold/plan.json for the other commands

  namehold plan --snapshot names.txt.gz          with a list of the index's names from a file

  namehold plan --policy protective              what the other policy would do; nothing is kept

  namehold plan --show acme-tol                  page, fields and code of a planned name, before it is approved

  namehold plan --check                          exit 10 if anything is to be reserved

  namehold plan --format csv -o names.csv        every assessed name with its route and reason

  namehold plan --format markdown --against main-plan.json    a comment for a pull request, with what changes
"""

#: Names shown in a section that asks for no decision; the file holds all.
_SHOWN = 12


def plan(
    ctx: typer.Context,
    output: Annotated[
        Path | None,
        option(
            "Write the plan (or the CSV or Markdown that was asked for) to FILE. Default: .namehold/plan.json.",
            "--output",
            "-o",
            metavar="FILE",
            callback=require_folder,
        ),
    ] = None,
    as_of: Annotated[
        dt.datetime | None, option("Day 1 of the plan (UTC). Default: today.", formats=["%Y-%m-%d"], metavar="DATE")
    ] = None,
    check: Annotated[bool, option("Exit 10 if the plan reserves anything.", "--check")] = False,
    snapshot: SnapshotOption = None,
    policy: Annotated[PolicyName | None, option("Try the other policy; kept only with --output.")] = None,
    show: Annotated[
        str, option("Show what the index will show of NAME of the last plan; plan nothing.", metavar="NAME")
    ] = "",
    against: Annotated[
        Path | None, option("An earlier plan: say which names are added, dropped or moved, and why.", metavar="FILE")
    ] = None,
    public: Annotated[
        bool, option("With --format markdown: no name that is still open, only how many there are.", "--public")
    ] = False,
    form: FormatOption = Format.TABLE,
) -> ExitCode:
    """Decide what every name needs, and fill the index's quota day by day.

    Works offline and without credentials; nothing is sent. Reserving nothing is a normal result.
    """
    workspace = Workspace(session_of(ctx))
    if show:
        from namehold.cli.show import show as show_placeholder  # noqa: PLC0415 -- start-up time: the index's rules

        idle = {"--as-of": as_of, "--check": check, "--snapshot": snapshot, "--policy": policy, "--against": against}
        refuse_idle(idle, "with --show")
        show_placeholder(workspace, show, form=form, output=output)
        return ExitCode.DONE
    if form in {Format.CSV, Format.JSON}:
        refuse_idle({"--against": against}, f"with --format {form}")
    if form is not Format.MARKDOWN:
        refuse_idle({"--public": public}, "without --format markdown")
    # What is compared with is read first: a wrong path is told before a minute of planning.
    before = _read_earlier(workspace, against) if against else None
    if snapshot is None:
        bring_list(workspace)
    day = (as_of or dt.datetime.now(dt.UTC)).date()
    # All that is made is gone when collecting begins again: it would look through each value once more.
    with _pause_collection():
        has_actions = _plan(
            workspace, snapshot, policy, day=day, before=before, output=output, form=form, is_public=public
        )
    return ExitCode.CHANGES_PENDING if check and has_actions else ExitCode.DONE


def _plan(
    workspace: Workspace,
    snapshot: Path | None,
    policy: PolicyName | None,
    *,
    day: dt.date,
    before: Plan | None,
    output: Path | None,
    form: Format,
    is_public: bool,
) -> bool:
    """Makes the plan, writes it and says what follows; whether it reserves anything."""
    from namehold.plan import compare_plans  # noqa: PLC0415 -- start-up time: the guards

    inputs = workspace.inputs(snapshot=snapshot)
    is_trial = policy not in {None, inputs.portfolio.policy.name}
    if policy is not None:
        chosen = replace(inputs.portfolio.policy, name=policy)
        inputs = replace(inputs, portfolio=replace(inputs.portfolio, policy=chosen))
    with workspace.session.measure("Planning") as report_share:
        made = inputs.plan(as_of=day, report=report_share)
    inputs.require_safe(made)
    changes = compare_plans(before, made) if before else None
    if form is Format.MARKDOWN:
        text = report.render_comment(made, changes=changes, is_public=is_public)
    else:
        text = _as_text(made, inputs.proofs, changes) if form is Format.TABLE else ""
    _write(made, workspace.plan_path, text=text, form=form, output=output, is_trial=is_trial)
    if is_public:
        # A warning may name what is still open, and a log is read by everybody.
        workspace.session.say(count(len(made.warnings), "warning"), label="Left out")
    else:
        for warning in made.warnings:
            workspace.session.say(warning.text, label="Warning")
    _say_next(made, workspace, inputs, output=output, form=form, is_trial=is_trial)
    return bool(made.actions)


def _read_earlier(workspace: Workspace, path: Path) -> Plan:
    """The plan to compare with. Raises InputError: to plan again here would not make it."""
    try:
        return workspace.plan(path)
    except InputError as error:
        fix = f"make the plan to compare with, on the other branch: namehold plan --output {typed(path)}"
        raise InputError(error.message, fix=fix, diagnostics=error.diagnostics()) from None


@contextmanager
def _pause_collection() -> Iterator[None]:
    """Keeps Python from looking for cycles: a plan is a hundred thousand frozen values without any."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _write(
    made: Plan,
    kept: Place,
    *,
    text: str,
    form: Format,
    output: Path | None,
    is_trial: bool,
) -> None:
    """The plan as a file for the other commands, and as what was asked for on standard output or in FILE."""
    from namehold.plan import dump_plan  # noqa: PLC0415 -- start-up time: the guards

    is_plan_file = form in {Format.TABLE, Format.JSON}
    if output is not None and is_plan_file:
        write_pieces(dump_plan(made), output, is_private=True)
    elif not is_trial:
        write_pieces(dump_plan(made), kept)
    match form:
        case Format.JSON if output is None:
            write_pieces(dump_plan(made), None)
        case Format.CSV:
            write_text(_as_csv(made), output, is_private=True)
        case Format.MARKDOWN | Format.TABLE:
            write_text(text, output if form is Format.MARKDOWN else None, is_private=True)


def _say_next(
    made: Plan, workspace: Workspace, inputs: Inputs, *, output: Path | None, form: Format, is_trial: bool
) -> None:
    session = workspace.session
    in_plan_file = output is not None and form in {Format.TABLE, Format.JSON}
    if is_trial and not in_plan_file:
        session.next_step(f"set policy: {made.policy.name} in {session.config} if this is what you want")
        return
    path = output if in_plan_file and output is not None else workspace.plan_path
    if made.lacks_list:
        session.next_step("namehold snapshot update (or: namehold snapshot import FILE), then: namehold plan")
    elif made.actions:
        first = "write into names.yaml what it lacks, then: " if workspace.portfolio.missing else ""
        session.next_step(f"{first}namehold rehearse {typed(path)}")
    elif letters.find_open_letter(inputs.holdings.letters) is not None:
        session.next_step("none today; a letter waits for its answer: namehold letter")
    elif letters.select_names(
        ledger.LetterKind.PROHIBIT,
        plan=made,
        portfolio=inputs.portfolio,
        holdings=inputs.holdings,
        waiting=ownership.find_waiting(inputs.proofs, today=made.provenance.as_of),
    ):
        # To read it needs neither network nor a contact.
        draft = " --draft" if workspace.portfolio.missing or not workspace.can_ask() else ""
        elsewhere = f" --plan {typed(path)}" if in_plan_file else ""
        session.next_step(f"namehold letter prohibit{draft}{elsewhere}")
    else:
        elsewhere = f" {typed(path)}" if in_plan_file else ""
        session.next_step(f"namehold report{elsewhere} -o report.html")


# --------------------------------------------------------------------------- what people read


def _as_text(made: Plan, proofs: Sequence[OwnershipProof], changes: Sequence[PlanChange] | None) -> str:
    tables = [*([] if changes is None else [_changes(changes)]), *_sections(made, proofs)]
    width = line_width(None)
    return "\n\n".join(
        [wrap_text(_headline(made), width), *(render_table(table, Format.TABLE, width=width) for table in tables)]
    )


def _changes(changes: Sequence[PlanChange]) -> Table:
    """What is different from the earlier plan."""
    rows = [
        (
            item.name,
            item.target,
            item.kind,
            report.step_of(item.before, item.before_day),
            report.step_of(item.after, item.day),
            item.why,
        )
        for item in changes
    ]
    columns = texts("name", "for", "", "before", "now", "why")
    return Table(caption=f"Changed since the earlier plan: {count(len(rows), 'name')}", columns=columns, rows=rows)


def _headline(made: Plan) -> str:
    days = max((action.day for action in made.actions), default=0)
    what = f"{count(len(made.actions), 'name')} in {count(days, 'day')}" if made.actions else "nothing to reserve"
    return (
        f"{made.organization} on {made.index}, policy {made.policy.name}, {made.provenance.as_of}: {what}; "
        f"{count(len(made.assessments), 'name')} assessed"
    )


def _sections(made: Plan, proofs: Sequence[OwnershipProof]) -> list[Table]:
    """What names.yaml asks for, day by day, then what needs a person, what is safe, gone or waits, and the sums."""
    taken = [item for item in made.assessments if item.rule == "taken"]
    asked = {proof.target for proof in proofs}
    tables = [
        _wishes(made),
        _actions(made, asked),
        _name_warnings(made),
        _targets(made, proofs),
        _for_people(made, asked),
        _listed(made.by_route(Route.PROTECTED), f"{report.ROUTE_LABELS[Route.PROTECTED]}: no reservation needed"),
        _listed(made.by_route(Route.NAMESPACE), f"{report.ROUTE_LABELS[Route.NAMESPACE]}: covered by a grant"),
        _listed(taken, "Registered already, holder not looked up"),
        _deferred(made),
        _other_policy(made),
        _sums(made),
    ]
    return [table for table in tables if table.rows]


def _wishes(made: Plan) -> Table:
    """Every name that names.yaml asks for, the unmet wishes first."""
    ordered = sorted(made.wishes, key=lambda item: item.is_met)
    rows = [(item.name, item.package, item.kind, item.outcome, item.why) for item in ordered]
    return Table(
        caption="You asked for it", columns=texts("name", "for", "key", "what becomes of it", "why"), rows=rows
    )


def _actions(made: Plan, asked: Collection[NormalizedName]) -> Table:
    found = made.find([action.name for action in made.actions])
    rows = [
        (
            str(action.day),
            action.name,
            ownership.mark_unasked(action.target, asked),
            str(action.mode),
            # A later version of a held name may be of one that no list of names has.
            _likely(found[action.name]) if action.name in found else "held",
            _why(action),
        )
        for action in made.actions
    ]
    return Table(caption="Reserve", columns=texts("day", "name", "for", "how", "how likely", "why"), rows=rows)


def _likely(item: Assessment) -> str:
    return report.how_likely(item.candidate.name_class, item.candidate.score.value)


def _why(item: Action | Assessment) -> str:
    """The reason for the route, and what speaks for the name."""
    return " ".join(dict.fromkeys(reason.text for reason in item.reasons[:2]))


def _name_warnings(made: Plan) -> Table:
    """Each warning about names to reserve or to ask for once, with the names that it is about."""
    names: dict[str, list[str]] = {}
    for action in made.actions:
        for warning in action.warnings:
            names.setdefault(warning.text, []).append(action.name)
    for item in _requests(made):
        for warning in item.warnings:
            names.setdefault(warning.text, []).append(item.candidate.name)
    rows = [(", ".join(about), text) for text, about in names.items()]
    return Table(caption="Know before you reserve or ask", columns=texts("names", "warning"), rows=rows)


def _targets(made: Plan, proofs: Sequence[OwnershipProof]) -> Table:
    """What the index showed last about who owns the targets; apply asks it again before the first byte."""
    last = {proof.target: (f"{proof.verdict}: {proof.text}", f"{proof.time:%Y-%m-%d}") for proof in proofs}
    unknown = f"{ownership.NOT_PROVED}: namehold doctor asks the index", ""
    rows = [(name, *last.get(name, unknown)) for name in dict.fromkeys(action.target for action in made.actions)]
    return Table(caption="Whose the packages are", columns=texts("package", "proof", "asked"), rows=rows)


def _requests(made: Plan) -> list[Assessment]:
    """The names to ask the administrators for, in the order of the letters."""
    from namehold.plan import order_by_harm, outline_of  # noqa: PLC0415 -- start-up time: the guards

    found = {item.candidate.name: item for item in made.by_route(Route.REQUEST)}
    return [found[name] for name in order_by_harm(map(outline_of, found.values()), made.audiences)]


def _for_people(made: Plan, asked: Collection[NormalizedName]) -> Table:
    """What only a person can do: look-alikes, confirmations, requests."""
    most = letters.MOST_NAMES_A_LETTER
    requests = _requests(made)
    listed = (
        *((item, report.ROUTE_LABELS[Route.FLAG], _why(item)) for item in made.by_route(Route.FLAG)),
        *((item, "Confirm in names.yaml, or leave it", item.reasons[0].text) for item in made.find_unconfirmed()),
        *((item, report.ROUTE_LABELS[Route.REQUEST], _why(item)) for item in requests[:most]),
    )
    rows = [
        (item.candidate.name, ownership.mark_unasked(item.candidate.target, asked), what, _likely(item), why)
        for item, what, why in listed
    ]
    caption = "For a person"
    if len(requests) > most:
        caption += f" (the {most} best of {len(requests):,} requests: as many as one letter takes)"
    return Table(caption=caption, columns=texts("name", "for", "what", "how likely", "why"), rows=rows)


def _listed(items: Sequence[Assessment], caption: str) -> Table:
    rows = [(item.candidate.name, item.candidate.target, item.reasons[0].text) for item in items]
    return _cut(rows, caption, "name", "for", "why", note="; all with --format csv")


def _cut(rows: Sequence[tuple[str, ...]], caption: str, *columns: str, note: str = "") -> Table:
    """The first rows of a table that asks for no decision."""
    if len(rows) > _SHOWN:
        caption += f" ({_SHOWN} of {len(rows):,}{note})"
    return Table(caption=caption, columns=texts(*columns), rows=rows[:_SHOWN])


def _deferred(made: Plan) -> Table:
    rows = [(item.name, item.target, item.key, item.reason.text) for item in made.deferred]
    return _cut(rows, "Deferred", "name", "for", "limit", "why")


def _other_policy(made: Plan) -> Table:
    other = PolicyName.PROTECTIVE if made.policy.name is PolicyName.CAUTIOUS else PolicyName.CAUTIOUS
    rows = [
        (
            item.name,
            item.target,
            f"{report.ROUTE_LABELS[item.route]} -> {report.ROUTE_LABELS[item.other_route]}",
            item.reason.text if item.reason else "",
        )
        for item in sorted(made.other_policy, key=lambda item: item.other_route is not Route.RESERVE)
    ]
    return _cut(rows, f"Policy {other} would do otherwise", "name", "for", "change", "why")


def _sums(made: Plan) -> Table:
    sums = Counter(item.route for item in made.assessments)
    rows = [(report.ROUTE_LABELS[route], str(sums[route])) for route in report.ROUTE_ORDER if sums[route]]
    rows.append(("all assessed names", str(sums.total())))
    return Table(caption="Every name once", columns=texts("route", "names"), rows=rows)


# --------------------------------------------------------------------------- what programs read


def _as_csv(made: Plan) -> str:
    """Every assessed name in one row, in the order of the ranking; then later versions of names that no list ranks."""
    planned = {action.name: (str(action.ordinal), str(action.day)) for action in made.actions}
    users = {item.package: item.users for item in made.audiences}
    rows = [
        (
            item.candidate.name,
            item.candidate.target,
            item.route,
            item.mode or "",
            *planned.get(item.candidate.name, ("", "")),
            f"{item.candidate.score.value:.6f}",
            figure(users.get(item.candidate.target, 1.0)).replace(",", ""),
            f"{item.candidate.score.value * users.get(item.candidate.target, 1.0):.6f}",
            *_rule_and_reasons(item),
        )
        for item in made.assessments
    ]
    assessed = {item.candidate.name for item in made.assessments}
    rows += [
        (
            action.name,
            action.target,
            Route.RESERVE,
            action.mode,
            *planned[action.name],
            # They have no rate, so nothing that follows from one.
            *("", "", ""),
            *_rule_and_reasons(action),
        )
        for action in made.actions
        if action.name not in assessed
    ]
    columns = texts("name", "target", "route", "mode", "ordinal", "day", "score", "users", "harm", "rule", "reasons")
    return render_table(Table(columns=columns, rows=rows), Format.CSV)


def _rule_and_reasons(item: Action | Assessment) -> tuple[str, str]:
    return item.reasons[0].rule, " ".join(reason.text for reason in item.reasons)

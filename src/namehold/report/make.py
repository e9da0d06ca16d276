"""From plan and ledger to the `Report`: every assessed name under one route and in one state, sums proved."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic, InputError
from namehold.index import SNAPSHOT_MAX_AGE_DAYS, Outcome
from namehold.index.rules import Availability
from namehold.ledger import HeldName, Holdings, LetterAnswer, LetterKind, Receipt
from namehold.ownership import OwnershipProof, OwnershipVerdict
from namehold.plan import Action, Assessment, Plan, Reason, find_approved, find_unrehearsed
from namehold.portfolio import NameClass, Route
from namehold.report.first_screen import make_first_screen
from namehold.report.model import CalendarDay, GroupedWarning, NameEntry, PackageReport, Report, RouteTotal, StateTotal
from namehold.report.words import ROUTE_ORDER, SAFE_STATES, State
from namehold.text import count

#: What the index's refusal of our own upload says about the name for everybody else.
_SETTLED_STATES: Mapping[str, State] = MappingProxyType(
    {
        Outcome.REFUSED_SIMILAR: State.REFUSED_TO_EVERYONE,
        Outcome.REFUSED_STDLIB: State.REFUSED_TO_EVERYONE,
        Outcome.REFUSED_INVALID: State.REFUSED_TO_EVERYONE,
        Outcome.REFUSED_PROHIBITED: State.PROHIBITED,
        Outcome.LOST_RACE: State.TAKEN,
    }
)

_ROUTE_STATES: Mapping[Route, State] = MappingProxyType(
    {
        Route.PROTECTED: State.REFUSED_TO_EVERYONE,
        Route.NAMESPACE: State.COVERED,
        Route.RESERVE: State.DEFERRED,
        Route.REQUEST: State.TO_REQUEST,
        Route.WATCH: State.WATCHED,
        Route.FLAG: State.LOOK_ALIKE,
    }
)

#: A reservation in place of a prohibition is a person's decision, name by name.
_RESERVE_INSTEAD = "To reserve it instead, list it under `always` in names.yaml."

_AVAILABILITY_STATES: Mapping[Availability, State] = MappingProxyType(
    {
        Availability.OURS: State.OWN,
        Availability.TAKEN: State.TAKEN,
        Availability.FOREIGN: State.TAKEN,
        Availability.BLOCKED: State.REFUSED_TO_EVERYONE,
    }
)


def make_report(
    plan: Plan,
    holdings: Holdings,
    *,
    now: dt.datetime,
    plan_path: str = "",
    targets: Sequence[OwnershipProof] = (),
    findings: Sequence[Diagnostic] = (),
    rehearsal: Sequence[Receipt] = (),
) -> Report:
    """The report on a plan and its ledger at a moment.

    Args:
        plan: what is to be done.
        holdings: the ledger, folded.
        now: the moment, timezone-aware UTC.
        plan_path: the file that the commands of the first screen name; empty: where they look by default.
        targets: the looked-up owners of the real packages; any other is proved only where a name is held for it.
        findings: what `status` and the guards found.
        rehearsal: the receipts of the plan's rehearsal.

    Raises:
        InputError: a name is assessed twice, or is planned under another route than RESERVE.
    """
    _require_sums(plan)
    entries = _entries(plan, holdings, now.date())
    needed = {action.target for action in plan.actions} | {item.target for item in holdings.held}
    looked_up = {proof.target: proof.verdict for proof in targets}
    # A name is held only after apply had proved its target; a later look-up wins.
    proved = {item.target for item in holdings.held if item.target not in looked_up}
    proved |= {target for target, verdict in looked_up.items() if verdict is OwnershipVerdict.PROVED}
    snapshot = plan.provenance.snapshot
    as_of = now.date()
    report = Report(
        organization=plan.organization,
        index=plan.index,
        username=plan.account.username,
        policy=plan.policy.name,
        as_of=as_of,
        first_screen=(),
        assessed=len(entries),
        totals=_totals(entries),
        states=_states(entries),
        packages=_packages(entries),
        calendar=_calendar(plan, entries),
        coverage=plan.coverage,
        planned=tuple(action.name for action in plan.actions),
        held=tuple(sorted(holdings.held, key=lambda item: item.name)),
        unproved=tuple(sorted({*holdings.unverified, *holdings.open_intents})),
        undecided=tuple(sorted(holdings.undecided)),
        letters=holdings.letters,
        targets=tuple(sorted(targets, key=lambda proof: proof.target)),
        proved_targets=tuple(sorted(proved)),
        unproved_targets=tuple(sorted(needed - proved)),
        deferred=plan.deferred,
        other_policy=plan.other_policy,
        warnings=_warnings(plan, as_of),
        findings=tuple(findings),
        rehearsal=tuple(rehearsal),
        is_rehearsed=_is_rehearsed(plan, holdings, rehearsal),
        is_approved=_is_approved(plan, holdings, now),
        next_slot=holdings.slots(quota=plan.quota, budget=plan.budget, now=now).next_slot,
        snapshot_age_days=(as_of - snapshot.taken).days if snapshot else None,
        provenance=plan.provenance,
        ledger_head=holdings.head,
        action_digest=plan.action_digest,
    )
    return dataclasses.replace(report, first_screen=make_first_screen(report, plan_path=plan_path))


def _require_sums(plan: Plan) -> None:
    """Every assessed name stands under one route, and what the plan sends is routed RESERVE."""
    times = Counter(item.candidate.name for item in plan.assessments)
    reserved = {item.candidate.name for item in plan.by_route(Route.RESERVE)}
    faults = [
        *(
            ("report-assessed-once", f"{name} is assessed {number} times")
            for name, number in times.items()
            if number > 1
        ),
        *(
            ("report-action-route", f"{action.name} is planned, but not under the route {Route.RESERVE.value}")
            for action in plan.actions
            if action.name not in reserved
        ),
    ]
    if faults:
        fix = "plan again: namehold plan"
        raise InputError(
            "the plan's names don't add up, so no report can be made",
            diagnostics=tuple(Diagnostic(rule=rule, message=message, fix=fix) for rule, message in faults),
        )


def _entries(plan: Plan, holdings: Holdings, today: dt.date) -> tuple[NameEntry, ...]:
    actions = {action.name: action for action in plan.actions}
    held = {item.name: item for item in holdings.held}
    states = _ledger_states(holdings)
    requests = _requests(holdings, today)
    entries = []
    for item in plan.assessments:
        name = item.candidate.name
        entry = _entry(item, action=actions.get(name), held=held.get(name), state=states.get(name))
        if entry.state is State.TO_REQUEST and name in requests:
            state, reason = requests[name]
            entry = dataclasses.replace(entry, state=state, reasons=(*entry.reasons, reason))
        entries.append(entry)
    return tuple(entries)


def _requests(holdings: Holdings, today: dt.date) -> dict[NormalizedName, tuple[State, Reason]]:
    """The names that were asked for and aren't prohibited, with the age of the request or its answer."""
    found: dict[NormalizedName, tuple[State, Reason]] = {}
    for letter in holdings.letters:
        if letter.kind is not LetterKind.PROHIBIT:
            continue
        asked = f"Asked for on {letter.sent.isoformat()}, {count((today - letter.sent).days, 'day')} ago"
        for name in letter.unanswered:
            found[name] = (State.ASKED, Reason(rule="letter-asked", text=f"{asked}; no answer yet."))
        for name, answer, date in letter.answers:
            if answer is LetterAnswer.DECLINED:
                text = f"{asked}; declined on {date.isoformat()}. {_RESERVE_INSTEAD}"
                found[name] = (State.DECLINED, Reason(rule="letter-declined", text=text))
            elif answer is LetterAnswer.SILENT:
                text = f"{asked}; never answered. {_RESERVE_INSTEAD}"
                found[name] = (State.UNANSWERED, Reason(rule="letter-silent", text=text))
    return found


def _ledger_states(holdings: Holdings) -> dict[NormalizedName, State]:
    """What the ledger says of names; later lines win. What happened wins over what was planned."""
    return {
        **{name: _SETTLED_STATES.get(outcome, State.SETTLED) for name, outcome in holdings.settled},
        **dict.fromkeys((*holdings.unverified, *holdings.open_intents), State.UNVERIFIED),
        **dict.fromkeys(holdings.prohibited, State.PROHIBITED),
        **dict.fromkeys(holdings.undecided, State.VANISHED),
        **{item.name: State.HELD for item in holdings.held},
    }


def _planned_state(item: Assessment, *, is_planned: bool) -> State:
    if is_planned:
        return State.PLANNED
    if item.route in _ROUTE_STATES:
        return _ROUTE_STATES[item.route]
    if item.check.availability in _AVAILABILITY_STATES:
        return _AVAILABILITY_STATES[item.check.availability]
    if item.candidate.name_class is NameClass.INTERNAL:
        return State.INTERNAL
    if item.candidate.name_class is NameClass.FUTURE:
        return State.FUTURE
    return State.UNKNOWN if item.check.availability is Availability.UNKNOWN else State.LEFT


def _entry(item: Assessment, *, action: Action | None, held: HeldName | None, state: State | None) -> NameEntry:
    candidate = item.candidate
    return NameEntry(
        name=candidate.name,
        target=candidate.target,
        route=item.route,
        state=state or _planned_state(item, is_planned=action is not None),
        name_class=candidate.name_class,
        rate=candidate.score.value,
        reasons=item.reasons,
        warnings=action.warnings if action else item.warnings,
        evidence=tuple(dict.fromkeys(f"{piece.technique}: {piece.detail}" for piece in candidate.evidence)),
        availability=item.check.availability,
        protection=item.check.protection,
        similar_to=item.check.similar_to,
        flagged_as=item.check.flagged_as,
        mode=item.mode,
        ordinal=action.ordinal if action else None,
        day=action.day if action else None,
        since=held.since if held else None,
    )


def _totals(entries: Sequence[NameEntry]) -> tuple[RouteTotal, ...]:
    numbers = Counter(entry.route for entry in entries)
    return tuple(RouteTotal(route=route, names=numbers[route]) for route in ROUTE_ORDER)


def _states(entries: Sequence[NameEntry]) -> tuple[StateTotal, ...]:
    numbers = Counter(entry.state for entry in entries)
    return tuple(StateTotal(state=state, is_safe=state in SAFE_STATES, names=numbers[state]) for state in State)


def _packages(entries: Sequence[NameEntry]) -> tuple[PackageReport, ...]:
    by_target: dict[NormalizedName, list[NameEntry]] = defaultdict(list)
    for entry in entries:
        by_target[entry.target].append(entry)
    return tuple(
        PackageReport(
            name=target,
            totals=_totals(by_target[target]),
            entries=tuple(
                sorted(by_target[target], key=lambda entry: (ROUTE_ORDER.index(entry.route), -entry.rate, entry.name))
            ),
        )
        for target in sorted(by_target)
    )


def _calendar(plan: Plan, entries: Sequence[NameEntry]) -> tuple[CalendarDay, ...]:
    by_day: dict[int, list[NameEntry]] = defaultdict(list)
    for entry in entries:
        if entry.day is not None:
            by_day[entry.day].append(entry)
    window = dt.timedelta(seconds=plan.quota.window_s) if plan.quota else dt.timedelta(days=1)
    start = dt.datetime.combine(plan.provenance.as_of, dt.time(), dt.UTC)
    return tuple(
        CalendarDay(
            day=day,
            date=(start + (day - 1) * window).date(),
            entries=tuple(sorted(by_day[day], key=lambda entry: (entry.ordinal or 0, entry.name))),
        )
        for day in sorted(by_day)
    )


def _warnings(plan: Plan, as_of: dt.date) -> tuple[GroupedWarning, ...]:
    """The plan's own warnings, the age of its data, then the names' warnings, each with all of its names."""
    snapshot = plan.provenance.snapshot
    age = (as_of - snapshot.taken).days if snapshot else 0
    whole = list(plan.warnings)
    if age > SNAPSHOT_MAX_AGE_DAYS:
        text = f"The index's list of names is {age} days old; make a new plan before anything is sent."
        whole.append(Reason(rule="report-data-age", text=text))
    names: dict[Reason, list[NormalizedName]] = defaultdict(list)
    actions = {action.name: action.warnings for action in plan.actions}
    for item in plan.assessments:
        for warning in actions.get(item.candidate.name, item.warnings):
            names[warning].append(item.candidate.name)
    return (
        *(GroupedWarning(reason=reason) for reason in dict.fromkeys(whole)),
        *(GroupedWarning(reason=reason, names=tuple(group)) for reason, group in names.items()),
    )


def _is_approved(plan: Plan, holdings: Holdings, now: dt.datetime) -> bool:
    """Whether a person has approved every action, with this plan or with an earlier one."""
    return bool(plan.actions) and len(find_approved(plan, holdings, now=now)) == len(plan.actions)


def _is_rehearsed(plan: Plan, holdings: Holdings, receipts: Sequence[Receipt]) -> bool:
    """Every action was held at the end of a rehearsal: of one that the ledger knows, or of that of these receipts."""
    held = {receipt.action_digest for receipt in receipts if receipt.outcome is Outcome.HELD}
    is_known = not find_unrehearsed(plan, holdings)
    return bool(plan.actions) and (is_known or all(action.digest in held for action in plan.actions))

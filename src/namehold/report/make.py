"""From plan and ledger to the `Report`: every assessed name under one route and in one state, sums proved."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from packaging.utils import NormalizedName

from namehold.candidates import Channel, Score
from namehold.errors import Diagnostic, InputError
from namehold.index import SNAPSHOT_MAX_AGE_DAYS, Outcome
from namehold.index.rules import Availability
from namehold.ledger import Holdings, LetterAnswer, LetterKind, Receipt
from namehold.letters import MOST_NAMES_A_LETTER
from namehold.ownership import OwnershipProof, OwnershipVerdict, find_waiting
from namehold.plan import Block, Kind, Outline, Plan, Reason, order_by_harm, outline_of, users_of
from namehold.plan.checks import find_approved, find_unrehearsed
from namehold.portfolio import NameClass, Route
from namehold.report.compare import EarlierReport, compare
from namehold.report.first_screen import make_first_screen
from namehold.report.model import (
    CalendarDay,
    GroupedWarning,
    NameEntry,
    PackageReport,
    Report,
    RouteTotal,
    StandingShare,
    StateTotal,
)
from namehold.report.words import ROUTE_ORDER, SAFE_STATES, Standing, State, standing_of
from namehold.text import count

_Value = TypeVar("_Value", bound=Hashable)

#: What the index's refusal of our own upload says about the name for everybody else.
_SETTLED_STATES: Mapping[str, State] = {
    Outcome.REFUSED_SIMILAR: State.REFUSED_TO_EVERYONE,
    Outcome.REFUSED_STDLIB: State.REFUSED_TO_EVERYONE,
    Outcome.REFUSED_INVALID: State.REFUSED_TO_EVERYONE,
    Outcome.REFUSED_PROHIBITED: State.PROHIBITED,
    Outcome.LOST_RACE: State.TAKEN,
}

_ROUTE_STATES: Mapping[Route, State] = {
    Route.PROTECTED: State.REFUSED_TO_EVERYONE,
    Route.NAMESPACE: State.COVERED,
    Route.RESERVE: State.DEFERRED,
    Route.REQUEST: State.TO_REQUEST,
    Route.WATCH: State.WATCHED,
    Route.FLAG: State.LOOK_ALIKE,
}

#: A reservation in place of a prohibition is a person's decision, name by name.
_RESERVE_INSTEAD = "To reserve it instead, list it under `always` in names.yaml."

_AVAILABILITY_STATES: Mapping[Availability, State] = {
    Availability.OURS: State.OWN,
    Availability.TAKEN: State.TAKEN,
    Availability.FOREIGN: State.TAKEN,
    Availability.BLOCKED: State.REFUSED_TO_EVERYONE,
}

_CLASS_STATES: Mapping[NameClass, State] = {NameClass.INTERNAL: State.INTERNAL, NameClass.FUTURE: State.FUTURE}


def make_report(
    plan: Plan,
    holdings: Holdings,
    *,
    now: dt.datetime,
    plan_path: str = "",
    targets: Sequence[OwnershipProof] = (),
    findings: Sequence[Diagnostic] = (),
    rehearsal: Sequence[Receipt] = (),
    is_brief: bool = False,
    against: EarlierReport | None = None,
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
        is_brief: only what the first screen needs: no packages, no warnings of names. A plan in a file isn't held.
        against: an earlier report; what has changed since then is told.

    Raises:
        InputError: a name is assessed twice, or is planned under another route than RESERVE.
    """
    read = _read(plan, holdings, now.date(), is_brief=is_brief)
    entries = read.entries
    needed = {action.target for action in plan.actions} | {item.target for item in holdings.held}
    # A name is held only after apply had proved its target; a later look-up wins.
    verdicts = dict.fromkeys((item.target for item in holdings.held), OwnershipVerdict.PROVED)
    verdicts |= {proof.target: proof.verdict for proof in targets}
    proved = {target for target, verdict in verdicts.items() if verdict is OwnershipVerdict.PROVED}
    rehearsed = {receipt.action_digest for receipt in rehearsal if receipt.outcome is Outcome.HELD}
    snapshot = plan.provenance.snapshot
    as_of = now.date()
    waiting = find_waiting(targets, today=as_of)
    users = users_of(plan.audiences)
    age_days = (as_of - snapshot.taken).days if snapshot else None
    report = Report(
        organization=plan.organization,
        index=plan.index,
        username=plan.account.username,
        policy=plan.policy.name,
        as_of=as_of,
        first_screen=(),
        assessed=read.routes.total(),
        totals=_totals(read.routes),
        states=_states(read.states),
        packages=() if is_brief else _packages(entries, read.weights, users),
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
        wishes=plan.wishes,
        other_policy=plan.other_policy,
        warnings=_warnings(plan, read.warned, age_days),
        findings=tuple(findings),
        rehearsal=tuple(rehearsal),
        # In a rehearsal that the ledger knows, or at the end of that of these receipts.
        is_rehearsed=bool(plan.actions)
        and (not find_unrehearsed(plan, holdings) or all(action.digest in rehearsed for action in plan.actions)),
        # With this plan, or with an earlier one.
        is_approved=bool(plan.actions) and len(find_approved(plan, holdings, now=now)) == len(plan.actions),
        next_slot=holdings.slots(quota=plan.quota, budget=plan.budget, now=now).next_slot,
        snapshot_age_days=age_days,
        provenance=plan.provenance,
        ledger_head=holdings.head,
        action_digest=plan.action_digest,
        quota=plan.quota,
        standings=() if is_brief else _standings(read.weights, users),
        letter=order_by_harm((item for item in read.requests if item.target not in waiting), plan.audiences)[
            :MOST_NAMES_A_LETTER
        ],
        unconfirmed=tuple(item.candidate.name for item in plan.find_unconfirmed()),
    )
    report = compare(report, against) if against else report
    return dataclasses.replace(report, first_screen=make_first_screen(report, plan_path=plan_path))


@dataclass(slots=True, kw_only=True)
class _Read:
    """What one pass over a plan's names gives: a large plan has a million, and none of them is kept.

    `names`, `routes` and `states` count them; `requests` are those to ask for, `reserved` those routed RESERVE.
    Of a brief report the rest is about the planned names alone.
    `weights` are, by package and standing, the sums of the rates; `warned` the names of each warning.
    """

    names: Counter[NormalizedName] = field(default_factory=Counter)
    routes: Counter[Route] = field(default_factory=Counter)
    states: Counter[State] = field(default_factory=Counter)
    reserved: set[NormalizedName] = field(default_factory=set)
    requests: list[Outline] = field(default_factory=list)
    entries: list[NameEntry] = field(default_factory=list)
    weights: dict[NormalizedName, dict[Standing, float]] = field(
        default_factory=lambda: defaultdict(lambda: dict.fromkeys(Standing, 0.0))
    )
    warned: dict[Reason, list[NormalizedName]] = field(default_factory=dict)

    def count(self, item: Outline, state: State) -> None:
        """Takes one name into the numbers."""
        self.names[item.name] += 1
        self.routes[item.route] += 1
        self.states[state] += 1
        if item.route is Route.RESERVE:
            self.reserved.add(item.name)
        if state is State.TO_REQUEST:
            self.requests.append(item)

    def count_block(self, block: Block, ours: Collection[NormalizedName], state_of: _StateOf) -> None:
        """The same for many names; only where the plan alone doesn't tell a name's state, each is looked at.

        `ours` are the names of ledger and plan.
        """
        alone = {at for at, name in enumerate(block.names) if name in ours}
        alone.update(block.find(lambda kind: kind.route in {Route.RESERVE, Route.REQUEST}))
        for at in sorted(alone):
            outline = block.outline(at)
            self.count(outline, state_of(outline)[0])
        self.names.update(name for at, name in enumerate(block.names) if at not in alone)
        for place, number in Counter(place for at, place in enumerate(block.places) if at not in alone).items():
            kind = block.kinds[place]
            self.routes[kind.route] += number
            self.states[_planned_state(kind, is_planned=False)] += number


def _read(plan: Plan, holdings: Holdings, today: dt.date, *, is_brief: bool) -> _Read:
    """Every assessed name stands under one route, and what the plan sends is routed RESERVE; else InputError."""
    actions = {action.name: action for action in plan.actions}
    since = {item.name: item.since for item in holdings.held}
    state_of = _make_state_of(plan, holdings, today)
    kept, read = _Kept(), _Read()
    items = plan.each_assessment()
    if is_brief:
        ours = actions.keys() | _ledger_states(holdings).keys()
        for block in plan.blocks():
            read.count_block(block, ours, state_of)
        items = ((outline_of(item), item) for item in plan.find(list(actions)).values())
    for outline, item in items:
        candidate, check = item.candidate, item.check
        name, action = outline.name, actions.get(outline.name)
        state, asked = state_of(outline)
        if not is_brief:
            read.count(outline, state)
        warnings = action.warnings if action else item.warnings
        for warning in () if is_brief else warnings:
            read.warned.setdefault(warning, []).append(name)
        # A wish of names.yaml is no estimate, so it counts for nothing here.
        standing = standing_of(state)
        if standing is Standing.OPEN and check.availability is Availability.UNKNOWN:
            standing = Standing.UNKNOWN
        read.weights[outline.target][standing] += _measured(candidate.score)
        read.entries.append(
            NameEntry(
                name=name,
                target=kept.one(candidate.target),
                route=item.route,
                state=state,
                name_class=outline.name_class,
                score=candidate.score.value,
                reasons=kept.all((*item.reasons, asked) if asked is not None else item.reasons),
                warnings=kept.all(warnings),
                evidence=kept.all(f"{piece.technique}: {piece.detail}" for piece in candidate.evidence),
                availability=check.availability,
                protection=check.protection,
                similar_to=kept.all(check.similar_to),
                flagged_as=kept.all(check.flagged_as),
                factors=tuple(
                    part
                    for part in candidate.score.channels
                    # A wish has no score, what was seen has one.
                    if part[0] is not Channel.DECLARED or outline.name_class is NameClass.OBSERVED
                ),
                mode=item.mode,
                ordinal=action.ordinal if action else None,
                day=action.day if action else None,
                since=since.get(name),
            )
        )
    _require_sums(plan, read)
    return read


def _measured(score: Score) -> float:
    """The score without what names.yaml wishes; what a file says of a wish may be certain, or nonsense."""
    declared = next((share for channel, share in score.channels if channel is Channel.DECLARED), 0.0)
    return (score.without(Channel.DECLARED) if declared < 1 else 0.0) if declared else score.value


class _Kept:
    """One object for all that are equal: a million names have a few thousand reasons."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def one(self, value: _Value) -> _Value:
        """The first of all values that are equal to this one."""
        kept: _Value = self._known.setdefault(value, value)
        return kept

    def all(self, values: Iterable[_Value]) -> tuple[_Value, ...]:
        """Each different value once, in order."""
        given = tuple(values)
        if not given:
            return ()
        kept: tuple[_Value, ...] | None = self._known.get(given)
        if kept is None:
            kept = self._known[given] = self.one(tuple(map(self.one, dict.fromkeys(given))))
        return kept


def _require_sums(plan: Plan, read: _Read) -> None:
    """Raises InputError where a name has two assessments, or is to be sent but has another route."""
    faults = [
        ("report-assessed-once", f"{name} is assessed {times} times") for name, times in read.names.items() if times > 1
    ]
    faults += [
        ("report-action-route", f"{action.name} is planned, but not under the route {Route.RESERVE.value}")
        for action in plan.actions
        if action.name not in read.reserved and not action.is_renewal
    ]
    if faults:
        fix = "plan again: namehold plan"
        raise InputError(
            "the plan's names don't add up, so no report can be made",
            diagnostics=tuple(Diagnostic(rule=rule, message=message, fix=fix) for rule, message in faults),
        )


#: What tells a name's state, and the reason that a letter adds.
_StateOf: TypeAlias = Callable[[Outline], tuple[State, Reason | None]]


def _make_state_of(plan: Plan, holdings: Holdings, today: dt.date) -> _StateOf:
    """What tells a name's state by ledger and plan, and the reason that a letter adds."""
    planned = {action.name for action in plan.actions}
    states, requests = _ledger_states(holdings), _requests(holdings, today)

    def state_of(item: Outline) -> tuple[State, Reason | None]:
        state = states.get(item.name) or _planned_state(item, is_planned=item.name in planned)
        return requests.get(item.name, (state, None)) if state is State.TO_REQUEST else (state, None)

    return state_of


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
            if answer is not LetterAnswer.GRANTED:
                is_silent = answer is LetterAnswer.SILENT
                what = "never answered" if is_silent else f"declined on {date.isoformat()}"
                reason = Reason(rule=f"letter-{answer.value}", text=f"{asked}; {what}. {_RESERVE_INSTEAD}")
                found[name] = (State.UNANSWERED if is_silent else State.DECLINED, reason)
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


def _planned_state(item: Outline | Kind, *, is_planned: bool) -> State:
    availability = item.availability
    if is_planned:
        return State.PLANNED
    return (
        _ROUTE_STATES.get(item.route)
        or _AVAILABILITY_STATES.get(availability)
        or _CLASS_STATES.get(item.name_class)
        or (State.UNKNOWN if availability is Availability.UNKNOWN else State.LEFT)
    )


def _totals(numbers: Mapping[Route, int]) -> tuple[RouteTotal, ...]:
    return tuple(RouteTotal(route=route, names=numbers.get(route, 0)) for route in ROUTE_ORDER)


def _states(numbers: Mapping[State, int]) -> tuple[StateTotal, ...]:
    return tuple(StateTotal(state=state, is_safe=state in SAFE_STATES, names=numbers.get(state, 0)) for state in State)


def _packages(
    entries: Sequence[NameEntry],
    weights: Mapping[NormalizedName, Mapping[Standing, float]],
    users: Mapping[NormalizedName, float],
) -> tuple[PackageReport, ...]:
    """Those with most users come first, then those at whose names most confusions end."""
    by_target: dict[NormalizedName, list[NameEntry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: (ROUTE_ORDER.index(entry.route), -entry.score, entry.name)):
        by_target[entry.target].append(entry)
    sums = {target: sum(weights[target].values()) * users.get(target, 1.0) for target in by_target}
    order = sorted(by_target, key=lambda target: (-users.get(target, 1.0), -sums[target], target))
    return tuple(
        PackageReport(
            name=target,
            totals=_totals(Counter(entry.route for entry in by_target[target])),
            entries=tuple(by_target[target]),
            confusions=confusions,
            standings=_standings({target: weights[target]}, users),
            users=users.get(target, 1.0),
        )
        for target, confusions in zip(order, share_out([sums[target] for target in order]), strict=True)
    )


def _standings(
    weights: Mapping[NormalizedName, Mapping[Standing, float]], users: Mapping[NormalizedName, float]
) -> tuple[StandingShare, ...]:
    """Where 100 confusions end, each package weighed by its users; empty if no name has a score."""
    sums = [0.0] * len(Standing)
    for target, each in weights.items():
        people = users.get(target, 1.0)
        sums = [before + people * each.get(standing, 0.0) for before, standing in zip(sums, Standing, strict=True)]
    parts = share_out(sums)
    return (
        tuple(StandingShare(standing=standing, confusions=part) for standing, part in zip(Standing, parts, strict=True))
        if any(parts)
        else ()
    )


def share_out(weights: Sequence[float], *, of: int = 100) -> tuple[int, ...]:
    """`of` whole parts shared out by weight: the largest remainders are rounded up, so that the parts sum up to it."""
    whole = sum(weights)
    if not 0 < whole < math.inf:
        return (0,) * len(weights)
    exact = [of * weight / whole for weight in weights]
    parts = [math.floor(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[: of - sum(parts)]:
        parts[at] += 1
    return tuple(parts)


def _calendar(plan: Plan, entries: Sequence[NameEntry]) -> tuple[CalendarDay, ...]:
    by_day: dict[int, list[NameEntry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: (entry.ordinal or 0, entry.name)):
        if entry.day is not None:
            by_day[entry.day].append(entry)
    window = dt.timedelta(seconds=plan.window_s)
    start = dt.datetime.combine(plan.provenance.as_of, dt.time(), dt.UTC)
    return tuple(
        CalendarDay(day=day, date=(start + (day - 1) * window).date(), entries=tuple(listed))
        for day, listed in sorted(by_day.items())
    )


def _warnings(
    plan: Plan, warned: Mapping[Reason, Sequence[NormalizedName]], age_days: int | None
) -> tuple[GroupedWarning, ...]:
    """The plan's own warnings, the age of its data, then the names' warnings, each with all of its names."""
    whole = list(plan.warnings)
    if age_days is not None and age_days > SNAPSHOT_MAX_AGE_DAYS:
        text = f"The index's list of names is {age_days} days old; make a new plan before anything is sent."
        whole.append(Reason(rule="report-data-age", text=text))
    return (
        *(GroupedWarning(reason=reason) for reason in dict.fromkeys(whole)),
        *(GroupedWarning(reason=reason, names=tuple(group)) for reason, group in warned.items()),
    )

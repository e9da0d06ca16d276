"""What must hold before the first byte leaves: clocks, guards, names that are held, targets, and what names rest on.

cleared = clear_plan(plan, fresh_plan=fresh, portfolio=portfolio, edges=edges)

Nothing was sent if anything here raises. What it finds about names that are held is written down.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from packaging.utils import NormalizedName, canonicalize_name

from namehold.errors import Diagnostic, IndexError_, StalePlan, UnsafePlan
from namehold.evidence import ReleasesRead, show_again
from namehold.files import Place
from namehold.index import (
    MAX_CLOCK_SKEW_S,
    AccountReader,
    Clock,
    IndexProfile,
    ProjectState,
    TokenSource,
    Uploader,
    WebReader,
    ask_each,
)
from namehold.ledger import HeldName, Holdings, LedgerPort, Looked, Observed, Sighting, find_loss
from namehold.ownership import OwnershipProof, check_ownership
from namehold.placeholder import Builder, TreeRenderer
from namehold.plan import Action, Deferred, Plan, Reason, find_left, refuse
from namehold.plan.checks import (
    APPROVAL_RULES,
    approval_of,
    claimed_only,
    find_apply_refusals,
    find_edits,
    find_grounds,
    find_held_back,
    find_organizations,
    find_vouching,
    find_waiting_targets,
    is_shown_for_long,
    judge_by_proved,
    lacks_standing,
    organization_lost,
    shown_values,
    standing_lost,
    why_targets_wait,
    why_waits,
    without_figures,
)
from namehold.portfolio import Portfolio, Surface
from namehold.publish.looks import AccountLooks, RecallingReader, RememberingReader, find_doubtful
from namehold.publish.stops import Stop, stop_for, stop_for_undecided
from namehold.text import count, duration
from namehold.upkeep import Drift, Unrecorded, find_drift_of, find_unrecorded, list_account, tell_unread

if TYPE_CHECKING:
    from namehold.plan import Territory
    from namehold.snapshot import Snapshot

#: A name that we hold and that reads 404 is asked for again after these pauses, before it counts as gone.
_VANISHED_PAUSES_S: Final = (2.0, 5.0, 10.0)

#: A package and the surfaces, as names, that its files are asked for.
_Question: TypeAlias = tuple[NormalizedName, frozenset[NormalizedName]]

#: The index tells whole seconds: only a difference of one or more is worth correcting.
_LEAST_SKEW: Final = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Everything outside that a run uses. `outbox` is where built files lie until their receipt.

    `web` reads where a target may declare the account, where the index alone doesn't prove whose it is.
    `sleep` takes seconds; `wait_s` is how many seconds a run may wait for slots, all in all.
    `keep_proofs` gets what the index shows about the targets' owners, whether the run goes on with it or not; `asked`
    gives what this run got to know of them so far, which isn't asked again.
    `account` remembers which projects of the account hold no reservation.
    `listed` gives the newest list of the index's names, if there is one. `releases` is what was read of the packages'
    releases: it tells which files to read again, and proves nothing.
    `territory` tells whose names are by the packages that proofs prove; a rehearsal has none, for it proves nothing.
    """

    profile: IndexProfile
    reader: AccountReader
    web: WebReader
    uploader: Uploader
    tokens: TokenSource
    ledger: LedgerPort
    renderer: TreeRenderer
    builder: Builder
    clock: Clock
    outbox: Place
    sleep: Callable[[float], None]
    wait_s: float = 0.0
    keep_proofs: Callable[[tuple[OwnershipProof, ...]], object] = lambda _: None
    asked: Callable[[], tuple[OwnershipProof, ...]] = tuple
    listed: Callable[[], Snapshot | None] = lambda: None
    releases: ReleasesRead | None = None
    account: AccountLooks = field(default_factory=AccountLooks)
    territory: Callable[..., Territory] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What the look before the first byte found out for the run.

    `skew` is how far the index's clock is ahead of ours. `clearance` tells which actions are skipped, each with why,
    and around which packages nothing is sent. `drift` is what isn't as it should be of names that are held, and which
    packages' pages can't be read.
    `found` are names of the plan that the account has already and the ledger lacks.
    """

    skew: dt.timedelta
    clearance: Clearance
    drift: tuple[Drift, ...]
    found: frozenset[NormalizedName]


def clear_plan(plan: Plan, *, fresh_plan: Plan, portfolio: Portfolio, edges: Edges, approve: str = "") -> Cleared:
    """Checks everything that must hold for the whole plan. `approve` is the action digest that a person approves now.

    Raises UnsafePlan or StalePlan with all findings, IndexError_ if the index can't be read, LedgerError.
    """
    _refuse_undecided(edges.ledger)
    findings = find_apply_refusals(
        plan,
        portfolio=portfolio,
        holdings=edges.ledger.holdings(),
        profile=edges.profile,
        now=edges.clock.now(),
        fresh_plan=fresh_plan,
    )
    refuse(item for item in findings if not (approve and item.rule in APPROVAL_RULES))
    if approve:
        require_digest(approve, (plan,))
    skew = require_clock(edges)
    now = edges.clock.now() + skew
    if approve:
        record_approval(plan, edges, now=now)
    # What is gone or quarantined is the administrators' answer to us.
    drift = look_at_held(edges, portfolio=portfolio, now=now)
    _refuse_undecided(edges.ledger)
    holdings = edges.ledger.holdings()
    left = find_left(plan, holdings)
    found = look_at_account(plan, fresh_plan=fresh_plan, portfolio=portfolio, edges=edges, now=now)
    clearance = Clearance(fresh_plan=fresh_plan, portfolio=portfolio, edges=edges, now=now)
    clearance.ask(_with_slot(left, holdings, portfolio=portfolio, edges=edges, now=now))
    # What the plan holds back for want of proof is asked anew, too: the same facts give the same exit code.
    clearance.prove(find_held_back(plan))
    return Cleared(skew=skew, clearance=clearance, drift=(*drift, *found.unread), found=found.planned)


def with_fresh_values(plan: Plan, fresh_plan: Plan) -> Plan:
    """The plan, each action with the review date, tool and figures that it has now, or that its approval froze.

    No approval covers what a plan's file says of these, so the file isn't asked. An action whose other content differs
    stays as it is, for the guards.
    """
    fresh = {action.name: action for action in fresh_plan.actions}
    actions = tuple(
        replace(fresh[action.name], ordinal=action.ordinal, day=action.day)
        if action.name in fresh and without_figures(fresh[action.name]) == without_figures(action)
        else action
        for action in plan.actions
    )
    return replace(plan, actions=actions)


def _refuse_undecided(ledger: LedgerPort) -> None:
    """The administrators' word is final, on every index: a rehearsal stops for it as a real run does."""
    holdings = ledger.holdings()
    if holdings.unread_sightings:
        raise UnsafePlan(
            "the index took a name away, and only the ledger's key tells which; nothing was sent",
            fix="namehold key import FILE; if the key is lost, move the ledger away, then: namehold status --rebuild",
        )
    stop = stop_for_undecided(holdings)
    if stop is not None:
        raise UnsafePlan(stop.message, fix=stop.fix)


def require_digest(approve: str, plans: Iterable[Plan]) -> Plan:
    """The one of `plans` whose action digest a person approves with `approve`; the first of them is today's plan.

    Raises StalePlan if it is none of them, or one that was edited.
    """
    today, *_ = candidates = tuple(plans)
    chosen = next((item for item in candidates if item.action_digest == approve and not find_edits(item)), None)
    if chosen is None:
        raise StalePlan(
            "the approved digest isn't this plan's; nothing was sent",
            fix=f"read the plan (namehold plan), then approve it: {today.action_digest}",
        )
    return chosen


def record_approval(plan: Plan, edges: Edges, *, now: dt.datetime) -> None:
    """Writes a person's approval of `plan` into the ledger."""
    edges.ledger.append(approval_of(plan, edges.profile, time=now))


def require_clock(edges: Edges) -> dt.timedelta:
    """How far the index's clock is ahead of this machine's, which must be right: it also says when approvals lapse.

    Raises UnsafePlan where it is too far, IndexError_.
    """
    skew = measure_skew(edges)
    wrong = stop_for_clock(skew)
    if wrong is not None:
        raise UnsafePlan(f"{wrong.message}; nothing was sent", fix=wrong.fix)
    return skew


def measure_skew(edges: Edges) -> dt.timedelta:
    """How far the index's clock is ahead of this machine's. Raises IndexError_.

    A time that is far off may be an old answer of a cache: it is asked for once more.
    """
    skew = edges.reader.now() - edges.clock.now()
    if stop_for_clock(skew) is not None:
        skew = min(skew, edges.reader.now() - edges.clock.now(), key=abs)
    return skew if abs(skew) >= _LEAST_SKEW else dt.timedelta()


def stop_for_clock(skew: dt.timedelta) -> Stop | None:
    """The stop where the times in a token would be wrong, None where the clocks agree well enough."""
    skew_s = abs(skew.total_seconds())
    return stop_for("clock", skew=duration(skew_s)) if skew_s > MAX_CLOCK_SKEW_S else None


def look_at_account(
    plan: Plan, *, fresh_plan: Plan, portfolio: Portfolio, edges: Edges, now: dt.datetime
) -> Unrecorded:
    """The ceilings bind the account: a reservation of ours that this ledger lacks stops every run, on every index.

    A run that has nothing to send stops, too: what it tells of the held names would be too little.
    The names of `plan` that the index shows as ours cost no slot and are entered first. Where the index lists no
    account, the names of both plans are asked for. A package of names.yaml whose page can't be read is told; any other
    such project of the account may be a reservation.
    Raises UnsafePlan with all unrecorded ones, IndexError_ if the account can't be looked at.
    """
    if not edges.profile.shows_ownership:
        return Unrecorded()
    holdings, planned = edges.ledger.holdings(), {action.name: action.digest for action in plan.actions}
    names = tuple(dict.fromkeys((*planned, *(action.name for action in fresh_plan.actions))))
    listed = list_account(edges.reader, portfolio=portfolio, planned=names, holdings=holdings)
    found = find_unrecorded(
        listed.names,
        holdings,
        portfolio=portfolio,
        profile=edges.profile,
        reader=edges.reader,
        web=edges.web,
        planned=planned,
        plain=edges.account.find_plain(edges.listed(), now=now) - planned.keys(),
    )
    edges.account.remember(found.plain, now=now)
    if found.drift:
        stop = stop_for("unrecorded", name=found.drift[0].name)
        findings = tuple(
            Diagnostic(message=f"{item.name}: {item.text}", rule=stop.rule, fix=item.fix) for item in found.drift
        )
        raise UnsafePlan(
            f"this account has {count(len(found.drift), 'reservation')} that this ledger lacks; nothing was sent",
            fix=stop.fix,
            diagnostics=findings,
        )
    packages = {package.name for package in portfolio.packages}
    for item in found.unread:
        if item.name not in packages:
            raise IndexError_(f"{item.name} is this account's: {item.text}; nothing was sent", fix=item.fix)
    if found.left and edges.profile.is_public:
        raise UnsafePlan(
            f"{count(found.left, 'project')} of this account can't be looked at: it has too many; nothing was sent",
            fix="reserve from an account that holds reservations alone",
        )
    return found


def look_at_held(edges: Edges, *, portfolio: Portfolio, now: dt.datetime) -> tuple[Drift, ...]:
    """Asks the index for the held names that a run must hear about (`find_doubtful`).

    Those of which nothing is left are written down at `now`, and stop the run that asks the ledger next; so are those
    that are as they should be. Returns what isn't as it should be of the others, also a page that can't be read.
    Raises IndexError_ (see `ask_each`), LedgerError.
    """
    drift: list[Drift] = []
    seen: list[tuple[NormalizedName, int]] = []
    doubtful = {held.name: held for held in find_doubtful(edges.ledger.holdings().held, edges.listed(), now=now)}

    def look(name: NormalizedName) -> ProjectState | None:
        return _project_there(doubtful[name], edges)

    def leave_out(name: NormalizedName, error: IndexError_) -> None:
        drift.append(tell_unread(name, error))

    try:
        for held, state in zip(doubtful.values(), ask_each([*doubtful], look, leave_out=leave_out), strict=True):
            if state is None:
                continue
            if loss := find_loss(state, files=held.files):
                edges.ledger.append(Observed(name=held.name, found=loss, time=now))
                continue
            is_unchanged = bool(held.serial) and state.serial == held.serial
            found = (
                find_drift_of(held, state, portfolio=portfolio, shows_ownership=edges.profile.shows_ownership)
                if not is_unchanged
                else ()
            )
            drift += found
            if not found:
                seen.append((held.name, state.serial or 0))
    finally:
        # What was seen before the index failed isn't asked again.
        if seen:
            edges.ledger.append(Looked(seen=tuple(seen), time=now))
    return tuple(drift)


def _project_there(held: HeldName, edges: Edges) -> ProjectState:
    """The state of a name that should exist: 'not here' and 'no file' count only if it stays so (caches may be behind).

    So does an unreadable answer.
    """
    for pause_s in _VANISHED_PAUSES_S:
        with suppress(IndexError_):
            state = edges.reader.project(held.name, known_serial=held.serial)
            if find_loss(state, files=held.files) in {None, Sighting.QUARANTINED}:
                return state
        edges.sleep(pause_s)
    return edges.reader.project(held.name, known_serial=held.serial)


def _with_slot(
    actions: Sequence[Action], holdings: Holdings, *, portfolio: Portfolio, edges: Edges, now: dt.datetime
) -> tuple[Action, ...]:
    """Those of `actions` that this run can send: later versions, and new names as far as there are slots.

    A run that waits for slots may come to all of them.
    """
    slots = holdings.slots(quota=edges.profile.quota, budget=portfolio.budget, now=now)
    if slots.free is None or edges.wait_s > 0:
        return tuple(actions)
    new = [action.name for action in actions if action.name not in holdings.names]
    later = frozenset(new[max(slots.free, 0) :])
    return tuple(action for action in actions if action.name not in later)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """The questions about the targets of actions, each asked once in a run, and what was found so far.

    `unproved` are the packages around which nothing is sent, each with its proof that failed; `held_back` are actions
    that are skipped, because the index's files don't support them now, or only packages without proof do. `proofs` are
    all answers so far.
    """

    fresh_plan: Plan
    portfolio: Portfolio
    edges: Edges
    now: dt.datetime
    asked: set[NormalizedName] = field(default_factory=set)
    unproved: dict[NormalizedName, OwnershipProof] = field(default_factory=dict)
    held_back: dict[NormalizedName, Reason] = field(default_factory=dict)
    proofs: dict[NormalizedName, OwnershipProof] = field(default_factory=dict)
    _shown: dict[_Question, tuple[Surface, ...]] = field(default_factory=dict)

    def find_obstacle(self, action: Action) -> Reason | None:
        """Why `action` isn't sent, asked for now if it wasn't yet. Raises IndexError_."""
        if action.name not in self.asked:
            self.ask((action,))
        return self.held_back.get(action.name)

    def ask(self, actions: Sequence[Action]) -> None:
        """Asks about all of `actions`. Raises IndexError_."""
        proofs = self.prove(actions)
        waiting = why_targets_wait(proofs, today=self.now.date(), portfolio=self.portfolio)
        self.held_back.update(
            (action.name, reason)
            for action in actions
            if action.target not in self.unproved and (reason := why_waits(action, waiting)) is not None
        )
        self.held_back.update(self._find_unsupported(actions))
        if self.edges.profile.is_public:
            self.held_back.update(find_unowned(actions, fresh_plan=self.fresh_plan, proofs=proofs))
            self.held_back.update(
                find_unshown(
                    [action for action in actions if action.target not in self.unproved],
                    fresh_plan=self.fresh_plan,
                    portfolio=self.portfolio,
                    edges=self.edges,
                    now=self.now,
                    shown=self._shown,
                )
            )
        self.asked.update(action.name for action in actions)

    def prove(self, items: Iterable[Action | Deferred]) -> tuple[OwnershipProof, ...]:
        """Asks whose the packages are that `items` rest on; those without proof are known then. Raises IndexError_."""
        proofs = prove_targets(items, portfolio=self.portfolio, edges=self.edges, now=self.now)
        self.unproved.update(find_waiting_targets(proofs, today=self.now.date(), portfolio=self.portfolio))
        self.proofs.update((proof.target, proof) for proof in proofs)
        return proofs

    def _find_unsupported(self, actions: Iterable[Action]) -> dict[NormalizedName, Reason]:
        """The actions that only packages without proof make the organization's. Raises IndexError_."""
        if self.edges.territory is None:
            return {}

        def prove(packages: Iterable[NormalizedName]) -> tuple[OwnershipProof, ...]:
            found = prove_packages(packages, portfolio=self.portfolio, edges=self.edges, now=self.now)
            self.proofs.update((proof.target, proof) for proof in found)
            return found

        return judge_by_proved(
            {action.name: action.target for action in actions if action.target not in self.unproved},
            packages=[package.name for package in self.portfolio.packages if package.published],
            proofs=self.proofs.values(),
            territory=partial(self.edges.territory, as_of=self.now.date()),
            prove=prove,
        )


def prove_targets(
    actions: Iterable[Action | Deferred], *, portfolio: Portfolio, edges: Edges, now: dt.datetime
) -> tuple[OwnershipProof, ...]:
    """What the index's own record shows about who owns the packages that these actions rest on.

    What this run asked already isn't asked again.

    Raises IndexError_ where the index can't be read.
    """
    targets = {find_vouching(action.target, portfolio) or action.target for action in actions}
    return prove_packages(targets, portfolio=portfolio, edges=edges, now=now)


def prove_packages(
    packages: Iterable[NormalizedName], *, portfolio: Portfolio, edges: Edges, now: dt.datetime
) -> tuple[OwnershipProof, ...]:
    """The same for these packages; the index has told its time before. Raises IndexError_."""
    targets = frozenset(packages)
    known = {proof.target: proof for proof in edges.asked() if proof.target in targets}
    proofs = check_ownership(
        portfolio,
        targets - known.keys(),
        index=RecallingReader(asked=RememberingReader.of(edges.reader)),
        web=edges.web,
        profile=edges.profile,
        now=now,
        has_answered=True,
    )
    edges.keep_proofs(proofs)
    return (*known.values(), *proofs)


def find_unowned(
    actions: Sequence[Action], *, fresh_plan: Plan, proofs: Iterable[OwnershipProof]
) -> dict[NormalizedName, Reason]:
    """The actions with a word of an organization that the index doesn't show as an owner of our packages now."""
    shown = find_organizations(proofs)
    assessed = fresh_plan.find([action.name for action in actions])
    found = ((action.name, assessed[action.name].by_organization) for action in actions if action.name in assessed)
    return {name: organization_lost(by) for name, by in found if by and by not in shown}


def find_unshown(
    actions: Sequence[Action],
    *,
    fresh_plan: Plan,
    portfolio: Portfolio,
    edges: Edges,
    now: dt.datetime,
    shown: dict[_Question, tuple[Surface, ...]],
) -> dict[NormalizedName, Reason]:
    """The actions that rest only on commands, imports or former names which the index's files don't show now.

    A name that isn't the organization's by its own words rests on a surface that a release must have shown for long.
    What names.yaml and the record of releases say doesn't count: the record only tells which files to read again.
    `shown` keeps what was read.
    Raises IndexError_ where a package can't be read.
    """
    assessed = fresh_plan.find([action.name for action in actions])
    ignored = {package.name: package.ignored for package in portfolio.packages}

    def look(package: NormalizedName, wanted: frozenset[NormalizedName]) -> tuple[Surface, ...]:
        if (package, wanted) not in shown:
            known = edges.releases.files_of(package) if edges.releases is not None else ()
            shown[package, wanted] = show_again(
                package, wanted, known=known, web=edges.web, simple=edges.profile.simple
            )
        return shown[package, wanted]

    unshown: dict[NormalizedName, Reason] = {}
    for action in actions:
        if action.name not in assessed:
            continue
        grounds = find_grounds(assessed[action.name], portfolio)
        if grounds and lacks_standing(
            grounds, shown_values(look(action.target, grounds), ignored=ignored[action.target])
        ):
            unshown[action.name] = claimed_only(action.target)
            continue
        standing = assessed[action.name].standing
        if standing is None:
            continue
        found = look(standing.package, frozenset({canonicalize_name(standing.value)}))
        if not is_shown_for_long(standing, found, as_of=now.date()):
            unshown[action.name] = standing_lost(standing)
    return unshown

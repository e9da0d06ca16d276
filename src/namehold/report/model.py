"""The report as frozen values: what the renderers lay out and what the JSON document holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from packaging.utils import NormalizedName

from namehold.errors import Diagnostic
from namehold.index import Quota
from namehold.index.rules import Availability, Protection, TypoFlag
from namehold.ledger import HeldName, Receipt, SentLetter
from namehold.ownership import OwnershipProof
from namehold.plan import CoveragePoint, Deferred, PolicyDifference, Provenance, Reason, Wish
from namehold.portfolio import Mode, NameClass, PolicyName, Route
from namehold.report.words import Standing, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One line of the first screen; `command` is what to call, where there is something to call.

    `task` says in few words what a person has to do; empty: nothing today.
    """

    label: str
    text: str
    command: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameEntry:
    """One assessed name. `score` is P(this name is used | the package is attacked).

    `factors` are (way, rate): what each way of coming to the name adds to the score.
    `ordinal` and `day` are set where the plan reserves the name, `since` where the ledger proves that it is held.
    """

    name: NormalizedName
    target: NormalizedName
    route: Route
    state: State
    name_class: NameClass
    score: float
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    evidence: tuple[str, ...]
    availability: Availability
    protection: Protection
    similar_to: tuple[NormalizedName, ...]
    flagged_as: tuple[TypoFlag, ...]
    factors: tuple[tuple[str, float], ...] = ()
    mode: Mode | None = None
    ordinal: int | None = None
    day: int | None = None
    since: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingShare:
    """How many of 100 confusions end at names of this standing."""

    standing: Standing
    confusions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A name whose state differs from an earlier report's. Empty: that report, or this one, doesn't have the name."""

    name: NormalizedName
    target: NormalizedName
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTotal:
    """How many assessed names are under one route."""

    route: Route
    names: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTotal:
    """How many assessed names are in one state, and whether anybody else could still register them."""

    state: State
    is_safe: bool
    names: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageReport:
    """All assessed names of one target: by route in the order of `ROUTE_ORDER`, then by score, highest first.

    `confusions` is its part of the organization's 100, `standings` where its own 100 end; `users` says how many people
    use it, compared with a package that hardly anybody knows.
    """

    name: NormalizedName
    totals: tuple[RouteTotal, ...]
    entries: tuple[NameEntry, ...]
    confusions: int = 0
    standings: tuple[StandingShare, ...] = ()
    users: float = 1.0

    def by_route(self, route: Route) -> tuple[NameEntry, ...]:
        """The names under one route."""
        return tuple(entry for entry in self.entries if entry.route is route)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """What is sent in one window of the quota. `date` is the earliest one: day 1 is the day of the plan."""

    day: int
    date: dt.date
    entries: tuple[NameEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedWarning:
    """One warning and every name that it is about; none where it is about the whole plan."""

    reason: Reason
    names: tuple[NormalizedName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that the report says, in the order in which it says it.

    `totals` and `states` are two partitions of the same `assessed` names; each sums up to it.
    `unproved` were sent without proof yet, `undecided` were held once and are gone; both whether planned or not.
    `next_slot` is when the index accepts the next new name, as far as the ledger knows; None: at once.
    `snapshot_age_days` None: the plan was made without a list of the index's names.
    `standings` sums up to 100 confusions, empty where no name has a score; `letter` holds the next letter's names.
    `unconfirmed` wait for a person's word in names.yaml that they belong to a package.
    `changes` are those since the report of the day `against`. A public report has no name that anybody could still
    register: `left_out` is how many it leaves out, while `totals` and `states` still count them.
    """

    organization: str
    index: str
    username: str
    policy: PolicyName
    as_of: dt.date
    first_screen: tuple[Headline, ...]
    assessed: int
    totals: tuple[RouteTotal, ...]
    states: tuple[StateTotal, ...]
    packages: tuple[PackageReport, ...]
    calendar: tuple[CalendarDay, ...]
    coverage: tuple[CoveragePoint, ...]
    planned: tuple[NormalizedName, ...]
    held: tuple[HeldName, ...]
    unproved: tuple[NormalizedName, ...]
    undecided: tuple[NormalizedName, ...]
    letters: tuple[SentLetter, ...]
    targets: tuple[OwnershipProof, ...]
    proved_targets: tuple[NormalizedName, ...]
    unproved_targets: tuple[NormalizedName, ...]
    deferred: tuple[Deferred, ...]
    wishes: tuple[Wish, ...]
    other_policy: tuple[PolicyDifference, ...]
    warnings: tuple[GroupedWarning, ...]
    findings: tuple[Diagnostic, ...]
    rehearsal: tuple[Receipt, ...]
    is_rehearsed: bool
    is_approved: bool
    next_slot: dt.datetime | None
    snapshot_age_days: int | None
    provenance: Provenance
    ledger_head: str
    action_digest: str
    quota: Quota | None = None
    standings: tuple[StandingShare, ...] = ()
    letter: tuple[NormalizedName, ...] = ()
    unconfirmed: tuple[NormalizedName, ...] = ()
    against: dt.date | None = None
    changes: tuple[Change, ...] = ()
    is_public: bool = False
    left_out: int = 0

    @property
    def asked_targets(self) -> frozenset[NormalizedName]:
        """The packages that the index was asked about: when a name was held for them, or since."""
        return frozenset(proof.target for proof in self.targets) | frozenset(self.proved_targets)

    def in_state(self, *states: State) -> int:
        """How many assessed names are in any of these states."""
        return sum(total.names for total in self.states if total.state in states)

    def under(self, route: Route) -> int:
        """How many assessed names are under this route."""
        return sum(total.names for total in self.totals if total.route is route)

    @property
    def reserved(self) -> int:
        """How many points of the coverage curve, from its beginning, are names that are held or planned."""
        ours = frozenset(self.planned) | {item.name for item in self.held}
        return max((number for number, point in enumerate(self.coverage, start=1) if point.name in ours), default=0)

    @property
    def entries(self) -> tuple[NameEntry, ...]:
        """Every assessed name, package by package."""
        return tuple(entry for package in self.packages for entry in package.entries)

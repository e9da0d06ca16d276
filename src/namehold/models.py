"""Every value that flows along the line from names.yaml to the report, in the order of the flow.

    names.yaml -> Portfolio -> Candidate -> Assessment -> Plan -> Distribution -> Receipt -> Report

All types are frozen: a stage takes values and returns values.
Dates are `datetime.date`, times are timezone-aware UTC `datetime.datetime`, durations carry their unit in the name.
Sequences are tuples, so that every value is hashable and can be digested (`digests.py`).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from packaging.utils import NormalizedName
from packaging.version import Version

# --------------------------------------------------------------------------- portfolio


class SurfaceKind(StrEnum):
    """How people reach a package by a string; the kinds of `Surface`."""

    PROJECT = "project"
    IMPORT = "import"
    NAMESPACE = "namespace"
    COMMAND = "command"
    ENTRY_POINT = "entry-point"
    EXTRA = "extra"
    ALIAS = "alias"
    FORMER = "former"
    REPOSITORY = "repository"
    DOCUMENTED = "documented"
    OBSERVED = "observed"
    PROBED = "probed"
    INTERNAL = "internal"
    FUTURE = "future"


class PolicyName(StrEnum):
    """`cautious` reserves what is the organization's own; `protective` also the best confusable names."""

    CAUTIOUS = "cautious"
    PROTECTIVE = "protective"


class NameClass(StrEnum):
    """What kind of name a candidate is; the policy routes by it. Strongest first."""

    ALWAYS = "always"
    OBSERVED = "observed"
    SURFACE = "surface"
    TYPO = "typo"
    COMBO = "combo"
    INTERNAL = "internal"
    FUTURE = "future"


#: Place of each class by strength, the strongest first.
_STRENGTH_ORDER = {name_class: place for place, name_class in enumerate(NameClass)}


class Route(StrEnum):
    """What a name needs (docs/explanation/lifecycle.md)."""

    PROTECTED = "protected"
    RESERVE = "reserve"
    REQUEST = "request"
    NAMESPACE = "namespace"
    WATCH = "watch"
    FLAG = "flag"
    NONE = "none"


class Mode(StrEnum):
    """What a placeholder does; one folder of templates each."""

    REDIRECT = "redirect"
    SIGNPOST = "signpost"
    REFUSE = "refuse"


#: The source of what names.yaml says without saying from where: a claim.
CLAIMED_SOURCE = "names.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One string by which people reach a package, and where we know it from."""

    kind: SurfaceKind
    value: str
    source: str
    date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One project that the organization owns.

    `surfaces` holds everything but the project name itself; `companions` are projects used together with it.
    `confirmed` are names that a person confirmed for a redirect although they lack the package's own token.
    `ignored` are values that discovery may find and that a person says are wrong.
    """

    name: NormalizedName
    spelled: str
    surfaces: tuple[Surface, ...] = ()
    companions: tuple[NormalizedName, ...] = ()
    confirmed: tuple[NormalizedName, ...] = ()
    ignored: tuple[str, ...] = ()
    published: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """Who holds the names. `contact` is a role mailbox or the address of an issue tracker or security policy.

    `register_page` is where the public register stands, `source_page` where the placeholders' source is published.
    """

    name: str
    contact: str
    homepage: str = ""
    legal_name: str = ""
    policy_page: str = ""
    index_organization: str = ""
    register_page: str = ""
    source_page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The ONE account that reserves. `index` is a nickname of a profile; `holders` are users who own the targets."""

    index: str
    username: str
    holders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedName:
    """A name that models or people were seen to ask for."""

    name: NormalizedName
    package: NormalizedName
    source: str
    date: dt.date
    count: int = 1
    of: int | None = None
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalName:
    """A name used only inside the organization (dependency confusion). `ask` is what names.yaml asks for by name."""

    name: NormalizedName
    ask: Route | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysName:
    """A name that names.yaml asks for, with the package that it points to and, if chosen, how."""

    name: NormalizedName
    package: NormalizedName
    reason: str
    route: Route | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverName:
    """A name that must not be acted on, and why."""

    name: NormalizedName
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceGrant:
    """A PEP 752 grant that the organization holds: `prefix` covers `prefix` and `prefix-*`."""

    prefix: NormalizedName
    since: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlike:
    """A person's verdict, after a look-up, that a stranger's project imitates `package`."""

    name: NormalizedName
    package: NormalizedName
    date: dt.date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A later version of a held placeholder: to point to another `package`, or to warn before `withdraw_on`."""

    name: NormalizedName
    version: str
    reason: str
    package: NormalizedName | None = None
    withdraw_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How names are routed. `routes` and `modes` override a class's default; an override lifts no guard.

    `threshold` is the score below which nothing is done (a probability, 0 to 1, conditional on an attack); its
    default leaves a handful of typing errors a package, because administrators answer few, small requests.
    `review_date` is when the organization looks at its placeholders again; None: 31 December of the next year.
    `answer_days` is the promised time to answer a claim on a name.
    `candidates` is how many ranked names a package are assessed.
    """

    name: PolicyName = PolicyName.CAUTIOUS
    threshold: float = 0.03
    routes: tuple[tuple[NameClass, Route], ...] = ()
    modes: tuple[tuple[NameClass, Mode], ...] = ()
    review_date: dt.date | None = None
    answer_days: int = 14
    candidates: int = 100
    templates: str = ""


# No key or flag lifts these. A reservation can't be taken back without freeing the name for anyone, and the index's
# administrators have removed a batch of 1,525 well-meant names (2025): these ceilings keep far below such a batch.
#: Names that one account may hold over the ledger's life.
MAX_NAMES_AN_ACCOUNT = 100
#: Names for one package over the ledger's life.
MAX_NAMES_A_PACKAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A ceiling, not a target. `per_day` None means the index's own quota.

    `floor` is how many names each package gets before any package gets more, as far as they reach the threshold: with
    one no package stays bare for another one's third name. What it costs is measured in bench/RESULTS.md.
    `keep_slots` are slots of the index's sliding window that are left for the organization's own new projects.
    """

    total: int = 10
    per_package: int = 3
    floor: int = 1
    per_day: int | None = None
    keep_slots: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """Whether `apply` and `run` may write to an index that isn't on loopback."""

    enabled: bool = False
    announced: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChoice:
    """Addresses of a private index, where `account.index` isn't a nickname of a known one."""

    upload: str = ""
    simple: str = ""
    json: str = ""
    ownership: str = "shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """What names.yaml says, checked. `digest` is over the parsed values: comments and order of keys don't count.

    `unrelated` are strangers' projects that a person has looked at and found to be nobody's imitation.
    `demo`: the organization is invented; its addresses may be examples, and publishing can't be enabled.
    """

    organization: Organization
    account: Account
    packages: tuple[Package, ...]
    internal: tuple[InternalName, ...] = ()
    future: tuple[NormalizedName, ...] = ()
    observed: tuple[ObservedName, ...] = ()
    always: tuple[AlwaysName, ...] = ()
    never: tuple[NeverName, ...] = ()
    namespaces: tuple[NamespaceGrant, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()
    unrelated: tuple[NormalizedName, ...] = ()
    renewals: tuple[Renewal, ...] = ()
    policy: Policy = Policy()
    budget: Budget = Budget()
    publishing: Publishing = Publishing()
    index: IndexChoice | None = None
    demo: bool = False
    digest: str = ""

    def package(self, name: NormalizedName) -> Package:
        """The package called `name`; KeyError if the portfolio has none."""
        for package in self.packages:
            if package.name == name:
                return package
        raise KeyError(name)


# --------------------------------------------------------------------------- candidates


class Channel(StrEnum):
    """By which way a person comes to the wrong name. `owner` is other owners' habit, `declared` is names.yaml."""

    TYPO = "typo"
    COMBO = "combo"
    MODEL = "model"
    OWNER = "owner"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One reason why a name may be taken for the target.

    `weight` is the natural logarithm of the rate of this piece of evidence (hits per name, given that the
    package is attacked or asked for); `source` says where the rate or the observation comes from.
    """

    technique: str
    channel: Channel
    name_class: NameClass
    surface: Surface
    detail: str
    weight: float
    source: str = ""
    date: dt.date | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One term of a score: a label for people, its natural-log weight, and the channel it counts in."""

    label: str
    channel: Channel
    log_weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`value` is P(this name is used | the package is attacked), noisy-or over the channels; never a risk of attack."""

    value: float
    channels: tuple[tuple[Channel, float], ...] = ()
    factors: tuple[Factor, ...] = ()

    def without(self, channel: Channel) -> float:
        """What would be left of `value` (0 to 1) if nothing came through `channel`."""
        part = dict(self.channels).get(channel)
        return self.value if part is None else 1.0 - (1.0 - self.value) / (1.0 - part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A name that may be mistaken for `target`, with all the evidence for it and its score."""

    name: NormalizedName
    target: NormalizedName
    evidence: tuple[Evidence, ...]
    score: Score

    @property
    def name_class(self) -> NameClass:
        """The strongest class among the evidence, in the order in which `NameClass` lists them."""
        return min((item.name_class for item in self.evidence), key=_STRENGTH_ORDER.__getitem__)


# --------------------------------------------------------------------------- the index


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many new projects an index allows in a sliding window."""

    limit: int
    window_s: int


#: Nicknames of indexes whose addresses need not be written down (see `profiles.py`).
KNOWN_INDEXES = ("pypi", "testpypi")
#: What an index's nickname looks like: it becomes a part of file names, and can stand in one on every system.
NICKNAME = re.compile(r"[A-Za-z0-9]+(?:[-._][A-Za-z0-9]+)*")
#: What the public index allows a user and an address (its own answers, August 2026); the answers' headers decide.
INDEX_QUOTA = Quota(limit=4, window_s=86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexProfile:
    """One index: addresses, and what can be expected of it.

    Addresses end with a slash. `json` is empty where the index has no JSON API.
    `is_public` indexes bind every guard; `is_loopback` ones are rehearsals.
    """

    nickname: str
    upload: str
    simple: str
    json: str
    is_public: bool
    is_loopback: bool
    shows_ownership: bool
    has_similarity_rule: bool
    has_stdlib_rule: bool
    quota: Quota | None


#: An older snapshot is a warning in a plan and stops an apply to a public index.
SNAPSHOT_MAX_AGE_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotInfo:
    """One index's list of names at a moment. `digest` is sha256 over the sorted normalized names, one a line."""

    index: str
    source: str
    taken: dt.date
    count: int
    digest: str
    complete: bool
    serial: int | None = None
    etag: str = ""

    def age_days(self, as_of: dt.date) -> int:
        """Whole days from the day on which the list was taken to `as_of`."""
        return (as_of - self.taken).days

    def is_stale(self, as_of: dt.date) -> bool:
        """Whether the list is older than `SNAPSHOT_MAX_AGE_DAYS` on that day."""
        return self.age_days(as_of) > SNAPSHOT_MAX_AGE_DAYS


class ProjectStatus(StrEnum):
    """PEP 792 status markers, as the index shows them."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    QUARANTINED = "quarantined"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFile:
    """A file as the index lists it."""

    filename: str
    sha256: str
    url: str = ""
    size: int | None = None
    uploaded: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A user's role on a project, as the index shows it."""

    role: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Who holds a project. For an organization's project `roles` is empty (the index shows none)."""

    organization: str | None = None
    roles: tuple[Role, ...] = ()

    @property
    def users(self) -> frozenset[str]:
        """All users with a role."""
        return frozenset(role.user for role in self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectState:
    """What the index says about one name right now. `ownership` None: not shown.

    `project_urls` are (label, address) of the latest release's metadata, `requires` the projects that it needs.
    """

    name: NormalizedName
    exists: bool
    status: ProjectStatus = ProjectStatus.ACTIVE
    files: tuple[IndexFile, ...] = ()
    ownership: Ownership | None = None
    serial: int | None = None
    summary: str = ""
    project_urls: tuple[tuple[str, str], ...] = ()
    requires: tuple[NormalizedName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer of an index as it was kept. `is_fresh`: young enough not to be asked for again."""

    status: int
    content: bytes
    etag: str = ""
    is_fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer to one GET. `headers` are by lower-case name; `content` is at most what was asked for."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes

    def header(self, name: str) -> str:
        """The value of one header, empty if it isn't there."""
        return dict(self.headers).get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What an index says about one of our packages, with what it cost to ask.

    `surfaces` and `companions` come from the files of the latest release; `read_from` names the file.
    `first_release` and `latest_release` are the upload times of the oldest and newest file.
    """

    name: NormalizedName
    spelled: str
    status: ProjectStatus
    surfaces: tuple[Surface, ...]
    companions: tuple[NormalizedName, ...]
    project_urls: tuple[tuple[str, str], ...]
    version: str
    read_from: str
    first_release: dt.datetime | None
    latest_release: dt.datetime | None
    serial: int | None
    requests: int
    bytes_read: int


# --------------------------------------------------------------------------- assessment


class Availability(StrEnum):
    """What is known about a name on the index. UNKNOWN is never acted on; UNREGISTERED never means 'free'."""

    UNREGISTERED = "unregistered"
    OURS = "ours"
    TAKEN = "taken"
    FOREIGN = "foreign"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Protection(StrEnum):
    """Why the index would refuse the name to everyone."""

    INVALID = "invalid"
    STDLIB = "stdlib"
    SIMILAR = "similar"
    EXISTS = "exists"
    PROHIBITED = "prohibited"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypoFlag:
    """A background check of the index that a new name would trip: it tells the administrators, it blocks nothing."""

    check: str
    matched: NormalizedName


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCheck:
    """What the index would answer for a name, and why. `name` is what was asked, as it was asked."""

    name: str
    normalized: NormalizedName | None
    availability: Availability
    protection: Protection
    similar_to: tuple[NormalizedName, ...] = ()
    flagged_as: tuple[TypoFlag, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a route was chosen: a stable rule id and a sentence for people."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A candidate under exactly one route, with its reasons. `mode` is set for RESERVE only."""

    candidate: Candidate
    check: NameCheck
    route: Route
    reasons: tuple[Reason, ...]
    mode: Mode | None = None
    warnings: tuple[Reason, ...] = ()


# --------------------------------------------------------------------------- plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One reservation: everything that a person approves, but for `ordinal`, `day`, `score` and `gain`.

    `ordinal` counts from 1 in the order of sending; `day` is the ordinal of the quota's window (day 1 is today).
    `gain` is the marginal expected coverage. `digest` is over name, target, mode, version, reasons and review
    date (the placeholder carries it); `tree_digest` is sha256 over the rendered source tree.
    `withdraw_on` is set for a later version that warns of its end; a reason carries it, too.
    """

    ordinal: int
    day: int
    name: NormalizedName
    target: NormalizedName
    mode: Mode
    version: str
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    flagged_as: tuple[TypoFlag, ...]
    review_date: dt.date
    score: float
    gain: float
    digest: str
    tree_digest: str = ""
    withdraw_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """A name that would be reserved if there were room; `key` is the key of names.yaml that sets the limit."""

    name: NormalizedName
    target: NormalizedName
    score: float
    reason: Reason
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveragePoint:
    """After `names` reservations the expected share of the portfolio's reservable weight that is covered (0 to 1).

    What is held comes first; then what is planned, in its order.
    """

    names: int
    name: NormalizedName
    gain: float
    covered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Digests of everything that a plan was made from. Not part of what is approved."""

    tool: str
    as_of: dt.date
    portfolio: str
    snapshot: SnapshotInfo | None
    ledger_head: str
    weights: str
    popular: str
    templates: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDifference:
    """What the other policy would do with a name."""

    name: NormalizedName
    target: NormalizedName
    route: Route
    other_route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, in order. `action_digest` is what a person approves: actions, modes, rendered bytes and policy."""

    index: str
    account: Account
    organization: str
    policy: Policy
    budget: Budget
    quota: Quota | None
    actions: tuple[Action, ...]
    deferred: tuple[Deferred, ...]
    assessments: tuple[Assessment, ...]
    coverage: tuple[CoveragePoint, ...]
    other_policy: tuple[PolicyDifference, ...]
    warnings: tuple[Reason, ...]
    provenance: Provenance
    action_digest: str

    def by_route(self, route: Route) -> tuple[Assessment, ...]:
        """All assessments under one route."""
        return tuple(item for item in self.assessments if item.route is route)


# --------------------------------------------------------------------------- build


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of a rendered placeholder; `path` is relative, with forward slashes."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """A rendered placeholder before it is built. `digest` is sha256 over its sorted paths and bytes."""

    name: NormalizedName
    version: str
    mode: Mode
    files: tuple[SourceFile, ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A built file, checked as the index would check it."""

    name: NormalizedName
    version: str
    filename: str
    path: str
    sha256: str
    size: int
    mode: Mode
    metadata: tuple[tuple[str, str], ...] = ()


# --------------------------------------------------------------------------- receipts and ledger


class Token:
    """A secret that an upload carries. Deliberately no dataclass: it has no form for text, digests or documents."""

    __slots__ = ("_secret", "is_narrowed")

    def __init__(self, secret: str, *, is_narrowed: bool = False) -> None:
        self._secret = secret
        self.is_narrowed = is_narrowed

    def reveal(self) -> str:
        """The secret itself; only for the one call that sends it."""
        return self._secret

    def __repr__(self) -> str:
        return "Token(hidden)"

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a token can't be copied or written")


class Outcome(StrEnum):
    """What became of one planned name in one run. HELD needs proof: our sha256 under our user on the index."""

    HELD = "held"
    UNVERIFIED = "unverified"
    LOST_RACE = "lost-race"
    REFUSED_SIMILAR = "refused-similar"
    REFUSED_PROHIBITED = "refused-prohibited"
    REFUSED_STDLIB = "refused-stdlib"
    REFUSED_INVALID = "refused-invalid"
    REFUSED_FILE = "refused-file"
    REFUSED_UNKNOWN = "refused-unknown"
    RATE_LIMITED = "rate-limited"
    AUTHENTICATION_FAILED = "authentication-failed"
    REGISTRATION_DISABLED = "registration-disabled"
    INDETERMINATE = "indeterminate"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the index to an upload, as the wire gave it; no secret can be in it.

    `status` is None where the connection ended without an answer; `headers` are lower-case names.
    `date` is the index's own `Date`.
    """

    status: int | None
    message: str
    headers: tuple[tuple[str, str], ...] = ()
    date: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one name: outcome, what the index said, and the proof."""

    name: NormalizedName
    target: NormalizedName
    outcome: Outcome
    message: str
    time: dt.datetime
    action_digest: str
    status: int | None = None
    files: tuple[tuple[str, str], ...] = ()
    owner: str = ""


class EventKind(StrEnum):
    """Kinds of ledger events that this version writes. Readers keep and chain unknown ones."""

    OPENED = "opened"
    INTENT = "intent"
    RECEIPT = "receipt"
    OBSERVATION = "observation"
    APPROVAL = "approval"
    REHEARSAL = "rehearsal"
    LETTER = "letter"
    ADOPTION = "adoption"
    HANDOVER = "handover"
    DECISION = "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEvent:
    """One line of the ledger; `digest` covers everything else, `previous` is the digest of the line before."""

    sequence: int
    time: dt.datetime
    kind: str
    data: dict[str, Any]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldName:
    """A name that the ledger proves to be held: its latest version, and the files of all.

    An adopted name was there before: it has no mode and no action digest.

    `withdraw_on` is the end that the latest version warns of; `warned_since` is when the index had it.
    """

    name: NormalizedName
    target: NormalizedName
    mode: Mode | None
    version: str
    since: dt.datetime
    files: tuple[tuple[str, str], ...]
    action_digest: str
    withdraw_on: dt.date | None = None
    warned_since: dt.datetime | None = None

    @property
    def next_version(self) -> str:
        """What a later placeholder is called: the held version with its last number raised by one."""
        *first, last = Version(self.version).release
        return ".".join(map(str, (*first, last + 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What the ledger says was about to be sent: `files` are (file name, sha256) in the order of sending."""

    name: NormalizedName
    target: NormalizedName
    mode: Mode
    version: str
    files: tuple[tuple[str, str], ...]
    action_digest: str
    time: dt.datetime
    withdraw_on: dt.date | None = None


class LetterKind(StrEnum):
    """What a letter asks for or tells; the first three wait for an answer."""

    PROHIBIT = "prohibit"
    NAMESPACE = "namespace"
    TRANSFER = "transfer"
    ANNOUNCE = "announce"
    REPORT = "report"


class LetterAnswer(StrEnum):
    """What the administrators answered. SILENT: nothing, and a person stopped waiting."""

    GRANTED = "granted"
    DECLINED = "declined"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLetter:
    """A letter that a person says to have sent, and what became of each of its names.

    `digest` is the letter's own; names without an answer aren't in `answers`.
    """

    kind: LetterKind
    digest: str
    names: tuple[NormalizedName, ...]
    sent: dt.date
    answers: tuple[tuple[NormalizedName, LetterAnswer, dt.date], ...] = ()

    @property
    def unanswered(self) -> tuple[NormalizedName, ...]:
        """The names that still wait for an answer."""
        answered = {name for name, _, _ in self.answers}
        return tuple(name for name in self.names if name not in answered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's word for actions: the digest of a plan as a whole or of one action alone, and when it was given.

    `address` is the digest of the upload address that the person approved to send to, since a nickname can be given
    to another address. The digest says nothing of a private index to readers of a published ledger.
    """

    digest: str
    time: dt.datetime
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """The ledger, folded: what is held, what is open, what is settled. Values are by normalized name.

    `open_intents` were sent, or were about to be, and nobody knows yet what became of them; `unverified` were
    taken by the index, which doesn't show them yet; `unproven` tells for both what was sent.
    `prohibited` are names that the administrators removed or refused: never planned again. `undecided` are those
    of them about which no person has recorded yet what the administrators said; they stop every run.
    `quota` is what the index's answers said last; `closed_until` is when the first slot is free, where the last
    answer left none. `rehearsals` are action digests, as `approvals` have them.
    """

    index: str = ""
    username: str = ""
    head: str = ""
    held: tuple[HeldName, ...] = ()
    unverified: tuple[NormalizedName, ...] = ()
    open_intents: tuple[NormalizedName, ...] = ()
    unproven: tuple[Intent, ...] = ()
    prohibited: tuple[NormalizedName, ...] = ()
    undecided: tuple[NormalizedName, ...] = ()
    settled: tuple[tuple[NormalizedName, str], ...] = ()
    slot_times: tuple[dt.datetime, ...] = ()
    quota: Quota | None = None
    closed_until: dt.datetime | None = None
    approvals: tuple[Approval, ...] = ()
    rehearsals: tuple[str, ...] = ()
    letters: tuple[SentLetter, ...] = ()

    @property
    def names(self) -> frozenset[NormalizedName]:
        """Every name that is held or may be."""
        return frozenset(item.name for item in self.held) | frozenset(self.unverified) | frozenset(self.open_intents)

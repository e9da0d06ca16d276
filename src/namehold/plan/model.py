"""The plan and what it is made of: assessments, actions, what is deferred, provenance. Values alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, overload

from packaging.utils import NormalizedName

from namehold.candidates import Candidate
from namehold.index import Quota, SnapshotInfo
from namehold.index.rules import Availability, NameCheck, TypoFlag
from namehold.portfolio import Account, Budget, Mode, NameClass, Policy, Portfolio, Route, SurfaceKind

#: What stands before the name in the text of an assessment.
_BEFORE_NAME: Final = b'{"candidate":{'

#: First reasons of names that others hold.
TAKEN_RULES: Final = frozenset({"taken", "look-alike"})

#: First reason of a package's own name that waits for a person's word.
UNCONFIRMED_RULE: Final = "surface-unconfirmed"


class HasText(Protocol):
    """A file of a rendered placeholder."""

    @property
    def path(self) -> str:
        """Relative, with forward slashes."""
        ...

    @property
    def text(self) -> str:
        """All of it."""
        ...


class HasDigest(Protocol):
    """What a plan needs to know of a rendered placeholder."""

    @property
    def files(self) -> Sequence[HasText]:
        """Its files, by path."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 of the rendered files."""
        ...


class Renderer(Protocol):
    """Templates in, source tree out; the same values give the same bytes."""

    def render(self, action: Action, portfolio: Portfolio) -> HasDigest:
        """Raises TemplateError."""
        ...

    @property
    def digest(self) -> str:
        """Digest of all template files."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a route was chosen: a stable rule id and a sentence for people."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A surface of a package that an old release shows: by it a name is the organization's, whatever words it has."""

    package: NormalizedName
    kind: SurfaceKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A candidate under exactly one route, with its reasons. `mode` is set for RESERVE only.

    `standing` is the surface but for which the name would not be the organization's; None where its own words do.
    `by_organization` is the name of the organization on the index, where it is one of these words; else empty.
    """

    candidate: Candidate
    check: NameCheck
    route: Route
    reasons: tuple[Reason, ...]
    mode: Mode | None = None
    warnings: tuple[Reason, ...] = ()
    standing: Standing | None = None
    by_organization: str = ""


class Outline(NamedTuple):
    """What counts of an assessment where many are counted; `rate` is its candidate's score."""

    name: NormalizedName
    target: NormalizedName
    route: Route
    availability: Availability
    name_class: NameClass
    rate: float


def outline_of(item: Assessment) -> Outline:
    """The outline of an assessment."""
    candidate = item.candidate
    return Outline(
        name=candidate.name,
        target=candidate.target,
        route=item.route,
        availability=item.check.availability,
        name_class=candidate.name_class,
        rate=candidate.score.value,
    )


class StoredAssessments(Sequence[Assessment]):
    """The assessments of a plan in a file: decoded when they are asked for, because a large plan has a million.

    `lines` gives the text of each, anew with every call; `decode` makes the value, `outline` its outline alone.
    All may raise InputError.
    """

    __slots__ = ("_all", "_decode", "_lines", "_outline")

    def __init__(
        self,
        lines: Callable[[], Iterator[bytes]],
        decode: Callable[[bytes], Assessment],
        outline: Callable[[bytes], Outline],
    ) -> None:
        self._lines = lines
        self._decode = decode
        self._outline = outline
        self._all: tuple[Assessment, ...] | None = None

    def containing(self, *texts: str) -> Iterator[Assessment]:
        """Those whose stored text contains one of `texts`, one by one; nothing is kept."""
        return map(self._decode, self._lines_with(texts))

    def named(self, names: Collection[NormalizedName]) -> Iterator[Assessment]:
        """Those of `names`, one by one; nothing is kept."""
        wanted = frozenset(name.encode() for name in names)
        for line in self._lines():
            # `dump_plan` writes the name first; a line of another form is decoded.
            start, _, rest = line.partition(b'"name":"')
            if start != _BEFORE_NAME or rest.partition(b'"')[0] in wanted:
                yield self._decode(line)

    def outlines(self, *texts: str) -> Iterator[Outline]:
        """The outlines of those whose stored text contains one of `texts`, one by one; nothing is kept."""
        return map(self._outline, self._lines_with(texts))

    def _lines_with(self, texts: Collection[str]) -> Iterator[bytes]:
        """The stored texts that contain one of `texts`; the empty one is in all."""
        if "" in texts:
            return self._lines()
        wanted = [text.encode() for text in texts]
        return (line for line in self._lines() if any(text in line for text in wanted))

    def __iter__(self) -> Iterator[Assessment]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    @overload
    def __getitem__(self, index: int) -> Assessment: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Assessment, ...]: ...
    def __getitem__(self, index: int | slice) -> Assessment | tuple[Assessment, ...]:
        return self._whole()[index]

    def _whole(self) -> tuple[Assessment, ...]:
        if self._all is None:
            self._all = tuple(self.containing(""))
        return self._all


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One reservation: everything that a person approves, but for `ordinal`, `day`, `score` and `gain`.

    `ordinal` counts from 1 in the order of sending; `day` is the ordinal of the quota's window (day 1 is today).
    `gain` is the marginal expected coverage. `digest` is over name, target, mode, version, reasons and review
    date (the placeholder carries it); `tree_digest` is sha256 over the rendered source tree.
    `withdraw_on` is set for a later version that warns of its end; a reason carries it, too.
    `tool` is the version of namehold that the placeholder names. `parts` are (file, sha256) of the rendered tree
    without the values that change by themselves (`content.py`): that is what a person approves of it.
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
    tool: str = ""
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """A name that would be reserved if there were room; `key` is the key of names.yaml that sets the limit.

    Without a key something else stands against it for now: the reason says what, and how it ends.
    """

    name: NormalizedName
    target: NormalizedName
    score: float
    reason: Reason
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveragePoint:
    """After `names` reservations the expected share of the portfolio's reservable harm that is covered (0 to 1).

    What is held comes first; then what is planned, in its order.
    """

    names: int
    name: NormalizedName
    gain: float
    covered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What becomes of a name that names.yaml asks for, and why.

    `kind` is the key that asks: always, internal, observed, confirmed or renew.
    """

    kind: str
    name: NormalizedName
    package: NormalizedName
    outcome: str
    why: str
    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """How many people use a package, compared with others: 1 is a package that hardly anybody knows.

    `rank` is its place by downloads (None: not ranked), `bearers` the number of other projects that carry its name as
    words. `is_stated`: names.yaml says `users`. It orders names and opens nothing.
    """

    package: NormalizedName
    users: float
    rank: int | None = None
    bearers: int = 0
    is_stated: bool = False


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
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDifference:
    """What the other policy would do with a name, and why (None: a plan from before reasons were written)."""

    name: NormalizedName
    target: NormalizedName
    route: Route
    other_route: Route
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, in order. `action_digest` is what a person approves: actions, modes and placeholders.

    `assessments` come last, also in a file: who needs only the actions never reads them.
    """

    index: str
    account: Account
    organization: str
    policy: Policy
    budget: Budget
    quota: Quota | None
    actions: tuple[Action, ...]
    deferred: tuple[Deferred, ...]
    coverage: tuple[CoveragePoint, ...]
    other_policy: tuple[PolicyDifference, ...]
    warnings: tuple[Reason, ...]
    provenance: Provenance
    action_digest: str
    audiences: tuple[Audience, ...] = ()
    wishes: tuple[Wish, ...] = ()
    assessments: Sequence[Assessment]

    def each_assessment(self) -> Iterable[Assessment]:
        """All assessments, one by one; of a plan in a file none is kept."""
        return self._containing("")

    def by_route(self, route: Route) -> tuple[Assessment, ...]:
        """All assessments under one route."""
        return tuple(item for item in self._containing(f'"{route}"') if item.route is route)

    def find(self, names: Collection[NormalizedName]) -> dict[NormalizedName, Assessment]:
        """The assessments of some names; what the plan doesn't know is left out."""
        wanted, items = frozenset(names), self.assessments
        if isinstance(items, StoredAssessments):
            items = tuple(items.named(wanted)) if wanted else ()
        return {item.candidate.name: item for item in items if item.candidate.name in wanted}

    def outlines(self, route: Route | None = None) -> Iterator[Outline]:
        """The outline of every assessment, or of those under one route, one by one: of a file, none is kept."""
        items = self.assessments
        text = "" if route is None else f'"{route}"'
        found = items.outlines(text) if isinstance(items, StoredAssessments) else map(outline_of, items)
        return (item for item in found if route in {None, item.route})

    def find_taken(self) -> tuple[tuple[NormalizedName, NormalizedName], ...]:
        """(name, target) of every name that others hold, best first."""
        items = self._containing(*(f'"{rule}"' for rule in TAKEN_RULES))
        taken = (item.candidate for item in items if item.reasons[0].rule in TAKEN_RULES)
        return tuple((candidate.name, candidate.target) for candidate in taken)

    def find_unconfirmed(self) -> tuple[Assessment, ...]:
        """The names that wait until a person lists them under `confirmed` of their package, in the plan's order."""
        items = self._containing(f'"{UNCONFIRMED_RULE}"')
        return tuple(item for item in items if item.reasons[0].rule == UNCONFIRMED_RULE)

    def _containing(self, *texts: str) -> Iterable[Assessment]:
        """The assessments that may be about `texts`; those in a file are decoded only where they contain one."""
        items = self.assessments
        return items.containing(*texts) if isinstance(items, StoredAssessments) else items

"""The plan and what it is made of: assessments, actions, what is deferred, provenance. Values alone."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, TypeAlias, overload

from packaging.utils import NormalizedName

from namehold.candidates import Candidate
from namehold.errors import InputError
from namehold.index import Quota, SnapshotInfo
from namehold.index.rules import Availability, NameCheck, TypoFlag
from namehold.portfolio import Account, Budget, Mode, NameClass, Policy, Portfolio, Route, SurfaceKind
from namehold.records import Record

#: So many names are in a block.
_BLOCK_NAMES: Final = 10_000
_DAY_S: Final = 86_400

#: First reasons of names that others hold.
TAKEN_RULES: Final = frozenset({"taken", "look-alike"})

#: First reason of a package's own name that waits for a person's word.
UNCONFIRMED_RULE: Final = "surface-unconfirmed"


class HasText(Protocol):
    """A file of a rendered placeholder."""

    @property
    def path(self) -> str:
        """Relative, with forward slashes."""

    @property
    def text(self) -> str:
        """All of it."""


class HasDigest(Protocol):
    """What a plan needs to know of a rendered placeholder."""

    @property
    def files(self) -> Sequence[HasText]:
        """Its files, by path."""

    @property
    def digest(self) -> str:
        """SHA-256 of the rendered files."""


class Renderer(Protocol):
    """Templates in, source tree out; the same values give the same bytes."""

    def render(self, action: Action, portfolio: Portfolio) -> HasDigest:
        """Raises TemplateError."""

    @property
    def digest(self) -> str:
        """Digest of all template files."""


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


class Assessment(Record, frozen=True, kw_only=True):
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

    @property
    def rule(self) -> str:
        """The rule of the first reason; empty if there is none."""
        return self.reasons[0].rule if self.reasons else ""


class Kind(NamedTuple):
    """What many names have in common; `rule` is that of their first reason."""

    target: NormalizedName
    route: Route
    availability: Availability
    name_class: NameClass
    rule: str


class Outline(NamedTuple):
    """What counts of an assessment where many are counted; `rate` is its candidate's score."""

    name: NormalizedName
    target: NormalizedName
    route: Route
    availability: Availability
    name_class: NameClass
    rate: float


class Block(NamedTuple):
    """The outlines of many assessments as columns, in their order; `places` are positions in `kinds`.

    A large plan has a million names of some thousand kinds.
    """

    names: list[NormalizedName]
    places: list[int]
    rates: list[float]
    kinds: list[Kind]

    @property
    def is_whole(self) -> bool:
        """Whether the columns are of one length, and each place is one of `kinds`."""
        is_even = len(self.names) == len(self.places) == len(self.rates)
        return is_even and all(0 <= place < len(self.kinds) for place in set(self.places))

    def find(self, is_wanted: Callable[[Kind], bool]) -> list[int]:
        """The positions of the names of some kinds."""
        wanted = {place for place, kind in enumerate(self.kinds) if is_wanted(kind)}
        return [at for at, place in enumerate(self.places) if place in wanted] if wanted else []

    def outline(self, at: int) -> Outline:
        """The outline of the name at a position."""
        kind = self.kinds[self.places[at]]
        return Outline(self.names[at], *kind[:4], self.rates[at])


def make_blocks(items: Iterable[Assessment]) -> Iterator[Block]:
    """The outlines of all these, in blocks."""
    rest = iter(items)
    while part := list(itertools.islice(rest, _BLOCK_NAMES)):
        kinds: dict[Kind, int] = {}
        places = [kinds.setdefault(_kind_of(item), len(kinds)) for item in part]
        candidates = [item.candidate for item in part]
        yield Block([item.name for item in candidates], places, [item.score.value for item in candidates], list(kinds))


def _kind_of(item: Assessment) -> Kind:
    candidate = item.candidate
    return Kind(candidate.target, item.route, item.check.availability, candidate.name_class, item.rule)


def outline_of(item: Assessment) -> Outline:
    """The outline of an assessment."""
    candidate = item.candidate
    score = candidate.score.value
    return Outline(candidate.name, candidate.target, item.route, item.check.availability, candidate.name_class, score)


#: An assessment with its outline.
Outlined: TypeAlias = tuple[Outline, Assessment]


class StoredAssessments(Sequence[Assessment]):
    """The assessments of a plan in a file: decoded when they are asked for, because a large plan has a million.

    `lines` gives the text of each, anew with every call, `decode` makes the value; `blocks` gives the outlines, or is
    None where the file, of an earlier version, has none. All may raise InputError; it is raised, too, where an
    assessment and its outline say different things, or one of them is missing.
    """

    __slots__ = ("_all", "_blocks", "_decode", "_found", "_lines", "_sought")

    def __init__(
        self,
        lines: Callable[[], Iterator[bytes]],
        decode: Callable[[bytes], Assessment],
        blocks: Callable[[], Iterator[Block]] | None = None,
    ) -> None:
        self._lines = lines
        self._decode = decode
        self._blocks = blocks
        self._all: tuple[Assessment, ...] | None = None
        self._sought: frozenset[NormalizedName] = frozenset()
        self._found: dict[NormalizedName, Assessment] = {}

    def each(self) -> Iterator[Outlined]:
        """All with their outlines, one by one; nothing is kept."""
        items = map(self._decode, self._lines())
        return map(_outlined, items) if self._blocks is None else _agreeing(items, self._outlines())

    def blocks(self) -> Iterator[Block]:
        """The outlines of all, in blocks; nothing is kept."""
        return self._blocks() if self._blocks is not None else make_blocks(item for _, item in self.each())

    def _outlines(self) -> Iterator[Outline]:
        for block in self.blocks():
            yield from map(block.outline, range(len(block.names)))

    def where(self, find: Callable[[Block], Iterable[int]]) -> Iterator[Assessment]:
        """Those whose positions `find` gives for each block, one by one; nothing else is decoded, and nothing kept."""
        wanted: dict[int, Outline] = {}
        start = 0
        for block in self.blocks():
            wanted.update((start + at, block.outline(at)) for at in sorted(find(block)))
            start += len(block.names)
        if not wanted:
            return iter(())
        lines = itertools.islice(self._lines(), max(wanted) + 1)
        items = (self._decode(line) for number, line in enumerate(lines) if number in wanted)
        return (item for _, item in _agreeing(items, wanted.values()))

    def find(self, names: frozenset[NormalizedName]) -> dict[NormalizedName, Assessment]:
        """The assessments of some names, in their order. The last ones are kept: one letter asks five times."""
        if not names <= self._sought:
            items = self.where(lambda block: _positions(block, names))
            self._found = {item.candidate.name: item for item in items if item.candidate.name in names}
            self._sought = names
        return {name: item for name, item in self._found.items() if name in names}

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
            self._all = tuple(item for _, item in self.each())
        return self._all


def _outlined(item: Assessment) -> Outlined:
    return outline_of(item), item


def _agreeing(items: Iterable[Assessment], outlines: Iterable[Outline]) -> Iterator[Outlined]:
    """The assessments with their outlines, as long as these agree; raises InputError where they don't, or lack one."""
    for item, outline in itertools.zip_longest(items, outlines):
        if item is None or outline_of(item) != outline:
            raise InputError("the plan's outlines and its assessments say different things", fix="namehold plan")
        yield outline, item


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

    @property
    def is_renewal(self) -> bool:
        """Whether it is a later version of what is held: it costs no slot and has no place in the days."""
        return self.reasons[0].rule in {"renewal", "withdrawal"}


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

    `rank` is its place by downloads (None: not ranked), `bearers` the number of other projects whose names begin with
    its name as words. `is_stated`: names.yaml says `users`. It orders names and opens nothing.
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


def window_s_of(quota: Quota | None) -> int:
    """The quota's window in seconds: a day where no quota is known."""
    return quota.window_s if quota is not None else _DAY_S


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

    @property
    def window_s(self) -> int:
        """The window that its days count, in seconds."""
        return window_s_of(self.quota)

    @property
    def lacks_list(self) -> bool:
        """Whether it was made without a complete list of the index's names: what the list doesn't settle is watched."""
        return any(warning.rule in {"no-snapshot", "partial-snapshot"} for warning in self.warnings)

    def each_assessment(self) -> Iterable[Outlined]:
        """All assessments with their outlines, one by one; of a plan in a file none is kept."""
        items = self.assessments
        return items.each() if isinstance(items, StoredAssessments) else map(_outlined, items)

    def by_route(self, route: Route) -> tuple[Assessment, ...]:
        """All assessments under one route."""
        return self._of(lambda item: item.route is route)

    def find(self, names: Collection[NormalizedName]) -> dict[NormalizedName, Assessment]:
        """The assessments of some names; what the plan doesn't know is left out."""
        wanted, items = frozenset(names), self.assessments
        if isinstance(items, StoredAssessments):
            return items.find(wanted)
        return {item.candidate.name: item for item in items if item.candidate.name in wanted}

    def blocks(self) -> Iterator[Block]:
        """The outlines of all assessments as columns; of a file, none is kept."""
        items = self.assessments
        return items.blocks() if isinstance(items, StoredAssessments) else make_blocks(items)

    def outlines(self, route: Route | None = None) -> Iterator[Outline]:
        """The outline of every assessment, or of those under one route, one by one: of a file, none is kept."""
        if not isinstance(self.assessments, StoredAssessments):
            yield from map(outline_of, self.assessments if route is None else self.by_route(route))
            return
        for block in self.blocks():
            yield from map(block.outline, block.find(lambda kind: route in {None, kind.route}))

    def find_taken(self) -> tuple[tuple[NormalizedName, NormalizedName], ...]:
        """(name, target) of every name that others hold, best first."""
        return tuple(
            block.outline(at)[:2] for block in self.blocks() for at in block.find(lambda kind: kind.rule in TAKEN_RULES)
        )

    def find_unconfirmed(self) -> tuple[Assessment, ...]:
        """The names that wait until a person lists them under `confirmed` of their package, in the plan's order."""
        return self._of(lambda item: item.rule == UNCONFIRMED_RULE)

    def _of(self, is_wanted: Callable[[Kind | Assessment], bool]) -> tuple[Assessment, ...]:
        """The assessments of some kinds; of a file no other is decoded."""
        items = self.assessments
        found = items.where(lambda block: block.find(is_wanted)) if isinstance(items, StoredAssessments) else items
        return tuple(filter(is_wanted, found))


def _positions(block: Block, names: frozenset[NormalizedName]) -> list[int]:
    if names.isdisjoint(block.names):
        return []
    return [at for at, name in enumerate(block.names) if name in names]

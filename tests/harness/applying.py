"""A stage on which a plan is carried out: a rehearsal index, a ledger, and edges that misbehave on demand."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from packaging.utils import NormalizedName

from namehold import rehearsal
from namehold.documents import digest
from namehold.index.access.http import HttpIndex
from namehold.index.access.tokens import NarrowingTokens
from namehold.index.access.upload import TwineUploader
from namehold.index.model import INDEX_QUOTA, Answer, ProjectState, Quota, Token
from namehold.index.ports import BuiltFile, Uploader
from namehold.ledger.file import Ledger, read, read_holdings
from namehold.ledger.key import LedgerKey
from namehold.ledger.model import Holdings, LedgerEvent, LedgerPort, Receipt
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.model import Distribution, SourceTree, TreeRenderer
from namehold.placeholder.render import Templates
from namehold.plan.actions import plan_renewals
from namehold.plan.checks.approvals import action_digest
from namehold.plan.model import Action, Plan
from namehold.portfolio.model import Account, Mode, Organization, Portfolio, Renewal
from namehold.portfolio.packages import Package
from namehold.publish.apply import carry_out
from namehold.publish.first_byte import Edges
from namehold.publish.result import ApplyResult
from namehold.rehearsal.clocks import RealClock, SteppedClock
from namehold.rehearsal.running import RunningIndex
from tests.harness.values import PROFILE, action, bare_plan

#: The key of the stages' ledgers: what is open is sealed in them, as it is for people.
KEY = LedgerKey(bytes(range(32)))

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
YEARS_S = 2 * 366 * 86_400

PORTFOLIO = Portfolio(
    organization=Organization(name="Acme Robotics", contact="security@acme.example", homepage="https://acme.example/"),
    account=Account(index="rehearsal", username="acme"),
    packages=(Package(name=NormalizedName("acme-tool"), spelled="acme-tool"),),
)

Upload = Callable[[BuiltFile, Token], Answer]


def remember_projects(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The projects that indexes are asked about from now on, in order."""
    names: list[str] = []
    ask = HttpIndex.project

    def project(self: HttpIndex, name: NormalizedName, **options: Any) -> ProjectState:
        names.append(name)
        return ask(self, name, **options)

    monkeypatch.setattr(HttpIndex, "project", project)
    return names


def make_plan(names: Sequence[str], renderer: TreeRenderer, *, portfolio: Portfolio = PORTFOLIO) -> Plan:
    """A plan that redirects every name to acme-tool."""
    bare = [
        replace(action(name, Mode.REDIRECT), ordinal=number, digest=digest([name, number]))
        for number, name in enumerate(names, start=1)
    ]
    actions = tuple(replace(item, tree_digest=renderer.render(item, portfolio).digest) for item in bare)
    quota = Quota(limit=4, window_s=86_400)
    return bare_plan(portfolio, actions, quota=quota, as_of=NOW.date(), templates=renderer.digest)


@cache
def _templates() -> Templates:
    return Templates(None, PROFILE)


@cache
def _tree(action: Action, portfolio: Portfolio) -> SourceTree:
    return _templates().render(action, portfolio)


@cache
def _built(tree: SourceTree) -> tuple[tuple[Distribution, bytes], ...]:
    with TemporaryDirectory() as folder:
        built = PlaceholderBuilder().build(tree, Path(folder))
        return tuple((item, Path(item.path).read_bytes()) for item in built)


class KeptTemplates:
    """The bundled templates. Stages send the same few placeholders: each is rendered and built once for all tests."""

    @property
    def digest(self) -> str:
        return _templates().digest

    def render(self, action: Action, portfolio: Portfolio) -> SourceTree:
        return _tree(action, portfolio)


class KeptBuilder:
    """Builds as `PlaceholderBuilder` does."""

    def build(self, tree: SourceTree, folder: Path) -> tuple[Distribution, ...]:
        for item, content in _built(tree):
            (folder / item.filename).write_bytes(content)
        return tuple(replace(item, path=str(folder / item.filename)) for item, _ in _built(tree))


class FaultyUploader:
    """Passes uploads on; what `faults` holds for an upload (counted from 1) happens instead."""

    def __init__(self, inner: Uploader) -> None:
        self.inner = inner
        self.count = 0
        self.faults: dict[int, Callable[[Upload, BuiltFile, Token], Answer]] = {}
        self.tokens: list[Token] = []

    def upload(self, file: BuiltFile, token: Token) -> Answer:
        self.count += 1
        self.tokens.append(token)
        fault = self.faults.get(self.count)
        return fault(self.inner.upload, file, token) if fault else self.inner.upload(file, token)


def lose_answer(upload: Upload, file: BuiltFile, token: Token) -> Answer:
    """The file arrives, its answer doesn't."""
    upload(file, token)
    return Answer(status=None, message="the connection ended without an answer")


def lose_request(_: Upload, __: BuiltFile, ___: Token) -> Answer:
    """Neither arrives."""
    return Answer(status=None, message="the connection ended without an answer")


def say(status: int | None, message: str = "", **more: Any) -> Callable[[Upload, BuiltFile, Token], Answer]:
    """An answer that nobody checked a file for."""
    return lambda *_: Answer(status=status, message=message, **more)


class Killed(BaseException):
    """The run dies here, as by kill -9: nothing of ours runs any more."""


def kill_before(_: Upload, __: BuiltFile, ___: Token) -> Answer:
    raise Killed


def kill_after(upload: Upload, file: BuiltFile, token: Token) -> Answer:
    upload(file, token)
    raise Killed


def interrupt_after(upload: Upload, file: BuiltFile, token: Token) -> Answer:
    """Ctrl-C, or a signal that is treated as one, before the answer is read."""
    upload(file, token)
    raise KeyboardInterrupt


@dataclass(slots=True, kw_only=True)
class Stage:
    """One index and one ledger; `run` is one call of carry_out."""

    index: RunningIndex
    clock: SteppedClock
    folder: Path
    renderer: TreeRenderer
    uploader: FaultyUploader
    reader: HttpIndex
    tokens: NarrowingTokens
    portfolio: Portfolio = PORTFOLIO
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def ledger_path(self) -> Path:
        return self.folder / "ledger.jsonl"

    @property
    def holdings(self) -> Holdings:
        return read_holdings(self.ledger_path, find_key=lambda: KEY)

    @property
    def events(self) -> tuple[LedgerEvent, ...]:
        return read(self.ledger_path, find_key=lambda: KEY).events

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    @property
    def held(self) -> list[str]:
        return [item.name for item in self.holdings.held]

    def plan(self, *names: str) -> Plan:
        return make_plan(names, self.renderer, portfolio=self.portfolio)

    def later_plan(self, name: NormalizedName, version: str = "0.0.2", *, withdraw_on: dt.date | None = None) -> Plan:
        """A plan of a later version of a held name; from now on names.yaml asks for it."""
        renewal = Renewal(name=name, version=version, reason="It moved.", withdraw_on=withdraw_on)
        self.portfolio = replace(self.portfolio, renewals=(renewal,))
        due = plan_renewals(self.portfolio, self.holdings, as_of=NOW.date())
        actions = tuple(replace(each, tree_digest=self.renderer.render(each, self.portfolio).digest) for each in due)
        return replace(self.plan(), actions=actions, action_digest=action_digest(actions))

    def open_ledger(self) -> Ledger:
        return Ledger.open(
            self.ledger_path,
            index="rehearsal",
            username="acme",
            organization="Acme",
            time=self.clock.now(),
            find_key=lambda: KEY,
        )

    def edges(self, ledger: LedgerPort, **changes: Any) -> Edges:
        values: dict[str, Any] = {
            "profile": self.index.profile,
            "reader": self.reader,
            "web": self.reader,
            "uploader": self.uploader,
            "tokens": self.tokens,
            "ledger": ledger,
            "renderer": self.renderer,
            "builder": KeptBuilder(),
            "clock": self.clock,
            "outbox": self.folder / "outbox",
            "sleep": self.clock.advance,
        }
        return Edges(**(values | changes))

    def run(self, plan: Plan, *, fresh_plan: Plan | None = None, approve: str = "", **changes: Any) -> ApplyResult:
        with self.open_ledger() as ledger:
            return self.apply(plan, fresh_plan or plan, ledger, approve=approve, **changes)

    def apply(
        self, plan: Plan, fresh_plan: Plan, ledger: LedgerPort, *, approve: str = "", **changes: Any
    ) -> ApplyResult:
        return carry_out(
            plan,
            fresh_plan=fresh_plan,
            portfolio=self.portfolio,
            edges=self.edges(ledger, **changes),
            approve=approve,
            report=self.receipts.append,
        )

    def run_all(self, plan: Plan, *, runs: int = 12) -> ApplyResult:
        """Runs again, each time when the last one said, until nothing waits."""
        for _ in range(runs):
            result = self.run(plan)
            if result.stopped is None:
                return result
            until = result.next_slot or self.clock.now() + dt.timedelta(minutes=15)
            self.clock.advance(max(1.0, (until - self.clock.now()).total_seconds()))
        return result


@cache
def _first_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _own_port() -> int:
    """The same port at each call, or any where that one is taken: placeholders name the index that they are for.

    So the placeholders of one test are those of the next, and what is kept in a process of the one serves the other.
    """
    with suppress(OSError), socket.create_server(("127.0.0.1", _first_port())):
        return _first_port()
    return 0


@contextmanager
def index_now(*, users: Sequence[str]) -> Iterator[RunningIndex]:
    """An index whose clock goes as the machine's does for commands beside it; acme-tool is acme's, for years now."""
    clock = RealClock(ahead=dt.timedelta(seconds=-YEARS_S))
    owned = {NormalizedName("acme-tool"): "acme"}
    with rehearsal.start(clock=clock, users=users, owned=owned, port=_own_port()) as index:
        clock.advance(YEARS_S)
        yield index


@contextmanager
def stage(folder: Path, *, quota: Quota = INDEX_QUOTA, **options: Any) -> Iterator[Stage]:
    """A stage whose target acme-tool belongs to the account `acme` and is two years old."""
    clock = SteppedClock(NOW - dt.timedelta(seconds=YEARS_S))
    values: dict[str, Any] = {"users": ["acme"], "owned": {NormalizedName("acme-tool"): "acme"}}
    with rehearsal.start(clock=clock, user_quota=quota, address_quota=quota, **(values | options)) as index:
        clock.advance(YEARS_S)
        profile = index.profile
        with HttpIndex(profile, contact="security@acme.example", sleep=clock.advance) as reader:
            yield Stage(
                index=index,
                clock=clock,
                folder=folder,
                renderer=KeptTemplates(),
                uploader=FaultyUploader(TwineUploader(profile)),
                reader=reader,
                tokens=NarrowingTokens(Token(index.mint_token("acme"))),
            )

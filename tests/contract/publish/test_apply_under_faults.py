"""Plans are carried out, killed, called again and changed underway, on an index that misbehaves: what must hold, holds.

`NAMEHOLD_STRESS=20` tries twenty times as many histories as usual.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests.harness.applying import Killed, Stage, stage

from namehold.errors import IndexError_, PlanError
from namehold.index.ports import BuiltFile
from namehold.ledger.file import Ledger, read
from namehold.plan.model import Plan
from namehold.publish.invariants import RememberedUploads, find_breaches
from namehold.publish.rehearse import decide
from namehold.rehearsal.faults import DEFAULT_RATES, Fault, Faults

STRESS = int(os.environ.get("NAMEHOLD_STRESS", "1"))

#: More of what is rare in a rehearsal, and a quota that never changes: what is asserted of it stays simple.
RATES = {
    **DEFAULT_RATES,
    Fault.QUOTA_CHANGED: 0.0,
    Fault.RIVAL: 0.03,
    Fault.ADMINISTRATOR: 0.02,
    Fault.PORTAL: 0.04,
}

NAMES = tuple(f"acme-tool-{letter}{digit}" for letter in "abc" for digit in range(3))


class DyingLedger:
    """A ledger whose run dies before or after a line is written, `lines` from now."""

    def __init__(self, inner: Ledger, lines: int, *, after: bool) -> None:
        self._inner = inner
        self._left = lines
        self._after = after

    def append(self, *arguments: Any, **options: Any) -> Any:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        event = self._inner.append(*arguments, **options)
        if self._left == 0:
            raise Killed
        return event

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@contextmanager
def faulty_stage(seed: int) -> Iterator[Stage]:
    folder = Path(tempfile.mkdtemp(prefix="namehold-faults-"))
    try:
        with stage(folder, faults=Faults(seed=seed, rates=RATES, at_most=60, slow_s=0.0)) as here:
            yield here
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Applying(RuleBasedStateMachine):
    """One account and one ledger through a random history; every history ends by letting the runs come to their end."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.kills = 0

    @initialize(
        seed=st.integers(0, 10_000), names=st.lists(st.sampled_from(NAMES), min_size=3, max_size=7, unique=True)
    )
    def begin(self, seed: int, names: list[str]) -> None:
        self.here = self.open.enter_context(faulty_stage(seed))
        self.uploads = RememberedUploads(self.here.uploader)
        self.plan: Plan = self.here.plan(*names)
        self.fresh = self.plan

    # ------------------------------------------------------------------- what happens

    @rule()
    def run(self) -> None:
        self._run()

    @rule(upload=st.integers(1, 4), lands=st.booleans())
    def run_and_die_at_an_upload(self, upload: int, lands: bool) -> None:
        """The process dies just before a request leaves, or when the index has judged it and we don't know yet."""
        fatal = len(self.uploads.sent) + upload

        def die(_: BuiltFile) -> None:
            if len(self.uploads.sent) + 1 == fatal:
                raise Killed

        def die_after(send: Any, file: BuiltFile, token: Any) -> Any:
            send(file, token)
            raise Killed

        if lands:
            self.here.uploader.faults = {self.here.uploader.count + upload: die_after}
        else:
            self.uploads.before = die
        self._run()
        self.here.uploader.faults, self.uploads.before = {}, lambda _: None

    @rule(lines=st.integers(1, 5), after=st.booleans())
    def run_and_die_at_a_line(self, lines: int, after: bool) -> None:
        """The process dies around a line of its ledger."""
        self._run(wrap=lambda ledger: DyingLedger(ledger, lines, after=after))

    @rule(bytes_kept=st.integers(0, 200))
    def tear_the_last_line(self, bytes_kept: int) -> None:
        """What a crash of the machine leaves: a line without its end, of which nobody was told that it is there."""
        with self.here.ledger_path.open("ab") as ledger:
            ledger.write(b'{"data":{"name":"acme-tool-a0"},"kind":"receipt"'[: bytes_kept or None])

    @rule(hours=st.sampled_from([0, 1, 24, 240]))
    def let_time_pass(self, hours: int) -> None:
        self.here.clock.advance(hours * 3600 + 1)

    @precondition(lambda self: len(self.plan.actions) > 1)
    @rule(data=st.data())
    def refresh_drops_names(self, data: st.DataObject) -> None:
        """What a refresh no longer plans isn't sent; what it plans again is."""
        kept = data.draw(st.lists(st.sampled_from([item.name for item in self.plan.actions]), unique=True))
        actions = tuple(item for item in self.plan.actions if item.name in kept)
        self.fresh = replace(self.plan, actions=actions)

    # ------------------------------------------------------------------- what holds

    def _run(self, wrap: Any = lambda ledger: ledger) -> bool:
        """One call of apply; whether it ended by itself. Whoever is asked for afterwards answers at once."""
        may_send = {item.name for item in self.fresh.actions} | self.here.holdings.names
        before = len(self.uploads.sent)
        try:
            return self._apply(wrap)
        finally:
            assert {name for name, _ in self.uploads.sent[before:]} <= may_send

    def _apply(self, wrap: Any) -> bool:
        try:
            with self.here.open_ledger() as ledger:
                result = self.here.apply(self.plan, self.fresh, wrap(ledger), uploader=self.uploads)
        except Killed:
            self.kills += 1
            return False
        except (PlanError, IndexError_):
            with self.here.open_ledger() as ledger:
                decide(ledger, now=self.here.clock.now())
            return False
        return result.stopped is None and not self.here.holdings.unproven

    def teardown(self) -> None:
        if hasattr(self, "plan"):
            self.fresh = self.plan
            for _ in range(60):
                if self._run():
                    break
                self.here.clock.advance(6 * 3600)
            self._check()
        self.open.close()

    def _check(self) -> None:
        here, state = self.here, self.here.index.state
        holdings = here.holdings
        breaches = find_breaches(
            self.plan, holdings=holdings, state=state, account="acme", sent=self.uploads.sent, kills=self.kills
        )
        assert breaches == ()
        gone = {name for name, _ in state.administrators_acted} | {*state.rivals_took, *holdings.prohibited}
        could_be_had = {item.name for item in self.plan.actions} - gone
        assert {item.name for item in holdings.held} - gone == could_be_had
        assert not read(here.ledger_path).torn


TestApplyUnderFaults = Applying.TestCase
TestApplyUnderFaults.settings = settings(
    max_examples=12 * STRESS,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

"""One answer to what is left of a plan, for a run, a rehearsal and the look before the first byte."""

from __future__ import annotations

import datetime as dt

from tests.harness.values import every_route_plan, held, name

from namehold.index.model import Outcome
from namehold.ledger.model import Holdings, Intent
from namehold.plan import find_left
from namehold.portfolio.model import Mode

PLAN = every_route_plan()
FIRST = PLAN.actions[0]


def left(holdings: Holdings) -> set[str]:
    return {action.name for action in find_left(PLAN, holdings)}


def test_what_is_held_settled_or_prohibited_is_not_left() -> None:
    everything = {action.name for action in PLAN.actions}
    assert left(Holdings()) == everything
    holding = held(FIRST.name).changed(version=FIRST.version)
    for holdings in (
        Holdings(held=(holding,)),
        Holdings(settled=((FIRST.name, Outcome.LOST_RACE),)),
        Holdings(prohibited=(FIRST.name,)),
    ):
        assert left(holdings) == everything - {FIRST.name}


def test_a_later_version_of_what_is_held_is_left() -> None:
    assert FIRST.name in left(Holdings(held=(held(FIRST.name).changed(version="0.0.0"),)))


def test_what_was_sent_without_proof_is_left() -> None:
    intent = Intent(
        name=FIRST.name,
        target=name("acme-tool"),
        mode=Mode.REDIRECT,
        version="0.0.1",
        files=(),
        action_digest="",
        time=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    )
    assert FIRST.name in left(Holdings(unproven=(intent,), open_intents=(FIRST.name,)))

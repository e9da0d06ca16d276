"""Looking up who holds taken names: each once, then only what has changed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import make_plan
from tests.harness.values import assessed, candidate, portfolio

from namehold import rehearsal
from namehold.errors import IndexError_
from namehold.index.access.cache import KeptAnswers
from namehold.index.access.http import HttpIndex
from namehold.index.model import ProjectState, Relation
from namehold.placeholder.render import Templates
from namehold.plan.model import Plan
from namehold.portfolio.model import Account, Portfolio, Unrelated
from namehold.rehearsal.running import RunningIndex
from namehold.watch.taken import WatchReport, look_up

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
NAMES = [NormalizedName(f"acme-tool{number}") for number in range(6)]
OURS = replace(portfolio(), account=Account(index="rehearsal", username="acme"))


@pytest.fixture
def index() -> Iterator[RunningIndex]:
    with rehearsal.start(users=["acme"]) as running:
        running.state.add_project(NormalizedName("acme-tool"), owner="acme")
        for name in NAMES:
            running.state.add_project(name, owner="mallory", summary="Counts things.")
        yield running


def plan_with(index: RunningIndex) -> Plan:
    taken = assessed(OURS, *(candidate(name) for name in NAMES), listed=("acme-tool", *NAMES))
    assert {item.reasons[0].rule for item in taken} == {"taken"}
    return replace(make_plan((), Templates(None, index.profile), portfolio=OURS), assessments=taken)


def looked_up(
    index: RunningIndex, folder: Path, *, fresh_s: float = 0, owner: Portfolio = OURS, limit: int = 200
) -> tuple[WatchReport, Counter[str]]:
    cache = KeptAnswers(folder, fresh_s=fresh_s)
    with HttpIndex(index.profile, contact="security@acme.example", sleep=lambda _: None, cache=cache) as reader:
        found = look_up(plan_with(index).find_taken(), owner, index="rehearsal", reader=reader, now=NOW, limit=limit)
    return found, +cache.counts


def test_a_warm_cache_costs_one_unchanged_answer_a_question(index: RunningIndex, tmp_path: Path) -> None:
    found, counts = looked_up(index, tmp_path)
    questions = 2 * (len(NAMES) + 1)
    assert counts == {"new": questions}
    assert {item.relation for item in found.names} == {Relation.NO_SIGN}
    again, counts = looked_up(index, tmp_path)
    assert counts == {"unchanged": questions}
    assert again == found


def test_what_was_looked_up_today_is_not_asked_for_again(index: RunningIndex, tmp_path: Path) -> None:
    _, counts = looked_up(index, tmp_path, limit=2)
    assert counts == {"new": 6}
    _, counts = looked_up(index, tmp_path, fresh_s=3_600)
    assert counts == {"fresh": 6, "new": 8}


def test_a_change_is_seen_through_the_cache(index: RunningIndex, tmp_path: Path) -> None:
    looked_up(index, tmp_path)
    index.state.delete_project(NAMES[0])
    index.state.delete_project(NAMES[1])
    index.state.add_project(NAMES[1], owner="acme")
    found, _ = looked_up(index, tmp_path)
    assert [item.relation for item in found.names[:2]] == [Relation.GONE, Relation.OURS]


def test_the_report_is_bounded_and_names_nobody(index: RunningIndex, tmp_path: Path) -> None:
    found, _ = looked_up(index, tmp_path, limit=2)
    assert (len(found.names), found.left) == (2, 4)
    assert "mallory" not in repr(found)


def test_a_verdict_ends_the_looking(index: RunningIndex, tmp_path: Path) -> None:
    found, counts = looked_up(
        index, tmp_path, owner=replace(OURS, unrelated=tuple(Unrelated(name=name) for name in NAMES[1:]))
    )
    assert counts == {"new": 4}
    assert [item.verdict for item in found.names] == ["", *["unrelated"] * 5]


def test_a_package_that_cant_be_read_holds_up_the_names_of_no_other(index: RunningIndex) -> None:
    other, name = NormalizedName("acme-form"), NormalizedName("acme-from")
    index.state.add_project(other, owner="acme")
    index.state.add_project(name, owner="mallory", summary="Counts things.")
    asked: list[NormalizedName] = []
    with HttpIndex(index.profile, contact="security@acme.example", sleep=lambda _: None) as inner:

        class Reader:
            def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:  # noqa: ARG002 -- the port's
                asked.append(name)
                if name == "acme-tool":
                    raise IndexError_("it answered 500")
                return inner.project(name)

            now = inner.now

        taken = (*plan_with(index).find_taken(), (name, other))
        found = look_up(taken, OURS, index="rehearsal", reader=Reader(), now=NOW, limit=10)
    assert {item.error for item in found.names[:-1]} == {"it answered 500"}
    assert found.names[-1].relation is Relation.NO_SIGN
    assert asked.count(NormalizedName("acme-tool")) == 1


def test_one_name_that_cant_be_read_holds_up_no_other(index: RunningIndex) -> None:
    with HttpIndex(index.profile, contact="security@acme.example", sleep=lambda _: None) as inner:

        class Reader:
            def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:  # noqa: ARG002 -- the port's
                if name == NAMES[0]:
                    raise IndexError_("it answered 500")
                return inner.project(name)

            now = inner.now

        found = look_up(plan_with(index).find_taken(), OURS, index="rehearsal", reader=Reader(), now=NOW, limit=10)
    assert found.names[0].error == "it answered 500"
    assert {item.relation for item in found.names[1:]} == {Relation.NO_SIGN}
    assert found.exit_code == 13

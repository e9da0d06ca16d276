"""Whatever names.yaml says: every candidate ends under exactly one route, nothing forbidden is acted on."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import product
from math import prod

from hypothesis import given
from hypothesis import strategies as st
from tests.harness.values import (
    AS_OF,
    DICTIONARY,
    POPULAR,
    PROFILE,
    QUOTA,
    assessed,
    bare_plan,
    candidate,
    held,
    name,
    package,
    portfolio,
    surface,
    territory,
)

from namehold.candidates.model import Candidate, Channel
from namehold.documents import canonical_json, dump_records, load
from namehold.index.rules.names import Availability, Protection
from namehold.ledger.model import Holdings
from namehold.plan.actions import assign_days, plan_actions
from namehold.plan.budget import Selection, select, slots_a_window
from namehold.plan.checks.guards import find_plan_refusals
from namehold.plan.model import Deferred, Plan
from namehold.portfolio.model import (
    AlwaysName,
    Budget,
    InternalName,
    NamespaceGrant,
    NeverName,
    Observation,
    Policy,
    PolicyName,
    Portfolio,
    Route,
)
from namehold.portfolio.packages import NameClass, SurfaceKind

#: Few letters and words, so that names collide, resemble each other and hit every rule.
WORDS = ("acme", "acm", "tool", "tol", "http", "requests", "reqests", "cli", "os", "a")
#: One, two and three words equally often, in one draw.
NAMES = st.sampled_from(
    ["-".join(words) for count in (1, 2, 3) for words in product(WORDS, repeat=count) for _ in range(10 ** (3 - count))]
)
TARGETS = st.sampled_from(("acme-tool", "acme-http-kit"))
ACTING = {Route.RESERVE, Route.REQUEST}


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    texts = draw(st.lists(NAMES, unique=True, max_size=12))
    return [
        candidate(
            text,
            draw(TARGETS),
            name_class=draw(st.sampled_from(list(NameClass))),
            channel=draw(st.sampled_from(list(Channel))),
            score=draw(st.floats(0.0001, 0.95)),
        )
        for text in texts
    ]


@st.composite
def portfolios(draw: st.DrawFn) -> Portfolio:
    def some() -> list[str]:
        return draw(st.lists(NAMES, unique=True, max_size=3))

    declared = draw(st.lists(NAMES, unique=True, max_size=4))
    return portfolio(
        package(
            "acme-tool",
            *(surface(draw(st.sampled_from(list(SurfaceKind))), text) for text in some()),
            confirmed=tuple(map(name, some())),
            published=draw(st.booleans()),
        ),
        package("acme-http-kit"),
        observed=tuple(
            Observation(name=name(text), package=name(draw(TARGETS)), source="survey", date=AS_OF) for text in some()
        ),
        always=tuple(
            AlwaysName(
                name=name(text), package=name("acme-tool"), reason="ours", route=draw(st.sampled_from([None, *ACTING]))
            )
            for text in declared[:2]
        ),
        internal=tuple(
            InternalName(name=name(text), ask=draw(st.sampled_from([None, *ACTING]))) for text in declared[2:]
        ),
        never=tuple(NeverName(name=name(text), reason="no") for text in some()[:1]),
        namespaces=tuple(NamespaceGrant(prefix=name(text), since=AS_OF) for text in some()[:1]),
        policy=Policy(
            name=draw(st.sampled_from(list(PolicyName))),
            threshold=draw(st.sampled_from((0.0, 0.01, 0.3))),
            routes=tuple(
                (item, draw(st.sampled_from(list(Route)))) for item in draw(st.sets(st.sampled_from(list(NameClass))))
            ),
        ),
        budget=Budget(
            total=draw(st.integers(0, 6)),
            per_package=draw(st.integers(0, 4)),
            floor=draw(st.integers(0, 3)),
            per_day=draw(st.sampled_from((None, 1, 3))),
            keep_slots=draw(st.integers(0, 4)),
        ),
    )


@given(portfolios(), candidates(), st.lists(NAMES, max_size=4), st.booleans())
def test_every_candidate_ends_under_exactly_one_route_with_a_reason(
    owned: Portfolio, given_names: list[Candidate], listed: list[str], has_list: bool
) -> None:
    found = assessed(owned, *given_names, listed=tuple(listed), has_list=has_list)
    chosen = select(found, portfolio=owned, holdings=Holdings(), quota=QUOTA)
    assert [item.candidate.name for item in chosen.assessments] == [item.name for item in given_names]
    assert all(item.reasons and item.reasons[0].rule and item.reasons[0].text for item in chosen.assessments)
    assert all((item.mode is not None) == (item.route is Route.RESERVE) for item in chosen.assessments)
    reserved = [item.candidate.name for item in chosen.assessments if item.route is Route.RESERVE]
    planned = [item.candidate.name for item in chosen.chosen]
    waiting = [item.name for item in chosen.deferred]
    assert sorted(reserved) == sorted(planned + waiting)
    if not has_list:
        assert not [item for item in chosen.assessments if item.route in ACTING]


@given(portfolios(), candidates(), st.lists(NAMES, max_size=4))
def test_no_policy_and_no_list_lifts_a_guard(owned: Portfolio, given_names: list[Candidate], listed: list[str]) -> None:
    never = {item.name for item in owned.never}
    for item in assessed(owned, *given_names, listed=tuple(listed)):
        if item.route in ACTING:
            assert item.check.availability is Availability.UNREGISTERED
            assert item.check.protection is Protection.NONE
            assert item.candidate.name not in never | DICTIONARY | POPULAR.keys()
            assert item.candidate.name not in {owned_package.name for owned_package in owned.packages}


@given(portfolios(), candidates())
def test_the_plan_keeps_within_budget_and_quota_and_passes_its_own_guards(
    owned: Portfolio, given_names: list[Candidate]
) -> None:
    chosen = select(assessed(owned, *given_names), portfolio=owned, holdings=Holdings(), quota=QUOTA)
    actions = plan_actions(chosen, portfolio=owned, holdings=Holdings(), quota=QUOTA, as_of=AS_OF)
    assert len(actions) <= owned.budget.total
    by_target = [action.target for action in actions]
    assert all(by_target.count(target) <= owned.budget.per_package for target in by_target)
    a_day = slots_a_window(owned.budget, QUOTA)
    assert a_day is not None
    days = [action.day for action in actions]
    assert days == sorted(days)
    assert all(days.count(day) <= a_day for day in days)
    assert [action.ordinal for action in actions] == list(range(1, len(actions) + 1))
    plan = bare_plan(owned, actions, quota=QUOTA, as_of=AS_OF)
    assert not find_plan_refusals(
        plan, portfolio=owned, holdings=Holdings(), profile=PROFILE, territory=territory(owned)
    )


@given(portfolios(), candidates(), st.integers())
def test_the_order_of_the_input_changes_nothing(owned: Portfolio, given_names: list[Candidate], seed: int) -> None:
    shuffled = random.Random(seed).sample(given_names, len(given_names))  # noqa: S311 -- an order, no secret

    def bytes_of(names: list[Candidate]) -> bytes:
        chosen = select(assessed(owned, *names), portfolio=owned, holdings=Holdings(), quota=QUOTA)
        actions = plan_actions(chosen, portfolio=owned, holdings=Holdings(), quota=QUOTA, as_of=AS_OF)
        routes = sorted((item.candidate.name, str(item.route), item.reasons) for item in chosen.assessments)
        return canonical_json([actions, chosen.deferred, chosen.coverage, routes])

    assert bytes_of(given_names) == bytes_of(shuffled)


@given(st.integers(0, 30), st.integers(1, 5))
def test_days_never_exceed_the_quota(count: int, limit: int) -> None:
    days = assign_days(count, budget=Budget(), quota=replace(QUOTA, limit=limit), slot_times=(), as_of=AS_OF)
    assert len(days) == count
    assert all(days.count(day) <= limit for day in days)


@st.composite
def crowded(draw: st.DrawFn) -> tuple[Portfolio, list[Candidate]]:
    """More names that are worth a place than there are places, some of them asked for."""
    targets = ("acme-tool", "acme-http-kit", "acme-robotics")
    texts = draw(
        st.lists(st.tuples(st.sampled_from(targets), st.sampled_from("bdqvxyz")), unique=True, min_size=4, max_size=12)
    )
    given_names = [candidate(target + letter, target, score=draw(st.floats(0.01, 0.3))) for target, letter in texts]
    owned = portfolio(
        *map(package, targets),
        always=tuple(
            AlwaysName(name=item.name, package=item.target, reason="ours")
            for item in given_names[: draw(st.integers(0, 3))]
        ),
        policy=Policy(threshold=draw(st.sampled_from((0.0, 0.05))), routes=((NameClass.TYPO, Route.RESERVE),)),
        budget=Budget(
            total=draw(st.integers(1, 5)), per_package=draw(st.integers(0, 4)), floor=draw(st.integers(0, 3))
        ),
    )
    return owned, given_names


@given(crowded())
def test_no_package_goes_without_its_floor_for_another_ones_further_names(
    case: tuple[Portfolio, list[Candidate]],
) -> None:
    owned, given_names = case
    chosen = select(assessed(owned, *given_names), portfolio=owned, holdings=Holdings(), quota=QUOTA)
    planned = [item.candidate for item in chosen.chosen]
    by_target = Counter(item.target for item in planned)
    asked_for = {item.name for item in owned.always}
    asked = Counter(item.target for item in planned if item.name in asked_for)

    def could_have(waiting: Deferred) -> bool:
        uncovered = prod(1 - item.score.value for item in planned if item.target == waiting.target)
        return by_target[waiting.target] < owned.budget.floor and waiting.score * uncovered >= owned.policy.threshold

    if any(could_have(item) for item in chosen.deferred if item.key in {"budget.total", "budget.floor"}):
        assert all(count <= max(asked[target], owned.budget.floor) for target, count in by_target.items())


@given(crowded())
def test_a_plan_that_was_carried_out_leaves_nothing_to_add(case: tuple[Portfolio, list[Candidate]]) -> None:
    owned, given_names = case
    roomy = replace(owned, budget=Budget(total=100, per_package=10, floor=owned.budget.floor))

    def chosen_with(holdings: Holdings) -> Selection:
        assessments = assessed(roomy, *given_names, holdings=holdings)
        return select(assessments, portfolio=roomy, holdings=holdings, quota=QUOTA)

    first = chosen_with(Holdings())
    names = [item.candidate.name for item in first.chosen]
    later = chosen_with(Holdings(held=tuple(held(item.candidate.name, item.candidate.target) for item in first.chosen)))
    assert later.chosen == ()
    assert {point.name for point in later.coverage[: len(names)]} == set(names)
    assert [point.covered for point in later.coverage[len(names) :]] == [
        point.covered for point in first.coverage[len(names) :]
    ]


@given(crowded())
def test_a_floor_changes_nothing_where_the_total_is_enough(case: tuple[Portfolio, list[Candidate]]) -> None:
    owned, given_names = case

    def chosen_with(floor: int) -> Selection:
        budget = replace(owned.budget, total=len(given_names), floor=floor)
        with_floor = replace(owned, budget=budget)
        return select(assessed(with_floor, *given_names), portfolio=with_floor, holdings=Holdings(), quota=QUOTA)

    assert chosen_with(owned.budget.floor) == chosen_with(0)


@given(portfolios(), candidates())
def test_a_plan_reads_back_as_it_was_written(owned: Portfolio, given_names: list[Candidate]) -> None:
    chosen = select(assessed(owned, *given_names), portfolio=owned, holdings=Holdings(), quota=QUOTA)
    actions = plan_actions(chosen, portfolio=owned, holdings=Holdings(), quota=QUOTA, as_of=AS_OF)
    plan = replace(
        bare_plan(owned, actions, quota=QUOTA, as_of=AS_OF),
        assessments=chosen.assessments,
        deferred=chosen.deferred,
        coverage=chosen.coverage,
    )
    text = "".join(dump_records("plan", plan))
    read = load("plan", Plan, text, path="plan.json")
    assert replace(read, assessments=tuple(read.assessments)) == plan

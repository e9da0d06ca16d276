from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.harness.values import AS_OF, PROFILE, QUOTA, assessed, candidate, held, name, package, portfolio, snapshot

from namehold.index.model import Quota
from namehold.ledger.model import Holdings
from namehold.plan.actions import assign_days, plan_actions
from namehold.plan.budget import Selection, select
from namehold.plan.make import find_differences
from namehold.plan.model import Reason
from namehold.plan.warn import find_warnings
from namehold.portfolio.model import (
    MAX_NAMES_AN_ACCOUNT,
    AlwaysName,
    Budget,
    Observation,
    Policy,
    PolicyName,
    Portfolio,
    Route,
)
from namehold.portfolio.packages import NameClass, SurfaceKind

PROTECTIVE = Policy(name=PolicyName.PROTECTIVE)


def selected(owned: Portfolio, *rows: tuple[str, str, float], holdings: Holdings | None = None) -> Selection:
    """The selection among typing errors given as (name, target, score)."""
    holdings = holdings or Holdings()
    candidates = [candidate(text, target, score=score) for text, target, score in rows]
    return select(assessed(owned, *candidates, holdings=holdings), portfolio=owned, holdings=holdings, quota=QUOTA)


def names_of(selection: Selection) -> list[str]:
    return [item.candidate.name for item in selection.chosen]


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


# ------------------------------------------------------------------ the budget


def test_the_gain_counts_what_is_not_covered_yet() -> None:
    owned = portfolio(package("acme-tool"), package("acme-robotics"), policy=PROTECTIVE)
    chosen = selected(
        owned,
        ("acme-tol", "acme-tool", 0.5),
        ("acme-tooll", "acme-tool", 0.4),
        ("acme-robotcs", "acme-robotics", 0.3),
    )
    # The second name of acme-tool would only add 0.4 * (1 - 0.5) = 0.2.
    assert names_of(chosen) == ["acme-tol", "acme-robotcs", "acme-tooll"]
    assert chosen.gains == pytest.approx((0.5, 0.3, 0.2))


def test_it_stops_at_the_threshold_although_slots_remain() -> None:
    owned = portfolio(policy=Policy(name=PolicyName.PROTECTIVE, threshold=0.3))
    chosen = selected(owned, ("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.4))
    assert names_of(chosen) == ["acme-tol"]


def test_of_two_names_of_one_similarity_key_the_better_one_gets_the_slot() -> None:
    owned = portfolio(package("acme-tool"), policy=PROTECTIVE)
    chosen = selected(
        owned, ("acmet-ol", "acme-tool", 0.4), ("acme-tol", "acme-tool", 0.5), ("acrne-tool", "acme-tool", 0.3)
    )
    assert names_of(chosen) == ["acme-tol", "acrne-tool"]
    (waits,) = [item for item in chosen.deferred if item.name == "acmet-ol"]
    assert (waits.reason.rule, "acme-tol" in waits.reason.text) == ("similar-to-planned", True)


def test_reserving_nothing_is_a_normal_result() -> None:
    chosen = selected(portfolio(), ("acme-tol", "acme-tool", 0.5))
    assert chosen.chosen == ()
    assert chosen.coverage == ()
    assert [item.route for item in chosen.assessments] == [Route.REQUEST]


def test_observed_names_come_first_then_those_asked_for_whatever_their_score() -> None:
    seen = Observation(name=name("acme-tooll"), package=name("acme-tool"), source="survey", date=AS_OF)
    asked = AlwaysName(name=name("acme-ttool"), package=name("acme-tool"), reason="ours")
    owned = portfolio(policy=PROTECTIVE, observed=(seen,), always=(asked,))
    chosen = selected(
        owned,
        ("acme-tol", "acme-tool", 0.5),
        ("acme-ttool", "acme-tool", 0.001),
        ("acme-tooll", "acme-tool", 0.001),
    )
    assert names_of(chosen) == ["acme-tooll", "acme-ttool", "acme-tol"]


@pytest.mark.parametrize(("kind", "licence"), [(SurfaceKind.PROBED, ""), (SurfaceKind.OBSERVED, "CC0")])
def test_what_models_or_lists_tell_queues_by_its_rate(kind: SurfaceKind, licence: str) -> None:
    seen = Observation(
        name=name("acme-tooll"), package=name("acme-tool"), source="m", date=AS_OF, kind=kind, licence=licence
    )
    owned = portfolio(policy=PROTECTIVE, observed=(seen,))
    chosen = selected(owned, ("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.09))
    assert names_of(chosen) == ["acme-tol", "acme-tooll"]


@pytest.mark.parametrize("kind", [SurfaceKind.OBSERVED, SurfaceKind.DOCUMENTED])
def test_what_a_person_or_our_own_documents_tell_leads_the_queue(kind: SurfaceKind) -> None:
    seen = Observation(name=name("acme-tooll"), package=name("acme-tool"), source="README.md:3", date=AS_OF, kind=kind)
    owned = portfolio(policy=PROTECTIVE, observed=(seen,))
    chosen = selected(owned, ("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.01))
    assert names_of(chosen) == ["acme-tooll", "acme-tol"]


def test_what_the_ledger_holds_counts_under_the_budget() -> None:
    owned = portfolio(
        package("acme-tool"),
        package("acme-robotics"),
        policy=PROTECTIVE,
        budget=Budget(total=3, per_package=2, floor=0),
    )
    rows = (("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.4), ("acme-robotcs", "acme-robotics", 0.3))
    holdings = Holdings(held=(held("acme-toool"),), settled=((name("acme-gone"), "handed-over"),))
    assert names_of(selected(owned, *rows, holdings=holdings)) == ["acme-tol"]


TWO_PACKAGES = (package("acme-tool"), package("acme-robotics"))
THREE_NAMES = (("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.4), ("acme-robotcs", "acme-robotics", 0.1))


@pytest.mark.parametrize(("floor", "expected"), [(0, ["acme-tol", "acme-tooll"]), (1, ["acme-tol", "acme-robotcs"])])
def test_the_floor_keeps_a_place_for_each_package(floor: int, expected: list[str]) -> None:
    owned = portfolio(*TWO_PACKAGES, policy=PROTECTIVE, budget=Budget(total=2, floor=floor))
    chosen = selected(owned, *THREE_NAMES)
    assert names_of(chosen) == expected


def test_a_name_that_waits_for_the_floor_says_so() -> None:
    policy = Policy(name=PolicyName.PROTECTIVE, routes=((NameClass.TYPO, Route.RESERVE),))
    owned = portfolio(*TWO_PACKAGES, policy=policy, budget=Budget(total=2))
    (waiting,) = selected(owned, *THREE_NAMES).deferred
    assert (waiting.name, waiting.key, waiting.reason.rule) == ("acme-tooll", "budget.floor", "over-floor")


def test_the_floor_counts_only_above_the_threshold() -> None:
    policy = Policy(name=PolicyName.PROTECTIVE, threshold=0.15)
    owned = portfolio(*TWO_PACKAGES, policy=policy, budget=Budget(total=2))
    assert names_of(selected(owned, *THREE_NAMES)) == ["acme-tol", "acme-tooll"]


@pytest.mark.parametrize(
    ("floor", "threshold", "expected"), [(0, 0.03, []), (1, 0.03, ["acme-tol"]), (1, 0.5, ["acme-tol"]), (1, 1.0, [])]
)
def test_the_first_place_goes_to_the_best_own_surface_whatever_its_chance(
    floor: int, threshold: float, expected: list[str]
) -> None:
    owned = portfolio(policy=replace(PROTECTIVE, threshold=0.0), budget=Budget(floor=floor))
    rows = [candidate("acme-tol", "acme-tool", score=0.02), candidate("acme-tooll", "acme-tool", score=0.01)]
    own = tuple(item.changed(reasons=(Reason(rule="surface", text="Its own."),)) for item in assessed(owned, *rows))
    strict = replace(owned, policy=replace(PROTECTIVE, threshold=threshold))
    found = select(own, portfolio=strict, holdings=Holdings(), quota=QUOTA)
    assert names_of(found) == expected
    assert {item.key for item in found.deferred} == {"policy.threshold"}


def test_the_floor_is_no_reason_to_take_what_covers_too_little() -> None:
    # The second name's score is above the threshold, what it would still cover isn't.
    policy = Policy(name=PolicyName.PROTECTIVE, threshold=0.2)
    owned = portfolio(policy=policy, budget=Budget(floor=2))
    chosen = selected(owned, ("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.3))
    assert names_of(chosen) == ["acme-tol"]


def test_a_gain_at_the_threshold_is_enough() -> None:
    policy = Policy(name=PolicyName.PROTECTIVE, threshold=0.25)
    owned = portfolio(policy=policy)
    chosen = selected(owned, ("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.5))
    assert chosen.gains == (0.5, 0.25)


def test_what_is_held_covers_its_package() -> None:
    policy = Policy(name=PolicyName.PROTECTIVE, threshold=0.3)
    owned = portfolio(*TWO_PACKAGES, policy=policy)
    rows = (("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.4), ("acme-rbotics", "acme-robotics", 0.35))
    assert names_of(selected(owned, *rows)) == ["acme-tol", "acme-rbotics"]
    later = selected(owned, *rows, holdings=Holdings(held=(held("acme-tol"),)))
    assert names_of(later) == ["acme-rbotics"]
    assert [point.name for point in later.coverage] == ["acme-tol", "acme-rbotics", "acme-tooll"]
    assert later.coverage[0].covered == pytest.approx(0.5 / 1.05, abs=1e-6)


def test_more_room_is_no_answer_where_the_threshold_keeps_a_name_back() -> None:
    policy = Policy(name=PolicyName.PROTECTIVE, threshold=0.3, routes=((NameClass.TYPO, Route.RESERVE),))
    owned = portfolio(policy=policy, budget=Budget(total=1))
    waiting = selected(owned, ("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.4)).deferred
    assert [(item.name, item.key) for item in waiting] == [("acme-tooll", "policy.threshold")]


def test_what_the_ledger_holds_counts_towards_the_floor() -> None:
    owned = portfolio(*TWO_PACKAGES, policy=PROTECTIVE, budget=Budget(total=3))
    holdings = Holdings(held=(held("acme-rbotics", "acme-robotics"),))
    assert names_of(selected(owned, *THREE_NAMES, holdings=holdings)) == ["acme-tol", "acme-tooll"]


def test_what_was_asked_for_by_name_goes_before_the_floor() -> None:
    asked = tuple(
        AlwaysName(name=name(text), package=name("acme-tool"), reason="ours") for text, _, _ in THREE_NAMES[:2]
    )
    owned = portfolio(*TWO_PACKAGES, policy=PROTECTIVE, budget=Budget(total=2), always=asked)
    assert names_of(selected(owned, *THREE_NAMES)) == ["acme-tol", "acme-tooll"]


@pytest.mark.parametrize(
    ("budget", "key"),
    [
        (Budget(total=1), "budget.total"),
        (Budget(per_package=1), "budget.per_package"),
        (Budget(keep_slots=4), "budget.keep_slots"),
    ],
)
def test_what_has_to_wait_names_the_key_that_sets_the_limit(budget: Budget, key: str) -> None:
    asked = tuple(
        AlwaysName(name=name(text), package=name("acme-tool"), reason="ours") for text in ("acme-tol", "acme-tooll")
    )
    owned = portfolio(budget=budget, always=asked)
    chosen = selected(owned, ("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.4))
    assert {item.key for item in chosen.deferred} == {key}
    assert [item.name for item in chosen.deferred][-1] == "acme-tooll"


def test_confusable_names_without_a_slot_go_back_to_what_cautious_does() -> None:
    owned = portfolio(policy=PROTECTIVE, budget=Budget(total=1))
    chosen = selected(owned, ("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.4))
    first, second = chosen.assessments
    assert (first.route, second.route, second.mode) == (Route.RESERVE, Route.REQUEST, None)
    assert "budget's total" in second.reasons[0].text
    assert chosen.deferred == ()


def test_a_request_in_place_of_a_slot_has_no_warning_about_uploads() -> None:
    owned = portfolio(policy=PROTECTIVE, budget=Budget(total=0))
    (item,) = assessed(owned, candidate("acme-tol", score=0.5))
    flag = Reason(rule="index-will-flag", text="It will.")
    removal = Reason(rule="index-may-remove", text="It may.")
    warned = item.changed(warnings=(removal, flag))
    (left,) = select([warned], portfolio=owned, holdings=Holdings(), quota=QUOTA).assessments
    assert (left.route, left.warnings) == (Route.REQUEST, ())


def test_confusable_names_that_names_yaml_chose_to_reserve_are_deferred() -> None:
    owned = portfolio(policy=Policy(routes=((NameClass.TYPO, Route.RESERVE),)), budget=Budget(total=1))
    chosen = selected(owned, ("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.4))
    assert [item.name for item in chosen.deferred] == ["acme-tooll"]


def test_the_coverage_curve_goes_on_beyond_the_budget_and_ends_at_everything() -> None:
    owned = portfolio(policy=PROTECTIVE, budget=Budget(total=1))
    curve = selected(owned, ("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.4)).coverage
    assert [(point.names, point.name) for point in curve] == [(1, "acme-tol"), (2, "acme-tooll")]
    assert curve[0].covered == pytest.approx(0.5 / 0.7, abs=1e-6)
    assert curve[1].covered == 1.0


def test_each_point_of_the_curve_adds_what_its_name_gains() -> None:
    owned = portfolio(policy=PROTECTIVE)
    rows = (("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.4), ("acme-ttool", "acme-tool", 0.2))
    curve = selected(owned, *rows).coverage
    whole = 1 - 0.5 * 0.6 * 0.8
    assert [point.gain for point in curve] == pytest.approx([0.5, 0.2, 0.06], abs=1e-6)
    assert [point.covered for point in curve] == pytest.approx([0.5 / whole, 0.7 / whole, 1.0], abs=1e-6)


def test_the_curve_is_written_to_a_millionth() -> None:
    rows = (("acme-tol", "acme-tool", 0.123456789), ("acme-tooll", "acme-tool", 0.987654321))
    first, second = selected(portfolio(policy=PROTECTIVE), *rows).coverage
    assert (first.gain, first.covered) == (0.987654, 0.998459)
    assert (second.gain, second.covered) == (0.001524, 1.0)


def test_the_curve_ends_where_an_account_does() -> None:
    packages = [package(f"acme-{number}x") for number in range(150)]
    owned = portfolio(*packages, policy=PROTECTIVE)
    rows = [(f"acme-{number}xx", f"acme-{number}x", 0.5) for number in range(150)]
    assert len(selected(owned, *rows).coverage) == MAX_NAMES_AN_ACCOUNT


def test_equal_gains_are_ordered_by_name() -> None:
    owned = portfolio(policy=PROTECTIVE, budget=Budget(per_package=3))
    rows = (("acme-tool2", "acme-tool", 0.2), ("acme-tol", "acme-tool", 0.2))
    assert names_of(selected(owned, *rows)) == names_of(selected(owned, *reversed(rows))) == ["acme-tol", "acme-tool2"]


# ------------------------------------------------------------------ days


@pytest.mark.parametrize(
    ("budget", "quota", "used", "expected"),
    [
        (Budget(), QUOTA, (), (1, 1, 1, 1, 2, 2)),
        (Budget(per_day=2), QUOTA, (), (1, 1, 2, 2, 3, 3)),
        (Budget(per_day=9), QUOTA, (), (1, 1, 1, 1, 2, 2)),
        (Budget(keep_slots=1), QUOTA, (), (1, 1, 1, 2, 2, 2)),
        (Budget(), None, (), (1, 1, 1, 1, 1, 1)),
        (Budget(per_day=3), None, (), (1, 1, 1, 2, 2, 2)),
        # Slots that were used today come back tomorrow, yesterday's come back today.
        (Budget(), QUOTA, ("2026-11-22T08:00", "2026-11-22T09:00"), (1, 1, 2, 2, 2, 2)),
        (Budget(), QUOTA, ("2026-11-21T08:00", "2026-11-21T09:00"), (1, 1, 1, 1, 2, 2)),
        (Budget(), QUOTA, ("2026-11-22T08:00",) * 4, (2, 2, 2, 2, 3, 3)),
        # An hourly quota is whole again by the end of the day.
        (Budget(), Quota(limit=3, window_s=3600), ("2026-11-22T08:00",) * 3, (1, 1, 1, 2, 2, 2)),
    ],
)
def test_days_follow_the_sliding_window(
    budget: Budget, quota: Quota | None, used: tuple[str, ...], expected: tuple[int, ...]
) -> None:
    slots = tuple(moment(text) for text in used)
    assert assign_days(6, budget=budget, quota=quota, slot_times=slots, as_of=AS_OF) == expected


# ------------------------------------------------------------------ actions


def test_the_review_date_is_the_end_of_the_next_year_unless_the_policy_says_otherwise() -> None:
    owned = portfolio(policy=PROTECTIVE)
    chosen = selected(owned, ("acme-tol", "acme-tool", 0.5))
    (action,) = plan_actions(chosen, portfolio=owned, holdings=Holdings(), quota=QUOTA, as_of=AS_OF)
    assert action.review_date == dt.date(2027, 12, 31)
    dated = portfolio(policy=Policy(name=PolicyName.PROTECTIVE, review_date=dt.date(2028, 5, 1)))
    (action,) = plan_actions(chosen, portfolio=dated, holdings=Holdings(), quota=QUOTA, as_of=AS_OF)
    assert action.review_date == dt.date(2028, 5, 1)


@pytest.mark.parametrize("day", [dt.date(2020, 1, 1), AS_OF])
def test_a_new_placeholder_promises_no_review_on_a_day_that_is_over(day: dt.date) -> None:
    owned = portfolio(policy=Policy(name=PolicyName.PROTECTIVE, review_date=day))
    chosen = selected(owned, ("acme-tol", "acme-tool", 0.5))
    (action,) = plan_actions(chosen, portfolio=owned, holdings=Holdings(), quota=QUOTA, as_of=AS_OF)
    assert action.review_date == dt.date(2027, 12, 31)


def test_the_actions_digest_ignores_score_and_day() -> None:
    owned = portfolio(policy=PROTECTIVE)

    def digest_with(score: float, as_of: dt.date) -> str:
        chosen = selected(owned, ("acme-tol", "acme-tool", score))
        (action,) = plan_actions(chosen, portfolio=owned, holdings=Holdings(), quota=QUOTA, as_of=as_of)
        return action.digest

    assert digest_with(0.5, AS_OF) == digest_with(0.4, dt.date(2026, 3, 1))


# ------------------------------------------------------------------ the other policy, and warnings


def test_the_other_policys_differences_are_about_names_that_are_acted_on() -> None:
    cautious, protective = portfolio(), portfolio(policy=PROTECTIVE)
    rows = (("acme-tol", "acme-tool", 0.5), ("acme-tooll", "acme-tool", 0.001))
    (difference,) = find_differences(selected(cautious, *rows), selected(protective, *rows))
    assert (difference.name, difference.route, difference.other_route) == ("acme-tol", Route.REQUEST, Route.RESERVE)
    assert difference.reason is not None
    assert difference.reason.text.startswith("A likely typing error for acme-tool.")


@pytest.mark.parametrize(
    ("seen", "rules"),
    [
        (None, ["no-snapshot"]),
        (snapshot(complete=False), ["partial-snapshot"]),
        (snapshot(taken=dt.date(2026, 11, 8)), []),
        (snapshot(taken=dt.date(2026, 11, 7)), ["old-snapshot"]),
        (snapshot(taken=dt.date(2026, 11, 23)), ["future-snapshot"]),
        (snapshot(index="testpypi"), ["other-snapshot"]),
    ],
)
def test_the_plan_warns_of_the_list_of_names(seen: object, rules: list[str]) -> None:
    owned = portfolio()
    info = getattr(seen, "info", None)
    warnings = find_warnings(
        (), selected(owned), portfolio=owned, holdings=Holdings(), snapshot=info, profile=None, as_of=AS_OF
    )
    assert [warning.rule for warning in warnings] == rules


def test_the_plan_warns_of_ignored_overrides_and_vanished_names() -> None:
    owned = portfolio(policy=Policy(routes=((NameClass.FUTURE, Route.RESERVE),)))
    warnings = find_warnings(
        (),
        selected(owned),
        portfolio=owned,
        holdings=Holdings(undecided=(name("acme-gone"),)),
        snapshot=snapshot().info,
        profile=None,
        as_of=AS_OF,
    )
    assert [warning.rule for warning in warnings] == ["override-ignored", "names-vanished"]
    assert all(isinstance(warning, Reason) for warning in warnings)


def test_the_plan_warns_of_a_list_that_came_from_a_file() -> None:
    owned, listed = portfolio(), snapshot().info
    given = {"portfolio": owned, "holdings": Holdings(), "as_of": AS_OF}
    fetched = replace(listed, source=PROFILE.simple)
    for seen, rules in ((listed, ["list-from-elsewhere"]), (fetched, [])):
        found = find_warnings((), selected(owned), snapshot=seen, profile=PROFILE, **given)  # type: ignore[arg-type]  # values of several types
        assert [warning.rule for warning in found] == rules

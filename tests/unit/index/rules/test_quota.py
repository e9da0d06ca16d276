from __future__ import annotations

import datetime as dt

import pytest

from namehold.index.model import Quota
from namehold.index.rules.quota import Limit, Slots, closed_until, find_slots, read_limits, tightest_quota
from namehold.portfolio.model import Budget

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
DAY = Quota(limit=4, window_s=86_400)
POLICY = '"project.create.ip";q=4;w=86400;pk=:ip:, "project.create.user";q=4;w=3600;pk=:user:'


def ago(hours: float) -> dt.datetime:
    return NOW - dt.timedelta(hours=hours)


def headers(limit: str, policy: str = POLICY) -> tuple[tuple[str, str], ...]:
    return (("ratelimit", limit), ("ratelimit-policy", policy), ("content-type", "text/html"))


def test_the_indexs_headers_are_read() -> None:
    found = read_limits(headers('"project.create.ip";r=3;t=86399, "project.create.user";r=2;t=3000'))
    assert found == (
        Limit(scope="ip", remaining=3, resets_in_s=86399, quota=DAY),
        Limit(scope="user", remaining=2, resets_in_s=3000, quota=Quota(limit=4, window_s=3600)),
    )
    assert tightest_quota(found) == DAY


@pytest.mark.parametrize(
    "limit",
    [
        "",
        "garbage",
        '"project.create.ip"',
        '"project.create.ip";r=x;t=1',
        '"project.create.ip";r=1',
        '"project.create.ip";r=-1;t=5',
        '"project.create.ip";r=1;t=99999999999',
        '"search";r=0;t=100',
        '"' * 5000,
    ],
)
def test_headers_that_mean_nothing_give_no_limit(limit: str) -> None:
    assert read_limits(headers(limit)) == ()


def test_headers_without_a_policy_give_no_quota() -> None:
    found = read_limits((("ratelimit", '"project.create.user";r=1;t=10'),))
    assert found == (Limit(scope="user", remaining=1, resets_in_s=10),)
    assert tightest_quota(found) is None


def test_no_answer_closes_an_account_for_longer_than_a_window() -> None:
    never = '"project.create.user";r=0;t=9999999999'
    (told,) = read_limits(headers(never, '"project.create.user";q=4;w=3600'))
    (untold,) = read_limits(headers(never, ""))
    (too_long,) = read_limits(headers(never, '"project.create.user";q=1;w=9999999999'))
    assert told.resets_in_s == 3600
    assert untold.resets_in_s == 86_400
    assert too_long.resets_in_s <= 31 * 86_400
    assert too_long.quota is not None
    assert too_long.quota.window_s <= 31 * 86_400


def limits(ip: tuple[int, int], user: tuple[int, int]) -> tuple[Limit, ...]:
    return (
        Limit(scope="ip", remaining=ip[0], resets_in_s=ip[1], quota=DAY),
        Limit(scope="user", remaining=user[0], resets_in_s=user[1], quota=DAY),
    )


@pytest.mark.parametrize(
    ("found", "spent", "keep", "wait_s"),
    [
        (limits((4, 86400), (4, 86400)), True, 0, None),
        (limits((2, 10), (2, 10)), True, 0, None),
        (limits((1, 10), (1, 20)), True, 0, 21),  # r is before the request: it took the last one
        (limits((1, 10), (1, 20)), False, 0, None),  # a refusal took none
        (limits((0, 10), (3, 20)), False, 0, 11),  # the address's limit bites alone
        (limits((3, 10), (0, 20)), False, 0, 21),
        (limits((2, 10), (4, 20)), True, 1, 11),  # one slot is kept for the organization's own projects
        (limits((4, 10), (4, 20)), True, 99, 21),  # but never all of them: at r=4 nothing was spent before
        ((), True, 0, None),
    ],
)
def test_the_wait_is_t_plus_one_after_the_last_slot(
    found: tuple[Limit, ...], spent: bool, keep: int, wait_s: int | None
) -> None:
    until = closed_until(found, at=NOW, spent=spent, keep_slots=keep)
    assert until == (None if wait_s is None else NOW + dt.timedelta(seconds=wait_s))


def free(*times: dt.datetime, quota: Quota | None = DAY, closed: dt.datetime | None = None, **budget: int) -> Slots:
    limits = Budget(**budget)
    return find_slots(times, quota=quota, keep_slots=limits.keep_slots, per_day=limits.per_day, closed=closed, now=NOW)


def test_a_fresh_ledger_has_the_whole_quota() -> None:
    assert free() == Slots(free=4)


def test_without_a_quota_or_a_budget_nothing_limits() -> None:
    assert free(ago(1), quota=None) == Slots(free=None)


def test_slots_come_back_one_by_one() -> None:
    times = (ago(23), ago(22), ago(2), ago(1))
    assert free(*times) == Slots(free=0, next_slot=NOW + dt.timedelta(hours=1, seconds=1))
    assert free(*times[1:]) == Slots(free=1)


def test_a_slot_counts_for_the_whole_window_its_last_moment_included() -> None:
    assert free(*[ago(24)] * 4).next_slot == NOW + dt.timedelta(seconds=1)
    assert free(*[ago(24) - dt.timedelta(seconds=1)] * 4) == Slots(free=4)


def test_more_spent_than_the_quota_allows_now_waits_for_enough_to_age() -> None:
    # The quota was lowered underway: six were spent, four are allowed now.
    times = tuple(ago(hours) for hours in (12, 11, 10, 9, 8, 7))
    assert free(*times).next_slot == ago(10) + dt.timedelta(days=1, seconds=1)


def test_the_budget_only_tightens() -> None:
    assert free(ago(1), per_day=1) == Slots(free=0, next_slot=ago(1) + dt.timedelta(days=1, seconds=1), bound="budget")
    assert free(ago(1), per_day=3).free == 2
    assert free(per_day=99).free == 4
    assert free(per_day=0).free == 0


def test_kept_slots_are_left_but_one() -> None:
    assert free(keep_slots=3).free == 1
    assert free(ago(1), keep_slots=3).bound == "kept"
    assert free(keep_slots=99).free == 1


def test_what_the_last_answer_said_wins_over_the_ledger() -> None:
    until = NOW + dt.timedelta(hours=5)
    assert free(closed=until) == Slots(free=0, next_slot=until)
    assert free(closed=NOW).free == 4
    assert free(*[ago(1)] * 4, closed=NOW + dt.timedelta(hours=1)).next_slot == ago(1) + dt.timedelta(days=1, seconds=1)


def test_a_clock_that_was_set_back_waits_rather_than_exceeds() -> None:
    ahead = NOW + dt.timedelta(hours=3)
    assert free(*[ahead] * 4) == Slots(free=0, next_slot=ahead + dt.timedelta(days=1, seconds=1))

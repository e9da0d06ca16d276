"""What names.yaml asks for is answered, and a package that isn't on the index is noticed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.harness.values import AS_OF, POPULAR, assessed, held, name, package, portfolio, snapshot

from namehold.candidates import derive_candidates, load_weights
from namehold.ledger.model import Holdings
from namehold.plan.actions import plan_actions, plan_renewals
from namehold.plan.budget import select
from namehold.plan.model import Wish
from namehold.plan.warn import find_warnings
from namehold.plan.wishes import find_unlisted, find_wishes
from namehold.portfolio.model import AlwaysName, Budget, Observation, Portfolio, Renewal, Route

WEIGHTS = load_weights()


def answered(owned: Portfolio, holdings: Holdings | None = None) -> tuple[Wish, ...]:
    wishes, _ = answered_and_warned(owned, holdings)
    return wishes


def answered_and_warned(owned: Portfolio, holdings: Holdings | None = None) -> tuple[tuple[Wish, ...], list[str]]:
    holdings = holdings or Holdings()
    items = assessed(owned, *derive_candidates(owned, weights=WEIGHTS, popular={}), holdings=holdings)
    selection = select(items, portfolio=owned, holdings=holdings, quota=None)
    actions = (
        *plan_renewals(owned, holdings, as_of=AS_OF),
        *plan_actions(selection, portfolio=owned, holdings=holdings, quota=None, as_of=AS_OF),
    )
    wishes = find_wishes(owned, selection=selection, actions=actions, held_back=(), holdings=holdings, as_of=AS_OF)
    warnings = find_warnings(
        actions, selection, portfolio=owned, holdings=holdings, snapshot=None, profile=None, as_of=AS_OF, wishes=wishes
    )
    return wishes, [item.text for item in warnings if item.rule == "wish-not-planned"]


def always(*texts: str) -> tuple[AlwaysName, ...]:
    return tuple(AlwaysName(name=name(text), package=name("acme-tool"), reason="ours") for text in texts)


def test_each_always_has_a_line_with_its_reason_and_what_can_not_be_met_is_a_warning() -> None:
    owned = portfolio(package("acme-tool"), always=always("python-acme-tool", "hugin-strange-thing"))
    wishes, warnings = answered_and_warned(owned)
    lines = {str(item.name): (item.kind, item.outcome, item.is_met) for item in wishes}
    assert lines["python-acme-tool"] == ("always", "reserve on day 1", True)
    kind, outcome, is_met = lines["hugin-strange-thing"]
    assert (kind, is_met) == ("always", False)
    assert outcome == "watched only"
    assert all(item.why for item in wishes)
    assert len(warnings) == 1
    assert "hugin-strange-thing" in warnings[0]


def test_a_name_that_is_only_to_be_watched_is_a_wish_that_is_met() -> None:
    (name,) = always("acme-tools")
    wishes, warnings = answered_and_warned(portfolio(package("acme-tool"), always=(replace(name, route=Route.WATCH),)))
    assert [(item.outcome, item.is_met) for item in wishes] == [("watched only", True)]
    assert warnings == []


def test_a_wish_without_room_waits_and_says_so() -> None:
    owned = portfolio(package("acme-tool"), always=always("python-acme-tool", "acme-tool-cli"), budget=Budget(total=1))
    wishes, warnings = answered_and_warned(owned)
    assert sorted(item.outcome for item in wishes) == ["reserve on day 1", "waits"]
    assert warnings == []


def test_observed_and_confirmed_names_have_their_lines() -> None:
    seen = Observation(name=name("acme-tool-client"), package=name("acme-tool"), source="survey", date=AS_OF)
    owned = portfolio(package("acme-tool", confirmed=(name("hugin-strange-thing"),)), observed=(seen,))
    wishes, warnings = answered_and_warned(owned)
    assert [(item.kind, str(item.name), item.is_met) for item in wishes] == [
        ("observed", "acme-tool-client", True),
        ("confirmed", "hugin-strange-thing", False),
    ]
    assert len(warnings) == 1


@pytest.mark.parametrize(
    ("version", "outcome", "is_met"),
    [
        ("0.0.1", "done", True),
        ("0.0.2", "version 0.0.2 on day 1", True),
        ("0.0.0", "not possible", False),
        ("9.0", "not possible", False),
    ],
)
def test_each_renewal_has_its_line(version: str, outcome: str, is_met: bool) -> None:
    wanted = Renewal(name=name("acme-toool"), version=version, reason="moved")
    (wish,) = answered(portfolio(renewals=(wanted,)), Holdings(held=(held("acme-toool"),)))
    assert (wish.kind, wish.outcome, wish.is_met) == ("renew", outcome, is_met)


@pytest.mark.parametrize("days", [1, 0])
def test_a_renewal_that_would_warn_of_an_end_that_has_come_is_not_possible(days: int) -> None:
    end = AS_OF + dt.timedelta(days=days)
    wanted = Renewal(name=name("acme-toool"), version="0.0.2", reason="x", withdraw_on=end)
    owned, holdings = portfolio(renewals=(wanted,)), Holdings(held=(held("acme-toool"),))
    (wish,) = answered(owned, holdings)
    assert (wish.is_met, str(end) in wish.why) == (days > 0, days == 0)
    nothing = select((), portfolio=owned, holdings=holdings, quota=None)
    warnings = find_warnings(
        (), nothing, portfolio=owned, holdings=holdings, snapshot=None, profile=None, as_of=AS_OF, wishes=(wish,)
    )
    assert ("renewal-over" in {item.rule for item in warnings}) == (days == 0)


def test_a_renewal_of_what_is_not_held_is_not_possible() -> None:
    wanted = Renewal(name=name("acme-toool"), version="0.0.2", reason="moved")
    (wish,) = answered(portfolio(renewals=(wanted,)))
    assert (wish.outcome, wish.is_met) == ("not possible", False)


def test_a_wish_is_no_rate() -> None:
    wished = portfolio(package("acme-tool"), always=always("hugin-strange-thing", "python-acme-tool"))
    bare = replace(wished, always=())
    with_wish, without = (
        {str(item.name): item.score.value for item in derive_candidates(owned, weights=WEIGHTS, popular={})}
        for owned in (wished, bare)
    )
    assert with_wish["hugin-strange-thing"] == 0.0
    # What the data say of it stays.
    assert with_wish["python-acme-tool"] == pytest.approx(without["python-acme-tool"])


# --------------------------------------------------------------------------- packages that aren't listed


def unlisted(*texts: str, listed: tuple[str, ...], complete: bool = True, index: str = "pypi") -> list[str]:
    owned = portfolio(*(package(text) for text in texts))
    view = snapshot(*listed, complete=complete, index=index)
    return [item.text for item in find_unlisted(owned, view=view, popular=POPULAR)]


def test_a_package_that_the_complete_list_has_not_is_told_with_what_may_be_meant() -> None:
    (text,) = unlisted("acme-tool", "acme-robotcs", listed=("acme-tool", "acme-robotics", "zz"))
    assert text.startswith("acme-robotcs isn't among the 3 names of pypi")
    assert "Did you mean acme-robotics?" in text


def test_without_a_near_name_nothing_is_guessed() -> None:
    (text,) = unlisted("hugin-strange-thing", listed=("acme-tool",))
    assert "Did you mean" not in text


@pytest.mark.parametrize(("slips", "is_offered"), [("acme-robtcs", True), ("acme-rbtcs", False)])
def test_a_misspelling_has_two_slips_at_most(slips: str, is_offered: bool) -> None:
    (text,) = unlisted(slips, listed=("acme-robotics",))
    assert ("Did you mean acme-robotics?" in text) == is_offered


def test_an_incomplete_list_or_one_of_another_index_says_nothing() -> None:
    assert unlisted("acme-robotcs", listed=("acme-tool",), complete=False) == []
    assert unlisted("acme-robotcs", listed=("acme-tool",), index="corp") == []


def test_an_unpublished_package_is_not_missed() -> None:
    owned = portfolio(package("acme-new", published=False))
    assert find_unlisted(owned, view=snapshot("acme-tool"), popular={}) == ()

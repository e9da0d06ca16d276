"""Later versions of names that are held already."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.harness.values import AS_OF, held, name, portfolio

from namehold.ledger.model import Holdings
from namehold.plan.actions import plan_renewals
from namehold.portfolio.model import Mode, Renewal


def test_a_later_version_protects_no_new_name_and_is_counted_as_none() -> None:
    asked = Renewal(name=name("acme-tol"), version="0.0.2", reason="A new contact.")
    (action,) = plan_renewals(portfolio(renewals=(asked,)), Holdings(held=(held("acme-tol"),)), as_of=AS_OF)
    assert (action.name, action.version, action.target) == ("acme-tol", "0.0.2", "acme-tool")
    assert action.mode is held("acme-tol").mode is Mode.REDIRECT
    assert (action.score, action.gain, action.day) == (0.0, 0.0, 1)
    assert action.reasons[0].text == "Held since 2026-11-02 to protect users of acme-tool. A new contact."


def test_a_version_that_is_out_is_not_planned_again() -> None:
    asked = Renewal(name=name("acme-tol"), version="0.0.1", reason="A new contact.")
    assert plan_renewals(portfolio(renewals=(asked,)), Holdings(held=(held("acme-tol"),)), as_of=AS_OF) == ()


@pytest.mark.parametrize(("days", "is_taken"), [(1, True), (0, False), (-900, False)])
def test_nothing_warns_of_an_end_that_has_come(days: int, is_taken: bool) -> None:
    end = AS_OF + dt.timedelta(days=days)
    owned = portfolio(renewals=(Renewal(name=name("acme-tol"), version="0.0.2", reason="x", withdraw_on=end),))
    holdings = Holdings(held=(held("acme-tol"),))
    assert len(plan_renewals(owned, holdings, as_of=AS_OF)) == is_taken


@pytest.mark.parametrize(
    ("now", "later", "is_taken"),
    [
        ("2018.4.1", "2018.4.2", True),
        ("2018.4.1", "2018.4.1.post1", True),
        ("0.0.post5", "0.1", True),
        ("1!2.0", "1!2.1", True),
        ("2018.4.1", "2018.4.0", False),
        ("2018.4.1", "1!0.0.1", False),
    ],
)
def test_an_adopted_placeholder_goes_on_in_its_own_numbering(now: str, later: str, is_taken: bool) -> None:
    adopted = held("acme-tol").changed(mode=None, action_digest="", version=now)
    asked = Renewal(name=name("acme-tol"), version=later, reason="The old one was silent.")
    planned = plan_renewals(portfolio(renewals=(asked,)), Holdings(held=(adopted,)), as_of=AS_OF)
    # It has no mode of ours yet: what goes on installs nothing.
    assert [(action.version, action.mode) for action in planned] == [(later, Mode.SIGNPOST)] * is_taken


@pytest.mark.parametrize("now", ["2018.4.1", "0.0.post5", "1!2.0", "3", "1.0rc1", "0.0.1"])
def test_the_version_that_is_offered_may_follow(now: str) -> None:
    assert (
        held("acme-tol")
        .changed(version=now, action_digest="")
        .can_become(held("acme-tol").changed(version=now).next_version)
    )


@pytest.mark.parametrize("later", ["99.0", "0.1", "0.0.1.1"])
def test_a_placeholder_of_our_own_stays_low(later: str) -> None:
    asked = Renewal(name=name("acme-tol"), version=later, reason="A new contact.")
    assert plan_renewals(portfolio(renewals=(asked,)), Holdings(held=(held("acme-tol"),)), as_of=AS_OF) == ()

"""Later versions of names that are held already."""

from __future__ import annotations

from tests.harness.values import AS_OF, held, name, portfolio

from namehold.ledger.model import Holdings
from namehold.plan.actions import plan_renewals
from namehold.portfolio.model import Renewal


def test_a_later_version_protects_no_new_name_and_is_counted_as_none() -> None:
    asked = Renewal(name=name("acme-tol"), version="0.0.2", reason="A new contact.")
    (action,) = plan_renewals(portfolio(renewals=(asked,)), Holdings(held=(held("acme-tol"),)), as_of=AS_OF)
    assert (action.name, action.version, action.target) == ("acme-tol", "0.0.2", "acme-tool")
    assert (action.score, action.gain, action.day) == (0.0, 0.0, 1)
    assert action.reasons[0].text == "Held since 2026-11-02 to protect users of acme-tool. A new contact."


def test_a_version_that_is_out_is_not_planned_again() -> None:
    asked = Renewal(name=name("acme-tol"), version="0.0.1", reason="A new contact.")
    assert plan_renewals(portfolio(renewals=(asked,)), Holdings(held=(held("acme-tol"),)), as_of=AS_OF) == ()

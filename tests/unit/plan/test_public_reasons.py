"""What a placeholder, a register or a letter tells strangers says nothing about names.yaml and its keys."""

from __future__ import annotations

import re

import pytest
from tests.harness.values import QUOTA, assessed, candidate, name, portfolio

from namehold.ledger.model import Holdings
from namehold.plan.budget import select
from namehold.plan.model import Assessment
from namehold.portfolio.model import AlwaysName, Budget, InternalName, Mode, Policy, PolicyName, Portfolio, Route
from namehold.portfolio.packages import NameClass

_OUR_FILE = re.compile(r"names\.yaml|\b(?:policy|budget|publishing|organization|account)\.\w+|\balways\b|\brenew\b")
_PROTECTIVE = Policy(name=PolicyName.PROTECTIVE)


def always(route: Route | None = None, reason: str = "It was in our old manual.") -> AlwaysName:
    return AlwaysName(name=name("acme-tools"), package=name("acme-tool"), reason=reason, route=route)


def internal(ask: Route) -> InternalName:
    return InternalName(name=name("acme-vault"), ask=ask, mode=Mode.REFUSE)


@pytest.mark.parametrize(
    ("owned", "text", "name_class", "route"),
    [
        (portfolio(policy=Policy(routes=((NameClass.TYPO, Route.RESERVE),))), "acme-tol", NameClass.TYPO, "reserve"),
        (
            portfolio(policy=Policy(routes=((NameClass.COMBO, Route.REQUEST),))),
            "acme-tools",
            NameClass.COMBO,
            "request",
        ),
        (portfolio(always=(always(),)), "acme-tools", NameClass.COMBO, "reserve"),
        (portfolio(always=(always(Route.REQUEST),)), "acme-tools", NameClass.COMBO, "request"),
        (portfolio(internal=(internal(Route.RESERVE),)), "acme-vault", NameClass.INTERNAL, "reserve"),
        (portfolio(internal=(internal(Route.REQUEST),)), "acme-vault", NameClass.INTERNAL, "request"),
    ],
    ids=["chosen-reserve", "chosen-request", "always", "always-request", "internal-refuse", "internal-request"],
)
def test_a_name_that_is_acted_on_tells_strangers_nothing_of_our_file(
    owned: Portfolio, text: str, name_class: NameClass, route: str
) -> None:
    (item,) = assessed(owned, candidate(text, name_class=name_class))
    assert item.route == route
    assert_public(item)


def test_a_request_for_lack_of_a_slot_tells_strangers_nothing_of_our_file() -> None:
    owned = portfolio(policy=_PROTECTIVE, budget=Budget(total=0))
    items = assessed(owned, candidate("acme-tol", score=0.5))
    chosen = select(items, portfolio=owned, holdings=Holdings(), quota=QUOTA)
    (item,) = chosen.assessments
    assert item.route is Route.REQUEST
    assert_public(item)


def test_an_organizations_own_reason_is_told_as_it_is() -> None:
    (item,) = assessed(portfolio(always=(always(reason="Customers type it."),)), candidate("acme-tools"))
    assert item.reasons[0].text == "The organization asks for it by name: Customers type it."


def assert_public(item: Assessment) -> None:
    assert not [reason.text for reason in item.reasons if _OUR_FILE.search(reason.text)]

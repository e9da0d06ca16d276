"""Which packages many people use, and the order that this gives letters, slots and the curve."""

from __future__ import annotations

import pytest
from tests.harness.values import QUOTA, assessed, assessment, candidate, name, package, portfolio, snapshot

from namehold.ledger.model import Holdings
from namehold.plan.budget import select
from namehold.plan.model import Audience, outline_of
from namehold.plan.users import find_audiences, order_by_harm, users_of
from namehold.portfolio.model import Policy, PolicyName, Portfolio, Route

RANKS = {name("acme-core"): 20, name("acme-web"): 180, name("zz-last"): 15_000}
#: A dependency that everybody downloads, and a framework that people build on.
CORE, WEB = package("acme-core"), package("acme-web")
BEARERS = snapshot("acme-core", "acme-web", *(f"acme-web-{number}" for number in range(60)))


def users(owned: Portfolio) -> dict[str, float]:
    return {str(key): value for key, value in users_of(find_audiences(owned, popular=RANKS, view=BEARERS)).items()}


def test_a_framework_that_projects_are_built_on_has_more_users_than_a_dependency_with_more_downloads() -> None:
    found = users(portfolio(CORE, WEB))
    assert found["acme-web"] > found["acme-core"] > 1


def test_without_a_list_the_downloads_say_it_alone() -> None:
    owned = portfolio(CORE, WEB)
    core, web = find_audiences(owned, popular=RANKS, view=None)
    assert (core.rank, core.bearers, web.rank, web.bearers) == (20, 0, 180, 0)
    assert core.users > web.users


def test_a_package_that_hardly_anybody_knows_has_one() -> None:
    assert users(portfolio(package("acme-new"))) == {"acme-new": 1.0}


def test_a_number_in_names_yaml_goes_before_the_computed_one() -> None:
    (found,) = find_audiences(portfolio(package("acme-core", users=7.5)), popular=RANKS, view=BEARERS)
    assert (found.users, found.is_stated, found.rank) == (7.5, True, 20)


AUDIENCES = (
    Audience(package=name("acme-tool"), users=1.0),
    Audience(package=name("acme-web"), users=50.0),
)


def order(*rows: tuple[str, str, float]) -> list[str]:
    items = [assessment(text, Route.REQUEST, target=name(target), rate=rate) for text, target, rate in rows]
    return [str(found) for found in order_by_harm(map(outline_of, items), AUDIENCES)]


def test_names_of_much_used_packages_come_first() -> None:
    assert order(("acme-tol", "acme-tool", 0.4), ("acme-wbe", "acme-web", 0.1)) == ["acme-wbe", "acme-tol"]


def test_a_packages_fifth_name_waits_for_every_other_packages_first_four() -> None:
    web = [(f"web-{place}", "acme-web", 0.9 - place / 10) for place in range(6)]
    found = order(*web, ("acme-tol", "acme-tool", 0.01))
    assert found == ["web-0", "web-1", "web-2", "web-3", "acme-tol", "web-4", "web-5"]


@pytest.mark.parametrize(("weights", "first"), [({}, "acme-tol"), ({name("acme-web"): 50.0}, "acme-wbe")])
def test_slots_and_the_curve_are_filled_by_harm(weights: dict[str, float], first: str) -> None:
    owned = portfolio(package("acme-tool"), package("acme-web"), policy=Policy(name=PolicyName.PROTECTIVE))
    items = assessed(owned, candidate("acme-tol", score=0.4), candidate("acme-wbe", "acme-web", score=0.1))
    found = select(
        items,
        portfolio=owned,
        holdings=Holdings(),
        quota=QUOTA,
        users={name(key): value for key, value in weights.items()},
    )
    assert found.chosen[0].candidate.name == first
    assert found.coverage[0].name == first
    assert [round(point.covered, 6) for point in found.coverage][-1] == 1.0
    # The chance stays a chance.
    assert set(found.gains) == {0.4, 0.1}


def test_users_lift_no_name_over_the_threshold() -> None:
    policy = Policy(name=PolicyName.PROTECTIVE, threshold=0.2)
    owned = portfolio(package("acme-tool"), package("acme-web"), policy=policy)
    items = assessed(owned, candidate("acme-wbe", "acme-web", score=0.1))
    found = select(items, portfolio=owned, holdings=Holdings(), quota=QUOTA, users={name("acme-web"): 1e6})
    assert found.chosen == ()

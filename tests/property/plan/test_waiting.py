"""A fact about one package is a fact about that package: whichever of them lack proof, the others' actions stay."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from tests.harness.values import AS_OF, DICTIONARY, POPULAR, PROFILE, QUOTA, PlainRenderer, action, name, snapshot

from namehold.candidates import load_weights, popular_names
from namehold.candidates.wordlists import general_words
from namehold.documents import dump_records, load
from namehold.ledger import Holdings
from namehold.ownership import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.plan import Action, Plan, make_plan
from namehold.plan.checks import hold_back
from namehold.plan.checks.waiting import split_waiting, why_targets_wait
from namehold.portfolio import Account, Budget, Mode, Organization, Package, Portfolio, Surface, SurfaceKind

#: Real names of packages, in the order of their use.
REAL = tuple(sorted(popular_names().ranks, key=popular_names().ranks.__getitem__))
FAILING = st.sampled_from(
    [OwnershipRule.NOT_THERE, OwnershipRule.OTHERS_OWN, OwnershipRule.UNDECLARED, OwnershipRule.TOO_YOUNG]
)


def owned(count: int) -> Portfolio:
    """An organization with `count` real packages, each with a command of its own."""
    packages = tuple(
        Package(
            name=item,
            spelled=str(item),
            surfaces=(Surface(kind=SurfaceKind.COMMAND, value=f"{item}-ctl", source="names.yaml"),),
        )
        for item in REAL[200 : 200 + count]
    )
    return Portfolio(
        organization=Organization(name="Acme Robotics", contact="security@acme-robotics.dev"),
        account=Account(index="pypi", username="acme-names"),
        packages=packages,
        budget=Budget(total=100, per_package=2),
    )


def failed(target: NormalizedName, rule: OwnershipRule, *, until: dt.date | None = None) -> OwnershipProof:
    time = dt.datetime.combine(AS_OF, dt.time(), dt.UTC)
    return OwnershipProof(
        target=target, verdict=OwnershipVerdict.CONTRADICTED, rule=rule, text="no", fix="wait", time=time, until=until
    )


def made(portfolio: Portfolio, *proofs: OwnershipProof) -> Plan:
    return make_plan(
        portfolio,
        view=snapshot(*(item.name for item in portfolio.packages)),
        holdings=Holdings(),
        renderer=PlainRenderer(),
        weights=load_weights(),
        popular=POPULAR,
        dictionary=DICTIONARY,
        general=general_words(),
        as_of=AS_OF,
        quota=QUOTA,
        profile=PROFILE,
        proofs=proofs,
    )


@cache
def whole(count: int) -> Plan:
    return made(owned(count))


def content(item: Action) -> Action:
    """An action without its place in the plan."""
    return replace(item, ordinal=0, day=0)


@settings(max_examples=20)
@given(st.data(), st.sampled_from((2, 4, 8)))
def test_the_others_actions_stay_whichever_packages_wait(data: st.DataObject, count: int) -> None:
    portfolio, before = owned(count), whole(count)
    names = [item.name for item in portfolio.packages]
    rules = data.draw(st.dictionaries(st.sampled_from(names), FAILING, max_size=count))
    proofs = [failed(target, rule) for target, rule in rules.items()]
    plan = made(portfolio, *proofs)
    assert list(map(content, plan.actions)) == [content(item) for item in before.actions if item.target not in rules]
    # What waits stands there with its rule, and nothing is dropped.
    waits = {item.name: item.reason.rule for item in plan.deferred if item.target in rules and not item.key}
    assert waits == {item.name: str(rules[item.target]) for item in before.actions if item.target in rules}
    # The others move up; a day never takes more than the quota.
    days = [item.day for item in plan.actions]
    assert days == [item.day for item in before.actions][: len(days)]
    # A plan from before the index was asked comes to the same, and both are valid input of the other commands.
    later = hold_back(before, why_targets_wait(proofs, today=AS_OF, portfolio=portfolio))
    assert (later.actions, later.action_digest) == (plan.actions, plan.action_digest)
    assert load("plan", Plan, "".join(dump_records("plan", plan)), path="plan.json").actions == plan.actions


@pytest.mark.parametrize("count", [100, 5_000])
def test_one_of_many_packages_holds_back_its_own_names_alone(count: int) -> None:
    targets = REAL[:count]
    actions = [
        replace(action(f"{target}-ctl", Mode.REDIRECT), target=target, ordinal=number, day=number)
        for number, target in enumerate(targets, start=1)
    ]
    waiting = why_targets_wait([failed(targets[count // 2], OwnershipRule.UNDECLARED)], today=AS_OF, portfolio=owned(2))
    kept, deferred = split_waiting(actions, waiting)
    assert [item.name for item in deferred] == [f"{targets[count // 2]}-ctl"]
    assert list(map(content, kept)) == [content(item) for item in actions if item.target not in waiting]
    assert [item.day for item in kept] == list(range(1, count))


def test_a_young_package_waits_until_its_day_and_one_never_asked_about_does_not() -> None:
    until = AS_OF + dt.timedelta(days=3)
    proof = failed(name("acme-tool"), OwnershipRule.TOO_YOUNG, until=until)
    assert list(why_targets_wait([proof], today=until - dt.timedelta(days=1), portfolio=owned(2))) == ["acme-tool"]
    assert why_targets_wait([proof], today=until, portfolio=owned(2)) == {}
    assert why_targets_wait([], today=AS_OF, portfolio=owned(2)) == {}
    # The last answer counts.
    proved = replace(proof, verdict=OwnershipVerdict.PROVED, rule=OwnershipRule.ACCOUNT_OWNS, until=None)
    assert why_targets_wait([proof, proved], today=AS_OF, portfolio=owned(2)) == {}

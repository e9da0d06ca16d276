"""A letter tells administrators why a name is like ours, and never what names.yaml says about it."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import NOON, TOOL, assessment, make_plan, name

from namehold.index.rules.names import Availability
from namehold.ledger.model import Holdings, LetterKind
from namehold.letters import LetterFacts, find_letter_refusals, write_letter
from namehold.ownership.prove import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.plan.model import Reason
from namehold.plan.reasons import settle
from namehold.portfolio.model import Account, Organization, Portfolio, Route
from namehold.portfolio.packages import Package

PORTFOLIO = Portfolio(
    organization=Organization(name="Acme Robotics", contact="security@acme.example"),
    account=Account(index="pypi", username="acme-names"),
    packages=(Package(name=TOOL, spelled="acme-tool"),),
)
TOL = name("acme-tol")


def facts(rule: str, **values: str) -> LetterFacts:
    item = assessment("acme-tol", Route.NONE, availability=Availability.TAKEN)
    item = item.changed(reasons=(settle(rule, **values).reason,))
    return LetterFacts(
        plan=make_plan((item,)),
        portfolio=PORTFOLIO,
        holdings=Holdings(),
        proofs=(proof(TOOL),),
        looked_up={TOL: (True, NOON)},
        words=(),
        now=NOON,
        note="We wrote three times.",
        released={TOL: NOON, TOOL: NOON - dt.timedelta(days=900)},
    )


def proof(target: NormalizedName) -> OwnershipProof:
    return OwnershipProof(
        target=target,
        verdict=OwnershipVerdict.PROVED,
        rule=OwnershipRule.ACCOUNT_OWNS,
        text="an owner",
        fix="",
        time=NOON,
    )


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("never", {"why": "we don't want it"}),
        ("surface-unconfirmed", {"kind": "command", "package": "acme-tool"}),
        ("typo-below-threshold", {}),
        ("taken", {}),
    ],
)
def test_what_our_file_says_of_a_name_is_not_told_to_administrators(rule: str, values: dict[str, str]) -> None:
    known = facts(rule, **values)
    assert find_letter_refusals(LetterKind.TRANSFER, (TOL,), known) == ()
    body = " ".join(write_letter(LetterKind.TRANSFER, (TOL,), known).body.split())
    assert "names.yaml" not in body
    assert "policy." not in body
    assert "transposition: acme-tol for acme-tool." in body


@pytest.mark.parametrize(
    ("rule", "text", "told"),
    [
        ("typo-no-slot", "acme-tol", "A likely typing error for acme-tool. (transposition: acme-tol for acme-tool)"),
        ("python-word-no-slot", "python-acme-tool", "acme-tool with a word for Python, which says the same."),
    ],
)
def test_what_our_budget_says_of_a_name_is_not_told_to_administrators(rule: str, text: str, told: str) -> None:
    reason = Reason(rule=rule, text="The package has all names that the budget gives it.")
    item = assessment(text, Route.REQUEST).changed(reasons=(reason,))
    known = dataclasses.replace(facts("taken"), plan=make_plan((item,)), looked_up={name(text): (False, NOON)})

    assert find_letter_refusals(LetterKind.PROHIBIT, (name(text),), known) == ()
    body = " ".join(write_letter(LetterKind.PROHIBIT, (name(text),), known).body.split())
    assert "budget" not in body
    assert f"- {text}, for acme-tool: {told} What we add:" in body


def test_the_day_of_the_plan_is_told_where_it_is_too_old() -> None:
    known = dataclasses.replace(facts("taken"), now=NOON + dt.timedelta(days=15))
    found = {item.rule: item.message for item in find_letter_refusals(LetterKind.TRANSFER, (TOL,), known)}
    assert str(known.plan.provenance.as_of) in found["letter-stale-plan"]

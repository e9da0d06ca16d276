"""Ownership is proved by the index, not claimed in a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from packaging.utils import NormalizedName
from tests.placeholders import PROFILE

from namehold.index.model import IndexChoice, Ownership, Role
from namehold.ownership.prove import OwnershipRule, OwnershipVerdict, TargetFacts, declares_account, prove
from namehold.portfolio.model import Account, Organization, Package, Portfolio

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
OLD = NOW - dt.timedelta(days=400)
YOUNG = NOW - dt.timedelta(days=30)
TOOL = NormalizedName("acme-tool")

PORTFOLIO = Portfolio(
    organization=Organization(name="Acme Robotics", contact="security@acme.example", index_organization="acme"),
    account=Account(index="pypi", username="acme-holdings", holders=("acme-release",)),
    packages=(Package(name=TOOL, spelled="acme-tool"),),
)


def facts(**values: object) -> TargetFacts:
    base = TargetFacts(name=TOOL, exists=True, ownership=owned_by("acme-holdings"), first_release=OLD, serial=7)
    return replace(base, **values)  # type: ignore[arg-type]  # keyword by keyword, as each test needs


def owned_by(*users: str, organization: str | None = None) -> Ownership:
    return Ownership(organization=organization, roles=tuple(Role(role="Owner", user=user) for user in users))


def judge(
    *targets: TargetFacts, portfolio: Portfolio = PORTFOLIO, is_public: bool = True
) -> tuple[OwnershipVerdict, OwnershipRule]:
    first = prove(portfolio, targets, now=NOW, profile=replace(PROFILE, is_public=is_public))[0]
    return first.verdict, first.rule


def test_the_account_itself_as_owner_is_proof() -> None:
    assert judge(facts()) == (OwnershipVerdict.PROVED, OwnershipRule.ACCOUNT_OWNS)


def test_the_result_carries_its_time_and_serial() -> None:
    (found,) = prove(PORTFOLIO, [facts()], now=NOW, profile=PROFILE)
    assert (found.time, found.serial) == (NOW, 7)


def test_a_strangers_project_is_not_ours_and_the_fix_is_told() -> None:
    (found,) = prove(PORTFOLIO, [facts(ownership=owned_by("somebody"))], now=NOW, profile=PROFILE)
    assert (found.verdict, found.rule) == (OwnershipVerdict.CONTRADICTED, OwnershipRule.OTHERS_OWN)
    assert "account.username" in found.fix
    assert "somebody" not in found.text, "a stranger's name stays out of reports"


@pytest.mark.parametrize("shown", [owned_by("acme-release"), owned_by(organization="acme")])
def test_a_holder_or_the_organization_needs_a_page_that_names_the_account(shown: Ownership) -> None:
    assert judge(facts(ownership=shown)) == (OwnershipVerdict.CONTRADICTED, OwnershipRule.NO_PAGE)
    page = {"https://code.acme.example/acme/tool": "Names are reserved by the account acme-holdings."}
    assert judge(facts(ownership=shown, pages=page)) == (OwnershipVerdict.PROVED, OwnershipRule.PAGE_NAMES_ACCOUNT)


def test_a_page_without_any_standing_on_the_index_proves_nothing() -> None:
    page = {"https://elsewhere.example/": "the account acme-holdings"}
    assert judge(facts(ownership=owned_by("somebody"), pages=page))[0] is OwnershipVerdict.CONTRADICTED


def test_another_organization_on_the_index_is_not_ours() -> None:
    assert judge(facts(ownership=owned_by(organization="acme-fans")))[1] is OwnershipRule.OTHERS_OWN


def test_an_unclaimed_organization_never_matches_a_project_without_one() -> None:
    portfolio = replace(PORTFOLIO, organization=replace(PORTFOLIO.organization, index_organization=""))
    assert judge(facts(ownership=owned_by()), portfolio=portfolio)[1] is OwnershipRule.OTHERS_OWN


def test_a_young_target_gives_no_standing() -> None:
    assert judge(facts(first_release=YOUNG)) == (OwnershipVerdict.CONTRADICTED, OwnershipRule.TOO_YOUNG)
    assert judge(facts(first_release=None))[1] is OwnershipRule.TOO_YOUNG


def test_an_older_project_of_the_same_organization_vouches_for_a_young_one() -> None:
    page = {"https://acme.example/": "The account acme-holdings holds names for us"}
    young = facts(ownership=owned_by(organization="acme"), first_release=YOUNG, pages=page)
    elder = facts(name=NormalizedName("acme-core"), ownership=owned_by(organization="acme"))
    assert judge(young, elder)[0] is OwnershipVerdict.PROVED
    assert judge(young)[1] is OwnershipRule.TOO_YOUNG


def test_a_missing_target_is_contradicted() -> None:
    assert judge(facts(exists=False)) == (OwnershipVerdict.CONTRADICTED, OwnershipRule.NOT_THERE)


def test_attested_counts_on_private_indexes_only() -> None:
    attested = replace(PORTFOLIO, index=IndexChoice(upload="https://i.acme.example/", ownership="attested"))
    hidden = facts(ownership=None)
    assert judge(hidden, portfolio=attested, is_public=False) == (OwnershipVerdict.PROVED, OwnershipRule.ATTESTED)
    assert judge(hidden, portfolio=attested, is_public=True) == (OwnershipVerdict.UNPROVABLE, OwnershipRule.NOT_SHOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Names are reserved by the account acme-holdings.", True),
        ("account: `acme-holdings`", True),
        ("Account <b>Acme-Holdings</b>", True),
        ("https://index.example/user/acme-holdings/", True),
        ("https://index.example/user/acme-holdings-2/", False),
        ("https://forum.example/user/acme-holdings/", False),
        ("https://index.example.forum.example/user/acme-holdings/", False),
        ("reserved by acme-holdings.", False),
        ("Fixed a typo (thanks, acme-holdings!)", False),
        ('<a class="author">acme-holdings</a> opened #77', False),
        ("the account acme-holdings-fans", False),
        ("https://code.acme.example/acme-holdings/tool", False),
        ("write to the account acme-holdings.example", False),
        ("", False),
    ],
)
def test_a_mention_is_no_proof_but_a_word_on_the_account_is(text: str, expected: bool) -> None:
    assert declares_account(text, "acme-holdings", host="index.example") is expected
    proof = judge(facts(ownership=owned_by("acme-release"), pages={"https://acme.example/": text}))
    assert proof[0] is (OwnershipVerdict.PROVED if expected else OwnershipVerdict.CONTRADICTED)

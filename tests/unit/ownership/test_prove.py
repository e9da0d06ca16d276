"""Ownership is proved by the index, not claimed in a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import PROFILE

from namehold.index.model import IndexChoice, Ownership, Role
from namehold.ownership.prove import OwnershipRule, OwnershipVerdict, TargetFacts, prove
from namehold.portfolio.model import Account, Organization, Portfolio
from namehold.portfolio.packages import Package

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


#: What needs a declaration: a holder, the organization, the account as a guest of others.
GUEST = Ownership(roles=(Role(role="Owner", user="somebody"), Role(role="Maintainer", user="Acme-Holdings")))


@pytest.mark.parametrize("shown", [owned_by("acme-release"), owned_by(organization="acme"), GUEST])
def test_all_but_the_account_as_owner_need_a_declaration(shown: Ownership) -> None:
    assert judge(facts(ownership=shown)) == (OwnershipVerdict.CONTRADICTED, OwnershipRule.UNDECLARED)
    declared = facts(ownership=shown, declared="https://acme.example/.well-known/namehold")
    assert judge(declared) == (OwnershipVerdict.PROVED, OwnershipRule.DECLARED)


def test_the_fix_holds_the_declaration_ready_to_paste() -> None:
    (found,) = prove(PORTFOLIO, [facts(ownership=GUEST)], now=NOW, profile=PROFILE)
    assert 'namehold-reserved-by = "https://index.example/user/acme-holdings/"' in found.fix
    assert "namehold-reserved-by: https://index.example/user/acme-holdings/" in found.fix
    assert "a maintainer" in found.text


def test_a_declaration_without_any_standing_on_the_index_proves_nothing() -> None:
    declared = facts(ownership=owned_by("somebody"), declared="https://elsewhere.example/")
    assert judge(declared)[0] is OwnershipVerdict.CONTRADICTED


def test_another_organization_on_the_index_is_not_ours() -> None:
    assert judge(facts(ownership=owned_by(organization="acme-fans")))[1] is OwnershipRule.OTHERS_OWN


def test_an_unclaimed_organization_never_matches_a_project_without_one() -> None:
    portfolio = replace(PORTFOLIO, organization=replace(PORTFOLIO.organization, index_organization=""))
    assert judge(facts(ownership=owned_by()), portfolio=portfolio)[1] is OwnershipRule.OTHERS_OWN


def test_a_young_target_gives_no_standing() -> None:
    assert judge(facts(first_release=YOUNG)) == (OwnershipVerdict.CONTRADICTED, OwnershipRule.TOO_YOUNG)


def test_a_target_whose_age_the_index_does_not_show_is_called_so_and_does_not_wait_for_a_day() -> None:
    (found,) = prove(PORTFOLIO, [facts(first_release=None)], now=NOW, profile=PROFILE)
    assert (found.verdict, found.rule) == (OwnershipVerdict.UNPROVABLE, OwnershipRule.AGE_UNKNOWN)
    assert (found.until, found.is_only_young, "younger" in found.text) == (None, False, False)
    assert "attested" in found.fix


def test_a_quarantined_target_is_called_so() -> None:
    (found,) = prove(PORTFOLIO, [facts(ownership=None, retired="quarantined")], now=NOW, profile=PROFILE)
    assert (found.verdict, found.rule) == (OwnershipVerdict.UNPROVABLE, OwnershipRule.QUARANTINED)
    assert "quarantined acme-tool" in found.text
    assert "release" not in found.fix
    assert judge(facts(ownership=None, retired="archived"))[1] is OwnershipRule.NOT_SHOWN


def test_an_older_project_of_the_same_organization_vouches_for_a_young_one() -> None:
    young = facts(ownership=owned_by(organization="acme"), first_release=YOUNG, declared="its metadata")
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

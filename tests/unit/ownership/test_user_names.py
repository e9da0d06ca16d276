"""Names of users are compared as the index compares them: `Acme-Names` and `acme-names` are one account."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import PROFILE

from namehold.errors import UnsafePlan
from namehold.index.model import IndexFile, Ownership, ProjectState, Role
from namehold.ledger.file import Ledger
from namehold.ledger.model import HeldName, Holdings
from namehold.ledger.proof import Sight, is_under_account, sight
from namehold.ownership.prove import (
    OwnershipRule,
    OwnershipVerdict,
    TargetFacts,
    is_under_account_or_holder,
    prove,
)
from namehold.portfolio.model import Account, Organization, Portfolio
from namehold.portfolio.packages import Package
from namehold.upkeep.adopt import Adoptee, find_refusal
from namehold.upkeep.drift import find_drift
from namehold.upkeep.handover import Handover, Stage, record_handover

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
NAME, TARGET = NormalizedName("acme-tol"), NormalizedName("acme-tool")
FILES = (("acme_tol-0.0.1.tar.gz", "ab" * 32),)
PORTFOLIO = Portfolio(
    organization=Organization(
        name="Acme Robotics", contact="https://acme.example/", index_organization="Acme-Robotics"
    ),
    account=Account(index="pypi", username="Acme-Names", holders=("Acme-Release",)),
    packages=(Package(name=TARGET, spelled="acme-tool"),),
)
OURS = Ownership(roles=(Role(role="Owner", user="acme-names"),))
HOLDERS = Ownership(roles=(Role(role="Owner", user="ACME-release"),))
ORGANIZATIONS = Ownership(organization="acme-robotics")
STRANGERS = Ownership(roles=(Role(role="Owner", user="acme_names"),), organization="acme")


def state(ownership: Ownership) -> ProjectState:
    files = tuple(IndexFile(filename=filename, sha256=sha256) for filename, sha256 in FILES)
    return ProjectState(name=NAME, exists=True, files=files, ownership=ownership)


def facts(name: NormalizedName, ownership: Ownership) -> TargetFacts:
    return TargetFacts(name=name, exists=True, ownership=ownership, first_release=NOW - dt.timedelta(days=400))


@pytest.mark.parametrize(
    ("shown", "account", "holder"),
    [(OURS, True, True), (ORGANIZATIONS, True, True), (HOLDERS, False, True), (STRANGERS, False, False)],
)
def test_who_counts_as_us(shown: Ownership, account: bool, holder: bool) -> None:
    assert is_under_account(shown, PORTFOLIO) is account
    assert is_under_account_or_holder(shown, PORTFOLIO) is holder
    seen = sight(state(shown), files=FILES, portfolio=PORTFOLIO, shows_ownership=True)
    assert seen is (Sight.OURS if account else Sight.STRANGER)
    proof = prove(PORTFOLIO, [facts(TARGET, OURS)], now=NOW, profile=PROFILE)[0]
    adoptee = Adoptee(state=state(shown), target=state(HOLDERS), proof=proof, declared="its metadata")
    assert (find_refusal(adoptee, PORTFOLIO) is None) is holder
    # Without a declaration a holder must own the package, too.
    bare = replace(adoptee, declared="")
    assert (find_refusal(bare, PORTFOLIO) is None) is (shown in (OURS, HOLDERS))


def test_an_organization_that_names_yaml_does_not_name_is_not_ours() -> None:
    without = replace(PORTFOLIO, organization=replace(PORTFOLIO.organization, index_organization=""))
    assert not is_under_account(Ownership(organization=None), without)
    assert not is_under_account_or_holder(Ownership(organization="acme-robotics"), without)


def test_a_package_of_the_account_is_proved_without_a_declaration() -> None:
    (proof,) = prove(PORTFOLIO, [facts(TARGET, OURS)], now=NOW, profile=PROFILE)
    assert (proof.verdict, proof.rule) == (OwnershipVerdict.PROVED, OwnershipRule.ACCOUNT_OWNS)


@pytest.mark.parametrize(("action_digest", "shown"), [("sha256:1", OURS), ("", HOLDERS)])
def test_what_is_held_does_not_drift(action_digest: str, shown: Ownership) -> None:
    held = HeldName(
        name=NAME, target=TARGET, mode=None, version="1", since=NOW, files=FILES, action_digest=action_digest
    )
    states = {NAME: state(shown)}
    assert find_drift(Holdings(held=(held,)), portfolio=PORTFOLIO, states=states, shows_ownership=True) == ()


def test_a_name_that_the_account_still_has_is_not_handed_over(tmp_path: Path) -> None:
    handover = Handover(
        name=NAME,
        target=TARGET,
        version="0.0.2",
        to="The Tol project",
        stage=Stage.READY,
        ready_on=NOW.date(),
        steps=(),
    )
    with Ledger.open(
        tmp_path / "ledger.jsonl", index="pypi", username="Acme-Names", organization="Acme", time=NOW
    ) as ledger:
        with pytest.raises(UnsafePlan, match="still shows"):
            record_handover(handover, ledger=ledger, state=state(OURS), now=NOW)
        record_handover(handover, ledger=ledger, state=state(STRANGERS), now=NOW)
        assert ledger.holdings().settled == ((NAME, "handed-over"),)

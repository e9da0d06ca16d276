"""Every line of the diagnosis says what is known, and what to do where something is wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import PROFILE, package, portfolio, snapshot

from namehold.index.access.policy import ClientPolicy
from namehold.index.access.tokens import read_conditions
from namehold.index.model import Quota, Token, TokenConditions
from namehold.index.profiles import profile
from namehold.ledger.model import HeldName, Holdings
from namehold.ownership.doctor import AccountFacts, DoctorCheck, DoctorFinding, examine
from namehold.ownership.prove import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.portfolio.model import Account, Mode, Publishing
from namehold.rehearsal.tokens import TokenStore

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
TOOL = NormalizedName("acme-tool")
HELD = HeldName(
    name=NormalizedName("acme-tol"), target=TOOL, mode=Mode.REDIRECT, version="0.0.1", since=NOW, files=(),
    action_digest="sha256:x",
)  # fmt: skip


def proof(
    rule: OwnershipRule = OwnershipRule.DECLARED, verdict: OwnershipVerdict = OwnershipVerdict.PROVED
) -> OwnershipProof:
    return OwnershipProof(target=TOOL, verdict=verdict, rule=rule, text="why", fix="correct it", time=NOW)


def facts(**values: Any) -> AccountFacts:
    base = AccountFacts(
        portfolio=replace(portfolio(package("acme-tool")), publishing=Publishing(enabled=True)),
        profile=PROFILE,
        holdings=Holdings(),
        now=NOW,
        token_place="the keyring",
        conditions=TokenConditions(is_readable=True, domain="index.example"),
        index_time=NOW,
        proofs=(proof(),),
        snapshot=snapshot("acme-tool").info,
        free_slots=4,
    )
    return replace(base, **values)


#: What these ask for isn't there; what others ask for is, and is wrong.
_MISSING = {"token-missing", "holder-missing", "publishing", "ownership-not-shown", "ownership-undeclared"}


def line(rule: str, **values: Any) -> DoctorCheck:
    (found,) = [check for check in examine(facts(**values)) if check.rule == rule]
    return found


@pytest.mark.parametrize("is_loopback", [False, True])
def test_whether_the_organization_publishes_is_not_asked_of_an_index_on_this_machine(is_loopback: bool) -> None:
    checks = examine(
        facts(portfolio=portfolio(package("acme-tool")), profile=replace(PROFILE, is_loopback=is_loopback))
    )
    assert [check.finding for check in checks if check.rule == "publishing"] == [DoctorFinding.MISSING] * (
        not is_loopback
    )


def test_a_sound_account_has_no_red_line_and_says_what_cant_be_proved_yet() -> None:
    findings = {check.rule: check.finding for check in examine(facts())}
    assert not {DoctorFinding.CONTRADICTED, DoctorFinding.MISSING} & set(findings.values())
    assert findings["account-configured"] is DoctorFinding.UNPROVABLE
    assert findings["account-secured"] is DoctorFinding.UNPROVABLE


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("token-missing", {"token_place": "", "token_fix": "make one", "is_token_missing": True}),
        ("token-unfit", {"token_place": "", "token_problem": "it is in quotes", "token_fix": "copy it again"}),
        ("token-index", {"conditions": TokenConditions(is_readable=True, domain="elsewhere.invalid")}),
        (
            "token-index",
            {
                "profile": replace(PROFILE, is_public=False),
                "conditions": TokenConditions(is_readable=True, domain=str(urlsplit(profile("pypi").simple).hostname)),
            },
        ),
        ("token-scope", {"conditions": TokenConditions(is_readable=True, is_project_scoped=True)}),
        ("token-expiry", {"conditions": TokenConditions(is_readable=True, expires=NOW)}),
        ("token-expiry", {"conditions": TokenConditions(is_readable=True, begins=NOW + dt.timedelta(1))}),
        ("holder-missing", {"portfolio": replace(portfolio(), account=Account())}),
        ("publishing", {"portfolio": portfolio()}),
        ("account-configured", {"holdings": Holdings(username="other-account")}),
        ("ownership-others", {"proofs": (proof(OwnershipRule.OTHERS_OWN, OwnershipVerdict.CONTRADICTED),)}),
        ("ownership-undeclared", {"proofs": (proof(OwnershipRule.UNDECLARED, OwnershipVerdict.CONTRADICTED),)}),
        ("ownership-not-shown", {"proofs": (proof(OwnershipRule.NOT_SHOWN, OwnershipVerdict.UNPROVABLE),)}),
        ("index-reachable", {"index_time": None, "index_problem": "it can't be reached"}),
        ("index-reachable", {"index_problem": "this page lists no file of acme-tool", "proofs": None}),
        ("clock-skew", {"index_time": NOW + dt.timedelta(seconds=61)}),
        ("snapshot", {"snapshot": None}),
        ("snapshot", {"snapshot": snapshot("a", taken=dt.date(2026, 11, 1)).info}),
        ("snapshot", {"snapshot": snapshot("a", complete=False).info}),
        ("ledger", {"ledger_problem": "the ledger is damaged in line 3"}),
        ("ledger-undecided", {"holdings": Holdings(undecided=(NormalizedName("acme-tol"),))}),
    ],
)
def test_every_red_line_has_its_fix(rule: str, values: dict[str, Any]) -> None:
    found = line(rule, **values)
    is_missing = rule in _MISSING or values == {"snapshot": None}
    assert found.finding is (DoctorFinding.MISSING if is_missing else DoctorFinding.CONTRADICTED)
    assert found.fix


def test_the_switch_is_the_last_thing_to_turn_on() -> None:
    rules = [check.rule for check in examine(facts(portfolio=portfolio(), token_place="", is_token_missing=True))]
    assert rules.index("token-missing") < rules.index("ledger") < rules.index("publishing") == len(rules) - 1


def test_the_first_held_name_proves_the_account() -> None:
    held = Holdings(username="acme-names", held=(HELD,))
    assert line("account-configured", holdings=held).finding is DoctorFinding.PROVED
    assert line("account-secured", holdings=held).finding is DoctorFinding.PROVED
    # What was adopted was put there by other hands.
    adopted = Holdings(username="acme-names", held=(HELD.changed(action_digest=""),))
    assert line("account-configured", holdings=adopted).finding is DoctorFinding.UNPROVABLE


def test_an_account_that_owns_the_packages_is_a_risk_not_an_error() -> None:
    found = line("account-separate", proofs=(proof(OwnershipRule.ACCOUNT_OWNS),))
    assert found.finding is DoctorFinding.RISK
    assert "quarantine" in found.text
    assert line("account-separate").finding is DoctorFinding.PROVED


def test_offline_the_index_is_a_line_that_was_not_looked_at() -> None:
    values: dict[str, Any] = {"is_offline": True, "index_time": None, "proofs": None}
    for rule in ("ownership-unseen", "index-reachable", "clock-skew"):
        found = line(rule, **values)
        assert found.finding is DoctorFinding.UNSEEN
        assert "offline" in found.text


def test_slots_are_told_with_where_the_number_comes_from() -> None:
    assert "hasn't said yet" in line("quota").text
    spent = line(
        "quota",
        free_slots=0,
        next_slot=NOW + dt.timedelta(hours=3),
        holdings=Holdings(quota=Quota(limit=4, window_s=9)),
    )
    assert "2026-11-22 12:00 UTC" in spent.text
    assert "said last" in spent.text


# --------------------------------------------------------------------------- what a token says of itself


@pytest.mark.parametrize(
    ("caveats", "expected"),
    [
        ([], TokenConditions(is_readable=True, domain="127.0.0.1")),
        ([[3, "user-id"]], TokenConditions(is_readable=True, domain="127.0.0.1")),
        ([[1, ["acme-tool"]]], TokenConditions(is_readable=True, domain="127.0.0.1", is_project_scoped=True)),
        ([[2, ["some-id"]]], TokenConditions(is_readable=True, domain="127.0.0.1", is_project_scoped=True)),
        (
            [[0, 2_000_000_000, 1_000], [0, 1_900_000_000, 2_000]],
            TokenConditions(
                is_readable=True, domain="127.0.0.1",
                expires=dt.datetime.fromtimestamp(1_900_000_000, dt.UTC),
                begins=dt.datetime.fromtimestamp(2_000, dt.UTC),
            ),
        ),
        ([[99, "what is to come"]], TokenConditions(is_readable=True, domain="127.0.0.1", unknown=1)),
    ],
)  # fmt: skip
def test_a_tokens_conditions_are_read_offline(caveats: list[list[Any]], expected: TokenConditions) -> None:
    raw = TokenStore().mint("acme", caveats)
    assert read_conditions(Token(raw)) == expected
    assert raw not in repr(read_conditions(Token(raw)))


def test_times_beyond_the_calendar_are_its_ends() -> None:
    found = read_conditions(Token(TokenStore().mint("acme", [[0, 10**18, -(10**18)]])))
    assert found.expires is not None
    assert found.expires.year == 9999


def test_what_is_no_macaroon_says_nothing() -> None:
    assert read_conditions(Token("a-password")) == TokenConditions(is_readable=False)
    assert line("token-opaque", conditions=TokenConditions(is_readable=False)).finding is DoctorFinding.UNPROVABLE


def test_an_unsettled_owner_says_nothing_about_whose_account_it_is() -> None:
    found = line("account-separate", proofs=(proof(OwnershipRule.TOO_YOUNG, OwnershipVerdict.CONTRADICTED),))
    assert found.finding is DoctorFinding.UNPROVABLE


def test_the_network_is_shown_without_a_secret_and_only_tried_where_the_index_was_asked() -> None:
    route = line("network-route", route="through the proxy proxy.test:3128 of HTTPS_PROXY")
    assert (route.finding, route.text) == (DoctorFinding.PROVED, "through the proxy proxy.test:3128 of HTTPS_PROXY")
    assert line("network-certificates", certificates="the system's", index_time=None).finding is DoctorFinding.UNSEEN
    wrong = line("network-route", network_problem="HTTPS_PROXY holds no address of a proxy", network_fix="write it")
    assert (wrong.finding, wrong.fix) == (DoctorFinding.CONTRADICTED, "write it")


@pytest.mark.parametrize(
    ("environment", "route", "certificates"),
    [
        ({}, "straight; the environment names no proxy", "the system's, and certifi's"),
        ({"HTTPS_PROXY": "http://me:hunter2@proxy.test:3128"}, "through the proxy proxy.test:3128 of HTTPS_PROXY", ""),
        ({"ALL_PROXY": "socks5h://me:hunter2@proxy.test"}, "through the proxy proxy.test of ALL_PROXY", ""),
        ({"HTTPS_PROXY": "http://p.test:1", "NO_PROXY": ".invalid"}, "straight; NO_PROXY names it", ""),
        ({"HTTP_PROXY": "http://p.test:1"}, "straight; no proxy is named for it", ""),
        ({"SSL_CERT_DIR": "/certs"}, "straight; the environment names no proxy", "those of SSL_CERT_DIR (/certs)"),
    ],
)
def test_a_policy_says_how_an_address_is_reached(environment: dict[str, str], route: str, certificates: str) -> None:
    policy = ClientPolicy.read(environment)
    assert policy.describe_route("https://index.invalid/simple/") == route
    assert certificates in policy.describe_certificates()
    assert "hunter2" not in policy.describe_route("https://index.invalid/") + policy.describe_certificates()

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import ACCOUNT, full_portfolio

from namehold.errors import IndexError_
from namehold.index.model import IndexFile, Ownership, ProjectState, ProjectStatus, Role
from namehold.index.profiles import profile
from namehold.ledger.model import HeldName, Holdings, Intent
from namehold.ledger.proof import Sight, owner_of, sight
from namehold.portfolio.model import Mode
from namehold.upkeep.drift import find_drift
from namehold.upkeep.status import make_status

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
NAME, TARGET = NormalizedName("acme-tol"), NormalizedName("acme-tool")
WHEEL, SDIST = ("acme_tol-0.0.1-py3-none-any.whl", "aa"), ("acme_tol-0.0.1.tar.gz", "bb")
FILES = (WHEEL, SDIST)
PORTFOLIO = full_portfolio()
OURS = Ownership(roles=(Role(role="Owner", user=ACCOUNT.username),))
ORGANIZATIONS = Ownership(organization="acme")
MALLORYS = Ownership(roles=(Role(role="Owner", user="mallory"),))
STATE = ProjectState(
    name=NAME,
    exists=True,
    files=tuple(IndexFile(filename=filename, sha256=sha256) for filename, sha256 in FILES),
    ownership=OURS,
)


def with_files(*files: tuple[str, str]) -> tuple[IndexFile, ...]:
    return tuple(IndexFile(filename=filename, sha256=sha256) for filename, sha256 in files)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (STATE, Sight.OURS),
        (replace(STATE, ownership=ORGANIZATIONS), Sight.OURS),
        (replace(STATE, files=with_files(*FILES, ("acme_tol-0.0.2.tar.gz", "cc"))), Sight.OURS),
        (replace(STATE, status=ProjectStatus.ARCHIVED), Sight.OURS),
        (replace(STATE, files=with_files(WHEEL)), Sight.PARTLY),
        (replace(STATE, files=with_files(WHEEL, (SDIST[0], "zz"))), Sight.OTHER),
        (replace(STATE, files=with_files((WHEEL[0], "zz"))), Sight.OTHER),
        (replace(STATE, files=()), Sight.OTHER),
        (replace(STATE, ownership=MALLORYS), Sight.STRANGER),
        (replace(STATE, ownership=Ownership(organization="others")), Sight.STRANGER),
        (replace(STATE, ownership=Ownership()), Sight.STRANGER),
        (replace(STATE, ownership=None), Sight.UNCLEAR),
        (replace(STATE, status=ProjectStatus.QUARANTINED, ownership=None), Sight.QUARANTINED),
        (ProjectState(name=NAME, exists=False), Sight.ABSENT),
    ],
)
def test_what_the_index_shows_proves(state: ProjectState, expected: Sight) -> None:
    assert sight(state, files=FILES, portfolio=PORTFOLIO, shows_ownership=True) is expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [(FILES, Sight.OURS), ((WHEEL,), Sight.PARTLY), ((), Sight.UNCLEAR), (((WHEEL[0], "zz"),), Sight.UNCLEAR)],
)
def test_where_owners_are_never_shown_the_bytes_are_the_proof(
    files: tuple[tuple[str, str], ...], expected: Sight
) -> None:
    state = replace(STATE, ownership=None, files=with_files(*files))
    assert sight(state, files=FILES, portfolio=PORTFOLIO, shows_ownership=False) is expected


def test_owners_as_a_receipt_tells_them() -> None:
    owners = [owner_of(replace(STATE, ownership=item)) for item in (OURS, ORGANIZATIONS, None)]
    assert owners == [ACCOUNT.username, "acme", ""]


HELD = HeldName(
    name=NAME, target=TARGET, mode=Mode.REDIRECT, version="0.0.1", since=NOW, files=FILES, action_digest="sha256:1"
)


def rules(holdings: Holdings, *states: ProjectState) -> list[str]:
    found = find_drift(
        holdings, portfolio=PORTFOLIO, states={state.name: state for state in states}, shows_ownership=True
    )
    assert all(item.text and item.fix for item in found)
    return [item.rule for item in found]


def test_agreement_is_silent() -> None:
    assert rules(Holdings(held=(HELD,)), STATE) == []
    assert rules(Holdings(held=(HELD,))) == []  # the index wasn't asked
    assert rules(Holdings()) == []


@pytest.mark.parametrize(
    ("state", "rule"),
    [
        (ProjectState(name=NAME, exists=False), "drift-vanished"),
        (replace(STATE, status=ProjectStatus.QUARANTINED), "drift-quarantined"),
        (replace(STATE, ownership=MALLORYS), "drift-stranger"),
        (replace(STATE, ownership=None), "drift-unclear"),
        (replace(STATE, files=with_files(WHEEL)), "drift-file-missing"),
        (replace(STATE, files=with_files((WHEEL[0], "zz"))), "drift-file-changed"),
        (replace(STATE, files=with_files(*FILES, ("acme_tol-6.6.6.tar.gz", "cc"))), "drift-file-added"),
    ],
)
def test_every_disagreement_with_the_index_has_a_rule(state: ProjectState, rule: str) -> None:
    assert rules(Holdings(held=(HELD,)), state) == [rule]


def test_a_target_that_names_yaml_has_no_longer_is_told() -> None:
    held = HELD.changed(target=NormalizedName("acme-gone"))
    assert rules(Holdings(held=(held,)), STATE) == ["drift-target-gone"]


def test_what_is_open_or_undecided_is_told() -> None:
    intent = Intent(
        name=NAME, target=TARGET, mode=Mode.REDIRECT, version="0.0.1", files=FILES, action_digest="", time=NOW
    )
    assert rules(Holdings(unproven=(intent,), open_intents=(NAME,), undecided=(NormalizedName("acme-too"),))) == [
        "drift-unproven",
        "drift-undecided",
    ]


def test_a_page_that_cant_be_read_is_a_finding_of_its_own_name_alone() -> None:
    class Reader:
        def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:  # noqa: ARG002 -- the port's
            if name == "acme-toll":
                raise IndexError_("its JSON is damaged")
            return replace(STATE, name=name, files=()) if name == NAME else replace(STATE, name=name)

        def now(self) -> dt.datetime:
            return NOW

    found = make_status(
        Holdings(held=(HELD.changed(name=NormalizedName("acme-toll")), HELD)), portfolio=PORTFOLIO,
        profile=profile("testpypi"), reader=Reader(), now=NOW,
    )  # fmt: skip
    assert {(item.name, item.rule) for item in found.drift} == {
        ("acme-toll", "drift-unread"),
        ("acme-tol", "drift-files-gone"),
    }

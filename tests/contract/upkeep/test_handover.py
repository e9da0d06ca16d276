"""Giving a name back: after a warning, to somebody or to nobody, never by deletion."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.contract.publish.test_renewals import renewal_plan
from tests.harness.applying import PORTFOLIO, Stage, stage

from namehold.errors import UnsafePlan, UsageError
from namehold.portfolio.model import Renewal
from namehold.portfolio.read import read_portfolio
from namehold.upkeep.handover import WARNING_DAYS, Handover, _quoted, find_handover, record_handover
from namehold.upkeep.handover import Stage as Step

NAME = NormalizedName("acme-tol")
TO = "The Tol project"


UNSAFE = "O'Brien; touch x #"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        made.run(made.plan(NAME))
        yield made


def warn(here: Stage) -> None:
    end = here.clock.now().date() + dt.timedelta(days=30)
    here.run(renewal_plan(here, Renewal(name=NAME, version="0.0.2", reason="given back", withdraw_on=end)))


def find(here: Stage, to: str = TO) -> Handover:
    return find_handover(NAME, here.holdings, portfolio=PORTFOLIO, to=to, today=here.clock.now().date())


def record(here: Stage, to: str = TO) -> None:
    with here.open_ledger() as ledger:
        record_handover(find(here, to), ledger=ledger, state=here.reader.project(NAME), now=here.clock.now())


def test_first_a_last_version_has_to_warn(here: Stage) -> None:
    found = find(here)
    assert (found.stage, found.ready_on) == (Step.UNWARNED, None)
    text = "organization: {name: Acme, contact: security@acme.dev}\naccount: {index: pypi, username: acme}\n"
    loaded = read_portfolio(f"{text}packages: [acme-tool]\n{found.snippet}".encode(), path="").portfolio
    (renewal,) = loaded.renewals
    assert (renewal.name, renewal.version) == (NAME, "0.0.2")
    assert renewal.withdraw_on is not None
    assert renewal.withdraw_on > here.clock.now().date() + dt.timedelta(days=WARNING_DAYS)
    with pytest.raises(UnsafePlan, match="before a version has warned for 90 days"):
        record(here)


def test_a_command_to_paste_quotes_whatever_the_other_side_is_called() -> None:
    assert shlex.split(f"namehold{_quoted(UNSAFE)}") == ["namehold", "--to", UNSAFE]


def test_it_warns_for_ninety_days_even_if_the_date_is_nearer(here: Stage) -> None:
    warn(here)
    found = find(here)
    assert found.stage is Step.WARNING
    assert found.ready_on == here.clock.now().date() + dt.timedelta(days=WARNING_DAYS)
    here.clock.advance((WARNING_DAYS - 1) * 86_400)
    with pytest.raises(UnsafePlan, match="people still install it"):
        record(here)
    here.clock.advance(86_400)
    assert find(here).stage is Step.READY


def test_it_is_recorded_when_the_index_shows_the_new_owner(here: Stage) -> None:
    warn(here)
    here.clock.advance(WARNING_DAYS * 86_400)
    assert any("invite the account of The Tol project as Owner" in step for step in find(here).steps)
    with pytest.raises(UnsafePlan, match="still shows acme"):
        record(here)
    project = here.index.state.project(NAME)
    assert project is not None
    project.roles = {"tol": "Owner"}
    record(here)
    assert here.held == []
    assert dict(here.holdings.settled)[NAME] == "handed-over"
    with pytest.raises(UsageError):
        find(here)


def test_a_name_that_was_handed_over_is_never_sent_again(here: Stage) -> None:
    warn(here)
    here.clock.advance(WARNING_DAYS * 86_400)
    project = here.index.state.project(NAME)
    assert project is not None
    project.roles = {"tol": "Owner"}
    record(here)
    sent = len(here.index.state.uploads)
    here.portfolio = replace(PORTFOLIO)
    assert here.run(here.plan(NAME)).receipts == ()
    assert len(here.index.state.uploads) == sent


def test_without_a_claimant_the_administrators_prohibit_it(here: Stage) -> None:
    warn(here)
    here.clock.advance(WARNING_DAYS * 86_400)
    found = find(here, to="")
    assert found.letter.startswith("acme-tol\n")
    assert "Please prohibit it instead" in found.letter
    with pytest.raises(UnsafePlan, match="haven't prohibited it yet"):
        record(here, to="")
    here.index.state.prohibit(NAME)
    record(here, to="")
    assert here.held == []


def test_a_deleted_project_is_no_handover(here: Stage) -> None:
    warn(here)
    here.clock.advance(WARNING_DAYS * 86_400)
    here.index.state.delete_project(NAME)
    with pytest.raises(UnsafePlan, match="anybody may take it"):
        record(here)


def test_what_isnt_held_cant_be_handed_over(here: Stage) -> None:
    with pytest.raises(UsageError, match="isn't held"):
        find_handover(
            NormalizedName("acme-other"), here.holdings, portfolio=PORTFOLIO, to="", today=here.clock.now().date()
        )

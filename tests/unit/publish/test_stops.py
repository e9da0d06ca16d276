"""Every reason to stop says what happened and what a person does, with an exit code of its own."""

from __future__ import annotations

import datetime as dt

import pytest
from packaging.utils import NormalizedName

from namehold.errors import CredentialError, Diagnostic, ExitCode, UnsafePlan
from namehold.index.model import Outcome
from namehold.index.rules.quota import Slots
from namehold.ledger.model import Holdings
from namehold.publish import stops
from namehold.publish.outcomes import STOPPING
from namehold.publish.stops import stop_for, stop_for_error, stop_for_slots, stop_for_undecided

VALUES = {
    "name": "acme-tol",
    "told": "acme-tol, acme-too: the index has it no longer",
    "username": "acme",
    "found": "vanished",
    "kept": "",
    "sent": "; it is not known yet whether it arrived: acme-tol",
    "why": "it answered 403",
    "skew": "62 s",
    "until": dt.datetime(2026, 11, 22, 9, 2, tzinfo=dt.UTC),
}


@pytest.mark.parametrize("rule", stops._ROWS)
def test_every_stop_says_what_happened_and_what_to_do(rule: str) -> None:
    stop = stop_for(rule, **VALUES)
    assert stop.rule == rule
    assert stop.message
    assert stop.fix
    assert "{" not in stop.message + stop.fix


def test_a_used_quota_is_12_and_a_used_budget_is_0() -> None:
    slots = Slots(free=0, next_slot=None, bound="kept")
    assert stop_for_slots(slots).exit_code is ExitCode.QUOTA
    assert "budget.keep_slots" in stop_for_slots(slots).message
    assert stop_for_slots(Slots(free=0, next_slot=None, bound="budget")).exit_code is ExitCode.DONE


def test_names_without_the_administrators_answer_stop_everything_and_name_the_command() -> None:
    names = (NormalizedName("acme-tol"), NormalizedName("acme-too"), NormalizedName("acme-tools"))
    settled = (*((name, "vanished") for name in names[:2]), (names[2], "other-account"))
    stop = stop_for_undecided(Holdings(undecided=names, settled=settled))
    assert stop is not None
    assert (stop.exit_code, "acme-tol, acme-too" in stop.message) == (ExitCode.GUARD_REFUSED, True)
    assert "namehold status --decide acme-tol=" in stop.fix
    assert "acme-tools: the index took our upload and shows it under another account" in stop.message
    assert stop_for_undecided(Holdings()) is None


def test_an_error_becomes_a_stop_under_the_rule_that_its_findings_share() -> None:
    finding = Diagnostic(message="it is off", rule="guard-publishing", fix="switch it on")
    one = stop_for_error(UnsafePlan("refused", fix="read the lines above", diagnostics=(finding, finding)))
    assert (one.rule, one.message, one.fix) == ("guard-publishing", "refused", "read the lines above")
    assert stop_for_error(CredentialError("there is no token")).rule == "CredentialError"


def test_what_the_index_answered_ends_a_run_with_its_own_code() -> None:
    assert stops._CODES_OF_ANSWERS == {
        Outcome.RATE_LIMITED: ExitCode.QUOTA,
        Outcome.AUTHENTICATION_FAILED: ExitCode.CREDENTIALS,
        Outcome.REGISTRATION_DISABLED: ExitCode.INDEX_UNUSABLE,
    }
    assert stops._CODES_OF_ANSWERS.keys() == STOPPING

"""Why a run ends early, and the exit code of each reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from namehold.errors import ExitCode
from namehold.index import Outcome, Slots
from namehold.ledger import Intent
from namehold.plan import Action

STOP_CODES = {
    Outcome.RATE_LIMITED: ExitCode.QUOTA,
    Outcome.AUTHENTICATION_FAILED: ExitCode.CREDENTIALS,
    Outcome.REGISTRATION_DISABLED: ExitCode.INDEX_UNUSABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why a run ended before its plan did, and what a person does."""

    rule: str
    message: str
    advice: str
    exit_code: ExitCode


def no_slot(slots: Slots) -> Stop:
    """No slot is left, or the budget is used up."""
    if slots.bound == "budget":
        return Stop(
            rule="budget",
            message="today's share of the budget is used",
            advice="call again at the next slot's time; budget.per_day sets the share",
            exit_code=ExitCode.DONE,
        )
    kept = " (budget.keep_slots leaves the others for your own new projects)" if slots.bound == "kept" else ""
    return Stop(
        rule="quota",
        message=f"the index's quota is used{kept}",
        advice="call again at the next slot's time: the run goes on where this one ends",
        exit_code=ExitCode.QUOTA,
    )


def unreadable(subject: Action | Intent) -> Stop:
    """The index gave no answer about a name."""
    return Stop(
        rule="index-unreadable",
        message=f"the index can't be read, so nobody knows what it has of {subject.name}",
        advice="look at the network and at the index's status page, then call again: nothing is lost",
        exit_code=ExitCode.INDEX_UNUSABLE,
    )


def unrecorded(action: Action) -> Stop:
    """Names beyond the ledger are names beyond the ceilings: somebody lost a ledger, or keeps a second one."""
    return Stop(
        rule="unrecorded",
        message=f"the index shows {action.name} under our account with a reservation.json that this ledger lacks",
        advice=f"restore the ledger from a copy, or enter the name: namehold adopt {action.name}",
        exit_code=ExitCode.GUARD_REFUSED,
    )


def undecided(intent: Intent, until: dt.datetime) -> Stop:
    """An upload's answer was lost, and the index doesn't show the file yet."""
    return Stop(
        rule="indeterminate",
        message=f"nobody can tell yet whether {intent.name} arrived",
        advice=f"call again after {until:%H:%M} UTC: the index is asked again before anything is sent",
        exit_code=ExitCode.PARTLY_FAILED,
    )

"""Why a run ends early.

    stop_for("budget").exit_code      # 0

Each reason is one row: its rule id, its exit code, what it says and what a person does about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from packaging.utils import NormalizedName

from namehold.errors import ExitCode, NameholdError
from namehold.index import Outcome
from namehold.index.rules import Meaning, Slots
from namehold.ledger import Holdings, tell_undecided

_ASK_ADMINISTRATORS: Final = "ask the index's administrators, then: namehold status --decide {name}='WHAT THEY SAID'"


class _Row(NamedTuple):
    exit_code: ExitCode
    message: str
    fix: str


#: By rule id. A new reason to stop is one row here; texts are format strings.
_ROWS: Final[Mapping[str, _Row]] = {
    "budget": _Row(
        ExitCode.DONE,
        "today's share of the budget is used",
        "call again at the next slot's time; budget.per_day sets the share",
    ),
    "quota": _Row(
        ExitCode.QUOTA,
        "the index's quota is used{kept}",
        "call again at the next slot's time: the run goes on where this one ends",
    ),
    "index-unreadable": _Row(
        ExitCode.INDEX_UNUSABLE,
        "it is unknown what the index has of {name}: {why}",
        "settle that, then call again: nothing is lost",
    ),
    # Names beyond the ledger are names beyond the ceilings: a ledger was lost, or there is a second one.
    "unrecorded": _Row(
        ExitCode.GUARD_REFUSED,
        "the index shows {name} under our account with a reservation.json that this ledger lacks",
        "all teams of an organization share one ledger: use that one, restore it from a copy, or enter the names: "
        "namehold status --rebuild LIST, or namehold adopt --all",
    ),
    "indeterminate": _Row(
        ExitCode.PARTLY_FAILED,
        "it is not known yet whether {name} arrived",
        "call again after {until:%H:%M} UTC: the index is asked again before anything is sent",
    ),
    "administrators": _Row(
        ExitCode.GUARD_REFUSED, "the index accepted {name} and no longer has it ({found})", _ASK_ADMINISTRATORS
    ),
    "undecided": _Row(
        ExitCode.GUARD_REFUSED,
        "{told}; nothing was sent now",
        "find out what happened, then: namehold status --decide {name}='WHAT HAPPENED, OR WHAT THEY SAID'",
    ),
    # A token doesn't tell whose it is: the first name must be shown under our account before a second one is sent.
    "account-unproved": _Row(
        ExitCode.DONE,
        "the index doesn't show {name} yet, the first name of {username}; nothing more is sent before it does",
        "call again in a few minutes: the index is asked first",
    ),
    "account-other": _Row(
        ExitCode.CREDENTIALS,
        "the index accepted {name} from us and shows it under another account than {username}: "
        "the token belongs to that account",
        "use the token of {username}; then: namehold status --decide {name}='WHAT HAPPENED'",
    ),
    "interrupted": _Row(
        ExitCode.INTERRUPTED,
        "the run was interrupted{sent}",
        "call again: the run goes on where this one ends, and asks the index before anything is sent again",
    ),
    "clock": _Row(
        ExitCode.GUARD_REFUSED,
        "this machine's clock and the index's differ by {skew}",
        "set this machine's clock (the index's is right: it checks the tokens)",
    ),
}

#: What the index's answer to an upload ends a run with; 13 for any other answer.
_CODES_OF_ANSWERS: Final = {
    Outcome.RATE_LIMITED: ExitCode.QUOTA,
    Outcome.AUTHENTICATION_FAILED: ExitCode.CREDENTIALS,
    Outcome.REGISTRATION_DISABLED: ExitCode.INDEX_UNUSABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why a run ended before its plan did, and what a person does about it (`fix`)."""

    rule: str
    message: str
    fix: str
    exit_code: ExitCode


def stop_for(rule: str, **values: object) -> Stop:
    """The stop of a rule, its texts filled in."""
    row = _ROWS[rule]
    return Stop(
        rule=rule, message=row.message.format_map(values), fix=row.fix.format_map(values), exit_code=row.exit_code
    )


def stop_for_slots(slots: Slots) -> Stop:
    """No slot is left, or today's share of the budget is used."""
    kept = " (budget.keep_slots leaves the others for your own new projects)" if slots.bound == "kept" else ""
    return stop_for("budget" if slots.bound == "budget" else "quota", kept=kept)


def stop_for_interrupt(unproven: Iterable[NormalizedName]) -> Stop:
    """Ctrl-C, or a signal that ends programs; `unproven` were sent, or about to be."""
    names = ", ".join(unproven)
    return stop_for("interrupted", sent=f"; it is not known yet whether it arrived: {names}" if names else "")


def stop_for_undecided(holdings: Holdings) -> Stop | None:
    """Names that are ours no more, until a person has recorded what became of them; None without any."""
    by_text: dict[str, list[NormalizedName]] = {}
    for name, text in tell_undecided(holdings).items():
        by_text.setdefault(text, []).append(name)
    told = "; ".join(f"{', '.join(names)}: {text}" for text, names in by_text.items())
    return stop_for("undecided", told=told, name=holdings.undecided[0]) if told else None


def stop_for_answer(name: NormalizedName, meaning: Meaning, text: str) -> Stop:
    """The index's answer to an upload, after which nothing more is sent."""
    return Stop(
        rule=meaning.rule,
        message=f"the index's answer for {name} ends this run: {text}",
        fix=meaning.fix,
        exit_code=_CODES_OF_ANSWERS.get(meaning.outcome, ExitCode.PARTLY_FAILED),
    )


#: What may end a run after something was sent with its own code: people and schedules act on these.
_KEPT_CODES: Final = frozenset(
    {
        ExitCode.DONE,
        ExitCode.INDEX_UNUSABLE,
        ExitCode.CREDENTIALS,
        ExitCode.QUOTA,
        ExitCode.PARTLY_FAILED,
        ExitCode.INTERRUPTED,
    }
)


def after_sending(stop: Stop) -> Stop:
    """The stop of a run that has sent something: no code of it says that nothing was sent."""
    return stop if stop.exit_code in _KEPT_CODES else replace(stop, exit_code=ExitCode.PARTLY_FAILED)


def stop_for_error(error: NameholdError) -> Stop:
    """An error that ended a run; its findings' rule if they have one in common."""
    rules = {finding.rule for finding in error.diagnostics()}
    rule = rules.pop() if len(rules) == 1 else type(error).__name__
    return Stop(rule=rule, message=error.message, fix=error.fix, exit_code=error.exit_code)

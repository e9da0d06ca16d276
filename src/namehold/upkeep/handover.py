"""Gives a held name back: to a person or project with a claim on it, or to the administrators to prohibit it.

    handover = find_handover(name, holdings, portfolio=portfolio, to="The Tol project", today=today)
    handover.stage, handover.steps

Never by deletion: anybody can register a deleted name at once (Warehouse), and installations still ask for it.
First a last version warns, for `WARNING_DAYS`. A person does the steps in the web interface; the ledger records them,
and the name is never planned again.
"""

from __future__ import annotations

import datetime as dt
import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import UnsafePlan, UsageError
from namehold.index import ProjectState
from namehold.ledger import HandedOver, HeldName, Holdings, LedgerPort
from namehold.portfolio import Portfolio

#: How long the last version warns before the name changes hands. A redirect's users take longer than that to notice:
#: sklearn's withdrawal took a year of dated versions.
WARNING_DAYS: Final = 90


class Stage(StrEnum):
    """How far a handover is. UNWARNED: no version warns yet. WARNING: one does, not for long enough."""

    UNWARNED = "unwarned"
    WARNING = "warning"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What is to be done next to give one name back. `to` is empty if there is no claim.

    `ready_on` is the first day on which the name may change hands; None while no version warns.
    `snippet` goes into names.yaml, `letter` to the administrators; each is empty where it isn't needed now.
    """

    name: NormalizedName
    target: NormalizedName
    version: str
    to: str
    stage: Stage
    ready_on: dt.date | None
    steps: tuple[str, ...]
    snippet: str = ""
    letter: str = ""


def find_handover(
    name: NormalizedName, holdings: Holdings, *, portfolio: Portfolio, to: str, today: dt.date
) -> Handover:
    """Where the handover of `name` stands and what a person does next. Raises UsageError if it isn't held."""
    held = _held(name, holdings)
    ready_on = _ready_on(held)
    stage = Stage.UNWARNED if ready_on is None else Stage.READY if today >= ready_on else Stage.WARNING
    snippet = _snippet(held, to=to, today=today) if stage is Stage.UNWARNED else ""
    letter = _letter(held, portfolio) if stage is Stage.READY and not to else ""
    return Handover(
        name=name,
        target=held.target,
        version=held.version,
        to=to,
        stage=stage,
        ready_on=ready_on,
        steps=_steps(held, stage, to=to, ready_on=ready_on, portfolio=portfolio),
        snippet=snippet,
        letter=letter,
    )


def record_handover(handover: Handover, *, ledger: LedgerPort, state: ProjectState | None, now: dt.datetime) -> None:
    """Writes down that a person has done it. `state` is what the index shows now; None if it wasn't asked.

    Raises UnsafePlan if no version has warned for long enough, or if the index shows that it isn't done.
    """
    if handover.stage is not Stage.READY:
        day = (
            f"before {handover.ready_on}"
            if handover.ready_on
            else f"before a version has warned for {WARNING_DAYS} days"
        )
        raise UnsafePlan(
            f"{handover.name} isn't handed over {day}: people still install it",
            fix=f"namehold handover {handover.name}",
        )
    username = ledger.holdings().username
    if state is not None and not handover.to and state.exists:
        raise UnsafePlan(
            f"the index still has {handover.name}: its administrators haven't prohibited it yet",
            fix="record it when they have answered; never delete it yourself",
        )
    if state is not None and handover.to and not state.exists:
        raise UnsafePlan(
            f"the index has no {handover.name} any more: it was deleted, and anybody may take it",
            fix=f"tell {handover.to} at once, and ask the index's administrators",
        )
    if state is not None and state.ownership is not None and state.ownership.has_user(username):
        raise UnsafePlan(
            f"the index still shows {username} on {handover.name}",
            fix="leave the project in the web interface, then record it",
        )
    ledger.append(
        HandedOver(
            name=handover.name,
            to=handover.to,
            how="transferred" if handover.to else "prohibited",
            version=handover.version,
            checked=state is not None,
            time=now,
        )
    )


def _held(name: NormalizedName, holdings: Holdings) -> HeldName:
    held = next((item for item in holdings.held if item.name == name), None)
    if held is None:
        names = ", ".join(sorted(item.name for item in holdings.held)) or "none"
        raise UsageError(f"{name} isn't held, so there is nothing to hand over", fix=f"names that are held: {names}")
    return held


def _ready_on(held: HeldName) -> dt.date | None:
    if held.withdraw_on is None or held.warned_since is None:
        return None
    return max(held.withdraw_on, held.warned_since.date() + dt.timedelta(days=WARNING_DAYS))


def _snippet(held: HeldName, *, to: str, today: dt.date) -> str:
    """A week more than the days of warning: planning, approving and sending takes a person some days."""
    reason = "it goes to those who have a claim on it" if to else "it isn't needed any more"
    return (
        "renew:\n"
        f"  - name: {held.name}\n"
        f"    version: {held.next_version}\n"
        f"    reason: {reason}\n"
        f"    withdraw_on: {today + dt.timedelta(days=WARNING_DAYS + 7)}\n"
    )


def _steps(held: HeldName, stage: Stage, *, to: str, ready_on: dt.date | None, portfolio: Portfolio) -> tuple[str, ...]:
    if stage is Stage.UNWARNED:
        return (
            "Write the lines below into names.yaml: the last version warns of its end.",
            "namehold plan, namehold rehearse, then namehold apply --approve DIGEST: a later version costs no slot.",
            f"namehold handover {held.name} says from then on when the name may change hands.",
        )
    if stage is Stage.WARNING:
        return (
            f"Wait until {ready_on}: version {held.version} warns people until then.",
            "If somebody with a claim can't wait, say so to the index's administrators and let them decide.",
        )
    account = portfolio.account.username
    record = f"namehold handover {held.name}{_quoted(to)} --done records it; the name is never planned again."
    if not to:
        return (
            "Send the letter below to the index's administrators; don't delete anything.",
            "Wait for their answer: prohibiting the name removes the project, and the name can't be registered again.",
            record,
        )
    return (
        f"Make sure that {to} is who they say: ask them to write from an address that their own project shows.",
        f"On the project's page of the index, under Manage, Collaborators: invite the account of {to} as Owner.",
        "Wait until the invitation is accepted and the account shows as Owner.",
        f"There, remove {account}. Don't delete the project, a release or a file: people's installations need them.",
        f"If {to} has an organization on the index, they can move the project there themselves (Settings, Transfer).",
        record,
    )


def _quoted(to: str) -> str:
    return f" --to {shlex.quote(to)}" if to else ""


def _letter(held: HeldName, portfolio: Portfolio) -> str:
    """What the administrators need: they prohibit a name on its holder's request, and that removes the project."""
    who = portfolio.organization
    return (
        f"{held.name}\n\n"
        f"Comment: held by {who.name} since {held.since:%Y-%m-%d}, given back; contact {who.contact}\n\n"
        "Dear administrators,\n\n"
        f"we hold the project {held.name} (account {portfolio.account.username}), a placeholder that protected users "
        f"of {held.target}.\nWe don't need it any more, and no one with a claim on the name has written to us.\n"
        f"Since {held.warned_since:%Y-%m-%d} its last version has said that it ends on {held.withdraw_on}.\n"
        "Deleting it would leave the name to anybody at once.\n"
        "Please prohibit it instead; we know that this removes the project and its files.\n\n"
        f"{who.name}\n{who.contact}\n"
    )

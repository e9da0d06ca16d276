"""Whether what the index shows is what the ledger says was sent."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from namehold.index import Ownership, ProjectState, ProjectStatus
from namehold.ledger.model import Sighting
from namehold.portfolio import Portfolio


class Sight(StrEnum):
    """What the index's word on a name proves about what we sent. Only OURS is proof that everything arrived.

    PARTLY: ours, with some of our files and none of another digest. OTHER: ours, with other files than we sent.
    UNCLEAR: it exists, and the index doesn't show who holds it.
    """

    ABSENT = "absent"
    OURS = "ours"
    PARTLY = "partly"
    OTHER = "other"
    STRANGER = "stranger"
    UNCLEAR = "unclear"
    QUARANTINED = "quarantined"


def sight(
    state: ProjectState, *, files: Sequence[tuple[str, str]], portfolio: Portfolio, shows_ownership: bool
) -> Sight:
    """What `state` proves, given the (file name, sha256) that we sent.

    Where the index never shows owners, the digests alone are the proof: the same bytes can't stand under two names.
    """
    if not state.exists:
        return Sight.ABSENT
    if state.status is ProjectStatus.QUARANTINED:
        return Sight.QUARANTINED
    if shows_ownership and state.ownership is None:
        return Sight.UNCLEAR
    if state.ownership is not None and not is_under_account(state.ownership, portfolio):
        return Sight.STRANGER
    shown = {item.filename: item.sha256 for item in state.files}
    found = [shown.get(filename) == sha256 for filename, sha256 in files]
    if found and all(found):
        return Sight.OURS
    if any(found) and not any(filename in shown and shown[filename] != sha256 for filename, sha256 in files):
        return Sight.PARTLY
    if state.ownership is None:
        return Sight.UNCLEAR
    return Sight.OTHER


def find_loss(state: ProjectState, *, files: Sequence[tuple[str, str]]) -> Sighting | None:
    """How a name that we held with `files` was taken away; None if the index shows any of them under their name.

    Administrators can also quarantine or remove a release alone: its project stays active, without files.
    """
    if not state.exists:
        return Sighting.VANISHED
    if state.status is ProjectStatus.QUARANTINED:
        return Sighting.QUARANTINED
    sent = {filename for filename, _ in files}
    is_left = not sent or any(item.filename in sent for item in state.files)
    return None if is_left else Sighting.FILES_GONE


def owner_of(state: ProjectState) -> str:
    """Who holds a project, for a receipt; empty where the index doesn't show it."""
    if state.ownership is None:
        return ""
    return state.ownership.organization or ", ".join(sorted(state.ownership.users))


def is_under_account(shown: Ownership, portfolio: Portfolio) -> bool:
    """Whether the account has a role, or the project was moved into the organization on the index.

    What was sent from the account can't stand under another user. Where a holder counts, too, see `ownership`.
    """
    return shown.has_user(portfolio.account.username) or shown.has_organization(
        portfolio.organization.index_organization
    )

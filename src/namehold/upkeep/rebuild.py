"""Rebuilds a lost ledger from what the index shows: names of ours whose files say that they are reservations.

    found = [find_reservation(name, portfolio=..., index=reader, web=reader, profile=profile) for name in names]
    record(found, ledger)

Only the index's own record of the owner and the files' own `reservation.json` count, never a name alone. The other
events of a lost ledger (approvals, letters, administrators' answers, handovers) can't be rebuilt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from namehold.index import IndexProfile, IndexReader, Outcome, ProjectState, ProjectStatus, WebReader
from namehold.ledger import Intent, LedgerPort, Receipt, is_under_account, owner_of
from namehold.names import is_version
from namehold.placeholder import read_file
from namehold.portfolio import Mode, Portfolio


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundName:
    """What the index shows of one name. `obstacle` says why it doesn't go into the ledger; empty if it does."""

    name: NormalizedName
    obstacle: str
    target: NormalizedName | None = None
    mode: Mode | None = None
    version: str = ""
    action_digest: str = ""
    owner: str = ""
    files: tuple[tuple[str, str], ...] = ()
    since: dt.datetime | None = None


def find_reservation(
    name: NormalizedName, *, portfolio: Portfolio, index: IndexReader, web: WebReader, profile: IndexProfile
) -> FoundName:
    """What the index shows of `name`, and whether its files are a reservation of this organization's.

    Raises IndexError_ if the index can't be read.
    """
    state = index.project(name)
    obstacle = _find_obstacle(state, portfolio)
    if obstacle:
        return FoundName(name=name, obstacle=obstacle)
    said = [_reservation_in(state, web=web, profile=profile, place=place) for place in range(len(state.files))]
    ours = [document for document in said if _is_of(document, name, portfolio)]
    if not said or len(ours) < len(said):
        return FoundName(name=name, obstacle="not every file of it carries a reservation.json of this organization")
    latest = max(ours, key=lambda document: Version(document["version"]))
    return FoundName(
        name=name,
        obstacle="",
        target=canonicalize_name(str(latest["target"])),
        mode=Mode(latest["mode"]),
        version=str(latest["version"]),
        action_digest=str(latest.get("action_digest", "")),
        owner=owner_of(state),
        files=tuple((file.filename, file.sha256) for file in state.files),
        since=min((file.uploaded for file in state.files if file.uploaded is not None), default=None),
    )


def record(found: Iterable[FoundName], ledger: LedgerPort, *, now: dt.datetime) -> int:
    """Writes what has no obstacle as if it had been sent when the index took it; how many names that are."""
    number = 0
    for item in sorted(found, key=lambda item: (item.since or now, item.name)):
        if item.target is None or item.mode is None:
            continue
        number += 1
        time = item.since or now
        ledger.append(
            Intent(
                name=item.name,
                target=item.target,
                mode=item.mode,
                version=item.version,
                files=item.files,
                action_digest=item.action_digest,
                time=time,
            )
        )
        ledger.append(
            Receipt(
                name=item.name,
                target=item.target,
                outcome=Outcome.HELD,
                message=f"rebuilt from the index on {now:%Y-%m-%d}: its files say themselves that they are ours",
                time=time,
                action_digest=item.action_digest,
                files=item.files,
                owner=item.owner,
                slot_time=time,
            )
        )
    return number


def _find_obstacle(state: ProjectState, portfolio: Portfolio) -> str:
    if not state.exists:
        return "the index has no such project"
    if state.status is ProjectStatus.QUARANTINED:
        return "the index's administrators have quarantined it: ask them"
    if state.unknown_status:
        return state.unknown_status
    if state.ownership is None or not is_under_account(state.ownership, portfolio):
        return f"the index doesn't show it as ours ({owner_of(state) or 'no owner shown'})"
    return "" if state.files else "it has no files"


def _reservation_in(state: ProjectState, *, web: WebReader, profile: IndexProfile, place: int) -> dict[str, Any]:
    """The reservation.json in one file; empty if there is none, or the file isn't safe to read."""
    read = read_file(state.files[place], state, web=web, profile=profile)
    return read.reservation if read is not None else {}


def _is_of(document: dict[str, Any], name: NormalizedName, portfolio: Portfolio) -> bool:
    """Whether a reservation.json is about this very name, and by this organization."""
    who = document.get("organization")
    is_whole = all(isinstance(document.get(key), str) for key in ("name", "version", "target", "mode"))
    return (
        is_whole
        and canonicalize_name(document["name"]) == name
        and document["mode"] in set(Mode)
        and is_version(document["version"])
        and isinstance(who, dict)
        and who.get("name") == portfolio.organization.name
    )

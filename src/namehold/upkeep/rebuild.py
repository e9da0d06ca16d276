"""Enters into a lost or an older ledger what the index shows: names of ours whose files say that they are reservations.

    found = [find_reservation(name, holdings=..., portfolio=..., index=reader, web=reader, profile=p) for name in names]
    record(found, ledger, now=now)

Only the index's own record of the owner and the files' own `reservation.json` count, never a name alone. The other
events of a lost ledger (approvals, letters, administrators' answers, handovers) can't be rebuilt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from packaging.utils import NormalizedName, canonicalize_name, is_normalized_name
from packaging.version import Version

from namehold.index import IndexFile, IndexProfile, IndexReader, Outcome, ProjectState, ProjectStatus, WebReader
from namehold.ledger import HeldName, Holdings, Intent, LedgerPort, Receipt, is_under_account, names_ever_held, owner_of
from namehold.names import is_version
from namehold.placeholder import read_file
from namehold.portfolio import Mode, Portfolio

#: Why a name that the ledger has stays as it is there.
_IN_LEDGER: Final = "the ledger has it already"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRelease:
    """One version of a placeholder, as its own `reservation.json` and the index tell of it."""

    target: NormalizedName
    mode: Mode
    version: str
    action_digest: str
    files: tuple[tuple[str, str], ...]
    uploaded: dt.datetime | None = None
    withdraw_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundName:
    """What the index shows of one name: `releases` are what the ledger lacks, the earliest version first.

    `obstacle` says why nothing of it goes into the ledger; empty if something does.
    """

    name: NormalizedName
    obstacle: str
    owner: str = ""
    releases: tuple[FoundRelease, ...] = ()


def find_reservation(
    name: NormalizedName,
    *,
    holdings: Holdings,
    portfolio: Portfolio,
    index: IndexReader,
    web: WebReader,
    profile: IndexProfile,
) -> FoundName:
    """What the index shows of `name`, and whether its files are a reservation of this organization's.

    `holdings` is what the ledger has: of a held name only later versions are missing, and what the ledger says of a
    name that was given back or taken away stands. Raises IndexError_ if the index can't be read.
    """
    held = next((item for item in holdings.held if item.name == name), None)
    state = index.project(name) if held is not None or name not in names_ever_held(holdings) else None
    obstacle = _find_obstacle(state, portfolio) if state is not None else _tell_known(name, holdings)
    if state is None or obstacle:
        return FoundName(name=name, obstacle=obstacle)
    missing = [file for file in state.files if held is None or (file.filename, file.sha256) not in held.files]
    if held is not None and not missing:
        return FoundName(name=name, obstacle=_IN_LEDGER)
    said = [(file, _reservation_in(file, state, web=web, profile=profile)) for file in missing]
    if not said or not all(_is_of(document, name, portfolio) for _, document in said):
        text = "not every file of it carries a reservation.json of this organization"
        return FoundName(name=name, obstacle=f"{_IN_LEDGER}; {text}" if held is not None else text)
    releases = tuple(_releases(said, held))
    return FoundName(name=name, obstacle="" if releases else _IN_LEDGER, owner=owner_of(state), releases=releases)


def record(found: Iterable[FoundName], ledger: LedgerPort, *, now: dt.datetime) -> int:
    """Writes what has no obstacle as if it had been sent when the index took it; how many names that are."""
    written = [item for item in found if item.releases]
    known = {item.name for item in ledger.holdings().held}
    for item in sorted(written, key=lambda item: (item.releases[0].uploaded or now, item.name)):
        for release in item.releases:
            uploaded = min(release.uploaded, now) if release.uploaded is not None else None
            common: dict[str, Any] = {"name": item.name, "target": release.target, "time": now, "files": release.files}
            digest = release.action_digest
            ledger.append(
                Intent(
                    **common,
                    mode=release.mode,
                    version=release.version,
                    action_digest=digest,
                    withdraw_on=release.withdraw_on,
                )
            )
            ledger.append(
                Receipt(
                    **common,
                    outcome=Outcome.HELD,
                    message=f"rebuilt from the index on {now:%Y-%m-%d}: its files say themselves that they are ours",
                    action_digest=digest,
                    owner=item.owner,
                    slot_time=uploaded if item.name not in known else None,
                    uploaded=uploaded,
                )
            )
            known.add(item.name)
    return len(written)


def _tell_known(name: NormalizedName, holdings: Holdings) -> str:
    """What the ledger says of a name that it knows and that isn't simply held."""
    if name in holdings.names:
        return "it was sent, and it isn't known yet what became of it: namehold apply asks the index"
    return f"the ledger says what became of it: {dict(holdings.settled).get(name, 'taken away')}"


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


def _reservation_in(file: IndexFile, state: ProjectState, *, web: WebReader, profile: IndexProfile) -> dict[str, Any]:
    """The reservation.json in one file; empty if there is none, or the file isn't safe to read."""
    read = read_file(file, state, web=web, profile=profile)
    return read.reservation if read is not None else {}


def _is_of(document: dict[str, Any], name: NormalizedName, portfolio: Portfolio) -> bool:
    """Whether a reservation.json is about this very name, and by this organization."""
    who = document.get("organization")
    is_whole = all(isinstance(document.get(key), str) for key in ("name", "version", "target", "mode"))
    return (
        is_whole
        and canonicalize_name(document["name"]) == name
        and is_normalized_name(canonicalize_name(document["target"]))
        and document["mode"] in set(Mode)
        and is_version(document["version"])
        and isinstance(who, dict)
        and who.get("name") == portfolio.organization.name
    )


def _releases(said: Iterable[tuple[IndexFile, dict[str, Any]]], held: HeldName | None) -> Iterable[FoundRelease]:
    """The versions among files and their documents, in their order; of a held name those above the held one."""
    by_version: dict[Version, list[tuple[IndexFile, dict[str, Any]]]] = {}
    for file, document in said:
        by_version.setdefault(Version(document["version"]), []).append((file, document))
    for version in sorted(by_version):
        if held is not None and version <= Version(held.version):
            continue
        files = [file for file, _ in by_version[version]]
        _, document = by_version[version][0]
        yield FoundRelease(
            target=canonicalize_name(document["target"]),
            mode=Mode(document["mode"]),
            version=document["version"],
            action_digest=str(document.get("action_digest", "")),
            # A wheel is sent first.
            files=tuple((file.filename, file.sha256) for file in sorted(files, key=_place)),
            uploaded=min((file.uploaded for file in files if file.uploaded is not None), default=None),
            withdraw_on=_day(document.get("withdraw_on")),
        )


def _place(file: IndexFile) -> tuple[bool, str]:
    return not file.filename.endswith(".whl"), file.filename


def _day(text: object) -> dt.date | None:
    """A day as a reservation.json writes it; None for everything else."""
    with suppress(ValueError, TypeError):
        return dt.date.fromisoformat(text)  # type: ignore[arg-type]  # a TypeError is no day
    return None

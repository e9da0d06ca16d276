"""Compares what the ledger says with what the index shows and what names.yaml wants now.

status = make_status(holdings, portfolio=..., reader=HttpIndex(profile, ...), profile=profile, now=now)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from packaging.utils import NormalizedName

from namehold.errors import ExitCode, IndexError_
from namehold.index import IndexProfile, IndexReader, ProjectState, ask_each
from namehold.ledger import Holdings
from namehold.portfolio import Portfolio
from namehold.records import Record
from namehold.upkeep.drift import Drift, find_drift, tell_unread


class StatusName(Record, frozen=True, kw_only=True):
    """One name of the ledger: `state` is held, unverified, open, or how it was settled."""

    name: NormalizedName
    target: NormalizedName | None
    state: str
    since: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where an account's reservations stand. `is_compared` tells whether the index was asked.

    `head` is the digest of the ledger's last line: published, it proves later that nothing before it was changed.
    `free_slots` None: nothing is known to limit them.
    """

    index: str
    username: str
    head: str
    is_compared: bool
    names: tuple[StatusName, ...]
    drift: tuple[Drift, ...]
    free_slots: int | None
    next_slot: dt.datetime | None

    @property
    def exit_code(self) -> ExitCode:
        """11 if anything disagrees."""
        return ExitCode.FINDINGS if self.drift else ExitCode.DONE


def make_status(
    holdings: Holdings,
    *,
    portfolio: Portfolio,
    profile: IndexProfile,
    reader: IndexReader | None,
    now: dt.datetime,
    names: Collection[NormalizedName] | None = None,
    report: Callable[[NormalizedName], None] = lambda _: None,
) -> Status:
    """The status at `now`; `reader` None: the index isn't asked. Raises IndexError_ (see `ask_each`).

    `names`: only these of the held names are asked about; None: all of them.
    """
    states: dict[NormalizedName, ProjectState] = {}
    unread: dict[NormalizedName, Drift] = {}
    if reader is not None:

        def look(name: NormalizedName) -> None:
            states[name] = reader.project(name)
            report(name)

        def leave_out(name: NormalizedName, error: IndexError_) -> None:
            unread[name] = tell_unread(name, error)

        asked = [held for held in holdings.held if names is None or held.name in names]
        # What the placeholders lead to may have gone since.
        every = dict.fromkeys([*(held.name for held in asked), *sorted({held.target for held in asked})])
        for _ in ask_each([*every], look, leave_out=leave_out):
            pass
    slots = holdings.slots(quota=profile.quota, budget=portfolio.budget, now=now)
    return Status(
        index=profile.nickname,
        username=holdings.username or portfolio.account.username,
        head=holdings.head,
        is_compared=reader is not None,
        names=_names(holdings),
        drift=(
            *find_drift(holdings, portfolio=portfolio, states=states, shows_ownership=profile.shows_ownership),
            *unread.values(),
        ),
        free_slots=slots.free,
        next_slot=slots.next_slot,
    )


def _names(holdings: Holdings) -> tuple[StatusName, ...]:
    unverified = frozenset(holdings.unverified)
    held = [StatusName(name=item.name, target=item.target, state="held", since=item.since) for item in holdings.held]
    unproven = [
        StatusName(
            name=item.name,
            target=item.target,
            state="unverified" if item.name in unverified else "open",
            since=item.time,
        )
        for item in holdings.unproven
    ]
    settled = [StatusName(name=name, target=None, state=how, since=None) for name, how in holdings.settled]
    return (*held, *unproven, *settled)

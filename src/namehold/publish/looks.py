"""What a run asks the index about before the first byte: which held names, and each fact no more than once.

find_doubtful(holdings.held, listed, now=now)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from packaging.utils import NormalizedName

from namehold.index import AccountReader, ProjectState
from namehold.ledger import HeldName

if TYPE_CHECKING:
    from namehold.snapshot import Snapshot

#: Every held name is asked about at least once a week: a daily run may begin a little later than the day before.
_LOOK_AGAIN_AFTER: Final = dt.timedelta(days=6, hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberingReader:
    """Asks the index, and remembers its last word on each name for the rest of the run."""

    reader: AccountReader
    states: dict[NormalizedName, ProjectState] = field(default_factory=dict)

    @classmethod
    def of(cls, reader: AccountReader) -> RememberingReader:
        """`reader` itself if it remembers already."""
        return reader if isinstance(reader, cls) else cls(reader=reader)

    def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:
        """What the index says about `name` now. Raises IndexError_."""
        state = self.reader.project(name, known_serial=known_serial)
        if state.unknown_status:
            # What isn't understood is asked for once more.
            state = self.reader.project(name, known_serial=known_serial)
        if not known_serial or state.serial != known_serial:
            self.states[name] = state
        return state

    def now(self) -> dt.datetime:
        """The index's own time. Raises IndexError_."""
        return self.reader.now()

    def user_packages(self, username: str) -> tuple[NormalizedName, ...]:
        """The names that the index lists for a user. Raises IndexError_."""
        return self.reader.user_packages(username)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallingReader:
    """A reader for facts that don't change during a run: it asks only about names that weren't asked about yet."""

    asked: RememberingReader

    def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:  # noqa: ARG002 -- the port's
        """What the index said about `name` in this run. Raises IndexError_."""
        return self.asked.states.get(name) or self.asked.project(name)

    def now(self) -> dt.datetime:
        """The index's own time. Raises IndexError_."""
        return self.asked.now()


@dataclass(slots=True, kw_only=True)
class AccountLooks:
    """Projects of the account that surely held no reservation at their last look: when that was, and their serial then.

    A person who can write these can hide reservations from the ceilings: they are kept only under the ledger's key.
    """

    looks: dict[NormalizedName, tuple[dt.datetime, int]] = field(default_factory=dict)
    keep: Callable[[Mapping[NormalizedName, tuple[dt.datetime, int]]], object] = lambda _: None

    def find_plain(self, listed: Snapshot | None, *, now: dt.datetime) -> frozenset[NormalizedName]:
        """The projects that needn't be looked at now: within the week, and if the list tells no other serial."""
        serials = listed.serials(tuple(self.looks)) if listed is not None else {}
        return frozenset(
            name
            for name, (time, serial) in self.looks.items()
            if dt.timedelta() <= now - time < _LOOK_AGAIN_AFTER and serials.get(name, serial) == serial
        )

    def remember(self, plain: Iterable[tuple[NormalizedName, int]], *, now: dt.datetime) -> None:
        """Keeps what was just seen."""
        seen = {name: (now, serial) for name, serial in plain}
        if seen:
            self.looks |= seen
            self.keep(self.looks)


def find_doubtful(held: Sequence[HeldName], listed: Snapshot | None, *, now: dt.datetime) -> tuple[HeldName, ...]:
    """The held names that must be asked about in a run at `now`.

    These are the names that the list of names lacks or shows with another serial than at the last look, that had no
    look yet or one with a finding, and those whose last look is a week old.
    """
    names = [item.name for item in held]
    there = listed.existing(names) if listed is not None and listed.info.complete else frozenset(names)
    serials = listed.serials(names) if listed is not None else {}

    def is_doubtful(item: HeldName) -> bool:
        if item.looked is None or not dt.timedelta() <= now - item.looked < _LOOK_AGAIN_AFTER:
            return True
        # A list of the day on which the name was made, or of a day before, may lack it.
        is_missing = item.name not in there and listed is not None and listed.info.taken > item.since.date()
        serial = serials.get(item.name, 0)
        return is_missing or (serial != item.serial and bool(serial and item.serial))

    return tuple(filter(is_doubtful, held))

"""Time as the rehearsal index sees it: a clock that stands still until it is advanced, or the real one."""

from __future__ import annotations

import datetime as dt

#: Where a stepped clock starts if the caller doesn't say: a fixed moment, so that a rehearsal is the same every time.
START = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)


class SteppedClock:
    """Stands still; `advance` moves it."""

    def __init__(self, start: dt.datetime = START) -> None:
        self._now = start.astimezone(dt.UTC)

    def now(self) -> dt.datetime:
        """Timezone-aware UTC time."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Moves the clock on. Raises ValueError for a step back."""
        self._now += _step(seconds)


class RealClock:
    """The machine's clock, or one that is `ahead` of it; `advance` sets it further ahead."""

    def __init__(self, *, ahead: dt.timedelta = dt.timedelta()) -> None:
        self._ahead = ahead

    def now(self) -> dt.datetime:
        """Timezone-aware UTC time."""
        return dt.datetime.now(dt.UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Moves the clock on. Raises ValueError for a step back."""
        self._ahead += _step(seconds)


RehearsalClock = SteppedClock | RealClock


def _step(seconds: float) -> dt.timedelta:
    if seconds < 0:
        raise ValueError(f"a clock can't be moved back ({seconds} s)")
    return dt.timedelta(seconds=seconds)

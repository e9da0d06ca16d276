"""The quota on new projects: a sliding window per account and per address, and the headers that tell of it."""

from __future__ import annotations

import datetime as dt
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from namehold.errors import Diagnostic, UsageError
from namehold.index import Quota

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_QUOTA = re.compile(r"(?P<limit>[0-9]{1,6})/(?P<count>[0-9]{0,6})(?P<unit>[smhd])")


def parse_quota(text: str) -> Quota:
    """`4/24h` as Quota(limit=4, window_s=86400); units are s, m, h and d, and `20/h` means `20/1h`.

    Raises UsageError for anything else.
    """
    found = _QUOTA.fullmatch(text.strip())
    window_s = int(found["count"] or 1) * _UNITS_S[found["unit"]] if found else 0
    if found is None or window_s < 1:
        diagnostic = Diagnostic(
            message=f"{text!r} is no quota", rule="quota-form", fix="write LIMIT/TIME, for example 4/24h or 20/h"
        )
        raise UsageError(f"{text!r} is no quota", diagnostics=(diagnostic,))
    return Quota(limit=int(found["limit"]), window_s=window_s)


@dataclass(slots=True)
class SlidingWindow:
    """The hits of each key (an account, an address) that still count.

    A hit counts for the whole window, its last moment included: the next attempt fits one second after `reset_s`.
    Source: the moving window of the library `limits`, which Warehouse uses, and its observed headers.
    """

    quota: Quota
    _hits: dict[str, deque[dt.datetime]] = field(default_factory=dict)

    def remaining(self, key: str, now: dt.datetime) -> int:
        """How many hits fit now."""
        return max(self.quota.limit - len(self._counted(key, now)), 0)

    def reset_s(self, key: str, now: dt.datetime) -> int:
        """Whole seconds, rounded down, until the oldest hit stops counting; the whole window where there is none."""
        hits = self._counted(key, now)
        if not hits:
            return self.quota.window_s
        return int((hits[0] + dt.timedelta(seconds=self.quota.window_s) - now).total_seconds())

    def hit(self, key: str, now: dt.datetime) -> None:
        """Counts one."""
        self._counted(key, now).append(now)

    def _counted(self, key: str, now: dt.datetime) -> deque[dt.datetime]:
        hits = self._hits.setdefault(key, deque())
        start = now - dt.timedelta(seconds=self.quota.window_s)
        while hits and hits[0] < start:
            hits.popleft()
        return hits


def show_limits(
    windows: Iterable[tuple[str, str, SlidingWindow, str]], *, now: dt.datetime
) -> tuple[tuple[str, str], ...]:
    """What is left of limits in the index's form of the IETF's RateLimit headers.

    Each has its name, what it counts by (`ip`, `user`), its window, and the one who asks.
    """
    told = tuple(windows)
    left = (f'"{name}";r={window.remaining(key, now)};t={window.reset_s(key, now)}' for name, _, window, key in told)
    policy = (f'"{name}";q={window.quota.limit};w={window.quota.window_s};pk=:{by}:' for name, by, window, _ in told)
    return (("RateLimit", ", ".join(left)), ("RateLimit-Policy", ", ".join(policy)))


@dataclass(slots=True)
class CreationLimits:
    """Both limits on new projects. The address's is tested first; an answer doesn't say which one was hit."""

    addresses: SlidingWindow
    users: SlidingWindow

    def headers(self, *, address: str, user: str, now: dt.datetime) -> tuple[tuple[str, str], ...]:
        """What is left BEFORE this request, in the index's form of the IETF's RateLimit headers."""
        return show_limits(
            (
                ("project.create.ip", "ip", self.addresses, address),
                ("project.create.user", "user", self.users, user),
            ),
            now=now,
        )

    def has_room(self, *, address: str, user: str, now: dt.datetime) -> bool:
        """Whether one more project fits."""
        return self.addresses.remaining(address, now) > 0 and self.users.remaining(user, now) > 0

    def hit(self, *, address: str, user: str, now: dt.datetime) -> None:
        """Counts one new project, whatever becomes of its upload."""
        self.addresses.hit(address, now)
        self.users.hit(user, now)

"""When the next new project may be created: from the index's own headers, else from what the ledger has seen.

    slots(limits, ...)

The public index sends, on every answer that reached the creation of a project,

    RateLimit: "project.create.ip";r=3;t=86399, "project.create.user";r=2;t=4000
    RateLimit-Policy: "project.create.ip";q=4;w=86400;pk=:ip:, "project.create.user";q=4;w=86400;pk=:user:

`r` is what was left BEFORE the request, `t` the whole seconds, rounded down, until the OLDEST hit leaves the sliding
window: one slot comes back then, not all of them, so the wait is t+1 (Warehouse; draft-ietf-httpapi-ratelimit-headers).
The address and the account have a limit each; the answer doesn't say which one was reached.
There is no Retry-After.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from namehold.index.model import Quota

_ITEM = re.compile(r'"([^"]{1,100})"((?:\s*;\s*[a-z]+=[^;,\s]{0,100})+)')
_PARAMETER = re.compile(r";\s*([a-z]+)=([^;,\s]+)")
_CREATING = "project.create."

_DAY = dt.timedelta(days=1)
#: The longest window that is believed. A longer one is a fault and would close the account for good, because
#: only the next upload's answer can correct it.
_LONGEST_WINDOW_S = 31 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit as an answer told it. `scope` is 'ip' or 'user'; `remaining` was left before the request.

    `resets_in_s` is when the oldest hit leaves the window; `quota` is unknown where the policy header is missing.
    """

    scope: str
    remaining: int
    resets_in_s: int
    quota: Quota | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """What may be created now. `free` None: no limit is known. `next_slot` is set where `free` is 0.

    `bound` names what limits: 'index', 'kept' (keep_slots) or 'budget' (per_day).
    """

    free: int | None
    next_slot: dt.datetime | None = None
    bound: str = "index"


def read_limits(headers: Iterable[tuple[str, str]]) -> tuple[Limit, ...]:
    """The creation limits in an answer's headers (lower-case names); empty if it has none that can be read.

    No header means that the answer never reached the creation of a project. No hit is older than its window, so that
    `resets_in_s` is never longer than that either; a window that isn't told is taken for a day.
    """
    found = dict(headers)
    policies = {
        scope: Quota(limit=values["q"], window_s=min(values["w"], _LONGEST_WINDOW_S))
        for scope, values in _items(found.get("ratelimit-policy", ""))
        if values.keys() >= {"q", "w"} and values["q"] > 0 and values["w"] > 0
    }
    return tuple(
        Limit(
            scope=scope,
            remaining=values["r"],
            resets_in_s=min(values["t"], policies[scope].window_s if scope in policies else 86_400),
            quota=policies.get(scope),
        )
        for scope, values in _items(found.get("ratelimit", ""))
        if values.keys() >= {"r", "t"}
    )


def _items(header: str) -> list[tuple[str, dict[str, int]]]:
    """(scope, whole-number parameters) of every creation limit; what isn't a number is left out."""
    items = []
    for match in _ITEM.finditer(header[:2000]):
        if match[1].startswith(_CREATING):
            pairs = _PARAMETER.findall(match[2])
            # ten digits: some 300 years of seconds; more is no time that a calendar can hold
            numbers = {key: int(value) for key, value in pairs if re.fullmatch(r"[0-9]{1,10}", value)}
            items.append((match[1].removeprefix(_CREATING), numbers))
    return items


def tightest_quota(limits: Sequence[Limit]) -> Quota | None:
    """The slowest quota that the answers named; None if they named none."""
    known = [limit.quota for limit in limits if limit.quota is not None]
    return min(known, key=lambda quota: quota.limit / quota.window_s, default=None)


def closed_until(limits: Sequence[Limit], *, at: dt.datetime, spent: bool, keep_slots: int) -> dt.datetime | None:
    """When the next slot comes back, if an answer of `at` (the index's time) leaves none; None if some are left.

    `spent`: the request itself took a slot, which `remaining` doesn't show yet.
    """
    waits = [
        limit.resets_in_s + 1 for limit in limits if limit.remaining - int(spent) <= min(keep_slots, _most(limit) - 1)
    ]
    return at + dt.timedelta(seconds=max(waits)) if waits else None


def _most(limit: Limit) -> int:
    return limit.quota.limit if limit.quota is not None else limit.remaining + 1


def find_slots(
    slot_times: Sequence[dt.datetime],
    *,
    quota: Quota | None,
    keep_slots: int,
    per_day: int | None,
    closed: dt.datetime | None,
    now: dt.datetime,
) -> Slots:
    """What may be created at `now`.

    `slot_times` are when the ledger's find_slots were spent, `quota` the index's last known, `closed` what
    `closed_until` said of the last answer. `keep_slots` and `per_day` are the portfolio's
    budget: it only tightens; at least one slot of a window is never kept.
    """
    found: list[Slots] = []
    if closed is not None and now < closed:
        found.append(Slots(free=0, next_slot=closed))
    if quota is not None:
        kept = min(keep_slots, quota.limit - 1)
        window = dt.timedelta(seconds=quota.window_s)
        bound = "kept" if kept else "index"
        found.append(_window_slots(slot_times, limit=quota.limit - kept, window=window, bound=bound, now=now))
    if per_day is not None:
        found.append(_window_slots(slot_times, limit=per_day, window=_DAY, bound="budget", now=now))
    if not found:
        return Slots(free=None)
    # Nothing is free before every limit says so: the latest time wins.
    used_up = [item for item in found if item.free == 0]
    if used_up:
        return max(used_up, key=lambda item: item.next_slot or now)
    return min(found, key=lambda item: item.free or 0)


def _window_slots(
    slot_times: Sequence[dt.datetime], *, limit: int, window: dt.timedelta, bound: str, now: dt.datetime
) -> Slots:
    """The slots of one sliding window. A time in the future (a clock set back) counts until its own window ends."""
    inside = sorted(time for time in slot_times if time + window >= now)
    free = max(0, limit - len(inside))
    if free:
        return Slots(free=free, bound=bound)
    if limit <= 0:
        return Slots(free=0, next_slot=now + window, bound=bound)
    # The slot that must age out so that fewer than `limit` remain; a second more, as the index's clock has no parts.
    oldest = inside[len(inside) - limit]
    return Slots(free=0, next_slot=oldest + window + dt.timedelta(seconds=1), bound=bound)

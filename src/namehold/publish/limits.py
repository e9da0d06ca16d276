"""What an answer to an upload tells of the quota, as the ledger keeps it.

seen = limits_of(answer, at=now, keep_slots=1, next_slot=lambda: slots().next_slot)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from namehold.index import Answer, Outcome, parse_retry_after
from namehold.index.rules import closed_until, read_answer, read_limits, tightest_quota
from namehold.ledger import SeenLimits

#: Where a refusal for haste doesn't say when the next slot comes.
_UNKNOWN_WAIT: Final = dt.timedelta(hours=1)

#: The longest wait that a `Retry-After` can ask for, in seconds: a day. It may name more than any date can hold.
_LONGEST_WAIT_S: Final = 86_400.0


def limits_of(
    answer: Answer, *, at: dt.datetime, keep_slots: int, next_slot: Callable[[], dt.datetime | None]
) -> SeenLimits | None:
    """What the answer of `at` (the index's time) says of the limits; None if it says nothing of them.

    `next_slot` gives when the ledger expects the next one.
    """
    limits, meaning = read_limits(answer.headers), read_answer(answer)
    is_refused = meaning.outcome is Outcome.RATE_LIMITED
    if not limits and not is_refused:
        return None
    until = closed_until(limits, at=at, spent=meaning.may_cost_slot, keep_slots=keep_slots)
    if is_refused and answer.status is not None:
        header = dict(answer.headers).get("retry-after", "")
        asked_s = parse_retry_after(header, now=answer.date or at)
        # It can't be taken back once it is in the ledger: no server shuts us out for longer than a window.
        asked = at + dt.timedelta(seconds=min(asked_s, _LONGEST_WAIT_S)) if asked_s else None
        known = until or (next_slot() if asked is None else None)
        until = max((time for time in (known, asked) if time is not None), default=at + _UNKNOWN_WAIT)
    return SeenLimits(quota=tightest_quota(limits), closed_until=until)

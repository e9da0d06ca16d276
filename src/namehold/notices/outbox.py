"""What has been told, and what waits to be told: values, and what becomes of them. Pure.

A finding is told once to each place, as long as each call of its command finds it again. A place that can't be reached
keeps its newest messages here, in their order, until it can; it is told how many findings of older ones it never got.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from namehold.errors import NameholdError
from namehold.portfolio import Place

#: So many messages wait for a place, with so many findings in all; but the newest one always waits whole.
MOST_WAITING: Final = 100
MOST_WAITING_FINDINGS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to tell: `key` says which one it is, `text` is a sentence about the project `name`.

    `is_open`: anybody could still register the name, or the text tells a name that is no stranger's business.
    """

    key: str
    name: str
    text: str
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one call of a command (`source`) found new, at a time in UTC.

    `missed` counts the findings of older messages that one place never got, because too much waited for it.
    """

    source: str
    organization: str
    index: str
    time: dt.datetime
    findings: tuple[Finding, ...]
    missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The keys of everything that the last call of a command found."""

    source: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The messages that a place (`Place.key`) hasn't had, in their order."""

    place: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Everything that is kept from call to call."""

    told: tuple[Told, ...] = ()
    waiting: tuple[Waiting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A place that couldn't be told, and why; `missed` counts the findings that it won't get any more."""

    place: Place
    error: NameholdError
    missed: int = 0


def add_news(outbox: Outbox, found: Message, places: Sequence[Place]) -> Outbox:
    """`outbox` with a message for each place of what `found` has that its source's last call hadn't, if it has any.

    `found` holds everything that the call found, what is known included.
    """
    known = {key for item in outbox.told if item.source == found.source for key in item.keys}
    new = tuple({item.key: item for item in found.findings if item.key not in known}.values())
    keys = tuple(sorted({item.key for item in found.findings}))
    told = (
        *(item for item in outbox.told if item.source != found.source),
        *([Told(source=found.source, keys=keys)] if keys else []),
    )
    if not new:
        return replace(outbox, told=told)
    message = replace(found, findings=new)
    queues = {item.place: item.messages for item in outbox.waiting}
    queues |= {place.key: _keep_newest((*queues.get(place.key, ()), message)) for place in places}
    return Outbox(told=told, waiting=_waiting(queues))


def deliver(
    outbox: Outbox,
    places: Sequence[Place],
    *,
    send: Callable[[Place, Message], None],
    save: Callable[[Outbox], None],
) -> tuple[Failure, ...]:
    """Sends what waits, each place's messages in their order, and returns which places couldn't be told.

    `save` gets the outbox after each message that arrived: one that is killed in between sends it once more. A place
    that fails isn't asked again in this call. What waits for a place that names.yaml has no more is dropped.
    """
    listed = {place.key: place for place in places}
    queues = {item.place: item.messages for item in outbox.waiting if item.place in listed}
    failures = []
    for key in tuple(queues):
        try:
            while queues[key]:
                send(listed[key], queues[key][0])
                queues[key] = queues[key][1:]
                save(replace(outbox, waiting=_waiting(queues)))
        except NameholdError as error:
            missed = sum(message.missed for message in queues[key])
            failures.append(Failure(place=listed[key], error=error, missed=missed))
    return tuple(failures)


def _keep_newest(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The newest messages within both bounds; the first of them counts what was in the others."""
    sums = accumulate(len(message.findings) for message in reversed(messages))
    number = max(1, sum(total <= MOST_WAITING_FINDINGS for total in sums))
    kept = messages[-min(number, MOST_WAITING) :]
    dropped = messages[: len(messages) - len(kept)]
    missed = kept[0].missed + sum(len(message.findings) + message.missed for message in dropped)
    return (replace(kept[0], missed=missed), *kept[1:])


def _waiting(queues: dict[str, tuple[Message, ...]]) -> tuple[Waiting, ...]:
    return tuple(Waiting(place=key, messages=messages) for key, messages in queues.items() if messages)

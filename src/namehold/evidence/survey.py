"""Which call of a survey of language models is next, and what it may cost. Pure: the clock is given.

    survey = Survey(make_calls(prompts, probing), limits)
    while (call := survey.start(now_s)) is not None: ...
    survey.finish(call, reply, now_s)

Round-robin: a later round begins when every prompt of the round before was asked of every model, so that a survey that
is stopped has asked each k or k+1 times. A call starts only if its worst case and those of the calls under way fit
into the limits. What was billed counts where the endpoint says it, else the worst case.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import Final

from namehold.documents import digest
from namehold.evidence.chat import Reply, ReplyKind
from namehold.evidence.prompts import Prompt
from namehold.index import is_loopback
from namehold.portfolio import Probing
from namehold.text import duration

#: Tokens of a prompt beyond its own text: the frame that an endpoint puts around it. A token is a byte or more.
FRAME_TOKENS: Final = 256
#: Calls beyond the planned ones that a survey without `most_calls` may make: an endpoint may be busy.
_LEAST_SPARE, _SPARE_SHARE = 20, 4
#: So often a call is made that gives no answer in it.
_MOST_ATTEMPTS: Final = 3
#: So many calls of a model that fail one after the other end the questions to it.
_MOST_FAILURES: Final = 3
#: So often in a row an endpoint may be busy, or not there, and the longest wait that it may ask for, in seconds.
_MOST_PAUSES, _MOST_ABSENCES = 8, 3
_LONGEST_WAIT_S: Final = 300.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
_MILLION: Final = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Calls, tokens of prompts and answers, and money in the currency of the prices (None: a price isn't known)."""

    calls: int = 0
    tokens: int = 0
    money: Decimal | None = Decimal(0)

    def __add__(self, other: Cost) -> Cost:
        money = None if None in {self.money, other.money} else (self.money or 0) + (other.money or Decimal(0))
        return Cost(calls=self.calls + other.calls, tokens=self.tokens + other.tokens, money=money)

    def fits(self, most: Cost) -> bool:
        """Whether it is within `most`, of which a money of None is no limit."""
        is_paid = most.money is None or (self.money is not None and self.money <= most.money)
        return self.calls <= most.calls and self.tokens <= most.tokens and is_paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One prompt to one model for the `run`th time (from 0), with everything that is sent."""

    endpoint: str
    model: str
    prompt: Prompt
    run: int
    answer_tokens: int
    temperature: float | None = None
    limit_key: str = "max_tokens"
    input_price: Decimal | None = None
    output_price: Decimal | None = None

    @property
    def seed(self) -> int:
        """The seed that is sent: the same run gives the same answer where an endpoint can."""
        return self.run + 1

    @property
    def key(self) -> str:
        """What tells the call from any other: a digest of all that its answer depends on."""
        return _key_of(self)

    @property
    def most_prompt_tokens(self) -> int:
        """The most tokens that the prompt may be billed as."""
        return len(self.prompt.text.encode()) + FRAME_TOKENS

    @property
    def worst(self) -> Cost:
        """The most that the call may cost."""
        return self.cost(self.most_prompt_tokens, self.answer_tokens)

    def cost(self, prompt_tokens: int, answer_tokens: int) -> Cost:
        """What the call costs with so many tokens."""
        money = None
        if self.input_price is not None and self.output_price is not None:
            money = (prompt_tokens * self.input_price + answer_tokens * self.output_price) / _MILLION
        return Cost(calls=1, tokens=prompt_tokens + answer_tokens, money=money)

    def billed(self, reply: Reply | None) -> Cost:
        """What the call cost; None: it was cut off before its answer came, so its worst case counts."""
        if reply is not None and reply.kind in {ReplyKind.BUSY, ReplyKind.REFUSED, ReplyKind.LOCKED}:
            return self.cost(0, 0)
        if reply is None or not reply.is_answer:
            return self.worst
        said = reply.prompt_tokens, reply.answer_tokens
        prompt_tokens = self.most_prompt_tokens if said[0] is None else said[0]
        return self.cost(prompt_tokens, self.answer_tokens if said[1] is None else said[1])


@cache
def _key_of(call: Call) -> str:
    return digest(
        {
            "endpoint": call.endpoint,
            "model": call.model,
            "prompt": call.prompt.text,
            "package": call.prompt.package,
            "seed": call.seed,
            "temperature": call.temperature,
            "answer_tokens": call.answer_tokens,
        }
    )


class Ending(StrEnum):
    """Why no further call starts. `excess`: an endpoint billed more than was asked for."""

    DONE = "done"
    LIMIT = "limit"
    EXCESS = "excess"
    FAILED = "failed"


@dataclass(slots=True)
class _Place:
    """An endpoint, as far as this run has met it."""

    pauses: int = 0
    paused_at_s: float = float("-inf")
    until_s: float = 0.0
    under_way: int = 0
    #: Why it is asked nothing more.
    closed: str = ""


@dataclass(slots=True)
class _State:
    """A call, as far as this run has made it."""

    attempts: int = 0
    started_s: float = 0.0


@dataclass(slots=True)
class _Queue:
    """The calls of one round that weren't made yet, in their order, by endpoint."""

    by_endpoint: dict[str, deque[tuple[int, Call]]] = field(default_factory=dict)

    def add(self, position: int, call: Call) -> None:
        self.by_endpoint.setdefault(call.endpoint, deque()).append((position, call))

    def pop(self, endpoints: set[str]) -> Call | None:
        """The first call to one of these endpoints."""
        heads = [(queue[0][0], name) for name, queue in self.by_endpoint.items() if queue and name in endpoints]
        return self.by_endpoint[min(heads)[1]].popleft()[1] if heads else None

    def drop(self, endpoint: str, model: str | None) -> Iterator[Call]:
        """Takes out the calls to an endpoint, or to one of its models."""
        queue = self.by_endpoint.pop(endpoint, deque())
        for position, call in queue:
            if model in {None, call.model}:
                yield call
            else:
                self.add(position, call)

    def __bool__(self) -> bool:
        return any(self.by_endpoint.values())


def make_calls(prompts: Sequence[Prompt], probing: Probing) -> tuple[Call, ...]:
    """Every call of a survey in its order: each prompt to each model in turn, and so on for each run."""
    return tuple(
        Call(
            endpoint=place.url,
            model=model.name,
            prompt=prompt,
            run=run,
            answer_tokens=probing.answer_tokens,
            temperature=probing.temperature,
            limit_key=model.limit_key,
            input_price=_price(model.input_price, place.url),
            output_price=_price(model.output_price, place.url),
        )
        for run in range(probing.runs)
        for prompt in prompts
        for place in probing.endpoints
        for model in place.models
    )


@cache
def _price(given: float | None, url: str) -> Decimal | None:
    """A price as names.yaml gives it; a model on this machine costs nothing unless it says otherwise."""
    if given is None:
        return Decimal(0) if is_loopback(url) else None
    return Decimal(str(given))


def find_limits(calls: Sequence[Call], probing: Probing, *, most_calls: int | None = None) -> Cost:
    """The most that a survey may cost over all its runs; `most_calls` comes before names.yaml's.

    Without a limit in calls there are some to spare, for calls that must be made again. Tokens and money are at most
    the worst case of so many calls.
    """
    limit = most_calls if most_calls is not None else probing.most_calls
    if limit is None:
        limit = len(calls) + max(_LEAST_SPARE, len(calls) // _SPARE_SHARE)
    tokens = limit * max((call.worst.tokens for call in calls), default=0)
    prices = [call.worst.money for call in calls]
    known = [price for price in prices if price is not None]
    money = limit * max(known, default=Decimal(0)) if len(known) == len(prices) else None
    if probing.most_tokens is not None:
        tokens = min(tokens, probing.most_tokens)
    if probing.most_money is not None:
        most_money = Decimal(str(probing.most_money))
        money = most_money if money is None else min(money, most_money)
    return Cost(calls=limit, tokens=tokens, money=money)


class Survey:
    """The calls of one survey, and how far it has come. Not for several threads at one time.

    `answered` and `failed` are the calls that have an answer, and those that this run gives up, with the reason.
    """

    def __init__(self, calls: Sequence[Call], limits: Cost, *, before: Iterable[tuple[str, Reply | None]] = ()) -> None:
        """`before` are the keys of calls that earlier runs made, and what came of each; None: it was cut off."""
        self.limits = limits
        self.spent = Cost()
        self.under_way: dict[str, Call] = {}
        self.answered: dict[str, Reply] = {}
        self.failed: dict[str, str] = {}
        # Calls that were given up unasked, and those beyond the limit.
        self._given_up = self._beyond = 0
        self.excess = ""
        self._is_limited = False
        self._states: dict[str, _State] = {}
        self._places = {call.endpoint: _Place() for call in calls}
        self._failures: dict[tuple[str, str], int] = {}
        self._again: deque[Call] = deque()
        self._keys = {call: call.key for call in calls}
        known = {key: call for call, key in self._keys.items()}
        asked: set[str] = set()
        for key, reply in before:
            if key in known:
                asked.add(key)
                self._count(known[key], reply)
        self._rounds = self._queues(calls, asked)

    def _queues(self, calls: Sequence[Call], asked: set[str]) -> deque[_Queue]:
        """What is left to ask; a call that was made without an answer comes first."""
        rounds: deque[_Queue] = deque()
        for _, same in groupby(calls, key=lambda call: call.run):
            queue = _Queue()
            for position, call in enumerate(same):
                key = self._keys[call]
                if key in self.answered:
                    continue
                if key in asked:
                    self._again.append(call)
                else:
                    queue.add(position, call)
            if queue:
                rounds.append(queue)
        return rounds

    @property
    def left(self) -> int:
        """Calls that have no answer and weren't given up."""
        return self._unasked + self._beyond

    @property
    def _unasked(self) -> int:
        """Calls that are under way or may still start."""
        return (
            len(self._again) + len(self.under_way) + sum(len(q) for r in self._rounds for q in r.by_endpoint.values())
        )

    @property
    def ending(self) -> Ending | None:
        """Why no further call starts, once none is under way; None while there is something to do."""
        if self.under_way:
            return None
        if self.excess:
            return Ending.EXCESS
        if self._is_limited:
            return Ending.LIMIT
        if self._unasked:
            return None
        if self.failed:
            return Ending.FAILED
        return Ending.LIMIT if self._beyond else Ending.DONE

    def start(self, now_s: float) -> Call | None:
        """The next call, which is under way from now on; None if none can start now (see `wait_s`, `ending`)."""
        if self.excess or self._is_limited:
            return None
        ready = {name for name, place in self._places.items() if self._is_ready(place, now_s)}
        call = self._next(ready)
        if call is None:
            return None
        reserved = sum((each.worst for each in self.under_way.values()), self.spent)
        if not (reserved + call.worst).fits(self.limits):
            self._again.appendleft(call)
            # A call under way may turn out cheaper than its worst case.
            self._is_limited = not self.under_way
            return None
        key = self._keys[call]
        self._states.setdefault(key, _State()).started_s = now_s
        self._places[call.endpoint].under_way += 1
        self.under_way[key] = call
        return call

    def wait_s(self, now_s: float) -> float:
        """Seconds until an endpoint that asked for a pause may be asked again; 0 where none is waited for."""
        waits = [place.until_s - now_s for place in self._places.values() if not place.closed and place.until_s > now_s]
        return min(waits, default=0.0)

    def finish(self, call: Call, reply: Reply, now_s: float) -> None:
        """Takes in what became of a call that `start` gave."""
        key = self._keys[call]
        del self.under_way[key]
        place, state = self._places[call.endpoint], self._states[key]
        place.under_way -= 1
        if reply.kind is not ReplyKind.UNSENT:
            self._count(call, reply)
        match reply.kind:
            case ReplyKind.ANSWERED:
                place.pauses, self._failures[call.endpoint, call.model] = 0, 0
                return
            case ReplyKind.BUSY | ReplyKind.UNSENT:
                self._again.append(call)
                self._pause(call.endpoint, reply, started_s=state.started_s, now_s=now_s)
            case ReplyKind.LOCKED:
                self.failed[key] = reply.why
                self._close(call.endpoint, reply.why)
            case ReplyKind.BROKEN | ReplyKind.REFUSED:
                state.attempts += 1
                if reply.retry_after_s:
                    self._pause(call.endpoint, reply, started_s=state.started_s, now_s=now_s)
                if reply.kind is ReplyKind.BROKEN and state.attempts < _MOST_ATTEMPTS:
                    self._again.append(call)
                else:
                    self._fail(call, reply.why)
        if place.closed:
            self._close(call.endpoint, place.closed)

    def _count(self, call: Call, reply: Reply | None) -> None:
        cost = call.billed(reply)
        self.spent += cost
        if reply is not None and reply.is_answer:
            self.answered[self._keys[call]] = reply
            over = max(
                (reply.answer_tokens or 0) - call.answer_tokens, (reply.prompt_tokens or 0) - call.most_prompt_tokens
            )
            if over > 0:
                self.excess = (
                    f"{call.model} at {call.endpoint} billed {cost.tokens:,} tokens for a call of at most "
                    f"{call.worst.tokens:,}"
                )

    def _is_ready(self, place: _Place, now_s: float) -> bool:
        """Whether an endpoint may be asked now; after a pause one call tries whether it is back."""
        if place.closed or place.until_s > now_s:
            return False
        return not place.pauses or not place.under_way

    def _next(self, ready: set[str]) -> Call | None:
        for _ in range(len(self._again)):
            call = self._again.popleft()
            if call.endpoint in ready:
                return call
            self._again.append(call)
        while self._rounds and not self._rounds[0]:
            self._rounds.popleft()
        return self._rounds[0].pop(ready) if self._rounds else None

    def _pause(self, endpoint: str, reply: Reply, *, started_s: float, now_s: float) -> None:
        place = self._places[endpoint]
        if started_s >= place.paused_at_s:
            # Calls that were under way when it began to be busy say nothing new.
            place.pauses += 1
            place.paused_at_s = now_s
        pause_s = min(_FIRST_PAUSE_S * 2 ** (place.pauses - 1), _LONGEST_PAUSE_S)
        place.until_s = max(place.until_s, now_s + max(pause_s, reply.retry_after_s))
        if reply.retry_after_s > _LONGEST_WAIT_S:
            place.closed = f"{reply.why}, and wants us back in {duration(reply.retry_after_s)}"
        elif place.pauses > (_MOST_ABSENCES if reply.kind is ReplyKind.UNSENT else _MOST_PAUSES):
            place.closed = reply.why

    def _fail(self, call: Call, why: str) -> None:
        self.failed[self._keys[call]] = why
        who = (call.endpoint, call.model)
        self._failures[who] = self._failures.get(who, 0) + 1
        if self._failures[who] >= _MOST_FAILURES:
            self._drop(call.endpoint, call.model, why)

    def _close(self, endpoint: str, why: str) -> None:
        """Asks an endpoint nothing more in this run."""
        self._places[endpoint].closed = why
        self._drop(endpoint, None, why)

    def _drop(self, endpoint: str, model: str | None, why: str) -> None:
        """Gives up what is left of an endpoint's calls, or of one model's."""
        again, gone, self._again = self._again, list[Call](), deque()
        for call in again:
            is_gone = call.endpoint == endpoint and model in {None, call.model}
            (gone if is_gone else self._again).append(call)
        for queue in self._rounds:
            gone += list(queue.drop(endpoint, model))
        # No more calls fail than the limit had let through: the others are left.
        room = max(0, self.limits.calls - self.spent.calls - len(self.under_way) - self._given_up)
        failed = gone[:room]
        self._given_up += len(failed)
        self._beyond += len(gone) - len(failed)
        self.failed.update((self._keys[call], why) for call in failed)

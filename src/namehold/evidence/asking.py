"""Makes the calls of a survey, several at one time, and records each before and after.

ask_models(survey, transcript, open_client=open_client, concurrency=4, clock=clock, report=advance)
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Final, Protocol, Self

from namehold.evidence.chat import Reply
from namehold.evidence.survey import Call, Survey
from namehold.evidence.transcript import Transcript, asked, replied

#: The longest time without a look at what changed, in seconds.
_LONGEST_S: Final = 60.0
#: How often calls under way are ended anew after an interrupt, in seconds.
_AGAIN_S: Final = 0.2


class Asks(Protocol):
    """What `ChatClient` can."""

    def ask(self, call: Call) -> Reply:
        """The reply to one call."""

    def stop(self) -> None:
        """Makes a question under way in another thread fail."""

    def close(self) -> None:
        """Ends it."""


def ask_models(
    survey: Survey,
    transcript: Transcript,
    *,
    open_client: Callable[[str], Asks],
    concurrency: int,
    now: Callable[[], dt.datetime],
    report: Callable[[Call, Reply], None] = lambda *_: None,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Makes calls until the survey has ended (`Survey.ending`).

    Args:
        survey: Says which call is next, and takes in what became of it.
        transcript: Where each call is recorded, before it leaves and after its reply came.
        open_client: Makes a client for the endpoint of this address.
        concurrency: Calls that are under way at one time.
        now: The time for the record.
        report: Hears of each reply.
        monotonic: Seconds of a clock that never goes back.
        sleep: Waits so many seconds.

    Raises:
        MachineError: The record can't be written; no call leaves after that.
    """
    with _Callers(open_client, concurrency) as callers:
        while True:
            replies = callers.collect()
            for call, reply in replies:
                survey.finish(call, reply, monotonic())
            started = _start(survey, callers.free, monotonic)
            # One write for all of them: the disk is waited for once.
            transcript.write(
                [
                    *(replied(call, reply, time=now()) for call, reply in replies),
                    *(asked(call, time=now()) for call in started),
                ]
            )
            callers.send(started)
            for call, reply in replies:
                report(call, reply)
            if not callers.under_way and survey.ending is not None:
                return
            pause_s = survey.wait_s(monotonic())
            if callers.under_way:
                wait(callers.under_way, timeout=pause_s or _LONGEST_S, return_when=FIRST_COMPLETED)
            else:
                sleep(pause_s)


def _start(survey: Survey, most: int, monotonic: Callable[[], float]) -> list[Call]:
    """At most so many calls that may leave now."""
    started: list[Call] = []
    while len(started) < most and (call := survey.start(monotonic())) is not None:
        started.append(call)
    return started


class _Callers:
    """Threads that make calls, each with a client of its own while it does."""

    def __init__(self, open_client: Callable[[str], Asks], concurrency: int) -> None:
        self.under_way: dict[Future[Reply], tuple[Call, Asks]] = {}
        self._open_client = open_client
        self._concurrency = concurrency
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="probe")
        self._clients: list[Asks] = []
        self._idle: dict[str, list[Asks]] = {}

    @property
    def free(self) -> int:
        """How many further calls may be under way."""
        return self._concurrency - len(self.under_way)

    def send(self, calls: list[Call]) -> None:
        """Makes these calls, in threads."""
        for call in calls:
            idle = self._idle.setdefault(call.endpoint, [])
            if not idle:
                self._clients.append(self._open_client(call.endpoint))
                idle.append(self._clients[-1])
            client = idle.pop()
            self.under_way[self._pool.submit(client.ask, call)] = (call, client)

    def collect(self) -> list[tuple[Call, Reply]]:
        """The calls whose replies came since the last look."""
        replies = []
        for future in [future for future in self.under_way if future.done()]:
            call, client = self.under_way.pop(future)
            self._idle[call.endpoint].append(client)
            replies.append((call, future.result()))
        return replies

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        # Calls under way fail at once then: a person who interrupts doesn't wait for a slow model. A connection that
        # was just being made is met at the next look.
        while pending := [future for future in self.under_way if not future.done()]:
            for client in self._clients:
                client.stop()
            wait(pending, timeout=_AGAIN_S)
        for client in self._clients:
            client.close()

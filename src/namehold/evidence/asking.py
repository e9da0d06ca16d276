"""Makes the calls of a survey, several at one time, and records each before and after.

ask_models(survey, transcript, open_client=open_client, concurrency=4, now=now, report=advance)
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Final, Protocol

from namehold.evidence.chat import Reply
from namehold.evidence.survey import Call, Survey
from namehold.evidence.transcript import Entry, Transcript, asked, replied

#: How often the thread that waits for the others looks for an interrupt, in seconds.
_LOOK_S: Final = 0.2


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
) -> None:
    """Makes calls until the survey has ended (`Survey.ending`).

    Args:
        survey: Says which call is next, and takes in what became of it.
        transcript: Where each call is recorded, before it leaves and after its reply came.
        open_client: Makes a client for the endpoint of this address.
        concurrency: Calls that are under way at one time.
        now: The time for the record.
        report: Hears of each reply, one at a time.
        monotonic: Seconds of a clock that never goes back.

    Raises:
        MachineError: The record can't be written; no call leaves after that.
    """
    desk = _Desk(
        survey=survey, transcript=transcript, open_client=open_client, now=now, report=report, monotonic=monotonic
    )
    threads = [Thread(target=desk.work, name=f"probe-{number}", daemon=True) for number in range(concurrency)]
    for thread in threads:
        thread.start()
    try:
        _join(threads)
    finally:
        # A person who interrupts doesn't wait for a slow model: calls under way fail at once. A connection that was
        # just being made is met at the next look.
        _join(threads, meanwhile=desk.stop)
        desk.close()
    if desk.error is not None:
        raise desk.error


def _join(threads: Iterable[Thread], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Waits until all threads have ended.

    It looks up now and then: a signal that the system gives to another thread doesn't wake this one.
    """
    meanwhile()
    for thread in threads:
        while thread.is_alive():
            thread.join(_LOOK_S)
            meanwhile()


@dataclass(slots=True, kw_only=True)
class _Desk:
    """What the threads share. Each asks for itself, so that the next call leaves as soon as a reply is recorded."""

    survey: Survey
    transcript: Transcript
    open_client: Callable[[str], Asks]
    now: Callable[[], dt.datetime]
    report: Callable[[Call, Reply], None]
    monotonic: Callable[[], float]
    error: Exception | None = None
    is_stopped: bool = False
    changed: Condition = field(default_factory=Condition)
    clients: list[Asks] = field(default_factory=list)

    def work(self) -> None:
        """Makes one call after the other until there is none left."""
        own: dict[str, Asks] = {}
        done: tuple[Call, Reply] | None = None
        try:
            while (call := self._next(done)) is not None:
                if call.endpoint not in own:
                    own[call.endpoint] = self._open(call.endpoint)
                done = call, own[call.endpoint].ask(call)
        except Exception as error:  # noqa: BLE001 -- raised again in the caller's thread
            with self.changed:
                self.error = self.error or error
                self.is_stopped = True
                self.changed.notify_all()

    def stop(self) -> None:
        """Lets no further call leave, and ends those under way."""
        with self.changed:
            self.is_stopped = True
            self.changed.notify_all()
            clients = list(self.clients)
        for client in clients:
            client.stop()

    def close(self) -> None:
        """Ends all clients."""
        for client in self.clients:
            client.close()

    def _next(self, done: tuple[Call, Reply] | None) -> Call | None:
        """Takes in what became of a thread's last call, and gives its next one, both on disk; None: there is none."""
        entries: list[Entry] = []
        call = None
        with self.changed:
            # What fails because it was stopped is a call that was under way; an answer is an answer.
            if done is not None and not (self.is_stopped and not done[1].is_answer):
                self.survey.finish(*done, self.monotonic())
                entries.append(replied(*done, time=self.now()))
                self.report(*done)
                self.changed.notify_all()
            call = self._start()
            if call is None:
                # What came must not wait for what comes.
                self._write(entries)
                entries = []
                call = self._wait()
            if call is not None:
                entries.append(asked(call, time=self.now()))
            self.transcript.write(entries)
        self.transcript.sync()
        return call

    def _start(self) -> Call | None:
        return None if self.is_stopped else self.survey.start(self.monotonic())

    def _wait(self) -> Call | None:
        """The next call, once one may start; None once none ever will."""
        while not self.is_stopped and self.survey.ending is None:
            call = self.survey.start(self.monotonic())
            if call is not None:
                return call
            self.changed.wait(self.survey.wait_s(self.monotonic()) or None)
        return None

    def _write(self, entries: Iterable[Entry]) -> None:
        self.transcript.write(entries)
        self.transcript.sync()

    def _open(self, endpoint: str) -> Asks:
        client = self.open_client(endpoint)
        with self.changed:
            self.clients.append(client)
        return client

"""The record of what language models were asked and answered: JSON Lines, on disk before and after each call.

    with closing(Transcript.open(place)) as transcript:
        transcript.write([asked(call, time=now)])
        transcript.sync()

A line is written before a call leaves, so that a run that is killed at any moment leaves no call uncounted, and one
after its answer came, so that no answer is asked for again. A last line without its end is cut off.
Only its owner may read the file. `namehold probe --from` reads it, too.
"""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from namehold import files
from namehold.documents import adapter_of, as_plain, canonical_json
from namehold.errors import InputError, MachineError
from namehold.evidence.chat import Reply, ReplyKind
from namehold.evidence.counting import Answer
from namehold.evidence.survey import Call
from namehold.files import InnerPath

#: A hundred thousand answers take some hundred MB.
_MOST_BYTES: Final = 512 * 1024 * 1024
#: Each call has two lines, each of which takes at least half a kilobyte of memory.
_MOST_LINES: Final = 500_000
_MOVE: Final = "move it away: its answers are kept there, and `namehold probe --from` reads what is whole"


class EntryKind(StrEnum):
    """What a line of the record says: a call is about to leave, its answer, or that there was none."""

    ASKED = "asked"
    ANSWERED = "answered"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. `call` is the call's key; an answer carries all that it depends on, beside its text."""

    event: EntryKind
    call: str
    date: dt.datetime
    endpoint: str = ""
    model: str = ""
    package: str = ""
    kind: str = ""
    language: str = ""
    prompt: str = ""
    run: int = 0
    seed: int = 0
    temperature: float | None = None
    most_tokens: int = 0
    text: str | None = None
    finish: str = ""
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    fingerprint: str = ""
    #: Of a call without an answer: the kind of reply, and why.
    reply: ReplyKind | None = None
    why: str = ""


def asked(call: Call, *, time: dt.datetime) -> Entry:
    """The line before a call leaves."""
    return Entry(event=EntryKind.ASKED, call=call.key, date=time)


def replied(call: Call, reply: Reply, *, time: dt.datetime) -> Entry:
    """The line after a call's reply came."""
    if not reply.is_answer:
        return Entry(event=EntryKind.MISSED, call=call.key, date=time, reply=reply.kind, why=reply.why)
    return Entry(
        event=EntryKind.ANSWERED,
        call=call.key,
        date=time,
        endpoint=call.endpoint,
        model=call.model,
        package=call.prompt.package,
        kind=call.prompt.kind,
        language=call.prompt.language,
        prompt=call.prompt.text,
        run=call.run,
        seed=call.seed,
        temperature=call.temperature,
        most_tokens=call.answer_tokens,
        text=reply.text,
        finish=reply.finish,
        prompt_tokens=reply.prompt_tokens,
        answer_tokens=reply.answer_tokens,
        fingerprint=reply.fingerprint,
    )


def calls_made(entries: Iterable[Entry]) -> Iterator[tuple[str, Reply | None]]:
    """Each call that left, by its key, and what came of it; None: the run ended before its reply came."""
    open_calls: dict[str, int] = {}
    for entry in entries:
        if entry.event is EntryKind.ASKED:
            open_calls[entry.call] = open_calls.get(entry.call, 0) + 1
            continue
        open_calls[entry.call] = open_calls.get(entry.call, 1) - 1
        if entry.reply is not ReplyKind.UNSENT:
            yield entry.call, _reply_of(entry)
    for key, number in open_calls.items():
        yield from [(key, None)] * number


def kept_answers(entries: Iterable[Entry], calls: Collection[str]) -> tuple[Answer, ...]:
    """The answers of these calls (keys), each call's first one, in the order of the record."""
    first: dict[str, Answer] = {}
    for entry in entries:
        if entry.event is EntryKind.ANSWERED and entry.call in calls:
            answer = Answer(
                text=entry.text or "",
                model=entry.model,
                prompt=entry.prompt,
                date=entry.date.date().isoformat(),
                package=entry.package,
                finish=entry.finish,
                run=entry.run,
            )
            first.setdefault(entry.call, answer)
    return tuple(first.values())


def _reply_of(entry: Entry) -> Reply:
    if entry.event is EntryKind.MISSED:
        return Reply(kind=entry.reply or ReplyKind.BROKEN, why=entry.why)
    return Reply(
        kind=ReplyKind.ANSWERED,
        text=entry.text or "",
        finish=entry.finish,
        prompt_tokens=entry.prompt_tokens,
        answer_tokens=entry.answer_tokens,
        fingerprint=entry.fingerprint,
    )


class Transcript:
    """The record, held for writing until it is closed. `entries` are its lines so far."""

    def __init__(self, place: InnerPath, file: int, entries: Iterable[Entry]) -> None:
        self.entries = list(entries)
        self._place = place
        self._file: int | None = file

    @classmethod
    def open(cls, place: InnerPath) -> Transcript:
        """The record at `place`, made if there is none.

        Raises InputError for one that is damaged or held by another run, MachineError where it can't be written.
        """
        try:
            file = files.open_descriptor(place, os.O_RDWR | os.O_CREAT, files.PRIVATE)
        except OSError as error:
            raise files.machine_error(f"{place} can't be opened", error) from None
        try:
            try:
                files.lock_alone(file)
            except OSError as error:
                if error.errno not in files.HELD:
                    raise files.machine_error(f"{place} can't be locked", error) from None
                raise InputError(
                    f"another run asks models with {place.name}",
                    fix="wait for it to end; a run that died holds nothing",
                ) from None
            content = _read(file, place)
            end = content.rfind(b"\n") + 1
            entries = _parse(content[:end], place)
            os.ftruncate(file, end)
            os.lseek(file, end, os.SEEK_SET)
            if not content:
                files.sync_folder(place)
        except BaseException:
            os.close(file)
            raise
        return cls(place, file, entries)

    def write(self, entries: Iterable[Entry]) -> None:
        """Adds lines, which a kill of this process can't take away. Raises MachineError where that can't be done."""
        more = tuple(entries)
        lines = b"".join(map(_write_line, more))
        if not lines or self._file is None:
            return
        end = os.lseek(self._file, 0, os.SEEK_CUR)
        try:
            files.write_all(self._file, lines)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, end)
            raise MachineError(
                f"{self._place} can't be written: {error.strerror}", fix="make room, then call again: nothing is lost"
            ) from None
        self.entries.extend(more)

    def sync(self) -> None:
        """Returns when all lines are on the disk; may be called from several threads. Raises MachineError."""
        try:
            if self._file is not None:
                os.fsync(self._file)
        except OSError as error:
            raise files.machine_error(f"{self._place} can't be written", error) from None

    def close(self) -> None:
        """Lets go of the record; calling it twice does no harm."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _write_line(entry: Entry) -> bytes:
    said = {key: value for key, value in as_plain(entry).items() if value not in {None, ""}}
    return canonical_json(said) + b"\n"


def _read(file: int, place: InnerPath) -> bytes:
    with os.fdopen(file, "rb", closefd=False) as stream:
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise InputError(f"{place} holds more than {_MOST_BYTES:,} bytes", fix=_MOVE)
    return content


def _parse(content: bytes, place: InnerPath) -> tuple[Entry, ...]:
    entries = []
    # Line by line: a list of all lines would take many times the file's size.
    for number, line in enumerate(io.BytesIO(content), start=1):
        if number > _MOST_LINES:
            raise InputError(f"{place} holds more than {_MOST_LINES:,} lines", fix=_MOVE)
        try:
            entries.append(adapter_of(Entry).validate_json(line))
        except ValueError:
            raise InputError(f"{place}:{number}: this line is damaged", fix=_MOVE) from None
    return tuple(entries)

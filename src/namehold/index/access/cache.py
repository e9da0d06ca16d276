"""An index's answers in files of the user's own, so that an index is asked once and says 'not modified' afterwards.

    HttpIndex(profile, contact=..., cache=KeptAnswers(folder, fresh_s=86_400))

Answers name the users who hold a project; they stay here, readable by their owner alone.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable

from namehold import files
from namehold.documents import canonical_json, decoder_of
from namehold.index.model import KeptAnswer
from namehold.records import Record


class _Kept(Record, frozen=True, kw_only=True):
    """What is in a file; `time` is in seconds from 1970."""

    address: str
    time: float
    status: int
    etag: str
    content: str


class KeptAnswers:
    """Satisfies `ports.AnswerCache`. An answer younger than `fresh_s` seconds isn't asked for again.

    `counts` tells how many answers were fresh, unchanged (304) and new since this was made.
    A file that can't be read or written is as good as none: the index is asked.
    """

    def __init__(self, folder: files.Place, *, fresh_s: float, now: Callable[[], float] = time.time) -> None:
        self._folder = files.InnerPath.of(folder)
        self._fresh_s = fresh_s
        self._now = now
        self.counts: Counter[str] = Counter()

    def find(self, address: str, accept: str) -> KeptAnswer | None:
        """The answer kept for this question, if there is one."""
        try:
            kept: _Kept = decoder_of(_Kept)(self._path(address, accept).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        answer = KeptAnswer(
            status=kept.status,
            content=kept.content.encode(),
            etag=kept.etag,
            is_fresh=0 <= self._now() - kept.time < self._fresh_s,
        )
        self.counts["fresh"] += answer.is_fresh
        return answer

    def keep(self, address: str, accept: str, answer: KeptAnswer) -> None:
        """Keeps an answer; one that the index called unmodified (`is_fresh`) is true from now on."""
        self.counts["unchanged" if answer.is_fresh else "new"] += 1
        path = self._path(address, accept)
        body = _Kept(
            address=address,
            time=self._now(),
            status=answer.status,
            etag=answer.etag,
            content=answer.content.decode("utf-8", "replace"),
        )
        try:
            path.replace([canonical_json(body)])
        except OSError:
            return

    def _path(self, address: str, accept: str) -> files.InnerPath:
        return self._folder / f"{hashlib.sha256(f'{accept} {address}'.encode()).hexdigest()}.json"

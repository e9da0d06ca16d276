"""What the line needs of an index; one protocol an edge.

The functions that publish take these as arguments. The edges satisfy them by shape and never import each other.
Every method raises only the errors that its docstring names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Protocol

from packaging.utils import NormalizedName

from namehold.index.model import Answer, Fetched, KeptAnswer, ProjectState, SnapshotInfo, Token


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> dt.datetime:
        """Timezone-aware UTC time."""


class SnapshotView(Protocol):
    """One index's list of names. Unknown names of an incomplete snapshot are unknown, not absent."""

    @property
    def info(self) -> SnapshotInfo:
        """Which index, when, complete or not."""

    def existing(self, names: Collection[NormalizedName]) -> frozenset[NormalizedName]:
        """Those of `names` that are in the list."""

    def alike(self, names: Collection[NormalizedName]) -> Mapping[NormalizedName, tuple[NormalizedName, ...]]:
        """For each of `names` ALL listed names with the same similarity key, itself too if listed; as `similar`."""

    def similar(self, names: Collection[NormalizedName]) -> Mapping[NormalizedName, tuple[NormalizedName, ...]]:
        """For each of `names` the OTHER listed names with the same similarity key; names without any are left out."""

    def near(self, name: NormalizedName, *, edits: int) -> Mapping[NormalizedName, int]:
        """The other listed names within so many edits, and how many; turned words count as one edit."""

    def containing(self, token: str, *, limit: int) -> tuple[NormalizedName, ...]:
        """At most `limit` listed names that have `token` as a whole dash-separated run of words, sorted."""

    def bearers(self, names: Collection[NormalizedName]) -> Mapping[NormalizedName, int]:
        """How many listed names begin with each of `names` and go on with a word; those that none does are left out."""


class IndexReader(Protocol):
    """Reads one index, politely. GET only."""

    def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:
        """What the index says about `name` now. Raises IndexError_.

        Where its page still tells `known_serial`, who holds it isn't asked for again: `ownership` is None.
        """

    def now(self) -> dt.datetime:
        """The index's own time (its `Date` header). Raises IndexError_."""


class AccountReader(IndexReader, Protocol):
    """An index reader that may also list what an account holds."""

    def user_packages(self, username: str) -> tuple[NormalizedName, ...]:
        """The projects on which a user has a role, sorted. Raises UnlistedError where there is no such list."""


class AnswerCache(Protocol):
    """Keeps an index's answers, so that nothing is sent twice that hasn't changed. Private: answers name people."""

    def find(self, address: str, accept: str) -> KeptAnswer | None:
        """The answer kept for this question, if there is one."""

    def keep(self, address: str, accept: str, answer: KeptAnswer) -> None:
        """Keeps an answer, or how long it is known to be true, from now on."""


class WebReader(Protocol):
    """Plain GETs, bounded in size and time, repeated politely; for files and pages."""

    def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        byte_range: str = "",
        max_bytes: int,
        outside: bool = False,
        as_file: bool = False,
    ) -> Fetched:
        """The answer, whatever its status. `byte_range` is a Range header's value (`bytes=-65536`).

        `outside`: a stranger chose the address, which must not lead into one's own network.
        `as_file`: a page of the index names it as a file's address, which must lie where the index's files may lie.

        Raises IndexError_ if the host is unreachable or the body exceeds `max_bytes`.
        """


class BuiltFile(Protocol):
    """What an upload needs to know of a file."""

    @property
    def name(self) -> NormalizedName:
        """The project that it belongs to."""

    @property
    def filename(self) -> str:
        """Its name on the index."""

    @property
    def path(self) -> str:
        """Where it lies."""


class Uploader(Protocol):
    """Sends one file with one token; never repeats."""

    def upload(self, file: BuiltFile, token: Token) -> Answer:
        """The index's answer, whatever it is; a lost connection is an Answer with status None.

        Raises InvalidDistribution before anything is sent.
        """


class TokenSource(Protocol):
    """Gives every upload a token of its own."""

    def token_for(self, name: NormalizedName, *, now: dt.datetime) -> Token:
        """A token that can create and fill `name` around `now` (the index's time), as narrow as can be made offline.

        Raises CredentialError.
        """

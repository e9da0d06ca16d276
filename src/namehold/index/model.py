"""What an index is, what it answers, and what a name's state on it is. Values, and what follows from them alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from namehold.names import MAX_FILE_NAME_LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChoice:
    """Addresses of a private index, where `account.index` isn't a nickname of a known one."""

    upload: str = ""
    simple: str = ""
    json: str = ""
    ownership: str = "shown"
    missing: int = 404
    file_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many new projects an index allows in a sliding window."""

    limit: int
    window_s: int


#: Nicknames of the public indexes, whose addresses need not be written down (see `profiles.py`); the main one first.
KNOWN_INDEXES = ("pypi", "testpypi")
#: The rehearsal index, which has the public index's rules: where it is served, names.yaml calls it so.
REHEARSAL = "rehearsal"
#: What an index's nickname looks like: it becomes a part of file names, and can stand in one on every system.
NICKNAME = re.compile(r"[A-Za-z0-9]+(?:[-._][A-Za-z0-9]+)*")
#: What the public index allows an account and an address: 4 new projects in 24 hours (its own answers, August 2026).
#: Only the starting point of a plan: an upload's answers carry the limits in force, and those win.
INDEX_QUOTA = Quota(limit=4, window_s=86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexProfile:
    """One index: addresses, and what can be expected of it.

    Addresses end with a slash. `json` is empty where the index has no JSON API.
    `is_public` indexes bind every guard; `is_loopback` ones are rehearsals.
    `missing_statuses` are the answers that may mean 'not here'; all but 404 only for names that its list lacks, too.
    `file_hosts` are other hosts (`HOST` or `HOST:PORT`) to which it may send a reader for a file.
    """

    nickname: str
    upload: str
    simple: str
    json: str
    is_public: bool
    is_loopback: bool
    shows_ownership: bool
    has_similarity_rule: bool
    has_stdlib_rule: bool
    quota: Quota | None
    missing_statuses: tuple[int, ...] = (404,)
    file_hosts: tuple[str, ...] = ()


#: An older snapshot is a warning in a plan and stops an apply to a public index.
SNAPSHOT_MAX_AGE_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotInfo:
    """One index's list of names at a moment. `digest` is sha256 over the sorted normalized names, one a line."""

    index: str
    source: str
    taken: dt.date
    count: int
    digest: str
    complete: bool
    serial: int | None = None
    etag: str = ""

    def age_days(self, as_of: dt.date) -> int:
        """Whole days from the day on which the list was taken to `as_of`."""
        return (as_of - self.taken).days

    def is_stale(self, as_of: dt.date) -> bool:
        """Whether the list is older than `SNAPSHOT_MAX_AGE_DAYS` on that day."""
        return self.age_days(as_of) > SNAPSHOT_MAX_AGE_DAYS


class ProjectStatus(StrEnum):
    """PEP 792 status markers. UNKNOWN is any other marker: it says nothing good and nothing bad about a project."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    QUARANTINED = "quarantined"
    DEPRECATED = "deprecated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFile:
    """A file as the index lists it. `has_metadata`: its metadata is served beside it (PEP 658)."""

    filename: str
    sha256: str
    url: str = ""
    size: int | None = None
    uploaded: dt.datetime | None = None
    is_yanked: bool = False
    has_metadata: bool = False

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel, by its name."""
        return self.filename.endswith(".whl")

    @property
    def version(self) -> Version | None:
        """The version in its name; None where the name is neither a wheel's nor an sdist's, or no file can have it."""
        # A longer name may also hold a number of more digits than Python reads.
        if len(self.filename) > MAX_FILE_NAME_LENGTH:
            return None
        try:
            parts = parse_wheel_filename(self.filename) if self.is_wheel else parse_sdist_filename(self.filename)
        except (InvalidWheelFilename, InvalidSdistFilename):
            return None
        return parts[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The files of one version, wheels first, smaller ones first. Its version tells whether it is a pre-release."""

    version: Version
    files: tuple[IndexFile, ...]
    is_yanked: bool


def latest_version(versions: Iterable[Version], *, yanked: Collection[Version] = ()) -> Version | None:
    """The highest version that is neither yanked nor a pre-release; if there is none, the highest that is left.

    Of what is left a pre-release comes before anything yanked: installers take it where there is no final release
    (PEP 440, PEP 592). None where there are no versions at all.
    """
    return max(versions, key=lambda each: (each not in yanked, not each.is_prerelease, each), default=None)


def list_releases(files: Iterable[IndexFile]) -> tuple[Release, ...]:
    """The releases by their versions, the lowest first; a file that isn't named by the standards is in none.

    A release is yanked if all its files are; of another one the yanked files are left out.
    """
    by_version: dict[Version, list[IndexFile]] = {}
    for file in files:
        if file.version is not None:
            by_version.setdefault(file.version, []).append(file)
    return tuple(_release_of(version, by_version[version]) for version in sorted(by_version))


def _release_of(version: Version, files: list[IndexFile]) -> Release:
    is_yanked = all(file.is_yanked for file in files)
    shown = [file for file in files if is_yanked or not file.is_yanked]
    ordered = sorted(shown, key=lambda file: (not file.is_wheel, file.size or 0, file.filename))
    return Release(version=version, files=tuple(ordered), is_yanked=is_yanked)


def latest_release(files: Iterable[IndexFile]) -> Release | None:
    """The release of `latest_version`; None where no file has a name of the standards."""
    releases = {release.version: release for release in list_releases(files)}
    yanked = {version for version, release in releases.items() if release.is_yanked}
    version = latest_version(releases, yanked=yanked)
    return releases[version] if version is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A user's role on a project, as the index shows it."""

    role: str
    user: str


def is_same_account(one: str, other: str) -> bool:
    """Whether two names are one user's, or one organization's: Warehouse compares both without regard to case."""
    return one.lower() == other.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Who holds a project. For an organization's project `roles` is empty (the index shows none)."""

    organization: str | None = None
    roles: tuple[Role, ...] = ()

    @property
    def users(self) -> frozenset[str]:
        """All users with a role."""
        return frozenset(role.user for role in self.roles)

    @property
    def owners(self) -> frozenset[str]:
        """The users with the role Owner: a Maintainer may publish, and be a guest."""
        return frozenset(role.user for role in self.roles if role.role.lower() == "owner")

    def has_user(self, username: str) -> bool:
        """Whether this user has a role; never for an empty name."""
        return bool(username) and any(is_same_account(role.user, username) for role in self.roles)

    def has_organization(self, organization: str) -> bool:
        """Whether the project belongs to this organization on the index; never for an empty name."""
        return bool(organization) and is_same_account(self.organization or "", organization)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectState:
    """What the index says about one name right now. `ownership` None: not shown.

    `marker` is the status as the index writes it, on one line.
    `summary`, `description`, `project_urls` (label and address) are what the index shows of the latest release's
    metadata, `requires` the projects that it needs.
    """

    name: NormalizedName
    exists: bool
    status: ProjectStatus = ProjectStatus.ACTIVE
    marker: str = ""
    files: tuple[IndexFile, ...] = ()
    ownership: Ownership | None = None
    serial: int | None = None
    summary: str = ""
    description: str = ""
    project_urls: tuple[tuple[str, str], ...] = ()
    requires: tuple[NormalizedName, ...] = ()

    @property
    def unknown_status(self) -> str:
        """What to say of a status marker that isn't known here, as a clause; empty where the marker is known."""
        if self.status is not ProjectStatus.UNKNOWN:
            return ""
        return f"the index shows a status that namehold doesn't know: {self.marker or 'in an unknown form'}"


def first_upload(state: ProjectState, *, among: Collection[str] = ()) -> dt.datetime | None:
    """When the first of the files that the index shows was uploaded; None where it shows no time.

    `among` are the file names that count; empty: all of them.
    """
    times = (file.uploaded for file in state.files if not among or file.filename in among)
    return min((time for time in times if time is not None), default=None)


class Relation(StrEnum):
    """What a taken name is to the organization, as far as the index shows it. Only a person says that it imitates."""

    OURS = "ours"
    CO_MAINTAINED = "a co-maintainer's"
    POSSIBLE = "possible look-alike"
    NO_SIGN = "no sign found"
    UNKNOWN = "not shown"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderFacts:
    """Who holds a taken name, in neutral words: no person is named. `signs` are why a person should look at it."""

    relation: Relation
    signs: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer of an index as it was kept. `is_fresh`: young enough not to be asked for again."""

    status: int
    content: bytes
    etag: str = ""
    is_fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer to one request. `headers` are by lower-case name; `content` is at most what was asked for.

    `received` is this machine's time of it, in UTC.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes
    received: dt.datetime | None = None

    def header(self, name: str) -> str:
        """The value of one header, empty if it isn't there."""
        return dict(self.headers).get(name, "")

    @property
    def media_type(self) -> str:
        """What `Content-Type` names, in small letters and without parameters (RFC 9110, 8.3.1); empty: nothing."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def etag(self) -> str:
        """The answer's `ETag`, for the next question; empty: none that can be sent."""
        return usable_etag(self.header("etag"))

    @property
    def date(self) -> dt.datetime | None:
        """The server's own time."""
        return parse_date(self.header("date"))

    @property
    def retry_after_s(self) -> float:
        """How many seconds the server asks us to wait; 0 where it doesn't say."""
        return parse_retry_after(self.header("retry-after"), now=self.date or self.received) or 0.0


def usable_etag(text: str) -> str:
    """The tag of an answer, or of a file that keeps one; empty for one that no request's header can hold."""
    return text if text.isascii() and text.isprintable() else ""


def parse_date(text: str) -> dt.datetime | None:
    """The UTC time in an answer's `Date` (RFC 9110); None if it is none."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 -- only readers of an index's answers pay for it

    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=dt.UTC) if date.tzinfo is None else date.astimezone(dt.UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


#: The user name that an index expects beside a token.
TOKEN_USERNAME = "__token__"  # noqa: S105 -- no secret


def parse_retry_after(text: str, *, now: dt.datetime | None) -> float | None:
    """The seconds that a `Retry-After` asks for, from `now` on if it is a date (RFC 9110, 10.2.3); None if it is none.

    `now` is the server's own time. A date that is over asks for no wait.
    """
    # A proxy that adds its own makes two of it.
    if number := re.fullmatch(r"\s*([0-9]+)(?:\.[0-9]*)?(?:\s*,.*)?\s*", text):
        return float(number[1])
    date = parse_date(text)
    return max(0.0, (date - now).total_seconds()) if date is not None and now is not None else None


class Token:
    """A secret that an upload carries. Deliberately no dataclass: it has no form for text, digests or documents.

    `username` goes with it: with any other than `__token__` the secret is that user's password on a private index.
    """

    __slots__ = ("_secret", "is_narrowed", "username")

    def __init__(self, secret: str, *, is_narrowed: bool = False, username: str = TOKEN_USERNAME) -> None:
        self._secret = secret
        self.is_narrowed = is_narrowed
        self.username = username

    def reveal(self) -> str:
        """The secret itself; only for the one call that sends it."""
        return self._secret

    def __repr__(self) -> str:
        return "Token(hidden)"

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a token can't be copied or written")


#: Above this difference between our clock and the index's a narrowed token's times may be wrong: nothing is sent.
MAX_CLOCK_SKEW_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenConditions:
    """What a token says of itself. `is_readable` False: it is no macaroon, and says nothing.

    `begins` and `expires` are the tightest of its times (None: none); `unknown` counts conditions of an unknown form.
    """

    is_readable: bool
    domain: str = ""
    is_project_scoped: bool = False
    expires: dt.datetime | None = None
    begins: dt.datetime | None = None
    unknown: int = 0


class Outcome(StrEnum):
    """What became of one planned name in one run. HELD needs proof: our sha256 under our user on the index."""

    HELD = "held"
    UNVERIFIED = "unverified"
    LOST_RACE = "lost-race"
    REFUSED_SIMILAR = "refused-similar"
    REFUSED_PROHIBITED = "refused-prohibited"
    REFUSED_STDLIB = "refused-stdlib"
    REFUSED_INVALID = "refused-invalid"
    REFUSED_FILE = "refused-file"
    REFUSED_UNKNOWN = "refused-unknown"
    RATE_LIMITED = "rate-limited"
    AUTHENTICATION_FAILED = "authentication-failed"
    REGISTRATION_DISABLED = "registration-disabled"
    INDETERMINATE = "indeterminate"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the index to an upload, as the wire gave it; no secret can be in it.

    `status` is None where the connection ended without an answer; `headers` are lower-case names.
    `date` is the index's own `Date`.
    """

    status: int | None
    message: str
    headers: tuple[tuple[str, str], ...] = ()
    date: dt.datetime | None = None

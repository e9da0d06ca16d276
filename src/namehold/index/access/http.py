"""Reads one index, politely: GET only (but for one question), bounded, never following it to another host.

    with HttpIndex(profile, contact="security@acme.example", policy=ClientPolicy.read(os.environ)) as index:
        index.project(name).exists

Satisfies `ports.IndexReader` and `ports.WebReader`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tempfile
import xmlrpc.client  # a document type in an answer is refused
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import urlsplit

from packaging.utils import NormalizedName, canonicalize_name, is_normalized_name

from namehold.errors import IndexError_, InputError, UnlistedError
from namehold.index.access.client import HttpClient, LedElsewhere, Progress
from namehold.index.access.logins import READING_SERVICE, Login, find_login, origin_of
from namehold.index.model import Fetched, IndexFile, IndexProfile, KeptAnswer, ProjectState, ProjectStatus, usable_etag
from namehold.index.pages import (
    EITHER_FORM,
    MAX_PAGE_BYTES,
    SIMPLE_JSON,
    ProjectPage,
    parse_names,
    parse_object,
    parse_page,
    state_of,
)
from namehold.index.ports import AnswerCache
from namehold.index.profiles import is_public_host
from namehold.text import show_address, visible

#: The tags of an XML-RPC answer: ten for each of a user's projects.
_MAX_XML_TAGS = 250_000
#: What says that nothing is at an address, or nothing that can be read.
_NO_PAGE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED})
#: What besides 404 some private indexes answer for names that they don't have (`index.missing`).
_MAYBE_MISSING = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.GONE})
#: Answers to the question for a user's projects that don't say that there is no such list.
_LOCKED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_NOT_NOW = _LOCKED | {HTTPStatus.TOO_MANY_REQUESTS}
#: An address that every client reads in the same way: a plain host, and no user, backslash or space.
_PLAIN_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/[^\x00-\x20\\]*")
#: A file on a public host: encrypted, a name (its last part has a letter) on the usual port, no query.
_PUBLIC_FILE = re.compile(r"https://(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*/[^?#]*")
#: Of a project whose files are listed without a SHA-256: how many are asked for, and up to which size.
_MOST_HASHED = 4
_HASHED_BYTES = 256 * 1024
#: Of all projects together so many bytes are read for that: a thousand placeholders have 20 MB.
_MOST_HASHED_BYTES = 64 * 1024 * 1024
#: How Warehouse's XML-RPC says that it was asked too often.
_TOO_MANY = "TooManyRequests"


@dataclass(kw_only=True, eq=False)
class HttpIndex(HttpClient):
    """One index, read over HTTP. What `cache` keeps isn't asked for again."""

    profile: IndexProfile = field(kw_only=False)
    cache: AnswerCache | None = None
    #: Hears, once for each kind, what is taken for 'not here' besides 404.
    tell: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        self.subject = f"the index {self.profile.nickname}"
        self.may_lead_to = self.profile.file_hosts
        self._told: set[str] = set()
        self._hashed_bytes = 0
        self._listed: frozenset[NormalizedName] | None = None
        super().__post_init__()

    def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:
        """What the index says about `name` now. Raises IndexError_.

        Where the page still tells `known_serial`, the JSON API isn't asked.

        The simple page tells whether the name exists; the JSON API who holds it. A project without a release, or
        a quarantined one, has no JSON: its `ownership` is None.
        """
        if not is_normalized_name(name):
            # It becomes a part of the address; another text might lead anywhere on the index's host.
            raise InputError(f"{name!r} is no normalized name: the index isn't asked about it")
        page = self._page(name)
        if page is None:
            return ProjectState(name=name, exists=False)
        page = replace(page, files=tuple(self._hashed(page.files)))
        details: dict[str, Any] | None = None
        is_known = bool(known_serial) and page.serial == known_serial
        if self.profile.json and page.status is not ProjectStatus.QUARANTINED and not is_known:
            address = f"{self.profile.json}{name}/json"
            content = self._content(address, accept="application/json")
            details = parse_object(content, address=address) if content is not None else None
        try:
            return state_of(name, page, details, shows_ownership=self.profile.shows_ownership)
        except (KeyError, TypeError, AttributeError, ValueError):
            raise self.refuse(f"its record of {name} has an unknown form") from None

    def now(self) -> dt.datetime:
        """The index's own time: the `Date` of the server that takes uploads, which checks a token's times.

        Asked anew each time, and never answered by a cache in between. A private index that tells no time, or none
        that can be read, gets this machine's. Raises IndexError_.
        """
        answer = self.get(self.profile.upload, accept="application/json", max_bytes=MAX_PAGE_BYTES, follows=False)
        if answer.date is None and self.profile.is_public:
            raise self.refuse("its answers carry no date")
        return answer.date or dt.datetime.now(dt.UTC)

    def read_names(self, into: IO[bytes], *, etag: str, max_bytes: int, progress: Progress) -> Fetched:
        """The list of all names, written to `into`; status 304 if it still is the one with this `etag`.

        In JSON, or from a private index in HTML. Raises IndexError_.
        """
        answer = self.get(
            self.profile.simple,
            accept=SIMPLE_JSON if self.profile.is_public else EITHER_FORM,
            headers=_unless(etag),
            max_bytes=max_bytes,
            into=into,
            progress=progress,
            stays=True,
        )
        if answer.status == HTTPStatus.NOT_MODIFIED and etag:
            return answer
        if answer.status in _NO_PAGE and not self.profile.is_public:
            raise IndexError_(
                f"{self.subject} shows no list of its names: it answered {answer.status}",
                fix="look at index.simple; where an index has no such list (some cloud services' have none), ask its "
                "administrators for one, one name a line: namehold snapshot import FILE",
            )
        if answer.status != HTTPStatus.OK:
            raise self._unusable(answer.status)
        if not self._is_usable_form(answer.media_type):
            form = visible(answer.media_type) or "an unnamed form"
            raise self.refuse(f"its list of names comes in {form} instead of JSON")
        return answer

    def find_login(self, address: str, *, is_asked: bool) -> Login | None:
        """The user and password for the index's own host, if it is private; see `logins.find_login`."""
        own = (self.profile.simple, self.profile.json, self.profile.upload)
        if self.profile.is_public or origin_of(address) not in {origin_of(each) for each in own if each}:
            return None
        place = next(each for each in own if origin_of(each) == origin_of(address))
        return find_login(place, self.policy.logins, is_asked=is_asked)

    def lies_outside(self, address: str) -> bool:
        """Whether a file's address leads away from a public index to a host of its files.

        Files lie on the index's own host, or on one that names.yaml names. A public index's may lie on any other host
        that has a name, encrypted, without a query that would make it do something.
        Raises IndexError_ for every other address: a page must not direct a request to where it likes.
        """
        is_plain = _PLAIN_ADDRESS.fullmatch(address) is not None
        if is_plain and (origin_of(address) == origin_of(self.profile.simple) or self.may_lie_at(address)):
            return False
        if is_plain and self.profile.is_public and _PUBLIC_FILE.fullmatch(address) is not None:
            return True
        raise IndexError_(
            f"{self.subject} says that a file lies at an address where none of its files may lie "
            f"({show_address(address)})",
            fix="look at the addresses of the index; if its files lie on that host, name it under index.file_hosts",
        )

    def user_packages(self, username: str) -> tuple[NormalizedName, ...]:
        """The projects on which a user has a role, sorted, by XML-RPC (a legacy interface that few indexes offer).

        An organization's projects aren't among them: the index shows no roles for those.
        The question is sent once. Raises UnlistedError if the index has no such list, else IndexError_.
        """
        address = self.profile.json.rstrip("/")
        if not address:
            raise self._no_list("it has no JSON address beside which XML-RPC would answer")
        body = xmlrpc.client.dumps((username,), "user_packages").encode()
        answer = self.post(address, body, content_type="text/xml", max_bytes=MAX_PAGE_BYTES)
        # A private index that refuses this address has no such list; a public one has it all the same.
        is_closed = not self.profile.is_public and answer.status in _LOCKED
        if (answer.status in _NOT_NOW and not is_closed) or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise IndexError_(
                f"{self.subject} doesn't list a user's projects now: it answered {answer.status}",
                fix="call again later",
            )
        if answer.status != HTTPStatus.OK or "xml" not in answer.media_type:
            raise self._no_list(f"it answered {answer.status}")
        if b"<!DOCTYPE" in answer.content or b"\0" in answer.content:
            # UTF-16 would hide it: every other byte is zero there.
            raise self._no_list("it answered with a document type or in UTF-16, which no XML-RPC answer has")
        if answer.content.count(b"<") > _MAX_XML_TAGS:
            raise self._no_list("it answered with more than any user's projects")
        try:
            rows: Any = xmlrpc.client.loads(answer.content)[0][0]
            return tuple(sorted({canonicalize_name(str(row[1])) for row in rows}))
        except xmlrpc.client.Fault as fault:
            # Both are of any type that XML-RPC has.
            code: Any = fault.faultCode
            if _TOO_MANY in str(fault.faultString):
                raise IndexError_(
                    f"{self.subject} doesn't list a user's projects now: too many questions", fix="call again later"
                ) from None
            number = f" {code}" if isinstance(code, int) else ""
            raise self._no_list(f"it answered with fault{number}") from None
        except Exception:  # noqa: BLE001 -- the parser's own errors are of many kinds
            raise self._no_list("its answer can't be read") from None

    def _no_list(self, why: str) -> UnlistedError:
        return UnlistedError(
            f"{self.subject} doesn't list a user's projects: {why}",
            fix="name the packages, or give them in a file: namehold discover --from LIST",
        )

    def _page(self, name: NormalizedName) -> ProjectPage | None:
        """The project's page, from a public index in the JSON form; None where it isn't here."""
        address = f"{self.profile.simple}{name}/"
        try:
            content = self._content(address, accept=SIMPLE_JSON if self.profile.is_public else EITHER_FORM, name=name)
        except LedElsewhere as error:
            if self.profile.is_public or not self._is_forwarded(name, error.target):
                raise
            return None
        return parse_page(content, name=name, address=address) if content is not None else None

    def _hashed(self, files: tuple[IndexFile, ...]) -> Iterator[IndexFile]:
        """The files, with the SHA-256 of what a private index sends for each that it lists without one.

        Some indexes list MD5, or nothing, and then nothing would prove that a file is ours. Only a few small files are
        asked for: a placeholder has two. A run reads a bounded number of bytes for it.
        """
        is_asked = not self.profile.is_public and sum(not file.sha256 for file in files) <= _MOST_HASHED
        for file in files:
            content = b""
            if is_asked and not file.sha256 and self._may_hash():
                # A large file, or one that lies where none may lie, stays without.
                try:
                    answer = self.get(file.url, max_bytes=_HASHED_BYTES, as_file=True)
                    content = answer.content if answer.status == HTTPStatus.OK else b""
                    self._hashed_bytes += len(answer.content)
                except IndexError_:
                    self._hashed_bytes += _HASHED_BYTES
            yield replace(file, sha256=hashlib.sha256(content).hexdigest()) if content else file

    def _may_hash(self) -> bool:
        if self._hashed_bytes < _MOST_HASHED_BYTES:
            return True
        self._tell_once(
            f"{self.profile.nickname} lists files without a SHA-256, and {_MOST_HASHED_BYTES:,} bytes of them were "
            "read: no further ones are, so that what they hold counts as unknown."
        )
        return False

    def _is_forwarded(self, name: NormalizedName, target: str) -> bool:
        """Whether a redirect of a project's page means 'not here': the index sends its clients on for other names.

        To a public index it does. Any other host may be where this index has moved to: then its list must lack the
        name.
        """
        if not is_public_host(target) and not self._list_lacks(name):
            return False
        self._tell_once(
            f"{self.profile.nickname} sends us to another host ({urlsplit(target).hostname}) for names that it doesn't "
            "have: such an answer counts as 'not here'."
        )
        return True

    def _list_lacks(self, name: NormalizedName) -> bool:
        """Whether the index's list of names can be read and doesn't have this one; read once for all names."""
        if self._listed is None:
            with tempfile.TemporaryFile() as body:
                self.read_names(body, etag="", max_bytes=MAX_PAGE_BYTES, progress=lambda *_: None)
                body.seek(0)
                self._listed = parse_names(body.read(), address=self.profile.simple)
        return name not in self._listed

    def _tell_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self.tell(text)

    def _unusable(self, status: int) -> IndexError_:
        """The error for an answer of another status than was hoped for."""
        if status == HTTPStatus.UNAUTHORIZED and not self.profile.is_public:
            scheme, host = urlsplit(self.profile.simple)[:2]
            return IndexError_(
                f"{self.subject} asks for a user and a password, and there are none that it takes",
                fix=f"keyring set {READING_SERVICE}:{host} USER, or NAMEHOLD_READ_LOGIN={scheme}://USER:PASSWORD@{host}"
                " (in a password / as %2F, @ as %40, # as %23, ? as %3F)",
            )
        return self.refuse(f"it answered {status}")

    def _not_shown(self, status: int, name: NormalizedName) -> IndexError_:
        """The error for a page that a private index refuses, or calls gone: it may lack the name, or hide it."""
        fix = "look at what its administrators let you read"
        if status not in self.profile.missing_statuses:
            fix = f"if it answers so for each name that it doesn't have, say so in names.yaml (index.missing: {status})"
        return IndexError_(f"{self.subject} answered {status} when it was asked for {name}", fix=fix)

    def _is_usable_form(self, form: str) -> bool:
        """Whether a media type can be an index's. A network's log-in page answers 200 too, in HTML.

        Of a private one any can: some name none, and those that are mere folders of files often a wrong one. What isn't
        an index's page is refused by its content.
        """
        return "json" in form or not self.profile.is_public

    def _content(self, address: str, *, accept: str, name: NormalizedName | None = None) -> bytes | None:
        """The text at `address`; None for 404, which says 'not here' and nothing more.

        Where names.yaml says that another status means the same, it does for a page of a `name` that the list lacks.
        It comes from the cache as far as that is fresh, or the index says that it still holds.
        """
        kept = self.cache.find(address, accept) if self.cache is not None else None
        if kept is not None and kept.is_fresh:
            return kept.content if kept.status == HTTPStatus.OK else None
        known = _unless(kept.etag) if kept is not None else {}
        answer = self.get(address, accept=accept, headers=known, max_bytes=MAX_PAGE_BYTES, stays=True)
        if answer.status == HTTPStatus.NOT_MODIFIED and kept is not None and known:
            found = replace(kept, is_fresh=True)
        elif answer.status == HTTPStatus.NOT_FOUND or (answer.status == HTTPStatus.GONE and name is None):
            # What the JSON API has no longer is no more than what it never had.
            found = KeptAnswer(status=answer.status, content=b"")
        elif answer.status in self.profile.missing_statuses and name is not None and self._list_lacks(name):
            self._tell_once(
                f"{self.profile.nickname} answers {answer.status} for names that its list lacks: that counts as "
                "'not here' (index.missing)."
            )
            # Not kept: it may be a refusal that passes.
            return None
        elif answer.status in _MAYBE_MISSING and name is not None and not self.profile.is_public:
            raise self._not_shown(answer.status, name)
        elif answer.status != HTTPStatus.OK:
            raise self._unusable(answer.status)
        elif not self._is_usable_form(answer.media_type):
            raise self.refuse("it answered with something else than JSON")
        else:
            found = KeptAnswer(status=answer.status, content=answer.content, etag=answer.etag)
        if self.cache is not None:
            self.cache.keep(address, accept, found)
        return found.content if found.status == HTTPStatus.OK else None


def _unless(etag: str) -> dict[str, str]:
    """The header that asks for an answer only if it isn't the one of this tag."""
    tag = usable_etag(etag)
    return {"If-None-Match": tag} if tag else {}

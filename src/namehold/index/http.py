"""Reads one index, politely: GET only (but for one question), bounded, never following it to another host.

    with HttpIndex(profile, contact="security@acme.example", policy=ClientPolicy.read(os.environ)) as index:
        index.project(name).exists

Satisfies `ports.IndexReader` and `ports.WebReader`.
"""

from __future__ import annotations

import datetime as dt
import time
import xmlrpc.client  # a document type in an answer is refused
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import IO, Any

import httpx
from packaging.utils import NormalizedName, canonicalize_name

from namehold.errors import IndexError_
from namehold.index.answers import parse_date
from namehold.index.client import HttpClient, Progress
from namehold.index.model import Fetched, IndexProfile, KeptAnswer, ProjectState, ProjectStatus
from namehold.index.pages import (
    EITHER_FORM,
    MAX_PAGE_BYTES,
    SIMPLE_JSON,
    ProjectPage,
    parse_object,
    parse_page,
    state_of,
)
from namehold.index.policy import DIRECT, PATIENT, ClientPolicy, Patience
from namehold.index.ports import AnswerCache


class HttpIndex(HttpClient):
    """One index, read over HTTP."""

    def __init__(
        self,
        profile: IndexProfile,
        *,
        contact: str,
        policy: ClientPolicy = DIRECT,
        patience: Patience = PATIENT,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
        cache: AnswerCache | None = None,
    ) -> None:
        subject = f"the index {profile.nickname}"
        super().__init__(subject, contact=contact, policy=policy, patience=patience, sleep=sleep, transport=transport)
        self._profile = profile
        self._cache = cache

    def project(self, name: NormalizedName) -> ProjectState:
        """What the index says about `name` now. Raises IndexError_.

        The simple page tells whether the name exists; the JSON API who holds it. A project without a release, or
        a quarantined one, has no JSON: its `ownership` is None.
        """
        page = self._page(name)
        if page is None:
            return ProjectState(name=name, exists=False)
        details: dict[str, Any] | None = None
        if self._profile.json and page.status is not ProjectStatus.QUARANTINED:
            address = f"{self._profile.json}{name}/json"
            content = self._content(address, accept="application/json")
            details = parse_object(content, address=address) if content is not None else None
        try:
            return state_of(name, page, details, shows_ownership=self._profile.shows_ownership)
        except (KeyError, TypeError, AttributeError, ValueError):
            raise self.refuse(f"its record of {name} has an unknown form") from None

    def now(self) -> dt.datetime:
        """The index's own time: the `Date` of the server that takes uploads, which checks a token's times.

        Asked anew each time, and never answered by a cache in between. Raises IndexError_.
        """
        answer = self.get(self._profile.upload, accept="application/json", max_bytes=MAX_PAGE_BYTES, follows=False)
        date = parse_date(answer.header("date"))
        if date is None:
            raise self.refuse("its answers carry no date")
        return date

    def read_names(self, into: IO[bytes], *, etag: str, max_bytes: int, progress: Progress) -> Fetched:
        """The list of all names, in JSON, written to `into`; status 304 if it still is the one with this `etag`.

        Raises IndexError_.
        """
        known = {"If-None-Match": etag} if etag else {}
        answer = self.get(
            self._profile.simple, accept=SIMPLE_JSON, headers=known, max_bytes=max_bytes, into=into, progress=progress
        )
        if answer.status == HTTPStatus.NOT_MODIFIED and etag:
            return answer
        if answer.status != HTTPStatus.OK:
            raise self.refuse(f"it answered {answer.status}")
        form = answer.header("content-type")
        if "json" not in form:
            raise self.refuse(f"its list of names comes in {form or 'an unnamed form'} instead of JSON")
        return answer

    def user_packages(self, username: str) -> tuple[NormalizedName, ...]:
        """The projects on which a user has a role, sorted, by XML-RPC (a legacy interface that few indexes offer).

        An organization's projects aren't among them: the index shows no roles for those.
        The question is sent once. Raises IndexError_, which says why the index gave no list.
        """
        address = self._profile.json.rstrip("/")
        if not address:
            raise _no_list(self._profile, "it has no JSON address beside which XML-RPC would answer")
        body = xmlrpc.client.dumps((username,), "user_packages").encode()
        answer = self.post(address, body, content_type="text/xml", max_bytes=MAX_PAGE_BYTES)
        if answer.status != HTTPStatus.OK or "xml" not in answer.header("content-type"):
            raise _no_list(self._profile, f"it answered {answer.status}")
        if b"<!DOCTYPE" in answer.content:
            raise _no_list(self._profile, "it answered with a document type, which no XML-RPC answer has")
        try:
            rows: Any = xmlrpc.client.loads(answer.content)[0][0]
            return tuple(sorted({canonicalize_name(str(row[1])) for row in rows}))
        except xmlrpc.client.Fault as fault:
            raise _no_list(self._profile, f"it answered with fault {fault.faultCode}") from None
        except Exception:  # noqa: BLE001 -- the parser's own errors are of many kinds
            raise _no_list(self._profile, "its answer can't be read") from None

    def _page(self, name: NormalizedName) -> ProjectPage | None:
        """The project's page, from a public index in the JSON form; None for 404."""
        address = f"{self._profile.simple}{name}/"
        if self._profile.is_public:
            content = self._content(address, accept=SIMPLE_JSON)
        else:
            content = self._content(address, accept=EITHER_FORM, also="text/html")
        return parse_page(content, name=name, address=address) if content is not None else None

    def _content(self, address: str, *, accept: str, also: str = "json") -> bytes | None:
        """The text at `address`, JSON or of the type `also`; None for 404, which says 'not here' and nothing more.

        It comes from the cache as far as that is fresh, or the index says that it still holds.
        """
        kept = self._cache.find(address, accept) if self._cache is not None else None
        if kept is not None and kept.is_fresh:
            return kept.content if kept.status == HTTPStatus.OK else None
        known = {"If-None-Match": kept.etag} if kept is not None and kept.etag else {}
        answer = self.get(address, accept=accept, headers=known, max_bytes=MAX_PAGE_BYTES)
        if answer.status == HTTPStatus.NOT_MODIFIED and kept is not None and known:
            found = replace(kept, is_fresh=True)
        elif answer.status == HTTPStatus.NOT_FOUND:
            found = KeptAnswer(status=answer.status, content=b"")
        elif answer.status != HTTPStatus.OK:
            raise self.refuse(f"it answered {answer.status}")
        elif not any(form in answer.header("content-type") for form in ("json", also)):
            # A network's log-in page answers 200 too, in HTML.
            raise self.refuse("it answered with something else than JSON")
        else:
            found = KeptAnswer(status=answer.status, content=answer.content, etag=answer.header("etag"))
        if self._cache is not None:
            self._cache.keep(address, accept, found)
        return found.content if found.status == HTTPStatus.OK else None


def _no_list(profile: IndexProfile, why: str) -> IndexError_:
    return IndexError_(
        f"the index {profile.nickname} doesn't list a user's projects: {why}",
        fix="name the packages, or give them in a file: namehold discover --from LIST",
    )

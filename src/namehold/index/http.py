"""Reads one index, politely: GET only (but for one question), bounded, never following it to another host.

    with HttpIndex(profile, contact="security@acme.example") as index:
        index.project(name).exists

Satisfies `ports.IndexReader`. The only place that reads an index over the network through httpx.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

from packaging.utils import NormalizedName, canonicalize_name

from namehold.errors import IndexError_
from namehold.index.answers import parse_date
from namehold.index.model import Fetched, IndexProfile, KeptAnswer, ProjectState, ProjectStatus
from namehold.index.pages import (
    EITHER_FORM,
    SIMPLE_JSON,
    file_of,
    is_file_of,
    ownership_of,
    read_html_page,
    requires_of,
    serial_of,
    status_of,
)
from namehold.index.ports import AnswerCache
from namehold.index.wire import CODING, Sockets, cut_off, unpacked, user_agent

if TYPE_CHECKING:
    import httpx


#: A project's page is a few kilobytes; the largest projects have some megabytes of files.
_MAX_BYTES = 64 * 1024 * 1024
#: For one answer, all of it from the connection on, in seconds: a server may send one byte at a time.
_MAX_DURATION_S = 60.0
_MAX_REDIRECTS = 3
#: Answers after which the same question may be asked again.
_PASSING = frozenset({429, 500, 502, 503, 504})


class HttpIndex:
    """One index, read over HTTP. Proxies, netrc and certificates of the environment are not looked at."""

    def __init__(
        self,
        profile: IndexProfile,
        *,
        contact: str,
        timeout_s: float = 15.0,
        attempts: int = 3,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
        cache: AnswerCache | None = None,
    ) -> None:
        import httpx  # noqa: PLC0415 -- start-up time

        self._profile = profile
        self._attempts = attempts
        self._sleep = sleep
        self._cache = cache
        self._sockets = Sockets()
        self._client = httpx.Client(
            headers={"User-Agent": user_agent(contact), "Cache-Control": "max-age=0", "Accept-Encoding": CODING},
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    def project(self, name: NormalizedName) -> ProjectState:
        """What the index says about `name` now. Raises IndexError_.

        The simple page tells whether the name exists; the JSON API who holds it. A project without a release, or
        a quarantined one, has no JSON: its `ownership` is None.
        """
        page = self._page(name)
        if page is None:
            return ProjectState(name=name, exists=False)
        if canonicalize_name(str(page.get("name", ""))) != name or not isinstance(page.get("files"), list):
            raise _unexpected(self._profile, f"its page of {name} is no page of {name}")
        status = status_of(page)
        details: dict[str, Any] | None = None
        if self._profile.json and status is not ProjectStatus.QUARANTINED:
            details = self._get(f"{self._profile.json}{name}/json", accept="application/json")
        try:
            return ProjectState(
                name=name,
                exists=True,
                status=status,
                files=tuple(file_of(item) for item in page["files"]),
                ownership=ownership_of(details) if details and self._profile.shows_ownership else None,
                serial=serial_of(page),
                summary=str((details or {}).get("info", {}).get("summary") or ""),
                project_urls=tuple(
                    (str(label), str(address))
                    for label, address in ((details or {}).get("info", {}).get("project_urls") or {}).items()
                ),
                requires=requires_of((details or {}).get("info", {}).get("requires_dist") or ()),
            )
        except (KeyError, TypeError, AttributeError, ValueError):
            raise _unexpected(self._profile, f"its page of {name} has another form than the standard's") from None

    def now(self) -> dt.datetime:
        """The index's own time: the `Date` of the server that takes uploads, which is who checks a token's times.

        Asked anew each time, and never answered by a cache in between. Raises IndexError_.
        """
        answer = self._answer(self._profile.upload, headers={"Accept": "application/json"}, max_bytes=_MAX_BYTES)
        date = parse_date(answer.headers.get("date", ""))
        if date is None:
            raise _unexpected(self._profile, "its answers carry no date")
        return date

    def get(self, url: str, *, accept: str = "*/*", byte_range: str = "", max_bytes: int) -> Fetched:
        """Any page or file, bounded; satisfies `ports.WebReader`. Raises IndexError_."""
        headers = {"Accept": accept}
        if byte_range:
            # A range counts the bytes as they are sent: no compression on the way.
            headers |= {"Range": byte_range, "Accept-Encoding": "identity"}
        answer = self._answer(url, headers=headers, max_bytes=max_bytes)
        return Fetched(
            url=url,
            status=answer.status_code,
            headers=tuple((key.lower(), value) for key, value in answer.headers.items()),
            content=answer.content,
        )

    def user_packages(self, username: str) -> tuple[NormalizedName, ...]:
        """The projects on which a user has a role, sorted, by XML-RPC (a legacy interface that few indexes offer).

        An organization's projects aren't among them: the index shows no roles for those.
        The question is sent once. Raises IndexError_, which says why the index gave no list.
        """
        import xmlrpc.client  # noqa: PLC0415 -- only this question needs it; a document type is refused below

        import httpx  # noqa: PLC0415 -- start-up time

        address = self._profile.json.rstrip("/")
        if not address:
            raise _no_list(self._profile, "it has no JSON address beside which XML-RPC would answer")
        body = xmlrpc.client.dumps((username,), "user_packages").encode()
        try:
            answer = self._read(address, headers={"Content-Type": "text/xml"}, max_bytes=_MAX_BYTES, content=body)
        except (httpx.HTTPError, TimeoutError) as error:
            raise _no_list(self._profile, f"it can't be reached ({type(error).__name__})") from None
        if answer.status_code != HTTPStatus.OK or "xml" not in answer.headers.get("content-type", ""):
            raise _no_list(self._profile, f"it answered {answer.status_code}")
        if b"<!DOCTYPE" in answer.content:
            raise _no_list(self._profile, "it answered with a document type, which no XML-RPC answer has")
        try:
            rows: Any = xmlrpc.client.loads(answer.content)[0][0]
            return tuple(sorted({canonicalize_name(str(row[1])) for row in rows}))
        except xmlrpc.client.Fault as fault:
            raise _no_list(self._profile, f"it answered with fault {fault.faultCode}") from None
        except Exception:  # noqa: BLE001 -- the parser's own errors are of many kinds
            raise _no_list(self._profile, "its answer can't be read") from None

    def close(self) -> None:
        """Ends all connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _page(self, name: NormalizedName) -> dict[str, Any] | None:
        """The project's page in the JSON form; an index of one's own may have the HTML form only. None for 404."""
        address = f"{self._profile.simple}{name}/"
        if self._profile.is_public:
            return self._get(address, accept=SIMPLE_JSON)
        content = self._content(address, accept=EITHER_FORM, also="text/html")
        if content is None or not content.lstrip().startswith(b"<"):
            return self._parsed(content) if content is not None else None
        page = read_html_page(content.decode("utf-8", "replace"))
        page["files"] = [
            item | {"url": urljoin(address, item["url"])} for item in page["files"] if is_file_of(item, name)
        ]
        if not page["files"]:
            # A network's log-in page has links, too, but none to a file of this project.
            raise _unexpected(self._profile, f"its page of {name} lists no file of {name}")
        return page | {"name": name}

    def _get(self, address: str, *, accept: str) -> dict[str, Any] | None:
        """The JSON object at `address`; None for 404, which says 'not here' and nothing more."""
        content = self._content(address, accept=accept)
        return self._parsed(content) if content is not None else None

    def _parsed(self, content: bytes) -> dict[str, Any]:
        """The JSON object in an answer."""
        try:
            found = json.loads(content)
            # Half of a surrogate pair can be escaped in JSON, and written nowhere else.
            json.dumps(found, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise _unexpected(self._profile, "it answered with damaged JSON") from None
        if not isinstance(found, dict):
            raise _unexpected(self._profile, "it answered with JSON of another form")
        return found

    def _content(self, address: str, *, accept: str, also: str = "json") -> bytes | None:
        """The text at `address`, JSON or of the type `also`; None for 404.

        It comes from the cache as far as that is fresh, or the index says that it still holds.
        """
        kept = self._cache.find(address, accept) if self._cache is not None else None
        if kept is not None and kept.is_fresh:
            return kept.content if kept.status == HTTPStatus.OK else None
        known = {"If-None-Match": kept.etag} if kept is not None and kept.etag else {}
        answer = self._answer(address, headers={"Accept": accept, **known}, max_bytes=_MAX_BYTES)
        if answer.status_code == HTTPStatus.NOT_MODIFIED and kept is not None and known:
            found = replace(kept, is_fresh=True)
        elif answer.status_code == HTTPStatus.NOT_FOUND:
            found = KeptAnswer(status=answer.status_code, content=b"")
        elif answer.status_code != HTTPStatus.OK:
            raise _unexpected(self._profile, f"it answered {answer.status_code}")
        elif not any(form in answer.headers.get("content-type", "") for form in ("json", also)):
            # A network's log-in page answers 200 too, in HTML.
            raise _unexpected(self._profile, "it answered with something else than JSON")
        else:
            found = KeptAnswer(status=answer.status_code, content=answer.content, etag=answer.headers.get("etag", ""))
        if self._cache is not None:
            self._cache.keep(address, accept, found)
        return found.content if found.status == HTTPStatus.OK else None

    def _answer(self, address: str, *, headers: dict[str, str], max_bytes: int) -> httpx.Response:
        """The answer after repetitions (a GET changes nothing) and redirects on the same host."""
        import httpx  # noqa: PLC0415 -- start-up time

        problem = "it can't be reached"
        for attempt in range(self._attempts):
            if attempt:
                self._sleep(2.0**attempt)
            try:
                answer = self._follow(address, headers=headers, max_bytes=max_bytes)
            except httpx.InvalidURL:
                raise _unexpected(self._profile, "it leads to an address that is none") from None
            except (httpx.HTTPError, TimeoutError) as error:
                # The class says what happened; the text may hold anything.
                problem = f"it can't be reached ({type(error).__name__})"
                continue
            if answer.status_code not in _PASSING:
                return answer
            problem = f"it answered {answer.status_code}"
        raise IndexError_(
            f"the index {self._profile.nickname} can't be read: {problem}",
            hint="look at the network and the index's status page, then call again: nothing is lost",
        )

    def _follow(self, address: str, *, headers: dict[str, str], max_bytes: int) -> httpx.Response:
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._read(address, headers=headers, max_bytes=max_bytes)
            location = answer.headers.get("location")
            if not answer.is_redirect or not location or address == self._profile.upload:
                return answer
            target = urljoin(address, location)
            if _origin(target) != _origin(address):
                raise _unexpected(self._profile, f"it sends us to another host ({_origin(target)})")
            address = target
        raise _unexpected(self._profile, "it sends us round in circles")

    def _read(
        self, address: str, *, headers: dict[str, str], max_bytes: int, content: bytes | None = None
    ) -> httpx.Response:
        """One request (a POST if it has `content`), with the answer's body up to the limit of bytes.

        Raises TimeoutError beyond the limit of seconds.
        """
        import httpx  # noqa: PLC0415 -- start-up time

        body = bytearray()
        method = "GET" if content is None else "POST"
        traced = {"trace": self._sockets.trace}
        with (
            cut_off(self._sockets, after_s=_MAX_DURATION_S),
            self._client.stream(method, address, headers=headers, content=content, extensions=traced) as stream,
        ):
            # httpx sees no coding, so it unpacks nothing.
            coding = stream.headers.pop("content-encoding", "")
            try:
                for piece in unpacked(stream.iter_bytes(), coding=coding):
                    body += piece
                    if len(body) > max_bytes:
                        raise _unexpected(self._profile, f"an answer is larger than {max_bytes} bytes")
            except ValueError as error:
                raise _unexpected(self._profile, str(error)) from None
        return httpx.Response(stream.status_code, headers=stream.headers, content=bytes(body))


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _no_list(profile: IndexProfile, why: str) -> IndexError_:
    return IndexError_(
        f"the index {profile.nickname} doesn't list a user's projects: {why}",
        hint="name the packages, or give them in a file: namehold discover --from LIST",
    )


def _unexpected(profile: IndexProfile, what: str) -> IndexError_:
    return IndexError_(
        f"the index {profile.nickname} can't be understood: {what}",
        hint="look at the addresses of the index and at the network in between (a log-in page?)",
    )

from __future__ import annotations

import datetime as dt
import gzip
import json
import socket
import ssl
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from namehold import documents
from namehold.errors import IndexBusy, IndexError_
from namehold.index.access.http import HttpIndex
from namehold.index.model import IndexChoice, Ownership, ProjectStatus, Role
from namehold.index.profiles import private_profile, profile

NAME = NormalizedName("acme-tool")
PROFILE = private_profile(
    IndexChoice(upload="http://127.0.0.1:9/up/", simple="http://127.0.0.1:9/simple/", json="http://127.0.0.1:9/pypi/")
)
PAGE: dict[str, Any] = {
    "meta": {"api-version": "1.4", "_last-serial": 7},
    "name": "Acme_Tool",
    "files": [{"filename": "acme_tool-1.0.tar.gz", "hashes": {"sha256": "ab"}, "url": "u", "size": 3,
               "upload-time": "2026-11-01T10:00:00.5Z"}],
}  # fmt: skip
DETAILS = {
    "info": {"summary": "A tool"},
    "ownership": {"organization": None, "roles": [{"role": "Owner", "user": "acme"}]},
}


def reader(answer: Callable[[httpx.Request], httpx.Response], *, naps: list[float] | None = None) -> HttpIndex:
    return HttpIndex(
        PROFILE,
        contact="security@acme.example",
        sleep=(naps if naps is not None else []).append,
        transport=httpx.MockTransport(answer),
    )


def answered(value: object) -> httpx.Response:
    """As JSON, with every character that isn't ASCII escaped, so that it may be any."""
    return httpx.Response(200, content=json.dumps(value).encode(), headers={"content-type": "application/json"})


def serve(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/simple/acme-tool/":
        return httpx.Response(200, json=PAGE)
    if request.url.path == "/pypi/acme-tool/json":
        return httpx.Response(200, json=DETAILS)
    return httpx.Response(404)


def test_a_project_is_read_with_files_and_owner() -> None:
    state = reader(serve).project(NAME)
    assert state.exists
    assert state.ownership == Ownership(roles=(Role(role="Owner", user="acme"),))
    assert [(item.filename, item.sha256) for item in state.files] == [("acme_tool-1.0.tar.gz", "ab")]
    assert state.files[0].uploaded == dt.datetime(2026, 11, 1, 10, 0, 0, 500000, tzinfo=dt.UTC)
    assert (state.serial, state.summary, state.status) == (7, "A tool", ProjectStatus.ACTIVE)


def test_404_means_not_here() -> None:
    assert not reader(serve).project(NormalizedName("acme-tol")).exists


def test_requests_say_who_asks_and_ask_for_json() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return serve(request)

    reader(answer).project(NAME)
    assert all("security@acme.example" in request.headers["user-agent"] for request in seen)
    assert seen[0].headers["accept"].startswith("application/vnd.pypi.simple.v1+json")
    assert {request.method for request in seen} == {"GET"}


@pytest.mark.parametrize(("word", "status"), [("archived", "archived"), ("sealed-by-the-future", "unknown")])
def test_status_markers(word: str, status: str) -> None:
    state = reader(lambda _: httpx.Response(200, json=PAGE | {"project-status": {"status": word}} | DETAILS)).project(
        NAME
    )
    assert state.status == status


def test_a_project_without_a_release_shows_no_owner() -> None:
    state = reader(
        lambda request: httpx.Response(404) if "json" in request.url.path else httpx.Response(200, json=PAGE)
    ).project(NAME)
    assert state.exists
    assert state.ownership is None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<h1>Please log in to the hotel's network</h1>"),
        httpx.Response(200, content=b"{", headers={"content-type": "application/json"}),
        httpx.Response(200, content=b"[" * 100_000, headers={"content-type": "application/json"}),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"name": "another-name", "files": []}),
        httpx.Response(200, json={"name": "acme-tool", "files": [{"filename": "x"}]}),
        httpx.Response(200, json={"name": "acme-tool", "files": None}),
        httpx.Response(200, json=PAGE | DETAILS | {"ownership": {"organization": {}, "roles": []}}),
        httpx.Response(200, json=PAGE | {"name": "acme-tool", "files": [PAGE["files"][0] | {"upload-time": 3}]}),
        httpx.Response(200, json=PAGE | {"files": [PAGE["files"][0] | {"upload-time": "9999-12-31T23:59:59-23:00"}]}),
        answered(PAGE | DETAILS | {"info": {"summary": "\ud800"}}),
        httpx.Response(403),
        httpx.Response(302, headers={"location": "https://elsewhere.acme.example/"}),
        httpx.Response(302, headers={"location": "/simple/acme-tool/"}),
    ],
)
def test_what_is_no_project_page_is_an_error_not_an_absence(answer: httpx.Response) -> None:
    with pytest.raises(IndexError_):
        reader(lambda _: answer).project(NAME)


def test_times_with_and_without_a_zone_are_all_utc_and_a_size_is_a_number() -> None:
    times = ("2026-11-01T10:00:00", "2026-11-01T12:00:00+02:00", "2026-11-01T10:00:00Z")
    files = [PAGE["files"][0] | {"upload-time": time, "size": "3"} for time in times]
    state = reader(lambda _: httpx.Response(200, json=PAGE | {"files": files})).project(NAME)
    assert {file.uploaded for file in state.files} == {dt.datetime(2026, 11, 1, 10, tzinfo=dt.UTC)}
    assert {file.size for file in state.files} == {None}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def some(shape: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """A mapping with some of these keys; now and then something else."""
    return st.fixed_dictionaries({}, optional=shape) | VALUES


FILE = some(
    {
        "filename": VALUES,
        "hashes": some({"sha256": VALUES}),
        "size": VALUES,
        "url": VALUES,
        "upload-time": VALUES | st.datetimes(timezones=st.none() | st.timezones()).map(str),
    }
)
ROLE = some({"role": VALUES, "user": VALUES})
ANSWER = st.fixed_dictionaries(
    {"name": st.just("acme-tool"), "files": st.lists(FILE, max_size=3)},
    optional={
        "meta": some({"_last-serial": VALUES}),
        "project-status": some({"status": VALUES}),
        "info": some({"summary": VALUES, "project_urls": VALUES, "requires_dist": VALUES}),
        "ownership": some({"organization": VALUES, "roles": st.lists(ROLE, max_size=2) | VALUES}),
    },
)


@given(ANSWER)
def test_whatever_json_an_index_answers_it_is_a_state_that_can_be_kept_or_our_error(answer: dict[str, Any]) -> None:
    try:
        state = reader(lambda _: answered(answer)).project(NAME)
    except IndexError_:
        return
    min((file.uploaded for file in state.files if file.uploaded), default=None)
    assert hash(state) == hash(state)
    assert documents.dump("state", state).encode()


def test_redirects_on_the_same_host_are_followed() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/simple/acme-tool/":
            return httpx.Response(301, headers={"location": "/moved/"})
        return httpx.Response(200, json=PAGE | DETAILS)

    assert reader(answer).project(NAME).exists


@pytest.mark.parametrize("first", [503, 408, 520, 524, 530])
def test_passing_errors_are_asked_again_with_growing_pauses(first: int) -> None:
    naps: list[float] = []
    answers = iter([httpx.Response(first), httpx.Response(429), httpx.Response(404)])
    assert not reader(lambda _: next(answers), naps=naps).project(NAME).exists
    assert naps == sorted(naps)
    assert len(naps) == 2


@pytest.mark.parametrize(
    ("headers", "pauses", "told"),
    [
        ({"retry-after": "7"}, [7.0, 7.0], ""),
        ({"retry-after": "1"}, [2.0, 4.0], ""),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}, [30.0, 30.0], ""),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}, [2.0, 4.0], ""),
        # A person waits: what asks for more than a minute is told, and isn't asked again.
        ({"retry-after": "3600"}, [], "60 minutes"),
        ({"retry-after": "Wed, 25 Nov 2026 12:00:00 GMT", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}, [], "3 days"),
        # Without the server's own time this machine's counts.
        ({"retry-after": "Fri, 31 Dec 9999 12:00:00 GMT"}, [], "36,525 days"),
        ({"retry-after": "9999999999"}, [], "36,525 days"),
        ({"retry-after": "9" * 400}, [], "36,525 days"),
        ({"retry-after": "7, 7"}, [7.0, 7.0], ""),
        ({"retry-after": "7.5"}, [7.0, 7.0], ""),
        ({"retry-after": "soon"}, [2.0, 4.0], ""),
        ({"retry-after": "-5"}, [2.0, 4.0], ""),
    ],
)
def test_retry_after_is_obeyed_in_both_forms_within_a_bound(
    headers: dict[str, str], pauses: list[float], told: str
) -> None:
    naps: list[float] = []
    busy = reader(lambda _: httpx.Response(503, headers=headers), naps=naps)
    with pytest.raises(IndexError_) as caught:
        busy.project(NAME)
    assert naps == pauses
    assert caught.value.message.partition("wants us back in ")[2] == told


@pytest.mark.parametrize(
    ("kind", "pauses", "told"),
    [
        (httpx.ConnectError, 1, "it can't be reached"),
        (httpx.ConnectTimeout, 1, "it can't be reached"),
        (httpx.ReadError, 2, "the connection broke off"),
        (httpx.ReadTimeout, 2, "it went silent"),
        (httpx.RemoteProtocolError, 2, "its answer was cut off, or is no HTTP"),
    ],
)
def test_a_lost_connection_ends_in_our_error_after_the_attempts(
    kind: type[httpx.HTTPError], pauses: int, told: str
) -> None:
    naps: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        raise kind("a text from below")

    with pytest.raises(IndexError_) as caught:
        reader(answer, naps=naps).project(NAME)
    assert f"{told} ({kind.__name__})" in caught.value.message
    assert "a text from below" not in caught.value.message
    assert len(naps) == pauses


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "hunter2")
    error.verify_code = code
    return error


def tls_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "hunter2")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (socket.gaierror(-2, "hunter2"), "(ConnectError: no address is known for that name)"),
        (ConnectionRefusedError(111, "hunter2"), "(ConnectError: nothing takes connections there)"),
        (TimeoutError("hunter2"), "(ConnectError)"),
        (tls_error("WRONG_VERSION_NUMBER"), "(ConnectError: TLS ended with WRONG_VERSION_NUMBER)"),
        (tls_error("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "it wants a certificate of this machine's"),
        (verification(10), "its certificate isn't valid at this time (look at this machine's clock"),
        (verification(62), "its certificate is for another host ("),
        (verification(19), "its certificate isn't trusted here (name your company's certificates in SSL_CERT_FILE"),
    ],
    ids=["dns", "refused", "timeout", "no-tls", "client-certificate", "expired", "other-host", "untrusted"],
)
def test_a_connection_that_fails_is_told_by_what_is_behind_it(cause: OSError, said: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("hunter2") from cause

    with pytest.raises(IndexError_) as caught:
        reader(answer).project(NAME)
    assert said in caught.value.message
    assert "hunter2" not in caught.value.message


def test_the_size_of_an_answer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namehold.index.access.http.MAX_PAGE_BYTES", 1000)
    with pytest.raises(IndexError_, match="larger"):
        reader(lambda _: httpx.Response(200, json=PAGE | {"more": "x" * 1000})).project(NAME)


class Packed(httpx.SyncByteStream):
    """A body as it is sent."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


def packed(content: bytes, coding: str) -> httpx.Response:
    headers = {"content-type": "application/json", "content-encoding": coding}
    return httpx.Response(200, headers=headers, stream=Packed(content))


def test_pages_are_asked_for_packed_and_read_unpacked() -> None:
    page = gzip.compress(json.dumps(PAGE | DETAILS).encode())

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "gzip"
        return packed(page, "gzip")

    assert reader(answer).project(NAME).summary == "A tool"


@pytest.mark.parametrize(
    ("coding", "times", "problem"), [("gzip", 1, "larger than 1000 bytes"), ("gzip, gzip", 2, "wasn't asked for")]
)
def test_a_small_answer_can_not_grow_without_bounds(coding: str, times: int, problem: str) -> None:
    content = bytes(100_000_000)
    for _ in range(times):
        content = gzip.compress(content, compresslevel=1)
    tracemalloc.start()
    try:
        with pytest.raises(IndexError_, match=problem):
            reader(lambda _: packed(content, coding)).get(PROFILE.simple, max_bytes=1000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize("coding", ["GZIP", "x-gzip", " gzip "])
def test_a_coding_is_known_by_each_of_its_names(coding: str) -> None:
    page = gzip.compress(json.dumps(PAGE | DETAILS).encode())
    assert reader(lambda _: packed(page, coding)).project(NAME).summary == "A tool"


def test_a_file_is_taken_as_it_is_sent() -> None:
    """Web servers that go by a file's ending call an sdist's own compression the answer's coding."""
    asked: list[str] = []
    sdist = gzip.compress(b"an archive")

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return packed(sdist, "x-gzip")

    address = f"{PROFILE.simple}acme_tool-1.0.tar.gz"
    assert reader(answer).get(address, max_bytes=1000, as_file=True).content == sdist
    assert asked == ["identity"]


@pytest.mark.parametrize("form", ["application/JSON", "Application/vnd.PyPI.simple.v1+JSON; Charset=UTF-8"])
def test_a_media_type_may_be_written_in_any_case(form: str) -> None:
    content = json.dumps(PAGE | DETAILS).encode()
    state = reader(lambda _: httpx.Response(200, content=content, headers={"content-type": form})).project(NAME)
    assert [item.filename for item in state.files] == ["acme_tool-1.0.tar.gz"]


def test_the_indexs_time_is_that_of_the_server_that_takes_uploads() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/up/"
        return httpx.Response(405, headers={"date": "Sun, 22 Nov 2026 12:00:00 GMT"})

    assert reader(answer).now() == dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 99 Nov 2026 12:00:00 GMT", "2026-11-28T10:00:00Z"])
def test_only_the_public_index_has_to_tell_a_time_that_can_be_read(date: str) -> None:
    """A private one that doesn't gets this machine's."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(405, headers={"date": date} if date else {})

    public = HttpIndex(profile("testpypi"), contact="", transport=httpx.MockTransport(answer))
    with pytest.raises(IndexError_, match="no date"):
        public.now()
    before = dt.datetime.now(dt.UTC)
    assert before <= reader(answer).now() <= dt.datetime.now(dt.UTC)


def test_a_contact_can_not_break_the_header() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["user-agent"])
        return httpx.Response(404)

    HttpIndex(PROFILE, contact="me\r\nX-Evil: 1 \u202e", transport=httpx.MockTransport(answer)).project(NAME)
    assert "\n" not in seen[0]


def test_429_is_told_from_a_page_that_fails() -> None:
    with pytest.raises(IndexBusy):
        reader(lambda _: httpx.Response(429)).project(NAME)
    with pytest.raises(IndexError_) as caught:
        reader(lambda _: httpx.Response(500)).project(NAME)
    assert not isinstance(caught.value, IndexBusy)

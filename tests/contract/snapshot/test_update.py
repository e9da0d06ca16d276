"""Downloads of the list of all names, against a real server that does what servers do on a bad day."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import pytest
from packaging.utils import NormalizedName
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from namehold.errors import IndexError_, SnapshotError
from namehold.index.access.policy import Patience
from namehold.index.model import IndexProfile
from namehold.snapshot.file import Snapshot
from namehold.snapshot.store import SnapshotStore, Stored

TODAY = dt.date(2026, 11, 20)
JSON_FORM = "application/vnd.pypi.simple.v1+json"
QUICK = Patience(silence_s=5.0, total_s=60.0, waits_s=(1.0, 2.0))


def document(*names: str) -> bytes:
    projects = [{"name": name, "_last-serial": 1} for name in names]
    return json.dumps({"meta": {"api-version": "1.4", "_last-serial": 9}, "projects": projects}).encode()


def answer(*names: str, etag: str = '"one"') -> Response:
    return Response(
        document(*names),
        content_type=JSON_FORM,
        headers={"ETag": etag},
    )


class ListServer:
    """Serves `/simple/` on loopback with whatever `respond` returns, and remembers who asked."""

    def __init__(self) -> None:
        self.respond: Callable[[Request], Response] = lambda _: answer("acme-tool", "acme-robotics-sdk", "zz")
        self.requests: list[Request] = []
        self.date = "Wed, 18 Nov 2026 23:30:00 GMT"

        outer = self

        class Dated(WSGIRequestHandler):
            def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 -- http.server's
                return outer.date

        self._server = make_server(
            "127.0.0.1", 0, Request.application(self._answer), threaded=True, request_handler=Dated
        )
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def profile(self) -> IndexProfile:
        return IndexProfile(
            nickname="rehearsal",
            upload="",
            simple=f"http://127.0.0.1:{self._server.port}/simple/",
            json="",
            is_public=False,
            is_loopback=True,
            shows_ownership=True,
            has_similarity_rule=True,
            has_stdlib_rule=True,
            quota=None,
        )

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        if request.path != "/simple/":
            return Response("no such page", status=404)
        return self.respond(request)


@pytest.fixture
def server() -> Iterator[ListServer]:
    with ListServer() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path)


class Pauses:
    """A clock that nobody waits for."""

    def __init__(self) -> None:
        self.taken_s: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.taken_s.append(seconds)


def update(
    store: SnapshotStore,
    server: ListServer,
    *,
    patience: Patience = QUICK,
    sleep: Callable[[float], None] | None = None,
) -> Stored:
    return store.update(
        server.profile, contact="security@acme.example", today=TODAY, patience=patience, sleep=sleep or Pauses()
    )


def kept(store: SnapshotStore) -> Snapshot:
    snapshot = store.open("rehearsal")
    assert snapshot is not None
    return snapshot


def test_a_download_is_kept_with_serial_etag_and_the_index_own_date(store: SnapshotStore, server: ListServer) -> None:
    stored = update(store, server)
    assert stored.changed
    info = kept(store).info
    assert info == stored.info
    assert (info.count, info.serial, info.etag, info.complete) == (3, 9, '"one"', True)
    assert info.taken == dt.date(2026, 11, 18)
    assert info.source == server.profile.simple
    assert kept(store).existing([NormalizedName("acme-tool")]) == {"acme-tool"}


def test_a_wrong_clock_out_there_makes_no_list_young_for_ever(store: SnapshotStore, server: ListServer) -> None:
    server.date = "Sat, 01 Jan 2050 00:00:00 GMT"
    elsewhere = replace(server.profile, is_loopback=False)
    assert store.update(elsewhere, contact="x", today=TODAY).info.taken == TODAY


def test_the_request_says_what_it_wants_and_who_asks(store: SnapshotStore, server: ListServer) -> None:
    store.update(server.profile, contact="Acme\r\nX-Evil: 1 <security@acme.example>", today=TODAY, sleep=Pauses())
    (request,) = server.requests
    assert request.headers["Accept"].startswith(f"{JSON_FORM}, ")
    assert request.headers["User-Agent"].startswith("namehold/")
    assert "security@acme.example" in request.headers["User-Agent"]
    assert "X-Evil" not in request.headers
    assert "If-None-Match" not in request.headers


def test_an_unchanged_list_is_only_dated_anew(store: SnapshotStore, server: ListServer) -> None:
    update(store, server)

    def unchanged(request: Request) -> Response:
        assert request.headers["If-None-Match"] == '"one"'
        return Response(status=304, headers={"ETag": '"one"'})

    server.respond = unchanged
    server.date = "Fri, 20 Nov 2026 08:00:00 GMT"
    stored = update(store, server)
    assert not stored.changed
    assert kept(store).info.taken == dt.date(2026, 11, 20)
    assert kept(store).info.count == 3
    kept(store).verify()


def test_a_kept_list_that_was_changed_is_downloaded_anew(store: SnapshotStore, server: ListServer) -> None:
    update(store, server)
    path = store.path("rehearsal")
    path.write_bytes(path.read_bytes().replace(b"acme-tool\n", b"acme-toil\n", 1))

    def respond(request: Request) -> Response:
        return Response(status=304) if "If-None-Match" in request.headers else answer("acme-tool", "zz")

    server.respond = respond
    assert update(store, server).changed
    kept(store).verify()
    assert list(kept(store).names()) == ["acme-tool", "zz"]


def test_an_answer_in_another_form_than_an_indexs_is_no_list(store: SnapshotStore, server: ListServer) -> None:
    """A file may hold a name a line; a server that says one word says something else than its names."""
    server.respond = lambda _: Response("maintenance", content_type="text/plain")
    with pytest.raises(SnapshotError, match="neither JSON nor HTML") as caught:
        update(store, server)
    assert "address" in caught.value.fix


def test_a_list_from_a_file_is_never_taken_for_the_downloaded_one(
    store: SnapshotStore, server: ListServer, tmp_path: Path
) -> None:
    update(store, server)
    (tmp_path / "names.txt").write_text("acme-tool\nzz\n")
    store.import_file(tmp_path / "names.txt", index="rehearsal")
    update(store, server)
    assert "If-None-Match" not in server.requests[-1].headers


def test_a_compressed_answer_is_unpacked_and_progress_counts_what_came(
    store: SnapshotStore, server: ListServer
) -> None:
    packed = gzip.compress(document(*(f"acme-{number}" for number in range(5000))))

    def respond(_: Request) -> Response:
        return Response(packed, content_type=JSON_FORM, headers={"Content-Encoding": "gzip"})

    server.respond = respond
    told: list[tuple[int, int | None]] = []
    store.update(
        server.profile,
        contact="x",
        today=TODAY,
        sleep=Pauses(),
        progress=lambda done, total: told.append((done, total)),
    )
    assert kept(store).info.count == 5000
    assert told[-1] == (len(packed), len(packed))


def cut_off(_: Request) -> Response:
    response = answer("acme-tool", "other", "zz")
    response.headers["Content-Length"] = str(int(response.headers["Content-Length"]) + 100)
    return response


def cut_json(_: Request) -> Response:
    return Response(document("acme-tool", "other")[:-5], content_type=JSON_FORM)


def half_gone(_: Request) -> Response:
    return answer("acme-tool", etag='"two"')


def html(_: Request) -> Response:
    return Response("<!DOCTYPE html><form><input></form><a href='acme-tool/'>acme-tool</a>", content_type="text/html")


def forbidden(_: Request) -> Response:
    return Response("no", status=403)


def moved(_: Request) -> Response:
    return Response(status=302, headers={"Location": "/elsewhere/"})


def garbage(_: Request) -> Response:
    return Response(document("-", "--", "a"), content_type=JSON_FORM)


def bad_gzip(_: Request) -> Response:
    return Response(b"not gzip", content_type=JSON_FORM, headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize("respond", [cut_off, cut_json, half_gone, html, forbidden, moved, garbage, bad_gzip])
def test_a_bad_answer_leaves_the_old_list_and_nothing_else(
    store: SnapshotStore, server: ListServer, respond: Callable[[Request], Response], tmp_path: Path
) -> None:
    update(store, server)
    server.respond = respond
    with pytest.raises((IndexError_, SnapshotError)) as caught:
        update(store, server)
    assert caught.value.fix
    assert kept(store).info.count == 3
    assert kept(store).info.etag == '"one"'
    assert [path.name for path in tmp_path.iterdir()] == ["rehearsal.names"]


def test_a_list_that_is_really_so_small_now_is_taken_on_a_persons_word(
    store: SnapshotStore, server: ListServer
) -> None:
    update(store, server)
    server.respond = half_gone
    with pytest.raises(SnapshotError) as refused:
        update(store, server)
    assert "namehold snapshot update --smaller" in refused.value.fix
    store.update(server.profile, contact="x", today=TODAY, may_shrink=True, patience=QUICK, sleep=Pauses())
    assert kept(store).info.count == 1


def test_a_server_that_is_busy_is_asked_again_after_a_pause(store: SnapshotStore, server: ListServer) -> None:
    statuses = [503, 429]

    def busy(_: Request) -> Response:
        return Response(status=statuses.pop()) if statuses else answer("acme-tool")

    server.respond = busy
    pauses = Pauses()
    assert update(store, server, sleep=pauses).info.count == 1
    assert pauses.taken_s == [1.0, 2.0]


def test_a_connection_that_ends_early_is_tried_again(store: SnapshotStore, server: ListServer) -> None:
    answers = [half_gone, cut_off]

    def next_answer(request: Request) -> Response:
        return answers.pop()(request)

    server.respond = next_answer
    assert update(store, server).info.count == 1
    assert len(server.requests) == 2


def test_attempts_are_bounded(store: SnapshotStore, server: ListServer) -> None:
    server.respond = lambda _: Response(status=500)
    pauses = Pauses()
    with pytest.raises(IndexError_, match="3 attempts"):
        update(store, server, sleep=pauses)
    assert len(server.requests) == 3
    assert pauses.taken_s == [1.0, 2.0]


def test_a_silent_server_is_given_up(store: SnapshotStore, server: ListServer) -> None:
    done = threading.Event()

    def silent(_: Request) -> Response:
        done.wait(30)
        return answer("acme-tool")

    server.respond = silent
    with pytest.raises(IndexError_, match="ReadTimeout"):
        update(store, server, patience=Patience(silence_s=0.05, waits_s=()))
    done.set()


def test_a_drip_that_never_ends_is_given_up(store: SnapshotStore, server: ListServer) -> None:
    stop = threading.Event()

    def drip(_: Request) -> Response:
        def chunks() -> Iterator[bytes]:
            while not stop.wait(0.001):
                yield b" "

        return Response(chunks(), content_type=JSON_FORM)

    server.respond = drip
    try:
        with pytest.raises(IndexError_, match="took longer"):
            update(store, server, patience=Patience(total_s=0.05, waits_s=()))
    finally:
        stop.set()


def test_a_list_without_end_is_given_up(
    store: SnapshotStore, server: ListServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("namehold.snapshot.store.MAX_LIST_BYTES", 1000)
    server.respond = lambda _: answer(*(f"acme-{number}" for number in range(100)))
    with pytest.raises(IndexError_, match="larger than"):
        update(store, server)


def test_nobody_listens(store: SnapshotStore) -> None:
    with ListServer() as gone:
        pass
    with pytest.raises(IndexError_, match="ConnectError"):
        update(store, gone)


def test_a_damaged_snapshot_is_mended(store: SnapshotStore, server: ListServer) -> None:
    update(store, server)
    store.path("rehearsal").write_bytes(b"broken")
    assert update(store, server).info.count == 3


def test_a_new_index_may_be_empty(store: SnapshotStore, server: ListServer) -> None:
    server.respond = lambda _: answer()
    assert update(store, server).info.count == 0


def test_offline_asks_only_this_machine(store: SnapshotStore, server: ListServer) -> None:
    assert store.update(server.profile, contact="x", today=TODAY, offline=True).info.count == 3
    elsewhere = IndexProfile(
        nickname="private",
        upload="",
        simple="https://index.acme.example/simple/",
        json="",
        is_public=False,
        is_loopback=False,
        shows_ownership=False,
        has_similarity_rule=False,
        has_stdlib_rule=False,
        quota=None,
    )
    with pytest.raises(IndexError_, match="offline"):
        store.update(elsewhere, contact="x", today=TODAY, offline=True)


def test_proxies_of_the_environment_are_not_asked_about_this_machine(
    store: SnapshotStore, server: ListServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert update(store, server).info.count == 3

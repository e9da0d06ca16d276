"""A page of an index directs no request to where it likes: files lie where an index's files may lie."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest
from packaging.utils import NormalizedName
from tests.harness.raw_server import answering, server

from namehold import rehearsal
from namehold.errors import IndexError_
from namehold.evidence.package_files import discover_package
from namehold.index.access.http import HttpIndex
from namehold.index.access.policy import Patience
from namehold.index.access.remote import open_remote, read_metadata_beside
from namehold.index.model import IndexFile, IndexProfile
from namehold.placeholder.claim import judge_name
from namehold.rehearsal import views
from namehold.rehearsal.running import RunningIndex

TOL = NormalizedName("acme-tol")
BASE = "https://index.corp.test"
ANSWER = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture
def index() -> Iterator[RunningIndex]:
    with rehearsal.start() as running:
        yield running


@pytest.mark.parametrize("path", ["admin/delete?all=1", "acme_tol-1.0-py3-none-any.whl"])
def test_a_page_cant_make_anyone_ask_another_server(
    index: RunningIndex, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.state.add_project(TOL, owner="stranger")
    with server(ANSWER) as (address, requests):
        monkeypatch.setattr(views, "_url", lambda *_: address.replace("legacy/", path))
        with HttpIndex(index.profile, contact="x") as reader:
            assert reader.project(TOL).files
            with pytest.raises(IndexError_, match="where none of its files may lie"):
                discover_package(TOL, web=reader, simple=index.simple_url, now=dt.datetime.now(dt.UTC))
            judged = judge_name(TOL, index=reader, web=reader, profile=index.profile)
    assert not requests
    assert {finding.rule for file in judged.files for finding in file.form} == {"form-size"}


def profile_of(kind: str) -> IndexProfile:
    with rehearsal.start() as running:
        found = running.profile
    return replace(
        found,
        simple=f"{BASE}/simple/",
        json="",
        is_public=kind == "public",
        is_loopback=False,
        file_hosts=("files.corp.test",) if kind == "named" else (),
    )


def asked(kind: str, address: str) -> list[str]:
    """What is asked for where a page of an index says that a file lies at an address."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, content=b"PK")

    reader = HttpIndex(
        profile_of(kind), contact="x", patience=Patience(waits_s=()), transport=httpx.MockTransport(answer)
    )
    file = IndexFile(filename="acme_tol-1.0-py3-none-any.whl", sha256="", url=address, has_metadata=True)
    for read in (open_remote, read_metadata_beside):
        call: Callable[[IndexFile, Any], object] = read
        with suppress(IndexError_):
            call(file, reader)
    return seen


OWN = f"{BASE}/files/acme_tol-1.0-py3-none-any.whl"
OTHER = "https://files.corp.test/ab/acme_tol-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("kind", "address"),
    [("public", OWN), ("private", OWN), ("named", OWN), ("public", OTHER), ("named", OTHER), ("private", f"{OWN}?a=b")],
)
def test_where_a_file_may_lie(kind: str, address: str) -> None:
    assert asked(kind, address) == [address, f"{address}.metadata"]


@pytest.mark.parametrize(
    "address",
    [
        "http://files.corp.test/x.whl",
        "https://files.corp.test:8443/x.whl",
        "https://10.0.0.1/x.whl",
        "https://[::1]/x.whl",
        "https://2130706433/x.whl",
        "https://0x7f.1/x.whl",
        "https://intranet/x.whl",
        "https://index.corp.test@files.evil.test/x.whl",
        "https://index.corp.test\\@files.evil.test/x.whl",
        "https://index.corp.test\\.evil.test/x.whl",
        "https://files.corp.test%2eevil.test/x.whl",
        "https://fil\u0435s.corp.test/x.whl",
        "http://index.corp.test/x.whl",
        "file:///etc/passwd",
        "ftp://files.corp.test/x.whl",
        "//",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["public", "private", "named"])
def test_where_none_may_lie(kind: str, address: str) -> None:
    assert asked(kind, address) == []


def test_a_query_is_for_the_index_itself_and_for_hosts_that_were_named() -> None:
    address = f"{OTHER}?delete=all"
    assert asked("public", address) == []
    assert asked("named", address)[0] == address


@pytest.mark.parametrize("address", [OTHER, "https://files.corp.test.evil.test/x.whl", "https://corp.test/x.whl"])
def test_a_private_indexs_files_lie_with_it_or_on_a_named_host(address: str) -> None:
    assert asked("private", address) == []
    assert bool(asked("named", address)) is (address == OTHER)

"""Both forms of the simple interface give the same facts; what is neither gives none."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import xmlrpc.client
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from tests.harness.values import PROFILE

from namehold.errors import IndexError_, InputError, SnapshotError
from namehold.evidence.package_files import discover_package
from namehold.index.access.http import HttpIndex
from namehold.index.access.policy import Patience
from namehold.index.model import Fetched, IndexChoice, ProjectStatus
from namehold.index.pages import ProjectPage, parse_names, parse_page, state_of
from namehold.index.profiles import private_profile
from namehold.portfolio.packages import SurfaceKind
from namehold.snapshot.lists import parse_list

TOOL = NormalizedName("acme-tool")
_NOW = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
HOUSE = private_profile(
    IndexChoice(upload="https://index.house/", simple="https://index.house/simple/", json="https://index.house/pypi/"),
    nickname="house",
)
PAGE = """<!DOCTYPE html><html><head><meta name="pypi:project-status" content="archived"></head><body>
<a href="../../packages/acme_tool-1.0-py3-none-any.whl#sha256=abc">acme_tool-1.0-py3-none-any.whl</a><br>
<a href="/packages/acme_tool-0.9.tar.gz#md5=def" data-yanked="broken">acme_tool-0.9.tar.gz</a>
<a href="/login">Log in</a></body></html>"""


def reader(content: str, content_type: str = "text/html", *, profile: Any = HOUSE, status: int = 200) -> HttpIndex:
    def answer(request: httpx.Request) -> httpx.Response:
        if "/pypi/" in str(request.url) or "/packages/" in str(request.url):
            return httpx.Response(404)
        return httpx.Response(status, text=content, headers={"content-type": content_type})

    return HttpIndex(
        profile, contact="a@acme.example", patience=Patience(waits_s=()), transport=httpx.MockTransport(answer)
    )


def test_links_become_files_with_digests() -> None:
    page = parse_page(PAGE.encode(), name=TOOL, address="https://index.house/simple/acme-tool/")
    assert [(item.filename, item.sha256, item.is_yanked) for item in page.files] == [
        ("acme_tool-1.0-py3-none-any.whl", "abc", False),
        ("acme_tool-0.9.tar.gz", "", True),
    ]
    assert page.status is ProjectStatus.ARCHIVED


def test_an_index_of_ones_own_may_have_the_html_form_only() -> None:
    with reader(PAGE) as index:
        state = index.project(TOOL)
    assert (state.exists, state.status, state.ownership) == (True, "archived", None)
    assert [(item.filename, item.sha256) for item in state.files] == [
        ("acme_tool-1.0-py3-none-any.whl", "abc"),
        ("acme_tool-0.9.tar.gz", ""),
    ]
    assert state.files[0].url == "https://index.house/packages/acme_tool-1.0-py3-none-any.whl"


def page_of(content: str, encoding: str = "utf-8") -> ProjectPage:
    return parse_page(content.encode(encoding), name=TOOL, address="https://index.house/simple/acme-tool/")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize(
    "content",
    [PAGE, '{"name": "acme-tool", "files": [{"filename": "acme_tool-1.0.zip", "url": "x", "hashes": {}}]}'],
    ids=["html", "json"],
)
def test_a_byte_order_mark_is_no_part_of_a_page(content: str, encoding: str) -> None:
    assert page_of(content, encoding) == page_of(content)
    assert page_of(content, encoding).files


@pytest.mark.parametrize("version", ["2.0", "10", "0.9", "tomorrow"])
def test_a_page_of_another_version_of_the_interface_is_not_read(version: str) -> None:
    """A later one may mean anything by the same words (PEP 629)."""
    as_html = f'<meta name="pypi:repository-version" content="{version}">{PAGE}'
    as_json = json.dumps({"meta": {"api-version": version}, "name": "acme-tool", "files": []})
    for content in (as_html, as_json):
        with pytest.raises(IndexError_, match="namehold knows version 1") as caught:
            page_of(content)
        # To try again changes nothing.
        assert caught.value.fix.startswith("use a newer namehold")


def test_a_later_version_that_changes_nothing_old_is_read() -> None:
    assert page_of(f'<meta name="pypi:repository-version" content="1.99">{PAGE}').files


@pytest.mark.parametrize(
    ("fragment", "digest"),
    [
        ("#sha256=AB", "ab"),
        ("#egg=acme-tool&sha256=ab", "ab"),
        ("#sha256=ab&amp;egg=acme-tool", "ab"),
        ("#md5=cd", ""),
        ("#", ""),
        ("", ""),
    ],
)
def test_a_digest_stands_anywhere_in_a_links_fragment(fragment: str, digest: str) -> None:
    (file,) = page_of(f'<a href="acme_tool-1.0.tar.gz{fragment}">acme_tool-1.0.tar.gz</a>').files
    assert file.sha256 == digest


@pytest.mark.parametrize(
    ("hashes", "digest"), [({"sha256": "AB"}, "ab"), ({"sha256": None}, ""), ({}, ""), (None, ""), ({"sha256": 7}, "")]
)
def test_a_digest_is_small_hexadecimal_or_not_told(hashes: object, digest: str) -> None:
    files = [{"filename": "acme_tool-1.0.tar.gz", "url": "x", "hashes": hashes}]
    (file,) = page_of(json.dumps({"name": "acme-tool", "files": files})).files
    assert file.sha256 == digest


@pytest.mark.parametrize(
    ("item", "has_metadata"),
    [
        ({"core-metadata": {"sha256": "ab"}}, True),
        ({"core-metadata": False, "dist-info-metadata": True}, True),
        ({"data-dist-info-metadata": True}, True),
        ({"core-metadata": "false"}, False),
        ({"core-metadata": {}}, False),
        ({}, False),
    ],
)
def test_a_files_metadata_is_offered_under_each_of_its_keys(item: dict[str, object], *, has_metadata: bool) -> None:
    files = [{"filename": "acme_tool-1.0.tar.gz", "url": "x", "hashes": {}, **item}]
    (file,) = page_of(json.dumps({"name": "acme-tool", "files": files})).files
    assert file.has_metadata == has_metadata


@pytest.mark.parametrize("value", ["true", "sha256=ab", "false", ""])
def test_a_link_offers_metadata_unless_it_says_that_there_is_none(value: str) -> None:
    (file,) = page_of(f'<a href="acme_tool-1.0.tar.gz" data-core-metadata="{value}">x</a>').files
    assert file.has_metadata == (value not in {"false", ""})


@pytest.mark.parametrize("time", ["Sat, 28 Nov 2026 10:00:00 GMT", "2026-11-28 10:00:00 UTC", "2026-06-30T23:59:60Z"])
def test_an_upload_time_in_another_form_is_not_told(time: str) -> None:
    files = [{"filename": "acme_tool-1.0.tar.gz", "url": "x", "hashes": {}, "upload-time": time}]
    (file,) = page_of(json.dumps({"name": "acme-tool", "files": files})).files
    assert file.uploaded is None


@pytest.mark.parametrize(
    "filename",
    [
        *("acme_tool-1.0.tar.bz2", "acme-tool-1.0.tgz", "acme_tool-1.0-py2.7.egg", "acme-tool-1.0.win32.exe"),
        *("acme-tool-1.0-1.noarch.rpm", "ACME_TOOL-1.0.TAR.GZ", "acme-tool-1.0.tar.Z"),
    ],
)
def test_a_project_with_older_kinds_of_files_is_there(filename: str) -> None:
    assert [file.filename for file in page_of(f'<a href="/f/{filename}">{filename}</a>').files] == [filename]


@pytest.mark.parametrize(
    "content",
    [
        "<!DOCTYPE html><title>Links for acme-tool</title><h1>Links for acme-tool</h1>",
        "<html><title>jo/dev: links for Acme.Tool</title><h1>jo/dev: links for Acme.Tool</h1></html>",
        '<html><meta name="pypi:repository-version" content="1.0"><body></body></html>',
        '<html><title>Index of /simple/acme-tool</title><a href="?C=N;O=D">Name</a><a href="/">Up</a></html>',
        "<title>Directory listing for /simple/acme-tool/</title>",
    ],
)
def test_a_project_without_files_is_there(content: str) -> None:
    assert page_of(content).files == ()


@pytest.mark.parametrize(
    "content",
    [
        "<title>Links for other-tool</title>",
        "<title>Index of /simple/other-tool</title>",
        "<title>Links for acme-tool</title><form><input name=user></form>",
        "<html><body>Welcome</body></html>",
    ],
)
def test_another_page_without_files_is_none_of_the_project(content: str) -> None:
    with pytest.raises(IndexError_, match=r"lists no file.*log-in page"):
        page_of(content)


def test_a_log_in_page_is_no_project() -> None:
    with reader("<html><a href='/login'>acme-tool: log in</a></html>") as index, pytest.raises(IndexError_):
        index.project(TOOL)


def test_a_public_index_has_to_speak_json() -> None:
    with reader(PAGE, profile=PROFILE) as index, pytest.raises(IndexError_, match="something else than JSON"):
        index.project(TOOL)


def test_a_declaration_that_no_parser_knows_hides_no_file() -> None:
    content = b"<a href=x>acme_tool-1.0.tar.gz</a><![foo bar>"
    page = parse_page(content, name=TOOL, address="https://index.house/simple/acme-tool/")
    assert [file.filename for file in page.files] == ["acme_tool-1.0.tar.gz"]


@pytest.mark.parametrize("part", ["[],", "{},", '"ab",', "1,"])
def test_a_small_page_of_very_many_values_is_not_read(part: str) -> None:
    content = '{"name": "acme-tool", "files": [], "x": [' + part * 1_500_000 + "0]}"
    with pytest.raises(IndexError_, match="more than any project's page"):
        parse_page(content.encode(), name=TOOL, address="https://index.house/simple/acme-tool/")


@pytest.mark.parametrize("half", [b"\\ud800", b"\\uDFFF", b"\xed\xa0\x80"])
def test_half_a_character_is_a_damaged_page(half: bytes) -> None:
    content = b'{"name": "acme-tool", "files": [], "project-status": {"status": "' + half + b'"}}'
    with pytest.raises(IndexError_, match="its JSON is damaged"):
        parse_page(content, name=TOOL, address="https://index.house/simple/acme-tool/")


def test_a_page_of_very_many_links_is_not_read() -> None:
    with pytest.raises(IndexError_, match="more than any project's page"):
        parse_page(b"<a>" * 300_000, name=TOOL, address="https://index.house/simple/acme-tool/")


@given(st.text())
def test_html_of_any_content_is_understood_or_refused(text: str) -> None:
    try:
        page = parse_page(f"<{text}".encode(), name=TOOL, address="https://index.house/simple/acme-tool/")
    except IndexError_:
        return
    assert all(file.filename.startswith(("acme", "Acme", "ACME")) for file in page.files)


# --------------------------------------------------------------------------- discovery meets any page


class _Pages:
    """Answers every question with one text."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def get(self, url: str, **_: object) -> Fetched:
        return Fetched(url=url, status=200, headers=(("content-type", "application/json"),), content=self.content)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FILE = st.fixed_dictionaries(
    {},
    optional={
        "filename": st.sampled_from(["acme_tool-1.0.tar.gz", "acme_tool-1-py3-none-any.whl", "x", 7]) | _JSON,
        "url": st.sampled_from(["http://[", "x", "file:///etc/passwd", "//"]) | _JSON,
        "hashes": st.just({}) | _JSON,
        "size": _JSON,
        "yanked": _JSON,
        "upload-time": _JSON,
    },
)


_STATUS = st.fixed_dictionaries({"status": _JSON}) | _JSON


_PAGE = {"name": st.just("acme-tool") | _JSON, "files": st.lists(_FILE | _JSON, max_size=4), "meta": _JSON}


@given(st.fixed_dictionaries(_PAGE | {"project-status": _STATUS}))
def test_a_page_of_any_content_is_understood_or_refused(page: dict[str, Any]) -> None:
    try:
        discover_package(TOOL, web=_Pages(json.dumps(page).encode()), simple="https://index.house/simple/", now=_NOW)
    except (IndexError_, InputError):
        return


class _TooLarge:
    """An index without ranges, whose wheel is beyond the bound, and which serves its metadata (PEP 658)."""

    def get(self, url: str, **_: object) -> Fetched:
        if url.endswith(".whl"):
            raise IndexError_("an answer is larger than 100000000 bytes")
        if url.endswith(".metadata"):
            deep = f"a; {'(' * 900}"
            text = f"Name: acme-tool\nProvides-Extra: vision\nRequires-Dist: {deep}\nRequires-Dist: numpy\n"
            return Fetched(url=url, status=200, headers=(), content=text.encode())
        wheel = {"filename": "acme_tool-1.0-py3-none-any.whl", "url": "a.whl", "hashes": {}, "core-metadata": True}
        page = {"name": "acme-tool", "files": [wheel]}
        headers = (("content-type", "application/json"),)
        return Fetched(url=url, status=200, headers=headers, content=json.dumps(page).encode())


def test_where_a_wheel_is_too_large_its_metadata_tells_what_it_can() -> None:
    found = discover_package(TOOL, web=_TooLarge(), simple="https://index.house/simple/", now=_NOW)
    assert [(item.kind, item.value) for item in found.surfaces] == [(SurfaceKind.EXTRA, "vision")]
    assert found.companions == ("numpy",)


# --------------------------------------------------------------------------- a user's projects


def test_a_requirement_nested_too_deeply_hides_none_of_the_others() -> None:
    page = page_of('{"name": "acme-tool", "files": []}')
    details = {"info": {"requires_dist": ["acme-sdk", f"a; {'(' * 900}os_name == 'a'{')' * 900}", "Rich>=1"]}}
    assert state_of(NormalizedName("acme-tool"), page, details, shows_ownership=False).requires == ("acme-sdk", "rich")


def test_a_users_projects_are_listed_normalized() -> None:
    rows = [["Owner", "Acme_Tool"], ["Maintainer", "acme.sdk"], ["Owner", "acme-tool"]]
    with reader_of_rpc(xmlrpc.client.dumps((rows,), methodresponse=True)) as index:
        assert index.user_packages("acme") == ("acme-sdk", "acme-tool")


@pytest.mark.parametrize(
    ("content", "content_type", "status", "why"),
    [
        ("", "text/xml", 405, "it answered 405"),
        ("<html>", "text/html", 200, "it answered 200"),
        ("<!DOCTYPE x [<!ENTITY a 'a'>]><methodResponse/>", "text/xml", 200, "document type"),
        ("<methodResponse>", "text/xml", 200, "can't be read"),
        (xmlrpc.client.dumps(("text",), methodresponse=True), "text/xml", 200, "can't be read"),
        ("<!DOCTYPE x>".encode("utf-16").decode("latin-1"), "text/xml; charset=latin-1", 200, "UTF-16"),
        ("<a/>" * 300_000, "text/xml", 200, "more than any user's projects"),
        (xmlrpc.client.dumps(xmlrpc.client.Fault(-32500, "limit"), methodresponse=True), "text/xml", 200, "-32500"),
        # A fault's number may be a text, and its text a number.
        (
            xmlrpc.client.dumps(xmlrpc.client.Fault(1, "x"), methodresponse=True)
            .replace("<int>1</int>", "<string>one</string>")
            .replace("<string>x</string>", "<int>2</int>"),
            "text/xml",
            200,
            "with fault$",
        ),
    ],
)
def test_an_index_that_gives_no_list_says_why(content: str, content_type: str, status: int, why: str) -> None:
    with reader_of_rpc(content, content_type, status) as index, pytest.raises(IndexError_, match=why) as caught:
        index.user_packages("acme")
    assert "--from LIST" in caught.value.fix


def test_the_question_is_sent_once() -> None:
    sent: list[httpx.Request] = []
    with reader_of_rpc("", "text/xml", 503, sent=sent) as index, pytest.raises(IndexError_):
        index.user_packages("acme")
    assert [request.method for request in sent] == ["POST"]


def reader_of_rpc(
    content: str, content_type: str = "text/xml", status: int = 200, *, sent: list[httpx.Request] | None = None
) -> HttpIndex:
    def answer(request: httpx.Request) -> httpx.Response:
        if sent is not None:
            sent.append(request)
        return httpx.Response(status, text=content, headers={"content-type": content_type})

    return HttpIndex(HOUSE, contact="a@acme.example", sleep=lambda _: None, transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/login">Login</a>',
        '<a href="https://sso.acme.example/login?next=/simple/">Login</a>',
        '<a href="login">Login</a>',
        '<a href="./sign-in/?next=%2Fsimple">sign-in</a> <a href="help/">Help</a>',
    ],
)
def test_a_log_in_page_without_a_form_is_no_list(link: str) -> None:
    with pytest.raises(IndexError_):
        parse_names(f"<html><body>{link}</body></html>".encode(), address="https://index.acme.example/simple/")


@pytest.mark.parametrize(
    "address",
    ["acme-tool", "acme-tool/", "/simple/acme-tool", "/acme-tool/", "//host/acme-tool/", "acme-tool/index.html"],
)
def test_a_list_names_its_projects_by_folders(address: str) -> None:
    content = f'<html><body><a href="{address}">acme-tool</a></body></html>'.encode()
    assert parse_names(content, address="https://index.acme.example/simple/") == {"acme-tool"}


@pytest.mark.parametrize(
    "content",
    [
        "<title>Links for Acme Group</title><h1>Links for Acme Group</h1>",
        '<title lang="en">Simple Index</title>',
        '<html lang="en">\n<head>\n  <title>Simple Index</title>\n <meta name="api-version" value="2"/></head></html>',
        '<html><title>Index of /simple</title><a href="?C=N;O=D">Name</a> <a href="/">Parent Directory</a></html>',
        '<html><head><title>Index of /simple/</title></head><hr><pre><a href="../">../</a></pre></html>',
        '<title>Directory listing for /simple/</title><ul><li><a href="index.html">index.html</a></li></ul>',
    ],
    ids=["gitlab", "with-a-language", "nexus", "apache", "nginx", "python"],
)
def test_an_index_of_ones_own_may_have_no_project_yet(content: str) -> None:
    assert parse_names(content.encode(), address="https://index.acme.example/simple/") == frozenset()


_CADDY = """<!DOCTYPE html><html><title>simple</title><body><header><h1><a href="">simple</a>/</h1></header>
<main><input type="text" placeholder="Search" id="filter" onkeyup='filter()'><table><tr><td></td><td>
<a href="..">Up</a></td></tr>{}</table></main><a href="https://caddyserver.com">Caddy</a></body></html>"""


def test_a_web_servers_listing_with_a_field_that_filters_it_is_a_list() -> None:
    row = '<tr><td><a href="./acme-tool/"><svg></svg><span class="name">acme-tool/</span></a></td></tr>'
    assert parse_list(_CADDY.format(row).encode(), source="https://index.acme.example/simple/").names == ("acme-tool",)
    with pytest.raises(SnapshotError, match="a log-in page"):
        parse_list(
            _CADDY.replace('id="filter"', 'id="user"').format(row).encode(), source="https://index.acme.example/"
        )


def test_an_empty_one_says_what_an_index_without_a_project_needs() -> None:
    with pytest.raises(SnapshotError, match="an empty folder") as caught:
        parse_list(_CADDY.format("").encode(), source="https://index.acme.example/simple/")
    (meta,) = re.findall("<meta [^>]*>", caught.value.fix)
    assert parse_list(f"{meta}{_CADDY.format('')}".encode(), source="https://index.acme.example/simple/").names == ()


def test_an_index_without_a_list_of_names_says_what_helps() -> None:
    with reader("no such page", status=404) as index, pytest.raises(IndexError_) as caught:
        index.read_names(io.BytesIO(), etag="", max_bytes=1_000, progress=lambda *_: None)
    assert "shows no list of its names: it answered 404" in caught.value.message
    assert "namehold snapshot import FILE" in caught.value.fix

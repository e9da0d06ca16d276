"""Private indexes as they are: passwords, HTML, redirects, other answers for 'not here'."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.credentials import Credential, SimpleCredential
from packaging.utils import NormalizedName

from namehold.errors import ConfigError, IndexError_
from namehold.index.access.cache import KeptAnswers
from namehold.index.access.http import HttpIndex
from namehold.index.access.logins import find_key, read_logins
from namehold.index.access.policy import ClientPolicy, Patience
from namehold.index.access.remote import open_remote
from namehold.index.model import IndexChoice, IndexProfile
from namehold.index.profiles import private_profile, profile

BASE = "https://index.corp.test"
NAME = NormalizedName("acme-tool")
SECRET = "hunter2/x"
LOGIN = {"NAMEHOLD_READ_LOGIN": "https://reader:hunter2%2Fx@index.corp.test/"}
LIST = '<html><body><a href="acme-other/">acme-other</a></body></html>'
HTML = {"content-type": "text/html; charset=utf-8"}

Answer = Callable[[httpx.Request], httpx.Response]


def private(**more: object) -> IndexProfile:
    choice = {"upload": f"{BASE}/", "simple": f"{BASE}/simple/", **more}
    return private_profile(IndexChoice(**choice), nickname="corp")  # type: ignore[arg-type] # values of several types


def reader(
    answer: Answer, *, index: IndexProfile | None = None, environment: Mapping[str, str] | None = None
) -> tuple[HttpIndex, list[str]]:
    said: list[str] = []
    made = HttpIndex(
        index or private(),
        contact="security@corp.test",
        policy=ClientPolicy.read(environment or {}),
        patience=Patience(waits_s=()),
        transport=httpx.MockTransport(answer),
        tell=said.append,
    )
    return made, said


def page(*links: str, head: str = "", **headers: str) -> httpx.Response:
    content = f"<!DOCTYPE html><html><head>{head}</head><body>{''.join(links)}</body></html>".encode()
    return httpx.Response(200, content=content, headers=HTML | headers)


FILE = '<a href="../../files/acme_tool-1.0-py3-none-any.whl#sha256=ab">acme_tool-1.0-py3-none-any.whl</a>'


# --------------------------------------------------------------------------- reading with a password


def guarded(request: httpx.Request) -> httpx.Response:
    """A server that answers 401 without the right user and password."""
    expected = "Basic " + base64.b64encode(f"reader:{SECRET}".encode()).decode()
    if request.headers.get("authorization") != expected:
        return httpx.Response(401, headers={"www-authenticate": "Basic"})
    return page(FILE) if "acme-tool" in request.url.path else httpx.Response(404)


@pytest.mark.parametrize(
    "environment",
    [LOGIN, {"PIP_INDEX_URL": "https://reader:hunter2%2Fx@INDEX.corp.test:443/simple/"}, {
        "PIP_EXTRA_INDEX_URL": "https://other.test/simple https://reader:hunter2%2Fx@index.corp.test/simple"
    }],
)  # fmt: skip
def test_an_index_that_asks_for_a_password_gets_that_of_its_host(environment: dict[str, str]) -> None:
    index, _ = reader(guarded, environment=environment)
    assert index.project(NAME).exists
    assert not index.project(NormalizedName("acme-none")).exists


@pytest.mark.parametrize(
    "address",
    [
        "https://reader:hunter2%2Fx@other.test/",
        "https://reader:hunter2%2Fx@index.corp.test:8443/",
        "http://reader:hunter2%2Fx@index.corp.test/",
        "https://index.corp.test/",
        "reader:hunter2%2Fx",
        "https://reader:hunter2%2Fx@[index/",
    ],
)
def test_a_password_of_another_host_port_or_scheme_is_never_sent(address: str) -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization"))
        return httpx.Response(401)

    index, _ = reader(answer, environment={"NAMEHOLD_READ_LOGIN": address})
    with pytest.raises(IndexError_, match="asks for a user and a password") as caught:
        index.project(NAME)
    assert set(seen) == {None}
    assert "keyring set namehold-read:index.corp.test" in caught.value.fix
    assert "hunter2" not in f"{caught.value.message} {caught.value.fix}"


def test_no_password_is_sent_before_the_host_asks_and_none_to_the_public_index() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization"))
        return page(FILE) if request.url.host == "index.corp.test" else httpx.Response(401)

    assert reader(answer, environment=LOGIN)[0].project(NAME).exists
    public = profile("testpypi")
    host = httpx.URL(public.simple).host
    index, _ = reader(answer, index=public, environment={"NAMEHOLD_READ_LOGIN": f"https://a:hunter2@{host}/"})
    with pytest.raises(IndexError_, match="401"):
        index.project(NAME)
    assert set(seen) == {None}


@pytest.mark.parametrize("hidden", [203, 403, 404])
def test_what_a_host_hides_without_a_word_is_asked_for_with_the_password_of_the_environment(hidden: int) -> None:
    seen: list[bool] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append("authorization" in request.headers)
        found = guarded(request)
        return httpx.Response(hidden) if found.status_code == 401 else found

    index, _ = reader(answer, environment=LOGIN)
    assert index.project(NAME).exists
    assert index.project(NAME).exists
    assert seen == [False, True, True]


def test_a_wrong_password_is_sent_once_and_told_without_it() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("authorization", ""))
        return httpx.Response(401)

    index, _ = reader(answer, environment=LOGIN)
    with pytest.raises(IndexError_, match="none that it takes") as caught:
        index.read_names(io.BytesIO(), etag="", max_bytes=1000, progress=lambda *_: None)
    assert [bool(each) for each in asked] == [False, True]
    assert "hunter2" not in f"{caught.value.message} {caught.value.fix}"


def test_a_password_stays_behind_when_a_file_lies_elsewhere() -> None:
    seen: dict[str, str | None] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        seen[request.url.host] = request.headers.get("authorization")
        if request.url.host == "files.corp.test":
            return httpx.Response(200, content=b"PK")
        if request.url.path.startswith("/files/"):
            return httpx.Response(302, headers={"location": "https://files.corp.test/x?signature=1"})
        return guarded(request)

    index, _ = reader(answer, index=private(file_hosts=("files.corp.test",)), environment=LOGIN)
    (file,) = index.project(NAME).files
    assert open_remote(file, index).read() == b"PK"
    assert seen["index.corp.test"] is not None
    assert seen["files.corp.test"] is None


class Ring(KeyringBackend):
    """A keyring with one entry."""

    priority = 1.0

    def __init__(self, service: str) -> None:
        self.service = service

    def get_password(self, service: str, username: str) -> str | None:
        return SECRET if (service, username) == (self.service, "reader") else None

    def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002 -- the base class's
        raise AssertionError("nothing is written")

    def get_credential(self, service: str, username: str | None) -> Credential | None:  # noqa: ARG002 -- the base class's
        return SimpleCredential("reader", SECRET) if service == self.service else None


@pytest.mark.parametrize("service", ["namehold-read:index.corp.test", f"{BASE}/simple/", f"{BASE}/simple"])
def test_the_keyring_has_the_password_of_a_host(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Ring(service))
    try:
        assert reader(guarded)[0].project(NAME).exists
    finally:
        keyring.set_keyring(before)


def test_a_key_for_an_endpoint_of_models_is_bound_to_its_host() -> None:
    bound = {"NAMEHOLD_PROBE_KEYS": "http://:other@index.corp.test/ https://:hunter2%2Fx%40@index.corp.test:443/x"}
    assert find_key("https://index.corp.test/v1", bound, is_typed=False) == f"{SECRET}@"
    for elsewhere in ("https://index.corp.test:8443/v1", "https://models.corp.test/v1", "http://models.corp.test/v1"):
        assert find_key(elsewhere, bound, is_typed=True) == ""
    typed = {"NAMEHOLD_PROBE_KEY": SECRET}
    assert find_key("https://models.corp.test/v1", typed, is_typed=True) == SECRET
    assert find_key("https://models.corp.test/v1", typed, is_typed=False) == ""


def test_the_keyring_has_the_key_of_an_endpoint() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Ring("namehold-probe:models.corp.test:8443"))
    try:
        assert find_key("https://models.corp.test:8443/v1", {}, is_typed=False) == SECRET
        assert find_key("https://models.corp.test/v1", {}, is_typed=False) == ""
    finally:
        keyring.set_keyring(before)


def test_logins_are_shown_nowhere() -> None:
    policy = ClientPolicy.read(LOGIN)
    assert "hunter2" not in repr(policy) + repr(read_logins(LOGIN)) + str(policy.logins)


# --------------------------------------------------------------------------- pages


LISTED = "<a href='/f/acme_tool-1.0.tar.gz{0}'>acme_tool-1.0.tar.gz</a>"


@pytest.mark.parametrize(
    ("fragment", "content", "digest", "asked"),
    [
        ("#md5=d41d8cd98f00b204e9800998ecf8427e", b"an sdist", hashlib.sha256(b"an sdist").hexdigest(), 1),
        ("", b"an sdist", hashlib.sha256(b"an sdist").hexdigest(), 1),
        ("#sha256=ab", b"an sdist", "ab", 0),
        ("", bytes(300_000), "", 1),
        ("", None, "", 1),
    ],
)
def test_a_file_that_is_listed_without_sha256_is_hashed_as_it_is_sent(
    fragment: str, content: bytes | None, digest: str, asked: int
) -> None:
    requests: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/simple/acme-tool/":
            return httpx.Response(200, text=LISTED.format(fragment), headers={"content-type": "text/html"})
        requests.append(request.url.path)
        return httpx.Response(404) if content is None else httpx.Response(200, content=content)

    (file,) = reader(answer)[0].project(NAME).files
    assert file.sha256 == digest
    assert requests == ["/f/acme_tool-1.0.tar.gz"] * asked


def test_neither_many_files_nor_those_of_another_host_are_hashed() -> None:
    many = "".join(f"<a href='/f/acme_tool-{number}.tar.gz'>x</a>" for number in range(9))
    away = "<a href='https://elsewhere.example/acme_tool-1.tar.gz'>x</a>"
    requests: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(str(request.url))
        page = many if len(requests) == 1 else away
        return httpx.Response(200, text=page, headers={"content-type": "text/html"})

    index = reader(answer)[0]
    assert [{file.sha256 for file in index.project(NAME).files} for _ in range(2)] == [{""}, {""}]
    assert len(requests) == 2


def test_what_is_read_to_hash_files_is_bounded_over_all_projects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namehold.index.access.http._MOST_HASHED_BYTES", 1_000)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/simple/"):
            project = request.url.path.split("/")[2].replace("-", "_")
            text = f"<a href='/f/{project}-1.0.tar.gz'>{project}-1.0.tar.gz</a>"
            return httpx.Response(200, text=text, headers={"content-type": "text/html"})
        return httpx.Response(200, content=bytes(600))

    index, told = reader(answer)
    names = (NAME, NormalizedName("acme-two"), NormalizedName("acme-three"), NormalizedName("acme-four"))
    assert [bool(index.project(name).files[0].sha256) for name in names] == [True, True, False, False]
    assert [text for text in told if "1,000 bytes of them were read" in text] == told


def test_files_are_called_as_their_addresses_end() -> None:
    index, _ = reader(
        lambda _: page(
            '<a href="/f/acme_tool-1.0.tar.gz#sha256=aa"><b>acme_tool-1.0</b>.tar.gz (2 MB)</a>',
            '<a href="/f/acme_tool-1.1.tar.gz?x=1#sha256=bb">Download</a>',
            '<a href="/f/acme_tool-1.2%2Blocal-py3-none-any.whl">acme_tool-1.2+loc..&gt;</a>',
            '<a href="/download?id=7">acme_tool-1.3.tar.gz</a>',
            '<a href="https://elsewhere.test/acme_tool-1.4.tar.gz" data-yanked></a>',
            '<a href="/about">About acme-tool</a>',
        )
    )
    files = {file.filename: file for file in index.project(NAME).files}
    assert [*files] == [
        "acme_tool-1.0.tar.gz",
        "acme_tool-1.1.tar.gz",
        "acme_tool-1.2+local-py3-none-any.whl",
        "acme_tool-1.3.tar.gz",
        "acme_tool-1.4.tar.gz",
    ]
    assert files["acme_tool-1.0.tar.gz"].sha256 == "aa"
    assert files["acme_tool-1.1.tar.gz"].url == f"{BASE}/f/acme_tool-1.1.tar.gz?x=1"
    assert files["acme_tool-1.4.tar.gz"].is_yanked


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://files.corp.test/a/", "https://files.corp.test/a/acme_tool-1.0.tar.gz"),
        ("/pool/", f"{BASE}/pool/acme_tool-1.0.tar.gz"),
        ("", f"{BASE}/simple/acme-tool/acme_tool-1.0.tar.gz"),
    ],
)
def test_addresses_are_relative_to_the_pages_base(base: str, expected: str) -> None:
    head = f'<base href="{base}">' if base else ""
    index, _ = reader(lambda _: page('<a href="acme_tool-1.0.tar.gz">x</a>', head=head))
    assert index.project(NAME).files[0].url == expected


@pytest.mark.parametrize("form", ["application/vnd.pypi.simple.v1+html", "text/html", "", "application/octet-stream"])
def test_a_page_in_html_is_read_under_each_of_its_types(form: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=FILE.encode(), headers={"content-type": form} if form else {})

    assert len(reader(answer)[0].project(NAME).files) == 1


@pytest.mark.parametrize(
    "form", ["application/vnd.pypi.simple.v1+json", "application/json", "", "binary/octet-stream", "text/plain"]
)
def test_a_page_in_json_is_read_under_each_of_its_types(form: str) -> None:
    content = json.dumps({"meta": {"api-version": "1.0"}, "name": "acme-tool", "files": []}).encode()

    def answer(request: httpx.Request) -> httpx.Response:
        assert "application/vnd.pypi.simple.v1+json" in request.headers["accept"]
        assert "application/vnd.pypi.simple.v1+html" in request.headers["accept"]
        return httpx.Response(200, content=content, headers={"content-type": form} if form else {})

    assert reader(answer)[0].project(NAME).exists


def test_the_public_index_must_say_that_it_answers_in_json() -> None:
    content = json.dumps({"meta": {"api-version": "1.0"}, "name": "acme-tool", "files": []}).encode()
    index, _ = reader(lambda _: httpx.Response(200, content=content), index=profile("testpypi"))
    with pytest.raises(IndexError_, match="something else than JSON"):
        index.project(NAME)


# --------------------------------------------------------------------------- files on another host


@pytest.mark.parametrize(
    ("target", "hosts", "is_allowed"),
    [
        ("https://files.corp.test/x", ("files.corp.test",), True),
        ("https://files.corp.test:8443/x", ("files.corp.test:8443",), True),
        ("https://files.corp.test:8443/x", ("files.corp.test",), False),
        ("http://files.corp.test/x", ("files.corp.test",), False),
        ("https://sub.files.corp.test/x", ("files.corp.test",), False),
        ("https://files.corp.test@evil.test/x", ("files.corp.test",), False),
        ("https://files.corp.test/x", (), False),
    ],
)
def test_a_file_may_lie_on_a_host_that_names_yaml_names(target: str, hosts: tuple[str, ...], is_allowed: bool) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host != "index.corp.test":
            return httpx.Response(200, content=b"PK")
        if request.url.path.startswith("/files/"):
            return httpx.Response(307, headers={"location": target})
        return page(FILE)

    index, _ = reader(answer, index=private(file_hosts=hosts))
    (file,) = index.project(NAME).files
    if is_allowed:
        assert open_remote(file, index).read() == b"PK"
    else:
        with pytest.raises(IndexError_, match="another host") as caught:
            open_remote(file, index)
        assert "index.file_hosts" in caught.value.fix


def test_a_page_never_lies_on_another_host() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/simple/":
            return page('<a href="acme-tool/">acme-tool</a>')
        return httpx.Response(302, headers={"location": "https://files.corp.test/simple/acme-tool/"})

    with pytest.raises(IndexError_, match="another host"):
        reader(answer, index=private(file_hosts=("files.corp.test",)))[0].project(NAME)


@pytest.mark.parametrize("host", ["https://files.corp.test", "files.corp.test/x", "a@files.corp.test", ""])
def test_a_file_host_is_a_host(host: str) -> None:
    with pytest.raises(ConfigError) as caught:
        private(file_hosts=(host,))
    assert any("file_hosts" in item.message for item in caught.value.diagnostics())


# --------------------------------------------------------------------------- 'not here' in other words


def forwarding(target: str, names: str = LIST) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/simple/":
            return httpx.Response(200, content=names.encode(), headers=HTML)
        return httpx.Response(303, headers={"location": target})

    return answer


def test_an_index_that_sends_us_on_to_a_public_one_does_not_have_the_name() -> None:
    target = profile("testpypi").simple
    index, said = reader(forwarding(f"{target}acme-tool/"))
    assert not index.project(NAME).exists
    assert not index.project(NormalizedName("acme-more")).exists
    assert len(said) == 1
    assert "sends us to another host" in said[0]
    assert "'not here'" in said[0]


def test_a_redirect_to_any_other_host_means_not_here_only_if_the_list_lacks_the_name() -> None:
    index, said = reader(forwarding("https://mirror.test/simple/acme-tool/"))
    assert not index.project(NAME).exists
    assert "mirror.test" in said[0]
    with pytest.raises(IndexError_, match=r"mirror\.test"):
        index.project(NormalizedName("acme-other"))


def test_an_index_that_has_moved_as_a_whole_is_no_index_without_names() -> None:
    index, _ = reader(lambda _: httpx.Response(301, headers={"location": "https://new.corp.test/simple/"}))
    with pytest.raises(IndexError_, match=r"another host .*new\.corp\.test"):
        index.project(NAME)


@pytest.mark.parametrize("place", ["http://{host}", "https://{host}:8443"])
def test_another_scheme_or_port_is_told_by_its_address_not_as_another_host(place: str) -> None:
    def redirect(request: httpx.Request) -> httpx.Response:
        return httpx.Response(301, headers={"location": f"{place.format(host=request.url.host)}/"})

    index, _ = reader(redirect)
    with pytest.raises(IndexError_, match=rf"from https://\S+ to {place.format(host='[^/]+')}$") as caught:
        index.project(NAME)
    assert "file_hosts" not in caught.value.fix


def forbidding(names: httpx.Response, *, status: int = 403) -> Answer:
    return lambda request: names if request.url.path == "/simple/" else httpx.Response(status)


@pytest.mark.parametrize("status", [403, 410])
def test_a_403_or_410_says_nothing_about_a_name_and_the_key_is_told_that_gives_it_a_meaning(status: int) -> None:
    with pytest.raises(IndexError_, match=f"{status} when it was asked for acme-tool") as caught:
        reader(forbidding(page('<a href="x/">x</a>'), status=status))[0].project(NAME)
    assert f"index.missing: {status}" in caught.value.fix


@pytest.mark.parametrize("status", [403, 410])
def test_no_key_of_private_indexes_is_named_where_a_public_one_refuses(status: int) -> None:
    public = replace(private(), is_public=True)
    with pytest.raises(IndexError_, match=str(status)) as caught:
        reader(forbidding(page(), status=status), index=public)[0].project(NAME)
    assert "index.missing" not in caught.value.fix


@pytest.mark.parametrize("status", [403, 410])
def test_an_answer_means_not_here_where_names_yaml_says_so_and_the_list_lacks_the_name(status: int) -> None:
    answer = forbidding(page('<a href="acme-other/">Acme_Other</a>'), status=status)
    index, said = reader(answer, index=private(missing=status))
    assert not index.project(NAME).exists
    assert str(status) in said[0]
    with pytest.raises(IndexError_, match=str(status)) as caught:
        index.project(NormalizedName("acme-other"))
    # The key is there, and doesn't explain the answer for a name that the list has.
    assert "index.missing" not in caught.value.fix
    with pytest.raises(IndexError_, match=str(status)):
        reader(answer)[0].project(NAME)


@pytest.mark.parametrize("status", [404, 410])
def test_a_json_interface_without_the_project_says_nothing_about_its_holder(status: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return page(FILE) if request.url.path == "/simple/acme-tool/" else httpx.Response(status)

    state = reader(answer, index=private(json=f"{BASE}/pypi/"))[0].project(NAME)
    assert state.exists
    assert state.ownership is None


def test_a_json_interface_that_refuses_has_nothing_to_do_with_missing_names() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return page(FILE) if request.url.path == "/simple/acme-tool/" else httpx.Response(403)

    with pytest.raises(IndexError_, match="403") as caught:
        reader(answer, index=private(json=f"{BASE}/pypi/"))[0].project(NAME)
    assert "index.missing" not in caught.value.fix


def test_html_in_the_place_of_json_is_called_so() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return page(FILE)

    with pytest.raises(IndexError_, match="/pypi/acme-tool/json: it is HTML"):
        reader(answer, index=private(json=f"{BASE}/pypi/"))[0].project(NAME)


@pytest.mark.parametrize(
    "names",
    [
        httpx.Response(403),
        httpx.Response(200, content=b'{"projects": 1}', headers={"content-type": "json"}),
        httpx.Response(200, content=b'{"projects": [{"name": null}]}', headers={"content-type": "json"}),
        page("<form><input name=user></form>"),
        page("<p>You are being redirected</p>"),
        page('<a href="acme-other/">acme-other</a>', head='<meta name="pypi:repository-version" content="2.0">'),
    ],
)
def test_a_403_says_nothing_where_the_list_can_not_be_read(names: httpx.Response) -> None:
    with pytest.raises(IndexError_):
        reader(forbidding(names), index=private(missing=403))[0].project(NAME)


def test_an_empty_index_lacks_every_name() -> None:
    index, _ = reader(forbidding(page(head="<title>Simple Index</title>")), index=private(missing=403))
    assert not index.project(NAME).exists


def test_a_tag_that_no_request_can_hold_is_not_asked_with(tmp_path: Path) -> None:
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("if-none-match"))
        return httpx.Response(200, content=FILE.encode(), headers=[(b"etag", '"\u00fc"'.encode("latin-1"))])

    index, _ = reader(answer)
    index.cache = KeptAnswers(tmp_path, fresh_s=0)
    assert index.project(NAME).exists
    assert index.project(NAME).exists
    assert asked == [None, None]


def test_a_403_of_something_in_between_is_not_kept() -> None:
    answers = iter([httpx.Response(403), page(FILE)])

    def answer(request: httpx.Request) -> httpx.Response:
        return page('<a href="x/">x</a>') if request.url.path == "/simple/" else next(answers)

    index, _ = reader(answer, index=private(missing=403))
    assert not index.project(NAME).exists
    assert index.project(NAME).exists

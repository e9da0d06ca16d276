"""Corners in which the rehearsal index answered otherwise than the index's software (6b621571 of 21 August 2026)."""

from __future__ import annotations

import gzip
import io
import tarfile
import xmlrpc.client
import zipfile
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from packaging.utils import canonicalize_name
from tests.harness.replaying import Replay, make_sdist
from tests.harness.wheels import pack_wheel, wheel_metadata
from werkzeug.test import Client, TestResponse

from namehold import rehearsal
from namehold.index.model import Quota
from namehold.index.rules.form import digests_of
from namehold.rehearsal import application
from namehold.rehearsal.running import RunningIndex
from namehold.rehearsal.tokens import append_caveats

_MANY = Quota(limit=1000, window_s=3600)
_NUMBERS = count()
#: More than Python reads as a number (4,300).
_DIGITS = "1" * 5000


@pytest.fixture(scope="module")
def index() -> Iterator[RunningIndex]:
    with rehearsal.start(users=["org_owner"], user_quota=_MANY, address_quota=_MANY) as index:
        yield index


@pytest.fixture(scope="module")
def replay(index: RunningIndex) -> Iterator[Replay]:
    with httpx.Client(trust_env=False) as client:
        yield Replay(index, client)


def new_name() -> str:
    return f"corner-number-{next(_NUMBERS)}"


#: Fields of the form, the status, and a part of the index's words.
_FORMS: dict[str, tuple[dict[str, Any], int, str]] = {
    "a field of a later metadata version": (
        {"metadata_version": "1.2"},
        400,
        "description-content-type introduced in metadata version 2.1, not 1.2",
    ),
    "the same with the first version": ({"metadata_version": "1.0"}, 400, "introduced in metadata version"),
    "a local version": (
        {"version": "1.0+local"},
        400,
        (
            "'1.0+local' is not allowed. See https://packaging.python.org/specifications/version-specifiers/"
            "#local-version-identifiers"
        ),
    ),
    "a version of more digits than Python reads": ({"version": _DIGITS}, 400, f"'{_DIGITS}' is invalid for 'version'"),
    "an empty protocol version": ({"protocol_version": ""}, 400, ""),
    "a project that it provides and isn't one": ({"provides_dist": "a b"}, 400, "'a b' is invalid"),
    "one with an address": ({"provides_dist": "a @ https://acme.example/a"}, 400, "Can't have direct dependency"),
    "one that it obsoletes": ({"obsoletes_dist": "a @ https://acme.example/a"}, 400, "Can't have direct dependency"),
    "one that it obsoletes and isn't one": ({"obsoletes_dist": "a b"}, 400, "'a b' is invalid"),
    "projects that it provides and obsoletes": ({"provides_dist": "a>=1", "obsoletes_dist": "b"}, 200, "OK"),
    "a mailbox on no host": ({"author_email": "a@-b.example"}, 400, "is not a valid email address"),
    "a port that is none": ({"home_page": "https://acme.example:99999/"}, 400, "is not a valid url"),
    "a port": ({"home_page": "https://acme.example:65535/"}, 200, "OK"),
    "a link that isn't ASCII": ({"home_page": "https://acme.example/\u00e4"}, 200, "OK"),
    "a link with a space": ({"home_page": "https://acme.example/a b"}, 200, "OK"),
}


@pytest.mark.parametrize(("form", "status", "words"), _FORMS.values(), ids=_FORMS)
def test_fields(replay: Replay, form: dict[str, Any], status: int, words: str) -> None:
    answer = replay.play({"name": new_name(), "form": form})
    assert (answer.status_code, words in replay.reason_of(answer)) == (status, True)


def a_wheel(name: str, *, entry_points: str = "", tag: str = "py3-none-any") -> tuple[str, bytes]:
    escaped = name.replace("-", "_")
    folder = f"{escaped}-0.0.1.dist-info"
    members = wheel_metadata(name, "0.0.1", headers=[])
    if entry_points:
        members[f"{folder}/entry_points.txt"] = entry_points.encode()
    return f"{escaped}-0.0.1-{tag}.whl", pack_wheel(members, record=f"{folder}/RECORD")


@pytest.mark.parametrize(
    "part", [f"{_DIGITS}-py3-none-any.whl", f"0.0.1-{_DIGITS}-py3-none-any.whl", f"{_DIGITS}.tar.gz"]
)
def test_no_number_in_a_files_name_is_too_long_for_an_answer(replay: Replay, part: str) -> None:
    name = new_name()
    filename = f"{name.replace('-', '_')}-{part}"
    content = a_wheel(name)[1] if part.endswith(".whl") else make_sdist(f"{name.replace('-', '_')}-0.0.1.tar.gz")
    assert send(replay, name, filename, content).status_code == 400


def test_no_number_in_a_question_is_too_long_for_an_answer(index: RunningIndex, replay: Replay) -> None:
    index.state.add_project(canonicalize_name(name := new_name()), owner="org_owner")
    assert replay.get(f"/pypi/{name}/{_DIGITS}/json").status_code == 404
    numbered = xmlrpc.client.dumps((1,), "user_packages").replace("<int>1<", f"<int>{_DIGITS}<")
    for body, words in (
        (numbered, "parse error"),
        ("<methodCall>", "parse error"),
        (xmlrpc.client.dumps((), "user_packages"), "invalid method parameters"),
    ):
        answer = Client(application.Application(index.state)).post("/pypi", data=body, content_type="text/xml")
        with pytest.raises(xmlrpc.client.Fault, match=words):
            xmlrpc.client.loads(answer.data)


def send(replay: Replay, name: str, filename: str, content: bytes) -> httpx.Response:
    replay._files["given"] = content
    return replay.play({"name": name, "file_name": filename, "bytes_of": "given"})


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("[console_scripts]\na b = acme:main\n", 400),
        ("[console_scripts]\n../a = acme:main\n", 400),
        ("[gui_scripts]\n/a = acme:main\n", 400),
        ("[acme.plugins]\na b = acme:main\n", 200),
        ("[console_scripts]\nacme = not a value!\n", 200),
        ("[console_scripts]\nacme = %(x)s\n", 200),
        ("[console_scripts]\nacme = acme:main\nAcme = acme:main\n", 200),
    ],
)
def test_entry_points_are_judged_by_the_names_of_scripts(replay: Replay, text: str, status: int) -> None:
    name = new_name()
    assert send(replay, name, *a_wheel(name, entry_points=text)).status_code == status


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(b"", b"more", "ZIP archive not accepted: Trailing data"), (b"#!/bin/sh\n", b"", "Unknown record signature")],
)
def test_bytes_around_an_archive(replay: Replay, before: bytes, after: bytes, words: str) -> None:
    name = new_name()
    filename, content = a_wheel(name)
    answer = send(replay, name, filename, before + content + after)
    assert (answer.status_code, words in replay.reason_of(answer)) == (400, True)


def test_a_tag_of_browsers_is_known(replay: Replay) -> None:
    name = new_name()
    assert send(replay, name, *a_wheel(name, tag="cp313-none-pyemscripten_2026_0_wasm32")).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "status"), [(None, 400), ("image/png", 400), ("application/zip", 200), ("text/plain", 200)]
)
def test_the_files_part_has_a_type_that_no_picture_has(
    index: RunningIndex, replay: Replay, content_type: str | None, status: int
) -> None:
    name = new_name()
    filename, content = a_wheel(name)
    head = "" if content_type is None else f"Content-Type: {content_type}\r\n"
    fields = {
        ":action": "file_upload", "protocol_version": "1", "metadata_version": "2.1", "name": name, "version": "0.0.1",
        "filetype": "bdist_wheel", "pyversion": "py3", "sha256_digest": sha256_of(content),
    }  # fmt: skip
    parts = [f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{fields[key]}\r\n' for key in fields]
    disposition = f'Content-Disposition: form-data; name="content"; filename="{filename}"'
    body = "".join(parts).encode() + f"--x\r\n{disposition}\r\n{head}\r\n".encode() + content + b"\r\n--x--\r\n"
    answer = replay.client.post(
        index.upload_url,
        content=body,
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        auth=("__token__", index.mint_token("org_owner")),
    )
    assert answer.status_code == status
    assert (replay.reason_of(answer) == "Invalid distribution file.") == (status == 400)


def sha256_of(content: bytes) -> str:
    return digests_of(content)["sha256"]


def test_a_caveat_of_the_holder_is_told_once_and_one_of_the_index_twice(index: RunningIndex, replay: Replay) -> None:
    user = index.state.users["org_owner"].user_id
    narrowed = append_caveats(index.mint_token("org_owner", caveats=[[3, user]]), [[1, ["other"]]])
    minted = index.mint_token("org_owner", caveats=[[1, ["other"]]])
    told = [_denial(index, replay, token).count("not valid for project") for token in (narrowed, minted)]
    assert told == [1, 2]


@pytest.mark.parametrize(
    ("caveat", "words"),
    [
        ({"version": 1, "permissions": "user"}, "OK"),
        ({"version": 2}, "caveat must be an array"),
        ("text", "caveat must be an array"),
        ([0, "soon"], "invalid values for fields"),
        (["nope", 1], "caveat has unknown tag: nope"),
    ],
)
def test_odd_caveats(index: RunningIndex, replay: Replay, caveat: Any, words: str) -> None:
    assert words in _denial(index, replay, append_caveats(index.mint_token("org_owner"), [caveat]))


def _denial(index: RunningIndex, replay: Replay, token: str) -> str:
    name = new_name()
    filename, content = a_wheel(name)
    fields = {
        ":action": "file_upload", "metadata_version": "2.1", "name": name, "version": "0.0.1",
        "filetype": "bdist_wheel", "pyversion": "py3", "sha256_digest": sha256_of(content),
    }  # fmt: skip
    files = {"content": (filename, content, "application/octet-stream")}
    answer = replay.client.post(index.upload_url, data=fields, files=files, auth=("__token__", token))
    return replay.reason_of(answer)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/simple/acme-tool/", 405),
        ("DELETE", "/simple/acme-tool/", 405),
        ("POST", "/simple/", 405),
        ("GET", "/simple//", 404),
        ("GET", "/legacy/", 404),
    ],
)
def test_methods_and_paths(index: RunningIndex, replay: Replay, method: str, path: str, status: int) -> None:
    if index.state.project(canonicalize_name("acme-tool")) is None:
        index.state.add_project(canonicalize_name("acme-tool"), owner="org_owner")
    answer = replay.client.request(method, index.base_url + path)
    assert answer.status_code == status
    assert ("GET" in answer.headers.get("Allow", "")) == (status == 405)


def test_registering_without_a_file_is_gone(replay: Replay) -> None:
    assert replay.play({"name": new_name(), "form": {":action": "submit"}}).status_code == 410


def test_the_explanation_of_a_429() -> None:
    none = Quota(limit=0, window_s=60)
    with rehearsal.start(user_quota=none, users=["org_owner"]) as full, httpx.Client(trust_env=False) as client:
        body = Replay(full, client).play({"name": "acme-late", "accept": "application/json"}).json()
    assert "too many requests by the client" in body["message"]


def test_a_page_of_uploads_is_a_page(index: RunningIndex, replay: Replay) -> None:
    answer = replay.client.get(index.upload_url)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (404, "text/html")


@pytest.mark.parametrize(
    ("accept", "form"), [("", "text/plain"), ("*/*", "text/html"), ("application/json", "application/json")]
)
def test_a_refusal_comes_in_the_form_that_is_accepted(replay: Replay, accept: str, form: str) -> None:
    answer = replay.play({"name": "os", "accept": accept})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (400, form)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/plain"])
def test_a_password_is_refused_in_the_reason_alone(index: RunningIndex, replay: Replay, accept: str) -> None:
    filename, content = a_wheel(new_name())
    answer = replay.client.post(
        index.upload_url,
        data={":action": "file_upload"},
        files={"content": (filename, content, "application/octet-stream")},
        auth=("org_owner", "hunter2"),
        headers={"Accept": accept},
    )
    assert answer.status_code == 403
    assert "no longer supported" in replay.reason_of(answer)
    told = answer.json()["message"] if accept == "application/json" else answer.text.partition("</h1>")[2]
    assert "no longer supported" not in told


@pytest.mark.parametrize(
    ("accept", "form"),
    [("*/*", "text/html"), ("application/json", "application/json"), ("", "text/plain"), ("text/plain", "text/plain")],
)
@pytest.mark.parametrize("path", ["/simple/{}/", "/pypi/{}/json"])
def test_another_spelling_leads_to_the_name_in_the_form_that_is_accepted(
    index: RunningIndex, replay: Replay, path: str, accept: str, form: str
) -> None:
    if index.state.project(canonicalize_name("acme-tool")) is None:
        index.state.add_project(canonicalize_name("acme-tool"), owner="org_owner")
    answer = replay.get(path.format("Acme_Tool"), {"Accept": accept})
    assert answer.status_code == 301
    assert answer.headers["content-type"].partition(";")[0] == form
    assert answer.headers["cache-control"] == f"max-age={600 if 'simple' in path else 900}, public"
    assert path.format("acme-tool") in answer.text
    assert answer.headers["location"] == index.base_url + path.format("acme-tool")


@pytest.mark.parametrize(("path", "vary"), [("/simple/", "Accept"), ("/simple/acme-tool/", "Accept")])
def test_pages_may_be_read_by_scripts_of_other_sites(index: RunningIndex, replay: Replay, path: str, vary: str) -> None:
    if index.state.project(canonicalize_name("acme-tool")) is None:
        index.state.add_project(canonicalize_name("acme-tool"), owner="org_owner")
    answer = replay.get(path)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == "X-PyPI-Last-Serial"
    assert answer.headers["vary"] == vary


def test_questions_by_xml_rpc_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    body = xmlrpc.client.dumps(("org_owner",), "user_packages").encode()
    with rehearsal.start(users=["org_owner"]) as index:

        def ask(asked: Client) -> TestResponse:
            return asked.post("/pypi", data=body, headers={application.ADDRESS_HEADER: "198.51.100.7"})

        first = ask(Client(application.Application(index.state)))
        assert first.headers["RateLimit"] == '"xmlrpc.client";r=3599;t=3600'
        assert first.headers["RateLimit-Policy"] == '"xmlrpc.client";q=3600;w=3600;pk=:ip:'
        monkeypatch.setattr(application, "_XML_RPC_QUOTA", Quota(limit=1, window_s=3600))
        asked = Client(application.Application(index.state))
        ask(asked)
        index.clock.advance(60)
        refused = ask(asked)
        assert (refused.status_code, refused.headers["RateLimit"]) == (200, '"xmlrpc.client";r=0;t=3540')
        with pytest.raises(xmlrpc.client.Fault, match=r"HTTPTooManyRequests: .* Limit may reset in 3540 seconds"):
            xmlrpc.client.loads(refused.data)
        index.clock.advance(3541)
        assert xmlrpc.client.loads(ask(asked).data)[0] == ([],)


# --------------------------------------------------------------------------- odd files


def test_a_wheel_whose_record_differs_is_taken(replay: Replay) -> None:
    name = new_name()
    filename, content = a_wheel(name)
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("more.py", "")
    assert send(replay, name, filename, stream.getvalue()).status_code == 200


def an_sdist(name: str, *, prefix: str = "", text: str = "") -> tuple[str, bytes]:
    top = f"{name.replace('-', '_')}-0.0.1"
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path, content in ((f"{prefix}{top}/PKG-INFO", ""), (f"{prefix}{top}/held.py", text)):
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return f"{top}.tar.gz", stream.getvalue()


ENCRYPTED = "__pyarmor__(__name__, __file__, b'...')"


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ({}, 200, "OK"),
        ({"prefix": "./"}, 400, "PKG-INFO not found at "),
        ({"text": ENCRYPTED}, 400, "PyArmor-encrypted content is not allowed"),
        ({"text": "print('__pyarmor__')"}, 200, "OK"),
    ],
)
def test_odd_sdists(replay: Replay, options: dict[str, str], status: int, words: str) -> None:
    name = new_name()
    answer = send(replay, name, *an_sdist(name, **options))
    assert (answer.status_code, words in replay.reason_of(answer)) == (status, True)


def test_an_encrypted_module_of_a_wheel(replay: Replay) -> None:
    name = new_name()
    filename, content = a_wheel(name)
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("held.py", ENCRYPTED)
    answer = send(replay, name, filename, stream.getvalue())
    assert (answer.status_code, "PyArmor" in replay.reason_of(answer)) == (400, True)


@pytest.mark.parametrize(
    ("packed", "words"),
    [(b"", "Invalid distribution file. None"), (b"no tar", "Invalid distribution file. File is not a tarfile")],
)
def test_a_packed_file_that_is_no_archive(replay: Replay, packed: bytes, words: str) -> None:
    name = new_name()
    answer = send(replay, name, an_sdist(name)[0], gzip.compress(packed))
    assert (answer.status_code, words in replay.reason_of(answer)) == (400, True)

"""Corners in which the rehearsal index answered otherwise than the index's software (6b621571 of 21 August 2026)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from packaging.utils import canonicalize_name
from tests.harness.replaying import Replay
from tests.harness.wheels import pack_wheel, wheel_metadata

from namehold import rehearsal
from namehold.index.model import Quota
from namehold.index.rules.form import digests_of
from namehold.rehearsal.running import RunningIndex
from namehold.rehearsal.tokens import append_caveats

_MANY = Quota(limit=1000, window_s=3600)
_NUMBERS = count()


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
    "an empty protocol version": ({"protocol_version": ""}, 400, ""),
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

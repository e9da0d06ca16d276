"""What the rehearsal index shows has the forms, statuses and headers that the real index's software showed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from packaging.utils import NormalizedName, canonicalize_name
from tests.harness.replaying import Replay

from namehold import rehearsal
from namehold.errors import UsageError
from namehold.index.model import ProjectStatus
from namehold.rehearsal.application import UploadRequest
from namehold.rehearsal.running import RunningIndex
from namehold.snapshot.file import Snapshot

_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = "application/vnd.pypi.simple.v1+html"
_TOOL = canonicalize_name("acme-tool")


def _name(text: str) -> NormalizedName:
    return canonicalize_name(text)


@pytest.fixture
def index() -> Iterator[RunningIndex]:
    """Seven projects, one in each state that the index knows, and a stranger's."""
    with rehearsal.start(prohibited=["forbidden-name"], strangers=frozenset({_name("zebra-tool")})) as index:
        state = index.state
        state.add_project(_TOOL, owner="org_owner", spelled="Acme.Tool")
        state.add_role(_TOOL, "maintainer_only")
        state.add_project(_name("life-arch"), owner="org_owner")
        state.set_status(_name("life-arch"), ProjectStatus.ARCHIVED)
        state.add_project(_name("life-quar"), owner="org_owner")
        state.set_status(_name("life-quar"), ProjectStatus.QUARANTINED)
        state.add_project(_name("empty-norelease"), owner="org_owner", files=())
        state.add_project(_name("orgproj-community"), owner="org_owner", organization="acme-oss")
        state.add_project(_name("orgproj-company"), owner="org_owner", organization="acme-inc", files=())
        state.add_project(_name("recreate-me"), owner="bob")
        state.delete_project(_name("recreate-me"))
        yield index


@pytest.fixture
def replay(index: RunningIndex) -> Iterator[Replay]:
    with httpx.Client(trust_env=False) as client:
        yield Replay(index, client)


def _simple(replay: Replay, name: str, accept: str = _JSON) -> httpx.Response:
    return replay.get(f"/simple/{name}/", {"Accept": accept})


# State of a name -> status in the JSON API, status in the simple API, its marker, whether files are shown.
_STATES = {
    "acme-tool": (200, 200, "active", True),
    "acme-never": (404, 404, None, False),
    "forbidden-name": (404, 404, None, False),
    "acmetool": (404, 404, None, False),
    "json": (404, 404, None, False),
    "empty-norelease": (404, 200, "active", False),
    "life-quar": (404, 200, "quarantined", False),
    "life-arch": (200, 200, "archived", True),
    "recreate-me": (404, 404, None, False),
    "orgproj-company": (404, 200, "active", False),
    "zebra-tool": (200, 200, "active", True),
    "-bad-": (404, 404, None, False),
}


@pytest.mark.parametrize(("name", "shown"), _STATES.items())
def test_state_of_a_name_as_it_is_shown(replay: Replay, name: str, shown: tuple[int, int, str | None, bool]) -> None:
    json_status, simple_status, marker, has_files = shown
    simple = _simple(replay, name)

    assert replay.get(f"/pypi/{name}/json").status_code == json_status
    assert simple.status_code == simple_status
    if marker is not None:
        assert simple.json()["project-status"] == {"status": marker}
        assert bool(simple.json()["files"]) == bool(simple.json()["versions"]) == has_files


def test_absent_names_in_both_interfaces(replay: Replay) -> None:
    simple, legacy = _simple(replay, "nope-nope"), replay.get("/pypi/nope-nope/json")

    assert (simple.headers["content-type"], simple.text) == ("text/plain; charset=UTF-8", "404 Not Found")
    assert (legacy.headers["content-type"], legacy.text) == ("application/json", '{"message": "Not Found"}')
    assert replay.reason_of(simple) == replay.reason_of(legacy) == "Not Found"


def test_simple_json_form(replay: Replay) -> None:
    response = _simple(replay, _TOOL)
    answer = response.json()

    assert response.headers["content-type"] == _JSON
    assert response.headers["cache-control"] == "max-age=600, public"
    assert response.headers["x-pypi-last-serial"] == str(answer["meta"]["_last-serial"])
    assert list(answer) == ["files", "meta", "name", "project-status", "versions"]
    assert answer["meta"]["api-version"] == "1.4"
    assert answer["name"] == "acme-tool"
    assert list(answer["files"][0]) == [
        "core-metadata",
        "data-dist-info-metadata",
        "filename",
        "hashes",
        "provenance",
        "requires-python",
        "size",
        "upload-time",
        "url",
        "yanked",
    ]


def test_simple_html_is_frozen(replay: Replay) -> None:
    file = _simple(replay, _TOOL).json()["files"][0]
    html = _simple(replay, _TOOL, "*/*")
    digest = f"sha256={file['core-metadata']['sha256']}"

    assert html.headers["content-type"] == "text/html; charset=UTF-8"
    assert html.text == (
        '<!DOCTYPE html>\n<html lang="en">\n  <head>\n'
        '    <meta name="pypi:repository-version" content="1.4">\n'
        '<meta name="pypi:project-status" content="active">    <title>Links for acme-tool</title>\n  </head>\n'
        "  <body>\n    <h1>Links for acme-tool</h1>\n"
        f'<a href="{file["url"]}#sha256={file["hashes"]["sha256"]}" data-dist-info-metadata="{digest}"'
        f' data-core-metadata="{digest}">{file["filename"]}</a><br />\n'
        f"</body>\n</html>\n<!--SERIAL {html.headers['x-pypi-last-serial']}-->"
    )


def test_content_types_that_a_client_may_ask_for(replay: Replay) -> None:
    asked = {"*/*": "text/html; charset=UTF-8", _HTML: _HTML, _JSON: _JSON, "image/png": "text/html; charset=UTF-8"}
    for accept, content_type in asked.items():
        response = _simple(replay, _TOOL, accept)
        assert (response.status_code, response.headers["content-type"]) == (200, content_type)


def test_whoever_has_a_page_is_told_so(replay: Replay) -> None:
    for path, accept in ((f"/simple/{_TOOL}/", _JSON), (f"/pypi/{_TOOL}/json", "*/*"), ("/simple/", _JSON)):
        first = replay.get(path, {"Accept": accept})
        again = replay.get(path, {"Accept": accept, "If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.text) == (304, "")
        assert replay.reason_of(again) == "Not Modified"
        assert again.headers["x-pypi-last-serial"] == first.headers["x-pypi-last-serial"]
    replay.play({"name": "Acme.Tool", "version": "2.0"})
    assert replay.get(path, {"Accept": accept, "If-None-Match": first.headers["etag"]}).status_code == 200


def test_other_spellings_are_redirected(replay: Replay) -> None:
    moved = {
        "/simple/acme-tool": "/simple/acme-tool/",
        "/simple/ACME_TOOL/": "/simple/acme-tool/",
        "/pypi/ACME-TOOL/json": "/pypi/acme-tool/json",
    }
    for path, target in moved.items():
        response = replay.get(path)
        assert response.status_code == 301
        assert replay.reason_of(response) == "Moved Permanently"
        assert replay.placed(response.headers["location"]) == f"https://INDEX{target}"
    assert replay.get("/pypi/acme-tool/json/").status_code == 200


def test_json_form(replay: Replay) -> None:
    response = replay.get(f"/pypi/{_TOOL}/json")
    answer = response.json()

    assert response.headers["cache-control"] == "max-age=900, public"
    assert response.headers["content-type"] == "application/json"
    assert list(answer) == ["info", "last_serial", "ownership", "releases", "urls", "vulnerabilities"]
    assert list(answer["info"]) == _INFO_KEYS.split()
    assert answer["info"]["name"] == "acme-tool"
    assert answer["info"]["downloads"] == {"last_day": -1, "last_month": -1, "last_week": -1}
    assert list(answer["urls"][0]) == _FILE_KEYS.split()
    assert answer["releases"]["1.0"] == answer["urls"]


# The order is the alphabet's, as it was observed.
_INFO_KEYS = """
author author_email bugtrack_url classifiers description description_content_type docs_url download_url downloads
dynamic home_page keywords license license_expression license_files maintainer maintainer_email name package_url
platform project_url project_urls provides_extra release_url requires_dist requires_python summary version yanked
yanked_reason
"""
_FILE_KEYS = """
comment_text core-metadata digests downloads filename has_sig md5_digest packagetype python_version
requires_python size upload_time upload_time_iso_8601 url yanked yanked_reason
"""


def test_ownership_is_at_the_top_and_hides_the_people_of_an_organization(replay: Replay) -> None:
    def ownership(name: str) -> Any:
        return replay.get(f"/pypi/{name}/json").json()["ownership"]

    assert ownership("acme-tool") == {
        "organization": None,
        "roles": [{"role": "Owner", "user": "org_owner"}, {"role": "Maintainer", "user": "maintainer_only"}],
    }
    assert ownership("orgproj-community") == {"organization": "acme-oss", "roles": []}
    assert ownership("zebra-tool")["roles"] == [{"role": "Owner", "user": "another-maintainer"}]


def test_json_of_one_version(replay: Replay) -> None:
    answer = replay.get("/pypi/acme-tool/1.0/json").json()

    assert "releases" not in answer
    assert answer["info"]["version"] == "1.0"
    assert replay.get("/pypi/acme-tool/9.9/json").status_code == 404
    assert replay.get("/pypi/acme-tool/nonsense/json").status_code == 404


def test_list_of_all_names_is_sorted_and_has_serials(replay: Replay, index: RunningIndex) -> None:
    response = replay.get("/simple/", {"Accept": _JSON})
    answer = response.json()

    assert answer["meta"] == {"_last-serial": index.state.serial, "api-version": "1.4"}
    assert [project["name"] for project in answer["projects"]] == [
        "acme-tool",
        "empty-norelease",
        "life-arch",
        "orgproj-community",
        "orgproj-company",
        "zebra-tool",
    ]
    assert all(project["_last-serial"] > 0 for project in answer["projects"])
    assert '<a href="/simple/zebra-tool/">zebra-tool</a>' in replay.get("/simple/").text


def test_looking_at_a_strangers_project_changes_nothing(replay: Replay, index: RunningIndex) -> None:
    before = replay.get("/simple/", {"Accept": _JSON}).json()
    assert _simple(replay, "zebra-tool").json()["files"]
    assert replay.get("/simple/", {"Accept": _JSON}).json() == before
    assert index.state.uploads == []


def test_files_are_what_their_digests_say_and_can_be_read_in_part(replay: Replay) -> None:
    file = _simple(replay, _TOOL).json()["files"][0]
    path = replay.placed(file["url"]).removeprefix("https://INDEX")
    whole = replay.get(path)
    part = replay.get(path, {"Range": "bytes=2-5"})
    metadata = replay.get(f"{path}.metadata")

    assert hashlib.sha256(whole.content).hexdigest() == file["hashes"]["sha256"]
    assert len(whole.content) == file["size"]
    assert whole.headers["accept-ranges"] == "bytes"
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    assert part.headers["content-range"] == f"bytes 2-5/{file['size']}"
    assert hashlib.sha256(metadata.content).hexdigest() == file["core-metadata"]["sha256"]
    assert metadata.text.startswith("Metadata-Version: 2.4\n")
    assert replay.get(f"{path}.other").status_code == 404


def test_sdists_have_no_metadata_beside_them(replay: Replay) -> None:
    replay.play({"name": "acme-sdist"})
    file = _simple(replay, "acme-sdist").json()["files"][0]
    assert file["core-metadata"] is False
    assert replay.get(replay.placed(file["url"]).removeprefix("https://INDEX") + ".metadata").status_code == 404


def test_date_is_the_clocks(replay: Replay, index: RunningIndex) -> None:
    assert replay.get("/simple/").headers.get_list("date") == ["Mon, 05 Jan 2026 09:00:00 GMT"]
    index.clock.advance(90)
    assert replay.play({"name": "acme-new"}).headers.get_list("date") == ["Mon, 05 Jan 2026 09:01:30 GMT"]
    assert replay.get("/").status_code == 200


def test_upload_address(replay: Replay, index: RunningIndex) -> None:
    moved = replay.client.post(index.upload_url.rstrip("/"), data={":action": "file_upload"})
    assert moved.status_code == 308
    assert replay.placed(moved.headers["location"]) == "https://INDEX/legacy/"
    assert replay.reason_of(moved) == (
        "An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing slash)"
    )
    assert replay.get("/legacy/").status_code == 404
    assert replay.client.post(index.upload_url, data={":action": "nonsense"}).status_code == 404


def test_who_shows_no_token_is_told_so(replay: Replay, index: RunningIndex) -> None:
    form = {":action": "file_upload", "name": "acme-new"}
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "token nonsense"}):
        answer = replay.client.post(index.upload_url, data=form, headers=headers)
        assert answer.status_code == 403
        assert replay.reason_of(answer).startswith("Invalid or non-existent authentication information.")


def test_upload_beyond_the_size_is_refused(
    replay: Replay, index: RunningIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UploadRequest, "max_content_length", 1000)
    answer = replay.client.post(index.upload_url, data={":action": "file_upload", "description": "x" * 2000})
    assert answer.status_code == 413
    assert index.state.uploads == []


def test_switches_of_the_administrators(replay: Replay, index: RunningIndex) -> None:
    answers = {}
    for switch in ("is_read_only", "are_uploads_disabled", "is_registration_disabled"):
        setattr(index.state, switch, True)
        answers[switch] = replay.reason_of(replay.play({"name": "acme-new", "status": 403}))
        setattr(index.state, switch, False)

    see = "See https://INDEX/help/#admin-intervention for more information."
    assert answers == {
        "is_read_only": "Read-only mode: Uploads are temporarily disabled.",
        "are_uploads_disabled": f"New uploads are temporarily disabled. {see}",
        "is_registration_disabled": f"New project registration temporarily disabled. {see}",
    }


def test_what_the_checks_find_is_told_to_administrators_and_blocks_nothing(replay: Replay, index: RunningIndex) -> None:
    class Checks:
        def flags(self, name: str) -> tuple[tuple[str, str], ...]:
            return (("swapped_characters", "acme-tool"),) if name == "amce-tool" else ()

    index.state.typo_checks = Checks()
    assert replay.play({"name": "amce-tool"}).status_code == 200
    assert replay.play({"name": "acme-plain"}).status_code == 200
    assert [(name, flag.check, flag.matched) for name, flag in index.state.administrators_told] == [
        ("amce-tool", "swapped_characters", "acme-tool")
    ]


def test_quarantine_freezes_who_has_a_role(replay: Replay, index: RunningIndex) -> None:
    index.state.set_status(_TOOL, ProjectStatus.QUARANTINED, freezes_users=True)
    assert replay.reason_of(replay.play({"name": "acme-new"})).startswith("Invalid or non-existent authentication")


def test_prohibiting_deletes_the_project_that_holds_the_name(replay: Replay, index: RunningIndex) -> None:
    index.state.prohibit(_TOOL)
    index.state.prohibit(_name("zebra-tool"))
    for name in (_TOOL, "zebra-tool"):
        assert _simple(replay, name).status_code == 404
        assert "isn't allowed." in replay.reason_of(replay.play({"name": name}))


def test_port_that_is_taken_is_told(index: RunningIndex) -> None:
    port = int(index.base_url.rpartition(":")[2])
    with pytest.raises(UsageError, match=str(port)), rehearsal.start(port=port):
        pass


def test_snapshot_can_be_the_strangers() -> None:
    names = [_name("zebra-tool"), _name("longlib-io")]
    snapshot = Snapshot.of(names, index="rehearsal", source="test", taken=dt.date(2026, 1, 5), complete=True)
    with rehearsal.start(strangers=snapshot) as index, httpx.Client(trust_env=False) as client:
        replay = Replay(index, client)
        assert [p["name"] for p in replay.get("/simple/", {"Accept": _JSON}).json()["projects"]] == sorted(names)
        assert "too similar" in replay.reason_of(replay.play({"name": "longlib10"}))
        assert "isn't allowed to upload" in replay.reason_of(replay.play({"name": "zebra-tool"}))

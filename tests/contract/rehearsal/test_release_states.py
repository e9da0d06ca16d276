"""States below and beside the project, as the real index's software shows them (6b621571 of 21 August 2026).

A release that is quarantined, removed or yanked; the list of names after a quarantine; the account at every file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from packaging.utils import canonicalize_name
from tests.harness.replaying import Replay
from tests.harness.wheels import make_wheel

from namehold import rehearsal
from namehold.index.access.http import HttpIndex
from namehold.index.model import ProjectStatus
from namehold.rehearsal.running import RunningIndex

_JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


@pytest.fixture(scope="module")
def index() -> Iterator[RunningIndex]:
    with rehearsal.start(users=["org_owner"]) as index:
        yield index


@pytest.fixture(scope="module")
def replay(index: RunningIndex) -> Iterator[Replay]:
    with httpx.Client(trust_env=False) as client:
        yield Replay(index, client)


def _add(index: RunningIndex, name: str, *versions: str) -> None:
    normalized = canonicalize_name(name)
    files = [make_wheel(normalized, version) for version in versions]
    index.state.add_project(normalized, owner="org_owner", files=files)


def test_a_project_whose_only_release_is_withheld_is_active_and_shows_nothing(
    index: RunningIndex, replay: Replay
) -> None:
    name = canonicalize_name("acme-withheld")
    _add(index, name, "0.0.1")
    before = index.state.serial
    index.state.withhold_release(name, "0.0.1")
    page = replay.get(f"/simple/{name}/", _JSON).json()
    assert (page["files"], page["versions"], page["project-status"]) == ([], [], {"status": "active"})
    assert page["meta"]["_last-serial"] > before
    assert 'href="' not in replay.get(f"/simple/{name}/").text
    assert [replay.get(f"/pypi/{name}/{part}json").status_code for part in ("", "0.0.1/")] == [404, 404]
    assert name in {item["name"] for item in replay.get("/simple/", _JSON).json()["projects"]}
    # The product reads the same.
    with HttpIndex(index.profile, contact="x") as reader:
        state = reader.project(name)
    assert (state.exists, state.status, state.files, state.ownership) == (True, ProjectStatus.ACTIVE, (), None)


def test_the_other_releases_of_a_project_stay(index: RunningIndex, replay: Replay) -> None:
    _add(index, "acme-two", "0.0.1", "0.0.2")
    index.state.withhold_release(canonicalize_name("acme-two"), "0.0.2")
    shown = replay.get("/pypi/acme-two/json").json()
    assert (shown["info"]["version"], list(shown["releases"])) == ("0.0.1", ["0.0.1"])
    assert [file["filename"] for file in replay.get("/simple/acme-two/", _JSON).json()["files"]] == [
        "acme_two-0.0.1-py3-none-any.whl"
    ]


@pytest.mark.parametrize(("reason", "told"), [("broken <on> Windows", "broken <on> Windows"), ("", True)])
def test_a_yanked_release_says_so_everywhere(
    index: RunningIndex, replay: Replay, reason: str, told: str | bool
) -> None:
    name = canonicalize_name(f"acme-yanked-{bool(reason)}")
    _add(index, name, "0.0.1", "0.0.2")
    index.state.yank(name, "0.0.2", reason)
    files = replay.get(f"/simple/{name}/", _JSON).json()["files"]
    assert [file["yanked"] for file in files] == [False, told]
    page = replay.get(f"/simple/{name}/").text
    assert page.count("data-yanked") == 1
    assert ('data-yanked="broken &lt;on&gt; Windows"' in page) == bool(reason)
    assert replay.get(f"/pypi/{name}/json").json()["info"]["version"] == "0.0.1"
    details = json.loads(replay.get(f"/pypi/{name}/0.0.2/json").text)
    for shown in (details["info"], details["urls"][0]):
        assert (shown["yanked"], shown["yanked_reason"]) == (True, reason or None)
    with HttpIndex(index.profile, contact="x") as reader:
        assert [file.is_yanked for file in reader.project(name).files] == [False, True]


def test_the_list_of_names_leaves_quarantined_projects_out(index: RunningIndex, replay: Replay) -> None:
    name = canonicalize_name("acme-quarantined")
    _add(index, name, "0.0.1")

    def is_listed() -> tuple[bool, bool]:
        listed = {item["name"] for item in replay.get("/simple/", _JSON).json()["projects"]}
        return name in listed, f'"/simple/{name}/"' in replay.get("/simple/").text

    assert is_listed() == (True, True)
    index.state.set_status(name, ProjectStatus.QUARANTINED)
    assert is_listed() == (False, False)
    # It is there all the same, and a confusable name stays refused.
    assert replay.get(f"/simple/{name}/").status_code == 200
    assert "too similar" in replay.reason_of(replay.play({"name": "acmequarantined"}))
    index.state.set_status(name, ProjectStatus.ACTIVE)
    assert is_listed() == (True, True)


@pytest.mark.parametrize(
    ("flag", "text"), [("no-email", "a verified primary email address"), ("no-two-factor", "two-factor authentication")]
)
def test_mail_and_two_factor_are_asked_for_at_every_file(replay: Replay, flag: str, text: str) -> None:
    name, user = f"acme-of-{flag}", f"user-{flag}"
    assert replay.play({"name": name, "user": user}).status_code == 200
    later = {"name": name, "user": user, "version": "0.0.2"}
    answer = replay.play({**later, "before": [f"user {user} {flag}"]})
    assert (answer.status_code, text in replay.reason_of(answer)) == (403, True)
    # The permission comes first, on a stranger's project and with a token for another one.
    replay.play({"name": f"strangers-{flag}", "user": "org_owner"})
    assert "isn't allowed to upload" in replay.reason_of(replay.play({"name": f"strangers-{flag}", "user": user}))
    assert "Invalid API Token" in replay.reason_of(replay.play({**later, "token": "narrow-name acme-other"}))
    assert replay.play({**later, "before": [f"user {user}"]}).status_code == 200

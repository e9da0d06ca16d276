"""`notify` in names.yaml: what `watch`, `run` and `scan` find new is told to people, once, and nothing is lost."""

from __future__ import annotations

import http.server
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from packaging.utils import NormalizedName
from tests.harness.cli import Done
from tests.harness.desk import Desk, desk_of
from tests.harness.serving import serving
from tests.harness.wheels import make_wheel

_REST = """\
packages:
  - {name: borealis-scope, former: [scope-borealis-classic]}
notify:
  - {to: json, variable: NAMEHOLD_NOTIFY_TEAM, private: true}
  - {to: json, variable: NAMEHOLD_NOTIFY_WORLD}
"""


class Hook(http.server.BaseHTTPRequestHandler):
    received: ClassVar[list[tuple[str, Any]]] = []
    is_dead: ClassVar[bool] = False

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.is_dead:
            self.received.append((self.path, body))
        self.send_response(500 if self.is_dead else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(Hook, "received", [])
    with (
        serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)) as port,
        desk_of(tmp_path, _REST, names=["borealis-scope"]) as made,
    ):
        for place in ("TEAM", "WORLD"):
            monkeypatch.setenv(f"NAMEHOLD_NOTIFY_{place}", f"http://127.0.0.1:{port}/{place.lower()}")
        add(made, "borealis-scope", owner="acme", age_days=900)
        add(made, "borealis-scop", age_days=300)
        assert made.call("snapshot", "update").code == 0
        yield made


def add(desk: Desk, name: str, *, owner: str = "mallory", age_days: int = 0) -> None:
    files = [make_wheel(name, summary=f"About {name} alone.")]
    desk.index.state.add_project(NormalizedName(name), owner=owner, files=files, age_days=age_days)


def told(place: str) -> list[tuple[list[str], int]]:
    """The names in each message that a place got since the last look, and how many findings it wasn't told."""
    rows = [
        ([item["name"] for item in body["findings"]], body["withheld"])
        for path, body in Hook.received
        if path == f"/{place}"
    ]
    Hook.received[:] = [item for item in Hook.received if item[0] != f"/{place}"]
    return rows


def watch(desk: Desk) -> Done:
    assert desk.call("snapshot", "update").code == 0
    return desk.call("watch", "--only-new", "--quiet")


def test_each_neighbour_is_told_once_and_an_open_name_to_private_places_alone(desk: Desk) -> None:
    add(desk, "borealis-scopes")
    desk.index.state.delete_project(NormalizedName("borealis-scop"))
    assert watch(desk).code == 11
    assert told("team") == [(["borealis-scopes", "borealis-scop"], 0)]
    assert told("world") == [(["borealis-scopes"], 1)]
    assert watch(desk) == (0, "", "")
    assert desk.call("watch").code == 0
    assert Hook.received == []


def test_what_is_near_a_name_that_no_stranger_knows_is_told_to_private_places_alone(desk: Desk) -> None:
    path = desk.folder / "names.yaml"
    more = (
        "  - {name: borealis-lantern, published: false}\n"
        "internal: [borealis-payroll]\nfuture: [borealis-telemetry]\nnotify:\n"
    )
    path.write_text(path.read_text("utf-8").replace("notify:\n", more), "utf-8")
    taken = ["borealis-lanterm", "borealispayrol1", "borealistelemetry", "borealis-scopes"]
    for name in taken:
        add(desk, name)
    assert watch(desk).code == 0
    assert {name for names, _ in told("team") for name in names} == {*taken}
    world = [body for path, body in Hook.received if path == "/world"]
    assert [item["name"] for body in world for item in body["findings"]] == ["borealis-scopes"]
    guide = desk.folder / "guide.md"
    guide.write_text("pip install borealis-lanterm\n", encoding="utf-8")
    Hook.received.clear()
    desk.call("scan", str(guide))
    assert told("team") == [(["borealis-lanterm"], 0)]
    assert told("world") == [([], 1)]


def test_a_dead_hook_loses_nothing_and_changes_no_exit_code(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hook, "is_dead", True)
    for name in ("borealis-scopes", "borealis-scoped"):
        add(desk, name)
        done = watch(desk)
        assert done.code == 0
        assert "the place json NAMEHOLD_NOTIFY_TEAM answered 500" in done.err
        assert "127.0.0.1" not in done.err
    monkeypatch.setattr(Hook, "is_dead", False)
    assert watch(desk) == (0, "", "")
    assert told("team") == [(["borealis-scopes"], 0), (["borealis-scoped"], 0)]
    assert told("world") == [(["borealis-scopes"], 0), (["borealis-scoped"], 0)]
    watch(desk)
    assert Hook.received == []


def test_a_missing_secret_is_said_and_the_others_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAMEHOLD_NOTIFY_WORLD")
    add(desk, "borealis-scopes")
    done = watch(desk)
    assert (done.code, told("team")) == (0, [(["borealis-scopes"], 0)])
    assert "there is no secret for the place json NAMEHOLD_NOTIFY_WORLD" in done.err


def test_a_run_tells_what_waits_and_is_silent_the_next_day(desk: Desk) -> None:
    assert desk.call("run").code == 10
    assert told("team") == [(["scope-borealis-classic"], 0)]
    # An unregistered name is told in public by its number alone.
    assert told("world") == [([], 1)]
    assert desk.call("run").code == 10
    assert Hook.received == []


def test_a_scan_tells_findings_of_the_same_paths_once(desk: Desk) -> None:
    readme = desk.folder / "README.md"
    readme.write_text("```\npip install scope-borealis-classic\npip install borealis-scop\n```\n", encoding="utf-8")
    assert desk.call("scan", "README.md").code == 11
    assert told("team") == [(["scope-borealis-classic", "borealis-scop"], 0)]
    assert told("world") == [(["borealis-scop"], 1)]
    assert desk.call("scan", "README.md").code == 11
    assert Hook.received == []
    readme.write_text("```\npip install borealis-scope\n```\n", encoding="utf-8")
    assert desk.call("scan", "README.md").code == 0
    assert Hook.received == []


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("{to: slack}", "one of `variable` and `keyring`"),
        ("{to: slack, variable: NAMEHOLD_NOTIFY_A, keyring: a}", "one of `variable` and `keyring`"),
        ("{to: slack, variable: NAMEHOLD_TOKEN}", "variable"),
        ("{to: mail, variable: NAMEHOLD_NOTIFY_A}", "`mail` needs `recipient`"),
        ("{to: github, variable: NAMEHOLD_NOTIFY_A}", "`github` needs `repository`"),
        ("{to: github, variable: NAMEHOLD_NOTIFY_A, repository: ../../x}", "repository"),
        ("{to: slack, variable: NAMEHOLD_NOTIFY_A, recipient: a@acme.example}", "`slack` has no `recipient`"),
        ("{to: pigeon, variable: NAMEHOLD_NOTIFY_A}", "to"),
        ('{to: mail, recipient: "a@acme.example, b@acme.example"}', "no mailbox"),
    ],
)
def test_a_place_that_lacks_something_is_a_fault_of_names_yaml(desk: Desk, place: str, fault: str) -> None:
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(text.partition("notify:")[0] + f"notify: [{place}]\n", encoding="utf-8")
    done = desk.call("plan", "--snapshot", "names.txt")
    assert done.code == 3
    assert fault in done.err

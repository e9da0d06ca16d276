"""Every command, tried on one's own situation: `rehearse --serve --owned names.yaml` and the lines that it prints."""

from __future__ import annotations

import csv
import json
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.harness.cli import Done, call, start

from namehold.ledger.file import read_holdings

ACCOUNT = "account: {index: pypi, username: acme-names, holders: [acme-release, acme-second]}\n"
CONFIG = """\
organization:
  name: Acme Robotics
  contact: https://acme-robotics.example/security
  homepage: https://acme-robotics.example/
demo: true
packages:
  - name: acme-tool
    imports: [acme_toolbox]
    commands: [fleetdial]
    confirmed: [fleetdial]
    former: [acme-tool-classic]
  - name: acme-simulator
    published: false
always:
  - {name: acme-tol, package: acme-tool, reason: Support answers it every week, route: request}
look_alikes:
  - {name: acme-tool-pro, package: acme-tool, date: 2026-10-20, note: Same readme}
"""


class Place(NamedTuple):
    """A folder with a names.yaml that holds the printed lines, and the environment of its commands."""

    folder: Path
    environment: dict[str, str]

    @property
    def ledger(self) -> Path:
        return self.folder / ".namehold" / "ledger-rehearsal.jsonl"

    def call(self, *words: str) -> Done:
        return call(*words, cwd=self.folder, env=self.environment)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An index that plays the situation, and a copy of names.yaml with the lines that were printed to paste."""
    folder = tmp_path_factory.mktemp("situation")
    (folder / "names.yaml").write_text(ACCOUNT + CONFIG, "utf-8")
    (folder / "copy").mkdir()
    with start("rehearse", "--serve", "--owned", "names.yaml", cwd=folder) as program:
        try:
            assert program.stdout is not None
            served = json.loads(program.stdout.readline())
            lines = [program.stdout.readline() for _ in range(8)]
            (folder / "copy" / "names.yaml").write_text("".join(lines) + CONFIG, "utf-8")
            tokens = {user["name"]: user["token"] for user in served["users"]}
            cache = {"NAMEHOLD_CACHE": str(folder / "cache"), "NAMEHOLD_OFFLINE": "1"}
            yield Place(folder / "copy", {"NAMEHOLD_TOKEN": tokens["acme-names"], **cache})
        finally:
            program.send_signal(signal.SIGINT)
            program.wait(60)


def approve(place: Place, rehearsed: str) -> None:
    """Calls the command that the rehearsal names on its last line."""
    words = shlex.split(rehearsed.splitlines()[-1].removeprefix("Next: namehold "))
    assert words[0] == "apply"
    code, _, err = place.call(*words)
    assert code == 0, err


def held(place: Place) -> dict[str, str]:
    """The held names with their versions."""
    return {item.name: item.version for item in read_holdings(place.ledger).held}


def test_every_command_can_be_tried_offline(place: Place) -> None:
    for words in (
        ["snapshot", "update"],
        ["discover"],
        ["doctor"],
        ["names", "acme-tool"],
        ["check", "acme-tolo"],
        ["plan"],
        ["explain", "fleetdial"],
        ["plan", "--show", "fleetdial"],
        ["build"],
        ["rehearse"],
    ):
        code, _, err = place.call(*words)
        assert code == 0, (words, err)
    approve(place, err)
    assert held(place) == {"acme-tool-classic": "0.0.1", "acme-toolbox": "0.0.1", "fleetdial": "0.0.1"}

    for words in (
        ["status"],
        ["run"],
        ["watch"],
        ["audit", "fleetdial"],
        ["report"],
        ["report", "--brief"],
        ["register"],
        ["letter", "prohibit"],
        ["letter"],
        ["scan", "."],
        ["handover", "fleetdial", "--to", "The Fleet project"],
    ):
        code, _, err = place.call(*words)
        assert code == 0, (words, err)

    config = place.folder / "names.yaml"
    later = "renew:\n  - {name: fleetdial, version: 0.0.2, reason: Moved}\n"
    config.write_text(config.read_text("utf-8") + later, "utf-8")
    for words in (["plan"], ["rehearse"]):
        code, _, err = place.call(*words)
        assert code == 0, err
    approve(place, err)
    now = held(place)
    assert now["fleetdial"] == "0.0.2"
    # The index knows enough to write a lost ledger anew, and to take in what the ledger lacks.
    names = place.folder / "names.txt"
    names.write_text("acme-toolbox\nfleetdial\n", "utf-8")
    place.ledger.unlink()
    code, _, err = place.call("status", "--rebuild", "names.txt")
    assert code == 0, err
    code, _, err = place.call("adopt", "acme-tool-classic", "--yes")
    assert code == 0, err
    assert held(place) == now


def test_what_the_index_shows_is_what_names_yaml_says(place: Place) -> None:
    code, out, err = place.call("discover", "--dry-run", "--format", "csv")
    assert code == 0, err
    found = {(row["list"], row["value"]): row["status"] for row in csv.DictReader(out.splitlines())}
    surfaces = [("commands", "fleetdial"), ("former", "acme-tool-classic"), ("imports", "acme_toolbox")]
    assert found == dict.fromkeys(surfaces, "known")
    code, out, _ = place.call("doctor", "--format", "csv")
    facts = {row["what"]: row["finding"] for row in csv.DictReader(out.splitlines())}
    assert facts["whose acme-tool is"] == "proved"
    assert "contradicted" not in facts.values()


def test_the_plan_for_it_keeps_to_the_public_index_s_rules(place: Place) -> None:
    assert place.call("snapshot", "update").code == 0
    code, out, _ = place.call("check", "acmetool", "--format", "json")
    assert code == 0
    (check,) = json.loads(out)["names"]
    assert (check["name"], check["protection"]) == ("acmetool", "similar")


def test_only_a_served_index_plays_a_situation(tmp_path: Path) -> None:
    (tmp_path / "names.yaml").write_text(ACCOUNT + CONFIG, "utf-8")
    code, _, err = call("rehearse", "--owned", "names.yaml", cwd=tmp_path)
    assert (code, "--owned" in err) == (2, True)

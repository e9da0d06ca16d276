"""A stranger's package under `packages` opens nothing around it, for a package of one's own neither."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import KEY
from tests.harness.desk import Desk, desk_of

BRAND = NormalizedName("flowbrand")

PORTFOLIO = """\
packages:
  - {name: acme-tool, commands: [acme-toolctl]}
  - {name: flowbrand}
always:
  - {name: flowbradn, package: acme-tool, route: reserve, reason: seen}
  - {name: flowbrand-cli, package: acme-tool, route: reserve, reason: seen}
  - {name: acme-tools, package: acme-tool, route: reserve, reason: seen}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    with desk_of(tmp_path, PORTFOLIO, names=("acme-tool", BRAND)) as desk:
        desk.index.state.add_project(BRAND, owner="stranger")
        yield desk


def test_apply_asks_about_every_package_that_makes_a_name_ours(here: Desk) -> None:
    here.plan()
    planned = {action["name"] for action in here.document("plan.json")["actions"]}
    assert {"flowbradn", "flowbrand-cli", "acme-tools"} <= planned
    outcomes = {item["name"]: item["outcome"] for item in json.loads(here.apply().out)["receipts"]}
    assert outcomes["acme-tools"] == "held"
    assert {outcomes["flowbradn"], outcomes["flowbrand-cli"]} == {"skipped"}


def test_run_does_so_too(here: Desk) -> None:
    found = json.loads(here.call("run", "--snapshot", "names.txt", "--format", "json").out)
    approve = ("--approve", found["action_digest"])
    found = json.loads(here.call("run", "--snapshot", "names.txt", "--format", "json", *approve).out)
    assert [item["name"] for item in found["done"]] == ["acme-tools"]


def test_what_is_ours_by_another_package_of_ours_is_sent(here: Desk) -> None:
    here.index.state.delete_project(BRAND)
    here.index.state.add_project(BRAND, owner="acme")
    here.plan()
    outcomes = {item["name"]: item["outcome"] for item in json.loads(here.apply().out)["receipts"]}
    assert {outcomes["flowbradn"], outcomes["flowbrand-cli"]} == {"held"}


def test_no_letter_asks_for_it(here: Desk) -> None:
    here.edit("route: reserve", "route: request")
    here.plan()
    done = here.call("letter", "prohibit", "flowbradn")
    assert done.code == 6
    assert done.rules == ["letter-territory"]
    assert here.call("letter", "prohibit", "acme-tools").code == 0

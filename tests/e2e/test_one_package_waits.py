"""A package without proof makes the names around it wait, with the reason and the day; everything else goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import KEY
from tests.harness.desk import Desk, desk_of
from tests.harness.pages import break_pages

from namehold.index import ProjectStatus

TOOL, YOUNG, LOST = map(NormalizedName, ("acme-tool", "acme-scope", "acme-lost"))

PORTFOLIO = """\
packages:
  - {name: acme-tool, commands: [acme-toolctl]}
  - {name: acme-scope, commands: [acme-scopectl]}
  - {name: acme-lost, commands: [acme-lostctl]}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Three packages: an old one of the account's, one of today, one that a stranger holds."""
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    with desk_of(tmp_path, PORTFOLIO, names=("acme-tool", "acme-scope", "acme-lost")) as desk:
        desk.index.state.add_project(YOUNG, owner="acme", age_days=20)
        desk.index.state.add_project(LOST, owner="stranger")
        yield desk


def planned(desk: Desk) -> list[str]:
    return [action["name"] for action in desk.document("plan.json")["actions"]]


def deferred(desk: Desk) -> dict[str, str]:
    return {item["name"]: item["reason"]["rule"] for item in desk.document("plan.json")["deferred"]}


def test_before_anybody_asked_everything_is_planned_and_marked(here: Desk) -> None:
    done = here.plan()
    assert done.code == 0
    assert {"acme-toolctl", "acme-scopectl", "acme-lostctl"} <= set(planned(here))
    # Once at each name, and once at each package.
    assert done.out.count("not proved yet") == 6


def test_a_package_that_was_never_asked_about_is_marked_in_rehearsal_and_report_too(here: Desk) -> None:
    here.plan()
    marks = {f"{package} (not proved yet)" for package in ("acme-tool", "acme-scope", "acme-lost")}
    for command in (("rehearse", "--snapshot", "names.txt"), ("report", "--format", "markdown")):
        done = here.call(*command)
        assert done.code == 0, done.err
        assert all(mark in done.out for mark in marks), command


def test_every_command_gives_the_same_answer(here: Desk) -> None:
    assert here.call("doctor").code == 11
    waits = {"acme-scopectl": "ownership-too-young", "acme-lostctl": "ownership-others"}

    # Plan, report and rehearse use the kept answer, with its day, and end with 0.
    done = here.plan()
    assert done.code == 0, done.err
    assert planned(here) == ["acme-toolctl"]
    assert waits.items() <= deferred(here).items()
    assert "younger than 180 days" in done.out
    assert "on it does (seen on " in done.out
    done = here.call("rehearse", "--snapshot", "names.txt")
    assert done.code == 0, done.err
    assert "acme-scopectl waits: acme-scope isn't proved to be yours" in done.err
    done = here.call("report", "--format", "json")
    assert done.code == 0
    assert {item["name"] for item in json.loads(done.out)["deferred"]} >= waits.keys()

    # Run and apply ask anew, send the rest, and end with 11: another reason than age stands against a package.
    done = here.call("run", "--snapshot", "names.txt", "--format", "json")
    found: dict[str, Any] = json.loads(done.out)
    assert done.code == 11
    assert {item["name"]: item["rule"] for item in found["waiting"]} == {"acme-toolctl": "approval", **waits}
    done = here.call("run", "--snapshot", "names.txt", "--format", "json", "--approve", found["action_digest"])
    found = json.loads(done.out)
    assert (done.code, [item["name"] for item in found["done"]]) == (11, ["acme-toolctl"])
    assert {item["name"]: item["rule"] for item in found["waiting"]} == waits


def test_a_package_whose_page_cant_be_read_stops_no_other(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    break_pages(monkeypatch, LOST)
    done = here.call("doctor", "--format", "json")
    (unread,) = [item for item in json.loads(done.out)["checks"] if item.get("package") == "acme-lost"]
    assert (done.code, unread["rule"]) == (11, "ownership-unread")
    # It says nothing of whose the package is, so that the plan goes on as if it had not been asked about.
    here.plan()
    assert "acme-lostctl" in planned(here)
    done = here.call("apply", "--snapshot", "names.txt", "--yes", "--format", "json")
    assert done.code == 11, done.err
    assert "acme-lostctl: waits for proof" in done.err
    assert "its JSON has another form" in done.err
    assert [item["outcome"] for item in json.loads(done.out)["receipts"] if item["name"] == "acme-toolctl"] == ["held"]


def test_a_held_name_whose_page_cant_be_read_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    with desk_of(tmp_path, PORTFOLIO, names=("acme-tool", "acme-scope", "acme-lost")) as desk:
        for package in (YOUNG, LOST):
            desk.index.state.add_project(package, owner="acme")
        desk.plan()
        assert desk.call("apply", "--snapshot", "names.txt", "--yes").code == 0
        break_pages(monkeypatch, "acme-scopectl")
        desk.index.state.set_status(NormalizedName("acme-toolctl"), ProjectStatus.ARCHIVED)
        monkeypatch.setattr("namehold.publish.first_byte.find_doubtful", lambda held, *_, **__: held)
        done = desk.call("run", "--snapshot", "names.txt", "--format", "json")
        told = {item["name"]: item["rule"] for item in json.loads(done.out)["drift"]}
        assert (done.code, told) == (11, {"acme-toolctl": "drift-archived", "acme-scopectl": "drift-unread"})
        desk.index.state.set_status(NormalizedName("acme-toolctl"), ProjectStatus.ACTIVE)
        done = desk.call("status", "--verify", str(desk.ledger))
        assert done.code == 11, done.err
        assert re.search(r"agrees with index +not known", done.out)
        done = desk.call("audit", "acme-scopectl", "acme-toolctl", "--format", "json")
        assert done.code == 11, done.err
        assert [item["claims"][0]["verdict"] for item in json.loads(done.out)["names"]] == ["not-checked", "agrees"]


def test_a_package_of_the_account_whose_page_cant_be_read_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    with desk_of(tmp_path, PORTFOLIO, names=("acme-tool", "acme-scope", "acme-lost")) as desk:
        for package in (YOUNG, LOST):
            desk.index.state.add_project(package, owner="acme")
        break_pages(monkeypatch, LOST, message="it answered 403")
        desk.plan()
        done = desk.call("apply", "--snapshot", "names.txt", "--yes", "--format", "json")
        assert done.code == 11, done.err
        outcomes = {item["name"]: item["outcome"] for item in json.loads(done.out)["receipts"]}
        assert outcomes["acme-toolctl"] == outcomes["acme-scopectl"] == "held"
        assert "acme-lostctl" not in outcomes
        done = desk.call("status", "--format", "json")
        assert done.code == 11, done.err
        assert [(item["rule"], item["name"]) for item in json.loads(done.out)["drift"]] == [("drift-unread", LOST)]
        done = desk.call("run", "--snapshot", "names.txt", "--format", "json")
        assert (done.code, [item["name"] for item in json.loads(done.out)["drift"]]) == (11, [LOST]), done.err
        # What wasn't seen contradicts no ledger.
        done = desk.call("status", "--verify", str(desk.ledger), "--format", "json")
        assert (done.code, json.loads(done.out)["agrees_with_index"]) == (11, None), done.err

        # Any other project of the account may be a reservation, so that nothing is sent.
        break_pages(monkeypatch, "acme-website")
        desk.index.state.add_project(NormalizedName("acme-website"), owner="acme")
        assert desk.call("status").code == 11
        assert desk.call("run", "--snapshot", "names.txt").code == 4


def test_apply_asks_about_what_its_plan_holds_back(here: Desk) -> None:
    # Whether doctor was called before the plan doesn't change the exit code.
    here.call("doctor")
    here.plan()
    done = here.apply()
    assert done.code == 11, done.err
    assert [item["name"] for item in json.loads(done.out)["receipts"]] == ["acme-toolctl"]
    assert "acme-lostctl: waits for proof: " in done.err
    # A call of the same command would find the same.
    assert done.err.endswith("Next: namehold doctor\n")
    assert here.call("run", "--snapshot", "names.txt").err.endswith("Next: namehold doctor\n")


def test_a_letter_goes_on_without_the_names_around_packages_without_proof(here: Desk) -> None:
    here.edit("packages:\n", "policy: {threshold: 0.0003}\npackages:\n  - {name: acme-view}\n")
    here.index.state.add_project(NormalizedName("acme-view"), owner="acme")
    here.plan()
    done = here.call("letter", "prohibit", "--format", "json")
    assert done.code == 0, done.err
    written = json.loads(done.out)
    assert "acme-tool" in written["body"]
    assert not {"acme-scope", "acme-lost"} & set(re.findall(r"[a-z-]*[a-z]", written["body"]))
    for package in ("acme-scope", "acme-lost"):
        assert f"Left out are the names around {package}: " in done.err
    # Who names one of them gets the reason in place of a letter.
    asked = here.call("letter", "prohibit", "acme-scopes")
    assert (asked.code, asked.rules) == (6, ["letter-target"])


def test_a_letter_for_a_prefix_goes_on_with_the_packages_that_are_proved(tmp_path: Path) -> None:
    packages = ("gripwright-arm", "gripwright-hand", "gripwright-lost")
    with desk_of(tmp_path, f"packages: [{', '.join(packages)}]\n", names=packages) as desk:
        for package in packages:
            owner = "stranger" if package.endswith("lost") else "acme"
            desk.index.state.add_project(NormalizedName(package), owner=owner)
        desk.plan()
        done = desk.call("letter", "namespace", "--format", "json")
    assert done.code == 0, done.err
    body = json.loads(done.out)["body"]
    assert [package for package in packages if package in body] == ["gripwright-arm", "gripwright-hand"]
    assert "Left out are the names around gripwright-lost: " in done.err


def test_a_report_asks_for_no_name_around_a_package_without_proof(here: Desk) -> None:
    here.edit("packages:\n", "policy: {threshold: 0.001}\npackages:\n")
    here.plan()
    here.call("doctor")
    (line,) = (each for each in here.call("report").out.splitlines() if "Ask the administrators" in each)
    assert "acme-tools" in line
    assert "acme-scope" not in line
    assert "acme-lost" not in line


def test_an_internal_name_that_is_held_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    internal = "internal:\n  - {name: acme-tool-payroll, ask: refuse}\n"
    with desk_of(tmp_path, "packages:\n  - {name: acme-tool}\n" + internal) as desk:
        desk.plan()
        done = desk.apply()
        assert [item["name"] for item in json.loads(done.out)["receipts"]] == ["acme-tool-payroll"]
        assert desk.call("status").code == 0
        desk.edit(internal, "")
        assert desk.call("status").code == 11


def test_age_alone_is_no_finding(here: Desk) -> None:
    here.edit("  - {name: acme-lost, commands: [acme-lostctl]}\n", "")
    here.plan()
    done = here.apply()
    assert done.code == 0, done.err
    assert [item["name"] for item in json.loads(done.out)["receipts"]] == ["acme-toolctl"]
    assert "acme-scopectl: waits for proof: " in done.err
    # Planning uses what apply has just seen.
    here.plan()
    assert "acme-scopectl" not in planned(here)


def test_a_plan_made_before_the_index_was_asked_is_rehearsed_without_them(here: Desk) -> None:
    here.plan()
    here.call("doctor")
    done = here.call("rehearse", "--snapshot", "names.txt", "--format", "json")
    assert done.code == 0, done.err
    assert [item["name"] for item in json.loads(done.out)["receipts"]] == ["acme-toolctl"]


def test_a_new_answer_counts_at_once(here: Desk) -> None:
    here.call("doctor")
    here.index.state.delete_project(LOST)
    here.index.state.add_project(LOST, owner="acme", age_days=20)
    here.plan()
    assert deferred(here)["acme-lostctl"] == "ownership-others"
    here.call("doctor")
    here.plan()
    assert deferred(here)["acme-lostctl"] == "ownership-too-young"

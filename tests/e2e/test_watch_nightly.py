"""`namehold watch` night after night: from the lists that were fetched, each neighbour looked up and told once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import remember_projects
from tests.harness.desk import Desk, desk_of
from tests.harness.wheels import make_wheel

_PACKAGES = "packages:\n  - {name: borealis-scope, former: [scope-borealis-classic]}\ninternal: [borealis-vault]\n"
_OWN_PURPOSE = "Draws star maps of the southern sky."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path, _PACKAGES, names=["borealis-scope"]) as made:
        add(made, "borealis-scope", owner="acme", summary="Reads oscilloscopes.", age_days=900)
        add(made, "borealis-scopes", age_days=400)
        add(made, "borealis-scop", age_days=300)
        add(made, "requests", age_days=900)
        update(made)
        yield made


def add(desk: Desk, name: str, *, owner: str = "mallory", summary: str = _OWN_PURPOSE, age_days: int = 0) -> None:
    files = [make_wheel(name, summary=summary)]
    desk.index.state.add_project(NormalizedName(name), owner=owner, files=files, age_days=age_days)


def update(desk: Desk) -> None:
    code, _, err = desk.call("snapshot", "update")
    assert code == 0, err


def watch(desk: Desk, *words: str) -> tuple[int, dict[str, Any]]:
    code, out, err = desk.call("watch", "--format", "json", *words)
    assert "mallory" not in out + err
    assert "trudy" not in out + err
    return code, json.loads(out) if out else {}


def told(found: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What each list tells: the names, each with its verdict; lists that tell nothing are left out."""
    lists = ("new", "again", "changed", "gone")
    return {key: [(row["name"], row["verdict"]) for row in found[key]] for key in lists if found[key]}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The projects that the index is asked about, in order."""
    return remember_projects(monkeypatch)


def test_the_first_list_is_compared_with_the_next_one(desk: Desk) -> None:
    code, _, err = desk.call("watch")
    assert code == 0, err
    assert "the next one is compared with it" in err
    add(desk, "borealis-scope-pro")
    update(desk)
    code, found = watch(desk)
    assert (code, told(found)) == (0, {"new": [("borealis-scope-pro", "unrelated")]}), found
    assert found["new"][0]["why"].endswith(f"its own summary: {_OWN_PURPOSE}")


def test_each_new_neighbour_is_judged_and_told_once(desk: Desk, asked: list[str]) -> None:
    add(desk, "borealis-scope-pro")
    add(desk, "borealis-scope-cli", summary="Like borealis-scope, but better.")
    add(desk, "borealis-scopy", summary="")
    add(desk, "borealis-scope-docs", owner="acme")
    add(desk, "zebra")
    desk.index.state.delete_project(NormalizedName("borealis-scop"))
    update(desk)
    code, found = watch(desk, "--only-new")
    assert code == 11
    assert told(found) == {
        "new": [
            ("borealis-scope-cli", "possible"),
            ("borealis-scope-docs", "ours"),
            ("borealis-scope-pro", "unrelated"),
            ("borealis-scopy", "possible"),
        ],
        "gone": [("borealis-scop", "not-looked-up")],
    }
    assert found["new"][0]["why"] == "its summary names borealis-scope"
    desk.index.state.add_project(NormalizedName("later"), owner="mallory")
    before = list(asked)
    # Nothing near has changed: nothing is printed, on either stream, and nothing is asked.
    for words in (["--only-new"], ["--only-new", "--format", "json"]):
        assert desk.call("watch", *words) == (0, "", "")
    assert asked == before
    update(desk)
    assert desk.call("watch", "--only-new") == (0, "", "")
    # Without --only-new, what waits for a person is told again, and isn't asked for again.
    code, found = watch(desk)
    assert (code, told(found)) == (11, {"new": [("borealis-scope-cli", "possible"), ("borealis-scopy", "possible")]})
    assert asked == before
    assert len(before) == len(set(before))


def test_a_verdict_silences_a_neighbour_until_it_changes(desk: Desk) -> None:
    add(desk, "borealis-scope-cli", summary="Like borealis-scope, but better.")
    update(desk)
    assert watch(desk)[0] == 11
    words = ["--by", "security team", "--until", "2999-12-31", "--note", "A fan's front end"]
    code, _, err = desk.call("watch", "--unrelated", "borealis-scope-cli", *words)
    assert code == 0, err
    (verdict,) = desk.portfolio.unrelated
    assert (verdict.by, str(verdict.until), verdict.note) == ("security team", "2999-12-31", "A fan's front end")
    assert verdict.serial == desk.index.state.project(verdict.name).serial  # type: ignore[union-attr]  # it is there
    assert told(watch(desk)[1]) == {}
    desk.index.state.add_release(verdict.name, make_wheel(verdict.name, "2.0", summary="Like borealis-scope."))
    update(desk)
    code, found = watch(desk, "--only-new")
    assert (code, told(found)) == (11, {"changed": [("borealis-scope-cli", "possible")]})


def test_a_look_alike_is_judged_by_its_serial_too(desk: Desk) -> None:
    add(desk, "borealis-scope-cli", summary="Like borealis-scope, but better.")
    update(desk)
    watch(desk)
    assert desk.call("watch", "--look-alike", "borealis-scope-cli", "--by", "security team")[0] == 0
    (verdict,) = desk.portfolio.look_alikes
    assert (verdict.package, verdict.by, verdict.serial is None) == ("borealis-scope", "security team", False)
    assert watch(desk)[0] == 0


def test_a_list_without_serials_gives_a_verdict_none(desk: Desk) -> None:
    (desk.folder / "bare.txt").write_text("borealis-scope\nborealis-scopes\n", encoding="utf-8")
    assert desk.call("snapshot", "import", "bare.txt", "--index", "trial", "--smaller")[0] == 0
    code, _, err = desk.call("watch", "--unrelated", "borealis-scopes")
    assert code == 0, err
    assert "serial" not in desk.config.read_text(encoding="utf-8")
    assert [item.serial for item in desk.portfolio.unrelated] == [None]


def test_a_verdict_until_a_day_that_is_over_is_refused(desk: Desk) -> None:
    code, _, err = desk.call("watch", "--unrelated", "borealis-scopes", "--until", "2020-01-01")
    assert code == 2
    assert "is over" in err


def test_a_project_registered_again_by_somebody_else_is_no_release(desk: Desk) -> None:
    name = NormalizedName("borealis-scopes")
    desk.index.state.delete_project(name)
    add(desk, name, owner="trudy")
    release = make_wheel("borealis-scop", "2.0", summary=_OWN_PURPOSE)
    desk.index.state.add_release(NormalizedName("borealis-scop"), release)
    update(desk)
    code, found = watch(desk, "--only-new")
    assert code == 11
    assert told(found) == {"again": [("borealis-scopes", "possible")]}
    assert found["again"][0]["why"].startswith("it was registered again; ")
    assert told(watch(desk)[1])["again"] == [("borealis-scopes", "possible")]


def test_another_owner_without_a_new_registration_is_told(desk: Desk) -> None:
    name = NormalizedName("borealis-scopes")
    desk.index.state.add_release(name, make_wheel(name, "2.0", summary=_OWN_PURPOSE))
    update(desk)
    assert told(watch(desk)[1]) == {"changed": [("borealis-scopes", "unrelated")]}
    project = desk.index.state.project(name)
    assert project is not None
    project.roles.clear()
    desk.index.state.add_role(name, "trudy", "Owner")
    update(desk)
    code, found = watch(desk, "--only-new")
    assert (code, told(found)) == (11, {"changed": [("borealis-scopes", "possible")]})
    assert found["changed"][0]["why"].startswith("its owner has changed")


def test_a_wanted_name_that_was_taken_overnight_is_the_first_line(desk: Desk) -> None:
    code, _, err = desk.plan()
    assert code == 0, err
    assert [item["name"] for item in desk.document("plan.json")["actions"]] == ["scope-borealis-classic"]
    add(desk, "borealis-scope-pro")
    add(desk, "scope-borealis-classic")
    add(desk, "borealis-vault")
    update(desk)
    code, out, err = desk.call("watch", "--only-new")
    first, second, *_ = err.splitlines()
    assert first == "borealis-vault was internal, and somebody has registered it."
    assert second == "scope-borealis-classic was planned, and somebody has registered it."
    assert [line.split()[0] for line in out.splitlines()[1:]][:2] == ["borealis-vault", "scope-borealis-classic"]


def test_an_index_that_cannot_be_asked_loses_no_neighbour(desk: Desk) -> None:
    add(desk, "borealis-scope-cli", summary="Like borealis-scope, but better.")
    update(desk)
    text = desk.config.read_text(encoding="utf-8")
    closed = text.replace(desk.index.json_url, "http://127.0.0.1:9/")
    desk.config.write_text(closed, encoding="utf-8")
    code, found = watch(desk, "--only-new")
    assert (code, told(found)) == (11, {"new": [("borealis-scope-cli", "not-looked-up")]})
    desk.config.write_text(text, encoding="utf-8")
    code, found = watch(desk, "--only-new")
    assert (code, told(found)) == (11, {"new": [("borealis-scope-cli", "possible")]})


def test_taken_names_of_the_plan_are_told_and_asked_for_once(desk: Desk, asked: list[str]) -> None:
    add(desk, "scope-borealis-classic", summary="Like borealis-scope, but better.", age_days=200)
    update(desk)
    assert desk.call("plan")[0] == 0
    code, found = watch(desk, "--only-new")
    assert code == 11
    assert {row["name"]: row["relation"] for row in found["names"]} == {
        "borealis-scop": "no sign found",
        "borealis-scopes": "no sign found",
        "scope-borealis-classic": "possible look-alike",
    }
    before = list(asked)
    assert desk.call("watch", "--only-new") == (0, "", "")
    assert asked == before


def test_a_neighbour_that_a_person_calls_a_look_alike_is_reported(desk: Desk) -> None:
    """Also one that no technique makes a candidate."""
    add(desk, "borealis-scope-zebrafish", summary="Like borealis-scope, but better.")
    update(desk)
    assert watch(desk)[0] == 11
    assert desk.call("watch", "--look-alike", "borealis-scope-zebrafish", "--note", "It copies our readme.")[0] == 0
    code, _, err = desk.call("plan")
    assert code == 0, err
    code, out, err = desk.call("letter", "report", "borealis-scope-zebrafish", "--note", "It copies our readme.")
    assert code == 0, err
    assert "borealis-scope-zebrafish" in out
    assert "mallory" not in out + err


def test_a_list_that_lacks_names_is_not_compared_and_hides_nothing_later(desk: Desk) -> None:
    watch(desk)
    add(desk, "borealis-scope-pro")
    (desk.folder / "some.txt").write_text("borealis-scope\n", encoding="utf-8")
    assert desk.call("snapshot", "import", "some.txt", "--index", "trial", "--partial").code == 0
    code, out, err = desk.call("watch")
    assert (code, "borealis-scop " in out) == (0, False)
    assert "isn't complete" in err
    update(desk)
    assert told(watch(desk)[1]) == {"new": [("borealis-scope-pro", "unrelated")]}

"""`namehold watch` on two lists of the index, as people call it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.harness.cli import call

_CONFIG = """\
organization: {name: Borealis Instruments, contact: "https://borealis-instruments.example/issues"}
account: {index: pypi, username: borealis}
packages: [{name: borealis-instruments-scope, imports: [borealis_scope]}]
demo: true
"""
_OLD = {"requests": 1, "borealis-instruments-scope": 2, "borealis-instruments-scop": 3, "borealis-scopes": 4}
_NEW = {
    "requests": 5,
    "borealis-instruments-scope": 6,
    "borealis-instruments-scop": 8,
    "borealis-instruments-scope-pro": 9,
    "zebra": 7,
}


def write_list(path: Path, names: Mapping[str, int]) -> str:
    projects = [{"name": name, "_last-serial": serial} for name, serial in names.items()]
    path.write_text(json.dumps({"meta": {"api-version": "1.4"}, "projects": projects}), encoding="utf-8")
    return str(path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "names.yaml").write_text(_CONFIG, encoding="utf-8")
    write_list(tmp_path / "old.json", _OLD)
    write_list(tmp_path / "new.json", _NEW)
    return tmp_path


def compare(more: str = "") -> tuple[int, dict[str, Any]]:
    if more:
        path = Path("names.yaml")
        path.write_text(_CONFIG + more, encoding="utf-8")
    done = call("watch", "--before", "old.json", "--after", "new.json", "--format", "json", "--offline")
    return done.code, json.loads(done.out)


@pytest.mark.usefixtures("folder")
def test_what_came_went_and_changed_near_a_package_is_told_without_a_look_up() -> None:
    code, found = compare()
    assert code == 11
    assert found["schema"] == "namehold/watch/1"
    rows = {key: [(row["name"], row["near"], row["how"]) for row in found[key]] for key in ("new", "gone", "changed")}
    assert rows == {
        "new": [("borealis-instruments-scope-pro", "borealis-instruments-scope", "added-words")],
        "gone": [("borealis-scopes", "borealis-instruments-scope", "edits")],
        "changed": [("borealis-instruments-scop", "borealis-instruments-scope", "edits")],
    }
    assert {row["verdict"] for key in rows for row in found[key]} == {"not-looked-up"}
    assert (found["again"], found["names"], found["left"]) == ([], [], 0)


@pytest.mark.usefixtures("folder")
def test_a_verdict_counts_until_its_serial_or_day_has_passed() -> None:
    unrelated = "unrelated: [borealis-instruments-scope-pro, borealis-scopes, {name: borealis-instruments-scop%s}]\n"
    assert compare(unrelated % "")[0] == 0
    assert compare(unrelated % ", serial: 8, until: 2999-01-01, by: the security team")[0] == 0
    code, found = compare(unrelated % ", serial: 3")
    assert (code, found["changed"][0]["verdict"], found["new"][0]["verdict"]) == (11, "not-looked-up", "unrelated")
    assert compare(unrelated % ", until: 2020-01-01")[0] == 11


@pytest.mark.usefixtures("folder")
def test_how_many_edits_are_near_is_set_in_names_yaml() -> None:
    found = compare("watch: {one_edit_from: 30, two_edits_from: 30}\n")[1]
    rows = [*found["changed"], *found["gone"]]
    assert "edits" not in {row["how"] for row in rows}
    assert [row["name"] for row in found["new"]] == ["borealis-instruments-scope-pro"]


@pytest.mark.usefixtures("folder")
def test_before_a_verdict_the_newer_list_is_kept() -> None:
    done = call("watch", "--before", "old.json", "--after", "new.json")
    name = "borealis-instruments-scope-pro"
    assert f"look at {name}; for a verdict: namehold snapshot import new.json" in done.err
    assert call("snapshot", "import", "new.json").code == 0
    done = call("watch", "--before", "old.json", "--after", "new.json")
    assert f"namehold watch --look-alike {name}" in done.err
    assert call("watch", "--look-alike", name, "--note", "Same readme").code == 0


@pytest.mark.usefixtures("folder")
def test_an_internal_name_that_was_registered_is_the_first_line() -> None:
    Path("names.yaml").write_text(_CONFIG + "internal: [zebra]\n", encoding="utf-8")
    done = call("watch", "--before", "old.json", "--after", "new.json")
    assert done.code == 11
    assert done.err.splitlines()[0] == "zebra was internal, and somebody has registered it."


@pytest.mark.usefixtures("folder")
def test_where_many_build_on_a_package_only_general_words_are_told() -> None:
    Path("names.yaml").write_text(_CONFIG.replace("borealis-instruments-scope,", "robo-django,"), encoding="utf-8")
    others = {f"robo-django-{word}": 1 for word in ("alpaca", "bison", "camel", "dingo", "emu")}
    write_list(Path("old.json"), others)
    write_list(Path("new.json"), {**others, "robo-django-client": 2, "robo-django-ferret": 2, "robo-django-gnu": 2})
    found = compare()[1]
    assert [row["name"] for row in found["new"]] == ["robo-django-client"]
    assert found["others"] == [{"brand": "robo-django", "number": 2}]


@pytest.mark.usefixtures("folder")
def test_the_organization_s_first_word_is_a_brand_though_it_is_a_word_of_the_language() -> None:
    config = _CONFIG.replace("Borealis Instruments", "Kestrel Works")
    Path("names.yaml").write_text(config.replace("borealis-instruments-scope,", "kestrel-arm,"), encoding="utf-8")
    strangers = {"kestrel-sdk": 2, "mykestreltools": 3, "kestrel-owl": 4, "arm-owl": 5}
    write_list(Path("old.json"), {"kestrel-arm": 1})
    write_list(Path("new.json"), {"kestrel-arm": 1, **strangers})
    code, found = compare()
    assert (code, [row["name"] for row in found["new"]]) == (11, ["kestrel-sdk", "mykestreltools"])
    assert found["others"] == [{"brand": "kestrel", "number": 1}]

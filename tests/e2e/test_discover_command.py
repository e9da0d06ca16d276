"""`namehold discover` as people call it, against a rehearsal index on loopback."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.desk import CONFIG, Desk, desk_of
from tests.harness.wheels import make_wheel

from namehold.errors import IndexError_
from namehold.portfolio import edit
from namehold.portfolio.packages import Package

_PACKAGES = """\

packages:
  # the oldest
  - name: acme-tool  # ours
    imports: [acme_tool, acme_lost]
    ignore: [acme-debug]
  - acme-sdk

policy: cautious  # for now
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path, _PACKAGES, config=f"# What we own.\n{CONFIG}") as made:
        release(made, "acme-tool", "1.0", scripts=["acmectl", "acme-debug"], requires_dist=["numpy"], extras=["vision"])
        release(made, "acme-sdk", "2.0", modules=["acme_sdk"], scripts=["acme-sdk-run"])
        yield made


def release(desk: Desk, name: str, version: str, **parts: object) -> None:
    """Puts a project with one wheel in the place of what was there."""
    normalized = NormalizedName(name)
    if desk.index.state.project(normalized) is not None:
        desk.index.state.delete_project(normalized)
    wheel = make_wheel(name, version, **parts)  # type: ignore[arg-type]  # keyword by keyword, as each test needs
    desk.index.state.add_project(normalized, owner="acme", files=[wheel])


def package_of(desk: Desk, name: str) -> Package:
    return desk.portfolio.package(NormalizedName(name))


def test_what_the_index_shows_is_written_with_its_source_and_nothing_else_changes(desk: Desk) -> None:
    before = desk.config.read_text(encoding="utf-8")
    code, out, err = desk.call("discover", "--format", "json")
    assert code == 0, err
    assert err.splitlines()[-1] == "Next: namehold plan"
    found = json.loads(out)
    assert found["schema"] == "namehold/discovery/1"
    changes = {(item["package"], item["key"], item["value"]): item["change"] for item in found["findings"]}
    assert changes["acme-tool", "commands", "acmectl"] == "new"
    assert changes["acme-tool", "commands", "acme-debug"] == "ignored"
    assert changes["acme-tool", "imports", "acme_tool"] == "known"
    assert changes["acme-tool", "imports", "acme_lost"] == "claimed"

    after = desk.config.read_text(encoding="utf-8")
    for comment in ("# What we own.", "# the oldest", "# ours", "# for now"):
        assert comment in after
    assert after.startswith(before[: before.index("packages:")])
    surfaces = {item.value: item.source for item in package_of(desk, "acme-tool").surfaces}
    assert surfaces["acmectl"] == "acme_tool-1.0-py3-none-any.whl"
    assert surfaces["acme_tool"] == "acme_tool-1.0-py3-none-any.whl"
    assert surfaces["acme_lost"] == "names.yaml"
    assert package_of(desk, "acme-tool").companions == ("numpy",)
    assert "acme-sdk-run" in {item.value for item in package_of(desk, "acme-sdk").surfaces}


def test_a_second_run_changes_nothing_and_a_new_release_shows_what_changed(desk: Desk) -> None:
    desk.call("discover")
    once = desk.config.read_bytes()
    code, out, _ = desk.call("discover", "--format", "csv")
    assert code == 0
    assert desk.config.read_bytes() == once
    assert ",new," not in out

    release(desk, "acme-tool", "1.1", scripts=["acme-next"], requires_dist=["numpy"], extras=["vision"])
    code, out, err = desk.call("discover", "acme-tool", "--format", "csv")
    assert code == 0, err
    assert "acme-tool,commands,acme-next,new,appeared,acme_tool-1.1-py3-none-any.whl" in out
    assert "acme-tool,commands,acmectl,gone,gone,acme_tool-1.0-py3-none-any.whl" in out
    # People still know the old command: it stays until a person deletes it.
    assert {"acmectl", "acme-next"} <= {item.value for item in package_of(desk, "acme-tool").surfaces}


def test_where_only_sources_are_new_no_name_is_called_new(desk: Desk) -> None:
    desk.call("discover")
    text = desk.config.read_text("utf-8")
    desk.config.write_text(re.sub(r"\{value: (\S+), source: [^}]*\}", r"\1", text), "utf-8")
    code, out, err = desk.call("discover", "--format", "csv")
    assert (code, ",new," in out) == (0, False), err
    assert "the sources of what it lists; no name is new." in err


def test_a_dry_run_keeps_the_result_and_leaves_the_file(desk: Desk) -> None:
    before = desk.config.read_bytes()
    code, _, err = desk.call("discover", "--dry-run")
    assert code == 0, err
    assert err.splitlines()[-1] == "Next: namehold discover"
    assert desk.config.read_bytes() == before
    assert (desk.state / "discovery.json").is_file()


def test_one_broken_package_does_not_hold_up_the_others(desk: Desk) -> None:
    desk.index.state.delete_project(NormalizedName("acme-tool"))
    code, out, err = desk.call("discover", "--format", "csv")
    assert code == 13, err
    assert "acme-tool,,,failed,,the index knows no project 'acme-tool'" in out
    assert "acme-sdk-run" in {item.value for item in package_of(desk, "acme-sdk").surfaces}
    desk.index.state.delete_project(NormalizedName("acme-sdk"))
    assert desk.call("discover")[0] == 4


def test_an_answer_that_nothing_is_advised_for_is_told_in_one_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise IndexError_("it answered 500")

    monkeypatch.setattr("namehold.evidence.discover.discover_package", refuse)
    assert "acme-tool: it answered 500.\n" in desk.call("discover").err


def test_packages_come_from_a_list_or_from_a_user_and_are_added(desk: Desk) -> None:
    release(desk, "acme-extra", "1.0", modules=["acme_extra"])
    release(desk, "acme-more", "1.0", modules=["acme_more"])
    (desk.folder / "list.txt").write_text("acme-extra  # new\n", encoding="utf-8")
    code, _, err = desk.call("discover", "--from", "list.txt")
    assert code == 0, err
    assert "acme_extra" in {item.value for item in package_of(desk, "acme-extra").surfaces}
    code, _, err = desk.call("discover", "--user", "acme")
    assert code == 0, err
    assert "acme_more" in {item.value for item in package_of(desk, "acme-more").surfaces}


def test_an_index_that_lists_no_users_projects_says_why(desk: Desk) -> None:
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(
        "".join(line for line in text.splitlines(keepends=True) if "json:" not in line), encoding="utf-8"
    )
    code, _, err = desk.call("discover", "--user", "acme")
    assert code == 4
    assert "doesn't list a user's projects" in err
    assert "--from LIST" in err


def test_who_owns_the_packages_is_kept_for_the_plan(desk: Desk) -> None:
    desk.call("discover")
    kept = desk.document("ownership.json")
    assert kept["schema"] == "namehold/ownership/1"
    assert [item["target"] for item in kept["proofs"]] == ["acme-sdk", "acme-tool"]


def test_what_releases_show_is_kept_beside_the_ledger_and_read_once(desk: Desk) -> None:
    tool = NormalizedName("acme-tool")
    desk.index.state.add_release(tool, make_wheel("acme-tool", "0.9", scripts=["acme-classic"]), age_days=500)
    code, out, err = desk.call("discover", "--format", "csv")
    assert code == 0, err
    assert "acme-tool,commands,acme-classic,new,,acme_tool-0.9-py3-none-any.whl" in out
    kept = desk.document("releases-trial.json")
    assert kept["schema"] == "namehold/releases/1"
    assert {item["name"]: len(item["files"]) for item in kept["packages"]} == {"acme-sdk": 1, "acme-tool": 2}
    assert "acme-classic" in {item.value for item in package_of(desk, "acme-tool").surfaces}
    assert "first_release" not in desk.config.read_text(encoding="utf-8")
    assert "2 packages read in 2 requests" in desk.call("discover").err


def test_a_record_that_was_damaged_is_read_anew(desk: Desk) -> None:
    desk.call("discover")
    for content in ("{", '{"schema": "namehold/releases/1", "index": "other", "packages": []}'):
        (desk.state / "releases-trial.json").write_text(content, encoding="utf-8")
        assert desk.call("discover").code == 0
        assert desk.document("releases-trial.json")["index"] == "trial"


def test_more_than_names_yaml_can_hold_is_left_out_and_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = desk.config.stat().st_size + 4_000
    monkeypatch.setattr(edit, "MAX_FILE_BYTES", limit)
    release(desk, "acme-tool", "2.0", scripts=[f"acme-tool-command-{number}" for number in range(150)])
    code, _, err = desk.call("discover", "acme-tool")
    assert code == 13, err
    assert "can't be written" in err
    written = {item.value for item in package_of(desk, "acme-tool").surfaces if "command" in item.value}
    assert 0 < len(written) < 150
    assert limit - 2_000 < desk.config.stat().st_size <= limit
    assert len(desk.document("discovery.json")["findings"]) > 150


def test_one_package_that_can_not_be_written_keeps_no_other_out(desk: Desk) -> None:
    many = [f"acme-plugin-{number}" for number in range(6)]
    # This way to write a mapping is valid YAML, and nothing can be added to it safely.
    odd = "  - ? name\n    : acme-odd\n"
    desk.edit("  - acme-sdk\n", f"  - acme-sdk\n{odd}" + "".join(f"  - {name}\n" for name in many))
    for name in ("acme-odd", *many):
        release(desk, name, "1.0", scripts=[f"{name}-run"])
    dry = desk.call("discover", "--dry-run")
    assert odd in desk.config.read_text("utf-8")
    code, _, err = desk.call("discover")
    assert (dry.code, code) == (13, 13)
    (line,) = [line for line in err.splitlines() if "can't be written" in line]
    assert line.startswith("acme-odd: ")
    assert "can't be edited safely" in line
    for name in ("acme-tool", "acme-sdk", *many):
        assert package_of(desk, name).surfaces, name
    assert package_of(desk, "acme-odd").surfaces == ()


def test_a_file_in_which_nothing_can_be_written_is_left_alone(desk: Desk) -> None:
    text = desk.config.read_text("utf-8")
    start, end = text.index("  # the oldest"), text.index("\npolicy:")
    desk.config.write_text(f"{text[:start]}  - ? name\n    : acme-tool\n{text[end:]}", "utf-8")
    before = desk.config.read_bytes()
    code, _, err = desk.call("discover")
    assert (code, "can't be edited safely" in err) == (3, True)
    assert desk.config.read_bytes() == before


def test_names_of_a_package_that_was_never_asked_about_are_marked_until_it_was(desk: Desk) -> None:
    desk.edit("- acme-sdk", "- {name: acme-sdk, commands: [acme-sdk-run]}")
    (row,) = [line for line in desk.plan().out.splitlines() if line.startswith("1    acme-sdk-run")]
    assert "acme-sdk (not proved yet)" in row
    assert desk.call("discover").code == 0
    assert "not proved yet" not in desk.plan().out

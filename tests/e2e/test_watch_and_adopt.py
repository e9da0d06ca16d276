"""`namehold watch` and `namehold adopt` as people call them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.desk import NAMES, Desk, Origin, desk_of
from tests.harness.wheels import make_wheel

from namehold.errors import IndexError_
from namehold.index.access.http import HttpIndex
from namehold.index.model import ProjectState
from namehold.ledger.file import read_holdings
from namehold.rehearsal import seeds

TOOL = NormalizedName("acme-tool")

_PACKAGES = "packages:\n  - {name: acme-tool, former: [acme-tool-classic, acme-tool-old, acme-tool-gone]}\n"


@pytest.fixture(scope="module")
def taken_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    taken = {"acme-tool-classic": "acme-release", "acme-tool-old": "mallory", "acme-tool-gone": "trudy"}
    with desk_of(tmp_path_factory.mktemp("origin"), _PACKAGES, names=["acme-tool", *taken]) as made:
        made.edit("  username: acme\n", "  username: acme\n  holders: [acme-release]\n")
        for name, owner in taken.items():
            summary = "Better than acme-tool, by mallory" if owner == "mallory" else "Something else altogether."
            files = [make_wheel(name, "1.4", summary=summary)]
            made.index.state.add_project(NormalizedName(name), owner=owner, files=files)
        code, _, err = made.plan()
        assert code == 0, err
        yield Origin(made)


@pytest.fixture
def desk(taken_origin: Origin, tmp_path: Path) -> Desk:
    """With a plan whose names other people hold."""
    return taken_origin.copy(tmp_path / "desk")


def test_taken_names_are_told_apart_and_a_verdict_is_remembered(desk: Desk) -> None:
    code, out, err = desk.call("watch", "--format", "json")
    assert code == 11, err
    rows = {item["name"]: item for item in json.loads(out)["names"]}
    assert {name: row["relation"] for name, row in rows.items()} == {
        "acme-tool-classic": "ours",
        "acme-tool-old": "possible look-alike",
        "acme-tool-gone": "no sign found",
    }
    assert rows["acme-tool-old"]["signs"] == ["its summary names acme-tool"]
    assert "namehold adopt acme-tool-classic" in err
    assert "mallory" not in out + err

    code, _, err = desk.call("watch", "--look-alike", "acme-tool-old", "--note", "Same readme")
    assert code == 0, err
    code, _, err = desk.call("watch", "--unrelated", "acme-tool-gone")
    assert code == 0, err
    portfolio = desk.portfolio
    assert [(item.name, item.package, item.note) for item in portfolio.look_alikes] == [
        ("acme-tool-old", "acme-tool", "Same readme")
    ]
    assert [item.name for item in portfolio.unrelated] == ["acme-tool-gone"]
    desk.plan()
    code, out, err = desk.call("watch", "--format", "csv")
    assert code == 0, err
    assert "look-alike (" in out
    plan = desk.document("plan.json")
    assert {item["candidate"]["name"] for item in plan["assessments"] if item["route"] == "flag"} == {"acme-tool-old"}


def test_a_strangers_placeholder_leads_to_a_letter_that_says_what_the_index_shows(desk: Desk) -> None:
    name = NormalizedName("acme-tool-old")
    desk.index.state.add_role(TOOL, "acme", "Owner")
    desk.index.state.delete_project(name)
    files = [make_wheel(name, "0.0.0", summary="Empty placeholder package - reserved name")]
    desk.index.state.add_project(name, owner="mallory", files=files, age_days=30)
    code, _, err = desk.call("watch")
    assert code == 11
    last = err.splitlines()[-1]
    assert last == f"Next: write to its owner; without an answer: namehold letter transfer {name} --note TEXT"
    assert f"--unrelated {name}" not in err

    desk.call("snapshot", "update")
    code, out, err = desk.call("letter", "transfer", name, "--note", "We wrote twice; it bounced.")
    assert code == 0, err
    since = desk.index.clock.now().date() - dt.timedelta(days=30)
    letter = " ".join(out.split())
    assert f"first released on {since}, acme-tool on " in letter
    assert "; it says that it only holds the name" in letter
    assert "acme-tool with 'old'" in letter
    # A letter that waits for its answer leads no further, and the way doesn't lead in a circle.
    assert desk.call("letter", "--sent", str(dt.datetime.now(dt.UTC).date())).code == 0
    code, _, err = desk.call("watch")
    assert (code, err.splitlines()[-1]) == (11, "Next: namehold letter")


def test_a_verdict_is_about_a_taken_name(desk: Desk) -> None:
    code, _, err = desk.call("watch", "--look-alike", "acme-x")
    assert code == 2
    assert "none of the plan's taken names" in err


@pytest.mark.parametrize(("first", "word"), [("--look-alike", "look-alike"), ("--unrelated", "unrelated")])
@pytest.mark.parametrize("second", ["--look-alike", "--unrelated"])
def test_a_second_verdict_says_where_the_first_one_stands(desk: Desk, first: str, word: str, second: str) -> None:
    assert desk.call("watch", first, "acme-tool-old")[0] == 0
    before = desk.config.read_text(encoding="utf-8")
    (line,) = [number for number, text in enumerate(before.splitlines(), 1) if "- {name: acme-tool-old" in text]
    code, _, err = desk.call("watch", second, "Acme_Tool-old", "--note", "x")
    assert code == 2
    assert err.splitlines() == [
        f"namehold: acme-tool-old already has the verdict {word} (line {line} of names.yaml)",
        "Next: delete that first, then call again",
    ]
    assert desk.config.read_text(encoding="utf-8") == before


def test_a_verdict_that_breaks_names_yaml_blames_no_line_of_it(desk: Desk) -> None:
    code, _, err = desk.call("watch", "--look-alike", "acme-tool-old", "--note", " x")
    assert code == 3
    assert "config-text" in err
    assert "names.yaml:" not in err


def test_a_colleagues_project_is_adopted_with_its_files_and_nothing_is_sent(desk: Desk) -> None:
    desk.index.state.add_role(TOOL, "acme-release", "Owner")
    code, _, err = desk.call("adopt", "acme-tool-classic")
    assert code == 2
    assert "--yes" in err
    code, _, err = desk.call("adopt", "acme-tool-classic", "--yes")
    assert code == 0, err
    (held,) = read_holdings(desk.ledger).held
    assert (held.name, held.target, held.version, held.mode) == ("acme-tool-classic", "acme-tool", "1.4", None)
    assert held.files[0][0] == "acme_tool_classic-1.4-py3-none-any.whl"
    assert "acme-release" not in desk.ledger.read_text(encoding="utf-8")
    assert desk.index.state.uploads == []

    code, out, err = desk.call("status", "--format", "json")
    assert code == 0, err
    assert json.loads(out)["drift"] == []
    code, _, err = desk.plan()
    assert code == 0, err
    code, _, err = desk.call("report")
    assert code == 0, err
    code, _, err = desk.call("adopt", "acme-tool-classic", "--yes")
    assert "in the ledger already" in err


def test_a_holder_of_names_yaml_is_no_proof(desk: Desk) -> None:
    """Anybody may write a stranger's user name there."""
    desk.edit("acme-release]", "acme-release, mallory]")
    for name in ("acme-tool-classic", "acme-tool-old"):
        desk.index.state.add_role(TOOL, "acme-release", "Maintainer")
        code, _, err = desk.call("adopt", name, "--for", "acme-tool", "--yes")
        assert (code, "adopt-unproved" in err, "holders" in err) == (6, True, False)
    assert not desk.ledger.exists()


def test_a_project_that_declares_the_account_is_adopted(desk: Desk) -> None:
    name = NormalizedName("acme-tool-gone")
    desk.edit("acme-release]", "acme-release, trudy]")
    desk.index.state.delete_project(name)
    links = {"namehold-reserved-by": f"{desk.index.base_url}/user/acme/"}
    desk.index.state.add_project(name, owner="trudy", files=[seeds.make_wheel(name, "1.5", project_urls=links)])
    code, _, err = desk.call("adopt", name, "--for", "acme-tool", "--yes")
    assert code == 0, err


def test_nothing_is_adopted_for_a_package_that_is_not_proved(desk: Desk) -> None:
    desk.index.state.add_role(NormalizedName("acme-tool-classic"), "acme", "Owner")
    desk.index.state.delete_project(TOOL)
    desk.index.state.add_project(TOOL, owner="mallory")
    code, _, err = desk.call("adopt", "acme-tool-classic", "--for", "acme-tool", "--yes")
    assert (code, "ownership-others" in err, "mallory" in err) == (6, True, False)
    assert not desk.ledger.exists()


@pytest.mark.parametrize(("name", "rule"), [("acme-tool-old", "adopt-others"), ("acme-nowhere", "adopt-missing")])
def test_what_the_index_does_not_show_as_ours_is_not_adopted(desk: Desk, name: str, rule: str) -> None:
    code, _, err = desk.call("adopt", name, "--for", "acme-tool", "--yes")
    assert code == 6
    assert rule in err
    assert "mallory" not in err
    assert not desk.ledger.exists()


def test_a_package_of_ones_own_is_no_name_around_it(desk: Desk) -> None:
    assert desk.call("adopt", "acme-tool", "--yes")[0] == 2


# --------------------------------------------------------------------------- everything in one call


@pytest.fixture(scope="module")
def account_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with desk_of(tmp_path_factory.mktemp("origin")) as made:
        for done in (made.plan(), made.apply()):
            assert done.code == 0, done.err
        made.ledger.unlink()
        state = made.index.state
        parked = "This name is held for acme-tool. Install acme-tool instead."
        state.add_project(
            NormalizedName("acme-tol"), owner="acme", files=[make_wheel("acme-tol", "2018.4.1", summary=parked)]
        )
        state.add_project(
            NormalizedName("acme-parked"),
            owner="acme",
            files=[make_wheel("acme-parked", "1", summary="Name reserved.")],
        )
        real = make_wheel(
            "acme-website", "3.2", summary="A website.", scripts=["acme-web"], requires_dist=["acme-tool", "other"]
        )
        state.add_project(NormalizedName("acme-website"), owner="acme", files=[real])
        state.add_project(NormalizedName("acme-toool"), owner="stranger")
        yield Origin(made)


@pytest.fixture
def account(account_origin: Origin, tmp_path: Path) -> Desk:
    """An account with reservations of a lost ledger, with what other tools made, and with projects of its own."""
    return account_origin.copy(tmp_path / "desk")


def test_what_is_ours_is_taken_over_in_one_call_and_nothing_on_doubt(account: Desk) -> None:
    sent = len(account.index.state.uploads)
    code, out, err = account.call("adopt", "--all", "--format", "json", "--yes")
    assert code == 0, err
    rules = {item["name"]: (item["refusal"] or {"rule": ""})["rule"] for item in json.loads(out)["names"]}
    assert rules == {
        **dict.fromkeys(NAMES, ""),
        "acme-tol": "",
        "acme-parked": "adopt-no-package",
        "acme-website": "adopt-no-placeholder",
    }
    held = {item.name: item for item in read_holdings(account.ledger).held}
    assert sorted(held) == sorted([*NAMES, "acme-tol"])
    # A reservation of our own is what it was; what other tools made is adopted, as old as it is.
    assert all(held[NormalizedName(name)].action_digest for name in NAMES)
    tol = held[NormalizedName("acme-tol")]
    assert (tol.mode, tol.version, tol.target) == (None, "2018.4.1", "acme-tool")
    assert (dt.datetime.now(dt.UTC) - tol.since).days > 180
    assert len(account.index.state.uploads) == sent
    code, out, err = account.call("status", "--format", "json")
    assert (code, json.loads(out)["drift"]) == (0, []), err
    again = account.ledger.read_bytes()
    assert account.call("adopt", "--all", "--yes")[0] == 0
    assert account.ledger.read_bytes() == again


def test_a_page_that_can_not_be_read_keeps_no_other_name_from_being_found_again(
    account: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, ask = NAMES[0], HttpIndex.project

    def project(index: HttpIndex, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:
        if name == broken:
            raise IndexError_("it answered 500")
        return ask(index, name, known_serial=known_serial)

    (account.folder / "names.txt").write_text("\n".join(NAMES))
    for words in (["status", "--rebuild", "names.txt"], ["adopt", "--all", "--yes"]):
        with monkeypatch.context() as patch:
            patch.setattr(HttpIndex, "project", project)
            code, out, err = account.call(*words)
        assert (code, "it answered 500" in out) == (13, True), err
        assert {item.name for item in read_holdings(account.ledger).held} >= {*NAMES[1:]}
        assert account.call(*words)[0] == 0
        assert {item.name for item in read_holdings(account.ledger).held} >= {*NAMES}
        account.ledger.unlink()


def test_a_placeholder_of_other_tools_is_judged_and_goes_on_in_its_own_numbering(account: Desk) -> None:
    code, out, err = account.call("adopt", "acme-tol", "--for", "acme-tool", "--yes")
    assert code == 0, err
    assert "in its form" in out
    # What a person copies is data.
    (section,) = re.findall(r"^renew:\n  - .*$", out, re.MULTILINE)
    assert 'version: "2018.4.2"' in section
    assert account.call("adopt", "--all", "--yes")[0] == 0
    account.config.write_text(account.config.read_text("utf-8") + section + "\n", "utf-8")
    slots = len(read_holdings(account.ledger).slot_times)
    for done in (account.plan(), account.apply()):
        assert done.code == 0, done.err
    holdings = read_holdings(account.ledger)
    tol = next(item for item in holdings.held if item.name == "acme-tol")
    assert (tol.version, len(holdings.slot_times)) == ("2018.4.2", slots)
    assert (dt.datetime.now(dt.UTC) - tol.since).days > 180
    code, out, err = account.call("status", "--format", "json")
    assert (code, json.loads(out)["drift"]) == (0, []), err


@pytest.mark.parametrize("words", [["--format", "json"], ["--output", "adopted.txt"]])
def test_the_lines_for_names_yaml_are_talk_where_the_data_is_for_a_program_or_a_file(
    account: Desk, words: list[str]
) -> None:
    code, out, err = account.call("adopt", "acme-tol", "--for", "acme-tool", "--yes", *words)
    assert (code, "renew:" in out) == (0, False), err
    assert re.search(r"^renew:\n  - ", err, re.MULTILINE)


def test_one_question_is_asked_for_all_of_them(account: Desk) -> None:
    code, out, err = account.call("adopt", "--all")
    assert (code, "namehold adopt --all --yes" in err) == (2, True)
    assert all(name in out for name in NAMES)
    assert not account.ledger.exists()


@pytest.mark.parametrize("words", [["--all", "--for", "acme-tool"], ["acme-tol", "--all"], []])
def test_adopt_is_about_one_name_or_about_all(account: Desk, words: list[str]) -> None:
    assert account.call("adopt", *words)[0] == 2

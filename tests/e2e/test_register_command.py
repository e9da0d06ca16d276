"""`namehold register`: from a ledger with real receipts to a page, and back to ledger and index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.desk import Desk, desk_of

from namehold.errors import InputError


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """With a plan that was carried out, and the register of it."""
    with desk_of(tmp_path, "packages:\n  - name: acme-tool\n    imports: [acme_toolbox]\n") as made:
        for done in (made.plan(), made.apply(), made.call("register", "-o", "public")):
            assert done.code == 0, done.err
        yield made


def verify(desk: Desk) -> tuple[int, list[str]]:
    code, out, _ = desk.call("register", "--verify", "public", "--format", "json")
    return code, [item["rule"] for item in json.loads(out)["findings"]]


def test_the_register_lists_what_was_reserved_and_agrees_with_ledger_and_index(desk: Desk) -> None:
    document = json.loads((desk.folder / "public" / "register.json").read_text("utf-8"))

    assert document["schema"] == "namehold/register/1"
    assert [item["name"] for item in document["names"]] == ["acme-toolbox"]
    assert "acme-toolbox" in (desk.folder / "public" / "index.html").read_text("utf-8")
    assert verify(desk) == (0, [])


def test_without_a_finding_no_table_is_shown(desk: Desk) -> None:
    code, out, err = desk.call("register", "--verify", "public")
    assert (code, out) == (0, "")
    assert "0 findings" in err


def test_a_changed_page_or_list_is_found(desk: Desk) -> None:
    page, document = desk.folder / "public" / "index.html", desk.folder / "public" / "register.json"
    page.write_text(page.read_text("utf-8") + "<!-- more -->", "utf-8")
    assert verify(desk) == (11, ["register-page"])

    document.write_text(document.read_text("utf-8").replace('"acme-toolbox"', '"acme-toolbax"'), "utf-8")
    code, rules = verify(desk)
    assert code == 11
    assert {"register-not-held", "register-missing", "register-index"} <= set(rules)


def test_the_index_is_not_asked_about_a_register_of_very_many_names(desk: Desk) -> None:
    path = desk.folder / "public" / "register.json"
    document = json.loads(path.read_text("utf-8"))
    document["names"] = [document["names"][0] | {"name": f"acme-{number}"} for number in range(1_001)]
    path.write_text(json.dumps(document), "utf-8")
    code, _, err = desk.call("register", "--verify", "public")
    assert code == 3
    assert "lists 1,001 names" in err
    assert "--offline" in err


def test_somebody_else_can_check_it_without_our_ledger(desk: Desk) -> None:
    desk.ledger.unlink()

    assert verify(desk) == (0, [])


def test_a_register_of_somebody_elses_projects_is_found(desk: Desk) -> None:
    """Another organization's name over a stranger's account and files, which the index does show."""
    path = desk.folder / "public" / "register.json"
    document = json.loads(path.read_text("utf-8"))
    document["organization"] = "Evil Corp"
    path.write_text(json.dumps(document), "utf-8")
    desk.ledger.unlink()
    code, out, err = desk.call("register", "--verify", "public", "--format", "json")
    checked = json.loads(out)
    assert code == 11
    assert {item["rule"] for item in checked["findings"]} == {"register-page", "register-reservation"}
    assert "who Evil Corp is" in checked["unknown"]
    assert checked["unknown"] in err


def test_the_salt_stays_here_and_is_made_once(desk: Desk) -> None:
    salt = desk.state / "register.salt"
    first = json.loads((desk.folder / "public" / "register.json").read_text("utf-8"))["open_digest"]
    desk.call("register", "-o", "again")
    published = [path.read_text("utf-8") for path in (desk.folder / "public").iterdir()]

    assert salt.stat().st_mode & 0o077 == 0
    assert not [text for text in published if salt.read_text("utf-8").strip() in text]
    assert json.loads((desk.folder / "again" / "register.json").read_text("utf-8"))["open_digest"] == first


@pytest.mark.parametrize("cut", ["", "abc123"])
def test_a_salt_that_hides_nothing_is_refused(desk: Desk, cut: str) -> None:
    salt = desk.state / "register.salt"
    salt.write_text(cut, "utf-8")
    done = desk.call("register", "-o", "public")
    assert done.code == InputError.exit_code
    assert "could be guessed" in done.err
    salt.unlink()
    assert desk.call("register", "-o", "public").code == 0


def test_a_folder_without_a_register_says_how_to_write_one(desk: Desk) -> None:
    code, _, err = desk.call("register", "--verify", "nothing")
    assert code == InputError.exit_code
    assert "no register.json" in err

"""`namehold register`: from a ledger with real receipts to a page, and back to ledger and index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.applying import index_now
from tests.trial import trial_config
from typer.testing import CliRunner, Result

from namehold.cli import app
from namehold.errors import InputError
from namehold.rehearsal.running import RunningIndex

PACKAGES = """\
packages:
  - name: acme-tool
    imports: [acme_toolbox]
"""


@dataclass(frozen=True)
class Desk:
    """A folder whose plan is carried out on an index on loopback."""

    folder: Path
    index: RunningIndex

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments], catch_exceptions=False)

    def verify(self, *arguments: str) -> tuple[int, list[str]]:
        result = self.run("register", "--verify", "public", "--format", "json", *arguments)
        return result.exit_code, [item["rule"] for item in json.loads(result.stdout)["findings"]]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with index_now(users=["acme", "stranger"]) as index:
        (tmp_path / "names.yaml").write_text(trial_config(index, PACKAGES), "utf-8")
        (tmp_path / "names.txt").write_text("acme-tool\nanother-project\n", "utf-8")
        monkeypatch.chdir(tmp_path)
        made = Desk(folder=tmp_path, index=index)
        assert made.run("plan", "--snapshot", "names.txt").exit_code == 0
        monkeypatch.setenv("NAMEHOLD_TOKEN", index.mint_token("acme"))
        assert made.run("apply", "--snapshot", "names.txt").exit_code == 0
        assert made.run("register", "-o", "public").exit_code == 0
        yield made


def test_the_register_lists_what_was_reserved_and_agrees_with_ledger_and_index(desk: Desk) -> None:
    document = json.loads((desk.folder / "public" / "register.json").read_text("utf-8"))

    assert document["schema"] == "namehold/register/1"
    assert [item["name"] for item in document["names"]] == ["acme-toolbox"]
    assert "acme-toolbox" in (desk.folder / "public" / "index.html").read_text("utf-8")
    assert desk.verify() == (0, [])


def test_a_changed_page_or_list_is_found(desk: Desk) -> None:
    page, document = desk.folder / "public" / "index.html", desk.folder / "public" / "register.json"
    page.write_text(page.read_text("utf-8") + "<!-- more -->", "utf-8")
    assert desk.verify() == (11, ["register-page"])

    document.write_text(document.read_text("utf-8").replace('"acme-toolbox"', '"acme-toolbax"'), "utf-8")
    code, rules = desk.verify()
    assert code == 11
    assert {"register-not-held", "register-missing", "register-index"} <= set(rules)


def test_somebody_else_can_check_it_without_our_ledger(desk: Desk) -> None:
    (desk.folder / ".namehold" / "ledger-trial.jsonl").unlink()

    assert desk.verify() == (0, [])


def test_the_salt_stays_here_and_is_made_once(desk: Desk) -> None:
    salt = desk.folder / ".namehold" / "register.salt"
    first = json.loads((desk.folder / "public" / "register.json").read_text("utf-8"))["open_digest"]
    desk.run("register", "-o", "again")
    published = [path.read_text("utf-8") for path in (desk.folder / "public").iterdir()]

    assert salt.stat().st_mode & 0o077 == 0
    assert not [text for text in published if salt.read_text("utf-8").strip() in text]
    assert json.loads((desk.folder / "again" / "register.json").read_text("utf-8"))["open_digest"] == first


def test_a_folder_without_a_register_says_how_to_write_one(desk: Desk) -> None:
    with pytest.raises(InputError, match=r"no register\.json"):
        desk.run("register", "--verify", "nothing")

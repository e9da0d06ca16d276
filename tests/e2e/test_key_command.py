"""`namehold key`: the key is made, shown and moved; with it approvals last, without it nothing else is missing."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from tests.harness.applying import KEY
from tests.harness.desk import NAMES, Desk

from namehold.cli.commands import key as key_command
from namehold.errors import CredentialError
from namehold.index.model import Quota
from namehold.ledger.file import read, read_holdings


def test_a_key_is_made_in_a_file_shown_and_moved_to_another_machine(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = desk.call("key", "new")
    assert (code, "no keyring that keeps anything" in err) == (5, True)
    code, out, err = desk.call("key", "new", "--output", "acme.key")
    assert (code, out) == (0, ""), err
    path = desk.folder / "acme.key"
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text("ascii").strip()
    assert text not in err
    assert desk.call("key", "new", "--output", "acme.key")[0] == 5  # never written over

    monkeypatch.setenv("NAMEHOLD_KEY_FILE", "acme.key")
    code, out, _ = desk.call("key", "show")
    assert (code, out.strip()) == (0, text)
    code, out, _ = desk.call("key", "show", "--output", "copy.key")
    assert (code, out, (desk.folder / "copy.key").read_text("ascii").strip()) == (0, "", text)
    assert desk.call("key", "new")[0] == 2  # a second one would make every approval lapse

    monkeypatch.setenv("NAMEHOLD_KEY_FILE", "elsewhere.key")
    assert desk.call("key", "show")[0] == 5
    code, out, err = desk.call("key", "import", "copy.key")
    assert (code, out) == (0, ""), err
    assert (desk.folder / "elsewhere.key").read_text("ascii").strip() == text
    (desk.folder / "other.key").write_text(KEY.reveal(), "ascii")
    (desk.folder / "other.key").chmod(0o600)
    assert desk.call("key", "import", "other.key")[0] == 2
    (desk.folder / "other.key").chmod(0o644)
    code, _, err = desk.call("key", "import", "other.key")
    assert (code, "chmod 600" in err, KEY.reveal() in err) == (5, True, False)
    assert desk.call("key", "import", "none.key")[0] == 3


def test_of_an_endless_line_only_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = io.StringIO("a" * 10_000)
    monkeypatch.setattr("sys.stdin", endless)
    with pytest.raises(CredentialError):
        key_command._read(Path("-"))
    assert endless.tell() == 1_000


def test_a_name_is_sealed_in_the_ledger_until_it_is_held(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    desk.index.state.limits.users.quota = Quota(limit=1, window_s=86_400)
    assert desk.call("plan", "--snapshot", "names.txt")[0] == 0
    code, _, err = desk.call("rehearse", "--snapshot", "names.txt")
    assert code == 0, err
    digest = json.loads((desk.folder / ".namehold" / "plan.json").read_text("utf-8"))["action_digest"]
    code, _, err = desk.apply("--approve", digest)
    assert code == 12, err
    code, _, err = desk.apply()  # the index is asked and refuses: rate-limited
    assert code == 12, err

    text = desk.ledger.read_text("utf-8")
    held = [item.name for item in read_holdings(desk.ledger).held]
    assert len(held) == 1
    for name in NAMES:
        assert (name in text) == (name in held)
    assert digest not in text
    assert KEY.reveal() not in text
    assert digest in read_holdings(desk.ledger, find_key=lambda: KEY).rehearsals

    ledger = str(desk.ledger)
    assert desk.call("status", "--verify", ledger, "--publishable", "--offline")[0] == 0
    # The key is lost: what is held is known, the approvals lapse, and the names that wait are asked for again.
    monkeypatch.delenv("NAMEHOLD_KEY")
    desk.index.state.limits.users.quota = Quota(limit=9, window_s=86_400)
    code, out, err = desk.call("status", "--verify", ledger, "--format", "json")
    assert (code, json.loads(out)["agrees_with_index"]) == (0, True), err
    code, _, err = desk.apply()
    assert "sealed with a key that isn't here" in err
    assert "Approve again" in err
    assert code in {0, 12}
    assert held[0] not in {upload.name for upload in desk.index.state.uploads[2:]}
    # Written without the key, the ledger isn't for publishing any more.
    if any(event.kind == "intent" for event in read(desk.ledger).events[-2:]):
        assert desk.call("status", "--verify", ledger, "--publishable", "--offline")[0] in {0, 11}


def test_without_a_key_an_approval_holds_for_this_run_and_both_are_said(desk: Desk) -> None:
    assert desk.call("run", "--snapshot", "names.txt")[0] == 10
    desk.index.state.limits.users.quota = Quota(limit=1, window_s=86_400)
    digest = json.loads((desk.folder / ".namehold" / "plan.json").read_text("utf-8"))["action_digest"]
    code, _, err = desk.call("run", "--snapshot", "names.txt", "--approve", digest)
    assert code == 12, err
    assert "an approval holds for this run only" in err
    assert "rehearses again by itself" in err
    assert "A scheduled run needs one" in err
    assert "namehold key new --output FILE" in err  # without a file the same keyring would refuse it again
    code, out, err = desk.call("run", "--snapshot", "names.txt", "--format", "json")
    assert {item["rule"] for item in json.loads(out)["waiting"]} == {"approval"}
    assert "don't count: 1" in err
    ledger = str(desk.ledger)
    code, _, err = desk.call("status", "--verify", ledger, "--publishable", "--offline")
    assert (code, "Don't publish it" in err) == (11, True)


def test_where_nothing_waits_run_asks_for_no_approval(desk: Desk) -> None:
    assert desk.call("run", "--snapshot", "names.txt")[0] == 10
    digest = json.loads((desk.folder / ".namehold" / "plan.json").read_text("utf-8"))["action_digest"]
    assert desk.call("run", "--snapshot", "names.txt", "--approve", digest)[0] == 0
    _, out, err = desk.call("run", "--snapshot", "names.txt", "--format", "json")
    assert json.loads(out)["waiting"] == []
    assert read_holdings(desk.ledger).unproved
    assert "Approve again" not in err

"""Two runs at the same time, each with a ledger of its own: the command that the failing one prints settles it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import xmlrpc.client
from pathlib import Path

import pytest
from tests.harness.desk import NAMES, PACKAGES, Desk
from tests.harness.workflows import clone, keep, make_origin, push

from namehold.ledger.file import read_holdings
from namehold.rehearsal.state import IndexState

LEDGER = ".namehold/ledger-trial.jsonl"


def held(path: Path) -> list[str]:
    return sorted(item.name for item in read_holdings(path).held)


def reserve(desk: Desk, packages: str) -> bytes:
    """The ledger of a run that began before the other one, and knows nothing of what that one sends."""
    config = desk.config.read_text("utf-8")
    desk.config.write_text(config.replace(PACKAGES, packages), "utf-8")
    for done in (desk.plan(), desk.apply()):
        assert done.code == 0, done.err
    desk.config.write_text(config, "utf-8")
    content = desk.ledger.read_bytes()
    shutil.rmtree(desk.state)
    return content


def test_two_ledgers_are_settled_by_the_command_that_the_failing_run_prints(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise xmlrpc.client.Fault(-32500, "no list here")

    with monkeypatch.context() as unlisted:
        # Neither sees what the other one has sent since it looked at the account.
        unlisted.setattr(IndexState, "holdings_of", refuse)
        first = reserve(desk, "packages: [{name: acme-tool, commands: [acme-toolctl]}]\n")
        second = reserve(desk, "packages: [{name: acme-tool, imports: [acme_toolbox], former: [acme-tool-classic]}]\n")

    folder = tmp_path / "repositories"
    folder.mkdir()
    origin = make_origin(folder)
    job = clone(origin, folder / "job")
    (job / ".namehold").mkdir()
    (job / LEDGER).write_bytes(second)
    push(clone(origin, folder / "colleague"), LEDGER, first)
    failed = keep(job)
    assert failed.code == 1

    # What a person then does: a new checkout, the artifact in its folder, the printed command.
    (tmp_path / LEDGER).parent.mkdir()
    shutil.copy(clone(origin, folder / "new") / LEDGER, tmp_path / LEDGER)
    (desk.folder / "ledger").mkdir()
    shutil.copy(job / LEDGER, desk.folder / "ledger")
    assert held(desk.ledger) == ["acme-toolctl"]
    assert desk.call("run", "--snapshot", "names.txt")[0] == 6  # the account has more than the ledger knows
    (command,) = re.findall(r"^namehold (.*)$", failed.out, re.MULTILINE)
    code, _, err = desk.call(*shlex.split(command))
    assert code == 0, err
    assert held(desk.ledger) == NAMES
    assert desk.ledger.read_bytes().startswith(first)
    code, out, err = desk.call("status", "--format", "json")
    assert (code, json.loads(out)["drift"]) == (0, []), err
    sent = len(desk.index.state.uploads)
    code, out, err = desk.call("run", "--snapshot", "names.txt", "--format", "json")
    assert (code, json.loads(out)["waiting"], len(desk.index.state.uploads)) == (0, [], sent), err


def test_a_ledger_of_another_account_gives_no_names(desk: Desk) -> None:
    reserve_here = desk.plan(), desk.apply()
    assert [done.code for done in reserve_here] == [0, 0]
    other = desk.folder / "other.jsonl"
    shutil.copy(desk.ledger, other)
    desk.edit("username: acme\n", "username: stranger\n")
    desk.ledger.unlink()
    code, _, err = desk.call("status", "--rebuild", "other.jsonl")
    assert (code, "belongs to acme" in err) == (6, True)
    assert desk.call("status", "--rebuild", "nowhere.jsonl")[0] == 3
    assert not desk.ledger.exists()

"""An upload that never arrived is sent by the run that finds it out, with one receipt, in `apply` and in `run`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import KEY
from tests.harness.desk import NAMES, Desk

from namehold.cli.workspace import Workspace
from namehold.index.access.upload import TwineUploader
from namehold.index.model import Answer, Token
from namehold.index.ports import BuiltFile
from namehold.ledger.file import read, read_holdings
from namehold.ledger.model import Receipt
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.model import Distribution, SourceTree

_TARGET = NormalizedName("acme-tool")


@pytest.fixture(autouse=True)
def _key_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger's key, as a scheduler has it: approvals outlast their run."""
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())


@pytest.fixture(params=["apply", "run"])
def call(desk: Desk, request: pytest.FixtureRequest) -> Callable[..., tuple[int, dict[str, Any], str]]:
    """The command: exit code, document, standard error."""
    verb: str = request.param

    def ask(*words: str) -> tuple[int, dict[str, Any], str]:
        code, out, err = desk.call(verb, "--snapshot", "names.txt", "--format", "json", *words)
        return code, json.loads(out) if out else {}, err

    return ask


def receipts(desk: Desk, name: str) -> list[str]:
    values = [event.value for event in read(desk.ledger, find_key=lambda: KEY).events]
    return [str(value.outcome) for value in values if isinstance(value, Receipt) and value.name == name]


def lose(monkeypatch: pytest.MonkeyPatch, number: int) -> list[str]:
    """The upload of this number doesn't leave this machine; returns what was tried."""
    tried: list[str] = []
    send = TwineUploader.upload

    def upload(self: TwineUploader, file: BuiltFile, token: Token) -> Answer:
        tried.append(file.filename)
        if len(tried) == number:
            return Answer(status=None, message="the connection ended without an answer")
        return send(self, file, token)

    monkeypatch.setattr(TwineUploader, "upload", upload)
    return tried


@pytest.mark.parametrize("number", [1, 3], ids=["the first name", "the second name"])
def test_it_is_sent_at_once_with_one_receipt(
    desk: Desk,
    call: Callable[..., tuple[int, dict[str, Any], str]],
    number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk.plan()
    digest = desk.document("plan.json")["action_digest"]
    tried = lose(monkeypatch, number)
    code, first, err = call("--approve", digest)
    assert code == 13, err
    assert len(tried) == number
    lost = first["waiting"][0] if isinstance(first["waiting"][0], str) else first["failed"][0]["name"]
    code, second, err = call()
    assert code == 0, err
    assert receipts(desk, lost) == ["indeterminate", "held"]
    assert sorted(desk.index.state.holdings_of("acme")) == sorted([_TARGET, *NAMES])
    assert {upload.status for upload in desk.index.state.uploads} == {200}
    assert second["waiting"] == []
    # A plan made in between knows the name, too, and a further run has nothing to do.
    sent = len(tried)
    assert (call()[0], len(tried)) == (0, sent)


def test_a_target_that_isnt_proved_any_more_holds_it_back(
    desk: Desk, call: Callable[..., tuple[int, dict[str, Any], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.plan()
    tried = lose(monkeypatch, 1)
    assert call("--approve", desk.document("plan.json")["action_digest"])[0] == 13
    project = desk.index.state.project(_TARGET)
    assert project is not None
    project.roles = {"stranger": "Owner"}
    code, second, err = call()
    assert code == 11, err
    waiting = [item if isinstance(item, str) else item["name"] for item in second["waiting"]]
    assert sorted(waiting) == NAMES
    assert len(tried) == 1


def test_a_second_file_that_never_arrived_is_built_again_and_sent(
    desk: Desk, call: Callable[..., tuple[int, dict[str, Any], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.plan()
    with monkeypatch.context() as losing:
        tried = lose(losing, 6)  # the sdist of the last of three names
        assert call("--approve", desk.document("plan.json")["action_digest"])[0] == 13
    lost = tried[-1]
    assert lost.endswith(".tar.gz")
    for path in (desk.state / "outbox").rglob(lost):
        path.unlink()

    build = PlaceholderBuilder.build

    def build_otherwise(self: PlaceholderBuilder, tree: SourceTree, folder: Path) -> tuple[Distribution, ...]:
        files = (replace(file, text=f"{file.text}\n") if file.path == "README.md" else file for file in tree.files)
        return build(self, replace(tree, files=tuple(files)), folder)

    with monkeypatch.context() as other:
        other.setattr(PlaceholderBuilder, "build", build_otherwise)
        assert call()[0] in {0, 11}  # held with one file
        other.setattr(Workspace, "tokens", lambda _: pytest.fail("a token was looked for"))
        code, _, err = call()
        assert code == 11, err  # nothing can be sent: it is a finding, and no token is looked for
    assert lost not in {upload.filename for upload in desk.index.state.uploads}
    code, _, err = call()
    assert code == 0, err
    assert lost in {upload.filename for upload in desk.index.state.uploads}
    code, out, err = desk.call("status", "--format", "json")
    assert (code, json.loads(out)["drift"]) == (0, []), err
    assert len(read_holdings(desk.ledger, find_key=lambda: KEY).slot_times) == 3

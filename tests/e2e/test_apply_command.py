"""`namehold apply` and `namehold rehearse` against an index on this machine, killed and called again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.harness.applying import KEY
from tests.harness.cli import Done, start
from tests.harness.desk import NAMES, Desk

from namehold.index import KNOWN_INDEXES, profile
from namehold.ledger.file import read, read_holdings
from namehold.rehearsal import tokens
from namehold.rehearsal.state import IndexState, UploadAttempt, UploadVerdict


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """With a plan."""
    code, _, err = desk.plan()
    assert code == 0, err
    return desk


def test_apply_reserves_what_the_plan_says_and_status_agrees(desk: Desk) -> None:
    code, out, err = desk.apply()
    assert code == 0, err
    result = json.loads(out)
    assert result["schema"] == "namehold/apply/1"
    assert sorted(item["name"] for item in result["receipts"]) == NAMES
    assert {item["outcome"] for item in result["receipts"]} == {"held"}
    assert result["is_narrowed"] is True
    assert err.strip().splitlines()[-1].startswith("Next: ")
    assert sorted(desk.index.state.holdings_of("acme")) == sorted(["acme-tool", *NAMES])

    code, out, err = desk.call("status", "--format", "json")
    assert code == 0, err
    assert {item["state"] for item in json.loads(out)["names"]} == {"held"}
    code, out, _ = desk.call("status", "--verify", str(desk.ledger), "--format", "json")
    assert (code, json.loads(out)["is_whole"]) == (0, True)


@pytest.mark.parametrize("upload", [1, 2, 4])
def test_killed_by_the_system_and_called_again_everything_arrives_exactly_once(
    desk: Desk, upload: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[subprocess.Popen[str]] = []
    judge, seen = IndexState.upload, []

    def judge_and_kill(state: IndexState, attempt: UploadAttempt) -> UploadVerdict:
        verdict = judge(state, attempt)
        seen.append(attempt.filename)
        if len(seen) == upload:
            running[0].send_signal(signal.SIGKILL)
            running[0].wait()
        return verdict

    monkeypatch.setattr(IndexState, "upload", judge_and_kill)
    running.append(desk.start("apply", "--snapshot", "names.txt"))
    running[0].communicate()
    assert running[0].returncode == -signal.SIGKILL
    assert len(seen) == upload

    code, _, err = desk.apply()
    assert code == 0, err
    assert sorted(item.name for item in read_holdings(desk.ledger).held) == NAMES
    assert len(seen) == len(set(seen)) == 2 * len(NAMES)
    assert {item.status for item in desk.index.state.uploads} == {200}


def test_a_machine_that_stops_is_told_what_was_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[subprocess.Popen[str]] = []
    judge, seen = IndexState.upload, []

    def judge_and_stop(state: IndexState, attempt: UploadAttempt) -> UploadVerdict:
        verdict = judge(state, attempt)
        seen.append(attempt.filename)
        if len(seen) == 3:
            running[0].send_signal(signal.SIGTERM)
            running[0].wait()
        return verdict

    monkeypatch.setattr(IndexState, "upload", judge_and_stop)
    running.append(desk.start("apply", "--snapshot", "names.txt", "--format", "json"))
    out, err = running[0].communicate()
    assert running[0].returncode == 130, err
    told = json.loads(out)
    first, second = (item["name"] for item in desk.document("plan.json")["actions"][:2])
    assert [(item["name"], item["outcome"]) for item in told["receipts"]] == [(first, "held")]
    assert told["stopped"]["message"].endswith(f"; it is not known yet whether it arrived: {second}")
    assert f"1 of {len(NAMES)} planned names newly held" in err
    assert err.splitlines()[-1] == "namehold: interrupted; what was sent is in the ledger, the next run continues."

    code, _, err = desk.apply()
    assert code == 0, err
    assert len(seen) == len(set(seen)) == 2 * len(NAMES)


def test_a_public_indexs_token_does_not_leave_for_something_that_passes_uploads_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What listens on this machine may stand in front of a public index: no guard of that index would bind it."""
    for nickname in KNOWN_INDEXES:
        monkeypatch.setattr(tokens, "_LOCATION", urlsplit(profile(nickname).simple).hostname)
        token = desk.index.mint_token("acme")
        code, _, err = desk.call("apply", "--snapshot", "names.txt", token=token)
        assert code == 5
        assert "made by another index" in err
        assert token not in err
        assert desk.index.state.uploads == []
        checks = json.loads(desk.call("doctor", "--format", "json", token=token).out)["checks"]
        assert {check["rule"]: check["finding"] for check in checks}["token-index"] == "contradicted"


def test_a_second_folder_of_the_account_sends_nothing(desk: Desk) -> None:
    assert desk.apply().code == 0
    second = replace(desk, folder=desk.folder / "second")
    second.folder.mkdir()
    text = desk.config.read_text("utf-8")
    second.config.write_text(
        text.replace("acme-toolctl", "acme-toolrun").replace("acme_toolbox", "acme_toolkit"), "utf-8"
    )
    (second.folder / "names.txt").write_text("acme-tool\n", "utf-8")
    assert second.plan().code == 0
    sent = len(desk.index.state.uploads)
    done = second.apply()
    assert (done.code, len(desk.index.state.uploads)) == (6, sent)
    assert "acme-toolbox" in done.err
    assert "share one ledger" in done.err
    # `status` says the same.
    status = json.loads(second.call("status", "--format", "json").out)
    assert "drift-unrecorded" in {item["rule"] for item in status["drift"]}


def test_no_secret_is_in_anything_that_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: dict[str, str] = {}

    def note(name: str, result: Done) -> None:
        texts[f"{name} stdout"], texts[f"{name} stderr"] = result.out, result.err

    command_lines: list[str] = []
    judge = IndexState.upload
    sent: list[str] = []

    def judge_and_look(state: IndexState, attempt: UploadAttempt) -> UploadVerdict:
        sent.append(attempt.token)
        command_lines.extend(
            path.read_bytes().decode(errors="replace")
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if _is_mine(path)
        )
        return judge(state, attempt)

    monkeypatch.setattr(IndexState, "upload", judge_and_look)
    desk.index.state.users["acme"].is_frozen = True
    refused = desk.apply("-v")
    assert refused.code == 5
    note("refused", refused)
    desk.index.state.users["acme"].is_frozen = False
    # A program of its own, so that the process listing has it.
    with desk.start("apply", "--snapshot", "names.txt", "-v") as program:
        out, err = program.communicate()
    note("apply", Done(program.returncode, out, err))
    note("scoped", desk.call("apply", "--snapshot", "names.txt", token=desk.token[:-7] + "garbage"))
    note("status", desk.call("status", "--format", "json"))
    note("report", desk.call("report"))
    texts |= {str(path): path.read_text(errors="replace") for path in desk.folder.rglob("*") if path.is_file()}
    texts["process listing"] = "\n".join(command_lines)

    assert len(sent) == 7
    assert "namehold" in texts["process listing"]
    secrets = {desk.token, desk.token[-40:], *sent, *(token[-40:] for token in sent)}
    found = [(place, secret[:8]) for place, text in texts.items() for secret in secrets if secret in text]
    assert found == []


def _is_mine(path: Path) -> bool:
    try:
        return path.stat().st_uid == os.getuid()
    except OSError:
        return False


def test_without_a_token_the_exit_code_says_so(desk: Desk) -> None:
    code, out, err = desk.call("apply", "--snapshot", "names.txt", token="")
    assert (code, out) == (5, "")
    assert re.search(r"keyring set namehold:127\.0\.0\.1:\d+ acme@trial", err)
    assert not desk.ledger.exists() or len(read(desk.ledger).events) <= 1


def test_rehearse_runs_the_plan_and_the_ledger_knows_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    code, out, err = desk.call("rehearse", "--snapshot", "names.txt", "--format", "json")
    assert code == 0, err
    result: dict[str, Any] = json.loads(out)
    assert result["schema"] == "namehold/rehearsal/1"
    assert sorted(item["name"] for item in result["receipts"]) == NAMES
    assert sorted(name for day in result["calendar"] for name in day["names"]) == NAMES
    assert result["action_digest"] in read_holdings(desk.ledger, find_key=lambda: KEY).rehearsals
    assert desk.index.state.uploads == []
    written = json.loads((desk.folder / ".namehold" / "rehearsal.json").read_text(encoding="utf-8"))
    assert written == result


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def ending(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that ends a program: as a rule, though nohup and others leave it ignored for all that they start."""
    number: signal.Signals = request.param
    before = signal.signal(number, signal.SIG_DFL)
    yield number
    signal.signal(number, before)


def test_a_served_index_prints_where_it_is_and_goes_on_until_a_signal(tmp_path: Path, ending: signal.Signals) -> None:
    (tmp_path / "strangers.txt").write_text("# known names\nSomebodys.Tool\n", encoding="utf-8")
    words = ["--user", "acme", "--user", "bob", "--user-quota", "2/1h", "--names", "strangers.txt"]
    with start("rehearse", "--serve", *words, cwd=tmp_path) as program:
        try:
            assert program.stdout is not None
            served = json.loads(program.stdout.readline())
            assert served["schema"] == "namehold/serve/1"
            assert served["upload"].startswith("http://127.0.0.1:")
            assert [user["name"] for user in served["users"]] == ["acme", "bob"]
            assert all(user["token"].startswith("pypi-") for user in served["users"])
            for place in (served["base"], f"{served['simple']}somebodys-tool/", f"{served['json']}somebodys-tool/json"):
                assert httpx.get(place, trust_env=False).status_code == 200
        finally:
            program.send_signal(ending)
            _, err = program.communicate()
    assert program.returncode == 130
    assert "interrupted" in err

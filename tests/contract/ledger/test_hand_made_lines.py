"""One line that somebody made by hand is one clean error with its number, whatever the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.ledger.test_sealing import rechain
from typer.testing import CliRunner

from namehold.cli import app

TIME = "2026-11-01T00:00:00Z"
CONFIG = """\
organization: {name: Acme, contact: "security@acme-robotics.dev"}
account: {index: pypi, username: acme}
packages: [acme-tool]
"""


def line(kind: str, data: Any, time: str = TIME) -> dict[str, Any]:
    return {"time": time, "kind": kind, "data": data}


def intent(name: Any, **more: Any) -> dict[str, Any]:
    files = [["a.whl", "0" * 64]]
    data = {"name": name, "target": "acme-tool", "mode": "redirect", "version": "0.0.1", "files": files}
    return line("intent", data | {"action_digest": "sha256:0"} | more)


def receipt(name: Any, **more: Any) -> dict[str, Any]:
    data = {"name": name, "target": "acme-tool", "outcome": "held", "message": "", "action_digest": ""}
    return line("receipt", data | more)


OPENED = line("opened", {"index": "pypi", "username": "acme", "organization": "Acme"})
TOL = intent("acme-tol")
LIMITS = {"quota": {"limit": 4, "window_s": 86_400}, "closed_until": None}

#: Lines after `opened` whose digests are right, and the number of the first that can't be.
CHAINED: dict[str, tuple[list[dict[str, Any]], int]] = {
    "limits is a list": ([TOL, receipt("acme-tol", limits=[1])], 3),
    "slot_time without a zone": ([TOL, receipt("acme-tol", slot_time="2026-11-01T00:00:00")], 3),
    "closed_until without a zone": (
        [TOL, receipt("acme-tol", limits=LIMITS | {"closed_until": "2026-11-01T00:00:00"})], 3,
    ),
    "the quota is a text": ([TOL, receipt("acme-tol", limits=LIMITS | {"quota": {"limit": "x", "window_s": 1}})], 3),
    "the quota's window is huge": (
        [TOL, receipt("acme-tol", slot_time=TIME, limits=LIMITS | {"quota": {"limit": 4, "window_s": 10**30}})], 3,
    ),
    "a name is a number": ([intent(5)], 2),
    "a name is null": ([intent(None)], 2),
    "a name has markup": ([intent("[/bold]x")], 2),
    "a name is a path": ([intent("../../../../etc/passwd")], 2),
    "a name is an address": ([intent("x/../../admin/api?token=1#")], 2),
    "a name isn't normalized": ([intent("Acme_Tol")], 2),
    "a name that was taken away has markup": ([line("observation", {"name": "[/x]", "found": "vanished"})], 2),
    "no version": ([intent("acme-tol", version="abc")], 2),
    "files of three": ([intent("acme-tol", files=[["a", "b", "c"]])], 2),
    "a digest is a path": ([intent("acme-tol", files=[["a.whl", "/home/somebody"]])], 2),
    "a name is a table": ([line("handover", {"name": {"a": 1}})], 2),
    "a letter's names are a text": (
        [line("letter", {"event": "sent", "letter": "x", "kind": "prohibit", "names": "abc", "date": "2026-01-01"})], 2,
    ),
    "a letter's name has markup": (
        [line("letter", {"event": "sent", "letter": "x", "kind": "prohibit", "names": ["[/x]"],
                         "date": "2026-01-01"})], 2,
    ),
    "an answer to no letter": (
        [line("letter", {"event": "answered", "letter": "x", "answer": "granted", "names": ["x"],
                         "date": "2026-01-01"})], 2,
    ),
    "an approval of odd digests": ([line("approval", {"action_digest": {"a": 1}, "actions": 5})], 2),
    "a rehearsal of odd digests": ([line("rehearsal", {"action_digest": "x", "actions": [{"a": 1}]})], 2),
    "a sealed part that is a list": ([line("intent", {"sealed": ["x"]})], 2),
    "a sealed part with an odd slot": ([line("receipt", {"sealed": "x", "slot_time": "soon"})], 2),
    "a sealed part with an odd limit": ([line("receipt", {"sealed": "x", "limits": [1]})], 2),
    "a sealed slot without a zone": ([line("receipt", {"sealed": "x", "slot_time": "2026-11-01T00:00:00"})], 2),
    "the end of the calendar": ([{**TOL, "time": "9999-12-31T23:59:59Z"}], 2),
    "an approval of the year 9999": ([line("approval", {"action_digest": "x"}, "9999-12-31T23:59:59Z")], 2),
    "a slot at the end of the calendar": ([TOL, receipt("acme-tol", slot_time="9999-12-31T23:59:59Z")], 3),
    "a slot at its beginning": ([TOL, receipt("acme-tol", slot_time="0001-01-01T00:00:00Z")], 3),
    "an end at the end of the calendar": ([intent("acme-tol", withdraw_on="9999-12-31")], 2),
    "no zone": ([line("decision", {"name": "acme-tol", "decision": ""}, "2026-11-01T00:00:00")], 2),
}  # fmt: skip

#: Whole contents whose first line can't be one.
RAW: dict[str, bytes] = {
    "nested deeply": b"[" * 100_000 + b"\n",
    "nested deeply inside": b'{"digest":"x","time":"'
    + TIME.encode()
    + b'","sequence":1,"kind":"opened","previous":"x",'
    b'"data":{"a":' + b"[" * 900 + b"]" * 900 + b"}}\n",
    "half a surrogate": b'{"digest":"x","time":"' + TIME.encode() + b'","sequence":1,"kind":"opened","previous":"x",'
    b'"data":{"a":"\\ud800"}}\n',
    "a number of 5,000 digits": b'{"digest":"x","sequence":' + b"1" * 5000 + b',"kind":"opened","previous":"x"}\n',
    "no UTF-8": b'\xff\xfe{"a"}\n',
}

#: Lines that are odd and no damage: the ledger is read, and no command fails over it.
ODD: dict[str, list[dict[str, Any]]] = {
    "a kind of the future": [line("__class__", {})],
    "a slot of another century": [TOL, receipt("acme-tol", slot_time="2999-12-31T23:59:59Z", limits=LIMITS)],
    "a sealed line of nobody": [line("intent", {"sealed": "x"}), line("approval", {"sealed": "x", "mac": "y"})],
}  # fmt: skip

COMMANDS = [
    "plan --snapshot n.txt", "status --offline", "report", "register", "handover acme-tol", "letter",
    "run --offline --snapshot n.txt", "doctor --offline", "status --offline --verify .namehold/ledger-pypi.jsonl",
    "status --offline --verify .namehold/ledger-pypi.jsonl --publishable",
]  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "names.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "n.txt").write_text("acme-tool\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert call("plan --snapshot n.txt")[0] == 0
    return tmp_path / ".namehold" / "ledger-pypi.jsonl"


def call(words: str) -> tuple[int, str]:
    """Anything but an error of ours, which every command turns into one message, is raised."""
    from namehold.errors import NameholdError  # noqa: PLC0415 -- beside its only use

    done = CliRunner().invoke(app, words.split())
    if done.exception is not None and not isinstance(done.exception, NameholdError | SystemExit):
        raise done.exception
    message = done.exception.message if isinstance(done.exception, NameholdError) else done.output
    return done.exit_code, message


@pytest.mark.parametrize("title", [*CHAINED, *RAW])
def test_a_bad_line_is_one_error_with_its_number_in_every_command(ledger: Path, title: str) -> None:
    if title in RAW:
        ledger.write_bytes(RAW[title])
        number = 1
    else:
        lines, number = CHAINED[title]
        rechain(ledger, [OPENED, *lines])
    for words in COMMANDS:
        _, message = call(words)
        assert f"damaged in line {number}" in message, words
        assert message.count("damaged in line") == 1


@pytest.mark.parametrize("title", list(ODD))
def test_an_odd_line_that_is_no_damage_stops_no_command(ledger: Path, title: str) -> None:
    rechain(ledger, [OPENED, *ODD[title]])
    for words in COMMANDS:
        assert "damaged" not in call(words)[1], words

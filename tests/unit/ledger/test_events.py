"""Every kind of event is written as the ledger always wrote it, and read back as the same value."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName

from namehold.documents import canonical_json, digest
from namehold.errors import LedgerCorrupt, LedgerError, LedgerLocked
from namehold.index.model import Outcome, Quota
from namehold.ledger.file import GENESIS, Ledger, read
from namehold.ledger.lines import read_line, write_line
from namehold.ledger.model import (
    EVENT_TYPES,
    Adopted,
    Decided,
    Event,
    HandedOver,
    Intent,
    LetterAnswer,
    LetterAnswered,
    LetterKind,
    LetterSent,
    Looked,
    Observed,
    OpaqueEvent,
    Opened,
    PlanApproved,
    PlanRehearsed,
    Receipt,
    Reviewed,
    SealedEvent,
    SeenLimits,
    Sighting,
    TornLine,
)
from namehold.portfolio.model import Mode

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
TIME, DAY = "2026-11-22T12:00:00Z", "2026-11-22"
NAME, TARGET = NormalizedName("acme-tol"), NormalizedName("acme-tool")
FILES = (("acme_tol-0.0.1.tar.gz", "ab" * 32),)
LISTED = [["acme_tol-0.0.1.tar.gz", "ab" * 32]]
NAMED = {"name": "acme-tol", "target": "acme-tool"}
RECEIPT = NAMED | {"outcome": "held", "message": "", "action_digest": ""}

#: One event of each type, and what stands under `data` in its line.
CASES: list[tuple[Event, str, dict[str, Any]]] = [
    (
        Opened(index="pypi", username="acme", organization="Acme", time=NOW),
        "opened",
        {"index": "pypi", "username": "acme", "organization": "Acme"},
    ),
    (
        Intent(name=NAME, target=TARGET, mode=Mode.REDIRECT, version="0.0.1", files=FILES, action_digest="d", time=NOW),
        "intent",
        NAMED
        | {
            "mode": "redirect",
            "version": "0.0.1",
            "files": LISTED,
            "action_digest": "d",
            "plan": "",
            "withdraw_on": None,
        },
    ),
    (
        Receipt(
            name=NAME,
            target=TARGET,
            outcome=Outcome.HELD,
            message="shown",
            action_digest="d",
            status=200,
            files=FILES,
            owner="acme",
            slot_time=NOW,
            limits=SeenLimits(quota=Quota(limit=4, window_s=86_400), closed_until=None),
            time=NOW,
        ),
        "receipt",
        NAMED
        | {
            "outcome": "held",
            "message": "shown",
            "time": TIME,
            "action_digest": "d",
            "status": 200,
            "files": LISTED,
            "owner": "acme",
            "slot_time": TIME,
            "limits": {"quota": {"limit": 4, "window_s": 86_400}, "closed_until": None},
        },
    ),
    (
        Observed(name=NAME, found=Sighting.VANISHED, time=NOW),
        "observation",
        {"name": "acme-tol", "found": "vanished"},
    ),
    (Looked(seen=((NAME, 7),), time=NOW), "look", {"seen": [["acme-tol", 7]]}),
    (
        TornLine(bytes=12, sha256="ab" * 32, time=NOW),
        "observation",
        {"found": "torn-line", "bytes": 12, "sha256": "ab" * 32},
    ),
    (
        PlanApproved(action_digest="d", actions=("e",), address="f", time=NOW),
        "approval",
        {"action_digest": "d", "actions": ["e"], "address": "f"},
    ),
    (
        PlanApproved(action_digest="d", actions=("e",), address="f", mac="m", time=NOW),
        "approval",
        {"action_digest": "d", "actions": ["e"], "address": "f", "mac": "m"},
    ),
    (PlanRehearsed(action_digest="d", actions=("e",), time=NOW), "rehearsal", {"action_digest": "d", "actions": ["e"]}),
    (
        LetterSent(letter="l", kind=LetterKind.PROHIBIT, names=(NAME,), date=NOW.date(), time=NOW),
        "letter",
        {"event": "sent", "letter": "l", "kind": "prohibit", "names": ["acme-tol"], "date": DAY},
    ),
    (
        LetterAnswered(letter="l", answer=LetterAnswer.GRANTED, names=(NAME,), date=NOW.date(), time=NOW),
        "letter",
        {"event": "answered", "letter": "l", "answer": "granted", "names": ["acme-tol"], "date": DAY},
    ),
    (
        Adopted(name=NAME, target=TARGET, version="1.4", files=FILES, serial=7, time=NOW),
        "adoption",
        NAMED | {"version": "1.4", "files": LISTED, "serial": 7},
    ),
    (
        HandedOver(name=NAME, to="The Tol project", how="transferred", version="0.0.2", checked=True, time=NOW),
        "handover",
        {"name": "acme-tol", "to": "The Tol project", "how": "transferred", "version": "0.0.2", "checked": True},
    ),
    (
        Decided(name=NAME, decision="they keep it", time=NOW),
        "decision",
        {"name": "acme-tol", "decision": "they keep it"},
    ),
    (Reviewed(name=NAME, time=NOW), "review", {"name": "acme-tol"}),
    (OpaqueEvent(kind="of-the-future", data={"a": [1]}, time=NOW), "of-the-future", {"a": [1]}),
    (SealedEvent(kind="intent", sealed="c2VhbGVk", time=NOW), "intent", {"sealed": "c2VhbGVk"}),
    (
        SealedEvent(kind="receipt", sealed="c2VhbGVk", slot_time=NOW, time=NOW),
        "receipt",
        {"sealed": "c2VhbGVk", "slot_time": TIME},
    ),
    (
        SealedEvent(kind="observation", sealed="c2VhbGVk", found="vanished", time=NOW),
        "observation",
        {"sealed": "c2VhbGVk", "found": "vanished"},
    ),
]
IDS = [f"{type(event).__name__}-{number}" for number, (event, _, _) in enumerate(CASES)]


@pytest.mark.parametrize(("event", "kind", "data"), CASES, ids=IDS)
def test_an_event_is_written_in_the_ledgers_form_and_read_back_the_same(
    event: Event, kind: str, data: dict[str, Any]
) -> None:
    written, line = write_line(event, sequence=1, previous=GENESIS)

    body = json.loads(line)
    assert (body["sequence"], body["time"], body["kind"], body["data"]) == (1, TIME, kind, data)
    assert read_line(line[:-1], number=1, previous=GENESIS) == written.changed(is_authentic=False)


@pytest.mark.parametrize("event", [event for event, _, _ in CASES], ids=IDS)
def test_a_line_that_is_laid_out_in_another_way_is_the_same_event(event: Event) -> None:
    written, line = write_line(event, sequence=1, previous=GENESIS)

    read = read_line(json.dumps(json.loads(line)).encode(), number=1, previous=GENESIS)
    assert read == written.changed(is_authentic=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"name":"acme-tol"}', b'"name":"acme-tol"]'),
        (b'"name":"acme-tol"}', b'"name":"acme-tol"}}'),
        (b'"name":"acme-tol"}', b'"name":"acme-tol",}'),
        (b'"sequence":1', b'"sequence":01'),
    ],
)
def test_what_is_no_line_stays_none_under_a_digest_that_fits_its_bytes(before: bytes, after: bytes) -> None:
    _, line = write_line(Reviewed(name=NormalizedName("acme-tol"), time=NOW), sequence=1, previous=GENESIS)
    claimed = json.loads(line)["digest"].encode()
    changed = line[:-1].replace(before, after)
    covered = changed.replace(b',"digest":"' + claimed + b'"', b"")
    assert before in line
    fitting = b"sha256:" + hashlib.sha256(covered).hexdigest().encode()

    with pytest.raises(LedgerCorrupt, match="line 1"):
        read_line(changed.replace(claimed, fitting), number=1, previous=GENESIS)


def test_there_is_a_case_for_every_type() -> None:
    assert {type(event) for event, _, _ in CASES} == {
        OpaqueEvent,
        SealedEvent,
        *(t for types in EVENT_TYPES.values() for t in types),
    }


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("opened", {"index": "pypi", "username": 7, "organization": "Acme"}),
        ("observation", {"found": "vanished", "name": "Acme_Tol"}),
        ("observation", {"found": "torn-line"}),
        ("approval", {"action_digest": "d", "actions": "e"}),
        ("letter", {"event": "sent", "letter": "l", "kind": "nonsense", "names": ["acme-tol"], "date": DAY}),
        ("letter", {"event": "sent", "letter": "l", "kind": "prohibit", "names": ["acme-tol"], "date": "soon"}),
        ("letter", {"event": "sent", "letter": "l", "kind": "prohibit", "names": [7], "date": DAY}),
        ("adoption", NAMED | {"version": "one", "files": LISTED, "serial": None}),
        ("adoption", NAMED | {"version": "1", "files": [["../../outside", "ab" * 32]], "serial": None}),
        ("adoption", NAMED | {"version": "1", "files": [["a.whl", "../../outside"]], "serial": None}),
        (
            "receipt",
            NAMED | {"outcome": "held", "message": "", "action_digest": "", "slot_time": "2026-11-22T12:00:00"},
        ),
        ("receipt", NAMED | {"outcome": "of-the-future", "message": "", "action_digest": ""}),
        ("decision", {"name": "acme-tol"}),
        ("decision", ["acme-tol"]),
        (["decision"], {"name": "acme-tol", "decision": ""}),
    ],
)
def test_a_line_that_does_not_fit_its_type_is_one_error_with_its_number(kind: Any, data: Any) -> None:
    line = _line(kind, data, TIME)
    with pytest.raises(LedgerCorrupt, match="line 1") as caught:
        read_line(line, number=1, previous=GENESIS)
    assert caught.value.line == 1


@pytest.mark.parametrize("time", ["2026-11-22T12:00:00", "0001-01-01T00:00:00+14:00", "today", 7, None])
@pytest.mark.parametrize("kind", ["decision", "of-the-future"])
def test_a_time_that_is_not_utc_is_no_time_of_a_line(kind: str, time: Any) -> None:
    with pytest.raises(LedgerCorrupt):
        read_line(_line(kind, {"name": "acme-tol", "decision": ""}, time), number=1, previous=GENESIS)


@pytest.mark.parametrize("line", [b"[" * 200_000, b'"\\ud800"', b'{"digest":"\\ud800"}', b"9" * 5_000, b"\xff"])
def test_what_json_itself_can_not_take_is_the_same_error(line: bytes) -> None:
    with pytest.raises(LedgerCorrupt):
        read_line(line, number=1, previous=GENESIS)


def test_keys_of_a_later_version_are_passed_over() -> None:
    line = _line("decision", {"name": "acme-tol", "decision": "they keep it", "of-the-future": 1}, TIME)
    assert read_line(line, number=1, previous=GENESIS).value == Decided(name=NAME, decision="they keep it", time=NOW)


def test_nothing_is_written_that_would_not_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with Ledger.open(path, index="pypi", username="acme", organization="Acme", time=NOW) as ledger:
        with pytest.raises(LedgerError, match="files"):
            ledger.append(Adopted(name=NAME, target=TARGET, version="1", files=(("../a", ""),), time=NOW))
        ledger.append(Decided(name=NAME, decision="they keep it", time=NOW))
    assert [event.kind for event in read(path).events] == ["opened", "decision"]


def test_a_link_to_the_ledger_leads_to_the_same_lock(tmp_path: Path) -> None:
    values: dict[str, Any] = {"index": "pypi", "username": "acme", "organization": "Acme", "time": NOW}
    path, link, twin = tmp_path / "ledger.jsonl", tmp_path / "link.jsonl", tmp_path / "twin.jsonl"
    Ledger.open(path, **values).close()
    link.symlink_to(path)
    os.link(path, twin)
    with Ledger.open(path, **values):
        for other in (link, twin):
            with pytest.raises(LedgerLocked):
                Ledger.open(other, **values)
        assert read(path).events  # readers aren't kept out
    assert sorted(item.name for item in tmp_path.iterdir()) == ["ledger.jsonl", "link.jsonl", "twin.jsonl"]


def test_the_account_is_the_same_in_other_capitals(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    Ledger.open(path, index="pypi", username="Acme-Names", organization="Acme", time=NOW).close()
    Ledger.open(path, index="pypi", username="acme-names", organization="Acme", time=NOW).close()
    with pytest.raises(LedgerError, match="belongs to"):
        Ledger.open(path, index="pypi", username="acme_names", organization="Acme", time=NOW)


def _line(kind: Any, data: Any, time: Any) -> bytes:
    """A line whose digest is right, whatever it holds."""
    body = {"sequence": 1, "time": time, "kind": kind, "data": data, "previous": GENESIS}
    return canonical_json(body | {"digest": digest(body)})

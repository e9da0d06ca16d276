"""What the ledger makes of letters: who was asked about what, what they answered, and what follows from it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from namehold.errors import LedgerCorrupt
from namehold.ledger.file import Ledger, read
from namehold.ledger.fold import fold_events
from namehold.ledger.model import EventKind, Holdings, LetterAnswer, LetterKind

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
SENT = {
    "event": "sent",
    "letter": "sha256:1",
    "kind": "prohibit",
    "names": ["acme-tol", "acme-tols"],
    "date": "2026-09-01",
}


def answer(what: str, *names: str, date: str = "2026-10-01") -> dict[str, Any]:
    return {"event": "answered", "letter": "sha256:1", "answer": what, "names": list(names), "date": date}


def holdings_after(path: Path, *events: dict[str, Any]) -> Holdings:
    with Ledger.open(path, index="trial", username="acme", organization="Acme Robotics", time=NOW) as ledger:
        for data in events:
            ledger.append(EventKind.LETTER, data, time=NOW)
    return fold_events(read(path).events)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger-trial.jsonl"


def test_a_letter_waits_until_every_name_has_an_answer(path: Path) -> None:
    (letter,) = holdings_after(path, SENT).letters
    assert (letter.kind, letter.sent, letter.unanswered) == (LetterKind.PROHIBIT, dt.date(2026, 9, 1), letter.names)

    (letter,) = holdings_after(path, answer("declined", "acme-tol")).letters
    assert letter.unanswered == ("acme-tols",)

    (letter,) = holdings_after(path, answer("silent", "acme-tols")).letters
    assert letter.unanswered == ()
    assert [item[1] for item in letter.answers] == [LetterAnswer.DECLINED, LetterAnswer.SILENT]


def test_only_what_was_granted_is_prohibited(path: Path) -> None:
    holdings = holdings_after(path, SENT, answer("granted", "acme-tol"), answer("declined", "acme-tols"))

    assert holdings.prohibited == ("acme-tol",)


def test_a_granted_namespace_or_transfer_prohibits_nothing(path: Path) -> None:
    assert holdings_after(path, SENT | {"kind": "namespace"}, answer("granted", "acme-tol")).prohibited == ()


def test_a_later_answer_about_a_name_replaces_the_earlier_one(path: Path) -> None:
    (letter,) = holdings_after(
        path, SENT, answer("silent", "acme-tol"), answer("declined", "acme-tol", date="2026-11-01")
    ).letters

    assert letter.answers == (("acme-tol", LetterAnswer.DECLINED, dt.date(2026, 11, 1)),)


@pytest.mark.parametrize("bad", [answer("granted", "acme-tol"), SENT | {"kind": "nonsense"}, SENT | {"date": "soon"}])
def test_an_answer_to_no_letter_or_a_letter_of_no_kind_is_a_broken_ledger(path: Path, bad: dict[str, Any]) -> None:
    with pytest.raises(LedgerCorrupt):
        holdings_after(path, bad)

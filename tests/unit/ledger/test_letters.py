"""What the ledger makes of letters: who was asked about what, what they answered, and what follows from it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from packaging.utils import NormalizedName

from namehold.errors import LedgerCorrupt
from namehold.ledger.file import Ledger, read
from namehold.ledger.fold import fold_events
from namehold.ledger.model import Event, Holdings, LetterAnswer, LetterAnswered, LetterKind, LetterSent

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
SENT = LetterSent(
    letter="sha256:1",
    kind=LetterKind.PROHIBIT,
    names=(NormalizedName("acme-tol"), NormalizedName("acme-tols")),
    date=dt.date(2026, 9, 1),
    time=NOW,
)


def answer(what: str, *names: str, date: str = "2026-10-01") -> LetterAnswered:
    return LetterAnswered(
        letter="sha256:1",
        answer=LetterAnswer(what),
        names=tuple(map(NormalizedName, names)),
        date=dt.date.fromisoformat(date),
        time=NOW,
    )


def holdings_after(path: Path, *events: Event) -> Holdings:
    with Ledger.open(path, index="trial", username="acme", organization="Acme Robotics", time=NOW) as ledger:
        for event in events:
            ledger.append(event)
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
    namespace = SENT.changed(kind=LetterKind.NAMESPACE)
    assert holdings_after(path, namespace, answer("granted", "acme-tol")).prohibited == ()


def test_a_later_answer_about_a_name_replaces_the_earlier_one(path: Path) -> None:
    (letter,) = holdings_after(
        path, SENT, answer("silent", "acme-tol"), answer("declined", "acme-tol", date="2026-11-01")
    ).letters

    assert letter.answers == (("acme-tol", LetterAnswer.DECLINED, dt.date(2026, 11, 1)),)


def test_an_answer_to_no_letter_is_a_broken_ledger(path: Path) -> None:
    with pytest.raises(LedgerCorrupt):
        holdings_after(path, answer("granted", "acme-tol"))
    assert holdings_after(path, SENT).letters  # it wasn't written

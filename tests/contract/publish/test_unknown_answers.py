"""An answer that isn't known is asked about, told in the index's own words, and is neither an attack nor fine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import NOW, Stage, Upload, lose_answer, lose_request, say, stage

from namehold.errors import ExitCode, UnsafePlan
from namehold.index.access.tokens import NarrowingTokens
from namehold.index.model import Answer, Outcome, ProjectState, Token
from namehold.index.ports import BuiltFile
from namehold.ledger.model import Receipt
from namehold.upkeep.drift import find_drift

NAME, OTHER = NormalizedName("acme-tol"), NormalizedName("acme-tooll")
_FROZEN = "Invalid or non-existent authentication information. See https://INDEX/help/#invalid-auth"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def outcomes(receipts: tuple[Receipt, ...]) -> list[Outcome]:
    return [receipt.outcome for receipt in receipts]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (409, "The name 'acme-tol' is in a namespace that was granted to another organization"),
        (409, "words of tomorrow"),
        (409, ""),
    ],
)
def test_a_conflict_that_is_no_race_is_told_in_the_indexs_words_and_the_others_go_on(
    here: Stage, status: int, words: str
) -> None:
    here.uploader.faults[1] = say(status, words)
    plan = here.plan(NAME, OTHER)
    result = here.run(plan)
    assert outcomes(result.receipts) == [Outcome.REFUSED_UNKNOWN, Outcome.HELD]
    assert words in result.receipts[0].message
    assert (result.exit_code, result.waiting) == (ExitCode.PARTLY_FAILED, (NAME,))
    # Neither an attack, nor settled: a later run tries again.
    assert (here.holdings.undecided, here.holdings.settled) == ((), ())
    assert outcomes(here.run(plan).receipts) == [Outcome.HELD]


@pytest.mark.parametrize("status", [403, 407, 409, 404, 413])
def test_a_refusal_by_somebody_in_between_after_the_file_was_taken(here: Stage, status: int) -> None:
    def take_and_refuse(upload: Upload, file: BuiltFile, token: Token) -> Answer:
        upload(file, token)
        return Answer(status=status, message="Blocked by the company's filter")

    here.uploader.faults[1] = here.uploader.faults[2] = take_and_refuse
    result = here.run(here.plan(NAME, OTHER))
    assert outcomes(result.receipts) == [Outcome.HELD, Outcome.HELD]
    assert result.exit_code is ExitCode.DONE
    # Each file was sent once, and both slots are counted, though the answers carried no quota.
    assert (here.uploader.count, len(here.holdings.slot_times)) == (4, 2)


def test_a_refusal_by_somebody_in_between_before_the_index_stops_with_its_words(here: Stage) -> None:
    here.uploader.faults[1] = say(403, "Blocked by the company's filter")
    result = here.run(here.plan(NAME, OTHER))
    assert (result.exit_code, here.uploader.count) == (ExitCode.CREDENTIALS, 1)
    assert result.stopped is not None
    assert "Blocked by the company's filter" in result.stopped.message
    assert here.holdings.slot_times == ()


def test_a_frozen_account_a_deleted_token_and_a_wrong_one_get_one_text_that_names_all_three(here: Stage) -> None:
    here.index.state.users["acme"].is_frozen = True
    result = here.run(here.plan(NAME))
    assert result.stopped is not None
    assert (result.stopped.rule, result.exit_code) == ("credentials", ExitCode.CREDENTIALS)
    fix = result.stopped.fix
    assert all(word in fix for word in ("frozen", "deleted", "wrong"))
    # Looking comes before another token, which is never the first advice.
    assert not fix.startswith(("make", "use"))
    assert "make a new" not in fix
    assert fix.index("page") < fix.index("another token")


def test_where_one_of_two_files_was_taken_the_indexs_words_to_the_other_are_kept(here: Stage) -> None:
    here.uploader.faults[2] = say(403, _FROZEN)
    result = here.run(here.plan(NAME))
    assert outcomes(result.receipts) == [Outcome.INDETERMINATE]
    assert _FROZEN in result.receipts[0].message
    assert result.stopped is not None
    assert _FROZEN in result.stopped.message


@pytest.mark.parametrize("is_answer_lost", [False, True])
def test_another_accounts_token_is_no_race_and_no_administrators_act(here: Stage, is_answer_lost: bool) -> None:
    mallory = here.index.mint_token("mallory")
    here.tokens = NarrowingTokens(Token(mallory))
    if is_answer_lost:
        here.uploader.faults[1] = here.uploader.faults[2] = lose_answer
    result = here.run(here.plan(NAME, OTHER))
    assert result.exit_code is ExitCode.CREDENTIALS
    (receipt,) = result.receipts
    assert receipt.outcome is not Outcome.LOST_RACE
    assert "stranger" not in receipt.message
    assert "took our upload" in receipt.message
    with pytest.raises(UnsafePlan, match="under another account"):
        here.run(here.plan(NAME, OTHER))
    (drift,) = find_drift(here.holdings, portfolio=here.portfolio, states={}, shows_ownership=True)
    assert (drift.rule, "another account" in drift.text, "administrators" in drift.text) == (
        "drift-undecided", True, False,
    )  # fmt: skip
    # Whose it is stands nowhere in the ledger.
    assert "mallory" not in here.ledger_path.read_text() + str(here.events)


def test_a_stranger_who_was_faster_stays_a_lost_race(here: Stage) -> None:
    def take(upload: Upload, file: BuiltFile, token: Token) -> Answer:
        here.index.state.add_project(NAME, owner="mallory")
        return lose_request(upload, file, token)

    here.uploader.faults[1] = take
    result = here.run(here.plan(NAME))
    assert [(item.outcome, item.message) for item in result.receipts] == [
        (Outcome.LOST_RACE, "a stranger registered it first")
    ]


class _Dated:
    """The stage's reader, whose clock is off for the first answers; every question is noted."""

    def __init__(self, here: Stage, *, stale: int) -> None:
        self.here, self.stale, self.asked = here, stale, 0

    def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:
        return self.here.reader.project(name, known_serial=known_serial)

    def now(self) -> dt.datetime:
        self.asked += 1
        return self.here.reader.now() - dt.timedelta(hours=2 if self.asked <= self.stale else 0)

    def user_packages(self, username: str) -> tuple[NormalizedName, ...]:
        return self.here.reader.user_packages(username)


def test_one_stale_date_is_asked_for_once_more_and_a_second_one_ends_the_run(here: Stage) -> None:
    once = _Dated(here, stale=1)
    assert here.run(here.plan(NAME), reader=once).exit_code is ExitCode.DONE
    assert once.asked == 2
    twice = _Dated(here, stale=2)
    with pytest.raises(UnsafePlan, match="clock"):
        here.run(here.plan(NAME, OTHER), reader=twice)
    assert (twice.asked, here.held) == (2, [NAME])


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("120", 120),
        (format_datetime(NOW + dt.timedelta(hours=3), usegmt=True), 3 * 3600),
        # Neither what is no time nor one without end is obeyed.
        ("soon", 3600),
        ("999999999", 86_400),
        ("99999999999999", 86_400),
        ("9" * 400, 86_400),
        (format_datetime(NOW + dt.timedelta(days=4000), usegmt=True), 86_400),
    ],
)
def test_an_upload_that_came_too_soon_waits_as_long_as_the_index_says(here: Stage, header: str, wait_s: int) -> None:
    here.uploader.faults[1] = say(429, "Too Many Requests", headers=(("retry-after", header),), date=here.clock.now())
    before = here.clock.now()
    result = here.run(here.plan(NAME))
    assert result.exit_code is ExitCode.QUOTA
    assert result.next_slot is not None
    assert abs((result.next_slot - before).total_seconds() - wait_s) <= 30

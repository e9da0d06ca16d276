"""An approval counts only with the right MAC, at its place; a name that is still open is read by the key's holders."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import KEY

from namehold.documents import canonical_json, digest
from namehold.errors import LedgerCorrupt
from namehold.index.model import Outcome, Quota
from namehold.ledger.file import GENESIS, Ledger, read, read_holdings
from namehold.ledger.fold import fold_events
from namehold.ledger.keeping import make_key
from namehold.ledger.lines import FindKey, no_key
from namehold.ledger.model import (
    Decided,
    Event,
    Holdings,
    Intent,
    LetterAnswer,
    LetterAnswered,
    LetterKind,
    LetterSent,
    Observed,
    PlanApproved,
    PlanRehearsed,
    Receipt,
    SeenLimits,
    Sighting,
)
from namehold.ledger.sealing import find_open_in_plain
from namehold.portfolio.model import Mode

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
NAME, OTHER, TARGET = NormalizedName("acme-tol"), NormalizedName("acme-tolo"), NormalizedName("acme-tool")
APPROVED = PlanApproved(action_digest="sha256:plan", actions=("sha256:one",), address="sha256:address", time=NOW)
REHEARSED = PlanRehearsed(action_digest="sha256:plan", actions=("sha256:one",), time=NOW)


def intent(name: NormalizedName = NAME, **more: Any) -> Intent:
    files = ((f"{name.replace('-', '_')}-0.0.1.tar.gz", "ab" * 32),)
    return Intent(
        name=name, target=TARGET, mode=Mode.REDIRECT, version="0.0.1", files=files, action_digest="sha256:one",
        plan="sha256:plan", time=NOW, **more,
    )  # fmt: skip


def receipt(outcome: Outcome, name: NormalizedName = NAME, **more: Any) -> Receipt:
    return Receipt(
        name=name, target=TARGET, outcome=outcome, message="said", action_digest="sha256:one", time=NOW, **more
    )


def write(path: Path, *events: Event, find_key: FindKey = lambda: KEY) -> Holdings:
    with Ledger.open(path, index="pypi", username="acme", organization="Acme", time=NOW, find_key=find_key) as ledger:
        for event in events:
            ledger.append(event)
        return ledger.holdings()


def rechain(path: Path, bodies: list[dict[str, Any]]) -> None:
    """Writes the lines anew with digests that are right: the chain has no key."""
    previous, lines = GENESIS, []
    for number, body in enumerate(bodies, start=1):
        whole = {key: value for key, value in body.items() if key != "digest"}
        whole |= {"sequence": number, "previous": previous}
        previous = digest(whole)
        lines.append(canonical_json(whole | {"digest": previous}) + b"\n")
    path.write_bytes(b"".join(lines))


def bodies_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


# --------------------------------------------------------------------------- approvals


def test_an_approval_with_the_right_mac_counts_and_tells_nobody_else_what_it_approves(path: Path) -> None:
    written = write(path, APPROVED, REHEARSED)
    again = read_holdings(path, find_key=lambda: KEY)

    assert again == written
    assert {item.digest for item in again.approvals} == {"sha256:plan", "sha256:one"}
    assert again.rehearsals == ("sha256:plan", "sha256:one")
    text = path.read_text("utf-8")
    assert not [word for word in ("sha256:plan", "sha256:one", "sha256:address") if word in text]
    for find_key in (no_key, make_key):
        without = read_holdings(path, find_key=find_key)
        assert (without.approvals, without.rehearsals, without.unproved, without.unread) == ((), (), 2, 2)


def test_an_approval_that_was_forged_or_changed_counts_for_nothing(path: Path) -> None:
    write(path, APPROVED)
    opened, approval = bodies_of(path)
    plain = {"action_digest": "sha256:plan", "actions": ["sha256:one"], "address": "sha256:address"}
    later = {**approval, "time": "2027-11-22T12:00:00Z"}
    forged = [
        {**approval, "data": plain},
        {**approval, "data": plain | {"mac": ""}},
        {**approval, "data": plain | {"mac": "ab" * 32}},
        {**approval, "data": plain | {"mac": approval["data"]["mac"]}},
        {**approval, "data": {"sealed": approval["data"]["sealed"], "mac": "ab" * 32}},
        {**approval, "data": approval["data"] | {"note": "added"}},
        {**approval, "kind": "rehearsal"},
        later,
    ]
    for body in forged:
        rechain(path, [opened, body])
        found = read_holdings(path, find_key=lambda: KEY)
        assert (found.approvals, found.rehearsals, found.unproved) == ((), (), 1), body


def test_an_approval_can_not_be_replayed_at_another_place_or_in_another_ledger(path: Path, tmp_path: Path) -> None:
    write(path, APPROVED)
    opened, approval = bodies_of(path)
    rechain(path, [opened, approval])
    assert read_holdings(path, find_key=lambda: KEY).approvals  # the very place

    rechain(path, [opened, approval, approval])
    found = read_holdings(path, find_key=lambda: KEY)
    assert (len(found.approvals), found.unproved) == (2, 1)

    other = tmp_path / "other.jsonl"
    with Ledger.open(other, index="pypi", username="acme", organization="Acme Two", time=NOW):
        pass
    rechain(other, [*bodies_of(other), approval])
    found = read_holdings(other, find_key=lambda: KEY)
    assert (found.approvals, found.unproved) == ((), 1)


def test_without_a_key_an_approval_holds_for_one_run(path: Path) -> None:
    assert write(path, APPROVED, find_key=no_key).approvals
    for find_key in (no_key, lambda: KEY):
        found = read_holdings(path, find_key=find_key)
        assert (found.approvals, found.unproved, found.unread) == ((), 1, 0)


# --------------------------------------------------------------------------- names


def test_a_name_is_sealed_from_its_intent_until_its_held_receipt(path: Path) -> None:
    limits = SeenLimits(quota=Quota(limit=4, window_s=86_400))
    refused = receipt(Outcome.RATE_LIMITED, slot_time=NOW, limits=limits)
    with_key = write(path, intent(), refused, intent())
    assert with_key.open_intents == (NAME,)
    assert "acme-tol" not in path.read_text("utf-8").replace("acme-tool", "")
    without = read_holdings(path)
    assert (without.names, without.unread) == (frozenset(), 3)
    assert (without.slot_times, without.quota) == ((NOW,), limits.quota)  # pacing needs no key

    write(path, receipt(Outcome.HELD, slot_time=NOW))
    with_key, without = read_holdings(path, find_key=lambda: KEY), read_holdings(path)
    assert [item.name for item in without.held] == [NAME]
    assert without.held == with_key.held
    assert without.slot_times == with_key.slot_times


def test_a_later_version_of_a_held_name_is_in_plain_but_for_the_digest_of_the_whole_plan(path: Path) -> None:
    later = intent(withdraw_on=dt.date(2027, 6, 1))
    write(path, intent(), receipt(Outcome.HELD), later, receipt(Outcome.HELD))
    assert read_holdings(path).held == read_holdings(path, find_key=lambda: KEY).held
    assert "sha256:plan" not in path.read_text("utf-8")
    again = read(path, find_key=lambda: KEY).events[-2].value
    assert again == later


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_refused_name_is_in_plain_only_if_the_index_refuses_it_to_everybody(path: Path, outcome: Outcome) -> None:
    write(path, intent(OTHER), receipt(outcome, OTHER))
    is_plain = str(OTHER) in path.read_text("utf-8")
    closed = {Outcome.HELD, Outcome.REFUSED_SIMILAR, Outcome.REFUSED_PROHIBITED, Outcome.REFUSED_STDLIB}
    assert is_plain == (outcome in closed)


def test_a_letters_names_are_sealed_until_the_index_prohibits_them(path: Path) -> None:
    sent = LetterSent(letter="sha256:letter", kind=LetterKind.PROHIBIT, names=(NAME, OTHER), date=NOW.date(), time=NOW)
    answers = [
        LetterAnswered(letter=sent.letter, kind=sent.kind, answer=answer, names=names, date=NOW.date(), time=NOW)
        for answer, names in ((LetterAnswer.DECLINED, (OTHER,)), (LetterAnswer.GRANTED, (NAME,)))
    ]
    written = write(path, sent, *answers)
    text = path.read_text("utf-8")
    assert '"acme-tol"' in text
    assert not [word for word in (str(OTHER), "sha256:letter") if word in text]
    assert read_holdings(path, find_key=lambda: KEY) == written
    without = read_holdings(path)
    assert (without.prohibited, without.letters) == ((NAME,), ())


def test_that_the_index_took_a_name_away_is_heard_without_the_key(path: Path) -> None:
    gone = Observed(name=NAME, found=Sighting.VANISHED, time=NOW)
    write(path, intent(), receipt(Outcome.UNVERIFIED), gone)
    assert "acme-tol" not in path.read_text("utf-8").replace("acme-tool", "")
    assert read_holdings(path, find_key=lambda: KEY).undecided == (NAME,)
    assert read_holdings(path).unread_sightings == 1
    write(path, Decided(name=NAME, decision="They keep acme-tol.", time=NOW))
    assert read_holdings(path).unread_sightings == 0


def test_a_lost_key_leaves_the_chain_and_what_is_held_and_a_new_one_goes_on(path: Path) -> None:
    write(path, APPROVED, intent(), receipt(Outcome.HELD), intent(OTHER))
    new = make_key()
    found = write(path, intent(OTHER), receipt(Outcome.HELD, OTHER), APPROVED, find_key=lambda: new)
    assert [item.name for item in found.held] == [NAME, OTHER]
    assert (len(found.approvals), found.unproved, found.unread) == (2, 1, 3)
    assert [item.name for item in read_holdings(path).held] == [NAME, OTHER]


def test_only_a_ledger_without_open_names_and_without_plain_digests_may_be_published(path: Path) -> None:
    write(path, APPROVED, intent(), receipt(Outcome.HELD), intent(OTHER))
    assert find_open_in_plain(read(path).events) == ()
    write(path, intent(OTHER), APPROVED, find_key=no_key)
    assert find_open_in_plain(read(path).events) == (6, 7)


def test_a_sealed_part_that_is_no_event_is_one_error_with_its_line(path: Path) -> None:
    write(path)
    (opened,) = bodies_of(path)
    for sealed in ("[]", '{"name": "X"}', "no json", '{"name": 5}'):
        hidden = KEY.seal(sealed.encode(), place="anywhere")
        rechain(path, [opened, {**opened, "kind": "decision", "data": {"sealed": hidden}}])
        with pytest.raises(LedgerCorrupt) as caught:
            read(path, find_key=lambda: KEY)
        assert caught.value.line == 2
        assert fold_events(read(path).events).unread == 1

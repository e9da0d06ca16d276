"""Whatever happens to names, with the ledger and a held placeholder nobody can tell an open one, or test a guess."""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from tests.harness.applying import KEY, make_plan
from tests.unit.ledger.test_sealing import NOW, bodies_of, rechain

from namehold.documents import canonical_json, digest
from namehold.errors import LedgerCorrupt
from namehold.index.model import Outcome
from namehold.index.profiles import profile
from namehold.ledger.file import Ledger, read, read_holdings
from namehold.ledger.model import (
    Adopted,
    Decided,
    Event,
    HandedOver,
    Intent,
    LetterAnswer,
    LetterAnswered,
    LetterKind,
    LetterSent,
    Observed,
    PlanRehearsed,
    Receipt,
    Reviewed,
    Sighting,
)
from namehold.ledger.sealing import find_open_in_plain
from namehold.placeholder.render import Templates
from namehold.plan.checks.approvals import approval_of, each_digest
from namehold.portfolio.model import Mode

TARGET = NormalizedName("robot")
#: None is a part of another, nor of anything else that a ledger holds.
NAMES = [NormalizedName(name) for name in ("quartz-one", "zebra-two", "walnut-three", "violin-four")]
PLAN = make_plan(NAMES, Templates(None, profile("pypi")))
DIGESTS = {PLAN.action_digest, *each_digest(PLAN), digest(profile("pypi").upload)}
LETTER = digest([*NAMES])


def intent_for(name: NormalizedName, end: dt.date | None) -> Intent:
    return Intent(
        name=name,
        target=TARGET,
        mode=Mode.REDIRECT,
        version="0.0.1",
        action_digest=digest(name),
        files=((f"{name.replace('-', '_')}-0.0.1.tar.gz", digest(name).removeprefix("sha256:")),),
        plan=PLAN.action_digest,
        withdraw_on=end,
        time=NOW,
    )


def receipt_for(name: NormalizedName, outcome: Outcome) -> Receipt:
    return Receipt(
        name=name,
        target=TARGET,
        outcome=outcome,
        message=f"{name}: {outcome}",
        action_digest=digest(name),
        slot_time=NOW,
        time=NOW,
    )


def adopted(name: NormalizedName) -> Adopted:
    return Adopted(name=name, target=TARGET, version="1", files=(), time=NOW)


name = st.sampled_from(NAMES)
event = st.one_of(
    st.builds(intent_for, name, st.none() | st.just(NOW.date())),
    st.builds(receipt_for, name, st.sampled_from(Outcome)),
    st.builds(lambda name, found: Observed(name=name, found=found, time=NOW), name, st.sampled_from(Sighting)),
    st.builds(lambda name: Reviewed(name=name, time=NOW), name),
    st.builds(lambda name: Decided(name=name, decision=f"They keep {name}.", time=NOW), name),
    st.builds(adopted, name),
    st.just(approval_of(PLAN, profile("pypi"), time=NOW)),
    st.just(PlanRehearsed(action_digest=PLAN.action_digest, actions=each_digest(PLAN), time=NOW)),
    st.just(LetterSent(letter=LETTER, kind=LetterKind.PROHIBIT, names=tuple(NAMES), date=NOW.date(), time=NOW)),
    st.builds(
        lambda name, answer: LetterAnswered(
            letter=LETTER, kind=LetterKind.PROHIBIT, answer=answer, names=(name,), date=NOW.date(), time=NOW
        ),
        name, st.sampled_from(LetterAnswer),
    ),
)  # fmt: skip


def write(path: Path, events: list[Event]) -> Ledger:
    ledger = Ledger.open(path, index="pypi", username="acme", organization="Acme", time=NOW, find_key=lambda: KEY)
    with ledger:
        # An answer needs its letter.
        first = next((place for place, item in enumerate(events) if isinstance(item, LetterSent)), len(events))
        for place, item in enumerate(events):
            if place > first or not isinstance(item, LetterAnswered):
                ledger.append(item)
    return ledger


def closed_names(events: list[Event]) -> set[NormalizedName]:
    """The names that may stand in plain in the end, told without the product's own rule."""
    closed: set[NormalizedName] = set()
    for item in events:
        match item:
            case Receipt(outcome="held" | "refused-similar" | "refused-prohibited" | "refused-stdlib"):
                closed.add(item.name)
            case Observed(found="quarantined" | "files-gone" | "other-account") | Adopted() | HandedOver():
                closed.add(item.name)
            case LetterAnswered(answer=LetterAnswer.GRANTED):
                closed.update(item.names)
    return closed


@given(events=st.lists(event, max_size=12))
def test_no_open_name_can_be_read_and_no_guess_can_be_tested(events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        write(path, events)
        text = path.read_text("utf-8")
        open_names = set(NAMES) - closed_names([item.value for item in read(path, find_key=lambda: KEY).events])

        assert not [word for word in open_names if word in text or word.replace("-", "_") in text]
        # What somebody computes who guesses right: digests of a name, of its action, of the whole plan, of a letter.
        guesses = {LETTER, *DIGESTS, *(digest(word) for word in open_names)}
        shown = set(re.findall(r"[0-9a-f]{64}", text))
        assert not {guess.removeprefix("sha256:") for guess in guesses} & shown
        assert find_open_in_plain(read(path).events) == ()


@given(events=st.lists(event, max_size=12))
@example(events=[intent_for(NAMES[0], None), adopted(NAMES[0]), receipt_for(NAMES[0], Outcome.HELD)])
def test_what_is_held_prohibited_and_spent_is_the_same_with_and_without_the_key(events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        ledger = write(path, events)
        with_key, without = read_holdings(path, find_key=lambda: KEY), read_holdings(path)

        assert with_key == ledger.holdings()
        assert set(without.held) == set(with_key.held)
        assert set(without.prohibited) <= set(with_key.prohibited)
        assert without.slot_times == with_key.slot_times
        assert (without.head, without.index, without.username) == (with_key.head, with_key.index, with_key.username)


@given(data=st.data())
def test_no_change_of_an_approval_is_approved(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        write(path, [approval_of(PLAN, profile("pypi"), time=NOW)])
        opened, approval = bodies_of(path)
        line = canonical_json({key: approval[key] for key in ("data", "kind", "time")}).decode()
        at = data.draw(st.integers(0, len(line) - 1))
        try:
            changed = json.loads(line[:at] + data.draw(st.characters(codec="ascii")) + line[at + 1 :])
        except ValueError:
            return
        if changed == json.loads(line):
            return
        rechain(path, [opened, approval | changed] if isinstance(changed, dict) else [opened])
        try:
            approved = read_holdings(path, find_key=lambda: KEY).approvals
        except LedgerCorrupt:
            approved = ()
        assert approved == ()

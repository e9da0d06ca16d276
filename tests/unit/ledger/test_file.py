from __future__ import annotations

import datetime as dt
import errno
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import KEY

from namehold import files
from namehold.documents import canonical_json, digest
from namehold.errors import ExitCode, LedgerCorrupt, LedgerError, LedgerLocked
from namehold.index.model import Outcome, Quota
from namehold.ledger.file import GENESIS, Ledger, read, read_holdings
from namehold.ledger.fold import fold_events
from namehold.ledger.lines import no_key, write_line
from namehold.ledger.model import (
    Approval,
    Decided,
    HandedOver,
    Holdings,
    Intent,
    LetterAnswer,
    LetterAnswered,
    LetterKind,
    LetterSent,
    Observed,
    OpaqueEvent,
    PlanApproved,
    PlanRehearsed,
    Receipt,
    SeenLimits,
    Sighting,
    TornLine,
)
from namehold.portfolio.model import Mode

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
NAME = NormalizedName("acme-tol")
INTENT = Intent(
    name=NAME,
    target=NormalizedName("acme-tool"),
    mode=Mode.REDIRECT,
    version="0.0.1",
    files=(("acme_tol-0.0.1.tar.gz", "ab" * 32),),
    action_digest="sha256:1",
    time=NOW,
)


APPROVALS = (Approval(digest="sha256:7", time=NOW, address="sha256:8"),)


def open_ledger(path: Path, **changes: Any) -> Ledger:
    values: dict[str, Any] = {"index": "rehearsal", "username": "acme", "organization": "Acme Robotics", "time": NOW}
    return Ledger.open(path, **(values | changes))


def receipt(outcome: Outcome, **more: Any) -> Receipt:
    return Receipt(
        name=NAME, target=INTENT.target, outcome=outcome, message="", action_digest="sha256:1", time=NOW, **more
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger-rehearsal.jsonl"


def test_what_was_appended_is_read_back_chained(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
        written = list(ledger.events())
        head = ledger.holdings().head
    reading = read(path)
    assert list(reading.events) == written
    assert reading.head == head
    assert [event.kind for event in reading.events] == ["opened", "intent"]
    assert reading.events[1].previous == reading.events[0].digest


def test_no_file_means_nothing_held(path: Path) -> None:
    assert read_holdings(path) == Holdings(head="")


def test_an_intent_is_open_until_its_receipt(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
        assert ledger.holdings().open_intents == ("acme-tol",)
        ledger.append(receipt(Outcome.UNVERIFIED, slot_time=NOW))
        holdings = ledger.holdings()
        assert (holdings.open_intents, holdings.unverified, holdings.slot_times) == ((), ("acme-tol",), (NOW,))
        ledger.append(receipt(Outcome.HELD))
        holdings = ledger.holdings()
    assert holdings.unproven == ()
    (held,) = holdings.held
    assert held.name == "acme-tol"
    assert held.files == (("acme_tol-0.0.1.tar.gz", "ab" * 32),)
    assert holdings.slot_times == (NOW,)


def test_an_indeterminate_answer_leaves_the_intent_open(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
        ledger.append(receipt(Outcome.INDETERMINATE))
        assert ledger.holdings().open_intents == ("acme-tol",)


@pytest.mark.parametrize("outcome", [Outcome.LOST_RACE, Outcome.REFUSED_SIMILAR, Outcome.REFUSED_PROHIBITED])
def test_a_refusal_for_good_settles_the_name(path: Path, outcome: Outcome) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
        ledger.append(receipt(outcome))
        holdings = ledger.holdings()
    assert holdings.settled == (("acme-tol", str(outcome)),)
    assert holdings.names == frozenset()


@pytest.mark.parametrize("outcome", [Outcome.RATE_LIMITED, Outcome.SKIPPED, Outcome.AUTHENTICATION_FAILED])
def test_a_refusal_for_today_leaves_the_name_to_try_again(path: Path, outcome: Outcome) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
        ledger.append(receipt(outcome))
        holdings = ledger.holdings()
    assert (holdings.settled, holdings.names) == ((), frozenset())


def test_the_limits_of_the_last_answer_are_remembered(path: Path) -> None:
    until = NOW + dt.timedelta(hours=3)
    limits = SeenLimits(quota=Quota(limit=20, window_s=3600), closed_until=until)
    with open_ledger(path) as ledger:
        ledger.append(receipt(Outcome.RATE_LIMITED, limits=limits))
        assert ledger.holdings().quota == Quota(limit=20, window_s=3600)
        assert ledger.holdings().closed_until == until
        ledger.append(receipt(Outcome.RATE_LIMITED, limits=SeenLimits()))
        assert ledger.holdings().closed_until is None


def test_what_the_administrators_removed_stops_until_a_person_decides(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
        ledger.append(receipt(Outcome.HELD))
        ledger.append(Observed(name=NAME, found=Sighting.VANISHED, time=NOW))
        holdings = ledger.holdings()
        assert (holdings.held, holdings.prohibited, holdings.undecided) == ((), ("acme-tol",), ("acme-tol",))
        ledger.append(Decided(name=NAME, decision="they prohibited it", time=NOW))
        holdings = ledger.holdings()
    assert (holdings.prohibited, holdings.undecided) == (("acme-tol",), ())


def test_a_name_handed_over_is_held_no_more(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
        ledger.append(receipt(Outcome.HELD))
        ledger.append(HandedOver(name=NAME, to="somebody", how="transferred", version="0.0.1", checked=True, time=NOW))
        assert ledger.holdings().held == ()
        assert ledger.holdings().settled == (("acme-tol", "handed-over"),)


def test_approvals_and_rehearsals_are_found_again_with_the_key_and_without_one_hold_for_one_run(path: Path) -> None:
    for find_key in (no_key, lambda: KEY):
        with open_ledger(path, find_key=find_key) as ledger:
            ledger.append(PlanRehearsed(action_digest="sha256:7", time=NOW))
            ledger.append(PlanApproved(action_digest="sha256:7", address="sha256:8", time=NOW))
            here = ledger.holdings()
        assert (here.rehearsals, here.approvals) == (("sha256:7",), APPROVALS)
    holdings = read_holdings(path, find_key=lambda: KEY)
    assert (holdings.rehearsals, holdings.approvals, holdings.unproved) == (("sha256:7",), APPROVALS, 2)
    without = read_holdings(path)
    assert (without.rehearsals, without.approvals, without.unproved) == ((), (), 4)


def test_unknown_kinds_are_kept_and_chained(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(OpaqueEvent(kind="of-the-future", data={"anything": [1, {"a": None}]}, time=NOW))
        ledger.append(INTENT)
    kinds = [event.kind for event in read(path).events]
    assert kinds == ["opened", "of-the-future", "intent"]
    assert fold_events(read(path).events).open_intents == ("acme-tol",)


def test_a_change_in_the_middle_names_its_line(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
        ledger.append(receipt(Outcome.HELD))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[1].replace("acme-tool", "other-tool"), lines[2]]), encoding="utf-8")
    with pytest.raises(LedgerCorrupt) as caught:
        read(path)
    assert caught.value.line == 2


def test_a_line_taken_out_is_found(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
        ledger.append(receipt(Outcome.HELD))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(lines[0] + lines[2], encoding="utf-8")
    with pytest.raises(LedgerCorrupt) as caught:
        read(path)
    assert caught.value.line == 2


@pytest.mark.parametrize("changed", [{"sequence": 3}, {"previous": "sha256:" + "0" * 64}])
def test_a_line_from_elsewhere_is_found_though_its_own_digest_is_right(path: Path, changed: dict[str, Any]) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
    first, second = path.read_bytes().splitlines(keepends=True)
    body = json.loads(second) | changed
    del body["digest"]
    path.write_bytes(first + canonical_json(body | {"digest": digest(body)}) + b"\n")
    with pytest.raises(LedgerCorrupt, match="doesn't follow the line before") as caught:
        read(path)
    assert caught.value.line == 2


@pytest.mark.parametrize("line", ["", "nothing", "[]", "{}", '{"digest": 1, "time": "x"}', "\x00\x00"])
def test_garbage_with_an_end_of_line_is_corruption(path: Path, line: str) -> None:
    open_ledger(path).close()
    with path.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    with pytest.raises(LedgerCorrupt) as caught:
        open_ledger(path)
    assert caught.value.line == 2


def test_a_torn_line_is_cut_off_and_recorded(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"data":{"na')
    assert read(path).torn == b'{"data":{"na'
    with open_ledger(path) as ledger:
        last = list(ledger.events())[-1].value
        assert isinstance(last, TornLine)
        assert last.bytes == 12
        assert ledger.holdings().open_intents == ("acme-tol",)
    assert path.read_bytes().startswith(whole)
    assert read(path).torn == b""


def test_of_a_long_torn_line_nothing_is_left(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
    path.write_bytes(path.read_bytes() + b'{"data":{"na' + b"x" * 5_000)
    open_ledger(path).close()
    *_, last = read(path).events
    assert isinstance(last.value, TornLine)
    assert read(path).torn == b""


def test_a_second_run_is_told_that_the_ledger_is_held(path: Path) -> None:
    with open_ledger(path), pytest.raises(LedgerLocked):
        open_ledger(path)
    open_ledger(path).close()


def test_a_byte_order_mark_of_an_editor_changes_nothing(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
    plain = read(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert (read(path).events, read(path).head, read(path).torn) == (plain.events, plain.head, b"")
    with open_ledger(path) as ledger:
        ledger.append(INTENT)
    assert len(read(path).events) == len(plain.events) + 1


def test_what_stands_in_a_ledgers_place_is_told_with_a_next_step(path: Path) -> None:
    path.mkdir(parents=True)
    for use in (read, open_ledger):
        with pytest.raises(LedgerError) as caught:
            use(path)
        assert "namehold status --rebuild" in caught.value.fix
        assert caught.value.exit_code is ExitCode.INVALID_INPUT


def test_a_disk_without_locks_is_not_taken_for_another_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(files, "lock_alone", refuse)
    with pytest.raises(LedgerError, match="can't be locked: No locks available") as caught:
        open_ledger(path)
    assert not isinstance(caught.value, LedgerLocked)
    assert caught.value.exit_code is ExitCode.INVALID_INPUT


@pytest.mark.parametrize("number", [errno.EROFS, errno.ESTALE, errno.EDQUOT, errno.EACCES])
def test_a_disk_that_takes_no_ledger_is_the_machines_fault(
    number: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files, "open_descriptor", refuse)
    with pytest.raises(LedgerError, match=os.strerror(number)) as caught:
        open_ledger(path)
    assert caught.value.exit_code is ExitCode.INVALID_INPUT


def test_another_process_is_told_too_and_a_dead_one_holds_nothing(path: Path) -> None:
    program = (
        "import sys, datetime as dt; from pathlib import Path; from namehold.ledger import Ledger\n"
        "Ledger.open(Path(sys.argv[1]), index='rehearsal', username='acme', organization='A', "
        "time=dt.datetime.now(dt.UTC))\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LedgerLocked):
            open_ledger(path)
        holder.kill()
        holder.wait()
        open_ledger(path).close()


def test_a_ledger_belongs_to_one_index_and_account(path: Path) -> None:
    open_ledger(path).close()
    with pytest.raises(LedgerError, match="belongs to acme on rehearsal"):
        open_ledger(path, username="other")
    open_ledger(path).close()  # the refused attempt let go of the lock


def test_a_full_disk_leaves_the_ledger_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_write = os.write

    def write_a_part(file: int, content: bytes) -> int:
        real_write(file, bytes(content)[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with open_ledger(path) as ledger:
        before = path.read_bytes()
        monkeypatch.setattr(os, "write", write_a_part)
        with pytest.raises(LedgerError, match="No space left"):
            ledger.append(INTENT)
        monkeypatch.undo()
        assert path.read_bytes() == before
        ledger.append(INTENT)
    assert read_holdings(path).open_intents == ("acme-tol",)


def test_the_file_is_for_its_owner_and_holds_one_json_a_line(path: Path) -> None:
    open_ledger(path).close()
    assert path.stat().st_mode & 0o077 == 0
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["data"] == {"index": "rehearsal", "username": "acme", "organization": "Acme Robotics"}


def test_a_closed_ledger_takes_nothing(path: Path) -> None:
    ledger = open_ledger(path)
    ledger.close()
    with pytest.raises(LedgerError, match=r"is closed$"):
        ledger.append(INTENT)


def test_closing_twice_closes_no_other_file(path: Path) -> None:
    ledger = open_ledger(path)
    ledger.close()
    # The system gives a freed number to the next file that is opened.
    with path.open(encoding="utf-8") as other:
        ledger.close()
        assert other.readline().startswith("{")


def test_of_a_ledger_few_lines_are_held_at_a_time(path: Path) -> None:
    with open_ledger(path) as ledger:
        head = ledger.append(Decided(name=NAME, decision="x" * 500_000, time=NOW)).digest
    lines = [path.read_bytes()]
    for sequence in range(3, 13):
        value = Decided(name=NAME, decision="y" * 500_000, time=NOW)
        event, line = write_line(value, sequence=sequence, previous=head)
        lines.append(line)
        head = event.digest
    path.write_bytes(b"".join(lines))
    tracemalloc.start()
    try:
        assert read_holdings(path).head == head
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("letter", "number"), [("sha256:1", 7), ("sha256:2", 5)])
def test_of_lines_that_are_read_together_the_first_bad_one_is_told(path: Path, letter: str, number: int) -> None:
    """An answer to no letter shows only when it is folded, a changed text before that; an approval is read alone."""
    decided = Decided(name=NAME, decision="theirs", time=NOW)
    values = [
        LetterSent(letter="sha256:1", kind=LetterKind.PROHIBIT, names=(NAME,), date=NOW.date(), time=NOW),
        PlanApproved(action_digest="sha256:1", time=NOW),
        decided,
        decided,
        LetterAnswered(letter=letter, answer=LetterAnswer.GRANTED, names=(NAME,), date=NOW.date(), time=NOW),
        decided,
        decided,
        decided,
    ]
    head, lines = GENESIS, []
    for sequence, value in enumerate(values, start=1):
        event, line = write_line(value, sequence=sequence, previous=head)
        lines.append(line)
        head = event.digest
    path.parent.mkdir()
    path.write_bytes(b"".join((*lines[:6], lines[6].replace(b"theirs", b"theirS"), lines[7])))
    with pytest.raises(LedgerCorrupt) as caught:
        read_holdings(path)
    assert caught.value.line == number


@pytest.mark.parametrize("failing", ["open_descriptor", "sync_folder"])
def test_a_full_disk_asks_for_room_and_for_no_new_ledger(
    tmp_path: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, failing, full)
    with pytest.raises(LedgerError, match="No space left") as caught:
        Ledger.open(tmp_path / "ledger.jsonl", index="rehearsal", username="acme", organization="Acme", time=NOW)
    assert caught.value.fix == "make room on its disk, then call again: nothing is lost"


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EDQUOT, "make room"),
        (errno.EMFILE, "ulimit -n"),
        (errno.ENFILE, "ulimit -n"),
        (errno.EIO, "whether its disk answers"),
        (errno.ESTALE, "whether its disk answers"),
        (errno.EROFS, "be written to"),
    ],
)
def test_what_a_machine_lacks_for_a_while_asks_for_no_new_ledger(
    tmp_path: Path, number: int, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files, "open_descriptor", failing)
    with pytest.raises(LedgerError) as caught:
        Ledger.open(tmp_path / "ledger.jsonl", index="rehearsal", username="acme", organization="Acme", time=NOW)
    assert advice in caught.value.fix
    assert "--rebuild" not in caught.value.fix

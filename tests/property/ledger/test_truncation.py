from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from namehold.ledger.file import Ledger, read
from namehold.ledger.fold import fold_events
from namehold.ledger.model import OpaqueEvent

#: A later version's kind: it is kept and chained, whatever it holds.
KIND = "of-the-future"

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
TEXT = st.text(max_size=12)
DATA = st.dictionaries(TEXT, st.one_of(st.none(), st.integers(), TEXT, st.lists(TEXT, max_size=2)), max_size=3)


def open_ledger(path: Path) -> Ledger:
    return Ledger.open(path, index="rehearsal", username="acme", organization="Acme", time=NOW)


@settings(max_examples=8)
@given(st.lists(DATA, min_size=1, max_size=4))
def test_truncated_at_any_byte_a_ledger_is_readable_and_goes_on(data: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        with open_ledger(path) as ledger:
            for item in data:
                ledger.append(OpaqueEvent(kind=KIND, data=item, time=NOW))
        whole, events = path.read_bytes(), read(path).events
        for length in range(len(whole) + 1):
            path.write_bytes(whole[:length])
            reading = read(path)
            assert reading.events == events[: len(reading.events)]
            assert len(reading.events) == whole[:length].count(b"\n")
        for length in range(0, len(whole) + 1, 31):
            path.write_bytes(whole[:length])
            with open_ledger(path) as ledger:
                ledger.append(OpaqueEvent(kind=KIND, data={"after": length}, time=NOW))
                kept = tuple(ledger.events())
            assert read(path).events == kept
            assert read(path).torn == b""


@given(st.lists(DATA, max_size=5))
def test_folding_a_reread_ledger_gives_what_the_writer_saw(data: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        with open_ledger(path) as ledger:
            for item in data:
                ledger.append(OpaqueEvent(kind=KIND, data=item, time=NOW))
            seen = ledger.holdings()
        assert fold_events(read(path).events) == seen

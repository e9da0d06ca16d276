"""However a valid ledger is changed, reading it gives events or LedgerCorrupt, and nothing else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from namehold.errors import LedgerCorrupt
from namehold.ledger.file import GENESIS
from namehold.ledger.fold import fold_events
from namehold.ledger.lines import read_line

WRITTEN = Path(__file__).parents[2] / "contract/ledger/data/state-2026-11-28/state/ledger-trial.jsonl"
LINES = WRITTEN.read_bytes().splitlines()
BODIES = [json.loads(line) for line in LINES]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["acme-tol", "held", "granted", "sent", "torn-line", "2026-02-30", "9999-12-31T23:59:59+23:59"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def write(body: dict[str, Any]) -> bytes:
    """As canonical JSON, but for NaN and infinity, which only Python's writer and reader know."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def judge(line: bytes, *, number: int, previous: str) -> None:
    damaged = number
    try:
        fold_events([read_line(line, number=number, previous=previous)])
    except LedgerCorrupt as error:
        damaged = error.line
    assert damaged == number


@given(line=st.sampled_from(LINES), data=st.data())
def test_changed_bytes(line: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(line)))
    cut = data.draw(st.integers(0, 8))
    judge(line[:at] + data.draw(st.binary(max_size=6)) + line[at + cut :], number=1, previous=GENESIS)


@given(body=st.sampled_from(BODIES), data=st.data())
def test_changed_values_under_a_digest_that_is_right(body: dict[str, Any], data: st.DataObject) -> None:
    """An attacker who writes the chain anew: types alone stand between the values and the rest of the program."""
    changed = json.loads(json.dumps({key: value for key, value in body.items() if key != "digest"}))
    places = [(changed, key) for key in ("data", "kind", "time", "sequence")]
    places += [(changed["data"], key) for key in changed["data"]]
    for parent, key in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
        value = data.draw(VALUES)
        if data.draw(st.booleans()):
            parent.pop(key, None)
        else:
            parent[key] = value
    try:
        line = write(changed | {"digest": f"sha256:{hashlib.sha256(write(changed)).hexdigest()}"})
    except UnicodeEncodeError:
        return
    judge(line, number=body["sequence"], previous=body["previous"])

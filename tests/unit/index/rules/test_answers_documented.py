from __future__ import annotations

from pathlib import Path

import pytest

from namehold.index.model import Outcome
from namehold.index.rules.answers import Meaning, meanings
from namehold.ledger.model import EVENT_TYPES

DOCS = Path(__file__).parents[4] / "docs" / "reference"


@pytest.mark.parametrize("meaning", meanings(), ids=lambda meaning: meaning.rule)
def test_every_meaning_is_explained_with_its_outcome(meaning: Meaning) -> None:
    rows = [line for line in (DOCS / "answers.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    row = next(row for row in rows if row.startswith(f"| `{meaning.rule}` |"))
    assert f"`{meaning.outcome}`" in row
    assert ("| yes |" in row or "if indeterminate" in row) is meaning.stops_run


def test_the_ledgers_page_names_every_kind_and_outcome() -> None:
    text = (DOCS / "ledger.md").read_text(encoding="utf-8")
    missing = [str(word) for word in (*EVENT_TYPES, *Outcome) if f"`{word}`" not in text]
    assert missing == []

"""letters."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.letters.choose import (
    find_open_letter, LetterFacts, MOST_NAMES_A_LETTER, PATIENCE_DAYS, REQUESTS, select_names, targets_of,
)
from namehold.letters.refuse import find_letter_refusals
from namehold.letters.write import Letter, write_letter

__all__ = [
    "find_letter_refusals", "find_open_letter", "Letter", "LetterFacts", "MOST_NAMES_A_LETTER", "PATIENCE_DAYS",
    "REQUESTS", "select_names", "targets_of", "write_letter",
]

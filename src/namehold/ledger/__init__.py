"""ledger."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.ledger.file import Ledger, read, read_holdings, require_owner
from namehold.ledger.fold import fold_events
from namehold.ledger.model import (
    Approval, count_by_package, EventKind, HeldName, Holdings, Intent, is_settled, LedgerEvent, LedgerPort,
    LetterAnswer, LetterKind, names_ever_held, Receipt, SentLetter,
)
from namehold.ledger.proof import owner_of, Sight, sight

__all__ = [
    "Approval", "count_by_package", "EventKind", "fold_events", "HeldName", "Holdings", "Intent", "is_settled",
    "Ledger", "LedgerEvent", "LedgerPort", "LetterAnswer", "LetterKind", "names_ever_held", "owner_of", "read",
    "read_holdings", "Receipt", "require_owner", "SentLetter", "Sight", "sight",
]

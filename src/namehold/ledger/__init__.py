"""The append-only record of everything that was sent: typed events, chained by hash, and what they add up to.

with Ledger.open(path, index="pypi", username="acme", organization="Acme Robotics", time=now) as ledger:
ledger.append(Decided(name=name, decision="They prohibited it.", time=now))
ledger.holdings().undecided
"""

from namehold.ledger.file import Ledger, read, read_holdings, require_owner
from namehold.ledger.fold import fold_events
from namehold.ledger.model import (
    Adopted, Approval, count_by_package, Decided, HandedOver, HeldName, Holdings, Intent, LedgerEvent, LedgerPort,
    LetterAnswer, LetterAnswered, LetterKind, LetterSent, names_ever_held, Observed, PlanApproved, PlanRehearsed,
    Receipt, SeenLimits, SentLetter, settled_names, Sighting,
)
from namehold.ledger.proof import owner_of, Sight, sight

__all__ = [
    "Adopted", "Approval", "count_by_package", "Decided", "fold_events", "HandedOver", "HeldName", "Holdings", "Intent",
    "Ledger", "LedgerEvent", "LedgerPort", "LetterAnswer", "LetterAnswered", "LetterKind", "LetterSent",
    "names_ever_held", "Observed", "owner_of", "PlanApproved", "PlanRehearsed", "read", "read_holdings", "Receipt",
    "require_owner", "SeenLimits", "SentLetter", "settled_names", "Sight", "sight", "Sighting",
]

"""The append-only record of everything that was sent: typed events, chained by hash, and what they add up to.

with Ledger.open(path, index="pypi", username="acme", organization="Acme Robotics", time=now) as ledger:
    ledger.append(Decided(name=name, decision="They prohibited it.", time=now))
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.ledger.file import Ledger, read, read_holdings, require_owner
    from namehold.ledger.fold import fold_events
    from namehold.ledger.keeping import KeptKey, KeyEntry, make_key, read_key_file, write_key_file
    from namehold.ledger.key import LedgerKey
    from namehold.ledger.model import (
        Adopted, Approval, count_by_package, Decided, FrozenAction, HandedOver, HeldName, Holdings, Intent, LedgerEvent,
        LedgerPort, LetterAnswer, LetterAnswered, LetterKind, LetterSent, Looked, names_ever_held, Observed,
        PlanApproved, PlanRehearsed, Receipt, Reviewed, SeenLimits, SentLetter, settled_names, Sighting, tell_undecided,
    )
    from namehold.ledger.proof import find_loss, is_under_account, owner_of, Sight, sight
    from namehold.ledger.sealing import find_open_in_plain
else:
    __getattr__ = load_late(
        __name__, file="Ledger read read_holdings require_owner", fold="fold_events", keeping="KeptKey KeyEntry "
        "make_key read_key_file write_key_file", key="LedgerKey", model="Adopted Approval Decided FrozenAction "
        "HandedOver HeldName Holdings Intent LedgerEvent LedgerPort LetterAnswer LetterAnswered LetterKind "
        "LetterSent Looked Observed PlanApproved PlanRehearsed Receipt Reviewed SeenLimits SentLetter Sighting "
        "count_by_package names_ever_held settled_names tell_undecided", proof="Sight find_loss is_under_account "
        "owner_of sight", sealing="find_open_in_plain")

__all__ = [
    "Adopted", "Approval", "count_by_package", "Decided", "find_loss", "find_open_in_plain", "fold_events",
    "FrozenAction", "HandedOver", "HeldName", "Holdings", "Intent", "is_under_account", "KeptKey", "KeyEntry", "Ledger",
    "LedgerEvent", "LedgerKey", "LedgerPort", "LetterAnswer", "LetterAnswered", "LetterKind", "LetterSent", "Looked",
    "make_key", "names_ever_held", "Observed", "owner_of", "PlanApproved", "PlanRehearsed", "read", "read_holdings",
    "read_key_file", "Receipt", "require_owner", "Reviewed", "SeenLimits", "SentLetter", "settled_names", "Sight",
    "sight", "Sighting", "tell_undecided", "write_key_file",
]

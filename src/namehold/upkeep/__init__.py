"""What is held, from day to day: does it still agree with the index, was it ours before, is it to be given back.

status = make_status(holdings, portfolio=portfolio, profile=profile, reader=index, now=now)
for drift in status.drift:
    print(drift.name, drift.text, drift.fix)
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.upkeep.account import find_unrecorded, list_account, Unrecorded
    from namehold.upkeep.drift import Drift, find_drift, find_drift_of, tell_unread, UNREAD
    from namehold.upkeep.handover import find_handover, Handover, record_handover, Stage
    from namehold.upkeep.rebuild import find_reservation, FoundName, record
    from namehold.upkeep.status import make_status, Status
    from namehold.upkeep.takeover import judge, judge_for, Judged, list_candidates, Look, take
else:
    __getattr__ = load_late(
        __name__, account="Unrecorded find_unrecorded list_account",
        drift="Drift UNREAD find_drift find_drift_of tell_unread",
        handover="Handover Stage find_handover record_handover", rebuild="FoundName find_reservation record",
        status="Status make_status", takeover="Judged Look judge judge_for list_candidates take")

__all__ = [
    "Drift", "find_drift", "find_drift_of", "find_handover", "find_reservation", "find_unrecorded",
    "FoundName", "Handover", "judge", "judge_for", "Judged", "list_account", "list_candidates", "Look", "make_status",
    "record", "record_handover", "Stage", "Status", "take", "tell_unread", "UNREAD",
    "Unrecorded",
]

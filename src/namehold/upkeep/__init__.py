"""What is held, from day to day: does it still agree with the index, was it ours before, is it to be given back.

status = make_status(holdings, portfolio=portfolio, profile=profile, reader=index, now=now)
for drift in status.drift:
print(drift.name, drift.text, drift.fix)
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.upkeep.adopt import find_refusal, make_adoption
    from namehold.upkeep.drift import Drift, find_drift
    from namehold.upkeep.handover import find_handover, Handover, record_handover, Stage
    from namehold.upkeep.rebuild import find_reservation, record
    from namehold.upkeep.status import find_unrecorded, make_status, Status
else:
    __getattr__ = load_late(
        __name__, adopt="find_refusal make_adoption", drift="Drift find_drift", handover="Handover Stage "
        "find_handover record_handover", rebuild="find_reservation record", status="Status find_unrecorded "
        "make_status")

__all__ = [
    "Drift", "find_drift", "find_handover", "find_refusal", "find_reservation", "find_unrecorded", "Handover",
    "make_adoption", "make_status", "record", "record_handover", "Stage", "Status",
]

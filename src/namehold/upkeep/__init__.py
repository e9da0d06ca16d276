"""What is held, from day to day: does it still agree with the index, was it ours before, is it to be given back.

status = make_status(holdings, portfolio=portfolio, profile=profile, reader=index, now=now)
for drift in status.drift:
print(drift.name, drift.text, drift.fix)
"""

from namehold.upkeep.adopt import find_refusal, make_adoption
from namehold.upkeep.drift import Drift, find_drift, find_drift_of
from namehold.upkeep.handover import find_handover, Handover, record_handover, Stage
from namehold.upkeep.rebuild import find_reservation, record
from namehold.upkeep.status import find_unrecorded, make_status, Status

__all__ = [
    "Drift", "find_drift", "find_drift_of", "find_handover", "find_refusal", "find_reservation", "find_unrecorded",
    "Handover", "make_adoption", "make_status", "record", "record_handover", "Stage", "Status",
]

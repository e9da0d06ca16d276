"""rehearsal."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from typing import TYPE_CHECKING

from namehold import load_late
from namehold.rehearsal.clocks import RealClock, RehearsalClock, SteppedClock
from namehold.rehearsal.limits import parse_quota
from namehold.rehearsal.running import DEFAULT_QUOTA, NICKNAME, RunningIndex, serve_forever, start
from namehold.rehearsal.state import IndexState

if TYPE_CHECKING:
    from namehold.rehearsal.faults import Faults
else:
    __getattr__ = load_late(
        __name__,
        faults="Faults",
    )

__all__ = [
    "DEFAULT_QUOTA", "Faults", "IndexState", "NICKNAME", "parse_quota", "RealClock", "RehearsalClock", "RunningIndex",
    "serve_forever", "start", "SteppedClock",
]

"""rehearsal."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from typing import TYPE_CHECKING

from namehold import load_late
from namehold.rehearsal.clocks import SteppedClock
from namehold.rehearsal.limits import parse_quota

if TYPE_CHECKING:
    from namehold.rehearsal.faults import Faults
    from namehold.rehearsal.running import NICKNAME, RunningIndex, serve_forever, start
    from namehold.rehearsal.state import IndexState
else:
    __getattr__ = load_late(
        __name__,
        faults="Faults",
        running="NICKNAME RunningIndex serve_forever start",
        state="IndexState",
    )

__all__ = [
    "Faults", "IndexState", "NICKNAME", "parse_quota", "RunningIndex", "serve_forever", "start", "SteppedClock",
]

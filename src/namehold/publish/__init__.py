"""publish."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from typing import TYPE_CHECKING

from namehold import load_late
from namehold.publish.apply import apply_plan, ApplyResult
from namehold.publish.first_byte import Edges
from namehold.publish.run import find_news, run_unattended, RunItem, RunResult
from namehold.publish.schedule import PUBLISHING_TEXT, Schedule, Scheduler, TEXTS, write_publishing, write_schedule

if TYPE_CHECKING:
    from namehold.publish.rehearse import record_rehearsal, Rehearsal, require_rehearsal, run_rehearsal
else:
    __getattr__ = load_late(
        __name__,
        rehearse="Rehearsal record_rehearsal require_rehearsal run_rehearsal",
    )

__all__ = [
    "apply_plan", "ApplyResult", "Edges", "find_news", "PUBLISHING_TEXT", "record_rehearsal", "Rehearsal",
    "require_rehearsal", "run_rehearsal", "run_unattended", "RunItem", "RunResult", "Schedule", "Scheduler", "TEXTS",
    "write_publishing", "write_schedule",
]

"""What is sent: a plan is carried out, rehearsed, or run day by day; every name is written down before it is sent.

rehearsal = rehearse_plan(plan, portfolio=..., view=snapshot, renderer=..., builder=..., folder=Path("rehearsal"))
result = carry_out(plan, fresh_plan=plan, portfolio=..., edges=Edges(...), approve=plan.action_digest)
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.publish.apply import carry_out
    from namehold.publish.first_byte import Edges, prove_targets
    from namehold.publish.looks import AccountLooks
    from namehold.publish.rehearse import record_rehearsal, Rehearsal, rehearse_plan, require_rehearsal
    from namehold.publish.result import ApplyResult
    from namehold.publish.run import find_news, run_once, RunItem, RunResult
    from namehold.publish.schedule import (
        INCLUDED, is_plain_path, is_source, LOCK_FILES, needs_digest, PUBLISHING_TEXT, Schedule, Scheduler, TEXTS,
        write_publishing, write_schedule,
    )
    from namehold.publish.situation import play_situation
else:
    __getattr__ = load_late(
        __name__, apply="carry_out", first_byte="Edges prove_targets", looks="AccountLooks", rehearse="Rehearsal "
        "record_rehearsal rehearse_plan require_rehearsal", result="ApplyResult", run="RunItem RunResult find_news "
        "run_once", schedule="INCLUDED LOCK_FILES PUBLISHING_TEXT Schedule Scheduler TEXTS is_plain_path is_source "
        "needs_digest write_publishing write_schedule", situation="play_situation")

__all__ = [
    "AccountLooks", "ApplyResult", "carry_out", "Edges", "find_news", "INCLUDED", "is_plain_path", "is_source",
    "LOCK_FILES", "needs_digest", "play_situation", "prove_targets", "PUBLISHING_TEXT", "record_rehearsal", "Rehearsal",
    "rehearse_plan", "require_rehearsal", "run_once", "RunItem", "RunResult", "Schedule", "Scheduler", "TEXTS",
    "write_publishing", "write_schedule",
]

"""Projects of strangers near ours: who holds the names that are taken, told without naming anybody.

from namehold.watch import look_up

report = look_up(plan.find_taken(), portfolio, index=plan.index, reader=reader, now=now, limit=200)
[item.name for item in report.to_judge]      # what a person should look at
"""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.watch.taken import look_up, TakenName, WatchReport

__all__ = [
    "look_up", "TakenName", "WatchReport",
]

"""Projects of strangers near ours: who holds the names that are taken.

    from namehold.watch import look_up

    report = look_up(plan.find_taken(), portfolio, index=plan.index, reader=reader, now=now, limit=200)
    [item.name for item in report.to_judge]      # what a person should look at

No person is named in what comes out.
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.watch.taken import look_up, WatchReport
else:
    __getattr__ = load_late(
        __name__, taken="WatchReport look_up")

__all__ = [
    "look_up", "WatchReport",
]

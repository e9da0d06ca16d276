"""Projects of strangers near ours: who holds the names that are taken.

    from namehold.watch import look_up

    report = look_up(plan.find_taken(), portfolio, index=plan.index, reader=reader, now=now, limit=200)
    [item.name for item in report.to_judge]      # what a person should look at

No person is named in what comes out.
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.watch.holders import find_signs
    from namehold.watch.neighbours import (
        Brand, find_brands, ListChanges, Lookout, Neighbour, OtherNames, Verdict, watch_lists,
    )
    from namehold.watch.taken import look_up, WatchReport
else:
    __getattr__ = load_late(
        __name__, holders="find_signs", neighbours="Brand ListChanges Lookout Neighbour OtherNames Verdict "
        "find_brands watch_lists", taken="WatchReport look_up")

__all__ = [
    "Brand", "find_brands", "find_signs", "ListChanges", "look_up", "Lookout", "Neighbour", "OtherNames", "Verdict",
    "watch_lists", "WatchReport",
]

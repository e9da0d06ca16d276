"""Projects of strangers near ours: who holds the names that are taken.

    from namehold.watch import look_up

    report = look_up(plan.find_taken(), portfolio, index=plan.index, reader=reader, now=now, limit=200)
    [item.name for item in report.to_judge]      # what a person should look at

No person is named in what comes out.
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.watch.follow import carry_open, find_watch_news, look_up_neighbours, NOT_ANSWERED, SeenProjects
    from namehold.watch.holders import find_signs
    from namehold.watch.neighbours import (
        find_brands, find_verdicts, ListChanges, Lookout, Neighbour, Verdict, watch_lists,
    )
    from namehold.watch.taken import look_up, TakenName, WatchReport
else:
    __getattr__ = load_late(
        __name__, follow="NOT_ANSWERED SeenProjects carry_open find_watch_news look_up_neighbours",
        holders="find_signs", neighbours="ListChanges Lookout Neighbour Verdict find_brands find_verdicts "
        "watch_lists", taken="TakenName WatchReport look_up")

__all__ = [
    "carry_open", "find_brands", "find_signs", "find_verdicts", "find_watch_news", "ListChanges", "look_up",
    "look_up_neighbours", "Lookout", "Neighbour", "NOT_ANSWERED", "SeenProjects", "TakenName", "Verdict", "watch_lists",
    "WatchReport",
]

"""watch."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.watch.holders import Relation
from namehold.watch.taken import find_taken, look_up, WatchReport

__all__ = [
    "find_taken", "look_up", "Relation", "WatchReport",
]

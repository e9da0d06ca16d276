"""snapshot."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.snapshot.file import Snapshot
from namehold.snapshot.store import load_file, SnapshotStore, Stored

__all__ = [
    "load_file", "Snapshot", "SnapshotStore", "Stored",
]

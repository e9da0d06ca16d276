"""An index's list of names at a moment: kept in one file, asked without reading it whole, compared with another.

>>> import datetime as dt
>>> from packaging.utils import NormalizedName
>>> from namehold.snapshot import Snapshot
>>> names = [NormalizedName("acme-tool"), NormalizedName("zz")]
>>> Snapshot.of(names, index="pypi", source="an example", taken=dt.date(2026, 11, 1)).existing(names[:1])
frozenset({'acme-tool'})
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.snapshot.file import Snapshot
    from namehold.snapshot.near import NearNames
    from namehold.snapshot.nearness import Near, Nearness
    from namehold.snapshot.store import load_file, SnapshotStore, Stored
else:
    __getattr__ = load_late(
        __name__, file="Snapshot", near="NearNames", nearness="Near Nearness", store="SnapshotStore Stored load_file")

__all__ = [
    "load_file", "Near", "NearNames", "Nearness", "Snapshot", "SnapshotStore", "Stored",
]

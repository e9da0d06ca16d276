"""What the world shows about our packages: the surfaces by which people reach them.

from namehold.evidence import discover_package

discover_package(name, web=index, simple="http://127.0.0.1:8000/simple/").surfaces
"""

from __future__ import annotations

# fmt: off
# isort: skip_file
from typing import TYPE_CHECKING

from namehold import load_late
from namehold.evidence.package_files import discover_package

if TYPE_CHECKING:
    from namehold.evidence.discover import Change, discover_packages, DiscoveryReport, edits_of
else:
    __getattr__ = load_late(
        __name__,
        discover="Change DiscoveryReport discover_packages edits_of",
    )

__all__ = [
    "Change", "discover_package", "discover_packages", "DiscoveryReport", "edits_of",
]

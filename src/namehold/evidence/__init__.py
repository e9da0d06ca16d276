"""What the world shows of our packages: what their own files on an index say about how people reach them.

found, releases = discover_packages(portfolio, names, web=index, simple=profile.simple, index=..., now=now)
[(value.package, value.key, value.value, value.change) for value in found.findings]
releases.shown()                                  # which surfaces the releases show, and since when
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.evidence.discover import discover_packages, DiscoveryReport, edits_of, ValueStatus
    from namehold.evidence.package_files import show_again
    from namehold.evidence.releases import MIN_SURFACE_AGE_DAYS, ReadFile, ReadPackage, ReleasesRead
else:
    __getattr__ = load_late(
        __name__, discover="DiscoveryReport ValueStatus discover_packages edits_of", package_files="show_again",
        releases="MIN_SURFACE_AGE_DAYS ReadFile ReadPackage ReleasesRead")

__all__ = [
    "discover_packages", "DiscoveryReport", "edits_of", "MIN_SURFACE_AGE_DAYS", "ReadFile", "ReadPackage",
    "ReleasesRead", "show_again", "ValueStatus",
]

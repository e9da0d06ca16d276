"""What the world shows of our packages: what their own files on an index say, and what a text tells to install.

found = discover_packages(portfolio, names, web=index, simple=profile.simple, index=profile.nickname, now=now)
[(value.package, value.key, value.value, value.change) for value in found.findings]
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.evidence.answers import read_answer, Told, ToldKind
    from namehold.evidence.counting import count_names, CountedName, NameVerdict, read_transcripts
    from namehold.evidence.discover import discover_packages, DiscoveryReport, edits_of, ValueStatus
    from namehold.evidence.imports import known_modules
    from namehold.evidence.instructions import find_project, Mention, read_instructions
    from namehold.evidence.package_files import show_again
    from namehold.evidence.releases import MIN_SURFACE_AGE_DAYS, ReadFile, ReadPackage, ReleasesRead
else:
    __getattr__ = load_late(
        __name__, answers="Told ToldKind read_answer", counting="CountedName NameVerdict count_names "
        "read_transcripts", discover="DiscoveryReport ValueStatus discover_packages edits_of", imports="known_modules",
        instructions="Mention find_project read_instructions", package_files="show_again",
        releases="MIN_SURFACE_AGE_DAYS ReadFile ReadPackage ReleasesRead")

__all__ = [
    "count_names", "CountedName", "discover_packages", "DiscoveryReport", "edits_of", "find_project", "known_modules",
    "Mention", "MIN_SURFACE_AGE_DAYS", "NameVerdict", "read_answer", "read_instructions", "read_transcripts",
    "ReadFile", "ReadPackage", "ReleasesRead", "show_again", "Told", "ToldKind", "ValueStatus",
]

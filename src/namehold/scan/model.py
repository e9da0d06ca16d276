"""What a document names, what it is found to be, and what a scan tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from packaging.utils import NormalizedName

from namehold.errors import ExitCode


class Verdict(StrEnum):
    """What a mentioned name is; the findings come first."""

    UNREGISTERED = "unregistered"
    LOOK_ALIKE = "look-alike"
    OURS = "ours"
    REFUSED = "refused"
    UNRELATED = "unrelated"
    PRIVATE = "private"
    UNVERIFIED = "unverified"


#: What somebody has to correct: anybody could take the name, or a stranger's project stands where ours was meant.
FINDINGS = frozenset({Verdict.UNREGISTERED, Verdict.LOOK_ALIKE})


#: How the carrier of a mention in a notebook begins; the cell's number follows.
NOTEBOOK_CELL: Final = "notebook cell "


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One place of a document that names a project.

    `line` and `column` count from 1, in a notebook within the cell's source. `carrier` says what kind of text it is.
    `source` is the address or the name of the place that the document installs it from, empty where it declares none.
    `module` is the imported module where the place is an import: its project is a guess then.
    `is_loose`: it stands in a running sentence, not in code, so that it may be no name but a word of that sentence.
    """

    name: NormalizedName
    line: int
    column: int
    carrier: str
    source: str = ""
    module: str = ""
    is_loose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a name is. `instead` is the name to write, empty where none is known; `why` is a sentence for people."""

    verdict: Verdict
    instead: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A use of a name in a file, judged. `file` is relative to the scanned path."""

    name: NormalizedName
    file: str
    line: int
    column: int
    carrier: str
    verdict: Verdict
    instead: str = ""
    why: str = ""
    #: Why a person accepts it; empty where no person does.
    accepted: str = ""

    @property
    def is_finding(self) -> bool:
        """Whether somebody has to correct it."""
        return self.verdict in FINDINGS and not self.accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What a scan found. `scanned` is the number of files that were read; `findings` come in the order of the files."""

    scanned: int
    findings: Sequence[Mention]

    @property
    def exit_code(self) -> ExitCode:
        """14 where nothing was scanned, 11 where somebody has to correct something."""
        if not self.scanned:
            return ExitCode.NOTHING_SCANNED
        return ExitCode.FINDINGS if any(item.is_finding for item in self.findings) else ExitCode.DONE

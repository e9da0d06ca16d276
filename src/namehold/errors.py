"""Every error that namehold raises on purpose, with the exit code that it ends in.

An expected refusal by an index is a `Receipt`, not an exception; an exception means that a person must act.
Third-party exceptions never cross the edge that called the third party: the edge raises one of these instead.
No message may contain a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """Exit codes of the command line (documented in docs/reference/exit-codes.md)."""

    DONE = 0
    BUG = 1
    USAGE = 2
    INVALID_INPUT = 3
    INDEX_UNUSABLE = 4
    CREDENTIALS = 5
    GUARD_REFUSED = 6
    CHANGES_PENDING = 10
    FINDINGS = 11
    QUOTA = 12
    PARTLY_FAILED = 13
    NOTHING_SCANNED = 14
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing that is wrong, where it is, and how to correct it.

    `line` and `column` count from 1; None where the input has no lines.
    `rule` is a stable identifier (documented), `fix` an imperative sentence.
    """

    message: str
    rule: str
    fix: str = ""
    path: str | None = None
    line: int | None = None
    column: int | None = None
    severity: str = "error"

    @property
    def location(self) -> str:
        """`file:line:column`, as far as it is known; empty if nothing is."""
        parts = (self.path, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        return f"{place}{self.severity}[{self.rule}]: {_with_fix(self.message, self.fix)}"


def _with_fix(message: str, fix: str) -> str:
    """Both on one line; only the message where there is no fix."""
    return f"{message.removesuffix('.')}. Fix: {fix}" if fix else message


class NameholdError(Exception):
    """Base of the tree: what happened, all diagnostics at once, and what a person does about it."""

    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(self, message: str, *, fix: str = "", diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self._diagnostics = diagnostics

    def in_one_line(self) -> str:
        """What happened and what a person does about it, for commands that go on without it."""
        return _with_fix(self.message, self.fix)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything that is wrong, in the order of the input."""
        return self._diagnostics


class UsageError(NameholdError):
    """The command line is wrong (exit 2)."""

    exit_code = ExitCode.USAGE


class InputError(NameholdError):
    """names.yaml or another input file is invalid (exit 3)."""

    exit_code = ExitCode.INVALID_INPUT


class MachineError(NameholdError):
    """This machine can't do it (exit 3): no room, no permission. No names.yaml and no template is at fault."""

    exit_code = ExitCode.INVALID_INPUT


class ConfigError(InputError):
    """names.yaml is invalid; `diagnostics()` lists every reason with its position."""


class InvalidName(InputError):
    """A string is not a valid project name."""


class IndexError_(NameholdError):
    """The index is unreachable, or answered something that can't be used (exit 4)."""

    exit_code = ExitCode.INDEX_UNUSABLE


class IndexBusy(IndexError_):
    """The index wants to be asked later (429): that holds for every question."""


class UnlistedError(IndexError_):
    """The index has no interface that lists a user's projects. Any other failure may pass, and is an IndexError_."""


class SnapshotError(NameholdError):
    """A snapshot is missing, stale, incomplete or damaged (exit 4)."""

    exit_code = ExitCode.INDEX_UNUSABLE


class SnapshotUnwritable(SnapshotError):
    """This machine can't keep a list (exit 3): no room, no permission."""

    exit_code = ExitCode.INVALID_INPUT


class PlanError(NameholdError):
    """A plan can't be carried out (exit 6); nothing was sent."""

    exit_code = ExitCode.GUARD_REFUSED


class UnsafePlan(PlanError):
    """A guard refuses the plan; every finding names the key of names.yaml to change."""


class StalePlan(PlanError):
    """The plan's inputs have changed since it was made or approved."""


class BuildError(NameholdError):
    """A placeholder can't be built (exit 3): its templates or their values are wrong."""

    exit_code = ExitCode.INVALID_INPUT


class TemplateError(BuildError):
    """A template doesn't render, or renders something that a placeholder must not carry."""


class InvalidDistribution(BuildError):
    """A built file fails a check that the index would make."""


class CredentialError(NameholdError):
    """No usable credential was found, or it was refused (exit 5)."""

    exit_code = ExitCode.CREDENTIALS


class NoToken(CredentialError):
    """There is no token in any of the places where one may be."""


class LedgerError(NameholdError):
    """The ledger can't be read or written (exit 6); nothing was sent."""

    exit_code = ExitCode.GUARD_REFUSED


class LedgerUnusable(LedgerError):
    """This machine can't read, lock or write the ledger (exit 3): no room, no permission, no locks."""

    exit_code = ExitCode.INVALID_INPUT


class LedgerLocked(LedgerError):
    """Another run holds the ledger."""


class LedgerCorrupt(LedgerError):
    """The ledger's chain is broken at `line` (from 1)."""

    def __init__(self, message: str, *, line: int, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.line = line

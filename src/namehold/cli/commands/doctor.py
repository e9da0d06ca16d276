"""`namehold doctor`: is everything that a reservation needs in place, and whose is it?"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext

import typer

from namehold import ownership
from namehold.cli.options import FormatOption, OutputOption
from namehold.cli.output import Format, emit, write_text
from namehold.cli.session import Session, session_of
from namehold.cli.workspace import Workspace
from namehold.errors import ExitCode, SnapshotError
from namehold.index import SnapshotInfo
from namehold.text import Table, count, join_words, texts

#: Packages of one row; --verbose shows each in its own.
_PACKAGES_SHOWN = 4

EPILOG = """\
Examples:

  namehold doctor                                token, account, packages, index, quota, clock, files

  namehold doctor --offline                      what can be known without the index

  namehold doctor --format json                  for a scheduled run; exit 11 if a line is to be fixed

The token is read, never shown and never sent.
"""


def doctor(ctx: typer.Context, form: FormatOption = Format.TABLE, output: OutputOption = None) -> ExitCode:
    """Say what a reservation needs, whether it is proved, missing or contradicted, and how to fix it.

    Some things aren't provable before the first upload. Who owns the packages is kept for `namehold plan`.
    """
    from namehold.index.access import find_token  # noqa: PLC0415 -- the keyring

    workspace = Workspace(session_of(ctx))
    session, portfolio, profile = workspace.session, workspace.portfolio, workspace.profile
    now = dt.datetime.now(dt.UTC)
    with workspace.index() if workspace.can_ask() else nullcontext() as index:
        found = ownership.diagnose(
            portfolio,
            profile=profile,
            ledger_path=workspace.ledger_path(),
            snapshot=_snapshot(workspace),
            find_token=lambda: find_token(
                profile, username=portfolio.account.username, environment=session.environment
            ),
            index=index,
            now=now,
            policy=session.policy,
        )
    if found.proofs:
        workspace.save_proofs(found.proofs, now=now)
    emit(_table(found, is_whole=session.verbose or form is Format.CSV), "doctor", found, form, output)
    workspace.warn_of_unlisted()
    if found.declaration and form is Format.TABLE:
        # To be copied: a line that no column breaks.
        write_text(f"\n{found.declaration}", None)
    _say(session, found)
    return found.exit_code


def _snapshot(workspace: Workspace) -> SnapshotInfo | None:
    """The list of names that `plan` would use; one that can't be read is none."""
    try:
        view = workspace.snapshot()
    except SnapshotError as error:
        workspace.session.say(error.message)
        return None
    return view.info if view is not None else None


def _table(found: ownership.Diagnosis, *, is_whole: bool) -> Table:
    """One row a question; packages with the same answer share one unless the table is to be whole."""
    groups: dict[tuple[str, ...], list[ownership.DoctorCheck]] = {}
    for number, check in enumerate(found.checks):
        what = check.rule if check.package and not is_whole else str(number)
        groups.setdefault((what, str(check.finding), check.text, check.fix), []).append(check)
    rows = [(_ask(checks), *key[1:]) for key, checks in groups.items()]
    return Table(columns=texts("what", "finding", "why", "what to do"), rows=rows)


def _ask(checks: Sequence[ownership.DoctorCheck]) -> str:
    """The question that these answer: that of one, or one for the packages of several."""
    if len(checks) == 1:
        return checks[0].what
    return f"whose {join_words([check.package for check in checks], limit=_PACKAGES_SHOWN)} are"


def _say(session: Session, found: ownership.Diagnosis) -> None:
    sums = Counter(check.finding for check in found.checks)
    session.say(", ".join(f"{sums[finding]} {finding}" for finding in ownership.DoctorFinding if sums[finding]) + ".")
    if found.to_fix:
        session.say(f"{count(len(found.to_fix), 'line')} to fix before anything is sent.")
        session.next_step(found.to_fix[0].fix)
    else:
        session.next_step("namehold plan")

"""`namehold discover`: how people reach the packages, read from the index's own files and written into names.yaml."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from packaging.utils import NormalizedName

from namehold import documents, evidence
from namehold.cli.lists import read_names
from namehold.cli.options import FormatOption, OutputOption, argument, option
from namehold.cli.output import Format, emit, write_text
from namehold.cli.session import Session, session_of, warn
from namehold.cli.workspace import Workspace
from namehold.errors import ConfigError, ExitCode, IndexError_, InputError, UsageError
from namehold.ledger import fold_events
from namehold.names import normalize
from namehold.ownership import OwnershipProof, OwnershipVerdict, check_ownership
from namehold.text import Table, count, texts

if TYPE_CHECKING:
    from namehold.index.access import HttpIndex
    from namehold.portfolio import PackageEdit

EPILOG = """\
Examples:

  namehold discover                              every package of names.yaml

  namehold discover acme-tool acme-sdk           these; what names.yaml lacks is added to its packages

  namehold discover --from packages.txt          those in a file, one a line

  namehold discover --user acme-release          every project on which the index shows this user a role

  namehold discover --dry-run                    what would be written; names.yaml stays as it is

Exit codes: 0 done, 4 the index gave nothing, 13 some packages couldn't be read or written (the rest is done).
"""

#: How often what was found is written in smaller parts, where names.yaml can't take all of it.
_MAX_TRIES = 60

#: What a person should look at comes first; what is known already last.
_ORDER = ("new", "gone", "claimed", "unfit", "ignored", "known")


def discover(
    ctx: typer.Context,
    package: Annotated[list[str] | None, argument("Default: the packages of names.yaml.", "[PACKAGE]...")] = None,
    from_: Annotated[Path | None, option("A file with packages, one a line.", "--from", metavar="LIST")] = None,
    user: Annotated[str | None, option("The projects of a user of the index.", metavar="NAME")] = None,
    dry_run: Annotated[bool, option("Write nothing into names.yaml.", "--dry-run")] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Read from the index what a package installs and was called, and write it into names.yaml.

    Modules, namespaces, commands, entry points, extras, former and repository names, companions: each with the file
    that it stands in. Comments and order of names.yaml stay; nothing is taken out. Nothing is installed or executed.
    """
    from namehold.portfolio import save  # noqa: PLC0415 -- the YAML library

    workspace = Workspace(session_of(ctx))
    session = workspace.session
    content = workspace.read_config()
    portfolio, profile = workspace.portfolio, workspace.profile
    workspace.require_network("discover")
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    with workspace.index() as index:
        names = _names(workspace, index, given=package or (), file=from_, user=user)
        with session.count_off("Reading packages", len(names)) as advance:
            found, releases = evidence.discover_packages(
                portfolio,
                names,
                web=index,
                simple=profile.simple,
                index=profile.nickname,
                now=now,
                last=workspace.discovery(),
                read=workspace.releases(),
                report=advance,
            )
        after, left = _edit(content, evidence.edits_of(found, portfolio), path=str(session.config))
        proofs = _proofs(workspace, index, found, now)
    # All files only after everything was read: an interrupted discovery changes nothing.
    write_text(documents.dump("discovery", found), session.state / "discovery.json")
    workspace.save_releases(releases)
    is_written = after != content and not dry_run
    if is_written:
        save(session.config, before=content, after=after)
    emit(_table(found), "discovery", found, form, output)
    workspace.warn_of_unlisted()
    _say(session, found, proofs, is_written=is_written, dry_run=dry_run)
    _say_left(session, left)
    return ExitCode.PARTLY_FAILED if left else found.exit_code


def _edit(content: bytes, edits: Sequence[PackageEdit], *, path: str) -> tuple[bytes, tuple[_Left, ...]]:
    """The file with the edits, and those that it can't take: one package never keeps the others out of it.

    What was found never makes it an invalid one.
    Raises InputError for a file of a form that can't be edited safely for any package.
    """
    from namehold.portfolio import edit_packages  # noqa: PLC0415 -- the YAML library

    waiting = [tuple(edits)] if edits else []
    left: list[_Left] = []
    before = content
    for _ in range(_MAX_TRIES):
        if not waiting:
            break
        part = waiting.pop(0)
        try:
            content = edit_packages(content, part, path=path)
        except InputError as error:
            halves = _halves(part, by_value=isinstance(error, ConfigError))
            left += [] if halves else [_Left(edit=part[0], error=error)]
            waiting[:0] = halves
    untried = [edit for part in waiting for edit in part]
    if content == before and left and not untried and not any(isinstance(item.error, ConfigError) for item in left):
        raise left[0].error
    later = InputError("there were too many others before it", fix="call again")
    return content, (*left, *(_Left(edit=edit, error=later) for edit in untried))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """What names.yaml can't take of one package, and why."""

    edit: PackageEdit
    error: InputError

    @property
    def why(self) -> str:
        """The first reason in one clause."""
        return next((item.message for item in self.error.diagnostics()), self.error.message)


def _halves(edits: tuple[PackageEdit, ...], *, by_value: bool) -> list[tuple[PackageEdit, ...]]:
    """The edits in two parts, or the values of the only one; nothing where there is one value."""
    if len(edits) > 1:
        return [edits[: len(edits) // 2], edits[len(edits) // 2 :]]
    (edit,) = edits
    middle = len(edit.added) // 2
    if not middle or not by_value:
        return []
    return [(replace(edit, added=edit.added[:middle]),), (replace(edit, added=edit.added[middle:], sourced=()),)]


def _say_left(session: Session, left: Sequence[_Left]) -> None:
    """Which packages names.yaml doesn't have whole, each with its first reason."""
    by_package: dict[str, list[_Left]] = {}
    for item in left:
        by_package.setdefault(item.edit.name, []).append(item)
    for name, items in by_package.items():
        values = count(sum(len(item.edit.added) for item in items), "value")
        warn(f"{name}: {values} can't be written into {session.config}: {items[0].why}. The others were written.")
    if by_package:
        session.say(f"What was found of them is in {session.state / 'discovery.json'}.")


def _names(
    workspace: Workspace, index: HttpIndex, *, given: Sequence[str], file: Path | None, user: str | None
) -> tuple[NormalizedName, ...]:
    """The packages to look at, each once, in the order in which they were named."""
    if not given and file is None and user is None:
        names = tuple(package.name for package in workspace.portfolio.packages if package.published)
        if not names:
            raise UsageError("no package of names.yaml is published yet", fix="namehold discover PACKAGE")
        return names
    found = [normalize(text) for text in given]
    if file is not None:
        found += read_names(file)
    if user is not None:
        # What we reserved is no package of ours, though the account holds it.
        held = fold_events(workspace.events()).names
        listed = [name for name in index.user_packages(user) if name not in held]
        workspace.session.say(f"{workspace.profile.nickname} lists {count(len(listed), 'project')} of this user.")
        found += listed
    if not found:
        raise UsageError("no package was found to look at", fix="namehold discover PACKAGE")
    return tuple(dict.fromkeys(found))


def _proofs(
    workspace: Workspace, index: HttpIndex, found: evidence.DiscoveryReport, now: dt.datetime
) -> tuple[OwnershipProof, ...]:
    """Who owns what was found, kept for `plan`; discovery stands without it."""
    targets = [item.name for item in found.asked if item.found is not None]
    try:
        proofs = check_ownership(
            workspace.portfolio, targets, index=index, web=index, profile=workspace.profile, now=now
        )
    except IndexError_ as error:
        workspace.session.say(f"Ownership wasn't looked at: {error.message}.")
        return ()
    workspace.save_proofs(proofs, now=now)
    return proofs


def _table(found: evidence.DiscoveryReport) -> Table:
    rows: list[tuple[str, ...]] = []
    findings = sorted(found.findings, key=lambda finding: _ORDER.index(finding.change))
    for item in found.asked:
        if item.found is None:
            rows.append((item.name, "", "", "failed", "", item.error))
        rows += [
            (each.package, each.key, each.value, each.change, each.since_last, each.source)
            for each in findings
            if each.package == item.name
        ]
    return Table(columns=texts("package", "list", "value", "status", "since last", "where"), rows=rows)


def _say(
    session: Session,
    found: evidence.DiscoveryReport,
    proofs: Sequence[OwnershipProof],
    *,
    is_written: bool,
    dry_run: bool,
) -> None:
    status = evidence.ValueStatus
    sums: Counter[str] = Counter(finding.change for finding in found.findings)
    parts = [f"{sums[change]} {change}" for change in _ORDER if sums[change]]
    read = [item.found for item in found.asked if item.found is not None]
    session.say(
        f"{count(len(read), 'package')} read in {count(sum(item.requests for item in read), 'request')} "
        f"and {sum(item.bytes_read for item in read):,} bytes: {', '.join(parts) or 'nothing to tell'}."
    )
    for item in found.asked:
        if item.error:
            session.say(". ".join(filter(None, (f"{item.name}: {item.error}", item.fix))) + ".")
        if item.left_out:
            session.say(f"{item.name}: {count(item.left_out, 'value')} beyond the bound of a list were left out.")
    if sums[status.CLAIMED]:
        session.say("What is 'claimed' stands in names.yaml only: on a public index it is no ground to reserve.")
    if sums[status.GONE]:
        session.say("What is 'gone' stays in names.yaml until you delete it: people still know it.")
    for proof in proofs:
        if proof.verdict is OwnershipVerdict.CONTRADICTED:
            session.say(f"{proof.target} isn't proved to be yours: {proof.text}. {proof.fix}.")
    if is_written:
        what = "what was new" if sums[status.NEW] else "the sources of what it lists; no name is new"
        session.say(f"{session.config} has {what}.")
    elif dry_run and sums[status.NEW]:
        session.say(f"{session.config} is as it was; the result is in {session.state / 'discovery.json'}.")
    session.next_step("namehold discover" if dry_run and sums[status.NEW] else "namehold plan")

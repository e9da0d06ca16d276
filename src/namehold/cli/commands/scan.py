"""`namehold scan`: which names an organization's documents spread, and what to write instead."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from namehold.cli.fetching import warn_if_stale
from namehold.cli.judging import make_judge
from namehold.cli.options import OutputOption, SnapshotOption, argument, option
from namehold.cli.output import Format, emit, write_pieces
from namehold.cli.session import session_of
from namehold.cli.telling import find_in_scan, find_unsaid, tell
from namehold.cli.workspace import Workspace
from namehold.errors import ExitCode, InputError, UsageError
from namehold.index import SnapshotInfo
from namehold.portfolio import Observation, SurfaceKind
from namehold.scan import (
    FINDINGS,
    Documents,
    Mention,
    ScanReport,
    Verdict,
    cloned,
    describe,
    is_repository_address,
    judge_documents,
    read_documents,
    write_annotations,
    write_sarif,
)
from namehold.text import Table, count, join_words, show_address, single_line, texts

EPILOG = """\
Examples:

  namehold scan .                                     this checkout

  namehold scan docs README.md --format json          for a script

  namehold scan . --format github                     annotations in a workflow

  namehold scan https://git.acme.example/tool.git     a repository's newest state

Exit codes: 0 nothing to correct, 11 findings, 14 nothing was scanned.
"""

#: A document's name in evidence.yaml is at most so long.
_LONGEST_SOURCE = 200

#: Folders in which projects keep tests and their data, in lower case.
_TEST_FOLDERS = frozenset({"test", "tests", "testing", "testdata", "test-data", "fixtures"})


class ScanFormat(StrEnum):
    """How findings are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    GITHUB = "github"


def scan(
    ctx: typer.Context,
    paths: Annotated[list[str], argument("Folders, files, or addresses of Git repositories.", "PATH...")],
    everything: Annotated[bool, option("List every mention, not only the findings.", "--all")] = False,
    snapshot: SnapshotOption = None,
    evidence: Annotated[
        bool,
        option("Add the unregistered names that were meant for your packages to evidence.yaml.", "--evidence"),
    ] = False,
    form: Annotated[
        ScanFormat, option("How the findings are written.", "--format", "-f", show_default=True)
    ] = ScanFormat.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Find what documents tell people to install: names that anybody can take, and look-alikes of yours.

    Reads Markdown, reStructuredText, notebooks, Dockerfiles, workflows, requirements, pyproject.toml and other lists of
    dependencies, scripts and Python code; nothing is run, no link is followed, and what git ignores is left out.
    The index isn't asked: names are looked up in its kept list. Without a complete list they stay unverified.
    """
    workspace = Workspace(session_of(ctx))
    session, index = workspace.session, workspace.find_index()
    view = workspace.snapshot(index, file=snapshot)
    judge = make_judge(workspace, index, view)
    today = dt.datetime.now(dt.UTC).date()
    accepted = workspace.portfolio.accepted if workspace.has_config else ()
    found = [_read(path, workspace) for path in paths]
    reports = [judge_documents([documents], judge, accepted=accepted, today=today) for documents in found]
    report = ScanReport(
        scanned=sum(item.scanned for item in reports),
        findings=tuple(mention for item in reports for mention in item.findings),
    )
    for documents in found:
        if left_out := documents.walk.tell():
            session.say(left_out)
    for entry in accepted:
        if entry.until < today:
            session.say(f"{entry.name} is reported again: it was accepted until {entry.until}.", fg="yellow")
    if form in {ScanFormat.SARIF, ScanFormat.GITHUB}:
        placed = [
            (documents.folder + mention.file, mention)
            for documents, item in zip(found, reports, strict=True)
            for mention in item.findings
        ]
        write_pieces([write_sarif(placed) if form is ScanFormat.SARIF else write_annotations(placed)], output)
    else:
        shown = [mention for mention in report.findings if everything or mention.is_finding]
        value = {"scanned": report.scanned, "findings": shown}
        emit(_table(shown), "scan", value, Format(form), output)
    _say(workspace, report, view.info if view is not None else None)
    if evidence:
        _record(workspace, report.findings, today)
    unsaid = find_unsaid(workspace.portfolio) if workspace.has_config else frozenset()
    tell(workspace, "scan", find_in_scan(report.findings, unsaid=unsaid), what=" ".join(map(show_address, paths)))
    return report.exit_code


def _read(path: str, workspace: Workspace) -> Documents:
    """Raises InputError for a path that isn't there, and UsageError for an address that mustn't be asked."""
    with ExitStack() as stack:
        folder = Path(path)
        if is_repository_address(path):
            if workspace.session.offline and not path.startswith("file://"):
                where = show_address(path)
                raise UsageError(f"{where} isn't copied: this call is offline", fix=workspace.session.way_online)
            folder = stack.enter_context(cloned(path))
        try:
            return read_documents(folder)
        except OSError as error:
            raise InputError(f"{path} can't be read: {error.strerror}", fix="name a folder or a file") from None


def _table(mentions: Sequence[Mention]) -> Table:
    rows = [
        (
            f"{mention.file}:{mention.line}:{mention.column}",
            mention.name,
            f"accepted: {mention.accepted}" if mention.accepted else str(mention.verdict),
            mention.instead,
            mention.carrier,
            mention.why,
        )
        for mention in mentions
    ]
    return Table(columns=texts("where", "name", "verdict", "instead", "in", "why"), rows=rows)


def _say(workspace: Workspace, report: ScanReport, known: SnapshotInfo | None) -> None:
    session = workspace.session
    if not report.scanned:
        session.say("No document was found: nothing was scanned.")
        return
    sums = Counter(mention.verdict for mention in report.findings)
    parts = ", ".join(f"{sums[verdict]:,} {verdict}" for verdict in Verdict if sums[verdict])
    session.say(f"{count(report.scanned, 'file')}, {count(len(report.findings), 'mention')}: {parts or 'none'}.")
    places = [_test_folder(mention.file) for mention in report.findings if mention.is_finding]
    tests = [place for place in places if place]
    if tests:
        session.say(
            f"{count(len(tests), 'finding')} under {join_words(sorted(set(tests)), limit=3)}: if these are test data, "
            "name only the files and folders to scan, or list the names under `accepted` in names.yaml."
        )
    accepted = sum(mention.verdict in FINDINGS and not mention.is_finding for mention in report.findings)
    if accepted:
        session.say(f"{count(accepted, 'mention')} of them {'is' if accepted == 1 else 'are'} accepted in names.yaml.")
    if not workspace.has_config:
        session.say("There is no names.yaml here, so no name is known to be yours.")
    if known is None or not known.complete:
        session.say("There is no complete list of the index's names here, so an unseen name is unverified.")
        session.next_step("namehold snapshot update")
        return
    warn_if_stale(workspace.session, known)
    first = next((mention for mention in report.findings if mention.is_finding), None)
    if first is not None:
        session.next_step(f"correct {first.file}, line {first.line}: {describe(first)}")


def _test_folder(file: str) -> str:
    """The folder of tests or their data that a document lies in, as it is shown; empty: in none."""
    folders = PurePosixPath(file).parts[:-1]
    depth = next((depth for depth, folder in enumerate(folders, start=1) if folder.lower() in _TEST_FOLDERS), 0)
    return "/".join(folders[:depth]) + "/" if depth else ""


def _record(workspace: Workspace, mentions: Sequence[Mention], today: dt.date) -> None:
    """Adds what was meant for a package of ours to evidence.yaml, counted for each document."""
    from namehold.portfolio import EVIDENCE_FILE, add_observations, save_evidence  # noqa: PLC0415 -- the YAML library

    if not workspace.has_config:
        raise UsageError("--evidence needs a names.yaml", fix="namehold init writes one")
    place = workspace.session.config.with_name(EVIDENCE_FILE)
    observations = tuple(_observe(mentions, workspace, today))
    if not observations:
        workspace.session.say(f"Nothing to add to {place}.")
        return
    save_evidence(place, add_observations(workspace.evidence, observations))
    workspace.session.say(f"{place} has {count(len(observations), 'observation')} from these documents.")
    workspace.session.next_step("namehold plan")


def _observe(mentions: Sequence[Mention], workspace: Workspace, today: dt.date) -> Iterator[Observation]:
    own = {package.name for package in workspace.portfolio.packages}
    meant = Counter(
        (mention.name, mention.instead, single_line(mention.file, most=_LONGEST_SOURCE) or "a document")
        for mention in mentions
        if mention.verdict is Verdict.UNREGISTERED and mention.is_finding and mention.instead in own
    )
    packages = {str(name): name for name in own}
    for (name, package, file), number in sorted(meant.items()):
        yield Observation(
            name=name,
            package=packages[package],
            source=file,
            date=today,
            kind=SurfaceKind.DOCUMENTED,
            count=number,
        )

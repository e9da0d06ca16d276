"""`namehold audit`: judge placeholders, ours or anybody's, by what is in their files and by who holds them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from packaging.utils import NormalizedName

from namehold import __version__, documents
from namehold.cli.options import OutputOption, argument, option
from namehold.cli.output import Format, line_width, render_table, write_text
from namehold.cli.session import Session, session_of
from namehold.cli.workspace import Workspace
from namehold.errors import ExitCode, InputError
from namehold.files import open_input
from namehold.index import ask_each
from namehold.names import normalize
from namehold.placeholder import (
    CLAIM_RULES,
    RULES,
    AuditFinding,
    Claim,
    JudgedName,
    Judgement,
    find_fault,
    judge_files,
    judge_name,
)
from namehold.text import Table, count, texts

_FILES_ALONE = "the files alone can't tell who holds the names on the index"
_ENDINGS = (".whl", ".tar.gz", ".zip")
#: All questions about one name take no longer than this, in seconds, whatever an index or a linked page does.
_QUESTIONS_LIMIT_S = 30.0
#: Larger files are no placeholders, in bytes.
_MAX_FILE_BYTES = 5_000_000

EPILOG = """\
Examples:

  namehold audit acme-tol                       is this really the owner's? files and claim, from the index

  namehold audit .namehold/dist                 everything that was built

  namehold audit acme_tol-0.0.1.tar.gz --format json     one file, for a script

  namehold audit dist --format sarif -o audit.sarif      for code scanning
"""


class AuditFormat(StrEnum):
    """How findings are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    SARIF = "sarif"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """Everything that this call was asked about."""

    files: tuple[tuple[Path, Judgement], ...]
    names: tuple[JudgedName, ...]

    @property
    def placeholders(self) -> tuple[tuple[Path, Judgement], ...]:
        """Those of the files that are placeholders."""
        return tuple((path, judged) for path, judged in self.files if not judged.other)

    def others(self) -> Iterator[tuple[str, str]]:
        """What is no placeholder, and what it is."""
        yield from ((path.as_posix(), judged.other) for path, judged in self.files if judged.other)
        yield from ((name.name, name.other) for name in self.names if name.other)

    def findings(self) -> Iterator[tuple[str, AuditFinding]]:
        """FORM of every file, by what it was found in."""
        yield from ((path.as_posix(), finding) for path, judged in self.placeholders for finding in judged.form)
        for name in self.names:
            yield from ((file.filename or name.name, finding) for file in name.files for finding in file.form)

    @property
    def is_in_order(self) -> bool:
        return not any(judged.form for _, judged in self.placeholders) and all(name.is_in_order for name in self.names)


def audit(
    ctx: typer.Context,
    subjects: Annotated[
        list[str], argument("Names on the index; wheels and sdists; folders of them.", "NAME|FILE|FOLDER...")
    ],
    index: Annotated[str, option("Where names are. Default: names.yaml's, else pypi.", metavar="NICKNAME")] = "",
    form: Annotated[
        AuditFormat, option("How findings are written.", "--format", "-f", show_default=True)
    ] = AuditFormat.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Judge what placeholders declare and do, and who is behind them. Executes nothing and writes nothing.

    Two verdicts that never merge: FORM is what a file declares; CLAIM is whether the index agrees that one owner holds
    the placeholder and the real project. A CLAIM needs a NAME: files alone can't tell, so it stays 'not checked' there.
    What doesn't say that it holds a name is no placeholder: one line says what it is.
    Exit code 11 on findings, and for a placeholder's NAME unless its claim is proved.
    """
    workspace = Workspace(session_of(ctx))
    paths, names = _split(subjects)
    found = _files(paths)
    with workspace.session.count_off("Judging", len(found) + len(names)) as advance:
        files = _judge_files(found, advance)
        judged = _Judged(files=files, names=_judge_names(workspace, names, index, advance) if names else ())
    match form:
        case AuditFormat.TABLE:
            text = _as_table(judged, width=line_width(output))
        case AuditFormat.CSV | AuditFormat.MARKDOWN:
            text = render_table(_every_finding(judged), Format(form))
        case AuditFormat.JSON:
            text = _as_json(judged)
        case AuditFormat.SARIF:
            text = _as_sarif(judged)
    write_text(text, output)
    _say(workspace.session, judged)
    return ExitCode.DONE if judged.is_in_order else ExitCode.FINDINGS


def _split(subjects: list[str]) -> tuple[list[Path], list[NormalizedName]]:
    """Files and folders, and names: what exists here is a file or folder. Raises InputError."""
    paths = [Path(subject) for subject in subjects if Path(subject).exists()]
    others = [subject for subject in subjects if not Path(subject).exists()]
    for subject in others:
        if "/" in subject or subject.endswith(_ENDINGS):
            raise InputError(f"there is no file or folder {subject}", fix="namehold build, or a NAME on the index")
    return paths, [normalize(subject) for subject in others]


def _files(paths: list[Path]) -> list[Path]:
    found = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    files = [path for path in found if path.name.endswith(_ENDINGS)]
    if paths and not files:
        raise InputError("there is neither a wheel nor an sdist to judge", fix="namehold build")
    return files


def _judge_files(paths: list[Path], advance: Callable[[object], None]) -> tuple[tuple[Path, Judgement], ...]:
    read = {path: _read(path) for path in paths}
    small = {path: found for path, found in read.items() if isinstance(found, bytes)}
    contents = [(path.name, content) for path, content in small.items()]
    judged = dict(zip(small, judge_files(contents, report=advance), strict=True))
    return tuple((path, judged[path] if isinstance(found, bytes) else found) for path, found in read.items())


def _read(path: Path) -> bytes | Judgement:
    """The file's bytes, else what is said of it. In a folder of strangers' files anything may stand under a name."""
    try:
        with open_input(path) as stream:
            content = stream.read(_MAX_FILE_BYTES + 1)
            size = os.fstat(stream.fileno()).st_size
    except OSError as error:
        finding = find_fault("size", f"it can't be read: {error.strerror}")
        return Judgement(filename=path.name, form=(finding,))
    if len(content) > _MAX_FILE_BYTES:
        return Judgement(filename=path.name, form=(), other=f"a file of {max(size, len(content)):,} bytes")
    return content


def _judge_names(
    workspace: Workspace, names: list[NormalizedName], nickname: str, advance: Callable[[object], None]
) -> tuple[JudgedName, ...]:
    """Anybody can ask about any name, so names.yaml is not needed."""
    index = workspace.find_index(nickname)
    workspace.require_network("audit NAME", index)

    def judge_one(name: NormalizedName) -> JudgedName:
        with workspace.index(index, within_s=_QUESTIONS_LIMIT_S) as reader:
            found = judge_name(name, index=reader, web=reader, profile=index)
        advance(name)
        return found

    return tuple(ask_each(names, judge_one, leave_out=lambda name, error: JudgedName.unread(name, error.message)))


# --------------------------------------------------------------------------- writing


def _say(session: Session, judged: _Judged) -> None:
    found = sum(1 for _ in judged.findings())
    files = len(judged.placeholders) + sum(1 for name in judged.names for file in name.files if file.filename)
    if files or found:
        session.say(f"FORM: {count(found, 'finding') if found else 'no findings'} in {count(files, 'file')}.")
    if judged.placeholders:
        session.say(f"CLAIM: not checked; {_FILES_ALONE}.")
    for name in judged.names:
        held = f", held by {name.holder}" if name.holder else ""
        for claim in name.claims:
            session.say(f"CLAIM of {name.name}{held}: {_WORDS[claim.verdict]}; {claim.reason}.")
    if judged.names or not judged.placeholders:
        return
    session.next_step("correct the templates, then namehold plan" if found else "namehold rehearse")


_WORDS = {
    Claim.AGREES: "the index agrees",
    Claim.CONTRADICTED: "CONTRADICTED",
    Claim.NOT_CHECKED: "not checked",
}


def _as_table(judged: _Judged, *, width: int | None) -> str:
    table = _table(judged, _first_of_kind(judged))
    others = "\n".join(f"{Path(subject).name}: not a placeholder: {other}" for subject, other in judged.others())
    if others and not table.rows:
        return others
    shown = render_table(table, Format.TABLE, width=width)
    return f"{others}\n\n{shown}" if others else shown


def _every_finding(judged: _Judged) -> Table:
    """All findings in rows, what is no placeholder in one each."""
    table = _table(judged, ((subject, item, 0) for subject, item in judged.findings()))
    others = [
        (Path(subject).name, "form", "not-a-placeholder", "", "", other, "") for subject, other in judged.others()
    ]
    return replace(table, rows=[*others, *table.rows])


def _table(judged: _Judged, found: Iterable[tuple[str, AuditFinding, int]]) -> Table:
    rows = [
        (Path(subject).name, "form", item.rule, item.severity, _place(item), _and_more(item.found, more), item.fix)
        for subject, item, more in found
    ]
    rows += [
        (name.name, "claim", claim.verdict, "", claim.target, claim.reason, "")
        for name in judged.names
        for claim in name.claims
    ]
    return Table(columns=texts("subject", "verdict on", "rule", "severity", "where", "found", "fix"), rows=rows)


def _first_of_kind(judged: _Judged) -> Iterator[tuple[str, AuditFinding, int]]:
    """The first finding of each rule on each subject, and how many more there are; the other formats have all."""
    kinds: dict[tuple[str, str, str], list[AuditFinding]] = {}
    for subject, item in judged.findings():
        kinds.setdefault((subject, item.rule, item.severity), []).append(item)
    for (subject, _, _), items in kinds.items():
        yield subject, items[0], len(items) - 1


def _and_more(found: str, more: int) -> str:
    return f"{found} (and {more:,} more like it)" if more else found


def _place(item: AuditFinding) -> str:
    return f"{item.path}:{item.line or ''}".strip(":")


def _as_json(judged: _Judged) -> str:
    files = [
        {
            "file": str(path),
            "other": item.other,
            "form": () if item.other else item.form,
            "claim": {"verdict": Claim.NOT_CHECKED, "reason": _FILES_ALONE},
        }
        for path, item in judged.files
    ]
    return documents.dump("audit", {"files": files, "names": judged.names})


def _as_sarif(judged: _Judged) -> str:
    """SARIF 2.1.0 (OASIS); a file inside an archive has no address of its own, so the message names it."""
    results = [
        _result(item.rule, item.severity, f"{item.path + ': ' if item.path else ''}{item.found}. Fix: {item.fix}.", at)
        for at, item in judged.findings()
    ]
    results += [
        _result(f"claim-{claim.verdict}", _LEVELS[claim.verdict], f"{claim.target}: {claim.reason}.", name.name)
        for name in judged.names
        for claim in name.claims
    ]
    rules = [{"id": rule.id, "shortDescription": {"text": rule.requirement}} for rule in (*RULES, *CLAIM_RULES)]
    driver = {"name": "namehold", "version": __version__, "rules": rules}
    document = {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return documents.show_json(document, indent=1)


_LEVELS = {Claim.AGREES: "none", Claim.CONTRADICTED: "error", Claim.NOT_CHECKED: "warning"}


def _result(rule: str, level: str, text: str, subject: str) -> dict[str, object]:
    location = {"physicalLocation": {"artifactLocation": {"uri": subject}}}
    return {"ruleId": rule, "level": level, "message": {"text": text}, "locations": [location]}

"""`namehold audit`: judge placeholders, ours or anybody's, by what is in their files."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from namehold import __version__, documents
from namehold.audit import RULES, Claim, Finding, judge_form, read_placeholder
from namehold.cli.output import Format as TableFormat
from namehold.cli.output import OutputOption, Table, render_table, write_text
from namehold.cli.session import session_of
from namehold.errors import ExitCode, InputError

app = typer.Typer()

_NOT_CHECKED = "the files alone can't tell who holds the names on the index"

_EPILOG = """\
Examples:

  namehold audit .namehold/dist                                    everything that was built

  namehold audit acme_tol-0.0.1.tar.gz --format json               one file, for a script

  namehold audit dist --format sarif -o audit.sarif                for code scanning
"""


class Format(StrEnum):
    """How findings are written."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"


@app.command(epilog=_EPILOG)
def audit(
    ctx: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE|FOLDER...", help="Wheels and sdists, or folders that hold some.", exists=True),
    ],
    form: Annotated[Format, typer.Option("--format", "-f", help="How findings are written.")] = Format.TABLE,
    output: OutputOption = None,
) -> None:
    """Judge what placeholders declare and do. Reads files, executes nothing, needs no network.

    Two verdicts that never merge: FORM is what a file declares; CLAIM is whether the index agrees that one owner holds
    the placeholder and the real project, and stays 'not checked' where only files are looked at. Exit code 11 on
    findings.
    """
    session = session_of(ctx)
    judged = [(path, _judge(path)) for path in _files(paths)]
    writers = {Format.TABLE: _as_table, Format.JSON: _as_json, Format.SARIF: _as_sarif}
    write_text(writers[form](judged), output)
    count = sum(len(findings) for _, findings in judged)
    session.say(f"FORM: {count} findings in {len(judged)} files. CLAIM: not checked; {_NOT_CHECKED}.")
    session.next_step("mend the templates, then namehold plan" if count else "namehold rehearse")
    if count:
        raise typer.Exit(ExitCode.FINDINGS)


def _files(paths: list[Path]) -> list[Path]:
    found = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    files = [path for path in found if path.name.endswith((".whl", ".tar.gz", ".zip"))]
    if not files:
        raise InputError("there is neither a wheel nor an sdist to judge", hint="namehold build")
    return files


def _judge(path: Path) -> tuple[Finding, ...]:
    with path.open("rb") as stream:
        return judge_form(read_placeholder(path.name, stream))


def _as_table(judged: list[tuple[Path, tuple[Finding, ...]]]) -> str:
    rows = [
        (path.name, item.rule, item.severity, f"{item.path}:{item.line or ''}".strip(":"), item.found, item.mend)
        for path, findings in judged
        for item in findings
    ]
    return render_table(
        Table(columns=("file", "rule", "severity", "where", "found", "mend"), rows=rows), TableFormat.TABLE
    )


def _as_json(judged: list[tuple[Path, tuple[Finding, ...]]]) -> str:
    files = [
        {"file": str(path), "form": findings, "claim": {"verdict": Claim.NOT_CHECKED, "reason": _NOT_CHECKED}}
        for path, findings in judged
    ]
    return documents.dump("audit", {"files": files})


def _as_sarif(judged: list[tuple[Path, tuple[Finding, ...]]]) -> str:
    """SARIF 2.1.0 (OASIS); a file inside an archive has no address of its own, so the message names it."""
    results = [
        {
            "ruleId": item.rule,
            "level": item.severity,
            "message": {"text": f"{item.path + ': ' if item.path else ''}{item.found}. Mend: {item.mend}."},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": path.as_posix()}}}],
        }
        for path, findings in judged
        for item in findings
    ]
    rules = [{"id": rule.id, "shortDescription": {"text": rule.requirement}} for rule in RULES]
    driver = {"name": "namehold", "version": __version__, "rules": rules}
    document = {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return json.dumps(document, indent=1, ensure_ascii=False)

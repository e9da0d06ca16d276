"""`namehold build`: the plan's placeholders as files, checked as the index would check them; nothing is sent."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files as resources
from pathlib import Path
from typing import Annotated

import typer

from namehold import __version__, placeholder
from namehold.cli.options import FormatOption, OutputOption, argument, option, refuse_idle
from namehold.cli.output import Format, emit, unwritable
from namehold.cli.session import Session, session_of, typed
from namehold.cli.workspace import Workspace
from namehold.errors import ExitCode, InputError
from namehold.files import Place, scratch_folder
from namehold.names import normalize
from namehold.placeholder import Distribution, SourceTree, compare_files, read_tree, require_form
from namehold.plan import refuse
from namehold.plan.checks import find_edits
from namehold.portfolio import Mode
from namehold.publish import PUBLISHING_TEXT, write_publishing
from namehold.text import Table, count, texts

EPILOG = """\
Examples:

  namehold build                          everything that .namehold/plan.json reserves

  namehold build plan.json acme-tol       one name of another plan

  namehold build --output-dir dist        into a folder of your own

  namehold build --format json            sizes and digests for a script

  namehold build --source placeholders    the source trees, to publish them

  namehold build --reference              does PyPA's build give these bytes, too?

  namehold build --verify acme_tol-0.0.1.tar.gz    does its own source give these bytes?
"""


def build(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        argument(
            "The plan (a .json file; default: .namehold/plan.json), then names to build; none: all.",
            "[PLAN] [NAME]...",
        ),
    ] = None,
    output_dir: Annotated[
        Path | None, option("Where the files go. Default: .namehold/dist beside the configuration.", metavar="DIR")
    ] = None,
    source: Annotated[
        Path | None, option("Write the source trees there, to publish; build nothing.", metavar="DIR")
    ] = None,
    verify: Annotated[
        Path | None, option("Rebuild this .tar.gz from itself and compare the bytes.", metavar="FILE")
    ] = None,
    reference: Annotated[
        bool, option("Build each with PyPA's build as well, and say whether the bytes are the same. Slow.")
    ] = False,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
) -> ExitCode:
    """Build the placeholders of a plan.

    Wheel and source distribution of each name (a refusing placeholder: source distribution alone), byte for byte the
    same on any machine, after every check that the index makes on files, and the audit. Needs no network and sends
    nothing.
    """
    workspace = Workspace(session_of(ctx))
    session = workspace.session
    if verify is not None:
        idle = {"PLAN or NAME": words, "--output-dir": output_dir, "--source": source, "--reference": reference}
        refuse_idle(idle, "with --verify")
        return _verify(session, verify, form, output)
    path, names = _split(words or [], workspace)
    workspace.require_complete()
    plan = workspace.plan(path)
    refuse(find_edits(plan))
    trees = placeholder.render_plan(
        plan, workspace.portfolio, workspace.templates(), names=[normalize(name) for name in names]
    )
    if source is not None:
        refuse_idle({"--output-dir": output_dir, "--output": output, "--reference": reference}, "with --source")
        return _write_sources(session, trees, source)
    folder = output_dir or session.state / "dist"
    built: list[Distribution] = []
    with session.count_off("Building placeholders", len(trees)) as advance:
        for files in placeholder.PlaceholderBuilder().build_all(trees, folder):
            require_form(files)
            built += files
            advance(files)
    compared = _compare_with_reference(session, trees, built) if reference else None
    listed = [_fields(item, compared) for item in built]
    emit(_table(built, compared), "build", {"folder": str(folder), "files": listed}, form, output, is_private=True)
    session.say(f"{count(len(trees), 'placeholder')}, {count(len(built), 'file')} in {folder}.")
    if compared is not None:
        session.say(f"Compared with build {version('build')}, hatchling {version('hatchling')}.")
        if not all(compared.values()):
            session.say("What differs depends on who builds it: look at what your own templates set in pyproject.toml.")
            return ExitCode.FINDINGS
    session.next_step(f"namehold rehearse {typed(path)}" if built else "namehold plan")
    return ExitCode.DONE


def _compare_with_reference(
    session: Session, trees: Sequence[SourceTree], built: Sequence[Distribution]
) -> dict[str, bool]:
    """Whether PyPA's build gives the same bytes, by file name; a refusing placeholder's own backend gives none."""
    buildable = [tree for tree in trees if tree.mode is not Mode.REFUSE]
    found: dict[str, str] = {}
    with (
        scratch_folder("reference") as scratch,
        session.count_off("Building them with PyPA's build", len(buildable)) as advance,
    ):
        for tree in buildable:
            found |= placeholder.build_reference(tree, scratch)
            advance(tree)
    return {item.filename: found.get(item.filename) == item.sha256 for item in built if item.mode is not Mode.REFUSE}


def _write_sources(session: Session, trees: Sequence[SourceTree], folder: Path) -> ExitCode:
    """Each placeholder's source as a folder of its own, with the workflow that publishes any of them."""
    try:
        for tree in trees:
            placeholder.write_tree(tree, folder / f"{tree.name}-{tree.version}")
        workflow = _write_workflow(folder) if trees else None
    except OSError as error:
        raise unwritable(folder, error) from None
    number = count(len(trees), "source tree")
    session.say(f"{number} in {folder}: publish them, and name the page in names.yaml.")
    if workflow is not None:
        session.say(f"Later versions can go from there by trusted publishing: {workflow}.")
    session.next_step("organization.source_page in names.yaml, then namehold plan")
    return ExitCode.DONE


def _write_workflow(folder: Path) -> Path:
    """The workflow that publishes a tree of `folder`, which is the root of a repository; earlier trees stay choices."""
    path = folder / ".github" / "workflows" / "publish.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = resources("namehold").joinpath("data", "schedule", PUBLISHING_TEXT).read_text("utf-8")
    trees = [found.parent.name for found in folder.glob("*/reservation.json")]
    filled = write_publishing(text, trees, hatchling=version("hatchling"), epoch_s=placeholder.SOURCE_DATE_EPOCH_S)
    path.write_text(filled, encoding="utf-8", newline="\n")
    return path


def _verify(session: Session, path: Path, form: Format, output: Path | None) -> ExitCode:
    """Whether a placeholder's files are what its own source gives; exit 11 if they aren't."""
    if not path.is_file():
        raise InputError(f"there is no file {path}", fix="namehold build; then verify one of its .tar.gz files")
    tree = read_tree(path)
    with tempfile.TemporaryDirectory(prefix="namehold-verify-") as scratch:
        compared = compare_files(path, placeholder.PlaceholderBuilder().build(tree, Path(scratch)))
    tools = f"namehold {__version__}, hatchling {version('hatchling')}, zlib {zlib.ZLIB_RUNTIME_VERSION}"
    files = [
        {"filename": name, "sha256": given, "rebuilt": rebuilt, "same": given == rebuilt}
        for name, given, rebuilt in compared
    ]
    rows = [(name, "same" if given == rebuilt else "DIFFERS", given, rebuilt) for name, given, rebuilt in compared]
    table = Table(columns=texts("file", "verdict", "sha256", "rebuilt"), rows=rows)
    emit(table, "build-check", {"tools": tools, "files": files}, form, output)
    session.say(f"Rebuilt with {tools}.")
    if all(item["same"] for item in files):
        session.next_step("namehold audit NAME tells whose it is: the same bytes don't")
        return ExitCode.DONE
    session.say("Bytes depend on these versions: compare with those that wrote the file before you call it changed.")
    return ExitCode.FINDINGS


def _split(words: list[str], workspace: Workspace) -> tuple[Place, list[str]]:
    """The plan's path and the names: the first word is the plan if it is a file or ends like one."""
    if words and (words[0].endswith(".json") or Path(words[0]).is_file()):
        return Path(words[0]), words[1:]
    return workspace.plan_path, words


def _fields(item: Distribution, compared: Mapping[str, bool] | None) -> dict[str, object]:
    """A file for a program; `same` is null where there is nothing to compare with."""
    fields = {field: getattr(item, field) for field in ("name", "version", "mode", "filename", "size", "sha256")}
    return fields if compared is None else fields | {"same": compared.get(item.filename)}


def _table(built: Sequence[Distribution], compared: Mapping[str, bool] | None) -> Table:
    rows = [(item.name, str(item.mode), item.filename, str(item.size), item.sha256) for item in built]
    columns = ("name", "mode", "file", "bytes", "sha256")
    if compared is None:
        return Table(columns=texts(*columns), rows=rows)
    verdicts = {True: "same", False: "DIFFERS", None: "no reference"}
    rows_with_verdicts = [(*row, verdicts[compared.get(item.filename)]) for row, item in zip(rows, built, strict=True)]
    return Table(columns=texts(*columns, "with build"), rows=rows_with_verdicts)

"""`namehold schedule`: prints ready files that run namehold once a day."""

from __future__ import annotations

import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from namehold import __version__
from namehold.cli.options import OutputOption, argument, option
from namehold.cli.output import write_text
from namehold.cli.session import session_of
from namehold.cli.workspace import Workspace
from namehold.errors import UsageError
from namehold.publish import LOCK_FILE, TEXTS, Schedule, Scheduler, is_source, write_schedule

EPILOG = (
    "Examples:\n\n"
    "  namehold schedule github --from vendor/namehold-0.1.0-py3-none-any.whl -o .github/workflows/namehold.yml\n\n"
    "  namehold schedule lock -o .github/namehold-requirements.txt\n\n"
    "  namehold schedule systemd\n\n"
    "  namehold schedule cron"
)


def schedule(
    ctx: typer.Context,
    scheduler: Annotated[Scheduler, argument("What shall run namehold.")],
    source: Annotated[
        str,
        option(
            "Where the workflow of `github` installs namehold from: a wheel in the repository, "
            "git+https://HOST/PATH@COMMIT with the whole hash, or an index of your own, https://HOST/PATH/.",
            "--from",
            metavar="WHERE",
        ),
    ] = "",
    output: OutputOption = None,
) -> None:
    """Print ready files that run `namehold run` once a day, with jitter and least permissions.

    Nothing is installed: a person reads the file and puts it where it belongs.
    """
    workspace = Workspace(session_of(ctx))
    session = workspace.session
    in_repository = scheduler is Scheduler.GITHUB
    if in_repository and not source and sys.stdin.isatty() and not session.yes:
        source = typer.prompt(
            "Where does the workflow install namehold from? (a wheel's path, git+https://…@COMMIT, or https://INDEX/)"
        )
    if in_repository and not is_source(source):
        raise UsageError(
            f"{source!r} isn't a wheel in the repository, an address with its commit, or an index of your own"
            if source
            else "the workflow must know where to install namehold from",
            fix="namehold schedule github --from vendor/namehold-VERSION-py3-none-any.whl",
        )
    if source and not in_repository:
        raise UsageError("--from is for the workflow of github", fix=f"namehold schedule {scheduler}")
    folder = session.config.resolve().parent
    values = Schedule(
        organization=workspace.portfolio.owner,
        version=__version__,
        folder=str(folder),
        config=session.config.name if not in_repository else session.config.as_posix(),
        state=(session.config.parent / ".namehold").as_posix() if in_repository else str(session.state),
        program=_find_program(),
        source=f"./{source}" if source.endswith(".whl") and not source.startswith(("/", "./")) else source,
    )
    texts = {name: files("namehold").joinpath("data", "schedule", name).read_text("utf-8") for name in TEXTS[scheduler]}
    write_text(write_schedule(scheduler, texts, values), output)
    if in_repository:
        session.say(f"The workflow installs from {LOCK_FILE}: namehold schedule lock -o {LOCK_FILE}")
        session.say("Hosted runners share addresses: strangers may spend the address's quota. Never rotate; wait.")
    session.next_step("approve a plan first (namehold run --approve DIGEST); without it a run only reports")


def _find_program() -> str:
    """This very program, by its whole path: schedulers look for programs in few places."""
    called = Path(sys.argv[0])
    if called.stem == "namehold" and called.is_file():
        return str(called.absolute())
    return shutil.which("namehold") or "namehold"

"""`namehold schedule`: prints ready files that run namehold once a day."""

from __future__ import annotations

import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from namehold import __version__
from namehold.cli.options import OutputOption, argument
from namehold.cli.output import write_text
from namehold.cli.session import session_of
from namehold.cli.workspace import Workspace
from namehold.publish import TEXTS, Schedule, Scheduler, write_schedule

EPILOG = (
    "Examples:\n\n"
    "  namehold schedule github -o .github/workflows/namehold.yml\n\n"
    "  namehold schedule systemd\n\n"
    "  namehold schedule cron"
)


def schedule(
    ctx: typer.Context,
    scheduler: Annotated[Scheduler, argument("What shall run namehold.")],
    output: OutputOption = None,
) -> None:
    """Print ready files that run `namehold run` once a day, with jitter and least permissions.

    Nothing is installed: a person reads the file and puts it where it belongs.
    """
    workspace = Workspace(session_of(ctx))
    session = workspace.session
    in_repository = scheduler is Scheduler.GITHUB
    folder = session.config.resolve().parent
    values = Schedule(
        organization=workspace.portfolio.organization.name,
        version=__version__,
        folder=str(folder),
        config=session.config.name if not in_repository else session.config.as_posix(),
        state=(session.config.parent / ".namehold").as_posix() if in_repository else str(session.state),
        program=_find_program(),
    )
    texts = {name: files("namehold").joinpath("data", "schedule", name).read_text("utf-8") for name in TEXTS[scheduler]}
    write_text(write_schedule(scheduler, texts, values), output)
    if in_repository:
        session.say("Hosted runners share addresses: strangers may spend the address's quota. Never rotate; wait.")
    session.next_step("approve a plan first (namehold run --approve DIGEST); without it a run only reports")


def _find_program() -> str:
    """This very program, by its whole path: schedulers look for programs in few places."""
    called = Path(sys.argv[0])
    if called.stem == "namehold" and called.is_file():
        return str(called.absolute())
    return shutil.which("namehold") or "namehold"

"""`namehold schedule`: prints ready files that run namehold on proposals and once a day."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from namehold import __version__
from namehold.cli.options import OutputOption, argument, option, refuse_idle
from namehold.cli.output import write_text
from namehold.cli.session import session_of
from namehold.cli.workspace import Workspace
from namehold.errors import UsageError
from namehold.files import is_digest
from namehold.publish import (
    INCLUDED,
    LOCK_FILES,
    TEXTS,
    Schedule,
    Scheduler,
    is_plain_path,
    is_source,
    needs_digest,
    write_schedule,
)

#: What no line of a crontab or a unit can hold: control characters, and bytes of a path that are no text.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

EPILOG = (
    "Examples:\n\n"
    "  namehold schedule github --from vendor/namehold-0.1.0-py3-none-any.whl \\\n"
    "      -o .github/workflows/namehold.yml\n\n"
    "  namehold schedule github --from https://index.acme.example/simple/ \\\n"
    "      --sha256 DIGEST\n\n"
    "  namehold schedule lock -o .github/namehold-requirements.txt\n\n"
    "  namehold schedule gitlab --from vendor/namehold-0.1.0-py3-none-any.whl \\\n"
    "      -o .gitlab/namehold.yml\n\n"
    "  namehold schedule systemd\n\n"
    "  namehold schedule cron"
)


def schedule(
    ctx: typer.Context,
    scheduler: Annotated[Scheduler, argument("What shall run namehold.")],
    source: Annotated[
        str,
        option(
            "Where the workflow of `github` or `gitlab` installs namehold from: a wheel in the repository, "
            "git+https://HOST/PATH@COMMIT with the whole hash, or an index of your own, https://HOST/PATH/.",
            "--from",
            metavar="WHERE",
        ),
    ] = "",
    sha256: Annotated[
        str,
        option(
            "With --from https://INDEX/: the SHA-256 of namehold's wheel there, which the workflow insists on.",
            "--sha256",
            metavar="DIGEST[,DIGEST…]",
        ),
    ] = "",
    output: OutputOption = None,
) -> None:
    """Print ready files that run namehold: `run` once a day, and where teams decide, the plan of each proposal.

    Nothing is installed: a person reads the file and puts it where it belongs.
    """
    workspace = Workspace(session_of(ctx))
    session = workspace.session
    in_repository = scheduler in LOCK_FILES
    if in_repository and not is_plain_path(session.config.as_posix()):
        raise UsageError(
            f"a workflow can't take the path {session.config.as_posix()!r} as it is",
            fix="put names.yaml into a folder whose name has letters, digits, '.', '_', '+' and '-' alone",
        )
    can_ask = in_repository and sys.stdin.isatty() and not session.yes
    if can_ask and not source:
        source = typer.prompt(
            "Where does the workflow install namehold from? (a wheel's path, git+https://…@COMMIT, or https://INDEX/)"
        )
    if in_repository and not is_source(source):
        raise UsageError(
            f"{source!r} isn't a wheel in the repository, an address with its commit, or an index of your own"
            if source
            else "the workflow must know where to install namehold from",
            fix=f"namehold schedule {scheduler} --from vendor/namehold-VERSION-py3-none-any.whl",
        )
    if source and not in_repository:
        raise UsageError("--from is for the workflows of github and gitlab", fix=f"namehold schedule {scheduler}")
    if can_ask and needs_digest(source) and not sha256:
        sha256 = typer.prompt("The SHA-256 of namehold's wheel on that index? (sha256sum FILE)")
    digests = _read_digests(sha256, source)
    folder = session.config.resolve().parent
    place = str(folder / session.config.name)
    if not in_repository and _UNWRITABLE.search(place):
        raise UsageError(
            f"a schedule can't hold the path {place!r}: a line break or what is no text stands in it",
            fix="give names.yaml, or the folder that it is in, another name",
        )
    values = Schedule(
        organization=workspace.portfolio.owner,
        version=__version__,
        folder=str(folder),
        config=session.config.name if not in_repository else session.config.as_posix(),
        state=(session.config.parent / ".namehold").as_posix() if in_repository else str(session.state),
        program=_find_program(),
        source=f"./{source}" if source.endswith(".whl") and not source.startswith(("/", "./")) else source,
        sha256=digests,
    )
    names = (*TEXTS[scheduler], *INCLUDED.get(scheduler, ()))
    texts = {name: files("namehold").joinpath("data", "schedule", name).read_text("utf-8") for name in names}
    write_text(write_schedule(scheduler, texts, values), output)
    if output is not None:
        session.say(str(output), label="Written")
    if in_repository:
        lock = LOCK_FILES[scheduler]
        session.say(f"The workflow installs from {lock}: namehold schedule lock -o {lock}")
        session.say("Hosted runners share addresses: strangers may spend the address's quota. Never rotate; wait.")
    session.next_step("approve a plan first (namehold run --approve DIGEST); without it a run only reports")


def _read_digests(text: str, source: str) -> tuple[str, ...]:
    """The digests of the files that may be installed from an index; none for any other source. Raises UsageError."""
    digests = tuple(word.strip().lower().removeprefix("sha256:") for word in text.split(",") if word.strip())
    if not needs_digest(source):
        refuse_idle({"--sha256": text}, "without --from https://INDEX/")
    elif not digests or not all(map(is_digest, digests)):
        raise UsageError(
            f"not a SHA-256 digest: {text!r}" if digests else "an index may change its files: their digest is missing",
            fix="namehold schedule github --from https://INDEX/ --sha256 DIGEST (sha256sum namehold-VERSION-*.whl)",
        )
    return digests


def _find_program() -> str:
    """This very program, by its whole path: schedulers look for programs in few places."""
    called = Path(sys.argv[0])
    if called.stem == "namehold" and called.is_file():
        return str(called.absolute())
    return shutil.which("namehold") or "namehold"

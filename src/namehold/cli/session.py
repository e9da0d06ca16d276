"""What every command shares: its options, its console, where things lie, and how an error becomes an exit code."""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namehold import __version__
from namehold.errors import ExitCode, NameholdError, UsageError
from namehold.text import visible_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console
    from rich.progress import Progress

    from namehold.index import ClientPolicy

_META_KEY = "namehold.session"

#: Environment variables that hold a secret: no program that this one starts needs them.
_SECRET_VARIABLES = ("NAMEHOLD_TOKEN", "TWINE_PASSWORD")


def _take_environment() -> Mapping[str, str]:
    """The environment as it was; from now on it has no secret that a child process could inherit."""
    found = dict(os.environ)
    for variable in _SECRET_VARIABLES:
        os.environ.pop(variable, None)
    return found


def _default_config() -> Path:
    return Path(os.environ.get("NAMEHOLD_CONFIG") or "names.yaml")


def typed(path: Path) -> str:
    """The path as a person would type it here: from this folder on if it lies below, in quotes where a shell asks."""
    try:
        return shlex.quote(str(path.resolve().relative_to(Path.cwd())))
    except ValueError:
        return shlex.quote(str(path))


@dataclass(slots=True)
class Session:
    """The shared options of one call, and the talk on standard error.

    `config` is the path of names.yaml; ledger and built files lie in `.namehold/` beside it (`state`).
    `environment` is what this call was started with, its secrets included.
    """

    config: Path = field(default_factory=_default_config)
    offline: bool = field(default_factory=lambda: _flag("NAMEHOLD_OFFLINE"))
    yes: bool = field(default_factory=lambda: _flag("NAMEHOLD_YES"))
    quiet: bool = False
    verbose: bool = False
    no_color: bool = field(default_factory=lambda: _flag("NO_COLOR"))
    environment: Mapping[str, str] = field(default_factory=_take_environment, repr=False)

    @property
    def state(self) -> Path:
        """The folder of ledger, plans and built files: `.namehold/` beside names.yaml."""
        return self.config.resolve().parent / ".namehold"

    @property
    def cache(self) -> Path:
        """The folder of snapshots and HTTP answers: `NAMEHOLD_CACHE`, else the user's cache folder, else `state`."""
        chosen = os.environ.get("NAMEHOLD_CACHE")
        if chosen:
            return Path(chosen)
        from platformdirs import user_cache_path  # noqa: PLC0415 -- only commands that use the cache pay for it

        folder = user_cache_path("namehold")
        nearest = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        return folder if os.access(nearest, os.W_OK) else self.state / "cache"

    @property
    def policy(self) -> ClientPolicy:
        """The proxies and certificates for all traffic."""
        from namehold.index import ClientPolicy  # noqa: PLC0415 -- start-up time

        return ClientPolicy.read(self.environment)

    @property
    def console(self) -> Console:
        """Talk for people, on standard error; plain when it isn't a terminal."""
        from rich.console import Console  # noqa: PLC0415 -- start-up time

        forced = bool(os.environ.get("FORCE_COLOR")) and not self.no_color
        return Console(
            stderr=True, no_color=self.no_color, force_terminal=forced or None, highlight=False, quiet=self.quiet
        )

    def say(self, text: str) -> None:
        """Talk, a line or some. Text from outside must be escaped by the caller where it may hold markup."""
        self.console.print(visible_lines(text), soft_wrap=True)

    def detail(self, text: str) -> None:
        """One line of talk for `--verbose`."""
        if self.verbose:
            self.say(f"[dim]{text}[/dim]")

    def next_step(self, text: str) -> None:
        """The last line of talk: the command to call next. Text from outside must be escaped by the caller."""
        from rich.markup import escape  # noqa: PLC0415 -- start-up time

        self.say(f"[bold]Next:[/bold] {self.with_config(text, escape)}")

    def with_config(self, text: str, write: Callable[[str], str] = str) -> str:
        """`text` with this call's `--config` in each command of ours that it names, unless that is the default.

        `write` makes the option fit the text around it.
        """
        if self.config == _default_config():
            return text
        from namehold.cli.lazy import COMMANDS  # noqa: PLC0415 -- it imports this module

        command = re.compile(rf"\bnamehold (snapshot \w+|{'|'.join(COMMANDS)})\b")
        option = write(f" --config {shlex.quote(str(self.config))}")
        return command.sub(lambda match: match[0] + option, text)

    def progress(self) -> Progress:
        """A progress bar with time left; silent unless standard error is a terminal."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        console = self.console
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=self.quiet or not console.is_terminal,
        )


def _flag(variable: str) -> bool:
    """Whether an environment variable is set to something other than nothing, 0, no or false."""
    return os.environ.get(variable, "").strip().lower() not in {"", "0", "no", "false"}


def session_of(ctx: typer.Context) -> Session:
    """The session of this call."""
    session = ctx.meta.setdefault(_META_KEY, Session())
    if not isinstance(session, Session):  # pragma: no branch -- nobody else writes this key
        raise UsageError("the session of this call is damaged")
    return session


def _set(attribute: str) -> Callable[[typer.Context, Any], Any]:
    def store(ctx: typer.Context, value: Any) -> Any:
        if value is not None and value is not False:
            setattr(session_of(ctx), attribute, value)
        return value

    return store


SHARED_OPTIONS = typer.Typer(add_completion=False)


@SHARED_OPTIONS.command()
def _shared(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            callback=_set("config"),
            expose_value=False,
            rich_help_panel="Shared options",
            help="The configuration. Default: NAMEHOLD_CONFIG, else names.yaml here.",
        ),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline",
            callback=_set("offline"),
            expose_value=False,
            rich_help_panel="Shared options",
            help="Use no network but this machine's own (NAMEHOLD_OFFLINE).",
        ),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            "-y",
            callback=_set("yes"),
            expose_value=False,
            rich_help_panel="Shared options",
            help="Answer yes to questions that may be answered so (NAMEHOLD_YES).",
        ),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            "-q",
            callback=_set("quiet"),
            expose_value=False,
            rich_help_panel="Shared options",
            help="No talk, only data and errors.",
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            callback=_set("verbose"),
            expose_value=False,
            rich_help_panel="Shared options",
            help="Say more about what happens.",
        ),
    ] = False,
    no_color: Annotated[
        bool,
        typer.Option(
            "--no-color",
            callback=_set("no_color"),
            expose_value=False,
            rich_help_panel="Shared options",
            help="No colour (NO_COLOR).",
        ),
    ] = False,
) -> None:
    """The options that every command takes, anywhere after its name."""


def refuse_idle(options: Mapping[str, object], when: str) -> None:
    """Raises UsageError for the given ones of these options, which do nothing `when`: who gave them expects something.

    `options` is by the option's own word; what isn't given is None or empty.
    """
    idle = [option for option, value in options.items() if value]
    if idle:
        raise UsageError(f"no effect {when}: {', '.join(idle)}", hint=f"call again without {' and '.join(idle)}")


def warn(text: str) -> None:
    """One line that `--quiet` doesn't silence, on standard error; it may hold anybody's words."""
    typer.echo(visible_lines(text).replace("\n", " "), err=True)


def report_error(error: NameholdError) -> None:
    """Writes an expected error to standard error: every diagnostic, then what happened, then what to do."""
    for diagnostic in error.diagnostics():
        warn(str(diagnostic))
    warn(f"namehold: {error.message}")
    if error.hint:
        warn(f"Next: {error.hint}")


def run_reporting_errors(app: typer.Typer) -> int:
    """Runs the command line; the exit code. An unexpected error is a bug and says how to report it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name or an arrow that the terminal's encoding lacks is shown as its number.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except NameholdError as error:
        report_error(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return _say_interrupted()
    except SystemExit as stop:
        return _code_of(stop)
    except Exception:  # noqa: BLE001 -- the last resort of the program: whatever it is, say how to report it
        for line in traceback.format_exc().splitlines():
            warn(line)
        warn(
            f"namehold {__version__}: this is a bug. Please report the lines above; they hold no secret by design, "
            "but look before you paste."
        )
        return int(ExitCode.BUG)
    return int(ExitCode.DONE)


def _code_of(stop: SystemExit) -> int:
    """The exit code that typer ended with, except where its own code hides why it did."""
    if isinstance(stop.__context__, BrokenPipeError):
        # The reader of our output went away (`namehold --help | head`): nothing to say, nobody to say it to.
        return int(ExitCode.DONE)
    if stop.code == ExitCode.INTERRUPTED or isinstance(stop.__context__, typer.Abort):
        return _say_interrupted()
    return stop.code if isinstance(stop.code, int) else int(ExitCode.BUG)


def _say_interrupted() -> int:
    warn("namehold: interrupted; what was sent is in the ledger, the next run continues.")
    return int(ExitCode.INTERRUPTED)

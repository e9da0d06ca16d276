"""The program: the command line, and how an error becomes words on standard error and an exit code."""

from __future__ import annotations

import atexit
import gc
import io
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Final, TextIO, cast

import typer

from namehold import __version__, files
from namehold.cli.lazy import LazyGroup
from namehold.cli.session import warn
from namehold.errors import ExitCode, InputError, NameholdError

#: Python looks for cycles among all values each time their number has grown by a quarter. A plan has millions of values
#: and hardly a cycle: a fifth of the time would go there. Looked for are cycles among new values, and seldom among all.
_GC_THRESHOLDS: Final = (200_000, 5, 500)

app = typer.Typer(
    name="namehold",
    cls=LazyGroup,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help=(
        "Protects users of your packages from confusable and invented names: derives and ranks them, "
        "plans under the index's quota, rehearses, and carries out what was approved, from one account."
    ),
    epilog=("Start: namehold init, then namehold plan. Try it without anything of your own: namehold demo."),
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"namehold {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Commands share their options; see `namehold COMMAND --help`."""


def main() -> None:
    """The console script: runs the command line and exits with its code."""
    open_standard_streams()
    # It says what others may not; where it takes its owner's rights as well, no folder that is made can be entered.
    os.umask(os.umask(0) & 0o077)
    gc.set_threshold(*_GC_THRESHOLDS)
    # pydantic would look for plug-ins in all that is installed here. They would also run beside the account's token.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for ending in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        # A machine that stops, or a closed terminal, interrupts as a person does. nohup's own choice stays.
        if signal.getsignal(ending) is not signal.SIG_IGN:
            with suppress(ValueError):  # only a main thread can
                signal.signal(ending, signal.default_int_handler)
    # Before it ends, Python looks for cycles among all values once more: for nothing, as their memory is given back.
    atexit.register(gc.freeze)
    sys.exit(run_reporting_errors(app))


def run_reporting_errors(app: typer.Typer) -> int:
    """Runs the command line; the exit code. An unexpected error is a bug and says how to report it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name or an arrow that the terminal's encoding lacks is shown as its number.
            stream.reconfigure(errors="backslashreplace")
    if sys.stderr is not None:
        sys.stderr = cast("TextIO", _Talk(sys.stderr))
    try:
        app()
    except NameholdError as error:
        report_error(error)
        return int(error.exit_code)
    except (OSError, MemoryError, RuntimeError, ImportError) as error:
        return _report_machine(error)
    except KeyboardInterrupt:
        return _say_interrupted()
    except SystemExit as stop:
        return _code_of(stop)
    except Exception:  # noqa: BLE001 -- the last resort of the program: say how to report it
        return _report_bug()
    return int(ExitCode.DONE)


class _Talk:
    """Standard error, where what can't be written is lost: a full disk or a reader who goes away ends no work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """As a stream's; never raises OSError."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """As a stream's; never raises OSError."""
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def open_standard_streams() -> None:
    """Opens the null device where standard input, output or error is closed.

    The system gives the lowest free number to the next file that is opened: it would be the ledger's, and what a
    library prints would be written into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _report_machine(error: Exception) -> int:
    """Reports what this machine refuses (a full disk, too little memory); any other such error is a bug."""
    limit = _limit_behind(error)
    if isinstance(error, OSError) and files.is_machine_error(error):
        place = f"{error.filename}: " if error.filename else ""
        report_error(files.machine_error(f"{place}this machine refuses", error))
    elif isinstance(error, OSError) and not _has_folder():
        fix = "change into a folder that is there, then call again"
        report_error(InputError("the folder in which this was called is no longer there", fix=fix))
    elif limit:
        fix = "look at its limits (ulimit -a) and at its free memory, then call again: nothing is lost"
        report_error(InputError(f"this machine refuses: {limit}", fix=fix))
    else:
        return _report_bug()
    return int(ExitCode.INVALID_INPUT)


def _has_folder() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _limit_behind(error: Exception) -> str:
    """Which limit of the machine an error comes from; empty if from none."""
    if isinstance(error, MemoryError):
        return "there isn't enough memory"
    text = str(error)
    if isinstance(error, RuntimeError) and "start new thread" in text:
        return "no further thread can be started"
    is_unmapped = isinstance(error, ImportError) and ("allocate memory" in text or "map segment" in text)
    return "there isn't enough memory for a library" if is_unmapped else ""


def _report_bug() -> int:
    for line in traceback.format_exc().splitlines():
        warn(line)
    warn(
        f"namehold {__version__}: this is a bug. Please report the lines above; they hold no secret by design, "
        "but look before you paste."
    )
    return int(ExitCode.BUG)


def report_error(error: NameholdError) -> None:
    """Writes an expected error to standard error: every diagnostic, then what happened, then what to do."""
    for diagnostic in error.diagnostics():
        warn(str(diagnostic))
    warn(f"namehold: {error.message}")
    if error.fix:
        warn(f"Next: {error.fix}")


def _code_of(stop: SystemExit) -> int:
    """The exit code that typer ended with, except where its own code hides why it did."""
    if isinstance(stop.__context__, BrokenPipeError):
        # The reader of our output went away (`namehold --help | head`): there is nothing to say.
        return int(ExitCode.DONE)
    if stop.code == ExitCode.INTERRUPTED or isinstance(stop.__context__, typer.Abort):
        return _say_interrupted()
    return stop.code if isinstance(stop.code, int) else int(ExitCode.BUG)


def _say_interrupted() -> int:
    more = {
        **dict.fromkeys(("apply", "run"), "what was sent is in the ledger, the next run continues"),
        "probe": "the answers that came are kept, and the next call goes on",
    }.get(next(iter(sys.argv[1:2]), ""), "nothing was sent")
    warn(f"namehold: interrupted; {more}.")
    return int(ExitCode.INTERRUPTED)

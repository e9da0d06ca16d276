"""Options that several commands take, and the refusal of those that would do nothing."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from namehold.cli.output import Format
from namehold.cli.session import session_of
from namehold.errors import UsageError


def option(text: str, *words: str, metavar: str | None = None, **more: Any) -> Any:
    """A command's option: what it does, the words that give it (default: `--` and the parameter's name), its value.

    Its default is shown only where `show_default` asks for it.
    """
    return typer.Option(*words, metavar=metavar, help=text, **{"show_default": False, **more})


def argument(text: str, metavar: str | None = None, **more: Any) -> Any:
    """A command's argument: what it is, and its name in the usage line."""
    return typer.Argument(metavar=metavar, help=text, **{"show_default": False, **more})


def require_folder(output: Path | None) -> Path | None:
    """Where the data goes: None, and `-`, are standard output.

    A folder that isn't there is more often mistyped than wanted; it is said before any work is done. A file in its
    place, a loop of links or too long a path is told where the output is written.
    """
    if str(output) == "-":
        return None
    if output is not None:
        with suppress(OSError, RuntimeError):
            folder = output.resolve().parent
            there = next(place for place in (folder, *folder.parents) if place.exists())
            if there != folder and there.is_dir():
                # Whole, since a part of an address doesn't tell that it holds a password.
                make = "" if "@" in str(output) else f"mkdir -p {shlex.quote(str(output.parent))}, or "
                raise UsageError(f"the folder of {output} doesn't exist", fix=f"{make}correct the path")
    return output


FormatOption = Annotated[Format, option("How the data is written.", "--format", "-f", show_default=True)]
OutputOption = Annotated[
    Path | None,
    option(
        "Write to FILE (atomically) instead of standard output (-); its folder must exist.",
        "--output",
        "-o",
        metavar="FILE",
        callback=require_folder,
    ),
]
PlanArgument = Annotated[Path | None, argument("Default: .namehold/plan.json.", "[PLAN]")]
PlanOption = Annotated[Path | None, option("The plan. Default: .namehold/plan.json.", "--plan", metavar="FILE")]
SnapshotOption = Annotated[
    Path | None, option("A complete list of the index's names, used this once.", "--snapshot", metavar="FILE")
]
ApproveOption = Annotated[str, option("Approve the plan's actions: the digest that it tells.", metavar="DIGEST")]
WaitOption = Annotated[
    float,
    option("Wait for slots up to this long in all. Default: not at all.", metavar="SECONDS", min=0, show_default=True),
]


def refuse_idle(options: Mapping[str, object], when: str) -> None:
    """Raises UsageError for the given ones of these options, which do nothing `when`: their caller expects something.

    `options` is by the option's own word; what isn't given is None or empty.
    """
    idle = [option for option, value in options.items() if value]
    if idle:
        raise UsageError(f"no effect {when}: {', '.join(idle)}", fix=f"call again without {' and '.join(idle)}")


def _set(attribute: str) -> Callable[[typer.Context, Any], Any]:
    def store(ctx: typer.Context, value: Any) -> Any:
        if value is not None and value is not False:
            setattr(session_of(ctx), attribute, value)
            if attribute == "no_color":
                # Tables and programs that this one starts look here.
                os.environ["NO_COLOR"] = "1"
        return value

    return store


def _shared(text: str, *words: str, metavar: str | None = None) -> Any:
    """An option that sets the session's attribute of the same name."""
    store = _set(words[0].removeprefix("--").replace("-", "_"))
    return option(text, *words, metavar=metavar, callback=store, expose_value=False)


SHARED_OPTIONS = typer.Typer(add_completion=False)


@SHARED_OPTIONS.command()
def _take_shared(
    config: Annotated[
        Path | None,
        _shared("The configuration. Default: NAMEHOLD_CONFIG, else names.yaml here.", "--config", metavar="FILE"),
    ] = None,
    offline: Annotated[bool, _shared("Use no network but this machine's own (NAMEHOLD_OFFLINE).", "--offline")] = False,
    yes: Annotated[
        bool, _shared("Answer yes to questions that may be answered so (NAMEHOLD_YES).", "--yes", "-y")
    ] = False,
    quiet: Annotated[bool, _shared("No talk, only data and errors.", "--quiet", "-q")] = False,
    verbose: Annotated[bool, _shared("Say more about what happens.", "--verbose", "-v")] = False,
    no_color: Annotated[bool, _shared("No colour (NO_COLOR).", "--no-color")] = False,
) -> None:
    """The options that every command takes, anywhere after its name."""

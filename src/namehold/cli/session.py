"""What every command shares: where things lie, its talk on standard error, and the session of one call."""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from namehold.cli.commands import COMMANDS
from namehold.errors import UsageError
from namehold.files import InnerPath, Place, resolve
from namehold.text import hide_passwords, visible_lines

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from namehold.index.access import ClientPolicy

_META_KEY = "namehold.session"

#: Environment variables that hold a secret: no program that this one starts needs them.
_SECRET_VARIABLES = (
    "NAMEHOLD_TOKEN",
    "NAMEHOLD_KEY",
    "NAMEHOLD_READ_LOGIN",
    "NAMEHOLD_PROBE_KEY",
    "NAMEHOLD_PROBE_KEYS",
    "TWINE_PASSWORD",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
)
#: How the variables begin that hold the secrets of the places under `notify`.
_SECRET_PREFIX = "NAMEHOLD_NOTIFY_"  # noqa: S105 -- no secret

#: A command of ours inside a text.
_COMMAND = re.compile(rf"\bnamehold ((?:snapshot|key|evidence) \w+|{'|'.join(COMMANDS)})\b")


def _take_environment() -> Mapping[str, str]:
    """The environment as it was; from now on it has no secret that a child process could inherit."""
    found = dict(os.environ)
    for variable in (*_SECRET_VARIABLES, *(each for each in found if each.startswith(_SECRET_PREFIX))):
        os.environ.pop(variable, None)
    return found


def _default_config() -> Path:
    return Path(os.environ.get("NAMEHOLD_CONFIG") or "names.yaml")


def _flag(variable: str) -> bool:
    """Whether an environment variable says yes: not where it is empty or says no, as typer reads such options."""
    return os.environ.get(variable, "").strip().lower() not in {"", "0", "no", "n", "false", "f", "off"}


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
    # Any text counts, as everywhere else (no-color.org).
    no_color: bool = field(default_factory=lambda: bool(os.environ.get("NO_COLOR")))
    environment: Mapping[str, str] = field(default_factory=_take_environment, repr=False)

    @property
    def offline_by(self) -> str:
        """What forbids the network: the variable, where it is set, because leaving out the option wouldn't help."""
        return "NAMEHOLD_OFFLINE" if _flag("NAMEHOLD_OFFLINE") else "--offline"

    @property
    def way_online(self) -> str:
        """What a person does to allow the network again."""
        return "unset NAMEHOLD_OFFLINE" if _flag("NAMEHOLD_OFFLINE") else "leave --offline out"

    @property
    def folder(self) -> InnerPath:
        """The folder of names.yaml. It may be a checkout: nothing in it is reached through a link. Raises OSError."""
        return InnerPath(resolve(self.config).parent)

    @property
    def state(self) -> InnerPath:
        """The folder of ledger, plans and built files: `.namehold/` beside names.yaml. Raises OSError."""
        return self.folder / ".namehold"

    @property
    def cache(self) -> InnerPath:
        """The folder of snapshots and HTTP answers: `NAMEHOLD_CACHE`, else the user's cache folder, else `state`."""
        chosen = os.environ.get("NAMEHOLD_CACHE")
        if chosen:
            return InnerPath(Path(chosen))
        from platformdirs import user_cache_path  # noqa: PLC0415 -- only commands that use the cache pay for it

        try:
            folder = user_cache_path("namehold")
            nearest = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        except (RuntimeError, KeyError, OSError):
            # A user without a home folder, or without an entry in the system's list of users.
            return self.state / "cache"
        is_usable = folder.is_absolute() and os.access(nearest, os.W_OK)
        return InnerPath(folder) if is_usable else self.state / "cache"

    @property
    def is_cache_inside(self) -> bool:
        """Whether the cache folder is below the folder of names.yaml, where a checkout can fill it. Raises OSError.

        A home folder is no checkout: the user's cache folder is below it.
        """
        folder = self.folder.path
        with suppress(RuntimeError):
            if folder == Path.home().resolve():
                folder = self.state.path
        # As it is written, too: the way there may be a checkout's link.
        return any(cache.is_relative_to(folder) for cache in (self.cache.path.absolute(), self.cache.path.resolve()))

    @property
    def policy(self) -> ClientPolicy:
        """The proxies and certificates for all traffic."""
        from namehold.index.access import ClientPolicy  # noqa: PLC0415 -- start-up time

        return ClientPolicy.read(self.environment)

    @property
    def _is_forced(self) -> bool:
        return bool(os.environ.get("FORCE_COLOR")) and not self.no_color

    @property
    def console(self) -> Console:
        """Where progress is drawn, on standard error; plain when it isn't a terminal."""
        from rich.console import Console  # noqa: PLC0415 -- start-up time

        # Terminals without a size say 0, which rich takes for no room at all.
        width = shutil.get_terminal_size().columns if os.environ.get("COLUMNS") == "0" else None
        return Console(
            stderr=True,
            width=width,
            no_color=self.no_color,
            force_terminal=self._is_forced or None,
            highlight=False,
            quiet=self.quiet,
        )

    def say(self, text: str, *, label: str = "", fg: str | None = None, bold: bool = False, dim: bool = False) -> None:
        """Talk, one line or several, with a bold word before it. The text is shown as it is: it may be anybody's.

        Colour and weight are typer's; they show on a terminal alone.
        """
        if self.quiet:
            return
        # Not by rich, which takes long to load.
        lead = typer.style(f"{label}: ", bold=True) if label else ""
        shown = visible_lines(hide_passwords(text))
        is_plain = self.no_color or os.environ.get("TERM") == "dumb"
        typer.echo(
            lead + (typer.style(shown, fg=fg, bold=bold or None, dim=dim or None) if fg or bold or dim else shown),
            err=True,
            color=False if is_plain else self._is_forced or None,
        )

    def detail(self, text: str) -> None:
        """One line of talk for `--verbose`."""
        if self.verbose:
            self.say(text, dim=True)

    def next_step(self, text: str) -> None:
        """The last line of talk: the command to call next."""
        self.say(self.with_config(text), label="Next")

    def with_config(self, text: str) -> str:
        """`text` with this call's `--config` in each command of ours that it names, unless that is the default."""
        if self.config == _default_config():
            return text
        option = f" --config {shlex.quote(str(self.config))}"
        return _COMMAND.sub(lambda match: match[0] + option, text)

    def progress(self) -> Progress:
        """A bar with the time that is left, for work of some seconds; silent unless standard error is a terminal."""
        from namehold.cli.progress import LateProgress  # noqa: PLC0415 -- start-up time

        return LateProgress(self.console, is_silent=self.quiet)

    @contextmanager
    def count_off(self, what: str, total: int) -> Iterator[Callable[[object], None]]:
        """A progress bar for `total` items; what it gives is called with each item that is done."""
        with self.progress() as bar:
            task = bar.add_task(what, total=total)
            yield lambda _: bar.advance(task)

    @contextmanager
    def measure(self, what: str) -> Iterator[Callable[[float], None]]:
        """A progress bar in percent; what it gives is called with the share that is done, from 0 to 1."""
        if self.quiet:
            # A bar that is never shown needn't be loaded.
            yield lambda _: None
            return
        with self.progress() as bar:
            task = bar.add_task(f"{what} (%)", total=100)
            yield lambda share: bar.update(task, completed=round(100 * share))


def session_of(ctx: typer.Context) -> Session:
    """The session of this call."""
    session = ctx.meta.setdefault(_META_KEY, Session())
    if not isinstance(session, Session):  # pragma: no branch -- only this function writes this key
        raise UsageError("the session of this call is damaged")
    return session


def typed(place: Place) -> str:
    """The path as a person would type it here: from this folder on if it lies below, in quotes where a shell asks.

    One that begins with a dash would be read as an option.
    """
    path = Path(str(place))
    with suppress(ValueError, RuntimeError, OSError):
        path = path.resolve().relative_to(Path.cwd())
    return shlex.quote(f"./{path}" if str(path).startswith("-") else str(path))


def warn(text: str) -> None:
    """One line that `--quiet` doesn't silence, on standard error; it may hold anybody's words."""
    typer.echo(visible_lines(hide_passwords(text)).replace("\n", " "), err=True)


def warn_of_slot(slot: dt.datetime | None) -> None:
    """When to call again, as the one line that a script must not lose to `--quiet`; nothing without a slot."""
    if slot is not None:
        warn(f"Next slot: {slot:%Y-%m-%dT%H:%M:%SZ}")


def from_slot(slot: dt.datetime | None) -> str:
    """From when on the command before it is worth a call; empty without a slot."""
    return f" (from {slot:%Y-%m-%d %H:%M} UTC on)" if slot is not None else ""

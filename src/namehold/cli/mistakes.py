"""A call that can't be understood, told as every other error is: what is wrong, and what was probably meant."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, Final

import typer

from namehold.cli.commands import COMMANDS
from namehold.errors import ExitCode, UsageError

#: The class of all errors about a call; typer has it without a public name.
_USAGE_ERROR: Final[Any] = typer.BadParameter.__base__

#: What other programs take as a command, and how it is called here.
_ELSEWHERE: Final = {"help": "namehold --help", "version": "namehold --version"}


@contextmanager
def told_as_errors(words: Sequence[str] = (), *, caller: Any = None) -> Iterator[None]:
    """Raises UsageError in the place of typer's own errors; `words` are those of the whole call.

    `caller` is the context whose command is about to be called, for errors that don't say which one it is.

    A group that is called without a command shows its help.
    """
    try:
        yield
    except _USAGE_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.ctx.get_help(), err=True)
            raise typer.Exit(ExitCode.USAGE) from None
        raise _explain(error, words, caller) from None


def require_command(word: str) -> None:
    """Raises UsageError for a word that is no command, with the one that was probably meant."""
    if word in COMMANDS or word.startswith("-"):
        return
    meant = [_ELSEWHERE[word]] if word in _ELSEWHERE else [f"namehold {name}" for name in _near(word, COMMANDS)]
    raise UsageError(f"there is no command {word!r}", fix=_question(meant, "namehold --help"))


#: How typer tells that a group hasn't a command.
_NO_COMMAND: Final = re.compile(r"No such command '([^']*)'")


#: The words of typer's library about values and arguments -> ours.
_OURS: Final = {
    r"Input should be a valid integer, .*": "it must be a whole number",
    r"Input should be a valid number, .*": "it must be a number",
    r"Input should be greater than or equal to (\S+)": r"it must be at least \1",
    r"Input should be less than or equal to (\S+)": r"it must be at most \1",
    r"does not match the formats '%Y-%m-%d'": "is no date: YYYY-MM-DD",
    r"Got unexpected extra argument\(s\) \((.*)\)": r"this is more than it takes: \1",
    r"requires an argument": "needs a value",
}


def _near(word: str, known: Iterable[str]) -> list[str]:
    return get_close_matches(word, list(known), n=1)


def _question(meant: Sequence[str], help_: str) -> str:
    return f"did you mean {' or '.join(meant)}? All: {help_}" if meant and help_ not in meant else help_


def _explain(error: Any, words: Sequence[str], caller: Any) -> UsageError:
    context = error.ctx
    path = context.command_path if context is not None else "namehold"
    if context is None and caller is not None:
        path = f"{path} {caller.invoked_subcommand}"
    help_ = f"{path} --help"
    if hasattr(error, "possibilities"):
        return _explain_option(error.option_name, context, help_, words)
    no_command = _NO_COMMAND.match(error.message)
    if no_command and context is not None:
        meant = [f"{path} {name}" for name in _near(no_command[1], context.command.commands)]
        return UsageError(f"there is no command {no_command[1]!r} of {path}", fix=_question(meant, help_))
    # The reader of choices puts its own words before ours.
    text = error.format_message().replace("Value error, ", "").replace("\n\t", " ").replace(",\n", ", ").rstrip(".")
    is_count = text.startswith(("Missing", "Got unexpected"))
    for theirs, ours in _OURS.items():
        text = re.sub(theirs, ours, text)
    message = f"{path}: {text[:1].lower()}{text[1:]}"
    choices = re.findall(r"'([^']*)'", text.partition("not one of")[2])
    given = re.search(r"'([^']*)' is not one of", text)
    if given:
        return UsageError(message, fix=_question(_near(given[1], choices), help_))
    usage = context.get_usage().removeprefix("Usage: ").strip() if context is not None else help_
    usage = " ".join(usage.translate({ord("{"): None, ord("}"): None}).split()).replace("......", "...")
    return UsageError(message, fix=usage if is_count else help_)


def _explain_option(option: str, context: Any, help_: str, words: Sequence[str]) -> UsageError:
    """An option that there isn't; before the command there are hardly any."""
    if context is not None and hasattr(context.command, "commands"):
        # Behind all words, they stand behind the inner command of a group, too.
        at = next((at for at, word in enumerate(words) if word in COMMANDS), None)
        call = [*words[at:], *words[:at]] if at is not None else ["COMMAND", option]
        fix = f"options stand after the command: {context.command_path} {shlex.join(call)}"
        return UsageError(f"there is no option {option} before the command", fix=fix)
    known = [name for param in context.command.params for name in param.opts] if context is not None else []
    # The dashes that all have say nothing: `--since` is not near to `--offline`.
    meant = [f"--{name}" for name in _near(option.strip("-"), (name[2:] for name in known if name.startswith("--")))]
    return UsageError(f"{help_.removesuffix(' --help')}: there is no option {option}", fix=_question(meant, help_))

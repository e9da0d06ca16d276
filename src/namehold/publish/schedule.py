"""Ready files that run namehold (workflows of GitHub and GitLab, systemd units, a line for cron) or publish its trees.

Pure: values in, text out. The minute is derived from the organization's name, so that not everybody's run meets the
index at the same moment; the files add some chance of their own.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Template
from textwrap import indent
from typing import Final

from namehold.index import is_public_host


class Scheduler(StrEnum):
    """What runs namehold; and the locked requirements that the workflows of `github` and `gitlab` install."""

    GITHUB = "github"
    GITLAB = "gitlab"
    SYSTEMD = "systemd"
    CRON = "cron"
    LOCK = "lock"


#: The texts of each scheduler, by the names of the files in `data/schedule/`.
TEXTS: Mapping[Scheduler, tuple[str, ...]] = {
    Scheduler.GITHUB: ("github.yml",),
    Scheduler.GITLAB: ("gitlab.yml",),
    Scheduler.SYSTEMD: ("namehold.service", "namehold.timer"),
    Scheduler.CRON: ("crontab",),
    Scheduler.LOCK: ("requirements.txt",),
}

#: The parts that a text of the same folder takes in where a line says `@include NAME`.
INCLUDED: Mapping[Scheduler, tuple[str, ...]] = {
    Scheduler.GITHUB: (
        "github-setup.yml",
        "github-refuse.yml",
        "github-keep.yml",
        "pull-request.sh",
        "main-plan.sh",
        "comment.sh",
        "refuse-open.sh",
        "keep-ledger.sh",
    ),
    Scheduler.GITLAB: ("pull-request.sh", "main-plan.sh", "note.sh", "refuse-open.sh", "keep-ledger.sh"),
}
_INCLUDE: Final = re.compile(r"^( *)@include ([\w.-]+)\n", re.MULTILINE)

#: A path that YAML, a shell and a pattern of a workflow all read as it is: none of its characters means anything there.
_PLAIN_PATH: Final = re.compile(r"[A-Za-z_./][A-Za-z0-9_./+-]*")

#: Where the workflows look for the locked requirements, from the top of the repository.
LOCK_FILES: Mapping[Scheduler, str] = {
    Scheduler.GITHUB: ".github/namehold-requirements.txt",
    Scheduler.GITLAB: ".gitlab/namehold-requirements.txt",
}
#: A wheel in the repository, or an address with its whole commit hash: what is installed can't change unseen.
_SOURCE: Final = re.compile(r"[\w./-]+\.whl|git\+https://[\w./~-]+@[0-9a-f]{40}", re.ASCII)
#: An index of one's own. It may give out another file under the same version some day, so the file's hash is pinned.
_OWN_INDEX: Final = re.compile(r"https://[\w.-]+(?::\d+)?/[\w./~+-]*/", re.ASCII)

#: The text of the workflow that publishes source trees, in the same folder.
PUBLISHING_TEXT: Final = "publish.yml"
#: The front end that the workflow calls; the bytes are the back end's, so any version gives the same.
_BUILD_VERSION: Final = "1.6.1"


class _Text(Template):
    """`@name` is filled in, `@@` is one at sign: `$` belongs to shells and workflows."""

    delimiter = "@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is filled in. `folder`, `config` and `state` are paths as the scheduler sees them; `program` is namehold.

    `source` is where the workflow installs it from; `sha256` are the digests of its files on an index of one's own.
    """

    organization: str
    version: str
    folder: str
    config: str
    state: str
    program: str
    source: str = ""
    sha256: tuple[str, ...] = ()


def is_source(text: str) -> bool:
    """Whether the workflow may install namehold from there.

    `vendor/NAME.whl`, `git+https://HOST/PATH@COMMIT`, or the simple interface of an index of one's own,
    `https://HOST/PATH/`; from a public index nothing of that name is ours.
    """
    return bool(_SOURCE.fullmatch(text)) or (bool(_OWN_INDEX.fullmatch(text)) and not is_public_host(text))


def is_plain_path(path: str) -> bool:
    """Whether a path may stand in a workflow: in its YAML, its shell texts, its patterns and its expressions."""
    return _PLAIN_PATH.fullmatch(path) is not None


def needs_digest(source: str) -> bool:
    """Whether the source alone doesn't say which bytes are installed: an index of one's own."""
    return _OWN_INDEX.fullmatch(source) is not None


def write_schedule(scheduler: Scheduler, texts: Mapping[str, str], schedule: Schedule) -> str:
    """The filled-in texts of one scheduler, one after the other; paths are quoted as this scheduler reads them.

    `texts` are those of `TEXTS` and `INCLUDED`, by their names. Locked requirements come as they are.
    """
    chosen = hashlib.sha256(schedule.organization.encode()).digest()
    quote = _QUOTES[scheduler]
    folder = schedule.config[: schedule.config.rfind("/") + 1]
    values = {
        "version": schedule.version,
        "minute": str(chosen[0] % 60),
        "hour": str(chosen[1] % 24),
        # systemd takes the rest of some lines as they are, and a dollar sign as a variable's in commands alone.
        "bare_folder": _without_specifiers(schedule.folder),
        "listed_folder": _quote_for_systemd(schedule.folder),
        "lock": LOCK_FILES.get(scheduler, ""),
        "paths": json.dumps([schedule.config, *(f"{folder}{name}" for name in ("evidence.yaml", "templates/**"))]),
        **{key: quote(getattr(schedule, key)) for key in ("folder", "config", "state", "program")},
        "source": _words_for_pip(schedule),
    }
    chosen_texts = [texts[name] for name in TEXTS[scheduler]]
    if scheduler is Scheduler.LOCK:
        return "\n".join(chosen_texts)
    return "\n".join(_Text(_include(text, texts)).substitute(values) for text in chosen_texts)


def _include(text: str, parts: Mapping[str, str]) -> str:
    """`text` with the parts that it names, each as deep as the line that names it.

    A script is taken as it is: its at signs are no values to be filled in.
    """

    def part(match: re.Match[str]) -> str:
        depth, name = match.groups()
        found = parts[name].replace("@", "@@") if name.endswith(".sh") else _include(parts[name], parts)
        return indent(found, depth)

    return _INCLUDE.sub(part, text)


def _words_for_pip(schedule: Schedule) -> str:
    """What pip is told to install, for bash: the source itself, or these files of this version from an index alone.

    pip takes hashes only from a file of requirements, which a process substitution is.
    """
    source = shlex.quote(schedule.source)
    if not needs_digest(schedule.source):
        return source
    hashes = " ".join(f"--hash=sha256:{digest}" for digest in schedule.sha256)
    wanted = shlex.quote(f"namehold=={schedule.version} {hashes}")
    return f"--require-hashes --index-url {source} --requirement <(echo {wanted})"


def write_publishing(text: str, folders: Collection[str], *, hatchling: str, epoch_s: int) -> str:
    """The filled-in workflow that publishes one of `folders` (source trees) without a token; there is at least one.

    `hatchling` is the version that builds here, `epoch_s` the time in every archive, in seconds since 1970.
    """
    options = "\n".join(f'          - "{folder}"' for folder in sorted(folders))
    values = {"options": options, "build": _BUILD_VERSION, "hatchling": hatchling, "epoch": str(epoch_s)}
    return _Text(text).substitute(values)


def _quote_for_cron(text: str) -> str:
    """A word for the shell; cron makes a line end of every percent sign that isn't escaped (crontab(5))."""
    return shlex.quote(text).replace("%", "\\%")


def _quote_for_systemd(text: str) -> str:
    """A word of a unit file, in double quotes where it needs any (systemd.service(5), systemd.unit(5))."""
    safe = _without_specifiers(text)
    if re.fullmatch(r"[\w@%+=:,./$-]+", safe, re.ASCII):
        return safe
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quote_for_command(text: str) -> str:
    """A word of a unit file's command, where `$$` is a dollar sign."""
    return _quote_for_systemd(text).replace("$", "$$")


def _without_specifiers(text: str) -> str:
    return text.replace("%", "%%")


_QUOTES: Mapping[Scheduler, Callable[[str], str]] = {
    Scheduler.GITHUB: shlex.quote,
    Scheduler.GITLAB: shlex.quote,
    Scheduler.SYSTEMD: _quote_for_command,
    Scheduler.CRON: _quote_for_cron,
    Scheduler.LOCK: str,
}

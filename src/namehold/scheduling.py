"""Ready files that run namehold once a day: a GitHub workflow, systemd units, a line for cron.

Pure: values in, text out. The minute is derived from the organization's name, so that not everybody's run meets the
index at the same moment; the files add some chance of their own.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Template


class Scheduler(StrEnum):
    """What runs namehold."""

    GITHUB = "github"
    SYSTEMD = "systemd"
    CRON = "cron"


#: The texts of each scheduler, by the names of the files in `data/schedule/`.
TEXTS: Mapping[Scheduler, tuple[str, ...]] = {
    Scheduler.GITHUB: ("github.yml",),
    Scheduler.SYSTEMD: ("namehold.service", "namehold.timer"),
    Scheduler.CRON: ("crontab",),
}


class _Text(Template):
    """`@name` is filled in, `@@` is one at sign: `$` belongs to shells and workflows."""

    delimiter = "@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is filled in. `folder`, `config` and `state` are paths as the scheduler sees them; `program` is namehold."""

    organization: str
    version: str
    folder: str
    config: str
    state: str
    program: str


def write_schedule(texts: Mapping[str, str], schedule: Schedule) -> str:
    """The filled-in texts of one scheduler, one after the other."""
    chosen = hashlib.sha256(schedule.organization.encode()).digest()
    values = {
        "version": schedule.version,
        "minute": str(chosen[0] % 60),
        "hour": str(chosen[1] % 24),
        **{key: shlex.quote(getattr(schedule, key)) for key in ("folder", "config", "state", "program")},
    }
    return "\n".join(_Text(text).substitute(values) for text in texts.values())

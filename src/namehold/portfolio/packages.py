"""A package and what people call it, as frozen values: what the ranking needs of names.yaml, without all the rest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from packaging.utils import NormalizedName


class SurfaceKind(StrEnum):
    """How people reach a package by a string; the kinds of `Surface`."""

    PROJECT = "project"
    IMPORT = "import"
    NAMESPACE = "namespace"
    COMMAND = "command"
    ENTRY_POINT = "entry-point"
    EXTRA = "extra"
    ALIAS = "alias"
    FORMER = "former"
    REPOSITORY = "repository"
    DOCUMENTED = "documented"
    OBSERVED = "observed"
    PROBED = "probed"
    INTERNAL = "internal"
    FUTURE = "future"


class NameClass(StrEnum):
    """What kind of name a candidate is; the policy routes by it. Strongest first."""

    ALWAYS = "always"
    OBSERVED = "observed"
    SURFACE = "surface"
    TYPO = "typo"
    COMBO = "combo"
    INTERNAL = "internal"
    FUTURE = "future"


#: The source of what names.yaml says without saying from where: a claim.
CLAIMED_SOURCE = "names.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release of a package; `date` is the day of its first upload, None where it isn't known."""

    version: str
    date: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One string by which people reach a package, and where we know it from.

    `source` is where it was seen and `date` when. `first_release` and `last_release` are the first and the last
    release that show it, as far as releases were looked through.
    """

    kind: SurfaceKind
    value: str
    source: str
    date: dt.date | None = None
    first_release: Release | None = None
    last_release: Release | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One project that the organization owns.

    `surfaces` holds everything but the project name itself; `companions` are projects used together with it.
    `confirmed` are names that a person confirmed for a redirect although they lack the package's own token.
    `ignored` are values that discovery may find and that a person says are wrong.
    `users` says how many people use it compared with others (1: hardly anybody); None: computed. It only orders names.
    `summary` and `topics` say what it is for, in the words of its users: language models are asked with them.
    """

    name: NormalizedName
    spelled: str
    surfaces: tuple[Surface, ...] = ()
    companions: tuple[NormalizedName, ...] = ()
    confirmed: tuple[NormalizedName, ...] = ()
    ignored: tuple[str, ...] = ()
    published: bool = True
    users: float | None = None
    summary: str = ""
    topics: tuple[str, ...] = ()

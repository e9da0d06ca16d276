"""What the entry of a package in names.yaml may hold, and what every mapping of the file has in common (pydantic)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictStr

from namehold.names import normalize
from namehold.portfolio import model, packages
from namehold.portfolio.fields import Command, Group, Import, Name, SpelledName, Text


def short_form(key: str, text: Any, full: type[BaseModel]) -> BeforeValidator:
    """A bare text stands for a mapping with this one key; the schema says so too."""

    def expand(value: Any) -> Any:
        return value if value is None or isinstance(value, dict | list) else {key: value}

    return BeforeValidator(expand, json_schema_input_type=text | full)


def freeze(value: Any) -> Any:
    """A checked value as a frozen one; a mapping by classes of names as pairs in the order of the classes.

    So the order of the file's keys doesn't reach the digest.
    """
    if isinstance(value, Shape):
        return value.freeze()
    if isinstance(value, tuple):
        return tuple(map(freeze, value))
    return (
        tuple((kind, value[kind]) for kind in packages.NameClass if kind in value) if isinstance(value, dict) else value
    )


class Shape(BaseModel):
    """A mapping of the file: unknown keys are errors."""

    # Deferred: the shape of the whole file builds the shapes in it anew anyway.
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        defer_build=True,
        model_title_generator=lambda shape: shape.__name__.removesuffix("Shape"),
    )
    #: The type of the frozen value: it has the shape's fields, unless the shape's own `freeze` says otherwise.
    becomes: ClassVar[Callable[..., Any]]

    def freeze(self) -> Any:
        """The frozen value that the mapping stands for."""
        return type(self).becomes(**{name: freeze(value) for name, value in self})


class ReleaseShape(Shape):
    """A release of a package."""

    becomes = packages.Release
    version: Text = Field(description="Its version; in quotes where it looks like a number.", examples=["2.1.0"])
    date: dt.date | None = Field(None, description="When it was uploaded.")


class SurfaceShape(Shape):
    """A string by which people reach a package; where only the string is known, write it alone."""

    value: StrictStr
    source: Text = Field(packages.CLAIMED_SOURCE, description="Where it is known from.")
    date: dt.date | None = Field(None, description="When it was seen there.")
    first_release: ReleaseShape | None = Field(None, description="The first release that shows it.")
    last_release: ReleaseShape | None = Field(None, description="The last release that shows it.")

    def freeze_as(self, kind: packages.SurfaceKind) -> packages.Surface:
        """The surface, of the kind that its list is for."""
        return packages.Surface(kind=kind, **{name: freeze(value) for name, value in self})


class ImportShape(SurfaceShape):
    """A module that the package installs."""

    value: Import = Field(description="As it stands after `import`.", examples=["acme_tool"])


class CommandShape(SurfaceShape):
    """A command that the package installs."""

    value: Command = Field(description="As it is typed, without arguments.", examples=["acme-tool"])


class GroupShape(SurfaceShape):
    """A group of entry points that the package offers."""

    value: Group = Field(description="As it stands in brackets in entry_points.txt.", examples=["pytest11"])


class NameSurfaceShape(SurfaceShape):
    """Another name of the package."""

    value: SpelledName = Field(description="Another name of the package.", examples=["acme-toolkit"])


ImportEntry = Annotated[ImportShape, short_form("value", Import, ImportShape)]
CommandEntry = Annotated[CommandShape, short_form("value", Command, CommandShape)]
GroupEntry = Annotated[GroupShape, short_form("value", Group, GroupShape)]
NameSurfaceEntry = Annotated[NameSurfaceShape, short_form("value", SpelledName, NameSurfaceShape)]


class PackageShape(Shape):
    """A project that the organization owns, with the strings by which people reach it."""

    name: SpelledName = Field(description="The project's name on the index.", examples=["acme-tool"])
    imports: tuple[ImportEntry, ...] = Field((), description="Modules that it installs.")
    namespaces: tuple[ImportEntry, ...] = Field((), description="Namespaces that its modules lie in (PEP 420).")
    commands: tuple[CommandEntry, ...] = Field((), description="Commands that it installs.")
    entry_points: tuple[GroupEntry, ...] = Field(
        (), description="Entry-point groups that it fills, other than its commands."
    )
    extras: tuple[NameSurfaceEntry, ...] = Field((), description="Extras that it offers.")
    aliases: tuple[NameSurfaceEntry, ...] = Field((), description="Names that people call it by.")
    former: tuple[NameSurfaceEntry, ...] = Field((), description="Names that it had once.")
    repositories: tuple[NameSurfaceEntry, ...] = Field((), description="Names of its repositories.")
    companions: tuple[Name, ...] = Field((), description="Projects that are used together with it.")
    confirmed: tuple[Name, ...] = Field(
        (),
        description=(
            "Imports, commands, aliases and former names without a word of the package's own name that a person "
            "confirmed for a placeholder all the same."
        ),
    )
    ignore: tuple[Text, ...] = Field(
        (), description="What discovery finds in the package's files but is wrong: never written here, never a ground."
    )
    published: StrictBool = Field(default=True, description="Whether it is on the index already.")
    users: float | None = Field(
        None,
        gt=0,
        le=1_000_000,
        description=(
            "How many people use it, compared with the others: 1 is a package that hardly anybody knows, a widely used "
            "framework has several hundred. It orders names and opens nothing. Default: computed from downloads and "
            "from the projects whose names begin with its name."
        ),
        examples=[250],
    )
    summary: Text = Field("", description="What it is for, in one line; language models are asked with it.")
    topics: tuple[Text, ...] = Field(
        (),
        description="What people use it for, in their words; language models are asked with each.",
        examples=[["gripper calibration"]],
    )

    def freeze(self) -> packages.Package:
        """The package, with the values of all its lists as surfaces."""
        return packages.Package(
            name=normalize(self.name),
            spelled=self.name,
            surfaces=tuple(
                item.freeze_as(kind) for kind, key in model.SURFACE_LISTS.items() for item in getattr(self, key)
            ),
            companions=self.companions,
            confirmed=self.confirmed,
            ignored=self.ignore,
            published=self.published,
            users=self.users,
            summary=self.summary,
            topics=self.topics,
        )

"""What names.yaml and evidence.yaml may hold, key by key: the edge where outside data comes in (pydantic).

The same types check a file, become the JSON Schema for editors, and turn what they checked into frozen values.
A shape has the fields of its value, so that a new key is one line here and one in `model.py`.
A validator's error type is the rule id of the diagnostic; its `fix` travels in the error's context.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from namehold.index import IndexChoice
from namehold.names import normalize
from namehold.portfolio import model
from namehold.portfolio.fields import (
    Command,
    Contact,
    Group,
    Import,
    IndexAddress,
    Name,
    SpelledName,
    Text,
    Username,
    WebAddress,
    refuse_value,
)

#: A final release in its normal form (PEP 440): what an adopted placeholder may be followed by. No local part, which
#: an index refuses, and nothing that pip skips (alpha, beta, candidate, development).
_LATER_VERSION = r"^([1-9][0-9]{0,8}!)?(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){0,5}(\.post(0|[1-9][0-9]{0,8}))?$"

_POLICY, _BUDGET, _WATCHING = model.Policy(), model.Budget(), model.Watching()


def _check_packages(packages: tuple[Any, ...]) -> tuple[Any, ...]:
    if not packages:
        raise refuse_value("config-value", "no package is listed", "list the packages that you own")
    return packages


def _short(key: str, text: Any, full: type[BaseModel]) -> BeforeValidator:
    """A bare text stands for a mapping with this one key; the schema says so too."""

    def expand(value: Any) -> Any:
        return value if value is None or isinstance(value, dict | list) else {key: value}

    return BeforeValidator(expand, json_schema_input_type=text | full)


def _freeze(value: Any) -> Any:
    """A checked value as a frozen one; a mapping by classes of names as pairs in the order of the classes.

    So the order of the file's keys doesn't reach the digest.
    """
    if isinstance(value, Shape):
        return value.freeze()
    if isinstance(value, tuple):
        return tuple(map(_freeze, value))
    return tuple((kind, value[kind]) for kind in model.NameClass if kind in value) if isinstance(value, dict) else value


class Shape(BaseModel):
    """A mapping of the file: unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, model_title_generator=lambda shape: shape.__name__.removesuffix("Shape")
    )
    #: The type of the frozen value: it has the shape's fields, unless the shape's own `freeze` says otherwise.
    becomes: ClassVar[Callable[..., Any]]

    def freeze(self) -> Any:
        """The frozen value that the mapping stands for."""
        return type(self).becomes(**{name: _freeze(value) for name, value in self})


class OrganizationShape(Shape):
    """Who holds the names: every placeholder says so. A person who maintains one package is an organization too."""

    becomes = model.Organization
    name: Text = Field(description="As it should stand in every placeholder.", examples=["Acme Robotics"])
    contact: Contact = Field(
        description=(
            "Where a claim on a name arrives: a role mailbox, or the address of an issue tracker or a security "
            "policy that the packages link to. Never a person's mailbox."
        ),
        examples=["security@acme-robotics.example", "https://acme-robotics.example/security"],
    )
    homepage: WebAddress = Field("", description="The organization's site.")
    legal_name: Text = Field("", description="The name in a register, where it differs.")
    policy_page: WebAddress = Field("", description="The page that explains the reservations.")
    index_organization: SpelledName = Field("", description="The organization account on the index.")
    register_page: WebAddress = Field("", description="Where the public register of its names stands.")
    source_page: WebAddress = Field("", description="Where the source of its placeholders is published.")


class AccountShape(Shape):
    """The one account that reserves. Best is one that owns no production project."""

    becomes = model.Account
    index: Text = Field(description="`pypi`, `testpypi`, or a nickname whose addresses stand under `index`.")
    username: Username = Field(description="The user name on the index; never a token.", examples=["acme-reserve"])
    holders: tuple[Username, ...] = Field((), description="Users who own the packages on the index.")


class ReleaseShape(Shape):
    """A release of a package."""

    becomes = model.Release
    version: Text = Field(description="Its version; in quotes where it looks like a number.", examples=["2.1.0"])
    date: dt.date | None = Field(None, description="When it was uploaded.")


class SurfaceShape(Shape):
    """A string by which people reach a package; where only the string is known, write it alone."""

    value: StrictStr
    source: Text = Field(model.CLAIMED_SOURCE, description="Where it is known from.")
    date: dt.date | None = Field(None, description="When it was seen there.")
    first_release: ReleaseShape | None = Field(None, description="The first release that shows it.")
    last_release: ReleaseShape | None = Field(None, description="The last release that shows it.")

    def freeze_as(self, kind: model.SurfaceKind) -> model.Surface:
        """The surface, of the kind that its list is for."""
        return model.Surface(kind=kind, **{name: _freeze(value) for name, value in self})


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


ImportEntry = Annotated[ImportShape, _short("value", Import, ImportShape)]
CommandEntry = Annotated[CommandShape, _short("value", Command, CommandShape)]
GroupEntry = Annotated[GroupShape, _short("value", Group, GroupShape)]
NameSurfaceEntry = Annotated[NameSurfaceShape, _short("value", SpelledName, NameSurfaceShape)]


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
            "from the projects that carry its name."
        ),
        examples=[250],
    )

    def freeze(self) -> model.Package:
        """The package, with the values of all its lists as surfaces."""
        return model.Package(
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
        )


class InternalShape(Shape):
    """A name that is used inside the organization only. Asking for either makes the name public."""

    name: Name
    ask: Literal["request", "refuse"] | None = Field(
        None,
        description=(
            "`request`: ask the index to prohibit the name. `refuse`: publish a placeholder whose installation stops "
            "with an explanation. Without it nothing is done on the index: the clients' settings protect the name."
        ),
    )

    def freeze(self) -> model.InternalName:
        """The name, with the route and the placeholder that `ask` means."""
        if self.ask == "refuse":
            return model.InternalName(name=self.name, ask=model.Route.RESERVE, mode=model.Mode.REFUSE)
        return model.InternalName(name=self.name, ask=model.Route.REQUEST if self.ask else None)


class ObservedShape(Shape):
    """A name that models or people were seen to ask for, which isn't one of the packages."""

    becomes = model.Observation
    name: Name
    package: Name = Field(description="The package that was meant.")
    source: Text = Field(description="What asked for it: a model's name, a help channel, a log.")
    date: dt.date = Field(description="When it was last seen.")
    count: StrictInt = Field(1, ge=1, description="How many answers held it.")
    of: StrictInt | None = Field(None, ge=1, description="How many answers there were.")
    link: WebAddress = Field("", description="Where the observation can be read.")


class AlwaysShape(Shape):
    """A name that is wanted whatever its score; budget, guards and the index's rules hold for it too."""

    becomes = model.AlwaysName
    name: Name
    package: Name = Field(description="The package that it points to.")
    reason: Text = Field(description="Why; the placeholder says it to everyone.")
    route: Annotated[Literal["reserve", "request", "watch"], AfterValidator(model.Route)] | None = Field(
        None, description="How."
    )
    mode: model.Mode | None = Field(None, description="What its placeholder does.")


class NeverShape(Shape):
    """A name that nothing must be done about."""

    becomes = model.NeverName
    name: Name
    reason: Text = Field("names.yaml says so", description="Why.")


class NamespaceShape(Shape):
    """A namespace grant (PEP 752) that the organization holds: it covers `prefix` and `prefix-*`."""

    becomes = model.NamespaceGrant
    prefix: Name
    since: dt.date


class LookAlikeShape(Shape):
    """A person's verdict, after looking at it, that a stranger's project imitates one of the packages."""

    becomes = model.LookAlike
    name: Name
    package: Name = Field(description="The package that it imitates.")
    date: dt.date = Field(description="The day of the verdict.")
    note: Text = Field("", description="What was found. Name the project, never a person.")


class UnrelatedShape(Shape):
    """A person's verdict, after looking at it, that a stranger's project has nothing to do with the packages."""

    becomes = model.Unrelated
    name: Name
    date: dt.date | None = Field(None, description="The day of the verdict.")
    note: Text = Field("", description="What was found. Name the project, never a person.")
    by: Text = Field("", description="Who judged: a role of the organization, or one of its people.")
    until: dt.date | None = Field(None, description="The last day on which the verdict counts.")
    serial: StrictInt | None = Field(
        None, ge=1, description="The project's serial on the index's list. With another one the verdict ends."
    )


class AcceptedMentionShape(Shape):
    """A name that documents mention on purpose: `scan` doesn't report it until that day."""

    becomes = model.AcceptedMention
    name: Name
    reason: Text = Field(description="Why it stands there.", examples=["the warning in our security page"])
    until: dt.date = Field(description="The last day on which it isn't reported.")
    file: Text = Field("", description="The file, as `scan` tells it. Default: every file.")


class RenewalShape(Shape):
    """A later version of a placeholder that is held: it points elsewhere now, or warns of its end. Costs no slot."""

    becomes = model.Renewal
    name: Name
    version: Annotated[str, Field(pattern=_LATER_VERSION)] = Field(
        description="Its version, above the held one.", examples=["0.0.2"]
    )
    reason: Text = Field(description="Why; the placeholder says it to everyone.")
    package: Name | None = Field(None, description="The package that it points to from now on. Default: as before.")
    withdraw_on: dt.date | None = Field(
        None, description="The end that it warns of: the name is handed over from this day on."
    )


#: What a person may choose for a whole class of names; PROTECTED, NAMESPACE and FLAG are facts, not choices.
RouteChoice = Annotated[Literal["reserve", "request", "watch", "none"], AfterValidator(model.Route)]


class PolicyShape(Shape):
    """How names are routed. An override chooses among allowed routes and lifts no guard."""

    becomes = model.Policy
    name: model.PolicyName = Field(
        default=_POLICY.name,
        description="`cautious` reserves what is the organization's own, `protective` also the best confusable names.",
    )
    threshold: float = Field(
        default=_POLICY.threshold,
        ge=0,
        le=1,
        strict=True,
        description="Below this score nothing is reserved: the chance of use if the package is attacked or asked for.",
    )
    routes: dict[model.NameClass, RouteChoice] = Field(default={}, description="Another route for a class of names.")
    modes: dict[model.NameClass, model.Mode] = Field(
        default={}, description="Another placeholder for a class of names."
    )
    review_date: dt.date | None = Field(
        default=None, description="When the placeholders are looked at again. Default: the end of next year."
    )
    answer_days: StrictInt = Field(
        default=_POLICY.answer_days, ge=1, le=90, description="The promised days to answer a claim."
    )
    candidates: StrictInt = Field(
        default=_POLICY.candidates, ge=1, le=10_000, description="Ranked names that are assessed a package."
    )
    templates: Text = Field(default="", description="A folder with templates of your own, seen from names.yaml.")


class BudgetShape(Shape):
    """A ceiling, not a target."""

    becomes = model.Budget
    total: StrictInt = Field(
        default=_BUDGET.total,
        ge=0,
        le=model.MAX_NAMES_AN_ACCOUNT,
        description="Names that the account may hold over all time.",
    )
    per_package: StrictInt = Field(
        default=_BUDGET.per_package,
        ge=0,
        le=model.MAX_NAMES_A_PACKAGE,
        description="Names for one package over all time.",
    )
    floor: StrictInt = Field(
        default=_BUDGET.floor,
        ge=0,
        le=model.MAX_NAMES_A_PACKAGE,
        description="Names that each package gets, if they reach the threshold, before any package gets more.",
    )
    per_day: StrictInt | None = Field(default=None, ge=1, description="Names a day. Default: the index's quota.")
    keep_slots: StrictInt = Field(
        default=0, ge=0, description="Slots of the quota that are left for new projects of your own."
    )


class WatchingShape(Shape):
    """How near a stranger's name is told by `namehold watch`."""

    becomes = model.Watching
    one_edit_from: StrictInt = Field(
        default=_WATCHING.one_edit_from, ge=1, description="Letters of a name from which one edit is near."
    )
    two_edits_from: StrictInt = Field(
        default=_WATCHING.two_edits_from, ge=1, description="Letters of a name from which two edits are near."
    )


class PublishingShape(Shape):
    """Whether anything may be sent to an index that isn't on this machine."""

    becomes = model.Publishing
    enabled: StrictBool = Field(default=False, description="False until the plan has been read by a person.")
    announced: dt.date | None = Field(default=None, description="When the index's administrators were told.")


class IndexShape(Shape):
    """The addresses of a private index."""

    upload: IndexAddress = Field(description="Where twine uploads to.")
    simple: IndexAddress = Field(description="The simple interface that pip reads.")
    json_: IndexAddress = Field("", alias="json", description="The JSON interface, if there is one.")
    ownership: Literal["shown", "attested"] = Field(
        "shown", description="`attested`: you vouch for who owns what, because the index can't show it."
    )
    missing: Literal[403, 404] = Field(
        404, description="403: this answer means 'not here', too, for a name that the index's list lacks."
    )
    file_hosts: tuple[StrictStr, ...] = Field(
        (), description="Other hosts (HOST or HOST:PORT) to which the index may send a reader for a file."
    )

    def freeze(self) -> IndexChoice:
        """The addresses as they are given."""
        return IndexChoice(**self.model_dump(by_alias=True))


class FileShape(Shape):
    """names.yaml: what an organization owns, and how it wants the names around it treated."""

    becomes = model.Portfolio
    organization: OrganizationShape
    account: AccountShape
    packages: Annotated[
        tuple[Annotated[PackageShape, _short("name", SpelledName, PackageShape)], ...], AfterValidator(_check_packages)
    ] = Field(
        description="What the organization owns on the index; a bare name is enough.", json_schema_extra={"minItems": 1}
    )
    internal: tuple[Annotated[InternalShape, _short("name", Name, InternalShape)], ...] = Field(
        (), description="Names that are used inside the organization only."
    )
    future: tuple[Name, ...] = Field((), description="Names of packages to come.")
    observed: tuple[ObservedShape, ...] = Field((), description="Names that models or people asked for.")
    always: tuple[AlwaysShape, ...] = Field((), description="Names that are wanted whatever their score.")
    never: tuple[Annotated[NeverShape, _short("name", Name, NeverShape)], ...] = Field(
        (), description="Names that nothing must be done about."
    )
    namespaces: tuple[NamespaceShape, ...] = Field((), description="Namespace grants (PEP 752).")
    look_alikes: tuple[LookAlikeShape, ...] = Field((), description="Strangers' projects that imitate.")
    unrelated: tuple[Annotated[UnrelatedShape, _short("name", Name, UnrelatedShape)], ...] = Field(
        (), description="Strangers' projects that a person looked at and that have nothing to do with ours."
    )
    renewals: tuple[RenewalShape, ...] = Field(
        (), alias="renew", description="Later versions of placeholders that are held."
    )
    accepted: tuple[AcceptedMentionShape, ...] = Field(
        (), alias="accepted_mentions", description="Names in documents that `scan` doesn't report."
    )
    policy: Annotated[PolicyShape, _short("name", model.PolicyName, PolicyShape)] = Field(
        PolicyShape(), description="How names are routed: `cautious`, `protective`, or a mapping."
    )
    budget: BudgetShape = BudgetShape()
    publishing: PublishingShape = PublishingShape()
    watching: WatchingShape = Field(
        WatchingShape(), alias="watch", description="How near a name must be for `namehold watch` to tell it."
    )
    index: IndexShape | None = Field(None, description="Addresses, where `account.index` is a private index.")
    demo: StrictBool = Field(
        default=False, description="An invented organization: example addresses are fine, publishing is impossible."
    )


class EvidenceShape(Shape):
    """evidence.yaml: what models answered, documents say and people observed, counted, a list each."""

    probed: tuple[ObservedShape, ...] = Field((), description="Names in the answers of language models.")
    documented: tuple[ObservedShape, ...] = Field((), description="Names in documents.")
    observed: tuple[ObservedShape, ...] = Field((), description="Names that people were seen to ask for.")

    def freeze(self) -> model.Evidence:
        """The observations of all lists, each with its list's kind."""
        return model.Evidence(
            observations=tuple(
                replace(item.freeze(), kind=kind) for kind in model.EVIDENCE_KINDS for item in getattr(self, kind)
            )
        )


class EditorSchema(GenerateJsonSchema):
    """The JSON Schema as an editor should see it: no titles that repeat a key, nothing empty to complete with."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- the signature is pydantic's
        """Never: the key is the title."""
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """An optional key is left out, never empty."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default only where it says something."""
        described = super().default_schema(schema)
        return {key: value for key, value in described.items() if key != "default" or value not in (None, "", [], {})}

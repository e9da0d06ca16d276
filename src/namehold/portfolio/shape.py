"""What names.yaml and evidence.yaml may hold, key by key: the edge where outside data comes in (pydantic).

The same types check a file, become the JSON Schema for editors, and turn what they checked into frozen values.
A shape has the fields of its value, so that a new key is one line here and one in `model.py`.
A validator's error type is the rule id of the diagnostic; its `fix` travels in the error's context.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from namehold.index import IndexChoice
from namehold.portfolio import model, packages
from namehold.portfolio.fields import (
    Contact,
    IndexAddress,
    Mailbox,
    ModelAddress,
    Name,
    SpelledName,
    Text,
    Username,
    WebAddress,
    refuse_value,
)
from namehold.portfolio.package_shape import PackageShape, Shape, short_form

#: A final release in its normal form (PEP 440): what an adopted placeholder may be followed by. No local part, which
#: an index refuses, and nothing that pip skips (alpha, beta, candidate, development).
_LATER_VERSION = r"^([1-9][0-9]{0,8}!)?(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){0,5}(\.post(0|[1-9][0-9]{0,8}))?$"

_ACCOUNT, _POLICY, _BUDGET = model.Account(), model.Policy(), model.Budget()
_WATCHING, _PROBING = model.Watching(), model.Probing()


def _check_packages(packages: tuple[Any, ...]) -> tuple[Any, ...]:
    if not packages:
        raise refuse_value("config-value", "no package is listed", "list the packages that you own")
    return packages


class OrganizationShape(Shape):
    """Who holds the names: every placeholder says so. A person who maintains one package is an organization too."""

    becomes = model.Organization
    name: Text = Field(
        default="",
        description="As it should stand in every placeholder. Needed before anything is approved, built or sent.",
        examples=["Acme Robotics"],
    )
    contact: Contact = Field(
        default="",
        description=(
            "Where a claim on a name arrives: a role mailbox, or the address of an issue tracker or a security "
            "policy that the packages link to. Never a person's mailbox. Needed before anything is approved, built or "
            "sent."
        ),
        examples=["security@acme-robotics.example", "https://acme-robotics.example/security"],
    )
    homepage: WebAddress = Field(default="", description="The organization's site.")
    legal_name: Text = Field(default="", description="The name in a register, where it differs.")
    policy_page: WebAddress = Field(default="", description="The page that explains the reservations.")
    index_organization: SpelledName = Field(default="", description="The organization account on the index.")
    register_page: WebAddress = Field(default="", description="Where the public register of its names stands.")
    source_page: WebAddress = Field(default="", description="Where the source of its placeholders is published.")


class AccountShape(Shape):
    """The one account that reserves. Best is one that owns no production project."""

    becomes = model.Account
    index: Text = Field(
        default=_ACCOUNT.index, description="`pypi`, `testpypi`, or a nickname whose addresses stand under `index`."
    )
    username: Username = Field(
        default="",
        description="The user name on the index; never a token. Needed before anything is approved, built or sent.",
        examples=["acme-reserve"],
    )
    holders: tuple[Username, ...] = Field(default=(), description="Users who own the packages on the index.")


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
    runs: StrictInt | None = Field(None, ge=1, description="In how many runs of a survey an answer held it.")
    of_runs: StrictInt | None = Field(None, ge=1, description="How many runs there were.")
    prompts: StrictInt | None = Field(None, ge=1, description="After how many prompts an answer held it.")
    of_prompts: StrictInt | None = Field(None, ge=1, description="How many prompts there were.")
    licence: Text = Field("", description="The licence of the list that it comes from.")


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


class JudgedShape(Shape):
    """A person's verdict about a stranger's project, after looking at it."""

    name: Name
    date: dt.date | None = Field(None, description="The day of the verdict.")
    note: Text = Field("", description="What was found. Name the project, never a person.")
    by: Text = Field("", description="Who judged: a role of the organization, or one of its people.")
    until: dt.date | None = Field(None, description="The last day on which the verdict counts.")
    serial: StrictInt | None = Field(
        None, ge=1, description="The project's serial on the index's list. With another one the verdict ends."
    )


class LookAlikeShape(JudgedShape):
    """A person's verdict, after looking at it, that a stranger's project imitates one of the packages."""

    becomes = model.LookAlike
    package: Name = Field(description="The package that it imitates.")
    date: dt.date = Field(description="The day of the verdict.")


class UnrelatedShape(JudgedShape):
    """A person's verdict, after looking at it, that a stranger's project has nothing to do with the packages."""

    becomes = model.Unrelated


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
    routes: dict[packages.NameClass, RouteChoice] = Field(default={}, description="Another route for a class of names.")
    modes: dict[packages.NameClass, model.Mode] = Field(
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


class ProbedModelShape(Shape):
    """A language model that `namehold probe` asks."""

    becomes = model.ProbedModel
    name: Text = Field(description="The model's name at its endpoint.", examples=["smollm2"])
    input_price: float | None = Field(None, ge=0, description="Price of a million tokens of a prompt.")
    output_price: float | None = Field(None, ge=0, description="Price of a million tokens of an answer.")
    limit_key: Literal["max_tokens", "max_completion_tokens"] = Field(
        "max_tokens", description="The endpoint's word for the most tokens of an answer."
    )


class ProbeEndpointShape(Shape):
    """An OpenAI-compatible chat endpoint. Its key comes from the environment or the keyring, never from here."""

    becomes = model.ProbeEndpoint
    url: ModelAddress = Field(description="Its address up to `/v1`.", examples=["http://127.0.0.1:11434/v1"])
    models: Annotated[
        tuple[Annotated[ProbedModelShape, short_form("name", Text, ProbedModelShape)], ...], Field(min_length=1)
    ] = Field(description="The models that are asked there; a bare name is enough.")


class ProbingShape(Shape):
    """How `namehold probe` asks language models."""

    becomes = model.Probing
    endpoints: tuple[ProbeEndpointShape, ...] = Field(default=(), description="Where models are asked.")
    runs: StrictInt = Field(default=_PROBING.runs, ge=1, le=100, description="How often each prompt is asked.")
    answer_tokens: StrictInt = Field(
        default=_PROBING.answer_tokens, ge=16, le=32_000, description="The most tokens of one answer."
    )
    temperature: Annotated[
        Annotated[float, Field(ge=0, le=2)] | Literal["own"],
        AfterValidator(lambda value: None if value == "own" else value),
    ] = Field(default=0.7, description="How freely a model answers, 0 to 2; `own`: as its endpoint has it.")
    languages: tuple[model.PromptLanguage, ...] = Field(
        default=_PROBING.languages, description="Languages of the prompts besides English."
    )
    concurrency: StrictInt = Field(
        default=_PROBING.concurrency, ge=1, le=64, description="Calls that are under way at one time."
    )
    most_calls: StrictInt | None = Field(default=None, ge=0, description="The most calls of one survey.")
    most_tokens: StrictInt | None = Field(default=None, ge=0, description="The most tokens of one survey.")
    most_money: float | None = Field(
        default=None, ge=0, description="The most money of one survey, in the currency of the prices."
    )


class PublishingShape(Shape):
    """Whether anything may be sent to an index that isn't on this machine."""

    becomes = model.Publishing
    enabled: StrictBool = Field(default=False, description="False until the plan has been read by a person.")
    announced: dt.date | None = Field(default=None, description="When the index's administrators were told.")


class NotifyShape(Shape):
    """A place that is told what `run`, `watch` and `scan` find new. No secret stands here."""

    becomes = model.Place
    to: model.PlaceKind = Field(description="What the place is.")
    variable: Annotated[str, Field(pattern=r"^NAMEHOLD_NOTIFY_[A-Z0-9_]{1,40}$")] = Field(
        "",
        description="The environment variable with its secret: address of the webhook, token, or mail server.",
        examples=["NAMEHOLD_NOTIFY_CHAT"],
    )
    keyring: SpelledName = Field(
        "", description="Instead: the keyring's entry with it (service `namehold-notify`, this user)."
    )
    recipient: Mailbox = Field("", description="Mail: who gets it.", examples=["security@acme-robotics.example"])
    sender: Mailbox = Field("", description="Mail: who sends it. Default: the recipient.")
    repository: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$")] = Field(
        "", description="GitHub: where an issue is opened.", examples=["acme-robotics/names"]
    )
    private: StrictBool = Field(
        default=False, description="Only your own people read there, so that it may hold names which are still open."
    )

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        kind, has_secret = self.to, bool(self.variable) + bool(self.keyring)
        needs = {model.PlaceKind.MAIL: "recipient", model.PlaceKind.GITHUB: "repository"}.get(kind)
        if needs and not getattr(self, needs):
            raise refuse_value("config-notify", f"`{kind}` needs `{needs}`", f"add `{needs}`")
        mail = kind is model.PlaceKind.MAIL
        idle = [
            key
            for key, fits in (("recipient", mail), ("sender", mail), ("repository", kind is model.PlaceKind.GITHUB))
            if getattr(self, key) and not fits
        ]
        if idle:
            raise refuse_value("config-notify", f"`{kind}` has no `{idle[0]}`", f"delete `{idle[0]}`")
        if has_secret != 1 and not (mail and not has_secret):
            raise refuse_value(
                "config-notify", "one of `variable` and `keyring` says where its secret is", "give one of them"
            )
        return self


class IndexShape(Shape):
    """The addresses of a private index."""

    upload: IndexAddress = Field(description="Where twine uploads to.")
    simple: IndexAddress = Field(description="The simple interface that pip reads.")
    json_: IndexAddress = Field("", alias="json", description="The JSON interface, if there is one.")
    ownership: Literal["shown", "attested"] = Field(
        "shown", description="`attested`: you vouch for who owns what, because the index can't show it."
    )
    missing: Literal[403, 404, 410] = Field(
        404, description="403, 410: this answer means 'not here', too, for a name that the index's list lacks."
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
    organization: OrganizationShape = OrganizationShape()
    account: AccountShape = AccountShape()
    packages: Annotated[
        tuple[Annotated[PackageShape, short_form("name", SpelledName, PackageShape)], ...],
        AfterValidator(_check_packages),
    ] = Field(
        description="What the organization owns on the index; a bare name is enough.", json_schema_extra={"minItems": 1}
    )
    internal: tuple[Annotated[InternalShape, short_form("name", Name, InternalShape)], ...] = Field(
        (), description="Names that are used inside the organization only."
    )
    future: tuple[Name, ...] = Field((), description="Names of packages to come.")
    observed: tuple[ObservedShape, ...] = Field((), description="Names that models or people asked for.")
    always: tuple[AlwaysShape, ...] = Field((), description="Names that are wanted whatever their score.")
    never: tuple[Annotated[NeverShape, short_form("name", Name, NeverShape)], ...] = Field(
        (), description="Names that nothing must be done about."
    )
    namespaces: tuple[NamespaceShape, ...] = Field((), description="Namespace grants (PEP 752).")
    look_alikes: tuple[LookAlikeShape, ...] = Field((), description="Strangers' projects that imitate.")
    unrelated: tuple[Annotated[UnrelatedShape, short_form("name", Name, UnrelatedShape)], ...] = Field(
        (), description="Strangers' projects that a person looked at and that have nothing to do with ours."
    )
    renewals: tuple[RenewalShape, ...] = Field(
        (), alias="renew", description="Later versions of placeholders that are held."
    )
    accepted: tuple[AcceptedMentionShape, ...] = Field(
        (), alias="accepted_mentions", description="Names in documents that `scan` doesn't report."
    )
    policy: Annotated[PolicyShape, short_form("name", model.PolicyName, PolicyShape)] = Field(
        PolicyShape(), description="How names are routed: `cautious`, `protective`, or a mapping."
    )
    budget: BudgetShape = BudgetShape()
    publishing: PublishingShape = PublishingShape()
    watching: WatchingShape = Field(
        WatchingShape(), alias="watch", description="How near a name must be for `namehold watch` to tell it."
    )
    probing: ProbingShape = Field(
        ProbingShape(), alias="probe", description="Which language models `namehold probe` asks, and its limits."
    )
    notify: tuple[NotifyShape, ...] = Field((), description="Places that are told what is new.")
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

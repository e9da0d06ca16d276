"""What names.yaml and evidence.yaml say, as frozen values.

Dates are `datetime.date`, times are timezone-aware UTC `datetime.datetime`, durations carry their unit in the name.
Sequences are tuples, so that every value is hashable and can be digested (`documents.digest`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from packaging.utils import NormalizedName

from namehold.index import KNOWN_INDEXES, IndexChoice
from namehold.names import module_name
from namehold.portfolio.packages import NameClass, Package, SurfaceKind


class PolicyName(StrEnum):
    """`cautious` reserves what is the organization's own; `protective` also the best confusable names."""

    CAUTIOUS = "cautious"
    PROTECTIVE = "protective"


class Route(StrEnum):
    """What a name needs (docs/explanation/lifecycle.md)."""

    PROTECTED = "protected"
    RESERVE = "reserve"
    REQUEST = "request"
    NAMESPACE = "namespace"
    WATCH = "watch"
    FLAG = "flag"
    NONE = "none"


class Mode(StrEnum):
    """What a placeholder does; one folder of templates each."""

    REDIRECT = "redirect"
    SIGNPOST = "signpost"
    REFUSE = "refuse"


#: Which of a package's lists in names.yaml holds which kind of surface, in the order of `Package.surfaces`.
SURFACE_LISTS: Mapping[SurfaceKind, str] = {
    SurfaceKind.IMPORT: "imports",
    SurfaceKind.NAMESPACE: "namespaces",
    SurfaceKind.COMMAND: "commands",
    SurfaceKind.ENTRY_POINT: "entry_points",
    SurfaceKind.EXTRA: "extras",
    SurfaceKind.ALIAS: "aliases",
    SurfaceKind.FORMER: "former",
    SurfaceKind.REPOSITORY: "repositories",
}

#: What a placeholder shows while names.yaml has no contact; it is never built so.
MISSING_CONTACT = "https://contact-is-missing.invalid/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """Who holds the names. `contact` is a role mailbox or the address of an issue tracker or security policy.

    `name` and `contact` may be empty until something is approved, built or sent (`Portfolio.missing`).
    `register_page` is where the public register stands, `source_page` where the placeholders' source is published.
    """

    name: str = ""
    contact: str = ""
    homepage: str = ""
    legal_name: str = ""
    policy_page: str = ""
    index_organization: str = ""
    register_page: str = ""
    source_page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The ONE account that reserves. `index` is a nickname of a profile; `holders` are users who own the targets.

    `username` may be empty until something is approved, built or sent (`Portfolio.missing`).
    """

    index: str = KNOWN_INDEXES[0]
    username: str = ""
    holders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What a repository's pyproject.toml says; empty where it says nothing, or nothing that names.yaml takes.

    `commands` and `imports` are those that differ from the project's name; `refused` says why the address of a contact
    or a homepage isn't taken.
    """

    name: str = ""
    commands: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    contact: str = ""
    homepage: str = ""
    summary: str = ""
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A name that was seen where `package` was meant.

    `kind` is one of `EVIDENCE_KINDS`; `source` is the model, document or channel, `date` the day it was last seen.
    It was seen `count` times in `of` answers or documents; None: how many were looked at isn't known.
    In a survey of a model it was told in `runs` of `of_runs` runs and after `prompts` of `of_prompts` prompts.
    A list that somebody else made is under a `licence`.
    """

    name: NormalizedName
    package: NormalizedName
    source: str
    date: dt.date
    kind: SurfaceKind = SurfaceKind.OBSERVED
    count: int = 1
    of: int | None = None
    link: str = ""
    runs: int | None = None
    of_runs: int | None = None
    prompts: int | None = None
    of_prompts: int | None = None
    licence: str = ""


#: The lists of evidence.yaml: what models answered, what documents say, what people were seen to ask for.
EVIDENCE_KINDS = (SurfaceKind.PROBED, SurfaceKind.DOCUMENTED, SurfaceKind.OBSERVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What evidence.yaml says. `digest` is over the observations; empty where there is no file.

    Evidence is a claim: it orders and explains candidates, and proves nothing about who owns a name.
    """

    observations: tuple[Observation, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalName:
    """A name used only inside the organization (dependency confusion). `ask` is what names.yaml asks for by name."""

    name: NormalizedName
    ask: Route | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysName:
    """A name that names.yaml asks for, with the package that it points to and, if chosen, how."""

    name: NormalizedName
    package: NormalizedName
    reason: str
    route: Route | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverName:
    """A name that must not be acted on, and why."""

    name: NormalizedName
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceGrant:
    """A PEP 752 grant that the organization holds: `prefix` covers `prefix` and `prefix-*`."""

    prefix: NormalizedName
    since: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A person's verdict about a stranger's project, after a look-up.

    It holds up to and including the day `until`, and as long as the project's last change has the number `serial` on
    the index's list; None: for good, also when the project changes. `by` is the role or person that judged.
    """

    name: NormalizedName
    date: dt.date | None = None
    note: str = ""
    by: str = ""
    until: dt.date | None = None
    serial: int | None = None

    def holds(self, *, today: dt.date, serial: int | None = None) -> bool:
        """Whether the verdict still counts; `serial` is the project's now, None where it isn't known."""
        has_ended = self.until is not None and self.until < today
        has_changed = None not in {self.serial, serial} and self.serial != serial
        return not has_ended and not has_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlike(Judged):
    """The verdict that a project imitates `package`. A plan flags it until the verdict is deleted."""

    package: NormalizedName
    date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrelated(Judged):
    """The verdict that a project has nothing to do with the packages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedMention:
    """A name that documents may mention although `scan` would find fault with it: why, until when, and in which file.

    `file` is a path as `scan` tells it; empty: in every file.
    """

    name: NormalizedName
    reason: str
    until: dt.date
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A later version of a held placeholder: to point to another `package`, or to warn before `withdraw_on`."""

    name: NormalizedName
    version: str
    reason: str
    package: NormalizedName | None = None
    withdraw_on: dt.date | None = None

    def is_over(self, day: dt.date) -> bool:
        """Whether the end of which it would warn has come on `day`: nothing can warn of it any more."""
        return self.withdraw_on is not None and self.withdraw_on <= day

    @property
    def entry(self) -> dict[str, str | dt.date]:
        """It as the list `renew` of names.yaml has it."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How names are routed. `routes` and `modes` override a class's default; an override lifts no guard.

    `threshold` is the score below which nothing is done (a probability, 0 to 1, conditional on an attack); its
    default leaves a handful of typing errors a package, because administrators answer few, small requests.
    `review_date` is when the organization looks at its placeholders again; None: 31 December of the next year.
    `answer_days` is the promised time to answer a claim on a name.
    `candidates` is how many ranked names a package are assessed.
    """

    name: PolicyName = PolicyName.CAUTIOUS
    threshold: float = 0.03
    routes: tuple[tuple[NameClass, Route], ...] = ()
    modes: tuple[tuple[NameClass, Mode], ...] = ()
    review_date: dt.date | None = None
    answer_days: int = 14
    candidates: int = 100
    templates: str = ""


# No key or flag lifts these. A reservation can't be taken back without freeing the name for anyone, and the index's
# administrators have removed a batch of 1,525 well-meant names (2025): these ceilings keep far below such a batch.
#: Names that one account may hold over the ledger's life.
MAX_NAMES_AN_ACCOUNT = 100
#: Names for one package over the ledger's life.
MAX_NAMES_A_PACKAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A ceiling, not a target. `per_day` None means the index's own quota.

    `floor` is how many names each package gets before any package gets more, as far as they reach the threshold: with
    one no package stays bare for another one's third name. What it costs is measured in bench/RESULTS.md.
    `keep_slots` are slots of the index's sliding window that are left for the organization's own new projects.
    """

    total: int = 10
    per_package: int = 3
    floor: int = 1
    per_day: int | None = None
    keep_slots: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """From how many letters on a name of ours has neighbours at one edit, and at two edits.

    The defaults follow the index: within two edits of the 100 most downloaded names of 5 letters lie 291 projects, of
    9 letters 17, of 11 and more about one. An alarm that sounds for every short name is switched off.
    """

    one_edit_from: int = 6
    two_edits_from: int = 9

    def edits_for(self, letters: int) -> int:
        """How many edits a neighbour of a name of so many letters may be away."""
        return 2 if letters >= self.two_edits_from else 1 if letters >= self.one_edit_from else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedModel:
    """A language model that is asked. Prices are for a million tokens, in the currency of `Probing.most_money`.

    `limit_key` is the endpoint's word for the most tokens of an answer.
    """

    name: str
    input_price: float | None = None
    output_price: float | None = None
    limit_key: str = "max_tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeEndpoint:
    """An OpenAI-compatible chat endpoint by its address, which ends in `/v1`, and the models that are asked there."""

    url: str
    models: tuple[ProbedModel, ...]


class PromptLanguage(StrEnum):
    """In which languages the prompts are asked besides English."""

    GERMAN = "de"
    SPANISH = "es"
    FRENCH = "fr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probing:
    """How language models are asked by `namehold probe`.

    Each prompt is asked `runs` times. `most_calls`, `most_tokens` and `most_money` are limits over all calls of one
    survey; None: no limit of one's own. A `temperature` of None isn't sent: the endpoint's own holds.
    """

    endpoints: tuple[ProbeEndpoint, ...] = ()
    runs: int = 3
    answer_tokens: int = 400
    temperature: float | None = 0.7
    languages: tuple[PromptLanguage, ...] = (PromptLanguage.GERMAN,)
    concurrency: int = 4
    most_calls: int | None = None
    most_tokens: int | None = None
    most_money: float | None = None

    def at(self, url: str, models: Iterable[str]) -> Probing:
        """The same way of asking, with these models at this endpoint alone; their prices as far as they are listed."""
        listed = {(place.url, model.name): model for place in self.endpoints for model in place.models}
        asked = tuple(listed.get((url, name), ProbedModel(name=name)) for name in dict.fromkeys(models))
        return replace(self, endpoints=(ProbeEndpoint(url=url, models=asked),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """Whether `apply` and `run` may write to an index that isn't on loopback."""

    enabled: bool = False
    announced: dt.date | None = None


class PlaceKind(StrEnum):
    """What a place is that is told what is new: a chat's webhook, any webhook, an issue tracker, a mailbox."""

    SLACK = "slack"
    TEAMS = "teams"
    MATTERMOST = "mattermost"
    JSON = "json"
    GITHUB = "github"
    MAIL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place that is told what is new. Names that anybody could still register go only to `private` ones.

    Its secret is the value of the environment variable `variable`, or the keyring's entry `keyring`: a webhook's
    address, GitHub's token, a mail server's address with user and password. Mail without one goes to the system's
    sendmail. `repository` is GitHub's OWNER/NAME, `recipient` and `sender` are mailboxes.
    """

    to: PlaceKind
    variable: str = ""
    keyring: str = ""
    recipient: str = ""
    sender: str = ""
    repository: str = ""
    private: bool = False

    @property
    def key(self) -> str:
        """What tells it from the others, without a secret."""
        parts = (self.to, self.repository, self.recipient, self.variable, self.keyring)
        return " ".join(filter(None, parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """What names.yaml says, checked. `digest` is over the parsed values: comments and order of keys don't count.

    `unrelated` are strangers' projects that a person has looked at and that imitate none of the packages.
    `demo`: the organization is invented; its addresses may be examples, and publishing can't be enabled.
    """

    organization: Organization = Organization()
    account: Account = Account()
    packages: tuple[Package, ...]
    internal: tuple[InternalName, ...] = ()
    future: tuple[NormalizedName, ...] = ()
    observed: tuple[Observation, ...] = ()
    always: tuple[AlwaysName, ...] = ()
    never: tuple[NeverName, ...] = ()
    namespaces: tuple[NamespaceGrant, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()
    unrelated: tuple[Unrelated, ...] = ()
    renewals: tuple[Renewal, ...] = ()
    accepted: tuple[AcceptedMention, ...] = ()
    policy: Policy = Policy()
    budget: Budget = Budget()
    publishing: Publishing = Publishing()
    watching: Watching = Watching()
    probing: Probing = Probing()
    notify: tuple[Place, ...] = ()
    index: IndexChoice | None = None
    demo: bool = False
    digest: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that names.yaml still lacks before anything can be approved, built or sent."""
        needed = {
            "organization.name": self.organization.name,
            "organization.contact": self.organization.contact,
            "account.username": self.account.username,
        }
        return tuple(key for key, value in needed.items() if not value)

    @property
    def owner(self) -> str:
        """The organization as people read it; while its name is missing, by its first package."""
        return self.organization.name or f"the maintainers of {self.packages[0].spelled}"

    def with_stand_ins(self) -> Portfolio:
        """The portfolio with a text in the place of each missing one, to show what would be built.

        The stand-in of a contact can't be reached (RFC 2606), and no guard lets it through.
        """
        contact = self.organization.contact or MISSING_CONTACT
        return replace(self, organization=replace(self.organization, name=self.owner, contact=contact))

    def package(self, name: NormalizedName) -> Package:
        """The package called `name`; KeyError if the portfolio has none."""
        for package in self.packages:
            if package.name == name:
                return package
        raise KeyError(name)

    def among(self, names: Collection[NormalizedName]) -> Portfolio:
        """The same portfolio with these of its packages alone."""
        return replace(self, packages=tuple(package for package in self.packages if package.name in names))

    def with_evidence(self, evidence: Evidence) -> Portfolio:
        """The same portfolio with the observations of evidence.yaml behind its own; its digest stays.

        Observations about packages that it doesn't list, and of its own packages' names, are left out: the reader
        has warned of them (`read_evidence`).
        """
        own = {package.name for package in self.packages}
        more = (item for item in evidence.observations if item.package in own and item.name not in own)
        return replace(self, observed=(*self.observed, *more))


def taken_modules(portfolio: Portfolio) -> frozenset[str]:
    """Module names, in lower case, that a placeholder must not ship: those of the organization's own packages.

    Files of two projects under one path are lost when either is uninstalled, so every import (its first part) and
    every command of every package counts. Lower case, because some file systems make no difference.
    """
    kinds = {SurfaceKind.IMPORT, SurfaceKind.NAMESPACE, SurfaceKind.COMMAND}
    own = [module_name(package.name) for package in portfolio.packages]
    reached = [
        re.sub(r"[^A-Za-z0-9_]", "_", surface.value.split(".")[0])
        for package in portfolio.packages
        for surface in package.surfaces
        if surface.kind in kinds
    ]
    return frozenset(name.lower() for name in (*own, *reached))

"""A checked shape as the frozen `Portfolio`: names are normalized here, once."""

from __future__ import annotations

from collections.abc import Sequence

from namehold.index import IndexChoice
from namehold.names import normalize
from namehold.portfolio import shape as given
from namehold.portfolio.model import (
    Account,
    AlwaysName,
    Budget,
    InternalName,
    LookAlike,
    Mode,
    NameClass,
    NamespaceGrant,
    NeverName,
    ObservedName,
    Organization,
    Package,
    Policy,
    Portfolio,
    Publishing,
    Renewal,
    Route,
    Surface,
    SurfaceKind,
)


def portfolio_of(file: given.FileShape) -> Portfolio:
    """The portfolio that the file says; its digest is still empty."""
    return Portfolio(
        organization=Organization(**file.organization.model_dump()),
        account=Account(**file.account.model_dump()),
        packages=tuple(_package(item) for item in file.packages),
        internal=tuple(_internal(item) for item in file.internal),
        future=tuple(normalize(name) for name in file.future),
        observed=tuple(_observed(item) for item in file.observed),
        always=tuple(_always(item) for item in file.always),
        never=tuple(NeverName(name=normalize(item.name), reason=item.reason) for item in file.never),
        namespaces=tuple(NamespaceGrant(prefix=normalize(item.prefix), since=item.since) for item in file.namespaces),
        look_alikes=tuple(_look_alike(item) for item in file.look_alikes),
        unrelated=tuple(normalize(item.name) for item in file.unrelated),
        renewals=tuple(_renewal(item) for item in file.renew),
        policy=_policy(file.policy),
        budget=Budget(**file.budget.model_dump()),
        publishing=Publishing(**file.publishing.model_dump()),
        index=IndexChoice(**file.index.model_dump(by_alias=True)) if file.index else None,
        demo=file.demo,
    )


def _package(item: given.PackageShape) -> Package:
    surfaces = (
        *_surfaces(SurfaceKind.IMPORT, item.imports),
        *_surfaces(SurfaceKind.NAMESPACE, item.namespaces),
        *_surfaces(SurfaceKind.COMMAND, item.commands),
        *_surfaces(SurfaceKind.ENTRY_POINT, item.entry_points),
        *_surfaces(SurfaceKind.EXTRA, item.extras),
        *_surfaces(SurfaceKind.ALIAS, item.aliases),
        *_surfaces(SurfaceKind.FORMER, item.former),
        *_surfaces(SurfaceKind.REPOSITORY, item.repositories),
    )
    return Package(
        name=normalize(item.name),
        spelled=item.name,
        surfaces=surfaces,
        companions=tuple(normalize(name) for name in item.companions),
        confirmed=tuple(normalize(name) for name in item.confirmed),
        ignored=item.ignore,
        published=item.published,
    )


def _surfaces(kind: SurfaceKind, items: Sequence[given.SurfaceShape]) -> tuple[Surface, ...]:
    return tuple(Surface(kind=kind, value=item.value, source=item.source, date=item.date) for item in items)


def _internal(item: given.InternalShape) -> InternalName:
    if item.ask == "refuse":
        return InternalName(name=normalize(item.name), ask=Route.RESERVE, mode=Mode.REFUSE)
    return InternalName(name=normalize(item.name), ask=Route.REQUEST if item.ask == "request" else None)


def _observed(item: given.ObservedShape) -> ObservedName:
    return ObservedName(
        name=normalize(item.name),
        package=normalize(item.package),
        source=item.source,
        date=item.date,
        count=item.count,
        of=item.of,
        link=item.link,
    )


def _always(item: given.AlwaysShape) -> AlwaysName:
    return AlwaysName(
        name=normalize(item.name),
        package=normalize(item.package),
        reason=item.reason,
        route=Route(item.route) if item.route else None,
        mode=item.mode,
    )


def _look_alike(item: given.LookAlikeShape) -> LookAlike:
    return LookAlike(name=normalize(item.name), package=normalize(item.package), date=item.date, note=item.note)


def _renewal(item: given.RenewalShape) -> Renewal:
    return Renewal(
        name=normalize(item.name),
        version=item.version,
        reason=item.reason,
        package=normalize(item.package) if item.package else None,
        withdraw_on=item.withdraw_on,
    )


def _policy(item: given.PolicyShape) -> Policy:
    # In the order of the classes, so that the order of the file's keys doesn't reach the digest.
    return Policy(
        name=item.name,
        threshold=item.threshold,
        routes=tuple((kind, Route(item.routes[kind])) for kind in NameClass if kind in item.routes),
        modes=tuple((kind, item.modes[kind]) for kind in NameClass if kind in item.modes),
        review_date=item.review_date,
        answer_days=item.answer_days,
        candidates=item.candidates,
        templates=item.templates,
    )

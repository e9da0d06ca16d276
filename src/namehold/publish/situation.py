"""One's own situation on an embedded index: the packages with their owners and surfaces, as names.yaml tells of them.

    play_situation(index, portfolio)

So every command can be tried on this machine, and finds what it would find on the real index.
"""

from __future__ import annotations

from collections.abc import Mapping

from namehold.ownership import declaration_of
from namehold.portfolio import Package, Portfolio, SurfaceKind
from namehold.rehearsal import RunningIndex, make_wheel


def play_situation(index: RunningIndex, portfolio: Portfolio) -> None:
    """Gives the index every published package, in old releases that show its surfaces.

    The holders own the packages, under the organization on the index if there is one, and the packages declare the
    account, as `doctor` asks for; without either the account owns them. Nothing is made of packages to come and of
    internal names: the index doesn't have them.
    """
    account, organization = portfolio.account, portfolio.organization.index_organization
    owner, *others = account.holders or (account.username,)
    label, _, address = declaration_of(index.profile, account.username).partition(": ")
    links = {label: address} if account.holders or organization else {}
    index.state.add_user(account.username)
    for package in portfolio.packages:
        if not package.published:
            continue
        index.state.add_project(
            package.name,
            owner=owner,
            organization=organization or None,
            files=[_release(package, links)],
        )
        for user in others:
            index.state.add_role(package.name, user, "Owner")


def _release(package: Package, links: Mapping[str, str]) -> tuple[str, bytes]:
    """A wheel that shows what names.yaml says of the package."""
    shown = {kind: [item.value for item in package.surfaces if item.kind is kind] for kind in SurfaceKind}
    return make_wheel(
        package.name,
        project_urls=links,
        modules=shown[SurfaceKind.IMPORT],
        commands=shown[SurfaceKind.COMMAND],
        former=shown[SurfaceKind.FORMER],
    )

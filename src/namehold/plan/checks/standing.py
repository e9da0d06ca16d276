"""Does a reservation rest on a fact that the index itself shows, or only on what names.yaml says?

    find_grounds(assessment, portfolio)        # what must be shown; nothing if it rests on something else
    lacks_standing(grounds, shown)

A command, import, namespace or former name gives standing on a public index only if the package's own files or metadata
on that index show it: anyone can claim in a names.yaml that a name is a command of theirs. Where such a name holds a
word that isn't the package's own, a release must have shown it for `MIN_SURFACE_AGE_DAYS`: anyone can publish one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Final, TypeAlias

from packaging.utils import NormalizedName, canonicalize_name

from namehold.evidence import MIN_SURFACE_AGE_DAYS
from namehold.names import is_valid
from namehold.ownership import OwnershipProof, OwnershipVerdict
from namehold.plan.model import Assessment, Reason, Standing
from namehold.plan.reasons import reason_of
from namehold.portfolio import NameClass, Portfolio, Route, Surface, SurfaceKind

#: Kinds of surfaces that give standing once a package's files or metadata show them.
#: What people call a package stands in no file.
SHOWABLE: Final = frozenset({SurfaceKind.IMPORT, SurfaceKind.COMMAND, SurfaceKind.FORMER})
#: A namespace is shared by design (PEP 420): that a package lies in one doesn't make it the package's.
_CLAIMABLE: Final = SHOWABLE | {SurfaceKind.NAMESPACE}

#: First reasons of names that are a surface of their package themselves.
_SURFACE_RULES: Final = frozenset({"surface", "surface-confirmed"})
#: Classes of names that are derived from a package's strings.
_DERIVED: Final = frozenset({NameClass.TYPO, NameClass.COMBO})

#: What releases show, by package: surfaces with the first release that shows each. Never from names.yaml.
ReleaseRecord: TypeAlias = Mapping[NormalizedName, tuple[Surface, ...]]


def has_standing(surface: Surface, shown: Iterable[Surface], *, as_of: dt.date) -> bool:
    """Whether one of the `shown` surfaces is this one, in a release that is old enough; a later one may lack it."""
    latest = as_of - dt.timedelta(days=MIN_SURFACE_AGE_DAYS)
    return surface.kind in SHOWABLE and any(
        item.first_release is not None and item.first_release.date is not None and item.first_release.date <= latest
        for item in shown
        if item.kind is surface.kind and canonicalize_name(item.value) == canonicalize_name(surface.value)
    )


def find_standing(
    portfolio: Portfolio, releases: ReleaseRecord, *, as_of: dt.date, is_public: bool
) -> dict[NormalizedName, Standing]:
    """The surfaces of the portfolio that give standing, by their names.

    On a private index every surface does: only one's own people publish there.
    """
    found: dict[NormalizedName, Standing] = {}
    for package in portfolio.packages:
        shown = releases.get(package.name, ())
        for surface in package.surfaces:
            if surface.kind not in _CLAIMABLE or not is_valid(surface.value):
                continue
            if not is_public or has_standing(surface, shown, as_of=as_of):
                standing = Standing(package=package.name, kind=surface.kind, value=surface.value)
                found.setdefault(canonicalize_name(surface.value), standing)
    return found


def find_organizations(proofs: Iterable[OwnershipProof]) -> dict[NormalizedName, tuple[NormalizedName, ...]]:
    """The organizations that the index shows as owners of packages that are proved to be ours, with these packages."""
    found: dict[NormalizedName, tuple[NormalizedName, ...]] = {}
    for proof in proofs:
        if proof.verdict is OwnershipVerdict.PROVED and is_valid(proof.organization):
            name = canonicalize_name(proof.organization)
            found[name] = (*found.get(name, ()), proof.target)
    return found


def find_grounds(assessment: Assessment, portfolio: Portfolio) -> frozenset[NormalizedName]:
    """The surfaces, as names, of which the index must show at least one before the name may be reserved.

    Empty where the name rests on something else too: the project's own name, an observation, a person's wish.
    """
    if assessment.route is not Route.RESERVE:
        return frozenset()
    candidate = assessment.candidate
    package = next((item for item in portfolio.packages if item.name == candidate.target), None)
    if package is None:
        return frozenset()
    if assessment.reasons[0].rule in _SURFACE_RULES:
        same = [surface for surface in package.surfaces if canonicalize_name(surface.value) == candidate.name]
    elif assessment.reasons[0].rule in _DERIVED:
        same = [item.surface for item in candidate.evidence]
    else:
        return frozenset()
    if any(surface.kind not in _CLAIMABLE for surface in same):
        return frozenset()
    return frozenset(canonicalize_name(surface.value) for surface in same)


def find_vouching(target: NormalizedName, portfolio: Portfolio) -> NormalizedName | None:
    """The package whose proof a name for `target` rests on; None if the organization has published none.

    An internal name is its own target and stands on no index. It rests on the first published package that begins with
    the same word, else on the first published one: that one shows whose the account is.
    """
    if any(package.name == target for package in portfolio.packages):
        return target
    published = [package.name for package in portfolio.packages if package.published]
    word = target.partition("-")[0]
    related = (name for name in published if name.partition("-")[0] == word)
    return next(related, published[0] if published else None)


def shown_values(surfaces: Iterable[Surface], *, ignored: Collection[str] = ()) -> frozenset[NormalizedName]:
    """The showable surfaces among these as names; what a person says is wrong isn't among them."""
    return frozenset(
        canonicalize_name(surface.value)
        for surface in surfaces
        if surface.kind in SHOWABLE and surface.value not in ignored
    )


def lacks_standing(grounds: Collection[NormalizedName], shown: Collection[NormalizedName]) -> bool:
    """Whether something must be shown, and nothing of it is."""
    return bool(grounds) and not set(grounds) & set(shown)


def is_shown_for_long(standing: Standing, shown: Iterable[Surface], *, as_of: dt.date) -> bool:
    """Whether the `shown` surfaces of the package have the one that a name rests on, in a release old enough."""
    surface = Surface(kind=standing.kind, value=standing.value, source="")
    return has_standing(surface, shown, as_of=as_of)


def standing_lost(standing: Standing) -> Reason:
    """What a name is told that rests on a surface which the index's old releases don't show now."""
    return reason_of("standing-lost", standing=standing)


def organization_lost(organization: str) -> Reason:
    """What a name is told with a word of an organization that the index doesn't show as the package's owner now."""
    return reason_of("organization-lost", organization=organization)


def claimed_only(target: NormalizedName) -> Reason:
    """What a name without standing is told: the warning in a plan, and why it isn't sent."""
    return reason_of("claimed-only", target=target)


def warn_of_claims(
    assessments: Iterable[Assessment], portfolio: Portfolio, releases: ReleaseRecord
) -> tuple[Assessment, ...]:
    """The assessments, in their order; those that rest on what no release shows carry the warning."""
    shown = {
        package.name: shown_values(releases.get(package.name, ()), ignored=package.ignored)
        for package in portfolio.packages
    }
    return tuple(
        item.changed(warnings=(*item.warnings, claimed_only(item.candidate.target)))
        if item.route is Route.RESERVE
        and lacks_standing(find_grounds(item, portfolio), shown.get(item.candidate.target, frozenset()))
        else item
        for item in assessments
    )

"""One invented organization and its actions, for every test of placeholders."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from packaging.utils import NormalizedName

from namehold.index.model import IndexProfile
from namehold.plan.model import Action, Reason
from namehold.portfolio.model import Account, Mode, Organization, Package, Portfolio, Surface, SurfaceKind

PROFILE = IndexProfile(
    nickname="sample",
    upload="https://upload.index.example/legacy/",
    simple="https://index.example/simple/",
    json="https://index.example/pypi/",
    is_public=True,
    is_loopback=False,
    shows_ownership=True,
    has_similarity_rule=True,
    has_stdlib_rule=True,
    quota=None,
)

ORGANIZATION = Organization(
    name="Acme Robotics",
    contact="security@acme.example",
    homepage="https://acme.example/",
    legal_name="Acme Robotics Ltd.",
    policy_page="https://acme.example/names",
    index_organization="acme",
)

PACKAGES = (
    Package(
        name=NormalizedName("acme-tool"),
        spelled="Acme_Tool",
        surfaces=(
            Surface(kind=SurfaceKind.IMPORT, value="acmetool.core", source="names.yaml"),
            Surface(kind=SurfaceKind.COMMAND, value="acme-run", source="names.yaml"),
        ),
    ),
    Package(name=NormalizedName("acme-private"), spelled="acme-private", published=False),
)


def portfolio(packages: tuple[Package, ...] = PACKAGES, **organization: Any) -> Portfolio:
    return Portfolio(
        organization=replace(ORGANIZATION, **organization),
        account=Account(index="sample", username="acme"),
        packages=packages,
    )


def action(
    name: str = "acme-tol",
    mode: Mode = Mode.REDIRECT,
    *,
    target: str = "acme-tool",
    reason: str = "one letter of acme-tool left out (distance 1)",
    tree_digest: str = "",
) -> Action:
    return Action(
        ordinal=1,
        day=1,
        name=NormalizedName(name),
        target=NormalizedName(target),
        mode=mode,
        version="0.0.1",
        reasons=(Reason(rule="typo-omission", text=reason),),
        warnings=(),
        flagged_as=(),
        review_date=dt.date(2027, 12, 31),
        score=0.5,
        gain=0.5,
        digest="sha256:" + "ab" * 32,
        tree_digest=tree_digest,
    )

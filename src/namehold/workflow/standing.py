"""Looks afresh, before anything is sent, whether the index shows what the planned names rest on."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.utils import NormalizedName

from namehold.discovery import discover
from namehold.errors import InputError
from namehold.models import Action, Plan, Portfolio, Reason
from namehold.ports import WebReader
from namehold.standing import claimed_only, find_grounds, lacks_standing, shown_values


def find_unshown(
    actions: Iterable[Action], *, fresh_plan: Plan, portfolio: Portfolio, web: WebReader, simple: str
) -> dict[NormalizedName, Reason]:
    """The actions that rest only on commands, imports or former names which the index's files don't show now.

    names.yaml's own word on where it has them from isn't asked. Raises IndexError_ where a target can't be read.
    """
    assessed = {item.candidate.name: item for item in fresh_plan.assessments}
    packages = {package.name: package for package in portfolio.packages}
    shown: dict[NormalizedName, frozenset[NormalizedName]] = {}
    unshown: dict[NormalizedName, Reason] = {}
    for action in actions:
        grounds = find_grounds(assessed[action.name], portfolio) if action.name in assessed else frozenset()
        if not grounds:
            continue
        if action.target not in shown:
            try:
                found = discover(action.target, web=web, simple=simple)
            except InputError:
                # A hostile or damaged file shows nothing.
                shown[action.target] = frozenset()
            else:
                shown[action.target] = shown_values(found.surfaces, ignored=packages[action.target].ignored)
        if lacks_standing(grounds, shown[action.target]):
            unshown[action.name] = claimed_only(action.target)
    return unshown

"""Looks afresh, before anything is sent, whether the index shows what the planned names rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import NormalizedName

from namehold.errors import InputError
from namehold.evidence import discover_package
from namehold.index import Clock, IndexProfile, IndexReader, TokenSource, Uploader, WebReader
from namehold.ledger import LedgerPort
from namehold.ownership import OwnershipProof
from namehold.placeholder import Builder, TreeRenderer
from namehold.plan import Action, Plan, Reason, claimed_only, find_grounds, lacks_standing, shown_values
from namehold.portfolio import Portfolio


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
                found = discover_package(action.target, web=web, simple=simple)
            except InputError:
                # A hostile or damaged file shows nothing.
                shown[action.target] = frozenset()
            else:
                shown[action.target] = shown_values(found.surfaces, ignored=packages[action.target].ignored)
        if lacks_standing(grounds, shown[action.target]):
            unshown[action.name] = claimed_only(action.target)
    return unshown


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Everything outside that a run uses. `outbox` is where built files lie until their receipt.

    `web` reads the pages that a target links to, where the index alone doesn't prove whose it is.
    `sleep` takes seconds; `wait_s` is how long a run may wait for slots, all in all.
    `keep_proofs` gets what the index shows about the targets' owners, whether the run goes on with it or not.
    """

    profile: IndexProfile
    reader: IndexReader
    web: WebReader
    uploader: Uploader
    tokens: TokenSource
    ledger: LedgerPort
    renderer: TreeRenderer
    builder: Builder
    clock: Clock
    outbox: Path
    sleep: Callable[[float], None]
    wait_s: float = 0.0
    keep_proofs: Callable[[tuple[OwnershipProof, ...]], object] = lambda _: None

"""Everything that the account has on the index and the ledger lacks, each judged: what is ours can be taken over.

    look = Look(index=reader, web=reader, profile=profile, time=now)
    names = list_candidates(reader, portfolio=portfolio, targets=targets, holdings=holdings)
    take([judge(name, targets=targets, holdings=holdings, portfolio=portfolio, look=look) for name in names], ledger)

Only placeholders are taken, each with the proof that publishing needs. What is in doubt is left out, with the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from packaging.utils import NormalizedName, canonicalize_name

from namehold.errors import Diagnostic, UnlistedError
from namehold.index import AccountReader, IndexProfile, IndexReader, ProjectState, WebReader
from namehold.ledger import Holdings, LedgerPort, names_ever_held
from namehold.ownership import OwnershipProof
from namehold.placeholder import JudgedName, find_reservation_file, judge_name
from namehold.portfolio import Portfolio
from namehold.upkeep.account import list_account
from namehold.upkeep.adopt import find_obstacle, find_refusal, look_at, make_adoption
from namehold.upkeep.rebuild import FoundName, find_reservation, record


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Where a takeover looks; each project is asked for once. `time` is by our clock."""

    index: IndexReader
    web: WebReader
    profile: IndexProfile
    time: dt.datetime
    states: dict[NormalizedName, ProjectState] = field(default_factory=dict)
    proofs: dict[NormalizedName, OwnershipProof] = field(default_factory=dict)

    def project(self, name: NormalizedName, *, known_serial: int = 0) -> ProjectState:  # noqa: ARG002 -- the port's
        """What the index said of `name` at the first question. Raises IndexError_."""
        if name not in self.states:
            self.states[name] = self.index.project(name)
        return self.states[name]

    def now(self) -> dt.datetime:
        """The index's own time. Raises IndexError_."""
        return self.index.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One project: it is taken over if there is no `refusal`. `findings` are what the audit finds in its form.

    `is_placeholder`: it means to hold a name. `found` is what our own `reservation.json` in it tells; of a placeholder
    that other tools made, nothing.
    """

    name: NormalizedName
    target: NormalizedName | None
    version: str
    files: int
    refusal: Diagnostic | None
    is_placeholder: bool = False
    findings: int = 0
    found: FoundName | None = None


def list_candidates(
    reader: AccountReader, *, portfolio: Portfolio, targets: Mapping[NormalizedName, NormalizedName], holdings: Holdings
) -> tuple[NormalizedName, ...]:
    """What the index lists for the account, and of the names in `targets` what it lists for a holder.

    Where it has no list, the names in `targets`. What the ledger has, and our own packages, aren't among them.
    Raises IndexError_.
    """
    names = list(list_account(reader, portfolio=portfolio, planned=tuple(targets), holdings=holdings).names)
    for holder in portfolio.account.holders:
        with suppress(UnlistedError):
            listed = frozenset(reader.user_packages(holder))
            names += [name for name in targets if name in listed]
    known = names_ever_held(holdings) | {package.name for package in portfolio.packages}
    return tuple(name for name in dict.fromkeys(names) if name not in known)


def judge(
    name: NormalizedName,
    *,
    targets: Mapping[NormalizedName, NormalizedName],
    holdings: Holdings,
    portfolio: Portfolio,
    look: Look,
) -> Judged:
    """Whether the project is a placeholder of ours, and for which package. Raises IndexError_.

    `targets` are the packages that a plan says. A person isn't asked, so only a placeholder counts.
    """
    state = look.project(name)
    refusal = find_obstacle(state, portfolio)
    if refusal is not None:
        return Judged(name=name, target=None, version="", files=len(state.files), refusal=refusal)
    shown = judge_name(name, index=look, web=look.web, profile=look.profile)
    target = _find_target(state, shown, targets.get(name), portfolio=portfolio, look=look)
    if shown.other or not state.files:
        text = f"{name} is no placeholder ({shown.other or 'no release'})"
        refusal = Diagnostic(message=text, rule="adopt-no-placeholder", fix=f"if it is one: namehold adopt {name}")
    elif target is None:
        text, fix = f"nothing tells which package {name} is for", f"namehold adopt {name} --for PACKAGE"
        refusal = Diagnostic(message=text, rule="adopt-no-package", fix=fix)
    else:
        return _judge_for(target, shown, holdings=holdings, portfolio=portfolio, look=look)
    return Judged(name=name, target=target, version=shown.version, files=len(state.files), refusal=refusal)


def judge_for(
    name: NormalizedName, target: NormalizedName, *, holdings: Holdings, portfolio: Portfolio, look: Look
) -> Judged:
    """Whether the project can be taken over for `target`, which a person says: a real one may be, too.

    Raises IndexError_.
    """
    state = look.project(name)
    refusal = find_obstacle(state, portfolio)
    if refusal is not None:
        return Judged(name=name, target=target, version="", files=len(state.files), refusal=refusal)
    shown = judge_name(name, index=look, web=look.web, profile=look.profile)
    return _judge_for(target, shown, holdings=holdings, portfolio=portfolio, look=look)


def take(judged: Iterable[Judged], ledger: LedgerPort, *, look: Look) -> int:
    """Enters everything without a refusal; how many names that are.

    Our own reservation is entered as if its ledger weren't lost, anything else as an adopted project.
    """
    taken = [item for item in judged if item.refusal is None]
    for item in taken:
        if item.found is not None:
            record((item.found,), ledger, now=look.time)
        elif item.target is not None:
            ledger.append(make_adoption(look.project(item.name), target=item.target, time=look.time))
    return len(taken)


def _judge_for(
    target: NormalizedName, shown: JudgedName, *, holdings: Holdings, portfolio: Portfolio, look: Look
) -> Judged:
    name = shown.name
    adoptee = look_at(
        name,
        target,
        portfolio=portfolio,
        index=look,
        web=look.web,
        profile=look.profile,
        now=look.time,
        proof=look.proofs.get(target),
    )
    look.proofs[target] = adoptee.proof
    found = find_reservation(
        name, holdings=holdings, portfolio=portfolio, index=look, web=look.web, profile=look.profile
    )
    return Judged(
        name=name,
        target=target,
        version=shown.version,
        files=len(adoptee.state.files),
        refusal=find_refusal(adoptee, portfolio),
        is_placeholder=not shown.other,
        findings=sum(len(file.form) for file in shown.files),
        found=found if found.releases and found.releases[-1].target == target else None,
    )


def _find_target(
    state: ProjectState, shown: JudgedName, planned: NormalizedName | None, *, portfolio: Portfolio, look: Look
) -> NormalizedName | None:
    """The package that it stands for: by its own word, else the plan's, else the only one of ours that it points to."""
    packages = frozenset(package.name for package in portfolio.packages)
    said = find_reservation_file(state, web=look.web, profile=look.profile).get("target")
    pointed = {canonicalize_name(claim.target) for claim in shown.claims} & packages
    ways = (
        canonicalize_name(said) if isinstance(said, str) else None,
        planned,
        next(iter(pointed)) if len(pointed) == 1 else None,
    )
    return next((way for way in ways if way in packages), None)

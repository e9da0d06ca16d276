"""What a command works on: names.yaml, its index, the index's list of names, the ledger, the bundled data.

    inputs = load_inputs(session)
    plan = inputs.plan(as_of=today)

Every part can be had alone, so that a command reads no more than it needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.markup import escape

from namehold import documents
from namehold.candidates import Dictionary, PopularNames, Weights, load_dictionary, load_weights, popular_names
from namehold.cli.output import write_text
from namehold.cli.session import Session
from namehold.errors import Diagnostic, IndexError_, InputError
from namehold.index import NICKNAME, IndexProfile, private_profile, profile
from namehold.ledger import Holdings, read_holdings, require_owner
from namehold.names import is_normalized
from namehold.ownership import OwnershipProof, OwnershipRecord, claims_of, record_proofs
from namehold.placeholder import Templates
from namehold.plan import Plan, Territory, make_plan
from namehold.portfolio import EVIDENCE_FILE, Evidence, Portfolio, load_evidence, load_portfolio
from namehold.snapshot import Snapshot, SnapshotStore, load_file
from namehold.text import count

if TYPE_CHECKING:
    from namehold.evidence import DiscoveryReport

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that a plan is made from."""

    portfolio: Portfolio
    evidence: Evidence
    profile: IndexProfile
    view: Snapshot | None
    holdings: Holdings
    templates: Templates
    weights: Weights
    popular: PopularNames
    dictionary: Dictionary

    def plan(self, *, as_of: dt.date) -> Plan:
        """The plan that these inputs give. Raises TemplateError."""
        return make_plan(
            self.portfolio,
            view=self.view,
            holdings=self.holdings,
            renderer=self.templates,
            weights=self.weights,
            popular=self.popular.ranks,
            dictionary=self.dictionary.words,
            as_of=as_of,
            quota=self.holdings.quota or self.profile.quota,
            profile=self.profile,
            evidence=self.evidence,
        )

    def territory(self) -> Territory:
        """Whose name is whose, for the guards."""
        return Territory(self.portfolio, popular=self.popular.ranks, dictionary=self.dictionary.words)


def load_inputs(session: Session, *, snapshot: Path | None = None) -> Inputs:
    """All inputs of this call; `snapshot` is a list of names from a file, used once instead of the kept one.

    Raises ConfigError, SnapshotError, LedgerError, TemplateError.
    """
    portfolio = read_portfolio(session)
    index = find_profile(portfolio)
    return Inputs(
        portfolio=portfolio,
        evidence=read_evidence(session, portfolio),
        profile=index,
        view=open_snapshot(session, index, file=snapshot),
        holdings=read_own_holdings(session, index=index.nickname, username=portfolio.account.username),
        templates=Templates(templates_folder(session, portfolio), index),
        weights=load_weights(),
        popular=popular_names(),
        dictionary=load_dictionary(),
    )


def read_portfolio(session: Session) -> Portfolio:
    """names.yaml, its warnings told on standard error. Raises ConfigError."""
    loaded = load_portfolio(session.config)
    for warning in loaded.warnings:
        session.say(escape(str(warning)))
    return loaded.portfolio


def read_evidence(session: Session, portfolio: Portfolio) -> Evidence:
    """evidence.yaml beside names.yaml, its warnings told on standard error. Raises ConfigError."""
    loaded = load_evidence(session.config.with_name(EVIDENCE_FILE), portfolio)
    for warning in loaded.warnings:
        session.say(escape(str(warning)))
    return loaded.evidence


def find_profile(portfolio: Portfolio) -> IndexProfile:
    """The index that names.yaml names: a known one, or a private one by its addresses. Raises ConfigError."""
    if portfolio.index is not None:
        return private_profile(portfolio.index, nickname=portfolio.account.index)
    return profile(portfolio.account.index)


def snapshot_store(session: Session, index: IndexProfile) -> SnapshotStore:
    """Where this index's list of names is kept.

    A public index is the same one in every project; a private index's list is nobody else's business and stays
    beside names.yaml.
    """
    return SnapshotStore((session.cache if index.is_public else session.state) / "snapshots")


def open_snapshot(session: Session, index: IndexProfile, *, file: Path | None = None) -> Snapshot | None:
    """The list of the names on `index`: from `file`, else the kept one; None if there is neither.

    A list that is given by hand counts as complete and as one of this index. Raises SnapshotError.
    """
    if file is None:
        return snapshot_store(session, index).open(index.nickname)
    listed, snapshot = load_file(file, index=index.nickname)
    if listed.left_out:
        session.say(f"Left out of {escape(str(file))}: {count(listed.left_out, 'line')} without a name.")
    return snapshot


def ledger_path(session: Session, index: str) -> Path:
    """Where the ledger of `index` (a nickname) lies, whether it exists or not.

    Raises InputError for what can't be one: it may come from a register that somebody else wrote.
    """
    if not NICKNAME.fullmatch(index):
        raise InputError(f"{index!r} is no nickname of an index")
    return session.state / f"ledger-{index}.jsonl"


def read_own_holdings(session: Session, *, index: str, username: str) -> Holdings:
    """What the ledger of this index (a nickname) and this account proves; empty if there is none yet.

    Raises LedgerError, for a ledger of somebody else's, too: its names would be reported as ours.
    """
    path = ledger_path(session, index)
    holdings = read_holdings(path)
    require_owner(holdings, path, index=index, username=username)
    return holdings


def templates_folder(session: Session, portfolio: Portfolio) -> Path | None:
    """The organization's own templates; a relative path counts from names.yaml. None: the bundled ones alone."""
    chosen = portfolio.policy.templates
    return session.config.resolve().parent / chosen if chosen else None


def require_network(session: Session, index: IndexProfile, *, what: str) -> None:
    """Raises IndexError_ where `--offline` forbids to ask this index; one on this machine's loopback may be asked."""
    if session.offline and not index.is_loopback:
        raise IndexError_(f"{what} asks the index, which --offline forbids", hint="leave --offline out")


def load_ownership(session: Session, portfolio: Portfolio) -> OwnershipRecord | None:
    """The last proofs of the targets, as far as they are of this index and of what names.yaml claims now."""
    record = _load_kept(session.state / "ownership.json", "ownership", OwnershipRecord)
    if record is None or (record.index, record.claims) != (portfolio.account.index, claims_of(portfolio)):
        return None
    return record


def save_ownership(
    session: Session, portfolio: Portfolio, proofs: Sequence[OwnershipProof], *, now: dt.datetime
) -> OwnershipRecord:
    """Keeps the proofs of a look-up for the commands that work offline."""
    record = record_proofs(portfolio, proofs, last=load_ownership(session, portfolio), now=now)
    write_text(documents.dump("ownership", record), session.state / "ownership.json")
    return record


def _load_kept(path: Path, kind: str, type_: type[T]) -> T | None:
    """What an earlier command kept; None if there is nothing, or nothing that can be read: it can be had again."""
    try:
        return documents.load(kind, type_, path.read_text(encoding="utf-8"), path=str(path))
    except (OSError, UnicodeDecodeError, InputError):
        return None


def load_discovery(session: Session, portfolio: Portfolio) -> DiscoveryReport | None:
    """The last discovery on this index; None if there is none."""
    from namehold.evidence import DiscoveryReport  # noqa: PLC0415 -- pydantic and YAML: only discovery pays

    report = _load_kept(session.state / "discovery.json", "discovery", DiscoveryReport)
    return report if report is not None and report.index == portfolio.account.index else None


def plan_path(session: Session) -> Path:
    """Where `namehold plan` writes, and where the other commands look."""
    return session.state / "plan.json"


def load_plan(path: Path) -> Plan:
    """The plan in a file. Raises InputError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InputError(f"the plan {path} can't be read: {reason}", hint="namehold plan") from None
    plan = documents.load("plan", Plan, text, path=str(path))
    _require_plain_names(plan, path=str(path))
    return plan


def _require_plain_names(plan: Plan, *, path: str) -> None:
    """A plan may come from anywhere, and its names become paths. Raises InputError with all that can't be names."""
    listed = {name for action in plan.actions for name in (action.name, action.target)}
    faults = [f"{name!r} is no normalized name" for name in sorted(listed) if not is_normalized(name)]
    if not NICKNAME.fullmatch(plan.index):
        faults.append(f"{plan.index!r} is no nickname of an index")
    if faults:
        raise InputError(
            f"{path} can't be a plan of namehold's",
            hint="namehold plan",
            diagnostics=tuple(
                Diagnostic(message=fault, rule="document-value", path=path, fix="write the file anew: namehold plan")
                for fault in faults
            ),
        )

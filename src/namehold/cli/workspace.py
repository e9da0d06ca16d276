"""Where the parts meet: names.yaml, its index, the index's list of names, the ledger, the account's token.

    workspace = Workspace(session_of(ctx))
    with workspace.ledger() as ledger, workspace.index() as reader:
        ...

Every part is made when it is asked for, and a heavy library is imported then: a command pays for no more than it uses.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from namehold import documents
from namehold.cli.kept import load_kept
from namehold.cli.output import write_text
from namehold.cli.session import Session, warn
from namehold.errors import CredentialError, IndexError_, InputError, SnapshotError
from namehold.text import count

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from namehold.candidates import Dictionary, PopularNames, Weights
    from namehold.evidence import DiscoveryReport, ReleasesRead
    from namehold.files import InnerPath, Place
    from namehold.index import IndexProfile, TokenSource
    from namehold.index.access import HttpIndex, KeptAnswers
    from namehold.ledger import Holdings, KeptKey, KeyEntry, Ledger, LedgerEvent, LedgerKey
    from namehold.ownership import OwnershipProof
    from namehold.placeholder import Templates
    from namehold.plan import Plan, Territory
    from namehold.portfolio import Evidence, Portfolio, Surface
    from namehold.publish import Edges, Rehearsal
    from namehold.rehearsal import Faults
    from namehold.snapshot import Snapshot, SnapshotStore


class SystemClock:
    """The machine's clock, in UTC, and its pauses."""

    @staticmethod
    def sleep(seconds: float) -> None:
        """Waits for `seconds`."""
        time.sleep(seconds)

    def now(self) -> dt.datetime:
        """Timezone-aware UTC time."""
        return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that a plan is made from.

    `proofs` are the last answers about who owns the packages, `releases` what was read of their releases.
    """

    portfolio: Portfolio
    evidence: Evidence
    profile: IndexProfile
    view: Snapshot | None
    holdings: Holdings
    templates: Templates
    weights: Weights
    popular: PopularNames
    dictionary: Dictionary
    proofs: tuple[OwnershipProof, ...] = ()
    general: frozenset[str]
    releases: ReleasesRead

    def plan(self, *, as_of: dt.date, report: Callable[[float], None] = lambda _: None) -> Plan:
        """The plan that these inputs give; `report` hears the share that is made. Raises TemplateError."""
        from namehold.plan import make_plan

        return make_plan(
            self.portfolio,
            view=self.view,
            holdings=self.holdings,
            renderer=self.templates,
            weights=self.weights,
            popular=self.popular.ranks,
            dictionary=self.dictionary.words,
            general=self.general,
            as_of=as_of,
            quota=self.holdings.quota or self.profile.quota,
            profile=self.profile,
            evidence=self.evidence,
            proofs=self.proofs,
            releases=self.releases.shown(),
            report=report,
        )

    def territory(
        self,
        proofs: Collection[OwnershipProof] | None = None,
        *,
        as_of: dt.date,
        shown: Mapping[NormalizedName, tuple[Surface, ...]] | None = None,
    ) -> Territory:
        """Whose each name is, by these inputs, or by the packages alone that these `proofs` prove.

        `shown` are the packages' releases in place of the kept record.
        """
        from namehold.ownership import find_proved
        from namehold.plan import make_territory

        among = self.portfolio if proofs is None else self.portfolio.among(find_proved(proofs, today=as_of))
        return make_territory(
            among.with_evidence(self.evidence),
            view=self.view,
            holdings=self.holdings,
            popular=self.popular.ranks,
            dictionary=self.dictionary.words,
            general=self.general,
            as_of=as_of,
            profile=self.profile,
            releases=self.releases.shown() if shown is None else shown,
            proofs=self.proofs if proofs is None else proofs,
        )

    def require_safe(self, plan: Plan) -> None:
        """Raises UnsafePlan with what the guards find in a plan of these inputs."""
        from namehold.plan import refuse
        from namehold.plan.checks import find_plan_refusals

        found = find_plan_refusals(
            plan,
            portfolio=self.portfolio,
            holdings=self.holdings,
            profile=self.profile,
            territory=self.territory(as_of=plan.provenance.as_of),
        )
        refuse(found)


class Workspace:
    """What one call works on. `session` says where it lies."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._made_key: KeptKey | None = None

    # ------------------------------------------------------------------ names.yaml and its index

    @property
    def has_config(self) -> bool:
        """Whether there is a names.yaml, which some commands do without."""
        return self.session.config.exists()

    @cached_property
    def portfolio(self) -> Portfolio:
        """names.yaml, its warnings told on standard error. Raises ConfigError."""
        from namehold.portfolio import load_portfolio

        loaded = load_portfolio(self.session.config, today=SystemClock().now().date())
        self.session.detail(f"Read {self.session.config}: {count(len(loaded.portfolio.packages), 'package')}.")
        for warning in loaded.warnings:
            self.session.say(str(warning))
        return loaded.portfolio

    @cached_property
    def evidence(self) -> Evidence:
        """evidence.yaml beside names.yaml, its warnings told on standard error. Raises ConfigError."""
        from namehold.portfolio import EVIDENCE_FILE, load_evidence

        place = self.session.config.with_name(EVIDENCE_FILE)
        loaded = load_evidence(place, self.portfolio, today=SystemClock().now().date())
        for warning in loaded.warnings:
            self.session.say(str(warning))
        return loaded.evidence

    @cached_property
    def profile(self) -> IndexProfile:
        """The index that names.yaml names: a known one, or a private one by its addresses. Raises ConfigError."""
        from namehold.index import private_profile, profile

        account = self.portfolio.account
        if self.portfolio.index is not None:
            return private_profile(self.portfolio.index, nickname=account.index)
        return profile(account.index)

    def find_index(self, nickname: str | None = None) -> IndexProfile:
        """The index that a command is about: of this nickname, else that of names.yaml, else the public one.

        Raises ConfigError for an invalid names.yaml, or a nickname that neither it nor namehold knows.
        """
        from namehold.index import KNOWN_INDEXES, profile

        if self.has_config and (not nickname or nickname == self.portfolio.account.index):
            return self.profile
        return profile(nickname or KNOWN_INDEXES[0])

    @property
    def contact(self) -> str:
        """Whom an index's people may write to, else whose packages are asked for; empty without a names.yaml."""
        return (self.portfolio.organization.contact or self.portfolio.owner) if self.has_config else ""

    def require_complete(self) -> None:
        """Raises ConfigError while names.yaml lacks what must be known before anything is approved, built or sent."""
        from namehold.portfolio import require_complete

        require_complete(self.portfolio, path=self.session.config)

    def read_config(self) -> bytes:
        """The bytes of names.yaml; none where there is no such file. Raises ConfigError."""
        from namehold.portfolio import read_content

        try:
            return read_content(self.session.config)
        except FileNotFoundError:
            return b""

    def write_entries(self, *entries: tuple[str, Mapping[str, str | dt.date | int]]) -> None:
        """Adds an entry to a list of names.yaml each, given as (list, entry); comments and order stay.

        Raises ConfigError or InputError where that can't be done; nothing is written then.
        """
        from namehold.portfolio import add_to_section, save

        before = after = self.read_config()
        for section, entry in entries:
            after = add_to_section(after, section, entry, path=str(self.session.config))
        save(self.session.config, before=before, after=after)

    # ------------------------------------------------------------------ the index over the network

    def can_ask(self, index: IndexProfile | None = None) -> bool:
        """Whether `--offline` lets this index be asked (default: that of names.yaml): one on this machine always."""
        return not self.session.offline or (index or self.profile).is_loopback

    def require_network(self, what: str, index: IndexProfile | None = None, *, instead: str = "") -> None:
        """Raises IndexError_ where `can_ask` says no; `instead` is what works without."""
        if not self.can_ask(index):
            fix = f"{self.session.way_online}{f'; or {instead}' if instead else ''}"
            raise IndexError_(f"{what} asks the index, which {self.session.offline_by} forbids", fix=fix)

    def index(
        self,
        profile: IndexProfile | None = None,
        *,
        contact: str | None = None,
        cache: KeptAnswers | None = None,
        within_s: float = math.inf,
    ) -> HttpIndex:
        """The index over HTTP, to be closed after use. Default: index and contact of names.yaml.

        `within_s` bounds all questions together, in seconds.
        """
        from namehold.index.access import HttpIndex

        who = self.contact if contact is None else contact
        policy = self.session.policy
        return HttpIndex(
            profile or self.profile,
            contact=who,
            policy=policy,
            cache=cache,
            within_s=within_s,
            sleep=SystemClock.sleep,
            tell=self.session.say,
        )

    def cache(self, index: IndexProfile) -> InnerPath:
        """Where the lists and answers of this index are kept: with the user, since a checkout could bring its own.

        A private index's nickname is one project's own word for it, so its folder is named after its address.
        """
        if index.is_public:
            return self._cache
        return self._cache / "private" / hashlib.sha256(index.simple.encode()).hexdigest()

    @cached_property
    def _cache(self) -> InnerPath:
        if self.session.is_cache_inside:
            told = f"lists of names are kept in {self.session.cache}, where a checkout can bring others along"
            warn(f"Warning: {told}; set NAMEHOLD_CACHE to a folder of your own.")
        return self.session.cache

    def snapshot_store(self, index: IndexProfile) -> SnapshotStore:
        """Where this index's list of names is kept."""
        from namehold.snapshot import SnapshotStore

        return SnapshotStore(self.cache(index) / "snapshots")

    def snapshot(self, index: IndexProfile | None = None, *, file: Path | None = None) -> Snapshot | None:
        """The list of the names on the index: from `file`, else the kept one; None if there is neither.

        A list that is given by hand counts as complete and as one of this index. Raises SnapshotError.
        """
        from namehold.snapshot import load_file

        index = index or self.profile
        if file is None:
            kept = self.snapshot_store(index).open(index.nickname)
            if kept is not None:
                self.session.detail(f"Read {index.nickname}'s list: {kept.info.count:,} names of {kept.info.taken}.")
            return kept
        listed, snapshot = load_file(file, index=index.nickname)
        if listed.left_out:
            self.session.say(f"Left out of {file}: {count(listed.left_out, 'line')} without a name.")
        return snapshot

    def warn_of_unlisted(self) -> None:
        """Says which packages of names.yaml the kept list of the index hasn't: they may be misspelled."""
        from namehold.candidates import popular_names
        from namehold.plan import find_unlisted

        try:
            view = self.snapshot()
        except SnapshotError:
            return
        for warning in find_unlisted(self.portfolio, view=view, popular=popular_names().ranks):
            self.session.say(warning.text, label="Warning")

    # ------------------------------------------------------------------ what is held

    def ledger_path(self, index: str | None = None) -> InnerPath:
        """Where the ledger of `index` (a nickname; default: that of names.yaml) lies, whether it exists or not.

        Raises InputError for what can't be one: it may come from a register that somebody else wrote.
        """
        from namehold.index import NICKNAME

        nickname = self.profile.nickname if index is None else index
        if not NICKNAME.fullmatch(nickname):
            raise InputError(f"{nickname!r} is no nickname of an index")
        return self.session.state / f"ledger-{nickname}.jsonl"

    def holdings(self, *, index: str | None = None, username: str | None = None) -> Holdings:
        """What the ledger of this index (a nickname) and this account proves; empty if there is none yet.

        Default: index and account of names.yaml. Raises LedgerError, for a ledger of somebody else's, too: its names
        would be reported as ours.
        """
        from namehold.ledger import read_holdings, require_owner

        path = self.ledger_path(index)
        holdings = read_holdings(path, find_key=self.find_key)
        require_owner(
            holdings,
            path,
            index=self.profile.nickname if index is None else index,
            username=self.portfolio.account.username if username is None else username,
        )
        return holdings

    def ledger(self, index: str | None = None) -> Ledger:
        """The ledger of this index (default: that of names.yaml) and the account, held for writing until it is closed.

        Raises LedgerError.
        """
        from namehold.ledger import Ledger

        self.require_complete()
        return Ledger.open(
            self.ledger_path(index),
            index=self.profile.nickname if index is None else index,
            username=self.portfolio.account.username,
            organization=self.portfolio.organization.name,
            time=SystemClock().now(),
            find_key=self.find_key,
        )

    def events(self) -> tuple[LedgerEvent, ...]:
        """The ledger's events. Raises LedgerError."""
        from namehold.ledger import read

        return read(self.ledger_path(), find_key=self.find_key).events

    # ------------------------------------------------------------------ the ledger's key

    @cached_property
    def key_entry(self) -> KeyEntry:
        """Where the account's key is kept; without a names.yaml no keyring knows whose that is."""
        from namehold.ledger import KeyEntry

        if not self.has_config:
            return KeyEntry(None, username="", environment=self.session.environment)
        return KeyEntry(self.profile, username=self.portfolio.account.username, environment=self.session.environment)

    @cached_property
    def _found_key(self) -> KeptKey | None:
        return self.key_entry.find()

    def find_key(self) -> LedgerKey | None:
        """The ledger's key, looked for once; None if there is none. Raises CredentialError for one that is unfit."""
        found = self._made_key or self._found_key
        return found.key if found is not None else None

    def make_key(self, holdings: Holdings) -> None:
        """Makes the key before the first approval or rehearsal, or says what follows where none can be kept.

        `holdings` is the ledger's: one that another key has sealed gets no second one.
        """
        if self.find_key() is not None:
            return
        if holdings.unread:
            self.say_unread(holdings)
            return
        try:
            self._made_key = self.key_entry.make()
        except CredentialError as error:
            self.session.say(
                "There is no key for the ledger: an approval holds for this run only, and apply rehearses again by "
                f"itself. A scheduled run needs one, and {error.message}: {error.fix}."
            )
        else:
            self.session.say(
                f"Made a key for the ledger, kept in {self._made_key.place}. Who has it can approve; keep a copy: "
                "namehold key show."
            )

    def say_unread(self, holdings: Holdings, *, is_waiting: bool = False) -> None:
        """Says which lines of the ledger count for nothing here, and why.

        `is_waiting`: something waits for an approval. If nothing does, and there is no key, an old approval was for
        its own run, and there is nothing to say of it.
        """
        if holdings.unproved and (is_waiting or self.find_key() is not None):
            self.session.say(
                f"Approvals and rehearsals in the ledger that don't count: {holdings.unproved}. They were written "
                "without a key or with another one. Approve again; apply rehearses by itself."
            )
        if holdings.unread:
            self.session.say(
                f"Lines of the ledger that are sealed with a key that isn't here: {holdings.unread}. Bring it: "
                "namehold key import FILE. If it is lost, no name is: each is asked for on the index before it is sent."
            )

    # ------------------------------------------------------------------ what earlier commands kept

    @property
    def plan_path(self) -> InnerPath:
        """Where `namehold plan` writes, and where the other commands look."""
        return self.session.state / "plan.json"

    def plan(self, path: Place | None = None) -> Plan:
        """The plan in a file; default: the last one. Raises InputError."""
        from namehold.plan import read_plan

        plan = read_plan(path or self.plan_path)
        self.session.detail(
            f"Read the plan {path or self.plan_path} of {plan.provenance.as_of}: {count(len(plan.actions), 'action')}."
        )
        return plan

    def proofs(self) -> tuple[OwnershipProof, ...]:
        """The last proofs of the targets, as far as they still say something."""
        from namehold.ownership import OwnershipRecord

        record = load_kept(self.session.state / "ownership.json", "ownership", OwnershipRecord)
        return record.proofs if record is not None and record.is_about(self.portfolio) else ()

    def save_proofs(self, proofs: Sequence[OwnershipProof], *, now: dt.datetime) -> None:
        """Keeps the proofs of a look-up for the commands that work offline."""
        from namehold.ownership import OwnershipRecord, record_proofs

        path = self.session.state / "ownership.json"
        record = record_proofs(self.portfolio, proofs, last=load_kept(path, "ownership", OwnershipRecord), now=now)
        write_text(documents.dump("ownership", record), path)

    def discovery(self) -> DiscoveryReport | None:
        """The last discovery on this index; None if there is none."""
        from namehold.evidence import DiscoveryReport

        report = load_kept(self.session.state / "discovery.json", "discovery", DiscoveryReport)
        return report if report is not None and report.index == self.portfolio.account.index else None

    @property
    def releases_path(self) -> InnerPath:
        """Where the record of releases lies; it travels with the ledger, whose neighbour it is."""
        return self.session.state / f"releases-{self.profile.nickname}.json"

    def releases(self) -> ReleasesRead:
        """What was read of the packages' releases on this index; empty before the first discovery."""
        from namehold.evidence import ReleasesRead

        nickname, read = self.portfolio.account.index, load_kept(self.releases_path, "releases", ReleasesRead)
        return read if read is not None and read.index == nickname else ReleasesRead(index=nickname)

    def save_releases(self, read: ReleasesRead) -> None:
        """Keeps what was read of the packages' releases, one package a line."""
        write_text("".join(documents.dump_records("releases", read)), self.releases_path)

    # ------------------------------------------------------------------ what plans are made from and carried out with

    def templates(self) -> Templates:
        """The templates of placeholders: the organization's own, in a folder below that of names.yaml, or ours."""
        from namehold.placeholder import Templates

        chosen = self.portfolio.policy.templates
        return Templates(self.session.folder.joined(chosen) if chosen else None, self.profile)

    def inputs(self, *, snapshot: Path | None = None) -> Inputs:
        """All inputs of a plan; `snapshot` is a list of names from a file, used once instead of the kept one.

        Raises ConfigError, SnapshotError, LedgerError, TemplateError.
        """
        from namehold.candidates import general_words, load_dictionary, load_weights, popular_names

        return Inputs(
            portfolio=self.portfolio,
            evidence=self.evidence,
            profile=self.profile,
            view=self.snapshot(file=snapshot),
            holdings=self.holdings(),
            templates=self.templates(),
            weights=load_weights(),
            popular=popular_names(),
            dictionary=load_dictionary(),
            proofs=self.proofs(),
            general=general_words(),
            releases=self.releases(),
        )

    def tokens(self) -> TokenSource:
        """The account's token from environment or keyring. Raises CredentialError."""
        from namehold.index.access import NarrowingTokens, find_token

        username = self.portfolio.account.username
        found = find_token(self.profile, username=username, environment=self.session.environment)
        tokens = NarrowingTokens(found.require_made_by(self.profile))
        if not tokens.can_narrow:
            self.session.say(
                "This token can't be narrowed on this machine (it is no macaroon): every upload carries all its rights."
            )
        return tokens

    def edges(
        self, inputs: Inputs, *, ledger: Ledger, reader: HttpIndex, tokens: TokenSource, wait_s: float = 0.0
    ) -> Edges:
        """What an apply works with; `wait_s` is how many seconds it may wait for slots."""
        from namehold.cli.looks import kept_looks
        from namehold.index.access import TwineUploader
        from namehold.placeholder import PlaceholderBuilder
        from namehold.publish import Edges

        clock, account = SystemClock(), f"{self.portfolio.account.username} at {self.profile.upload}"
        asked: list[OwnershipProof] = []

        def keep(proofs: Sequence[OwnershipProof]) -> None:
            asked.extend(proofs)
            self.save_proofs(proofs, now=clock.now())

        return Edges(
            profile=self.profile,
            reader=reader,
            web=reader,
            uploader=TwineUploader(self.profile, contact=self.contact, policy=self.session.policy),
            tokens=tokens,
            ledger=ledger,
            renderer=inputs.templates,
            builder=PlaceholderBuilder(),
            clock=clock,
            # One for each ledger: its holder is the only one who works in its outbox.
            outbox=self.session.state / "outbox" / self.profile.nickname,
            sleep=SystemClock.sleep,
            wait_s=wait_s,
            keep_proofs=keep,
            asked=lambda: tuple(asked),
            listed=lambda: inputs.view,
            releases=inputs.releases,
            territory=inputs.territory,
            account=kept_looks(
                self.session.state / f"account-{self.profile.nickname}.json", account=account, find_key=self.find_key
            ),
        )

    def rehearse(
        self,
        plan: Plan,
        inputs: Inputs,
        *,
        faults: Faults | None = None,
        report: Callable[[object], None] = lambda _: None,
    ) -> Rehearsal:
        """The plan carried out on an embedded index, its files in a folder of their own; `report` gets each receipt."""
        from namehold.placeholder import PlaceholderBuilder
        from namehold.publish import rehearse_plan

        return rehearse_plan(
            plan,
            portfolio=inputs.portfolio,
            view=inputs.view,
            renderer=inputs.templates,
            builder=PlaceholderBuilder(),
            folder=self.session.state / "rehearsal",
            profile=inputs.profile,
            faults=faults,
            report=report,
        )

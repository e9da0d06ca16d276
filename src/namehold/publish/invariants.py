"""What must hold after any run on an embedded index, whatever went wrong on the way.

    find_breaches(plan, holdings=..., state=index.state, account="acme", sent=uploader.sent, kills=0)

For rehearsals with faults, stress tests and the test suite; nothing here is ever asked about a real index.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from packaging.utils import NormalizedName

from namehold.index import Answer, BuiltFile, Token, Uploader
from namehold.ledger import Holdings
from namehold.plan import Plan

if TYPE_CHECKING:
    from namehold.rehearsal import IndexState


#: Faults after which it can't be known how much of the quota is left.
_HIDE_THE_QUOTA: Final = ("dropped-after", "error-after", "quota-changed", "rival", "portal", "storm", "wrong-headers")


@dataclass(slots=True)
class RememberedUploads:
    """An uploader that remembers name and file of every request; `before` is called with each before it is sent."""

    inner: Uploader
    before: Callable[[BuiltFile], None] = lambda _: None
    sent: list[tuple[NormalizedName, str]] = field(default_factory=list)

    def upload(self, file: BuiltFile, token: Token) -> Answer:
        """What the index answers."""
        self.before(file)
        self.sent.append((file.name, file.filename))
        return self.inner.upload(file, token)


def find_breaches(
    plan: Plan,
    *,
    holdings: Holdings,
    state: IndexState,
    account: str,
    sent: Sequence[tuple[NormalizedName, str]],
    kills: int = 0,
) -> tuple[str, ...]:
    """What doesn't hold, as sentences; none is what to expect.

    `sent` are name and file of every request that left, `kills` how often a run was killed.
    """
    planned = {action.name for action in plan.actions}
    breaches = []
    if strange := {name for name, _ in sent} - planned:
        breaches.append(f"names outside the plan were sent: {', '.join(sorted(strange))}")
    files, faults = len(set(sent)), sum(state.faults_injected.values())
    if len(sent) > files + faults + kills:
        breaches.append(f"{len(sent)} uploads for {files} files with {faults} faults and {kills} kills")
    refused = sum(upload.status == HTTPStatus.TOO_MANY_REQUESTS for upload in state.uploads)
    excuses = kills + sum(state.faults_injected[kind] for kind in _HIDE_THE_QUOTA)
    if refused > excuses:
        breaches.append(f"{refused} uploads beyond the quota, of which {excuses} can be excused")
    kept = Counter(upload.filename for upload in state.uploads if upload.is_committed)
    if twice := sorted(filename for filename, times in kept.items() if times > 1):
        breaches.append(f"taken twice: {', '.join(twice)}")
    if too_many := _find_overdrawn(state, account):
        breaches.append(f"the account made more new projects than the quota allows until {too_many:%Y-%m-%d %H:%M}")
    on_index = {
        name: {file.filename: file.digests["sha256"] for file in stored}
        for name, stored in state.holdings_of(account).items()
        if name in planned
    }
    taken_away = {name for name, _ in state.administrators_acted}
    return (*breaches, *_find_disagreements(holdings, on_index, taken_away))


def _find_disagreements(
    holdings: Holdings, on_index: Mapping[NormalizedName, Mapping[str, str]], taken_away: set[NormalizedName]
) -> list[str]:
    """Names of which ledger and index tell different stories."""
    breaches = []
    held = {item.name: dict(item.files) for item in holdings.held}
    for name in sorted((held.keys() | on_index.keys()) - taken_away):
        if name not in on_index:
            breaches.append(f"{name} is held by the ledger and not on the index")
        elif name not in held:
            breaches.append(f"{name} is on the index and not held by the ledger")
        elif not on_index[name].items() <= held[name].items():
            breaches.append(f"{name} has other files on the index than its receipt says")
    if holdings.unproven:
        breaches.append(f"still unproven: {', '.join(intent.name for intent in holdings.unproven)}")
    return breaches


def _find_overdrawn(state: IndexState, account: str) -> dt.datetime | None:
    """When the account's new projects in one window were more than the address may make; None if never.

    The account's own quota may change underway; the address's stays.
    """
    times = [upload.time for upload in state.uploads if upload.spent_slot and upload.user == account]
    quota = state.limits.addresses.quota
    window = dt.timedelta(seconds=quota.window_s)
    for first, last in zip(times, times[quota.limit :], strict=False):
        if last - first < window:
            return last
    return None

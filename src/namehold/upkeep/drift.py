"""Where ledger, index and portfolio disagree: pure comparison of what each of them says.

sight(state, files=..., portfolio=..., shows_ownership=True)
find_drift(holdings, portfolio=..., states=..., shows_ownership=True)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from packaging.utils import NormalizedName
from packaging.version import Version

from namehold.errors import IndexError_
from namehold.index import ProjectState, ProjectStatus, is_same_account
from namehold.ledger import HeldName, Holdings, Sight, find_loss, sight, tell_undecided
from namehold.portfolio import Mode, Portfolio, Renewal
from namehold.text import count

#: What each sight of a held name means: rule, text and fix. OURS has no row: it is no drift, unless files were added.
_INDEX_DRIFT: Final = {
    Sight.ABSENT: ("drift-vanished", "the index has it no longer", "ask its administrators before anything else"),
    Sight.QUARANTINED: (
        "drift-quarantined",
        "the index's administrators have quarantined it",
        "ask them before anything else",
    ),
    Sight.STRANGER: (
        "drift-stranger",
        "the index shows another owner",
        "if it was handed over, record it; else tell the index's administrators",
    ),
    Sight.UNCLEAR: ("drift-unclear", "the index doesn't show who holds it", "look at its page on the index"),
    Sight.PARTLY: (
        "drift-file-missing",
        "not all of the files that were sent are on the index",
        "publish a new version if the missing file matters",
    ),
    Sight.OTHER: (
        "drift-file-changed",
        "its files on the index aren't the ones that the ledger proves",
        "find out who has access to the account; report it to the index",
    ),
}

#: The rule of what is told of a page that couldn't be read.
UNREAD: Final = "drift-unread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One disagreement about one name: a stable rule, a sentence, and what to do.

    `renewal` is the entry of `renew` in names.yaml that would fix it, if a later version can; a person decides.
    """

    rule: str
    name: NormalizedName
    text: str
    fix: str
    renewal: Renewal | None = None


def find_drift(
    holdings: Holdings, *, portfolio: Portfolio, states: Mapping[NormalizedName, ProjectState], shows_ownership: bool
) -> tuple[Drift, ...]:
    """Every disagreement, names in the ledger's order. Names without a state are compared without the index."""
    # An internal name is its own target.
    targets = {package.name for package in portfolio.packages} | {item.name for item in portfolio.internal}
    published = {package.name for package in portfolio.packages if package.published}
    found: list[Drift] = []
    for held in holdings.held:
        state = states.get(held.name)
        if state is not None:
            found += find_drift_of(held, state, portfolio=portfolio, shows_ownership=shows_ownership)
        if held.mode is not Mode.REFUSE and held.target in published and held.target in states:
            is_renewed = any(item.name == held.name for item in portfolio.renewals)
            found += _find_stale_advice(held, states[held.target], is_renewed=is_renewed)
        if held.target not in targets:
            text = f"it points to {held.target}, which names.yaml has no longer"
            fix = "put the package back, or hand the name over"
            found.append(Drift(rule="drift-target-gone", name=held.name, text=text, fix=fix))
    for intent in holdings.unproven:
        text = "it was sent, or about to be, and nothing proves yet what became of it"
        fix = "namehold apply asks the index again"
        found.append(Drift(rule="drift-unproven", name=intent.name, text=text, fix=fix))
    for name, seen in tell_undecided(holdings).items():
        text = f"{seen}; nothing is sent until a person has written down what came of it"
        fix = f"find out what happened, then: namehold status --decide {name}='WHAT HAPPENED, OR WHAT THEY SAID'"
        found.append(Drift(rule="drift-undecided", name=name, text=text, fix=fix))
    return tuple(found)


def tell_unread(name: NormalizedName, error: IndexError_) -> Drift:
    """What is told of a held name, or of a package that one points to, while the index's answer can't be used."""
    text = f"the index gives no usable answer about it: {error.message}"
    return Drift(rule=UNREAD, name=name, text=text, fix=error.fix or "call again later")


def find_drift_of(
    held: HeldName, state: ProjectState, *, portfolio: Portfolio, shows_ownership: bool
) -> tuple[Drift, ...]:
    """Where the index's word on one held name disagrees with the ledger's; what it leads to isn't looked at."""
    # An adopted project may be a co-maintainer's: it wasn't sent from the account.
    ours = portfolio if held.action_digest else _with_holder(portfolio, state)
    seen = sight(state, files=held.files, portfolio=ours, shows_ownership=shows_ownership)
    return (
        *_find_unknown_status(held.name, state),
        *_find_index_drift(held, state, seen),
        *_find_weakness(held, state, seen, portfolio=portfolio),
    )


def _with_holder(portfolio: Portfolio, state: ProjectState) -> Portfolio:
    """The portfolio under the holder of names.yaml who has a role on the project, if there is one."""
    account, shown = portfolio.account, state.ownership
    holder = next((name for name in account.holders if shown is not None and shown.has_user(name)), account.username)
    return replace(portfolio, account=replace(account, username=holder))


def _find_stale_advice(held: HeldName, target: ProjectState, *, is_renewed: bool) -> list[Drift]:
    """A placeholder that sends people to a package that is gone or no longer maintained."""
    if target.unknown_status:
        return _find_unknown_status(held.name, target, of=f"it points to {held.target}: ")
    if target.exists and target.status is ProjectStatus.ACTIVE:
        return []
    what = f"is {target.status} on the index" if target.exists else "isn't on the index any more"
    renewal, fix = None, "let a later version lead elsewhere, or warn of its end (renew in names.yaml)"
    # An adopted project may be a real one: only a person asks for a placeholder in its place.
    if not is_renewed and (held.action_digest or re.fullmatch(r"0\.0\.\d{1,3}", held.version)):
        renewal = Renewal(name=held.name, version=held.next_version, reason=f"{held.target} {what}.")
        fix = (
            f"namehold status --renew {held.name} asks for a version that says so, "
            f"--renew {held.name}=PACKAGE for one that leads elsewhere"
        )
    text = f"it tells people to install {held.target}, which {what}"
    return [Drift(rule="drift-advice-stale", name=held.name, text=text, fix=fix, renewal=renewal)]


def _find_unknown_status(name: NormalizedName, state: ProjectState, *, of: str = "") -> list[Drift]:
    """A status marker that isn't known here, on a held name or on the package that it points to (`of`)."""
    text, fix = f"{of}{state.unknown_status}", "look at its page on the index, or use a newer namehold"
    return [Drift(rule="drift-status-unknown", name=name, text=text, fix=fix)] if state.unknown_status else []


def _find_weakness(held: HeldName, state: ProjectState, seen: Sight, *, portfolio: Portfolio) -> list[Drift]:
    """What leaves our files in place and makes them worth less: yanked, archived, another user with a role."""
    if seen in {Sight.ABSENT, Sight.QUARANTINED, Sight.STRANGER}:
        return []
    found: list[Drift] = []
    sent, version = {filename for filename, _ in held.files}, Version(held.version)
    if any(item.is_yanked and item.filename in sent and item.version == version for item in state.files):
        text = f"its release {held.version} is yanked: installers don't take it, so it protects no user"
        fix = "if none of you yanked it, ask the index's administrators; else take it back on its page"
        found.append(Drift(rule="drift-yanked", name=held.name, text=text, fix=fix))
    if not held.action_digest:
        # An adopted project is a real one: it may be archived, and have other maintainers.
        return found
    if state.status is ProjectStatus.ARCHIVED:
        text, fix = "it is archived: the index takes no later version of it", "unarchive it on its page on the index"
        found.append(Drift(rule="drift-archived", name=held.name, text=text, fix=fix))
    ours = (portfolio.account.username, *portfolio.account.holders)
    shown = state.ownership.roles if state.ownership is not None else ()
    others = [item for item in shown if not any(is_same_account(item.user, user) for user in ours)]
    if others:
        # No person is named: what a run prints stands in public logs.
        roles = ", ".join(sorted({item.role for item in others}))
        text = f"{count(len(others), 'user')} beside your own accounts can change it (role: {roles})"
        fix = "if none of you gave the role, treat the account as broken into; else add the user to account.holders"
        found.append(Drift(rule="drift-role", name=held.name, text=text, fix=fix))
    return found


def _find_index_drift(held: HeldName, state: ProjectState, seen: Sight) -> list[Drift]:
    if seen in {Sight.OTHER, Sight.UNCLEAR} and find_loss(state, files=held.files):
        text = "none of the files that were sent is on the index any more: its administrators may have removed them"
        return [Drift(rule="drift-files-gone", name=held.name, text=text, fix="ask them before anything else")]
    if seen is Sight.PARTLY and held.unsent:
        text = "a file never arrived, or the index doesn't show it"
        fix = "namehold apply builds it again and sends it, if it is byte for byte what the ledger tells of"
        return [Drift(rule="drift-file-missing", name=held.name, text=text, fix=fix)]
    if seen in _INDEX_DRIFT:
        rule, text, fix = _INDEX_DRIFT[seen]
        return [Drift(rule=rule, name=held.name, text=text, fix=fix)]
    known = {filename for filename, _ in held.files}
    more = sorted(item.filename for item in state.files if item.filename not in known)
    text = f"the index has files that the ledger doesn't know: {', '.join(more)}"
    fix = "if none of you uploaded them, treat the account as broken into"
    return [Drift(rule="drift-file-added", name=held.name, text=text, fix=fix)] if more else []

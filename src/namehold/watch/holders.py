"""Who holds a name that is taken: we, a co-maintainer, another project, or perhaps an imitation?

    judge_holder(state, target=target_state, portfolio=portfolio)

What comes out names no person: users stay in the private cache, only what follows from them is told.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from namehold.index import HolderFacts, ProjectState, ProjectStatus, Relation
from namehold.mentions import says_held
from namehold.ownership import is_under_account_or_holder
from namehold.portfolio import Portfolio
from namehold.text import shorten, visible

#: A summary that is shown; longer ones are cut.
_SUMMARY_LENGTH: Final = 120
#: As much of a summary as is looked at: an index may give anything for one.
_SUMMARY_READ: Final = 2_000
#: A reader of a project's page sees about this much before scrolling.
_FIRST_CHARACTERS: Final = 800
#: The sign of a project that is nothing but a held name: on a name like ours a case for the administrators (PEP 541).
ONLY_HOLDS: Final = "it says that it only holds the name"
#: Shorter texts agree by accident.
_TELLING_SUMMARY: Final = 12


def judge_holder(state: ProjectState, *, target: ProjectState | None, portfolio: Portfolio) -> HolderFacts:
    """What the project in `state` is to us; `target` is our package that its name may be mistaken for."""
    if not state.exists:
        return HolderFacts(relation=Relation.GONE)
    summary = neutral_summary(state)
    if state.ownership is not None and is_under_account_or_holder(state.ownership, portfolio):
        return HolderFacts(relation=Relation.OURS, summary=summary)
    if _shares_maintainers(state, target):
        return HolderFacts(relation=Relation.CO_MAINTAINED, summary=summary)
    signs = find_signs(state, target)
    if signs:
        return HolderFacts(relation=Relation.POSSIBLE, signs=signs, summary=summary)
    is_shown = bool(state.files) or state.ownership is not None
    return HolderFacts(relation=Relation.NO_SIGN if is_shown else Relation.UNKNOWN, summary=summary)


def find_signs(state: ProjectState, target: ProjectState | None) -> tuple[str, ...]:
    """What a project says of itself or has in common with our package: none of it proves an imitation."""
    signs = []
    if says_held(state.summary) or says_held(state.description[:_FIRST_CHARACTERS]):
        signs.append(ONLY_HOLDS)
    if target is None or not target.exists:
        return tuple(signs)
    if target.name in _words(state.summary):
        signs.append(f"its summary names {target.name}")
    if target.name in state.requires:
        signs.append(f"it requires {target.name}")
    if _plain(state.summary) == _plain(target.summary) and is_telling(target.summary):
        signs.append(f"its summary is that of {target.name}")
    if any(canonicalize_name(item.filename.partition("-")[0]) == target.name for item in state.files):
        signs.append(f"a file of it is called {target.name}")
    if _addresses(state) & _addresses(target):
        signs.append(f"it links to the pages of {target.name}")
    if state.status is ProjectStatus.QUARANTINED:
        signs.append("the index's administrators have quarantined it")
    return tuple(signs)


def neutral_summary(state: ProjectState) -> str:
    """The project's summary on one line, without the names of its users and without addresses of people."""
    # A word that the cut goes through may be the first half of an address.
    words = visible(state.summary[:_SUMMARY_READ]).split(" ")
    words = words[:-1] if len(state.summary) > _SUMMARY_READ else words
    text = " ".join("…" if "@" in word[1:-1] else word for word in words)
    folded = text.casefold()
    users = state.ownership.users if state.ownership is not None else ()
    for user in sorted((user for user in users if user.casefold() in folded), key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(user)}(?![\w-])", "…", text, flags=re.IGNORECASE)
    return shorten(text, _SUMMARY_LENGTH)


def _shares_maintainers(state: ProjectState, target: ProjectState | None) -> bool:
    """Whether a user has a role on both projects, or the same organization on the index holds both."""
    if target is None or target.ownership is None or state.ownership is None:
        return False
    is_same = state.ownership.organization is not None and (
        state.ownership.organization == target.ownership.organization
    )
    return is_same or bool(state.ownership.users & target.ownership.users)


def _words(text: str) -> frozenset[str]:
    """Everything in a text that may be a project's name, as one."""
    return frozenset(canonicalize_name(word.strip("._-")) for word in re.findall(r"[\w.-]+", text))


def is_telling(summary: str) -> bool:
    """Whether a summary is long enough to say what a project is for."""
    return len(_plain(summary)) >= _TELLING_SUMMARY


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".!")


def _addresses(state: ProjectState) -> frozenset[tuple[str, str]]:
    """Hosts and paths that the metadata links to; a bare host says nothing on a forge."""
    found = set()
    for _, address in state.project_urls:
        # An address that is none is no common page.
        with suppress(ValueError):
            parts = urlsplit(address)
            if parts.path.strip("/"):
                found.add((parts.netloc.lower(), parts.path.rstrip("/").lower()))
    return frozenset(found)

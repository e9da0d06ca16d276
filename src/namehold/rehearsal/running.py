"""A package index on 127.0.0.1 that answers uploads like the real one: same checks, order, texts, statuses, quota.

with rehearsal.start(users=["acme-bot"], owned={NormalizedName("acme-tool"): "acme-bot"}) as index:
    token = index.mint_token("acme-bot")
    ...                               # any client: twine to index.upload_url, pip from index.simple_url
    index.clock.advance(86_401)       # the clock stands still otherwise, and is sent as Date
    index.state.uploads               # what was judged, for assertions
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name

from namehold.index import INDEX_QUOTA, REHEARSAL, IndexChoice, IndexProfile, Quota, SnapshotView, private_profile
from namehold.rehearsal.application import Application
from namehold.rehearsal.clocks import RealClock, RehearsalClock, SteppedClock
from namehold.rehearsal.faults import Faults, FaultyApplication
from namehold.rehearsal.limits import CreationLimits, SlidingWindow
from namehold.rehearsal.server import bind, serving
from namehold.rehearsal.state import IndexState, TypoChecks
from namehold.rehearsal.strangers import strangers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningIndex:
    """A rehearsal index that answers. Addresses end with a slash; `upload_url` etc. are those of `profile`."""

    base_url: str
    profile: IndexProfile
    clock: RehearsalClock
    state: IndexState

    @property
    def upload_url(self) -> str:
        """Where twine uploads."""
        return self.profile.upload

    @property
    def simple_url(self) -> str:
        """Where pip installs from (`--index-url`)."""
        return self.profile.simple

    @property
    def json_url(self) -> str:
        """Where `<name>/json` follows."""
        return self.profile.json

    def mint_token(self, user: str, *, caveats: Sequence[list[Any]] = ()) -> str:
        """A new API token of an account, which is made if there is none; `caveats` narrow it (`tokens.py`)."""
        return self.state.tokens.mint(self.state.add_user(user).name, caveats)


@contextmanager
def start(
    *,
    user_quota: Quota = INDEX_QUOTA,
    address_quota: Quota = INDEX_QUOTA,
    clock: RehearsalClock | None = None,
    strangers: SnapshotView | Collection[NormalizedName] = (),
    prohibited: Collection[str] = (),
    users: Collection[str] = (),
    owned: Mapping[NormalizedName, str] | None = None,
    typo_checks: TypoChecks | None = None,
    faults: Faults | None = None,
    imitated: IndexProfile | None = None,
    port: int = 0,
) -> Iterator[RunningIndex]:
    """Runs a rehearsal index until the block ends.

    `strangers` are names that other people hold; projects are made of them only when somebody looks.
    `owned` maps a project to the user who owns it; each gets a small release that pip can install. For links,
    organizations and other files use `index.state.add_project`.
    `typo_checks` (an `index.rules.TypoCorpus`) fills `state.administrators_told`; `faults` make the index misbehave.
    `imitated` is the index that it stands in for: only that one's rules for new names hold; None: the public one's.
    `clock` None: a stepped one that starts at a fixed moment. Port 0: any free one.
    Raises UsageError if the port is taken.
    """
    clock = clock or SteppedClock()
    state = IndexState(
        clock=clock,
        limits=CreationLimits(addresses=SlidingWindow(address_quota), users=SlidingWindow(user_quota)),
        strangers=strangers_of(strangers),
        prohibited={canonicalize_name(name) for name in prohibited},
        typo_checks=typo_checks,
        has_similarity_rule=imitated is None or imitated.has_similarity_rule,
        has_stdlib_rule=imitated is None or imitated.has_stdlib_rule,
    )
    for user in users:
        state.add_user(user)
    for name, owner in (owned or {}).items():
        state.add_project(name, owner=owner)
    application = Application(state)
    served = application if faults is None else FaultyApplication(application, faults)
    with serving(bind(served, clock, port=port)) as base_url:
        state.help_base = base_url
        places = IndexChoice(upload=f"{base_url}/legacy/", simple=f"{base_url}/simple/", json=f"{base_url}/pypi/")
        own = private_profile(places, nickname=REHEARSAL)
        # A private index's profile, with the rules that hold here.
        profile = replace(
            own,
            has_similarity_rule=state.has_similarity_rule,
            has_stdlib_rule=state.has_stdlib_rule,
            quota=user_quota,
        )
        yield RunningIndex(base_url=base_url, profile=profile, clock=clock, state=state)


def serve_forever(
    *,
    port: int = 0,
    names: Iterable[str] = (),
    prohibited: Iterable[str] = (),
    users: Sequence[str] = ("owner",),
    user_quota: Quota = INDEX_QUOTA,
    address_quota: Quota = INDEX_QUOTA,
    imitated: IndexProfile | None = None,
    write: Callable[[str], None],
    seed: Callable[[RunningIndex], None] = lambda _: None,
) -> None:
    """Runs a rehearsal index in real time until it is interrupted (KeyboardInterrupt, which is raised on).

    `imitated` is the index whose rules hold (as for `start`). `seed` gives it its first projects.
    `write` gets one line of JSON, `namehold/serve/1`, with the addresses and a token for each user, before anything
    else; the index answers by then. `names` are strangers' projects. Raises UsageError if the port is taken.
    """
    with start(
        user_quota=user_quota,
        address_quota=address_quota,
        clock=RealClock(),
        strangers=frozenset(canonicalize_name(name) for name in names),
        prohibited=tuple(prohibited),
        users=users,
        imitated=imitated,
        port=port,
    ) as index:
        seed(index)
        line = {
            "schema": "namehold/serve/1",
            "base": index.base_url,
            "upload": index.upload_url,
            "simple": index.simple_url,
            "json": index.json_url,
            "users": [{"name": user, "token": index.mint_token(user)} for user in users],
        }
        write(json.dumps(line) + "\n")
        threading.Event().wait()

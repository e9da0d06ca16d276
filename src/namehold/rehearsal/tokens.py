"""API tokens of the rehearsal index: macaroons with the index's caveats, verified with its texts.

Caveats are JSON arrays (Warehouse, INDEX's help on API tokens): `[0, expires, not_before]` in Unix seconds,
`[1, [normalized names]]`, `[2, [project ids]]`, `[3, user id]`. Anybody who holds a token may append more.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pymacaroons import Verifier
from pymacaroons.exceptions import MacaroonInvalidSignatureException
from pypitoken import LoaderError, Token

Caveat = list[Any]

#: What tokens carried before caveats were arrays: the whole account.
_LEGACY_CAVEAT = {"version": 1, "permissions": "user"}

#: The macaroons' location. Real ones carry the index's host.
_LOCATION = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectContext:
    """The project that a token is used for: what its caveats are held against."""

    project_id: str
    spelled: str
    normalized: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MintedToken:
    """What the index keeps of a token: never the token itself, but the key that proves it."""

    identifier: str
    user: str
    key: str = field(repr=False)
    caveats: tuple[str, ...] = ()


@dataclass(slots=True)
class TokenStore:
    """Every token that was minted and not deleted, by identifier."""

    _minted: dict[str, MintedToken] = field(default_factory=dict)

    def mint(self, user: str, caveats: Sequence[Caveat] = ()) -> str:
        """A new token of `user`, narrowed by `caveats`."""
        minted = MintedToken(
            identifier=str(uuid.uuid4()),
            user=user,
            key=secrets.token_hex(32),
            caveats=tuple(json.dumps(caveat) for caveat in caveats),
        )
        self._minted[minted.identifier] = minted
        token = Token.create(domain=_LOCATION, identifier=minted.identifier, key=minted.key)
        return append_caveats(token.dump(), caveats)

    def delete(self, raw: str) -> None:
        """Forgets a token, as its owner does in the web interface. An unknown one is ignored."""
        minted = self.find(raw)
        if minted is not None:
            del self._minted[minted.identifier]

    def find(self, raw: str) -> MintedToken | None:
        """Whose token this says it is; its signature and caveats are verified later, for a project."""
        token = _load(raw)
        return self._minted.get(token.identifier) if token is not None else None

    def find_denial(self, raw: str, *, context: ProjectContext, user_id: str, now: dt.datetime) -> str | None:
        """Why the token may not be used for this project, in the index's words; None if it may.

        Raises KeyError for a token that `find` doesn't know.
        """
        token = _load(raw)
        minted = self._minted[token.identifier if token else ""]
        assert token is not None  # noqa: S101 -- the line above raised KeyError
        faults: list[str] = []

        def is_met(predicate: str) -> bool:
            fault = _caveat_fault(predicate, context=context, user_id=user_id, now=now)
            if fault:
                faults.append(fault)
            return fault is None

        verifier = Verifier()
        verifier.satisfy_general(is_met)
        try:
            verifier.verify(token._macaroon, minted.key)  # noqa: SLF001 -- pypitoken's only way to its macaroon
        except MacaroonInvalidSignatureException:
            if not faults:
                return "signatures do not match"
        # Observed: the index verifies the caveats that it minted once more, and what their holder added once.
        for caveat in minted.caveats:
            is_met(caveat)
        return ", ".join(faults) or None


def append_caveats(raw: str, caveats: Sequence[Caveat]) -> str:
    """The token narrowed by more caveats, without the index's help."""
    token = _load(raw)
    if token is None:
        raise ValueError("this is no API token")
    for caveat in caveats:
        token._macaroon.add_first_party_caveat(json.dumps(caveat))  # noqa: SLF001 -- see find_denial
    narrowed: str = token.dump()
    return narrowed


def _load(raw: str) -> Token | None:
    try:
        token = Token.load(raw)
        is_ours = token.prefix == "pypi" and bool(token.identifier)
    except (LoaderError, UnicodeDecodeError):
        return None
    return token if is_ours else None


def _caveat_fault(predicate: str, *, context: ProjectContext, user_id: str, now: dt.datetime) -> str | None:
    try:
        found = json.loads(predicate)
    except ValueError:
        return "caveat must be an array"
    if found == _LEGACY_CAVEAT:
        return None
    if not isinstance(found, list) or not found:
        return "caveat must be an array"
    tag, *values = found
    match tag, values:
        case 0, [int() as expires, int() as not_before]:
            return None if not_before <= int(now.timestamp()) < expires else "token is expired"
        case 1, [list() as names]:
            is_meant = context.normalized in names
        case 2, [list() as identifiers]:
            is_meant = context.project_id in identifiers
        case 3, [str() as identifier]:
            return None if identifier == user_id else "current user does not match user restriction in token"
        case ((0 | 1 | 2 | 3), _):
            return "invalid values for fields"
        case _:
            return f"caveat has unknown tag: {tag}"
    return None if is_meant else f"project-scoped token is not valid for project: {context.spelled!r}"

"""The account's token: found in the environment or the keyring, and narrowed for each upload to one name.

    found = find_token(profile, username="acme", environment=os.environ)
    source = NarrowingTokens(found.require_made_by(profile))
    source.token_for(name, now=index_time)

An account token is a macaroon: its holder can add conditions without asking the index, and can't remove any.
So twine and its logs never hold the account token: they get one that creates one name, around now.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import re
import shlex
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import keyring
import pypitoken
from keyring.errors import NoKeyringError
from packaging.utils import NormalizedName, canonicalize_name

from namehold.errors import CredentialError, NoToken
from namehold.files import InnerPath, NotPlainError
from namehold.index.model import TOKEN_USERNAME, IndexProfile, Token, TokenConditions
from namehold.index.profiles import public_index_of

T = TypeVar("T")

#: What the keyring calls our own entries; the other one is twine's (the upload address).
SERVICE = "namehold"

#: A narrowed token works this long before and after the index's time of its making.
_LEEWAY = dt.timedelta(minutes=5)

#: Elsewhere it would look for Apple's libraries, with the help of a compiler and a linker wherever PATH has them, which
#: get our whole environment. Without it the keyring does as it does where they aren't found.
if sys.platform != "darwin":
    sys.modules.setdefault("keyring.backends.macOS.api", None)  # type: ignore[arg-type]

#: A keyring without a desktop may wait for a person for ever.
_KEYRING_TIMEOUT_S = 10.0

#: Why nothing is found or kept on most servers; there, advice to put something into the keyring leads nowhere.
_NO_KEYRING = " (this machine has no keyring)"

#: What each token of the public indexes begins with, and the size of its signature (HMAC-SHA-256).
_PREFIX = "pypi-"
_SIGNATURE_BYTES = 32

_QUOTES = frozenset("\"'`\u2018\u2019\u201c\u201d")

#: Far more than any token has.
_MAX_TOKEN_BYTES = 65_536

#: The calendar's ends: a token may name any number of seconds.
_FIRST_TIME = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
_LAST_TIME = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)


class _Kind(IntEnum):
    """The conditions' first numbers (Warehouse; pypitoken's restrictions)."""

    DATES = 0
    PROJECT_NAMES = 1
    PROJECT_IDS = 2
    USER_ID = 3


class NarrowingTokens:
    """Gives each upload its own token; satisfies `ports.TokenSource`.

    `can_narrow` is False where the index's tokens are no macaroons: then uploads carry the account's own.
    """

    def __init__(self, token: Token) -> None:
        self._token = token
        self.can_narrow = token.username == TOKEN_USERNAME and _load(token) is not None

    def token_for(self, name: NormalizedName, *, now: dt.datetime) -> Token:
        """A token for `name` alone, from five minutes before `now` (the index's time) to five minutes after.

        Raises CredentialError if the token's own conditions already exclude that: trying would cost a slot.
        """
        macaroon = _load(self._token)
        if macaroon is None or self._token.username != TOKEN_USERNAME:
            return self._token
        _check_conditions(macaroon, name, now)
        macaroon.restrict(not_before=now - _LEEWAY, not_after=now + _LEEWAY, project_names=[name])
        return Token(macaroon.dump(), is_narrowed=True)


def is_of_another_index(conditions: TokenConditions, profile: IndexProfile) -> bool:
    """Whether the token says that it belongs to another index than `profile`, so that it must not be sent there.

    A public index takes its own tokens only. A public index's token goes to no other address, one on this machine
    included: something that passes uploads on would take every guard away.
    """
    if profile.is_public:
        return conditions.domain != urlsplit(profile.simple).hostname
    return bool(public_index_of(conditions.domain))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedToken:
    """A token and the place that had it, for people. The token has no form for text, so neither has this."""

    token: Token
    place: str

    def require_made_by(self, profile: IndexProfile) -> Token:
        """The token. Raises CredentialError if another index made it than this one: it isn't sent there."""
        conditions = read_conditions(self.token)
        if not conditions.is_readable:
            # Without its beginning it is the same token, whose beginning is easily put back.
            conditions = read_conditions(Token(f"{_PREFIX}{self.token.reveal()}"))
        if (conditions.is_readable or profile.is_public) and is_of_another_index(conditions, profile):
            made_by = f"the token was made by another index ({conditions.domain}) than {profile.nickname}"
            raise CredentialError(
                f"{made_by}; it isn't sent there",
                fix=f"make an account token on {profile.nickname}",
            )
        return self.token


def find_token(
    profile: IndexProfile,
    *,
    username: str,
    environment: Mapping[str, str],
    ask_keyring: Callable[[str, str], str | None] | None = None,
    timeout_s: float = _KEYRING_TIMEOUT_S,
) -> LocatedToken:
    """The account's token and where it was found, from the first place that has one:

    1. `NAMEHOLD_TOKEN`, or the file that `NAMEHOLD_TOKEN_FILE` names; both together are an error;
    2. `TWINE_PASSWORD`, unless `TWINE_USERNAME` says that it is a password;
    3. the keyring's entry `namehold`, user `<username>@<nickname of the index>`; for a private index, whose nickname
       may lead anywhere tomorrow, the entry `namehold:<host of the upload address>`;
    4. twine's own entry in the keyring: the upload address, user `__token__`.

    A private index may want a user and a password instead: `TWINE_USERNAME` with `TWINE_PASSWORD` or twine's entry of
    that user in the keyring; without that variable, after 4., twine's entry of any user.

    It has the form of a token, on a public index that of this index's; `require_made_by` looks at which index made it.
    Raises CredentialError, which says where to put one, or what is wrong with the one that is there.
    """
    place, text = _read_own_variables(environment)
    twine_user = environment.get("TWINE_USERNAME", "").strip() or TOKEN_USERNAME
    is_password = twine_user != TOKEN_USERNAME
    password = _find_password(profile, twine_user, environment, ask_keyring) if not text and is_password else None
    if password is not None:
        return password
    if not text and not is_password:
        place = "the environment variable TWINE_PASSWORD"
        text = environment.get("TWINE_PASSWORD", "").strip()
    problem = ""
    service, user = _service(profile), f"{username}@{profile.nickname}"
    if not text:
        place = "the keyring"
        entries = ((service, user), (profile.upload, TOKEN_USERNAME))
        text, problem = _read_keyring(entries, ask=ask_keyring, timeout_s=timeout_s)
        password = _find_any_password(profile, timeout_s) if not text and not problem else None
    if password is not None:
        return password
    if not text:
        if is_password:
            problem += " (TWINE_USERNAME names a user, whose password isn't sent as a token)"
        # names.yaml may lack the account until something is sent.
        shown = user if username else f"USER{user}"
        if _NO_KEYRING in problem:
            then = (
                "write it into a file that only you may read (umask 077) and name that in NAMEHOLD_TOKEN_FILE, or put "
                "it into NAMEHOLD_TOKEN"
            )
        else:
            then = (
                f"keyring set {service} {shown} "
                "(a scheduled run: NAMEHOLD_TOKEN_FILE names a file with it, or NAMEHOLD_TOKEN holds it)"
            )
        raise NoToken(
            f"there is no token for {username or 'an account'} on {profile.nickname}{problem}",
            fix=f"make an account token on the index, then: {then}",
        )
    fault = _find_fault(text, profile)
    if fault:
        raise CredentialError(
            f"what {place} holds can't be the token: {fault}; nothing of it is sent",
            fix="copy the account token again, whole: without quotes, spaces, line ends or the variable's name",
        )
    return LocatedToken(token=Token(text), place=place)


def _read_own_variables(environment: Mapping[str, str]) -> tuple[str, str]:
    """(the place, the token) of NAMEHOLD_TOKEN or the file that NAMEHOLD_TOKEN_FILE names. Raises CredentialError."""
    place = "the environment variable NAMEHOLD_TOKEN"
    text = environment.get("NAMEHOLD_TOKEN", "").strip()
    if file := environment.get("NAMEHOLD_TOKEN_FILE", ""):
        if text:
            raise CredentialError(
                "NAMEHOLD_TOKEN and NAMEHOLD_TOKEN_FILE are both set",
                fix="unset one; a file that only you can read tells the token to fewer programs",
            )
        credentials = environment.get("CREDENTIALS_DIRECTORY", "")
        place, text = f"the file {file}", _read_token_file(Path(file), credentials=credentials)
    return place, text


def _find_password(
    profile: IndexProfile, user: str, environment: Mapping[str, str], ask: Callable[[str, str], str | None] | None
) -> LocatedToken | None:
    """The password of the user whom TWINE_USERNAME names, for a private index; None if there is none."""
    if profile.is_public:
        return None
    # Secrets that come from files often end with the file's last line end, which no password has.
    place, text = "the environment variable TWINE_PASSWORD", environment.get("TWINE_PASSWORD", "").rstrip("\r\n")
    if not text:
        place, text = "the keyring", _read_keyring(((profile.upload, user),), ask=ask)[0]
    return LocatedToken(token=Token(text, username=user), place=place) if text else None


def _find_any_password(profile: IndexProfile, timeout_s: float) -> LocatedToken | None:
    """The keyring's user and password for a private index, as twine would use them; None if there are none."""
    if profile.is_public:
        return None

    def look() -> Token | None:
        kept = keyring.get_credential(profile.upload, None)
        return Token(kept.password, username=kept.username or TOKEN_USERNAME) if kept and kept.password else None

    token, _ = call_keyring(look, timeout_s)
    return LocatedToken(token=token, place="the keyring") if token is not None else None


def _find_fault(text: str, profile: IndexProfile) -> str:
    """What is wrong with a token's form; empty if nothing is. No part of the text is told: it may be any secret."""
    if re.match(r"(export\s+)?[A-Z][A-Z_]{2,}\s*=", text):
        return "it begins with the name of a variable and an equals sign"
    if text[0] in _QUOTES or text[-1] in _QUOTES:
        return "it stands in quotes"
    if "\n" in text or "\r" in text:
        return "it has more than one line"
    if " " in text or "\t" in text:
        return "there is a space in it"
    if not text.isascii() or not text.isprintable():
        return "it holds characters that no token has"
    if not profile.is_public:
        return ""
    if not text.startswith(_PREFIX):
        return (
            f"each token of {profile.nickname} begins with {_PREFIX!r}: this is a token without its beginning, "
            "a password, or a secret of another service"
        )
    return "" if _is_whole(Token(text)) else "it is cut off or damaged: it can't be read as a token"


def _is_whole(token: Token) -> bool:
    """Whether it is a token and no more: what reads one passes over text behind it, and over signs that none has."""
    macaroon = _load(token)
    if macaroon is None:
        return False
    try:
        signature = bytes.fromhex(str(macaroon._macaroon.signature))  # noqa: SLF001 -- pypitoken has no word for it
    except ValueError:
        return False
    return len(signature) == _SIGNATURE_BYTES and macaroon.dump() == token.reveal().rstrip("=")


def bits_for_others(path: Path, state: os.stat_result, *, credentials: str) -> int:
    """The mode bits of a secret's file at `path` that let others than its owner use it; 0 is right.

    `credentials` is what CREDENTIALS_DIRECTORY says: systemd keeps a service's secrets there (systemd.exec(5),
    LoadCredential=), as root's files, which an access list opens to the service's user alone. The list's mask stands
    where the group's bits do, so they show as 0440 (acl(5)).
    """
    if os.name != "posix":
        return 0
    is_granted = bool(credentials) and path.parent == Path(credentials) and state.st_uid == 0
    return state.st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~(stat.S_IRGRP if is_granted else 0)


def _read_token_file(path: Path, *, credentials: str) -> str:
    """The text of a plain file that only its owner may read or write. Raises CredentialError."""
    try:
        with (InnerPath(path.parent) / path.name).open() as stream:
            state = os.fstat(stream.fileno())
            content = stream.read(_MAX_TOKEN_BYTES + 1)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG or (error.errno == errno.ENOENT and not path.is_absolute()):
            # It may be the token itself.
            raise CredentialError(
                f"NAMEHOLD_TOKEN_FILE names no file: {error.strerror}",
                fix="put the account token into a file that only you can read, and name it by its whole path",
            ) from None
        fix = f"put the account token there, then: chmod 600 {shlex.quote(str(path))}"
        if isinstance(error, NotPlainError):
            # No advice to change the rights of what isn't a token's file: it may be a folder that others need.
            fix = "name a plain file that holds the account token alone"
        if path.is_symlink():
            # Mounted secrets (Kubernetes) are links to files that change places.
            fix = f'name the file that it leads to: NAMEHOLD_TOKEN_FILE="$(readlink -f {shlex.quote(str(path))})"'
        raise CredentialError(
            f"the file {path}, which NAMEHOLD_TOKEN_FILE names, can't be read: {error.strerror}", fix=fix
        ) from None
    if bits_for_others(path, state, credentials=credentials):
        mode = stat.S_IMODE(state.st_mode)
        raise CredentialError(
            f"the file {path}, which NAMEHOLD_TOKEN_FILE names, is open to other users (mode {mode:03o})",
            fix=f"make it yours alone: chmod 600 {shlex.quote(str(path))}; if others had time to read it, "
            "make a new token",
        )
    text = content[:_MAX_TOKEN_BYTES].decode("utf-8-sig", "replace").strip()
    if not text:
        raise CredentialError(
            f"the file {path}, which NAMEHOLD_TOKEN_FILE names, is empty", fix="put the account token there"
        )
    return text


def read_conditions(token: Token) -> TokenConditions:
    """What the token itself says that it may do; nothing is asked, and no part of the secret is told."""
    macaroon = _load(token)
    if macaroon is None:
        return TokenConditions(is_readable=False)
    scoped, unknown = False, 0
    expires: list[dt.datetime] = []
    begins: list[dt.datetime] = []
    for condition in _conditions(macaroon):
        match condition:
            case [_Kind.DATES, int() | float() as until, int() | float() as since]:
                expires.append(_time(until))
                begins.append(_time(since))
            case [_Kind.PROJECT_NAMES | _Kind.PROJECT_IDS, [*_]] | {"permissions": {"projects": [*_]}}:
                scoped = True
            case {"permissions": "user"} | [_Kind.USER_ID, str()]:
                pass
            case _:
                unknown += 1
    return TokenConditions(
        is_readable=True,
        domain=str(macaroon.domain),
        is_project_scoped=scoped,
        expires=min(expires, default=None),
        begins=max(begins, default=None),
        unknown=unknown,
    )


def _conditions(macaroon: Any) -> Iterator[Any]:
    """What each of a token's conditions says; None for one that can't be read."""
    for caveat in macaroon._macaroon.caveats:  # noqa: SLF001 -- pypitoken's own reading fails on conditions newer than itself
        try:
            yield json.loads(caveat.caveat_id)
        except ValueError:
            yield None


def _time(seconds: float) -> dt.datetime:
    """Unix seconds as UTC; beyond the calendar's ends, its ends."""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return _LAST_TIME if seconds > 0 else _FIRST_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringEntry:
    """One secret of an account in the keyring, other than its token: `purpose` names it."""

    service: str
    username: str

    @classmethod
    def of(cls, profile: IndexProfile, *, username: str, purpose: str) -> KeyringEntry:
        """The entry beside the account's token: a private index's is bound to its host, too."""
        service = _service(profile).replace(SERVICE, f"{SERVICE}-{purpose}", 1)
        return cls(service=service, username=f"{username}@{profile.nickname}")

    def read(self) -> str:
        """The secret; empty if there is none, or no keyring. Never raises."""
        return _read_keyring(((self.service, self.username),))[0]

    def write(self, secret: str) -> str:
        """Keeps a secret; why it couldn't, or nothing if the keyring gives it back. Never raises."""

        def keep() -> str:
            keyring.set_password(self.service, self.username, secret)
            return keyring.get_password(self.service, self.username) or ""

        kept, problem = call_keyring(keep)
        return "" if kept == secret else problem or " (there is no keyring that keeps anything)"


def read_keyring(service: str, username: str) -> str:
    """One entry of the keyring; empty if there is none, or no keyring. Never raises."""
    return _read_keyring(((service, username),))[0]


def _service(profile: IndexProfile) -> str:
    """What the keyring calls the account's entry: a token goes to the host that it was kept for, and to no other."""
    return SERVICE if profile.is_public else f"{SERVICE}:{urlsplit(profile.upload).netloc.lower()}"


def _read_keyring(
    entries: tuple[tuple[str, str], ...],
    *,
    ask: Callable[[str, str], str | None] | None = None,
    timeout_s: float = _KEYRING_TIMEOUT_S,
) -> tuple[str, str]:
    """(the secret of the first entry (service, user) that has one, or nothing; why nothing). Never raises."""

    def look() -> str:
        found = ((ask or keyring.get_password)(*entry) for entry in entries)
        # A backend of somebody else's may give anything.
        return next((text for secret in found if isinstance(secret, str) and (text := secret.strip())), "")

    secret, problem = call_keyring(look, timeout_s)
    return secret or "", problem


def call_keyring(call: Callable[[], T], timeout_s: float = _KEYRING_TIMEOUT_S) -> tuple[T | None, str]:
    """(what `call` gives, why it gives nothing). Called in a thread that may be left behind if it hangs."""
    found: list[T] = []
    problems: list[str] = []

    def look() -> None:
        try:
            found.append(call())
        except BaseException as error:  # noqa: BLE001 -- a keyring's backend may raise anything; without it there is no secret
            is_there = not isinstance(error, NoKeyringError)
            problems.append(f" (the keyring failed: {type(error).__name__})" if is_there else _NO_KEYRING)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        return None, f" (the keyring gave no answer in {timeout_s:g} s)"
    return (found[0] if found else None), "".join(problems)


def _load(token: Token) -> Any:
    """The token as a macaroon; None if it is none. A new one each time: adding a condition changes it."""
    try:
        return pypitoken.Token.load(token.reveal())
    except pypitoken.PyPITokenException:
        return None


def _check_conditions(macaroon: Any, name: NormalizedName, now: dt.datetime) -> None:
    """Raises CredentialError for what is certain to fail; conditions that aren't known are the index's to judge."""
    for condition in _conditions(macaroon):
        match condition:
            case [_Kind.DATES, int() | float() as expires, int() | float() as not_before]:
                if not not_before <= now.timestamp() < expires:
                    raise CredentialError(
                        "the token's own time is over, or hasn't begun", fix="make a new account token on the index"
                    )
            case [_Kind.PROJECT_NAMES, [*names]] | {"permissions": {"projects": [*names]}}:
                if name not in {canonicalize_name(str(item)) for item in names}:
                    raise _scoped(name)
            case [_Kind.PROJECT_IDS, [*_]]:
                raise _scoped(name)


def _scoped(name: NormalizedName) -> CredentialError:
    return CredentialError(
        f"the token is for other projects only, so it can't create {name}, and trying would cost a slot",
        fix="use a token whose scope is the entire account; namehold narrows it for each upload",
    )

"""Users and passwords of private indexes: for reading, bound to the host that they were given for.

    find_login("https://index.acme.example", environment_logins)

A checkout's names.yaml chooses the index's address, so a password that isn't bound to a host is never sent for reading.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, unquote, urlsplit

#: The environment variables whose addresses may carry a user and password, in the order in which they are looked at.
_VARIABLES = ("NAMEHOLD_READ_LOGIN", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
#: What the keyring calls the entries for reading: this word, a colon and the host.
READING_SERVICE = "namehold-read"
#: The same of the keys of language models' endpoints.
PROBE_SERVICE = "namehold-probe"
_PORTS = {"https": 443, "http": 80}


class Login:
    """A user and the password for one origin. No dataclass: it has no form for text."""

    __slots__ = ("_password", "_username")

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password

    @property
    def password(self) -> str:
        """The password alone; only for the one call that sends it."""
        return self._password

    @property
    def header(self) -> str:
        """The value of `Authorization` (RFC 7617); only for the one call that sends it."""
        return "Basic " + base64.b64encode(f"{self._username}:{self._password}".encode()).decode()

    def __repr__(self) -> str:
        return "Login(hidden)"


def read_logins(environment: Mapping[str, str]) -> tuple[tuple[str, Login], ...]:
    """The origins and logins in the addresses of NAMEHOLD_READ_LOGIN and of pip's own variables.

    Each variable holds addresses like `https://USER:PASSWORD@HOST/`, separated by spaces. An address without a user,
    or one that is none, says nothing.
    """
    found = []
    for variable in _VARIABLES:
        for address in environment.get(variable, "").split():
            parts = _split(address)
            if parts is not None and parts.username is not None:
                login = Login(unquote(parts.username), unquote(parts.password or ""))
                found.append((origin_of(address), login))
    return tuple(found)


def find_login(address: str, known: Iterable[tuple[str, Login]], *, is_asked: bool) -> Login | None:
    """The login for the origin of `address`: from `known`, else, if the host asks for one, the keyring. Never raises.

    The keyring's entries: `namehold-read:HOST` (with the port, if the address has one), else pip's and twine's own
    (the address of the index), each with any user.
    """
    origin = origin_of(address)
    in_environment = next((login for place, login in known if place == origin), None)
    return in_environment or (_ask_keyring(address) if is_asked else None)


def find_key(address: str, environment: Mapping[str, str], *, is_typed: bool) -> str:
    """The key for the endpoint of language models at `address`; empty if there is none. Never raises.

    Looked for in `NAMEHOLD_PROBE_KEY`, if the address was typed by a person (`is_typed`); then in
    `NAMEHOLD_PROBE_KEYS`, whose addresses `https://:KEY@HOST/` bind each key to a host; then in the keyring's entry
    `namehold-probe:HOST`. An address from names.yaml gets no key that isn't bound to its host: it may come from others.
    """
    typed = environment.get("NAMEHOLD_PROBE_KEY", "").strip()
    if typed and is_typed:
        return typed
    origin = origin_of(address)
    for each in environment.get("NAMEHOLD_PROBE_KEYS", "").split():
        parts = _split(each)
        if parts is not None and parts.password and origin_of(each) == origin:
            return unquote(parts.password)
    kept = _ask_keyring_for((f"{PROBE_SERVICE}:{urlsplit(address).netloc.lower()}",))
    return kept.password if kept is not None else ""


def origin_of(address: str) -> str:
    """Scheme, host and port of an address; empty where it is none. A user and a password are no part of it."""
    parts = _split(address)
    if parts is None:
        return ""
    port = parts.port or _PORTS.get(parts.scheme, 0)
    host = (parts.hostname or "").rstrip(".")
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in _PORTS and parts.hostname else None


def _ask_keyring(address: str) -> Login | None:
    place = re.sub(r"^.*@", "", urlsplit(address).netloc).lower()
    return _ask_keyring_for((f"{READING_SERVICE}:{place}", address, address.rstrip("/")))


def _ask_keyring_for(services: Iterable[str]) -> Login | None:
    """The user and password of the first of these entries, for any user."""
    import keyring  # noqa: PLC0415 -- only an index that asks for a password needs it

    from namehold.index.access.tokens import call_keyring  # noqa: PLC0415 -- see above

    def look() -> Login | None:
        found = (keyring.get_credential(service, None) for service in services)
        return next((Login(kept.username or "", kept.password) for kept in found if kept and kept.password), None)

    return call_keyring(look)[0]

"""Which index: addresses and expectations of the two public ones (from twine's constants), and of private ones.

    profile("pypi").simple

Nothing else in namehold knows a public index's address.
"""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from namehold.errors import ConfigError, Diagnostic
from namehold.index.model import INDEX_QUOTA, KNOWN_INDEXES, REHEARSAL, IndexChoice, IndexProfile
from namehold.text import show_address

_HOST = re.compile(r"[A-Za-z0-9.-]+")
_FILE_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")

#: Twine's names for the upload addresses, in the order of `KNOWN_INDEXES`, and a line that sets a constant to a text
#: that needs no reading: no quotes and no escapes.
_UPLOADS = ("DEFAULT_REPOSITORY", "TEST_REPOSITORY")
_CONSTANT = re.compile(r'^([A-Z_]+) = "([^"\\]*)"$', re.MULTILINE)


def profile(nickname: str) -> IndexProfile:
    """The public index called `nickname`. Raises ConfigError for any other word."""
    if nickname not in KNOWN_INDEXES:
        raise ConfigError(
            f"no index is called {nickname!r}",
            fix=f"name one of {', '.join(KNOWN_INDEXES)} as account.index, or give the addresses under 'index:'",
        )
    upload = _public_uploads()[nickname]
    parts = urlsplit(upload)
    # The upload host of the main index is a subdomain of the host that is read; the test index has one host.
    host = parts.netloc.removeprefix("upload.")
    simple, json = (urlunsplit((parts.scheme, host, path, "", "")) for path in ("/simple/", "/pypi/"))
    return IndexProfile(
        nickname=nickname,
        upload=upload,
        simple=simple,
        json=json,
        is_public=True,
        is_loopback=False,
        shows_ownership=True,
        has_similarity_rule=True,
        has_stdlib_rule=True,
        quota=INDEX_QUOTA,
    )


def private_profile(choice: IndexChoice, *, nickname: str = "private") -> IndexProfile:
    """The index whose addresses names.yaml gives.

    An index on a public host stays public, whatever names.yaml calls it, and so does one whose list or records are a
    public index's: every guard binds it, and the public index's own addresses are used. The rehearsal index on this
    machine has the public one's rules for new names.
    Raises ConfigError where an address is missing, no http(s) address, has a host that clients read in several ways,
    carries a user or password, or would send a token unencrypted over a network.
    """
    addresses = {"upload": choice.upload, "simple": choice.simple, "json": choice.json}
    diagnostics = [
        Diagnostic(
            message=f"index.file_hosts: {host!r} is no host", rule="index-address", fix="write HOST or HOST:PORT"
        )
        for host in choice.file_hosts
        if not _FILE_HOST.fullmatch(host)
    ] + [
        Diagnostic(message=f"index.{key}: {problem}", rule="index-address", fix=fix)
        for key, address in addresses.items()
        if address or key != "json"
        for problem, fix in _address_problems(address)
    ]
    if diagnostics:
        raise ConfigError("the index's addresses can't be used", diagnostics=tuple(diagnostics))
    public = next(filter(None, (public_index_of(_host(address)) for address in addresses.values() if address)), "")
    if public:
        return profile(public)
    is_loopback_only = all(is_loopback(address) for address in addresses.values() if address)
    is_rehearsal = is_loopback_only and nickname == REHEARSAL
    return IndexProfile(
        nickname=nickname,
        upload=_with_slash(choice.upload),
        simple=_with_slash(choice.simple),
        json=_with_slash(choice.json) if choice.json else "",
        is_public=False,
        is_loopback=is_loopback_only,
        shows_ownership=choice.ownership == "shown" and bool(choice.json),
        has_similarity_rule=is_rehearsal,
        has_stdlib_rule=is_rehearsal,
        quota=INDEX_QUOTA if is_rehearsal else None,
        missing_statuses=tuple(sorted({404, choice.missing})),
        file_hosts=tuple(host.lower() for host in choice.file_hosts),
    )


def public_index_of(host: str) -> str:
    """The nickname of the public index that `host` belongs to, by itself or as a part of its domain; else empty."""
    # A dot at a host's end changes nothing about whom it leads to.
    name = host.lower().rstrip(".")
    domains = {_host(upload).removeprefix("upload."): nickname for nickname, upload in _public_uploads().items()}
    # The test index has a host below the main index's: the longer one decides.
    ours = (domain for domain in domains if name == domain or name.endswith(f".{domain}"))
    return domains.get(max(ours, key=len, default=""), "")


def is_loopback(address: str) -> bool:
    """Whether the address's host is an IP address of this machine's own loopback.

    A host name never is, `localhost` included: what a name leads to is for somebody else to decide.
    """
    host = _host(address)
    return _is_ip_address(host) and ipaddress.ip_address(host).is_loopback


def is_public_host(address: str) -> bool:
    """Whether the address leads to a public index, to the host that is read or to the one that takes uploads."""
    host = _host(address).rstrip(".")
    uploads = (_host(upload) for upload in _public_uploads().values())
    return any(host in {upload, upload.removeprefix("upload.")} for upload in uploads)


@cache
def _public_uploads() -> dict[str, str]:
    """Upload addresses of the public indexes by nickname: twine's constants.

    They are read in twine's source: importing it brings requests along, which takes longer than most commands.
    """
    found: dict[str, Any] = {}
    # Where the source isn't a file or has them in another form, twine is imported after all.
    with suppress(OSError, ValueError):
        spec = find_spec("twine")
        source = Path((spec and spec.origin) or "").with_name("utils.py").read_text("utf-8")
        found = dict(_CONSTANT.findall(source))
    if not found.keys() >= set(_UPLOADS):
        found = vars(import_module("twine.utils"))
    return dict(zip(KNOWN_INDEXES, (found[name] for name in _UPLOADS), strict=True))


def _address_problems(address: str) -> list[tuple[str, str]]:
    if "@" in address:
        # Whatever stands before it may be a password, also where a slash in it makes the rest look like a path.
        return [("it carries a user or password", "keep the token in the keyring or in NAMEHOLD_TOKEN_FILE")]
    shown = show_address(address)
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return [(f"{shown!r} is no address", "write it as https://HOST/PATH/")]
    if parts.scheme not in {"http", "https"} or not host:
        return [(f"{shown!r} is no web address", "write it as https://HOST/PATH/")]
    problems = []
    if not _HOST.fullmatch(host) and not _is_ip_address(host):
        # Clients turn percent signs and wide dots into other hosts than the one that was looked at here.
        problems.append((f"{host!r} is no plain host", "write letters, digits, dots and dashes (xn--… for others)"))
    if parts.query or parts.fragment:
        problems.append((f"{shown!r} has a query or a fragment", "write the bare address"))
    if parts.scheme == "http" and not is_loopback(address):
        problems.append((f"{shown!r} is not encrypted", "write https, or http with a loopback IP address"))
    return problems


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _with_slash(address: str) -> str:
    return address if address.endswith("/") else address + "/"

"""How this machine reaches the world: proxies and certificates, read once from the environment, for all traffic.

    policy = ClientPolicy.read(os.environ)
    policy.proxy_for("https://index.acme.example/simple/")

Loopback never uses a proxy. No message shows more of a proxy's address than its host and port: the rest may be secret.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from namehold.errors import IndexError_
from namehold.index.access.logins import Login, read_logins
from namehold.index.profiles import is_loopback

#: Kinds of proxies that both HTTP libraries speak. With `socks5h` the proxy looks up the host's name, not this machine.
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
#: What desktops write for SOCKS without a version, and browsers read as version 5.
_ANY_SOCKS = "socks"
#: How a file of a folder of certificates is called: by a hash, so that OpenSSL finds it.
_CERTIFICATE_NAME = re.compile(r"[0-9a-f]{8}\.[0-9]+")
#: A proxy's host: a name, which may have an underscore in it where containers are called so, or an IP address.
_PROXY_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy and the environment variable that names it. Its address may hold a password."""

    url: str = field(repr=False)
    variable: str

    @property
    def shown(self) -> str:
        """Its host and port, for messages."""
        parts = urlsplit(self.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
        return f"{host}:{parts.port}" if parts.port else host

    @property
    def has_login(self) -> bool:
        """Whether its address has a user."""
        return "@" in urlsplit(self.url).netloc

    @property
    def is_usable(self) -> bool:
        """Whether it is a proxy's address: a kind that is spoken here, a plain host, and nothing behind that.

        A slash, question mark or number sign in a password ends the host where the password begins: half of it would
        be taken for a port, shown and connected to.
        """
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError:
            return False
        is_host = _PROXY_HOST.fullmatch(parts.hostname or "") is not None
        has_rest = parts.path not in {"", "/"} or bool(parts.query or parts.fragment)
        return parts.scheme in _PROXY_SCHEMES and is_host and port != 0 and not has_rest


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPolicy:
    """The proxies and certificates for requests and uploads. The default: no proxy, the system's certificates.

    `http`, `https` and `all` are the proxies' addresses as the environment gives them, with the variable of each.
    `direct` are NO_PROXY's entries: `*`, `<local>` (hosts without a dot), a host and its subdomains (`.acme.example`,
    `*.acme.example`), an IP address or network, names and addresses with more asterisks, each with or without `:port`.
    `logins` are for reading private indexes, each bound to an origin.
    """

    http: Proxy | None = None
    https: Proxy | None = None
    all: Proxy | None = None
    direct: tuple[str, ...] = ()
    cert_file: str = ""
    cert_dir: str = ""
    logins: tuple[tuple[str, Login], ...] = field(default=(), repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> ClientPolicy:
        """The policy of an environment: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR.

        The lower-case form of a variable comes first, as in curl and Python, and any other counts, too. Nothing is
        checked before it is used: what a call doesn't need can't stop it.
        """

        def find(name: str) -> tuple[str, str]:
            # Small letters sort last.
            for variable in sorted((each for each in environment if each.upper() == name), reverse=True):
                # A web server passes a request's header `Proxy` as HTTP_PROXY (CVE-2016-5385).
                is_header = variable == "HTTP_PROXY" and "REQUEST_METHOD" in environment
                if (text := environment[variable].strip()) and not is_header:
                    return variable, text
            return "", ""

        def proxy(name: str) -> Proxy | None:
            variable, text = find(name)
            return Proxy(url=_with_scheme(text), variable=variable) if text else None

        return cls(
            http=proxy("HTTP_PROXY"),
            https=proxy("HTTPS_PROXY"),
            all=proxy("ALL_PROXY"),
            direct=tuple(re.findall(r"[^\s,;|'\"]+", find("NO_PROXY")[1].lower())),
            cert_file=environment.get("SSL_CERT_FILE", ""),
            cert_dir=environment.get("SSL_CERT_DIR", ""),
            logins=read_logins(environment),
        )

    def proxy_for(self, address: str) -> Proxy | None:
        """The proxy for a request to `address`; None: straight.

        Raises IndexError_ if the environment names something that is no proxy.
        """
        proxy = (self.https if address.lower().startswith("https:") else self.http) or self.all
        if proxy is None or is_loopback(address) or self.is_direct(address):
            return None
        if not proxy.is_usable:
            # The address isn't shown: a slash in a password turns half of it into a 'host'.
            raise IndexError_(
                f"the environment variable {proxy.variable} holds no address of a proxy",
                fix=f"write it as http://HOST:PORT ({', '.join(_PROXY_SCHEMES)}); in a user or password write / as "
                "%2F, @ as %40, : as %3A, # as %23 and ? as %3F",
            )
        return proxy

    def is_direct(self, address: str) -> bool:
        """Whether NO_PROXY names the host of `address`."""
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or {"https": 443}.get(parts.scheme, 80)
        return any(_covers(entry, host, port) for entry in self.direct)

    def is_inside(self, address: str) -> bool:
        """Whether the environment says that the host of `address` is in one's own network: NO_PROXY names it.

        `*` in it says that there is no proxy, and nothing about hosts.
        """
        return replace(self, direct=tuple(entry for entry in self.direct if entry.strip("*."))).is_direct(address)

    def describe_route(self, address: str) -> str:
        """How a request to `address` goes, for people, without a secret. Raises IndexError_ as `proxy_for` does."""
        proxy = self.proxy_for(address)
        if proxy is not None:
            return f"through the proxy {proxy.shown} of {proxy.variable}"
        named = self.http or self.https or self.all
        if named is None:
            return "straight; the environment names no proxy"
        if is_loopback(address):
            return "straight; it is on this machine"
        return "straight; NO_PROXY names it" if self.is_direct(address) else "straight; no proxy is named for it"

    def describe_certificates(self) -> str:
        """Which certificates servers are checked with, for people."""
        named = self._named_certificates()
        return f"those of {named}" if named else "the system's, and certifi's"

    def _named_certificates(self) -> str:
        """The variables that name certificates, with what they hold; empty: none does."""
        named = (("SSL_CERT_FILE", self.cert_file), ("SSL_CERT_DIR", self.cert_dir))
        return " and ".join(f"{variable} ({value})" for variable, value in named if value)

    def make_context(self) -> ssl.SSLContext:
        """What a server's certificate is checked with: SSL_CERT_FILE and SSL_CERT_DIR, else what pip trusts here.

        Raises IndexError_ if the environment names certificates that can't be read.
        """
        try:
            return _context(self.cert_file, self.cert_dir)
        except (OSError, ValueError):
            raise IndexError_(
                f"the certificates of {self._named_certificates()} can't be read",
                fix="correct the environment variable, or unset it; a file holds them as text (PEM), and a folder "
                "under the names that 'openssl rehash FOLDER' gives",
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """When an answer is given up: after a silence, after all of it took too long, after the last of the pauses.

    `total_s` is for one answer, from the connection on: a server may send one byte at a time.
    `waits_s` are the pauses before the second, third, ... attempt.
    """

    silence_s: float = 15.0
    total_s: float = 60.0
    waits_s: tuple[float, ...] = (2.0, 4.0)


#: No proxy, and the certificates that pip trusts on this machine.
DIRECT = ClientPolicy()
#: For a page.
PATIENT = Patience()


@cache
def _context(cert_file: str, cert_dir: str) -> ssl.SSLContext:
    if cert_dir and not any(_CERTIFICATE_NAME.fullmatch(name) for name in _names_in(cert_dir.split(os.pathsep))):
        # OpenSSL finds no others, and without one it trusts no server; so it does with a folder that isn't there.
        raise FileNotFoundError(cert_dir)
    if cert_file or cert_dir:
        named = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # Not Python's default context: that one writes the keys of all traffic where SSLKEYLOGFILE says, and from 3.13
        # on refuses certificates of companies that lack what RFC 5280 asks of public ones.
        named.load_verify_locations(cafile=cert_file or None, capath=cert_dir or None)
        return named
    import certifi  # noqa: PLC0415 -- only a request over TLS needs certificates
    import truststore  # noqa: PLC0415 -- see above

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # As pip does: a system without a store of its own (a small container) has the usual one.
    context.load_verify_locations(certifi.where())
    return context


def _names_in(folders: Iterable[str]) -> Iterator[str]:
    """The names in the folders that can be read."""
    for folder in folders:
        with suppress(OSError):
            yield from (path.name for path in Path(folder).iterdir())


def _with_scheme(text: str) -> str:
    """A proxy's address with its kind, in small letters: HTTP where the environment names none."""
    scheme, mark, rest = text.partition("://")
    if not mark:
        return f"http://{text}"
    return f"{'socks5' if scheme.lower() == _ANY_SOCKS else scheme.lower()}://{rest}"


def _covers(entry: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY covers a host (without brackets) and port."""
    if entry == "*":
        return True
    if entry == "<local>":
        return "." not in host and ":" not in host
    # [::1]:8080, 10.0.0.0/8, [fe80::]/10, host:8080, .host, *.host, 10.*, http://host/
    plain, _, mask = entry.rpartition("://")[2].partition("/")
    found = re.fullmatch(r"(?:\[(?P<inner>[^\]]*)\]|(?P<outer>[^:]*))(?::(?P<port>[0-9]{0,5}))?", plain)
    wanted = (found["inner"] or found["outer"] or "") if found else plain
    asked_port = found["port"] if found else None
    if asked_port and int(asked_port) != port:
        return False
    try:
        network = ipaddress.ip_network(f"{wanted}/{mask}" if mask else wanted, strict=False)
    except ValueError:
        name = wanted.removeprefix("*").strip(".")
        return bool(name) and (host == name or host.endswith(f".{name}") or ("*" in name and fnmatchcase(host, wanted)))
    try:
        return ipaddress.ip_address(host) in network
    except ValueError:
        return False

"""One HTTP client for everything that is read: bounded in bytes and seconds, repeated politely, never led elsewhere.

    with HttpClient(contact="security@acme.example", policy=policy) as client:
        client.get("http://127.0.0.1:8000/simple/acme-tool/", max_bytes=1_000_000).content

The only place that reads over the network through httpx. Where a request goes through is the policy's to say; netrc
files are never read.
"""

from __future__ import annotations

import datetime as dt
import io
import ipaddress
import math
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, Any, Final, NamedTuple, Self
from urllib.parse import urljoin, urlsplit

import httpx

from namehold.errors import IndexBusy, IndexError_
from namehold.index.access.logins import Login, origin_of
from namehold.index.access.policy import DIRECT, PATIENT, ClientPolicy, Patience
from namehold.index.access.wire import CODING, Sockets, cut_off, unpacked, user_agent
from namehold.index.model import Fetched
from namehold.index.profiles import is_loopback
from namehold.text import count, duration, visible

_MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Answers after which the same question may be asked again, those of content delivery networks among them.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 528), 530})
#: What a host may say instead of 401 to those who name no user.
_HIDING = frozenset({203, 403, 404})
_NO_TIME = "no time is left for it"
#: Where nothing takes connections, a second attempt bridges a restart; more only let a person wait.
_MOST_CONNECTING: Final = 2
#: A `Retry-After` of more ends the question instead: a person waits for the answer.
_LONGEST_WAIT_S = 60.0

#: Told bytes done and in all (None: the server doesn't say).
Progress = Callable[[int, int | None], None]


class LedElsewhere(IndexError_):
    """An answer leads to `target`, an address on another host, to which this client doesn't go."""

    target: str = ""


class UnreachedError(IndexError_):
    """No connection came about, so nothing was sent."""


@dataclass(kw_only=True, eq=False)
class HttpClient:
    """Asks on behalf of `contact`; `subject` says in messages what can't be read. Satisfies `ports.WebReader`.

    `within_s` limits all requests together, in seconds from now on: every later one raises IndexError_ at once.
    """

    subject: str = "the address"
    contact: str
    policy: ClientPolicy = DIRECT
    patience: Patience = PATIENT
    within_s: float = math.inf
    sleep: Callable[[float], None] = time.sleep
    transport: httpx.BaseTransport | None = None

    #: Other hosts (`HOST` or `HOST:PORT`) to which an answer may lead.
    may_lead_to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Makes the client; it opens no connection yet."""
        self._sockets = Sockets()
        self._logins: dict[str, Login] = {}
        self._ends_s = time.monotonic() + self.within_s
        self._client = httpx.Client(
            headers={"User-Agent": user_agent(self.contact), "Cache-Control": "max-age=0", "Accept-Encoding": CODING},
            timeout=httpx.Timeout(self.patience.silence_s, connect=min(self.patience.silence_s, PATIENT.silence_s)),
            follow_redirects=False,
            trust_env=False,
            transport=self.transport or _RoutedTransport(self.policy),
        )

    def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        byte_range: str = "",
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        into: IO[bytes] | None = None,
        progress: Progress = lambda *_: None,
        follows: bool = True,
        stays: bool = False,
        outside: bool = False,
        as_file: bool = False,
    ) -> Fetched:
        """The answer to a GET, whatever its status, after repetitions and redirects on the same host.

        Args:
            url: The address.
            accept: The header of that name.
            byte_range: The value of a Range header.
            max_bytes: The most that the body may hold, unpacked.
            headers: Further headers.
            into: Where the body is written instead of into the answer's `content`: emptied first.
            progress: Hears of the bytes that came.
            follows: Whether redirects are followed.
            stays: Whether they may lead to no other host, `may_lead_to` included.
            outside: Whether a stranger chose the address: it must not lead into one's own network.
            as_file: Whether a page of the index names the address as a file's: it must lie where its files may lie.

        Raises:
            IndexError_: it can't be reached, goes on answering that it is busy, sends too much or takes too long,
                leads to another host, or the environment's proxy or certificates can't be used.
        """
        is_foreign = self._is_foreign(url, outside=outside or (as_file and self.lies_outside(url)))
        # A range counts the bytes as they are sent, and some servers call a file's own compression the answer's: a
        # file is taken as it comes, as pip does.
        ranged = {"Range": byte_range} if byte_range else {}
        whole = {"Accept-Encoding": "identity"} if byte_range or as_file else {}
        sent, problem, asked_s = {"Accept": accept} | ranged | whole | dict(headers or {}), "", 0.0
        attempts, is_busy = 0, False
        for wait_s in (*self.patience.waits_s, None):
            if not self._left_s():
                problem = _NO_TIME
                break
            attempts += 1
            try:
                sink = _Sink(max_bytes, into, progress, is_foreign=is_foreign, is_as_sent=as_file)
                answer = self._follow(url, sent, sink, follows=follows, stays=stays)
            except (httpx.HTTPError, TimeoutError) as error:
                problem, asked_s = self._reason(url, error), 0.0
                is_closed = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                # A large download that was too slow isn't begun anew.
                if (is_closed and attempts >= _MOST_CONNECTING) or (into and isinstance(error, TimeoutError)):
                    break
            else:
                if answer.status not in _PASSING:
                    return answer
                problem, asked_s = f"it answered {answer.status}{_at(url)}", answer.retry_after_s
                is_busy = answer.status == HTTPStatus.TOO_MANY_REQUESTS
            if asked_s > _LONGEST_WAIT_S:
                problem = f"{problem}, and wants us back in {duration(asked_s)}"
                break
            if wait_s is not None and max(wait_s, asked_s) >= self._left_s():
                problem = _NO_TIME
                break
            if wait_s is not None:
                self.sleep(max(wait_s, asked_s))
        raise (IndexBusy if is_busy else IndexError_)(
            f"{self.subject} can't be read in {count(attempts, 'attempt')}: {problem}",
            fix="look at the network and the index's status page, then call again: nothing is lost",
        )

    def _is_foreign(self, url: str, *, outside: bool) -> bool:
        """Whether an address that a stranger chose leads away from this machine. Raises IndexError_ if it leads in."""
        if not outside or is_loopback(url):
            return False
        self._require_outside(url)
        return True

    def post(
        self,
        url: str,
        content: bytes,
        *,
        content_type: str,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """The answer to one POST, which is never repeated. Raises IndexError_, UnreachedError if nothing was sent."""
        try:
            sent = {"Content-Type": content_type, **(headers or {})}
            return self._ask("POST", url, sent, _Sink(max_bytes), content=content)
        except (httpx.HTTPError, TimeoutError) as error:
            is_unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            raise (UnreachedError if is_unsent else IndexError_)(
                f"{self.subject} can't be read: {self._reason(url, error)}",
                fix="look at the network, then call again",
            ) from None

    def find_login(self, address: str, *, is_asked: bool) -> Login | None:  # noqa: ARG002 -- what a subclass answers
        """The user and password for a host that asks for them (401), or may hide without; None: nothing is sent."""
        return None

    def lies_outside(self, address: str) -> bool:  # noqa: ARG002 -- what a subclass answers
        """Whether a file's address is a stranger's to choose; a subclass raises IndexError_ where none may lie."""
        return True

    def refuse(self, what: str) -> IndexError_:
        """The error for an answer that can't be used."""
        return IndexError_(
            f"{self.subject} can't be understood: {what}",
            fix="look at the addresses of the index and at the network in between (a log-in page?)",
        )

    def shut_down(self) -> None:
        """Ends all connections while they are used; may be called from another thread."""
        self._sockets.shut_down()

    def close(self) -> None:
        """Ends all connections."""
        self._client.close()
        self._sockets.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _left_s(self) -> float:
        """Seconds that are left for all further requests; never negative."""
        return max(0.0, self._ends_s - time.monotonic())

    def _reason(self, url: str, error: Exception) -> str:
        """Why there is no answer. The error's class says what happened; its text may hold anything.

        Raises IndexError_ where asking again is of no use: the proxy wants a password.
        """
        if _proxy_status(error) == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            raise self._closed_proxy(url) from None
        proxy = self.policy.proxy_for(url)
        through = f" through the proxy {proxy.shown} of {proxy.variable}" if proxy is not None else ""
        if not self._left_s():
            return _NO_TIME
        if isinstance(error, TimeoutError):
            return f"it took longer than {self.patience.total_s:g} s{through} (TimeoutError)"
        cause = _cause_of(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            fault, advice = _CERTIFICATE_FAULTS.get(cause.verify_code, _UNTRUSTED)
            return f"its certificate {fault}{through} ({advice})"
        told = f" {status}" if (status := _proxy_status(error)) else _words_of(cause)
        what = _FAILURES.get(type(error), "it can't be reached")
        return f"{what}{through} ({type(error).__name__}{told})"

    def _closed_proxy(self, url: str) -> IndexError_:
        """The error for a proxy that asks for a user and a password, or takes none of those that it got."""
        proxy = self.policy.proxy_for(url)
        shown, variable = (proxy.shown, proxy.variable) if proxy is not None else ("", "")
        verb = "correct" if proxy is not None and proxy.has_login else "write"
        return IndexError_(
            f"{self.subject} can't be read: the proxy {shown} of {variable} asks for a user and a password, and takes "
            "none that it got (407)",
            fix=f"{verb} them in {variable}: http://USER:PASSWORD@HOST:PORT; if it takes NTLM or Kerberos only, run a "
            "local proxy that speaks that for you (px, cntlm) and name that one",
        )

    def _follow(self, url: str, headers: Mapping[str, str], sink: _Sink, *, follows: bool, stays: bool) -> Fetched:
        address = url
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._ask_as_known(address, headers, sink)
            location = answer.header("location")
            if not follows or answer.status not in _REDIRECTS or not location:
                return answer
            target = _led_to(address, location)
            if not target:
                raise self.refuse("it leads to an address that is none")
            if origin_of(target) != origin_of(address) and (stays or not self.may_lie_at(target)):
                error = LedElsewhere(
                    f"{self.subject} sends us to another host ({_origin(target)})",
                    fix="look at the addresses of the index; if its files lie on that host, name it under "
                    "index.file_hosts",
                )
                old, new = urlsplit(address), urlsplit(target)
                if old.hostname == new.hostname:
                    fix = "write its addresses in names.yaml as it gives them: the same host, with that scheme and port"
                    if (old.scheme, new.scheme) == ("https", "http"):
                        # Nothing is read unencrypted on a network, so that names.yaml can't help there.
                        fix = (
                            "tell its administrators that it leads to unencrypted addresses: a proxy in front of it "
                            "has to say that it was asked by https (X-Forwarded-Proto)"
                        )
                    told = f"{self.subject} sends us from {_origin(address)} to {_origin(target)}"
                    error = LedElsewhere(told, fix=fix)
                error.target = target
                raise error
            address = target
        raise self.refuse("it sends us round in circles")

    def _require_outside(self, url: str) -> None:
        """Raises IndexError_ for a host of one's own network, by NO_PROXY or by where its name leads from here.

        Behind a proxy the proxy looks names up, and this machine may be unable to; what it can look up is looked at.
        Without one the address is looked at once more when the connection is there.
        """
        if self.policy.is_inside(url) or (self._is_proxied(url) and _leads_inside(urlsplit(url).hostname or "")):
            raise self.refuse("it leads into this machine's own network")

    def _is_proxied(self, url: str) -> bool:
        return self.policy.proxy_for(url) is not None

    def _trace_outside(self, event: str, info: Mapping[str, Any]) -> None:
        """Ends a new connection to an address of one's own network before anything is sent."""
        self._sockets.trace(event, info)
        if event.endswith(".connect_tcp.complete"):
            peer = info["return_value"].get_extra_info("server_addr")
            if not _is_global(str(peer[0])):
                info["return_value"].close()
                raise self.refuse("it leads into this machine's own network")

    def may_lie_at(self, target: str) -> bool:
        """Whether files may lie there: on a host that was named, encrypted unless it is this machine."""
        place = urlsplit(target).netloc.lower()
        return place in self.may_lead_to and (target.lower().startswith("https:") or is_loopback(target))

    def _ask_as_known(self, address: str, headers: Mapping[str, str], sink: _Sink) -> Fetched:
        """One GET; where a host asks for a user and password, a second one with those, and from then on always.

        Some hosts don't ask (GitLab says 404): what they don't show is asked for with what the environment has for
        them.
        """
        origin = origin_of(address)
        login = self._logins.get(origin)
        if login is None:
            answer = self._ask("GET", address, headers, sink)
            is_asked = answer.status == HTTPStatus.UNAUTHORIZED
            login = self.find_login(address, is_asked=is_asked) if is_asked or answer.status in _HIDING else None
            if login is None:
                return answer
            self._logins[origin] = login
        return self._ask("GET", address, {**headers, "Authorization": login.header}, sink)

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], sink: _Sink, *, content: bytes | None = None
    ) -> Fetched:
        """One request, with its answer's body up to the limits. Raises httpx.HTTPError, TimeoutError, IndexError_."""
        body, size = sink.into or io.BytesIO(), 0
        body.seek(0)
        body.truncate()
        traced = {
            "trace": self._trace_outside if sink.is_foreign and not self._is_proxied(url) else self._sockets.trace
        }
        try:
            with (
                cut_off(self._sockets, after_s=min(self.patience.total_s, self._left_s())),
                self._client.stream(method, url, headers=headers, content=content, extensions=traced) as stream,
            ):
                total = stream.headers.get("content-length", "")
                # httpx sees no coding, so it unpacks nothing.
                coding = stream.headers.pop("content-encoding", "")
                for piece in unpacked(stream.iter_bytes(), coding="" if sink.is_as_sent else coding):
                    size += body.write(piece)
                    if size > sink.max_bytes:
                        raise self.refuse(f"an answer is larger than {sink.max_bytes} bytes")
                    sink.progress(stream.num_bytes_downloaded, int(total) if total.isdecimal() else None)
        except httpx.InvalidURL:
            raise self.refuse("it leads to an address that is none") from None
        except ValueError as error:
            raise self.refuse(str(error)) from None
        if stream.status_code == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED and self._is_proxied(url):
            raise self._closed_proxy(url)
        return Fetched(
            url=url,
            status=stream.status_code,
            headers=tuple((key.lower(), value) for key, value in stream.headers.items()),
            content=body.getvalue() if isinstance(body, io.BytesIO) else b"",
            received=dt.datetime.now(dt.UTC),
        )


#: What happened, by the library's errors; where none of them did, no connection came about.
_FAILURES: Final[Mapping[type[Exception], str]] = {
    httpx.RemoteProtocolError: "its answer was cut off, or is no HTTP",
    httpx.ReadTimeout: "it went silent",
    httpx.WriteTimeout: "it went silent",
    httpx.ReadError: "the connection broke off",
    httpx.WriteError: "the connection broke off",
}
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class _Sink(NamedTuple):
    """Where an answer's body goes (None: into the answer), and how much of it."""

    max_bytes: int
    into: IO[bytes] | None = None
    progress: Progress = lambda *_: None
    is_foreign: bool = False
    #: Whether the body is wanted as it is sent, packed or not.
    is_as_sent: bool = False


class _RoutedTransport(httpx.BaseTransport):
    """Sends each request straight or through the policy's proxy for its address."""

    def __init__(self, policy: ClientPolicy) -> None:
        self._policy = policy
        self._by_route: dict[tuple[str, bool], httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        proxy = self._policy.proxy_for(str(request.url))
        address = proxy.url if proxy is not None else ""
        is_secure = "https" in {request.url.scheme, urlsplit(address).scheme}
        route = (address, is_secure)
        if route not in self._by_route:
            # This context trusts no certificate. It isn't used without TLS, and reading certificates takes time.
            context = self._policy.make_context() if is_secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            # A proxy that is spoken to over TLS has a certificate of its own.
            its_own = context if address.startswith("https:") else None
            through = httpx.Proxy(address, ssl_context=its_own) if address else None
            self._by_route[route] = httpx.HTTPTransport(verify=context, proxy=through, trust_env=False)
        return self._by_route[route].handle_request(request)

    def close(self) -> None:
        for transport in self._by_route.values():
            transport.close()


def _proxy_status(error: Exception) -> int:
    """The status with which a proxy refused a tunnel; 0 where it didn't. The words after it may be anything."""
    status = str(error)[:3]
    return int(status) if isinstance(error, httpx.ProxyError) and re.fullmatch("[1-9][0-9]{2}", status) else 0


#: Advice for the codes with which OpenSSL refuses a certificate (X509_V_ERR_…), and for all others.
_CLOCK = ("isn't valid at this time", "look at this machine's clock, else tell the index's administrators")
_OTHER_HOST = ("is for another host", "look at the address, and at what answers there")
_CERTIFICATE_FAULTS: Final = {9: _CLOCK, 10: _CLOCK, 62: _OTHER_HOST, 64: _OTHER_HOST}
_UNTRUSTED: Final = (
    "isn't trusted here",
    "name your company's certificates in SSL_CERT_FILE, or add them to the system's",
)


def _cause_of(error: BaseException | None) -> OSError | None:
    """The error of the system or of TLS that is behind one of the libraries'."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__ or error.__context__
    return error


def _words_of(cause: OSError | None) -> str:
    """What is known of a cause, in words of the system's tables: nothing that a server says is among them."""
    match cause:
        case socket.gaierror():
            return ": no address is known for that name"
        case ConnectionRefusedError():
            return ": nothing takes connections there"
        case ssl.SSLError(reason=str(reason)) if "CERTIFICATE_REQUIRED" in reason:
            return ": it wants a certificate of this machine's, and namehold has none"
        case ssl.SSLError(reason=str(reason)):
            return f": TLS ended with {reason}"
    return ""


def _leads_inside(host: str) -> bool:
    """Whether a host's name leads to an address that isn't public, as far as this machine can look it up."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(not _is_global(str(place[0])) for *_, place in found)


def _is_global(address: str) -> bool:
    """Whether an IP address is public; an IPv4 address inside an IPv6 one counts, too."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global
    if found.ipv4_mapped is not None:
        return found.ipv4_mapped.is_global
    # A gateway takes what is sent to these to the IPv4 address in them (RFC 3056, RFC 6052).
    inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else found.sixtofour
    return found.is_global and (inner is None or inner.is_global)


def _led_to(address: str, location: str) -> str:
    """Where a redirect leads; empty where that is no address."""
    try:
        target = urljoin(address, location)
    except ValueError:
        return ""
    return target if origin_of(target) else ""


def _at(address: str) -> str:
    """Which page of a host it is about, for messages: a query may hold a secret."""
    return f" at {visible(urlsplit(address).path)}"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"

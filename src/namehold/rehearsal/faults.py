"""Makes the rehearsal index misbehave as networks, caches, rivals and administrators do; the same way for a seed.

    with rehearsal.start(faults=Faults(seed=7)) as index:
        ...
        index.state.faults_injected          # Counter: kind -> how often
        index.state.rivals_took              # names that a rival was faster with
        index.state.administrators_acted     # (name, "removed" | "prohibited" | "quarantined")

At most one fault befalls a request. What is drawn depends on the seed and on the order of the requests alone, so a
client that sends one request at a time meets the same faults in every run.
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

from packaging.utils import NormalizedName, canonicalize_name
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from namehold.index import ProjectStatus, Quota
from namehold.names import is_valid
from namehold.rehearsal.application import Application, UploadRequest, negotiated
from namehold.rehearsal.state import IndexState, UploadVerdict
from namehold.rehearsal.views import SIMPLE_JSON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment


#: Owns what a rival takes.
RIVAL = "rival"


class Fault(StrEnum):
    """Kinds of misbehaviour. Those on top befall uploads, the next ones reads, the last ones either."""

    DROPPED_BEFORE = "dropped-before"
    DROPPED_AFTER = "dropped-after"
    ERROR_AFTER = "error-after"
    STORM = "storm"
    WRONG_HEADERS = "wrong-headers"
    QUOTA_CHANGED = "quota-changed"
    RIVAL = "rival"
    ADMINISTRATOR = "administrator"
    STALE_READ = "stale-read"
    READ_FAILED = "read-failed"
    PORTAL = "portal"
    SLOW_BODY = "slow-body"


_ON_UPLOAD = tuple(kind for kind in Fault if kind not in {Fault.STALE_READ, Fault.READ_FAILED})
_ON_READ = (Fault.STALE_READ, Fault.READ_FAILED, Fault.PORTAL, Fault.SLOW_BODY)

#: How likely each kind is to befall a request: about one upload in four meets something.
DEFAULT_RATES: Mapping[Fault, float] = {
    Fault.DROPPED_BEFORE: 0.04,
    Fault.DROPPED_AFTER: 0.04,
    Fault.ERROR_AFTER: 0.04,
    Fault.STORM: 0.02,
    Fault.WRONG_HEADERS: 0.04,
    Fault.QUOTA_CHANGED: 0.01,
    Fault.RIVAL: 0.01,
    Fault.ADMINISTRATOR: 0.005,
    Fault.STALE_READ: 0.10,
    Fault.READ_FAILED: 0.03,
    Fault.PORTAL: 0.01,
    Fault.SLOW_BODY: 0.02,
}

_STORM_REQUESTS = 3
_PORTAL_PAGE = "<html><body><h1>Welcome to the guest network</h1><p>Please sign in.</p></body></html>"


@dataclass(slots=True)
class Faults:
    """Which fault befalls which request. `at_most` ends them, so that every run can come to its end.

    `rates` are probabilities (0 to 1) a request; kinds that aren't named never happen. `slow_s` is how long a slow
    answer pauses in its middle, in real seconds.
    """

    seed: int
    rates: Mapping[Fault, float] = field(default_factory=lambda: DEFAULT_RATES)
    at_most: int | None = None
    slow_s: float = 0.05
    random: random.Random = field(init=False, repr=False)
    _counted: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 -- a rehearsal's dice must fall the same way again

    def draw(self, *, is_upload: bool) -> Fault | None:
        """The fault for the next request, if any."""
        if self.at_most is not None and self._counted >= self.at_most:
            return None
        kinds = _ON_UPLOAD if is_upload else _ON_READ
        return next((kind for kind in kinds if self.random.random() < self.rates.get(kind, 0.0)), None)

    def count(self, kind: Fault, state: IndexState) -> None:
        """Notes that the fault happened; what was drawn may find nothing to spoil."""
        self._counted += 1
        state.faults_injected[kind] += 1


class FaultyApplication:
    """An `Application` on whose requests faults fall."""

    def __init__(self, application: Application, faults: Faults) -> None:
        self._application = application
        self._state = application.state
        self._faults = faults
        self._storm_left = 0
        self._before: dict[tuple[str, bool], Response] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI. Raises ConnectionAbortedError after it has cut the connection."""
        with UploadRequest(environ) as request, self._state.lock:
            response = self._upload(request) if request.method == "POST" else self._read(request)
            return response(environ, start_response)

    # ------------------------------------------------------------------- uploads

    def _upload(self, request: Request) -> Response:
        name = canonicalize_name(request.form.get("name", ""))
        if self._storm_left:
            self._storm_left -= 1
            return self._storm(request)
        kind = self._faults.draw(is_upload=True)
        spoil = self._spoilers_before().get(kind) if kind else None
        if spoil is not None:
            spoilt = spoil(request, name)
            if spoilt is not None:
                return spoilt
        self._remember(request, name)
        committed = len(self._state.uploads)
        response = self._application.answer(request)
        is_kept = any(upload.is_committed for upload in self._state.uploads[committed:])
        return self._spoil_after(kind, request, name, response, is_kept=is_kept)

    def _spoilers_before(self) -> dict[Fault | None, Callable[[Request, NormalizedName], Response | None]]:
        """What happens instead of the judgement (a response) or just before it (None)."""
        return {
            Fault.DROPPED_BEFORE: self._drop_before,
            Fault.STORM: self._begin_storm,
            Fault.PORTAL: self._show_portal,
            Fault.QUOTA_CHANGED: self._change_quota,
            Fault.RIVAL: self._let_rival_win,
        }

    def _drop_before(self, request: Request, _: NormalizedName) -> NoReturn:
        self._count(Fault.DROPPED_BEFORE)
        cut_connection(request)

    def _begin_storm(self, request: Request, _: NormalizedName) -> Response:
        self._storm_left = _STORM_REQUESTS - 1
        return self._storm(request)

    def _storm(self, request: Request) -> Response:
        self._count(Fault.STORM)
        return negotiated(request, UploadVerdict(status=429, message="Too Many Requests"))

    def _show_portal(self, _: Request, __: NormalizedName) -> Response:
        self._count(Fault.PORTAL)
        return Response(_PORTAL_PAGE, status="200 OK", content_type="text/html; charset=UTF-8")

    def _change_quota(self, _: Request, __: NormalizedName) -> None:
        self._count(Fault.QUOTA_CHANGED)
        window = self._state.limits.users
        window.quota = Quota(limit=self._faults.random.choice((1, 2, 3, 4, 6)), window_s=window.quota.window_s)

    def _let_rival_win(self, _: Request, name: NormalizedName) -> None:
        """A rival registers the very name, or one that is confusable with it, a moment before."""
        if not name or self._state.project(name) is not None or self._state.similar(name):
            return
        self._count(Fault.RIVAL)
        taken = self._faults.random.choice((name, _confusable_with(name)))
        self._state.add_project(taken, owner=RIVAL)
        self._state.rivals_took.append(name)

    def _spoil_after(
        self, kind: Fault | None, request: Request, name: NormalizedName, response: Response, *, is_kept: bool
    ) -> Response:
        if kind is Fault.WRONG_HEADERS:
            self._count(kind)
            self._falsify(response)
        elif kind is Fault.SLOW_BODY:
            self._count(kind)
            self._slow_down(response)
        elif is_kept and kind is Fault.DROPPED_AFTER:
            self._count(kind)
            cut_connection(request)
        elif is_kept and kind is Fault.ERROR_AFTER:
            self._count(kind)
            return Response("500 Internal Server Error", status="500 Internal Server Error")
        elif is_kept and kind is Fault.ADMINISTRATOR:
            self._count(kind)
            self._let_administrators_act(name)
        return response

    def _falsify(self, response: Response) -> None:
        """Quota headers that are missing, no headers at all, or wrong."""
        lies: tuple[tuple[tuple[str, str], ...], ...] = (
            (),
            (("RateLimit", "soon"), ("RateLimit-Policy", "fair")),
            (("RateLimit", '"project.create.user";r=-1;t=99999999999999999999'), ("RateLimit-Policy", "")),
            (("Retry-After", "0"), ("RateLimit", '"project.create.user";r=1000;t=0')),
        )
        response.headers.remove("RateLimit")
        response.headers.remove("RateLimit-Policy")
        response.headers.extend(self._faults.random.choice(lies))

    def _let_administrators_act(self, name: NormalizedName) -> None:
        """One name that the uploader holds, not always the newest, is removed, prohibited or quarantined."""
        held = sorted({canonicalize_name(upload.name) for upload in self._state.uploads if upload.is_committed})
        held = [other for other in held if self._state.project(other) is not None] or [name]
        chosen = self._faults.random.choice(held)
        what = self._faults.random.choice(("removed", "prohibited", "quarantined"))
        if what == "removed":
            self._state.delete_project(chosen)
        elif what == "prohibited":
            self._state.prohibit(chosen)
        else:
            self._state.set_status(chosen, ProjectStatus.QUARANTINED)
        self._state.administrators_acted.append((chosen, what))

    # ------------------------------------------------------------------- reads

    def _read(self, request: Request) -> Response:
        kind = self._faults.draw(is_upload=False)
        if kind is Fault.READ_FAILED:
            self._count(kind)
            if self._faults.random.random() < 0.5:  # noqa: PLR2004 -- one half each
                cut_connection(request)
            return Response("503 Service Unavailable", status="503 Service Unavailable")
        if kind is Fault.PORTAL:
            return self._show_portal(request, canonicalize_name(""))
        old = self._before.get((request.path, _is_json(request)))
        if kind is Fault.STALE_READ and old is not None:
            self._count(kind)
            return old
        response = self._application.answer(request)
        if kind is Fault.SLOW_BODY:
            self._count(kind)
            self._slow_down(response)
        return response

    def _remember(self, upload: Request, name: NormalizedName) -> None:
        """Keeps what a cache would hold of a project before it changes."""
        for path in (f"/simple/{name}/", f"/pypi/{name}/json"):
            for accept in (SIMPLE_JSON, "text/html"):
                builder = EnvironBuilder(path, base_url=upload.host_url, headers=[("Accept", accept)])
                request = UploadRequest(builder.get_environ())
                self._before[path, _is_json(request)] = self._application.answer(request)

    def _slow_down(self, response: Response) -> None:
        body, pause_s = response.get_data(), self._faults.slow_s

        def dribble() -> Iterator[bytes]:
            yield body[: len(body) // 2]
            time.sleep(pause_s)
            yield body[len(body) // 2 :]

        response.response = dribble()

    def _count(self, kind: Fault) -> None:
        self._faults.count(kind, self._state)


def cut_connection(request: Request) -> NoReturn:
    """Ends the connection without an answer. Raises ConnectionAbortedError, which the server expects."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


def _is_json(request: Request) -> bool:
    return SIMPLE_JSON in request.headers.get("Accept", "")


def _confusable_with(name: NormalizedName) -> NormalizedName:
    """Another name with the same similarity key; the name itself where it is too short to have one."""
    swapped = str(name).translate(str.maketrans("lo10", "10lo"))
    other = swapped if swapped != name else f"{name[:1]}-{name[1:]}"
    return canonicalize_name(other) if is_valid(other) else name

"""The rehearsal index over HTTP: a WSGI application on an `IndexState`, with the answers of the real one.

Routing, forms, conditional and partial answers are werkzeug's; only the texts and the negotiation are the index's own.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import xmlrpc.client  # read on loopback only
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, Final
from xml.parsers.expat import ExpatError

from packaging.utils import canonicalize_name, canonicalize_version
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, RequestRedirect, Rule
from werkzeug.wrappers import Request, Response

from namehold.index import Quota
from namehold.rehearsal import views
from namehold.rehearsal.limits import SlidingWindow, show_limits
from namehold.rehearsal.state import IndexState, Project, UploadAttempt, UploadVerdict

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


#: Says from which address a request comes, so that the address's quota can be tried from one machine.
ADDRESS_HEADER = "X-Rehearsal-Address"

#: Questions by XML-RPC that an address may ask, the limit's name, and what is said beyond (the index's source).
_XML_RPC_QUOTA: Final = Quota(limit=3600, window_s=3600)
_XML_RPC: Final = "xmlrpc.client"
_TOO_MANY_QUESTIONS: Final = (
    "HTTPTooManyRequests: The action could not be performed because there were too many requests by the client. "
    "Limit may reset in {} seconds."
)

_MAX_UPLOAD_BYTES = 100 * 1024 * 1024

# Explanations of the statuses that an upload is answered with (webob's, which the index uses).
_EXPLANATIONS = {
    400: "The server could not comply with the request since it is either malformed or otherwise incorrect.",
    403: "Access was denied to this resource.",
    410: "This resource is no longer available.  No forwarding address is given.",
    429: "The action could not be performed because there were too many requests by the client.",
}


# Pages in other browsers' windows may read the two (Warehouse's own headers).
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since",
    "Access-Control-Allow-Methods": "GET",
    "Access-Control-Max-Age": "86400",
    "Access-Control-Expose-Headers": "X-PyPI-Last-Serial",
}

_PRE_REGISTRATION = "Project pre-registration is no longer required or supported, upload your files instead."


class UploadRequest(Request):
    """A request whose form may hold a description of any length."""

    max_content_length = _MAX_UPLOAD_BYTES
    max_form_memory_size = _MAX_UPLOAD_BYTES


class Application:
    """The WSGI application. Links in its pages carry the address that the client asked."""

    def __init__(self, state: IndexState) -> None:
        self.state = state
        self._questions = SlidingWindow(_XML_RPC_QUOTA)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        with UploadRequest(environ) as request:
            return self.answer(request)(environ, start_response)

    def answer(self, request: Request) -> Response:
        """The answer to a request; never raises what a client's words can cause."""
        routes: MapAdapter = self._routes.bind_to_environ(request.environ)
        try:
            endpoint, values = routes.match()
            response: Response = endpoint(self, request, **values)
        except RequestRedirect as redirect:
            response = _moved(request, redirect.new_url)
        except HTTPException as error:
            # Only its pages know a 405: any other address that isn't for this method doesn't exist.
            is_page = request.path.startswith("/simple/")
            status = HTTPStatus(404 if isinstance(error, MethodNotAllowed) and not is_page else error.code or 500)
            response = _text(f"{status} {status.phrase}", status=status)
            if request.path == "/legacy/":
                # The site's own page says that there is nothing to be seen.
                response.content_type = "text/html; charset=UTF-8"
            if isinstance(error, MethodNotAllowed) and is_page:
                response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        # The server sends the clock's time; werkzeug's conditional answers carry the machine's.
        response.headers.remove("Date")
        if request.method != "POST":
            response.status = f"{response.status_code} {HTTPStatus(response.status_code).phrase}"
        return response

    # ------------------------------------------------------------------- uploads

    def _upload(self, request: Request) -> Response:
        action = request.form.get(":action")
        if action == "submit":
            return negotiated(request, UploadVerdict(status=410, message=_PRE_REGISTRATION))
        if action != "file_upload":
            raise NotFound
        return negotiated(request, self.state.upload(read_attempt(request)))

    def _missing_slash(self, request: Request) -> Response:
        message = "An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing slash)"
        response = negotiated(request, UploadVerdict(status=308, message=message))
        response.location = f"{request.host_url}legacy/"
        return response

    # ------------------------------------------------------------------- reading

    def _health(self, request: Request) -> Response:  # noqa: ARG002 -- every endpoint is called alike
        return _text(f"namehold rehearsal index, {len(self.state.uploads)} uploads judged\n")

    def _simple_index(self, request: Request) -> Response:
        kind = _simple_type(request)
        pieces = views.index_json(self.state) if kind == views.SIMPLE_JSON else views.index_html(self.state)
        return self._cached(request, Response(_in_chunks(pieces)), kind, serial=self.state.serial)

    def _simple_project(self, request: Request, name: str) -> Response:
        kind = _simple_type(request)
        show = views.simple_json if kind == views.SIMPLE_JSON else views.simple_html
        with self.state.lock:
            project = self._find(request, name, "/simple/{}/")
            body, serial = show(project, request.host_url.rstrip("/")), project.serial
        return self._cached(request, Response(body), kind, serial=serial)

    def _json(self, request: Request, name: str, version: str | None = None) -> Response:
        with self.state.lock:
            try:
                project = self._find(
                    request, name, "/pypi/{}/json" if version is None else f"/pypi/{{}}/{version}/json"
                )
                shown = {canonicalize_version(each.version): each for each in project.shown_releases}
                release = project.latest if version is None else shown.get(canonicalize_version(version))
            except (NotFound, ValueError):  # a number of more digits than Python reads is no version
                release = None
            if release is None:
                return Response('{"message": "Not Found"}', status=404, content_type="application/json")
            base = request.host_url.rstrip("/")
            body, serial = views.project_json(project, release, base, with_releases=version is None), project.serial
        return self._cached(request, Response(body), "application/json", serial=serial)

    def _xml_rpc(self, request: Request) -> Response:
        """The one legacy method that is of use here: which projects a user has a role on.

        Each question of an address that isn't refused counts, and the numbers in the answer count it already (the
        index's source; not recorded).
        """
        address, now = request.headers.get(ADDRESS_HEADER) or request.remote_addr or "", self.state.clock.now()
        with self.state.lock:
            has_room = self._questions.remaining(address, now) > 0
            if has_room:
                self._questions.hit(address, now)
            limits = show_limits(((_XML_RPC, "ip", self._questions, address),), now=now)
        try:
            if not has_room:
                reset_s = max(1, self._questions.reset_s(address, now))
                raise xmlrpc.client.Fault(-32500, _TOO_MANY_QUESTIONS.format(reset_s))  # noqa: TRY301 -- the protocol's own way
            user = _user_asked_for(request.get_data())
            with self.state.lock:
                held = [
                    [project.roles[user], project.spelled]
                    for name in self.state.holdings_of(user)
                    if (project := self.state.project(name)) is not None and project.organization is None
                ]
            body = xmlrpc.client.dumps((sorted(held),), methodresponse=True)
        except xmlrpc.client.Fault as fault:
            body = xmlrpc.client.dumps(fault, methodresponse=True)
        return Response(body, content_type="text/xml; charset=UTF-8", headers=limits)

    def _file(self, request: Request, path: str) -> Response:
        file = self.state.file(path.removesuffix(".metadata"))
        content = None if file is None else file.metadata if path.endswith(".metadata") else file.content
        if content is None:
            raise NotFound
        response = Response(content, content_type="application/octet-stream")
        response.set_etag(_digest(content))
        if request.range and all(-start >= len(content) for start, _ in request.range.ranges):
            # A suffix that is longer than the file means all of it (RFC 9110, 14.1.2); werkzeug refuses it.
            request.environ["HTTP_RANGE"] = "bytes=0-"
        return response.make_conditional(request.environ, accept_ranges=True, complete_length=len(content))

    def _find(self, request: Request, name: str, path: str) -> Project:
        """The project; another spelling of its name is redirected. Raises NotFound, RequestRedirect."""
        normalized = canonicalize_name(name)
        project = self.state.project(normalized)
        if project is None:
            raise NotFound
        if name != normalized:
            raise RequestRedirect(request.host_url.rstrip("/") + path.format(normalized))
        return project

    def _cached(self, request: Request, response: Response, content_type: str, *, serial: int) -> Response:
        """What the index's caches add: how long it may be kept, its ETag (304 for who has it), the serial."""
        response.content_type = content_type
        is_simple = request.path.startswith("/simple/")
        _kept_by_caches(response, is_simple=is_simple)
        if is_simple:
            response.headers["Vary"] = "Accept"
        response.headers["X-PyPI-Last-Serial"] = str(serial)
        response.set_etag(_digest(f"{request.path} {content_type} {serial}".encode()))
        return response.make_conditional(request)

    #: Each address with the method that answers it.
    _routes: ClassVar = Map(
        [
            Rule("/", endpoint=_health),
            Rule("/legacy/", endpoint=_upload, methods=["POST"]),
            Rule("/legacy", endpoint=_missing_slash, methods=["POST"]),
            Rule("/simple/", endpoint=_simple_index, methods=["GET"]),
            Rule("/simple/<name>/", endpoint=_simple_project, methods=["GET"]),
            Rule("/pypi", endpoint=_xml_rpc, methods=["POST"]),
            Rule("/pypi/<name>/json", endpoint=_json),
            Rule("/pypi/<name>/json/", endpoint=_json),
            Rule("/pypi/<name>/<version>/json", endpoint=_json),
            Rule("/pypi/<name>/<version>/json/", endpoint=_json),
            Rule("/packages/<path:path>", endpoint=_file),
        ],
        redirect_defaults=False,
        merge_slashes=False,
    )


def read_attempt(request: Request) -> UploadAttempt:
    """The upload in a request: its form, its file, who sends it and from where."""
    sent = request.files.get("content")
    username, token = read_credentials(request)
    fields = {name: values for name, values in request.form.lists() if not name.startswith(":")}
    return UploadAttempt(
        fields=fields,
        filename=sent.filename or None if sent else None,
        content=sent.read() if sent else b"",
        content_type=sent.headers.get("Content-Type", "") if sent else "",
        username=username,
        token=token,
        address=request.headers.get(ADDRESS_HEADER) or request.remote_addr or "",
    )


def read_credentials(request: Request) -> tuple[str, str]:
    """User and token of `Authorization: Basic` or `Authorization: token`; empty where there are none."""
    sent = request.authorization
    if sent is not None and sent.type == "basic":
        return sent.username or "", (sent.password or "").strip()
    if sent is not None and sent.type == "token":
        return "__token__", (sent.token or "").strip()
    return "", ""


def negotiated(request: Request, verdict: UploadVerdict) -> Response:
    """The text as the reason phrase and in a body of the form that the client accepts."""
    # A reason phrase has one line of ISO 8859-1 (RFC 9112); the body has the whole text.
    reason = re.sub(r"[\x00-\x1f\x7f]+", " ", verdict.message).encode("iso-8859-1", "replace").decode("iso-8859-1")
    code = f"{verdict.status} {reason}"
    title = HTTPStatus(verdict.status).phrase
    explanation = _EXPLANATIONS.get(verdict.status, "")
    detail = "" if verdict.is_bare or verdict.message == title else verdict.message
    response = _in_accepted_form(
        request,
        code,
        title,
        plain=f"{explanation}\n\n\n{detail}\n\n",
        marked_up=f"{explanation}<br/><br/>\n{html.escape(detail)}\n\n",
    )
    response.headers.extend(verdict.headers)
    return response


def _moved(request: Request, address: str) -> Response:
    """Where another spelling of a name leads, in the form that the client accepts; kept by caches as the page is."""
    path = address.partition(request.host)[2]
    text = "The resource has been moved to {}; you should be redirected automatically.\n\n"
    response = _in_accepted_form(
        request,
        "301 Moved Permanently",
        "Moved Permanently",
        plain=text.format(path),
        marked_up=text.format(html.escape(path)),
    )
    response.location = address
    return _kept_by_caches(response, is_simple=path.startswith("/simple/"))


def _kept_by_caches(response: Response, *, is_simple: bool) -> Response:
    """The answer with how long caches may keep it, and that scripts of other sites may read it."""
    response.headers["Cache-Control"] = f"max-age={600 if is_simple else 900}, public"
    response.headers.extend(_CORS)
    return response


def _in_accepted_form(request: Request, code: str, title: str, *, plain: str, marked_up: str) -> Response:
    """A message of the index in HTML, JSON or, for a client that accepts neither or says nothing, as text."""
    accepted = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/plain")
    if accepted == "application/json":
        return Response(
            json.dumps({"message": plain, "code": code, "title": title}), status=code, content_type=accepted
        )
    if accepted == "text/html":
        # The first two show the reason phrase as it is; only the detail has its quotes escaped, too.
        head = html.escape(code, quote=False)
        plain = (
            f"<html>\n <head>\n  <title>{head}</title>\n </head>\n <body>\n  <h1>{head}</h1>\n"
            f"  {marked_up}\n </body>\n</html>"
        )
    else:
        plain = f"{code}\n\n{plain}"
    return Response(plain, status=code, content_type=f"{accepted}; charset=UTF-8")


def _text(body: str, status: int = 200) -> Response:
    return Response(body, status=status, content_type="text/plain; charset=UTF-8")


def _simple_type(request: Request) -> str:
    """The content type of the simple API that is served: HTML for a client that asks for nothing else."""
    offered = ["text/html", views.SIMPLE_HTML, views.SIMPLE_JSON]
    found = request.accept_mimetypes.best_match(offered, default="text/html")
    return "text/html; charset=UTF-8" if found == "text/html" else str(found)


def _user_asked_for(question: bytes) -> str:
    """The user in a question by XML-RPC. Raises Fault, as the index's library does (pyramid_rpc's numbers)."""
    try:
        values, method = xmlrpc.client.loads(question)
    except (ExpatError, xmlrpc.client.ResponseError, ValueError, TypeError, IndexError):
        raise xmlrpc.client.Fault(-32700, "parse error; not well formed") from None
    if method != "user_packages":
        raise xmlrpc.client.Fault(-32601, "server error; requested method not found")
    if len(values) != 1:
        raise xmlrpc.client.Fault(-32602, "server error; invalid method parameters")
    return str(values[0])


def _digest(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode().rstrip("=")


def _in_chunks(pieces: Iterable[str], size: int = 2000) -> Iterator[bytes]:
    """Pieces joined into larger ones: a write for each name of a large index would take minutes."""
    held: list[str] = []
    for piece in pieces:
        held.append(piece)
        if len(held) == size:
            yield "".join(held).encode()
            held.clear()
    yield "".join(held).encode()

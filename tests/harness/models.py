"""A chat endpoint on this machine, over real HTTP, that answers as a test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.harness.serving import serving


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What the endpoint sends back; `delay_s` before it does."""

    status: int = 200
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    delay_s: float = 0.0


#: The request's JSON and its number, from 1 -> what is sent back.
Respond = Callable[[dict[str, Any], int], Sent]


def chat(text: str, *, finish: str = "stop", prompt_tokens: int = 20, answer_tokens: int = 9) -> Sent:
    """An ordinary answer."""
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": answer_tokens,
        "total_tokens": prompt_tokens + answer_tokens,
    }
    message = {"role": "assistant", "content": text}
    document = {"choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage}
    return Sent(content=json.dumps(document).encode())


def refusal(status: int, message: str, **headers: str) -> Sent:
    """An error as endpoints word it."""
    content = json.dumps({"error": {"message": message}}).encode()
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Sent(status=status, content=content, headers={"content-type": "application/json", **named})


@dataclass
class ModelServer:
    """A running endpoint: its address, and the requests that it got, each with its headers under `headers`."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    #: The most calls that were under way at one time.
    busiest: int = 0

    def prompts(self, model: str | None = None) -> list[str]:
        """The prompts that were asked, in their order."""
        return [request["messages"][0]["content"] for request in self.requests if model in {None, request.get("model")}]


@contextmanager
def model_server(respond: Respond) -> Iterator[ModelServer]:
    """An endpoint that answers with what `respond` gives."""
    lock = threading.Lock()
    under_way = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            nonlocal under_way
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                under_way += 1
                found.busiest = max(found.busiest, under_way)
                found.requests.append({**body, "path": self.path, "headers": dict(self.headers)})
                number = len(found.requests)
            sent = respond(body, number)
            time.sleep(sent.delay_s)
            with lock:
                under_way -= 1
            try:
                self.send_response(sent.status)
                for key, value in sent.headers.items():
                    self.send_header(key, value)
                self.send_header("content-length", str(len(sent.content)))
                self.end_headers()
                self.wfile.write(sent.content)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """A client that was killed is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    found = ModelServer(url=f"http://127.0.0.1:{server.server_port}/v1")
    with serving(server):
        yield found

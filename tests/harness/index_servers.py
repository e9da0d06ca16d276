"""Index servers of other people, as they come, on this machine: pypiserver and devpi."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

#: Devpi's two programs in one: most of the time of each goes to what both import.
_DEVPI = """
import json, sys
from devpi_server.init import init
from devpi_server.main import main
for program, sys.argv in zip((init, main), json.loads(sys.argv[1])):
    code = program()
    if code:
        sys.exit(code)
"""

#: Straight to this machine, whatever the environment says of proxies.
_open = build_opener(ProxyHandler({})).open


@contextmanager
def pypiserver(folder: Path, *options: str) -> Iterator[str]:
    """The address of a running pypiserver with these options over a folder of packages; without any, its defaults."""
    port = _free_port()
    command = ["-m", "pypiserver", "run", "--interface", "127.0.0.1", "--port", str(port), *options, str(folder)]
    with _running(command, port, log=folder.parent / "pypiserver.log"):
        yield f"http://127.0.0.1:{port}/"


def htpasswd(path: Path, user: str, password: str) -> Path:
    """A file with one user for pypiserver's `--passwords`."""
    digest = base64.b64encode(hashlib.sha1(password.encode(), usedforsecurity=False).digest()).decode()
    path.write_text(f"{user}:{{SHA}}{digest}\n", "utf-8")
    return path


@contextmanager
def devpi(folder: Path, user: str, password: str) -> Iterator[str]:
    """The address of an empty index `user/dev` on a running devpi server, which mirrors nothing."""
    port, place = _free_port(), ["--serverdir", str(folder / "devpi")]
    first = ["devpi-init", *place, "--no-root-pypi", "--root-passwd", "root"]
    then = ["devpi-server", *place, "--host", "127.0.0.1", "--port", str(port), "--offline-mode"]
    # The derivation of its key takes most of a minute with its defaults.
    then += ["--argon2-memory-cost", "8", "--argon2-parallelism", "1", "--argon2-time-cost", "1"]
    with _running(["-c", _DEVPI, json.dumps([first, then])], port, log=folder / "devpi.log"):
        base = f"http://127.0.0.1:{port}/"
        _send("PUT", f"{base}{user}", {"password": password})
        token = _send("POST", f"{base}+login", {"user": user, "password": password})["result"]["password"]
        login = base64.b64encode(f"{user}:{token}".encode()).decode()
        _send("PUT", f"{base}{user}/dev", {"type": "stage", "bases": []}, {"X-Devpi-Auth": login})
        yield f"{base}{user}/dev/"


@contextmanager
def _running(command: Sequence[str], port: int, *, log: Path) -> Iterator[None]:
    with (
        log.open("wb") as written,
        subprocess.Popen([sys.executable, *command], stdout=written, stderr=written) as server,
    ):
        try:
            for _ in range(600):
                assert server.poll() is None, log.read_text("utf-8")
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.1)
            yield
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _send(
    method: str, address: str, value: object, headers: Mapping[str, str] | None = None
) -> dict[str, dict[str, str]]:
    request = Request(address, data=json.dumps(value).encode(), method=method)  # noqa: S310 -- http on this machine
    for name, text in {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}.items():
        request.add_header(name, text)
    with _open(request, timeout=60) as answer:
        found: dict[str, dict[str, str]] = json.loads(answer.read())
    return found

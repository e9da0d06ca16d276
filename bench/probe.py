"""How full `namehold probe` keeps its concurrency: calls under way at an endpoint that takes 200 ms for each.

    python -m bench.probe [--concurrency 4 16] [--calls 400]

The endpoint is a process of its own. What it counts is the time that calls were being answered, so connections,
reading and the record on disk are all on namehold's side. The first and the last call bound the time.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

LATENCY_S = 0.2
_PACKAGES = 40
_NAMES = """\
demo: true
organization: {name: Acme Robotics, contact: "https://acme-robotics.example/security"}
account: {index: pypi, username: acme-reserve}
packages: [%s]
probe: {languages: [], concurrency: %d, runs: 100}
"""
_ANSWER = json.dumps(
    {"choices": [{"message": {"content": "pip install acme-turbo"}, "finish_reason": "stop"}], "usage": {}}
).encode()


def serve(pipe: Connection) -> None:
    """Answers until it is ended; tells its port, then for a message how many calls, and their first and last moment."""
    lock, moments = threading.Lock(), list[tuple[float, float]]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else the system keeps the answer's second part back until the first is acknowledged, up to 40 ms later.
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            began_s = time.monotonic()
            self.rfile.read(int(self.headers["content-length"]))
            time.sleep(LATENCY_S)
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(_ANSWER)))
            self.end_headers()
            with lock:
                moments.append((began_s, time.monotonic()))
            self.wfile.write(_ANSWER)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(server.server_port)
    pipe.recv()
    busy_s = sum(end_s - began_s for began_s, end_s in moments)
    pipe.send((len(moments), busy_s, max(end for _, end in moments) - min(began for began, _ in moments)))


def measure(concurrency: int, calls: int) -> None:
    pipe, other = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(other,), daemon=True)
    server.start()
    port = pipe.recv()
    with tempfile.TemporaryDirectory(prefix="bench-probe-") as folder:
        listed = ", ".join(f"acme-part{number}" for number in range(_PACKAGES))
        (Path(folder) / "names.yaml").write_text(_NAMES % (listed, concurrency), "utf-8")
        words = ["probe", "--endpoint", f"http://127.0.0.1:{port}/v1", "--model", "m", "--max-calls", str(calls)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "namehold", *words],
            cwd=folder,
            env={**os.environ, "NAMEHOLD_CACHE": str(Path(folder) / "cache")},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    pipe.send(None)
    made, busy_s, window_s = pipe.recv()
    server.terminate()
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    share = busy_s / (window_s * concurrency)
    print(f"| {concurrency} | {made} | {window_s:.1f} s | {share:.1%} | {cpu_s:.1f} s |", flush=True)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--concurrency", type=int, nargs="+", default=[4, 16])
    ask.add_argument("--calls", type=int, default=400)
    given = ask.parse_args()
    print("| allowed at one time | calls | first to last | being answered, of what is allowed | processor time |")
    for concurrency in given.concurrency:
        measure(concurrency, given.calls)


if __name__ == "__main__":
    main()

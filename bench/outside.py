"""How long each reader of outside text takes for the worst inputs that are known, at 1, 2 and 4 times a size.

    python -m bench.outside
    python -m bench.outside "list: JSON"
    python -m bench.outside --limits

Printed: processor seconds at each size, how many times as long 4 times the size takes (4 is linear), and the most
memory that the largest one took. Exit code 1 if one takes more than `MOST` times as long.
`--limits` measures what is read in our own process at the largest size that is read at all: pages, lists, names.yaml.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from functools import partial
from operator import mul
from typing import Any

from packaging.utils import NormalizedName
from tests.fuzz.parsers import PARSERS
from tests.harness.wheels import make_wheel

from namehold.errors import NameholdError
from namehold.evidence import read_answer
from namehold.evidence.answers import MOST_IN_LINE
from namehold.evidence.surfaces import read_metadata
from namehold.index.access.upload import _words
from namehold.index.model import ProjectState
from namehold.index.pages import MAX_PAGE_BYTES
from namehold.index.rules.quota import read_limits
from namehold.mentions import find_installed
from namehold.placeholder.shape import find_code_faults
from namehold.portfolio.yaml import MAX_FILE_BYTES
from namehold.snapshot.lists import MAX_LIST_BYTES
from namehold.text import escape, hide_passwords, show_address
from namehold.watch.holders import neutral_summary

#: So many times as long for 4 times the size is still called linear: short runs are never exact.
MOST = 7.0
#: Times below this say nothing, in seconds.
LEAST_S = 0.02

Case = Callable[[int], Callable[[], object]]


def parser(name: str, label: str, make: Callable[[int], bytes]) -> Case:
    """One of the parsers that are fuzzed, on inputs of any size."""

    def case(size: int) -> Callable[[], object]:
        content = make(size)
        return lambda: PARSERS[name].judge(label, content)

    return case


def function(read: Callable[[str], Any], make: Callable[[int], str]) -> Case:
    """A function of a text; the size is the text's."""

    def case(size: int) -> Callable[[], object]:
        text = make(size)
        return lambda: read(text)

    return case


def wheel(**fields: Callable[[int], str]) -> Callable[[int], bytes]:
    return lambda size: make_wheel("acme-tol", **{key: make(size) for key, make in fields.items()})[1]  # type: ignore[arg-type]  # texts alone


def sdist(paths: int, length: int) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for number in range(paths * size):
                archive.addfile(tarfile.TarInfo(f"x-1/a{number}/__init__.{'a' * length}"))
        return gzip.compress(stream.getvalue(), 1)

    return make


def page(entry: str, *, end: str = "") -> Callable[[int], bytes]:
    head = '{"meta":{"api-version":"1.0","_last-serial":1},"name":"acme-tool","files":[],"x":['
    return lambda size: (head + entry * size + (end or '"x"]}')).encode()


def names(entry: str) -> Callable[[int], bytes]:
    head = '{"meta":{"api-version":"1.0"},"projects":['
    return lambda size: (head + ",".join(entry % number for number in range(size)) + "]}").encode()


def config(entry: str, *, packages: int = 0) -> Callable[[int], bytes]:
    head = 'organization: {name: A B, contact: "https://a.dev/x"}\naccount: {index: pypi, username: acme}\npackages:\n'

    def make(size: int) -> bytes:
        listed = "".join(f"  - acme-package-number-{number}\n" for number in range(packages * size or 1))
        entries = "".join(entry % number for number in range(size)) if entry else ""
        return (head + listed + ("always:\n" + entries if entry else "")).encode()

    return make


def repeated(name: str, key: str) -> Callable[[int], bytes]:
    """A valid document of the fuzzed parser with one of its lists so many times as long."""
    wanted = "whole" if name == "plan" else name
    valid = json.loads(next(content for label, content in PARSERS[name].seeds() if label == wanted))

    def make(size: int) -> bytes:
        return json.dumps(valid | {key: valid[key] * size}).encode()

    return make


def ledger(size: int) -> bytes:
    from namehold.documents import canonical_json, digest  # noqa: PLC0415 -- one case needs it

    bodies = [json.loads(line) for line in PARSERS["ledger"].seeds()[0][1].splitlines()]
    lines, previous = [], bodies[0]["previous"]
    for number in range(size):
        body = {**bodies[min(number, 1)], "sequence": number + 1, "previous": previous}
        body.pop("digest")
        previous = digest(body)
        lines.append(canonical_json(body | {"digest": previous}))
    return b"\n".join((*lines, b""))


def summary_of(text: str) -> str:
    return neutral_summary(ProjectState(name=NormalizedName("x"), exists=True, summary=text))


CASES: dict[str, tuple[int, Case]] = {
    "instructions: options without a name": (
        200_000,
        function(lambda t: list(find_installed(t)), lambda n: "pip install " + "--a " * n),
    ),
    "instructions: commands among options": (
        100_000,
        function(lambda t: list(find_installed(t)), lambda n: "-pip -install " * n),
    ),
    **{
        f"answer: {part.strip() or 'blank lines'!r} again and again": (
            20_000,
            function(read_answer, partial(mul, part)),
        )
        for part in (
            "pip install 'a ",
            "import a, ",
            "`import a",
            "**a** package ",
            '["a",',
            "requires=[",
            "|a|\n",
            "[a](",
            "a/ ",
            "`a1` (package), ",
            "pypi: or ",
        )
    },
    "answer: a list after each 'pypi:', on lines of the greatest length that is read": (
        10,
        function(read_answer, partial(mul, "pypi: or " * (MOST_IN_LINE // 9) + "\n")),
    ),
    "wheel: a summary of options": (
        5_000,
        parser("archives", "x-1-py3-none-any.whl", wheel(summary=lambda n: "pip install " + "--a " * n + "!")),
    ),
    "wheel: 'review' again and again": (
        5_000,
        parser("archives", "x-1-py3-none-any.whl", wheel(description=lambda n: "review" * n)),
    ),
    "wheel: a fence of spaces": (
        10_000,
        parser("archives", "x-1-py3-none-any.whl", wheel(description=lambda n: "```" + " " * n + "!")),
    ),
    "wheel: brackets in Markdown": (
        5_000,
        parser("archives", "x-1-py3-none-any.whl", wheel(description=lambda n: "[" * n)),
    ),
    "wheel: an address without end": (
        20_000,
        parser("archives", "x-1-py3-none-any.whl", wheel(description=lambda n: "a." * n + "@" + "b" * n)),
    ),
    "sdist: long paths": (1, parser("archives", "x-1.tar.gz", sdist(400, 3_900))),
    "sdist: many members": (1, parser("archives", "x-1.tar.gz", sdist(1_000, 10))),
    "metadata: links": (
        20_000,
        function(
            lambda t: read_metadata(NormalizedName("x"), t, source="x"),
            lambda n: "Project-URL: Source, https://x.dev/a/b\n" * n,
        ),
    ),
    "code: brackets": (
        20_000,
        function(lambda t: find_code_faults(t, path="x.py", mode=None), lambda n: "x = " + "(" * n),
    ),
    "code: statements": (
        2_000,
        function(lambda t: find_code_faults(t, path="x.py", mode=None), lambda n: "import os\n" * n),
    ),
    "page: files": (2_000, parser("pages", "simple", page('{"filename":"acme_tool-1.tar.gz","hashes":{},"url":"x"},'))),
    "page: empty lists": (150_000, parser("pages", "simple", page("[],"))),
    "page: HTML links": (5_000, parser("pages", "html", lambda n: b"<a href=x>acme_tool-1.tar.gz</a>" * n)),
    "page: HTML without ends": (
        50_000,
        parser("pages", "html", lambda n: b"<a href=x>acme_tool-1.tar.gz</a><a" + b" b" * n),
    ),
    "page: HTML comments": (
        50_000,
        parser("pages", "html", lambda n: b"<a href=x>acme_tool-1.tar.gz</a>" + b"<!--" * n),
    ),
    "page: HTML entities": (50_000, parser("pages", "html", lambda n: b"<a href=x>acme_tool-1.tar.gz</a>" + b"&#" * n)),
    "page: XML": (5_000, parser("pages", "xml", lambda n: b"<methodResponse><params>" + b"<param></param>" * n)),
    "list: names": (50_000, parser("lists", "list", lambda n: b"".join(b"acme-%d\n" % number for number in range(n)))),
    "list: one line": (2_000_000, parser("lists", "list", lambda n: b"acme\n" + b"a-" * n)),
    "list: empty lines": (2_000_000, parser("lists", "list", lambda n: b"acme" + b"\n" * n)),
    "list: JSON": (50_000, parser("lists", "list", names('{"name":"acme-%d"}'))),
    "list: JSON of other tables": (100_000, parser("lists", "list", names('{"x":%d}'))),
    "names.yaml: packages": (250, parser("config", "names.yaml", config("", packages=1))),
    "names.yaml: unknown packages": (
        100,
        parser("config", "names.yaml", config(" - {name: n%d, package: acme-package-no-1x, reason: r}\n", packages=1)),
    ),
    "names.yaml: brackets": (20_000, parser("config", "names.yaml", lambda n: b"[" * n)),
    "names.yaml: one text": (200_000, parser("config", "names.yaml", lambda n: b'x: "' + b"a " * n)),
    "plan: assessments": (200, parser("plan", "whole", repeated("plan", "assessments"))),
    "register: names": (2_000, parser("register", "register", repeated("register", "names"))),
    "ledger: lines": (500, parser("ledger", "chain", ledger)),
    "summary of a project": (500_000, function(summary_of, lambda n: "x" * n)),
    "Markdown that is escaped": (200_000, function(escape, lambda n: ":a" * n)),
    "addresses in a message": (200_000, function(hide_passwords, lambda n: "https://a:b@c " * n)),
    "an address": (500_000, function(show_address, lambda n: "https://" + "a@" * n)),
    "limits in a header": (20_000, function(lambda t: read_limits([("ratelimit", t)]), lambda n: '"a" ; ' * n)),
    "the words of an answer": (16_000, function(lambda t: _words("", t, "text/html"), lambda n: "<title>" * n)),
}


FILE = b'{"filename":"acme_tool-1.tar.gz","hashes":{},"url":"x"},'
#: What is read in our own process, with the most bytes that are read of it.
LIMITS: dict[str, tuple[int, str, str, Callable[[int], bytes]]] = {
    "page: files": (
        MAX_PAGE_BYTES, "pages", "simple",
        lambda n: b'{"meta":{},"name":"acme-tool","files":[' + FILE * n + FILE.rstrip(b",") + b"]}",
    ),
    "page: empty lists": (MAX_PAGE_BYTES, "pages", "simple", page("[],")),
    "page: texts": (MAX_PAGE_BYTES, "pages", "simple", page('"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",')),
    "page: HTML links": (MAX_PAGE_BYTES, "pages", "html", lambda n: b"<a href=x>acme_tool-1.tar.gz</a>" * n),
    "page: HTML links with long texts": (
        MAX_PAGE_BYTES, "pages", "html",
        lambda n: (b"<a href=x>" + b"acme_tool-" + b"1" * 230 + b".tar.gz</a>") * n,
    ),
    "page: HTML without ends": (
        MAX_PAGE_BYTES, "pages", "html", lambda n: b"<a href=x>acme_tool-1.tar.gz</a><a" + b" b" * n
    ),
    "list: names": (MAX_LIST_BYTES, "lists", "list", lambda n: b"".join(b"%064d\n" % number for number in range(n))),
    "list: one line": (MAX_LIST_BYTES, "lists", "list", lambda n: b"acme\n" + b"a-" * n),
    "list: JSON": (MAX_LIST_BYTES, "lists", "list", names('{"name":"%052d"}')),
    "list: JSON of other tables": (MAX_LIST_BYTES, "lists", "list", names('{"x":"%053d"}')),
    "names.yaml: packages": (MAX_FILE_BYTES, "config", "names.yaml", config("", packages=1)),
    "names.yaml: one text": (MAX_FILE_BYTES, "config", "names.yaml", lambda n: b'x: "' + b"a " * n + b'"'),
    "names.yaml: texts": (MAX_FILE_BYTES, "config", "names.yaml", lambda n: b"x: [" + b"a," * n + b"a]"),
    "names.yaml: keys": (
        MAX_FILE_BYTES, "config", "names.yaml", lambda n: b"".join(b"a%d: b\n" % number for number in range(n))
    ),
}  # fmt: skip


def main() -> None:
    match sys.argv[1:]:
        case ["--limits"]:
            show_limits()
        case ["--limit", name]:
            measure_limit(name)
        case ["--case", name]:
            measure(name)
        case chosen:
            compare(chosen or list(CASES))


def compare(names: list[str]) -> None:
    """Prints a row for each input, measured in a process of its own."""
    print("| input | s at 1 | s at 2 | s at 4 | times | MB |\n" + "| --- " * 6 + "|")
    worst = 0.0
    for name in names:
        command = [sys.executable, "-m", "bench.outside", "--case", name]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
        *times, memory = map(float, done.stdout.split())
        growth = times[2] / max(times[0], LEAST_S)
        worst = max(worst, growth)
        row = (name, *(f"{took:.2f}" for took in times), f"{growth:.1f}", f"{memory:.0f}")
        print(f"| {' | '.join(row)} |", flush=True)
    sys.exit(1 if worst > MOST else 0)


def show_limits() -> None:
    """Prints a row for each input at its limit, measured in a process of its own."""
    print("| input | bytes read at most | s | MB |\n" + "| --- " * 4 + "|")
    for name, (limit, *_) in LIMITS.items():
        command = [sys.executable, "-m", "bench.outside", "--limit", name]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
        took, memory = map(float, done.stdout.split())
        print(f"| {name} | {limit:,} | {took:.1f} | {memory:.0f} |", flush=True)


def measure_limit(name: str) -> None:
    """Prints the processor seconds for as many bytes as are read at all, and the growth of this process in MB."""
    import resource  # noqa: PLC0415 -- this process alone

    limit, parser_name, label, make = LIMITS[name]
    with contextlib.suppress(NameholdError):
        PARSERS[parser_name].judge(label, make(1))
    few, many = len(make(10_000)), len(make(20_000))
    content = make(int(10_000 + (limit - few) / (many - few) * 10_000) - 1)[:limit]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    with contextlib.suppress(NameholdError):
        PARSERS[parser_name].judge(label, content)
    print(time.process_time() - began)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000)


def measure(name: str) -> None:
    """Prints the processor seconds at each size, and how much the memory of this process grew by the largest, in MB."""
    import resource  # noqa: PLC0415 -- this process alone

    size, case = CASES[name]
    # Everything is loaded by a small one.
    with contextlib.suppress(NameholdError):
        case(1)()
    for factor in (1, 2, 4):
        run = case(size * factor)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        with contextlib.suppress(NameholdError):
            run()
        print(time.process_time() - began)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000)


if __name__ == "__main__":
    main()

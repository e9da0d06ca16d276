"""The parsers of what comes from outside: valid inputs of each, how they are changed, and what reads them."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import re
import tempfile
import warnings
import xmlrpc.client
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import Any

import httpx
from packaging.utils import NormalizedName
from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from twine.utils import TEST_REPOSITORY

import namehold
from namehold import documents
from namehold.documents import canonical_json, digest
from namehold.errors import NameholdError
from namehold.evidence.surfaces import read_metadata, read_sdist, read_wheel
from namehold.files import InnerPath
from namehold.index.access.http import HttpIndex
from namehold.index.access.policy import Patience
from namehold.index.archives import open_archive
from namehold.index.model import IndexChoice, Outcome, Quota
from namehold.index.pages import parse_names
from namehold.index.profiles import private_profile, profile
from namehold.ledger.file import GENESIS, Ledger, read
from namehold.ledger.fold import fold_events
from namehold.ledger.model import (
    Adopted,
    Decided,
    Event,
    HandedOver,
    Holdings,
    Intent,
    LetterAnswer,
    LetterAnswered,
    LetterKind,
    LetterSent,
    Observed,
    PlanApproved,
    PlanRehearsed,
    Receipt,
    SeenLimits,
    Sighting,
)
from namehold.ledger.sealing import find_open_in_plain
from namehold.mentions import find_installed
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.judging import judge_file
from namehold.placeholder.render import Templates
from namehold.plan.file import dump_plan, read_plan
from namehold.portfolio.evidence import read_evidence
from namehold.portfolio.model import Mode
from namehold.portfolio.pyproject import read_project
from namehold.portfolio.read import read_portfolio
from namehold.report.make import make_report
from namehold.report.markdown import render_markdown
from namehold.report.register import Register, find_register_faults, make_register
from namehold.snapshot.file import Snapshot
from namehold.snapshot.lists import parse_list, read_capped
from tests.fuzz.mutate import (
    Mutator,
    change_bytes,
    change_json,
    change_lines,
    change_plain_json,
    change_sdist,
    change_wheel,
)
from tests.harness.applying import KEY
from tests.harness.values import DAY, NOON, PROFILE, action, every_route_plan, first_day_done, full_portfolio
from tests.harness.wheels import make_wheel

SOURCE = Path(namehold.__file__).parent
_TESTS = Path(__file__).parents[1]
_ROOT = _TESTS.parent
_KEPT = _TESTS / "contract/ledger/data/state-2026-11-28"
_TOOL = NormalizedName("acme-tool")
_HOUSE = private_profile(
    IndexChoice(
        upload="https://index.house/",
        simple="https://index.house/simple/",
        json="https://index.house/pypi/",
        missing=403,
        file_hosts=("files.house",),
    ),
    nickname="house",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parser:
    """One kind of input.

    `seeds` are valid inputs by a label that `read` understands; `mutators` changes each label's. `files` are the
    modules below src/namehold that read it, with the functions in them that don't.
    """

    seeds: Callable[[], tuple[tuple[str, bytes], ...]]
    mutators: Callable[[str], tuple[Mutator, ...]]
    read: Callable[[str, bytes], None]
    files: Mapping[str, frozenset[str]]

    def make(self, chance: Random) -> tuple[str, bytes]:
        """One input: a valid one, changed once or a few times."""
        label, content = chance.choice(self.seeds())
        mutators = self.mutators(label)
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            content = chance.choice(mutators)(content, chance)
        return label, content

    def judge(self, label: str, content: bytes) -> None:
        """Reads the input; one of our own errors is an answer, too. Any other is raised."""
        try:
            self.read(label, content)
        except NameholdError as error:
            # What is wrong is told in words that can be shown.
            "".join((error.message, error.fix, *(item.message for item in error.diagnostics()))).encode()


# --------------------------------------------------------------------------- archives


@cache
def _archives() -> tuple[tuple[str, bytes], ...]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for mode in Mode:
            tree = Templates(None, PROFILE).render(action("acme-tol", mode), full_portfolio())
            built = PlaceholderBuilder().build(tree, Path(folder) / mode)
            found += [(item.filename, Path(item.path).read_bytes()) for item in built]
    tool = make_wheel(
        "acme-tool",
        modules=("acme_tool", "acme.core.deep", "_private"),
        scripts=("acme", "acme-run"),
        requires_dist=("httpx>=0.2", "rich; extra == 'fast'"),
        extras=("fast",),
        project_urls={"Source": "https://code.example/acme/tool", "Former name": "https://acme.example/old-tool"},
        summary="Placeholder. Install acme-tool instead.",
        description="Acme\n====\n\n.. note:: x\n\n`pip install acme-tool`\n\n.. a comment\n",
        author="Acme",
        author_email="security@acme-robotics.dev",
    )
    return (*found, tool)


def _change_archives(label: str) -> tuple[Mutator, ...]:
    whole = change_wheel if label.endswith(".whl") else change_sdist
    return (whole, whole, whole, whole, change_bytes)


def _read_archive(label: str, content: bytes) -> None:
    judged = judge_file(label, content)
    json.dumps([judged.filename, judged.other, *judged.targets, *(item.found for item in judged.form)])
    reader, end = (read_wheel, ".dist-info/METADATA") if label.endswith(".whl") else (read_sdist, "/PKG-INFO")
    with open_archive(label, io.BytesIO(content)) as archive:
        reader(archive, source=label)
        path = next((path for path in archive.names if path.count("/") == 1 and path.endswith(end)), "")
        text = archive.read(path).decode("utf-8", "replace") if path else ""
    facts = read_metadata(_TOOL, text, source=label)
    list(find_installed(facts.summary))


# --------------------------------------------------------------------------- pages


@cache
def _pages() -> tuple[tuple[str, bytes], ...]:
    files = [
        {
            "filename": f"acme_tool-{number}.0-py3-none-any.whl",
            "hashes": {"sha256": "ab" * 32},
            "url": f"../../files/acme_tool-{number}.0-py3-none-any.whl",
            "size": 1_000,
            "upload-time": "2024-01-01T10:00:00.5Z",
            "yanked": False,
            "core-metadata": {"sha256": "cd" * 32},
        }
        for number in range(3)
    ]
    simple = {
        "meta": {"api-version": "1.4", "_last-serial": 7},
        "name": "acme-tool",
        "files": files,
        "versions": ["0.0", "1.0"],
        "project-status": {"status": "archived", "reason": "moved"},
    }
    details = {
        "info": {
            "name": "acme-tool",
            "summary": "A tool.",
            "description": "# Acme\npip install acme-tool",
            "project_urls": {"Homepage": "https://acme.example/"},
            "requires_dist": ["httpx>=0.2", "rich ; extra == 'fast'"],
        },
        "ownership": {"organization": "acme", "roles": [{"role": "Owner", "user": "acme"}]},
        "last_serial": 7,
    }
    page = """<!DOCTYPE html><html><head><meta name="pypi:project-status" content="archived"></head><body>
<a href="../../f/acme_tool-1.0-py3-none-any.whl#sha256=abc" data-core-metadata="true">acme_tool-1.0-py3-none-any.whl</a>
<a href="/f/acme_tool-0.9.tar.gz#md5=def" data-yanked="broken &amp; old">acme_tool-0.9.tar.gz</a></body></html>"""
    rows = """<?xml version='1.0'?><methodResponse><params><param><value><array><data><value><array><data>
<value><string>Owner</string></value><value><string>acme-tool</string></value></data></array></value></data></array>
</value></param></params></methodResponse>"""
    fault = xmlrpc.client.dumps(xmlrpc.client.Fault(-32500, "HTTPTooManyRequests: x were too many requests y"))
    names = """<!DOCTYPE html><html><body><a href="acme-tool/">acme-tool</a>
<a href="/simple/acme-with/">acme-wit..&gt;</a>
<a href="https://[x/">odd</a><form><input name="user"></form></body></html>"""
    listed = {"meta": {"api-version": "1.1"}, "projects": [{"name": "acme-tool"}, {"name": "acme-sdk"}]}
    bare = {"name": "acme-tool", "files": [], "meta": {"api-version": "1.0"}}
    return (
        ("simple", json.dumps(simple).encode()),
        ("simple", json.dumps(bare).encode()),
        ("details", json.dumps(details).encode()),
        ("details", b'{"info": {"name": "acme-tool"}, "ownership": null}'),
        ("html", page.encode()),
        ("xml", rows.encode()),
        ("xml", fault.encode()),
        ("xml", b"<!DOCTYPE x []>" + rows.encode()),
        ("names", names.encode()),
        ("names", names.replace('<form><input name="user"></form>', "").encode()),
        ("names", json.dumps(listed).encode()),
        ("moved", b"https://other.house/simple/acme-tool/"),
        ("moved", TEST_REPOSITORY.encode()),
        ("moved", b"/simple/acme.tool/"),
        ("status", b"200 403 401 404 304 503"),
        ("status", b"401"),
        ("status", b"500 403"),
        ("status", b"304"),
        ("file", b"https://files.house/acme_tool-1.0.tar.gz"),
    )


def _change_pages(label: str) -> tuple[Mutator, ...]:
    if label in {"html", "xml", "moved", "status", "file"}:
        return (change_lines, change_bytes)
    return (change_plain_json, change_plain_json, change_plain_json, change_bytes)


_FORMS = {"simple": "application/vnd.pypi.simple.v1+json", "details": "application/json", "html": "text/html",
          "xml": "text/xml"}  # fmt: skip


def _read_page(label: str, content: bytes) -> None:
    valid = dict(reversed(_pages()))
    # Each request gets the next status of the input, and the last one again.
    statuses = [int(word) for word in re.findall(rb"\b[2-5][0-9][0-9]\b", content)]

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        asked = "xml" if request.method == "POST" else "details" if "/pypi/" in path else "simple"
        if label == "moved" and asked == "simple" and path.count("/") > 2:  # a project's page
            place = content.decode("latin-1").replace("\r", "").replace("\n", "").encode("ascii", "ignore")
            return httpx.Response(301, headers={"location": place.decode()})
        if label == "names" and asked == "simple":
            # The page is refused, so that the list is asked.
            is_list = path == "/simple/"
            return httpx.Response(200 if is_list else 403, content=content, headers={"content-type": "text/html"})
        shown = "html" if (asked, label) == ("simple", "html") else asked
        status = 200
        if label == "status" and statuses:
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        body = content if shown == label else valid[shown]
        return httpx.Response(status, content=body, headers={"content-type": _FORMS[shown], "etag": '"x"'})

    transport = httpx.MockTransport(answer)
    with HttpIndex(_HOUSE, contact="a@acme.example", patience=Patience(waits_s=()), transport=transport) as index:
        if label == "file":
            index.lies_outside(content.decode("utf-8", "replace"))
        elif label in {"xml", "status"}:
            index.user_packages("acme")
        if label not in {"xml", "file"}:
            documents.canonical_json(index.project(_TOOL))
    if label == "names":
        parse_names(content, address="https://index.house/simple/")
    if label == "file":
        with HttpIndex(profile("pypi"), contact="a@acme.example", transport=transport) as index:
            index.lies_outside(content.decode("utf-8", "replace"))


# --------------------------------------------------------------------------- lists


@cache
def _lists() -> tuple[tuple[str, bytes], ...]:
    names = [f"acme-tool-{number}" for number in range(40)]
    text = "# names\n\n" + "\n".join((*names, "Acme_Robotics", "no name!")) + "\n"
    projects = [{"name": name, "_last-serial": number} for number, name in enumerate(names, 1)]
    simple = json.dumps({"meta": {"api-version": "1.1", "_last-serial": 99}, "projects": projects})
    listed = [NormalizedName(name) for name in names]
    kept = Snapshot.of(listed, index="pypi", source="x", taken=DAY, serials=range(1, len(listed) + 1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        kept.write(path)
        stored = path.read_bytes()
        kept.write(path, with_tables=True)
        with_tables = path.read_bytes()
    page = "".join(f'<a href="/simple/{name}/">{name}</a>\n' for name in names)
    far = json.dumps({"meta": {"api-version": "2.0"}, "projects": []})
    return (
        ("list", f"<!DOCTYPE html><html><body>{page}</body></html>".encode()),
        ("list", b"<html><form><input name='user'></form></html>"),
        ("list", far.encode()),
        ("list", b'{"projects": ["acme-tool", 7]}'),
        ("list", b"acme-tool-9\n" * 10_001),
        ("list", text.encode()),
        ("list", text.encode("utf-16")),
        ("list", simple.encode()),
        ("packed", gzip.compress(simple.encode(), mtime=0)),
        ("kept", stored),
        ("kept", with_tables),
    )


def _change_lists(label: str) -> tuple[Mutator, ...]:
    if label == "packed":
        return (change_bytes, _repacked(change_plain_json), _repacked(change_bytes))
    return (change_lines, change_bytes, change_plain_json) if label == "list" else (change_bytes,)


def _repacked(change: Mutator) -> Mutator:
    def changed(content: bytes, chance: Random) -> bytes:
        try:
            return gzip.compress(change(gzip.decompress(content), chance), 1, mtime=0)
        except (OSError, EOFError, ValueError, zlib.error):
            return change_bytes(content, chance)

    return changed


def _read_list(label: str, content: bytes) -> None:
    if label == "kept":
        kept = Snapshot(content, path="list")
        kept.existing([_TOOL, NormalizedName("acme-tool-3")])
        kept.similar([NormalizedName("acmetool3")])
        kept.containing("tool", limit=5)
        kept.containing("", limit=5)
        kept.near(NormalizedName("acme-tool-33"), edits=2)
        kept.bearers([NormalizedName("acme-tool"), NormalizedName("tool")])
        json.dumps([str(kept.taken_by), kept.is_same_list(kept)])
        kept.serials([NormalizedName("acme-tool-3")])
        kept.compare(Snapshot.of([_TOOL], index="pypi", source="x", taken=DAY))
        list(kept.names())
        kept.verify()
        return
    found = parse_list(read_capped(io.BufferedReader(io.BytesIO(content)), "list"), source="list")
    Snapshot.of(found.names, index="pypi", source="x", taken=DAY, serials=found.serials).containing("acme", limit=3)


# --------------------------------------------------------------------------- config


@cache
def _configs() -> tuple[tuple[str, bytes], ...]:
    sections = b"""organization: {name: Acme Robotics, contact: "security@acme-robotics.dev", homepage: "https://acme-robotics.dev"}
account: {index: corp, username: acme, holders: [acme-ops]}
index: {upload: "https://corp.acme-robotics.dev/legacy/", simple: "https://corp.acme-robotics.dev/simple/"}
packages:
  - acme-tool
  - name: acme-sdk
    imports: [acme.sdk]
    commands: [{value: acme-run, source: x, date: 2026-01-02}]
    aliases: [acmesdk]
    published: true
observed:
  - {name: acme-tool-mcp, package: acme-tool, source: s, date: 2026-10-01, count: 3}
look_alikes: [{name: acme-too1, package: acme-tool, verdict: Malware, date: 2026-10-01}]
never: [{name: acme-never, reason: no}]
always: [{name: acme-cli, package: acme-tool, reason: docs}]
policy: {name: cautious, threshold: 0.1, routes: {typo: watch}, answer_days: 14}
budget: {total: 10, per_package: 3}
"""
    probed = b"""# evidence
probed:
  - {name: acme-client, package: acme-tool, source: model m1, date: 2026-11-28, count: 3, of: 50}
documented:
  - {name: acme-guide, package: acme-tool, source: "https://acme.example/", date: 2026-11-28}
observed:
  - {name: acme-tool-mcp, package: acme-tool, source: s, date: 2026-10-01}
"""
    return (
        ("names.yaml", sections),
        ("names.yaml", (_ROOT / "names.yaml").read_bytes()),
        ("names.yaml", (_KEPT / "names.yaml").read_bytes()),
        ("names.yaml", _FAULTY),
        ("names.yaml", _ODD_YAML),
        ("evidence.yaml", probed),
    )


@lru_cache(maxsize=64)
def _plain_values(content: bytes) -> bytes:
    """The values of a YAML file as JSON, which is read a hundred times faster."""
    try:
        json.loads(content)
    except ValueError:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            values = YAML(typ="safe", pure=True).load(content.decode())
        return json.dumps(values, default=str).encode()
    return content


def _change_values(content: bytes, chance: Random) -> bytes:
    """A value changed, and the file written anew as JSON, which is YAML: the rest of it stays sound."""
    try:
        text = change_json(_plain_values(content), chance).decode()
    except (YAMLError, ValueError, TypeError, RecursionError):
        return change_bytes(content, chance)
    # A date in quotes is a text.
    return re.sub(r'"(\d{4}-\d\d-\d\d)"', r"\1", text).encode()


def _doubled(content: bytes, chance: Random) -> bytes:
    """A value of one place put into another: what contradicts something else in the file."""
    try:
        values = json.loads(_plain_values(content))
        words = sorted({text for key, parent in _texts_in(values) if (text := parent[key])})
        key, parent = chance.choice(list(_texts_in(values)))
        parent[key] = chance.choice(words)
        text = json.dumps(values, default=str)
    except (YAMLError, ValueError, TypeError, RecursionError, IndexError):
        return change_bytes(content, chance)
    return re.sub(r'"(\d{4}-\d\d-\d\d)"', r"\1", text).encode()


def _texts_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every text in plain values, with what holds it and its key there."""
    left = [value]
    while left:
        parent = left.pop()
        if isinstance(parent, dict | list):
            for key in parent if isinstance(parent, dict) else range(len(parent)):
                if isinstance(parent[key], str):
                    yield key, parent
                left.append(parent[key])


#: Everything that is wrong between the values of a file, for the checks behind the types.
_FAULTY = b"""demo: true
organization: {name: Your Organization, contact: "mailto:jane@acme-robotics.dev", homepage: "https://test.com/"}
account: {index: pypy, username: "pypi-AgEIcHlwaS5vcmcCJGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6", holders: [a, a]}
index: {upload: "https://u:p@corp.acme-robotics.dev/legacy", simple: "ftp://x/"}
packages:
  - {name: acme-tool, imports: [acme-tool], aliases: [acme-tool, acmetool, acmetool], confirmed: [acme-tol, nothing]}
  - {name: acme_too1, commands: ["a b"], ignore: [acmex], aliases: [acmex], companions: [acme_too1]}
  - {name: my-package, entry_points: ["a b"]}
observed: [{name: acme-tool, package: acme-tol, source: s, date: 2026-10-01, count: 9, of: 3}]
look_alikes: [{name: acme-tool, package: acme-tool, verdict: x, date: 2026-10-01}]
never: [{name: acme-tol, reason: no}, {name: acme_tol, reason: no}]
always: [{name: acme-tol, package: acme-toool, reason: x, mode: redirect, route: request}]
namespaces: [{prefix: acme}, {prefix: acme}]
policy: {name: bold, threshold: 7, routes: {typo: fly}, answer_days: "x", limits: 1}
budget: {total: 1000, per_package: 2, floor: 3, keep_slots: 9, per_day: 4}
publishing: {enabled: true}
"""

_ODD_YAML = (
    b"a: &x 1\nb: *x\nc: !!python/object:os.system id\nd: {<<: {e: 1}}\n? [k]\n: 1\nf: 2026-99-99\nf: 2\ng: 0o9\n"
    b"h:\ni: " + b"[" * 60 + b"]" * 60 + b"\nj: \xe2\x80\xaex\nk: 1e999\nl: !t v\n"
)


def _projects() -> tuple[tuple[str, bytes], ...]:
    standard = b"""[project]
name = "acme-tool"
scripts = {acme = "acme:main", "acme run" = "acme:run"}
[project.gui-scripts]
acme-window = "acme:window"
[project.urls]
Homepage = "https://acme-robotics.dev/"
"Bug Tracker" = "https://acme-robotics.dev/issues"
[tool.hatch.build.targets.wheel]
packages = ["src/acme", "src/acme_tool"]
[tool.setuptools]
packages = ["acme", "acme.io"]
py-modules = ["acme_cli"]
[tool.flit.module]
name = "acme"
[tool.uv.build-backend]
module-name = ["acme"]
[tool.maturin]
module-name = "acme._native"
"""
    poetry = b"""[tool.poetry]
name = "acme-tool"
homepage = "https://acme-robotics.dev/"
packages = [{include = "acme", from = "src"}, {include = "acme*"}]
urls = {Security = "https://acme-robotics.dev/security"}
scripts = {acme = "acme:main"}
"""
    return (("standard", standard), ("poetry", poetry))


def _read_project(_label: str, content: bytes) -> None:
    # `init` reads no other text than UTF-8.
    read_project(content.decode("utf-8", "replace"), modules=("acme", "acme_tool"))


def _read_config(label: str, content: bytes) -> None:
    if label == "names.yaml":
        read_portfolio(content, path=label)
    else:
        read_evidence(content, full_portfolio(), path=label)


# --------------------------------------------------------------------------- plan, register, ledger


@cache
def _plans() -> tuple[tuple[str, bytes], ...]:
    plan = every_route_plan()
    lines, whole = "".join(dump_plan(plan)).encode(), documents.dump("plan", plan).encode()
    return (
        ("lines", lines),
        # Without its end, and with assessments that aren't laid out as they are written.
        ("lines", lines[: len(lines) // 2]),
        ("lines", lines.replace(b'{"candidate":{"name":', b'{"candidate": {"name": ')),
        ("whole", whole),
        ("whole", whole),
        ("whole", whole.replace(b'"index": "pypi"', b'"index": "../pypi"')),
    )


def _change_plans(label: str) -> tuple[Mutator, ...]:
    if label == "lines":
        return (change_lines, change_bytes, _keeping_lines)
    return (change_plain_json, change_plain_json, change_bytes, _odd_name)


def _odd_name(content: bytes, chance: Random) -> bytes:
    """A name that can't be one, where the program makes a path or an address of it."""
    try:
        document = json.loads(content)
        action = chance.choice(document["actions"])
        name = chance.choice(("Acme_Tool", "../x", "a/b", "", "acme-", "é", "x" * 300))
        if chance.random() < 0.3:
            document["index"] = name
        else:
            action[chance.choice(("name", "target"))] = name
    except (ValueError, KeyError, TypeError, IndexError):
        return change_bytes(content, chance)
    return json.dumps(document).encode()


def _keeping_lines(content: bytes, chance: Random) -> bytes:
    """One line of a plan with its values changed: the others stay where they are."""
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    head, comma = (lines[at][:-1], b",") if lines[at].endswith(b",") else (lines[at], b"")
    lines[at] = change_plain_json(head, chance).replace(b"\n", b" ") + comma
    return b"\n".join(lines)


def _read_plan(_: str, content: bytes) -> None:
    with _file(content) as path:
        with suppress(NameholdError):
            read_plan(InnerPath(path.parent) / path.name)
        plan = read_plan(path)
        list(plan.assessments)
        list(plan.outlines())
        render_markdown(make_report(plan, Holdings(), now=NOON))
        render_markdown(make_report(plan, first_day_done(), now=NOON))
        # The file is another one now, or gone: what is still to be read says so.
        path.write_bytes(content + b"\n")
        with suppress(NameholdError):
            list(plan.assessments)
        path.unlink()
        list(plan.assessments)


@cache
def _registers() -> tuple[tuple[str, bytes], ...]:
    register = make_register(
        full_portfolio(), first_day_done(), [], plan=every_route_plan(), salt="salt", today=DAY, tool="namehold"
    )
    deep = b'{"schema": "namehold/register/1", "names": ' + b"[" * 100_000
    return (("register", documents.dump("register", register).encode()), ("register", deep))


def _read_register(_: str, content: bytes) -> None:
    register = documents.load("register", Register, content.decode("utf-8", "replace"), path="register.json")
    faults = find_register_faults(
        register, page="", holdings=first_day_done(), heads=(), states={}, reservations={}, shows_ownership=True
    )
    json.dumps([fault.message for fault in faults])


@cache
def _ledgers() -> tuple[tuple[str, bytes], ...]:
    kept = (_KEPT / "state/ledger-trial.jsonl", _KEPT / "state/rehearsal/ledger-trial.jsonl")
    return (*(("chain", path.read_bytes()) for path in kept), ("chain", _write_all_kinds()))


def _write_all_kinds() -> bytes:
    """A ledger with an event of every kind, the open names sealed."""
    tol, tolo, doc = map(NormalizedName, ("acme-tol", "acme-tolo", "acme-doc"))
    sent: dict[str, Any] = {"target": _TOOL, "action_digest": "sha256:one", "time": NOON}
    letter: dict[str, Any] = {"letter": "sha256:letter", "kind": LetterKind.PROHIBIT, "date": DAY, "time": NOON}
    files = (("acme_tol-0.0.1.tar.gz", "ab" * 32),)
    limits = SeenLimits(quota=Quota(limit=4, window_s=86_400), closed_until=NOON)
    events: tuple[Event, ...] = (
        PlanRehearsed(action_digest="sha256:plan", actions=("sha256:one",), time=NOON),
        PlanApproved(action_digest="sha256:plan", actions=("sha256:one",), address="sha256:address", time=NOON),
        *(
            item
            for name, outcome in ((tol, Outcome.HELD), (tolo, Outcome.REFUSED_SIMILAR), (doc, Outcome.SKIPPED))
            for item in (
                Intent(name=name, mode=Mode.REDIRECT, version="0.0.1", files=files, plan="sha256:plan", **sent),
                Receipt(name=name, outcome=outcome, message="said", slot_time=NOON, limits=limits, **sent),
            )
        ),
        Intent(name=doc, mode=Mode.REFUSE, version="0.0.1", files=files, withdraw_on=DAY, **sent),
        LetterSent(names=(doc, tolo), **letter),
        LetterAnswered(names=(doc,), answer=LetterAnswer.GRANTED, **letter),
        Adopted(name=NormalizedName("acme-old"), target=_TOOL, version="1.0", files=(), time=NOON),
        Observed(name=tol, found=Sighting.QUARANTINED, time=NOON),
        Decided(name=tol, decision="They keep it.", time=NOON),
        HandedOver(name=tol, to="acme-new", how="transferred", version="0.0.1", checked=True, time=NOON),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        with Ledger.open(
            path, index="pypi", username="acme", organization="Acme", time=NOON, find_key=lambda: KEY
        ) as ledger:
            for event in events:
                ledger.append(event)
        return path.read_bytes()


def _rechained(content: bytes, chance: Random) -> bytes:
    """A value changed, and the chain written anew over it: types alone stand between it and the program."""
    try:
        bodies = [json.loads(line) for line in content.splitlines() if line.strip()]
        at = chance.randrange(len(bodies))
        bodies[at]["data"] = json.loads(change_plain_json(json.dumps(bodies[at]["data"]).encode(), chance))
        for key in ("time", "kind"):
            if chance.random() < 0.05:
                bodies[at][key] = json.loads(change_plain_json(json.dumps(bodies[at][key]).encode(), chance))
        if chance.random() < 0.2:
            bodies.insert(chance.randrange(len(bodies)), chance.choice(bodies))
        lines, previous = [], GENESIS
        for number, body in enumerate(bodies, 1):
            plain = {**body, "sequence": number, "previous": previous}
            plain.pop("digest", None)
            previous = digest(plain)
            lines.append(canonical_json(plain | {"digest": previous}))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return change_bytes(content, chance)
    return b"\n".join((*lines, b""))


def _read_ledger(_: str, content: bytes) -> None:
    with _file(content) as path:
        for find_key in (lambda: None, lambda: KEY):
            events = read(path, find_key=find_key).events
            find_open_in_plain(events)
            holdings = fold_events(events)
            documents.canonical_json(holdings)
            make_report(every_route_plan(), holdings, now=NOON + dt.timedelta(days=30))


class _file:
    """A file with this content."""

    def __init__(self, content: bytes) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="namehold-fuzz-")
        self._path = Path(self._folder.name) / "input"
        self._path.write_bytes(content)

    def __enter__(self) -> Path:
        return self._path

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def _all(*mutators: Mutator) -> Callable[[str], tuple[Mutator, ...]]:
    return lambda _: mutators


def _whole(*files: str) -> dict[str, frozenset[str]]:
    """Modules of which every function reads the input."""
    return {file: frozenset() for file in files}


PARSERS: Mapping[str, Parser] = {
    "archives": Parser(
        seeds=_archives,
        mutators=_change_archives,
        read=_read_archive,
        files={
            **_whole("index/archives.py", "evidence/surfaces.py", "placeholder/audit.py", "mentions.py"),
            "placeholder/reading.py": frozenset(),
            "placeholder/page.py": frozenset(),
            "placeholder/shape.py": frozenset(),
            "placeholder/project.py": frozenset(),
        },
    ),
    "pages": Parser(
        seeds=_pages,
        mutators=_change_pages,
        read=_read_page,
        files={
            "index/pages.py": frozenset(),
            "index/access/http.py": frozenset({"__post_init__", "now", "find_login"}),
        },
    ),
    "lists": Parser(
        seeds=_lists,
        mutators=_change_lists,
        read=_read_list,
        files={"snapshot/lists.py": frozenset(), "snapshot/file.py": frozenset({"dated", "of", "write"})},
    ),
    "config": Parser(
        seeds=_configs,
        mutators=_all(_change_values, _change_values, _doubled, change_lines, change_bytes, change_bytes),
        read=_read_config,
        files={
            "portfolio/read.py": frozenset({"load_portfolio", "find_text_fault", "json_schema", "require_complete"}),
            "portfolio/faults.py": frozenset({"read_content", "unusable"}),
            "portfolio/shape.py": frozenset({"EditorSchema", "generate", "nullable_schema", "get_defs_ref"}),
            **_whole("portfolio/yaml.py", "portfolio/fields.py", "portfolio/checks.py"),
        },
    ),
    "pyproject": Parser(
        seeds=_projects,
        mutators=_all(_doubled, change_lines, change_lines, change_bytes),
        read=_read_project,
        files=_whole("portfolio/pyproject.py"),
    ),
    "plan": Parser(
        seeds=_plans,
        mutators=_change_plans,
        read=_read_plan,
        files={"plan/file.py": frozenset({"dump_plan"})},
    ),
    "register": Parser(
        seeds=_registers,
        mutators=_all(change_plain_json, change_plain_json, change_bytes),
        read=_read_register,
        files={
            "documents.py": frozenset(
                {
                    "dump",
                    "dump_records",
                    "_encode",
                    "_encoder",
                    "canonical_json",
                    "_one_level",
                    "_fields_of",
                    "_field_names",
                    "as_plain",
                    "parse_json",
                    "load_toml",
                    "digest",
                    "show_json",
                    "_escape_unseen",
                    "load_record",
                    "load_line",
                    "_decoder_of",
                }
            )
        },
    ),
    "ledger": Parser(
        seeds=_ledgers,
        mutators=_all(_rechained, _rechained, _rechained, change_lines, change_bytes),
        read=_read_ledger,
        files={
            "ledger/lines.py": frozenset({"write_line", "_seal", "_data_of"}),
            "ledger/fold.py": frozenset(),
        },
    ),
}

"""Whose a package is: asked of a real index over HTTP, and of the places where the package declares it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from packaging.utils import NormalizedName
from tests.harness.serving import serving
from tests.harness.values import PROFILE

from namehold import documents, rehearsal
from namehold.index.access.http import HttpIndex
from namehold.index.access.policy import Patience
from namehold.index.model import Fetched, IndexFile, ProjectState
from namehold.ownership.declaration import account_address, declaration_of
from namehold.ownership.pages import (
    OwnershipRecord,
    check_ownership,
    claims_of,
    find_declaration,
    record_proofs,
)
from namehold.ownership.prove import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.portfolio.model import Account, Organization, Portfolio
from namehold.portfolio.packages import Package
from namehold.rehearsal.clocks import SteppedClock
from namehold.rehearsal.running import RunningIndex
from namehold.rehearsal.seeds import make_wheel

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
TOOL, CORE = NormalizedName("acme-tool"), NormalizedName("acme-core")
PORTFOLIO = Portfolio(
    organization=Organization(name="Acme Robotics", contact="security@acme.example", index_organization="acme-org"),
    account=Account(index="rehearsal", username="acme-reserve", holders=("acme-release",)),
    packages=(Package(name=TOOL, spelled="acme-tool"), Package(name=CORE, spelled="acme-core")),
)


class Site:
    """The organization's site: at `/.well-known/namehold` what a test puts there, elsewhere what strangers write."""

    def __init__(self) -> None:
        self.content = b""
        self.content_type = "text/plain; charset=utf-8"
        self.location = ""
        self.asked: list[str] = []
        self.address = ""


@pytest.fixture
def site() -> Iterator[Site]:
    here = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append(self.path)
            is_moved = self.path == "/.well-known/namehold" and here.location
            self.send_response(302 if is_moved else 200)
            if is_moved:
                self.send_header("Location", here.location)
            self.send_header("Content-Type", here.content_type)
            self.send_header("Content-Length", str(len(here.content)))
            self.end_headers()
            self.wfile.write(here.content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        here.address = f"http://127.0.0.1:{port}"
        yield here


@pytest.fixture
def index() -> Iterator[RunningIndex]:
    clock = SteppedClock(NOW - dt.timedelta(days=400))
    with rehearsal.start(clock=clock, users=["acme-reserve", "acme-release"]) as running:
        yield running


def add(
    index: RunningIndex,
    links: dict[str, str],
    *,
    name: NormalizedName = TOOL,
    days_old: int = 30,
    organization: str | None = None,
) -> None:
    """A package of acme-release's that is old, with a latest release that is `days_old`."""
    files = [make_wheel(name, "1.0"), make_wheel(name, "2.0", project_urls=links)]
    project = index.state.add_project(name, owner="acme-release", organization=organization, files=files)
    # What stands on the index from its start is old.
    object.__setattr__(project.files[1], "uploaded", NOW - dt.timedelta(days=days_old))


def proof_of(index: RunningIndex, *, target: NormalizedName = TOOL) -> OwnershipProof:
    with HttpIndex(index.profile, contact="security@acme.example", patience=Patience(waits_s=())) as reader:
        targets = [package.name for package in PORTFOLIO.packages if index.state.project(package.name)]
        profile = replace(index.profile, is_public=True)
        proofs = check_ownership(PORTFOLIO, targets or [target], index=reader, web=reader, profile=profile, now=NOW)
    return next(proof for proof in proofs if proof.target == target)


def test_an_account_that_owns_the_package_needs_no_page(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="acme-reserve", project_urls={"Site": "http://127.0.0.1:9/never-asked"})
    found = proof_of(index)
    assert (found.verdict, found.rule) == (OwnershipVerdict.PROVED, OwnershipRule.ACCOUNT_OWNS)
    assert (found.time, found.serial) == (NOW, index.state.serial)


@pytest.mark.parametrize("organization", [None, "acme-org"])
@pytest.mark.parametrize("days_old", [30, 3000])
def test_a_link_in_the_packages_metadata_ties_the_account_to_it(
    index: RunningIndex, organization: str | None, days_old: int
) -> None:
    links = {"Broken": "http://127.0.0.1:9/", "Namehold reserved by": f"{index.base_url}/user/Acme-Reserve"}
    add(index, links, days_old=days_old, organization=organization)
    found = proof_of(index)
    assert (found.verdict, found.rule) == (OwnershipVerdict.PROVED, OwnershipRule.DECLARED)
    assert "the link namehold-reserved-by in its metadata" in found.text


@pytest.mark.parametrize(
    ("label", "address"),
    [
        ("Reserved by", "{index}/user/acme-reserve/"),
        ("namehold-reserved-by", "{index}/user/acme-reserve-2/"),
        ("namehold-reserved-by", "{index}/user/acme-reserve/x/"),
        ("namehold-reserved-by", "https://forum.example/user/acme-reserve/"),
        ("namehold-reserved-by", "{index}/user/acme-reserve/?x=1"),
        ("namehold-reserved-by", "acme-reserve"),
    ],
)
def test_no_other_link_does(index: RunningIndex, label: str, address: str) -> None:
    add(index, {label: address.format(index=index.base_url)})
    assert proof_of(index).rule is OwnershipRule.UNDECLARED


def test_a_file_on_the_home_pages_host_declares_the_account(index: RunningIndex, site: Site) -> None:
    add(index, {"Home-Page": f"{site.address}/products/tool", "Help": f"{site.address}/help"})
    site.content = f"# ours\r\nnamehold-reserved-by: {index.base_url}/user/acme-reserve/\r\n".encode()
    found = proof_of(index)
    assert (found.verdict, found.rule) == (OwnershipVerdict.PROVED, OwnershipRule.DECLARED)
    assert f"{site.address}/.well-known/namehold" in found.text
    assert site.asked == ["/.well-known/namehold"]


def test_a_file_that_no_young_release_links_to_proves_nothing(index: RunningIndex, site: Site) -> None:
    """The domain may have lapsed since, and anybody may have bought it."""
    add(index, {"Homepage": site.address}, days_old=400)
    site.content = f"namehold-reserved-by: {index.base_url}/user/acme-reserve/".encode()
    assert proof_of(index).rule is OwnershipRule.UNDECLARED
    assert site.asked == []


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("Names are reserved by the account acme-reserve.", "text/plain"),
        ("Find the key in your account acme-reserve settings. {index}/user/acme-reserve/", "text/plain"),
        ("Never believe namehold-reserved-by: {index}/user/acme-reserve/", "text/plain"),
        ("namehold-reserved-by: {index}/user/acme-reserve-tools/", "text/plain"),
        ("namehold-reserved-by: https://elsewhere.example/user/acme-reserve/", "text/plain"),
        ("<pre>\nnamehold-reserved-by: {index}/user/acme-reserve/\n</pre>", "text/html"),
        ("namehold-reserved-by: {index}/user/acme-reserve/" + " " * 300_000, "text/plain"),
        ("", "text/plain"),
    ],
)
def test_what_else_stands_there_proves_nothing(
    index: RunningIndex, site: Site, content: str, content_type: str
) -> None:
    add(index, {"Homepage": site.address})
    site.content, site.content_type = content.format(index=index.base_url).encode(), content_type
    assert proof_of(index).rule is OwnershipRule.UNDECLARED


def test_a_file_that_stands_somewhere_else_proves_nothing(index: RunningIndex, site: Site) -> None:
    add(index, {"Homepage": site.address})
    site.content = f"namehold-reserved-by: {index.base_url}/user/acme-reserve/".encode()
    site.location = "/users/mallory/upload.txt"
    assert proof_of(index).rule is OwnershipRule.UNDECLARED


@pytest.mark.parametrize("label", ["Changelog", "Documentation", "Issues", "Funding", "Release notes", "Discord"])
def test_only_the_home_page_is_asked(index: RunningIndex, site: Site, label: str) -> None:
    add(index, {label: f"{site.address}/"})
    site.content = f"namehold-reserved-by: {index.base_url}/user/acme-reserve/".encode()
    assert proof_of(index).rule is OwnershipRule.UNDECLARED
    assert site.asked == []


class Forge:
    """Every address has the declaration, as a line of its own; remembers which were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, url: str, **_: object) -> Fetched:
        self.asked.append(url)
        content = f"# A tool\n\n{declaration_of(PROFILE, 'acme-reserve')}\n".encode()
        return Fetched(url=url, status=200, headers=(("content-type", "text/plain"),), content=content)


def declared_at(label: str, address: str) -> list[str]:
    """What is asked for because of one link; everything that is asked for declares the account."""
    web = Forge()
    file = IndexFile(filename="acme_tool-1.0.tar.gz", sha256="", uploaded=NOW - dt.timedelta(days=30))
    state = ProjectState(name=TOOL, exists=True, files=(file,), project_urls=((label, address),))
    accounts = (account_address(PROFILE, "acme-reserve"),)
    assert bool(find_declaration(state, accounts, web=web, profile=PROFILE, now=NOW)) is bool(web.asked)
    return web.asked


@pytest.mark.parametrize(
    ("label", "address", "asked"),
    [
        ("Source", "https://github.com/acme/tool", "https://raw.githubusercontent.com/acme/tool/HEAD/README.md"),
        ("Homepage", "https://GitHub.com/acme/tool.git", "https://raw.githubusercontent.com/acme/tool/HEAD/README.md"),
        ("source code", "https://gitlab.com/a/b/tool/", "https://gitlab.com/a/b/tool/-/raw/HEAD/README.md"),
        ("Repository", "https://codeberg.org/acme/tool", "https://codeberg.org/api/v1/repos/acme/tool/raw/README.md"),
        ("Home", "https://acme.example/", ""),
        ("Homepage", "https://acme.example/tools/", "https://acme.example/.well-known/namehold"),
        ("Homepage", "https://acme.xn--p1ai./", "https://acme.xn--p1ai./.well-known/namehold"),
    ],
)
def test_where_a_declaration_is_looked_for(label: str, address: str, asked: str) -> None:
    assert declared_at(label, address) == ([asked] if asked else [])


@pytest.mark.parametrize(
    "path",
    [
        "releases",
        "blob/main/CHANGELOG.md",
        "graphs/contributors",
        "issues",
        "discussions",
        "wiki",
        "pull/1",
        "actions",
        "tree/other-branch",
        "raw/other-branch/README.md",
        "?tab=readme",
    ],
)
@pytest.mark.parametrize("label", ["Source", "Homepage", "Changelog", "Documentation"])
def test_no_page_of_a_repository_but_its_readme_is_asked(label: str, path: str) -> None:
    assert declared_at(label, f"https://github.com/acme/tool/{path}") == []


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/sponsors",
        "https://github.com/",
        "https://github.com/../tool",
        "https://github.com/acme/tool%2fx",
        "https://docs.google.com/document/d/x",
        "https://sites.google.com/view/tool",
        "https://sourceforge.net/projects/tool/",
        "https://readthedocs.org/projects/tool/",
        "https://university.example/~mallory/tool/",
        "https://acme.example:8443/",
        "http://127.0.0.1:8080/api/prune?force=1",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://2130706433/",
        "https://127.0.0.1./",
        "https://me@127.0.0.1/",
        "https://me@acme.example/",
        "https://acme.example\\@127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://app.localhost/",
        "https://router/",
        "https://router.local/",
        "https://metadata.google.internal/",
        "https://router.home.arpa/",
        "https://127.0.0.\uff11/",
        "https://x\u3002localhost/",
        "https://[/",
        "https://acme.example:x/",
        "file:///etc/passwd",
        "http://acme.example/",
    ],
)
def test_hosts_of_many_owners_and_machines_nearby_are_not_asked(address: str) -> None:
    assert declared_at("Homepage", address) == []


def test_a_strangers_package_is_not_ours_and_the_stranger_stays_unnamed(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="mallory")
    found = proof_of(index)
    assert (found.verdict, found.rule) == (OwnershipVerdict.CONTRADICTED, OwnershipRule.OTHERS_OWN)
    assert "mallory" not in repr(found)


def test_a_missing_package_is_contradicted(index: RunningIndex) -> None:
    assert proof_of(index).rule is OwnershipRule.NOT_THERE


def test_a_young_package_gives_standing_only_beside_an_older_one_of_its_organization(
    index: RunningIndex,
) -> None:
    links = {"namehold-reserved-by": f"{index.base_url}/user/acme-reserve/"}
    for name in (TOOL, CORE):
        index.state.add_project(name, owner="acme-release", organization="acme-org", project_urls=links)
    project = index.state.project(TOOL)
    assert project is not None
    for file in project.files:
        # What stands on the index from its start is old; this one was released a month ago.
        object.__setattr__(file, "uploaded", NOW - dt.timedelta(days=30))
    assert proof_of(index).verdict is OwnershipVerdict.PROVED
    index.state.delete_project(CORE)
    assert proof_of(index).rule is OwnershipRule.TOO_YOUNG


def test_a_record_keeps_other_targets_and_forgets_other_claims(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="acme-reserve")
    index.state.add_project(CORE, owner="acme-reserve")
    tool, core = proof_of(index), proof_of(index, target=CORE)
    first = record_proofs(PORTFOLIO, [tool], last=None, now=NOW)
    both = record_proofs(PORTFOLIO, [core], last=first, now=NOW)
    assert [proof.target for proof in both.proofs] == [CORE, TOOL]
    changed = replace(PORTFOLIO, account=replace(PORTFOLIO.account, username="somebody-else"))
    assert claims_of(changed) != both.claims
    assert [proof.target for proof in record_proofs(changed, [core], last=both, now=NOW).proofs] == [CORE]


def test_proofs_by_older_rules_count_no_longer(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="acme-reserve")
    index.state.add_project(CORE, owner="acme-reserve")
    kept = record_proofs(PORTFOLIO, [proof_of(index)], last=None, now=NOW)
    assert kept.is_about(PORTFOLIO)
    document = json.loads(documents.dump("ownership", kept))
    del document["rules"]  # as what was kept before the rules had a version
    older = documents.load("ownership", OwnershipRecord, json.dumps(document), path="ownership.json")
    assert not older.is_about(PORTFOLIO)
    core = proof_of(index, target=CORE)
    assert [proof.target for proof in record_proofs(PORTFOLIO, [core], last=older, now=NOW).proofs] == [CORE]

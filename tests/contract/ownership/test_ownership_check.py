"""Whose a package is: asked of a real index over HTTP, and of the pages that the package links to."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from packaging.utils import NormalizedName
from tests.placeholders import PROFILE

from namehold import rehearsal
from namehold.index.http import HttpIndex
from namehold.index.model import Fetched, ProjectState
from namehold.index.policy import Patience
from namehold.ownership.pages import check_ownership, claims_of, read_pages, record_proofs
from namehold.ownership.prove import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.portfolio.model import Account, Organization, Package, Portfolio
from namehold.rehearsal.clocks import SteppedClock
from namehold.rehearsal.running import RunningIndex

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
TOOL, CORE = NormalizedName("acme-tool"), NormalizedName("acme-core")
PORTFOLIO = Portfolio(
    organization=Organization(name="Acme Robotics", contact="security@acme.example", index_organization="acme-org"),
    account=Account(index="rehearsal", username="acme-reserve", holders=("acme-release",)),
    packages=(Package(name=TOOL, spelled="acme-tool"), Package(name=CORE, spelled="acme-core")),
)
_PAGES = {
    "/names": b"<p>Names around our packages are reserved by the account <b>acme-reserve</b>.</p>",
    "/other": b"<p>Nothing about names here. See acme-reserve-tools.</p>",
    "/thanks": b"<li>1.1: fixed a typo (thanks, acme-reserve!)</li>",
    "/acme/acme-tool/issues": b"<p>The account acme-reserve opened #77</p>",
    "/help": b"<p>The account acme-reserve wrote: how do I install it?</p>",
    "/acme/acme-tool": b"<p>Names are reserved by the account acme-reserve.</p>",
    "/huge": b"the account acme-reserve " * 400_000,
    "/gone": b"",
}


class _Site(BaseHTTPRequestHandler):
    """The organization's site."""

    def do_GET(self) -> None:
        content = _PAGES.get(self.path, b"")
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def index() -> Iterator[RunningIndex]:
    clock = SteppedClock(NOW - dt.timedelta(days=400))
    with rehearsal.start(clock=clock, users=["acme-reserve", "acme-release"]) as running:
        yield running


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
def test_a_page_that_the_package_links_to_ties_the_account_to_it(
    index: RunningIndex, site: str, organization: str | None
) -> None:
    index.state.add_project(
        TOOL, owner="acme-release", organization=organization,
        project_urls={"Broken": f"{site}/gone", "Names": f"{site}/names"},
    )  # fmt: skip
    found = proof_of(index)
    assert (found.verdict, found.rule) == (OwnershipVerdict.PROVED, OwnershipRule.PAGE_NAMES_ACCOUNT)
    assert f"{site}/names" in found.text


@pytest.mark.parametrize("page", ["/other", "/thanks", "/gone", "/huge"])
def test_a_page_that_says_nothing_of_the_account_is_missing_or_endless_proves_nothing(
    index: RunningIndex, site: str, page: str
) -> None:
    index.state.add_project(TOOL, owner="acme-release", project_urls={"Names": f"{site}{page}"})
    assert proof_of(index).rule is OwnershipRule.NO_PAGE


@pytest.mark.parametrize(
    ("label", "page"), [("Source", "/acme/acme-tool/issues"), ("Issue tracker", "/help"), ("Community forum", "/names")]
)
def test_a_page_on_which_strangers_write_proves_nothing(index: RunningIndex, site: str, label: str, page: str) -> None:
    index.state.add_project(TOOL, owner="acme-release", project_urls={label: f"{site}{page}"})
    assert proof_of(index).rule is OwnershipRule.NO_PAGE


def test_pages_on_which_strangers_write_take_no_place_from_others(index: RunningIndex, site: str) -> None:
    links = {f"Issues {number}": f"{site}/other" for number in range(6)} | {"Names": f"{site}/names"}
    index.state.add_project(TOOL, owner="acme-release", project_urls=links)
    assert proof_of(index).verdict is OwnershipVerdict.PROVED


class Pages:
    """Every page of the web says that the account reserves names; remembers which were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, url: str, **_: object) -> Fetched:
        self.asked.append(url)
        return Fetched(url=url, status=200, headers=(), content=b"Names are reserved by the account acme-reserve.")


def asked_for(name: str, label: str, address: str) -> bool:
    web = Pages()
    state = ProjectState(name=NormalizedName(name), exists=True, project_urls=((label, address),))
    pages = read_pages(state, web=web, profile=PROFILE)
    assert list(pages) == web.asked
    return web.asked == [address]


@pytest.mark.parametrize(
    ("name", "label", "address"),
    [
        ("acme-chat", "Source", "https://code.acme.example/acme/acme-chat"),
        ("acme-chat", "Source", "https://code.acme.example/acme/acme_chat"),
        ("tracker", "Home", "https://acme.example/tracker/"),
        ("acme-tool", "Home", "https://acme.community/"),
        ("acme-tool", "Home", "https://acme.xn--p1ai./"),
    ],
)
def test_a_projects_own_name_doesnt_make_its_page_a_strangers(name: str, label: str, address: str) -> None:
    assert asked_for(name, label, address)


@pytest.mark.parametrize(
    ("name", "label", "address"),
    [
        ("acme-chat", "Source", "https://code.acme.example/acme/acme-chat/issues"),
        ("wiki", "Home", "https://code.acme.example/acme/wiki/wiki"),
        ("i", "Home", "https://code.acme.example/issues"),
        ("acme-tool", "Help", "https://discuss.acme.example/"),
        ("acme-tool", "Help", "https://acme.example/wiki/names"),
    ],
)
def test_where_strangers_write_is_seen_by_label_host_and_path(name: str, label: str, address: str) -> None:
    assert not asked_for(name, label, address)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080/api/prune?force=1",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://2130706433/",
        "https://127.0.0.1./",
        "https://me@127.0.0.1/",
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
        "file:///etc/passwd",
        "http://acme.example/",
    ],
)
def test_a_strangers_metadata_lead_to_no_machine_nearby(address: str) -> None:
    assert not asked_for("acme-tool", "Home", address)


def test_a_page_that_anybody_on_the_way_could_write_is_not_read(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="acme-release", project_urls={"Names": "http://acme.example/names"})
    # A look at that host would be an error here: sockets but to this machine are closed.
    assert proof_of(index).rule is OwnershipRule.NO_PAGE


def test_a_strangers_package_is_not_ours_and_the_stranger_stays_unnamed(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="mallory")
    found = proof_of(index)
    assert (found.verdict, found.rule) == (OwnershipVerdict.CONTRADICTED, OwnershipRule.OTHERS_OWN)
    assert "mallory" not in repr(found)


def test_a_missing_package_is_contradicted(index: RunningIndex) -> None:
    assert proof_of(index).rule is OwnershipRule.NOT_THERE


def test_a_young_package_gives_standing_only_beside_an_older_one_of_its_organization(
    index: RunningIndex, site: str
) -> None:
    links = {"Names": f"{site}/names"}
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

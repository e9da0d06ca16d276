"""Whose a package is: asked of a real index over HTTP, and of the pages that the package links to."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from packaging.utils import NormalizedName

from namehold import rehearsal
from namehold.index import HttpIndex
from namehold.models import Account, Organization, Package, Portfolio
from namehold.ownership import OwnershipProof, OwnershipRule, Verdict
from namehold.rehearsal import RunningIndex, SteppedClock
from namehold.workflow.ownership import check_ownership, claims_of, record_proofs

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
    "/huge": b"acme-reserve " * 400_000,
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
    with HttpIndex(index.profile, contact="security@acme.example", sleep=lambda _: None, attempts=1) as reader:
        targets = [package.name for package in PORTFOLIO.packages if index.state.project(package.name)]
        profile = replace(index.profile, is_public=True)
        proofs = check_ownership(PORTFOLIO, targets or [target], index=reader, web=reader, profile=profile, now=NOW)
    return next(proof for proof in proofs if proof.target == target)


def test_an_account_that_owns_the_package_needs_no_page(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="acme-reserve", project_urls={"Site": "http://127.0.0.1:9/never-asked"})
    found = proof_of(index)
    assert (found.verdict, found.rule) == (Verdict.PROVED, OwnershipRule.ACCOUNT_OWNS)
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
    assert (found.verdict, found.rule) == (Verdict.PROVED, OwnershipRule.PAGE_NAMES_ACCOUNT)
    assert f"{site}/names" in found.text


@pytest.mark.parametrize("page", ["/other", "/gone", "/huge"])
def test_a_page_that_names_another_word_is_missing_or_endless_proves_nothing(
    index: RunningIndex, site: str, page: str
) -> None:
    index.state.add_project(TOOL, owner="acme-release", project_urls={"Names": f"{site}{page}"})
    assert proof_of(index).rule is OwnershipRule.NO_PAGE


def test_a_page_that_anybody_on_the_way_could_write_is_not_read(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="acme-release", project_urls={"Names": "http://acme.example/names"})
    # A look at that host would be an error here: sockets but to this machine are closed.
    assert proof_of(index).rule is OwnershipRule.NO_PAGE


def test_a_strangers_package_is_not_ours_and_the_stranger_stays_unnamed(index: RunningIndex) -> None:
    index.state.add_project(TOOL, owner="mallory")
    found = proof_of(index)
    assert (found.verdict, found.rule) == (Verdict.CONTRADICTED, OwnershipRule.OTHERS_OWN)
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
    assert proof_of(index).verdict is Verdict.PROVED
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

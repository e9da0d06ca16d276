"""Whose account, whose packages, whose names: what the index shows decides, before a second name is sent."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import PORTFOLIO, Stage, stage
from tests.harness.wheels import make_wheel

from namehold.candidates.model import Candidate, Channel, Clue, Score
from namehold.errors import ExitCode, UnsafePlan
from namehold.evidence.releases import ReadFile, ReadPackage, ReleasesRead
from namehold.index.access.http import HttpIndex
from namehold.index.access.tokens import NarrowingTokens
from namehold.index.model import Outcome, Token
from namehold.index.rules.names import Availability, NameCheck, Protection
from namehold.ledger.model import Decided, PlanRehearsed
from namehold.ownership.declaration import LABEL, account_address
from namehold.ownership.prove import OwnershipProof, OwnershipRule
from namehold.plan.checks.approvals import each_digest
from namehold.plan.model import Assessment, Plan, Reason, Standing
from namehold.portfolio.model import Portfolio, Publishing, Route
from namehold.portfolio.packages import NameClass, Package, Surface, SurfaceKind

TOOL = NormalizedName("acme-tool")
COMMAND = Surface(kind=SurfaceKind.COMMAND, value="acme-toolctl", source="a wheel that somebody made up")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


# --------------------------------------------------------------------------- the account


def test_a_token_of_another_account_is_found_with_the_first_name_and_no_second_is_sent(here: Stage) -> None:
    here.index.state.add_user("somebody-else")
    here.tokens = NarrowingTokens(Token(here.index.mint_token("somebody-else")))
    result = here.run(here.plan("acme-tol", "acme-too"))
    assert result.stopped is not None
    assert (result.stopped.rule, result.exit_code) == ("account-other", ExitCode.CREDENTIALS)
    assert {upload.name for upload in here.index.state.uploads} == {"acme-tol"}
    assert "somebody-else" not in here.ledger_path.read_text(encoding="utf-8")

    # Nor by the next run, until a person has said what happened.
    with pytest.raises(UnsafePlan, match="acme-tol"):
        here.run(here.plan("acme-tol", "acme-too"))
    here.tokens = NarrowingTokens(Token(here.index.mint_token("acme")))
    with here.open_ledger() as ledger:
        name = NormalizedName("acme-tol")
        ledger.append(Decided(name=name, decision="the release account's token", time=here.clock.now()))
    assert here.run(here.plan("acme-tol", "acme-too")).stopped is None
    assert here.held == ["acme-too"]


class _Behind:
    """An index whose caches don't show the first name yet."""

    def __init__(self, inner: HttpIndex, hidden: str) -> None:
        self._inner = inner
        self._hidden = hidden
        self.is_behind = True

    def project(self, name: NormalizedName, *, known_serial: int = 0) -> object:
        state = self._inner.project(name, known_serial=known_serial)
        return replace(state, exists=False, files=()) if self.is_behind and name == self._hidden else state

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_a_second_name_waits_until_the_first_is_shown_under_the_account(here: Stage) -> None:
    behind = _Behind(here.reader, "acme-tol")
    plan = here.plan("acme-tol", "acme-too")
    for _ in range(2):
        result = here.run(plan, reader=behind)
        assert result.stopped is not None
        assert (result.stopped.rule, result.exit_code) == ("account-unproved", ExitCode.DONE)
        assert {upload.name for upload in here.index.state.uploads} == {"acme-tol"}
        here.clock.advance(300)
    behind.is_behind = False
    assert here.run(plan, reader=behind).stopped is None
    assert here.held == ["acme-tol", "acme-too"]


# --------------------------------------------------------------------------- the targets


def test_apply_keeps_the_proofs_even_where_it_refuses(here: Stage) -> None:
    kept: list[tuple[OwnershipProof, ...]] = []
    here.index.state.delete_project(TOOL)
    here.index.state.add_project(TOOL, owner="mallory")
    result = here.run(here.plan("acme-tol"), keep_proofs=kept.append)
    assert [proof.rule for proof in kept[0]] == [OwnershipRule.OTHERS_OWN]
    assert "mallory" not in str(result)
    assert here.index.state.uploads == []


# --------------------------------------------------------------------------- the names' grounds


def _resting_on(plan: Plan, surface: Surface) -> Plan:
    """The plan with an assessment that says that its name is this surface of acme-tool."""
    (action,) = plan.actions
    evidence = Clue(
        technique="surface", channel=Channel.MODEL, name_class=NameClass.SURFACE, surface=surface, detail="", weight=-1
    )
    return replace(
        plan,
        assessments=(
            Assessment(
                candidate=Candidate(name=action.name, target=TOOL, evidence=(evidence,), score=Score(value=0.5)),
                check=NameCheck(
                    name=action.name, normalized=action.name, availability=Availability.UNREGISTERED,
                    protection=Protection.NONE,
                ),
                route=Route.RESERVE,
                reasons=(Reason(rule="surface", text="The command of acme-tool."),),
            ),
        ),
    )  # fmt: skip


def _public(here: Stage, package: Package) -> dict[str, Any]:
    """What makes apply treat the loopback index as a public one."""
    here.portfolio = replace(
        PORTFOLIO,
        packages=(package,),
        organization=replace(PORTFOLIO.organization, contact="security@acme-robotics.dev"),
        publishing=Publishing(enabled=True),
    )
    return {"profile": replace(here.index.profile, is_public=True)}


def _release(here: Stage, *scripts: str) -> None:
    here.index.state.delete_project(TOOL)
    here.index.state.add_project(TOOL, owner="acme", files=[make_wheel("acme-tool", "2.0", scripts=scripts)])
    here.clock.advance(400 * 86_400)


@pytest.mark.parametrize(
    ("scripts", "ignored", "outcome"),
    [
        (("acme-toolctl",), (), Outcome.HELD),
        ((), (), Outcome.SKIPPED),
        (("acme-toolctl",), ("acme-toolctl",), Outcome.SKIPPED),
    ],
    ids=["in the files", "claimed only", "overruled by a person"],
)
def test_a_command_is_a_ground_on_a_public_index_only_if_the_files_show_it(
    here: Stage, scripts: tuple[str, ...], ignored: tuple[str, ...], outcome: Outcome
) -> None:
    _release(here, *scripts)
    changes = _public(here, Package(name=TOOL, spelled="acme-tool", surfaces=(COMMAND,), ignored=ignored))
    plan = _resting_on(here.plan("acme-toolctl"), COMMAND)
    with here.open_ledger() as ledger:
        rehearsed = PlanRehearsed(action_digest=plan.action_digest, actions=each_digest(plan), time=here.clock.now())
        ledger.append(rehearsed)
    result = here.run(plan, approve=plan.action_digest, **changes)
    (receipt,) = result.receipts
    assert receipt.outcome is outcome
    if outcome is Outcome.SKIPPED:
        assert "namehold discover acme-tool" in receipt.message
        assert here.index.state.uploads == []


@pytest.mark.parametrize(
    ("shown_days_ago", "is_deleted", "outcome"),
    [(400, False, Outcome.HELD), (100, False, Outcome.SKIPPED), (400, True, Outcome.SKIPPED)],
    ids=["for long", "not for long", "in a file that is gone"],
)
def test_a_name_that_is_ours_by_an_old_release_alone_is_sent_only_while_the_index_shows_it(
    here: Stage, shown_days_ago: int, is_deleted: bool, outcome: Outcome
) -> None:
    wheel = make_wheel("acme-tool", "0.5", scripts=["fleetdial"])
    here.index.state.add_release(TOOL, wheel, age_days=shown_days_ago)
    now = here.clock.now()
    # What the record says of the day is of no consequence.
    file = ReadFile(
        filename=wheel[0], sha256=hashlib.sha256(wheel[1]).hexdigest(), version="0.5",
        uploaded=now - dt.timedelta(days=400), shows=((SurfaceKind.COMMAND, "fleetdial"),),
    )  # fmt: skip
    if is_deleted:
        here.index.state.delete_file(TOOL, wheel[0])
    command = Surface(kind=SurfaceKind.COMMAND, value="fleetdial", source=wheel[0])
    package = Package(name=TOOL, spelled="acme-tool", surfaces=(command,))
    changes = _public(here, package)
    bare = _resting_on(here.plan("fleetdial"), command)
    standing = Standing(package=TOOL, kind=SurfaceKind.COMMAND, value="fleetdial")
    # An observed name needs no file by itself: only its claim rests on the command.
    reason = Reason(rule="observed", text="Seen.")
    plan = replace(bare, assessments=(bare.assessments[0].changed(standing=standing, reasons=(reason,)),))
    with here.open_ledger() as ledger:
        ledger.append(PlanRehearsed(action_digest=plan.action_digest, actions=each_digest(plan), time=now))
    record = ReleasesRead(index="rehearsal", packages=(ReadPackage(name=TOOL, files=(file,)),))
    (receipt,) = here.run(plan, approve=plan.action_digest, releases=record, **changes).receipts
    assert receipt.outcome is outcome
    if outcome is Outcome.SKIPPED:
        assert "no release of acme-tool that is old enough shows" in receipt.message
        assert here.index.state.uploads == []


@pytest.mark.parametrize(("owner", "outcome"), [("Harbour-Works", Outcome.HELD), (None, Outcome.SKIPPED)])
def test_the_organizations_name_counts_only_while_the_index_shows_it_as_the_owner(
    here: Stage, owner: str | None, outcome: Outcome
) -> None:
    here.index.state.delete_project(TOOL)
    links = {LABEL: account_address(here.index.profile, "acme")}
    here.index.state.add_project(TOOL, owner="acme", organization=owner, project_urls=links)
    changes = _public(here, Package(name=TOOL, spelled="acme-tool"))
    organization = replace(here.portfolio.organization, index_organization="harbour-works")
    here.portfolio = replace(here.portfolio, organization=organization)
    bare = _resting_on(here.plan("harbour-works-client"), COMMAND)
    reason = Reason(rule="observed", text="Seen.")
    (item,) = bare.assessments
    plan = replace(bare, assessments=(item.changed(by_organization="harbour-works", reasons=(reason,)),))
    with here.open_ledger() as ledger:
        time = here.clock.now()
        ledger.append(PlanRehearsed(action_digest=plan.action_digest, actions=each_digest(plan), time=time))
    (receipt,) = here.run(plan, approve=plan.action_digest, **changes).receipts
    assert receipt.outcome is outcome, receipt.message
    if outcome is Outcome.SKIPPED:
        assert "harbour-works" in receipt.message


def test_on_a_private_index_the_organization_says_what_is_its_own(here: Stage) -> None:
    here.portfolio = Portfolio(
        organization=PORTFOLIO.organization,
        account=PORTFOLIO.account,
        packages=(Package(name=TOOL, spelled="acme-tool", surfaces=(COMMAND,)),),
    )
    (receipt,) = here.run(_resting_on(here.plan("acme-toolctl"), COMMAND)).receipts
    assert receipt.outcome is Outcome.HELD

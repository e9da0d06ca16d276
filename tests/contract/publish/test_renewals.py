"""Later versions of held names: they cost no slot, warn where asked to, and go only onto what is still ours."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import NOW, PORTFOLIO, Killed, Stage, kill_after, make_plan, stage
from tests.harness.values import package
from tests.harness.wheels import make_wheel

from namehold.errors import ExitCode, InvalidDistribution
from namehold.index.model import Outcome, Quota
from namehold.ledger.model import HeldName
from namehold.placeholder.audit import judge_form
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.model import Distribution, SourceTree
from namehold.placeholder.reading import read_placeholder
from namehold.plan.actions import plan_renewals
from namehold.plan.checks.approvals import action_digest
from namehold.plan.model import Plan
from namehold.portfolio.model import Mode, Renewal
from namehold.portfolio.packages import Package
from namehold.publish.rehearse import rehearse_plan
from namehold.snapshot.file import Snapshot

NAME = NormalizedName("acme-tol")
END = dt.date(2027, 6, 1)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    """A stage with room for one new project, which acme-tol has taken."""
    with stage(tmp_path, quota=Quota(limit=1, window_s=86_400)) as made:
        assert made.run(made.plan(NAME)).exit_code is ExitCode.DONE
        yield made


def renewal_plan(here: Stage, renewal: Renewal) -> Plan:
    here.portfolio = replace(here.portfolio, renewals=(renewal,))
    actions = plan_renewals(here.portfolio, here.holdings, as_of=NOW.date())
    actions = tuple(replace(item, tree_digest=here.renderer.render(item, here.portfolio).digest) for item in actions)
    bare = make_plan((), here.renderer, portfolio=here.portfolio)
    return replace(bare, actions=actions, action_digest=action_digest(actions))


def warning(version: str = "0.0.2") -> Renewal:
    return Renewal(name=NAME, version=version, reason="its rightful owner gets it", withdraw_on=END)


def held(here: Stage) -> HeldName:
    (only,) = here.holdings.held
    return only


def test_a_version_that_warns_goes_out_without_a_slot(here: Stage) -> None:
    since = held(here).since
    result = here.run(renewal_plan(here, warning()))
    assert [receipt.outcome for receipt in result.receipts] == [Outcome.HELD]
    now = held(here)
    assert (now.version, now.withdraw_on, now.since) == ("0.0.2", END, since)
    assert now.warned_since is not None
    assert {name for name, _ in now.files} == {
        f"acme_tol-{version}{ending}" for version in ("0.0.1", "0.0.2") for ending in (".tar.gz", "-py3-none-any.whl")
    }
    assert len(here.holdings.slot_times) == 1


def test_it_says_its_end_wherever_people_look(here: Stage) -> None:
    here.run(renewal_plan(here, warning()))
    project = here.index.state.project(NAME)
    assert project is not None
    for file in project.files:
        if "0.0.2" in file.filename:
            read = read_placeholder(file.filename, io.BytesIO(file.content))
            assert read.fields["summary"].startswith("Ends on 2027-06-01. ")
            assert "**It ends on 2027-06-01" in read.fields["description"]
            assert read.reservation["withdraw_on"] == "2027-06-01"
            (notice,) = [text for path, text in read.texts.items() if path.endswith("_notice.py")]
            assert "From 2027-06-01 on" in notice
            assert judge_form(read) == ()


def test_what_is_out_is_planned_no_more(here: Stage) -> None:
    plan = renewal_plan(here, warning())
    assert here.run(plan).waiting == ()
    sent = len(here.index.state.uploads)
    assert renewal_plan(here, warning()).actions == ()
    assert here.run(plan).receipts == ()
    assert len(here.index.state.uploads) == sent
    assert [item.version for item in renewal_plan(here, warning("0.0.3")).actions] == ["0.0.3"]


def test_a_redirect_can_lead_elsewhere(here: Stage) -> None:
    kit = NormalizedName("acme-kit")
    here.portfolio = replace(PORTFOLIO, packages=(*PORTFOLIO.packages, Package(name=kit, spelled="acme-kit")))
    here.index.state.add_project(kit, owner="acme")
    here.run(renewal_plan(here, Renewal(name=NAME, version="0.0.2", reason="renamed", package=kit)))
    assert (held(here).target, held(here).mode) == (kit, Mode.REDIRECT)
    assert held(here).warned_since is None


def test_a_name_that_is_no_longer_ours_gets_no_version(here: Stage) -> None:
    plan = renewal_plan(here, warning())
    project = here.index.state.project(NAME)
    assert project is not None
    project.roles = {"stranger": "Owner"}
    result = here.run(plan)
    assert [receipt.outcome for receipt in result.receipts] == [Outcome.SKIPPED]
    assert len(here.index.state.uploads) == 2
    assert held(here).version == "0.0.1"


def test_a_run_that_dies_in_between_goes_on_and_counts_no_slot(here: Stage) -> None:
    plan = renewal_plan(here, warning())
    here.uploader.faults[here.uploader.count + 1] = kill_after
    with pytest.raises(Killed):
        here.run(plan)
    assert held(here).version == "0.0.1"
    here.clock.advance(600)
    assert here.run(plan).exit_code is ExitCode.DONE
    assert held(here).version == "0.0.2"
    assert len(here.holdings.slot_times) == 1


def test_a_version_that_was_published_elsewhere_is_entered_by_its_digests(here: Stage) -> None:
    """A workflow with trusted publishing sends no receipt: the plan's own files are found on the index."""
    plan = renewal_plan(here, warning())
    built = PlaceholderBuilder().build(here.renderer.render(plan.actions[0], here.portfolio), here.folder / "elsewhere")
    for file in built:
        assert here.uploader.inner.upload(file, here.tokens.token_for(NAME, now=here.clock.now())).status == 200
    assert here.run(plan).exit_code is ExitCode.DONE
    assert held(here).version == "0.0.2"
    project = here.index.state.project(NAME)
    assert project is not None
    assert len(project.files) == len(held(here).files) == 4


def test_only_names_that_are_held_can_be_renewed(here: Stage) -> None:
    stranger = Renewal(name=NormalizedName("acme-other"), version="0.0.2", reason="x")
    assert renewal_plan(here, stranger).actions == ()


# --------------------------------------------------------------------------- the audit as the last local check


class BareBuilder:
    """Builds a wheel that the index would take and that says nothing."""

    def build(self, tree: SourceTree, folder: Path) -> tuple[Distribution, ...]:
        filename, content = make_wheel(tree.name, tree.version)
        (folder / filename).write_bytes(content)
        return (
            Distribution(
                name=tree.name,
                version=tree.version,
                filename=filename,
                path=str(folder / filename),
                sha256=hashlib.sha256(content).hexdigest(),
                size=len(content),
                mode=tree.mode,
            ),
        )


def test_nothing_that_the_audit_refuses_is_sent(tmp_path: Path) -> None:
    with stage(tmp_path) as fresh:
        with pytest.raises(InvalidDistribution) as caught:
            fresh.run(fresh.plan("acme-tol"), builder=BareBuilder())
        assert {"form-summary", "form-machine", "form-release"} <= {item.rule for item in caught.value.diagnostics()}
        assert fresh.kinds == ["opened"]
        assert fresh.index.state.uploads == []


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_later_version_of_a_held_name_is_rehearsed_on_the_name_that_is_held(
    here: Stage, tmp_path: Path, is_listed: bool
) -> None:
    """The index's list has it, too: it is no stranger's there."""
    # A person may list it as a package, too.
    packages = (*PORTFOLIO.packages, package(NAME))
    listed = Snapshot.of([NAME, NormalizedName("acme-tool")], index="pypi", source="list", taken=NOW.date())
    result = rehearse_plan(
        renewal_plan(here, warning()),
        portfolio=replace(here.portfolio, packages=packages),
        view=listed if is_listed else None,
        renderer=here.renderer,
        builder=PlaceholderBuilder(),
        folder=tmp_path / "rehearsal",
    )
    assert (result.exit_code, result.held, result.slots_spent) == (ExitCode.DONE, (NAME,), 0)


@pytest.mark.parametrize("version", ["1!2.0", "2018.4.2", "0.0.0.post4"])
def test_a_later_version_of_an_adopted_name_is_rehearsed_in_its_own_numbering(
    here: Stage, tmp_path: Path, version: str
) -> None:
    bare = renewal_plan(here, warning())
    action = replace(bare.actions[0], version=version)
    action = replace(action, tree_digest=here.renderer.render(action, here.portfolio).digest)
    result = rehearse_plan(
        replace(bare, actions=(action,), action_digest=action_digest((action,))),
        portfolio=here.portfolio,
        view=None,
        renderer=here.renderer,
        builder=PlaceholderBuilder(),
        folder=tmp_path / "rehearsal",
    )
    assert (result.exit_code, result.held) == (ExitCode.DONE, (NAME,))

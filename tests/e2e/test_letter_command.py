"""`namehold letter` against an index on loopback: written, sent, answered, and gone from every list."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.cli import Done
from tests.harness.desk import Desk, Origin, desk_of
from tests.harness.wheels import make_wheel

from namehold import documents
from namehold.cli.workspace import Inputs, Workspace
from namehold.errors import UnsafePlan, UsageError
from namehold.evidence.releases import ReadFile, ReadPackage, ReleasesRead
from namehold.ledger.file import Ledger, read_holdings
from namehold.ledger.model import LetterKind, LetterSent
from namehold.portfolio.packages import SurfaceKind

_PACKAGES = """\
policy: {threshold: 0.0001}
packages:
  - name: acme-tool
"""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with desk_of(tmp_path_factory.mktemp("origin"), _PACKAGES) as made:
        assert made.plan().code == 0
        yield Origin(made)


@pytest.fixture
def desk(origin: Origin, tmp_path: Path) -> Desk:
    """With a plan."""
    return origin.copy(tmp_path / "desk")


def letter(desk: Desk, *words: str) -> Done:
    return desk.call("letter", *words)


def refused_as_unsafe(done: Done) -> list[str]:
    """The rules of a letter that a guard refused."""
    assert (done.code, done.out) == (UnsafePlan.exit_code, "")
    return done.rules


def refused_as_misused(done: Done) -> str:
    """What is said to somebody whose call is off."""
    assert (done.code, done.out) == (UsageError.exit_code, "")
    return done.err


def today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


def names_of(body: str) -> list[str]:
    return body.split("\n\n", maxsplit=2)[1].splitlines()


def test_who_asks_for_the_name_of_an_own_next_version_is_told_before(desk: Desk) -> None:
    planned, written = desk.plan(), letter(desk, "prohibit", "acme-tool2", "acme-tol")

    assert "closed to you, too" in planned.out.partition("Know before you reserve or ask")[2]
    assert names_of(written.out) == ["acme-tool2", "acme-tol"]
    assert [line.split(": ")[1] for line in written.err.splitlines() if "closed to you, too" in line] == ["acme-tool2"]
    assert "closed to you" not in written.out  # it is the sender's business


def test_a_letter_is_written_sent_answered_and_its_names_leave_every_list(desk: Desk) -> None:
    written = letter(desk, "prohibit")

    # Subject and recipient are to be copied: they are data.
    assert [line.partition(": ")[0] for line in written.out.splitlines()[:2]] == ["Subject", "To"]
    names = names_of(written.out)
    assert 2 <= len(names) <= 15
    assert "private mail, never in a tracker" in written.out
    assert not desk.ledger.exists()

    assert letter(desk, "--sent", today()).code == 0
    second = refused_as_unsafe(letter(desk, "prohibit"))
    assert "letter-open" in set(second)

    assert letter(desk, "--answer", "granted", names[0]).code == 0
    assert letter(desk, "--answer", "declined").code == 0

    holdings = read_holdings(desk.ledger)
    assert holdings.prohibited == (names[0],)
    desk.plan()
    rows = {
        entry["name"]: entry["route"]
        for package in json.loads(desk.call("report", "--format", "json").out)["packages"]
        for entry in package["entries"]
    }
    assert rows[names[0]] == "protected"
    assert rows[names[1]] == "request"
    again = refused_as_unsafe(letter(desk, "prohibit", *names[:2]))
    assert set(again) >= {"letter-settled", "letter-declined"}


def test_a_name_that_was_registered_since_the_plan_is_refused(desk: Desk) -> None:
    name = names_of(letter(desk, "prohibit").out)[0]
    desk.index.state.add_project(NormalizedName(name), owner="stranger")

    refused = refused_as_unsafe(letter(desk, "prohibit"))

    assert refused == ["letter-exists"]


def test_a_target_of_somebody_else_is_refused(desk: Desk) -> None:
    desk.edit("username: acme", "username: stranger")

    refused = refused_as_unsafe(letter(desk, "prohibit"))

    assert set(refused) == {"letter-target"}


def test_a_word_of_an_organization_that_only_a_kept_answer_shows_is_asked_for_by_no_letter(desk: Desk) -> None:
    wish = "always: [{name: gizmo-cli, package: acme-tool, reason: wanted, route: request}]\n"
    desk.config.write_text(desk.config.read_text("utf-8") + wish, "utf-8")
    assert desk.call("doctor").code == 0
    kept = desk.folder / ".namehold" / "ownership.json"
    document = json.loads(kept.read_text("utf-8"))
    (proof,) = document["proofs"]
    proof["organization"] = "gizmo"
    kept.write_text(json.dumps(document), "utf-8")
    assert desk.plan().code == 0

    refused = refused_as_unsafe(letter(desk, "prohibit", "gizmo-cli"))

    assert refused == ["letter-territory"]


@pytest.mark.parametrize(
    ("shown_days_ago", "shows", "refused"),
    [(400, "fleetdial", []), (100, "fleetdial", ["letter-territory"]), (400, "other", ["letter-territory"])],
    ids=["as the record says", "not for so long", "another command"],
)
def test_a_letter_reads_again_what_the_record_of_releases_says(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, shown_days_ago: int, shows: str, refused: list[str]
) -> None:
    """The record lies in the checkout: on a public index it only tells which files to look at."""
    inputs = Workspace.inputs

    def on_a_public_index(workspace: Workspace, *, snapshot: Path | None = None) -> Inputs:
        made = inputs(workspace, snapshot=snapshot)
        return replace(made, profile=replace(made.profile, is_public=True))

    assert desk.call("snapshot", "update").code == 0
    monkeypatch.setattr(Workspace, "inputs", on_a_public_index)
    wheel = make_wheel("acme-tool", "0.5", scripts=[shows])
    desk.index.state.add_release(NormalizedName("acme-tool"), wheel, age_days=shown_days_ago)
    file = ReadFile(
        filename=wheel[0], sha256=hashlib.sha256(wheel[1]).hexdigest(), version="0.5",
        uploaded=desk.index.clock.now() - dt.timedelta(days=400), shows=((SurfaceKind.COMMAND, "fleetdial"),),
    )  # fmt: skip
    package = ReadPackage(name=NormalizedName("acme-tool"), files=(file,))
    record = ReleasesRead(index="trial", packages=(package,))
    (desk.state / "releases-trial.json").write_text("".join(documents.dump_records("releases", record)), "utf-8")
    wish = "always: [{name: fleetdial, package: acme-tool, reason: wanted, route: request}]\n"
    desk.edit("  - name: acme-tool\n", "  - {name: acme-tool, commands: [fleetdial], confirmed: [fleetdial]}\n" + wish)
    assert desk.call("plan").code == 0

    written = letter(desk, "prohibit", "fleetdial")

    assert (written.code == 0, written.rules if written.code else []) == (not refused, refused), written.err


def test_nothing_is_asked_of_the_index_for_a_letter_that_is_refused_anyway(desk: Desk) -> None:
    refused = refused_as_unsafe(letter(desk, "prohibit", "requests"))

    assert refused == ["letter-unplanned"]


def test_a_report_rests_on_what_the_index_shows_and_not_on_names_yaml(tmp_path: Path) -> None:
    """Anybody may write any project into names.yaml, and call its maintainers anything."""
    reported = ("acme-tols", "numpy", "acme-tool-old")
    lists = "".join(f"  - {{name: {name}, package: acme-tool, source: x, date: 2026-11-01}}\n" for name in reported)
    verdicts = "".join(
        f"  - {{name: {name}, package: acme-tool, date: 2026-11-01, note: its maintainers steal}}\n"
        for name in reported
    )
    packages = f"{_PACKAGES}observed:\n{lists}look_alikes:\n{verdicts}"
    with desk_of(tmp_path, packages, names=["acme-tool", *reported]) as desk:
        now = desk.index.clock.now()
        for name, days_old in zip(reported, (10, 10, 4000), strict=True):
            project = desk.index.state.add_project(NormalizedName(name), owner="stranger")
            for file in project.files:
                object.__setattr__(file, "uploaded", now - dt.timedelta(days=days_old))
        assert desk.plan().code == 0
        assert refused_as_unsafe(letter(desk, "report", "numpy")) == ["letter-unlike"]
        assert refused_as_unsafe(letter(desk, "report", "acme-tool-old")) == ["letter-older"]
        written = letter(desk, "report", "acme-tols")
        assert written.code == 0, written.err
        body = " ".join(written.out.split())
        assert "first released on" in body
        assert "Acme Robotics states (2026-11-01): 'its maintainers steal'." in body
        assert body.count("steal") == 1
        assert "stranger" not in body


def test_a_letter_is_sent_on_the_day_it_is_written(desk: Desk) -> None:
    letter(desk, "prohibit")

    assert "looked up on that day only" in refused_as_misused(letter(desk, "--sent", "2026-01-01"))


def test_a_letter_is_recorded_once(desk: Desk) -> None:
    assert "no letter was written" in refused_as_misused(letter(desk, "--sent", today()))


def test_silence_counts_only_after_sixty_days(desk: Desk) -> None:
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=60)
    sent = LetterSent(
        letter="sha256:" + "0d" * 32,
        kind=LetterKind.PROHIBIT,
        names=(NormalizedName("acme-tol"),),
        date=long_ago.date(),
        time=long_ago,
    )
    now = dt.datetime.now(dt.UTC)
    young = sent.changed(letter="sha256:" + "0e" * 32, date=now.date(), names=(NormalizedName("acme-tols"),), time=now)
    with Ledger.open(
        desk.ledger, index="trial", username="acme", organization="Acme Robotics", time=long_ago
    ) as ledger:
        ledger.append(sent)
    assert letter(desk, "--answer", "silent").code == 0
    with Ledger.open(
        desk.ledger, index="trial", username="acme", organization="Acme Robotics", time=long_ago
    ) as ledger:
        ledger.append(young)

    assert "silence counts from" in refused_as_misused(letter(desk, "--answer", "silent"))


def test_an_answer_about_a_name_that_was_not_asked_for_is_refused(desk: Desk) -> None:
    letter(desk, "prohibit")
    letter(desk, "--sent", today())

    assert "doesn't wait for another-project" in refused_as_misused(
        letter(desk, "--answer", "granted", "another-project")
    )


def test_the_history_tells_names_dates_and_answers(desk: Desk) -> None:
    names = names_of(letter(desk, "prohibit").out)
    letter(desk, "--sent", today())

    table = letter(desk).out

    assert all(name in table for name in names)
    assert "none yet" in table
    assert json.loads(letter(desk, "--format", "json").out)["letters"][0]["kind"] == "prohibit"


def test_an_unknown_kind_is_a_usage_error(desk: Desk) -> None:
    assert "no letter of the kind 'nonsense'" in refused_as_misused(letter(desk, "nonsense"))


@pytest.mark.parametrize("strangers", [("borealis", "borealis-x", "borealis-y", "borealis-z"), ()])
def test_a_prefix_that_is_a_strangers_is_never_applied_for(tmp_path: Path, strangers: tuple[str, ...]) -> None:
    ours = ("borealis-scope", "borealis-mesh")
    packages = f"packages: [{', '.join(ours)}]\n"
    with desk_of(tmp_path, packages) as made:
        for name in ours:
            made.index.state.add_project(NormalizedName(name), owner="acme")
        for name in strangers:
            made.index.state.add_project(NormalizedName(name), owner="stranger")
        assert made.call("snapshot", "update").code == 0
        assert made.call("plan").code == 0
        done = letter(made, "namespace")
    if strangers:
        assert refused_as_unsafe(done) == ["letter-territory"]
    else:
        assert done.code == 0, done.err


def test_how_often_models_told_a_name_reaches_the_letter_that_asks_for_it(desk: Desk) -> None:
    wish = "always: [{name: acme-tool-client, package: acme-tool, reason: wanted, route: request}]\n"
    desk.config.write_text(desk.config.read_text("utf-8") + wish, "utf-8")
    counts = "count: 7, of: 50, runs: 3, of_runs: 5, prompts: 2, of_prompts: 10"
    seen = f"{{name: acme-tool-client, package: acme-tool, source: model m1, date: 2026-11-27, {counts}}}"
    desk.config.with_name("evidence.yaml").write_text(f"probed:\n  - {seen}\n", "utf-8")
    assert desk.plan().code == 0

    done = letter(desk, "prohibit", "acme-tool-client")
    assert done.code == 0, done.err
    written = " ".join(done.out.split())

    told = "7 times in 50 answers, in 3 of 5 runs, after 2 of 10 prompts (model m1)"
    assert told in written.partition("- acme-tool-client, for acme-tool: ")[2]

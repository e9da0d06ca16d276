"""A state folder that the commit of 28 November 2026 wrote is read, verified, folded and resumed.

Its run was stopped by a crash between the two files of `acme-toolctl`: the wheel had arrived, the sdist lies in the
outbox. `on-the-index` holds what the index had then.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import KEY, index_now
from typer.testing import CliRunner, Result

from namehold.cli import app
from namehold.documents import load
from namehold.index.access.upload import TwineUploader
from namehold.index.model import Outcome, Token
from namehold.ledger import LetterAnswer, LetterKind, Receipt, fold_events, read
from namehold.ledger.model import EVENT_TYPES, OpaqueEvent
from namehold.ownership import OwnershipRecord
from namehold.placeholder import Distribution
from namehold.plan import Plan
from namehold.portfolio import Mode
from namehold.publish.rehearse import Rehearsal
from namehold.rehearsal.running import RunningIndex

WRITTEN = Path(__file__).parent / "data" / "state-2026-11-28"
LEDGER = WRITTEN / "state" / "ledger-trial.jsonl"
HEAD = "sha256:95f107c04333cc874f2d1373710dac6184a8b878d00046cc1024fbd2c2e186fd"

#: Kinds that came after that commit.
NEWER_KINDS = {"look", "review"}


def test_every_kind_of_event_is_read_as_its_type() -> None:
    reading = read(LEDGER)

    assert (reading.head, reading.torn) == (HEAD, b"")
    values = [event.value for event in reading.events]
    known = {kind: types for kind, types in EVENT_TYPES.items() if kind not in NEWER_KINDS}
    assert {event.kind for event in reading.events} == set(known)
    assert {type(value) for value in values} == {type_ for types in known.values() for type_ in types}
    assert not any(isinstance(value, OpaqueEvent) for value in values)


def test_it_folds_into_what_was_held_open_and_settled_then() -> None:
    holdings = fold_events(read(LEDGER).events)

    assert (holdings.index, holdings.username) == ("trial", "acme")
    assert [item.name for item in holdings.held] == ["acme-tool-old", "acme-toolbox"]
    assert [len(item.files) for item in holdings.held] == [1, 2]
    assert (holdings.open_intents, holdings.unverified, holdings.undecided) == (("acme-toolctl",), (), ())
    assert holdings.settled == (("acme-tl", "vanished"), ("acme-tol", "handed-over"))
    assert holdings.prohibited == ("acme-tl", "acme-toolboxs")
    assert len(holdings.slot_times) == 3
    assert (holdings.approvals, holdings.rehearsals, holdings.unproved) == ((), (), 2)  # no MAC: they lapse
    (letter,) = holdings.letters
    assert (letter.kind, letter.unanswered) == (LetterKind.PROHIBIT, ())
    assert [name for name, answer, _ in letter.answers if answer is LetterAnswer.GRANTED] == ["acme-toolboxs"]


def test_its_plan_its_rehearsal_and_its_proofs_are_read() -> None:
    plan = load("plan", Plan, _text("plan.json"), path="plan.json")
    assert [action.name for action in plan.actions] == ["acme-toolbox", "acme-toolctl"]
    rehearsal = load("rehearsal", Rehearsal, _text("rehearsal.json"), path="rehearsal.json")
    assert rehearsal.held == ("acme-toolbox", "acme-toolctl")
    record = load("ownership", OwnershipRecord, _text("ownership.json"), path="ownership.json")
    assert [proof.target for proof in record.proofs] == ["acme-tool"]


def _text(name: str) -> str:
    return (WRITTEN / "state" / name).read_text("utf-8")


def _wheel_of_then() -> Distribution:
    """The file of `acme-toolctl` that had arrived."""
    (path,) = (WRITTEN / "on-the-index").glob("acme_toolctl-*")
    content = path.read_bytes()
    return Distribution(
        name=NormalizedName("acme-toolctl"),
        version="0.0.1",
        filename=path.name,
        path=str(path),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        mode=Mode.REDIRECT,
    )


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningIndex]:
    """The index as it was left, in its folder with the state and names.yaml."""
    with index_now(users=["acme"]) as index:
        for name in ("acme-tool-old", "acme-toolbox"):
            paths = sorted((WRITTEN / "on-the-index").glob(f"{name.replace('-', '_')}-*"))
            files = [(path.name, path.read_bytes()) for path in paths]
            index.state.add_project(NormalizedName(name), owner="acme", files=files)
        answer = TwineUploader(index.profile).upload(_wheel_of_then(), Token(index.mint_token("acme")))
        assert answer.status == HTTPStatus.OK
        shutil.copytree(WRITTEN / "state", tmp_path / ".namehold")
        shutil.copy(WRITTEN / "names.txt", tmp_path)
        config = (WRITTEN / "names.yaml").read_text("utf-8").replace("http://127.0.0.1:0", index.base_url)
        (tmp_path / "names.yaml").write_text(config, "utf-8")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("NAMEHOLD_TOKEN", index.mint_token("acme"))
        yield index


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments], catch_exceptions=False)


def test_its_chain_is_verified_up_to_the_head_that_was_printed_then(index: RunningIndex) -> None:
    shown = call("status", "--verify", ".namehold/ledger-trial.jsonl", "--head", HEAD, "--format", "json")

    assert shown.exit_code == 0, shown.stderr
    found = json.loads(shown.stdout)
    assert (found["is_whole"], found["has_published_head"], found["agrees_with_index"]) == (True, True, True)
    assert len(index.state.uploads) == 1  # the wheel of then


def test_its_approvals_lapse_and_that_is_said(index: RunningIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever could write the file could have written them: they have no MAC."""
    for words in (["status"], ["run", "--snapshot", "names.txt"]):
        monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
        shown = call(*words)
        assert "Approvals and rehearsals in the ledger that don't count: 2." in shown.stderr
        assert "Approve again" in shown.stderr


def test_the_half_done_upload_goes_on_with_the_very_file_that_was_built_then(index: RunningIndex) -> None:
    ledger = Path(".namehold/ledger-trial.jsonl")
    before = ledger.read_bytes()
    (sdist,) = Path(".namehold/outbox/trial").rglob("*.tar.gz")
    sha256 = sdist.parent.name

    done = call("run", "--snapshot", "names.txt", "--format", "json")

    assert done.exit_code == 0, done.stdout + done.stderr
    _, sent = index.state.uploads
    assert (sent.filename, sent.sha256, sent.status) == (sdist.name, sha256, HTTPStatus.OK)
    assert ledger.read_bytes().startswith(before)
    reading = read(ledger)
    receipt = reading.events[-1].value
    assert isinstance(receipt, Receipt)
    assert (receipt.name, receipt.outcome, receipt.owner) == ("acme-toolctl", Outcome.HELD, "acme")
    assert fold_events(reading.events).unproven == ()
    assert list(Path(".namehold/outbox/trial").iterdir()) == []

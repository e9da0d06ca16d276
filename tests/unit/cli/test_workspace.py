"""What a command that writes to an index is given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from namehold.cli.confirm import NoTokens
from namehold.cli.session import Session, typed
from namehold.cli.workspace import Workspace
from namehold.files import InnerPath, Place

_NAMES = """\
organization: {{name: Acme Robotics, contact: security@acme-robotics.dev}}
account: {{index: {index}, username: acme}}
packages: [acme-tool]
"""


def outbox_of(folder: Path, index: str) -> Place:
    config = folder / f"names-{index}.yaml"
    config.write_text(_NAMES.format(index=index), "utf-8")
    session = Session(config=config, quiet=True)
    workspace = Workspace(session)
    inputs = workspace.inputs()
    with workspace.ledger() as ledger, workspace.index() as reader:
        return workspace.edges(inputs, ledger=ledger, reader=reader, tokens=NoTokens()).outbox


def test_ledgers_in_one_folder_have_an_outbox_each(tmp_path: Path) -> None:
    # Only who holds the ledger may sweep the outbox.
    one, other = outbox_of(tmp_path, "pypi"), outbox_of(tmp_path, "testpypi")
    assert one.parent == other.parent == InnerPath(tmp_path) / ".namehold" / "outbox"
    assert one != other


def test_a_session_takes_the_secrets_out_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMEHOLD_TOKEN", "pypi-secret")
    session = Session()
    assert session.environment["NAMEHOLD_TOKEN"] == "pypi-secret"
    assert "NAMEHOLD_TOKEN" not in Session().environment
    assert "pypi-secret" not in repr(session)


@pytest.mark.parametrize(
    ("path", "shown"), [("-x.json", "./-x.json"), ("a b.json", "'a b.json'"), ("-/p.json", "./-/p.json")]
)
def test_a_path_is_shown_as_it_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, shown: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert typed(Path(path)) == shown


@pytest.mark.parametrize("variable", ["NAMEHOLD_TOKEN", "NAMEHOLD_NOTIFY_TEAM", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"])
def test_what_may_hold_a_secret_is_inherited_by_no_program(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "https://ci:hunter2@corp.test/simple/")
    assert Session().environment[variable].endswith("@corp.test/simple/")
    assert variable not in os.environ

"""What a command that writes to an index is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from namehold.cli.edges import find_tokens, make_edges, open_ledger
from namehold.cli.inputs import load_inputs
from namehold.cli.session import Session
from namehold.index.http import HttpIndex

_NAMES = """\
organization: {{name: Acme Robotics, contact: security@acme-robotics.dev}}
account: {{index: {index}, username: acme}}
packages: [acme-tool]
"""


def outbox_of(folder: Path, index: str) -> Path:
    config = folder / f"names-{index}.yaml"
    config.write_text(_NAMES.format(index=index), "utf-8")
    session = Session(config=config, environment={"NAMEHOLD_TOKEN": "pypi-token"}, quiet=True)
    inputs = load_inputs(session)
    contact = inputs.portfolio.organization.contact
    with open_ledger(session, inputs) as ledger, HttpIndex(inputs.profile, contact=contact) as reader:
        tokens = find_tokens(session, inputs)
        return make_edges(session, inputs, ledger=ledger, reader=reader, tokens=tokens).outbox


def test_ledgers_in_one_folder_have_an_outbox_each(tmp_path: Path) -> None:
    # Only who holds the ledger may sweep the outbox.
    one, other = outbox_of(tmp_path, "pypi"), outbox_of(tmp_path, "testpypi")
    assert one.parent == other.parent == tmp_path / ".namehold" / "outbox"
    assert one != other


def test_a_session_takes_the_secrets_out_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMEHOLD_TOKEN", "pypi-secret")
    session = Session()
    assert session.environment["NAMEHOLD_TOKEN"] == "pypi-secret"
    assert "NAMEHOLD_TOKEN" not in Session().environment
    assert "pypi-secret" not in repr(session)

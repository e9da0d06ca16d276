"""The account's other projects are looked at once a week, and what is remembered of them can't be written by hand."""

from __future__ import annotations

import json

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import KEY, remember_projects
from tests.harness.desk import NAMES, Desk
from tests.harness.wheels import make_wheel

from namehold.cli.looks import kept_looks
from namehold.files import InnerPath
from namehold.ledger.key import LedgerKey

_WEBSITE = NormalizedName("acme-website")


@pytest.fixture
def asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that the index was asked about; the account has a project of its own beside the package."""
    desk.index.state.add_project(_WEBSITE, owner="acme", files=[make_wheel(_WEBSITE, "3.2")])
    return remember_projects(monkeypatch)


def run(desk: Desk) -> None:
    done = desk.call("run", "--snapshot", "names.txt")
    assert done.code in {0, 10}, done.err


def test_a_project_that_is_no_reservation_is_looked_at_once(
    desk: Desk, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    run(desk)
    assert _WEBSITE in asked
    asked.clear()
    run(desk)
    assert _WEBSITE not in asked


def test_without_a_key_nothing_is_remembered(desk: Desk, asked: list[str]) -> None:
    for _ in range(2):
        asked.clear()
        run(desk)
        assert _WEBSITE in asked
    assert not (desk.state / "account-trial.json").exists()


def test_a_memory_that_another_hand_wrote_hides_no_reservation(
    desk: Desk, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    for done in (desk.plan(), desk.apply()):
        assert done.code == 0, done.err
    path = desk.state / "account-trial.json"
    kept = json.loads(path.read_text("utf-8"))
    (first, *_) = kept["seen"]
    kept["seen"] += [[name, *first[1:]] for name in NAMES]
    desk.ledger.unlink()
    asked.clear()
    path.write_text(json.dumps(kept), "utf-8")
    done = desk.call("run", "--snapshot", "names.txt")
    assert (done.code, "this ledger lacks" in done.err) == (6, True)
    assert set(NAMES) <= set(asked)
    for content in ("", "{}", '{"schema": "namehold/account-looks/1", "seen": 7}'):
        path.write_text(content, "utf-8")
        assert desk.call("run", "--snapshot", "names.txt").code == 6


@pytest.mark.parametrize("change", ["account", "index", "key", "file"])
def test_a_memory_holds_for_one_account_of_one_index_and_one_key(
    desk: Desk, asked: list[str], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    key = LedgerKey(bytes(32))
    path = desk.state / "account-trial.json"

    def looks(*, account: str = "acme at https://index.example/legacy/", key: LedgerKey = key, name: str = "") -> int:
        where = InnerPath(desk.folder) / ".namehold" / (name or path.name)
        return len(kept_looks(where, account=account, find_key=lambda: key).looks)

    desk.state.mkdir(exist_ok=True)
    kept = kept_looks(
        InnerPath(desk.folder) / ".namehold" / path.name,
        account="acme at https://index.example/legacy/",
        find_key=lambda: key,
    )
    kept.remember([(_WEBSITE, 7)], now=desk.index.clock.now())
    assert looks() == 1
    match change:
        case "account":
            assert looks(account="other at https://index.example/legacy/") == 0
        case "index":
            assert looks(account="acme at https://other.example/legacy/") == 0
        case "key":
            assert looks(key=LedgerKey(bytes(31) + b"x")) == 0
        case _:
            (desk.state / "account-other.json").write_bytes(path.read_bytes())
            assert looks(name="account-other.json") == 0

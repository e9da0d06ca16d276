"""The progress bar: to a terminal only, for work that takes long, and told by the work itself."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.harness.values import AS_OF, PlainRenderer, package, portfolio, snapshot

from namehold.candidates import general_words, load_dictionary, load_weights, popular_names
from namehold.cli.progress import LateProgress
from namehold.ledger import Holdings
from namehold.plan import make_plan
from namehold.snapshot import SnapshotStore


def shown(*, after_s: float, is_terminal: bool = True, is_silent: bool = False) -> str:
    """What is written while one of two items is done; the bar has `after_s` seconds to wait."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=is_terminal, width=80)
    with LateProgress(console, is_silent=is_silent, after_s=after_s) as bar:
        task = bar.add_task("Judging", total=2)
        if after_s == 0 and not bar.disable:
            bar.appeared.wait()
        bar.advance(task)
    return stream.getvalue()


def test_long_work_shows_how_much_is_left() -> None:
    text = shown(after_s=0)
    assert "Judging" in text
    assert "1/2" in text


@pytest.mark.parametrize(
    "options", [{"after_s": 3600}, {"after_s": 0, "is_terminal": False}, {"after_s": 0, "is_silent": True}]
)
def test_short_work_a_file_and_quiet_see_nothing(options: dict[str, Any]) -> None:
    assert shown(**options) == ""


def is_rising(shares: list[float]) -> bool:
    return shares == sorted(shares) and all(0 <= share <= 1 for share in shares)


def test_a_plan_tells_how_far_it_is() -> None:
    shares: list[float] = []
    owned = portfolio(*(package(f"acme-tool-{number}") for number in range(12)))
    make_plan(
        owned, view=snapshot("acme-tool"), holdings=Holdings(), renderer=PlainRenderer(), weights=load_weights(),
        popular=popular_names().ranks, dictionary=load_dictionary().words, general=general_words(), as_of=AS_OF,
        quota=None, report=shares.append,
    )  # fmt: skip
    # Each package, then some of the candidates under each of the two policies.
    assert len(shares) > 12 + 2
    assert is_rising(shares)


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_import_of_a_list_tells_how_far_it_is(form: str, tmp_path: Path) -> None:
    names = [f"name-{number}" for number in range(30_000)]
    text = "\n".join(names)
    if form == "json":
        projects = ",".join(f'{{"name": "{name}"}}' for name in names)
        text = f'{{"meta": {{"api-version": "1.0"}}, "projects": [{projects}]}}'
    (tmp_path / "list").write_text(text, "utf-8")
    shares: list[float] = []
    SnapshotStore(tmp_path / "kept").import_file(tmp_path / "list", index="pypi", report=shares.append)
    assert len(shares) > 2
    assert is_rising(shares)

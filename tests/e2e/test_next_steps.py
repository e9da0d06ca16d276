"""Each 'Next:' leads somewhere new, works as it stands, and ends: at a person's decision, or with nothing to do."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import KEY
from tests.harness.desk import Desk, desk_of

from namehold.index import ProjectStatus
from namehold.publish import play_situation

#: What only a person can fill in: a word in capitals, a choice, words in quotes, or a day on which to call again.
_PERSONS = re.compile(r"\b[A-Z]{3,}\b|\||'|\bfrom \d|\bon \d{4}")
_COMMAND = re.compile(r"namehold ((?:[^\s();,]|,(?=\S))+(?: (?![(])(?:[^\s();,]|,(?=\S))+)*)")
#: More steps than the longest honest way has.
_MANY = 15
#: And of those where nothing is left to do.
_SHORT = 4

#: Done, changes that wait for an approval, findings.
_FINE = {0, 10, 11}

PACKAGES = """\
packages:
  - name: acme-tool
    imports: [acme_toolbox]
    former: [acme-tool-classic]
always:
  - {name: acme-tol, package: acme-tool, reason: Support answers it every week, route: request}
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("NAMEHOLD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NAMEHOLD_KEY", KEY.reveal())
    with desk_of(tmp_path, PACKAGES) as made:
        made.index.state.delete_project(made.portfolio.packages[0].name)
        play_situation(made.index, made.portfolio)
        yield made


def next_of(err: str) -> str:
    """The command that the last line names; empty where it leaves the rest to a person, or names none."""
    # Words in brackets are another way.
    last = re.sub(r" \(.*?\)", "", err.splitlines()[-1])
    if not last.startswith("Next: ") or last.startswith("Next: none today") or _PERSONS.search(last):
        return ""
    found = _COMMAND.search(last)
    # `init` asks a person for everything.
    return found[1] if found and found[1] != "init" else ""


def facts_of(desk: Desk) -> str:
    """What a command may have changed: names.yaml, the ledger and the list of names."""
    kept = [desk.config, desk.ledger, *sorted(Path(os.environ["NAMEHOLD_CACHE"]).rglob("*.names"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in kept if path.is_file())).hexdigest()


def follow(desk: Desk, command: str) -> list[str]:
    """The commands from this one on, until a person must decide.

    Fails if one of them doesn't work, or comes a second time without anything new.
    """
    way: list[str] = []
    seen: set[tuple[str, str]] = set()
    while command:
        here = command, facts_of(desk)
        assert here not in seen, f"a circle: {way} then {command}"
        assert len(way) < _MANY
        seen.add(here)
        way.append(command)
        code, _, err = desk.call(*shlex.split(command), *(["--yes"] if command.startswith("apply") else []))
        assert code in _FINE, f"{way}: {err}"
        command = next_of(err)
    return way


def test_the_way_from_the_first_command_ends_with_the_letter(desk: Desk) -> None:
    way = follow(desk, "discover")
    assert [step.split()[0] for step in way] == [
        *("discover", "plan", "rehearse", "apply", "status", "report", "letter", "letter")
    ]


@pytest.mark.parametrize("first", ["names acme-tool", "check acme-tolo", "explain acme-tolo", "doctor"])
def test_another_beginning_leads_there_too(first: str, desk: Desk) -> None:
    assert desk.call("snapshot", "update").code == 0
    assert follow(desk, first)[-1].startswith("letter --sent")


def test_when_everything_is_done_each_command_leads_to_an_end(desk: Desk) -> None:
    follow(desk, "discover")
    for first in (
        *("plan", "build", "rehearse", "status", "run", "report", "watch", "letter", "register", "doctor"),
        *("names acme-tool", "check acme-tolo", "explain acme-tolo", "audit acme-toolbox", "snapshot info"),
    ):
        way = follow(desk, first)
        assert len(way) <= _SHORT, way
    # A letter waits for its answer: the plan doesn't ask for another one.
    assert desk.call("plan").err.splitlines()[-1] == "Next: none today; a letter waits for its answer: namehold letter"


def test_without_names_yaml_the_ways_end_with_writing_one(desk: Desk) -> None:
    assert desk.call("snapshot", "update", "--index", "trial").code == 0
    desk.config.rename(desk.folder / "elsewhere.yaml")
    (desk.folder / "list.txt").write_text("acme-tool\n", "utf-8")
    assert desk.call("snapshot", "import", "list.txt").code == 0
    assert follow(desk, "explain acme-tolo --package acme-tool")[-1] == "check acme-tolo"
    assert desk.call("check", "acme-tolo").err.splitlines()[-1] == "Next: namehold init"


def test_a_finding_of_status_leads_to_what_settles_it(desk: Desk) -> None:
    follow(desk, "discover")
    desk.index.state.set_status(NormalizedName("acme-tool"), ProjectStatus.ARCHIVED)
    code, _, err = desk.call("status")
    assert code == 11
    assert re.match(r"Next: see to (acme-\S+): namehold status --renew \1 ", err.splitlines()[-1])


def test_no_advice_names_a_file_that_an_installed_wheel_lacks(desk: Desk) -> None:
    desk.edit("organization:", "organisation:")
    code, _, err = desk.call("plan")
    assert code == 3
    assert "docs/" not in err
    assert err.splitlines()[-1] == (
        "Next: correct what the lines above name, then call again; namehold schema explains every key"
    )
    assert desk.call("schema").code == 0

"""A desk as its owner has it: a folder with names.yaml, an index on this machine, and a token for it."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from namehold.portfolio.model import Portfolio
from namehold.portfolio.read import load_portfolio
from namehold.rehearsal.running import RunningIndex
from tests.harness.applying import index_now
from tests.harness.cli import Done, call, start

#: An invented organization on an index of its own; packages and what else a test needs stand below it.
CONFIG = """\
organization:
  name: Acme Robotics
  contact: https://acme-robotics.example/security
  homepage: https://acme-robotics.example/
account:
  index: trial
  username: acme
index:
  upload: {upload}
  simple: {simple}
  json: {json}
demo: true
"""

#: A low threshold: with any learned rates its import, command and former name are reserved.
PACKAGES = """\
policy: {threshold: 0.001}
budget: {total: 3}
packages:
  - name: acme-tool
    imports: [acme_toolbox]
    commands: [acme-toolctl]
    former: [acme-tool-classic]
"""

#: What a plan over `PACKAGES` reserves.
NAMES = ["acme-tool-classic", "acme-toolbox", "acme-toolctl"]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A folder with names.yaml, an index to work on, and a token for it."""

    folder: Path
    index: RunningIndex
    token: str

    @property
    def config(self) -> Path:
        return self.folder / "names.yaml"

    @property
    def state(self) -> Path:
        return self.folder / ".namehold"

    @property
    def ledger(self) -> Path:
        return self.state / "ledger-trial.jsonl"

    @property
    def portfolio(self) -> Portfolio:
        return load_portfolio(self.config).portfolio

    def document(self, name: str) -> Any:
        """A JSON file that a command has left in `.namehold/`."""
        return json.loads((self.state / name).read_text("utf-8"))

    def edit(self, old: str, new: str) -> None:
        """Puts other words into names.yaml."""
        text = self.config.read_text("utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), "utf-8")

    def call(self, *words: str, token: str | None = None) -> Done:
        """A command in this process; the desk's token is in its environment unless another one is given."""
        done = call(*words, cwd=self.folder, env=self._environment(token))
        assert self.token not in done.out + done.err
        return done

    def start(self, *words: str, token: str | None = None) -> subprocess.Popen[str]:
        """A command as a program of its own."""
        return start(*words, cwd=self.folder, env=self._environment(token))

    def plan(self, *words: str) -> Done:
        """A plan against the list of names that lies on the desk."""
        return self.call("plan", "--snapshot", "names.txt", *words)

    def apply(self, *words: str) -> Done:
        return self.call("apply", "--snapshot", "names.txt", "--format", "json", *words)

    def _environment(self, token: str | None) -> dict[str, str]:
        return {"NAMEHOLD_TOKEN": self.token if token is None else token}


class Origin:
    """A desk as some commands left it, for tests that begin there: each works on a copy."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._state, self._clock = desk, desk.index.state, desk.index.clock
        held = {item.name: getattr(self._state, item.name) for item in fields(self._state)}
        self._then = self._copied(held), dict(vars(self._clock))

    def copy(self, folder: Path) -> Desk:
        """The desk in another, empty folder, with its index as it was then; the copies before are done with."""
        shutil.copytree(self._desk.folder, folder, dirs_exist_ok=True)
        state, clock = self._then
        for key, value in self._copied(state).items():
            setattr(self._state, key, value)
        vars(self._clock).update(clock)
        return replace(self._desk, folder=folder)

    def _copied(self, values: dict[str, Any]) -> dict[str, Any]:
        kept = (self._state.lock, self._clock)
        return copy.deepcopy(values, {id(item): item for item in kept})


def write_config(path: Path, index: RunningIndex, rest: str, *, config: str = CONFIG) -> None:
    """names.yaml for `index`: `config` with its addresses, then `rest` as it is."""
    addresses = {"upload": index.upload_url, "simple": index.simple_url, "json": index.json_url}
    path.write_text(config.format(**addresses) + rest, "utf-8")


@contextmanager
def desk_of(
    folder: Path,
    rest: str = PACKAGES,
    *,
    config: str = CONFIG,
    names: Sequence[str] = ("acme-tool", "another-project"),
) -> Iterator[Desk]:
    """A desk in `folder`; names.txt lists `names` as the index's own. The index knows a stranger, too."""
    with index_now(users=["acme", "stranger"]) as index:
        write_config(folder / "names.yaml", index, rest, config=config)
        (folder / "names.txt").write_text("".join(f"{name}\n" for name in names), "utf-8")
        yield Desk(folder=folder, index=index, token=index.mint_token("acme"))

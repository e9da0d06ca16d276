"""Real clients against the rehearsal index: twine uploads to it, pip installs from it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.clients import PIP_SETTINGS, ClientServer, serve_pip, serve_twine
from tests.harness.wheels import make_wheel

from namehold import rehearsal
from namehold.index.model import Quota
from namehold.rehearsal.running import RunningIndex

_SDK = NormalizedName("acme-robotics-sdk")
_TOOL = NormalizedName("acme-tool")


@dataclass(frozen=True, kw_only=True)
class Clients:
    """Twine and pip, each in a process that forks for each call."""

    folder: Path
    twine: ClientServer
    pip: ClientServer

    def upload(self, index: RunningIndex, token: str, *files: Path) -> tuple[int, str]:
        """Twine's exit code, and what it said."""
        words = ["upload", "--non-interactive", "--disable-progress-bar", "--repository-url", index.upload_url]
        account = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": token}
        return self.twine.run([*words, *map(str, files)], folder=self.folder, environment=self._environment(account))

    def install(self, index: RunningIndex, target: Path, *words: str) -> tuple[int, str]:
        """Pip's exit code, and what it said."""
        options = ["install", "--no-cache-dir", "--target", str(target), "--index-url", index.simple_url]
        # No configuration of the machine's: only this index may be asked.
        return self.pip.run([*options, *words], folder=self.folder, environment=self._environment(PIP_SETTINGS))

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        # A variable of the machine's own could send pip or twine elsewhere.
        return {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "TWINE_"))} | more


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    folder = tmp_path_factory.mktemp("clients")
    with serve_twine(folder) as twine, serve_pip(sys.executable, folder) as pip:
        yield Clients(folder=folder, twine=twine, pip=pip)


def _write(folder: Path, wheel: tuple[str, bytes]) -> Path:
    path = folder / wheel[0]
    path.write_bytes(wheel[1])
    return path


def test_twine_uploads_and_pip_installs_with_the_dependency(clients: Clients, tmp_path: Path) -> None:
    with rehearsal.start(owned={_TOOL: "acme-bot"}) as index:
        file = _write(tmp_path, make_wheel(_SDK, "0.0.1", requires_dist=["acme-tool"]))
        code, said = clients.upload(index, index.mint_token("acme-bot"), file)
        assert code == 0, said

        code, said = clients.install(index, tmp_path / "site", "acme-robotics-sdk")
        assert code == 0, said
        assert {path.name for path in (tmp_path / "site").iterdir()} >= {"acme_robotics_sdk", "acme_tool"}

        code, said = clients.install(index, tmp_path / "alone", "--no-deps", "acme-robotics-sdk==0.0.1")
        assert code == 0, said
        assert not (tmp_path / "alone" / "acme_tool").exists()


def test_twine_shows_the_indexs_own_words(clients: Clients, tmp_path: Path) -> None:
    with rehearsal.start(owned={_TOOL: "acme-bot"}, user_quota=Quota(limit=1, window_s=3600)) as index:
        token = index.mint_token("acme-bot")
        late = _write(tmp_path, make_wheel(NormalizedName("acme-late")))
        code, said = clients.upload(index, token, _write(tmp_path, make_wheel(NormalizedName("acmetool"), "0.0.1")))
        assert code == 1
        assert "too similar to an existing" in " ".join(said.split())
        assert clients.upload(index, token, _write(tmp_path, make_wheel(_SDK)))[0] == 0
        assert "Too many new projects created" in " ".join(clients.upload(index, token, late)[1].split())
        index.clock.advance(3601)
        assert clients.upload(index, token, late)[0] == 0


def test_twine_may_send_the_same_files_again(clients: Clients, tmp_path: Path) -> None:
    with rehearsal.start(users=["acme-bot"]) as index:
        file, token = _write(tmp_path, make_wheel(_SDK)), index.mint_token("acme-bot")
        assert [clients.upload(index, token, file)[0] for _ in range(2)] == [0, 0]
        assert [upload.spent_slot for upload in index.state.uploads] == [True, False]
        assert [upload.is_committed for upload in index.state.uploads] == [True, False]

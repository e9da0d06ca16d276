"""Real clients against the rehearsal index: twine uploads to it, pip installs from it, `--serve` introduces itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from packaging.utils import NormalizedName
from tests.harness.wheels import make_wheel

from namehold import rehearsal
from namehold.index.model import Quota
from namehold.rehearsal.running import RunningIndex

_SDK = NormalizedName("acme-robotics-sdk")
_TOOL = NormalizedName("acme-tool")


def _twine(index: RunningIndex, token: str, *files: Path) -> subprocess.CompletedProcess[str]:
    return _run(
        ["twine", "upload", "--non-interactive", "--disable-progress-bar", "--repository-url", index.upload_url],
        [str(file) for file in files],
        {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": token},
    )


def _pip(index: RunningIndex, target: Path, *words: str) -> subprocess.CompletedProcess[str]:
    options = [
        "--disable-pip-version-check",
        "--no-cache-dir",
        "--target",
        str(target),
        "--index-url",
        index.simple_url,
    ]
    # No configuration of the machine's: only this index may be asked.
    return _run(["pip", "install", *options], list(words), {"PIP_CONFIG_FILE": os.devnull})


def _run(command: list[str], words: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    # A variable of the machine's own could send pip or twine elsewhere.
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "TWINE_"))}
    return subprocess.run(
        [sys.executable, "-m", *command, *words],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def _write(folder: Path, wheel: tuple[str, bytes]) -> Path:
    path = folder / wheel[0]
    path.write_bytes(wheel[1])
    return path


def test_twine_uploads_and_pip_installs_with_the_dependency(tmp_path: Path) -> None:
    with rehearsal.start(owned={_TOOL: "acme-bot"}) as index:
        file = _write(tmp_path, make_wheel(_SDK, "0.0.1", requires_dist=["acme-tool"]))
        sent = _twine(index, index.mint_token("acme-bot"), file)
        assert sent.returncode == 0, sent.stdout + sent.stderr

        installed = _pip(index, tmp_path / "site", "acme-robotics-sdk")
        assert installed.returncode == 0, installed.stdout + installed.stderr
        assert {path.name for path in (tmp_path / "site").iterdir()} >= {"acme_robotics_sdk", "acme_tool"}

        alone = _pip(index, tmp_path / "alone", "--no-deps", "acme-robotics-sdk==0.0.1")
        assert alone.returncode == 0
        assert not (tmp_path / "alone" / "acme_tool").exists()


def test_twine_shows_the_indexs_own_words(tmp_path: Path) -> None:
    with rehearsal.start(owned={_TOOL: "acme-bot"}, user_quota=Quota(limit=1, window_s=3600)) as index:
        token = index.mint_token("acme-bot")
        similar = _twine(index, token, _write(tmp_path, make_wheel(NormalizedName("acmetool"), "0.0.1")))
        assert similar.returncode == 1
        assert "too similar to an existing" in " ".join((similar.stdout + similar.stderr).split())
        assert _twine(index, token, _write(tmp_path, make_wheel(_SDK))).returncode == 0
        late = _twine(index, token, _write(tmp_path, make_wheel(NormalizedName("acme-late"))))
        assert "Too many new projects created" in " ".join((late.stdout + late.stderr).split())
        index.clock.advance(3601)
        assert _twine(index, token, _write(tmp_path, make_wheel(NormalizedName("acme-late")))).returncode == 0


def test_twine_may_send_the_same_files_again(tmp_path: Path) -> None:
    with rehearsal.start(users=["acme-bot"]) as index:
        file, token = _write(tmp_path, make_wheel(_SDK)), index.mint_token("acme-bot")
        assert [_twine(index, token, file).returncode for _ in range(2)] == [0, 0]
        assert [upload.spent_slot for upload in index.state.uploads] == [True, False]
        assert [upload.is_committed for upload in index.state.uploads] == [True, False]


@pytest.mark.parametrize("interrupt", [signal.SIGINT])
def test_serving_introduces_itself_first_and_ends_on_interrupt(interrupt: signal.Signals) -> None:
    program = (
        "import sys; from namehold.rehearsal import parse_quota, serve_forever\n"
        "def write(line): sys.stdout.write(line); sys.stdout.flush()\n"
        "serve_forever(names=['Zebra.Tool'], prohibited=['forbidden'], users=['acme-bot', 'bob'],"
        " user_quota=parse_quota('2/1h'), write=write)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        line = json.loads(server.stdout.readline())
        try:
            assert line["schema"] == "namehold/serve/1"
            assert [user["name"] for user in line["users"]] == ["acme-bot", "bob"]
            assert all(user["token"].startswith("pypi-") for user in line["users"])
            with httpx.Client(trust_env=False) as client:
                assert client.get(f"{line['simple']}zebra-tool/").status_code == 200
                assert client.get(f"{line['json']}zebra-tool/json").status_code == 200
                assert client.get(line["base"]).status_code == 200
        finally:
            server.send_signal(interrupt)
            server.wait(timeout=30)

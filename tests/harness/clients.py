"""pip, uv and poetry as people use them, each on an environment of its own."""

from __future__ import annotations

import importlib.machinery
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import pip

_PATIENCE_S = 600

#: Nothing that belongs to the person who runs the tests.
PIP_SETTINGS = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_CONFIG_FILE": os.devnull}

#: A client's own main, in a process that has loaded it before and forks for each call: starting takes most of its time.
_SERVER = """
import json, os, sys
{load}
for line in sys.stdin:
    words, folder, environment, said = json.loads(line)
    child = os.fork()
    if not child:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for stream in (1, 2):
            os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
        sys.argv = [{name!r}, *words]
        code = 1
        try:
            code = main()
        except SystemExit as stop:
            code = stop.code or 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
_LOAD_PIP = """
from pip._internal.cli.main import main
from pip._internal.commands import create_command
for name in ("install", "lock", "uninstall"):
    create_command(name)
"""
_LOAD_TWINE = """
import twine.commands.upload, twine.__main__
def main():
    return int(bool(twine.__main__.main()))
"""
_LOAD_POETRY = """
from poetry.console.application import main
from poetry.core.packages.dependency import Dependency
from poetry.factory import Factory
from poetry.core.version.markers import parse_marker
import keyring, poetry.installation.installer, poetry.plugins.plugin_manager, poetry.repositories.http_repository
parse_marker("python_version>'3'")
Dependency.create_from_pep_508("any[extra]>=1; python_version>'3'")
Factory.validate({"project": {"name": "any", "version": "1"}, "tool": {"poetry": {"package-mode": False}}})
"""


class Environment:
    """A virtual environment with the pip of this Python and nothing else, that can be emptied again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder, with_pip=False)
        paths = sysconfig.get_paths("venv", vars={"base": str(folder), "platbase": str(folder)})
        self.scripts, self.site_packages = Path(paths["scripts"]), Path(paths["purelib"])
        # Where poetry sees no pip, it starts one out of an archive, compiled anew each time.
        (self.site_packages / "pip").symlink_to(Path(pip.__file__).parent, target_is_directory=True)
        (self.scripts / "pip").touch()
        self._first = self._entries()

    @property
    def python(self) -> str:
        return str(self.scripts / "python")

    def empty(self) -> None:
        """Takes away what was installed."""
        for path in self._entries() - self._first:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def has(self, module: str) -> bool:
        """Whether its Python would find the module among what was installed."""
        importlib.machinery.PathFinder.invalidate_caches()
        return importlib.machinery.PathFinder.find_spec(module, [str(self.site_packages)]) is not None

    def _entries(self) -> set[Path]:
        return {path for folder in (self.scripts, self.site_packages) for path in folder.iterdir()}


def run_program(words: list[str], *, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A program in `folder`, with this environment and no other."""
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=_PATIENCE_S
    )


class ClientServer:
    """Runs a client's commands, each in a fork of one process; `environment` is what that one is started with."""

    def __init__(self, python: str, name: str, *, load: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._said = folder / f"{name}-said.txt"
        self._program = subprocess.Popen(
            [python, "-c", _SERVER.format(load=load, name=name)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, words: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
        """The exit code of `NAME WORDS` and all that it said."""
        self._said.unlink(missing_ok=True)
        asking, answering = self._streams
        asking.write(json.dumps([words, str(folder), dict(environment), str(self._said)]) + "\n")
        asking.flush()
        return int(answering.readline()), self._said.read_text("utf-8")

    def close(self) -> None:
        for stream in self._streams:
            stream.close()
        self._program.wait(timeout=_PATIENCE_S)

    @property
    def _streams(self) -> tuple[IO[str], IO[str]]:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        return self._program.stdin, self._program.stdout


@contextmanager
def serve_poetry(folder: Path, environment: Mapping[str, str]) -> Iterator[ClientServer]:
    """Poetry; `environment` must have its folders (POETRY_CACHE_DIR ...), the same in every call."""
    server = ClientServer(sys.executable, "poetry", load=_LOAD_POETRY, folder=folder, environment=environment)
    with closing(server):
        yield server


@contextmanager
def serve_twine(folder: Path) -> Iterator[ClientServer]:
    """Twine."""
    with closing(ClientServer(sys.executable, "twine", load=_LOAD_TWINE, folder=folder, environment=os.environ)) as it:
        yield it


@contextmanager
def serve_pip(python: str, folder: Path) -> Iterator[ClientServer]:
    """The pip of this Python."""
    server = ClientServer(python, "pip", load=_LOAD_PIP, folder=folder, environment=os.environ | PIP_SETTINGS)
    with closing(server):
        yield server

"""Floors for tests: no sockets in unit and property tests, loopback only in contract and end-to-end ones."""

from __future__ import annotations

import atexit
import gc
import itertools
import os
import signal
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import certifi
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from pytest_socket import disable_socket, socket_allow_hosts

import namehold

# One tree has one verdict: every run tries the same examples. `make fuzz` tries new ones, and more of them.
# No timing in a test: a slow machine must not fail one.
settings.register_profile(
    "default",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=60,
    derandomize=True,
    database=None,
)
settings.register_profile(
    "fuzz",
    settings.get_profile("default"),
    max_examples=600,
    derandomize=False,
    database=DirectoryBasedExampleDatabase(".hypothesis/examples"),
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# The keyring of the person who runs this is never asked. The library chooses once for a whole process.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

# A job that runs us in the background ignores interrupts, and the programs that tests start and interrupt would
# inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Where the environment keeps Python from keeping compiled modules, each program that a test starts would compile all of
# its libraries again: that is more than half of its time. pytest would rewrite and compile every test file in each run.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Looking for cycles among all that is collected took a tenth of that time. Commands in this process set the same.
gc.set_threshold(200_000, 5, 500)

# At the end of a process each of its objects was looked at once more: for a worker, that took a second.
atexit.register(gc.freeze)

_TESTS = Path(__file__).parent

#: The order of the floors: files that take long begin, and the many short ones fill the end, where workers run out.
_FLOORS = ("e2e", "contract", "fuzz", "property", "unit")

#: Folders in memory: tests write thousands of small files and wait for each to reach the disk, which none is about.
_MEMORY = Path("/dev/shm")  # noqa: S108 -- pytest makes a folder of its own in it


def pytest_report_header() -> str:
    """Says which namehold is tested. `NAMEHOLD_FROM` is the folder that it must come from: an installed wheel."""
    place, expected = Path(namehold.__file__).parent, os.environ.get("NAMEHOLD_FROM")
    if expected and not place.is_relative_to(Path(expected).resolve()):
        raise pytest.UsageError(f"namehold comes from {place}, not from {expected}")
    return f"namehold: {place}"


def pytest_configure(config: pytest.Config) -> None:
    """Puts temporary folders into memory where there is some, unless the caller says where to."""
    chosen = config.option.basetemp or os.environ.get("PYTEST_DEBUG_TEMPROOT") or os.environ.get("TMPDIR")
    if not chosen and os.access(_MEMORY, os.W_OK | os.X_OK):
        # pytest, tempfile and every program that a test starts look here.
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than cores: a quarter of the time tests wait for programs and servers that they started."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Lets each worker begin with other files: in a fresh checkout it compiles these for the others."""
    report = yield
    if isinstance(collector, pytest.Directory) and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
        workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        first = len(report.result) * int(worker.removeprefix("gw")) // workers
        report.result = [*report.result[first:], *report.result[:first]]
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts tests by floor and file: the order is the same in all workers.

    A worker takes whole files in it, so what a file's tests share is made once.
    """
    items.sort(key=lambda item: (_FLOORS.index(_floor(item.path)), str(item.path)))


def pytest_collection_finish() -> None:
    """Keeps what was collected out of every search for cycles: it lives to the end."""
    gc.freeze()


def _floor(path: Path) -> str:
    return path.relative_to(_TESTS).parts[0]


@pytest.fixture(scope="session", autouse=True)
def _few_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Only a proxy with its own certificate speaks TLS here, and each HTTP client reads a hundred; one is enough."""
    first, end, _ = Path(certifi.where()).read_text("ascii").partition("-----END CERTIFICATE-----\n")
    path = tmp_path_factory.mktemp("certificates") / "one.pem"
    path.write_text(first + end, "ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(path))
        yield


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Closes the network for a test and for what its module shares. For each test, a fixture would cost more."""
    if _floor(item.path) in {"unit", "property", "fuzz"}:
        disable_socket(allow_unix_socket=True)
    else:
        socket_allow_hosts(["127.0.0.1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for each test's cache, made only where a test fills it."""
    folder = tmp_path_factory.mktemp("caches")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(scope="session", autouse=True)
def _own_environment(_caches: Iterator[Path]) -> Iterator[str]:
    """No test, and nothing that a module's tests share, reads or writes what belongs to the person who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in [key for key in os.environ if key.startswith(("NAMEHOLD_", "TWINE_", "PIP_"))]:
            if variable != "NAMEHOLD_CHROMIUM":
                patch.delenv(variable)
        shared = str(next(_caches))
        patch.setenv("NAMEHOLD_CACHE", shared)
        patch.setenv("NO_COLOR", "1")
        yield shared


@pytest.fixture(autouse=True)
def _own_cache(_own_environment: str, _caches: Iterator[Path]) -> Iterator[None]:
    os.environ["NAMEHOLD_CACHE"] = str(next(_caches))
    yield
    os.environ["NAMEHOLD_CACHE"] = _own_environment

"""Floors for tests: no sockets in unit and property tests, loopback only in contract and end-to-end ones."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import disable_socket, socket_allow_hosts

# No timing in a test: a slow machine must not fail one.
settings.register_profile(
    "default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow], max_examples=60
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# A job that runs us in the background ignores interrupts, and the programs that tests start and interrupt would
# inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

_TESTS = Path(__file__).parent


@pytest.fixture(autouse=True)
def _network_floor(request: pytest.FixtureRequest) -> None:
    floor = request.path.relative_to(_TESTS).parts[0]
    if floor in {"unit", "property"}:
        disable_socket(allow_unix_socket=True)
    else:
        socket_allow_hosts(["127.0.0.1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or writes what belongs to the person who runs it."""
    for variable in [key for key in os.environ if key.startswith(("NAMEHOLD_", "TWINE_", "PIP_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("NAMEHOLD_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("NO_COLOR", "1")

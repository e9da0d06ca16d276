"""What a machine's limits look like to Python is told as that, and anything else stays a bug."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from namehold.cli.main import run_reporting_errors


def failing(error: Exception) -> Callable[[], None]:
    def app() -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), 3),
        (RuntimeError("can't start new thread"), 3),
        (ImportError("libx.so: failed to map segment from shared object"), 3),
        (ImportError("libx.so: cannot allocate memory in static TLS block"), 3),
        (RuntimeError("dictionary changed size during iteration"), 1),
        (ImportError("No module named 'x'"), 1),
    ],
)
def test_a_limit_is_no_bug(error: Exception, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    app = failing(error)
    assert run_reporting_errors(app) == code  # type: ignore[arg-type] # any call will do
    said = capsys.readouterr().err
    assert ("this is a bug" in said) == (code == 1)
    assert ("ulimit -a" in said) == (code == 3)

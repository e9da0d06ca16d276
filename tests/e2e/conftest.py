"""What end-to-end tests share. The process that hands out tests reads only the conftest above, and starts sooner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.desk import Desk, desk_of


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """names.yaml of an invented organization and an index beside it; a module may have one of its own, made from it."""
    with desk_of(tmp_path) as made:
        yield made

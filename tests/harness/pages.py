"""An index that gives no usable answer about some projects, and answers about the others."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.utils import NormalizedName

from namehold.errors import IndexError_
from namehold.index import ProjectState
from namehold.index.access import HttpIndex


def break_pages(monkeypatch: pytest.MonkeyPatch, *names: str, message: str = "its JSON has another form") -> None:
    """Lets every question about `names` fail from now on, also for the client of a command."""
    project = HttpIndex.project

    def answer(index: HttpIndex, name: NormalizedName, **more: Any) -> ProjectState:
        if name in names:
            raise IndexError_(message)
        return project(index, name, **more)

    monkeypatch.setattr(HttpIndex, "project", answer)

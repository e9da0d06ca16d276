"""namehold: a defensive name-reservation orchestrator for maintainers who protect their brand."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

__version__ = "0.1.0"


def load_late(package: str, **rooms: str) -> Callable[[str], object]:
    """A module's `__getattr__` (PEP 562): imports a room of `package` when one of its names is first asked for.

    `rooms` gives for each room the names that the package's face shows of it, with spaces between.
    So a program pays for the rooms that it uses, and for the heavy libraries that they need, and for no others.
    """
    room_of = {name: room for room, names in rooms.items() for name in names.split()}

    def load(name: str) -> object:
        if name not in room_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{room_of[name]}"), name)

    return load

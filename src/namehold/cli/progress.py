"""The one progress bar: with the time that is left, and only for work that takes long enough to ask for it.

Loaded late: it brings rich along.
"""

from __future__ import annotations

import threading
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

#: Work that takes longer than this, in seconds, shows how much of it is left.
SHOWN_AFTER_S: Final = 2.0


class LateProgress(Progress):
    """A bar that appears after `after_s` seconds and is gone when the work is done; only on a terminal."""

    def __init__(self, console: Console, *, is_silent: bool = False, after_s: float = SHOWN_AFTER_S) -> None:
        super().__init__(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=is_silent or not console.is_terminal,
        )
        #: Set once the bar is on the terminal.
        self.appeared = threading.Event()
        self._timer = threading.Timer(after_s, self._appear)
        self._timer.daemon = True

    def _appear(self) -> None:
        self.start()
        self.appeared.set()

    def __enter__(self) -> Self:
        """Begins to wait for the moment to appear."""
        if not self.disable:
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Takes the bar away, if it had appeared."""
        if self.disable:
            return
        self._timer.cancel()
        self._timer.join()
        if self.appeared.is_set():
            self.stop()

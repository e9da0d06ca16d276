"""Writes files whole or not at all.

replace(Path("report.md"), [b"# Names"])
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

#: The mode of a file that only its owner may read and write.
PRIVATE = 0o600


def replace(
    path: Path, pieces: Iterable[bytes | memoryview], *, mode: int | None = None, is_synced: bool = False
) -> None:
    """Writes the pieces as the file `path`; the old file stays until the new one is whole. Makes its folder.

    Args:
        path: where the file is wanted; a link there is replaced, not followed.
        pieces: the content.
        mode: the new file's permissions; None: as the umask says.
        is_synced: whether the content must be on the disk when this returns.

    Raises:
        OSError: the folder or the file can't be written; nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(pieces)
            if is_synced:
                stream.flush()
                os.fsync(stream.fileno())
        Path(temporary).chmod(_usual_mode() if mode is None else mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _usual_mode() -> int:
    """What a new file gets under the umask; `mkstemp` makes files for their owner alone."""
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask

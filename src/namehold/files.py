"""Writes files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def replace(path: Path, pieces: Iterable[bytes], *, is_private: bool, is_synced: bool = False) -> None:
    """The pieces as the file `path`: the old file stays until the new one is whole. Makes its folder.

    `is_private`: for its owner alone; otherwise as the umask says. `is_synced`: on disk when this returns.
    Raises OSError; nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(pieces)
            if is_synced:
                stream.flush()
                os.fsync(stream.fileno())
        if not is_private:
            # mkstemp makes files for their owner alone.
            umask = os.umask(0)
            os.umask(umask)
            Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

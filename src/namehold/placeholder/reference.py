"""The reference for a placeholder's bytes: what PyPA's `build` makes of the same tree, through the tree's own backend.

    build_reference(tree, Path("reference")) == {item.filename: item.sha256 for item in PlaceholderBuilder().build(...)}

`build` calls the backend that pyproject.toml names, in a process of its own, and makes the wheel from the sdist. So it
runs code, and takes some hundred times as long as `PlaceholderBuilder`. Every version of the templates, and a person's
own ones (`namehold build --reference`), have to give the same bytes both ways. `namehold build --verify` never comes
here: a stranger's tree is rebuilt without running it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from build import BuildBackendException, BuildException, ProjectBuilder

from namehold.errors import BuildError
from namehold.placeholder.build import fixed_environment, open_workbench, write_tree
from namehold.placeholder.model import SourceTree, tree_digest


def build_reference(tree: SourceTree, folder: Path) -> dict[str, str]:
    """Builds sdist and wheel of a tree that namehold rendered itself.

    Args:
        tree: as `Templates.render` gives it; one that was read from a file has no digest and is refused.
        folder: where the files are put.

    Returns:
        The sha256 of each file by its name.

    Raises:
        BuildError: the tree wasn't rendered here, or its backend fails; that of a `refuse` placeholder always does.
    """
    if tree.digest != tree_digest(tree.files):
        raise BuildError(f"the tree of {tree.name} wasn't rendered by namehold, so its backend isn't run")
    with open_workbench() as bench, fixed_environment():
        source, unpacked = bench / "source", bench / "output"
        write_tree(tree, source)
        try:
            sdist = Path(ProjectBuilder(source, runner=_run).build("sdist", folder))
            with tarfile.open(sdist) as archive:
                archive.extractall(unpacked, filter="data")
            top = unpacked / sdist.name.removesuffix(".tar.gz")
            wheel = Path(ProjectBuilder(top, runner=_run).build("wheel", folder))
        except (BuildBackendException, BuildException) as error:
            raise BuildError(f"the placeholder {tree.name} can't be built by its own backend: {error}") from None
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (sdist, wheel)}


def _run(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
    """Runs a hook of the backend without showing what it prints."""
    # The command is `build`'s own, and the backend that of a tree that was rendered here.
    subprocess.run(cmd, cwd=cwd, env={**os.environ, **(extra_environ or {})}, check=True, capture_output=True)  # noqa: S603 -- see above

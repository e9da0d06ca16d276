"""From a plan's actions to rendered placeholders, and proof that they are what the plan was made for.

Building, rehearsing and applying take their source trees from here, so that what is built is what was approved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from namehold.errors import Diagnostic, InputError, InvalidDistribution
from namehold.index import open_archive
from namehold.placeholder.audit import judge_form
from namehold.placeholder.model import Distribution, SourceFile, SourceTree
from namehold.placeholder.reading import read_placeholder
from namehold.placeholder.shape import placeholder_files
from namehold.portfolio import Mode


def require_form(files: Sequence[Distribution]) -> None:
    """Checks that our own built files meet every requirement of `namehold audit`, those that only warn included.

    Raises InvalidDistribution with every finding.
    """
    faults = []
    for item in files:
        with Path(item.path).open("rb") as stream:
            findings = judge_form(read_placeholder(item.filename, stream))
        faults += [
            Diagnostic(
                message=f"{item.filename}: {finding.found}",
                rule=finding.rule,
                fix=finding.fix,
                path=finding.path or None,
                line=finding.line,
            )
            for finding in findings
        ]
    if faults:
        raise InvalidDistribution(
            "the audit refuses the placeholder; nothing of it was sent",
            fix="namehold audit",
            diagnostics=tuple(faults),
        )


def read_tree(path: Path) -> SourceTree:
    """The source tree inside a placeholder's sdist. Raises InputError if it isn't safe to rebuild.

    A backend's settings can run code at build time. So the audit must find nothing, and the tree must have exactly the
    files of a placeholder of this name and mode: another file could be a setting.
    """
    with path.open("rb") as stream:
        placeholder = read_placeholder(path.name, stream)
    if not path.name.endswith(".tar.gz") or not placeholder.reservation:
        raise InputError(
            f"{path} isn't the source distribution of a placeholder",
            fix="give the .tar.gz: it holds the source that wheel and sdist are built from",
        )
    if judge_form(placeholder):
        raise InputError(f"{path} isn't rebuilt: the audit has findings", fix=f"namehold audit {path}")
    try:
        mode = Mode(placeholder.reservation["mode"])
        name = canonicalize_name(placeholder.fields["name"], validate=True)
        version = str(placeholder.fields["version"])
    except (KeyError, ValueError):
        raise InputError(f"{path} doesn't say what it is") from None
    top = placeholder.paths[0].split("/")[0]
    files = sorted(placeholder_files(name, mode))
    if set(placeholder.paths) != {f"{top}/{file}" for file in (*files, "PKG-INFO")}:
        raise InputError(f"{path} isn't rebuilt: it lacks files of a placeholder", fix=f"it needs {', '.join(files)}")
    with path.open("rb") as stream, open_archive(path.name, stream) as archive:
        sources = tuple(
            SourceFile(path=file, text=archive.read(f"{top}/{file}").decode("utf-8", "replace")) for file in files
        )
    return SourceTree(name=name, version=version, mode=mode, files=sources, digest="")


def compare_files(path: Path, built: Sequence[Distribution]) -> tuple[tuple[str, str, str], ...]:
    """(file name, sha256 of the given file, sha256 of the rebuilt one) of every rebuilt file that lies beside `path`.

    The sdist itself is always among them; the wheel only if it lies in the same folder.
    """
    given = {item.filename: path.parent / item.filename for item in built} | {path.name: path}
    rebuilt = {item.filename: item.sha256 for item in built}
    return tuple(
        (filename, hashlib.sha256(place.read_bytes()).hexdigest(), rebuilt.get(filename, ""))
        for filename, place in given.items()
        if place.is_file()
    )

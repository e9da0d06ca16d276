"""Reads a folder of templates: regular files below it and nothing else, each small.

    read_layer(Path("placeholder-templates"), "signpost")

A folder may come with a checkout of somebody else, so no link in it is followed: what a link leads to would be
published for good.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from namehold.errors import Diagnostic, TemplateError

SUFFIX: Final = ".j2"
#: The longest template, and the longest file that one may become, in characters. Ours have some two thousand.
TEMPLATE_MAX_CHARACTERS: Final = 32_000
#: Templates in a folder.
TEMPLATES_MAX: Final = 100


def read_layer(folder: Path, mode: str) -> dict[str, str]:
    """Relative path -> text of every template of one mode in a folder that `check_folder` passed, sorted.

    Raises TemplateError for what can't be read.
    """
    root = folder / mode
    paths = sorted(path for path in root.rglob(f"*{SUFFIX}") if path.is_file())
    try:
        return {path.relative_to(root).as_posix(): _read(path) for path in paths}
    except (OSError, UnicodeDecodeError) as error:
        fault = _fault(f"{error}", root, "write it as UTF-8 text")
        raise TemplateError(f"templates can't be read from {root}", diagnostics=(fault,)) from None


def _read(path: Path) -> str:
    """The text of a file, as far as a template may be long; its newlines are read universally.

    A checkout that has CRLF must give the same bytes.
    """
    # Between the check and this a file can be changed: opening must not wait for the other end of a pipe.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with open(handle, encoding="utf-8") as stream:  # noqa: PTH123 -- of a descriptor
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(f"{path} is no regular file")
        return stream.read(4 * TEMPLATE_MAX_CHARACTERS)


def check_folder(folder: Path, modes: Collection[str]) -> None:
    """Raises TemplateError with everything in an organization's folder that isn't a template of a mode.

    A file that would never be used is an error: its author expects it to work.
    """
    if folder.is_symlink() or not folder.is_dir():
        problem = "it is a link" if folder.is_symlink() else "there is no such folder"
        fault = _fault(problem, folder, "correct policy.templates", rule="template-folder")
        raise TemplateError(
            f"templates can't be read from {folder}",
            fix="correct policy.templates in names.yaml, then: namehold plan",
            diagnostics=(fault,),
        )
    faults = tuple(_folder_faults(folder, modes))
    if faults:
        raise TemplateError(f"the templates in {folder} can't be used", diagnostics=faults)


def _folder_faults(folder: Path, modes: Collection[str]) -> Iterator[Diagnostic]:
    number = 0
    closed: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=closed.append):
        for name in sorted((*folders, *files)):
            number += 1
            if number > TEMPLATES_MAX:
                yield _fault(f"the folder has more than {TEMPLATES_MAX} files", folder, "keep templates alone there")
                return
            yield from _entry_faults(folder, Path(place, name), modes)
    for error in closed:
        yield _fault(f"this can't be read: {error.strerror}", Path(str(error.filename)), "make it readable")


def _entry_faults(folder: Path, path: Path, modes: Collection[str]) -> Iterator[Diagnostic]:
    try:
        state = path.lstat()
    except OSError as error:
        yield _fault(f"this can't be read: {error.strerror}", path, "make it readable")
        return
    if stat.S_ISDIR(state.st_mode):
        return
    if stat.S_ISREG(state.st_mode) and state.st_nlink > 1:
        yield _fault("this has a second name elsewhere (a hard link)", path, "put a copy in its place")
    elif not stat.S_ISREG(state.st_mode):
        yield _fault("this is a link or a device, not a file", path, "copy what it leads to, or remove it")
    elif path.relative_to(folder).parts[0] not in modes or path.suffix != SUFFIX:
        fix = f"name it <{'|'.join(sorted(modes))}>/<file>{SUFFIX}, or remove it"
        yield _fault("this isn't a template of any mode", path, fix)


def _fault(message: str, path: Path, fix: str, *, rule: str = "template-file") -> Diagnostic:
    return Diagnostic(message=message, rule=rule, path=str(path), fix=fix)

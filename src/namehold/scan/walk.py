"""The documents below a folder, one after the other: links are never followed, and everything is bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec

from namehold.files import InnerPath, Kind, NotPlainError
from namehold.text import count

#: A text that people read is shorter; a notebook carries its pictures.
MAX_FILE_BYTES: Final = 2_000_000
MAX_NOTEBOOK_BYTES: Final = 32_000_000
#: Folders below the scanned one that are entered one in another, and files that are read.
MAX_DEPTH: Final = 40
MAX_FILES: Final = 500_000

#: Folders of tools and of what was installed: no documents of the organization.
_SKIPPED: Final = frozenset(
    {".git", ".hg", ".svn", ".bzr", "node_modules", "__pycache__", "site-packages", "__pypackages__", ".eggs"}
    | {".tox", ".nox", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".namehold"}
)
_MARK_OF_ENVIRONMENT: Final = "pyvenv.cfg"
_IGNORE_FILE: Final = ".gitignore"
#: A pattern becomes a regular expression, whose time is exponential in the number of its stars.
_MOST_STARS: Final = 3
_MOST_PATTERNS: Final = 2_000
_LONGEST_PATTERN: Final = 300
#: Comparisons of paths with patterns in one walk, counted as those with one star, of about a microsecond each.
_MOST_COMPARISONS: Final = 100_000_000
#: To make a pattern of a line takes as long as so many.
_COST_OF_READING: Final = 100
#: One with more stars takes this share of a path's length, to the power of the stars.
_COSTS_OF_STARS: Final = {2: 1 / 20, 3: 1 / 36}


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: its path below the scanned folder, with slashes, and its text."""

    path: str
    text: str


#: Why a file was left out, after "1 file" and after "2 files" alike.
_NOT_PLAIN = "not plain (links, pipes, devices)"


@dataclass(slots=True)
class _Allowance:
    """How many comparisons of paths with patterns are left; below 0 once no further one is made."""

    left: float


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk has met: modules of its own that code may import, and what was left out, by the reason."""

    modules: set[str] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)
    allowance: _Allowance = field(default_factory=lambda: _Allowance(left=_MOST_COMPARISONS))

    def note_module(self, file: str) -> None:
        """Keeps the module that a file of this name is, if it is one."""
        stem, _, ending = file.partition(".")
        if ending in {"py", "pyi", "pyx"} or ending.endswith(("so", "pyd")):
            self.modules.add(stem)

    def tell(self) -> str:
        """What was left out, as a sentence; empty if nothing was."""
        parts = [f"{count(number, 'file')} {reason}" for reason, number in sorted(self.left_out.items())]
        told = [f"Left out: {', '.join(parts)}."] if parts else []
        if self.allowance.left < 0:
            told.append(f"The patterns in files {_IGNORE_FILE} take too long: not all of them were heeded.")
        return " ".join(told)


@dataclass(frozen=True, slots=True)
class _Ignored:
    """The patterns of one folder's .gitignore; `depth` is how many components stand before its paths.

    `stars` counts the patterns by the stars in them.
    """

    depth: int
    spec: GitIgnoreSpec
    stars: Counter[int]

    def cost_of(self, path: str) -> float:
        """What it costs to compare a path with all patterns, in comparisons with one star."""
        length = float(len(path))
        return sum(
            number * max(1.0, _COSTS_OF_STARS.get(stars, 0.0) * length**stars) for stars, number in self.stars.items()
        )


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to enter, and the patterns that hold in it, the outermost first."""

    place: InnerPath
    ignored: tuple[_Ignored, ...] = ()


def walk_documents(root: Path, walk: Walk, *, is_document: Callable[[str], bool]) -> Iterator[Document]:
    """Every file below `root` that `is_document` takes by its path, sorted folder by folder, without what git ignores.

    A file without an ending counts as well if its first line says which program runs it (`#!`).

    Links, pipes, devices, files that are too long and files that aren't text are left out and counted in `walk`.
    Raises OSError where `root` itself can't be read.
    """
    left = MAX_FILES
    folders = [_Folder(InnerPath(root))]
    while folders:
        files, inner = _list(folders.pop(), walk)
        for place in files:
            path = "/".join(place.parts)
            is_read = is_document(path) or ("." not in place.parts[-1] and _is_script(place))
            if is_read and (text := _read(place, walk)) is not None:
                yield Document(path, text)
                left -= 1
                if not left:
                    walk.left_out[f"beyond the first {MAX_FILES:,}"] += 1
                    return
        folders += reversed(inner)


def _list(folder: _Folder, walk: Walk) -> tuple[list[InnerPath], list[_Folder]]:
    """The files and folders of a folder that count, sorted."""
    try:
        entries = folder.place.entries()
    except OSError:
        if not folder.place.parts:
            raise
        walk.left_out["in folders that can't be read"] += 1
        return [], []
    names = {name for name, _ in entries}
    if _MARK_OF_ENVIRONMENT in names and folder.place.parts:
        return [], []
    has_patterns = _IGNORE_FILE in names and walk.allowance.left >= 0
    ignored = (*folder.ignored, *_read_ignored(folder.place, walk.allowance)) if has_patterns else folder.ignored
    files, folders = list[InnerPath](), list[_Folder]()
    for name, kind in entries:
        if kind is Kind.OTHER:
            walk.left_out[_NOT_PLAIN] += 1
            continue
        place = InnerPath(folder.place.root, (*folder.place.parts, name))
        if name in _SKIPPED or _is_ignored(place.parts, ignored, walk.allowance, is_folder=kind is Kind.FOLDER):
            continue
        if kind is Kind.FILE:
            walk.note_module(name)
            files.append(place)
        elif len(place.parts) > MAX_DEPTH:
            walk.left_out["in folders too deep"] += 1
        else:
            walk.modules.add(name)
            folders.append(_Folder(place, ignored))
    return files, folders


def read_document_at(path: Path, walk: Walk) -> Document | None:
    """One file that a person named; None where it can't be read as text, which `walk` counts then."""
    place = InnerPath(path.parent, (path.name,))
    text = _read(place, walk)
    return None if text is None else Document(path.name, text)


def _is_script(place: InnerPath) -> bool:
    try:
        with place.open() as stream:
            return stream.read(2) == b"#!"
    except OSError:
        return False


def _read(place: InnerPath, walk: Walk) -> str | None:
    most = MAX_NOTEBOOK_BYTES if place.parts[-1].lower().endswith(".ipynb") else MAX_FILE_BYTES
    try:
        with place.open() as stream:
            content = stream.read(most + 1)
    except NotPlainError:
        walk.left_out[_NOT_PLAIN] += 1
        return None
    except OSError:
        walk.left_out["not readable"] += 1
        return None
    if len(content) > most:
        walk.left_out["too long"] += 1
        return None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    elif b"\0" in content:
        walk.left_out["without text"] += 1
        return None
    else:
        text = content.decode("utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _read_ignored(folder: InnerPath, allowance: _Allowance) -> Iterator[_Ignored]:
    """The patterns of a folder's .gitignore that can be matched in little time."""
    try:
        with (folder / _IGNORE_FILE).open() as stream:
            text = stream.read(MAX_FILE_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return
    lines = [line for line in text.splitlines()[:_MOST_PATTERNS] if len(line) <= _LONGEST_PATTERN]
    fit = [line for line in lines if _stars_in(line) <= _MOST_STARS]
    allowance.left -= _COST_OF_READING * len(fit)
    try:
        spec = GitIgnoreSpec.from_lines(fit)
    except ValueError:
        # One pattern that git would pass over, too, spoils all of them here.
        spec = _one_by_one(fit)
    yield _Ignored(len(folder.parts), spec, Counter(map(_stars_in, fit)))


def _stars_in(line: str) -> int:
    return line.replace("**", "*").count("*")


def _one_by_one(lines: list[str]) -> GitIgnoreSpec:
    kept = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue
        kept.append(line)
    return GitIgnoreSpec.from_lines(kept)


def _is_ignored(
    parts: tuple[str, ...], ignored: tuple[_Ignored, ...], allowance: _Allowance, *, is_folder: bool
) -> bool:
    """Whether git ignores a path; the deepest folder's file says it first. Not, once that has taken too long."""
    for item in reversed(ignored):
        path = "/".join(parts[item.depth :]) + ("/" if is_folder else "")
        allowance.left -= item.cost_of(path)
        if allowance.left < 0:
            return False
        said = item.spec.check_file(path).include
        if said is not None:
            return said
    return False

"""A rendered placeholder in, checked files out; the same tree gives the same bytes anywhere.

    wheel, sdist = PlaceholderBuilder().build(tree, Path("dist"))

hatchling's builders are called in this process, as its PEP 517 hooks call them, because a process of its own for each
placeholder costs sixty times as much. PyPA's `build` stays the reference (`reference.py`): a test compares bytes.
A `refuse` placeholder's own backend only refuses, so hatchling writes its source distribution too.

Before a file leaves here it has passed every check that the index makes on files, on the very fields that twine sends.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from hatchling.builders.plugin.interface import BuilderInterface
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from namehold import files
from namehold.errors import BuildError, Diagnostic, InvalidDistribution
from namehold.index.rules import Fields, fields_of_file, find_refusal
from namehold.placeholder.model import Distribution, SourceTree
from namehold.portfolio import Mode

#: The time in every archive, in seconds since 1970: 1 January 2020, UTC. Any fixed time will do; zip starts at 1980.
SOURCE_DATE_EPOCH_S: Final = 1_577_836_800

#: A worker process takes as long to start as some thirty placeholders take to build.
TREES_PER_WORKER_MIN: Final = 50
#: Placeholders that a worker builds on one workbench.
_BATCH: Final = 16


class PlaceholderBuilder:
    """Builds placeholders with hatchling; a `Builder`."""

    def build(self, tree: SourceTree, folder: Path) -> tuple[Distribution, ...]:
        """Wheel and sdist of `tree` (`refuse`: sdist alone) in `folder`, wheel first; existing ones are replaced.

        Raises BuildError if hatchling can't build the tree or `folder` can't be written, InvalidDistribution with every
        reason if the index would refuse a file; nothing is left in `folder` then.
        """
        with open_workbench() as bench:
            return _build(tree, folder, bench)

    def build_all(self, trees: Sequence[SourceTree], folder: files.Place) -> Iterator[tuple[Distribution, ...]]:
        """What `build` gives for each of `trees`, in their order, as they are done; many are built on all processors.

        Raises what `build` raises, at the first tree that can't be built; those before it stay in `folder`.
        """
        workers = min(os.cpu_count() or 1, len(trees) // TREES_PER_WORKER_MIN)
        if workers < 2:  # noqa: PLR2004 -- one worker gains nothing
            with open_workbench() as bench:
                yield from (_build(tree, folder, bench) for tree in trees)
            return
        batches = [trees[start : start + _BATCH] for start in range(0, len(trees), _BATCH)]
        # Fresh processes: what a fork would copy (threads of a progress bar, locks) can hang a child.
        context = multiprocessing.get_context("spawn")
        with _no_imports_from_here(), ProcessPoolExecutor(workers, mp_context=context) as pool:
            for built in pool.map(partial(_build_batch, folder=folder), batches):
                yield from built


def _build_batch(trees: Sequence[SourceTree], folder: files.Place) -> list[tuple[Distribution, ...]]:
    with open_workbench() as bench:
        return [_build(tree, folder, bench) for tree in trees]


@contextmanager
def _no_imports_from_here() -> Iterator[None]:
    """Keeps new processes of Python from importing what lies in the current folder: it may be a stranger's checkout."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTHONSAFEPATH"]
        if before is not None:
            os.environ["PYTHONSAFEPATH"] = before


@contextmanager
def open_workbench() -> Iterator[Path]:
    """A temporary folder for one build after another: removing folders costs as much as the rest of a build."""
    with files.scratch_folder("build") as bench:
        for name in ("source", "output", ".git", ".hg"):
            # hatchling looks upwards to the next repository for an ignore file, and would obey it.
            (bench / name).mkdir()
        yield bench


def _build(tree: SourceTree, folder: files.Place, bench: Path) -> tuple[Distribution, ...]:
    """What `PlaceholderBuilder.build` promises, on a workbench that it leaves empty."""
    built = {filename: (content, fields_of_file(filename, content)) for filename, content in _contents(tree, bench)}
    faults = tuple(
        fault for filename, (content, fields) in built.items() for fault in _check(filename, content, fields, tree)
    )
    if faults:
        raise InvalidDistribution(f"the index would refuse the placeholder {tree.name}", diagnostics=faults)
    try:
        return tuple(_keep(filename, content, fields, tree, folder) for filename, (content, fields) in built.items())
    except OSError as error:
        raise files.machine_error(f"the placeholder {tree.name} can't be written to {folder}", error) from None


def _contents(tree: SourceTree, bench: Path) -> list[tuple[str, bytes]]:
    """File names and bytes, wheel first."""
    source, output = bench / "source", bench / "output"
    _require_inside(tree)
    try:
        write_tree(tree, source)
        return [(path.name, path.read_bytes()) for path in _build_files(source, output, tree)]
    except OSError as error:
        raise files.machine_error(f"the placeholder {tree.name} can't be built", error) from None
    finally:
        for path in (*(source / file.path for file in tree.files), *output.iterdir()):
            path.unlink(missing_ok=True)


def _require_inside(tree: SourceTree) -> None:
    outside = [file.path for file in tree.files if Path(file.path).is_absolute() or ".." in Path(file.path).parts]
    if outside:
        raise BuildError(f"the placeholder {tree.name} has files outside its folder: {', '.join(outside)}")


def write_tree(tree: SourceTree, folder: Path) -> None:
    """`tree` as files in `folder`, byte for byte. Raises BuildError, before anything is written, for a path outside."""
    _require_inside(tree)
    for file in tree.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8", newline="\n")


def _build_files(source: Path, output: Path, tree: SourceTree) -> list[Path]:
    """What hatchling's hooks do, but for the change of the working folder; the metadata are read once for both files.

    Raises BuildError for what hatchling refuses in the tree.
    """
    sdist = SdistBuilder(str(source))
    wheel = WheelBuilder(str(source), plugin_manager=sdist.plugin_manager, metadata=sdist.metadata)
    builders: tuple[BuilderInterface[Any, Any], ...] = (sdist,) if tree.mode is Mode.REFUSE else (wheel, sdist)
    try:
        with fixed_environment():
            return [
                Path(path)
                for builder in builders
                for path in builder.build(directory=str(output), versions=["standard"])
            ]
    except (OSError, ValueError, TypeError, LookupError) as error:
        if isinstance(error, OSError) and files.is_machine_error(error):
            # No room for temporary files: no template is at fault.
            raise
        fault = Diagnostic(message=f"hatchling: {error}", rule="build-failed", path=f"{tree.mode}/pyproject.toml.j2")
        raise BuildError(f"the placeholder {tree.name} can't be built", diagnostics=(fault,)) from None


@contextmanager
def fixed_environment() -> Iterator[None]:
    """What hatchling reads from the environment: SOURCE_DATE_EPOCH (reproducible-builds.org), and its own switches."""
    before = {key: value for key, value in os.environ.items() if key.startswith(("SOURCE_DATE_EPOCH", "HATCH_"))}
    for key in before:
        del os.environ[key]
    os.environ["SOURCE_DATE_EPOCH"] = str(SOURCE_DATE_EPOCH_S)
    try:
        yield
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]
        os.environ.update(before)


def _check(filename: str, content: bytes, fields: Fields, tree: SourceTree) -> list[Diagnostic]:
    """What is wrong with a built file, or with the form that is sent with it."""
    faults = [
        _fault(filename, "build-metadata", f"the {field} is {found!r}, not {expected!r}")
        for field, expected in (("name", str(tree.name)), ("version", tree.version))
        if (found := ", ".join(fields.get(field, ()))) != expected
    ]
    refusal = find_refusal(fields, filename, content)
    if refusal is not None:
        faults.append(_fault(filename, "build-refused", f"the index would answer {refusal.status}: {refusal.message}"))
    return faults


def _fault(filename: str, rule: str, message: str) -> Diagnostic:
    return Diagnostic(message=message, rule=rule, path=filename, fix="correct names.yaml or the template")


def _keep(filename: str, content: bytes, fields: Fields, tree: SourceTree, folder: files.Place) -> Distribution:
    """Writes a checked file to where it was asked for."""
    files.replace(folder / filename, [content], mode=files.PRIVATE)
    return Distribution(
        name=tree.name,
        version=tree.version,
        filename=filename,
        path=str(folder / filename),
        sha256=fields["sha256_digest"][0],
        size=len(content),
        mode=tree.mode,
        metadata=tuple((field, value) for field in sorted(fields) for value in fields[field]),
    )

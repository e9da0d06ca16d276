"""Reads what real wheels show of labelled packages, and counts how often each kind of surface is a labelled name.

    python -m bench.read_surfaces --data DIR --wheels FOLDER --wheels FOLDER -o bench/data/surfaces.csv

DIR holds `names_dev.csv` (set,target,name,group). The wheels are read with the program's own discovery; other packages'
wheels are left out. Of packages without a wheel here, the rows (target,kind,value) of the kept table stay, because the
wheels of another day show other things. `learn_weights.py --surfaces` learns from the table.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.utils import InvalidWheelFilename, NormalizedName, parse_wheel_filename

from bench.labelled import count_surfaces, read_labelled, read_packages
from namehold.candidates.wordlists import popular_names
from namehold.evidence.surfaces import read_metadata, read_wheel
from namehold.index import open_archive
from namehold.portfolio.packages import Surface, SurfaceKind

#: What people reach a package by, and the extras, which are put on its name.
KINDS = (
    SurfaceKind.IMPORT,
    SurfaceKind.NAMESPACE,
    SurfaceKind.COMMAND,
    SurfaceKind.EXTRA,
    SurfaceKind.FORMER,
    SurfaceKind.REPOSITORY,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of the labelled names")
    parser.add_argument("--wheels", type=Path, action="append", required=True, metavar="FOLDER")
    parser.add_argument("--kept", type=Path, default=Path("bench/data/surfaces.csv"), help="what was read before")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    options = parser.parse_args()
    labelled = read_labelled([options.data / "names_dev.csv"], options.kept)
    by_target = dict(read_wheels(options.wheels, [package.name for package in labelled.packages]))
    rows = {(target, surface.kind, surface.value) for target, found in by_target.items() for surface in found}
    for package in labelled.packages:
        if package.name not in by_target:
            rows |= {(package.name, surface.kind, surface.value) for surface in package.surfaces}
    with options.output.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(("target", "kind", "value"))
        table.writerows(sorted(rows))
    print(f"{len(by_target)} of {len(labelled.packages)} labelled packages have a wheel here")
    found = read_packages([package.name for package in labelled.packages], options.output)
    print(f"{sum(bool(package.surfaces) for package in found)} have surfaces in the table")
    print("| surface | labelled | all |\n| --- | --- | --- |")
    for (kind, is_crowd), (hits, count) in count_surfaces(found, labelled, popular_names().ranks).items():
        print(f"| {kind}{', one of many' if is_crowd else ''} | {hits} | {count} |")


def read_wheels(
    folders: Iterable[Path], wanted: Iterable[NormalizedName]
) -> Iterator[tuple[NormalizedName, tuple[Surface, ...]]]:
    """The surfaces of each wanted package, from the first of its wheels."""
    wheels: dict[NormalizedName, Path] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.whl"))):
        try:
            name, *_ = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            continue
        wheels.setdefault(name, path)
    for name in sorted(wheels.keys() & set(wanted)):
        path = wheels[name]
        with path.open("rb") as stream, open_archive(path.name, stream) as archive:
            about = next(item for item in archive.names if item.endswith(".dist-info/METADATA"))
            metadata = archive.read(about).decode("utf-8", "replace")
            found = (
                *read_wheel(archive, source=path.name),
                *read_metadata(name, metadata, source=path.name).surfaces,
            )
        yield name, tuple(surface for surface in found if surface.kind in KINDS)


if __name__ == "__main__":
    main()

"""Makes `src/namehold/data/imports.json`: which project ships a module, from the records of real wheels.

    python -m pip download --no-deps --only-binary :all: -d wheels beautifulsoup4 pillow pyyaml ...
    python -m bench.imports wheels

Each wheel's RECORD lists its files: a package is the highest folder with an `__init__.py`, a module a file at the top.
Where several wheels ship a module, the project of the same name counts, else the most downloaded one (the order of
`src/namehold/data/popular.txt.gz`). A project of the module's own name that is downloaded more often counts unread.
A root without an `__init__.py` that several wheels share belongs to none of them.
Modules that have their project's name are left out: they stand for themselves.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import zipfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename

from namehold.index.rules import is_stdlib

DATA = Path(__file__).parents[1] / "src" / "namehold" / "data"
#: Folders that wheels ship by mistake, or that aren't meant to be imported.
NOT_MODULES = frozenset({"benchmarks", "docs", "examples", "scripts", "setup", "test", "tests", "tools", "utils"})


def modules_of(wheel: Path) -> set[str]:
    """The modules that a wheel adds, dotted where they lie in a namespace (`google.protobuf`)."""
    with zipfile.ZipFile(wheel) as archive:
        # A vendored project's own record lies deeper.
        names = [name for name in archive.namelist() if name.endswith(".dist-info/RECORD") and name.count("/") == 1]
        record = names[0]
        rows = csv.reader(io.TextIOWrapper(archive.open(record), encoding="utf-8"))
        files = [PurePosixPath(row[0]) for row in rows if row and ".." not in row[0]]
        # A `.pth` file adds folders to the path, from which their modules are imported without the folder's name.
        paths = [str(file) for file in files if len(file.parts) == 1 and file.suffix == ".pth"]
        lines = [line.strip() for path in paths for line in archive.read(path).decode(errors="replace").splitlines()]
    added = {PurePosixPath(line.replace("\\", "/")) for line in lines if line and not line.startswith(("#", "import"))}
    files = [PurePosixPath(file.name) if file.parent in added else file for file in files]
    folders = {file.parent for file in files if file.name == "__init__.py"}
    tops = {folder for folder in folders if folders.isdisjoint(folder.parents)}
    found = {".".join(folder.parts) for folder in tops}
    found |= {
        file.name.partition(".")[0] for file in files if len(file.parts) == 1 and file.suffix in {".py", ".pyd", ".so"}
    }
    return {module for module in found if is_module(module)}


def is_module(module: str) -> bool:
    """Whether people import a module from outside its project."""
    parts = module.split(".")
    return (
        all(part.isidentifier() for part in parts)
        and parts[0] not in NOT_MODULES
        and not any(part.startswith("_") for part in parts)
        and not is_stdlib(canonicalize_name(parts[0]))
    )


def make_table(wheels: list[Path], ranks: dict[NormalizedName, int]) -> dict[str, object]:
    """The table of all `wheels`."""
    makers: dict[str, set[NormalizedName]] = defaultdict(set)
    for wheel in wheels:
        name = parse_wheel_filename(wheel.name)[0]
        for module in modules_of(wheel):
            makers[module].add(name)
    spaces: dict[str, set[NormalizedName]] = defaultdict(set)
    for module, names in makers.items():
        if "." in module:
            spaces[module.partition(".")[0]] |= names

    def chosen(module: str) -> NormalizedName:
        own = canonicalize_name(module)
        most = min(makers[module], key=lambda name: (name != own, ranks.get(name, len(ranks)), name))
        return own if ranks.get(own, len(ranks)) < ranks.get(most, len(ranks)) else most

    table = {module: chosen(module) for module in sorted(makers)}
    return {
        "source": f"RECORD of {len(wheels)} wheels of the public index, made by bench/imports.py",
        "date": datetime.now(UTC).date().isoformat(),
        "modules": {
            module: name for module, name in table.items() if "." in module or canonicalize_name(module) != name
        },
        "shared": sorted(root for root, names in spaces.items() if len(names) > 1 and root not in makers),
    }


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("wheels", type=Path, help="the folder of the downloaded wheels")
    given = ask.parse_args()
    lines = gzip.decompress((DATA / "popular.txt.gz").read_bytes()).decode().splitlines()
    ranks = {canonicalize_name(name): rank for rank, name in enumerate(lines) if not name.startswith("#")}
    table = make_table(sorted(given.wheels.glob("*.whl")), ranks)
    (DATA / "imports.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(table["source"], table["date"], len(table["modules"]), "modules", *table["shared"])  # type: ignore[arg-type, misc]


if __name__ == "__main__":
    main()

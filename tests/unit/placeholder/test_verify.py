"""What `namehold build --verify` rebuilds is a stranger's file: it must be inert before a builder sees it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.placeholders import PROFILE, action, portfolio

from namehold.errors import InputError
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.render import Templates
from namehold.placeholder.verify import read_tree
from namehold.portfolio.model import Mode

TOP = "acme_tol-0.0.1"
PROJECT = f"{TOP}/pyproject.toml"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Mode, Mapping[str, bytes]]:
    """The files of a sound sdist in each mode, by their paths in it."""
    found = {}
    for mode in Mode:
        tree = Templates(None, PROFILE).render(action("acme-tol", mode), portfolio())
        built = PlaceholderBuilder().build(tree, tmp_path_factory.mktemp("dist"))
        with tarfile.open(built[-1].path) as archive:
            found[mode] = {item.name: archive.extractfile(item).read() for item in archive}  # type: ignore[union-attr]  # files
    return found


def pack(folder: Path, files: Mapping[str, bytes]) -> Path:
    path = folder / f"{TOP}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("mode", list(Mode))
def test_a_sound_sdist_gives_the_tree_that_it_was_built_from(
    tmp_path: Path, whole: Mapping[Mode, Mapping[str, bytes]], mode: Mode
) -> None:
    rendered = Templates(None, PROFILE).render(action("acme-tol", mode), portfolio())
    read = read_tree(pack(tmp_path, whole[mode]))
    assert (read.name, read.version, read.mode, read.files) == ("acme-tol", "0.0.1", mode, rendered.files)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "path",
    [
        f"{TOP}/hatch.toml",
        f"{TOP}/hatch_build.py",
        f"{TOP}/setup.py",
        f"{TOP}/.gitignore",
        f"{TOP}/backend/__init__.py",
        f"{TOP}/other/README.md",
        f"{TOP}//etc/passwd",
        "other/README.md",
        "README.md",
        f"{TOP}/../../README.md",
    ],
)
def test_a_file_more_than_a_placeholder_has_is_never_rebuilt(
    tmp_path: Path, whole: Mapping[Mode, Mapping[str, bytes]], mode: Mode, path: str
) -> None:
    with pytest.raises(InputError):
        read_tree(pack(tmp_path, {**whole[mode], path: b""}))


@pytest.mark.parametrize("mode", list(Mode))
def test_a_file_less_is_never_rebuilt(tmp_path: Path, whole: Mapping[Mode, Mapping[str, bytes]], mode: Mode) -> None:
    for path in whole[mode]:
        with pytest.raises(InputError):
            read_tree(pack(tmp_path, {name: content for name, content in whole[mode].items() if name != path}))


def test_a_link_in_place_of_a_file_is_never_rebuilt(tmp_path: Path, whole: Mapping[Mode, Mapping[str, bytes]]) -> None:
    path = pack(tmp_path, whole[Mode.REDIRECT])
    link = tarfile.TarInfo(f"{TOP}/hatch.toml")
    link.type, link.linkname = tarfile.SYMTYPE, "README.md"
    with tarfile.open(path) as old, tarfile.open(tmp_path / "new.tar.gz", "w:gz") as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        new.addfile(link)
    with pytest.raises(InputError, match="the audit has findings"):
        read_tree((tmp_path / "new.tar.gz").replace(path))


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"ignore-vcs = true", b"ignore-vcs = true\nhooks.custom.path = 'README.md'"),
        (b"ignore-vcs = true", b"ignore-vcs = true\ndirectory = '/tmp/elsewhere'"),
        (b"ignore-vcs = true", b"ignore-vcs = true\ntargets.custom.path = 'README.md'"),
        (b"ignore-vcs = true", b"ignore-vcs = true\n[tool.hatch.metadata.hooks.custom]\npath = 'README.md'"),
        (b"ignore-vcs = true", b"ignore-vcs = true\n[tool.hatch.version]\nsource = 'code'\npath = 'README.md'"),
        (b'only-include = ["', b'only-include = ["/etc", "'),
        (b'only-include = ["', b'only-include = [".", "'),
        (b'only-include = ["', b'hooks.version.path = "x.py"\nonly-include = ["'),
        (b'only-include = ["', b'support-legacy = true\nonly-include = ["'),
        (b'only-include = ["', b'dependencies = ["evil"]\nonly-include = ["'),
        (b'license = "0BSD"', b'license = { file = "/etc/passwd" }'),
        (b'license-files = ["LICENSE"]', b'license-files = ["/etc/*"]'),
        (b'readme = "README.md"', b'readme = { file = "/etc/passwd", content-type = "text/markdown" }'),
        (b'license = "0BSD"', b'license = "0BSD"\ndynamic = ["urls"]'),
        (b"[build-system]", b"[build-system]\nbackend-path = ['.']"),
        (b"[build-system]", b"[tool.other]\n[build-system]"),
    ],
)
def test_settings_that_run_code_or_take_in_other_files_are_never_rebuilt(
    tmp_path: Path, whole: Mapping[Mode, Mapping[str, bytes]], mode: Mode, old: bytes, new: bytes
) -> None:
    assert old in whole[mode][PROJECT]
    files = {**whole[mode], PROJECT: whole[mode][PROJECT].replace(old, new, 1)}
    with pytest.raises(InputError, match="the audit has findings"):
        read_tree(pack(tmp_path, files))


@pytest.mark.parametrize("line", [b'"/etc/passwd" = "reservation.json"', b'"~/.netrc" = "x"', b'"." = "x"'])
def test_a_wheels_metadata_take_in_no_file_from_elsewhere(
    tmp_path: Path, whole: Mapping[Mode, Mapping[str, bytes]], line: bytes
) -> None:
    files = {**whole[Mode.REDIRECT], PROJECT: whole[Mode.REDIRECT][PROJECT] + line + b"\n"}
    with pytest.raises(InputError, match="the audit has findings"):
        read_tree(pack(tmp_path, files))

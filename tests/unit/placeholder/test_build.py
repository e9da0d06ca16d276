from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.harness.values import PROFILE, action, full_portfolio

from namehold.errors import BuildError, InvalidDistribution, MachineError
from namehold.placeholder.build import SOURCE_DATE_EPOCH_S, PlaceholderBuilder, write_tree
from namehold.placeholder.model import SourceFile, SourceTree
from namehold.placeholder.render import Templates
from namehold.portfolio.model import Mode


def tree(mode: Mode = Mode.REDIRECT, name: str = "acme-tol") -> SourceTree:
    return Templates(None, PROFILE).render(action(name, mode), full_portfolio())


def with_text(source: SourceTree, path: str, old: str, new: str) -> SourceTree:
    files = {file.path: file.text for file in source.files}
    assert old in files[path]
    files[path] = files[path].replace(old, new)
    return replace(source, files=tuple(SourceFile(path=name, text=text) for name, text in files.items()))


@pytest.mark.parametrize(
    ("mode", "filenames"),
    [
        (Mode.REDIRECT, ["acme_tol-0.0.1-py3-none-any.whl", "acme_tol-0.0.1.tar.gz"]),
        (Mode.SIGNPOST, ["acme_tol-0.0.1-py3-none-any.whl", "acme_tol-0.0.1.tar.gz"]),
        (Mode.REFUSE, ["acme_tol-0.0.1.tar.gz"]),
    ],
)
def test_each_mode_gives_its_files(tmp_path: Path, mode: Mode, filenames: list[str]) -> None:
    built = PlaceholderBuilder().build(tree(mode), tmp_path / "new" / "dist")
    assert [item.filename for item in built] == filenames
    for item in built:
        content = Path(item.path).read_bytes()
        assert item.size == len(content)
        assert item.sha256 == hashlib.sha256(content).hexdigest()
    assert sorted(path.name for path in (tmp_path / "new" / "dist").iterdir()) == sorted(filenames)


def test_a_redirect_wheel_holds_one_module_and_the_reservation(tmp_path: Path) -> None:
    wheel, sdist = PlaceholderBuilder().build(tree(), tmp_path)
    info = "acme_tol-0.0.1.dist-info"
    with zipfile.ZipFile(wheel.path) as archive:
        assert sorted(archive.namelist()) == [
            f"{info}/METADATA",
            f"{info}/RECORD",
            f"{info}/WHEEL",
            f"{info}/extra_metadata/reservation.json",
            f"{info}/licenses/LICENSE",
            "acme_tol_notice.py",
        ]
        reservation = json.loads(archive.read(f"{info}/extra_metadata/reservation.json"))
    assert reservation["name"] == "acme-tol"
    with tarfile.open(sdist.path) as archive_:
        names = sorted(archive_.getnames())
    files = ["LICENSE", "PKG-INFO", "README.md", "acme_tol_notice.py", "pyproject.toml", "reservation.json"]
    assert names == [f"acme_tol-0.0.1/{file}" for file in files]


def test_the_form_holds_what_the_index_is_told(tmp_path: Path) -> None:
    wheel, sdist = PlaceholderBuilder().build(tree(), tmp_path)
    form = dict(wheel.metadata)
    assert form["name"] == "acme-tol"
    assert form["filetype"] == "bdist_wheel"
    assert form["requires_dist"] == "acme-tool"
    assert form["metadata_version"] == "2.4"
    assert form["description_content_type"] == "text/markdown"
    assert form["sha256_digest"] == wheel.sha256
    assert ("project_urls", "Reservations, https://acme.example/names") in wheel.metadata
    assert dict(sdist.metadata)["filetype"] == "sdist"


def test_archives_carry_no_trace_of_who_built_them_when(tmp_path: Path) -> None:
    _, sdist = PlaceholderBuilder().build(tree(), tmp_path)
    with tarfile.open(sdist.path) as archive:
        for member in archive.getmembers():
            assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
            assert member.mtime == SOURCE_DATE_EPOCH_S


_ELSEWHERE = """
import os, sys
os.umask(int(sys.argv[1], 8))
from pathlib import Path
from namehold.placeholder import PlaceholderBuilder, Templates
from namehold.portfolio import Mode
from tests.harness.values import PROFILE, action, full_portfolio
for mode in Mode:
    tree = Templates(None, PROFILE).render(action(mode=mode), full_portfolio())
    for item in PlaceholderBuilder().build(tree, Path(sys.argv[2], mode)):
        print(item.sha256)
"""


_HATCH = {"HATCH_BUILD_HOOKS_ONLY": "1", "HATCH_BUILD_LOCATION": "elsewhere"}


def test_the_same_bytes_in_another_folder_umask_locale_and_time_zone(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    here = [item.sha256 for mode in Mode for item in PlaceholderBuilder().build(tree(mode), tmp_path / mode)]
    strange = tmp_path / "a folder with späces"
    strange.mkdir()
    for name in (".gitignore", ".hgignore"):
        (strange / name).write_text("*\n", encoding="utf-8")
    for umask, environment in (
        ("077", {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "315532800"}),
        ("000", {"TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "HOME": "/nowhere", **_HATCH}),
    ):
        paths = {"PYTHONPATH": str(root), "TMPDIR": str(strange), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            [sys.executable, "-c", _ELSEWHERE, umask, str(strange)],
            env=paths | environment,
            cwd=strange,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == here


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(MachineError, match="can't be written"):
        PlaceholderBuilder().build(tree(), tmp_path / "file")


def test_the_environment_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "12345")
    PlaceholderBuilder().build(tree(), tmp_path)
    assert os.environ["SOURCE_DATE_EPOCH"] == "12345"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    PlaceholderBuilder().build(tree(), tmp_path)
    assert "SOURCE_DATE_EPOCH" not in os.environ


@pytest.mark.parametrize(
    ("path", "old", "new", "part"),
    [
        ("pyproject.toml", "[project.urls]", '[project.urls]\n"Homepage page" = "no address"', "no address"),
        ("pyproject.toml", '"acme-tol"', '"acme-other"', "acme-other"),
        ("pyproject.toml", '"0.0.1"', '"0.0.2"', "0.0.2"),
        ("pyproject.toml", "Install Acme_Tool", "x" * 512, "512"),
        ("pyproject.toml", '"Homepage" =', '"' + "L" * 33 + '" =', "32 characters"),
    ],
)
def test_what_the_index_would_refuse_never_leaves(tmp_path: Path, path: str, old: str, new: str, part: str) -> None:
    with pytest.raises(InvalidDistribution) as caught:
        PlaceholderBuilder().build(with_text(tree(), path, old, new), tmp_path)
    assert any(part in fault.message for fault in caught.value.diagnostics())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('license = "0BSD"', 'license = "No Such Licence"'),
        ("[project]", "[project"),
        ('readme = "README.md"', "readme = 1"),
    ],
)
def test_what_hatchling_does_not_take_is_one_clear_error(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(BuildError) as caught:
        PlaceholderBuilder().build(with_text(tree(), "pyproject.toml", old, new), tmp_path)
    assert caught.value.diagnostics()[0].message.startswith("hatchling: ")


def test_many_are_built_in_their_order_with_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What lies in the current folder is a stranger's: no worker may import it.
    (tmp_path / "pickle.py").write_text("open('imported', 'w').close()\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    # So that few are many: three batches for two workers.
    monkeypatch.setattr("namehold.placeholder.build.TREES_PER_WORKER_MIN", 6)
    monkeypatch.setattr("namehold.placeholder.build._BATCH", 5)
    templates = Templates(None, PROFILE)
    trees = [templates.render(action(f"acme-tool-{number}", Mode.SIGNPOST), full_portfolio()) for number in range(12)]
    built = list(PlaceholderBuilder().build_all(trees, tmp_path / "many"))
    assert [files[0].name for files in built] == [source.name for source in trees]
    alone = PlaceholderBuilder().build(trees[-1], tmp_path / "one")
    assert [item.sha256 for item in built[-1]] == [item.sha256 for item in alone]
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize("path", ["/outside.txt", "../outside.txt", "backend/../../outside.txt"])
def test_a_tree_never_writes_outside_its_folder(tmp_path: Path, path: str) -> None:
    target = tmp_path / "outside.txt"
    target.write_text("mine", encoding="utf-8")
    path = str(target) if path.startswith("/") else path
    hostile = replace(tree(), files=(*tree().files, SourceFile(path=path, text="theirs")))
    with pytest.raises(BuildError, match=r"outside\.txt"):
        write_tree(hostile, tmp_path / "source")
    assert target.read_text(encoding="utf-8") == "mine"
    with pytest.raises(BuildError):
        PlaceholderBuilder().build(hostile, tmp_path / "dist")
    assert target.read_text(encoding="utf-8") == "mine"
    assert [item.name for item in tmp_path.iterdir()] == ["outside.txt"]

"""Walking a tree that somebody else has prepared: nothing outside of it is read, nothing in it hangs the walk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from namehold.scan import read_documents
from namehold.scan.walk import MAX_DEPTH, MAX_FILE_BYTES, Walk, walk_documents

_TEXT = "pip install acme-tool\n"


def write(root: Path, *paths: str, text: str = _TEXT) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def files_of(root: Path) -> list[str]:
    return [file for file, _ in read_documents(root).uses]


def test_files_are_read_folder_by_folder_in_order(tmp_path: Path) -> None:
    write(tmp_path, "b/a.md", "a/b.md", "a/a.md", "z.md", "a.md", "picture.png")
    assert files_of(tmp_path) == ["a.md", "z.md", "a/a.md", "a/b.md", "b/a.md"]


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    write(outside, "secret.md")
    write(root, "kept.md")
    (root / "file.md").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside)
    (root / "round").symlink_to(root)
    os.link(outside / "secret.md", root / "hard.md")
    found = read_documents(root)
    assert [file for file, _ in found.uses] == ["kept.md"]
    assert found.walk.left_out["not plain (links, pipes, devices)"] == 4
    assert found.walk.tell() == "Left out: 4 files not plain (links, pipes, devices)."


def test_pipes_and_sockets_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "kept.md")
    os.mkfifo(tmp_path / "pipe.md")
    assert files_of(tmp_path) == ["kept.md"]


def test_a_file_that_is_too_long_or_no_text_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "kept.md")
    write(tmp_path, "long.md", text=_TEXT + "x" * MAX_FILE_BYTES)
    (tmp_path / "binary.md").write_bytes(_TEXT.encode() + b"\0\1")
    (tmp_path / "wide.md").write_text(_TEXT, "utf-16")
    (tmp_path / "latin.md").write_bytes(b"caf\xe9: " + _TEXT.encode())
    found = read_documents(tmp_path)
    assert [file for file, _ in found.uses] == ["kept.md", "latin.md", "wide.md"]
    assert found.walk.left_out == {"too long": 1, "without text": 1}


def test_one_file_that_is_left_out_is_told_in_the_singular(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "binary.md").write_bytes(b"\0\1")
    said = "Left out: 1 file not plain (links, pipes, devices), 1 file without text."
    assert read_documents(tmp_path).walk.tell() == said


def test_a_sparse_file_of_a_terabyte_costs_nothing(tmp_path: Path) -> None:
    write(tmp_path, "kept.md")
    with (tmp_path / "huge.md").open("wb") as stream:
        stream.truncate(1 << 40)
    assert files_of(tmp_path) == ["kept.md"]


def test_folders_beyond_a_depth_are_left_out(tmp_path: Path) -> None:
    deep = Path(*["d"] * (MAX_DEPTH + 3))
    write(tmp_path, "kept.md", str(deep / "deep.md"), str(Path(*["d"] * MAX_DEPTH) / "last.md"))
    found = read_documents(tmp_path)
    assert [file.rpartition("/")[2] for file, _ in found.uses] == ["kept.md", "last.md"]
    assert found.walk.left_out == {"in folders too deep": 1}


def test_what_git_ignores_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "build/b.md", "docs/c.md", "docs/kept.md", "docs/sub/c.md", "x/d.md", "x/kept.md")
    write(tmp_path, ".gitignore", text="/build/\n*.md\n!kept.md\n!d.md\n# a comment\n")
    write(tmp_path, "x/.gitignore", text="d.md\n")
    assert files_of(tmp_path) == ["docs/kept.md", "x/kept.md"]


@pytest.mark.parametrize("pattern", ["*a" * 100, "[" * 200, "**/" * 100 + "x", "!" * 300, "a" * 1_000_000, "\\"])
def test_no_pattern_makes_the_walk_hang_or_fail(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, "a" * 200 + ".md")
    write(tmp_path, ".gitignore", text=f"{pattern}\nother.md\n" * 5)
    assert len(files_of(tmp_path)) == 1


@pytest.mark.parametrize("way", ["slow patterns", "many paths", "many files of patterns"])
def test_patterns_cost_a_bounded_time_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr("namehold.scan.walk._MOST_COMPARISONS", 100_000)
    if way == "slow patterns":
        write(tmp_path, "a" * 230 + ".md", text=_TEXT)
        write(tmp_path, ".gitignore", text="\n".join(f"*a*a*a{number}b" for number in range(200)))
    else:
        patterns = "\n".join(f"x{number}/*.y" for number in range(200))
        folders = [""] if way == "many paths" else [f"f{number}/" for number in range(8)]
        write(tmp_path, *(f"{folder}.gitignore" for folder in folders), text=patterns)
        write(tmp_path, *(f"{folders[0]}{number}.md" for number in range(500 if way == "many paths" else 1)))
    walk = Walk()
    found = list(walk_documents(tmp_path, walk, is_document=lambda path: path.endswith(".md")))
    assert len(found) == (500 if way == "many paths" else 1)
    assert "take too long" in walk.tell()


def test_folders_of_tools_and_environments_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, ".git/a.md", "node_modules/x/a.md", "env/pyvenv.cfg", "env/lib/a.md", ".github/workflows/a.yml")
    assert files_of(tmp_path) == [".github/workflows/a.yml"]


def test_a_module_of_the_tree_is_no_project(tmp_path: Path) -> None:
    write(tmp_path, "acme/core.py", "tools.py", text="import acme, tools, helper, requests\n")
    write(tmp_path, "tests/helper/__init__.py", text="")
    walk = Walk()
    assert len(list(walk_documents(tmp_path, walk, is_document=lambda path: path.endswith(".py")))) == 3
    assert {"acme", "tools", "helper"} <= walk.modules


def test_a_file_that_is_named_alone_is_read_whatever_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "docs/INSTALLING")
    assert files_of(tmp_path / "docs" / "INSTALLING") == ["INSTALLING"]
    monkeypatch.chdir(tmp_path)
    assert files_of(Path("docs/INSTALLING")) == ["docs/INSTALLING"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.py", "(" * 100_000),
        ("minus.py", "pip install x\n" + "-" * 200_000 + "1"),
        ("sum.py", "# install\nx = " + "+".join("1" * 50_000)),
        ("attribute.py", "# install\nx = a" + ".b" * 100_000),
        ("pyproject.toml", "a" + ".a" * 300_000 + " = 1"),
        ("deep/pyproject.toml", "a = " + "[" * 100_000),
        ("number/pyproject.toml", "a = " + "1" * 100_000),
        ("deep.ipynb", "[" * 100_000),
        ("environment.yml", "dependencies:\n - pip: " + "[" * 10_000),
        ("anchors.yml", "dependencies: &a\n - pip:\n   - *a\n"),
        ("requirements.txt", "a[" * 100_000 + "\n" + "a;" * 100_000 + "\n" + "\\\n" * 100_000),
        ("words.md", "pip install " + "acme-tool " * 30_000),
        ("fences.md", "```\n" * 200_000),
        ("quotes.md", "pip install " + "'\"`" * 50_000),
        ("imports.py", "import " + "a, " * 300_000 + "\n" + "from a import (" * 50_000),
        ("directive.rst", ".. code-block:: python\n" * 50_000),
        ("spaces.py", " " * 1_000_000 + "import x\n" + "\t\n" * 300_000),
        ("setup.cfg", "[options]\ninstall_requires =\n" + " a\n" * 300_000),
        ("setup.py", "setup(install_requires=" + "[" * 90 + "]" * 90 + ")\nsetup(install_requires=x)\n"),
    ],
)
def test_a_hostile_document_neither_hangs_nor_fails(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, name, text=text)
    assert read_documents(tmp_path).scanned == 1


def test_a_file_without_an_ending_is_read_if_it_is_a_script(tmp_path: Path) -> None:
    write(tmp_path, "bin/start", text=f"#!/bin/sh\n{_TEXT}")
    write(tmp_path, "LICENSE", "bin/notes")
    found = read_documents(tmp_path)
    assert ([file for file, _ in found.uses], found.scanned) == (["bin/start"], 1)


def test_mentions_of_all_documents_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.md", "b.md", "c.md"):
        (tmp_path / name).write_text("pip install acme-one acme-two acme-three\n", "utf-8")
    (tmp_path / "d.md").write_text("Nothing is mentioned.\n", "utf-8")
    monkeypatch.setattr("namehold.scan.run.MOST_IN_ALL", 4)
    found = read_documents(tmp_path)
    assert [str(use.name) for _, use in found.uses] == ["acme-one", "acme-two", "acme-three", "acme-one"]
    assert found.walk.tell() == "Left out: 2 files after the first 4 mentions."
    monkeypatch.setattr("namehold.scan.run.MOST_IN_ALL", 9)
    assert read_documents(tmp_path).walk.tell() == ""

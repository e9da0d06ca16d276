"""`namehold init` and `namehold schema`, as they are called."""

from __future__ import annotations

import json
import os
import pty
import shlex
from pathlib import Path

import pytest
from tests.harness.cli import call, start

from namehold.portfolio.read import json_schema, load_portfolio

_ALL = [
    "--organization",
    "Acme Robotics",
    "--contact",
    "https://acme-robotics.dev/security",
    "--username",
    "acme-reserve",
    "--package",
    "acme-tool",
    "--package",
    "acme-robotics-sdk",
]


def test_init_writes_a_file_that_loads_and_names_the_next_command(tmp_path: Path) -> None:
    done = call("init", *_ALL, cwd=tmp_path)
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[-1] == "Next: namehold plan"
    loaded = load_portfolio(tmp_path / "names.yaml")
    assert loaded.warnings == ()
    assert loaded.portfolio.organization.name == "Acme Robotics"
    assert loaded.portfolio.account.index == "pypi"
    assert [package.name for package in loaded.portfolio.packages] == ["acme-tool", "acme-robotics-sdk"]
    assert not loaded.portfolio.publishing.enabled
    assert [path.name for path in tmp_path.iterdir()] == ["names.yaml"]


def test_init_writes_where_it_is_told_to(tmp_path: Path) -> None:
    done = call("init", "sub folder/[mine].yaml", "--index", "testpypi", *_ALL, cwd=tmp_path)
    assert done.code == 0
    assert done.err.splitlines()[-1] == "Next: namehold plan --config 'sub folder/[mine].yaml'"
    assert load_portfolio(tmp_path / "sub folder" / "[mine].yaml").portfolio.account.index == "testpypi"


def test_init_takes_packages_from_a_list(tmp_path: Path) -> None:
    (tmp_path / "packages.txt").write_text("# ours\nAcme_Tool  # the oldest\n\nacme-extra\n", encoding="utf-8")
    done = call("init", *_ALL, "--from", "packages.txt", cwd=tmp_path)
    assert done.code == 0, done.err
    packages = load_portfolio(tmp_path / "names.yaml").portfolio.packages
    assert [package.name for package in packages] == ["acme-tool", "acme-robotics-sdk", "acme-extra"]


def test_init_never_overwrites(tmp_path: Path) -> None:
    file = tmp_path / "names.yaml"
    file.write_text("mine\n", encoding="utf-8")
    dangling = tmp_path / "link.yaml"
    dangling.symlink_to(tmp_path / "nothing")
    for arguments in ([], ["link.yaml"]):
        done = call("init", *arguments, *_ALL, cwd=tmp_path)
        assert done.code == 2
        assert "exists already" in done.err
        assert "namehold init FILE" in done.err
    assert file.read_text(encoding="utf-8") == "mine\n"
    assert dangling.is_symlink()


def test_init_asks_nothing_without_a_terminal_but_says_what_is_missing(tmp_path: Path) -> None:
    done = call("init", "a.yaml", "--organization", "Acme Robotics", "--package", "acme-tool", cwd=tmp_path)
    assert done.code == 2
    assert "missing: --contact, --username;" in done.err
    assert list(tmp_path.iterdir()) == []
    # Each offered call has what was given already, and writes the same file.
    first, second = done.err.splitlines()[-1].removeprefix("Next: ").split(", and write them later; or ")
    assert shlex.split(second)[-4:] == ["--contact", "TEXT", "--username", "TEXT"]
    assert call(*shlex.split(first)[1:], cwd=tmp_path).code == 0
    assert (tmp_path / "a.yaml").exists()


def test_init_says_everything_that_is_wrong_with_what_it_was_given(tmp_path: Path) -> None:
    wrong = [
        "--organization",
        "UNKNOWN",
        "--contact",
        "ask me",
        "--username",
        "me@acme.dev",
        "--package",
        "acme tool\u202e",
    ]
    done = call("init", *wrong, cwd=tmp_path)
    assert done.code == 2
    rules = ("config-leftover", "config-contact", "config-username", "config-name")
    assert [rule for rule in rules if rule not in done.err] == []
    assert "names.yaml:" not in done.err
    assert list(tmp_path.iterdir()) == []


def test_init_warns_about_a_persons_mailbox_where_it_stands(tmp_path: Path) -> None:
    done = call("init", *_ALL, "--contact", "mara.lind@acme-robotics.dev", cwd=tmp_path)
    assert done.code == 0
    warned = next(line for line in done.err.splitlines() if "config-personal-contact" in line)
    line = int(warned.split(":")[1])
    assert "mara.lind" in (tmp_path / "names.yaml").read_text(encoding="utf-8").splitlines()[line - 1]


def test_init_asks_on_a_terminal_until_an_answer_will_do(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    answers = (
        "Acme Robotics\nno address\nhttps://acme-robotics.dev/security\nacme-reserve\nacme-tool  acme-robotics-sdk, "
        "acme_cli,acme-lab\n"
    )
    with start("init", cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, answers.encode())
        said = _all_of(ours)
        assert process.wait(timeout=60) == 0
    assert "'no address' is neither a mailbox nor a web address" in said
    portfolio = load_portfolio(tmp_path / "names.yaml").portfolio
    assert portfolio.organization.contact == "https://acme-robotics.dev/security"
    assert [package.name for package in portfolio.packages] == [
        "acme-tool",
        "acme-robotics-sdk",
        "acme-cli",
        "acme-lab",
    ]


def _all_of(terminal: int) -> str:
    """What a terminal shows until the other side is closed."""
    said = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux's way of saying that a terminal is closed
            part = b""
        if not part:
            os.close(terminal)
            return said.decode()
        said += part


# --------------------------------------------------------------------------- from a repository

_PROJECT = """\
[project]
description = "Drives grippers: all of them."
name = "Grip_Wright"
scripts = {grip = "gripcore:main", grip-wright = "gripcore:main", "rm -rf" = "gripcore:main"}
[project.urls]
Homepage = "https://gripwright.dev/"
"Issue Tracker" = "https://forge.gripwright.dev/gripwright/issues"
Source = "https://forge.gripwright.dev/gripwright"
"""


def test_init_starts_from_the_repository_without_a_question(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(_PROJECT, "utf-8")
    for module in ("gripcore", "gripcore_extras"):
        (tmp_path / "src" / module).mkdir(parents=True)
        (tmp_path / "src" / module / "__init__.py").touch()
    done = call("init", "--yes", cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.err.splitlines()[-1] == "Next: namehold plan"
    assert "Left out, and needed before anything is approved, built or sent: organization.name, account.username." in (
        done.err
    )
    loaded = load_portfolio(tmp_path / "names.yaml")
    assert loaded.warnings == ()
    (package,) = loaded.portfolio.packages
    assert package.spelled == "Grip_Wright"
    assert package.summary == "Drives grippers: all of them."
    # Not what names.yaml doesn't take, nor what is the package's own name.
    assert [surface.value for surface in package.surfaces] == ["gripcore", "gripcore_extras", "grip"]
    organization = loaded.portfolio.organization
    assert organization.contact == "https://forge.gripwright.dev/gripwright/issues"
    assert organization.homepage == "https://gripwright.dev/"
    assert loaded.portfolio.missing == ("organization.name", "account.username")


def test_init_says_why_it_leaves_an_address_of_the_repository_out(tmp_path: Path) -> None:
    project = (
        '[project]\nname = "grip"\n[project.urls]\nIssues = "https://grip.example/issues"\nHomepage = "no address"\n'
    )
    (tmp_path / "pyproject.toml").write_text(project, "utf-8")
    done = call("init", "--yes", cwd=tmp_path)
    assert done.code == 0
    assert (
        "Left out: 'grip.example' is an example's address and reaches no one; write an address of your own." in done.err
    )
    assert "Left out: 'no address' is no web address" in done.err


def test_init_asks_only_for_what_the_repository_does_not_say(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(_PROJECT, "utf-8")
    ours, theirs = pty.openpty()
    with start("init", cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, b"Gripwright\n\n")
        said = _all_of(ours)
        assert process.wait(timeout=60) == 0, said
    assert "Contact" not in said
    assert load_portfolio(tmp_path / "names.yaml").portfolio.missing == ("account.username",)


def test_a_word_that_is_no_yaml_file_is_no_place_to_write(tmp_path: Path) -> None:
    done = call("init", "gripwright-core", cwd=tmp_path)
    assert (done.code, list(tmp_path.iterdir())) == (2, [])
    assert "did you mean --package gripwright-core?" in done.err


def test_a_given_package_takes_nothing_from_the_repository(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(_PROJECT, "utf-8")
    assert call("init", "--yes", "--package", "acme-tool", cwd=tmp_path).code == 0
    made = load_portfolio(tmp_path / "names.yaml").portfolio
    assert [package.name for package in made.packages] == ["acme-tool"]
    assert made.organization.contact == ""


def test_init_without_a_package_says_where_it_looked(tmp_path: Path) -> None:
    done = call("init", "--yes", cwd=tmp_path)
    assert done.code == 2
    assert f"there is no pyproject.toml with one in {tmp_path}" in done.err
    assert list(tmp_path.iterdir()) == []


def test_init_follows_no_link_and_reads_no_endless_file(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.toml"
    real.write_text(_PROJECT, "utf-8")
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "pyproject.toml").symlink_to(real)
    linked = call("init", "--yes", cwd=folder)
    assert (linked.code, "can't be read, and isn't used" in linked.err) == (2, True)
    (folder / "pyproject.toml").unlink()
    for content, why in (
        (_PROJECT.encode() + b"#" * 1_000_000, "has more than"),
        # Cut where a character has two bytes, in one of the two.
        (b"#" + "\u00e9".encode() * 1_000_000, "has more than"),
        (b"##" + "\u00e9".encode() * 1_000_000, "has more than"),
        (b"a." * 600 + b"b = 1\n" + _PROJECT.encode(), "is no valid TOML"),
        (b"x = " + b"[" * 100_000, "is no valid TOML"),
        (b"\x00", "is no valid TOML"),
        (b'[project]\nname = "acme-a"\n[project]\nname = "acme-b"\n', "is no valid TOML"),
        (_PROJECT.encode("utf-16"), "is no UTF-8 text"),
        (b'[project]\nname = "acme-\xe9"\n', "is no UTF-8 text"),
        (b'[project]\ndynamic = ["name", "version"]\n', "gives no name"),
        (b"[tool.black]\nline-length = 120\n", "gives no name"),
        (b"# all of it stands in setup.cfg\n", "gives no name"),
        (b"", "gives no name"),
        (b'[project]\nname = "acme tool!"\n', "gives no name"),
    ):
        (folder / "pyproject.toml").write_bytes(content)
        done = call("init", "--yes", cwd=folder)
        assert (done.code, why in done.err, "isn't used" in done.err) == (2, True, True), content[:60]
    assert not (folder / "names.yaml").exists()


@pytest.mark.parametrize("other", ["setup.cfg", "setup.py"])
def test_init_says_that_it_reads_no_older_file(tmp_path: Path, other: str) -> None:
    (tmp_path / other).write_text("[metadata]\nname = acme-tool\n", "utf-8")
    done = call("init", "--yes", cwd=tmp_path)
    assert done.code == 2
    assert f"{other} isn't read, only pyproject.toml." in done.err


@pytest.mark.parametrize("arguments", [[], ["-o", "names.schema.json"]])
def test_schema_goes_where_it_was_asked_for(tmp_path: Path, arguments: list[str]) -> None:
    done = call("schema", *arguments, cwd=tmp_path)
    assert done.code == 0
    file = tmp_path / "names.schema.json"
    assert file.exists() == bool(arguments)
    assert json.loads(file.read_text(encoding="utf-8") if arguments else done.out) == json_schema()
    if arguments:
        assert done.err.splitlines()[-1].endswith("# yaml-language-server: $schema=names.schema.json")


def test_help_shows_examples(tmp_path: Path) -> None:
    for command in ("init", "schema"):
        done = call(command, "--help", cwd=tmp_path)
        assert done.code == 0
        assert "Examples:" in done.out


def test_the_check_tells_every_mistake_of_every_file_at_once(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(
        "organization: {name: Acme, contact: security@acme-robotics.dev}\n"
        "account: {index: pypi, username: acme-names}\npackages: [acme-tool]\n"
    )
    (tmp_path / "one.yaml").write_text("packagse: []\n")
    (tmp_path / "two.yaml").write_text("packages: 5\n")
    assert call("schema", "--check", "good.yaml", cwd=tmp_path).code == 0
    done = call("schema", "--check", "good.yaml", "one.yaml", "two.yaml", cwd=tmp_path)
    assert done.code == 3
    assert "one.yaml:1:1: error" in done.err
    assert "two.yaml:1:11: error" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.yaml", "one.yaml", "two.yaml"]


def test_the_check_reads_names_yaml_here_and_files_need_it(tmp_path: Path) -> None:
    assert call("schema", "--check", cwd=tmp_path).code == 3
    assert call("schema", "names.yaml", cwd=tmp_path).code == 2

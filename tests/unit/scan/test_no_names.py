"""Words in documents that are no names: a template's, and those of the sentence that an installer's name stands in."""

from __future__ import annotations

import datetime as dt

import pytest
from packaging.utils import NormalizedName, canonicalize_name

from namehold.candidates.wordlists import general_words, load_dictionary
from namehold.evidence import HINTS
from namehold.portfolio.read import read_portfolio
from namehold.scan import Judge, Verdict, judge_documents
from namehold.scan.readers.kinds import find_reader
from namehold.scan.readers.sentences import INSTALLER
from namehold.scan.run import Documents
from namehold.scan.walk import Walk
from namehold.snapshot import Snapshot

_NAMES = """\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: pypi, username: acme-reserve}
packages: [acme-tool, my-package-kit]
internal: [package-vault]
"""
_PORTFOLIO = read_portfolio(_NAMES.encode(), path="names.yaml").portfolio
_LISTED = ["acme-tool", "my-package-kit", "requests", "package-tea", "aqlm"]
_WORDS = load_dictionary().words | general_words()


def told(path: str, text: str) -> list[tuple[str, Verdict]]:
    """The names that the text is found to mention, with their verdicts; imports are left out."""
    names = [canonicalize_name(name) for name in _LISTED]
    view = Snapshot.of(names, index="pypi", source="x", taken=dt.date(2026, 11, 28))
    judge = Judge(_PORTFOLIO, view=view, words=_WORDS)
    reader = find_reader(path)
    assert reader is not None
    uses = [(path, use) for use in reader(text) if not use.module]
    report = judge_documents([Documents("", Walk(), uses, 1)], judge, accepted=(), today=dt.date(2026, 11, 28))
    return [(item.name, item.verdict) for item in report.findings]


@pytest.mark.parametrize(
    "text",
    [
        "- Improve pip install performance.",
        "- Quote extras in the pip install docs to guard shells with default glob",
        "- pip install now prints an error message when it installs an incompatible",
        "  Change pip wheel --wheel-dir default path from <cwd>/wheelhouse to <cwd>.",
        "Should pip install conflicting dependencies?",
        "The pip wheel download_command defaults to downloading only binary packages using",
        "Unsafe import after pip install completed: packages may have changed",
    ],
)
def test_words_of_a_sentence_are_no_names(text: str) -> None:
    assert told("README.md", text) == []


@pytest.mark.parametrize(
    "text",
    [
        "```\n$ pip install performance\n```",
        "Just run `pip install performance`.",
        "``pip install performance``",
        "pip install performance",
        "python -m pip install performance",
    ],
)
def test_a_command_names_even_a_word(text: str) -> None:
    assert told("README.md", text) == [("performance", Verdict.UNREGISTERED)]


def test_in_a_sentence_what_is_no_word_is_a_name() -> None:
    assert told("README.md", "Then pip install acmezoo to get started.") == [("acmezoo", Verdict.UNREGISTERED)]


@pytest.mark.parametrize(
    "name",
    [
        *("SomePackage1", "someproject", "some_dependency", "package_a", "package-b", "pkg2", "foobar", "quux"),
        *("my-awesome-package", "the-package-you-want", "your-lib-here", "python-package", "myapp", "xyz"),
        *("x", "pytest-NAME", "invalid-dep", "project-name", "my-package", "other-lib2", "AlreadyInstalled"),
    ],
)
def test_a_templates_name_is_none(name: str) -> None:
    assert told("README.md", f"```\npip install {name}\n```") == []


def test_a_templates_name_is_none_in_a_list_of_requirements() -> None:
    assert told("pyproject.toml", "[tool.poetry.dependencies]\nyour-lib-here = '1'\nunknown-package = '1'\n") == []


@pytest.mark.parametrize("name", ["package-coffee", "pkg-acme"])
def test_a_word_of_its_own_behind_package_makes_a_name(name: str) -> None:
    assert told("README.md", f"```\npip install {name}\n```") == [(NormalizedName(name), Verdict.UNREGISTERED)]


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        # Ours, near ours, internal or somebody's: whatever words it is made of, it is a name.
        ("my-package-kit", Verdict.OURS),
        ("my-package-kits", Verdict.UNREGISTERED),
        ("package-vault", Verdict.UNREGISTERED),
        ("package-tea", Verdict.UNRELATED),
    ],
)
def test_a_name_that_stands_for_something_is_kept(name: str, verdict: Verdict) -> None:
    assert (NormalizedName(name), verdict) in told("README.md", f"```\npip install {name}\n```")


def test_extras_are_no_names() -> None:
    code = 'raise ImportError("Using `aqlm` requires AQLM: `pip install aqlm[gpu,cpu]`")\n'
    assert told("a.py", code) == [("aqlm", Verdict.UNRELATED)]


def test_a_variable_of_a_program_is_no_name() -> None:
    code = 'run([sys.executable, "-m", "pip", "install", "--dry-run", "requests", wanted_thing])\n'
    assert told("a.py", code) == [("requests", Verdict.UNRELATED)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "pyproject.toml",
            'commands = [\n  [\n    "uv", "pip", "install",\n    "-r",\n    "a.txt",\n    "acmezoo==1.0",\n  ],\n]\n',
        ),
        ("a.py", 'run([\n    "python",\n    "-m",\n    "pip",\n    "install",\n    "acmezoo[x]",\n])\n'),
    ],
)
def test_arguments_on_lines_of_their_own_are_read(path: str, text: str) -> None:
    assert told(path, text) == [("acmezoo", Verdict.UNREGISTERED)]


def test_the_metadata_of_a_source_distribution_is_a_document() -> None:
    assert told("acme/PKG-INFO", "Name: acme\n\n    $ pip install acmezoo\n") == [("acmezoo", Verdict.UNREGISTERED)]


@pytest.mark.parametrize("hint", HINTS)
def test_each_installer_that_is_read_is_one_in_a_sentence(hint: str) -> None:
    assert INSTALLER.fullmatch(hint)
    assert INSTALLER.search(f"{hint}x y")
    assert not INSTALLER.search(f"{hint}ped")


@pytest.mark.parametrize("word", ["pip3.12", "pipx", "pipenv", "uvx", "PIP"])
def test_an_installers_ending_belongs_to_it(word: str) -> None:
    assert INSTALLER.fullmatch(word)

"""What names.yaml takes from a repository's pyproject.toml."""

from __future__ import annotations

import pytest

from namehold.portfolio.model import ProjectFacts
from namehold.portfolio.pyproject import read_project


def _read(more: str, *modules: str) -> ProjectFacts:
    return read_project(f'[project]\nname = "acme-tool"\n{more}', modules=modules)


@pytest.mark.parametrize(
    ("urls", "contact"),
    [
        ('Security = "https://acme.dev/security"\nIssues = "https://acme.dev/issues"', "https://acme.dev/security"),
        ('"Bug Tracker" = "https://acme.dev/issues"\nSource = "https://acme.dev/code"', "https://acme.dev/issues"),
        ('source-code = "https://acme.dev/code"', "https://acme.dev/code"),
        # Nobody reads claims on a page of documentation.
        ('Documentation = "https://acme.dev/docs"', ""),
        # What names.yaml refuses is no contact.
        ('Issues = "https://example.com/issues"\nSource = "https://acme.dev/code"', "https://acme.dev/code"),
        ('Issues = "https://me:secret@acme.dev/issues"', ""),
        ("Issues = 3", ""),
    ],
)
def test_the_contact_is_the_best_address_that_the_file_gives(urls: str, contact: str) -> None:
    assert _read(f"[project.urls]\n{urls}").contact == contact


@pytest.mark.parametrize(
    ("table", "imports"),
    [
        ('[tool.hatch.build.targets.wheel]\npackages = ["src/acme_core", "src/acme_tool"]', ("acme_core",)),
        ('[tool.setuptools]\npackages = ["acme_core", "acme_core.io"]\npy-modules = ["acme_cli"]', None),
        ('[tool.flit.module]\nname = "acme_core"', ("acme_core",)),
        ('[tool.poetry]\npackages = [{include = "acme_core", from = "src"}, {include = "*"}]', ("acme_core",)),
        ('[tool.uv.build-backend]\nmodule-name = "acme_core"', ("acme_core",)),
        ('[tool.maturin]\nmodule-name = "acme_core._native"', ("acme_core",)),
        ("[tool.setuptools]\npackages = {find = {}}", ("lying",)),
        ("", ("lying",)),
    ],
)
def test_modules_are_those_of_the_build_backend_else_those_that_lie_there(
    table: str, imports: tuple[str, ...] | None
) -> None:
    assert _read(table, "lying", "acme_tool").imports == (imports or ("acme_core", "acme_cli"))


def test_the_summary_is_the_description_on_one_line() -> None:
    assert _read('description = "Drives\\n grippers"').summary == "Drives grippers"
    assert _read("description = 3").summary == ""
    assert read_project('[tool.poetry]\nname = "acme"\ndescription = "Drives"').summary == "Drives"


def test_a_project_of_poetry_is_read_too() -> None:
    found = read_project(
        '[tool.poetry]\nname = "Acme.Tool"\nrepository = "https://acme.dev/code"\nhomepage = "https://acme.dev/"\n'
        '[tool.poetry.scripts]\nacme = "acme:main"\nacme-tool = "acme:main"\n'
    )
    assert found == ProjectFacts(
        name="Acme.Tool", commands=("acme",), contact="https://acme.dev/code", homepage="https://acme.dev/"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no toml",
        "[project]\nname = 3",
        '[project]\nname = "acme tool"',
        '[project]\nname = "my-package"',
        "project = 1",
    ],
)
def test_a_file_without_a_usable_name_says_nothing(text: str) -> None:
    assert read_project(text) == ProjectFacts()


def test_a_long_list_of_commands_is_cut() -> None:
    scripts = "".join(f'c{number} = "a:b"\n' for number in range(500))
    assert len(_read(f"[project.scripts]\n{scripts}").commands) == 50

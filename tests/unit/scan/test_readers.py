"""What each kind of document names, and where."""

from __future__ import annotations

import json
from functools import partial

import pytest
from tests.harness.steps import count_steps

from namehold.scan.model import Use
from namehold.scan.readers.kinds import find_reader, read_script


def read(path: str, text: str) -> list[Use]:
    reader = find_reader(path)
    assert reader is not None
    return list(reader(text))


def places(path: str, text: str) -> list[tuple[str, int, int]]:
    return [(use.name, use.line, use.column) for use in read(path, text)]


def check_places(path: str, text: str, *names: str) -> None:
    """Each name, in this order, at the place where its spelling stands in `text`, counted by hand from `^name`."""
    found = places(path, text)
    assert [name for name, _, _ in found] == list(names)
    for name, line, column in found:
        written = text.split("\n")[line - 1][column - 1 :].lower().replace("_", "-").replace(".", "-")
        assert written.startswith(name), (name, line, column)


@pytest.mark.parametrize("path", ["README.md", "notes.txt", "run.sh", "docs/index.rst", "acme.py"])
def test_a_page_break_ends_no_line(path: str) -> None:
    """Sources of the GNU project have them. What is said of a name is said of its own line."""
    check_places(path, '"""Acme\f\n\f\n\u2028\n$ pip install acme-tool\n"""\n', "acme-tool")


DOCUMENTS = {
    "README.md": (
        "# Acme\n\n`pip install acme-tool[x]`:\n\n```console\n$ pip install \\\n    acme-sdk \\\n    acme-kit\n```\n",
        ["acme-tool", "acme-sdk", "acme-kit"],
    ),
    "docs/index.rst": (
        "Acme\n====\n\nInstall it::\n\n    pip install acme-tool\n\n.. code-block:: python\n\n   import acme_sdk\n",
        ["acme-tool", "acme-sdk"],
    ),
    "docs/requirements.md": ("```requirements\nacme-tool>=1\n# acme-old\n```\n", ["acme-tool"]),
    "docs/pyproject.md": ('Add:\n\n```toml\n[project]\ndependencies = ["acme-tool"]\n```\n', ["acme-tool"]),
    "Dockerfile": ("FROM python:3.12\nRUN pip install --no-cache-dir acme-tool \\\n && echo done\n", ["acme-tool"]),
    "build/Containerfile.dev": ("RUN uv pip install acme-tool\n", ["acme-tool"]),
    ".github/workflows/ci.yml": (
        "jobs:\n  test:\n    steps:\n      - run: |\n          python -m pip install acme-tool\n",
        ["acme-tool"],
    ),
    "requirements.txt": (
        "# acme-old\nacme-tool[fast]==1.0 \\\n  --hash=sha256:00\n acme-sdk>=1; os_name<'3' # why\n-r x.txt\n./y\n",
        ["acme-tool", "acme-sdk"],
    ),
    "requirements/dev.in": ("-c constraints.txt\nacme_tool\n", ["acme-tool"]),
    "pyproject.toml": (
        (
            '[build-system]\nrequires = ["acme-build"]\n[project]\nname = "acme"\ndependencies = [\n  "acme-tool>=1",\n'
            "  'acme-sdk', # acme-old\n]\n[project.optional-dependencies]\nx = [\"acme-x\"]\n"
            '[dependency-groups]\ndev = ["acme-dev", {include-group = "y"}]\n'
        ),
        ["acme-build", "acme-tool", "acme-sdk", "acme-x", "acme-dev"],
    ),
    "sub/pyproject.toml": (
        (
            '[tool.poetry.dependencies]\npython = "^3.11"\nacme-tool = "^1"\n[tool.poetry.group.dev.dependencies]\n'
            'acme-dev = { version = "1" }\n[tool.hatch.envs.docs]\ndependencies = ["acme-docs"]\n'
        ),
        ["acme-tool", "acme-dev", "acme-docs"],
    ),
    "Pipfile": ('[packages]\nacme-tool = "*"\n\n[dev-packages]\n"acme.dev" = "*"\n', ["acme-tool", "acme-dev"]),
    "tox.ini": (
        "[x]\ndeps =\n acme-tool\n  py312: acme-sdk>1\n  -r x.txt\n  {[base]deps}\ncommands =\n pip install acme-x\n",
        ["acme-tool", "acme-sdk", "acme-x"],
    ),
    "environment.yml": (
        "name: x\ndependencies:\n  - python=3.12\n  - numpy-base\n  - pip:\n    - acme-tool==1\n    - -r x.txt\n",
        ["acme-tool"],
    ),
    "setup.cfg": (
        (
            "[metadata]\nname = acme\n[options]\ninstall_requires =\n  acme-tool>=1\n  # acme-old\n"
            "[options.extras_require]\nx = acme-x\n"
        ),
        ["acme-tool", "acme-x"],
    ),
    "setup.py": (
        (
            "from setuptools import setup\nneeds = ['acme-tool>=1']\nsetup(name='acme', install_requires=needs,\n"
            "  extras_require={'x': ['acme-x']})\n"
        ),
        ["acme-tool", "acme-x", "setuptools"],
    ),
    "run.py": (
        '# /// script\n# requires-python = ">=3.11"\n# dependencies = [\n#   "acme-tool",\n# ]\n# ///\nimport os\n',
        ["acme-tool"],
    ),
    "a.py": ('"""Needs it: pip install acme-tool"""\n', ["acme-tool"]),
    "b.py": (
        "try:\n    import acme_sdk\nexcept ImportError:\n    raise SystemExit('pip install acme-tool') from None\n",
        ["acme-tool", "acme-sdk"],
    ),
    "c.py": ("x = 1  # pip install acme-tool\n", ["acme-tool"]),
    "flags.py": (
        "run(['pip', 'install', '-U', 'acme-tool', \"-r\", \"x.txt\", 'acme-sdk'])\n",
        ["acme-tool", "acme-sdk"],
    ),
    "d.py": (
        "import os, acme_tool.x as at, acme_sdk\nfrom acme_kit.io import (\n    a,\n)\nfrom .near import x\n",
        ["acme-tool", "acme-sdk", "acme-kit"],
    ),
    "AGENTS.md": ("Always run `uv add acme-tool` first.\n", ["acme-tool"]),
    "skills/x/SKILL.md": ("1. `pip install acme-tool`\n", ["acme-tool"]),
    "install.sh": ("set -e\npipx install acme-tool\n", ["acme-tool"]),
    "Makefile": ("deps:\n\tpip install acme-tool\n", ["acme-tool"]),
    "notes.txt": ("easy_install acme-tool\n", ["acme-tool"]),
    "reqs-dev.txt": (
        "-e git+https://127.0.0.1/x#egg=acme-tool\n--editable=git+https://127.0.0.1/y#egg=acme-sdk\n",
        ["acme-tool", "acme-sdk"],
    ),
    "pixi.toml": (
        "[dependencies]\na = '*'\n[pypi-dependencies]\nacme-tool = '*'\n[feature.x.pypi-dependencies]\nacme-x = '*'\n",
        ["acme-tool", "acme-x"],
    ),
    "tox.toml": ("[env_run_base]\ndeps = ['acme-tool']\n[env.x]\ndeps = ['acme-x']\n", ["acme-tool", "acme-x"]),
    "more/pyproject.toml": (
        (
            "[tool.uv]\noverride-dependencies = ['acme-tool']\n[tool.pixi.pypi-dependencies]\nacme-sdk = '*'\n"
            "[tool.tox.env_run_base]\ndeps = ['acme-x']\n[tool.cibuildwheel]\ntest-requires = ['acme-test']\n"
            "[tool.hatch.build.hooks.mypyc]\ndependencies = ['acme-hook']\n"
        ),
        ["acme-tool", "acme-test", "acme-sdk", "acme-x", "acme-hook"],
    ),
    "more/setup.py": (
        "needs = ['acme-tool']\nsetuptools.setup(install_requires=needs + ['acme-sdk'])\n",
        ["acme-tool", "acme-sdk"],
    ),
    "noxfile.py": (
        "def t(session):\n    session.install('acme-tool', '-r', 'x.txt', 'acme-sdk')\n",
        ["acme-tool", "acme-sdk"],
    ),
    ".pre-commit-config.yaml": (
        "- a: x\n  additional_dependencies: [acme-tool, 'acme-sdk[x]']\n- a: y\n  additional_dependencies:\n  - acme-x",
        ["acme-tool", "acme-sdk", "acme-x"],
    ),
    "site.yml": ("tasks:\n  - ansible.builtin.pip:\n      name: acme-tool\n", ["acme-tool"]),
    "hooks/.pre-commit-config.yaml": (
        "# Each hook installs with pip: see the manual.\n- id: x\n  additional_dependencies: [acme-tool]\n",
        ["acme-tool"],
    ),
    "y/playbook.yml": (
        (
            "- hosts: all\n  tasks:\n  - name: Install dependencies\n    ansible.builtin.pip:\n"
            "      name: [acme-tool, acme-sdk]\n"
        ),
        ["acme-tool", "acme-sdk"],
    ),
    "y/both.yml": (
        ("dependencies:\n- pip:\n  - acme-tool\ntasks:\n- pip:\n    name: acme-sdk\n- pip:\n    name:\n    - acme-x\n"),
        ["acme-tool", "acme-sdk", "acme-x"],
    ),
    "gpu.yaml": ('dependencies:\n- python\n- pip:\n  - "acme-tool[x]"\n', ["acme-tool"]),
    ".mcp.json": ('{"command": "uvx", "args": [\n  "acme-tool@latest"\n]}', ["acme-tool"]),
    "ci/Dockerfile": (
        "RUN pip install acme-tool \\\n    # why\n    acme-sdk\nRUN <<EOF\npip install acme-x\nEOF\n",
        ["acme-tool", "acme-sdk", "acme-x"],
    ),
    ".github/workflows/fold.yml": (
        "- name: pip install things\n  run: >-\n    pip install ${{ matrix.extra }}\n    acme-tool\n",
        ["acme-tool"],
    ),
    "page.html": ("<p>pip install <em>acme-tool</em></p>", ["acme-tool"]),
}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_names_these_projects_at_their_places(path: str) -> None:
    text, names = DOCUMENTS[path]
    check_places(path, text, *names)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", "Run pip install acme-tool first.\n"),
        ("a.py", '"""Run pip install acme-tool yourself, again."""\n'),
        ("b.py", "# pip install acme-tool beforehand.\n"),
    ],
)
def test_words_behind_a_name_are_the_sentence_s(path: str, text: str) -> None:
    check_places(path, text, "acme-tool")


CARRIERS = {
    "README.md": ("`pip install acme-tool`", "markdown"),
    "CLAUDE.md": ("`pip install acme-tool`", "agent instructions"),
    ".cursor/rules/x.mdc": ("`pip install acme-tool`", "agent instructions"),
    "x.rst": ("pip install acme-tool", "restructuredtext"),
    "Dockerfile": ("RUN pip install acme-tool", "dockerfile"),
    ".github/workflows/ci.yml": ("run: pip install acme-tool", "workflow"),
    "requirements.txt": ("acme-tool", "requirements"),
    "a.py": ('def f():\n    """Do: pip install acme-tool"""\n', "docstring"),
    "b.py": ("x = f'pip install acme-tool {y}'\n", "string"),
    "c.py": ("# pip install acme-tool\n", "comment"),
    "d.py": ("import subprocess\nsubprocess.run('pip install acme-tool'.split())\n", "string"),
    "e.py": ("def (: pip install acme-tool\n", "code"),
    "f.py": ("import acme_tool\n", "import"),
}


@pytest.mark.parametrize("path", CARRIERS)
def test_a_mention_says_what_carries_it(path: str) -> None:
    text, carrier = CARRIERS[path]
    assert [(use.name, use.carrier) for use in read(path, text) if use.module != "subprocess"] == [
        ("acme-tool", carrier)
    ]


def test_a_command_in_a_text_of_several_pieces_is_read_whole() -> None:
    text = "raise SystemExit(\n    'please pip install '\n    'acme-tool'\n)\n"
    assert [(use.name, use.line, use.carrier) for use in read("a.py", text)] == [("acme-tool", 2, "string")]


@pytest.mark.parametrize("version", [3, 4])
def test_a_notebook_tells_the_cell_and_the_place_in_its_source(version: int) -> None:
    key = "input" if version == 3 else "source"
    cells = [
        {"cell_type": "markdown", "source": "# Start\nRun `pip install acme-tool`."},
        {"cell_type": "code", key: ["import json\n", "!pip install acme-sdk\n", "import acme_kit"]},
        {"cell_type": "code", key: "%pip install -q acme-x"},
    ]
    notebook = {"worksheets": [{"cells": cells}]} if version == 3 else {"cells": cells}
    found = [(use.name, use.carrier, use.line, use.column) for use in read("x.ipynb", json.dumps(notebook))]
    assert found == [
        ("acme-tool", "notebook cell 1", 2, 18),
        ("acme-sdk", "notebook cell 2", 2, 14),
        ("acme-kit", "notebook cell 2", 3, 8),
        ("acme-x", "notebook cell 3", 1, 17),
    ]


SOURCES = {
    "uv sources": (
        "pyproject.toml",
        (
            '[project]\ndependencies = ["acme-in"]\n[tool.uv.sources]\nacme-in = { index = "ours" }\n'
            '[[tool.uv.index]]\nname = "ours"\nurl = "https://pkgs.acme.example/simple"\n'
        ),
        "https://pkgs.acme.example/simple",
    ),
    "Poetry's source": (
        "pyproject.toml",
        (
            '[tool.poetry.dependencies]\nacme-in = {version = "1", source = "ours"}\n[[tool.poetry.source]]\n'
            'name = "ours"\nurl = "https://pkgs.acme.example/simple"\n'
        ),
        "https://pkgs.acme.example/simple",
    ),
    "a path": ("pyproject.toml", '[tool.poetry.dependencies]\nacme-in = {path = "../in"}\n', "../in"),
    "Pipfile's first source": (
        "Pipfile",
        '[[source]]\nurl = "https://pkgs.acme.example/simple"\nname = "ours"\n[packages]\nacme-in = "*"\n',
        "https://pkgs.acme.example/simple",
    ),
    "the file's index": (
        "requirements.txt",
        "--index-url https://pkgs.acme.example/simple\nacme-in\n",
        "https://pkgs.acme.example/simple",
    ),
    "an address": (
        "requirements.txt",
        "acme-in @ git+https://git.acme.example/in\n",
        "git+https://git.acme.example/in",
    ),
    "the command's index": (
        "README.md",
        "```\npip install \\\n  --index-url https://pkgs.acme.example/simple \\\n  acme-in\n```\n",
        "https://pkgs.acme.example/simple",
    ),
    "an extra index hides no name": (
        "README.md",
        "`pip install --extra-index-url https://pkgs.acme.example/simple acme-in`\n",
        "",
    ),
}


@pytest.mark.parametrize("case", SOURCES)
def test_a_declared_source_is_told(case: str) -> None:
    path, text, source = SOURCES[case]
    assert [(use.name, use.source) for use in read(path, text)] == [("acme-in", source)]


def test_the_index_of_a_conda_environment_holds_for_its_names() -> None:
    text = "dependencies:\n- pip:\n  - --index-url https://pkgs.acme.example/simple\n  - 'acme-in>=1'\n"
    assert [(use.name, use.carrier, use.source) for use in read("environment.yml", text)] == [
        ("acme-in", "conda", "https://pkgs.acme.example/simple")
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "# acme-old\n#acme-older\n"),
        ("requirements.txt", "https://acme.example/x.whl\n../x\n{{ name }}\n"),
        ("README.md", "Don't run `pip install acme-old`.\n"),
        ("README.md", "pip install -r requirements.txt\n"),
        ("README.md", "`pip install your-package`\n"),
        ("a.py", "from . import x\nfrom ..y import z\nimport os.path, sys\n"),
        ("a.py", "def f(): return 'from here import what you like'\n"),
        ("pyproject.toml", "this is no TOML ["),
        ("setup.py", "def setup(:\n"),
        ("x.ipynb", "[1, 2"),
        ("x.ipynb", '{"cells": [1, {"source": 3}, {"cell_type": "code"}]}'),
        ("environment.yml", "dependencies: [{pip: 3}, {pip: [[x]]}, 4]\n"),
        ("setup.cfg", "[options]\ninstall_requires = file: requirements.txt\n"),
    ],
)
def test_these_name_nothing(path: str, text: str) -> None:
    assert places(path, text) == []


def test_a_script_without_an_ending_is_read_as_its_first_line_says() -> None:
    python, shell = "#!/usr/bin/env python3\n", "#!/bin/sh\n"
    code = "import acme_tool  # pip install acme-sdk\n"
    assert [use.name for use in read_script(python + code)] == ["acme-sdk", "acme-tool"]
    assert [use.name for use in read_script(shell + code)] == ["acme-sdk"]


@pytest.mark.parametrize("path", ["x.png", "x.whl", "LICENSE", "poetry.lock", "x.c", "requirements.txt.gz"])
def test_other_files_are_no_documents(path: str) -> None:
    assert find_reader(path) is None


@pytest.mark.parametrize("depth", [900, 1900])
def test_a_requirement_nested_too_deeply_hides_none_of_the_others(depth: int) -> None:
    """packaging reads parentheses by recursion; what stands before them is a name all the same."""
    deep = f"acme-deep; {'(' * depth}"
    assert [use.name for use in read("requirements.txt", f"acme-tool\n{deep}\nacme-sdk\n")] == [
        "acme-tool", "acme-deep", "acme-sdk",
    ]  # fmt: skip
    project = f"[project]\nname = 'acme'\ndependencies = [\n  'acme-tool',\n  '{deep}',\n  'acme-sdk',\n]\n"
    assert {"acme-tool", "acme-deep", "acme-sdk"} <= {use.name for use in read("pyproject.toml", project)}


def test_a_line_of_nothing_but_spaces_is_read_once() -> None:
    assert [use.name for use in read("x.py", "import acme\n" + " " * 1_000_000 + "\n>>>  import rich\n")] == [
        "acme",
        "rich",
    ]


def test_what_a_variable_of_setup_holds_is_told_once() -> None:
    calls = "setup(install_requires=needed, extras_require={'a': needed, 'b': needed})\n" * 3
    check_places("setup.py", f"needed = ['acme', 'rich']\n{calls}", "acme", "rich")


def test_requirements_of_setup_stand_behind_letters_of_several_bytes() -> None:
    text = "é = 'ü'; setup(setup_requires=['ß', 'acme'], install_requires=['é', 'rich', 'ö', 'attrs'])\n"
    check_places("setup.py", text, "acme", "rich", "attrs")


def test_commands_stand_behind_letters_of_several_bytes() -> None:
    uses = read("x.py", "é = 'éé pip install acme'  # ü pip install attrs\n")
    assert [(use.name, use.carrier) for use in uses] == [("acme", "string"), ("attrs", "comment")]


def test_a_program_takes_as_many_steps_as_it_has_lines() -> None:
    part = "x('pip '\n'install a1')\ny('pip install a1')\n"
    few, many = (count_steps(partial(read, "x.py", part * times)) for times in (200, 800))
    assert many < 5 * few

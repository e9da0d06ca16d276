"""Only the bundled modules may run; everything that was ever tried to look like them is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.harness.values import PROFILE, action, full_portfolio

from namehold.errors import TemplateError
from namehold.placeholder.render import Templates
from namehold.placeholder.shape import find_code_faults, is_document
from namehold.portfolio.model import Mode

SHELL = 'import warnings\nprint = warnings.sys.modules.get\nposix = print("posix")\nprint = posix.system\nprint("id")\n'
SIGNPOST = 'NOTICE = "n"\nif __name__ != "__main__":\n    raise ImportError(NOTICE, name=__name__)\nprint(NOTICE)\n'
REDIRECT = (
    'import warnings\nNOTICE = "n"\nif __name__ == "__main__":\n    print(NOTICE)\n'
    "else:\n    warnings.warn(NOTICE, stacklevel=2)\n"
)
HOOK = (
    "def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):\n    raise SystemExit(NOTICE)\n"
)

REBOUND = (
    SHELL,
    'import warnings\nwarnings.warn = warnings.sys.exit\nwarnings.warn("x")\n',
    'import warnings as print\nprint("x")\n',
    'def build_wheel(print, a, b):\n    print("x")\n',
    'print.__self__.open("x")\n',
    'import warnings\nprint = warnings.sys.exit\nprint("x")\n',
    "import warnings\nprint(sep=warnings.sys.modules)\n",
    'import warnings\nwarnings.warn("x", stacklevel=warnings.sys.stderr)\n',
    'import warnings\nwarnings.linecache.getlines("x")\n',
)


@pytest.mark.parametrize("mode", [None, *Mode])
@pytest.mark.parametrize("source", REBOUND)
def test_code_by_rebound_names_is_refused(source: str, mode: Mode | None) -> None:
    assert "placeholder-code" in {fault.rule for fault in find_code_faults(source, path="m.py", mode=mode)}


@pytest.mark.parametrize(
    "source",
    [
        SIGNPOST + SIGNPOST,
        SIGNPOST + 'print("more")\n',
        SIGNPOST.replace("NOTICE", "TEXT"),
        SIGNPOST.replace('"n"', 'f"{1}"'),
        SIGNPOST.replace('"n"', 'b"n"'),
        SIGNPOST.replace('NOTICE = "n"', 'NOTICE = print = "n"'),
        SIGNPOST.replace('NOTICE = "n"', 'NOTICE: str = "n"'),
        SIGNPOST.replace('NOTICE = "n"\n', ""),
        SIGNPOST.replace("name=__name__", "name=__name__, path=__name__"),
        SIGNPOST.replace("raise ImportError", "raise SystemExit"),
        SIGNPOST.replace("print(NOTICE)\n", ""),
        REDIRECT.replace("stacklevel=2", "stacklevel=True"),
        REDIRECT.replace("import warnings", "import warnings as warnings"),
        REDIRECT.replace("import warnings", "import warnings, os"),
        REDIRECT.replace("else:", "elif __name__:"),
        f'NOTICE = "n"\n{HOOK}',
        "",
        '"""Nothing."""\n',
    ],
)
def test_a_module_that_is_nearly_the_bundled_one_is_refused(source: str) -> None:
    assert find_code_faults(source, path="m.py", mode=None) != ()


@pytest.mark.parametrize(
    "head",
    [
        "# coding: utf-7\n",
        "# x\n# -*- coding=latin-1 -*-\n",
        "\ufeff",
        "# x\r# coding: utf-7\n",
        "#\ufffd\n",
        "#\x0c\n",
    ],
)
def test_a_file_that_python_reads_otherwise_than_people_is_refused(head: str) -> None:
    assert "placeholder-obfuscation" in {f.rule for f in find_code_faults(head + SIGNPOST, path="m.py", mode=None)}


@pytest.mark.parametrize("source", [SIGNPOST, REDIRECT, '"""Words."""\n' + SIGNPOST, "# words\n" + REDIRECT])
def test_words_may_differ(source: str) -> None:
    assert find_code_faults(source, path="m.py", mode=None) == ()


def test_what_is_wrong_is_said_without_words_of_a_compiler() -> None:
    (fault,) = find_code_faults(SIGNPOST + "print(open)\n", path="m.py", mode=Mode.SIGNPOST)
    assert (fault.line, fault.message) == (5, "`print(open)` isn't part of a placeholder's notice")


def test_an_endless_file_isnt_parsed() -> None:
    (fault,) = find_code_faults("x" * 30_000, path="m.py", mode=None)
    assert fault.message == "it has 30000 characters, and a notice some hundred"


def test_a_template_with_other_code_is_refused_before_anything_is_planned(tmp_path: Path) -> None:
    (tmp_path / "signpost").mkdir()
    (tmp_path / "signpost" / "__module__.py.j2").write_text(SHELL, encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        Templates(tmp_path, PROFILE)
    assert {fault.rule for fault in caught.value.diagnostics()} == {"placeholder-code"}


def test_bundled_modules_are_the_expected_ones() -> None:
    for mode in Mode:
        tree = Templates(None, PROFILE).render(action(mode=mode), full_portfolio())
        code = next(file for file in tree.files if file.path.endswith(".py"))
        assert find_code_faults(code.text, path=code.path, mode=mode) == ()


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("a-1.dist-info/top_level.txt", True),
        ("README.md", True),
        ("numpy-9.dist-info/NOTICE", False),
        ("numpy.egg-info/PKG-INFO", False),
        ("a-1.data/data/README.md", False),
        ("a-1.dist-info/entry_points.json", False),
        ("sitecustomize.py", False),
        ("x.pth", False),
        ("hatch.toml", False),
    ],
)
def test_documents_are_what_holds_no_code(path: str, is_one: bool) -> None:
    assert is_document(path, info="a-1.dist-info") is is_one

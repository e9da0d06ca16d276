"""A stranger's file costs some seconds at most, and what isn't a placeholder is one line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from tests.harness.cli import call
from tests.harness.values import PROFILE, action, full_portfolio
from tests.harness.wheels import make_wheel

from namehold.mentions import find_installed
from namehold.placeholder import judging
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.judging import judge_file, judge_files
from namehold.placeholder.render import Templates
from namehold.portfolio.model import Mode

OPTIONS = "pip install " + "--a " * 50_000 + "!"


@cache
def built(mode: Mode = Mode.REDIRECT) -> tuple[tuple[str, bytes], ...]:
    """Name and content of a placeholder's files, wheel first."""
    tree = Templates(None, PROFILE).render(action("acme-tol", mode), full_portfolio())
    with TemporaryDirectory() as folder:
        files = PlaceholderBuilder().build(tree, Path(folder))
        return tuple((item.filename, Path(item.path).read_bytes()) for item in files)


@pytest.fixture
def fresh_judges() -> Iterator[None]:
    """No process of another test judges, and none of this one is kept."""
    judging.end_judges()
    yield
    judging.end_judges()


def with_files(wheel: bytes, files: dict[str, str], *, old: str = "", new: str = "") -> bytes:
    """A wheel with more files, and with `old` in its metadata replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wheel)) as before, zipfile.ZipFile(stream, "w") as after:
        for name in before.namelist():
            text = before.read(name).decode()
            after.writestr(name, text.replace(old, new) if old and name.endswith("METADATA") else text)
        for name, text in files.items():
            after.writestr(name, text)
    return stream.getvalue()


@pytest.mark.parametrize("mode", list(Mode))
def test_our_own_files_have_no_findings(mode: Mode) -> None:
    for judged in judge_files(built(mode)):
        assert (judged.form, judged.targets, judged.other) == ((), ("acme-tool",), "")


@pytest.mark.parametrize(
    "path",
    [
        "sitecustomize.py",
        "usercustomize.py",
        "pip/__main__.py",
        "numpy/__init__.py",
        "acme_tool/__init__.py",
        "acme_tol.py",
        "Acme_tol_notice.py",
        "acme_tol_notice/__init__.py",
        "acme_tol-0.0.1.data/purelib/requests/__init__.py",
        "acme_tol-0.0.1.data/data/README.md",
        "acme_tol-0.0.1.dist-info/top_level.txt",
        "requests-9.0.dist-info/METADATA",
        "requests-9.0.egg-info/PKG-INFO",
        "x.pth",
        "x.so",
        "x.pyc",
        "README.md",
    ],
)
def test_a_wheel_with_one_file_more_is_refused(path: str) -> None:
    filename, wheel = built()[0]
    judged = judge_file(filename, with_files(wheel, {path: "raise ImportError('gone')\n"}))
    assert ("form-files", path, "error") in {(item.rule, item.path, item.severity) for item in judged.form}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Summary: ", "Summary: Held: buy at pills.dev instead. ", "placeholder-metadata"),
        ("Author: Acme Robotics", "Author: Python Software Foundation", "placeholder-metadata"),
        ("Author: Acme Robotics", "Author: Acme Robotics\nMaintainer: pills.dev", "placeholder-metadata"),
        ("https://acme.example/\n", "https://pills.dev/\n", "placeholder-metadata"),
        ("Organization, ", "Buy, https://pills.dev/\nProject-URL: Organization, ", "placeholder-metadata"),
        ("Requires-Python", "Home-page: https://pills.dev/\nRequires-Python", "placeholder-metadata"),
        ("# This is not", "<!-- pills.dev -->\n\n# This is not", "placeholder-hidden"),
        ("security@acme", "nobody@acme", "placeholder-transparency"),
        ("text/markdown", "text/plain", "placeholder-metadata"),
    ],
)
def test_what_people_see_is_what_the_reservation_says(old: str, new: str, rule: str) -> None:
    filename, wheel = built()[0]
    assert rule in {item.rule for item in judge_file(filename, with_files(wheel, {}, old=old, new=new)).form}


def test_documents_of_other_peoples_placeholders_only_warn() -> None:
    filename, wheel = make_wheel("acme-tol", modules=["acme_tol"], summary="This name is reserved.")
    judged = judge_file(filename, with_files(wheel, {"README.md": "words"}))
    severities = {item.path: item.severity for item in judged.form if item.rule == "form-files"}
    assert severities == {"README.md": "warning", "acme_tol/__init__.py": "error"}


@pytest.mark.usefixtures("fresh_judges")
def test_a_file_that_takes_too_long_is_a_finding_and_the_others_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "import namehold.placeholder.judging as j, time\nreal = j.judge_file\n"
    slow += "j.judge_file = lambda name, content: time.sleep(600) if name == 'slow.whl' else real(name, content)\n"
    monkeypatch.setattr(judging, "_COMMAND", (*judging._COMMAND[:3], f"{slow}j.serve()"))
    monkeypatch.setattr(judging, "JUDGEMENT_LIMIT_S", 5.0)
    first, second = built()
    judged = judge_files([first, ("slow.whl", b""), second])
    assert [item.filename for item in judged] == [first[0], "slow.whl", second[0]]
    assert [[finding.rule for finding in item.form] for item in judged] == [[], ["form-size"], []]


@pytest.mark.usefixtures("fresh_judges")
def test_a_process_that_dies_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_COMMAND", (*judging._COMMAND[:3], "import os; os.abort()"))
    (judged,) = judge_files([("a.whl", b"")])
    assert [finding.rule for finding in judged.form] == ["form-size"]


@pytest.mark.usefixtures("fresh_judges")
def test_nothing_of_the_current_folder_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("json", "namehold", "readme_renderer"):
        (tmp_path / f"{module}.py").write_text("open('imported', 'w').close()\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (judged,) = judge_files(built()[:1])
    assert judged.form == ()
    assert not (tmp_path / "imported").exists()


def test_a_real_package_is_a_look_up(tmp_path: Path) -> None:
    modules = [f"acme_tool.part{number}" for number in range(80)]
    filename, wheel = make_wheel("acme-tool", modules=modules, requires_dist=[f"dep-{n}" for n in range(6)])
    (tmp_path / filename).write_bytes(wheel)
    done = call("audit", str(tmp_path / filename))
    assert done.code == 0
    assert done.out == f"{filename}: not a placeholder: 80 files of code, 6 requirements\n"
    (file,) = json.loads(call("audit", str(tmp_path / filename), "--format", "json").out)["files"]
    assert (file["other"], file["form"]) == ("80 files of code, 6 requirements", [])


@pytest.mark.parametrize(
    "summary",
    [
        "This name is reserved by Acme.",
        "A placeholder package.",
        "Empty placeholder package - reserved name",
        "Install acme-tool instead.",
        "Package name reserved by Acme",
        "Security holding package",
        "This project is only a placeholder for now",
    ],
)
def test_what_says_that_it_holds_a_name_is_judged(summary: str) -> None:
    assert judge_file(*make_wheel("acme-tol", modules=["a", "b", "c"], summary=summary)).other == ""


#: What tools say of themselves, and placeholders without any code of use.
WEAK_WORDS = [
    "Detect typosquatting and dependency confusion",
    "Placeholder for values in templates",
    "reserved names of each operating system",
    "Not a real package",
    "Parked",
    "Coming soon",
    "Registered to prevent dependency confusion",
]


@pytest.mark.parametrize("summary", WEAK_WORDS)
def test_words_that_a_tool_has_as_well_count_where_there_is_little_else(summary: str) -> None:
    filename, wheel = make_wheel("acme-tol", modules=["acme_tol"], summary=summary)
    assert judge_file(filename, wheel).other == ""
    tool = with_files(wheel, {"acme_tol/core.py": "def scan(text):\n    return text\n" * 40})
    assert judge_file(filename, tool).other == "2 files of code, 0 requirements"


@pytest.mark.parametrize("path", ["acme_tol-0.0.1.data/scripts/acme-tol", "fonts/acme.ttf", "acme_tol/core.so"])
def test_a_program_or_data_without_python_is_no_placeholder(path: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("acme_tol-0.0.1.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme-tol\nVersion: 0.0.1\n")
    filename, wheel = "acme_tol-0.0.1-py3-none-any.whl", stream.getvalue()
    assert judge_file(filename, wheel).other == ""
    assert judge_file(filename, with_files(wheel, {path: "x"})).other.endswith("of code, 0 requirements")


@pytest.mark.parametrize(
    ("text", "is_idle"),
    [
        ("", True),
        ('"""A tool."""\n\n__version__ = "0.0.1"\n', True),
        ("pass\n", True),
        ("from acme_tol._core import scan\n", False),
        ("def scan(text):\n    return text\n", False),
        ("print('hello')\n", False),
        ("((((", False),
        ("x = 1  # " + "-" * 1000, False),
    ],
)
def test_modules_that_do_nothing_are_nothing_to_use(text: str, is_idle: bool) -> None:
    filename, wheel = make_wheel("acme-tol")
    file = with_files(wheel, {"acme_tol/tool.py": text, "acme_tol/py.typed": ""})
    assert judge_file(filename, file).is_silent == is_idle


@pytest.mark.parametrize("ending", ["-py2.7.egg", ".win32.exe", "-1.noarch.rpm", ".tgz", ".tar.bz2"])
def test_older_kinds_of_files_are_no_placeholders(ending: str) -> None:
    assert judge_file(f"acme-tol-1.0{ending}", b"").other == "neither a wheel nor an sdist"


def test_an_empty_release_is_judged() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path in ("empty-1.0/PKG-INFO", "empty-1.0/setup.py"):
            archive.addfile(tarfile.TarInfo(path))
    assert judge_file("empty-1.0.tar.gz", stream.getvalue()).other == ""


def test_findings_of_one_kind_are_one_line_with_a_count(tmp_path: Path) -> None:
    filename, wheel = make_wheel("acme-tol", modules=[f"m{n}" for n in range(30)], summary="This name is reserved.")
    (tmp_path / filename).write_bytes(wheel)
    done = call("audit", str(tmp_path / filename))
    (line,) = [line for line in done.out.splitlines() if "form-files" in line]
    assert "(and 29 more like it)" in line


@pytest.mark.parametrize(
    "text", [OPTIONS, "review" * 40_000, "pip install " * 20_000, "install x " * 20_000, "a" * 200_000, "-" * 200_000]
)
def test_long_words_and_long_lines_are_read_once(text: str) -> None:
    filename, wheel = make_wheel("acme-tol", summary=text[:200_000])
    assert judge_file(filename, wheel).form
    assert set(find_installed(text)) <= {"pip", "install", "x"}


def test_metadata_count_only_where_installers_look() -> None:
    filename, wheel = make_wheel("acme-tol", summary="This name is reserved.")
    found = judge_file(
        filename, with_files(wheel, {"METADATA": "Name: other\nSummary: fine\n", "x/reservation.json": "{}"})
    )
    assert found.summary == "This name is reserved."


def test_what_isnt_judged_in_the_time_for_all_files_is_a_finding() -> None:
    files = built()
    judged = judge_files(files, within_s=0.0)
    assert [item.filename for item in judged] == [name for name, _ in files]
    assert all("no time left" in item.form[0].found for item in judged)
    assert [item.form for item in judge_files(files, within_s=300.0)] == [(), ()]


@pytest.mark.usefixtures("fresh_judges")
def test_releases_share_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    popen = subprocess.Popen

    def start(*words: Any, **options: Any) -> subprocess.Popen[str]:
        started.append(1)
        return popen(*words, **options)

    monkeypatch.setattr(subprocess, "Popen", start)
    files = built()
    assert [[item.form for item in judge_files(files)] for _ in range(3)] == [[(), ()]] * 3
    assert len(started) == 1


def test_what_a_file_leaves_in_its_renderer_is_gone_with_it() -> None:
    """docutils keeps the roles that a text defines: another text would use them, and the index shows no page of it."""
    texts = ".. role:: held(strong)\n\nWords.", "It is :held:`reserved`."
    defining, using = (make_wheel("acme-tol", summary="This name is reserved.", description=text) for text in texts)
    before, _, after = judge_files([using, defining, using])
    assert after == before
    assert "the index shows no page of it" in str(before.form)


@pytest.mark.usefixtures("fresh_judges")
def test_what_a_library_prints_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    loud = "import namehold.placeholder.judging as j\nreal = j.judge_file\n"
    loud += "j.judge_file = lambda name, content: print('{}', flush=True) or real(name, content)\n"
    monkeypatch.setattr(judging, "_COMMAND", (*judging._COMMAND[:3], f"{loud}j.serve()"))
    files = built()
    assert [item.filename for item in judge_files(files)] == [name for name, _ in files]


@pytest.mark.usefixtures("fresh_judges")
def test_the_start_of_a_process_takes_no_time_from_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says with an empty line that it can start; this one takes longer for that than all files may take."""
    answer = json.dumps({"filename": "a.whl", "form": [], "targets": []})
    program = f"import time; time.sleep(1.5); print(flush=True); input(); print({answer!r})"
    monkeypatch.setattr(judging, "_COMMAND", (sys.executable, "-c", program))
    (judged,) = judge_files([("a.whl", b"")], within_s=1.0)
    assert judged.form == ()

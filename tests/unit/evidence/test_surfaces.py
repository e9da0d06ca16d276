"""What a package's own files say about how people reach it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from packaging.utils import NormalizedName

from namehold.evidence.surfaces import read_metadata, read_sdist, read_wheel
from namehold.portfolio.packages import SurfaceKind

ACME = NormalizedName("acme-tool")


class Files:
    """An archive in memory."""

    others = ()

    def __init__(self, contents: Mapping[str, str]) -> None:
        self._contents = dict(contents)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._contents)

    def read(self, name: str) -> bytes:
        return self._contents[name].encode()


def kinds(surfaces: object) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for surface in surfaces:  # type: ignore[attr-defined]  # a tuple of Surface
        found.setdefault(surface.kind, set()).add(surface.value)
    return found


def test_an_address_that_is_none_tells_nothing() -> None:
    text = "Name: acme-tool\nProject-URL: Source, http://[\nProject-URL: Former name, http://[::1\n"
    assert read_metadata(NormalizedName("acme-tool"), text, source="x").surfaces == ()


def test_a_wheel_shows_its_modules_and_commands() -> None:
    wheel = Files(
        {
            "acme/__init__.py": "",
            "acme/deep/inner.py": "",
            "acme_plugin.py": "",
            "_private.py": "",
            "fast.cpython-311-x86_64-linux-gnu.so": "",
            "acme_tool-1.dist-info/METADATA": "",
            "acme_tool-1.dist-info/entry_points.txt": (
                "[console_scripts]\nacme = acme:main\n[gui_scripts]\nacme-ui = acme:ui\n[pytest11]\nx = acme.p\n"
            ),
        }
    )
    found = kinds(read_wheel(wheel, source="w.whl"))
    assert found[SurfaceKind.IMPORT] == {"acme", "acme_plugin", "fast"}
    assert found[SurfaceKind.COMMAND] == {"acme", "acme-ui"}
    assert found[SurfaceKind.ENTRY_POINT] == {"pytest11"}


def test_a_namespace_is_told_from_the_package_in_it() -> None:
    found = kinds(read_wheel(Files({"acme/cloud/storage/__init__.py": ""}), source="w.whl"))
    assert found[SurfaceKind.IMPORT] == {"acme.cloud.storage"}
    assert found[SurfaceKind.NAMESPACE] == {"acme", "acme.cloud"}


def test_modules_in_a_data_folder_count_where_they_land() -> None:
    wheel = Files({"a-1.data/purelib/acme/__init__.py": "", "a-1.data/scripts/acme": "", "a-1.data/data/x.py": ""})
    assert kinds(read_wheel(wheel, source="w"))[SurfaceKind.IMPORT] == {"acme"}


@pytest.mark.parametrize("where", ["lib/python3.12/site-packages", "Lib/site-packages", "lib64/python3/dist-packages"])
def test_modules_that_a_wheel_puts_into_site_packages_itself_are_imports(where: str) -> None:
    wheel = Files({f"a-1.data/data/{where}/acme/__init__.py": "", "a-1.data/data/share/acme/notes.py": ""})
    assert kinds(read_wheel(wheel, source="w")) == {SurfaceKind.IMPORT: {"acme"}}


def test_script_files_of_a_wheel_are_commands() -> None:
    wheel = Files(
        {
            "a-1.data/scripts/acme": "",
            "a-1.data/scripts/acme-ui.exe": "",
            "a-1.data/scripts/sub/x": "",
            "a-1.data/scripts/acme_complete.sh": "",
            "a-1.data/data/bin/acme-admin": "",
            "a-1.data/data/Scripts/acme-win.bat": "",
            "a-1.data/data/share/acme": "",
        }
    )
    commands = {"acme", "acme-ui", "acme_complete.sh", "acme-admin", "acme-win"}
    assert kinds(read_wheel(wheel, source="w")) == {SurfaceKind.COMMAND: commands}


def test_modules_in_a_folder_that_a_pth_file_puts_on_the_path_are_imported_without_it() -> None:
    wheel = Files(
        {
            "acme.pth": "# paths\nacme32\nacme32\\lib\n./tools/\n../outside\n/usr/lib\nC:\\acme\n\nimport acme_start\n",
            "acme32/acmeapi.pyd": "",
            "acme32/lib/acmecon.py": "",
            "tools/acmekit/__init__.py": "",
            "acme_start.py": "",
            "other/inner.pth": "acme_other\n",
            "acme-1.data/data/share/weights.pth": "acme_other\n",
            "acme_other/deep.py": "",
        }
    )
    found = kinds(read_wheel(wheel, source="w"))
    assert found[SurfaceKind.IMPORT] == {"acmeapi", "acmecon", "acmekit", "acme_start", "acme_other.deep"}
    assert found[SurfaceKind.NAMESPACE] == {"acme_other"}


def test_a_folder_of_stubs_is_told() -> None:
    found = kinds(read_wheel(Files({"acme-stubs/__init__.pyi": "", "acme-data/x.py": ""}), source="w"))
    assert found == {SurfaceKind.IMPORT: {"acme-stubs"}}


def test_a_package_that_lies_very_deep_is_shown_with_the_namespaces_that_people_type() -> None:
    found = kinds(read_wheel(Files({"acme/cloud/a/b/c/__init__.py": "", "acme/cloud/a/b/c/d.py": ""}), source="w"))
    assert found == {
        SurfaceKind.IMPORT: {"acme.cloud.a.b.c"},
        SurfaceKind.NAMESPACE: {"acme", "acme.cloud", "acme.cloud.a", "acme.cloud.a.b"},
    }


def test_what_lies_deeper_than_anything_people_type_still_shows_its_namespaces() -> None:
    path = "/".join("abcdefghijkl")
    found = kinds(read_wheel(Files({f"{path}/__init__.py": ""}), source="w"))
    assert found == {SurfaceKind.NAMESPACE: {"a", "a.b", "a.b.c", "a.b.c.d"}}


@pytest.mark.parametrize(
    ("label", "address", "expected"),
    [
        ("Bug Reports", "https://code.acme.example/acme/issues", set()),
        ("Source", "https://code.acme.example/acme/tool/issues", set()),
        ("GitHub: releases", "https://code.acme.example/acme/tool/releases", set()),
        ("Source Code", "https://code.acme.example/acme/tool", {"tool"}),
        ("Code", "https://code.acme.example/acme/tool", {"tool"}),
        ("Code of Conduct", "https://code.acme.example/acme/conduct", set()),
        ("Report a bug", "https://code.acme.example/acme/tool", set()),
        ("repository", "https://code.acme.example/group/acme/tool.git", {"tool"}),
        ("Homepage", "https://code.acme.example/acme/tool/", {"tool"}),
        # Pages of documents and people.
        ("Homepage", "https://docs.acme.example/en/stable/", set()),
        ("Homepage", "https://acme.example/software/tool.html", set()),
        ("Homepage", "https://acme.example/tool/docs", set()),
        ("GitHub Sponsors", "https://code.acme.example/sponsors/jane", set()),
        ("Code", "https://forge.acme.example/p/tool/code/", set()),
    ],
)
def test_only_a_repository_has_a_repositorys_name(label: str, address: str, expected: set[str]) -> None:
    facts = read_metadata(ACME, f"Name: acme-tool\nProject-URL: {label}, {address}\n", source="m")
    assert kinds(facts.surfaces).get(SurfaceKind.REPOSITORY, set()) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a-1/src/acme/__init__.py": "", "a-1/tests/__init__.py": ""}, {"acme"}),
        ({"a-1/acme/__init__.py": "", "a-1/tests/__init__.py": "", "a-1/setup.py": "raise SystemExit"}, {"acme"}),
        ({"a-1/acme.egg-info/top_level.txt": "acme\n_acme\n", "a-1/other/__init__.py": ""}, {"acme"}),
        ({"acme.py": "", "setup.py": "raise SystemExit", "PKG-INFO": "Name: a"}, {"acme"}),
        ({"a-1/acme.py": "", "a-1/setup.py": "", "a-1/conftest.py": "", "a-1/tests/__init__.py": ""}, {"acme"}),
        ({"a-1/acme/__init__.py": "", "a-1/s.py": "", "a-1/helper.py": ""}, {"acme", "s"}),
        # Another language's files in `src`.
        ({"a-1/acme/__init__.py": "", "a-1/src/lib.rs": ""}, {"acme"}),
        ({"a-1/python/acme/__init__.py": "", "a-1/src/lib.rs": ""}, {"acme"}),
        ({"a-1/s.py": "", "a-1/src/speed.c": "", "a-1/setup.py": ""}, {"s"}),
    ],
)
def test_an_sdist_is_read_by_its_layout_or_its_own_list(files: dict[str, str], expected: set[str]) -> None:
    assert kinds(read_sdist(Files(files), source="s-1.zip"))[SurfaceKind.IMPORT] == expected


@pytest.mark.parametrize(
    "table", ["project.scripts", "project.gui-scripts", "tool.poetry.scripts", "tool.flit.scripts"]
)
def test_an_sdist_shows_the_commands_of_its_pyproject(table: str) -> None:
    text = f'[project]\nname = "a"\n[{table}]\nacme = "acme:main"\n'
    assert kinds(read_sdist(Files({"a-1/pyproject.toml": text}), source="s"))[SurfaceKind.COMMAND] == {"acme"}


@pytest.mark.parametrize(
    "text",
    [
        "project = 3",
        "tool = 3",
        "[tool]\npoetry = []",
        "[project\n",
        "[project]\nscripts = 1",
        f"x = {'9' * 5_000}",
        f"x = {'[' * 5_000}",
    ],
)
def test_a_broken_pyproject_tells_nothing(text: str) -> None:
    assert SurfaceKind.COMMAND not in kinds(read_sdist(Files({"a-1/pyproject.toml": text}), source="s"))


def test_broken_entry_points_tell_nothing() -> None:
    wheel = Files({"acme/__init__.py": "", "a-1.dist-info/entry_points.txt": "no section = here\n"})
    assert set(kinds(read_wheel(wheel, source="w"))) == {SurfaceKind.IMPORT}


METADATA = """\
Metadata-Version: 2.4
Name: acme-tool
Summary: Tools
 for robots
Home-page: https://code.acme.example/acme/acme-tool-suite
Project-URL: Source, https://code.acme.example/acme/robot-tool.git
Project-URL: Formerly, https://index.acme.example/project/acmetools/
Project-URL: Documentation, https://docs.acme.example/guide
Obsoletes-Dist: old-acme
Provides-Extra: vision
Requires-Dist: numpy >= 2
Requires-Dist: acme-vision; extra == 'vision'
Requires-Dist: acme-tool[vision]; extra == 'all'
Requires-Dist: not a requirement !!
"""


def test_metadata_tells_former_names_repositories_extras_and_companions() -> None:
    facts = read_metadata(ACME, METADATA, source="METADATA of w.whl")
    found = kinds(facts.surfaces)
    assert found[SurfaceKind.FORMER] == {"acmetools", "old-acme"}
    assert found[SurfaceKind.REPOSITORY] == {"acme-tool-suite", "robot-tool"}
    assert found[SurfaceKind.EXTRA] == {"vision"}
    assert facts.companions == ("acme-vision", "numpy")
    assert ("Documentation", "https://docs.acme.example/guide") in facts.project_urls
    assert facts.summary == "Tools for robots"
    assert {surface.source for surface in facts.surfaces} == {"METADATA of w.whl"}


@pytest.mark.parametrize(
    ("requirement", "is_companion"),
    [
        ("numpy", True),
        ("numpy; python_version < '3.12'", True),
        ("numpy; extra == 'vision'", True),
        ("numpy; (extra == 'vision') or (extra == 'dev')", True),
        ("numpy; extra == 'dev'", False),
        ("numpy; extra == 'Test_Extras' and python_version < '3.12'", False),
        ("numpy; extra == 'all'", False),
        ("numpy; extra == 'tester'", True),
        (f"numpy; {'(' * 900}os_name == 'a'{')' * 900}", False),
    ],
)
def test_what_only_its_developers_install_is_no_companion(requirement: str, is_companion: bool) -> None:
    facts = read_metadata(ACME, f"Name: acme-tool\nRequires-Dist: {requirement}\n", source="m")
    assert bool(facts.companions) is is_companion


def test_metadata_names_the_imports_that_are_public() -> None:
    text = "Name: acme\nImport-Name: acme\nImport-Name: acme.inner ; private\nImport-Name:\nImport-Namespace: house\n"
    found = kinds(read_metadata(NormalizedName("acme"), text, source="m").surfaces)
    assert found == {SurfaceKind.IMPORT: {"acme"}, SurfaceKind.NAMESPACE: {"house"}}


def test_a_long_line_of_entry_points_is_read_once() -> None:
    text = f"[console_scripts]\nacme = acme:main\na{' ' * 200_000}b\n"
    assert read_wheel(Files({"acme-1.dist-info/entry_points.txt": text}), source="x") == ()

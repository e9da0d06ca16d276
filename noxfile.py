"""The project's checks, each in an environment of its own. CI runs the same sessions.

    nox --list
    nox -s tests-3.12 -- tests/unit
    nox -s lowest

An interpreter that isn't installed is left out, and none is downloaded. Arguments after `--` go to pytest.
"""

from __future__ import annotations

from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "floors", "tests"]

PYPROJECT = nox.project.load_toml("pyproject.toml")
#: The versions that the classifiers promise, and the next one, which CI tries before it is promised.
PYTHONS = [*nox.project.python_versions(PYPROJECT), "3.14"]
OLDEST, NEWEST = PYTHONS[0], PYTHONS[-2]
TEST_TOOLS = nox.project.dependency_groups(PYPROJECT, "test")
QUICK_TESTS = ("-q", "-n", "2", "tests/unit")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run all tests against the built wheel, with the locked dependencies."""
    _install_locked(session)
    _install_wheel(session)
    session.run("python", "-m", "pytest", *(session.posargs or ("-q", "-n", "auto")))


@nox.session(python=OLDEST)
def cover(session: nox.Session) -> None:
    """Run all tests and count the lines and branches that they reach, in started programs, too; fewer are an error."""
    _install_locked(session)
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")
    session.run("python", "-m", "pytest", *(session.posargs or ("-q", "-n", "auto")), "--cov")


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """Run the unit tests with the lowest dependencies that pyproject.toml allows."""
    floors = str(Path(session.create_tmp()).resolve() / "lowest.txt")
    session.run_install(
        *("uv", "pip", "compile", "--quiet", "--resolution", "lowest-direct", "--python-version", OLDEST),
        *("--no-header", "--no-annotate", "--output-file", floors, "pyproject.toml"),
    )
    session.install("--requirement", floors, "--constraint", floors, *TEST_TOOLS)
    _install_wheel(session)
    session.run("python", "-m", "pytest", *(session.posargs or QUICK_TESTS))


@nox.session(python=NEWEST)
def highest(session: nox.Session) -> None:
    """Run the unit tests with the newest dependencies that exist, locked or not."""
    session.install("--upgrade", ".", *TEST_TOOLS)
    _install_wheel(session)
    session.run("python", "-m", "pytest", *(session.posargs or QUICK_TESTS))


@nox.session(python=OLDEST)
def lint(session: nox.Session) -> None:
    """Look for faults in code, spelling and workflows; change nothing."""
    _install_locked(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("typos")
    session.run("zizmor", "--offline", "--no-progress", ".github")


@nox.session(python=OLDEST)
def types(session: nox.Session) -> None:
    """Check the types of the package and of its tests."""
    _install_locked(session)
    session.run("mypy")


@nox.session(python=OLDEST)
def floors(session: nox.Session) -> None:
    """Check that no package imports one of a higher layer."""
    _install_locked(session)
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")
    session.run("lint-imports")


@nox.session(python=OLDEST)
def docs(session: nox.Session) -> None:
    """Build the API reference from the docstrings into site/; a warning is an error."""
    _install_locked(session)
    session.run("python", "docs/make_site.py")


def _install_locked(session: nox.Session) -> None:
    # The lock is complete, so nothing is resolved.
    session.install("--require-hashes", "--no-deps", "--requirement", "requirements/dev.txt")


def _install_wheel(session: nox.Session) -> None:
    """Install what a user gets: the wheel, without the checkout on the path."""
    folder = Path(session.create_tmp()).resolve() / "dist"
    for old in folder.glob("*.whl"):
        old.unlink()
    session.run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), silent=True)
    session.install("--no-deps", "--force-reinstall", *map(str, folder.glob("*.whl")))

"""What a placeholder's pyproject.toml may say: fixed keys, fixed values, and no setting that runs or takes in anything.

    find_project_faults(text, path="pyproject.toml", name=name, mode=Mode.REDIRECT, dependencies=("acme-tool",))

A build by a file without faults executes nothing of the placeholder and reads nothing but the placeholder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from packaging.utils import NormalizedName

from namehold.documents import as_list, as_table
from namehold.errors import Diagnostic
from namehold.placeholder.rules import CLASSIFIER, KEYWORD, text_fault
from namehold.placeholder.shape import placeholder_files
from namehold.portfolio import Mode

_PROJECT_KEYS: Final = frozenset(
    {
        "authors",
        "classifiers",
        "dependencies",
        "description",
        "keywords",
        "license",
        "license-files",
        "name",
        "readme",
        "requires-python",
        "urls",
        "version",
    }
)
_BUILD_KEYS: Final = frozenset({"ignore-vcs", "targets"})
_TARGET_KEYS: Final = {
    "sdist": {"core-metadata-version", "only-include"},
    "wheel": {"core-metadata-version", "extra-metadata", "only-include"},
}


def find_project_faults(
    source: str, *, path: str, name: NormalizedName, mode: Mode, dependencies: tuple[str, ...]
) -> tuple[Diagnostic, ...]:
    """Everything in a pyproject.toml that a placeholder called `name` has no use for.

    That is what runs code at build time, takes in other files than its own, adds a dependency, or hides what it is:
    a build by a file without faults executes nothing of the placeholder and reads nothing but the placeholder.
    """
    try:
        document = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        # ValueError: no TOML, or a number of more digits than Python reads.
        return (text_fault("metadata", f"this can't be read as TOML: {error}", path),)
    return tuple(_project_faults(document, path, name, mode, dependencies))


def _project_faults(
    document: dict[str, Any], path: str, name: NormalizedName, mode: Mode, dependencies: tuple[str, ...]
) -> Iterator[Diagnostic]:
    system = as_table(document, "build-system")
    if mode is Mode.REFUSE:
        expected = {"requires": [], "build-backend": "refusal", "backend-path": ["backend"]}
        if system != expected:
            yield text_fault("code", f"build-system must be {expected}", path)
    elif (
        set(system) != {"requires", "build-backend"}
        or system["build-backend"] != "hatchling.build"
        or not re.fullmatch(r"\['hatchling[<>=!~0-9.,]*'\]", str(system["requires"]))
    ):
        yield text_fault("code", "build-system must require hatchling alone and name hatchling.build", path)
    project = as_table(document, "project")
    yield from _field_faults(project, path)
    if as_list(project.get("dependencies")) != list(dependencies):
        wanted = ", ".join(dependencies) or "none"
        yield text_fault("dependency", f"the dependencies must be: {wanted}; without a version", path)
    for key in sorted(set(document) - {"build-system", "project", "tool"}):
        yield text_fault("code", f"[{key}] isn't allowed in a placeholder", path)
    yield from _tool_faults(as_table(document, "tool"), path, placeholder_files(name, mode))


def _field_faults(project: dict[str, Any], path: str) -> Iterator[Diagnostic]:
    """What [project] lacks, and what isn't allowed in it."""
    for key in sorted(set(project) - _PROJECT_KEYS):
        yield text_fault("metadata", f"project.{key} isn't allowed in a placeholder", path)
    for key in sorted(_PROJECT_KEYS - {"urls"} - set(project)):
        yield text_fault("metadata", f"project.{key} is missing", path)
    if project.get("readme", "README.md") != "README.md" or project.get("license-files", ["LICENSE"]) != ["LICENSE"]:
        yield text_fault(
            "metadata", "readme and license-files must be README.md and LICENSE of the placeholder itself", path
        )
    if not isinstance(project.get("license", ""), str):
        yield text_fault("metadata", "license must be an expression: a table can take in a file from elsewhere", path)
    if KEYWORD not in as_list(project.get("keywords")):
        yield text_fault("metadata", f"the keyword {KEYWORD} is missing", path)
    if CLASSIFIER not in as_list(project.get("classifiers")):
        yield text_fault("metadata", f"the classifier {CLASSIFIER} is missing", path)


def _tool_faults(tool: dict[str, Any], path: str, files: frozenset[str]) -> Iterator[Diagnostic]:
    """Settings of tools can run code at build time (hooks) or take in any file of the machine that builds.

    So only the few that choose files are allowed, and they may choose `files` alone.
    """
    hatch = as_table(tool, "hatch")
    build = as_table(hatch, "build")
    if set(tool) - {"hatch"} or set(hatch) - {"build"} or set(build) - _BUILD_KEYS:
        yield text_fault("code", "only [tool.hatch.build] with its targets is allowed: no hooks, no other tool", path)
    for target, value in as_table(build, "targets").items():
        settings = as_table(value)
        if set(settings) - _TARGET_KEYS.get(target, set()):
            yield text_fault("code", f"[tool.hatch.build.targets.{target}] may only choose files", path)
        extra = as_table(settings, "extra-metadata")
        chosen = [*as_list(settings.get("only-include")), *extra, *extra.values()]
        if any(item not in files for item in map(str, chosen)):
            yield text_fault("code", f"[tool.hatch.build.targets.{target}] chooses files that no placeholder has", path)

"""Which reader a file gets, by its path alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name

from namehold.evidence import read_pip_lists
from namehold.scan.model import Use
from namehold.scan.readers.code import read_python, read_setup
from namehold.scan.readers.environment import read_environment
from namehold.scan.readers.notebook import read_notebook
from namehold.scan.readers.prose import may_have_commands, read_commands, read_markdown, read_rst
from namehold.scan.readers.requirements import read_requirements
from namehold.scan.readers.sections import read_setup_cfg, read_tox
from namehold.scan.readers.tables import read_pipfile, read_pixi, read_pyproject, read_tox_toml

Reader = Callable[[str], Iterator[Use]]


def _with_commands(read: Reader, carrier: str) -> Reader:
    """What reads a document's lists of requirements, then the commands in it."""

    def read_both(text: str) -> Iterator[Use]:
        yield from read(text)
        yield from read_commands(text, carrier=carrier)

    return read_both


def _read_yaml(text: str, *, carrier: str) -> Iterator[Use]:
    # A task or a hook may have the words of an environment, too: only reading tells which kind of list a text has.
    known: set[tuple[NormalizedName, int]] = set()
    if "pip:" in text and "dependencies" in text:
        for use in read_environment(text):
            known.add((use.name, use.line))
            yield use
    if "pip:" in text or "additional_dependencies" in text:
        for found in read_pip_lists(list(enumerate(text.split("\n"), start=1))):
            name = canonicalize_name(found.name)
            if (name, found.line) not in known:
                yield Use(name=name, line=found.line, column=found.column, carrier=carrier)
    if may_have_commands(text):
        # A step is called by its name: 'name: pip install the tools'.
        yield from read_commands(_STEP_NAME.sub("", text), carrier=carrier)


def read_script(text: str) -> Iterator[Use]:
    """What a file without a known ending tells: its first line may say which program runs it (`#!`)."""
    first = text.partition("\n")[0]
    if first.startswith("#!") and ("python" in first or "uv run" in first):
        yield from read_python(text)
    else:
        yield from read_commands(text, carrier="script" if first.startswith("#!") else "text")


#: All of a line that gives a name in YAML, but for its end.
_STEP_NAME: Final = re.compile(r"^[ \t]*(?:-[ \t]+)?name:[^\n]*", re.MULTILINE)
#: By the whole name, in lower case.
_BY_NAME: Final[Mapping[str, Reader]] = {
    "pyproject.toml": _with_commands(read_pyproject, "pyproject"),
    "pipfile": read_pipfile,
    "tox.ini": _with_commands(read_tox, "tox.ini"),
    "tox.toml": _with_commands(read_tox_toml, "tox.toml"),
    "pixi.toml": _with_commands(read_pixi, "pixi"),
    "setup.cfg": read_setup_cfg,
    "setup.py": read_setup,
    ".cursorrules": partial(read_markdown, carrier="agent instructions"),
    ".windsurfrules": partial(read_markdown, carrier="agent instructions"),
    ".clinerules": partial(read_markdown, carrier="agent instructions"),
    "pkg-info": partial(read_commands, carrier="metadata"),
    "readme": partial(read_commands, carrier="text"),
    "install": partial(read_commands, carrier="text"),
    "makefile": partial(read_commands, carrier="makefile"),
    "justfile": partial(read_commands, carrier="makefile"),
    "vagrantfile": partial(read_commands, carrier="script"),
    "postbuild": partial(read_commands, carrier="script"),
    "jenkinsfile": partial(read_commands, carrier="workflow"),
}
#: Instructions for coding agents, by their names and folders.
_AGENT: Final = re.compile(
    r"(?:^|/)(?:agents?|claude|gemini|skill|copilot-instructions|conventions)\.md$", re.IGNORECASE
)
_AGENT_FOLDERS: Final = frozenset({".claude", ".cursor", ".agents", ".codex", ".windsurf", "skills", ".gemini"})

#: By the end of the name, in lower case.
_BY_ENDING: Final[Mapping[str, Reader]] = {
    **dict.fromkeys((".md", ".markdown", ".mdx", ".mdc", ".qmd", ".rmd"), read_markdown),
    ".rst": read_rst,
    ".ipynb": read_notebook,
    **dict.fromkeys((".py", ".pyi", ".pyw", ".pyx"), read_python),
    **dict.fromkeys((".txt", ".adoc", ".asciidoc", ".html", ".htm", ".org"), partial(read_commands, carrier="text")),
    **dict.fromkeys((".sh", ".bash", ".zsh", ".fish"), partial(read_commands, carrier="script")),
    **dict.fromkeys((".ps1", ".bat", ".cmd"), partial(read_commands, carrier="script")),
    **dict.fromkeys((".mk", ".just"), partial(read_commands, carrier="makefile")),
    **dict.fromkeys((".cfg", ".ini", ".toml", ".json"), partial(read_commands, carrier="configuration")),
    **dict.fromkeys((".dockerfile", ".containerfile"), partial(read_commands, carrier="dockerfile")),
}
_REQUIREMENTS: Final = re.compile(r"(?:^|[/._-])(?:requirements?|reqs?|constraints)(?:[._-][^/]*)?\.(?:txt|in|pip)$")
_BUILD_FILE: Final = re.compile(r"(?:^|/)(?:dockerfile|containerfile)(?:[.-][^/]*)?$")
_WORKFLOW: Final = re.compile(r"(?:^|/)(?:\.github/|\.gitlab|\.circleci/|azure-pipelines|action\.ya?ml$|\.travis)")


def find_reader(path: str) -> Reader | None:
    """The reader for the file at `path`, which has slashes between its folders; None where it is no document."""
    lower = path.lower()
    name = lower.rpartition("/")[2]
    if name in _BY_NAME:
        return _BY_NAME[name]
    folder, stem = lower.rpartition("/")[0], name.rpartition(".")[0]
    is_requirements = folder.rpartition("/")[2] in {"requirements", "reqs"} and name.endswith((".txt", ".in")) and stem
    if is_requirements or _REQUIREMENTS.search(lower):
        return read_requirements
    if _BUILD_FILE.search(lower):
        return partial(read_commands, carrier="dockerfile")
    ending = name[name.rfind(".") :] if "." in name else ""
    if ending in {".yml", ".yaml"}:
        return partial(_read_yaml, carrier="workflow" if _WORKFLOW.search(lower) else "yaml")
    if ending in {".md", ".mdc"} and (_AGENT.search(lower) or not _AGENT_FOLDERS.isdisjoint(folder.split("/"))):
        return partial(read_markdown, carrier="agent instructions")
    return _BY_ENDING.get(ending)

"""What the command lines of Python's installers look like: their verbs, and which options take a value.

The options are those that pip 26.3, uv 0.13 and Poetry 2.5 list with `--help`, and that the manuals of the others give.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: The verbs after which names stand, for each installer. The words of `BETWEEN` may stand between.
VERBS: Final[Mapping[str, frozenset[str]]] = {
    "pip": frozenset({"install", "download", "wheel"}),
    "uv": frozenset({"add", "install", "run"}),
    "poetry": frozenset({"add", "install"}),
    "pdm": frozenset({"add", "install"}),
    "rye": frozenset({"add", "install"}),
    "hatch": frozenset({"add", "install"}),
    "pipenv": frozenset({"install"}),
    "pipx": frozenset({"install", "inject", "run"}),
    "pixi": frozenset({"add"}),
}
#: Every command has one of the first and one of the second; a text or a line without them is left out at once.
HINTS: Final = ("pip", "uv", "poetry", "pdm", "rye", "hatch", "easy_install", "pixi", "session.install")
VERB_HINTS: Final = (
    "install",
    " add",
    "uvx",
    " run",
    "download",
    "wheel",
    "inject",
    '"add"',
    "'add'",
    '"run"',
    "'run'",
)
BETWEEN: Final = frozenset({"tool", "pip", "self", "dep", "global"})
#: Commands without a verb.
WITHOUT_VERB: Final = frozenset({"easy_install", "uvx"})
#: Calls in code whose arguments are those of an installer, and the first of them: Nox, Python in a browser, pip itself.
CALLS: Final[Mapping[str, str]] = {
    "session.install": "",
    "micropip.install": "",
    "piplite.install": "",
    "pip.main": "install",
    "pip._internal.main": "install",
    "pipmain": "install",
}
#: What has to stand in an installer's command: else Pixi takes the names from another kind of index.
MARKS: Final[Mapping[str, tuple[str, ...]]] = {"pixi": ("--pypi",)}

#: Options whose value is a project; for Poetry `--with` has a group, and for `pip wheel` `-w` a folder.
NAMING_OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "pipx": frozenset({"--preinstall", "--spec", "--with"}),
    "uv": frozenset({"--from", "--with", "--with-executables-from", "-w"}),
    "uvx": frozenset({"--from", "--with", "-w"}),
}
#: Options among them that say where the program comes from, so that the first argument is the program.
SOURCE_OPTIONS: Final = ("--from", "--spec")
#: Options whose value is something else: a file, an address, a group, a platform, a version of Python.
OPTIONS_WITH_VALUES: Final = frozenset(
    {"--abi", "--all-releases", "--allow-insecure-host", "--bounds", "--branch", "--build-constraint"}
    | {"--build-constraints", "--cache-dir", "--categories", "--cert", "--client-cert", "--color", "--config-file"}
    | {"--config-setting", "--config-settings", "--config-settings-package", "--constraint", "--constraints"}
    | {"--default-index", "--dest", "--directory", "--editable", "--env-file", "--environment", "--exclude-newer"}
    | {"--exclude-newer-package", "--excludes", "--exists-action", "--extra", "--extra-index-url", "--extra-pip-args"}
    | {"--extras", "--feature", "--features", "--find-links", "--fork-strategy", "--git", "--global-option", "--group"}
    | {"--implementation", "--index", "--index-strategy", "--index-url", "--keyring-provider", "--link-mode"}
    | {"--lockfile", "--log", "--manifest-path", "--marker", "--markers", "--no-binary", "--no-binary-package"}
    | {"--no-build-isolation-package", "--no-build-package", "--no-editable-package", "--no-extra", "--no-group"}
    | {"--no-install-package", "--no-sources-package", "--only", "--only-binary", "--only-final", "--only-group"}
    | {"--optional", "--output-format", "--override", "--overrides", "--package", "--path", "--pip-args"}
    | {"--platform", "--prefix", "--prerelease", "--prerelease-package", "--progress-bar", "--project", "--proxy"}
    | {"--pypi-mirror", "--python", "--python-platform", "--python-version", "--refresh-package"}
    | {"--reinstall-package", "--report", "--requirement", "--requirements", "--requirements-from-script"}
    | {"--resolution", "--resume-retries", "--retries", "--rev", "--root", "--root-user-action", "--script", "--skip"}
    | {"--source", "--src", "--subdir", "--suffix", "--tag", "--target", "--timeout", "--torch-backend"}
    | {"--trusted-host", "--upgrade-group", "--upgrade-package", "--upgrade-strategy", "--uploaded-prior-to", "--url"}
    | {"--use-deprecated", "--use-feature", "--venv", "--wheel-dir", "--with", "--with-editable"}
    | {"--with-requirements", "--without", "-C", "-E", "-G", "-L", "-P", "-b", "-c", "-d", "-dG", "-e", "-f", "-i"}
    | {"-k", "-m", "-p", "-r", "-s", "-t", "-w"}
)
#: Options among them that have no value for an installer; for others `-d` is the folder of `pip download`.
FLAGS_OF: Final[Mapping[str, frozenset[str]]] = {
    "pdm": frozenset({"-d"}),
    "pipenv": frozenset({"-d"}),
    "poetry": frozenset({"-e"}),
    "rye": frozenset({"-d"}),
}
#: How a configuration starts a program: its command, and what stands between the brackets of its arguments.
LAUNCH: Final = re.compile(
    r"\bcommand[\"']?\s{0,20}[:=]\s{0,20}[\"']([\w./-]{1,100})[\"']\s{0,20},?\s{0,200}"
    r"[\"']?args[\"']?\s{0,20}[:=]\s{0,20}\[([^\[\]]{0,2000})\]"
)
QUOTED: Final = re.compile(r"\"[^\"\s]{1,300}\"|'[^'\s]{1,300}'")

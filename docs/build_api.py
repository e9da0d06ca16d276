"""Builds the API reference into site/, from the docstrings alone and without the network.

    python docs/build_api.py

There is one page for each package or module at the top of namehold, so a new one needs no entry here, and one for
each other public interface (`INNER`).
Private names (`_x`) are left out; a package with `__all__` shows what that names. A warning is an error.
"""

from __future__ import annotations

import pkgutil
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Packages inside another one that have an interface of their own.
INNER = ("index.rules",)
CONFIG = """\
[project]
site_name = "namehold: API reference"
docs_dir = "pages"
site_dir = "site"
use_directory_urls = false

[project.theme]
font = false

[project.markdown_extensions.toc]
permalink = true

[project.plugins.mkdocstrings.handlers.python]
paths = ["{source}"]

[project.plugins.mkdocstrings.handlers.python.options]
docstring_style = "google"
filters = "public"
members_order = "source"
show_root_heading = true
show_if_no_docstring = true
show_source = false
show_signature_annotations = true
separate_signature = true
"""


def main() -> None:
    """Write the pages, build them, and put the result into site/."""
    modules = pkgutil.iter_modules([str(ROOT / "src" / "namehold")])
    names = sorted((*INNER, *(module.name for module in modules if module.name != "__main__")))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pages = folder / "pages"
        pages.mkdir()
        lines = [f"- [`namehold.{name}`](namehold.{name}.md)" for name in names]
        (pages / "index.md").write_text("\n".join(["# API reference", "", *lines, ""]), encoding="utf-8")
        for name in names:
            (pages / f"namehold.{name}.md").write_text(
                f"# `namehold.{name}`\n\n::: namehold.{name}\n", encoding="utf-8"
            )
        config = folder / "zensical.toml"
        config.write_text(CONFIG.format(source=ROOT / "src"), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "--config-file", str(config)],
            cwd=folder,
            check=False,
        )
        if done.returncode:
            sys.exit(done.returncode)
        shutil.rmtree(ROOT / "site", ignore_errors=True)
        shutil.copytree(folder / "site", ROOT / "site")


if __name__ == "__main__":
    main()

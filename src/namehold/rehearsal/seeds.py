"""Small real wheels, made in memory, for projects that stand on the rehearsal index from its start."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence

from packaging.utils import NormalizedName

# The earliest time that a zip archive can hold: the same wheel has the same bytes every time.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def make_wheel(
    name: NormalizedName,
    version: str = "1.0",
    *,
    summary: str = "",
    description: str = "",
    project_urls: Mapping[str, str] | None = None,
    requires_dist: Sequence[str] = (),
    author: str = "",
    author_email: str = "",
    modules: Sequence[str] = (),
    commands: Sequence[str] = (),
    former: Sequence[str] = (),
) -> tuple[str, bytes]:
    """File name and bytes of a pure wheel; the same every time.

    `modules` default to one of the project's own name. `former` are projects that it replaces (Obsoletes-Dist).
    """
    escaped = name.replace("-", "_")
    modules = modules or (escaped,)
    folder = f"{escaped}-{version}.dist-info"
    headers = [
        ("Metadata-Version", "2.4"),
        ("Name", name),
        ("Version", version),
        ("Summary", summary or f"The project {name}."),
        ("Author", author),
        ("Author-email", author_email),
        *(("Project-URL", f"{label}, {url}") for label, url in (project_urls or {}).items()),
        *(("Requires-Dist", requirement) for requirement in requires_dist),
        *(("Obsoletes-Dist", project) for project in former),
        ("Description-Content-Type", "text/markdown"),
    ]
    # Without folding, as core metadata has them.
    head = "".join(f"{header}: {value}\n" for header, value in headers if value)
    members = {
        **{f"{module.replace('.', '/')}/__init__.py": f'"""A module of {name}."""\n' for module in modules},
        f"{folder}/METADATA": f"{head}\n{description or f'# {name}'}\n",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: namehold rehearsal\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    if commands:
        points = "".join(f"{command} = {modules[0]}:main\n" for command in commands)
        members[f"{folder}/entry_points.txt"] = f"[console_scripts]\n{points}"
    rows = [f"{path},sha256={_digest(text)},{len(text.encode())}" for path, text in members.items()]
    members[f"{folder}/RECORD"] = "\n".join([*rows, f"{folder}/RECORD,,", ""])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in members.items():
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), text)
    return f"{escaped}-{version}-py3-none-any.whl", stream.getvalue()


def _digest(text: str) -> str:
    """The digest in RECORD's form (PEP 376, PEP 427)."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")

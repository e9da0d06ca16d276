"""Real wheels for tests, made in memory: modules, commands, extras, requirements, links, as many bytes as wanted."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import zipfile
from collections.abc import Mapping, Sequence


def make_wheel(
    name: str,
    version: str = "1.0",
    *,
    modules: Sequence[str] = (),
    scripts: Sequence[str] = (),
    requires_dist: Sequence[str] = (),
    extras: Sequence[str] = (),
    project_urls: Mapping[str, str] | None = None,
    summary: str = "",
    description: str = "A tool.",
    author: str = "",
    author_email: str = "",
    payload_bytes: int = 0,
) -> tuple[str, bytes]:
    """File name and bytes; the modules default to the package's own name. The payload doesn't compress."""
    escaped = name.replace("-", "_")
    modules = modules or (escaped,)
    said = {"Summary": summary or "A tool.", "Author": author, "Author-email": author_email}
    lines = [f"{header}: {value}" for header, value in said.items() if value]
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires_dist]
    lines += [f"Project-URL: {label}, {address}" for label, address in (project_urls or {}).items()]
    members: dict[str, bytes] = {f"{module.replace('.', '/')}/__init__.py": b"" for module in modules}
    if payload_bytes:
        members[f"{modules[0].replace('.', '/')}/model.bin"] = random.Random(name).randbytes(payload_bytes)  # noqa: S311 -- bytes that don't compress, the same each time
    members |= wheel_metadata(name, version, headers=lines, description=description)
    folder = f"{escaped}-{version}.dist-info"
    if scripts:
        points = "".join(f"{script} = {modules[0]}:main\n" for script in scripts)
        members[f"{folder}/entry_points.txt"] = f"[console_scripts]\n{points}".encode()
    return f"{escaped}-{version}-py3-none-any.whl", pack_wheel(members, record=f"{folder}/RECORD")


def wheel_metadata(name: str, version: str, *, headers: Sequence[str], description: str = "") -> dict[str, bytes]:
    """METADATA and WHEEL by their paths."""
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *headers]
    return {
        f"{folder}/METADATA": ("\n".join(lines) + f"\n\n{description}\n").encode(),
        f"{folder}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }


def pack_wheel(members: Mapping[str, bytes], *, record: str = "") -> bytes:
    """The archive of these members, and of a RECORD about them at the path `record`, if that is given."""
    packed = dict(members)
    if record:
        rows = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in members.items()]
        packed[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in packed.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content)
    return stream.getvalue()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")

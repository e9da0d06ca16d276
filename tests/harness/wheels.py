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
    requires: Sequence[str] = (),
    extras: Sequence[str] = (),
    urls: Mapping[str, str] | None = None,
    summary: str = "",
    payload_bytes: int = 0,
) -> tuple[str, bytes]:
    """File name and bytes; the modules default to the package's own name. The payload doesn't compress."""
    escaped = name.replace("-", "_")
    folder = f"{escaped}-{version}.dist-info"
    modules = modules or (escaped,)
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", f"Summary: {summary or 'A tool.'}"]
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    lines += [f"Project-URL: {label}, {address}" for label, address in (urls or {}).items()]
    members: dict[str, bytes] = {f"{module.replace('.', '/')}/__init__.py": b"" for module in modules}
    if payload_bytes:
        members[f"{modules[0].replace('.', '/')}/model.bin"] = random.Random(name).randbytes(payload_bytes)  # noqa: S311 -- bytes that don't compress, the same each time
    members[f"{folder}/METADATA"] = ("\n".join(lines) + "\n\nA tool.\n").encode()
    members[f"{folder}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if scripts:
        points = "".join(f"{script} = {modules[0]}:main\n" for script in scripts)
        members[f"{folder}/entry_points.txt"] = f"[console_scripts]\n{points}".encode()
    rows = [f"{path},sha256={_digest(content)},{len(content)}" for path, content in members.items()]
    members[f"{folder}/RECORD"] = "\n".join([*rows, f"{folder}/RECORD,,", ""]).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content)
    return f"{escaped}-{version}-py3-none-any.whl", stream.getvalue()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")

"""The outbox: where built files lie from before their intent until their receipt.

    files = build_files(action, portfolio, renderer=templates, builder=builder, outbox=folder)

Each lies in a folder of its own digest. What an intent names is never built again: it is sent as it was built.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from namehold import files
from namehold.ledger import Intent
from namehold.placeholder import Builder, Distribution, TreeRenderer, render_action, require_form
from namehold.plan import Action
from namehold.portfolio import Portfolio


def build_files(
    action: Action, portfolio: Portfolio, *, renderer: TreeRenderer, builder: Builder, outbox: Path
) -> tuple[Distribution, ...]:
    """The action's files, built and kept in `outbox`. Raises BuildError."""
    tree = render_action(action, portfolio, renderer)
    outbox.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=outbox, prefix=".building-") as scratch:
        built = builder.build(tree, Path(scratch))
        require_form(built)
        return tuple(_keep(item, outbox) for item in built)


def _keep(item: Distribution, outbox: Path) -> Distribution:
    """The built file under its digest, whole or not at all."""
    path = outbox / item.sha256 / item.filename
    files.replace(path, [Path(item.path).read_bytes()], is_synced=True)
    return replace(item, path=str(path))


def find_files(intent: Intent, named: Iterable[tuple[str, str]], outbox: Path) -> tuple[Distribution, ...]:
    """Those of the (file name, sha256) that still lie in `outbox` as they were built for the intent."""
    found = []
    for filename, sha256 in named:
        path = outbox / sha256 / filename
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(content).hexdigest() == sha256:
            found.append(
                Distribution(
                    name=intent.name,
                    version=intent.version,
                    filename=filename,
                    path=str(path),
                    sha256=sha256,
                    size=len(content),
                    mode=intent.mode,
                )
            )
    return tuple(found)


def drop_files(intent: Intent, outbox: Path) -> None:
    """Deletes the files of an intent that has its receipt."""
    for _, sha256 in intent.files:
        shutil.rmtree(outbox / sha256, ignore_errors=True)


def sweep_outbox(outbox: Path, unproven: Iterable[Intent]) -> None:
    """Deletes what killed runs left, except the files of `unproven` intents: those may have been sent."""
    kept = {sha256 for intent in unproven for _, sha256 in intent.files}
    for folder in outbox.glob("*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)

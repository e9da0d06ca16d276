"""The outbox: where built files lie from before their intent until their receipt.

    files = build_files(action, portfolio, renderer=templates, builder=builder, outbox=folder)

Each lies in a folder of its own digest. What an intent names is never built again: it is sent as it was built.
The outbox may lie in a checkout: no link in it is followed, and only files are deleted whose digest says that namehold
put them there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from namehold.files import InnerPath, Place, is_digest, is_unfinished, machine_error, scratch_folder
from namehold.ledger import Intent
from namehold.placeholder import Builder, Distribution, TreeRenderer, render_action, require_form
from namehold.plan import Action
from namehold.portfolio import Portfolio


def build_files(
    action: Action, portfolio: Portfolio, *, renderer: TreeRenderer, builder: Builder, outbox: Place
) -> tuple[Distribution, ...]:
    """The action's files, built and kept in `outbox`. Raises BuildError, MachineError."""
    tree = render_action(action, portfolio, renderer)
    with scratch_folder("outbox") as scratch:
        built = builder.build(tree, scratch)
        require_form(built)
        return tuple(_keep(item, InnerPath.of(outbox)) for item in built)


def _keep(item: Distribution, outbox: InnerPath) -> Distribution:
    """The built file under its digest, whole or not at all."""
    try:
        place = outbox / item.sha256 / item.filename
        place.replace([Path(item.path).read_bytes()], is_synced=True)
    except OSError as error:
        raise machine_error(f"{item.filename} can't be kept in the outbox {outbox}", error) from None
    return replace(item, path=str(place))


def find_files(intent: Intent, named: Iterable[tuple[str, str]], outbox: Place) -> tuple[Distribution, ...]:
    """Those of the (file name, sha256) that still lie in `outbox` as they were built for the intent."""
    found = []
    for filename, sha256 in named:
        try:
            place = InnerPath.of(outbox) / sha256 / filename
            content = place.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(content).hexdigest() == sha256:
            found.append(
                Distribution(
                    name=intent.name,
                    version=intent.version,
                    filename=filename,
                    path=str(place),
                    sha256=sha256,
                    size=len(content),
                    mode=intent.mode,
                )
            )
    return tuple(found)


def drop_files(intent: Intent, outbox: Place) -> None:
    """Deletes the files of an intent that has its receipt."""
    for _, sha256 in intent.files:
        _drop(InnerPath.of(outbox), sha256)


def sweep_outbox(outbox: Place, unproven: Iterable[Intent]) -> None:
    """Deletes what killed runs left, except the files of `unproven` intents: those may have been sent."""
    kept = {sha256 for intent in unproven for _, sha256 in intent.files}
    place = InnerPath.of(outbox)
    # Who prepared something else in the outbox's place hears of it when a file is to be kept there.
    with suppress(OSError):
        for name in place.names():
            if name not in kept:
                _drop(place, name)


def _drop(outbox: InnerPath, sha256: str) -> None:
    """Deletes the files that lie in the folder of their own digest, and the folder if nothing else is in it."""
    if not is_digest(sha256):
        return
    with suppress(OSError):
        folder = outbox / sha256
        for name in folder.names():
            if is_unfinished(name) or hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256:
                (folder / name).unlink()
        folder.rmdir()

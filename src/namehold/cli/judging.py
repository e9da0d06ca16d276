"""The judge of names in documents, for the commands that read some."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from namehold.candidates import general_words, load_dictionary, popular_names
from namehold.cli.workspace import Workspace
from namehold.evidence import known_modules
from namehold.index import IndexProfile
from namehold.scan import Judge
from namehold.snapshot import Snapshot


def make_judge(workspace: Workspace, index: IndexProfile, view: Snapshot | None) -> Judge:
    """Judges names by names.yaml, if there is one, and by the index's list."""
    portfolio = workspace.portfolio if workspace.has_config else None
    return Judge(
        portfolio,
        view=view,
        profile=index,
        held=workspace.holdings().names if portfolio is not None else (),
        popular=popular_names().ranks,
        modules=known_modules(),
        words=load_dictionary().words | general_words(),
        today=dt.datetime.now(dt.UTC).date(),
        is_index=lambda address: _host(address) == _host(index.simple),
    )


def _host(address: str) -> str:
    """The host of an address, in lower case; empty where there is none, or it can't be read."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""

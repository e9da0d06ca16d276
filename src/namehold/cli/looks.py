"""What is remembered of the account's other projects between two runs, under the ledger's key.

edges = Edges(account=kept_looks(path, account="acme at https://...", find_key=workspace.find_key), ...)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from packaging.utils import NormalizedName

from namehold import documents
from namehold.cli.output import write_text
from namehold.errors import InputError
from namehold.files import InnerPath
from namehold.ledger import LedgerKey
from namehold.publish import AccountLooks

_KIND = "account-looks"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """Projects that held no reservation: name, time of the look, serial. `mac` proves that a holder of the key kept it.

    `path` and `account` keep the looks at one account of one index from standing for another one's.
    """

    path: str
    account: str
    seen: tuple[tuple[NormalizedName, dt.datetime, int], ...]
    mac: str = ""

    @property
    def content(self) -> bytes:
        """What the MAC covers."""
        return documents.canonical_json([_KIND, documents.as_plain(replace(self, mac=""))])


def kept_looks(path: InnerPath, *, account: str, find_key: Callable[[], LedgerKey | None]) -> AccountLooks:
    """The looks that lie at `path`, and later ones are written there. `account` tells the account and its index.

    Without the key, and for a file of another key, account or index or one that another hand wrote, there are none:
    every project is looked at again.
    """
    key = find_key()
    if key is None:
        return AccountLooks()

    def keep(looks: Mapping[NormalizedName, tuple[dt.datetime, int]]) -> None:
        seen = tuple((name, time, serial) for name, (time, serial) in sorted(looks.items()))
        kept = _Kept(path=path.name, account=account, seen=seen)
        write_text(documents.dump(_KIND, replace(kept, mac=key.authenticate(kept.content))), path)

    try:
        kept = documents.load(_KIND, _Kept, path.read_text(encoding="utf-8"), path=str(path))
        is_ours = (kept.path, kept.account) == (path.name, account) and key.is_authentic(kept.content, kept.mac)
    except (OSError, UnicodeDecodeError, InputError):
        is_ours = False
    looks = {name: (time, serial) for name, time, serial in kept.seen} if is_ours else {}
    return AccountLooks(looks=looks, keep=keep)

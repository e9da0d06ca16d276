"""How an index is reached: reading with httpx, uploading with twine, whose token, by which way, and answers kept."""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.index.access.cache import KeptAnswers
    from namehold.index.access.client import HttpClient, UnreachedError
    from namehold.index.access.hiding import Hider
    from namehold.index.access.http import HttpIndex
    from namehold.index.access.logins import find_key
    from namehold.index.access.policy import ClientPolicy, DIRECT, Patience
    from namehold.index.access.remote import open_remote, read_metadata_beside, read_project_page
    from namehold.index.access.tokens import (
        bits_for_others, find_token, is_of_another_index, KeyringEntry, LocatedToken, NarrowingTokens, read_conditions,
        read_keyring,
    )
    from namehold.index.access.upload import TwineUploader
else:
    __getattr__ = load_late(
        __name__, cache="KeptAnswers", client="HttpClient UnreachedError", hiding="Hider", http="HttpIndex",
        logins="find_key", policy="ClientPolicy DIRECT Patience", remote="open_remote read_metadata_beside "
        "read_project_page", tokens="KeyringEntry LocatedToken NarrowingTokens bits_for_others find_token "
        "is_of_another_index read_conditions read_keyring", upload="TwineUploader")

__all__ = [
    "bits_for_others", "ClientPolicy", "DIRECT", "find_key", "find_token", "Hider", "HttpClient", "HttpIndex",
    "is_of_another_index", "KeptAnswers", "KeyringEntry", "LocatedToken", "NarrowingTokens", "open_remote", "Patience",
    "read_conditions", "read_keyring", "read_metadata_beside", "read_project_page", "TwineUploader", "UnreachedError",
]

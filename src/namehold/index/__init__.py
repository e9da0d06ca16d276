"""One package index: what it is (`profile("pypi")`), what it answers, how it is read and written; see `rules`, too."""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.index.archives import Archive, ArchiveLimits, HostileArchive, open_archive
    from namehold.index.cache import KeptAnswers
    from namehold.index.http import HttpIndex
    from namehold.index.model import (
        Answer, Fetched, first_upload, HolderFacts, INDEX_QUOTA, IndexChoice, IndexFile, IndexProfile, is_same_account,
        KNOWN_INDEXES, latest_release, latest_version, list_releases, MAX_CLOCK_SKEW_S, NICKNAME, Outcome, Ownership,
        parse_retry_after, ProjectState, ProjectStatus, Quota, Relation, SNAPSHOT_MAX_AGE_DAYS, SnapshotInfo, Token,
        TokenConditions,
    )
    from namehold.index.pages import find_listed_names
    from namehold.index.policy import ClientPolicy, DIRECT, Patience
    from namehold.index.ports import (
        AccountReader, BuiltFile, Clock, IndexReader, SnapshotView, TokenSource, Uploader, WebReader,
    )
    from namehold.index.profiles import is_loopback, is_public_host, private_profile, profile
    from namehold.index.remote import open_remote, read_metadata_beside, read_project_page
    from namehold.index.tokens import (
        find_token, is_of_another_index, KeyringEntry, LocatedToken, NarrowingTokens, read_conditions,
    )
    from namehold.index.upload import TwineUploader
else:
    __getattr__ = load_late(
        __name__, archives="Archive ArchiveLimits HostileArchive open_archive", cache="KeptAnswers", http="HttpIndex",
        model="Answer Fetched HolderFacts INDEX_QUOTA IndexChoice IndexFile IndexProfile KNOWN_INDEXES "
        "MAX_CLOCK_SKEW_S NICKNAME Outcome Ownership ProjectState ProjectStatus Quota Relation SNAPSHOT_MAX_AGE_DAYS "
        "SnapshotInfo Token TokenConditions first_upload is_same_account latest_release latest_version list_releases "
        "parse_retry_after", pages="find_listed_names", policy="ClientPolicy DIRECT Patience", ports="AccountReader "
        "BuiltFile Clock IndexReader SnapshotView TokenSource Uploader WebReader", profiles="is_loopback "
        "is_public_host private_profile profile", remote="open_remote read_metadata_beside read_project_page",
        tokens="KeyringEntry LocatedToken NarrowingTokens find_token is_of_another_index read_conditions",
        upload="TwineUploader")

__all__ = [
    "AccountReader", "Answer", "Archive", "ArchiveLimits", "BuiltFile", "ClientPolicy", "Clock", "DIRECT", "Fetched",
    "find_listed_names", "find_token", "first_upload", "HolderFacts", "HostileArchive", "HttpIndex", "INDEX_QUOTA",
    "IndexChoice", "IndexFile", "IndexProfile", "IndexReader", "is_loopback", "is_of_another_index", "is_public_host",
    "is_same_account", "KeptAnswers", "KeyringEntry", "KNOWN_INDEXES", "latest_release", "latest_version",
    "list_releases", "LocatedToken", "MAX_CLOCK_SKEW_S", "NarrowingTokens", "NICKNAME", "open_archive", "open_remote",
    "Outcome", "Ownership", "parse_retry_after", "Patience", "private_profile", "profile", "ProjectState",
    "ProjectStatus", "Quota", "read_conditions", "read_metadata_beside", "read_project_page", "Relation",
    "SNAPSHOT_MAX_AGE_DAYS", "SnapshotInfo", "SnapshotView", "Token", "TokenConditions", "TokenSource", "TwineUploader",
    "Uploader", "WebReader",
]

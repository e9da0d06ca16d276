"""One package index: what it is (`profile("pypi")`), what it answers, its ports; see `rules` and `access`, too."""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.index.archives import Archive, ArchiveLimits, HostileArchive, open_archive
    from namehold.index.each import ask_each
    from namehold.index.model import (
        Answer, Fetched, first_upload, HolderFacts, INDEX_QUOTA, IndexChoice, IndexFile, IndexProfile, is_same_account,
        KNOWN_INDEXES, latest_release, latest_version, list_releases, MAX_CLOCK_SKEW_S, NICKNAME, Outcome, Ownership,
        parse_retry_after, ProjectState, ProjectStatus, Quota, REHEARSAL, Relation, SNAPSHOT_MAX_AGE_DAYS, SnapshotInfo,
        Token, TokenConditions,
    )
    from namehold.index.pages import find_listed_names
    from namehold.index.ports import (
        AccountReader, BuiltFile, Clock, IndexReader, SnapshotView, TokenSource, Uploader, WebReader,
    )
    from namehold.index.profiles import is_loopback, is_public_host, private_profile, profile
else:
    __getattr__ = load_late(
        __name__, archives="Archive ArchiveLimits HostileArchive open_archive", each="ask_each", model="Answer Fetched "
        "HolderFacts INDEX_QUOTA IndexChoice IndexFile IndexProfile KNOWN_INDEXES MAX_CLOCK_SKEW_S NICKNAME Outcome "
        "Ownership ProjectState ProjectStatus Quota REHEARSAL Relation SNAPSHOT_MAX_AGE_DAYS SnapshotInfo Token "
        "TokenConditions first_upload is_same_account latest_release latest_version list_releases parse_retry_after",
        pages="find_listed_names", ports="AccountReader BuiltFile Clock IndexReader SnapshotView TokenSource "
        "Uploader WebReader", profiles="is_loopback is_public_host private_profile profile")

__all__ = [
    "AccountReader", "Answer", "Archive", "ArchiveLimits", "ask_each", "BuiltFile", "Clock", "Fetched",
    "find_listed_names", "first_upload", "HolderFacts", "HostileArchive", "INDEX_QUOTA", "IndexChoice", "IndexFile",
    "IndexProfile", "IndexReader", "is_loopback", "is_public_host", "is_same_account", "KNOWN_INDEXES",
    "latest_release", "latest_version", "list_releases", "MAX_CLOCK_SKEW_S", "NICKNAME", "open_archive", "Outcome",
    "Ownership", "parse_retry_after", "private_profile", "profile", "ProjectState", "ProjectStatus", "Quota",
    "REHEARSAL", "Relation", "SNAPSHOT_MAX_AGE_DAYS", "SnapshotInfo", "SnapshotView", "Token", "TokenConditions",
    "TokenSource", "Uploader", "WebReader",
]

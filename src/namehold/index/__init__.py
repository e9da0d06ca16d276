"""index."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.index.answers import Meaning, parse_date, read_answer
from namehold.index.archives import Archive, ArchiveLimits, HostileArchive, open_archive
from namehold.index.cache import KeptAnswers
from namehold.index.http import HttpIndex
from namehold.index.model import (
    Answer, Availability, HolderFacts, INDEX_QUOTA, IndexChoice, IndexFile, IndexProfile, is_same_account,
    KNOWN_INDEXES, NameCheck, NICKNAME, Outcome, Ownership, ProjectState, ProjectStatus, Protection, Quota, Relation,
    SNAPSHOT_MAX_AGE_DAYS, SnapshotInfo, Token, TypoFlag,
)
from namehold.index.pages import (
    files_of_page, latest_files, Meter, PageFile, read_project_page, status_of_page, unusable_page,
)
from namehold.index.ports import (
    AnswerCache, BuiltFile, Clock, IndexReader, SnapshotView, TokenSource, Uploader, WebReader,
)
from namehold.index.profiles import is_loopback, private_profile, profile, PUBLIC_NICKNAMES
from namehold.index.quota import closed_until, find_slots, Limit, read_limits, Slots, tightest_quota
from namehold.index.remote import MAX_METADATA_BYTES, open_remote
from namehold.index.rules.archive import find_archive_refusal, metadata_file_of
from namehold.index.rules.form import (
    clean_fields, digests_of, Fields, find_envelope_refusal, find_form_refusal, metadata_of, Refusal, RELEASE_OPEN_DAYS,
)
from namehold.index.rules.naming import check_names, is_stdlib, TYPO_CORPUS_SIZE, TypoCorpus
from namehold.index.rules.upload import fields_of_file, find_refusal
from namehold.index.tokens import (
    find_token, locate_token, LocatedToken, MAX_CLOCK_SKEW_S, NarrowingTokens, read_conditions, TokenConditions,
)
from namehold.index.upload import TwineUploader
from namehold.index.wire import CODING, cut_off, Sockets, unpacked

__all__ = [
    "Answer", "AnswerCache", "Archive", "ArchiveLimits", "Availability", "BuiltFile", "check_names", "clean_fields",
    "Clock", "closed_until", "CODING", "cut_off", "digests_of", "Fields", "fields_of_file", "files_of_page",
    "find_archive_refusal", "find_envelope_refusal", "find_form_refusal", "find_refusal", "find_slots", "find_token",
    "HolderFacts", "HostileArchive", "HttpIndex", "INDEX_QUOTA", "IndexChoice", "IndexFile", "IndexProfile",
    "IndexReader", "is_loopback", "is_same_account", "is_stdlib", "KeptAnswers", "KNOWN_INDEXES", "latest_files",
    "Limit", "locate_token", "LocatedToken", "MAX_CLOCK_SKEW_S", "MAX_METADATA_BYTES", "Meaning", "metadata_file_of",
    "metadata_of", "Meter", "NameCheck", "NarrowingTokens", "NICKNAME", "open_archive", "open_remote", "Outcome",
    "Ownership", "PageFile", "parse_date", "private_profile", "profile", "ProjectState", "ProjectStatus", "Protection",
    "PUBLIC_NICKNAMES", "Quota", "read_answer", "read_conditions", "read_limits", "read_project_page", "Refusal",
    "Relation", "RELEASE_OPEN_DAYS", "Slots", "SNAPSHOT_MAX_AGE_DAYS", "SnapshotInfo", "SnapshotView", "Sockets",
    "status_of_page", "tightest_quota", "Token", "TokenConditions", "TokenSource", "TwineUploader", "TYPO_CORPUS_SIZE",
    "TypoCorpus", "TypoFlag", "unpacked", "unusable_page", "Uploader", "WebReader",
]

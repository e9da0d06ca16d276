"""One package index: what it is, what it answers, what it would refuse, how it is read and written.

    >>> from namehold.index import check_names, TypoCorpus
    >>> check_names(["os"], view=None, corpus=TypoCorpus(()))[0].protection
    <Protection.STDLIB: 'stdlib'>

Reading (`HttpIndex`), uploading (`TwineUploader`) and tokens bring heavy libraries and are imported when asked for.
"""

from __future__ import annotations

# fmt: off
# isort: skip_file
from typing import TYPE_CHECKING

from namehold import load_late
from namehold.index.answers import Meaning, parse_date, read_answer
from namehold.index.archives import Archive, ArchiveLimits, HostileArchive, open_archive
from namehold.index.cache import KeptAnswers
from namehold.index.model import (
    Answer, Availability, HolderFacts, INDEX_QUOTA, IndexChoice, IndexFile, IndexProfile, is_same_account,
    KNOWN_INDEXES, MAX_CLOCK_SKEW_S, NameCheck, NICKNAME, Outcome, Ownership, ProjectState, ProjectStatus, Protection,
    Quota, Relation, SNAPSHOT_MAX_AGE_DAYS, SnapshotInfo, Token, TokenConditions, TypoFlag,
)
from namehold.index.pages import latest_release, latest_version, Meter, read_project_page, unusable_page
from namehold.index.policy import ClientPolicy, DIRECT, Patience
from namehold.index.ports import (
    AnswerCache, BuiltFile, Clock, IndexReader, SnapshotView, TokenSource, Uploader, WebReader,
)
from namehold.index.profiles import is_loopback, private_profile, profile
from namehold.index.quota import closed_until, find_slots, Limit, read_limits, Slots, tightest_quota
from namehold.index.remote import MAX_METADATA_BYTES, open_remote
from namehold.index.rules.archive import find_archive_refusal, metadata_file_of
from namehold.index.rules.form import (
    clean_fields, digests_of, Fields, find_envelope_refusal, find_form_refusal, metadata_of, Refusal, RELEASE_OPEN_DAYS,
)
from namehold.index.rules.naming import check_names, is_stdlib, TYPO_CORPUS_SIZE, TypoCorpus
from namehold.index.rules.upload import fields_of_file, find_refusal

if TYPE_CHECKING:
    from namehold.index.http import HttpIndex
    from namehold.index.tokens import find_token, locate_token, LocatedToken, NarrowingTokens, read_conditions
    from namehold.index.upload import TwineUploader
else:
    __getattr__ = load_late(
        __name__,
        http="HttpIndex",
        tokens="LocatedToken NarrowingTokens find_token locate_token read_conditions",
        upload="TwineUploader",
    )

__all__ = [
    "Answer", "AnswerCache", "Archive", "ArchiveLimits", "Availability", "BuiltFile", "check_names", "clean_fields",
    "ClientPolicy", "Clock", "closed_until", "digests_of", "DIRECT", "Fields", "fields_of_file", "find_archive_refusal",
    "find_envelope_refusal", "find_form_refusal", "find_refusal", "find_slots", "find_token", "HolderFacts",
    "HostileArchive", "HttpIndex", "INDEX_QUOTA", "IndexChoice", "IndexFile", "IndexProfile", "IndexReader",
    "is_loopback", "is_same_account", "is_stdlib", "KeptAnswers", "KNOWN_INDEXES", "latest_release", "latest_version",
    "Limit", "locate_token", "LocatedToken", "MAX_CLOCK_SKEW_S", "MAX_METADATA_BYTES", "Meaning", "metadata_file_of",
    "metadata_of", "Meter", "NameCheck", "NarrowingTokens", "NICKNAME", "open_archive", "open_remote", "Outcome",
    "Ownership", "parse_date", "Patience", "private_profile", "profile", "ProjectState", "ProjectStatus", "Protection",
    "Quota", "read_answer", "read_conditions", "read_limits", "read_project_page", "Refusal", "Relation",
    "RELEASE_OPEN_DAYS", "Slots", "SNAPSHOT_MAX_AGE_DAYS", "SnapshotInfo", "SnapshotView", "tightest_quota", "Token",
    "TokenConditions", "TokenSource", "TwineUploader", "TYPO_CORPUS_SIZE", "TypoCorpus", "TypoFlag", "unusable_page",
    "Uploader", "WebReader",
]

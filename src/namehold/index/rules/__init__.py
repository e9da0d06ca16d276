"""What the index allows, refuses and counts: names, uploads, its answers, its quota. Pure functions."""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.index.rules.answers import Meaning, read_answer
    from namehold.index.rules.archive import fields_of_file, find_archive_refusal, find_refusal, metadata_file_of
    from namehold.index.rules.description import read_content_type, render_description
    from namehold.index.rules.form import (
        clean_fields, digests_of, Fields, find_envelope_refusal, find_form_refusal, first_value, metadata_of, Refusal,
        refuse_first, RELEASE_OPEN_DAYS,
    )
    from namehold.index.rules.names import (
        Availability, check_names, is_stdlib, NameCheck, Protection, TYPO_CORPUS_SIZE, TypoCorpus, TypoFlag,
    )
    from namehold.index.rules.quota import closed_until, find_slots, read_limits, Slots, tightest_quota
    from namehold.index.rules.requirements import parse_requirement, read_requirement
else:
    __getattr__ = load_late(
        __name__, answers="Meaning read_answer", archive="fields_of_file find_archive_refusal find_refusal "
        "metadata_file_of", description="read_content_type render_description", form="Fields RELEASE_OPEN_DAYS "
        "Refusal clean_fields digests_of find_envelope_refusal find_form_refusal first_value metadata_of "
        "refuse_first", names="Availability NameCheck Protection TYPO_CORPUS_SIZE TypoCorpus TypoFlag check_names "
        "is_stdlib", quota="Slots closed_until find_slots read_limits tightest_quota",
        requirements="parse_requirement read_requirement")

__all__ = [
    "Availability", "check_names", "clean_fields", "closed_until", "digests_of", "Fields", "fields_of_file",
    "find_archive_refusal", "find_envelope_refusal", "find_form_refusal", "find_refusal", "find_slots", "first_value",
    "is_stdlib", "Meaning", "metadata_file_of", "metadata_of", "NameCheck", "parse_requirement", "Protection",
    "read_answer", "read_content_type", "read_limits", "read_requirement", "Refusal", "refuse_first",
    "RELEASE_OPEN_DAYS", "render_description", "Slots", "tightest_quota", "TYPO_CORPUS_SIZE", "TypoCorpus", "TypoFlag",
]

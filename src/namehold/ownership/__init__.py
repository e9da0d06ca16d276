"""ownership."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.ownership.doctor import diagnose, Diagnosis, Finding
from namehold.ownership.pages import check_ownership, claims_of, OwnershipRecord, read_pages, record_proofs
from namehold.ownership.prove import (
    declares_account, find_contradicted, index_host, is_ours, OwnershipProof, refusal_of, Verdict,
)

__all__ = [
    "check_ownership", "claims_of", "declares_account", "diagnose", "Diagnosis", "find_contradicted", "Finding",
    "index_host", "is_ours", "OwnershipProof", "OwnershipRecord", "read_pages", "record_proofs", "refusal_of",
    "Verdict",
]

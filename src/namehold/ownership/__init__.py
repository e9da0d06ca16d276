"""ownership."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from typing import TYPE_CHECKING

from namehold import load_late
from namehold.ownership.pages import check_ownership, claims_of, OwnershipRecord, read_pages, record_proofs
from namehold.ownership.prove import (
    declares_account, find_contradicted, index_host, is_ours, OwnershipProof, OwnershipRule, refusal_of, Verdict,
)

if TYPE_CHECKING:
    from namehold.ownership.doctor import diagnose, Diagnosis, Finding
else:
    __getattr__ = load_late(
        __name__,
        doctor="Diagnosis Finding diagnose",
    )

__all__ = [
    "check_ownership", "claims_of", "declares_account", "diagnose", "Diagnosis", "find_contradicted", "Finding",
    "index_host", "is_ours", "OwnershipProof", "OwnershipRecord", "OwnershipRule", "read_pages", "record_proofs",
    "refusal_of", "Verdict",
]

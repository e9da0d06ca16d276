"""Whose is the account, and whose are the packages: the index's own record is the proof, names.yaml a claim.

proofs = check_ownership(portfolio, targets, index=index, web=index, profile=profile, now=now)
refusals = [refusal_of(proof) for proof in proofs if proof.verdict is not OwnershipVerdict.PROVED]
"""

from typing import TYPE_CHECKING

from namehold import load_late
from namehold.ownership.pages import check_ownership, claims_of, OwnershipRecord, read_pages, record_proofs
from namehold.ownership.prove import (
    declares_account, find_waiting, index_host, is_under_account_or_holder, OwnershipProof, OwnershipRule,
    OwnershipVerdict, refusal_of, why_waiting,
)

if TYPE_CHECKING:
    from namehold.ownership.doctor import diagnose, Diagnosis, DoctorFinding
else:
    __getattr__ = load_late(__name__, doctor="Diagnosis DoctorFinding diagnose")

__all__ = [
    "check_ownership", "claims_of", "declares_account", "diagnose", "Diagnosis", "DoctorFinding", "find_waiting",
    "index_host", "is_under_account_or_holder", "OwnershipProof", "OwnershipRecord", "OwnershipRule",
    "OwnershipVerdict", "read_pages", "record_proofs", "refusal_of", "why_waiting",
]

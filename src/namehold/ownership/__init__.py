"""Whose is the account, and whose are the packages: the index's own record is the proof, names.yaml a claim.

proofs = check_ownership(portfolio, targets, index=index, web=index, profile=profile, now=now)
refusals = [refusal_of(proof) for proof in proofs if proof.verdict is not OwnershipVerdict.PROVED]
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.ownership.declaration import account_address, declaration_of
    from namehold.ownership.doctor import diagnose, Diagnosis, DoctorCheck, DoctorFinding
    from namehold.ownership.pages import check_ownership, find_declaration, find_facts, OwnershipRecord, record_proofs
    from namehold.ownership.prove import (
        find_proved, find_waiting, is_owner, is_under_account_or_holder, mark_unasked, NOT_PROVED, OwnershipProof,
        OwnershipRule, OwnershipVerdict, refusal_of, why_waiting,
    )
else:
    __getattr__ = load_late(
        __name__, declaration="account_address declaration_of", doctor="Diagnosis DoctorCheck DoctorFinding diagnose",
        pages="OwnershipRecord check_ownership find_declaration find_facts record_proofs", prove="NOT_PROVED "
        "OwnershipProof OwnershipRule OwnershipVerdict find_proved find_waiting is_owner is_under_account_or_holder "
        "mark_unasked refusal_of why_waiting")

__all__ = [
    "account_address", "check_ownership", "declaration_of", "diagnose", "Diagnosis", "DoctorCheck", "DoctorFinding",
    "find_declaration", "find_facts", "find_proved", "find_waiting", "is_owner", "is_under_account_or_holder",
    "mark_unasked", "NOT_PROVED", "OwnershipProof", "OwnershipRecord", "OwnershipRule", "OwnershipVerdict",
    "record_proofs", "refusal_of", "why_waiting",
]

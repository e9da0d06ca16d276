"""No text of names.yaml or of a reason can put a name into the block that administrators paste."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
from tests.harness.values import NOON, TOOL, assessment, make_plan, name

from namehold.ledger.model import Holdings, LetterKind
from namehold.letters.choose import LetterFacts
from namehold.letters.write import write_letter
from namehold.ownership.prove import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.portfolio.model import Account, Organization, Portfolio, Route
from namehold.portfolio.packages import Package

_TEXT = st.text(alphabet=st.sampled_from("aB1 \n\r\t\x0b\x0c\x1c\x85\u2028\u2029\u202e-.,:|<>é"), max_size=60)


@given(organization=_TEXT, contact=_TEXT, reason=_TEXT, note=_TEXT)
def test_the_block_holds_the_names_and_nothing_else(organization: str, contact: str, reason: str, note: str) -> None:
    names = (name("acme-tol"), name("acmetool"))
    portfolio = Portfolio(
        organization=Organization(name=organization, contact=contact, homepage=reason, policy_page=note),
        account=Account(index="pypi", username="acme-names"),
        packages=(Package(name=TOOL, spelled="acme-tool"),),
    )
    proof = OwnershipProof(
        target=TOOL, verdict=OwnershipVerdict.PROVED, rule=OwnershipRule.ACCOUNT_OWNS, text=reason, fix="", time=NOON
    )
    facts = LetterFacts(
        plan=make_plan(tuple(assessment(text, Route.REQUEST, reason=reason) for text in names)),
        portfolio=portfolio,
        holdings=Holdings(),
        proofs=(proof,),
        looked_up=dict.fromkeys(names, (False, NOON)),
        words=(),
        now=NOON + dt.timedelta(hours=1),
        note=note,
    )

    written = write_letter(LetterKind.PROHIBIT, names, facts)
    block, comment, greeting, *rest = written.body.split("\n\n")

    assert block == "acme-tol\nacmetool"
    assert comment.startswith("Comment: ")
    assert len(comment.splitlines()) == 1
    assert greeting == "Dear administrators,"
    assert rest
    assert not set("\r\t\x0b\x0c\x1c\x85\u2028\u2029\u202e") & set(written.body + written.subject)

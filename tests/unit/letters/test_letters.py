"""Letters are few, small, complete and private, and never ask for what would harm somebody."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import NOON, SDK, TOOL, assessment, every_route_plan, held, make_plan, name, package

from namehold.candidates.model import Channel
from namehold.index.rules.names import Availability
from namehold.ledger.model import Holdings, LetterAnswer, LetterKind, SentLetter
from namehold.letters.choose import MOST_NAMES_A_LETTER, LetterFacts, find_open_letter, select_names
from namehold.letters.refuse import find_letter_refusals
from namehold.letters.write import Letter, write_letter
from namehold.ownership.prove import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.plan.model import Plan, Reason
from namehold.portfolio.model import Account, LookAlike, NamespaceGrant, Organization, Portfolio, Route
from namehold.portfolio.packages import Package

PORTFOLIO = Portfolio(
    organization=Organization(
        name="Acme Robotics",
        legal_name="Acme Robotics Ltd",
        contact="security@acme.example",
        homepage="https://acme.example",
        index_organization="acme",
    ),
    account=Account(index="pypi", username="acme-names"),
    packages=(Package(name=TOOL, spelled="acme-tool"), Package(name=SDK, spelled="acme-robotics-sdk")),
    look_alikes=(
        LookAlike(name=name("acne-tool"), package=TOOL, date=dt.date(2026, 10, 1), note="copies our description"),
    ),
)
BEST = (name("acme-robotcs-sdk"), name("acme-tol"))


def proof(target: NormalizedName, verdict: OwnershipVerdict = OwnershipVerdict.PROVED) -> OwnershipProof:
    return OwnershipProof(
        target=target,
        verdict=verdict,
        rule=OwnershipRule.ACCOUNT_OWNS,
        text="the index shows 'acme-names' as an owner",
        fix="",
        time=NOON,
    )


def facts(
    *,
    plan: Plan | None = None,
    holdings: Holdings | None = None,
    exists: Mapping[str, bool] | None = None,
    looked_up: dt.datetime = NOON,
    now: dt.datetime = NOON,
    portfolio: Portfolio = PORTFOLIO,
    note: str = "",
    proofs: tuple[OwnershipProof, ...] = (proof(TOOL), proof(SDK)),
    words: tuple[str, ...] = (),
    released: Mapping[NormalizedName, dt.datetime | None] | None = None,
) -> LetterFacts:
    shown = {"acme-tol": False, "acme-robotcs-sdk": False, **(exists or {})}
    return LetterFacts(
        plan=plan or every_route_plan(),
        portfolio=portfolio,
        holdings=holdings or Holdings(),
        proofs=proofs,
        looked_up={name(text): (there, looked_up) for text, there in shown.items()},
        words=words,
        now=now,
        note=note,
        released={name("acne-tool"): NOON, TOOL: NOON - dt.timedelta(days=900), **(released or {})},
    )


def rules(kind: LetterKind, names: tuple[NormalizedName, ...], known: LetterFacts) -> set[str]:
    return {item.rule for item in find_letter_refusals(kind, names, known)}


def sent(
    *names: str, days_ago: int = 10, kind: LetterKind = LetterKind.PROHIBIT, answer: LetterAnswer | None = None
) -> SentLetter:
    date = NOON.date() - dt.timedelta(days=days_ago)
    return SentLetter(
        kind=kind,
        digest=f"sha256:{days_ago:064x}",
        names=tuple(name(text) for text in names),
        sent=date,
        answers=tuple((name(text), answer, date) for text in names) if answer else (),
    )


def letter(kind: LetterKind, names: tuple[NormalizedName, ...], known: LetterFacts) -> Letter:
    assert find_letter_refusals(kind, names, known) == ()
    return write_letter(kind, names, known)


# --------------------------------------------------------------------------- the text


def test_it_opens_with_the_block_to_paste() -> None:
    made = letter(LetterKind.PROHIBIT, BEST, facts())

    first, comment, greeting = made.body.split("\n\n")[:3]
    assert first.splitlines() == ["acme-robotcs-sdk", "acme-tol"]
    assert comment.startswith("Comment: Request to prohibit 2 project names")
    assert len(comment.splitlines()) == 1
    assert greeting == "Dear administrators,"


def test_it_proves_who_writes_and_says_why_each_name() -> None:
    body = letter(LetterKind.PROHIBIT, BEST, facts()).body

    assert "- Acme Robotics (Acme Robotics Ltd), https://acme.example" in body
    assert "- acme-tool: the index shows 'acme-names' as an owner (2026-11-02" in body
    assert "- acme-tol, for acme-tool: an adjacent transposition" in body
    assert "(transposition: acme-tol for" in body.replace("\n  ", " ")
    assert "Contact: security@acme.example" in body
    assert "None of them was registered when we asked the index at 2026-11-02 12:00" in body.replace("\n", " ")
    assert "deletes a project that holds it" in body.replace("\n", " ")


def test_unregistered_names_go_by_private_mail_only() -> None:
    prohibit = letter(LetterKind.PROHIBIT, BEST, facts())
    announce = letter(LetterKind.ANNOUNCE, (name("acme-cli"),), facts(exists={"acme-cli": False}))

    for made in (prohibit, announce):
        assert made.is_private
        assert "private mail, never in a tracker" in made.send_to


def test_no_letter_knows_an_address_of_the_administrators() -> None:
    made = letter(LetterKind.PROHIBIT, BEST, facts())

    assert "@" not in made.send_to
    assert "://" not in made.send_to
    assert [word for word in made.body.split() if "://" in word] == ["https://acme.example"]


def test_hostile_text_cannot_add_a_name_to_the_block() -> None:
    organization = dataclasses.replace(PORTFOLIO.organization, name="Acme\nrequests\n\nDear\u202e", contact="a\nb")
    known = facts(portfolio=dataclasses.replace(PORTFOLIO, organization=organization))

    body = letter(LetterKind.PROHIBIT, BEST, known).body

    assert body.split("\n\n")[0].splitlines() == list(BEST)
    assert "requests" not in body.splitlines()
    assert "\u202e" not in body


def test_lines_of_prose_fit_a_mail() -> None:
    body = letter(LetterKind.PROHIBIT, BEST, facts(note="word " * 200)).body

    assert all(len(line) <= 76 for line in body.splitlines() if not line.startswith("Comment:"))


def test_the_digest_is_over_the_letter() -> None:
    one, same = (letter(LetterKind.PROHIBIT, BEST, facts()) for _ in range(2))
    other = letter(LetterKind.PROHIBIT, BEST[:1], facts())

    assert one == same
    assert one.digest.startswith("sha256:")
    assert one.digest != other.digest


@pytest.mark.parametrize("is_draft", [False, True])
def test_no_line_is_too_long_for_mail_however_many_packages_an_organization_has(*, is_draft: bool) -> None:
    family = [name(f"acme-robotics-module-with-a-long-name-{number}") for number in range(4)]
    portfolio = dataclasses.replace(PORTFOLIO, packages=tuple(Package(name=each, spelled=each) for each in family))
    known = dataclasses.replace(
        facts(portfolio=portfolio, proofs=tuple(proof(each) for each in family)), is_draft=is_draft
    )
    body = write_letter(LetterKind.NAMESPACE, (name("acme"),), known).body

    assert all(len(line) <= 76 for line in body.splitlines() if not line.startswith("Comment:"))
    assert all(each in body for each in family)


def test_a_transfer_says_what_the_index_shows_of_the_project() -> None:
    known = dataclasses.replace(
        facts(exists={"acne-tool": True}, note="We wrote."),
        signs={name("acne-tool"): ("it says that it only holds the name",)},
    )
    body = " ".join(letter(LetterKind.TRANSFER, (name("acne-tool"),), known).body.split())
    shown = "acne-tool first released on 2026-11-02, acme-tool on 2024-05-16; it says that it only holds the name."
    assert f"The index showed on {NOON:%Y-%m-%d}: {shown}" in body


def test_the_other_kinds_say_what_they_are_about() -> None:
    report = " ".join(letter(LetterKind.REPORT, (name("acne-tool"),), facts(exists={"acne-tool": True})).body.split())
    transfer = letter(
        LetterKind.TRANSFER,
        (name("acne-tool"),),
        facts(exists={"acne-tool": True}, note="We wrote three times since May."),
    ).body
    namespace = letter(LetterKind.NAMESPACE, (name("acme"),), facts()).body
    announce = letter(LetterKind.ANNOUNCE, (name("acme-cli"),), facts(exists={"acme-cli": False})).body

    assert "Acme Robotics states (2026-10-01): 'copies our description'." in report
    assert "The name is one edit away from acme-tool." in report
    assert "acne-tool first released on 2026-11-02, acme-tool on 2024-05-16." in report
    assert "apart from it we say nothing about those who hold them" in report
    assert "We wrote three times since May." in transfer
    assert "PEP 541" in transfer
    assert "- acme: acme-robotics-sdk, acme-tool" in namespace
    assert "PEP 752" in namespace
    assert "from the one account acme-names" in announce.replace("\n", " ")


def test_an_announcement_says_only_of_flagged_names_that_the_index_will_report_them() -> None:
    known = facts(exists={"acme-cli": False, "acmetools": False})
    both = (name("acme-cli"), name("acmetools"))
    flagged, unflagged = (
        " ".join(letter(LetterKind.ANNOUNCE, names, known).body.split()) for names in (both, both[1:])
    )

    assert "your background check for typing errors will name acme-cli; this is why we tell you first." in flagged
    assert "your background check for typing errors will name none of them" in unflagged


# --------------------------------------------------------------------------- which names


def test_the_best_names_come_first_and_no_more_than_a_letter_takes() -> None:
    plan = make_plan(tuple(assessment(f"acme-{n}", Route.REQUEST, rate=n / 100) for n in range(1, 21)))

    names = select_names(LetterKind.PROHIBIT, plan=plan, portfolio=PORTFOLIO, holdings=Holdings())

    assert names[0] == "acme-20"
    assert len(names) == MOST_NAMES_A_LETTER


@pytest.mark.parametrize(
    "holdings",
    [
        Holdings(prohibited=(name("acme-tol"),)),
        Holdings(held=(held("acme-tol"),)),
        Holdings(letters=(sent("acme-tol"),)),
        Holdings(letters=(sent("acme-tol", answer=LetterAnswer.DECLINED),)),
    ],
)
def test_names_that_are_settled_or_asked_for_are_left_out(holdings: Holdings) -> None:
    names = select_names(LetterKind.PROHIBIT, plan=every_route_plan(), portfolio=PORTFOLIO, holdings=holdings)

    assert names == ("acme-robotcs-sdk",)


@pytest.mark.parametrize("kind", [LetterKind.PROHIBIT, LetterKind.ANNOUNCE, LetterKind.REPORT, LetterKind.NAMESPACE])
def test_packages_that_wait_for_their_proof_are_left_out(kind: LetterKind) -> None:
    members = tuple(package(text) for text in ("acme-tool", "acme-robotics-sdk", "acme-view"))
    owned = dataclasses.replace(PORTFOLIO, packages=members)

    def chosen(*waiting: str) -> tuple[str, ...]:
        left_out = frozenset(map(name, waiting))
        return select_names(kind, plan=every_route_plan(), portfolio=owned, holdings=Holdings(), waiting=left_out)

    assert chosen()
    assert chosen("acme-tool") != chosen() or kind is LetterKind.NAMESPACE
    # A prefix is shared as long as two of its packages are proved.
    assert chosen("acme-tool", "acme-robotics-sdk") == ()


def test_after_silence_a_name_may_be_asked_for_again() -> None:
    holdings = Holdings(letters=(sent("acme-tol", days_ago=90, answer=LetterAnswer.SILENT),))

    names = select_names(LetterKind.PROHIBIT, plan=every_route_plan(), portfolio=PORTFOLIO, holdings=holdings)

    assert "acme-tol" in names


def test_each_kind_selects_its_own_names() -> None:
    def chosen(kind: LetterKind, portfolio: Portfolio = PORTFOLIO) -> tuple[str, ...]:
        return select_names(kind, plan=every_route_plan(), portfolio=portfolio, holdings=Holdings())

    granted = dataclasses.replace(
        PORTFOLIO, namespaces=(NamespaceGrant(prefix=name("acme"), since=dt.date(2026, 7, 1)),)
    )
    assert chosen(LetterKind.ANNOUNCE) == ("acme-cli",)
    assert chosen(LetterKind.REPORT) == ("acne-tool",)
    assert chosen(LetterKind.NAMESPACE) == ("acme",)
    assert chosen(LetterKind.NAMESPACE, granted) == ()
    assert chosen(LetterKind.TRANSFER) == ()


# --------------------------------------------------------------------------- refusals


def test_a_complete_letter_is_not_refused() -> None:
    assert rules(LetterKind.PROHIBIT, BEST, facts()) == set()


def test_at_most_fifteen_names_and_at_least_one() -> None:
    many = tuple(name(f"acme-{n}") for n in range(16))
    plan = make_plan(tuple(assessment(text, Route.REQUEST) for text in many))
    known = facts(plan=plan, exists=dict.fromkeys(many, False))

    assert rules(LetterKind.PROHIBIT, many, known) == {"letter-size"}
    assert rules(LetterKind.PROHIBIT, many[:15], known) == set()
    assert rules(LetterKind.PROHIBIT, (), known) == {"letter-nothing"}


def test_a_letter_without_names_names_the_list_that_lacks() -> None:
    plan = dataclasses.replace(make_plan(()), warnings=(Reason(rule="no-snapshot", text="There is no list."),))
    (found,) = find_letter_refusals(LetterKind.PROHIBIT, (), facts(plan=plan))
    assert "no complete list of the index's names" in found.message
    assert found.fix.startswith("namehold snapshot update")


def test_one_request_is_open_at_a_time() -> None:
    waiting = Holdings(letters=(sent("acme-x"),))

    assert rules(LetterKind.PROHIBIT, BEST, facts(holdings=waiting)) == {"letter-open"}
    assert rules(LetterKind.NAMESPACE, (name("acme"),), facts(holdings=waiting)) == {"letter-open"}
    assert find_open_letter(waiting.letters) == waiting.letters[0]


def test_announcements_and_reports_wait_for_nothing_and_block_nothing() -> None:
    told = Holdings(letters=(sent("acme-cli", kind=LetterKind.ANNOUNCE),))
    waiting = Holdings(letters=(sent("acme-x"),))

    assert rules(LetterKind.PROHIBIT, BEST, facts(holdings=told)) == set()
    assert rules(LetterKind.REPORT, (name("acne-tool"),), facts(holdings=waiting, exists={"acne-tool": True})) == set()


def test_no_reminder_before_sixty_days() -> None:
    def fix(days_ago: int) -> str:
        holdings = Holdings(letters=(sent("acme-x", days_ago=days_ago),))
        (refusal,) = find_letter_refusals(LetterKind.PROHIBIT, BEST, facts(holdings=holdings))
        return refusal.fix

    assert "silent" not in fix(59)
    assert "--answer silent" in fix(60)


def test_every_name_must_be_absent_on_the_same_day() -> None:
    yesterday = facts(looked_up=NOON - dt.timedelta(days=1))

    assert rules(LetterKind.PROHIBIT, BEST, yesterday) == {"letter-unconfirmed"}
    assert rules(LetterKind.PROHIBIT, BEST, dataclasses.replace(facts(), looked_up={})) == {"letter-unconfirmed"}


def test_a_registered_name_is_never_asked_to_be_prohibited() -> None:
    (refusal,) = find_letter_refusals(LetterKind.PROHIBIT, BEST, facts(exists={"acme-tol": True}))

    assert refusal.rule == "letter-exists"
    assert "prohibiting it would delete that project" in refusal.message


def test_a_report_or_transfer_needs_a_project_that_is_there() -> None:
    known = facts(exists={"acne-tool": False}, note="We wrote.")

    assert rules(LetterKind.REPORT, (name("acne-tool"),), known) == {"letter-absent"}
    assert rules(LetterKind.TRANSFER, (name("acne-tool"),), known) == {"letter-absent"}


def test_only_names_of_the_route_are_asked_for_and_the_plans_reason_is_told() -> None:
    known = facts(exists={"acme-word": False, "acme-cli": False, "requests": False})

    (word,) = find_letter_refusals(LetterKind.PROHIBIT, (name("acme-word"),), known)
    assert word.rule == "letter-route"
    assert "a word of the dictionary" in word.message
    assert rules(LetterKind.PROHIBIT, (name("acme-cli"),), known) == {"letter-route"}
    assert rules(LetterKind.PROHIBIT, (name("requests"),), known) == {"letter-unplanned"}


def test_only_planned_reservations_are_announced() -> None:
    known = facts(exists={"acme-sdk": False})

    assert rules(LetterKind.ANNOUNCE, (name("acme-sdk"),), known) == {"letter-route"}


def test_a_target_must_be_proved() -> None:
    contradicted = facts(proofs=(proof(TOOL, OwnershipVerdict.CONTRADICTED), proof(SDK)))

    assert rules(LetterKind.PROHIBIT, BEST, contradicted) == {"letter-target"}
    assert rules(LetterKind.PROHIBIT, BEST, facts(proofs=())) == {"letter-target"}


def test_what_was_declined_or_granted_is_not_asked_again() -> None:
    declined = Holdings(letters=(sent("acme-tol", answer=LetterAnswer.DECLINED),))
    granted = Holdings(prohibited=(name("acme-tol"),))

    assert rules(LetterKind.PROHIBIT, BEST, facts(holdings=declined)) == {"letter-declined"}
    assert rules(LetterKind.PROHIBIT, BEST, facts(holdings=granted)) == {"letter-settled"}


def test_an_answer_to_one_kind_of_request_says_nothing_about_another() -> None:
    declined = Holdings(letters=(sent("acme", kind=LetterKind.NAMESPACE, answer=LetterAnswer.DECLINED),))
    plan = make_plan((assessment("acme", Route.REQUEST),))
    known = facts(plan=plan, holdings=declined, exists={"acme": False})

    assert rules(LetterKind.PROHIBIT, (name("acme"),), known) == set()
    assert rules(LetterKind.NAMESPACE, (name("acme"),), known) == {"letter-declined"}


def test_an_old_plan_is_refused() -> None:
    now = NOON + dt.timedelta(days=15)

    assert rules(LetterKind.PROHIBIT, BEST, facts(now=now, looked_up=now)) == {"letter-stale-plan"}


def test_a_prefix_must_be_a_family_and_no_common_word() -> None:
    assert rules(LetterKind.NAMESPACE, (name("other"),), facts()) == {"letter-no-family"}
    assert rules(LetterKind.NAMESPACE, (name("acme"),), facts(words=("acme",))) == {"letter-generic-prefix"}


def test_a_transfer_needs_the_senders_own_words() -> None:
    assert rules(LetterKind.TRANSFER, (name("acne-tool"),), facts(exists={"acne-tool": True})) == {"letter-note"}


def test_all_refusals_come_at_once() -> None:
    known = facts(holdings=Holdings(letters=(sent("acme-x"),)), proofs=(), exists={"acme-tol": True})

    found = find_letter_refusals(LetterKind.PROHIBIT, BEST, known)

    assert {item.rule for item in found} == {"letter-open", "letter-exists", "letter-target"}
    assert all(item.fix for item in found)


def test_taken_names_of_the_plan_can_be_asked_to_be_transferred() -> None:
    plan = make_plan((assessment("acme-tol", Route.NONE, availability=Availability.TAKEN),))
    known = facts(plan=plan, exists={"acme-tol": True}, note="We wrote three times.", released={name("acme-tol"): NOON})

    body = " ".join(letter(LetterKind.TRANSFER, (name("acme-tol"),), known).body.split())
    assert "The name is one edit away from acme-tool." in body
    assert f"acme-tol first released on {NOON:%Y-%m-%d}, acme-tool on {NOON - dt.timedelta(days=900):%Y-%m-%d}." in body


# --------------------------------------------------------------------------- nothing false about others


def flagged(text: str, *, rule: str = "look-alike") -> LetterFacts:
    """A project of others that names.yaml calls a look-alike of acme-tool."""
    item = assessment(text, Route.FLAG, availability=Availability.FOREIGN)
    item = item.changed(reasons=(Reason(rule=rule, text="Malware; its maintainers steal passwords."),))
    verdict = LookAlike(name=name(text), package=TOOL, date=dt.date(2026, 11, 1), note="Malware; they steal passwords")
    return facts(
        plan=make_plan((item,)),
        exists={text: True},
        portfolio=dataclasses.replace(PORTFOLIO, look_alikes=(verdict,)),
        released={name(text): NOON},
    )


@pytest.mark.parametrize("text", ["numpy", "requests", "acme", "tool", "acmetrics", "acme-robotics", "toolbox"])
def test_a_project_whose_name_is_not_like_ours_is_neither_reported_nor_asked_for(text: str) -> None:
    assert rules(LetterKind.REPORT, (name(text),), flagged(text)) == {"letter-unlike"}
    assert rules(LetterKind.TRANSFER, (name(text),), dataclasses.replace(flagged(text), note="We wrote.")) == {
        "letter-unlike"
    }


@pytest.mark.parametrize("text", ["acme-tol", "acne-tool", "acmetool", "acme-t00l", "acme-tool-mcp", "my-acme-tool"])
def test_one_whose_name_is_may_be(text: str) -> None:
    assert rules(LetterKind.REPORT, (name(text),), flagged(text)) == set()


@pytest.mark.parametrize(
    ("first", "ours"),
    [
        (NOON - dt.timedelta(days=901), NOON - dt.timedelta(days=900)),
        (NOON, NOON),
        (None, NOON),
        (NOON, None),
    ],
)
def test_one_that_is_not_shown_to_be_younger_is_neither_reported_nor_asked_for(
    first: dt.datetime | None, ours: dt.datetime | None
) -> None:
    known = dataclasses.replace(flagged("acme-tol"), released={name("acme-tol"): first, TOOL: ours}, note="We wrote.")
    assert rules(LetterKind.REPORT, (name("acme-tol"),), known) == {"letter-older"}
    assert rules(LetterKind.TRANSFER, (name("acme-tol"),), known) == {"letter-older"}


def test_what_names_yaml_says_is_told_as_the_organizations_statement() -> None:
    body = " ".join(letter(LetterKind.REPORT, (name("acme-tol"),), flagged("acme-tol")).body.split())
    assert body.count("steal passwords") == 1
    assert "Acme Robotics states (2026-11-01): 'Malware; they steal passwords'." in body

    (clue,) = assessment("acme-tol", Route.REQUEST).candidate.evidence
    clue = clue.changed(technique="observed", channel=Channel.DECLARED, detail="a survey of ours")
    item = assessment("acme-tol", Route.REQUEST, reason="Models or people were seen to ask for it.")
    item = item.changed(
        candidate=item.candidate.changed(evidence=(clue,)),
        reasons=(dataclasses.replace(item.reasons[0], rule="observed"),),
    )
    body = " ".join(letter(LetterKind.PROHIBIT, (name("acme-tol"),), facts(plan=make_plan((item,)))).body.split())
    assert "Acme Robotics states: Models or people were seen to ask for it." in body
    assert "(Acme Robotics states: observed: a survey of ours)" in body

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from tests.harness.values import AS_OF, PROFILE, QUOTA, PlainRenderer, name, package, portfolio, snapshot, territory

from namehold.candidates.weights import load_weights
from namehold.documents import digest
from namehold.errors import SnapshotError, StalePlan, UnsafePlan
from namehold.index.model import MAX_CLOCK_SKEW_S, SnapshotInfo
from namehold.index.rules.names import TypoFlag
from namehold.ledger.model import Approval, HeldName, Holdings, LetterKind, SentLetter
from namehold.plan import make as line
from namehold.plan.checks.approvals import each_digest, find_approved
from namehold.plan.checks.guards import find_apply_refusals, find_dropped, find_plan_refusals, require_fresh_snapshot
from namehold.plan.model import Plan, Reason
from namehold.plan.refusals import refuse
from namehold.portfolio.model import Account, AlwaysName, Mode, Policy, Portfolio, Publishing
from namehold.publish.first_byte import with_fresh_values

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LOOPBACK = replace(PROFILE, is_public=False, is_loopback=True)


def wanted(text: str, target: str = "acme-tool") -> AlwaysName:
    return AlwaysName(name=name(text), package=name(target), reason="ours")


def owner(**values: object) -> Portfolio:
    return portfolio(always=(wanted("acme-tol"),), publishing=Publishing(enabled=True), **values)


def planned(owned: Portfolio, *listed: str, holdings: Holdings | None = None) -> Plan:

    return line.make_plan(
        owned,
        view=snapshot(*listed),
        holdings=holdings or Holdings(),
        renderer=PlainRenderer(),
        weights=load_weights(),
        popular={},
        dictionary=frozenset(),
        general=frozenset(),
        as_of=AS_OF,
        quota=QUOTA,
    )


def approved(plan: Plan, when: dt.datetime = NOW) -> Holdings:
    return Holdings(approvals=approvals(plan.action_digest, when=when), rehearsals=(plan.action_digest,))


def approvals(*digests: str, when: dt.datetime = NOW, upload: str = PROFILE.upload) -> tuple[Approval, ...]:
    return tuple(Approval(digest=item, time=when, address=digest(upload)) for item in digests)


def refusals(plan: Plan, owned: Portfolio, holdings: Holdings, **values: object) -> set[str]:
    findings = find_apply_refusals(
        plan,
        **{
            "portfolio": owned,
            "holdings": holdings,
            "profile": PROFILE,
            "now": NOW,
            "fresh_plan": plan,
            **values,
        },  # type: ignore[arg-type]  # a test overrides single arguments
    )
    assert all(finding.fix for finding in findings)
    return {finding.rule for finding in findings}


def held(text: str, target: str = "acme-tool") -> HeldName:
    return HeldName(
        name=name(text), target=name(target), mode=Mode.REDIRECT, version="0.0.1", since=NOW, files=(), action_digest=""
    )


def test_an_approved_plan_passes() -> None:
    owned = owner()
    plan = planned(owned)
    assert [action.name for action in plan.actions] == ["acme-tol"]
    assert refusals(plan, owned, approved(plan)) == set()
    refuse(())


def test_a_public_index_needs_approval_publishing_and_a_real_organization() -> None:
    owned = replace(owner(), publishing=Publishing(), demo=True)
    plan = planned(owned)
    assert refusals(plan, owned, Holdings()) == {"guard-approval", "guard-publishing", "guard-demo", "guard-rehearsal"}
    assert refusals(plan, owned, Holdings(), profile=LOOPBACK) == set()


@pytest.mark.parametrize(
    ("contact", "is_refused"),
    [
        ("security@acme.example", True),
        ("https://docs.example.com/security", True),
        ("security@acme-robotics.dev", False),
        ("https://acme-robotics.dev/security", False),
        ("security@notexample.com", False),
    ],
)
def test_a_contact_that_leads_nowhere_is_refused(contact: str, is_refused: bool) -> None:
    owned = owner()
    owned = replace(owned, organization=replace(owned.organization, contact=contact))
    plan = planned(owned)
    assert ("guard-contact" in refusals(plan, owned, approved(plan))) is is_refused


def test_an_approval_lapses_after_thirty_days() -> None:
    owned = owner()
    plan = planned(owned)
    assert refusals(plan, owned, approved(plan, NOW - dt.timedelta(days=30))) == set()
    lapsed = approved(plan, NOW - dt.timedelta(days=30, seconds=1))
    assert refusals(plan, owned, lapsed) == {"guard-approval-lapsed"}


def test_what_is_left_of_an_approved_plan_stays_approved_and_what_is_added_does_not() -> None:
    small = planned(owner())
    both = planned(portfolio(always=(wanted("acme-tol"), wanted("acme-too")), publishing=Publishing(enabled=True)))
    holdings = Holdings(approvals=approvals(*each_digest(small)))
    assert find_approved(small, holdings, now=NOW) == small.actions
    assert [action.name for action in find_approved(both, holdings, now=NOW)] == ["acme-tol"]
    all_approved = Holdings(approvals=approvals(*each_digest(both)))
    assert find_approved(small, all_approved, now=NOW) == small.actions
    assert find_approved(small, all_approved, now=NOW + dt.timedelta(days=31)) == ()
    other = tuple(replace(item, parts=(("README.md", "sha256:other words"),)) for item in both.actions)
    assert find_approved(replace(both, actions=other), holdings, now=NOW) == ()


def test_an_approval_is_for_one_address_whatever_its_nickname_leads_to_later() -> None:
    owned = owner()
    plan = planned(owned)
    moved = replace(PROFILE, upload="https://elsewhere.example/legacy/")
    assert refusals(plan, owned, approved(plan), profile=moved) == {"guard-approval"}
    there = replace(approved(plan), approvals=approvals(plan.action_digest, upload=moved.upload))
    assert refusals(plan, owned, there, profile=moved) == set()


def test_an_approval_from_the_future_does_not_count() -> None:
    owned = owner()
    plan = planned(owned)
    assert refusals(plan, owned, approved(plan, NOW + dt.timedelta(seconds=50))) == set()
    # As far as two clocks may differ, and no further.
    ahead = dt.timedelta(seconds=MAX_CLOCK_SKEW_S)
    assert refusals(plan, owned, approved(plan, NOW + ahead)) == set()
    assert refusals(plan, owned, approved(plan, NOW + ahead + dt.timedelta(seconds=1))) == {"guard-approval"}
    assert refusals(plan, owned, approved(plan, NOW + dt.timedelta(days=1000))) == {"guard-approval"}


def test_actions_that_were_never_rehearsed_do_not_reach_a_public_index() -> None:
    owned = owner()
    plan = planned(owned)
    unrehearsed = replace(approved(plan), rehearsals=())
    assert refusals(plan, owned, unrehearsed) == {"guard-rehearsal"}
    assert refusals(plan, owned, replace(unrehearsed, rehearsals=each_digest(plan))) == set()


def test_administrators_know_of_names_that_the_index_will_flag() -> None:
    owned = owner()
    plan = planned(owned)
    flag = TypoFlag(check="swap", matched=name("acme-tool"))
    plan = replace(plan, actions=tuple(replace(action, flagged_as=(flag,)) for action in plan.actions))
    holdings = approved(plan)
    assert refusals(plan, owned, holdings) == {"guard-announcement"}
    letter = SentLetter(kind=LetterKind.ANNOUNCE, digest="sha256:1", names=(name("acme-tol"),), sent=AS_OF)
    assert refusals(plan, owned, replace(holdings, letters=(letter,))) == set()
    for announced, expected in ((NOW.date(), set()), (NOW.date() + dt.timedelta(days=1), {"guard-announcement"})):
        told = replace(owned, publishing=Publishing(enabled=True, announced=announced))
        assert refusals(plan, told, holdings) == expected


def test_what_a_plans_file_says_of_the_indexs_checks_lifts_no_guard() -> None:
    owned = owner()
    plan = planned(owned)
    flag = TypoFlag(check="swap", matched=name("acme-tool"))
    fresh = replace(plan, actions=tuple(replace(action, flagged_as=(flag,)) for action in plan.actions))
    assert refusals(plan, owned, approved(plan), fresh_plan=fresh) == {"guard-announcement"}


@pytest.mark.parametrize(
    "edit",
    [
        {"withdraw_on": dt.date(2030, 1, 1)},
        {"reasons": (Reason(rule="always", text="Because."),)},
        {"parts": (("README.md", "sha256:other words"),)},
        {"tool": "something else 1.0"},
    ],
)
def test_an_edited_action_is_stale(edit: dict[str, Any]) -> None:
    owned = owner()
    plan = planned(owned)
    edited = replace(plan, actions=tuple(replace(action, **edit) for action in plan.actions))
    assert "guard-stale-action" in refusals(edited, owned, approved(plan), fresh_plan=plan)


def test_what_no_approval_covers_makes_no_plan_stale() -> None:
    owned = owner()
    plan = planned(owned)
    threshold = replace(owned, policy=Policy(threshold=0.5))
    assert refusals(plan, threshold, approved(plan)) == set()
    templates = replace(plan, provenance=replace(plan.provenance, templates="sha256:other"))
    assert refusals(plan, owned, approved(plan), fresh_plan=templates) == set()
    edit: dict[str, Any] = {"review_date": dt.date(2030, 1, 1), "tool": "namehold 9.9", "tree_digest": "sha256:other"}
    later = replace(plan, actions=tuple(replace(action, **edit) for action in plan.actions))
    assert refusals(plan, owned, approved(plan), fresh_plan=later) == set()
    # What is built has the values of today's plan, whatever the file says of them.
    assert with_fresh_values(later, plan).actions == plan.actions


def test_another_account_or_changed_actions_are_stale() -> None:
    owned = owner()
    plan = planned(owned)
    held_approval = approved(plan)
    other_account = replace(owned, account=Account(index="pypi", username="somebody"))
    assert refusals(plan, other_account, held_approval) == {"guard-stale-account"}
    renamed = replace(owned, organization=replace(owned.organization, name="Acme"))
    fresh = replace(planned(renamed), organization=plan.organization)
    assert refusals(plan, owned, held_approval, fresh_plan=fresh) == {"guard-stale-action"}


def test_a_plan_that_was_edited_by_hand_is_refused() -> None:
    owned = owner()
    plan = planned(owned)
    (action,) = plan.actions
    edited = replace(plan, actions=(replace(action, name=name("acme-tooll")),))
    assert "guard-plan-edited" in refusals(edited, owned, approved(plan))


def test_snapshot_clock_and_days_are_not_part_of_what_is_approved() -> None:
    owned = owner()
    plan = planned(owned)
    later = planned(owned, "something-new", holdings=Holdings(slot_times=(NOW,) * 4))
    assert later.actions[0].day != plan.actions[0].day
    assert later.action_digest == plan.action_digest
    assert refusals(plan, owned, approved(plan), fresh_plan=later) == set()


def test_a_name_that_is_gone_from_the_index_stops_every_run() -> None:
    owned = owner()
    plan = planned(owned)
    holdings = replace(approved(plan), undecided=(name("acme-gone"),))
    assert refusals(plan, owned, holdings) == {"guard-vanished"}


def test_an_action_that_no_longer_holds_is_dropped_with_its_reason() -> None:
    owned = owner()
    plan = planned(owned)
    fresh = planned(owned, "acme-tol")
    assert refusals(plan, owned, approved(plan), fresh_plan=fresh) == set()
    ((action, reason),) = find_dropped(plan, fresh)
    assert (action.name, reason.rule) == ("acme-tol", "taken")
    forgotten = planned(replace(owned, always=(), policy=Policy(candidates=1)))
    ((_, reason),) = find_dropped(plan, forgotten)
    assert reason.rule == "not-derived"


def test_another_index_or_ledger_is_refused() -> None:
    owned = owner()
    plan = planned(owned)
    assert refusals(plan, owned, approved(plan), profile=replace(PROFILE, nickname="testpypi")) == {"guard-index"}
    foreign = replace(approved(plan), username="somebody")
    assert refusals(plan, owned, foreign) == {"guard-one-account"}


# ------------------------------------------------------------------ the plan as a whole


def unsafe(plan: Plan, owned: Portfolio, holdings: Holdings | None = None) -> set[str]:
    findings = find_plan_refusals(
        plan, portfolio=owned, holdings=holdings or Holdings(), profile=PROFILE, territory=territory(owned)
    )
    return {finding.rule for finding in findings}


def test_a_written_plan_can_smuggle_nothing_past_the_guards() -> None:
    owned = owner()
    plan = planned(owned)
    (action,) = plan.actions

    def with_action(text: str, target: str = "acme-tool") -> Plan:
        return replace(plan, actions=(replace(action, name=name(text), target=name(target)),))

    assert unsafe(plan, owned) == set()
    assert unsafe(with_action("gripper"), owned) == {"guard-dictionary-word"}
    assert unsafe(with_action("reqests"), owned) == {"guard-others-territory"}
    assert unsafe(with_action("acme-tol", "requests"), owned) == {"guard-target"}
    unpublished = replace(owned, packages=(package("acme-tool", published=False),))
    assert unsafe(plan, unpublished) == {"guard-target-unpublished"}


def test_no_key_lifts_the_ceilings_on_a_public_index() -> None:
    owned = owner()
    plan = planned(owned)
    many = Holdings(held=tuple(held(f"acme-{number}", f"other-{number}") for number in range(100)))
    assert unsafe(plan, owned, many) == {"guard-account-ceiling"}
    given_back = Holdings(settled=tuple((name(f"acme-{number}"), "handed-over") for number in range(100)))
    assert unsafe(plan, owned, given_back) == {"guard-account-ceiling"}
    refused = Holdings(settled=tuple((name(f"acme-{number}"), "refused-similar") for number in range(100)))
    assert unsafe(plan, owned, refused) == set()
    one_package = Holdings(held=tuple(held(f"acme-{number}") for number in range(10)))
    assert unsafe(plan, owned, one_package) == {"guard-package-ceiling"}


def test_a_refusal_is_stale_or_unsafe() -> None:
    owned = owner()
    plan = planned(owned)
    stale = find_apply_refusals(
        plan,
        portfolio=replace(owned, account=Account(index="pypi", username="somebody")),
        holdings=approved(plan),
        profile=PROFILE,
        now=NOW,
        fresh_plan=plan,
    )
    with pytest.raises(StalePlan, match="out of date"):
        refuse(stale)
    unsafe_findings = find_apply_refusals(
        plan, portfolio=owned, holdings=Holdings(), profile=PROFILE, now=NOW, fresh_plan=plan
    )
    with pytest.raises(UnsafePlan) as refusal:
        refuse((*stale, *unsafe_findings))
    assert len(refusal.value.diagnostics()) == len(stale) + len(unsafe_findings)


def info(**values: object) -> SnapshotInfo:
    return replace(snapshot("acme-tool").info, **{"source": PROFILE.simple, **values})  # type: ignore[arg-type]  # a test overrides single fields


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (None, "no list"),
        (info(source="names.txt.gz"), "names.txt.gz"),
        (info(complete=False), "incomplete"),
        (info(index="testpypi"), "testpypi"),
        (info(taken=dt.date(2026, 11, 7)), "15 days"),
    ],
)
def test_only_a_fresh_complete_list_is_acted_upon_on_a_public_index(listed: SnapshotInfo | None, message: str) -> None:
    with pytest.raises(SnapshotError, match=message):
        require_fresh_snapshot(listed, today=AS_OF, profile=PROFILE)
    require_fresh_snapshot(listed, today=AS_OF, profile=LOOPBACK)
    require_fresh_snapshot(info(taken=dt.date(2026, 11, 8)), today=AS_OF, profile=PROFILE)

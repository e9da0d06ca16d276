"""An approval lasts through New Year, an upgrade and new figures; other words ask again, and the run says which."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.harness.values import AS_OF, PROFILE, QUOTA, name, portfolio, snapshot

from namehold.candidates import general_words, load_weights
from namehold.ledger import Holdings
from namehold.ledger.fold import Folder
from namehold.ledger.model import LedgerEvent, PlanApproved
from namehold.placeholder import PlaceholderBuilder, Templates
from namehold.plan import Plan, make_plan
from namehold.plan import actions as rooms
from namehold.plan.checks import approval_of, each_digest, find_approved, why_not_approved
from namehold.plan.checks.content import without_figures
from namehold.plan.model import Reason
from namehold.portfolio import Observation, Policy, Portfolio

NOW = dt.datetime(2026, 12, 20, 12, tzinfo=dt.UTC)
DAY = NOW.date()
NEW_YEAR = dt.date(2027, 1, 1)


def seen(times: int) -> Observation:
    return Observation(
        name=name("acme-toolbox"), package=name("acme-tool"), source="models", date=AS_OF, count=times, of=1000
    )


def owner(*, times: int = 12, policy: Policy | None = None, **organization: Any) -> Portfolio:
    owned = portfolio(observed=(seen(times),), policy=policy or Policy())
    homepage = "https://acme-robotics.dev/"
    return replace(owned, organization=replace(owned.organization, **{"homepage": homepage, **organization}))


def planned(owned: Portfolio, *, as_of: dt.date = DAY, holdings: Holdings | None = None) -> Plan:
    return make_plan(
        owned,
        view=snapshot("acme-tool"),
        holdings=holdings or Holdings(),
        renderer=Templates(None, PROFILE),
        weights=load_weights(),
        popular={},
        dictionary=frozenset(),
        general=general_words(),
        as_of=as_of,
        quota=QUOTA,
        profile=PROFILE,
    )


def approved(plan: Plan, *, time: dt.datetime = NOW) -> Holdings:
    """What the ledger holds after a person approved `plan`."""
    value = approval_of(plan, PROFILE, time=time)
    assert isinstance(value, PlanApproved)
    folder = Folder()
    folder.add(LedgerEvent(sequence=2, kind="approval", value=value, previous="", digest="", is_authentic=True))
    return folder.holdings()


def test_new_year_an_upgrade_and_new_figures_keep_the_approval_and_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = planned(owner())
    assert [action.name for action in first.actions] == ["acme-toolbox"]
    holdings = approved(first)
    monkeypatch.setattr(rooms, "_TOOL", "namehold 9.9.9")
    later = replace(owner(times=700, policy=Policy(threshold=0.2)), publishing=owner().publishing)
    bare = planned(later, as_of=NEW_YEAR)
    (action,) = bare.actions
    # By themselves these values have changed.
    assert (action.review_date, action.tool) == (dt.date(NEW_YEAR.year + 1, 12, 31), "namehold 9.9.9")
    assert action.tree_digest != first.actions[0].tree_digest
    # What was approved is the same.
    assert (bare.action_digest, each_digest(bare)) == (first.action_digest, each_digest(first))
    assert find_approved(bare, holdings, now=NOW) == bare.actions
    # With the approval in the ledger every later build has the approval's values, byte for byte.
    (frozen,) = planned(later, as_of=NEW_YEAR, holdings=holdings).actions
    assert replace(frozen, score=0.0, gain=0.0) == replace(first.actions[0], score=0.0, gain=0.0)


def test_what_is_built_is_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = planned(owner())
    monkeypatch.setattr(rooms, "_TOOL", "namehold 9.9.9")
    later = planned(owner(times=700), as_of=NEW_YEAR, holdings=approved(first))
    templates = Templates(None, PROFILE)
    files = [
        PlaceholderBuilder().build(templates.render(plan.actions[0], owner()), tmp_path / str(number))
        for number, plan in enumerate((first, later))
    ]
    assert [item.sha256 for item in files[0]] == [item.sha256 for item in files[1]]


def test_other_words_ask_again_and_the_run_says_which() -> None:
    first = planned(owner())
    holdings = approved(first)
    changed = planned(owner(contact="names@acme-robotics.dev"), holdings=holdings)
    assert find_approved(changed, holdings, now=NOW) == ()
    why = why_not_approved(changed.actions[0], holdings, now=NOW, profile=PROFILE)
    assert why.startswith(f"approved on {NOW.date()}, but this has changed since: ")
    assert "README.md" in why
    assert "reservation.json" in why
    # What the policy shows on the placeholder counts, too.
    days = planned(owner(policy=Policy(answer_days=30)), holdings=holdings)
    assert find_approved(days, holdings, now=NOW) == ()


def test_an_approval_ends_after_its_days_and_its_values_with_it() -> None:
    holdings = approved(planned(owner()))
    late = NOW + dt.timedelta(days=31)
    plan = planned(owner(), as_of=late.date(), holdings=holdings)
    assert find_approved(plan, holdings, now=late) == ()
    assert plan.actions[0].review_date.year == late.year + 1
    assert "more than 30 days ago" in why_not_approved(plan.actions[0], holdings, now=late, profile=PROFILE)


@pytest.mark.parametrize(
    ("later", "is_approved", "why"),
    [
        (dt.timedelta(days=30), True, ""),
        (dt.timedelta(days=30, seconds=1), False, "more than 30 days ago"),
        # Clocks of two machines differ a little; one that was set back by more doesn't make an approval old.
        (dt.timedelta(seconds=-60), True, ""),
        (dt.timedelta(days=-2), False, "approved on 2026-12-20, which is still to come by this machine's clock"),
    ],
)
def test_an_approval_lasts_to_the_second_and_what_is_said_of_it_is_true(
    later: dt.timedelta, is_approved: bool, why: str
) -> None:
    plan = planned(owner())
    holdings = approved(plan)
    assert (find_approved(plan, holdings, now=NOW + later, profile=PROFILE) == plan.actions) is is_approved
    if not is_approved:
        assert why in why_not_approved(plan.actions[0], holdings, now=NOW + later, profile=PROFILE)


def test_an_approval_for_another_address_is_told() -> None:
    plan = planned(owner())
    moved = replace(PROFILE, upload="https://index.acme-robotics.dev/upload/")
    assert find_approved(plan, approved(plan), now=NOW, profile=moved) == ()
    why = why_not_approved(plan.actions[0], approved(plan), now=NOW, profile=moved)
    assert why == "approved on 2026-12-20, but this has changed since: the address that it is sent to"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Asked for in 12 of 1,000 answers, 2026-11-28.", "Asked for in 0 of 0 answers, 0"),
        ("A letter left out: jinja2 → jinj2.", "A letter left out: jinja2 → jinj2."),
        ("acme-2 for acme-3-kit, 5% of cases", "acme-2 for acme-3-kit, 0 of cases"),
    ],
)
def test_figures_are_left_out_and_names_are_not(text: str, plain: str) -> None:
    (action,) = planned(owner()).actions
    told = replace(action, reasons=(*action.reasons[:1], Reason(rule="evidence-observed", text=text)))
    assert without_figures(told).reasons[1].text == plain
    # Only evidence has such figures: in what people wrote, every character counts.
    own = replace(action, reasons=(Reason(rule="always", text=text),))
    assert without_figures(own).reasons[0].text == text

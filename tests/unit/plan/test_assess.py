from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.harness.values import AS_OF, assessed, candidate, name, package, portfolio, snapshot, surface, territory

from namehold.candidates.model import Candidate, Channel, Score
from namehold.index.rules.names import Availability
from namehold.ledger.model import HeldName, Holdings
from namehold.plan.model import Assessment
from namehold.plan.routes import ALLOWED_ROUTES, DEFAULT_MODES, DEFAULT_ROUTES
from namehold.portfolio.model import (
    AlwaysName,
    InternalName,
    LookAlike,
    Mode,
    NamespaceGrant,
    NeverName,
    Observation,
    Policy,
    PolicyName,
    Portfolio,
    Route,
    Unrelated,
)
from namehold.portfolio.packages import NameClass, SurfaceKind

PROTECTIVE = Policy(name=PolicyName.PROTECTIVE)


def rule_of(item: Assessment) -> str:
    return item.reasons[0].rule


def verdict(owned: Portfolio, item: Candidate, *listed: str, holdings: Holdings | None = None) -> tuple[Route, str]:
    """Route and first rule of one candidate on an index with these names."""
    (found,) = assessed(owned, item, listed=listed, holdings=holdings)
    return found.route, rule_of(found)


def observed(text: str, target: str = "acme-tool") -> Observation:
    return Observation(name=name(text), package=name(target), source="survey", date=AS_OF, count=3, of=10)


def held(text: str) -> HeldName:
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return HeldName(
        name=name(text),
        target=name("acme-tool"),
        mode=Mode.REDIRECT,
        version="0.0.1",
        since=since,
        files=(),
        action_digest="",
    )


# ------------------------------------------------------------------ what no policy changes


def test_what_the_index_refuses_to_everyone_needs_nothing() -> None:
    owned = portfolio()
    assert verdict(owned, candidate("acmetool"), "acme-tool") == (Route.PROTECTED, "refused-similar")
    assert verdict(owned, candidate("asyncio"), "acme-tool") == (Route.PROTECTED, "refused-stdlib")


def test_similarity_names_the_project_that_it_is_too_similar_to() -> None:
    (found,) = assessed(portfolio(), candidate("acmetool"), listed=("acme-tool",))
    assert "acme-tool" in found.reasons[0].text


def test_a_taken_name_is_left_alone_until_a_person_has_judged_it() -> None:
    assert verdict(portfolio(), candidate("acme-tol"), "acme-tol") == (Route.NONE, "taken")
    judged = portfolio(
        look_alikes=(LookAlike(name=name("acme-tol"), package=name("acme-tool"), date=AS_OF, note="same logo"),)
    )
    (found,) = assessed(judged, candidate("acme-tol"), listed=("acme-tol",))
    assert found.route is Route.FLAG
    assert "same logo" in found.reasons[0].text


def test_own_projects_and_held_names_are_ours() -> None:
    owned = portfolio(package("acme-tool"), package("acme-sdk"))
    holdings = Holdings(held=(held("acme-tol"),), open_intents=(name("acme-too"),))
    found = assessed(
        owned, candidate("acme-sdk"), candidate("acme-tol"), candidate("acme-too"), listed=(), holdings=holdings
    )
    assert [(item.route, rule_of(item)) for item in found] == [
        (Route.NONE, "own-project"),
        (Route.NONE, "held"),
        (Route.NONE, "held-unproved"),
    ]
    assert {item.check.availability for item in found} == {Availability.OURS}


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("lost-race", (Route.NONE, "taken")),
        ("refused-similar", (Route.PROTECTED, "refused-similar")),
        ("refused-stdlib", (Route.PROTECTED, "refused-stdlib")),
        ("refused-invalid", (Route.PROTECTED, "refused-invalid")),
        ("refused-prohibited", (Route.PROTECTED, "prohibited")),
        ("refused-file", (Route.NONE, "refused")),
        ("vanished", (Route.NONE, "settled")),
        ("handed-over", (Route.NONE, "settled")),
    ],
)
def test_the_ledgers_last_word_is_never_planned_again(outcome: str, expected: tuple[Route, str]) -> None:
    owned = portfolio(observed=(observed("acme-tol"),))
    holdings = Holdings(settled=((name("acme-tol"), outcome),))
    assert verdict(owned, candidate("acme-tol"), holdings=holdings) == expected


def test_a_prohibited_name_leaves_every_list() -> None:
    owned = portfolio(observed=(observed("acme-tol"),))
    holdings = Holdings(prohibited=(name("acme-tol"),))
    assert verdict(owned, candidate("acme-tol"), holdings=holdings) == (Route.PROTECTED, "prohibited")


def test_a_namespace_grant_covers_its_prefix_and_what_is_below_it_only() -> None:
    owned = portfolio(namespaces=(NamespaceGrant(prefix=name("acme"), since=AS_OF),))
    assert verdict(owned, candidate("acme-tol"))[0] is Route.NAMESPACE
    assert verdict(owned, candidate("acme"))[0] is Route.NAMESPACE
    assert verdict(owned, candidate("acmes-tool"))[0] is not Route.NAMESPACE


def test_never_means_never_even_where_it_was_observed() -> None:
    owned = portfolio(observed=(observed("acme-tol"),), never=(NeverName(name=name("acme-tol"), reason="theirs"),))
    (found,) = assessed(owned, candidate("acme-tol", name_class=NameClass.OBSERVED))
    assert (found.route, rule_of(found)) == (Route.NONE, "never")
    assert "theirs" in found.reasons[0].text


@pytest.mark.parametrize(
    ("until", "expected"), [(None, "unrelated"), (AS_OF, "unrelated"), (AS_OF - dt.timedelta(days=1), "observed")]
)
def test_what_a_person_called_unrelated_is_not_reserved_while_the_verdict_counts(
    until: dt.date | None, expected: str
) -> None:
    verdicts = (Unrelated(name=name("acme-tool-client"), until=until),)
    owned = portfolio(observed=(observed("acme-tool-client"),), unrelated=verdicts)
    (found,) = assessed(owned, candidate("acme-tool-client", name_class=NameClass.OBSERVED))
    assert rule_of(found) == expected


# ------------------------------------------------------------------ unknown is never acted on


@pytest.mark.parametrize("name_class", list(NameClass))
@pytest.mark.parametrize("has_partial_list", [True, False])
def test_without_a_complete_list_nothing_is_acted_on(name_class: NameClass, has_partial_list: bool) -> None:
    owned = portfolio(
        package("acme-tool", surface(SurfaceKind.IMPORT, "acme_tol")),
        observed=(observed("acme-tol"),) if name_class is NameClass.OBSERVED else (),
        policy=PROTECTIVE,
    )
    view = snapshot("acme-tool", complete=False) if has_partial_list else None
    (found,) = assessed(owned, candidate("acme-tol", name_class=name_class), view=view, has_list=False)
    assert found.route not in {Route.RESERVE, Route.REQUEST}


def test_unknown_says_so() -> None:
    (found,) = assessed(portfolio(), candidate("acme-tol"), has_list=False)
    assert (found.route, rule_of(found)) == (Route.WATCH, "unknown")


# ------------------------------------------------------------------ surfaces


def test_a_surface_with_the_packages_own_word_is_redirected() -> None:
    owned = portfolio(package("acme-tool", surface(SurfaceKind.IMPORT, "acme_kit")))
    (found,) = assessed(owned, candidate("acme-kit", name_class=NameClass.SURFACE))
    assert (found.route, found.mode, rule_of(found)) == (Route.RESERVE, Mode.REDIRECT, "surface")
    assert "redirect-teaches" in {warning.rule for warning in found.warnings}


def test_a_surface_without_the_packages_own_word_waits_for_a_person() -> None:
    command = surface(SurfaceKind.COMMAND, "fleetdial")
    (found,) = assessed(portfolio(package("acme-tool", command)), candidate("fleetdial", name_class=NameClass.SURFACE))
    assert (found.route, rule_of(found)) == (Route.WATCH, "surface-unconfirmed")
    assert "confirmed" in found.reasons[0].text
    confirmed = portfolio(package("acme-tool", command, confirmed=(name("fleetdial"),)))
    assert verdict(confirmed, candidate("fleetdial", name_class=NameClass.SURFACE)) == (
        Route.RESERVE,
        "surface-confirmed",
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("gp", "too-short"),
        # A command that no old release shows, and without an own word.
        ("zugspitze", "unowned-name"),
        ("acme-tool-borealis", "foreign-word"),
    ],
)
def test_no_person_is_asked_to_confirm_what_would_be_refused_afterwards(text: str, rule: str) -> None:
    command = surface(SurfaceKind.ALIAS, text)
    owned = portfolio(package("acme-tool", command))
    listed = portfolio(package("acme-tool", command, confirmed=(name(text),)))
    before, after = (verdict(item, candidate(text, name_class=NameClass.SURFACE)) for item in (owned, listed))
    assert before[1] == rule
    assert after == before


def test_an_unpublished_packages_surfaces_reserve_nothing() -> None:
    owned = portfolio(package("acme-tool", surface(SurfaceKind.IMPORT, "acme_kit"), published=False))
    assert verdict(owned, candidate("acme-kit", name_class=NameClass.SURFACE)) == (Route.NONE, "surface-unpublished")


@pytest.mark.parametrize(
    ("project", "text", "part"),
    [
        ("acme-tool", "acme-kit", "acme"),
        ("acme-tool", "pyacme", "acme"),
        ("acme-tool", "acmectl", "acme"),
        ("acme-tool", "tool", ""),
        ("python-gripwright", "gripwright", "gripwright"),
        ("python-gripwright", "gripwright-cli-python", "gripwright"),
        ("scikit-robot", "skrobot", ""),
        ("api-client", "apiclient", "apiclient"),
        ("api-client", "api", ""),
        ("ac-tool", "acorn", ""),
        ("acme-http-tool", "acme-http-cli", "acme"),
        ("old-requestss", "requestss-cli", ""),
    ],
)
def test_own_words_are_those_that_say_whose_a_name_is(project: str, text: str, part: str) -> None:
    owned = portfolio(package(project))
    assert territory(owned).claim(name(text)).part == part


# ------------------------------------------------------------------ observed names


def test_an_observed_name_becomes_a_signpost_and_says_who_saw_it() -> None:
    owned = portfolio(observed=(observed("acme-helper"),))
    (found,) = assessed(owned, candidate("acme-helper", name_class=NameClass.OBSERVED, channel=Channel.DECLARED))
    assert (found.route, found.mode) == (Route.RESERVE, Mode.SIGNPOST)
    assert [reason.rule for reason in found.reasons] == ["observed", "evidence-observed"]


@pytest.mark.parametrize("kind", [SurfaceKind.IMPORT, SurfaceKind.COMMAND])
def test_a_signpost_never_stands_in_the_way_of_a_real_module(kind: SurfaceKind) -> None:
    owned = portfolio(
        package("acme-tool"), package("acme-sdk", surface(kind, "Acme_Helper")), observed=(observed("acme-helper"),)
    )
    (found,) = assessed(owned, candidate("acme-helper", name_class=NameClass.OBSERVED))
    assert (found.route, found.mode) == (Route.RESERVE, Mode.REDIRECT)


def test_an_observed_name_stays_observed_where_other_evidence_is_stronger() -> None:
    owned = portfolio(observed=(observed("acme-helper"),))
    assert verdict(owned, candidate("acme-helper", name_class=NameClass.COMBO)) == (Route.RESERVE, "observed")


# ------------------------------------------------------------------ typing errors and combinations


def test_a_typing_error_says_how_it_comes_about_and_a_name_by_its_owners_word_does_not() -> None:
    (typed,) = assessed(portfolio(), candidate("acme-tol"))
    assert [reason.text for reason in typed.reasons] == [
        "A likely typing error for acme-tool.",
        "Acme-tool -> acme-tol.",
    ]
    owned = portfolio(always=(AlwaysName(name=name("acme-helper"), package=name("acme-tool"), reason="ours"),))
    (asked,) = assessed(owned, candidate("acme-helper", name_class=NameClass.ALWAYS, channel=Channel.DECLARED))
    assert [reason.rule for reason in asked.reasons] == ["always"]


def test_typing_errors_are_requested_from_the_threshold_on() -> None:
    owned = portfolio(policy=Policy(threshold=0.1))
    assert verdict(owned, candidate("acme-tol", score=0.1)) == (Route.REQUEST, "typo")
    found = assessed(owned, candidate("acme-tlool", score=0.1), candidate("acme-tol", score=0.049))
    assert [(item.route, rule_of(item)) for item in found] == [
        (Route.REQUEST, "typo"),
        (Route.WATCH, "typo-below-threshold"),
    ]


@pytest.mark.parametrize(
    ("scores", "requested"),
    [
        ((0.049, 0.01), 0),
        ((0.06, 0.049), 1),
        ((0.05, 0.06, 0.07), 3),
        ((0.06, 0.07, 0.08, 0.09), 3),
        ((0.1, 0.11, 0.08, 0.09), 3),
        ((0.1, 0.11, 0.12, 0.09), 3),
        ((0.1, 0.11, 0.12, 0.13), 4),
    ],
)
def test_up_to_three_typing_errors_of_a_package_are_requested_from_half_the_threshold_on(
    scores: tuple[float, ...], requested: int
) -> None:
    owned = portfolio(policy=Policy(threshold=0.1))
    texts = ("acme-tol", "acme-toool", "acme-tlool", "amce-tool")
    rows = [candidate(text, score=score) for text, score in zip(texts, scores, strict=False)]
    found = {item.candidate.score.value: rule_of(item) for item in assessed(owned, *rows)}
    best = sorted(scores, reverse=True)
    assert [found[score] for score in best[:requested]] == ["typo"] * requested
    assert {found[score] for score in best[requested:]} <= {"typo-below-threshold"}


def test_a_first_request_is_not_for_a_name_that_something_stands_against() -> None:
    owned = portfolio(policy=Policy(threshold=0.1))
    rows = (candidate("acme-tool-x", score=0.09), candidate("acme-toool", score=0.05))
    found = assessed(owned, *rows, listed=("acme-tool", "acme-tool-x"))
    assert [(item.route, rule_of(item)) for item in found] == [(Route.NONE, "taken"), (Route.REQUEST, "typo")]


def test_below_the_threshold_nothing_is_reserved_under_protective() -> None:
    owned = portfolio(policy=Policy(name=PolicyName.PROTECTIVE, threshold=0.1))
    assert verdict(owned, candidate("acme-tol", score=0.09)) == (Route.WATCH, "typo-below-threshold")


def test_protective_reserves_them_and_warns_that_the_index_may_remove_them() -> None:
    (found,) = assessed(portfolio(policy=PROTECTIVE), candidate("acme-tol"))
    assert (found.route, found.mode) == (Route.RESERVE, Mode.REDIRECT)
    assert {"redirect-teaches", "index-may-remove"} <= {warning.rule for warning in found.warnings}


@pytest.mark.parametrize("stated", [*Mode, None])
@pytest.mark.parametrize("route", [Route.RESERVE, None])
def test_a_wish_has_the_mode_that_it_states_else_that_of_its_class(route: Route | None, stated: Mode | None) -> None:
    wish = AlwaysName(name=name("acme-helper"), package=name("acme-tool"), reason="asked", route=route, mode=stated)
    (found,) = assessed(portfolio(always=(wish,)), candidate("acme-helper", name_class=NameClass.ALWAYS))
    assert (found.route, found.mode) == (Route.RESERVE, stated or DEFAULT_MODES[NameClass.ALWAYS])


def test_a_wish_or_an_observation_lifts_no_warning_that_the_index_may_remove_the_name() -> None:
    asked = portfolio(always=(AlwaysName(name=name("acme-helper"), package=name("acme-tool"), reason="asked"),))
    seen = portfolio(observed=(observed("acme-helper"),))
    for owned, name_class in ((asked, NameClass.ALWAYS), (seen, NameClass.OBSERVED)):
        (found,) = assessed(owned, candidate("acme-helper", name_class=name_class))
        assert found.route is Route.RESERVE
        assert "index-may-remove" in {warning.rule for warning in found.warnings}
    # What the package itself is called by is its own.
    command = portfolio(package("acme-tool", surface(SurfaceKind.COMMAND, "acme-toolctl")))
    (found,) = assessed(command, candidate("acme-toolctl", name_class=NameClass.SURFACE))
    assert "index-may-remove" not in {warning.rule for warning in found.warnings}


def test_combinations_are_watched_and_reserved_only_by_protective() -> None:
    combo = candidate("acme-client", name_class=NameClass.COMBO, channel=Channel.COMBO)
    assert verdict(portfolio(), combo) == (Route.WATCH, "combo")
    assert verdict(portfolio(policy=PROTECTIVE), combo) == (Route.RESERVE, "combo")


def test_a_second_word_for_python_is_no_typing_error() -> None:
    combo = candidate("python-acme-python", "acme-python", name_class=NameClass.COMBO, channel=Channel.COMBO)
    assert verdict(portfolio(package("acme-python")), combo) == (Route.WATCH, "combo")


@pytest.mark.parametrize(
    ("text", "target", "is_next"),
    [
        ("acme-tool4", "acme-tool3", True),
        ("acme-tool5", "acme-tool3", True),
        ("acme-tool2", "acme-tool3", False),
        ("acme-tol4", "acme-tool3", False),
        ("acme-tool2", "acme-tool", True),
        ("acme-tool-2", "acme-tool", True),
        ("acme-tool1", "acme-tool", False),
        ("acme-tool22", "acme-tool21", False),
    ],
)
def test_a_request_that_may_close_the_name_of_ones_own_next_version_says_so(
    text: str, target: str, *, is_next: bool
) -> None:
    owned = portfolio(package(target))
    for policy in (Policy(), PROTECTIVE):
        (found,) = assessed(replace(owned, policy=policy), candidate(text, target))
        is_closed = is_next and policy is not PROTECTIVE
        assert ("may-be-next" in {warning.rule for warning in found.warnings}) is is_closed
        assert found.route is (Route.RESERVE if policy is PROTECTIVE else Route.REQUEST)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python-acme-tool", "python-word"),
        ("acme-tool-py", "python-word"),
        ("python3-acme-tool", "python-word"),
        ("python-acme", "combo"),
        ("acme-python-tool", "combo"),
        ("python-acme-tool-py", "combo"),
    ],
)
def test_the_whole_name_with_a_word_for_python_goes_where_its_typing_errors_go(text: str, expected: str) -> None:
    combo = candidate(text, name_class=NameClass.COMBO, channel=Channel.COMBO)
    route = Route.REQUEST if expected == "python-word" else Route.WATCH
    assert verdict(portfolio(), combo) == (route, expected)
    assert verdict(portfolio(policy=PROTECTIVE), combo) == (Route.RESERVE, expected)
    assert verdict(portfolio(policy=Policy(threshold=0.9)), combo) == (Route.WATCH, "combo-below-threshold")
    assert verdict(portfolio(), combo, text) == (Route.NONE, "taken")
    chosen = Policy(routes=((NameClass.TYPO, Route.WATCH),))
    assert verdict(portfolio(policy=chosen), combo) == (Route.WATCH, expected)


def test_a_foreign_word_beside_an_own_one_is_watched_until_it_was_seen_and_a_person_confirms_it() -> None:
    text = "acme-gripperware"
    combo = candidate(text, name_class=NameClass.COMBO, channel=Channel.COMBO)
    strangers = tuple(f"acme-plugin{number}" for number in range(5))
    confirmed = package("acme-tool", confirmed=(name(text),))
    asked = (AlwaysName(name=name(text), package=name("acme-tool"), reason="asked"),)
    assert verdict(portfolio(policy=PROTECTIVE), combo) == (Route.WATCH, "foreign-word")
    assert verdict(portfolio(observed=(observed(text),)), combo) == (Route.WATCH, "foreign-word")
    assert verdict(portfolio(confirmed, policy=PROTECTIVE), combo) == (Route.WATCH, "foreign-word")
    assert verdict(portfolio(confirmed, observed=(observed(text),)), combo) == (Route.RESERVE, "observed")
    assert verdict(portfolio(confirmed, always=asked), combo, *strangers[:4]) == (Route.RESERVE, "always")
    # Where strangers build on the brand, a name with a foreign word is as likely to be an honest plug-in.
    assert verdict(portfolio(confirmed, always=asked), combo, *strangers) == (Route.WATCH, "open-ecosystem")
    own = candidate("acme-client", name_class=NameClass.COMBO, channel=Channel.COMBO)
    assert verdict(portfolio(policy=PROTECTIVE), own, *strangers) == (Route.RESERVE, "combo")


@pytest.mark.parametrize("text", ["gripperware-acme", "gripperware-acme-tool"])
def test_a_foreign_word_before_the_own_one_is_only_watched(text: str) -> None:
    owned = portfolio(package("acme-tool", confirmed=(name(text),)), observed=(observed(text),))
    assert verdict(owned, candidate(text, name_class=NameClass.OBSERVED)) == (Route.WATCH, "foreign-word")


def test_other_owners_habit_alone_is_only_watched() -> None:
    habit = candidate("acme-client", name_class=NameClass.COMBO, channel=Channel.OWNER)
    assert verdict(portfolio(policy=PROTECTIVE), habit) == (Route.WATCH, "owner-habit")


@pytest.mark.parametrize(("owners", "expected"), [(0.05, "combo"), (0.15, "owner-habit")])
def test_other_owners_habit_lifts_nothing_over_the_threshold(owners: float, expected: str) -> None:
    combo = candidate("acme-client", name_class=NameClass.COMBO, channel=Channel.COMBO, score=0.2)
    habit = combo.changed(score=Score(value=0.2, channels=((Channel.COMBO, 0.1), (Channel.OWNER, owners))))
    assert verdict(portfolio(policy=replace(PROTECTIVE, threshold=0.1)), habit)[1] == expected


def test_evidence_beside_owners_habit_decides() -> None:
    typo = candidate("acme-tol", score=0.2)
    habit = candidate("acme-tol", name_class=NameClass.COMBO, channel=Channel.OWNER, score=0.5)
    both = typo.changed(evidence=(*typo.evidence, *habit.evidence))
    # Neither watched as owners' habit, nor taken for a combination because owners reserve such names.
    assert verdict(portfolio(), both) == (Route.REQUEST, "typo")


def test_a_combination_without_the_brand_is_unowned() -> None:
    combo = candidate("semantic-client", name_class=NameClass.COMBO, channel=Channel.COMBO)
    assert verdict(portfolio(policy=PROTECTIVE), combo) == (Route.WATCH, "combo-without-brand")


def test_of_an_own_word_beside_a_foreign_one_it_is_not_said_that_it_is_not_there() -> None:
    owned = portfolio(package("acme"), package("acme-zebra"), policy=PROTECTIVE)
    turned = candidate("zebra-acme", "acme", name_class=NameClass.COMBO, channel=Channel.COMBO)
    (found,) = assessed(owned, turned, listed=("acme", "acme-zebra", "zebra"))
    assert (found.route, rule_of(found)) == (Route.WATCH, "combo-without-brand")
    assert "alone or with general words" in found.reasons[0].text


# ------------------------------------------------------------------ internal and future names


def test_an_internal_name_is_protected_by_the_clients_settings() -> None:
    owned = portfolio(internal=(InternalName(name=name("acme-payroll")),))
    (found,) = assessed(owned, candidate("acme-payroll", "acme-payroll", name_class=NameClass.INTERNAL))
    assert found.route is Route.NONE
    assert "--index-url" in found.reasons[0].text


def test_an_internal_name_is_made_public_only_when_asked_for_by_name() -> None:
    text = "acme-payroll"
    item = candidate(text, text, name_class=NameClass.INTERNAL)
    request = portfolio(internal=(InternalName(name=name(text), ask=Route.REQUEST),))
    reserve = portfolio(internal=(InternalName(name=name(text), ask=Route.RESERVE, mode=Mode.REFUSE),))
    (asked,), (refusing,) = assessed(request, item), assessed(reserve, item)
    assert (asked.route, refusing.route, refusing.mode) == (Route.REQUEST, Route.RESERVE, Mode.REFUSE)
    for found in (asked, refusing):
        assert "makes-public" in {warning.rule for warning in found.warnings}


def test_an_internal_name_stays_internal_where_it_looks_like_a_slip() -> None:
    owned = portfolio(internal=(InternalName(name=name("acme-tol")),), policy=PROTECTIVE)
    assert verdict(owned, candidate("acme-tol")) == (Route.NONE, "internal")


@pytest.mark.parametrize("ask", [Route.REQUEST, Route.RESERVE])
def test_an_internal_name_without_the_brand_is_unowned(ask: Route) -> None:
    owned = portfolio(internal=(InternalName(name=name("payroll"), ask=ask),))
    item = candidate("payroll", "payroll", name_class=NameClass.INTERNAL)
    assert verdict(owned, item) == (Route.WATCH, "unowned-name")


def test_asking_for_an_internal_name_confirms_a_foreign_word_behind_the_brand() -> None:
    owned = portfolio(internal=(InternalName(name=name("acme-payroll"), ask=Route.REQUEST),))
    item = candidate("acme-payroll", "acme-payroll", name_class=NameClass.INTERNAL)
    assert verdict(owned, item) == (Route.REQUEST, "internal-request")


def test_a_future_name_is_reserved_by_its_first_release() -> None:
    owned = portfolio(future=(name("acme-next"),))
    assert verdict(owned, candidate("acme-next", "acme-next", name_class=NameClass.FUTURE)) == (Route.NONE, "future")


# ------------------------------------------------------------------ overrides


def test_an_override_chooses_another_route_and_says_so() -> None:
    owned = portfolio(policy=Policy(routes=((NameClass.TYPO, Route.WATCH),)))
    (found,) = assessed(owned, candidate("acme-tol"))
    assert found.route is Route.WATCH
    assert "policy.routes.typo" in found.reasons[0].text


def test_an_override_that_would_publish_internal_names_is_ignored() -> None:
    owned = portfolio(
        internal=(InternalName(name=name("acme-payroll")),),
        policy=Policy(routes=((NameClass.INTERNAL, Route.RESERVE),)),
    )
    assert verdict(owned, candidate("acme-payroll", name_class=NameClass.INTERNAL)) == (Route.NONE, "internal")


def test_every_default_route_is_an_allowed_one() -> None:
    for routes in DEFAULT_ROUTES.values():
        assert set(routes) == set(NameClass)
        assert all(route in ALLOWED_ROUTES[name_class] for name_class, route in routes.items())


# ------------------------------------------------------------------ territory


def everywhere(text: str, target: str = "acme-tool") -> list[Portfolio]:
    """Portfolios that ask for a name in every way there is."""
    always = AlwaysName(name=name(text), package=name(target), reason="we want it", route=Route.RESERVE)
    return [
        portfolio(policy=PROTECTIVE),
        portfolio(observed=(observed(text, target),)),
        portfolio(always=(always,)),
        portfolio(package("acme-tool", surface(SurfaceKind.ALIAS, text), confirmed=(name(text),))),
        portfolio(policy=Policy(routes=((NameClass.TYPO, Route.RESERVE), (NameClass.COMBO, Route.RESERVE)))),
    ]


@pytest.mark.parametrize("text", ["requests", "reqests", "requests-cli", "gripper", "ab"])
def test_what_belongs_to_others_or_to_everybody_is_never_acted_on(text: str) -> None:
    for owned in everywhere(text):
        for name_class in (NameClass.TYPO, NameClass.COMBO, NameClass.SURFACE):
            route, _ = verdict(owned, candidate(text, name_class=name_class, channel=Channel.COMBO))
            assert route not in {Route.RESERVE, Route.REQUEST}


def test_a_typing_error_belongs_to_the_more_popular_of_two_neighbours() -> None:
    # 'acme-httq' is one edit from the well-known stranger acme-http and from ours, acme-htts.
    ours = portfolio(package("acme-htts"))
    assert verdict(ours, candidate("acme-httq", "acme-htts")) == (Route.NONE, "others-territory")
    better_known = portfolio(package("numpy"))
    assert verdict(better_known, candidate("nupy", "numpy"))[0] is Route.REQUEST


def test_two_edits_from_ours_and_two_from_a_better_known_project_is_theirs() -> None:
    owned = portfolio(package("acme-hktps"))
    assert verdict(owned, candidate("acme-hkp", "acme-hktps")) == (Route.NONE, "others-territory")


@pytest.mark.parametrize(("project", "expected"), [("acme-tool", Route.NONE), ("requests", Route.RESERVE)])
def test_a_command_next_to_a_well_known_name_is_ours_only_if_our_package_is_better_known(
    project: str, expected: Route
) -> None:
    owned = portfolio(package(project, surface(SurfaceKind.COMMAND, "nump"), confirmed=(name("nump"),)))
    assert verdict(owned, candidate("nump", project, name_class=NameClass.SURFACE))[0] is expected


def test_names_that_the_index_will_flag_carry_a_warning() -> None:
    owned = portfolio(package("numpy"), policy=PROTECTIVE)
    (found,) = assessed(owned, candidate("nmupy", "numpy"))
    assert found.check.flagged_as[0].matched == "numpy"
    assert "index-will-flag" in {warning.rule for warning in found.warnings}
    # A name that is asked for by letter is never uploaded, so no check of uploads sees it.
    (found,) = assessed(portfolio(package("numpy")), candidate("nmupy", "numpy"))
    assert (found.route, found.warnings) == (Route.REQUEST, ())

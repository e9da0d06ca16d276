"""The report counts what happened, drops nothing, and fits its first screen."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from types import SimpleNamespace
from typing import cast

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import (
    ACTION_DIGEST,
    NOON,
    SDK,
    TOOL,
    approval,
    assessment,
    every_route_plan,
    first_day_done,
    held,
    make_plan,
    name,
)

from namehold import documents
from namehold.candidates.model import Channel
from namehold.errors import Diagnostic, InputError
from namehold.index.model import Outcome
from namehold.index.rules import Availability
from namehold.ledger.model import Holdings, LetterAnswer, LetterKind, Receipt, SentLetter
from namehold.ownership.prove import OwnershipProof, OwnershipRule, OwnershipVerdict
from namehold.plan.model import Audience, Reason, Wish
from namehold.portfolio.model import Route
from namehold.portfolio.packages import NameClass
from namehold.report.compare import EarlierReport, hide_open_names
from namehold.report.make import make_report, share_out
from namehold.report.markdown import render_markdown
from namehold.report.model import Report
from namehold.report.page import render_html
from namehold.report.pictures import draw_curve
from namehold.report.sections import make_sections
from namehold.report.words import SAFE_STATES, Standing, State, how_likely
from namehold.text import likelihood, percent

NOW = dt.datetime(2026, 11, 4, 9, tzinfo=dt.UTC)


def report(holdings: Holdings | None = None, now: dt.datetime = NOW) -> Report:
    return make_report(every_route_plan(), holdings or Holdings(), now=now)


def headline(made: Report, label: str) -> str:
    (found,) = [f"{line.text} {line.command}".strip() for line in made.first_screen if line.label == label]
    return found


# --------------------------------------------------------------------------- sums


def test_every_assessed_name_is_under_one_route_and_in_one_state() -> None:
    plan, made = every_route_plan(), report(first_day_done())

    names = [entry.name for entry in made.entries]
    assert sorted(names) == sorted(item.candidate.name for item in plan.assessments)
    assert made.assessed == len(names) == sum(t.names for t in made.totals) == sum(t.names for t in made.states)
    assert {total.route for total in made.totals} == set(Route)
    assert {total.state for total in made.states} == set(State)
    for package in made.packages:
        assert sum(total.names for total in package.totals) == len(package.entries)


def test_the_shown_tables_add_up_too() -> None:
    (by_package, by_state, _) = make_sections(report())[0].tables

    *packages, total = [[int(cell) for cell in row[1:]] for row in by_package.rows]
    assert [sum(column) for column in zip(*packages, strict=True)] == total
    assert all(sum(row[:-1]) == row[-1] for row in (*packages, total))
    *states, state_sum = [int(row[-1]) for row in by_state.rows]
    assert sum(states) == state_sum == total[-1]


def test_a_name_that_is_assessed_twice_is_refused_with_its_name() -> None:
    plan = make_plan((assessment("acme-cli", Route.RESERVE), assessment("acme-cli", Route.WATCH)))

    with pytest.raises(InputError) as refused:
        make_report(plan, Holdings(), now=NOW)

    (diagnostic,) = refused.value.diagnostics()
    assert diagnostic.rule == "report-assessed-once"
    assert "acme-cli" in diagnostic.message


def test_an_action_under_another_route_is_refused() -> None:
    plan = make_plan((assessment("acme-cli", Route.WATCH),), planned=("acme-cli",))

    with pytest.raises(InputError) as refused:
        make_report(plan, Holdings(), now=NOW)

    assert [item.rule for item in refused.value.diagnostics()] == ["report-action-route"]


def test_a_later_version_of_a_held_name_needs_no_route() -> None:
    plan = make_plan((assessment("acme-cli", Route.RESERVE),), planned=("acme-cli",))
    (action,) = plan.actions
    later = Reason(rule="renewal", text="Held since 2025.")
    renewal = dataclasses.replace(action, name=NormalizedName("acme-parked"), reasons=(later,))

    made = make_report(dataclasses.replace(plan, actions=(action, renewal)), Holdings(), now=NOW)

    assert [entry.name for entry in made.entries] == ["acme-cli"]


# --------------------------------------------------------------------------- what happened


def state_of(made: Report, text: str) -> State:
    return next(entry.state for entry in made.entries if entry.name == text)


def test_what_happened_comes_from_the_ledger_not_from_the_plan() -> None:
    before, after = report(), report(first_day_done())

    assert before.in_state(State.HELD) == 0
    assert before.in_state(State.PLANNED) == 3
    assert (state_of(after, "acme-cli"), state_of(after, "acmetools")) == (State.HELD, State.REFUSED_TO_EVERYONE)
    assert after.in_state(State.PLANNED) == 1


@pytest.mark.parametrize(
    ("holdings", "state"),
    [
        (Holdings(unverified=(name("acme-cli"),)), State.UNVERIFIED),
        (Holdings(open_intents=(name("acme-cli"),)), State.UNVERIFIED),
        (Holdings(prohibited=(name("acme-cli"),)), State.PROHIBITED),
        (Holdings(prohibited=(name("acme-cli"),), undecided=(name("acme-cli"),)), State.VANISHED),
        (Holdings(settled=((name("acme-cli"), Outcome.LOST_RACE.value),)), State.TAKEN),
        (Holdings(settled=((name("acme-cli"), Outcome.REFUSED_PROHIBITED.value),)), State.PROHIBITED),
        (Holdings(settled=((name("acme-cli"), "handed-over"),)), State.SETTLED),
        (Holdings(held=(held("acme-cli"),), settled=((name("acme-cli"), "refused-file"),)), State.HELD),
    ],
)
def test_what_the_ledger_says_of_a_planned_name(holdings: Holdings, state: State) -> None:
    assert state_of(report(holdings), "acme-cli") is state


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("acme-sdk", State.DEFERRED),
        ("acme-tol", State.TO_REQUEST),
        ("acme-client", State.COVERED),
        ("acme-tooa", State.WATCHED),
        ("acme-t00l", State.REFUSED_TO_EVERYONE),
        ("acne-tool", State.LOOK_ALIKE),
        ("acme", State.TAKEN),
        ("acme-robotics-sdk2", State.OWN),
        ("acme-billing", State.INTERNAL),
        ("acme-next", State.FUTURE),
        ("acme-lab", State.UNKNOWN),
        ("acme-word", State.LEFT),
    ],
)
def test_where_a_name_stands_that_was_never_sent(text: str, state: State) -> None:
    assert state_of(report(), text) is state


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (None, State.ASKED, "63 days ago; no answer yet."),
        (LetterAnswer.SILENT, State.UNANSWERED, "63 days ago; never answered."),
        (LetterAnswer.DECLINED, State.DECLINED, "declined on 2026-11-01."),
    ],
)
def test_a_request_without_success_stays_unprotected_and_tells_its_age(
    answer: LetterAnswer | None, state: State, words: str
) -> None:
    answers = ((name("acme-tol"), answer, dt.date(2026, 11, 1)),) if answer else ()
    letter = SentLetter(
        kind=LetterKind.PROHIBIT,
        digest="sha256:" + "0c" * 32,
        names=(name("acme-tol"),),
        sent=dt.date(2026, 9, 2),
        answers=answers,
    )
    made = report(Holdings(letters=(letter,)))

    assert state_of(made, "acme-tol") is state
    assert state not in SAFE_STATES
    assert words in render_markdown(made, limit=50)
    assert ("waits for its answer (63 days)" in headline(made, "Write")) is (answer is None)
    assert f"| 2026-09-02 | prohibit | acme-tol | {answer or 'none yet'} |" in render_markdown(made)
    assert made.under(Route.REQUEST) == 2


def test_a_name_that_vanished_does_not_count_as_safe() -> None:
    assert State.VANISHED not in SAFE_STATES
    assert State.UNVERIFIED not in SAFE_STATES


# --------------------------------------------------------------------------- the first screen


def test_the_first_screen_has_at_most_twelve_lines_even_when_everything_happens_at_once() -> None:
    holdings = dataclasses.replace(first_day_done(), undecided=(name("acme-robotics"),))
    finding = Diagnostic(message="acme-cli has another owner", rule="drift-owner")
    made = make_report(every_route_plan(), holdings, now=NOW, findings=(finding, finding))

    screen = render_markdown(made).split("\n## ")[0].rstrip("\n").splitlines()

    assert len(screen) <= 12
    assert [line.label for line in made.first_screen] == [
        "Today",
        "Write",
        "Fix",
        "Safe without a reservation",
        "Unprotected",
        "Targets",
        "Held for good",
        "Where to stop",
        "Data",
        "Sums",
    ]


def test_a_name_that_waits_for_a_persons_word_is_on_the_first_screen_and_not_on_a_public_one() -> None:
    waits = assessment("grip", Route.WATCH, rate=0.3).changed(
        reasons=(Reason(rule="surface-unconfirmed", text="a command"),)
    )
    whole = every_route_plan()
    plan = dataclasses.replace(whole, assessments=(*whole.assessments, waits))

    for is_brief in (False, True):
        made = make_report(plan, Holdings(), now=NOW, is_brief=is_brief)
        assert headline(made, "Confirm") == (
            "List what is your own in the list 'confirmed' of its package in names.yaml, and leave the rest: grip. "
            "namehold explain grip"
        )
    public = hide_open_names(make_report(plan, Holdings(), now=NOW))
    assert "grip" not in documents.dump("report", public)
    assert "Confirm" not in [line.label for line in report().first_screen]


def test_without_the_organization_the_next_letter_is_a_draft() -> None:
    asks = assessment("acme-tol", Route.REQUEST, rate=0.03)
    whole = make_plan(assessments=(asks,))
    lacking = Reason(rule="incomplete", text="names.yaml lacks organization.name.")

    made = make_report(whole, Holdings(), now=NOW)
    assert headline(made, "Write").endswith("acme-tol. namehold letter prohibit")
    assert headline(made, "Targets") == "none needs proof; the letter looks up whose they are."
    incomplete = make_report(dataclasses.replace(whole, warnings=(lacking,)), Holdings(), now=NOW)
    assert headline(incomplete, "Write").endswith("acme-tol. namehold letter prohibit --draft")


def test_today_goes_from_rehearsal_to_approval_to_sending_to_nothing() -> None:
    rehearsed = Holdings(rehearsals=(ACTION_DIGEST,))
    approved = dataclasses.replace(rehearsed, approvals=(approval(ACTION_DIGEST),))
    done = dataclasses.replace(approved, held=(held("acme-cli"), held("acmetools"), held("acme-robotics", target=SDK)))

    assert headline(report(), "Today").endswith("namehold rehearse")
    assert headline(report(rehearsed), "Today").endswith(f"namehold apply --approve {ACTION_DIGEST}")
    assert headline(report(approved), "Today") == "Send acme-cli, acmetools. namehold apply"
    assert headline(report(done), "Today").startswith("Nothing to send")


def test_an_approval_lapses_after_thirty_days() -> None:
    approved = Holdings(rehearsals=(ACTION_DIGEST,), approvals=(approval(ACTION_DIGEST),))

    assert report(approved, NOON + dt.timedelta(days=30)).is_approved
    assert not report(approved, NOON + dt.timedelta(days=31)).is_approved


def test_an_approval_of_other_actions_does_not_count() -> None:
    assert not report(Holdings(approvals=(approval("sha256:" + "00" * 32),))).is_approved


def test_a_letter_takes_the_best_fifteen() -> None:
    requests = tuple(assessment(f"acme-{number}", Route.REQUEST, rate=number / 100) for number in range(1, 21))
    made = make_report(make_plan(requests), Holdings(), now=NOW)

    assert headline(made, "Write").startswith(
        "Ask the administrators privately to prohibit the best 15 of 20 names: acme-20, acme-19, acme-18, acme-17 and"
    )


def test_a_name_that_is_gone_comes_first_because_nothing_is_sent_before_a_person_decides() -> None:
    holdings = dataclasses.replace(
        first_day_done(), undecided=(name("acme-outside-the-plan"),), open_intents=(name("acme-robotics"),)
    )

    today = headline(report(holdings), "Today")

    assert today.startswith("Ask the administrators why acme-outside-the-plan is gone")
    assert "namehold status --decide acme-outside-the-plan=" in today


def test_open_uploads_come_before_everything_else() -> None:
    holdings = dataclasses.replace(first_day_done(), open_intents=(name("acme-robotics"),))

    assert headline(report(holdings), "Today").startswith("Ask the index what became of 1 name")


def test_with_the_quota_spent_today_says_when_the_next_slot_opens() -> None:
    spent = (NOW - dt.timedelta(hours=3), NOW - dt.timedelta(hours=2))
    holdings = dataclasses.replace(first_day_done(), slot_times=spent)

    assert "the next slot opens 2026-11-05 06:00 UTC" in headline(report(holdings), "Today")


def test_the_plan_file_is_quoted_in_commands() -> None:
    made = make_report(every_route_plan(), Holdings(), now=NOW, plan_path="my plans/acme.json")

    assert headline(made, "Today").endswith("namehold rehearse 'my plans/acme.json'")


def proof(target: NormalizedName, verdict: OwnershipVerdict) -> OwnershipProof:
    return OwnershipProof(
        target=target, verdict=verdict, rule=OwnershipRule.ACCOUNT_OWNS, text="as the index shows", fix="", time=NOON
    )


def test_targets_that_nobody_looked_up_are_not_proved() -> None:
    proofs = (proof(TOOL, OwnershipVerdict.PROVED),)
    made = make_report(every_route_plan(), Holdings(), now=NOW, targets=proofs)

    assert made.unproved_targets == (SDK,)
    assert headline(made, "Targets").startswith("1 proved, 1 not proved (acme-robotics-sdk)")


def test_a_held_name_proves_its_target_until_a_look_up_says_otherwise() -> None:
    held_once = first_day_done()
    after = make_report(every_route_plan(), held_once, now=NOW, targets=(proof(TOOL, OwnershipVerdict.CONTRADICTED),))

    assert report(held_once).proved_targets == (TOOL,)
    assert (after.proved_targets, after.unproved_targets) == ((), (SDK, TOOL))


def test_where_to_stop_says_what_covered_actions_and_what_the_next_name_would_add() -> None:
    text = headline(report(), "Where to stop")

    assert text == (
        "88 % of what reservations can cover under this policy, with 3 names held or planned; the next would add 6.2 %."
    )


def test_the_data_line_tells_the_age_and_warns_when_it_is_too_old() -> None:
    old = report(now=NOW + dt.timedelta(days=20))

    assert "(3 days old, complete)" in headline(report(), "Data")
    assert headline(old, "Data").startswith("Too old.")
    assert "report-data-age" in {warning.reason.rule for warning in old.warnings}
    assert "report-data-age" not in {warning.reason.rule for warning in report().warnings}


def test_a_plan_without_a_snapshot_says_so() -> None:
    plan = every_route_plan()
    plan = dataclasses.replace(plan, provenance=dataclasses.replace(plan.provenance, snapshot=None))

    assert headline(make_report(plan, Holdings(), now=NOW), "Data").startswith("no list of the index's names")


def test_reserve_nothing_is_a_normal_result() -> None:
    made = make_report(make_plan((assessment("acme-tol", Route.WATCH),)), Holdings(), now=NOW)

    assert headline(made, "Today") == (
        "Nothing to send: no name is worth a reservation under this policy and budget. Look again in a month. "
        "namehold watch"
    )
    assert headline(made, "Where to stop").startswith("here")
    assert "calendar" not in {section.anchor for section in make_sections(made)}


def test_an_empty_plan_still_makes_every_format() -> None:
    made = make_report(make_plan(()), Holdings(), now=NOW)

    assert made.assessed == 0
    assert "0 names assessed" in render_markdown(made)
    assert "All names: 0" in render_html(made)


# --------------------------------------------------------------------------- calendar, lists, JSON


def test_the_calendar_follows_the_quotas_window() -> None:
    days = [(day.day, day.date, [entry.name for entry in day.entries]) for day in report().calendar]

    assert days == [
        (1, dt.date(2026, 11, 2), ["acme-cli", "acmetools"]),
        (2, dt.date(2026, 11, 3), ["acme-robotics"]),
    ]


def test_long_watch_lists_are_cut_and_say_so_but_json_keeps_all() -> None:
    made = report()
    shown, document = render_markdown(made, limit=5), json.loads(documents.dump("report", made))

    assert "acme-tooe" in shown
    assert "acme-toof" not in shown
    assert "7 more names in the JSON report." in shown
    assert document["schema"] == "namehold/report/1"
    names = [entry["name"] for package in document["packages"] for entry in package["entries"]]
    assert len(names) == document["assessed"] == made.assessed


def test_names_that_a_person_decides_on_are_never_cut() -> None:
    names = tuple(f"acme-tol{letter}" for letter in "abcdef")
    plan = make_plan(tuple(assessment(text, Route.RESERVE) for text in names), planned=names)

    section = render_markdown(make_report(plan, Holdings(), now=NOW), limit=1).split("## Names by package")[1]

    assert all(f"| {text} |" in section.split("\n## ")[0] for text in names)


def test_names_of_a_route_are_listed_by_rate() -> None:
    rates = {"acme-a": 0.1, "acme-b": 0.3, "acme-c": 0.2}
    plan = make_plan(tuple(assessment(text, Route.REQUEST, rate=rate) for text, rate in rates.items()))

    (package,) = make_report(plan, Holdings(), now=NOW).packages

    assert [entry.name for entry in package.entries] == ["acme-b", "acme-c", "acme-a"]


def test_what_was_not_done_names_the_key_to_change_and_the_other_policy() -> None:
    shown = render_markdown(report(first_day_done()))
    section = shown.split("## What was not done, and why")[1].split("\n## ")[0]

    assert (
        "| acme-sdk | acme-robotics-sdk | likely, 1 in 10 (10 %) | the budget of 3 names is spent. | budget.total |"
        in section
    )
    for typo, package in (("acme-tol", "acme-tool"), ("acme-robotcs-sdk", "acme-robotics-sdk")):
        assert f"| Ask to prohibit | Reserve | 1 | {typo} | A likely typing error for {package}. |" in section
    assert "| acmetools | acme-tool | refused to everyone |" in section


def test_a_rehearsal_is_told_by_outcome() -> None:
    receipts = tuple(
        Receipt(
            name=name(text),
            target=TOOL,
            outcome=outcome,
            message="",
            time=NOON,
            action_digest=ACTION_DIGEST,
        )
        for text, outcome in (
            ("acme-cli", Outcome.HELD),
            ("acmetools", Outcome.REFUSED_SIMILAR),
            ("acme-x", Outcome.HELD),
        )
    )

    shown = render_markdown(make_report(every_route_plan(), Holdings(), now=NOW, rehearsal=receipts))

    assert "| held | 2 | acme-cli, acme-x |" in shown
    assert "| refused-similar | 1 | acmetools |" in shown


def test_rates_are_told_as_conditional_on_an_attack() -> None:
    for shown in (render_markdown(report()), render_html(report())):
        assert "if the package is attacked" in shown
        assert "it says nothing about how likely an attack is" in shown.replace("It says", "it says")


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.00001, "< 0.01 %"), (0.0006, "0.06 %"), (0.028, "2.8 %"), (0.149, "15 %"), (1, "100 %")],
)
def test_percentages_have_two_significant_digits(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.75, "likely, 8 in 10 (75 %)"),
        (0.999, "likely, 9 in 10 (100 %)"),
        (0.25, "likely, 1 in 4 (25 %)"),
        (0.1, "likely, 1 in 10 (10 %)"),
        (0.0417, "possible, 1 in 24 (4.2 %)"),
        (0.01, "possible, 1 in 100 (1.0 %)"),
        (0.0093, "unlikely, 1 in 110 (0.93 %)"),
        (0.00081, "unlikely, 1 in 1,200 (0.08 %)"),
        (0, "unlikely (0 %)"),
        (float("nan"), "unlikely (? %)"),
    ],
)
def test_a_chance_is_told_in_a_word_as_one_in_how_many_and_in_figures(share: float, text: str) -> None:
    assert likelihood(share) == text
    assert how_likely(NameClass.TYPO, share) == text
    assert how_likely(NameClass.ALWAYS, share) == "you asked for it"


def test_every_name_of_the_report_says_how_likely_it_is() -> None:
    made = make_report(make_plan((assessment("acme-tol", Route.WATCH, rate=0.05),)), Holdings(), now=NOW)
    for shown in (render_markdown(made), render_html(made)):
        assert "possible, 1 in 20 (5.0 %)" in shown
        assert "about one in 20 was really used" in shown


# --------------------------------------------------------------------------- HTML


class Page(HTMLParser):
    """What a browser would see: elements with attributes, and the text of the table captions."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]


def test_the_page_requests_nothing_and_its_policy_allows_its_own_script_and_style_alone() -> None:
    text = render_html(report(first_day_done()))
    page = Page(text)

    (policy,) = [found["content"] or "" for found in page.all("meta") if found.get("http-equiv")]
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        ((inside),) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        allowed = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{directive} 'sha256-{allowed}';" in policy
    assert "unsafe" not in policy
    assert all(found == {} for found in page.all("script"))
    assert not any("style" in found for _, found in page.elements)
    assert not {"link", "iframe", "img", "object", "embed", "form"} & {tag for tag, _ in page.elements}
    assert all(value is None or not key.startswith("on") for _, found in page.elements for key, value in found.items())
    assert all((link["href"] or "").startswith("#") for link in page.all("a"))
    assert "://" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_every_link_leads_to_a_part_of_the_page_and_no_id_is_used_twice() -> None:
    page = Page(render_html(report(first_day_done())))
    ids = [found["id"] for _, found in page.elements if "id" in found]

    assert len(ids) == len(set(ids))
    assert {(link["href"] or "")[1:] for link in page.all("a")} <= set(ids)
    labelled = [part for _, found in page.elements for part in (found.get("aria-labelledby") or "").split()]
    assert labelled
    assert set(labelled) <= set(ids)


def test_tables_have_captions_and_every_heading_its_scope() -> None:
    page = Page(render_html(report(first_day_done())))

    assert len(page.all("table")) == len(page.all("caption")) > 10
    assert {heading.get("scope") for heading in page.all("th")} == {"col", "row"}
    assert page.all("html")[0]["lang"] == "en"
    assert not any("tabindex" in found for _, found in page.elements)


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_has_the_contrast_of_wcag_aa_in_light_dark_and_print() -> None:
    style = files("namehold.report").joinpath("page.css").read_text("utf-8")
    palettes = [
        dict(re.findall(r"(--[a-z]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{([^}]*)\}", style)
    ]

    assert len(palettes) == 3
    for colours in palettes:
        for text in ("--text", "--quiet", "--accent"):
            for ground in ("--page", "--card", "--callout"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground, colours)
        for fill in Standing:
            assert contrast(colours[f"--{fill}"], colours["--card"]) >= 4.5, (fill, colours)


def test_the_curve_is_drawn_and_described() -> None:
    text = render_html(report())
    pictures = [drawing for drawing in Page(text).all("svg") if "role" in drawing]

    assert [drawing["role"] for drawing in pictures] == ["img"] * 3
    assert all(drawing["aria-labelledby"] and drawing["aria-describedby"] for drawing in pictures)
    assert "88 % covered with 3 names held or planned, 94 % with 4 names." in text
    assert "█" not in text


def test_where_all_names_are_planned_the_curve_is_described_by_one_figure() -> None:
    made = report()
    text = render_html(dataclasses.replace(made, coverage=made.coverage[: made.reserved]))
    assert "88 % covered with 3 names held or planned." in text


@pytest.mark.parametrize("stop", [2, 8, 10])
def test_the_curve_never_crosses_the_label_of_its_stop(stop: int) -> None:
    points = [SimpleNamespace(covered=at**3 / 1000) for at in range(1, 11)]
    drawing = draw_curve(cast("Report", SimpleNamespace(coverage=points, reserved=stop)))
    assert drawing is not None
    spots = [tuple(map(float, spot.split())) for spot in str(drawing["path"])[1:].split(" L")]
    letters_height = 15
    assert letters_height < float(str(drawing["mark_text_y"])) < min(y for _, y in spots)


def test_a_long_curve_stays_a_small_drawing() -> None:
    names = tuple(f"acme-{number}" for number in range(2_000))
    plan = make_plan(
        tuple(assessment(text, Route.RESERVE, name_class=NameClass.ALWAYS) for text in names), planned=names
    )

    drawing = draw_curve(make_report(plan, Holdings(), now=NOW))

    assert drawing is not None
    assert 100 < str(drawing["path"]).count("L") < 400


# --------------------------------------------------------------------------- one picture


def test_the_picture_shares_out_exactly_a_hundred_confusions() -> None:
    made = report(first_day_done())
    shares = {share.standing: share.confusions for share in made.standings}

    assert sum(shares.values()) == 100
    assert sum(package.confusions for package in made.packages) == 100
    assert all(sum(share.confusions for share in package.standings) in {0, 100} for package in made.packages)
    assert shares[Standing.HELD] > shares[Standing.LETTER] > 0
    text = render_html(made)
    drawn = text.split('aria-describedby="picture-legend"')[1].split("</figure>")[0]
    for standing, number in shares.items():
        # The legend has the sign once more.
        assert drawn.count(f'href="#mark-{standing}"') == number + bool(number)


@pytest.mark.parametrize(
    ("weights", "parts"),
    [
        ((), ()),
        ((0.0, 0.0), (0, 0)),
        ((1.0, 1.0, 1.0), (34, 33, 33)),
        ((0.994, 0.003, 0.003), (100, 0, 0)),
        ((0.992, 0.002, 0.006), (99, 0, 1)),
        ((float("inf"), 1.0), (0, 0)),
        ((float("nan"), 1.0), (0, 0)),
    ],
)
def test_parts_sum_up_to_the_whole(weights: tuple[float, ...], parts: tuple[int, ...]) -> None:
    assert share_out(weights) == parts


def test_without_a_list_of_names_confusions_end_at_names_that_are_not_known() -> None:
    plan = make_plan((assessment("acme-tol", Route.WATCH, availability=Availability.UNKNOWN),))

    made = make_report(plan, Holdings(), now=NOW)

    assert [share.standing for share in made.standings if share.confusions] == [Standing.UNKNOWN]


def test_a_wish_counts_for_nothing_among_the_confusions_and_has_no_rate() -> None:
    wish = assessment("acme-wish", Route.RESERVE, name_class=NameClass.ALWAYS, rate=0.95)
    score = wish.candidate.score.changed(channels=((Channel.DECLARED, 0.95),))
    wish = wish.changed(candidate=wish.candidate.changed(score=score))
    made = make_report(make_plan((wish, assessment("acme-tol", Route.WATCH))), Holdings(), now=NOW)

    assert {share.standing: share.confusions for share in made.standings if share.confusions} == {Standing.OPEN: 100}
    row = render_html(made).split("<summary>acme-wish")[1].split("<tr>")[0]
    assert "you asked for it" in row
    assert "%" not in row


def test_what_was_seen_stands_among_the_ways_that_make_its_rate() -> None:
    seen = assessment("acme-seen", Route.RESERVE, name_class=NameClass.OBSERVED, rate=0.34)
    score = seen.candidate.score.changed(channels=((Channel.DECLARED, 0.33), (Channel.MODEL, 0.01)))
    seen = seen.changed(candidate=seen.candidate.changed(score=score))
    row = render_html(make_report(make_plan((seen,)), Holdings(), now=NOW)).split("<summary>acme-seen")[1]

    assert "likely, 1 in 3 (34 %)" in row
    assert "How likely by each way: what was seen 33 %, language models 1.0 %." in row


def test_a_wish_that_a_file_calls_certain_is_no_fault() -> None:
    wish = assessment("acme-wish", Route.RESERVE, name_class=NameClass.ALWAYS, rate=1.0)
    score = wish.candidate.score.changed(channels=((Channel.DECLARED, 1.0),))
    plan = make_plan((wish.changed(candidate=wish.candidate.changed(score=score)),))

    assert make_report(plan, Holdings(), now=NOW).standings == ()


def test_what_needs_a_person_is_the_headline() -> None:
    assert "<h1>Two things need a person today: rehearse the plan and send one letter.</h1>" in render_html(report())
    nothing = make_report(make_plan((assessment("acme-tol", Route.WATCH),)), Holdings(), now=NOW)
    assert "<h1>Nothing needs a person today.</h1>" in render_html(nothing)


def test_the_letters_names_stand_in_one_list() -> None:
    text = render_html(report())

    listed = text.split('<section id="letter"')[1].split("</section>")[0]
    assert re.findall(r"<li><code>(.*?)</code>", listed) == ["acme-robotcs-sdk", "acme-tol"]


def test_names_of_a_package_that_was_never_asked_about_are_marked() -> None:
    mark = "(not proved yet)"
    text = render_html(report())
    listed = text.split('<section id="letter"')[1].split("</section>")[0]
    assert "<code>acme-robotcs-sdk</code> <small>for acme-robotics-sdk</small>" in listed
    assert "Whose the packages are is not proved yet; the letter looks it up" in listed
    assert f"acme-tool {mark}" in text.split("<summary>acme-cli")[1].split("<tr>")[0]
    assert f"acme-tool {mark}" in render_markdown(report())

    proofs = tuple(
        OwnershipProof(
            target=target, verdict=OwnershipVerdict.PROVED, rule=OwnershipRule.ACCOUNT_OWNS, text="", fix="", time=NOW
        )
        for target in (SDK, TOOL)
    )
    asked = make_report(every_route_plan(), Holdings(), now=NOW, targets=proofs)
    assert mark not in render_html(asked)
    assert mark not in render_markdown(asked)
    one = render_html(make_report(every_route_plan(), Holdings(), now=NOW, targets=proofs[1:]))
    listed = one.split('<section id="letter"')[1].split("</section>")[0]
    assert f"for acme-robotics-sdk {mark}" in listed
    assert "for acme-tool</small>" in listed


@pytest.mark.parametrize(("stated", "shown"), [(1234.0, "1,200"), (1_000_000.0, "1,000,000")])
def test_users_weigh_the_picture_and_order_the_packages(stated: float, shown: str) -> None:
    listed = (
        assessment("acme-tol", Route.WATCH, target=TOOL, rate=0.2),
        assessment("acme-skd", Route.PROTECTED, target=SDK, rate=0.1),
    )
    audiences = (Audience(package=TOOL, users=1.0), Audience(package=SDK, users=stated))
    made = make_report(dataclasses.replace(make_plan(listed), audiences=audiences), Holdings(), now=NOW)

    assert [(package.name, package.users) for package in made.packages] == [(SDK, stated), (TOOL, 1.0)]
    # 123.4 of 123.6, and more: one package's own 100 confusions aren't touched by the other's users.
    assert {share.standing: share.confusions for share in made.standings if share.confusions} == {Standing.SAFE: 100}
    assert [share.confusions for share in made.packages[1].standings if share.confusions] == [100]
    assert f'<td class="number" data-label="Users">{shown}</td>' in render_html(made)
    equal = make_report(make_plan(listed), Holdings(), now=NOW)
    assert 'data-label="Users"' not in render_html(equal)


def test_of_many_packages_those_without_a_decision_are_folded() -> None:
    many = [assessment(f"acme-p{at}-x", Route.WATCH, target=name(f"acme-p{at:02}")) for at in range(30)]
    acted = assessment("acme-zz-x", Route.RESERVE, target=name("acme-zz"), rate=0.0001)
    text = render_html(make_report(make_plan((*many, acted), planned=("acme-zz-x",)), Holdings(), now=NOW))

    open_ones, folded = text.split('<details class="rest">')
    assert "16 more packages that need no decision" in folded
    assert "<code>acme-zz</code>" in open_ones
    assert "<code>acme-p00</code>" in open_ones
    assert "<code>acme-p29</code>" in folded


def packages_of(quiet: int, acted: int) -> tuple[str, str, str]:
    """What stands open, what is folded, and what follows, in the page's section on packages.

    First in the report are the `quiet` packages, which need no decision, then the `acted` ones, with a planned name.
    """
    watched = [assessment(f"acme-q{at}-x", Route.WATCH, target=name(f"acme-q{at:03}")) for at in range(quiet)]
    planned = [
        assessment(f"acme-z{at}-x", Route.RESERVE, target=name(f"acme-z{at:03}"), rate=0.0001) for at in range(acted)
    ]
    plan = make_plan((*watched, *planned), planned=tuple(item.candidate.name for item in planned))
    text = render_html(make_report(plan, Holdings(), now=NOW))
    section = text.split('<section id="packages"')[1].split("</section>")[0]
    unfolded, _, rest = section.partition('<details class="rest">')
    folded, _, after = rest.partition("</details>\n<p") if rest else ("", "", unfolded.rpartition("</table>")[2])
    return unfolded, folded, after


def test_no_package_that_needs_a_decision_is_left_out_of_the_page() -> None:
    unfolded, folded, after = packages_of(0, 120)

    assert all(f"<code>acme-z{at:03}</code>" in unfolded for at in range(120))
    assert (folded, "Not in this section" in after) == ("", False)


def test_a_package_that_needs_a_decision_comes_before_many_that_need_none() -> None:
    unfolded, folded, after = packages_of(110, 1)

    assert "<code>acme-z000</code>" in unfolded
    assert "85 more packages that need no decision</summary>" in folded
    assert "Not in this section: 11 packages that need no decision." in after
    assert "namehold report -o report.json" in after


def test_packages_that_are_left_out_are_told_also_where_nothing_is_folded() -> None:
    unfolded, folded, after = packages_of(3, 101)

    assert (unfolded.count("<code>acme-z"), folded) == (101, "")
    assert "Not in this section: 3 packages that need no decision." in after


@pytest.mark.parametrize(("quiet", "said"), [(15, ""), (16, "1 more package that needs no decision</summary>")])
def test_one_folded_package_is_told_as_one(quiet: int, said: str) -> None:
    _, folded, after = packages_of(quiet, 0)

    assert said in folded
    assert bool(folded) is bool(said)
    assert "Not in this section" not in after


def test_one_package_that_is_left_out_is_told_as_one() -> None:
    assert "Not in this section: 1 package that needs no decision." in packages_of(101, 0)[2]


def test_what_waits_is_no_numbered_task() -> None:
    today = render_html(make_report(make_plan((assessment("acme-tol", Route.REQUEST),)), Holdings(), now=NOW))
    listed = today.split('id="today-title"')[1].split("</section>")[0]

    assert listed.count("<li>") == 1
    # Beside a letter to send, 'nothing to send' would be read against it.
    assert '<p class="quiet tasks">Nothing to upload' in listed
    assert "Nothing to send" not in today


def test_an_account_that_is_not_named_yet_leaves_no_gap() -> None:
    made = make_report(make_plan((assessment("acme-tol", Route.WATCH),)), Holdings(), now=NOW)
    assert "account acme-names, policy" in render_html(made)
    assert "As of 2026-11-04, policy cautious" in render_html(dataclasses.replace(made, username=""))


def test_strangers_of_which_the_same_is_known_are_listed_by_package() -> None:
    theirs = tuple(
        assessment(f"acme{at}", Route.NONE, target=target, availability=Availability.FOREIGN, reason="Not looked up.")
        for at, target in enumerate((TOOL, SDK, TOOL))
    )
    text = render_markdown(make_report(make_plan(theirs), Holdings(), now=NOW))

    assert "3 names, taken by others, the likeliest first. Not looked up." in text
    assert "| acme-tool | acme0, acme2 |" in text


def test_the_number_of_open_names_is_that_of_the_names_on_the_page() -> None:
    many = tuple(assessment(f"acme-{number:04}", Route.WATCH, rate=number / 100_000) for number in range(5_010))
    assert "register 5,000 of the names on this page" in render_html(make_report(make_plan(many), Holdings(), now=NOW))


def test_a_long_calendar_says_how_much_of_it_is_drawn_and_shows_one_window() -> None:
    listed = tuple(assessment(f"acme-{at}", Route.RESERVE) for at in range(20))
    made = make_report(make_plan(listed, planned=tuple(f"acme-{at}" for at in range(20))), Holdings(), now=NOW)
    text = render_html(made)

    assert "The picture shows the first 8 of 10 days." in text
    assert ">24 hours: 2 slots</text>" in text
    assert ">4 Nov</text>" in text


def test_beyond_five_thousand_names_the_likeliest_stay_and_the_others_are_counted_with_a_command() -> None:
    many = tuple(assessment(f"acme-{number:04}", Route.WATCH, rate=number / 100_000) for number in range(5_010))
    acted = assessment("acme-cli", Route.RESERVE, rate=0.000001)
    text = render_html(make_report(make_plan((*many, acted), planned=("acme-cli",)), Holdings(), now=NOW))

    names = re.findall(r"<summary>([^<]+)</summary><p", text)
    assert (names[0], names[1], names[-1], len(names)) == ("acme-cli", "acme-5009", "acme-0011", 5_000)
    assert "11 less likely names not in this table: 11 watch. namehold report -o report.json writes all" in text


# --------------------------------------------------------------------------- since the last report


def earlier(made: Report) -> EarlierReport:
    return documents.load("report", EarlierReport, documents.dump("report", made), path="last.json")


def test_what_changed_since_an_earlier_report_is_told() -> None:
    later = make_report(every_route_plan(), first_day_done(), now=NOW, against=earlier(report()))

    assert [(change.name, change.before, change.after) for change in later.changes] == [
        ("acme-cli", "planned", "held"),
        ("acmetools", "planned", "refused-to-everyone"),
    ]
    for text in (render_markdown(later), render_html(later)):
        assert "What changed since 2026-11-04" in text
    assert "| acme-cli | acme-tool | planned | held by a placeholder |" in render_markdown(later)
    assert "What changed" not in render_markdown(report())


def test_new_and_dropped_names_without_a_decision_are_a_number() -> None:
    before = make_report(make_plan((assessment("acme-a", Route.WATCH),)), Holdings(), now=NOW)
    plan = make_plan((assessment("acme-b", Route.WATCH), assessment("acme-c", Route.REQUEST)))
    text = render_markdown(make_report(plan, Holdings(), now=NOW, against=earlier(before)))

    section = text.split("## What changed")[1].split("\n## ")[0]
    assert "| acme-c | acme-tool | not assessed | to be asked for |" in section
    assert "acme-a" not in section
    assert "2 more names" in section


def test_reports_of_others_and_public_ones_are_not_compared() -> None:
    theirs = make_report(make_plan((), organization="Others"), Holdings(), now=NOW)
    for other in (theirs, hide_open_names(report())):
        with pytest.raises(InputError, match="can't be compared"):
            make_report(every_route_plan(), Holdings(), now=NOW, against=earlier(other))


# --------------------------------------------------------------------------- for others


def says(text: str, names: set[str]) -> set[str]:
    return names & set(re.findall(r"[a-z0-9-]+", text))


def test_a_public_report_has_no_name_that_somebody_could_still_register() -> None:
    letter = SentLetter(
        kind=LetterKind.PROHIBIT,
        digest="sha256:" + "0c" * 32,
        names=(name("acme-tol"), name("acme-robotcs-sdk")),
        sent=dt.date(2026, 9, 2),
        answers=((name("acme-robotcs-sdk"), LetterAnswer.GRANTED, dt.date(2026, 9, 9)),),
    )
    holdings = dataclasses.replace(first_day_done(), letters=(letter,), prohibited=(name("acme-robotcs-sdk"),))
    finding = Diagnostic(message="acme-robotics has another owner", rule="drift-owner")
    plan = every_route_plan()
    wishes = tuple(
        Wish(kind="always", name=item.name, package=item.target, outcome="waits", why=f"{item.name}!", is_met=False)
        for item in plan.outlines()
    )
    plan = dataclasses.replace(plan, wishes=wishes)
    whole = make_report(plan, holdings, now=NOW, findings=(finding,), against=earlier(report(Holdings())))
    public = hide_open_names(whole)
    hidden = {entry.name for entry in whole.entries if entry.state.exposure not in {"no", "somebody has"}}
    shown = (render_html(public), render_markdown(public), documents.dump("report", public))

    assert len(hidden) > 10
    for text in shown:
        assert says(text, {str(each) for each in hidden}) == set()
        assert {"acme-cli", "acme-robotcs-sdk", "acme-t00l", "acne-tool"} <= says(text, {e.name for e in whole.entries})
    assert public.left_out == len(hidden)
    assert f"{len(hidden)} names that somebody could still register are left out of this page." in shown[0]
    assert (public.assessed, public.states, public.standings) == (whole.assessed, whole.states, whole.standings)


def test_a_public_report_tells_no_inside_name_no_project_to_come_and_no_unpublished_package() -> None:
    kept = [("acme-payroll", NameClass.INTERNAL), ("acme-wages", NameClass.INTERNAL), ("acme-fleet", NameClass.FUTURE)]
    secret = [assessment(text, Route.PROTECTED, target=name(text), name_class=kind) for text, kind in kept]
    why = Reason(rule="target-unpublished", text="acme-soon isn't published.")
    secret.append(assessment("acme-sonn", Route.WATCH, target=name("acme-soon")).changed(reasons=(why,)))
    secret.append(assessment("acme-s00n", Route.PROTECTED, target=name("acme-soon")))
    whole = make_report(make_plan((assessment("acme-t00l", Route.PROTECTED), *secret)), Holdings(), now=NOW)
    public = hide_open_names(whole)
    words = {"acme-soon", *(item.candidate.name for item in secret)}
    for text in (render_html(public), render_markdown(public), documents.dump("report", public)):
        assert says(text, words) == set()
        assert "acme-t00l" in text
    assert public.left_out == len(secret)
    assert re.search(r"\| left out \|.*\| 5 \|\n\| \*\*All packages\*\* \|.*\| \*\*6\*\* \|", render_markdown(public))


def test_the_page_says_how_many_of_its_names_anybody_could_register() -> None:
    made = report()

    registrable = sum(entry.state.exposure not in {"no", "somebody has"} for entry in made.entries)
    assert f"Anybody could still register {registrable} of the names on this page" in render_html(made)


def test_a_sentence_that_says_an_open_name_is_left_out_of_a_public_report() -> None:
    safe = assessment("acme-t00l", Route.PROTECTED, reason="nearer to acme-tol. than to acme-tool")
    made = make_report(make_plan((safe, assessment("acme-tol", Route.WATCH))), Holdings(), now=NOW)

    (entry,) = hide_open_names(made).entries
    assert entry.reasons == ()


@pytest.mark.parametrize("covered", [10**30, 1e300, -1e300])
def test_a_share_that_a_plans_file_makes_up_draws_no_endless_bar(covered: float) -> None:
    made = report()
    (first, *rest) = made.coverage
    odd = dataclasses.replace(made, coverage=(dataclasses.replace(first, covered=covered), *rest))
    assert len(render_markdown(odd)) < 2 * len(render_markdown(made)) + 1_000


def test_what_models_and_people_told_has_a_section_of_its_own() -> None:
    made = report()
    (section,) = (item for item in make_sections(made) if item.anchor == "evidence")
    (table,) = section.tables
    seen = {entry.name for entry in made.entries if entry.name_class is NameClass.OBSERVED}
    assert seen
    assert {row[0] for row in table.rows} == seen
    hidden = hide_open_names(made)
    open_names = {entry.name for entry in made.entries} - {entry.name for entry in hidden.entries}
    shown = [row[0] for item in make_sections(hidden) if item.anchor == "evidence" for row in item.tables[0].rows]
    assert not open_names & set(shown)

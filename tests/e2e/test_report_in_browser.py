"""The HTML report in a real Chromium: with and without its script, by keyboard, on a phone, on paper, for a reader."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.harness.browser import PATIENCE_MS, open_browser
from tests.harness.values import assessment, every_route_plan, first_day_done, make_plan, name

from namehold.index.rules import Availability
from namehold.plan.model import Plan, Reason
from namehold.portfolio.model import Route
from namehold.portfolio.packages import NameClass
from namehold.report.make import make_report
from namehold.report.page import render_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

NOW = dt.datetime(2026, 11, 4, 9, tzinfo=dt.UTC)
PACKAGES = tuple(name(f"acme-package-{number}") for number in range(12))
ROWS = "#names-table tbody tr"

#: What a stranger's project, or a plan from elsewhere, may say.
HOSTILE = (
    "</script><script>document.title='owned'</script>",
    "</style><img src=x onerror=\"document.title='owned'\">",
    '"><svg onload="document.title=\'owned\'">',
    "<!-- ]]> {{ 7*7 }} {% raw %} javascript:alert(1)",
    "\u202egnp.exe\u2066",
    "x" * 10_000,
)


def twelve_packages() -> Plan:
    """A hundred names each for twelve packages, as a real organization has them."""
    routes = (Route.RESERVE, Route.REQUEST, Route.REQUEST, Route.FLAG, *[Route.WATCH] * 80, *[Route.PROTECTED] * 16)
    assessments = [
        assessment(
            f"{package}-{number}",
            route,
            target=package,
            rate=0.5 / (number + 1),
            reason=f"Reason of {package}, number {number}.",
            availability=Availability.FOREIGN if route is Route.FLAG else Availability.UNREGISTERED,
        )
        for package in PACKAGES
        for number, route in enumerate(routes)
    ]
    wish = assessment("acme-wish", Route.WATCH, target=PACKAGES[0], name_class=NameClass.ALWAYS, reason="We want it.")
    return make_plan((*assessments, wish), planned=tuple(f"{package}-0" for package in PACKAGES))


def write(folder: Path, plan: Plan) -> str:
    path = folder / "report.html"
    path.write_text(render_html(make_report(plan, first_day_done(), now=NOW)), "utf-8")
    return path.as_uri()


class Tab:
    """A tab that shows one page after the other, and everything that the last one said or asked for.

    A page that was just opened knows nothing of the ones before. A tab of its own for each test would cost a browser
    three processes, which take longer than most tests.
    """

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.page: Page = browser.new_page(**options)
        self.page.set_default_timeout(PATIENCE_MS)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, address: str) -> Tab:
        """Shows this page anew, on a laptop in daylight."""
        self.page.goto("about:blank")
        self.said.clear()
        self.asked.clear()
        self.resize(1280, 720)
        self.page.emulate_media(media="null", color_scheme="light")
        self.page.goto(address)
        return self

    def resize(self, width: int, height: int = 800) -> None:
        """Makes the screen of the page wider or narrower."""
        self.page.set_viewport_size({"width": width, "height": height})

    def unfold(self) -> None:
        """Opens all that is folded."""
        self.page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")

    def names(self) -> list[str]:
        return self.page.locator(f"{ROWS} summary").all_inner_texts()

    def width(self) -> int:
        """Of the page, in pixels: more than the screen's if it scrolls sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Tab:
    return Tab(browser)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("page"), twelve_packages())


@pytest.fixture
def opened(tab: Tab, address: str) -> Tab:
    return tab.open(address)


def test_the_page_asks_for_nothing_and_its_policy_stops_nothing_of_its_own(opened: Tab, address: str) -> None:
    assert opened.asked == [address]
    assert opened.said == []
    assert opened.page.evaluate("getComputedStyle(document.querySelector('.legend .mark')).color") != "rgb(0, 0, 0)"


def test_the_first_screen_of_a_laptop_shows_the_task_and_the_whole_picture(opened: Tab) -> None:
    picture = opened.page.locator("figure").first.bounding_box()

    assert opened.page.locator("h1").inner_text().startswith("Two things need a person today")
    assert picture is not None
    assert picture["y"] + picture["height"] < 720
    assert opened.page.locator("figure").first.locator(".mark use").count() > 100


def test_search_finds_names_packages_and_reasons_and_says_how_many(opened: Tab) -> None:
    opened.page.get_by_label("Search").fill("package-7-1")
    assert opened.names()[:2] == ["acme-package-7-1", "acme-package-7-10"]
    assert opened.page.get_by_role("status").inner_text() == "11 of 1201 names match."

    opened.page.get_by_label("Search").fill("Acme_Package.7-10")
    assert opened.names() == ["acme-package-7-10"]

    opened.page.get_by_label("Search").fill("number 41. package-3")
    assert opened.names() == ["acme-package-3-41"]

    opened.page.get_by_label("Search").fill("no such name")
    assert opened.names() == []
    assert opened.page.get_by_role("status").inner_text() == "0 of 1201 names match."


def choose(opened: Tab, label: str) -> Locator:
    return opened.page.get_by_label(label).and_(opened.page.locator("select"))


def test_filters_by_route_package_technique_and_state_work_together(opened: Tab) -> None:
    choose(opened, "Route").select_option("Ask to prohibit")
    choose(opened, "Package").select_option("acme-package-3")
    assert opened.names() == ["acme-package-3-1", "acme-package-3-2"]

    choose(opened, "State").select_option("planned")
    assert opened.names() == []
    choose(opened, "Route").select_option("")
    assert opened.names() == ["acme-package-3-0"]

    options = choose(opened, "Technique").locator("option").all_inner_texts()
    assert options == ["all", "transposition"]


def test_columns_sort_up_and_down_and_say_so(opened: Tab) -> None:
    column = opened.page.get_by_role("columnheader", name="How likely")
    column.get_by_role("button").click()
    assert column.get_attribute("aria-sort") == "descending"
    rates = opened.page.locator(f"{ROWS} td:last-child").all_inner_texts()
    # A wish has no rate and stands before all that have one.
    assert (rates[0], rates[1]) == ("you asked for it", "likely, 5 in 10 (50 %)")

    column.get_by_role("button").click()
    assert column.get_attribute("aria-sort") == "ascending"
    assert opened.page.locator(f"{ROWS} td:last-child").first.inner_text() == "unlikely, 1 in 200 (0.50 %)"

    opened.page.get_by_role("columnheader", name="Name").get_by_role("button").click()
    assert column.get_attribute("aria-sort") is None
    # As people count: 2 before 10.
    assert opened.names()[:4] == ["acme-package-0-0", "acme-package-0-1", "acme-package-0-2", "acme-package-0-3"]


def test_rows_come_in_portions_and_the_next_one_keeps_the_reader_in_place(opened: Tab) -> None:
    assert len(opened.names()) == 100
    opened.page.get_by_role("button", name="Show more names").click()
    assert len(opened.names()) == 200
    assert opened.page.evaluate("document.activeElement.textContent") == opened.names()[100]


def test_everything_is_done_by_keyboard_alone(opened: Tab) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.get_by_label("Search").focus()
    page.keyboard.type("package-5-17")
    for _ in range(4 + 7 + 1):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "acme-package-5-17"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.get_by_text("Reason of acme-package-5, number 17.").is_visible()


def test_a_row_unfolds_to_its_reason_and_evidence(opened: Tab) -> None:
    row = opened.page.locator(ROWS).first
    assert not row.locator("p").first.is_visible()
    row.locator("summary").click()
    assert "Reason of acme-package-0, number 0." in row.inner_text()
    assert "acme-package-0-0 for acme-package-0" in row.inner_text()


def test_a_shared_reason_stands_in_its_rows_too(tab: Tab, tmp_path: Path) -> None:
    plan = make_plan(tuple(assessment(f"acme-{number}", Route.WATCH, reason="Below.") for number in range(30)))
    opened = tab.open(write(tmp_path, plan))

    opened.page.locator(f"{ROWS} summary").first.click()
    assert "Below." in opened.page.locator(ROWS).first.inner_text()
    opened.page.get_by_label("Search").fill("below")
    assert len(opened.names()) == 30


def test_without_script_every_name_and_reason_can_be_read(browser: Browser, address: str) -> None:
    page = Tab(browser, java_script_enabled=False).open(address).page

    assert page.locator(ROWS).count() == 1201
    assert not page.locator("#controls").is_visible()
    assert not page.locator("#more").is_visible()
    page.locator(f"{ROWS} summary").nth(700).click()
    assert page.locator(ROWS).nth(700).locator("p").first.is_visible()


def test_no_width_scrolls_sideways(opened: Tab) -> None:
    opened.resize(360)
    for details in opened.page.locator("details.fold > summary").all():
        details.click()

    for width in (360, 768, 1280, 2560):
        opened.resize(width)
        assert opened.width() <= width
        cut = opened.page.evaluate(
            "[...document.querySelectorAll('td, th, p, li')]"
            ".filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.textContent)"
        )
        assert (width, cut) == (width, [])


def test_axe_finds_nothing_serious(tab: Tab, tmp_path: Path) -> None:
    page = tab.open(write(tmp_path, every_route_plan())).page
    tab.unfold()
    # Only a longer table has it.
    page.locator("#more").evaluate("more => { more.hidden = false; }")
    # As `Axe.run` does, which would load it again for each width and scheme: that takes a quarter of the time.
    page.evaluate(Axe().axe_script)

    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for width, scheme in itertools.product((360, 1280), schemes):
        tab.resize(width)
        page.emulate_media(color_scheme=scheme)
        # Otherwise it describes every element that passed, which takes as long again.
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
        serious = [item["id"] for item in found if item["impact"] in {"serious", "critical"}]
        assert (width, scheme, serious) == (width, scheme, [])


def test_the_themes_differ(opened: Tab) -> None:
    page, grounds = opened.page, []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(247, 247, 245)", "rgb(18, 22, 26)"]


def test_twelve_packages_fit_four_sheets_that_hold_what_needs_a_decision(opened: Tab) -> None:
    opened.page.get_by_label("Search").fill("no such name")
    sheets = opened.page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) <= 4

    opened.page.emulate_media(media="print")
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    shown = opened.page.locator(f"{ROWS}:visible").all_inner_texts()
    assert any("acme-package-0-0" in text for text in shown)
    assert len(shown) == 12 + 15 + 12 + 1
    assert not opened.page.locator("#controls").is_visible()
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.names() == []


def test_hostile_texts_are_shown_as_text_and_break_nothing(tab: Tab, tmp_path: Path) -> None:
    plan = make_plan(
        tuple(
            assessment(text, Route.FLAG, availability=Availability.FOREIGN, reason=text, target=name(f"acme{number}"))
            for number, text in enumerate(HOSTILE)
        ),
        organization=HOSTILE[0],
        warnings=tuple(Reason(rule=text[:50], text=text) for text in HOSTILE),
    )
    opened = tab.open(write(tmp_path, plan))
    page = opened.page
    opened.unfold()

    assert opened.said == []
    assert len(opened.asked) == 1
    assert page.title().startswith(f"Names of {HOSTILE[0]}")
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object, embed, [onload], [onerror]").count() == 0
    for width in (360, 1280):
        opened.resize(width)
        assert opened.width() <= width
        shown = page.locator("body").inner_text()
        assert all(text in shown for text in (*HOSTILE[:4], HOSTILE[-1]))
        assert not set("\u202e\u2066") & set(shown)


def test_a_reader_hears_what_the_pictures_say(tab: Tab, tmp_path: Path) -> None:
    opened = tab.open(write(tmp_path, every_route_plan()))

    pictures = opened.page.locator("svg[role=img]")
    assert pictures.count() == 3
    described = [
        opened.page.locator(f"#{picture.get_attribute('aria-describedby')}").inner_text() for picture in pictures.all()
    ]
    assert "Held by your placeholder" in described[0]
    assert "94 % with 4 names" in described[1]
    assert "accepts 2 new names in any 24 hours" in described[2]
    assert opened.page.get_by_role("columnheader", name="Technique").count() == 0
    heads = opened.page.locator("#names-table").get_by_role("columnheader").all_inner_texts()
    assert heads == ["Name", "For", "Route", "State", "When", "How", "How likely"]


def test_where_seven_columns_have_no_room_the_heads_sort_and_nothing_is_cut(opened: Tab) -> None:
    page = opened.page
    button = page.locator("#names-table thead").get_by_role("button", name="How likely")
    for width, order in ((360, "descending"), (700, "ascending"), (860, "descending")):
        opened.resize(width, 900)
        button.focus()
        page.keyboard.press("Enter")

        assert button.bounding_box() is not None
        assert page.locator("#names-table thead th").last.get_attribute("aria-sort") == order
        assert opened.width() <= width


def test_no_cell_of_the_table_leaves_its_column_and_no_technique_is_cut(opened: Tab) -> None:
    cells = opened.page.locator("#names-table tbody td")
    assert "transposition" in cells.all_inner_texts()

    lines = "all => all.map(each => { const text = document.createRange(); text.selectNodeContents(each);"
    for width in (900, 1000, 1100, 1280):
        opened.resize(width, 900)
        assert cells.evaluate_all("all => all.filter(each => each.scrollWidth > each.clientWidth + 1).length") == 0
        assert set(
            cells.filter(has_text="transposition").evaluate_all(f"{lines} return text.getClientRects().length; }})")
        ) == {1}

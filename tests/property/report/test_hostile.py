"""Nobody who chooses an organization's name, a reason or a package's name can break out of the report's layout."""

from __future__ import annotations

import datetime as dt
from functools import cache
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st
from readme_renderer import markdown as github_markdown
from tests.harness.values import assessment, first_day_done, make_plan

from namehold.plan.model import Reason
from namehold.portfolio.model import Route
from namehold.report.make import make_report
from namehold.report.markdown import render_markdown
from namehold.report.model import Report
from namehold.report.page import render_html
from namehold.text import code, escape, visible

NOW = dt.datetime(2026, 11, 4, 9, tzinfo=dt.UTC)

_NASTY = st.sampled_from(
    [
        "|",
        "\\|",
        "\\",
        "`",
        "``` ",
        "\n\n# ",
        "\r",
        "<script>alert(1)</script>",
        "</td></table>",
        '" onload="x',
        "[x](y)",
        "![x](y)",
        "http://acme.test",
        "www.acme.test",
        "*b*",
        "__b__",
        "~~s~~",
        "&lt;",
        "&#60;",
        "{{ 7*7 }}",
        "{% raw %}",
        "\u202e",
        "\u2028",
        "\x00",
        "<!--",
        "]]>",
        "| --- |",
        "</style>",
        "</title>",
    ]
)
HOSTILE = st.lists(st.one_of(_NASTY, st.text(max_size=8)), min_size=1, max_size=6).map("".join)


class Skeleton(HTMLParser):
    """The elements of a page without its text; `texts` by the innermost element."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.links: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(" ".join([tag, *(key for key, _ in attrs if key != "class")]))
        self.links += [value or "" for key, value in attrs if key == "href"]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 -- the signature is html.parser's
        self.tags.append("comment")


def report(text: str) -> Report:
    plan = make_plan(
        (
            assessment("acme-cli", Route.RESERVE, reason=text),
            assessment(text, Route.WATCH, warnings=(Reason(rule="hostile", text=text),)),
        ),
        planned=("acme-cli",),
        organization=text,
        warnings=(Reason(rule=text, text=text),),
    )
    return make_report(plan, first_day_done(), now=NOW)


def rendered(text: str) -> Skeleton:
    """Markdown as the index's own renderer shows it (GitHub's flavour, then sanitized)."""
    return Skeleton(github_markdown.render(text) or "")


def without_links(page: Skeleton) -> list[str]:
    """The renderer itself adds links: to headings, and to what looks like a mail address."""
    return [tag for tag in page.tags if tag != "/a" and not tag.startswith("a ")]


@cache
def markdown_skeleton() -> list[str]:
    return without_links(rendered(render_markdown(report("acme"))))


@cache
def page_skeleton() -> list[str]:
    return Skeleton(render_html(report("acme"))).tags


@settings(max_examples=25)
@given(HOSTILE.filter(visible))
def test_the_page_keeps_its_skeleton(text: str) -> None:
    assert Skeleton(render_html(report(text))).tags == page_skeleton()


@settings(max_examples=25)
@given(HOSTILE)
def test_the_page_shows_the_text_itself(text: str) -> None:
    assert f"Names of {visible(text)} on pypi" in Skeleton(render_html(report(text))).text


@settings(max_examples=25)
@given(HOSTILE)
def test_the_markdown_keeps_its_skeleton(text: str) -> None:
    assert without_links(rendered(render_markdown(report(text)))) == markdown_skeleton()


@given(HOSTILE)
def test_markdown_shows_the_text_itself_and_makes_no_web_link_of_it(text: str) -> None:
    shown = rendered(f"| head |\n| --- |\n| .{escape(text)}. |\n")

    assert f".{visible(text)}." in shown.text
    assert without_links(shown) == rendered("| head |\n| --- |\n| plain |\n").tags
    assert not any(link.startswith(("http", "ftp")) for link in shown.links)


@given(HOSTILE.filter(visible))
def test_a_code_span_holds_whatever_it_is_given(text: str) -> None:
    shown = rendered(f"see {code(text)} there")

    assert shown.tags == ["p", "code", "/code", "/p"]


@given(st.text())
def test_visible_text_is_one_line_without_hidden_characters(text: str) -> None:
    line = visible(text)

    assert len(line.splitlines()) <= 1
    assert not set("\u202e\u2066\u200b\ufeff\x1b\x00") & set(line)
    assert visible(line) == line

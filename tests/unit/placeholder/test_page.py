"""People see what is judged: the page as the index renders it, and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.harness.values import PROFILE, action, full_portfolio

from namehold.errors import TemplateError
from namehold.index.rules import digests_of, find_envelope_refusal
from namehold.placeholder.page import find_hidden_text, render_page
from namehold.placeholder.render import Templates, bundled_templates

MARKDOWN = "text/markdown"


def hidden(text: str, kind: str = MARKDOWN) -> list[str]:
    page = render_page(text, kind)
    return [fault.message for fault in find_hidden_text(text, page, content_type=kind, path="README.md")]


def test_a_page_is_what_people_read() -> None:
    page = render_page("# Not acme\n\n<!-- secret -->\nuse `acme-tool`: <https://acme.example/x>\n", MARKDOWN)
    assert page.text.splitlines() == ["Not acme", "use acme-tool: https://acme.example/x"]
    assert page.addresses == ("https://acme.example/x",)


@pytest.mark.parametrize(
    "text",
    [
        "shown <!-- secret words -->",
        "<details><summary>shown</summary>secret</details>",
        "[shown](https://acme.example/ 'secret words')",
        "shown\n\n[secret]: https://acme.example/ 'more'",
        "[shown](javascript:secret)",
        "<p hidden>secret</p>",
        "![secret](https://acme.example/x.png)",
    ],
)
def test_words_that_the_page_doesnt_show_are_found(text: str) -> None:
    assert hidden(text)


@pytest.mark.parametrize(
    "text",
    [
        "# Head\n\n- *one* **two** `three`\n1. four\n\n> five\n\n| a | b |\n| - | - |\n| c | d |",
        "```\npip install acme-tool\n```\n\n~~~console\n$ pip\n~~~",
        "[words](https://acme.example/page?x=1&y=2) &amp; &lt;more&gt; a\\_b",
        "<https://acme.example/x> and https://acme.example/y",
        "汉字 Zażółć 🦾",
    ],
)
def test_plain_markdown_hides_nothing(text: str) -> None:
    assert hidden(text) == []


def test_comments_hide_in_restructured_text_as_well() -> None:
    assert hidden("Words.\n\n.. secret words\n", "text/x-rst")
    assert hidden("Words, see `there <https://acme.example/>`_.\n\n.. note:: seen\n", "") == []
    assert hidden(".. words", "text/plain") == []


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        ("signpost/README.md.j2", "", "# Cheap pills at pills.dev\n\n<!--\n{}\n-->\n", "placeholder-hidden"),
        ("signpost/README.md.j2", "", "# Cheap pills at pills.dev\n\n<!--\n{}\n-->\n", "placeholder-transparency"),
        ("signpost/README.md.j2", "", "{}\n\npip install cheap-pills\n", "placeholder-transparency"),
        ("common/_project.toml.j2", "{{ summary }}", '"Held: buy at pills.dev instead"', "placeholder-metadata"),
        (
            "common/_project.toml.j2",
            "[{ name = {{ organization.name }} }]",
            '[{ name = "Python Software Foundation", email = "x@pills.dev" }]',
            "placeholder-metadata",
        ),
        ("common/_project.toml.j2", "{{ link.url }}", '"https://pills.dev/"', "placeholder-metadata"),
    ],
)
def test_templates_that_hide_or_impersonate_are_refused(
    tmp_path: Path, path: str, old: str, new: str, rule: str
) -> None:
    bundled = (bundled_templates() / path).read_text(encoding="utf-8")
    target = tmp_path / path
    target.parent.mkdir()
    target.write_text(bundled.replace(old, new) if old else new.replace("{}", bundled), encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        Templates(tmp_path, PROFILE)
    assert rule in {fault.rule for fault in caught.value.diagnostics()}


def test_what_is_bundled_hides_nothing() -> None:
    assert Templates(None, PROFILE).render(action(), full_portfolio()).files


@pytest.mark.parametrize(
    ("line", "found"),
    [("```python", []), ("  ~~~~ sh  ", []), ("```", []), ("```two words", ["the page doesn't show: two words"])],
)
def test_the_language_of_a_code_block_isnt_shown_and_is_one_word(line: str, found: list[str]) -> None:
    assert hidden(f"shown\n\n{line}\ncode\n{line.strip()[:3]}\n") == found


_NESTED = "".join(f"{' ' * depth}q\n\n" for depth in range(1, 300))
_ENDLESS = "".join(f".. |a{at}| replace:: |a{at + 1}| |a{at + 1}|\n" for at in range(25)) + "\n|a0|\n"


@pytest.mark.parametrize(
    ("text", "kind"), [(_NESTED, "text/x-rst"), (_ENDLESS, "text/x-rst"), ("a\ud800b", "text/markdown")]
)
def test_a_text_at_which_the_renderer_fails_has_no_page(text: str, kind: str) -> None:
    """Not a traceback: the index, too, refuses what it can't show."""
    assert not render_page(text, kind).is_rendered
    form = {"description": [text], "description_content_type": [kind], "sha256_digest": [digests_of(b"x")["sha256"]]}
    assert "failed to render" in str(find_envelope_refusal(form, "acme-0.0.1.tar.gz", b"x"))
    assert render_page("*shown*", kind).text.strip("*") == "shown"


def test_a_text_leaves_nothing_to_the_next_one() -> None:
    """docutils keeps the roles that a text defines, and the default role that it sets."""
    for start in (".. role:: held(strong)", ".. role:: sup(strong)", ".. default-role:: strong"):
        assert render_page(f"{start}\n\nWords.", "text/x-rst").is_rendered
    assert not render_page("It is :held:`reserved`.", "text/x-rst").is_rendered
    form = {"description": ["It is :held:`reserved`."], "sha256_digest": [digests_of(b"x")["sha256"]]}
    assert "failed to render" in str(find_envelope_refusal(form, "acme-0.0.1.tar.gz", b"x"))

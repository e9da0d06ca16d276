from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namehold.index.markup import read_markup


def test_links_come_with_their_address_text_and_marks() -> None:
    page = read_markup(
        "<BASE href=/pool/><meta name='pypi:project-status' content=\"archived\">"
        "<a data-core-metadata='sha256=1' x=1 HREF = \"a.whl#sha256=1&amp;x\" data-yanked>a<b>.w</b>hl &lt;</a>"
        "<a name=top>no address</a><a href='b.whl'>b.whl<a href=c.whl/>c</a>"
    )
    assert [(link.address, link.text) for link in page.links] == [
        ("a.whl#sha256=1&x", "a.whl <"),
        ("b.whl", "b.whl"),
        ("c.whl/", "c"),
    ]
    # What nothing is read from isn't kept: it may be most of a page.
    marks = {"data-core-metadata": "sha256=1", "href": "a.whl#sha256=1&x", "data-yanked": ""}
    assert page.links[0].marks == marks
    assert page.base == "/pool/"
    assert page.metadata == {"pypi:project-status": "archived"}
    assert not page.has_input


@pytest.mark.parametrize(
    "text",
    [
        "<!-- <a href=x>x</a> --><a href=y>y</a>",
        "<!DOCTYPE html><a href=y>y</a>",
        "<?xml version='1.0'?><a href=y>y</a>",
        "<![CDATA[x]]><a href=y>y</a>",
        "<script>'<a href=x>x</a>'</script><a href=y>y</a>",
        "1 < 2 <a href=y>y</a>",
        "<abbr href=x>x</abbr><a href=y>y</a>",
        "<a href=y>y",
    ],
)
def test_what_is_no_link_is_left_out(text: str) -> None:
    assert [link.address for link in read_markup(text).links] == ["y"]


# The standard library's parser needs a minute and more for each of these, or fails.
@pytest.mark.parametrize(
    "unit",
    ["<!--", "<a ", '<a b="', "<a b='\"", "<?", "</a ", "<!", "<![", "&", "<", "<script>", '<a b="x" ', "<!x \"'",
     "<a href=x>", "<a =", "<a a=a", "<a href='&#" + "1" * 5000 + ";'>&#" + "0" * 5000 + ";</a>"],
)  # fmt: skip
def test_a_page_of_one_hostile_thing_ends(unit: str) -> None:
    read_markup(unit * (2_000_000 // len(unit)))


def test_a_page_with_more_tags_than_any_has_is_read_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namehold.index.markup._MOST_TAGS", 4)
    assert len(read_markup("<a href=x>" * 4).links) == 4
    assert read_markup("<a href=x>" * 5).links == ()


def test_a_tag_of_many_attributes_takes_no_more_memory_than_the_page() -> None:
    text = f"<a href=y {'x ' * 2_000_000}>y"
    tracemalloc.start()
    try:
        assert [link.address for link in read_markup(text).links] == ["y"]
        assert tracemalloc.get_traced_memory()[1] < 3 * len(text)
    finally:
        tracemalloc.stop()


def test_a_long_attribute_hides_none_behind_it() -> None:
    page = read_markup(f"<a title='{'x' * 200_000}' href=y>y</a>")
    assert [link.address for link in page.links] == ["y"]


@given(st.text(alphabet="<>/!-?ahref=\"' &;[]scriptbm\n", max_size=400))
def test_any_text_is_read(text: str) -> None:
    page = read_markup(text)
    assert all(isinstance(link.address, str) for link in page.links)

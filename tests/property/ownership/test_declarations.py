"""Whatever a README or a project's links hold: nothing raises, and only the declaration itself proves the account."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.harness.values import PROFILE

from namehold.ownership.declaration import (
    README_FILES,
    account_address,
    declaration_of,
    home_pages,
    is_label_of,
    is_line_of,
    is_paragraph_of,
    readmes,
)

ACCOUNTS = (account_address(PROFILE, "acme-names"),)
LINE = declaration_of(PROFILE, "acme-names")
_PIECES = st.sampled_from(
    [
        LINE, f"{LINE}\n", "\n", "\n\n", "    ", "<!--", "-->", "<details>", "</details>", "```", "> ", "`",
        '<div title="', '">', "[//]: # (", ")", "<![x", "&#0;", "\x00", "\u202e", "text", "- ", "| ", "..", "::",
        "<script>",
    ]
)  # fmt: skip
READMES = st.lists(_PIECES | st.text(max_size=8), max_size=20).map("".join)


@given(READMES, st.sampled_from(README_FILES))
def test_a_readme_proves_only_what_it_has(readme: str, file: str) -> None:
    proves = is_paragraph_of(readme, file, ACCOUNTS)
    assert not proves or LINE.removesuffix("/") in readme
    assert not is_paragraph_of(readme.replace("acme-names", "acme-nanes"), file, ACCOUNTS)
    assert not is_line_of(readme.replace("acme-names", "acme-nanes"), ACCOUNTS)


@given(READMES, READMES)
def test_a_comment_around_all_of_it_hides_it(before: str, after: str) -> None:
    before, after = (text.replace("-->", "").replace("<!--", "") for text in (before, after))
    readme = f"<!--\n{before}\n\n{LINE}\n\n{after}\n-->\n"
    # What stands in it may end the comment in a way of its own; then it isn't a comment any more.
    if "--" not in before.replace("-->", "") and ">" not in before[:2]:
        assert not is_paragraph_of(readme, "README.md", ACCOUNTS)


@given(
    st.lists(
        st.tuples(st.sampled_from(["Homepage", "Source", "namehold-reserved-by", ""]), st.text(max_size=30)), max_size=5
    )
)
def test_links_of_any_text_prove_nothing(links: list[tuple[str, str]]) -> None:
    assert not is_label_of(links, ACCOUNTS)
    shown = [(label, f"https://github.com/{path}".replace("[", "").replace("]", "")) for label, path in links]
    assert all(place.startswith("https://raw.githubusercontent.com/") for place in readmes(shown))
    assert home_pages([("Homepage", "https://github.com/acme/tool")]) == ()

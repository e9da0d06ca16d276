"""The one form of a declaration: what shows it counts; what hides, quotes or merely mentions it doesn't."""

from __future__ import annotations

import pytest
from tests.harness.values import PROFILE

from namehold.ownership.declaration import (
    README_MAX_CHARACTERS,
    account_address,
    declaration_of,
    is_label_of,
    is_line_of,
    is_paragraph_of,
)

ACCOUNTS = (account_address(PROFILE, "acme-names"),)
LINE = declaration_of(PROFILE, "acme-names")


def test_it_names_the_account_on_the_index() -> None:
    assert LINE == "namehold-reserved-by: https://index.example/user/acme-names/"


@pytest.mark.parametrize(
    "readme",
    [
        LINE,
        f"# acme-tool\n\n{LINE}\n\nA tool.",
        f"# acme-tool\r\n\r\n{LINE}\r\n",
        f'<p align="center"><img src="logo.png" alt="acme"></p>\n\n<!-- a remark -->\n\n{LINE}\n',
        f"- {LINE}\n- other",
        f"{LINE.replace('acme-names', 'Acme-Names')}",
        f"<{LINE}>".replace("<namehold-reserved-by: ", "namehold-reserved-by: <"),
        f"## Names\n\n{LINE.removesuffix('/')}\n",
        f"<div>\n\n<br>A logo\n</div>\n\nRun `pip install <name>`, a `list<T>`.\n\n{LINE}\n\n<p hidden>x</p>",
    ],
)
def test_a_paragraph_of_its_own_counts(readme: str) -> None:
    assert is_paragraph_of(readme, "README.md", ACCOUNTS)


@pytest.mark.parametrize(
    "readme",
    [
        "",
        f"<!--\n\n{LINE}\n\n-->",
        f"<!-- {LINE} -->",
        f"<!--\n{LINE}",
        f'<div title="\n\n{LINE}\n\n">',
        f"[//]: # ({LINE})",
        f'[a]: https://acme.example "\n{LINE}\n"',
        f"<details><summary>more</summary>\n\n{LINE}\n\n</details>",
        f"<script>\n\n{LINE}\n\n</script>",
        f"<style>\n\n{LINE}\n\n</style>",
        f"<template>\n\n{LINE}\n</template>",
        f"```\n{LINE}\n```",
        f"    {LINE}",
        f"`{LINE}`",
        f"> {LINE}",
        f"Don't believe this line:\n{LINE}",
        f"{LINE} and more",
        f"Thanks to {LINE}",
        f"~~{LINE}~~",
        f"<s>{LINE}</s>",
        f"<s>\n\n{LINE}\n\n</s>",
        f"<kbd>{LINE}</kbd>",
        f"Never write `this` {LINE}",
        f"{LINE} `was never ours`",
        f"Don't believe this line:<br>{LINE}",
        f"Don't believe this line:  \n{LINE}",
        f"<p hidden>{LINE}</p>",
        f"<div hidden>\n\n{LINE}\n\n</div>",
        f"<div aria-hidden='true'>\n\n<div>x</div>\n\n{LINE}\n\n</div>",
        f"<dialog>\n\n{LINE}\n\n</dialog>",
        f"<select><option>{LINE}</option></select>",
        f"<details><summary>{LINE}</summary>\n\nx\n\n</details>",
        "Names are reserved by the account acme-names.",
        "[E.](https://index.example/user/acme-names/)",
        LINE.replace("acme-names", "acme-names-2"),
        LINE.replace("index.example", "elsewhere.example"),
        LINE.replace("acme-names", "acme\u200b-names"),
        f"{'A tool. ' * (README_MAX_CHARACTERS // 8)}\n\n{LINE}",
    ],
)
def test_what_is_hidden_quoted_or_merely_mentioned_does_not(readme: str) -> None:
    assert not is_paragraph_of(readme, "README.md", ACCOUNTS)


@pytest.mark.parametrize(
    ("readme", "expected"),
    [
        (f"acme-tool\n=========\n\n{LINE}\n\nA tool.", True),
        (LINE, True),
        (f".. {LINE}", False),
        (f"..\n   {LINE}\n", False),
        (f"..\n\n   {LINE}\n", False),
        (f"Not this::\n\n    {LINE}\n", False),
        (f"Don't believe this line:\n{LINE}", False),
        (f"{LINE}\nsays nobody", False),
    ],
)
@pytest.mark.parametrize("file", ["README.rst", "README.txt", "README"])
def test_in_other_texts_it_stands_at_the_margin(readme: str, file: str, expected: bool) -> None:
    assert is_paragraph_of(readme, file, ACCOUNTS) is expected


@pytest.mark.parametrize("word", ["settings", "key", "name", "credentials", "to", "on"])
def test_a_user_name_that_is_a_word_is_proved_by_no_sentence(word: str) -> None:
    accounts = (account_address(PROFILE, word),)
    texts = (
        f"Find the API key in your account {word}.",
        f"The account {word}",
        f"See https://index.example/user/{word}/ for more.",
        f"<a href='https://index.example/user/{word}/'>{word}</a>",
    )
    for text in texts:
        assert not is_paragraph_of(text, "README.md", accounts)
        assert not is_line_of(text, accounts)
        assert not is_label_of([("Documentation", text)], accounts)

"""The one form in which a project declares the account that reserves names around it. Only its maintainers write it.

    namehold-reserved-by: https://INDEX/user/ACCOUNT/

As a labelled link in the project's own metadata, as a line of `/.well-known/namehold` on its home page's host, or as a
paragraph of its own in the README of its repository. Nothing else proves anything: not a sentence, not a user name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from namehold.index import IndexProfile
from namehold.index.rules import render_description
from namehold.text import visible

#: The label of the link, and what the line begins with.
LABEL: Final = "namehold-reserved-by"
#: The path of the file on the home page's host (RFC 8615).
WELL_KNOWN: Final = "/.well-known/namehold"
#: A page counts only while a release younger than this links to it: a domain may lapse, and be bought by anybody.
PAGES_COUNT_DAYS: Final = 400

#: Only so much of a README is looked at: the declaration belongs to its beginning.
README_MAX_CHARACTERS: Final = 10_000
#: Labels of links to the home page and to the source, as PEP 753 normalizes them, with its aliases.
_HOME_LABELS: Final = frozenset({"homepage"})
_SOURCE_LABELS: Final = frozenset({"source", "repository", "sourcecode", "github"})
#: Hosts of many owners, who share what lies at the host's root.
_SHARED_HOSTS: Final = frozenset(
    {
        "bitbucket.org",
        "codeberg.org",
        "dev.to",
        "docs.google.com",
        "framagit.org",
        "gist.github.com",
        "git.sr.ht",
        "gitee.com",
        "github.com",
        "gitlab.com",
        "huggingface.co",
        "launchpad.net",
        "medium.com",
        "notion.so",
        "pagure.io",
        "raw.githubusercontent.com",
        "readthedocs.org",
        "sites.google.com",
        "sourceforge.net",
        "sr.ht",
    }
)
#: Where a forge gives the README of a repository's default branch, which only its maintainers write.
_README_OF: Final[Mapping[str, str]] = {
    "github.com": "https://raw.githubusercontent.com/{path}/HEAD/{file}",
    "gitlab.com": "https://gitlab.com/{path}/-/raw/HEAD/{file}",
    "codeberg.org": "https://codeberg.org/api/v1/repos/{path}/raw/{file}",
}
README_FILES: Final = ("README.md", "README.rst", "README.txt", "README")
#: Owner and repository; GitLab's groups may lie in groups.
_REPOSITORY: Final = re.compile(r"/(?P<path>[\w.-]+/[\w.-]+(?:/[\w.-]+){0,3})/?")
_GROUPS_HOST: Final = "gitlab.com"
#: What shows its text folded up, crossed out, or as an example or the words of others.
_SET_APART: Final = frozenset({"details", "summary", "pre", "code", "blockquote", "del", "kbd", "tt"})
#: Elements of HTML that have no end.
_VOID: Final = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_TAG: Final = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE)
#: What makes a line a heading, an item of a list, or its address a link.
_MARKS: Final = re.compile(r"^[-*+#\s]+|[<>]")
_BLOCKS: Final = frozenset({"p", "li", "td", "th", "div", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})


def account_address(profile: IndexProfile, account: str, *, kind: str = "user") -> str:
    """The address of the account's page on the index, which the declaration names; `kind` is `user` or `org`."""
    parts = urlsplit(profile.simple)
    return f"{parts.scheme}://{parts.netloc}/{kind}/{account}/"


def declaration_of(profile: IndexProfile, account: str) -> str:
    """The declaration as one line, ready to paste."""
    return f"{LABEL}: {account_address(profile, account)}"


def is_label_of(project_urls: Iterable[tuple[str, str]], addresses: Iterable[str]) -> bool:
    """Whether the project's own metadata link to one of these accounts under the label."""
    known = {_plain(address) for address in addresses}
    return any(_label(label) == _label(LABEL) and _plain(address) in known for label, address in project_urls)


def is_line_of(text: str, addresses: Iterable[str]) -> bool:
    """Whether a plain text has the declaration as one of its lines."""
    known = _lines_of(addresses)
    return any(_plain(line) in known for line in text.split("\n"))


def is_paragraph_of(readme: str, filename: str, addresses: Iterable[str]) -> bool:
    """Whether a README shows the declaration as a paragraph of its own, to everybody who reads it.

    Nothing counts that is hidden, folded up, crossed out, quoted, or shown as an example. In Markdown it is a line of
    the text as well as a block of the page, outside of all elements of HTML: what they do depends on who shows them.
    """
    head, known = readme[:README_MAX_CHARACTERS], _lines_of(addresses)
    if LABEL not in head.casefold():
        return False
    if not filename.endswith(".md"):
        return any(_plain(block) in known for block in _plain_blocks(head))
    return _has_free_line(head, known) and any(_plain(block) in known for block in _markdown_blocks(head))


def home_pages(project_urls: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The addresses of the file on the home pages' hosts; none on hosts that many owners share."""
    found = []
    for label, address in project_urls:
        parts = urlsplit(address)
        is_shared = (parts.hostname or "").rstrip(".") in _SHARED_HOSTS or parts.path.startswith("/~")
        if _label(label) in _HOME_LABELS and not is_shared:
            found.append(f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}")
    return tuple(dict.fromkeys(found))


def readmes(project_urls: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Where the files of a repository lie that the project calls its home or its source, with `{file}` for the name."""
    found = []
    for label, address in project_urls:
        parts = urlsplit(address)
        form = _README_OF.get(parts.netloc.lower())
        match = _REPOSITORY.fullmatch(parts.path)
        if form is None or match is None or parts.scheme != "https" or parts.query:
            continue
        path = match["path"].removesuffix(".git")
        is_repository = path.count("/") == 1 or parts.netloc.lower() == _GROUPS_HOST
        is_ours = _label(label) in _HOME_LABELS | _SOURCE_LABELS
        if is_ours and is_repository and not any(part.strip(".") == "" for part in path.split("/")):
            found.append(form.replace("{path}", path))
    return tuple(dict.fromkeys(found))


def _label(text: str) -> str:
    """A label as PEP 753 compares it: letters and digits, lower case."""
    return re.sub(r"[\W_]", "", text.lower())


def _plain(text: str) -> str:
    """A declaration or an address in the form in which two are compared."""
    return " ".join(visible(text).casefold().split()).removesuffix("/")


def _lines_of(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(_plain(f"{LABEL}: {address}") for address in addresses)


def _plain_blocks(text: str) -> list[str]:
    """Paragraphs of one line at the left margin: in reStructuredText comments and directives are indented."""
    lines = ["", *text.replace("\r\n", "\n").split("\n"), ""]
    return [
        line
        for before, line, after in zip(lines, lines[1:], lines[2:], strict=False)
        if not before.strip() and not after.strip() and not line[:1].isspace()
    ]


def _has_free_line(text: str, known: Collection[str]) -> bool:
    """Whether one of these lines stands in Markdown outside of all elements of HTML."""
    closed = {tag[2].lower() for tag in _TAG.finditer(text) if tag[1]}
    opened: Counter[str] = Counter()
    for line in text.splitlines():
        if _plain(_MARKS.sub("", line)) in known and not opened.total():
            return True
        for tag in _TAG.finditer(line):
            name = tag[2].lower()
            if tag[1]:
                opened[name] = max(0, opened[name] - 1)
            # `pip install <name>` opens nothing.
            elif name not in _VOID and (name in closed or line.lstrip().startswith("<")):
                opened[name] += 1
    return False


def _markdown_blocks(text: str) -> list[str]:
    """The blocks of text that the page of a Markdown file shows."""
    reader = _Blocks()
    reader.feed(render_description(text, "text/markdown") or "")
    reader.close()
    return ["".join(pieces) for pieces in reader.blocks]


class _Blocks(HTMLParser):
    """The text of each block of the renderer's HTML, which is whole and holds harmless elements only."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[list[str]] = [[]]
        self._apart = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- the parser's
        if tag in _SET_APART:
            self._apart += 1
            # What stands before and behind it in the same paragraph isn't a paragraph of its own.
            self.blocks[-1].append("\N{REPLACEMENT CHARACTER}")
        if tag in _BLOCKS:
            self.blocks.append([])
        elif tag == "br":
            self.blocks[-1].append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SET_APART:
            self._apart = max(0, self._apart - 1)
        if tag in _BLOCKS:
            self.blocks.append([])

    def handle_data(self, data: str) -> None:
        if not self._apart:
            self.blocks[-1].append(data)

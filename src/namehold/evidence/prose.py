"""Reads the projects that sentences and lists name: '**acme-tool**: a package for ...', 'install acme-tool from PyPI'.

    [item.name for item in read_prose([(1, "Use the `acme-tool` library, not the `start` command.")])]  # ['acme-tool']

A name counts only beside a word that says what it is (package, library, module, PyPI), or in a list under such words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from namehold.evidence.adjectives import ADJECTIVE_ENDINGS, ADJECTIVES, COMPOUND_PARTS
from namehold.evidence.blocks import CUES, Lines, Written, is_pinned
from namehold.evidence.denials import denies, is_denied_behind
from namehold.evidence.instructions import find_project

#: Words between a name and its cue, on either side: 'the `x` Python package', 'a package called `x`'.
_AFTER_NAMES: Final = frozenset(
    {"a", "an", "and", "are", "both", "client", "core", "from", "is", "official", "on", "open-source", "pip", "popular"}
    | {"python", "python-", "sdk", "standard", "the", "third-party", "via", "dedicated", "excellent", "fast", "good"}
    | {"great", "lightweight", "mature", "modern", "powerful", "small", "solid", "useful", "well-known", "of", "right"}
)
_BEFORE_NAMES: Final = frozenset(
    {"are", "as", "called", "e.g", "heißt", "include", "includes", "including", "indeed", "is", "ist", "like", "namens"}
    | {"named", "nommé", "llamado", "such", "the", "example", "for", "named:", "would", "be", "likely", "it", "using"}
)
_TOLD: Final = frozenset(
    {"available", "called", "distributed", "heißt", "is", "ist", "listed", "named", "namens", "published", "registered"}
)
_JOINS: Final = frozenset({"and", "or", "und", "oder", "et", "y", "&", "/", "plus"})
_INSTALL_WORDS: Final = frozenset({"install", "installing"})
_ARTICLES: Final = frozenset({"the", "a", "our", "your", "official", "python"})
_NO_NAMES: Final = CUES | frozenset(
    {"additional", "all", "any", "appropriate", "both", "correct", "everything", "following", "it", "latest", "missing"}
    | {"necessary", "needed", "new", "other", "pip", "python", "relevant", "required", "right", "same", "software"}
    | {"some", "specific", "that", "them", "these", "this", "those", "two", "three"}
)
_AFTER_INSTALLED: Final = frozenset({"and", "first", "from", "in", "instead", "to", "using", "via", "with"})
_OTHER_LANGUAGES: Final = frozenset(
    {"cargo", "cran", "crate", "crates", "gem", "golang", "java", "javascript", "maven", "node", "node.js", "npm"}
    | {"nuget", "react", "ruby", "rust", "typescript", "yarn"}
)
_OTHER_ENDINGS: Final = (".js", ".com", ".org", ".io", ".dev")
_MARKS: Final = ("**", "`", '"', "“")
_CLOSING: Final = {"“": "”"}
_DENIED_AFTER: Final = frozenset({"available", "exist", "exists", "official", "real", "standard", "valid", "a", "an"})
#: An address in a link is at most so long, in characters.
_LONGEST_LINK: Final = 500
#: Before a name in marks: 'try `acme-tool`'; 'run' and 'call' go with commands.
_ADVICE: Final = frozenset({"consider", "need", "needs", "recommend", "suggest", "try", "use", "want"})
#: Before a bare name with its cue: 'use the pydantic library'. An article and some adjectives may stand between.
_USES: Final = frozenset(
    {"import", "install", "installing", "need", "recommend", "try", "use", "used", "uses", "using", "via", "with"}
)
#: Cues in sentences with one of `_OF_PYTHON` only: there are modules of buildings, and distributions of numbers.
_PYTHON_CUES: Final = frozenset({"bindings", "client", "distribution", "modul", "module", "modules", "sdk", "wrapper"})
_OF_PYTHON: Final = frozenset(
    {"importing", "install", "installed", "installieren", "installez", "installing", "instala", "third-party"}
    | {"pip", "pypi", "python", "python's", "uv", "wheel"}
)
_INSTALLERS: Final = frozenset({"pip", "pypi", "python", "uv"})
_CALLED: Final = frozenset({"as", "called", "is", "named"})
_SINGULAR_CUES: Final = frozenset({"library", "module", "package"})
_NOT_BARE: Final = _NO_NAMES | ADJECTIVES | _ARTICLES
#: 'Install them with pip', below a list.
_THEY: Final = frozenset({"both", "them", "these", "they"})
#: 'Install them with pip: a, b'.
_PIP_LEADS: Final = frozenset({"pip:", "uv:"})
#: A title that says nothing about the list below has so many words at most.
_LONGEST_TITLE: Final = 3
_OTHER_TITLES: Final = frozenset({"arguments", "branches", "commands", "features", "flags", "options", "settings"})
#: 'brew install' and so on.
_OTHER_INSTALLERS: Final = frozenset(
    {"apk", "apt", "apt-get", "brew", "cargo", "choco", "conda", "dnf", "gem", "go", "mamba", "micromamba", "npm"}
    | {"pacman", "pnpm", "snap", "winget", "yarn", "yum"}
)
#: What stands between a list item's name and what is said about it.
_HEAD_ENDS: Final = frozenset({"-", "\u2013", "—", ":", "(", "->"})
#: What lists of requirements have beside packages.
_TOOLS: Final = frozenset(
    {"cmake", "docker", "gcc", "git", "linux", "macos", "make", "node", "npm", "pip", "python", "windows"}
)
#: 'Add `acme-tool` to your requirements.txt'.
_ADDS: Final = frozenset({"add", "adding", "include", "list", "pin", "put"})
_LISTS: Final = (".toml", ".txt", ".in", ".cfg", ".yml", ".yaml", "dependencies", "pipfile", "requirements", "setup.py")
#: Words around a name that are looked at, and after it.
_WINDOW: Final = 8
_WINDOW_AFTER: Final = 9
#: Words around a name in which its sentence may speak of Python.
_FAR: Final = 20
_MOST_WORDS_OF_DENIAL: Final = 4
#: 'the `x` package that I mentioned does not exist', 'is something else entirely'.
_DENIED_LATER: Final = frozenset({"exist", "exists", "existed", "published", "registered", "ours"})
_CONDEMNED_AFTER: Final = frozenset(
    {"else", "fake", "hallucination", "malicious", "nonexistent", "squatted", "typosquat", "unofficial", "unrelated"}
    | {"wrong"}
)
#: A bare word that is named as a package has so many letters at least.
_SHORTEST_BARE: Final = 3


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word of a sentence; `is_marked` if it stood alone in bold, in code marks or in quotes."""

    text: str
    is_marked: bool

    @property
    def plain(self) -> str:
        """The word in lower case without the marks of a sentence."""
        return self.text.lower().replace("\u2019", "'").strip(".,:;!?()*")


def read_comments(lines: Lines) -> Iterator[Written]:
    """The projects that comments in code tell to install: '# Install acme-tool'."""
    for number, line in lines:
        bare = line.strip()
        if bare.startswith("#"):
            pieces = list(_pieces(bare.lstrip("# ")))
            lists = _Lists(pieces)
            told = [at + 1 for at, piece in enumerate(pieces) if piece.plain in _INSTALL_WORDS]
            found = [at for start in told for at in _installed(lists, start) if not _denied(pieces, at)]
            yield from (_written(_name(pieces[at].text), line, number) for at in found)


def says_packages(line: str) -> bool:
    """Whether a line speaks of packages, libraries or modules."""
    return any(word.strip(".,:;!?()*`#|\"'").lower() in CUES for word in line.split())


def read_prose(lines: Lines) -> Iterator[Written]:
    """The projects that the sentences and the lists among `lines` name."""
    # A line such as 'dependencies:' is a key of YAML: what stands under it comes from another kind of index.
    is_lead, is_weak_lead = _is_bare_list(lines), False
    led = _led_from_below(lines)
    for number, line in lines:
        bare = line.strip()
        item = _item(bare)
        if not bare:
            continue
        pieces = list(_pieces(item or bare))
        if item:
            first = item.split(None, 1)[0]
            is_lower = first.islower() and first.strip("`*:,.") not in _TOOLS
            is_led = is_lead or (is_weak_lead and is_lower) or (number in led and _is_like_name(pieces))
            yield from (_written(name, line, number) for name in _read_item(item, pieces, is_lead=is_led))
        else:
            is_key = bare.endswith(":") and bare.islower() and " " not in bare
            is_lead = says_packages(bare) and bare.rstrip("*_").endswith((":", ".")) and not is_key
            is_heading = bare.startswith("#") and says_packages(bare)
            is_weak_lead = is_heading or ("requirements" in bare.lower() and bare.rstrip("*_").endswith(":"))
        yield from (_written(name, line, number) for name in _linked(bare))
        if len(lines) == 1 and not item:
            yield from (_written(pieces[at].text.rstrip(",."), line, number) for at in _bare_answer(pieces))
        for sentence in _sentences(pieces):
            if not _is_of_another_language(sentence):
                names = (*_read_sentence(sentence), *_listed_for_pip(sentence))
                yield from (_written(name, line, number) for name in names)


def _is_bare_list(lines: Lines) -> bool:
    """Whether a text is nothing but names, in a list or separated by commas; each looks like a name or is marked."""
    bare = [line.strip() for _, line in lines if line.strip()]
    items = [_item(line) for line in bare]
    if not items or (not all(items) and len(items) > 1):
        return False
    firsts = [next(_pieces(item), None) for item in items if item]
    return bool(firsts) and all(first is not None and _looks(first.text) and _name(first.text) for first in firsts)


def _looks(text: str) -> bool:
    """Whether a lower-case word has a dash or an underscore inside, as many names and few English words have."""
    return text == text.lower() and any(mark in text[1:-1] for mark in "-_")


def _written(name: str, line: str, number: int) -> Written:
    return Written(name=name, line=number, column=max(0, line.find(name)) + 1)


def _item(bare: str) -> str:
    """What a list item says (`- x`, `* x`, `1. x`); empty if a line is none."""
    if bare.startswith(("- ", "* ", "+ ", "• ")):
        return bare[2:].strip()
    digits = len(bare) - len(bare.lstrip("0123456789"))
    return bare[digits + 1 :].strip() if digits and bare[digits : digits + 2] in {". ", ") "} else ""


def _read_item(item: str, pieces: Sequence[_Piece], *, is_lead: bool) -> Iterator[str]:
    """The project that a list item begins with, if the list or the item speaks of packages."""
    if not pieces or _is_of_another_language(pieces):
        return
    first = pieces[0]
    rest = item.split(None, 1)
    is_about = is_lead or (first.is_marked and any(piece.plain in CUES for piece in pieces[1:]))
    name = _name(first.text.rstrip(":").strip("*"))
    if name and is_about and (first.is_marked or _is_headed(pieces)) and rest and not _denied(pieces, 0):
        yield name


def _is_headed(pieces: Sequence[_Piece]) -> bool:
    """Whether a list item is one word, or one word and what is said about it ('acme-tool: ...')."""
    return len(pieces) == 1 or pieces[0].text.endswith(":") or pieces[1].text in _HEAD_ENDS


def _is_like_name(pieces: Sequence[_Piece]) -> bool:
    """Whether a list item begins with a word with a dash, or with one in marks that is no sentence's ('**Run** it')."""
    if not pieces or pieces[0].plain in _TOOLS:
        return False
    first = pieces[0]
    return _looks(first.text.rstrip(":")) or (first.is_marked and (first.text.islower() or _is_headed(pieces)))


def _led_from_below(lines: Lines) -> frozenset[int]:
    """The lines of lists that the line below tells to install ('Install them with pip'), or that only have a title."""
    led: set[int] = set()
    items: list[tuple[int, str]] = []
    filled = [(number, line) for number, line in lines if line.strip()]
    for number, line in filled:
        bare = line.strip()
        if _item(bare):
            items.append((number, line))
        elif not (items and line[0].isspace()):
            words = [word.strip(".,:;!`*()").lower() for word in bare.split()]
            is_told = _has_install_word(words) and not _INSTALLERS.isdisjoint(words) and not denies(words)
            if items and is_told and (not _THEY.isdisjoint(words) or _is_bare_list(items)):
                led.update(number for number, _ in items)
            items = []
    title = filled[0][1].strip() if filled else ""
    is_title = len(title.split()) <= _LONGEST_TITLE and title[-1:] != ":" and title[:1] != "#" and not _item(title)
    if is_title and title.strip("*_.").lower() not in _OTHER_TITLES and _is_bare_list(filled[1:]):
        led.update(number for number, _ in filled)
    return frozenset(led)


def _has_install_word(words: Iterable[str]) -> bool:
    return any(word.startswith("instal") for word in words)


def _linked(text: str) -> Iterator[str]:
    """The projects whose pages on the index the words of `text` give: '.../project/acme-tool/'."""
    for word in text.split() if "/project/" in text else ():
        before, _, after = word.partition("/project/")
        if "://pypi" in before and (name := find_project(after.partition("/")[0].strip('`.,;:)>*"'))):
            yield name


def _bare_answer(pieces: Sequence[_Piece]) -> Iterator[int]:
    """The words of an answer that is nothing but names."""
    names = _bare_list(pieces)
    found = _without_joins(pieces, names)
    if names.start == 0 and any(pieces[at].is_marked or _looks(pieces[at].text.rstrip(",.")) for at in found):
        yield from found


def _pieces(text: str) -> Iterator[_Piece]:
    """The words of a line; what stands in marks as a single word is one marked piece."""
    at = 0
    while at < len(text):
        mark = next((mark for mark in _MARKS if text.startswith(mark, at)), "")
        if text[at].isspace():
            at += 1
        elif text[at] == "[" and (label := _label(text, at)):
            yield _Piece(label.strip("`*"), is_marked=True)
            at += len(label) + 2
            end = text.find(")", at, at + _LONGEST_LINK) if text.startswith("(", at) else -1
            at = end + 1 if end > 0 else at
        elif mark:
            start = at + len(mark)
            end = text.find(_CLOSING.get(mark, mark), start, start + 120)
            inner = text[start:end].strip("`*_") if end > 0 else ""
            if inner and " " not in inner.strip(": "):
                yield _Piece(inner, is_marked=True)
                at = end + len(mark)
                if text.startswith((",", ".", ";", ":"), at):
                    yield _Piece(text[at], is_marked=False)
                    at += 1
            else:
                at = start
        else:
            end = at + 1
            while (
                end < len(text) and not text[end].isspace() and text[end] not in '`"“' and text[end : end + 2] != "**"
            ):
                end += 1
            yield _Piece(text[at:end], is_marked=False)
            at = end


def _label(text: str, at: int) -> str:
    """The one word in square brackets at `at` that a link or its text begins with."""
    end = text.find("]", at, at + 120)
    label = text[at + 1 : end] if end > 0 else ""
    return label if label and " " not in label and text.startswith("(", end + 1) else ""


def _sentences(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    sentence: list[_Piece] = []
    for piece in pieces:
        sentence.append(piece)
        if not piece.is_marked and piece.text[-1] in ".!?;" and piece.plain not in {"e.g", "i.e"}:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _is_of_another_language(pieces: Sequence[_Piece]) -> bool:
    words = {piece.plain for piece in pieces}
    return not words.isdisjoint(_OTHER_LANGUAGES) and "python" not in words


def _read_sentence(pieces: Sequence[_Piece]) -> Iterator[str]:
    taken: set[int] = set()
    lists, names = _Lists(pieces), _bare_list(pieces)
    for at, piece in enumerate(pieces):
        if piece.is_marked and _name(piece.text) and (_has_cue_after(pieces, at) or _has_cue_before(pieces, at)):
            taken.update(lists.joined(at))
        elif at + 1 >= names.start and piece.plain in CUES and piece.text.endswith(":"):
            taken.update(_without_joins(pieces, range(at + 1, names.stop)))
            # Each name is taken once, also where more such words stand among them.
            names = range(names.stop, names.stop)
        elif piece.plain in _INSTALL_WORDS and not piece.is_marked and not _is_of_another_installer(pieces, at):
            taken.update(_installed(lists, at + 1))
        elif piece.plain in _ADDS and not piece.is_marked:
            taken.update(_added(pieces, at + 1))
        elif piece.plain in _ADVICE and not piece.is_marked:
            taken.update(_advised(lists, at + 1))
        elif (_looks(piece.text.rstrip(",")) and _is_explained(pieces, at)) or _is_bare_name(pieces, at):
            taken.add(at)
    for at in sorted(taken):
        if not _denied(pieces, at):
            yield _name(pieces[at].text) or find_project(pieces[at].text)


def _listed_for_pip(pieces: Sequence[_Piece]) -> Iterator[str]:
    """The names of 'install with pip: a, b', which need no commas if each looks like a name."""
    lead = next((at for at, piece in enumerate(pieces) if piece.text in _PIP_LEADS), -1)
    before = [piece.plain for piece in pieces[max(0, lead - _WINDOW) : max(0, lead)]]
    if not _has_install_word(before) or denies(before):
        return
    following = range(lead + 1, len(pieces))
    are_names = all(_looks(text) and _name(text) for text in (pieces[at].text.rstrip(".") for at in following))
    is_list = are_names or _bare_list(pieces).start <= following.start
    for at in _without_joins(pieces, following) if is_list else ():
        if not _denied(pieces, at):
            yield find_project(pieces[at].text)


def _added(pieces: Sequence[_Piece], start: int) -> Iterator[int]:
    """The names and requirements in marks between 'add' and the list that they are added to."""
    last = min(len(pieces), start + _FAR)
    end = next((at for at in range(start, last) if pieces[at].plain in {"in", "into", "to", "under"}), -1)
    if end < 0 or not any(piece.plain.endswith(_LISTS) for piece in pieces[end + 1 : end + 1 + _WINDOW]):
        return
    for at in range(start, end):
        text = pieces[at].text
        if pieces[at].is_marked and (_name(text) or is_pinned(text)) and find_project(text).lower() != "python":
            yield at


def _is_of_another_installer(pieces: Sequence[_Piece], at: int) -> bool:
    return any(piece.plain in _OTHER_INSTALLERS for piece in pieces[max(0, at - 2) : at])


def _advised(lists: _Lists, at: int) -> Iterator[int]:
    """The names in marks after 'try' or 'use', if the first has a dash and no noun follows ('use `x-y` commands')."""
    pieces = lists.pieces
    if at >= len(pieces) or not pieces[at].is_marked or "-" not in pieces[at].text or not _name(pieces[at].text):
        return
    if at in lists.refused:
        # Its list goes on to the same end.
        return
    joined = lists.walk(at)
    last = max(joined)
    following = pieces[last + 1].plain if last + 1 < len(pieces) else ""
    if following in _AFTER_INSTALLED | _JOINS | {"", "as", "for", "which"}:
        lists.told |= joined
        yield from joined
    else:
        lists.refused |= joined


def _is_explained(pieces: Sequence[_Piece], at: int) -> bool:
    """Whether a bare name is said to be a package: 'acme-tool, a Python package', 'acme-tool is a library'."""
    following = [piece.plain for piece in pieces[at + 1 : at + 3]]
    is_comma = pieces[at].text.endswith(",") and following[:1] in (["a"], ["an"], ["the"])
    return (is_comma or following in (["is", "a"], ["is", "an"], ["is", "the"])) and _has_cue_after(pieces, at)


def _is_bare_name(pieces: Sequence[_Piece], at: int) -> bool:
    """Whether a bare word is named as a package: 'the acme-tool package', 'use the pydantic library', 'x on PyPI'."""
    piece = pieces[at]
    following = [item.plain for item in pieces[at + 1 : at + 4]]
    if piece.is_marked or not piece.text.islower() or not _name(piece.text) or len(piece.text) < _SHORTEST_BARE:
        return False
    before = [item.plain for item in pieces[max(0, at - 3) : at]]
    if piece.plain in _NOT_BARE or piece.plain.endswith(ADJECTIVE_ENDINGS):
        return False
    is_on_index = [word for word in following if word not in CUES - {"pypi"}][:2] in (["on", "pypi"], ["from", "pypi"])
    cue = following[1:2] if following[:1] == ["python"] else following[:1]
    if not (is_on_index or _SINGULAR_CUES.intersection(cue)):
        # 'the Python library acme-tool.'
        is_last = not following or piece.text[-1] in ".,;:"
        return before[-2:-1] == ["python"] and before[-1] in _SINGULAR_CUES and (is_last or _looks(piece.text))
    if _looks(piece.text):
        return COMPOUND_PARTS.isdisjoint(piece.text.replace("_", "-").split("-"))
    while before and before[-1] in _ARTICLES | {"popular"}:
        before.pop()
    return not (_USES | _CALLED if is_on_index else _USES).isdisjoint(before[-1:])


def _name(text: str) -> str:
    """The project that one marked word names: not a call, an attribute, a path or a command."""
    name = find_project(text.strip("*"))
    return name if name and name == text.strip("*.,:;") and not name.lower().endswith(_OTHER_ENDINGS) else ""


def _has_cue_after(pieces: Sequence[_Piece], at: int) -> bool:
    for piece in pieces[at + 1 : at + 5]:
        if piece.is_marked:
            return False
        if _is_cue(piece, pieces, at):
            return True
        if piece.plain and piece.plain not in _AFTER_NAMES:
            return False
    return False


def _is_cue(piece: _Piece, pieces: Sequence[_Piece], at: int) -> bool:
    """Whether a word says that the name at `at` is a package's; some do in sentences about Python only.

    A name with a dot (`acme.core`) is a module of Python.
    """
    is_weak = piece.plain in _PYTHON_CUES and "." not in pieces[at].text
    return _speaks_of(_OF_PYTHON, pieces, at) if is_weak else piece.plain in CUES


def _speaks_of(words: frozenset[str], pieces: Sequence[_Piece], at: int) -> bool:
    """Whether one of these words stands around the piece at `at`: a distribution may be one of Linux, or of numbers."""
    return any(piece.plain in words for piece in pieces[max(0, at - _FAR) : at + 1 + _FAR])


def _has_cue_before(pieces: Sequence[_Piece], at: int) -> bool:
    before = pieces[max(0, at - _WINDOW) : at]
    is_told = False
    for piece in reversed(before):
        if piece.is_marked:
            return False
        if _is_cue(piece, pieces, at):
            return True
        if is_told and piece.plain in {"need", "want"}:
            return True
        is_told = is_told or piece.plain in _TOLD
        if piece.plain not in _BEFORE_NAMES and piece.plain and not is_told:
            return False
    return False


@dataclass(slots=True)
class _Lists:
    """The lists of marked names in a sentence. Each is walked along once, so that the time is linear in its length.

    `told` are the names of the lists that were told, `refused` those of lists that weren't.
    """

    pieces: Sequence[_Piece]
    told: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)

    def joined(self, at: int) -> set[int]:
        """The marked name at `at`, and those that commas and 'and' join to it; none that were told before."""
        found = self.walk(at) if at not in self.told else set()
        self.told |= found
        return found

    def walk(self, at: int) -> set[int]:
        """The same without a record of it; the walk ends at a name that was told, from which another one went on."""
        found = {at}
        for step in (-1, 1):
            now, has_join = at + step, False
            while 0 <= now < len(self.pieces) and now not in self.told:
                piece = self.pieces[now]
                if piece.is_marked and has_join and _name(piece.text):
                    found.add(now)
                    has_join = False
                elif not piece.is_marked and (piece.text == "," or piece.plain in _JOINS):
                    has_join = True
                elif step > 0 and piece.text.startswith("(") and (end := _bracket_end(self.pieces, now)):
                    has_join = has_join or self.pieces[end].text.endswith(",")
                    now = end
                elif not (has_join and piece.plain in _ARTICLES):
                    break
                now += step
        return found


def _bracket_end(pieces: Sequence[_Piece], at: int) -> int:
    """The piece with which the bracket closes that opens at `at`; 0 where it is far away, or holds marked words."""
    for now in range(at, min(len(pieces), at + _WINDOW)):
        if pieces[now].is_marked:
            return 0
        if pieces[now].text.rstrip(",").endswith(")"):
            return now
    return 0


def _bare_list(pieces: Sequence[_Piece]) -> range:
    """The words at a sentence's end that are names, and joins of them: 'a, b and c' of 'packages: a, b and c'.

    They are the longest such list, so that what follows any colon is one if it begins there or later.
    """
    start = len(pieces)
    while start and _is_listed(pieces, start - 1):
        start -= 1
    return range(start, len(pieces))


def _is_listed(pieces: Sequence[_Piece], at: int) -> bool:
    """Whether a word can be one of a list that nothing but joins and the sentence's end follow."""
    piece = pieces[at]
    if _is_join(piece):
        return True
    is_item = piece.is_marked or piece.text.endswith((",", ".")) or at + 1 == len(pieces) or _is_join(pieces[at + 1])
    return is_item and bool(_name(piece.text))


def _is_join(piece: _Piece) -> bool:
    return piece.text == "," or piece.plain in _JOINS


def _without_joins(pieces: Sequence[_Piece], places: range) -> list[int]:
    return [at for at in places if not _is_join(pieces[at])]


def _installed(lists: _Lists, at: int) -> Iterator[int]:
    """The name after 'install': marked, or looking like a name, or bare before 'package', 'from', 'with pip'."""
    pieces = lists.pieces
    while at < len(pieces) and not pieces[at].is_marked and pieces[at].plain in _ARTICLES:
        at += 1
    if at >= len(pieces) or not _name(pieces[at].text):
        return
    piece = pieces[at]
    following = pieces[at + 1] if at + 1 < len(pieces) else None
    ends = following is None or following.text[0] in "(,-" or piece.text[-1] in ".,:;"
    looks = any(letter in "-_0123456789" for letter in piece.plain)
    has_installer = _speaks_of(_INSTALLERS, pieces, at)
    is_told = following is not None and following.plain in _AFTER_INSTALLED
    is_about = _has_cue_after(pieces, at) or (is_told and (looks or has_installer))
    if piece.is_marked:
        yield from lists.joined(at)
    elif piece.plain not in _NO_NAMES and ((looks and ends) or (is_about and (looks or piece.text.islower()))):
        yield at


def _denied(pieces: Sequence[_Piece], at: int) -> bool:
    """Whether the clause around a name warns of it, or says that there is no such project."""
    before: list[str] = []
    for piece in reversed(pieces[max(0, at - _WINDOW) : at]):
        if piece.text[-1] in ",;:" and not piece.is_marked:
            break
        before.append(piece.plain)
    after = []
    for piece in pieces[at + 1 : at + 1 + _WINDOW_AFTER]:
        # What is said of the next name isn't said of this one.
        if piece.is_marked:
            break
        after.append(piece.plain)
        if piece.text[-1] in ",;":
            break
    if denies(before[::-1]):
        return True
    if is_denied_behind(after) or (pieces[at].is_marked and not _CONDEMNED_AFTER.isdisjoint(after)):
        return True
    later = next((after[:end] for end in range(1, len(after) + 1) if after[end - 1] in _DENIED_LATER), [])
    said = next((after[:end] for end in range(1, len(after) + 1) if after[end - 1] in _DENIED_AFTER), [])
    return denies(later) or (len(said) <= _MOST_WORDS_OF_DENIAL and denies(said))

"""Reads the install instructions of a text: commands of the installers in `evidence/installers.py`.

    [mention.name for mention in read_instructions("RUN python -m pip install -U 'acme-tool[fast]>=1' -r more.txt")]
    # ['acme-tool']

The text may be prose, a shell script, a Dockerfile, a workflow, a notebook's cell or code that starts an installer.
One pass over its words; each look ahead or back is bounded, so the time is linear in the length of the text.
`conda install` is left out: it installs from another kind of index.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name

from namehold.evidence.denials import CONDEMNED, denies, forbids, is_denied_behind
from namehold.evidence.endings import ENDINGS, NOUNS, goes_on, is_of_sentence
from namehold.evidence.installers import (
    BETWEEN,
    CALLS,
    FLAGS_OF,
    HINTS,
    LAUNCH,
    MARKS,
    NAMING_OPTIONS,
    OPTIONS_WITH_VALUES,
    QUOTED,
    SOURCE_OPTIONS,
    VERB_HINTS,
    VERBS,
    WITHOUT_VERB,
)
from namehold.evidence.templates import is_template
from namehold.names import MAX_NAME_LENGTH

#: Options before the verb (`pip --proxy URL install`), and words around a command, that are looked at.
_MOST_OPTIONS: Final = 8
_MOST_WORDS: Final = 10
#: A quoted requirement and an HTML tag are at most so long, in characters.
_LONGEST_QUOTED: Final = 300

#: Words that stand before a command and don't make its line a sentence.
_BEFORE_COMMANDS: Final = frozenset(
    {"$", ">", ">>>", "%", "!", "-", "*", "+", "#", "run", "run:", "sudo", "python", "python3", "py", "uv", "hatch"}
    | {"conda", "exec", "env", "time", "then", "do", "bash", "sh", "shell", "console", "cmd", "powershell", "text"}
    | {"python:", "command:", "install:", "script:", "execute", "nix-shell", "poetry", "pdm", "pipenv", "%%bash"}
)
#: With a negation: 'doesn't exist'.
_DENIED: Final = frozenset(
    {"do", "exist", "exists", "legitimate", "official", "ours", "published", "real", "registered", "right", "use"}
    | {"valid", "work"}
)

#: A file's name, not a project's.
_FILE_ENDINGS: Final = (
    *(".bz2", ".cfg", ".csv", ".exe", ".git", ".gz", ".in", ".ini", ".ipynb", ".json", ".lock", ".md", ".pip", ".py"),
    *(".rst", ".sh", ".tar", ".toml", ".txt", ".whl", ".yaml", ".yml", ".zip"),
)
_NAME_CHARACTERS: Final = frozenset(string.ascii_letters + string.digits + "._-")
_OPERATORS: Final = frozenset("<>=!~")
_QUOTES: Final = frozenset("\"'")
#: Tags that begin another style of letters, and end no command.
_STYLES: Final = ("<b>", "<em>", "<strong>", "<i>", "<span")
#: Each of them ends a command, and so does the end of a line.
_BREAKS: Final = frozenset("`,;&|()]“”«»„…—\"'")
_BREAK_WORDS: Final = frozenset({"-", "--", "\u2013", "->", "=>", "→", "{", "}", "[", "\\"})
_OPERATOR_WORDS: Final = frozenset({"<", ">", ">>", ">=", "<=", "==", "~=", "!=", "@"})
_JOINERS: Final = frozenset({"and", "or"})
_MARKS_AROUND: Final = "*_"
_AFTER_NAMES: Final = "!?:,*'\u2019"
_SENTENCE_ENDS: Final = ".!?:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One project that a text tells to install.

    `line` and `column` count from 1, `column` in characters, and show where the name begins. `carrier` is the
    installer (`pip`, `uv`, `easy_install`); `raw` is the requirement as it is written (`acme-tool[fast]>=1`).
    """

    name: NormalizedName
    line: int
    column: int
    carrier: str
    raw: str


@dataclass(frozen=True, slots=True)
class _Word:
    """A word, or a break (`is_break`). `has_comma`: a comma follows; `is_glued`: the next word follows at once."""

    text: str
    line: int
    column: int
    is_break: bool = False
    is_quoted: bool = False
    has_comma: bool = False
    is_glued: bool = False


#: Stands for a word that a template or a program puts in: it names no project.
_EXPRESSION: Final = "{}"
#: Stands for a line that holds nothing to read.
_OTHER: Final = _Word("...", 0, 0)


def read_instructions(text: str) -> Iterator[Mention]:
    """Each project that a command in `text` installs, in the order of the text.

    Not among them: files, addresses, folders, variables, words that stand for any name (`your-package`), values of
    options but for those that name a project (`--with`, `--from`, `--spec`), and commands that the text warns of
    ("don't run `pip install acme-tools`").
    """
    lower = text.lower()
    if not _has_any(lower, HINTS) or not _has_any(lower, VERB_HINTS):
        return
    yield from _read_launches(text)
    is_warned = is_fenced = False
    # As every reader counts lines: a page break or a separator of Unicode ends none.
    for words in _logical_lines(text.split("\n")):
        if _is_fence(words):
            is_warned, is_fenced = is_warned and not is_fenced, is_warned and not is_fenced
        elif is_warned:
            is_warned = is_fenced or not words
        else:
            yield from _read_line(words)
            is_warned = _is_warning(words)


def _read_launches(text: str) -> Iterator[Mention]:
    """The projects of programs that a configuration starts: `"command": "uvx", "args": ["acme-tool"]`."""
    first_line, counted = 1, 0
    for launch in LAUNCH.finditer(text) if "args" in text else ():
        start = launch.start()
        first_line, counted = first_line + text.count("\n", counted, start), start
        flat = [" "] * (launch.end() - start)
        for at, end in (launch.span(1), *(argument.span() for argument in QUOTED.finditer(text, *launch.span(2)))):
            flat[at - start : end - start] = text[at:end]
        for mention in _read_line(list(_split("".join(flat), 1))):
            at = start + mention.column - 1
            line = first_line + text.count("\n", start, at)
            yield replace(mention, line=line, column=at - text.rfind("\n", 0, at))


def find_project(word: str) -> str:
    """The name of the project that a requirement begins with; empty if `word` begins with none.

    A path, an address, a file, a version, a variable, and a word that stands for any name are none.
    """
    word = word.strip(_MARKS_AROUND)
    if "egg=" in word and "#" in word:
        word = word.partition("egg=")[2]
    end = next((at for at, letter in enumerate(word) if letter not in _NAME_CHARACTERS), len(word))
    rest = word[end:].lstrip()
    name = word[:end].rstrip("._-")
    if not name or not name[0].isalnum() or len(name) > MAX_NAME_LENGTH or (rest and not _can_follow(rest)):
        return ""
    if rest and word[end - 1] in "-_":
        return ""
    lower = name.lower()
    if lower.endswith(_FILE_ENDINGS) or not any(map(str.isalpha, name)) or is_template(name):
        return ""
    return "" if lower[0] == "v" and not any(map(str.isalpha, name[1:])) and "." in name else name


def _can_follow(rest: str) -> bool:
    """Whether `rest` can stand behind a name: extras, a comparison, a marker, an address, a sentence's end."""
    if rest[0] in "[<>=~;@," or (rest[0] == "(" and rest[1:2] in _OPERATORS):
        return True
    return rest.startswith("!=") or not rest.strip(_AFTER_NAMES).strip()


# --------------------------------------------------------------------------- words


def _logical_lines(lines: Sequence[str]) -> Iterator[list[_Word]]:
    """The words of each line together with those of the lines that continue it (a backslash at its end).

    Lines that can matter to no command have no words here, which saves most of the time.
    """
    words: list[_Word] = []
    is_continuing = False
    folded, has_folds = _FoldedLines(), any(line.rstrip("+- ").endswith(": >") for line in lines)
    for number, line in enumerate(lines, start=1):
        bare = line.rstrip()
        if is_continuing and bare.lstrip().startswith("#") and number < len(lines) and lines[number][:1].isspace():
            # Docker passes over comments between the lines of a command.
            continue
        is_continued = bare.endswith(("\\", " ^", " `")) and not bare.endswith("\\\\")
        is_joined = has_folds and folded.take(bare) and number < len(lines) and folded.has(lines[number])
        if is_continuing or is_continued or _can_matter(bare):
            words.extend(_split(bare[:-1] if is_continued else bare, number))
        elif bare:
            words.append(_OTHER)
        is_continuing = is_continued or is_joined
        if not is_continuing:
            yield words
            words = []
    if words:
        yield words


@dataclass(slots=True)
class _FoldedLines:
    """The lines below a key of YAML with `>` (`run: >-`), which are one line."""

    key_indent: int = -1

    def take(self, line: str) -> bool:
        """Whether `line` is one of them; each line of a text is taken in turn."""
        if self.has(line):
            return True
        is_key = line.rstrip("+-").endswith((": >", ":  >"))
        self.key_indent = len(line) - len(line.lstrip()) if is_key else -1
        return False

    def has(self, line: str) -> bool:
        """Whether `line` would be one of them."""
        return 0 <= self.key_indent < len(line) - len(line.lstrip()) and bool(line.strip())


def _has_any(lower: str, hints: Sequence[str]) -> bool:
    return any(hint in lower for hint in hints)


def _can_matter(line: str) -> bool:
    """Whether a line may hold a command, a fence or a warning."""
    return _has_any(line.lower(), HINTS) or line.rstrip("*_").endswith(":") or "```" in line


def _split(line: str, number: int) -> Iterator[_Word]:
    """The words and breaks of one line."""
    at, size = 0, len(line)
    while at < size:
        letter = line[at]
        if letter.isspace():
            at += 1
        elif letter in _QUOTES and (inner := _quoted(line, at)):
            end = at + len(inner) + 2
            if line.startswith(":", end):
                # The key of an object is no argument.
                yield _Word(":", number, at + 1, is_break=True)
                at = end + 1
                continue
            yield _word(line, number, at + 1, end - 1, end, is_quoted=True)
            at = end + line.startswith(",", end)
        elif letter in _BREAKS or letter == "[" or (letter == "#" and (not at or line[at - 1].isspace())):
            yield _Word(letter, number, at + 1, is_break=True)
            at += 1
        elif tag := _tag(line, at):
            if not tag.startswith(_STYLES):
                yield _Word(tag, number, at + 1, is_break=True)
            at += len(tag)
        elif letter in "{$" and (end := _expression_end(line, at)):
            yield _Word(_EXPRESSION, number, at + 1)
            at = end
        elif line.startswith(("\\n", "\\r", '\\"'), at):
            yield _Word("\\n", number, at + 1, is_break=True)
            at += 2
        else:
            end = _word_end(line, at)
            yield _word(line, number, at, end, end, is_quoted=False)
            at = end + line.startswith(",", end)


def _word(line: str, number: int, start: int, stop: int, end: int, *, is_quoted: bool) -> _Word:
    text = line[start:stop]
    has_comma = line.startswith(",", end)
    after = line[end + 1 : end + 2] if has_comma else line[end : end + 1]
    return _Word(
        text,
        number,
        start + 1,
        is_break=text in _BREAK_WORDS,
        is_quoted=is_quoted,
        has_comma=has_comma,
        is_glued=bool(after) and not after.isspace(),
    )


def _quoted(line: str, at: int) -> str:
    """What stands between the quote at `at` and its partner, if that is a single argument; else nothing."""
    end = line.find(line[at], at + 1, at + _LONGEST_QUOTED)
    inner = line[at + 1 : end] if end > 0 else ""
    parts = inner.split(None, 1)
    # What stands between two arguments (`", "`) is none.
    if not parts or inner != inner.strip() or any(quote in inner for quote in "`\"'"):
        return ""
    return inner if len(parts) == 1 or (inner[0].isalnum() and _can_follow(parts[1])) else ""


def _tag(line: str, at: int) -> str:
    """The HTML tag (or `<placeholder>`) at `at`."""
    if line[at] != "<" or not (line[at + 1 : at + 2].isalpha() or line.startswith("/", at + 1)):
        return ""
    end = line.find(">", at, at + _LONGEST_QUOTED)
    return line[at : end + 1] if end > 0 else ""


def _expression_end(line: str, at: int) -> int:
    """Where the word ends that begins with an expression of a template at `at`: `{{ name }}`, `${{ a.b }}==1`."""
    start = at + line.startswith("$", at)
    if not line.startswith("{{", start):
        return 0
    end = line.find("}}", start, start + _LONGEST_QUOTED)
    return _word_end(line, end + 1) if end > 0 else 0


def _word_end(line: str, at: int) -> int:
    depth = 0
    end = at + 1
    depth += line[at] == "["
    while end < len(line):
        letter = line[end]
        following = line[end + 1 : end + 2]
        if letter.isspace() or (letter == "<" and (following.isalpha() or following == "/")):
            break
        if letter == "\\" and following in {"n", "r", '"'}:
            break
        if letter == "," and not depth and following not in _OPERATORS:
            break
        if letter == "]" and depth:
            depth -= 1
        elif letter == "[":
            depth += 1
        elif letter in _BREAKS and not (letter == "'" and line[end - 1].isalpha() and following.isalpha()):
            break
        end += 1
    return end


# --------------------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class _Command:
    """An installer's command: its first argument is word number `start`; `verb` is empty for `uvx`."""

    installer: str
    verb: str
    start: int

    @property
    def runs(self) -> bool:
        """Whether it runs its first argument, so that the others are that program's own."""
        return self.installer == "uvx" or self.verb == "run"


def _read_line(words: Sequence[_Word]) -> Iterator[Mention]:
    at = 0
    while at < len(words):
        command = _command(words, at)
        if command is None:
            at += 1
            continue
        is_code = at > 0 and words[at - 1].text in {"`", "$"}
        found, end = _read_arguments(words, command, is_prose=_is_prose(words, at), is_code=is_code)
        is_read = all(mark in [word.text for word in words[at:end]] for mark in MARKS.get(command.installer, ()))
        if is_read and not _is_denied(words, at) and not _is_condemned(words, end):
            yield from found
        at = end


def _command(words: Sequence[_Word], at: int) -> _Command | None:
    """The command that begins at word number `at`, if one does."""
    installer = _program(words[at])
    if installer in WITHOUT_VERB:
        return _Command(installer, "", at + 1)
    if installer in CALLS:
        opening = [word.text for word in words[at + 1 : at + 4]]
        skipped = 1 + (opening[1:2] == ["["])
        has_verb = not CALLS[installer] or opening[skipped : skipped + 1] == [CALLS[installer]]
        is_call = opening[:1] == ["("] and has_verb
        return _Command(installer, "", at + 1 + skipped + bool(CALLS[installer])) if is_call else None
    if installer not in VERBS:
        return None
    now, last = at + 1, min(len(words), at + 1 + _MOST_OPTIONS)
    while now < last and not words[now].is_break:
        word = words[now].text
        verb = word.lower()
        if verb in VERBS[installer]:
            return _Command(installer, verb, now + 1)
        if word.startswith("-"):
            now += 1 + (word in OPTIONS_WITH_VALUES)
        elif verb in BETWEEN:
            now += 1
        else:
            return None
    return None


def _program(word: _Word) -> str:
    """The installer that a word starts, without its path and version: `.venv/bin/pip3.12` starts `pip`."""
    if word.is_break:
        return ""
    name = (
        word.text.lstrip("!%$>*").replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe").removeprefix("-m")
    )
    return "pip" if name.startswith("pip") and not name[3:].strip("0123456789.") and name[3:4] != "." else name


def _read_arguments(
    words: Sequence[_Word], command: _Command, *, is_prose: bool, is_code: bool
) -> tuple[list[Mention], int]:
    """The projects among a command's arguments, and the number of the word at which it ends."""
    found: list[Mention] = []
    at = command.start
    is_named = command.installer == "uv" and command.verb == "run" and words[command.start - 2].text != "tool"
    is_list = has_list = is_open = False
    while at < len(words) and not words[at].is_break and _command(words, at) is None:
        word = words[at]
        if word.text.startswith("-"):
            values, at = _read_option(words, at, command)
            found.extend(_mentions(values, command))
            is_named = is_named or (bool(values) and word.text.startswith(SOURCE_OPTIONS))
        elif word.text.lstrip("0123456789&") in _OPERATOR_WORDS:
            at += 2
        elif has_list and word.text in _JOINERS and _is_item(words, at + 1):
            at, is_list = at + 1, True
        elif (
            _ends(word, is_prose=is_prose)
            or (found and not is_code and _is_tail(words, at))
            or (command.runs and is_named)
            or (
                ((is_prose and found) or is_open)
                and not (is_list and _is_item(words, at))
                and not _is_marked(word.text)
            )
        ):
            break
        else:
            found.extend(_mentions([word], command))
            at += 1
            # Words behind what a program puts in may be its message's: 'pip install {name} failed'.
            is_open = is_open or word.text.startswith("{")
            is_list = word.has_comma
            has_list = has_list or is_list
            if command.runs or (not word.is_quoted and _ends_sentence(word.text)):
                break
    return found, at


def _read_option(words: Sequence[_Word], at: int, command: _Command) -> tuple[list[_Word], int]:
    """The projects that the option at word number `at` names, and the number of the word after it and its value.

    An address that says its project (`-e git+https://...#egg=acme-tool`) is one of them.
    """
    option, equals, _ = words[at].text.partition("=")
    if option in NAMING_OPTIONS.get(command.installer, ()):
        return _value_of(words, at + 1, words[at], equals=bool(equals))
    can_have_value = option in OPTIONS_WITH_VALUES and option not in FLAGS_OF.get(command.installer, ())
    has_value = can_have_value and not equals and at + 1 < len(words) and not words[at + 1].is_break
    taken = words[at : at + 1 + has_value]
    return [word for word in taken if "egg=" in word.text], at + len(taken)


def _value_of(words: Sequence[_Word], at: int, option: _Word, *, equals: bool) -> tuple[list[_Word], int]:
    """The projects that an option's value names (`--with a,b`), and the number of the next word."""
    values: list[_Word] = []
    first = option.text.partition("=")[2]
    if first:
        shift = len(option.text) - len(first)
        values.append(replace(option, text=first, column=option.column + shift))
    elif at < len(words) and not words[at].is_break and (not equals or option.is_glued):
        values.append(words[at])
        at += 1
    while values and values[-1].has_comma and values[-1].is_glued and at < len(words) and not words[at].is_break:
        values.append(words[at])
        at += 1
    return values, at


def _mentions(words: Sequence[_Word], command: _Command) -> Iterator[Mention]:
    for word in words:
        name = find_project(word.text)
        if name:
            yield Mention(
                name=canonicalize_name(name),
                line=word.line,
                column=word.column + word.text.index(name),
                carrier=command.installer,
                raw=word.text.strip(_MARKS_AROUND).rstrip(_SENTENCE_ENDS),
            )


def _ends(word: _Word, *, is_prose: bool) -> bool:
    """Whether a word is one of a sentence and no argument."""
    if word.is_quoted:
        return False
    plain = word.text.rstrip(_SENTENCE_ENDS).lower()
    return plain in ENDINGS or (is_prose and plain in NOUNS) or word.text in {"...", "…"}


def _is_tail(words: Sequence[_Word], at: int) -> bool:
    """Whether the words from `at` on close the sentence around a command: '... first.', 'yourself there, then ...'."""
    if words[at - 1].has_comma or words[at - 1].text in _JOINERS or words[at].is_quoted:
        return False
    for word in words[at : at + _MOST_WORDS]:
        plain = word.text.rstrip(_SENTENCE_ENDS)
        if word.is_break or goes_on(plain):
            return True
        if not is_of_sentence(plain):
            return False
        if word.has_comma or plain != word.text:
            return True
    return True


def _is_item(words: Sequence[_Word], at: int) -> bool:
    """Whether a word after a comma is one more item of the list: a comma, an 'and' or the sentence's end follows."""
    if at >= len(words) or words[at].is_break:
        return False
    word = words[at]
    if word.has_comma or _ends_sentence(word.text) or at + 1 == len(words) or words[at + 1].is_break:
        return True
    return words[at + 1].text in _JOINERS


def _is_marked(text: str) -> bool:
    """Whether a word has what English words don't: a comparison, extras, a digit, an inner dash or underscore."""
    return any(letter in "=[_0123456789" for letter in text) or "-" in text[1:-1]


def _ends_sentence(text: str) -> bool:
    is_version = text.endswith(".*") and "=" in text
    return not is_version and text.rstrip("*_')")[-1:] in _SENTENCE_ENDS and text.strip(".") != ""


# --------------------------------------------------------------------------- what is said about a command


def _is_prose(words: Sequence[_Word], at: int) -> bool:
    """Whether a command stands in the middle of a sentence: ordinary words come before it, with no break between."""
    for word in reversed(words[max(0, at - _MOST_WORDS) : at]):
        if word.is_break:
            return False
        plain = word.text.lower()
        if plain not in _BEFORE_COMMANDS and not plain.startswith(("-", "{")) and "=" not in plain:
            return not plain.rstrip(".)").isdigit() and not plain.endswith((":", "%", "$", "#", ">", "/python"))
    return False


def _is_denied(words: Sequence[_Word], at: int) -> bool:
    """Whether the clause before a command forbids it: "don't run", 'never', 'instead of'."""
    clause: list[str] = []
    has_colon = False
    for word in reversed(words[max(0, at - _MOST_WORDS) : at]):
        if word.is_break and word.text in {",", ";", "|", ")", "#", "—"}:
            break
        if not word.is_break and (word.has_comma or word.text[-1] in ".!?"):
            break
        has_colon = has_colon or word.text.endswith(":")
        clause.append(_plain(word.text).strip("*_:"))
    return forbids(clause[::-1]) if has_colon else denies(clause[::-1])


def _plain(text: str) -> str:
    return text.lower().replace("\u2019", "'")


def _is_condemned(words: Sequence[_Word], end: int) -> bool:
    """Whether the sentence goes on to say that a command is wrong: '`pip install acme-tools` doesn't exist'."""
    said: list[str] = []
    for at, word in enumerate(words[end : end + _MOST_WORDS], start=end):
        if any(_command(words, now) is not None for now in range(at, min(at + 2, len(words)))):
            # What was said is about that command.
            return False
        if word.is_break:
            if word.text not in {"`", '"', "'", "#", "("} or (said and word.text != "'"):
                break
            continue
        said.append(_plain(word.text).strip("*_:.!"))
        if word.has_comma or word.text[-1] in ".!":
            break
    if not CONDEMNED.isdisjoint(said) or is_denied_behind(said):
        return True
    return denies(said) and not _DENIED.isdisjoint(said)


def _is_warning(words: Sequence[_Word]) -> bool:
    """Whether a line warns of the lines below it: "Don't do this:"."""
    texts = [_plain(word.text).strip("*_") for word in words[-_MOST_WORDS:] if not word.is_break]
    return bool(texts) and texts[-1].endswith(":") and forbids([text.rstrip(":,.") for text in texts])


def _is_fence(words: Sequence[_Word]) -> bool:
    return [word.text for word in words[:3]] == ["`", "`", "`"] and not any(word.is_break for word in words[3:])

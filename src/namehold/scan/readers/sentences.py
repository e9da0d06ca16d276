"""Whether a word after an installer's name is a project, or a word of the sentence in which both stand.

'Improve pip install performance' and 'the pip wheel command defaults to …' ask for no installation. Where the
words stand in code marks, or alone on their line, they are a command.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from namehold.evidence import HINTS, is_template

#: An installer's name, which may have an ending: `pip3.12`, `pipx`, `pipenv`, `uvx`. A line with none has no command.
INSTALLER: Final = re.compile(rf"(?:{'|'.join(map(re.escape, HINTS))})(?:env|[x\d.]*)(?![a-z])", re.IGNORECASE)
_WORD: Final = re.compile(r"[A-Za-z0-9._-]+")
_LETTERS: Final = re.compile(r"[A-Za-z]+")
#: Words before a command that make no sentence of its line.
_BEFORE: Final = frozenset(
    {"python", "python3", "py", "m", "sudo", "run", "exec", "env", "conda", "uv", "tool", "poetry", "pdm", "hatch"}
    | {"bash", "sh", "shell", "console", "cmd", "powershell", "text", "command", "script", "install", "code"}
)
#: Words that stand in sentences and never behind a project's name in a command.
_OF_SENTENCES: Final = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "because", "been", "being", "but", "by", "can", "does", "for", "from"}
    | {"has", "have", "if", "in", "into", "is", "it", "its", "may", "must", "not", "of", "on", "or", "should", "so"}
    | {"that", "the", "their", "then", "these", "they", "this", "to", "was", "were", "when", "whether", "which", "will"}
    | {"with", "without", "would", "you", "your"}
)
#: So many characters around a name are looked at: a line may be long, and hold thousands of names.
_LOOK: Final = 300
#: So many words behind a name are looked at.
_WORDS_AFTER: Final = 4


def is_in_sentence(line: str, column: int) -> bool:
    """Whether the name at `column` (from 1) is outside of code marks, with words of a sentence around its command."""
    before, after = line[max(0, column - 1 - _LOOK) : column - 1], line[column - 1 : column - 1 + _LOOK]
    marks = before.replace("``", "\0")
    if marks.count("\0") % 2 or marks.count("`") % 2:
        return False
    start = max((match.start() for match in INSTALLER.finditer(before)), default=0)
    if any(word[0].lower() not in _BEFORE for word in _LETTERS.finditer(before, 0, start)):
        return True
    rest = after[match.end() :] if (match := _WORD.match(after)) is not None else after
    return any(word[0] in _OF_SENTENCES for word in islice(_LETTERS.finditer(rest), _WORDS_AFTER))


def stands_for_any(line: str, column: int) -> bool:
    """Whether the name at `column` (from 1) has a part that a reader replaces, in capitals: `pytest-NAME`.

    A single letter in capitals is a part of real names, too.
    """
    match = _WORD.match(line, column - 1)
    parts = re.split(r"[._-]", match[0]) if match is not None else ()
    return any(len(part) > 1 and part.isupper() and is_template(part) for part in parts)


def is_in_extras(line: str, column: int) -> bool:
    """Whether the word at `column` (from 1) is one of the extras of the name before it: `acme-tool[cli,web]`."""
    return (
        re.search(r"[A-Za-z0-9]\[[A-Za-z0-9._-]+(?:, ?[A-Za-z0-9._-]+)*, ?$", line[max(0, column - 100) : column - 1])
        is not None
    )

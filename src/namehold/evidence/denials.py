"""Whether the words of a clause forbid or deny what they speak of.

denies(["don't", "run"])                # True
denies(["if", "you", "don't", "have"])  # False
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_NEGATIONS: Final = frozenset(
    {"avoid", "can't", "cannot", "didn't", "doesn't", "don't", "dont", "isn't", "mustn't", "never", "no", "nor", "not"}
    | {"aren't", "couldn't", "neither", "nobody", "nonexistent", "unable", "unaware", "wasn't", "weren't"}
    | {"kein", "keine", "keinen", "keinesfalls", "nicht", "nie", "niemals", "aucun", "jamais", "nunca", "pas", "não"}
    | {"geen", "niet", "nooit", "mai", "non", "nigdy", "не", "никогда", "нельзя"}
    | {"beware", "erroneously", "hallucinated", "ignore", "incorrectly", "mistakenly", "wrongly"}
    | {"shouldn't", "stop", "without", "won't", "wouldn't"}
)
_PREFERENCES: Final = frozenset({("instead", "of"), ("rather", "than")})
#: Negations that forbid, also where a colon parts them from what they forbid; 'do not' is one by both its words.
_FORBIDDING: Final = frozenset(
    {"avoid", "don't", "dont", "mustn't", "never", "shouldn't", "stop", "jamais", "mai", "nicht", "nie", "niemals"}
    | {"niet", "nigdy", "nooit", "nunca", "não", "не", "никогда"}
)
_AUXILIARIES: Final = frozenset({"do", "must", "should"})
#: What takes a negation back: a condition ('if you don't have it') or a second one ('don't forget to').
_CONDITIONS: Final = frozenset(
    {"already", "because", "forget", "hasn't", "have", "haven't", "hesitate", "if", "just", "only", "since", "unless"}
    | {"falls", "si", "wenn", "when", "worry", "yet"}
)
#: Chinese, Japanese and Korean have no spaces around negations, and two of them put them behind what they deny.
_DENIED_BEFORE: Final = ("不要", "不应", "切勿", "请勿", "没有", "不存在")
_DENIED_BEHIND: Final = (
    *("不存在", "不是官方", "不是我们", "しない", "ないで", "存在しま", "ではありま", "하지 마", "하지마", "마세요"),
    *("없습니다", "아닙니다"),
)
#: Full stop, exclamation mark, question mark and semicolon in full width; a clause ends with a comma, too.
_SENTENCES: Final = re.compile(r"[\u3002\uff01\uff1f\uff1b]")
_CLAUSES: Final = re.compile(r"[\u3002\uff01\uff1f\uff1b\uff0c\u3001]")
#: What is wrong of itself.
CONDEMNED: Final = frozenset(
    {"fails", "fake", "hallucination", "incorrect", "malicious", "typo", "typosquat", "unsafe", "wrong"}
)


def denies(clause: Sequence[str]) -> bool:
    """Whether the words of a clause, in lower case, forbid or deny what they speak of."""
    if "shouldn't" in clause or ("should", "not") in pairwise(clause):
        return True
    if not _CONDITIONS.isdisjoint(clause):
        return False
    text = " ".join(clause)
    if not text.isascii() and any(part in _CLAUSES.split(text)[-1] for part in _DENIED_BEFORE):
        return True
    return not _NEGATIONS.isdisjoint(clause) or any(pair in _PREFERENCES for pair in pairwise(clause))


def is_denied_behind(said: Sequence[str]) -> bool:
    """Whether the words after a name deny it in Chinese, Japanese or Korean."""
    text = " ".join(said)
    return not text.isascii() and any(part in _SENTENCES.split(text)[0] for part in _DENIED_BEHIND)


def forbids(clause: Sequence[str]) -> bool:
    """Whether the words before a colon forbid what follows it: 'never run this:', but not 'no root needed:'."""
    if not _CONDITIONS.isdisjoint(clause):
        return False
    is_told = any(first in _AUXILIARIES and second == "not" for first, second in pairwise(clause))
    is_first = clause[:1] == ["not"] or tuple(clause[:2]) in _PREFERENCES
    return is_told or is_first or not _FORBIDDING.isdisjoint(clause) or not CONDEMNED.isdisjoint(clause)

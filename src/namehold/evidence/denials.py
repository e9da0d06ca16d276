"""Whether the words of a clause forbid or deny what they speak of.

denies(["don't", "run"])                # True
denies(["if", "you", "don't", "have"])  # False
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_NEGATIONS: Final = frozenset(
    {"avoid", "can't", "cannot", "didn't", "doesn't", "don't", "dont", "isn't", "mustn't", "never", "no", "nor", "not"}
    | {"kein", "keine", "keinen", "nicht", "nie", "niemals", "jamais", "nunca", "pas"}
    | {"beware", "erroneously", "hallucinated", "ignore", "incorrectly", "mistakenly", "wrongly"}
    | {"shouldn't", "stop", "without", "won't", "wouldn't"}
)
_PREFERENCES: Final = frozenset({("instead", "of"), ("rather", "than")})
#: Negations that forbid, also where a colon parts them from what they forbid; 'do not' is one by both its words.
_FORBIDDING: Final = frozenset(
    {"avoid", "don't", "dont", "mustn't", "never", "shouldn't", "stop"} | {"jamais", "nicht", "nie", "niemals", "nunca"}
)
_AUXILIARIES: Final = frozenset({"do", "must", "should"})
#: What takes a negation back: a condition ('if you don't have it') or a second one ('don't forget to').
_CONDITIONS: Final = frozenset(
    {"already", "because", "forget", "hasn't", "have", "haven't", "hesitate", "if", "just", "only", "since", "unless"}
    | {"falls", "si", "wenn", "when", "worry", "yet"}
)
#: What is wrong of itself.
CONDEMNED: Final = frozenset({"fails", "fake", "incorrect", "malicious", "typosquat", "unsafe", "wrong"})


def denies(clause: Sequence[str]) -> bool:
    """Whether the words of a clause, in lower case, forbid or deny what they speak of."""
    if "shouldn't" in clause or ("should", "not") in pairwise(clause):
        return True
    if not _CONDITIONS.isdisjoint(clause):
        return False
    return not _NEGATIONS.isdisjoint(clause) or any(pair in _PREFERENCES for pair in pairwise(clause))


def forbids(clause: Sequence[str]) -> bool:
    """Whether the words before a colon forbid what follows it: 'never run this:', but not 'no root needed:'."""
    if not _CONDITIONS.isdisjoint(clause):
        return False
    is_told = any(first in _AUXILIARIES and second == "not" for first, second in pairwise(clause))
    is_first = clause[:1] == ["not"] or tuple(clause[:2]) in _PREFERENCES
    return is_told or is_first or not _FORBIDDING.isdisjoint(clause) or not CONDEMNED.isdisjoint(clause)

"""Asks the index about one name after the other: what can't be told of one says nothing about the others.

for found in ask_each(names, look, leave_out=lambda name, error: FoundName(name=name, obstacle=error.message)):
    ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from packaging.utils import NormalizedName

from namehold.errors import IndexBusy, IndexError_

#: After so many names in a row without a usable answer the index counts as unreachable.
_UNANSWERED_MAX: Final = 3

_Found = TypeVar("_Found")


def ask_each(
    names: Sequence[NormalizedName],
    ask: Callable[[NormalizedName], _Found],
    *,
    leave_out: Callable[[NormalizedName, IndexError_], _Found],
    has_answered: bool = False,
) -> Iterator[_Found]:
    """What `ask` finds for each name, in their order; what `leave_out` makes of one without a usable answer.

    Raises IndexError_ where it gives none to all of them or to three in a row, or is busy: then it isn't about a name.
    Where it `has_answered` just now something else, one or two names alone may have no usable answer.
    """
    failed = in_a_row = 0
    for name in names:
        try:
            found = ask(name)
        except IndexError_ as error:
            failed, in_a_row = failed + 1, in_a_row + 1
            is_every = failed == len(names) and not has_answered
            if isinstance(error, IndexBusy) or in_a_row == _UNANSWERED_MAX or is_every:
                raise
            yield leave_out(name, error)
        else:
            in_a_row = 0
            yield found

"""Letters to the index's administrators: which names, what stands against one, and its text.

    from namehold.letters import find_letter_refusals, select_names, write_letter

    names = select_names(LetterKind.PROHIBIT, plan=plan, portfolio=portfolio, holdings=holdings)
    refusals = find_letter_refusals(LetterKind.PROHIBIT, names, facts)
    body = write_letter(LetterKind.PROHIBIT, names, facts).body if not refusals else ""

A person sends a letter; namehold never does. All of it is pure.
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.letters.choose import (
        ABOUT_OTHERS, find_open_letter, LetterFacts, MOST_NAMES_A_LETTER, PATIENCE_DAYS, REQUESTS, select_names,
        targets_of, without_packages,
    )
    from namehold.letters.refuse import find_letter_refusals
    from namehold.letters.write import Letter, write_letter
else:
    __getattr__ = load_late(
        __name__, choose="ABOUT_OTHERS LetterFacts MOST_NAMES_A_LETTER PATIENCE_DAYS REQUESTS find_open_letter "
        "select_names targets_of without_packages", refuse="find_letter_refusals", write="Letter write_letter")

__all__ = [
    "ABOUT_OTHERS", "find_letter_refusals", "find_open_letter", "Letter", "LetterFacts", "MOST_NAMES_A_LETTER",
    "PATIENCE_DAYS", "REQUESTS", "select_names", "targets_of", "without_packages", "write_letter",
]

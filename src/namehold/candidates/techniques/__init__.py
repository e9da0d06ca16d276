"""Ways by which people, models and owners come from a package to another name, one file each.

    from namehold.candidates.techniques import TECHNIQUES

    [technique.title for technique in TECHNIQUES]

To add a technique, write a file here with a `TECHNIQUE` (`technique.py` says what that holds), and add the file's name
below, in the import and in the list. `bench/learn_weights.py` then learns what its names are worth; until then they
count like others of their class.
"""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.candidates.techniques import (
    affixes, companions, contractions, digits, doubling, inner_names, look_alikes, neighbouring_keys, omission,
    other_letters, parts, plural, python_parts, splitting, surfaces, transposition, two_edits, vowels, word_order,
)
from namehold.candidates.techniques.technique import Technique

__all__ = ["TECHNIQUES", "Technique"]

TECHNIQUES: tuple[Technique, ...] = tuple(
    room.TECHNIQUE
    for room in (
        surfaces, inner_names, parts, python_parts, omission, transposition, doubling, plural, digits, vowels,
        look_alikes, neighbouring_keys, other_letters, word_order, two_edits, affixes, companions,
        contractions, splitting,
    )
)

"""candidates."""

from __future__ import annotations

# fmt: off
# isort: skip_file
from namehold.candidates.derive import derive_candidates
from namehold.candidates.explain import detail_of, reasons
from namehold.candidates.model import Candidate, Channel, Clue, Score
from namehold.candidates.rank import Family, Listed, Shortlist, shortlist
from namehold.candidates.weights import load_weights, Weights
from namehold.candidates.what_if import Change, DEEPEST, Places
from namehold.candidates.wordlists import Dictionary, load_dictionary, popular_names, PopularNames

__all__ = [
    "Candidate", "Change", "Channel", "Clue", "DEEPEST", "derive_candidates", "detail_of", "Dictionary", "Family",
    "Listed", "load_dictionary", "load_weights", "Places", "popular_names", "PopularNames", "reasons", "Score",
    "Shortlist", "shortlist", "Weights",
]

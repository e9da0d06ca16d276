"""Which names may be taken for a package: derived, declared and observed, each with its clues and its score.

    candidates = derive_candidates(portfolio, weights=load_weights(), popular=popular_names().ranks)
    [(candidate.name, candidate.target, candidate.score.value) for candidate in candidates[:10]]

A new technique is one file: see `candidates/techniques/__init__.py`.
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.candidates.attribution import may_be_next, only_adds_python
    from namehold.candidates.derive import derive_candidates
    from namehold.candidates.explain import ASSUMED
    from namehold.candidates.model import Candidate, Channel, Clue, Score
    from namehold.candidates.rank import Family, Listed, Row, Shortlist, shortlist
    from namehold.candidates.techniques import Technique
    from namehold.candidates.tell import change_of, detail_of, lead_of, reasons, strongest
    from namehold.candidates.weights import load_weights, Weights
    from namehold.candidates.what_if import DEEPEST, Places, WhatIf
    from namehold.candidates.wordlists import Dictionary, general_words, load_dictionary, popular_names, PopularNames
else:
    __getattr__ = load_late(
        __name__, attribution="may_be_next only_adds_python", derive="derive_candidates", explain="ASSUMED",
        model="Candidate Channel Clue Score", rank="Family Listed Row Shortlist shortlist", techniques="Technique",
        tell="change_of detail_of lead_of reasons strongest", weights="Weights load_weights",
        what_if="DEEPEST Places WhatIf",
        wordlists="Dictionary PopularNames general_words load_dictionary popular_names")

__all__ = [
    "ASSUMED", "Candidate", "change_of", "Channel", "Clue", "DEEPEST", "derive_candidates", "detail_of", "Dictionary",
    "Family", "general_words", "lead_of", "Listed", "load_dictionary", "load_weights", "may_be_next",
    "only_adds_python", "Places", "popular_names", "PopularNames", "reasons", "Row", "Score", "Shortlist", "shortlist",
    "strongest", "Technique", "Weights", "WhatIf",
]

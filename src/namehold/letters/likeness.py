"""Whether a name is like one of ours, and what the index shows of its age: what a report of a stranger's project needs.

    likeness_of(NormalizedName("acme-tol"), NormalizedName("acme-tool"))      # "one edit away from acme-tool"

Both are facts that the administrators can look up. What names.yaml says about a project is neither.
"""

from __future__ import annotations

from typing import Final

from packaging.utils import NormalizedName
from rapidfuzz.distance import OSA

from namehold.names import ultranormalize

#: The shortest names of ours that one edit, two edits, or an added word still show to be meant: shorter ones are near
#: to many others by chance.
_ONE_EDIT_FROM, _TWO_EDITS_FROM, _WORD_FROM = 5, 9, 4
_EDIT_WORDS: Final = ("", "one edit", "two edits")


def likeness_of(name: NormalizedName, target: NormalizedName) -> str:
    """What makes a name like the target, as a phrase; empty if nothing does."""
    if ultranormalize(name) == ultranormalize(target):
        return f"the same as {target} but for separators and look-alike letters"
    most = (len(target) >= _ONE_EDIT_FROM) + (len(target) >= _TWO_EDITS_FROM)
    edits = OSA.distance(name, target, score_cutoff=most) if most else 1
    if edits <= most:
        return f"{_EDIT_WORDS[edits]} away from {target}"
    padded, inner = f"-{name}-", f"-{target}-"
    if len(target) >= _WORD_FROM and inner in padded:
        rest = padded.replace(inner, "-", 1).strip("-")
        return f"{target} with '{rest}'"
    return ""

"""Whose is a name by the packages that are proved alone? A plan counts every package of names.yaml as ours.

judge_by_proved({name: target}, packages=..., proofs=proofs, territory=..., prove=ask)   # what stands against each

Listing a stranger's package beside one of one's own would otherwise open what is around it, for the other one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, TypeAlias

from packaging.utils import NormalizedName
from rapidfuzz import fuzz, process

from namehold.ownership import OwnershipProof
from namehold.plan.model import Reason
from namehold.plan.territory import Territory

#: Packages beside the target that are asked about for one name, and how many at once. A name rests on one or two.
_MOST_ASKED: Final = 16
_ASKED_AT_ONCE: Final = 4

#: Whose names are if only the packages count that these proofs prove.
TerritoryOf: TypeAlias = Callable[[Collection[OwnershipProof]], Territory]


def judge_by_proved(
    targets: Mapping[NormalizedName, NormalizedName],
    *,
    packages: Collection[NormalizedName],
    proofs: Iterable[OwnershipProof],
    territory: TerritoryOf,
    prove: Callable[[Collection[NormalizedName]], Iterable[OwnershipProof]],
) -> dict[NormalizedName, Reason]:
    """What stands against each name, given with its target, if only packages that are proved count as ours.

    `proofs` are known already; where they aren't enough, `prove` is asked about the packages that are most like the
    name. Raises what `prove` raises.
    """
    known = {proof.target: proof for proof in proofs}
    proved = territory(known.values())
    found: dict[NormalizedName, Reason] = {}
    for name, target in targets.items():
        obstacle = proved.find_obstacle(name, target=target)
        if obstacle is not None:
            unasked = [package for package in packages if package not in known]
            likely = process.extract(name, unasked, scorer=fuzz.partial_ratio, limit=_MOST_ASKED)
            for start in range(0, len(likely), _ASKED_AT_ONCE):
                asked = [NormalizedName(package) for package, *_ in likely[start : start + _ASKED_AT_ONCE]]
                known |= {proof.target: proof for proof in prove(asked)}
                proved = territory(known.values())
                obstacle = proved.find_obstacle(name, target=target)
                if obstacle is None:
                    break
        if obstacle is not None:
            found[name] = obstacle
    return found

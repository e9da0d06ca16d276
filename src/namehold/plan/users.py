"""How many people type a package's name, compared with other packages, and what that makes of a name's chance.

    audiences = find_audiences(portfolio, popular=ranks, view=snapshot)
    harm = chance * users                # shown apart: a chance stays a chance

Downloads alone mislead: a package that comes as a dependency is downloaded by many and typed by few. So the number of
projects whose names begin with its name counts, too (`acme-web` for acme): it says on whom people build. Elsewhere in
a name a dictionary word stands by chance. Both exponents are those of a Poisson regression over the ranked projects, on
how many names attackers made by hand for each (bench/weight.py); machine-made campaigns follow lists, and language
models hardly look at users.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from packaging.utils import NormalizedName

from namehold.index import SnapshotView
from namehold.plan.model import Audience, Outline
from namehold.portfolio import Portfolio

#: `users` grows as rank ** RANK_EXPONENT * (other bearers + 1) ** BEARERS_EXPONENT (bench/RESULTS.md, 'Weight').
RANK_EXPONENT: Final = -0.55
BEARERS_EXPONENT: Final = 0.82
#: Beyond so many other projects more of them go with no more attackers' names; 30 to 200 fit equally well.
MOST_BEARERS: Final = 100
#: A package that isn't ranked counts as one at twice the end of the ranking.
_BEYOND_RANKING: Final = 2
#: Names for one package among the first ones of a letter, so that no package fills it alone.
MOST_IN_TURN: Final = 4


def find_audiences(
    portfolio: Portfolio, *, popular: Mapping[NormalizedName, int], view: SnapshotView | None
) -> tuple[Audience, ...]:
    """The audience of every package, in the order of names.yaml; a number in names.yaml goes before the computed one.

    `popular` are well-known projects with their ranks from 1; `view` is the list that bearers are counted in (None:
    none are known).
    """
    names = [package.name for package in portfolio.packages]
    bearers = view.bearers(names) if view is not None else {}
    last = _BEYOND_RANKING * max(popular.values(), default=1)

    def find(name: NormalizedName, stated: float | None) -> Audience:
        rank, others = popular.get(name), bearers.get(name, 0)
        computed = (rank or last) ** RANK_EXPONENT * (min(others, MOST_BEARERS) + 1) ** BEARERS_EXPONENT
        return Audience(
            package=name,
            users=stated if stated is not None else round(computed / last**RANK_EXPONENT, 1),
            rank=rank,
            bearers=others,
            is_stated=stated is not None,
        )

    return tuple(find(package.name, package.users) for package in portfolio.packages)


def users_of(audiences: Iterable[Audience]) -> dict[NormalizedName, float]:
    """How many people use each package, in comparison; what isn't there (an internal name) counts 1."""
    return {item.package: item.users for item in audiences}


def order_by_harm(items: Iterable[Outline], audiences: Sequence[Audience]) -> tuple[NormalizedName, ...]:
    """The names by harm, the greatest first, but a package's fifth name only after every other one's fourth."""
    users = users_of(audiences)
    turns: Counter[NormalizedName] = Counter()
    rows = []
    for harm, name, target in sorted(
        (-item.rate * users.get(item.target, 1.0), item.name, item.target) for item in items
    ):
        rows.append((turns[target] // MOST_IN_TURN, harm, name))
        turns[target] += 1
    return tuple(name for _, _, name in sorted(rows))

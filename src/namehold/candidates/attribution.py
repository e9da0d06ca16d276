"""Which package of a portfolio a name belongs to, and the names that only the whole portfolio leads to.

A name belongs to the package that names.yaml gives it to; then to the package whose whole name it carries as words (of
two, the one with more words), unless it is a slip in the name of another one (`flask-sqlachemy`, `dask-m` for dask-ml);
then to the nearest.
Rates don't decide between packages: a sibling's rate may be higher only because its name has more parts to leave out.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name
from rapidfuzz.distance import OSA

from namehold.candidates.model import Candidate, Channel, Clue, Factor, Score
from namehold.candidates.techniques.technique import PYTHON_WORDS
from namehold.names import is_normalized
from namehold.portfolio import CLAIMED_SOURCE, NameClass, Organization, Package, Portfolio, Surface, SurfaceKind

#: Nothing labelled says how often the organization's word or a part written out is used: these rates are assumed, as
#: high as those of a usual word (`-client`), so that they order such names and lift none over the threshold.
ASSUMED_RATE: Final = 0.01
_ASSUMED: Final = "assumed"
#: Shorter parts begin too many words; shorter words of an organization say nothing.
_SHORTEST_PART, _SHORTEST_WORD = 3, 3
#: A name within so many edits of a package is a slip in that package's name (`plan.territory`).
_MOST_SLIPS: Final = 2
#: A name and the one digit behind it; two and more are a part of the name, and a year or a number.
_VERSIONED: Final = re.compile(r"(.*[a-z-])([0-9])")
#: Longer names aren't taken apart.
_MOST_WORDS: Final = 8


def only_adds_python(name: str, target: str) -> bool:
    """Whether `name` is `target` with a word for Python before or behind it: on a Python index that says the same.

    `python-x` and `python3-x` are also what Debian calls the package of a project x. It is said once: the index has no
    name like `python-opencv-python`.
    """
    if not PYTHON_WORDS.isdisjoint(target.split("-")):
        return False
    return name.removeprefix(f"{target}-").removesuffix(f"-{target}") in PYTHON_WORDS


def may_be_next(name: str, target: str) -> bool:
    """Whether the owners of `target` may one day call their project so: its name with a greater version digit.

    jinja2, boto3 and psycopg3 were made by those who had made jinja, boto and psycopg2.
    """
    found, now = _VERSIONED.fullmatch(name), _VERSIONED.fullmatch(target)
    if found is None:
        return False
    stem, digit = (now[1], int(now[2])) if now is not None else (target, 1)
    return found[1].rstrip("-") == stem and int(found[2]) > digit


@dataclass(frozen=True, slots=True)
class Attribution:
    """Finds a name's package among those of a portfolio."""

    _packages: Mapping[str, Package]
    #: What their names begin with: few words of other names are among them.
    _first_words: frozenset[str]

    @classmethod
    def of(cls, packages: Iterable[Package]) -> Attribution:
        """The attribution among these packages."""
        known: dict[str, Package] = {package.name: package for package in packages}
        return cls(known, frozenset(name.partition("-")[0] for name in known))

    def carried(self, name: str) -> NormalizedName | None:
        """The package whose whole name stands in `name` as a row of words; the one of most words, then letters."""
        words = name.split("-")
        if len(words) > _MOST_WORDS:
            return None
        starts = [at for at, word in enumerate(words) if word in self._first_words]
        runs = [words[start:end] for start in starts for end in range(start + 1, len(words) + 1)]
        found = [(len(run), len(text), text) for run in runs if (text := "-".join(run)) in self._packages]
        return self._packages[max(found)[2]].name if found else None

    def distance(self, name: str, target: str) -> int:
        """The edits from `name` to the nearest of the package's strings; dashes don't count."""
        package = self._packages.get(target)
        surfaces = package.surfaces if package is not None else ()
        texts = {target, *(canonicalize_name(item.value) for item in surfaces if item.kind in _TYPED)}
        squeezed = name.replace("-", "")
        return min(OSA.distance(squeezed, text.replace("-", "")) for text in texts)

    def choose(self, name: str, targets: Iterable[NormalizedName]) -> NormalizedName:
        """The package that `name` belongs to, if it was found for `targets`; of equally near ones the first."""
        edits, nearest = min(((self.distance(name, target), target) for target in targets), key=lambda item: item[0])
        carried = self.carried(name)
        if carried is None:
            return nearest
        beside = set(name.split("-")).difference(carried.split("-"))
        # One letter beside a whole name is no word that people put there, but what is left of one.
        most = self.distance(name, carried) - (not any(len(word) == 1 and word.isalpha() for word in beside))
        return nearest if edits <= min(_MOST_SLIPS, most) else carried

    def best(self, candidates: Sequence[Candidate]) -> Candidate:
        """Of the candidates of one name the one under the right package: as names.yaml says, else `choose`."""
        if len(candidates) == 1:
            return candidates[0]
        ordered = sorted(candidates, key=lambda item: (-item.score.value, item.target))
        declared = [item for item in ordered if any(clue.channel is Channel.DECLARED for clue in item.evidence)]
        if declared:
            return declared[0]
        target = self.choose(ordered[0].name, [item.target for item in ordered])
        return next((item for item in ordered if item.target == target), ordered[0])


#: Kinds of surfaces that people type in place of the package's name.
_TYPED: Final = frozenset({SurfaceKind.IMPORT, SurfaceKind.COMMAND, SurfaceKind.ALIAS, SurfaceKind.FORMER})


def from_portfolio(portfolio: Portfolio, packages: Iterable[Package]) -> Iterator[Candidate]:
    """Names for `packages` that no package alone leads to.

    With the organization's own word, and with a short part written out.
    """
    own = sorted({package.name for package in portfolio.packages})
    words = organization_words(portfolio.organization)
    siblings = frozenset(own)
    for package in packages:
        found = {
            **dict.fromkeys(_with_words(package.name, words), f"the organization's own word with {package.name}"),
            **_written_out(package, own),
        }
        for name, detail in found.items():
            if name not in siblings and is_normalized(name):
                yield _assumed(NormalizedName(name), package.name, detail)


def organization_words(organization: Organization) -> tuple[str, ...]:
    """How the organization is written in names: with and without dashes, and as it is called on the index."""
    spelled = "".join(letter if letter.isalnum() else "-" for letter in organization.name)
    dashed = canonicalize_name(spelled).strip("-")
    words = (dashed, dashed.replace("-", ""), canonicalize_name(organization.index_organization))
    return tuple(dict.fromkeys(word for word in words if len(word) >= _SHORTEST_WORD and is_normalized(word)))


def _with_words(name: str, words: Sequence[str]) -> list[str]:
    """The organization's word before and behind a name that hasn't got it."""
    fresh = [word for word in words if word.replace("-", "") not in name.replace("-", "")]
    return [text for word in fresh for text in (f"{word}-{name}", f"{name}-{word}")]


def _written_out(package: Package, own: Sequence[str]) -> dict[str, str]:
    """The name with a part written as the companion that it is short for: `flask-wtf` beside wtforms.

    Companions are those of the package and `own`, the sorted names of the portfolio's packages.
    """
    parts = package.name.split("-")
    if not 1 < len(parts) <= _MOST_WORDS:
        return {}
    found: dict[str, str] = {}
    for at, part in enumerate(parts):
        # A tilde comes behind all that a name may go on with.
        siblings = own[bisect_left(own, part) : bisect_left(own, f"{part}~")]
        for companion in (*package.companions, *siblings):
            if len(part) >= _SHORTEST_PART and companion.startswith(part) and companion not in {part, package.name}:
                name = "-".join((*parts[:at], companion, *parts[at + 1 :]))
                found.setdefault(name, f"{part} of {package.name} written out as {companion}")
    return found


def _assumed(name: NormalizedName, target: NormalizedName, detail: str) -> Candidate:
    clue = Clue(
        technique="portfolio",
        channel=Channel.COMBO,
        name_class=NameClass.COMBO,
        surface=Surface(kind=SurfaceKind.PROJECT, value=target, source=CLAIMED_SOURCE),
        detail=detail,
        weight=math.log(ASSUMED_RATE),
        source=_ASSUMED,
    )
    value = -math.expm1(-ASSUMED_RATE)
    factor = Factor(label=f"{detail} (assumed)", channel=Channel.COMBO, log_weight=clue.weight)
    return Candidate(
        name=name,
        target=target,
        evidence=(clue,),
        score=Score(value=value, channels=((Channel.COMBO, value),), factors=(factor,)),
    )

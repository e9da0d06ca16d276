"""Which route a class of names takes under which policy, and which routes names.yaml may choose instead.

docs/explanation/routes.md explains this table to people; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from namehold.portfolio import Mode, NameClass, Policy, PolicyName, Route

_CAUTIOUS: Final = {
    NameClass.ALWAYS: Route.RESERVE,
    NameClass.OBSERVED: Route.RESERVE,
    NameClass.SURFACE: Route.RESERVE,
    NameClass.TYPO: Route.REQUEST,
    NameClass.COMBO: Route.WATCH,
    NameClass.INTERNAL: Route.NONE,
    NameClass.FUTURE: Route.NONE,
}

#: The route of a class if nothing stands against it. TYPO and COMBO take it from `policy.threshold` on, else WATCH.
DEFAULT_ROUTES: Final[Mapping[PolicyName, Mapping[NameClass, Route]]] = {
    PolicyName.CAUTIOUS: _CAUTIOUS,
    PolicyName.PROTECTIVE: {**_CAUTIOUS, NameClass.TYPO: Route.RESERVE, NameClass.COMBO: Route.RESERVE},
}

_QUIET: Final = frozenset({Route.WATCH, Route.NONE})

#: What `policy.routes` may choose for a class. Internal names become public by RESERVE and REQUEST, so those are asked
#: for name by name (`internal: [{name, ask}]`); a future name is reserved by its first real release.
ALLOWED_ROUTES: Final[Mapping[NameClass, frozenset[Route]]] = {
    **dict.fromkeys(NameClass, _QUIET | {Route.RESERVE, Route.REQUEST}),
    **dict.fromkeys((NameClass.INTERNAL, NameClass.FUTURE), _QUIET),
}

#: What a class's placeholder does unless names.yaml says otherwise.
DEFAULT_MODES: Final[Mapping[NameClass, Mode]] = {
    **dict.fromkeys(NameClass, Mode.REDIRECT),
    **dict.fromkeys((NameClass.OBSERVED, NameClass.FUTURE), Mode.SIGNPOST),
    NameClass.INTERNAL: Mode.REFUSE,
}

#: So many typing errors of a package are requested from this share of `policy.threshold` on. Short, widely used names
#: are mistyped in many ways, each of them rare (`clikc`). Of names with such scores, .015 to .03, 2 to 3 in 100 were
#: really used (bench/RESULTS.md, 'Calibration').
FIRST_NAMES: Final = 3
_FIRST_SHARE: Final = 0.5

#: Routes that do something; a name takes one only if nothing stands against it.
ACTING: Final = frozenset({Route.RESERVE, Route.REQUEST})


def first_threshold(threshold: float) -> float:
    """The score from which a package's first typing errors are requested, 0 to 1; 1 keeps every name back."""
    return threshold if needs_chance(threshold) else threshold * _FIRST_SHARE


def needs_chance(threshold: float) -> bool:
    """Whether a package's first own import, command or name must reach the threshold, too: only where it is 1.

    Commands and modules are how people reach a package, and people type them after the name of an installer. How often
    that happens was counted as a lower bound only (1 command of 53).
    """
    return threshold >= 1


def route_of(name_class: NameClass, policy: Policy) -> tuple[Route, bool]:
    """The route that `policy` gives a class, and whether names.yaml chose it; what isn't allowed is ignored."""
    chosen = dict(policy.routes).get(name_class)
    if chosen is not None and chosen in ALLOWED_ROUTES[name_class]:
        return chosen, True
    return DEFAULT_ROUTES[policy.name][name_class], False


def mode_of(name_class: NameClass, policy: Policy) -> Mode:
    """What a class's placeholder does under `policy`."""
    return dict(policy.modes).get(name_class, DEFAULT_MODES[name_class])


def refused_overrides(policy: Policy) -> tuple[tuple[NameClass, Route], ...]:
    """The entries of `policy.routes` that choose a route that their class may not take."""
    return tuple((name_class, route) for name_class, route in policy.routes if route not in ALLOWED_ROUTES[name_class])

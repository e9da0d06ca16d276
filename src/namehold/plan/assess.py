"""What each candidate needs: exactly one route, with the reasons that a person reads beside it.

    candidates + what the index would answer + portfolio + ledger -> assessments

Every candidate comes out, under one route (docs/explanation/routes.md lists the rule ids); nothing is dropped here.
The steps are asked in a fixed order and the first that knows the answer gives it, so a route has one cause.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from typing import Final

from packaging.utils import NormalizedName

from namehold import names
from namehold.candidates import Candidate, Channel, only_adds_python
from namehold.index import Outcome, SnapshotView
from namehold.index.rules import Availability, NameCheck, TypoCorpus, TypoFlag
from namehold.ledger import Holdings
from namehold.plan import reasons
from namehold.plan.checks.standing import find_vouching
from namehold.plan.model import Assessment, Reason
from namehold.plan.reasons import RouteVerdict, reason_of, settle
from namehold.plan.routes import ACTING, FIRST_NAMES, first_threshold, mode_of, route_of
from namehold.plan.territory import Territory, Whose, surface_names
from namehold.portfolio import Mode, NameClass, Policy, Portfolio, Route, SurfaceKind, taken_modules

#: Rules of names that keep their route whatever the policy is called: most names of a plan are under one of them.
_SETTLED_BEFORE_POLICY: Final = frozenset(
    {"taken", "owner-habit", "typo-below-threshold", "combo-below-threshold", "combo-without-brand"}
)
#: What is known of names that are on the index.
_THERE: Final = frozenset({Availability.TAKEN, Availability.FOREIGN, Availability.OURS})
#: Classes of names that names.yaml doesn't declare.
_RANKED: Final = frozenset({NameClass.TYPO, NameClass.COMBO})


class Assessor:
    """Assesses the candidates of one portfolio, under as many policies as one wants to compare.

    `checks` has what the index would answer for each candidate's name; `corpus` is what the index's background checks
    compare new names with, and is asked only about names that are acted on.
    """

    def __init__(
        self,
        portfolio: Portfolio,
        *,
        checks: Mapping[NormalizedName, NameCheck],
        holdings: Holdings,
        territory: Territory,
        view: SnapshotView | None,
        corpus: TypoCorpus,
        as_of: dt.date,
    ) -> None:
        self._portfolio = portfolio
        self._territory = territory
        self._view = view
        self._checks = checks
        self._corpus = corpus
        self._packages = {package.name: package for package in portfolio.packages}
        self._surfaces = {package.name: surface_names(package) for package in portfolio.packages}
        self._held = {item.name for item in holdings.held}
        self._unproved = set(holdings.unverified) | set(holdings.open_intents)
        self._settled = dict(holdings.settled)
        self._prohibited = frozenset(holdings.prohibited)
        self._never = {item.name: item for item in portfolio.never}
        self._unrelated = {item.name: item for item in portfolio.unrelated if item.holds(today=as_of)}
        self._always = {item.name: item for item in portfolio.always}
        self._internal = {item.name: item for item in portfolio.internal}
        self._look_alikes = {item.name: item for item in portfolio.look_alikes}
        # By name: what names.yaml declares, and what was found out since.
        self._classes: dict[NormalizedName, NameClass] = {
            **{item.name: NameClass.OBSERVED for item in portfolio.observed},
            **dict.fromkeys(portfolio.future, NameClass.FUTURE),
            **dict.fromkeys(self._internal, NameClass.INTERNAL),
            **dict.fromkeys(self._always, NameClass.ALWAYS),
        }
        # What policy has no part in is looked up once, however many policies are compared.
        self._fact = cache(self._settle_by_fact)
        self._flags = cache(self._find_flags)
        self._obstacle = cache(territory.find_obstacle)

    def assess(self, candidates: Iterable[Candidate], policy: Policy) -> tuple[Assessment, ...]:
        """Every candidate, in the given order, under exactly one route with at least one reason.

        Raises KeyError if a candidate has no check, or points to a package that the portfolio doesn't have.
        """
        return self._with_first_requests((self._assess(candidate, policy) for candidate in candidates), policy)

    def _first_requests(self, assessed: Iterable[Assessment], policy: Policy) -> Iterator[Assessment]:
        """The best typing errors of each package of which few are requested, from `first_threshold` on."""
        lower = dataclasses.replace(policy, threshold=first_threshold(policy.threshold))
        served = Counter(item.candidate.target for item in assessed if item.reasons[0].rule == "typo")
        below = [
            item.candidate
            for item in assessed
            if item.candidate.score.value >= lower.threshold and item.reasons[0].rule == "typo-below-threshold"
        ]
        for candidate in sorted(below, key=lambda item: (-item.score.value, item.name)):
            if served[candidate.target] < FIRST_NAMES:
                found = self._assess(candidate, lower)
                if found.route is Route.REQUEST:
                    served[candidate.target] += 1
                    yield found

    def reassess(self, assessed: Iterable[Assessment], policy: Policy) -> tuple[Assessment, ...]:
        """The same candidates under a policy of another name: what was settled before it was asked stays."""
        anew = (
            item if item.reasons[0].rule in _SETTLED_BEFORE_POLICY else self._assess(item.candidate, policy)
            for item in assessed
        )
        return self._with_first_requests(anew, policy)

    def _with_first_requests(self, assessments: Iterable[Assessment], policy: Policy) -> tuple[Assessment, ...]:
        """The assessments, a package's best typing errors requested where few reach the threshold."""
        assessed = {item.candidate.name: item for item in assessments}
        if route_of(NameClass.TYPO, policy)[0] is Route.REQUEST:
            assessed |= {item.candidate.name: item for item in self._first_requests(tuple(assessed.values()), policy)}
        return tuple(assessed.values())

    def _assess(self, candidate: Candidate, policy: Policy) -> Assessment:
        check = self._checks[candidate.name]
        verdict = self._fact(candidate.name)
        if verdict is None:
            verdict = self._guarded(candidate, check, self._wanted(candidate, policy))
        elif verdict.reason.rule in reasons.OURS_RULES:
            check = check.changed(availability=Availability.OURS)
        if verdict.route not in ACTING:
            return Assessment(candidate=candidate, check=check, route=verdict.route, reasons=(verdict.reason,))
        flags, claim = self._flags(candidate.name), self._territory.claim(candidate.name)
        return Assessment(
            candidate=candidate,
            check=check.changed(flagged_as=flags) if flags else check,
            route=verdict.route,
            reasons=(verdict.reason, *self._evidence_reasons(candidate)),
            mode=verdict.mode if verdict.route is Route.RESERVE else None,
            warnings=(
                *verdict.warnings,
                # What is requested is never uploaded, so no check of an upload will see it.
                *(reason_of("index-will-flag", flag=flag) for flag in flags if verdict.route is Route.RESERVE),
                *(reasons.warnings_of_request(candidate) if verdict.route is Route.REQUEST else ()),
            ),
            standing=claim.standing,
            by_organization=claim.organization,
        )

    def _find_flags(self, name: NormalizedName) -> tuple[TypoFlag, ...]:
        return tuple(
            TypoFlag(check=check, matched=NormalizedName(matched)) for check, matched in self._corpus.flags(name)
        )

    # ----------------------------------------------------------------- what policy can't change

    def _settle_by_fact(self, name: NormalizedName) -> RouteVerdict | None:
        """The route of a name on which nothing is left to decide."""
        check = self._checks[name]
        if name in self._packages:
            return settle("own-project")
        if name in self._held:
            return settle("held")
        if name in self._unproved:
            return settle("held-unproved")
        if name in self._settled:
            return reasons.settle_by_outcome(self._settled[name])
        if name in self._prohibited:
            return reasons.settle_by_outcome(Outcome.REFUSED_PROHIBITED)
        if check.availability in _THERE:
            return self._taken(name)
        return reasons.settle_by_protection(check) or self._covered(name) or self._declined(name)

    def _taken(self, name: NormalizedName) -> RouteVerdict:
        verdict = self._look_alikes.get(name)
        if verdict is None:
            return settle("taken")
        return settle("look-alike", verdict=verdict, note=f": {verdict.note}" if verdict.note else "")

    def _covered(self, name: NormalizedName) -> RouteVerdict | None:
        for grant in self._portfolio.namespaces:
            if name == grant.prefix or name.startswith(f"{grant.prefix}-"):
                return settle("namespace-grant", grant=grant)
        return None

    def _declined(self, name: NormalizedName) -> RouteVerdict | None:
        if name in self._unrelated:
            return settle("unrelated")
        return settle("never", why=self._never[name].reason) if name in self._never else None

    # ----------------------------------------------------------------- what policy wants

    def _wanted(self, candidate: Candidate, policy: Policy) -> RouteVerdict:
        """The route that the class of the name takes under the policy, before anything that stands against it."""
        name_class = self._class_of(candidate)
        # Most names first: a plan has a million of them.
        if name_class in _RANKED:
            return self._wanted_ranked(candidate, name_class, policy)
        match name_class:
            case NameClass.INTERNAL:
                return self._wanted_internal(candidate, policy)
            case NameClass.ALWAYS:
                return self._wanted_always(candidate, policy)
            case NameClass.SURFACE:
                return self._wanted_surface(candidate, policy)
        return self._by_policy(candidate, name_class, policy, reason_of(name_class.value))

    def _class_of(self, candidate: Candidate) -> NameClass:
        """What names.yaml declares the name to be, else the strongest class of its evidence.

        An internal name stays internal even where it looks like a slip in another package's name. A name that may be
        a typing error as well as a combination is what the more likely half of its evidence says.
        """
        known = self._classes.get(candidate.name)
        if known is None:
            known = self._classes[candidate.name] = self._strongest_class(candidate)
        return known

    @staticmethod
    def _strongest_class(candidate: Candidate) -> NameClass:
        strongest = candidate.name_class
        if strongest is not NameClass.TYPO or len(candidate.evidence) == 1:
            return strongest
        rates = dict.fromkeys((NameClass.TYPO, NameClass.COMBO), 0.0)
        for item in candidate.evidence:
            if item.channel is not Channel.OWNER and item.name_class in rates:
                rates[item.name_class] += math.exp(item.weight)
        return NameClass.COMBO if rates[NameClass.COMBO] > rates[NameClass.TYPO] else NameClass.TYPO

    def _by_policy(
        self, candidate: Candidate, name_class: NameClass, policy: Policy, reason: Reason, *, mode: Mode | None = None
    ) -> RouteVerdict:
        """The policy's route for a class; says so where names.yaml chose another than the default."""
        route, is_chosen = route_of(name_class, policy)
        if is_chosen:
            # What is reserved or requested tells its reasons to strangers, who don't know names.yaml.
            where = "" if route in ACTING else f" (policy.routes.{name_class})"
            text = f"{reason.text} The organization chose this route for such names{where}."
            reason = Reason(rule=reason.rule, text=text)
        if route is not Route.RESERVE:
            return RouteVerdict(route, reason)
        return self._reserve(candidate, reason, mode or mode_of(name_class, policy))

    def _wanted_always(self, candidate: Candidate, policy: Policy) -> RouteVerdict:
        item = self._always.get(candidate.name)
        reason = reason_of("always", why=f": {item.reason}" if item is not None else ".")
        mode = item.mode if item is not None else None
        if item is None or item.route is None:
            return self._by_policy(candidate, NameClass.ALWAYS, policy, reason, mode=mode)
        if item.route is not Route.RESERVE:
            return RouteVerdict(item.route, reason)
        return self._reserve(candidate, reason, mode or mode_of(NameClass.ALWAYS, policy))

    def _wanted_internal(self, candidate: Candidate, policy: Policy) -> RouteVerdict:
        item = self._internal.get(candidate.name)
        if item is None or item.ask not in ACTING:
            return self._by_policy(candidate, NameClass.INTERNAL, policy, reason_of("internal"))
        if item.ask is Route.RESERVE and find_vouching(candidate.target, self._portfolio) is None:
            return settle("internal-unvouched")
        warnings = (reason_of("makes-public"),)
        if item.ask is Route.REQUEST:
            return settle("internal-request")._replace(warnings=warnings)
        return RouteVerdict(Route.RESERVE, reason_of("internal-refuse"), item.mode or Mode.REFUSE, warnings)

    def _wanted_surface(self, candidate: Candidate, policy: Policy) -> RouteVerdict:
        package = self._packages[candidate.target]
        kind = self._surfaces[package.name].get(candidate.name)
        if kind is None or kind not in reasons.SURFACE_WORDS:
            return self._wanted_ranked(candidate, NameClass.COMBO, policy)
        facts = {"kind": reasons.SURFACE_WORDS[kind], "package": package.name}
        if not package.published:
            return settle("surface-unpublished", **facts)
        claim = self._territory.claim(candidate.name)
        # What old releases show needs no word that is the organization's alone.
        shared = self._territory.shared_word(candidate.name, package.name) if claim.standing is not None else ""
        token = claim.part or shared
        if claim.whose is Whose.OURS and token:
            reason = reason_of("surface", token=token, **facts)
        elif kind is not SurfaceKind.ALIAS and claim.whose is not Whose.OURS and claim.standing is None:
            return settle("surface-unread", **facts)
        elif candidate.name in package.confirmed:
            reason = reason_of("surface-confirmed", **facts)
        else:
            # A person isn't asked for a word that would change nothing.
            obstacle = self._territory.find_obstacle(candidate.name, target=package.name, if_confirmed=True)
            return settle("surface-unconfirmed", **facts) if obstacle is None else _refuse(obstacle)
        return self._by_policy(candidate, NameClass.SURFACE, policy, reason)

    def _wanted_ranked(self, candidate: Candidate, name_class: NameClass, policy: Policy) -> RouteVerdict:
        """Names that names.yaml doesn't declare: typing errors, and a name with a word added or dropped."""
        target = candidate.target
        is_below = candidate.score.value < policy.threshold
        is_habit = not is_below and candidate.score.without(Channel.OWNER) < policy.threshold
        if is_habit or all(item.channel is Channel.OWNER for item in candidate.evidence):
            return settle("owner-habit")
        if not self._packages[target].published:
            return settle("target-unpublished", target=target)
        rule = "typo" if name_class is NameClass.TYPO else "combo"
        if is_below:
            return settle(f"{rule}-below-threshold")
        if rule == "combo" and not self._territory.claim(candidate.name).part:
            return settle("combo-without-brand")
        if rule == "combo" and only_adds_python(candidate.name, target):
            return self._by_policy(candidate, NameClass.TYPO, policy, reason_of("python-word", target=target))
        return self._by_policy(candidate, name_class, policy, reason_of(rule, target=target))

    def _reserve(self, candidate: Candidate, reason: Reason, mode: Mode) -> RouteVerdict:
        """RESERVE in a mode that harms nothing, or WATCH where there is none."""
        package = self._packages[candidate.target]
        if not package.published:
            # Nothing shows that what isn't on the index is ours, so nothing could be sent around it.
            return settle("target-unpublished", target=package.name)
        is_surface = candidate.name in self._surfaces[package.name]
        collides = names.module_name(candidate.name).lower() in self._own_modules
        if mode is Mode.SIGNPOST and (is_surface or collides):
            mode = Mode.REDIRECT
        warnings = [reason_of("redirect-teaches")] if mode is Mode.REDIRECT else []
        if not is_surface:
            # However it came here, by a wish, an observation or the ranking: no package of ours ever bore the name.
            warnings.append(reason_of("index-may-remove"))
        return RouteVerdict(Route.RESERVE, reason, mode, tuple(warnings))

    @cached_property
    def _own_modules(self) -> frozenset[str]:
        return taken_modules(self._portfolio)

    # ----------------------------------------------------------------- what stands against it

    def _guarded(self, candidate: Candidate, check: NameCheck, wanted: RouteVerdict) -> RouteVerdict:
        """`wanted`, unless it acts on a name that is unknown, or isn't ours by what the index shows."""
        if wanted.route not in ACTING:
            return wanted
        if check.availability is not Availability.UNREGISTERED:
            return settle("unknown", route=wanted.route)
        obstacle = self._obstacle(candidate.name, target=candidate.target)
        if obstacle is not None:
            return _refuse(obstacle)
        return wanted

    # ----------------------------------------------------------------- why this name

    def _evidence_reasons(self, candidate: Candidate) -> tuple[Reason, ...]:
        """Why this name, strongest first, in few sentences: placeholders and letters carry them.

        What names.yaml declares speaks for itself; of the rest, only what was seen is added to it.
        """
        is_confusable = self._class_of(candidate) in _RANKED
        # The first reason of such a name says all that its evidence would.
        is_confusable = is_confusable and not only_adds_python(candidate.name, candidate.target)
        kept = [item for item in candidate.evidence if is_confusable or item.name_class is NameClass.OBSERVED]
        kept.sort(key=lambda item: (-item.weight, item.technique, item.detail))
        return tuple(itertools.islice(dict.fromkeys(map(reasons.evidence_reason, kept)), reasons.EVIDENCE_SHOWN))


def _refuse(obstacle: Reason) -> RouteVerdict:
    """What becomes of a name against which something stands."""
    return RouteVerdict(Route.NONE if obstacle.rule == "others-territory" else Route.WATCH, obstacle)

"""What each candidate needs: exactly one route, with the reasons that a person reads beside it.

    candidates + what the index would answer + portfolio + ledger -> assessments

Every candidate comes out, under one route (docs/explanation/routes.md lists the rule ids); nothing is dropped here.
The steps are asked in a fixed order and the first that knows the answer gives it, so a route has one cause.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from packaging.utils import NormalizedName

from namehold import names
from namehold.candidates import Candidate, Channel
from namehold.index import Availability, NameCheck, Outcome, SnapshotView, TypoCorpus, TypoFlag
from namehold.ledger import Holdings
from namehold.plan.model import Assessment, Reason
from namehold.plan.reasons import (
    COMBO_BELOW,
    COMBO_WITHOUT_BRAND,
    EVIDENCE_REASONS,
    INTERNAL_TEXT,
    KIND_WORDS,
    NO_BRAND_WARNING,
    OURS_TEXT,
    OUTCOME_REASONS,
    OWNER_HABIT,
    PROTECTED_RULES,
    PUBLIC_WARNING,
    REDIRECT_WARNING,
    REMOVAL_WARNING,
    SETTLED_REASONS,
    TYPO_BELOW,
    Verdict,
    evidence_text,
    protection_reason,
)
from namehold.plan.routes import ACTING, mode_of, route_of
from namehold.plan.territory import Territory, surface_names
from namehold.portfolio import Mode, NameClass, Policy, Portfolio, Route, taken_modules

#: From this many names of strangers with a brand on, the brand is an open plug-in ecosystem (`flask-*`): a name with
#: it is as likely to be somebody's honest plug-in.
OPEN_ECOSYSTEM_NAMES: Final = 5


def assess(
    candidates: Iterable[Candidate],
    *,
    portfolio: Portfolio,
    checks: Mapping[NormalizedName, NameCheck],
    holdings: Holdings,
    territory: Territory,
    view: SnapshotView | None,
    corpus: TypoCorpus | None = None,
) -> tuple[Assessment, ...]:
    """Every candidate, in the given order, under exactly one route of the portfolio's own policy (see `Assessor`)."""
    assessor = Assessor(
        portfolio, checks=checks, holdings=holdings, territory=territory, view=view, corpus=corpus or TypoCorpus(())
    )
    return assessor.assess(candidates, portfolio.policy)


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
        self._always = {item.name: item for item in portfolio.always}
        self._observed = {item.name for item in portfolio.observed}
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
        self._facts: dict[NormalizedName, Verdict | None] = {}
        self._flagged: dict[NormalizedName, tuple[TypoFlag, ...]] = {}
        self._obstacles: dict[NormalizedName, Reason | None] = {}
        self._strangers: dict[str, int] = {}

    def assess(self, candidates: Iterable[Candidate], policy: Policy) -> tuple[Assessment, ...]:
        """Every candidate, in the given order, under exactly one route with at least one reason.

        Raises KeyError if a candidate has no check, or points to a package that the portfolio doesn't have.
        """
        return tuple(self._assess(candidate, policy) for candidate in candidates)

    def _assess(self, candidate: Candidate, policy: Policy) -> Assessment:
        check = self._checks[candidate.name]
        verdict = self._fact(candidate.name, check)
        if verdict is None:
            verdict = self._guarded(candidate, check, self._wanted(candidate, policy))
        elif verdict.reason.rule in OURS_TEXT:
            check = dataclasses.replace(check, availability=Availability.OURS)
        if verdict.route not in ACTING:
            return Assessment(candidate=candidate, check=check, route=verdict.route, reasons=(verdict.reason,))
        flags = self._flags(candidate.name)
        return Assessment(
            candidate=candidate,
            check=dataclasses.replace(check, flagged_as=flags) if flags else check,
            route=verdict.route,
            reasons=(verdict.reason, *self._evidence_reasons(candidate)),
            mode=verdict.mode if verdict.route is Route.RESERVE else None,
            warnings=(
                *verdict.warnings,
                *(
                    Reason(
                        rule="index-will-flag",
                        text=f"The index's background check {flag.check} will tell its administrators: {flag.matched}.",
                    )
                    for flag in flags
                ),
            ),
        )

    def _flags(self, name: NormalizedName) -> tuple[TypoFlag, ...]:
        if name not in self._flagged:
            self._flagged[name] = tuple(
                TypoFlag(check=check, matched=NormalizedName(matched)) for check, matched in self._corpus.flags(name)
            )
        return self._flagged[name]

    def _fact(self, name: NormalizedName, check: NameCheck) -> Verdict | None:
        if name not in self._facts:
            self._facts[name] = self._settled_by_fact(name, check)
        return self._facts[name]

    # ----------------------------------------------------------------- what policy can't change

    def _settled_by_fact(self, name: NormalizedName, check: NameCheck) -> Verdict | None:
        """The route of a name on which nothing is left to decide."""
        if name in self._packages:
            return Verdict(Route.NONE, Reason(rule="own-project", text="One of the organization's own projects."))
        if name in self._held:
            return Verdict(Route.NONE, Reason(rule="held", text="Held already; the ledger has the proof."))
        if name in self._unproved:
            text = "Sent already; the next run asks the index what became of it."
            return Verdict(Route.NONE, Reason(rule="held-unproved", text=text))
        if name in self._settled:
            return self._settled_by_ledger(self._settled[name])
        if name in self._prohibited:
            return Verdict(*SETTLED_REASONS[Outcome.REFUSED_PROHIBITED])
        if check.availability in {Availability.TAKEN, Availability.FOREIGN, Availability.OURS}:
            return self._taken(name)
        if check.protection in PROTECTED_RULES:
            return Verdict(Route.PROTECTED, protection_reason(check))
        return self._covered(name) or self._declined(name)

    @staticmethod
    def _settled_by_ledger(outcome: str) -> Verdict:
        if outcome in SETTLED_REASONS:
            return Verdict(*SETTLED_REASONS[outcome])
        if outcome in OUTCOME_REASONS:
            text = f"The index's answer to our own upload was {outcome}; a person looks at the receipt first."
            return Verdict(Route.NONE, Reason(rule="refused", text=text))
        text = f"The ledger has the last word ({outcome}): a name that was held and is gone is never planned again."
        return Verdict(Route.NONE, Reason(rule="settled", text=text))

    def _taken(self, name: NormalizedName) -> Verdict:
        verdict = self._look_alikes.get(name)
        if verdict is None:
            return Verdict(Route.NONE, Reason(rule="taken", text="Registered already; the holder was not looked up."))
        note = f": {verdict.note}" if verdict.note else ""
        text = f"Held by a stranger and judged to imitate {verdict.package} on {verdict.date}{note}."
        return Verdict(Route.FLAG, Reason(rule="look-alike", text=text))

    def _covered(self, name: NormalizedName) -> Verdict | None:
        for grant in self._portfolio.namespaces:
            if name == grant.prefix or name.startswith(f"{grant.prefix}-"):
                text = f"The organization's namespace {grant.prefix} covers it since {grant.since} (PEP 752)."
                return Verdict(Route.NAMESPACE, Reason(rule="namespace-grant", text=text))
        return None

    def _declined(self, name: NormalizedName) -> Verdict | None:
        item = self._never.get(name)
        if item is None:
            return None
        return Verdict(Route.NONE, Reason(rule="never", text=f"names.yaml says never: {item.reason}"))

    # ----------------------------------------------------------------- what policy wants

    def _wanted(self, candidate: Candidate, policy: Policy) -> Verdict:
        """The route that the class of the name takes under the policy, before anything that stands against it."""
        name_class = self._class_of(candidate)
        if name_class is NameClass.INTERNAL:
            return self._wanted_internal(candidate, policy)
        if name_class is NameClass.FUTURE:
            text = "A future project: publish a first real release; a placeholder would only be in its way."
            return self._by_policy(candidate, name_class, policy, Reason(rule="future", text=text))
        if name_class is NameClass.ALWAYS:
            return self._wanted_always(candidate, policy)
        if name_class is NameClass.OBSERVED:
            text = "Models or people were seen to ask for it."
            return self._by_policy(candidate, name_class, policy, Reason(rule="observed", text=text))
        if name_class is NameClass.SURFACE:
            return self._wanted_surface(candidate, policy)
        return self._wanted_ranked(candidate, name_class, policy)

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
        if strongest is not NameClass.TYPO:
            return strongest
        rates = dict.fromkeys((NameClass.TYPO, NameClass.COMBO), 0.0)
        for item in candidate.evidence:
            if item.channel is not Channel.OWNER and item.name_class in rates:
                rates[item.name_class] += math.exp(item.weight)
        return NameClass.COMBO if rates[NameClass.COMBO] > rates[NameClass.TYPO] else NameClass.TYPO

    def _by_policy(
        self, candidate: Candidate, name_class: NameClass, policy: Policy, reason: Reason, *, mode: Mode | None = None
    ) -> Verdict:
        """The policy's route for a class; says so where names.yaml chose another than the default."""
        route, is_chosen = route_of(name_class, policy)
        if is_chosen:
            text = f"{reason.text} names.yaml chose '{route}' for this class (policy.routes.{name_class})."
            reason = Reason(rule=reason.rule, text=text)
        if route is not Route.RESERVE:
            return Verdict(route, reason)
        return self._reserve(candidate, reason, mode or mode_of(name_class, policy))

    def _wanted_always(self, candidate: Candidate, policy: Policy) -> Verdict:
        item = self._always.get(candidate.name)
        if item is None:
            reason = Reason(rule="always", text="names.yaml lists it under always.")
            return self._by_policy(candidate, NameClass.ALWAYS, policy, reason)
        reason = Reason(rule="always", text=f"names.yaml asks for it: {item.reason}")
        if item.route is None:
            return self._by_policy(candidate, NameClass.ALWAYS, policy, reason, mode=item.mode)
        if item.route is not Route.RESERVE:
            return Verdict(item.route, reason)
        return self._reserve(candidate, reason, item.mode or mode_of(NameClass.ALWAYS, policy))

    def _wanted_internal(self, candidate: Candidate, policy: Policy) -> Verdict:
        item = self._internal.get(candidate.name)
        if item is None or item.ask not in ACTING:
            reason = Reason(rule="internal", text=INTERNAL_TEXT)
            return self._by_policy(candidate, NameClass.INTERNAL, policy, reason)
        warnings: tuple[Reason, ...] = (PUBLIC_WARNING,)
        if not any(self._territory.own_token(candidate.name, package) for package in self._packages):
            warnings += (NO_BRAND_WARNING,)
        if item.ask is Route.REQUEST:
            text = "An internal name that names.yaml asks to have prohibited, by name."
            return Verdict(Route.REQUEST, Reason(rule="internal-request", text=text), None, warnings)
        text = "An internal name that names.yaml asks to hold, by name; installing it stops with an explanation."
        return Verdict(Route.RESERVE, Reason(rule="internal-refuse", text=text), item.mode or Mode.REFUSE, warnings)

    def _wanted_surface(self, candidate: Candidate, policy: Policy) -> Verdict:
        package = self._packages[candidate.target]
        kind = self._surfaces[package.name].get(candidate.name)
        if kind is None or kind not in KIND_WORDS:
            return self._wanted_ranked(candidate, NameClass.COMBO, policy)
        called = f"The {KIND_WORDS[kind]} of {package.name}"
        if not package.published:
            text = f"{called}, which isn't published: there is nothing to lead people to yet."
            return Verdict(Route.NONE, Reason(rule="surface-unpublished", text=text))
        token = self._territory.own_token(candidate.name, package.name)
        if token is not None:
            reason = Reason(rule="surface", text=f"{called}; it carries its own word '{token}'.")
        elif candidate.name in package.confirmed:
            reason = Reason(rule="surface-confirmed", text=f"{called}; a person confirmed it.")
        else:
            text = (
                f"{called}, but without a word of its own, so it may as well be somebody else's: "
                f"a person must confirm it in names.yaml (the key 'confirmed' of {package.name})."
            )
            return Verdict(Route.WATCH, Reason(rule="surface-unconfirmed", text=text))
        return self._by_policy(candidate, NameClass.SURFACE, policy, reason)

    def _wanted_ranked(self, candidate: Candidate, name_class: NameClass, policy: Policy) -> Verdict:
        """Names that nobody declared: typing errors, and a name with a word added or dropped."""
        target = candidate.target
        is_habit = candidate.score.without(Channel.OWNER) < policy.threshold <= candidate.score.value
        if is_habit or all(item.channel is Channel.OWNER for item in candidate.evidence):
            return OWNER_HABIT
        if not self._packages[target].published:
            text = f"{target} isn't published: there is nothing to take this name for yet."
            return Verdict(Route.WATCH, Reason(rule="target-unpublished", text=text))
        is_typo = name_class is NameClass.TYPO
        if candidate.score.value < policy.threshold:
            return TYPO_BELOW if is_typo else COMBO_BELOW
        if not is_typo and self._territory.own_token(candidate.name, target) is None:
            return COMBO_WITHOUT_BRAND
        text = (
            f"A likely typing error for {target}."
            if is_typo
            else f"{target} with a word that people or models add or drop; not observed so far."
        )
        reason = Reason(rule="typo" if is_typo else "combo", text=text)
        verdict = self._by_policy(candidate, name_class, policy, reason)
        if verdict.route is not Route.RESERVE:
            return verdict
        return verdict._replace(warnings=(*verdict.warnings, REMOVAL_WARNING))

    def _reserve(self, candidate: Candidate, reason: Reason, mode: Mode) -> Verdict:
        """RESERVE in a mode that harms nothing, or WATCH where there is none."""
        package = self._packages[candidate.target]
        is_surface = candidate.name in self._surfaces[package.name]
        collides = names.module_name(candidate.name).lower() in self._own_modules
        if mode is Mode.SIGNPOST and (is_surface or collides) and package.published:
            mode = Mode.REDIRECT
        if mode is Mode.REDIRECT and not package.published:
            mode = Mode.SIGNPOST
        if mode is Mode.SIGNPOST and collides:
            text = (
                "A signpost's module would stand in the way of a real one, and there is no project to lead people to."
            )
            return Verdict(Route.WATCH, Reason(rule="module-collision", text=text))
        return Verdict(Route.RESERVE, reason, mode, (REDIRECT_WARNING,) if mode is Mode.REDIRECT else ())

    @cached_property
    def _own_modules(self) -> frozenset[str]:
        return taken_modules(self._portfolio)

    # ----------------------------------------------------------------- what stands against it

    def _guarded(self, candidate: Candidate, check: NameCheck, wanted: Verdict) -> Verdict:
        """`wanted`, unless it acts on a name that is unknown, somebody else's, or one of an open ecosystem's."""
        if wanted.route not in ACTING:
            return wanted
        if check.availability is not Availability.UNREGISTERED:
            text = f"No complete list of the index's names says whether it exists; with one, it may be {wanted.route}."
            return Verdict(Route.WATCH, Reason(rule="unknown", text=text))
        obstacle = self._obstacle(candidate)
        if obstacle is not None:
            return Verdict(Route.NONE if obstacle.rule == "others-territory" else Route.WATCH, obstacle)
        if wanted.route is Route.RESERVE:
            return self._open_ecosystem(candidate) or wanted
        return wanted

    def _obstacle(self, candidate: Candidate) -> Reason | None:
        name = candidate.name
        if name not in self._obstacles:
            is_typo = candidate.name_class is NameClass.TYPO
            self._obstacles[name] = self._territory.find_obstacle(name, target=candidate.target, is_typo=is_typo)
        return self._obstacles[name]

    def _open_ecosystem(self, candidate: Candidate) -> Verdict | None:
        """WATCH for a brand with a role noun, unobserved, where strangers publish plug-ins under that brand."""
        is_combo = any(item.name_class is NameClass.COMBO for item in candidate.evidence)
        is_observed = candidate.name in self._observed
        if not is_combo or is_observed or candidate.name in self._surfaces.get(candidate.target, {}):
            return None
        words = candidate.name.split("-")
        brand = next((token for token in self._territory.own_tokens(candidate.target) if token in words), None)
        if brand is None or self._count_strangers(brand) < OPEN_ECOSYSTEM_NAMES:
            return None
        text = f"Strangers publish {OPEN_ECOSYSTEM_NAMES} names or more with '{brand}': it may be an honest plug-in's."
        return Verdict(Route.WATCH, Reason(rule="open-ecosystem", text=text))

    def _count_strangers(self, brand: str) -> int:
        """How many names of strangers carry `brand`, counted no farther than the rule needs."""
        if brand not in self._strangers:
            ours = {name for name in self._held | self._packages.keys() if brand in name}
            limit = OPEN_ECOSYSTEM_NAMES + len(ours)
            listed = self._view.containing(brand, limit=limit) if self._view is not None else ()
            self._strangers[brand] = sum(name not in ours for name in listed)
        return self._strangers[brand]

    # ----------------------------------------------------------------- why this name

    def _evidence_reasons(self, candidate: Candidate) -> tuple[Reason, ...]:
        """Why this name, strongest first, in few sentences: placeholders and letters carry them.

        What names.yaml declares speaks for itself; of the rest, only what was seen is added to it.
        """
        is_confusable = self._class_of(candidate) in {NameClass.TYPO, NameClass.COMBO}
        kept = [item for item in candidate.evidence if is_confusable or item.name_class is NameClass.OBSERVED]
        kept.sort(key=lambda item: (-item.weight, item.technique, item.detail))
        reasons = dict.fromkeys(Reason(rule=f"evidence-{item.technique}", text=evidence_text(item)) for item in kept)
        return tuple(itertools.islice(reasons, EVIDENCE_REASONS))

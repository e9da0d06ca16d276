"""Why a name takes its route: every rule id with its sentence, and the route of the rules that settle one.

    settle("held")                                    # the verdict: Route.NONE, because it is held already
    reason_of("typo", target="acme-tool")             # a sentence; the policy gives the route

Reasons of names that are reserved or requested stand in placeholders, registers and letters: they say nothing about
names.yaml and its keys. docs/explanation/routes.md lists the rule ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from namehold.candidates import Candidate, Clue, may_be_next
from namehold.index import Outcome
from namehold.index.rules import NameCheck, Protection
from namehold.plan.model import Reason
from namehold.portfolio import Mode, Route, SurfaceKind
from namehold.text import visible

#: Pieces of evidence that a person reads beside a name; `explain` shows all.
EVIDENCE_SHOWN: Final = 3

#: First reasons that say that the organization holds the name.
OURS_RULES: Final = frozenset({"own-project", "held", "held-unproved"})

#: What a surface is called, of the kinds that make their own name worth a reservation.
SURFACE_WORDS: Final[Mapping[SurfaceKind, str]] = {
    SurfaceKind.IMPORT: "import name",
    SurfaceKind.NAMESPACE: "import name",
    SurfaceKind.COMMAND: "command",
    SurfaceKind.ALIAS: "other name",
    SurfaceKind.FORMER: "former name",
}

#: Reasons that only names.yaml gives: readers elsewhere are told that they are the organization's statement.
_STATED: Final = frozenset(
    {
        "observed",
        "always",
        "surface-confirmed",
        "internal-request",
        "internal-refuse",
        "look-alike",
        "namespace-grant",
        *(f"evidence-{word}" for word in ("observed", "always", "internal", "future")),
    }
)

#: Rule of a confusable name to which the budget gives no slot -> the rule that made it one.
_BASE_RULES: Final[Mapping[str, str]] = {f"{rule}-no-slot": rule for rule in ("typo", "python-word", "combo")}

_BELOW: Final = "Below policy.threshold: worth watching, not worth a slot or anybody's time today."

#: Rules that settle the route by themselves, by that route; texts are format strings.
_SETTLING: Final[Mapping[Route, Mapping[str, str]]] = {
    Route.NONE: {
        "own-project": "One of the organization's own projects.",
        "held": "Held already; the ledger has the proof.",
        "held-unproved": "Sent already; the next run asks the index what became of it.",
        "settled": "The ledger has the last word ({outcome}): a name that was held and is gone is never planned again.",
        "refused": "The index's answer to our own upload was {outcome}; a person looks at the receipt first.",
        "taken": "Registered already; the holder was not looked up.",
        "never": "names.yaml says never: {why}",
        "unrelated": "A person judged that it is others' name and has nothing to do with the packages.",
        "surface-unpublished": "The {kind} of {package}, which isn't published: there is nothing to lead people to "
        "yet.",
    },
    Route.FLAG: {
        "look-alike": "Held by others; a person judged on {verdict.date} that it is taken for {verdict.package}{note}."
    },
    Route.NAMESPACE: {
        "namespace-grant": "The organization's namespace {grant.prefix} covers it since {grant.since} (PEP 752)."
    },
    Route.REQUEST: {"internal-request": "An internal name of the organization, which asks to have it prohibited."},
    Route.WATCH: {
        "surface-unread": "The {kind} of {package}, with a word that isn't its own; no release read yet: "
        "namehold discover {package}.",
        "surface-unconfirmed": "The {kind} of {package}, but without a word of its own, so it may belong to others: "
        "a person must confirm it in names.yaml (the key 'confirmed' of {package}).",
        "internal-unvouched": "No package of the organization is published, so nothing on the index shows whose the "
        "account is.",
        "owner-habit": "Only other owners' habit makes it worth acting on: attackers and models hardly come to such a "
        "name.",
        "target-unpublished": "{target} isn't published: there is nothing to take this name for yet. Publish a first "
        "real release; then it can be reserved.",
        "typo-below-threshold": _BELOW,
        "combo-below-threshold": _BELOW,
        "combo-without-brand": "It isn't a word of the package's own, alone or with general words, so it may belong to "
        "others.",
        "unknown": "No complete list of the index's names says whether it exists; with one, it may be {route}.",
    },
    Route.PROTECTED: {"prohibited": "The index's administrators have prohibited the name for everybody."},
}
_ROUTES: Final = {rule: (route, text) for route, texts in _SETTLING.items() for rule, text in texts.items()}

#: Reasons whose route the policy or names.yaml gives, and warnings; texts are format strings.
_TEXTS: Final[Mapping[str, str]] = {
    "future": "A future project: publish a first real release; a placeholder would only be in its way.",
    "observed": "Models or people were seen to ask for it.",
    "always": "The organization asks for it by name{why}",
    "internal": "Used only inside the organization, and publishing it would tell everybody. Protect its "
    "installation instead: pip with --index-url set to the one index that serves everything, never --extra-index-url; "
    "uv with `explicit = true` on the internal index and the package pinned to it under `tool.uv.sources`; "
    'poetry with `priority = "explicit"`.',
    "internal-refuse": "An internal name that the organization holds; installing it stops with an explanation.",
    "surface": "The {kind} of {package}; it carries its own word '{token}'.",
    "surface-confirmed": "The {kind} of {package}; a person confirmed it.",
    "typo": "A likely typing error for {target}.",
    "python-word": "{target} with a word for Python, which says the same.",
    "combo": "{target} with a word that people or models add or drop; not observed so far.",
    # Warnings.
    "redirect-teaches": "A redirect teaches the wrong name for good; it can only be withdrawn by dated versions "
    "that warn first.",
    "index-may-remove": "The index may remove a placeholder under a name that was never the organization's own.",
    "index-will-flag": "The index's background check {flag.check} will tell its administrators: {flag.matched}.",
    "may-be-next": "It may become the name of your own next version, and a prohibited name is closed to you, too: list "
    "it under `future` in names.yaml if you may want it.",
    "makes-public": "This tells everybody an internal name; it can't be taken back.",
    "claimed-only": "Only names.yaml says so: `namehold discover {target}` must find it in the index's files before "
    "it is sent.",
    "organization-lost": "Its word is the name of the organization {organization}, which the index doesn't show as the "
    "package's owner now: namehold doctor.",
    "standing-lost": "It is the organization's only by {standing.value}, which no release of {standing.package} that "
    "is old enough shows now: namehold discover {standing.package}.",
}

#: Why the index refused our own upload, and why it would refuse a name to everyone; other answers have rules above.
_REFUSED_US: Final[Mapping[str, tuple[str, str]]] = {
    Outcome.REFUSED_SIMILAR: ("refused-similar", "the name is too similar to a project"),
    Outcome.REFUSED_STDLIB: ("refused-stdlib", "a module of the standard library"),
    Outcome.REFUSED_INVALID: ("refused-invalid", "not a valid name"),
}
_REFUSED_ALL: Final[Mapping[Protection, tuple[str, str]]] = {
    Protection.INVALID: ("refused-invalid", "not a valid name"),
    Protection.STDLIB: ("refused-stdlib", "a module of Python's standard library is called so"),
    Protection.SIMILAR: ("refused-similar", "too similar to {similar}"),
}


class RouteVerdict(NamedTuple):
    """A route and what led to it. `mode` is set for RESERVE only."""

    route: Route
    reason: Reason
    mode: Mode | None = None
    warnings: tuple[Reason, ...] = ()


# Thousands of names share a few sentences: each is made once.
@cache
def settle(rule: str, **values: object) -> RouteVerdict:
    """The verdict of a rule that settles the route by itself."""
    route, text = _ROUTES[rule]
    return RouteVerdict(route, Reason(rule=rule, text=text.format_map(values)))


def settle_by_outcome(outcome: str) -> RouteVerdict:
    """What the ledger's last word on a name, an `Outcome` or how it was settled, leaves to do."""
    if outcome in _REFUSED_US:
        rule, why = _REFUSED_US[outcome]
        return RouteVerdict(Route.PROTECTED, Reason(rule=rule, text=f"The index refused our own upload: {why}."))
    if outcome == Outcome.REFUSED_PROHIBITED:
        return settle("prohibited")
    if outcome == Outcome.LOST_RACE:
        text = "A stranger registered it before our upload; the holder was not looked up."
        return RouteVerdict(Route.NONE, Reason(rule="taken", text=text))
    return settle("refused" if outcome in frozenset(Outcome) else "settled", outcome=outcome)


def settle_by_protection(check: NameCheck) -> RouteVerdict | None:
    """PROTECTED where the index refuses the name to everyone; None where it doesn't."""
    if check.protection is Protection.PROHIBITED:
        return settle("prohibited")
    if check.protection not in _REFUSED_ALL:
        return None
    rule, why = _REFUSED_ALL[check.protection]
    why = why.format(similar=", ".join(check.similar_to) or "an existing project")
    return RouteVerdict(Route.PROTECTED, Reason(rule=rule, text=f"The index refuses it to everyone: {why}."))


@cache
def reason_of(rule: str, **values: object) -> Reason:
    """The reason or warning of a rule that settles no route."""
    return Reason(rule=rule, text=_TEXTS[rule].format_map(values))


def warnings_of_request(candidate: Candidate) -> tuple[Reason, ...]:
    """What a person should know before the administrators are asked to prohibit the name for everybody."""
    return (reason_of("may-be-next"),) if may_be_next(candidate.name, candidate.target) else ()


def told_to_others(reason: Reason, organization: str, *, target: str) -> str:
    """The reason for a name around `target`, as strangers read it.

    What only names.yaml says is marked as the organization's statement; what our own budget does is left out.
    """
    if reason.rule in _BASE_RULES:
        reason = reason_of(_BASE_RULES[reason.rule], target=target)
    text = visible(reason.text)
    return f"{visible(organization)} states: {text}" if reason.rule in _STATED else text


def evidence_reason(evidence: Clue) -> Reason:
    """A piece of evidence as a sentence; what was seen carries its day."""
    day = f", {evidence.date}" if evidence.date else ""
    text = f"{evidence.detail[:1].upper()}{evidence.detail[1:]}{day}."
    return Reason(rule=f"evidence-{evidence.technique}", text=text)

"""The words and rule ids of assessments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from namehold.candidates import Clue
from namehold.index import NameCheck, Outcome, Protection
from namehold.plan.model import Reason
from namehold.portfolio import Mode, Route, SurfaceKind

#: What the ledger's last word on a name means for everybody: the index's answer to our own upload.
SETTLED_REASONS: Final[Mapping[str, tuple[Route, Reason]]] = {
    Outcome.REFUSED_SIMILAR: (
        Route.PROTECTED,
        Reason(rule="refused-similar", text="The index refused our own upload: the name is too similar to a project."),
    ),
    Outcome.REFUSED_STDLIB: (
        Route.PROTECTED,
        Reason(rule="refused-stdlib", text="The index refused our own upload: a module of the standard library."),
    ),
    Outcome.REFUSED_INVALID: (
        Route.PROTECTED,
        Reason(rule="refused-invalid", text="The index refused our own upload: not a valid name."),
    ),
    Outcome.REFUSED_PROHIBITED: (
        Route.PROTECTED,
        Reason(rule="prohibited", text="The index's administrators have prohibited the name for everybody."),
    ),
    Outcome.LOST_RACE: (
        Route.NONE,
        Reason(rule="taken", text="A stranger registered it before our upload; the holder was not looked up."),
    ),
}

OUTCOME_REASONS: Final = frozenset(Outcome)

#: Pieces of evidence that a person reads beside a name; `explain` shows all.
EVIDENCE_REASONS: Final = 3

PROTECTED_RULES: Final[Mapping[Protection, str]] = {
    Protection.INVALID: "refused-invalid",
    Protection.STDLIB: "refused-stdlib",
    Protection.SIMILAR: "refused-similar",
    Protection.PROHIBITED: "prohibited",
}

#: First reasons that say that the organization holds the name.
OURS_TEXT: Final = frozenset({"own-project", "held", "held-unproved"})

_PROTECTED_TEXTS: Final[Mapping[Protection, str]] = {
    Protection.INVALID: "The index refuses it to everyone: not a valid name.",
    Protection.STDLIB: "The index refuses it to everyone: a module of Python's standard library is called so.",
    Protection.PROHIBITED: "The index's administrators have prohibited the name for everybody.",
}

INTERNAL_TEXT: Final = (
    "Used only inside the organization, and publishing it would tell everybody. Protect its installation instead: "
    "pip with --index-url set to the one index that serves everything, never --extra-index-url; "
    "uv with `explicit = true` on the internal index and the package pinned to it under `tool.uv.sources`; "
    'poetry with `priority = "explicit"`.'
)

KIND_WORDS: Final[Mapping[SurfaceKind, str]] = {
    SurfaceKind.IMPORT: "import name",
    SurfaceKind.NAMESPACE: "import name",
    SurfaceKind.COMMAND: "command",
    SurfaceKind.ALIAS: "other name",
    SurfaceKind.FORMER: "former name",
}

REDIRECT_WARNING: Final = Reason(
    rule="redirect-teaches",
    text=("A redirect teaches the wrong name for good; it can only be withdrawn by dated versions that warn first."),
)
REMOVAL_WARNING: Final = Reason(
    rule="index-may-remove",
    text="The index may remove a placeholder under a name that was never the organization's own.",
)
PUBLIC_WARNING: Final = Reason(
    rule="makes-public", text="This tells everybody an internal name; it can't be taken back."
)
NO_BRAND_WARNING: Final = Reason(
    rule="internal-without-brand",
    text="The name doesn't carry the organization's own word; the index often gives such names to others later.",
)


class Verdict(NamedTuple):
    """A route and what led to it, before availability and territory had their say."""

    route: Route
    reason: Reason
    mode: Mode | None = None
    warnings: tuple[Reason, ...] = ()


OWNER_HABIT: Final = Verdict(
    Route.WATCH,
    Reason(
        rule="owner-habit",
        text="Only other owners' habit makes it worth acting on: attackers and models hardly come to such a name.",
    ),
)
_BELOW_TEXT: Final = "Below policy.threshold: worth watching, not worth a slot or anybody's time today."
TYPO_BELOW: Final = Verdict(Route.WATCH, Reason(rule="typo-below-threshold", text=_BELOW_TEXT))
COMBO_BELOW: Final = Verdict(Route.WATCH, Reason(rule="combo-below-threshold", text=_BELOW_TEXT))
COMBO_WITHOUT_BRAND: Final = Verdict(
    Route.WATCH,
    Reason(
        rule="combo-without-brand",
        text="Without a word of the package's own it may as well be somebody else's.",
    ),
)


def evidence_text(evidence: Clue) -> str:
    """A sentence; what was seen carries its day."""
    day = f", {evidence.date}" if evidence.date else ""
    return f"{evidence.detail[:1].upper()}{evidence.detail[1:]}{day}."


def protection_reason(check: NameCheck) -> Reason:
    """Why the index refuses the name to everyone."""
    text = _PROTECTED_TEXTS.get(check.protection)
    if text is None:
        text = (
            f"The index refuses it to everyone: too similar to {', '.join(check.similar_to) or 'an existing project'}."
        )
    return Reason(rule=PROTECTED_RULES[check.protection], text=text)

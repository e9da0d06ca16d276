"""What of a placeholder a person approves, and the values that change by themselves, which an approval freezes.

    parts_of(action, portfolio, renderer)   # (file, sha256), without the values below
    freeze(action, holdings, ...)           # the action with the values that its approval froze

A review date moves on at New Year, the version of namehold with an upgrade, and the figures of evidence with each
observation. None of them changes what a person decided, so the approved digest leaves them out. What is built after an
approval has the values of the approval. All other text stays inside: other words of a template ask again.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final

from namehold.documents import digest
from namehold.ledger import Approval, FrozenAction
from namehold.plan.model import Action, Reason, Renderer
from namehold.portfolio import Portfolio

#: What an action carries in its digest: `reservation.json` shows the digest, and with it these values.
CARRIED: Final = ("name", "target", "mode", "version", "reasons", "review_date")

#: First words of the rules under which a reason tells evidence.
_EVIDENCE: Final = "evidence-"
#: A figure that stands alone: a count, a date, a chance. Digits in a name (`jinja2`, `acme-2`) are none.
_FIGURE: Final = re.compile(r"(?<![\w.-])\d[\d.,:/-]{0,40}%?(?![\w-])")
#: Stands for every version of namehold.
_TOOL: Final = re.compile(r"namehold \d[0-9A-Za-z.+-]{0,40}")
_ANY_TOOL: Final = "namehold 0"
_ANY_DAY: Final = dt.date(2000, 1, 1)


def with_digest(action: Action) -> Action:
    """The action with the digest over what its placeholder carries of it."""
    return replace(action, digest=digest({key: getattr(action, key) for key in CARRIED}))


def without_figures(action: Action) -> Action:
    """The action with fixed values for everything that changes by itself; its place in the plan is left out, too."""
    reasons = tuple(
        replace(reason, text=_FIGURE.sub("0", reason.text)) if reason.rule.startswith(_EVIDENCE) else reason
        for reason in action.reasons
    )
    first, others = reasons[:1], sorted(reasons[1:], key=lambda reason: (reason.rule, reason.text))
    plain = replace(
        action,
        ordinal=0,
        day=0,
        score=0.0,
        gain=0.0,
        warnings=(),
        flagged_as=(),
        reasons=(*first, *others),
        review_date=_ANY_DAY,
        tool=_ANY_TOOL if _TOOL.fullmatch(action.tool) else action.tool,
        tree_digest="" if action.parts else action.tree_digest,
    )
    return with_digest(plain)


def parts_of(action: Action, portfolio: Portfolio, renderer: Renderer) -> tuple[tuple[str, str], ...]:
    """Each file of the placeholder with the sha256 of its text, without the figures. Raises TemplateError."""
    tree = renderer.render(without_figures(action), portfolio)
    return tuple((file.path, digest(file.text)) for file in tree.files)


def frozen_of(action: Action, own_digest: str) -> FrozenAction:
    """What an approval keeps of an action; `own_digest` is the approved digest of the action alone."""
    return FrozenAction(
        name=action.name,
        digest=own_digest,
        review_date=action.review_date,
        tool=action.tool,
        reasons=tuple((reason.rule, reason.text) for reason in action.reasons),
        parts=action.parts,
    )


def thaw(action: Action, approval: Approval | None) -> Action:
    """The action with the values that its approval froze; as it is where there is no such approval."""
    frozen = approval.frozen if approval is not None else None
    if frozen is None:
        return action
    return with_digest(
        replace(
            action,
            review_date=frozen.review_date,
            tool=frozen.tool,
            reasons=tuple(Reason(rule=rule, text=text) for rule, text in frozen.reasons),
        )
    )


def changed_files(action: Action, frozen: FrozenAction) -> tuple[str, ...]:
    """The files of the placeholder whose words aren't those that were approved, sorted."""
    return tuple(sorted({path for path, _ in set(action.parts) ^ set(frozen.parts)}))

"""A file that never arrived is built again, and sent if it is the one that the ledger tells of.

    files = build_again(intent, plans=(plan, fresh_plan), holdings=holdings, portfolio=portfolio, edges=edges)

Only bytes with the digests that the ledger has are ever sent under them. What an action needs to give them once more is
in the plan, or in what its approval froze.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from namehold.errors import BuildError
from namehold.ledger import HeldName, Holdings, Intent
from namehold.plan import Action, Plan, Reason
from namehold.portfolio import Portfolio
from namehold.publish.first_byte import Edges
from namehold.publish.outbox import build_files


def build_again(
    intent: Intent, *, plans: Iterable[Plan], holdings: Holdings, portfolio: Portfolio, edges: Edges
) -> tuple[tuple[str, str], ...]:
    """All files of the intent's version, in the outbox; none unless each has a digest that `intent.files` tell.

    Raises MachineError where they can't be written.
    """
    for action in _actions_of(intent, plans, holdings):
        try:
            built = build_files(action, portfolio, renderer=edges.renderer, builder=edges.builder, outbox=edges.outbox)
        except BuildError:
            # The templates, or names.yaml, don't give this placeholder any more.
            continue
        pairs = tuple((item.filename, item.sha256) for item in built)
        if set(pairs) <= set(intent.files):
            return pairs
    return ()


def intent_of(held: HeldName, *, time: dt.datetime) -> Intent | None:
    """What would be sent of a held name of which files are missing; None for one that namehold didn't make."""
    if held.mode is None or not held.action_digest or not held.unsent:
        return None
    return Intent(
        name=held.name,
        target=held.target,
        mode=held.mode,
        version=held.version,
        files=held.files,
        action_digest=held.action_digest,
        withdraw_on=held.withdraw_on,
        time=time,
    )


def _actions_of(intent: Intent, plans: Iterable[Plan], holdings: Holdings) -> Iterator[Action]:
    """The actions that may give the intent's files: planned ones, then those that its approvals tell of."""
    planned = (action for plan in plans for action in plan.actions if action.name == intent.name)
    yield from (action for action in planned if action.digest == intent.action_digest)
    for approval in reversed(holdings.approvals):
        frozen = approval.frozen
        if frozen is not None and frozen.name == intent.name:
            yield Action(
                ordinal=0,
                day=0,
                name=intent.name,
                target=intent.target,
                mode=intent.mode,
                version=intent.version,
                reasons=tuple(Reason(rule=rule, text=text) for rule, text in frozen.reasons),
                warnings=(),
                flagged_as=(),
                review_date=frozen.review_date,
                score=0.0,
                gain=0.0,
                digest=intent.action_digest,
                withdraw_on=intent.withdraw_on,
                tool=frozen.tool,
            )

"""What one run did, and the exit code that says so.

result = carry_out(plan, fresh_plan=..., portfolio=..., edges=Edges(...))
result.exit_code
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from packaging.utils import NormalizedName

from namehold.errors import ExitCode
from namehold.ledger import Receipt
from namehold.ownership import OwnershipProof
from namehold.publish.outcomes import FAILED
from namehold.publish.stops import Stop
from namehold.upkeep import Drift


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyResult:
    """What one run did. `waiting` are planned names that are neither held nor settled, in the plan's order.

    `next_slot` is when the next new project may be created, if the run waits for that.
    `is_narrowed` tells whether every upload carried a token of its own; None if nothing was uploaded.
    `unproved` are the packages around which nothing was sent, because their proof failed just now.
    `lost` are names of which nothing arrived and that wait to be sent again.
    `drift` is what the index showed before the first byte of names that are held, and that isn't as it should be.
    """

    index: str
    action_digest: str
    receipts: tuple[Receipt, ...]
    waiting: tuple[NormalizedName, ...]
    stopped: Stop | None = None
    next_slot: dt.datetime | None = None
    is_narrowed: bool | None = None
    unproved: tuple[OwnershipProof, ...] = ()
    lost: tuple[NormalizedName, ...] = ()
    drift: tuple[Drift, ...] = ()

    @property
    def has_sent(self) -> bool:
        """Whether anything was uploaded."""
        return self.is_narrowed is not None

    @property
    def exit_code(self) -> ExitCode:
        """13 before 12 before 11 before 0; a stop with a code of its own (credentials, index) is that code.

        11: a package isn't proved to be ours, and waiting alone doesn't change that; or a held name isn't as it was.
        """
        if self.stopped is not None and self.stopped.exit_code is not ExitCode.QUOTA:
            return self.stopped.exit_code
        if any(receipt.outcome in FAILED for receipt in self.receipts):
            return ExitCode.PARTLY_FAILED
        if self.stopped is not None and self.stopped.exit_code is ExitCode.QUOTA:
            return ExitCode.QUOTA
        is_fine = not self.drift and all(proof.is_only_young for proof in self.unproved)
        return ExitCode.DONE if is_fine else ExitCode.FINDINGS

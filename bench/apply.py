"""How fast names are reserved on the rehearsal index without a quota, beside plain `twine upload` of the same files.

    python -m bench.apply --count 50

Prints one JSON object: seconds, uploads and names a second of `apply` (with every look at the index, a token for each
upload, the ledger on disk) and of one `twine upload` of all the files; the seconds of `apply` that are building; the
peak of resident memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from packaging.utils import NormalizedName
from tests.harness.values import bare_plan

from namehold import rehearsal
from namehold.documents import digest
from namehold.index.access.http import HttpIndex
from namehold.index.access.tokens import NarrowingTokens
from namehold.index.access.upload import TwineUploader
from namehold.index.model import Outcome, Quota, Token
from namehold.ledger.file import Ledger
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.render import Templates
from namehold.plan.model import Action, Plan, Reason
from namehold.portfolio.model import Account, Mode, Organization, Portfolio
from namehold.portfolio.packages import Package
from namehold.publish.apply import carry_out
from namehold.publish.first_byte import Edges

_NO_QUOTA = Quota(limit=999_999, window_s=1)
_TARGET = NormalizedName("acme-tool")
_PORTFOLIO = Portfolio(
    organization=Organization(name="Acme Robotics", contact="security@acme.example", homepage="https://acme.example/"),
    account=Account(index="rehearsal", username="acme"),
    packages=(Package(name=_TARGET, spelled=str(_TARGET)),),
)
_TODAY = dt.date(2026, 11, 22)
_AGE_OF_TARGET_S = 2 * 366 * 86_400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50, help="names to reserve (default: 50)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), options.count), indent=1))


def measure(folder: Path, count: int) -> dict[str, object]:
    with running_index() as index:
        templates = Templates(None, index.profile)
        plan = make_plan(count, templates)
        started = time.perf_counter()
        reserve(plan, index, templates, folder)
        ours = time.perf_counter() - started
        uploads = len(index.state.uploads)
    dist = folder / "dist"
    started = time.perf_counter()
    for action in plan.actions:
        PlaceholderBuilder().build(templates.render(action, _PORTFOLIO), dist)
    building = time.perf_counter() - started
    with running_index() as index:
        started = time.perf_counter()
        upload_with_twine(index, dist)
        theirs = time.perf_counter() - started
        if len(index.state.uploads) != uploads:
            sys.exit("both ways must send the same files")
    return {
        "names": count,
        "uploads": uploads,
        "apply_seconds": round(ours, 2),
        "apply_uploads_per_second": round(uploads / ours, 1),
        "of_which_building_seconds": round(building, 2),
        "twine_upload_seconds": round(theirs, 2),
        "twine_uploads_per_second": round(uploads / theirs, 1),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


@contextmanager
def running_index() -> Iterator[rehearsal.RunningIndex]:
    """An index without a quota, on which the target is the account's and old enough."""
    clock = rehearsal.SteppedClock()
    with rehearsal.start(
        clock=clock, user_quota=_NO_QUOTA, address_quota=_NO_QUOTA, users=["acme"], owned={_TARGET: "acme"}
    ) as index:
        clock.advance(_AGE_OF_TARGET_S)
        yield index


def make_plan(count: int, templates: Templates) -> Plan:
    bare = [placeholder(number) for number in range(1, count + 1)]
    actions = tuple(replace(item, tree_digest=templates.render(item, _PORTFOLIO).digest) for item in bare)
    return bare_plan(_PORTFOLIO, actions, quota=_NO_QUOTA, as_of=_TODAY, templates=templates.digest)


def placeholder(number: int) -> Action:
    return Action(
        ordinal=number,
        day=1,
        name=NormalizedName(f"acme-tool-{number}"),
        target=_TARGET,
        mode=Mode.REDIRECT,
        version="0.0.1",
        reasons=(Reason(rule="bench", text="a name for a measurement"),),
        warnings=(),
        flagged_as=(),
        review_date=dt.date(2027, 12, 31),
        score=0.5,
        gain=0.5,
        digest=digest(number),
    )


def reserve(plan: Plan, index: rehearsal.RunningIndex, templates: Templates, folder: Path) -> None:
    with (
        HttpIndex(index.profile, contact="security@acme.example", sleep=index.clock.advance) as reader,
        Ledger.open(
            folder / "ledger.jsonl", index="rehearsal", username="acme", organization="Acme", time=index.clock.now()
        ) as ledger,
    ):
        result = carry_out(
            plan,
            fresh_plan=plan,
            portfolio=_PORTFOLIO,
            edges=Edges(
                profile=index.profile,
                reader=reader,
                web=reader,
                uploader=TwineUploader(index.profile),
                tokens=NarrowingTokens(Token(index.mint_token("acme"))),
                ledger=ledger,
                renderer=templates,
                builder=PlaceholderBuilder(),
                clock=index.clock,
                outbox=folder / "outbox",
                sleep=index.clock.advance,
            ),
        )
    if result.waiting or any(receipt.outcome is not Outcome.HELD for receipt in result.receipts):
        sys.exit(f"not everything is held: {result.stopped}")


def upload_with_twine(index: rehearsal.RunningIndex, dist: Path) -> None:
    """`twine upload` of all files in one call, as a person would type it."""
    subprocess.run(
        [sys.executable, "-m", "twine", "upload", "--disable-progress-bar", "--non-interactive", *dist.iterdir()],
        env={
            "TWINE_USERNAME": "__token__",
            "TWINE_PASSWORD": index.mint_token("acme"),
            "TWINE_REPOSITORY_URL": index.upload_url,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        },
        stdout=subprocess.DEVNULL,
        check=True,
    )


if __name__ == "__main__":
    main()

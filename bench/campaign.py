"""A campaign of 1,525 reservations from one account, four a day, on an embedded index that misbehaves.

    python -m bench.campaign --names 1525 --seed 1

First it prints how the default routes, the default budget and the hard ceilings divide an invented portfolio: a public
index would never see more than 100 names of one account. Then the ceilings, which bind public indexes only, are out of
the way for an index that lives in this process and ends with it. No key of names.yaml, flag or environment variable
does that: it takes a Budget made in code. 1,525 is the size of a batch of well-meant names that the index's
administrators removed in 2025; it isn't a way to work, and this shows only that nothing breaks if they did.

Prints one JSON object: simulated days, real seconds, uploads, requests by method, faults by kind, what was lost to
rivals and administrators, breaches of what must always hold (none), whether the ledger verifies, and peak resident
memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import NormalizedName

from namehold.candidates.weights import load_weights
from namehold.candidates.wordlists import general_words
from namehold.index.model import Outcome, Quota
from namehold.index.profiles import profile
from namehold.ledger.file import read
from namehold.ledger.fold import fold_events
from namehold.ledger.model import Holdings, Receipt
from namehold.placeholder.build import PlaceholderBuilder
from namehold.placeholder.render import Templates
from namehold.plan.make import make_plan
from namehold.plan.model import Plan
from namehold.portfolio.model import (
    MAX_NAMES_A_PACKAGE,
    MAX_NAMES_AN_ACCOUNT,
    Account,
    Budget,
    Organization,
    Policy,
    Portfolio,
    Route,
)
from namehold.portfolio.packages import Package, Surface, SurfaceKind
from namehold.publish.rehearse import rehearse_plan
from namehold.rehearsal.faults import DEFAULT_RATES, Fault, Faults, FaultyApplication
from namehold.snapshot.file import Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_QUOTA = Quota(limit=4, window_s=86_400)
_DAY_ONE = dt.date(2026, 1, 5)

#: As in every rehearsal, but for two kinds. A quota of one a day would only make the campaign longer, and a network's
#: log-in page once in a hundred requests, in runs of some hundred requests, would end nearly every run.
_RATES = {**DEFAULT_RATES, Fault.QUOTA_CHANGED: 0.002, Fault.PORTAL: 0.001}

_ROBOTS = (
    *("arm", "gripper", "rover", "drone", "lidar", "torque", "servo", "gantry", "winch", "conveyor"),
    *("welder", "picker", "sorter", "lifter", "crawler"),
)
_PARTS = ("planner", "driver", "control", "vision", "telemetry")
#: What each package is also called, by kind of surface.
_SURFACES = {
    SurfaceKind.IMPORT: ("{}_core", "{}_api", "{}_sdk", "{}_models"),
    SurfaceKind.COMMAND: ("{}ctl", "{}-run", "{}-shell", "{}-top", "{}-log", "{}-sim"),
    SurfaceKind.ALIAS: ("py-{}", "{}-client", "{}-tools", "{}-kit", "{}-suite"),
    SurfaceKind.FORMER: ("{}-classic", "{}-legacy", "{}-ng", "{}-old", "{}-beta", "{}-labs"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", type=int, default=1525, help="how many names are reserved (default: 1525)")
    parser.add_argument("--seed", type=int, default=1, help="which faults befall which request (default: 1)")
    options = parser.parse_args()
    owned = invent_portfolio()
    divided = {
        "budget by default": divide(owned, Budget()),
        "hard ceilings": divide(owned, Budget(total=MAX_NAMES_AN_ACCOUNT, per_package=MAX_NAMES_A_PACKAGE)),
    }
    print(json.dumps({"divided": divided}, indent=1), file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({"divided": divided} | measure(owned, options.names, options.seed, Path(folder)), indent=1))


def invent_portfolio() -> Portfolio:
    """75 packages of an organization that doesn't exist, with 21 surfaces each."""
    packages = tuple(
        Package(
            name=NormalizedName(f"acme-{robot}-{part}"),
            spelled=f"acme-{robot}-{part}",
            surfaces=tuple(
                Surface(kind=kind, value=text.format(f"acme-{robot}-{part}"), source="invented")
                for kind, texts in _SURFACES.items()
                for text in texts
            ),
        )
        for robot in _ROBOTS
        for part in _PARTS
    )
    return Portfolio(
        organization=Organization(
            name="Acme Robotics", contact="security@acme.example", homepage="https://acme.example/"
        ),
        account=Account(index="rehearsal", username="acme"),
        packages=packages,
        # Everything that is the organization's own, however small its gain: a stress test wants many names.
        policy=Policy(threshold=0.0, candidates=20),
        demo=True,
    )


def plan_for(owned: Portfolio, budget: Budget) -> Plan:
    names = [package.name for package in owned.packages]
    return make_plan(
        replace(owned, budget=budget),
        view=Snapshot.of(names, index="rehearsal", source="invented", taken=_DAY_ONE),
        holdings=Holdings(),
        renderer=Templates(None, profile("testpypi")),
        weights=load_weights(),
        popular={},
        dictionary=frozenset(),
        general=general_words(),
        as_of=_DAY_ONE,
        quota=_QUOTA,
    )


def divide(owned: Portfolio, budget: Budget) -> dict[str, object]:
    """How routes and budget divide the portfolio's names."""
    plan = plan_for(owned, budget)
    routes = {str(route): len(plan.by_route(route)) for route in Route if plan.by_route(route)}
    keys = sorted({item.key for item in plan.deferred})
    return {
        "total": budget.total,
        "per_package": budget.per_package,
        "routes": routes,
        "reserved now": len(plan.actions),
        "days": max((action.day for action in plan.actions), default=0),
        "deferred": {key: sum(item.key == key for item in plan.deferred) for key in keys},
    }


def count_requests() -> Counter[str]:
    """Every request that the embedded index gets from now on, by its method."""
    counted: Counter[str] = Counter()
    answer = FaultyApplication.__call__

    def count(self: FaultyApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        counted[environ["REQUEST_METHOD"]] += 1
        return answer(self, environ, start_response)

    FaultyApplication.__call__ = count  # type: ignore[method-assign]
    return counted


def measure(owned: Portfolio, names: int, seed: int, folder: Path) -> dict[str, object]:
    owned = replace(owned, budget=Budget(total=names, per_package=names))
    plan = plan_for(owned, owned.budget)
    requests = count_requests()
    started = time.perf_counter()
    told = [0]

    def tell(_: object) -> None:
        told[0] += 1
        if told[0] % 100 == 0:
            print(f"{told[0]} receipts after {time.perf_counter() - started:.0f} s", file=sys.stderr)

    result = rehearse_plan(
        plan,
        portfolio=owned,
        view=None,
        renderer=Templates(None, profile("testpypi")),
        builder=PlaceholderBuilder(),
        folder=folder / "campaign",
        faults=Faults(seed=seed, rates=_RATES, slow_s=0.0),
        report=tell,
    )
    seconds = time.perf_counter() - started
    reading = read(next((folder / "campaign").glob("ledger-*.jsonl")))
    ends: dict[str, int] = {}
    for receipt in result.receipts:
        ends[receipt.outcome] = ends.get(receipt.outcome, 0) + 1
    return {
        "names": len(plan.actions),
        "simulated_days": round((result.ends - result.begins) / dt.timedelta(days=1), 1),
        "runs": len(result.runs),
        "real_seconds": round(seconds, 1),
        "held": len(result.held),
        "lost_to_rivals_and_administrators": len(result.lost),
        "waiting": list(result.waiting),
        "last_receipts": ends,
        "uploads": result.uploads,
        "different_files": result.files,
        "slots_spent": result.slots_spent,
        "requests": dict(requests),
        "requests_a_name": round(requests.total() / names, 1),
        "faults": dict(result.faults),
        "faults_in_all": sum(times for _, times in result.faults),
        "breaches": list(result.breaches),
        "ledger_events": len(reading.events),
        "ledger_verifies": not reading.torn and fold_events(reading.events).head == reading.head,
        "every_held_name_has_a_receipt": set(result.held)
        <= {
            event.value.name
            for event in reading.events
            if isinstance(event.value, Receipt) and event.value.outcome is Outcome.HELD
        },
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()

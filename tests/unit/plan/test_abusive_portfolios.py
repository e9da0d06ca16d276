"""More than thirty portfolios that want strangers' names: nothing is reserved, requested or open to a letter.

Each is tried three ways: as a plan, as a plan file that was written by hand and is applied, and by what would stand
against a letter about each of its names.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from packaging.utils import NormalizedName
from tests.harness.applying import make_plan as plan_written_by_hand
from tests.harness.values import AS_OF, PROFILE, PlainRenderer, name
from tests.unit.plan.test_territory import acted_on, owned_by, owning, plan, shown, territory

from namehold.ledger import Holdings
from namehold.ownership.prove import OwnershipProof
from namehold.plan.checks.guards import find_plan_refusals
from namehold.portfolio import Evidence, Observation, Portfolio, Surface, SurfaceKind

#: Projects that few people know; the list has them, ranks have not.
UNKNOWN = (
    "weird-converter adblock-decoder taxonomy-resolver conductor-py sashimi-cli borealis paypal coinbase netflix meadow"
)
PROTECTIVE = "policy: {name: protective, threshold: 0.0}\n"


@dataclass(frozen=True, kw_only=True)
class Abuse:
    """names.yaml without its head, and the strangers' names that it is about."""

    text: str
    wanted: str
    organization: str = "Harbour Works"
    evidence: tuple[Observation, ...] = ()
    proofs: tuple[OwnershipProof, ...] = ()
    releases: Mapping[NormalizedName, tuple[Surface, ...]] = field(default_factory=dict)

    @property
    def portfolio(self) -> Portfolio:
        owned = owning(self.text + PROTECTIVE, organization=self.organization)
        return owned.with_evidence(Evidence(observations=self.evidence))

    @property
    def names(self) -> list[str]:
        return self.wanted.split()


def listed(names: str) -> str:
    return f"[{', '.join(names.split())}]"


def always(names: str, package: str, route: str = "reserve") -> str:
    rows = (f"  - {{name: {n}, package: {package}, reason: ours, route: {route}}}\n" for n in names.split())
    return "always:\n" + "".join(rows)


def observed(names: str, package: str, count: int = 50) -> str:
    row = "  - {{name: {}, package: {}, source: ten models, date: 2026-10-01, count: {}, of: 50}}\n"
    return "observed:\n" + "".join(row.format(n, package, count) for n in names.split())


def told(names: str, package: str, kind: SurfaceKind) -> tuple[Observation, ...]:
    return tuple(
        Observation(
            name=name(n), package=name(package), source="a transcript", date=AS_OF, kind=kind,
            count=1000, of=1000, runs=10, of_runs=10, prompts=90, of_prompts=90,
        )
        for n in names.split()
    )  # fmt: skip


YOUNG = AS_OF - dt.timedelta(days=30)
OLD = AS_OF - dt.timedelta(days=2000)
TYPOS = "flassk scipyy matplotlibb sqlalchemyy pillowe requestz beautifulsoop4 djang0"
BRANDS = "stripe-payouts django-adminx-client fastapi-server numpy-sdk requests-cli python-pandas pydantic-client"
NEIGHBOURS = "weird-convertre adblock-decodr taxonomy-resolvr conductor-pi borealiss"
ADDED = "weird-converter-cli adblock-decoder-sdk python-borealis paypal-sdk netflix-client coinbase-cli"

PORTFOLIOS: Mapping[str, Abuse] = {
    "typing errors as commands": Abuse(
        text=f"packages: [{{name: zq9-junk, commands: {listed(TYPOS)}, confirmed: {listed(TYPOS)}}}]\n", wanted=TYPOS
    ),
    "typing errors as modules": Abuse(
        text=f"packages: [{{name: zq9-junk, imports: {listed(TYPOS)}, confirmed: {listed(TYPOS)}}}]\n", wanted=TYPOS
    ),
    "typing errors as former names and repositories": Abuse(
        text=f"packages: [{{name: zq9-junk, former: {listed(TYPOS)}, repositories: {listed(TYPOS)}}}]\n", wanted=TYPOS
    ),
    "typing errors as extras and aliases": Abuse(
        text=f"packages: [{{name: zq9-junk, extras: {listed(TYPOS)}, aliases: {listed(TYPOS)}}}]\n", wanted=TYPOS
    ),
    "typing errors as namespaces and entry points": Abuse(
        text=f"packages: [{{name: zq9-junk, namespaces: {listed(TYPOS)}, entry_points: {listed(TYPOS)}}}]\n",
        wanted=TYPOS,
    ),
    "typing errors that old releases install as commands": Abuse(
        text=f"packages: [{{name: zq9-junk, commands: {listed(TYPOS)}, confirmed: {listed(TYPOS)}}}]\n",
        wanted=TYPOS,
        releases={name("zq9-junk"): tuple(shown(SurfaceKind.COMMAND, n, OLD) for n in TYPOS.split())},
    ),
    "neighbours that a young release installs": Abuse(
        text=f"packages: [{{name: zq9-junk, commands: {listed(NEIGHBOURS)}, confirmed: {listed(NEIGHBOURS)}}}]\n",
        wanted=NEIGHBOURS,
        releases={name("zq9-junk"): tuple(shown(SurfaceKind.COMMAND, n, YOUNG) for n in NEIGHBOURS.split())},
    ),
    "a release that shows another kind than is claimed": Abuse(
        text=f"packages: [{{name: zq9-junk, commands: {listed(NEIGHBOURS)}}}]\n",
        wanted=NEIGHBOURS,
        releases={name("zq9-junk"): tuple(shown(SurfaceKind.EXTRA, n, OLD) for n in NEIGHBOURS.split())},
    ),
    "releases of a package that isn't the portfolio's": Abuse(
        text=f"packages: [{{name: zq9-junk, commands: {listed(NEIGHBOURS)}}}]\n",
        wanted=NEIGHBOURS,
        releases={name("zq9-other"): tuple(shown(SurfaceKind.COMMAND, n, OLD) for n in NEIGHBOURS.split())},
    ),
    "brands under always": Abuse(text="packages: [zq9-junk]\n" + always(BRANDS, "zq9-junk"), wanted=BRANDS),
    "brands under always, to be prohibited": Abuse(
        text="packages: [zq9-junk]\n" + always(BRANDS, "zq9-junk", "request"), wanted=BRANDS
    ),
    "brands that many were seen to ask for, and confirmed": Abuse(
        text=f"packages: [{{name: zq9-junk, confirmed: {listed(BRANDS)}}}]\n" + observed(BRANDS, "zq9-junk"),
        wanted=BRANDS,
    ),
    "brands in evidence of models": Abuse(
        text="packages: [zq9-junk]\n",
        wanted=BRANDS,
        evidence=told(BRANDS, "zq9-junk", SurfaceKind.PROBED),
    ),
    "brands in documents that praise them": Abuse(
        text="packages: [zq9-junk]\n",
        wanted=ADDED,
        evidence=told(ADDED, "zq9-junk", SurfaceKind.DOCUMENTED),
    ),
    "a brand as the organization's name": Abuse(
        text="packages: [zq9-junk]\n" + always("netflix-client netflix-sdk netflix-metrics", "zq9-junk"),
        wanted="netflix-client netflix-sdk netflix-metrics python-netflix",
        organization="Netflix",
    ),
    "a brand as the organization's legal name and account": Abuse(
        text="packages: [zq9-junk]\n" + always("borealis-sdk borealis-client", "zq9-junk"),
        wanted="borealis-sdk borealis-client borealis-cli",
        organization="Borealis Ltd",
    ),
    "an organization on the index that is called as a stranger's project": Abuse(
        text="packages: [quayline]\n" + always("coinbase-sdk coinbase-cli", "quayline"),
        wanted="coinbase-sdk coinbase-cli python-coinbase",
        proofs=(owned_by("coinbase"),),
    ),
    "brands as companions": Abuse(
        text="packages: [{name: zq9-junk, companions: [numpy, pandas, django, paypal]}]\n" + always(ADDED, "zq9-junk"),
        wanted=f"{ADDED} numpy-django pandas-numpy",
    ),
    "brands as names to come and as internal ones": Abuse(
        text=f"packages: [zq9-junk]\nfuture: {listed(ADDED)}\ninternal: [{{name: stripe-payouts, ask: refuse}}]\n",
        wanted=f"{ADDED} stripe-payouts",
    ),
    "internal names near strangers, to be prohibited": Abuse(
        text="packages: [zq9-junk]\ninternal:\n"
        + "".join(f"  - {{name: {n}, ask: request}}\n" for n in NEIGHBOURS.split()),
        wanted=NEIGHBOURS,
    ),
    "packages that aren't published yet": Abuse(
        text="packages: [zq9-junk, {name: paypal-kit, published: false}, {name: netflixx, published: false}]\n",
        wanted="paypal-sdk python-paypal netflix-cli",
    ),
    "a namespace grant for a stranger's prefix": Abuse(
        text=f"packages: [zq9-junk]\nnamespaces: [{{prefix: paypal, since: 2026-01-01}}]\n{always(ADDED, 'zq9-junk')}",
        wanted=ADDED,
    ),
    "misspelled projects and their right names": Abuse(
        text="packages: [pytorhc-zq9, djagno-zq9, weird-convertre-zq9]\n"
        + always("pytorch-zq9 django-zq9 weird-converter-zq9", "pytorhc-zq9"),
        wanted="pytorch-zq9 django-zq9 weird-converter-zq9 pytorc-zq9",
    ),
    "two steps: a project near a stranger's, then the name between": Abuse(
        text="packages: [weird-convertrr, adblock-decodrer]\n"
        + always("weird-convertr weird-converterr adblock-decoderr", "weird-convertrr"),
        wanted="weird-convertr weird-converterr adblock-decoderr",
    ),
    "a project that carries a stranger's word": Abuse(
        text="packages: [zq9-borealis, paypal-zq9]\n" + always("borealis-sdk paypal-sdk borealis-cli", "zq9-borealis"),
        wanted="borealis-sdk paypal-sdk borealis-cli python-borealis",
    ),
    "brands run together with general words": Abuse(
        text="packages: [zq9-junk]\n" + always("pyborealiss djangosdkk paypalcli netflixclient", "zq9-junk"),
        wanted="pyborealiss djangosdkk paypalcli netflixclient",
    ),
    "brands run together in misspelled projects": Abuse(
        text="packages: [djagnozq9, zq9numppy]\n" + always("djangozq9 zq9numpy", "djagnozq9"),
        wanted="djangozq9 zq9numpy",
    ),
    "two packages that bear a stranger's whole name": Abuse(
        text="packages: [zq9-borealis, borealis-zq9]\n",
        wanted="borealis-mcp python-borealis pyborealis my-borealis borealis-sdk",
    ),
    "general words run together with a stranger's project": Abuse(
        text="packages: [weird-converter-zq9, zq9-adblock-decoder]\n"
        + always("pyweird-converter adblock-decoderpy", "weird-converter-zq9"),
        wanted="pyweird-converter libweird-converter weird-converterpy libadblock-decoder adblock-decoderpy",
    ),
    "general words within the names of packages": Abuse(
        text="packages: [python-paypal-zq9, python-weird-convertre-zq9, zq9-adblock-decodre-tools]\n",
        wanted="python-paypal python-weird-converter adblock-decoder-tools zq9-adblock-decoder",
    ),
    "a word of the language beside its misspelled form": Abuse(
        text="packages: [paeonyy-tools, python-meaodw, zq9-meaodw-client]\n", wanted="meadow-client python-meadow"
    ),
    "other short words beside a stranger's word of the language": Abuse(
        text="packages: [zq-meadow, meadow-zq]\n", wanted="meadow-ai meadow-py my-meadow"
    ),
    "words of the language": Abuse(
        text="packages: [{name: zq9-junk, commands: [gardener, meadow], confirmed: [gardener, meadow]}]\n"
        + always("gardener meadow", "zq9-junk"),
        wanted="gardener meadow",
    ),
    "a number of users that would outrank the stranger": Abuse(
        text="packages: [{name: numpyy, users: 1.0e+6}, {name: borealiss, users: 1.0e+6}]\n"
        + always("numpyyy borealisss numpy-cli numpyi", "numpyy"),
        wanted="numpy-cli numpyi",
    ),
    "every route and mode in policy": Abuse(
        text=f"packages: [{{name: zq9-junk, aliases: {listed(NEIGHBOURS)}, confirmed: {listed(NEIGHBOURS)}}}]\n"
        + always(NEIGHBOURS, "zq9-junk")
        + observed(ADDED, "zq9-junk"),
        wanted=f"{NEIGHBOURS} {ADDED}",
    ),
    "verdicts about the strangers": Abuse(
        text="packages: [zq9-junk]\nlook_alikes:\n"
        + "".join(f"  - {{name: {n}, package: zq9-junk, date: 2026-10-01}}\n" for n in ("borealis", "paypal"))
        + always("borealis-sdk paypal-sdk", "zq9-junk", "request"),
        wanted="borealis-sdk paypal-sdk borealiss",
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", list(PORTFOLIOS))
def test_an_abuser_gets_no_plan_no_apply_and_no_letter(which: str) -> None:
    abuse = PORTFOLIOS[which]
    owned = abuse.portfolio
    made = territory(owned, *UNKNOWN.split(), proofs=abuse.proofs, releases=abuse.releases)
    target = owned.packages[0].name
    open_to_letters = [text for text in abuse.names if made.find_obstacle(name(text), target=target) is None]
    assert open_to_letters == []

    assert acted_on(plan(owned, releases=abuse.releases, proofs=abuse.proofs, strangers=UNKNOWN), abuse.names) == {}

    forged = plan_written_by_hand(abuse.names, PlainRenderer())
    forged = replace(forged, actions=tuple(replace(action, target=target) for action in forged.actions))
    found = find_plan_refusals(forged, portfolio=owned, holdings=Holdings(), profile=PROFILE, territory=made)
    refused = {word for item in found for word in re.findall(r"[a-z0-9-]+", item.message)}
    assert set(abuse.names) <= refused

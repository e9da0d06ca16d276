"""What a mentioned name is, and what to write instead."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from namehold.portfolio import Portfolio
from namehold.portfolio.read import read_portfolio
from namehold.scan import Judge, Judgement, Use, Verdict
from namehold.snapshot import Snapshot

_NAMES = """\
organization: {name: Acme Robotics, contact: "https://acme-robotics.dev/security"}
account: {index: pypi, username: acme-reserve}
packages:
  - {name: acme-tool, imports: [acme_toolbox], commands: [acmectl, acmerun]}
  - borealis-engine
  - {name: acme-next, published: false}
  - zeta
internal: [acme-inner]
look_alikes: [{name: totally-other, package: acme-tool, date: 2026-11-01}]
unrelated: [acme-tooI]
"""
_LISTED = [
    *("acme-tool", "borealis-engine", "zeta", "requests", "acme-tols", "acme-tooi", "borealis-engin", "zeto"),
    *("tool-acme", "acme-tool-client", "totally-other", "acme-run", "django"),
]


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return read_portfolio(_NAMES.encode(), path="names.yaml").portfolio


def snapshot(*, complete: bool = True) -> Snapshot:
    names = [canonicalize_name(name) for name in _LISTED]
    return Snapshot.of(names, index="pypi", source="x", taken=dt.date(2026, 11, 28), complete=complete)


def use(name: str, **more: Any) -> Use:
    return Use(name=canonicalize_name(name), line=1, column=1, carrier="markdown", **more)


JUDGED = {
    "acme-tool": (Verdict.OURS, ""),
    "requests": (Verdict.UNRELATED, ""),
    # Two edits from a name of nine letters, one from a longer one; a short name isn't mistaken.
    "acme-tols": (Verdict.LOOK_ALIKE, "acme-tool"),
    "borealis-engin": (Verdict.LOOK_ALIKE, "borealis-engine"),
    "zeto": (Verdict.UNRELATED, ""),
    "tool-acme": (Verdict.LOOK_ALIKE, "acme-tool"),
    "acme-run": (Verdict.LOOK_ALIKE, "acme-tool"),
    # The package's name and another word: plug-ins are called so.
    "acme-tool-client": (Verdict.UNRELATED, ""),
    # A person's verdicts.
    "acme-tooi": (Verdict.UNRELATED, ""),
    "totally-other": (Verdict.LOOK_ALIKE, "acme-tool"),
    # Anybody's to take.
    "acme-toolz": (Verdict.UNREGISTERED, "acme-tool"),
    "acmectl": (Verdict.UNREGISTERED, "acme-tool"),
    "acme-toolbox": (Verdict.UNREGISTERED, "acme-tool"),
    "my-acme-tool": (Verdict.UNREGISTERED, "acme-tool"),
    "reqests": (Verdict.UNREGISTERED, "requests"),
    "something-else": (Verdict.UNREGISTERED, ""),
    "acme-next": (Verdict.UNREGISTERED, ""),
    "acme-inner": (Verdict.UNREGISTERED, ""),
    # Refused to everyone: the similarity key of a project, and a module of the standard library.
    "acmetool": (Verdict.REFUSED, "acme-tool"),
    "req-uests": (Verdict.REFUSED, "requests"),
    "urllib": (Verdict.REFUSED, ""),
}


@pytest.mark.parametrize("name", JUDGED)
def test_a_name_is_judged_by_portfolio_and_list(name: str, portfolio: Portfolio) -> None:
    said = Judge(portfolio, view=snapshot()).of(use(name))
    assert (said.verdict, said.instead) == JUDGED[name]


@pytest.mark.parametrize("view", [None, snapshot(complete=False)], ids=["no list", "a part of the list"])
def test_without_a_complete_list_an_unseen_name_is_unverified(view: Snapshot | None, portfolio: Portfolio) -> None:
    judge = Judge(portfolio, view=view)
    assert judge.of(use("something-else")).verdict is Verdict.UNVERIFIED
    assert judge.of(use("acme-tool")).verdict is Verdict.OURS


def test_a_held_name_is_ours(portfolio: Portfolio) -> None:
    held = canonicalize_name("acmectl")
    assert Judge(portfolio, view=snapshot(), held=[held]).of(use("acmectl")) == Judgement(verdict=Verdict.OURS)


def test_a_name_with_a_source_of_its_own_is_private(portfolio: Portfolio) -> None:
    judge = Judge(portfolio, view=snapshot(), is_index=lambda address: "index.example" in address)
    for name in ("acme-inner", "something-else"):
        assert judge.of(use(name, source="https://pkgs.acme.example/simple")).verdict is Verdict.PRIVATE
        assert judge.of(use(name, source="https://index.example/simple")).verdict is Verdict.UNREGISTERED


def test_an_import_is_known_by_the_portfolio_or_by_the_table_and_else_unverified(portfolio: Portfolio) -> None:
    judge = Judge(portfolio, view=snapshot(), modules={"acme_tols_lib": canonicalize_name("acme-tols")})
    ours, known, unknown = (use(module, module=module) for module in ("acme_toolbox", "acme_tols_lib", "something"))
    assert (judge.name_of(ours), judge.of(ours).verdict) == ("acme-tool", Verdict.OURS)
    assert (judge.name_of(known), judge.of(known).verdict) == ("acme-tols", Verdict.LOOK_ALIKE)
    assert judge.of(unknown).verdict is Verdict.UNVERIFIED


def test_without_a_portfolio_nothing_is_ours() -> None:
    judge = Judge(None, view=snapshot())
    assert judge.of(use("acme-tool")).verdict is Verdict.UNRELATED
    assert judge.of(use("reqests")) == Judge(None, view=snapshot()).of(use("reqests"))

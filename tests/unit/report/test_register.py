"""The public register says what the ledger proves, hides what is still open, and can be checked by anyone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any

import pytest
from packaging.utils import NormalizedName
from tests.harness.values import NOON, every_route_plan, held, name

from namehold import documents
from namehold.errors import Diagnostic
from namehold.index.model import IndexFile, Outcome, Ownership, ProjectState, Role
from namehold.ledger.model import Holdings, LedgerEvent, LetterAnswer, LetterKind, Receipt, SentLetter
from namehold.plan.model import Reason
from namehold.portfolio.model import Account, Organization, Portfolio, Route
from namehold.report.register import (
    Register,
    RegisterStanding,
    digest_open_names,
    find_register_faults,
    make_register,
    render_register,
    unknown_of,
)

HEAD = "sha256:" + "0b" * 32
PORTFOLIO = Portfolio(
    organization=Organization(
        name="Acme Robotics",
        contact="security@acme.example",
        homepage="https://acme.example",
        index_organization="acme",
    ),
    account=Account(index="pypi", username="acme-names"),
    packages=(),
)
GRANTED = SentLetter(
    kind=LetterKind.PROHIBIT,
    digest="sha256:" + "0c" * 32,
    names=(name("acme-tol"),),
    sent=dt.date(2026, 9, 2),
    answers=((name("acme-tol"), LetterAnswer.GRANTED, dt.date(2026, 10, 1)),),
)
HOLDINGS = Holdings(
    index="pypi",
    username="acme-names",
    head=HEAD,
    held=(held("acme-cli"),),
    prohibited=(name("acme-tol"), name("acme-gone"), name("acme-refused")),
    letters=(GRANTED,),
)
REFUSED = LedgerEvent(
    sequence=3,
    kind="receipt",
    value=Receipt(
        name=name("acme-refused"),
        target=name("acme-tool"),
        outcome=Outcome.REFUSED_PROHIBITED,
        message="",
        action_digest="",
        time=NOON,
    ),
    previous="",
    digest="",
)


def register(holdings: Holdings = HOLDINGS, *, salt: str = "salt") -> Register:
    return make_register(
        PORTFOLIO,
        holdings,
        [REFUSED],
        plan=every_route_plan(),
        salt=salt,
        today=dt.date(2026, 11, 4),
        tool="namehold 0.1.0",
    )


def test_what_names_yaml_says_of_a_held_name_stays_out_of_it() -> None:
    plan = every_route_plan()
    never = Reason(rule="never", text="names.yaml says never: a partner's name")
    assessments = tuple(
        item.changed(route=Route.NONE, reasons=(never,)) if item.candidate.name == "acme-cli" else item
        for item in plan.assessments
    )
    made = make_register(
        PORTFOLIO,
        HOLDINGS,
        [REFUSED],
        plan=dataclasses.replace(plan, assessments=assessments),
        salt="salt",
        today=dt.date(2026, 11, 4),
        tool="namehold 0.1.0",
    )
    assert made.held[0].why == "acme-cli for acme-tool."
    assert "names.yaml" not in render_register(made)


def state(text: str, *, sha256: str = "f1" * 32, user: str = "acme-names", exists: bool = True) -> ProjectState:
    files = (IndexFile(filename=f"{text.replace('-', '_')}-0.0.1.tar.gz", sha256=sha256),)
    return ProjectState(
        name=name(text),
        exists=exists,
        files=files if exists else (),
        ownership=Ownership(roles=(Role(role="Owner", user=user),)) if exists else None,
    )


#: What the placeholder's own file says.
SAYS: Mapping[str, object] = {"name": "acme-cli", "target": "acme-tool", "organization": {"name": "Acme Robotics"}}


def find_faults(
    made: Register,
    *,
    holdings: Holdings | None = HOLDINGS,
    heads: tuple[str, ...] = (HEAD,),
    states: tuple[ProjectState, ...] = (),
    page: str | None = "",
    reservations: Mapping[str, Mapping[str, object]] = MappingProxyType({"acme-cli": SAYS}),
) -> tuple[Diagnostic, ...]:
    return find_register_faults(
        made,
        page=render_register(made) if page == "" else page,
        holdings=holdings,
        heads=heads,
        states={item.name: item for item in states},
        reservations={name(text): says for text, says in reservations.items()},
        shows_ownership=True,
    )


def faults(made: Register, **given: Any) -> set[str]:
    return {item.rule for item in find_faults(made, **given)}


def test_it_lists_what_is_held_and_what_is_prohibited_with_why_and_since_when() -> None:
    made = register()

    (cli,) = made.held
    assert (cli.name, cli.target, cli.since) == ("acme-cli", "acme-tool", dt.date(2026, 11, 2))
    assert "a command of acme-tool" in cli.why
    assert cli.files == held("acme-cli").files
    assert {item.name: item.since for item in made.prohibited} == {
        "acme-tol": dt.date(2026, 10, 1),
        "acme-refused": dt.date(2026, 11, 2),
    }
    assert made.ledger_head == HEAD


def test_a_name_that_merely_vanished_is_not_called_prohibited() -> None:
    assert "acme-gone" not in {item.name for item in register().names}


def test_open_names_are_a_count_and_a_salted_digest_and_nothing_else() -> None:
    made = register()
    document, page = documents.dump("register", made), render_register(made)

    open_names = ["acmetools", "acme-robotics", "acme-sdk", "acme-robotcs-sdk", "acme-tooa"]
    assert made.open_names == 16
    assert not [text for text in open_names if text in document or text in page]
    assert made.open_digest != register(salt="other").open_digest
    assert made.open_digest in page


def test_whoever_gets_the_salt_and_the_names_can_check_the_digest() -> None:
    names = [name("acme-b"), name("acme-a")]

    assert digest_open_names(names, salt="s") == digest_open_names(names[::-1], salt="s")
    assert digest_open_names(names, salt="s") != digest_open_names(names[:1], salt="s")


def test_the_document_is_read_back_as_it_was_written() -> None:
    made = register()
    text = documents.dump("register", made)

    assert json.loads(text)["schema"] == "namehold/register/1"
    assert documents.load("register", Register, text, path="register.json") == made


def test_without_a_plan_it_still_lists_what_the_ledger_proves() -> None:
    made = make_register(
        PORTFOLIO, HOLDINGS, [], plan=None, salt="s", today=dt.date(2026, 11, 4), tool="namehold 0.1.0"
    )

    assert [item.name for item in made.held] == ["acme-cli"]
    assert made.held[0].why == "Easily taken for acme-tool."
    assert made.open_names == 0


def test_an_empty_register_says_so() -> None:
    assert "None yet." in render_register(dataclasses.replace(register(), names=()))


class Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 -- the signature is html.parser's
        self.tags.append(tag)


def test_the_page_says_how_to_ask_for_a_name_and_loads_nothing() -> None:
    page = render_register(register())

    assert "write to security@acme.example" in page
    assert "within 14 days" in page
    assert not {"script", "img", "link", "iframe", "form"} & set(Elements(page).tags)


def test_hostile_text_stays_text() -> None:
    organization = dataclasses.replace(PORTFOLIO.organization, name="</title><script>alert(1)</script>\u202e")
    made = dataclasses.replace(register(), organization=organization.name)

    tags = Elements(render_register(made)).tags

    assert tags == Elements(render_register(register())).tags


# --------------------------------------------------------------------------- checking


def test_a_true_register_has_no_faults() -> None:
    absent = (state("acme-tol", exists=False), state("acme-refused", exists=False))

    assert faults(register(), states=(state("acme-cli"), *absent)) == set()


@pytest.mark.parametrize(
    ("shown", "rule"),
    [
        (state("acme-cli", exists=False), "register-index"),
        (state("acme-cli", user="stranger"), "register-index"),
        (state("acme-cli", sha256="00" * 32), "register-index"),
        (state("acme-tol"), "register-exists"),
    ],
)
def test_what_the_index_does_not_bear_out_is_found(shown: ProjectState, rule: str) -> None:
    assert faults(register(), states=(shown,)) == {rule}


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        (state("acme-cli", exists=False), "absent"),
        (state("acme-cli", user="stranger"), "stranger"),
        (state("acme-cli", sha256="00" * 32), "other"),
    ],
)
def test_a_reader_is_told_what_the_index_shows_of_the_name(shown: ProjectState, word: str) -> None:
    (told,) = find_faults(register(), states=(shown,))
    assert told.message == f"the index doesn't confirm that acme-cli is held: {word}"


@pytest.mark.parametrize(
    ("holdings", "rule"),
    [
        (dataclasses.replace(HOLDINGS, held=()), "register-not-held"),
        (dataclasses.replace(HOLDINGS, held=(held("acme-cli", target=NormalizedName("acme")),)), "register-differs"),
        (dataclasses.replace(HOLDINGS, held=(held("acme-cli"), held("acme-x"))), "register-missing"),
        (dataclasses.replace(HOLDINGS, prohibited=(name("acme-refused"),)), "register-not-prohibited"),
    ],
)
def test_what_the_ledger_does_not_say_is_found(holdings: Holdings, rule: str) -> None:
    assert faults(register(), holdings=holdings) == {rule}


def test_a_head_that_the_ledger_never_had_is_found() -> None:
    assert faults(register(), heads=("sha256:" + "ff" * 32,)) == {"register-head"}


def test_a_page_that_says_something_else_is_found() -> None:
    made = register()

    assert faults(made, page=render_register(made).replace("acme-cli", "acme-clu")) == {"register-page"}
    assert faults(made, page=None) == {"register-page"}


def test_without_the_ledger_the_index_alone_is_asked() -> None:
    made = register()

    assert faults(made, holdings=None, heads=()) == set()
    assert faults(made, holdings=None, heads=(), states=(state("acme-cli", user="stranger"),)) == {"register-index"}


def test_a_project_moved_into_the_organization_counts() -> None:
    moved = dataclasses.replace(state("acme-cli"), ownership=Ownership(organization="acme"))

    assert faults(register(), states=(moved,)) == set()


@pytest.mark.parametrize(
    "changed",
    [
        None,
        {"organization": {"name": "Evil Corp"}},
        {"organization": "Acme Robotics"},
        {"organization": None},
        {"name": "numpy"},
        {"target": "evil-sdk"},
        {"target": ["acme-tool"]},
    ],
)
def test_a_name_whose_own_file_does_not_say_so_is_found(changed: Mapping[str, object] | None) -> None:
    """A register may list a stranger's account and a stranger's files as the organization's."""
    says = {} if changed is None else {"acme-cli": {**SAYS, **changed}}
    shown = (state("acme-cli"),)
    assert faults(register(), states=shown, reservations=says) == {"register-reservation"}
    assert faults(register(), holdings=None, heads=(), states=shown, reservations=says) == {"register-reservation"}


def test_it_says_what_no_check_can_know() -> None:
    said = unknown_of(register())
    assert "who Acme Robotics is" in said
    assert "https://acme.example" in said
    assert "names none" in unknown_of(dataclasses.replace(register(), homepage=""))
    assert "\u202e" not in unknown_of(dataclasses.replace(register(), organization="Acme\u202e"))


def test_why_a_name_is_held_is_told_as_the_organizations_statement_where_only_names_yaml_says_it() -> None:
    plan = every_route_plan()
    seen = Reason(rule="observed", text="Models or people were seen to ask for it.")
    assessments = tuple(
        item.changed(reasons=(seen,)) if item.candidate.name == "acme-cli" else item for item in plan.assessments
    )
    made = make_register(
        PORTFOLIO, HOLDINGS, [REFUSED], plan=dataclasses.replace(plan, assessments=assessments), salt="salt",
        today=dt.date(2026, 11, 4), tool="namehold 0.1.0",
    )  # fmt: skip
    assert made.held[0].why == "Acme Robotics states: Models or people were seen to ask for it."


def test_held_wins_over_prohibited() -> None:
    both = dataclasses.replace(HOLDINGS, held=(held("acme-tol"),))

    assert {item.name: item.standing for item in register(both).names}[name("acme-tol")] is RegisterStanding.HELD

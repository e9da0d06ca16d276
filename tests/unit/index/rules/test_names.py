"""What the index would answer, rule by rule and in its order."""

from __future__ import annotations

import datetime as dt

import pytest
from packaging.utils import NormalizedName

from namehold.index.model import IndexProfile
from namehold.index.ports import SnapshotView
from namehold.index.rules.names import Availability, NameCheck, Protection, TypoCorpus, TypoFlag, check_names
from namehold.snapshot.file import Snapshot

CORPUS = TypoCorpus(["acme-tool", "requests"])


def listing(*names: str, complete: bool = True) -> Snapshot:
    return Snapshot.of(
        [NormalizedName(name) for name in names],
        index="pypi",
        source="test",
        taken=dt.date(2026, 11, 1),
        complete=complete,
    )


def check(name: str, view: SnapshotView | None, **options: object) -> NameCheck:
    (answer,) = check_names([name], view=view, corpus=CORPUS, **options)  # type: ignore[arg-type]  # options of any kind
    return answer


@pytest.mark.parametrize(
    ("name", "availability", "protection"),
    [
        ("_thread", Availability.BLOCKED, Protection.INVALID),
        ("email_mime", Availability.BLOCKED, Protection.STDLIB),
        ("Acme.Tool", Availability.TAKEN, Protection.EXISTS),
        ("acmet00l", Availability.BLOCKED, Protection.SIMILAR),
        ("acme-tol", Availability.UNREGISTERED, Protection.NONE),
    ],
)
def test_each_rule_gives_its_verdict(name: str, availability: Availability, protection: Protection) -> None:
    answer = check(name, listing("acme-tool"))
    assert (answer.availability, answer.protection) == (availability, protection)
    assert answer.name == name
    assert answer.reason.endswith(".")


def test_an_unseen_name_is_unknown_without_a_complete_list() -> None:
    assert check("acme-tol", None).availability is Availability.UNKNOWN
    assert check("acme-tol", listing("acme-tool", complete=False)).availability is Availability.UNKNOWN


def test_a_listed_or_similar_name_is_known_even_from_an_incomplete_list() -> None:
    view = listing("acme-tool", complete=False)
    assert check("acme-tool", view).availability is Availability.TAKEN
    assert check("acme-t00l", view).protection is Protection.SIMILAR


def test_a_similar_name_says_to_what() -> None:
    answer = check("acmet00l", listing("acme-tool", "a-cmetool", "other"))
    assert answer.similar_to == ("a-cmetool", "acme-tool")
    assert "'a-cmetool' and 1 more" in answer.reason


def test_a_prohibited_name_is_blocked_before_similarity_and_only_if_it_is_known() -> None:
    view = listing("acme-tool")
    known = [NormalizedName("acme-t00l")]
    assert check("acme-t00l", view, prohibited=known).protection is Protection.PROHIBITED
    assert check("acme-tool", view, prohibited=[NormalizedName("acme-tool")]).protection is Protection.EXISTS


def test_a_project_older_than_the_rule_stays_taken() -> None:
    answer = check("argparse", listing("argparse"))
    assert (answer.availability, answer.protection) == (Availability.TAKEN, Protection.STDLIB)
    assert "already" in answer.reason


def test_an_index_without_these_rules_blocks_less() -> None:
    private = IndexProfile(
        nickname="private",
        upload="http://127.0.0.1/upload/",
        simple="http://127.0.0.1/simple/",
        json="",
        is_public=False,
        is_loopback=True,
        shows_ownership=False,
        has_similarity_rule=False,
        has_stdlib_rule=False,
        quota=None,
    )
    view = listing("acme-tool")
    assert check("acmet00l", view, profile=private).availability is Availability.UNREGISTERED
    assert check("json", view, profile=private).availability is Availability.UNREGISTERED


def test_only_a_name_that_could_be_created_is_flagged() -> None:
    view = listing("acme-tool", "requets")
    assert check("request", view).flagged_as == (
        TypoFlag(check="omitted_characters", matched=NormalizedName("requests")),
    )
    assert check("requets", view).flagged_as == ()
    assert check("acme-t00l", view).flagged_as == ()


def test_answers_come_in_the_order_of_the_questions_and_questions_may_repeat() -> None:
    answers = check_names(["b", "Acme", "b", "-"], view=None, corpus=CORPUS)
    assert [answer.name for answer in answers] == ["b", "Acme", "b", "-"]
    assert [answer.normalized for answer in answers] == ["b", "acme", "b", None]

"""What is told to which place, once, and in which words."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from namehold.errors import IndexError_
from namehold.notices.outbox import (
    MOST_WAITING,
    MOST_WAITING_FINDINGS,
    Finding,
    Message,
    Outbox,
    add_news,
    deliver,
)
from namehold.notices.write import write_notice, write_payload
from namehold.portfolio.model import Place, PlaceKind

CHAT = Place(to=PlaceKind.SLACK, variable="NAMEHOLD_NOTIFY_CHAT")
DESK = Place(to=PlaceKind.JSON, variable="NAMEHOLD_NOTIFY_DESK", private=True)
NOW = dt.datetime(2026, 11, 28, 6, 0, tzinfo=dt.UTC)


def found(*names: str, source: str = "watch", is_open: Sequence[str] = ()) -> Message:
    findings = tuple(Finding(key=name, name=name, text=f"{name} is new.", is_open=name in is_open) for name in names)
    return Message(source=source, organization="Acme Robotics", index="pypi", time=NOW, findings=findings)


def waiting(outbox: Outbox) -> dict[str, list[list[str]]]:
    return {
        item.place: [[each.name for each in message.findings] for message in item.messages] for item in outbox.waiting
    }


def test_each_place_gets_what_the_last_call_had_not() -> None:
    first = add_news(Outbox(), found("a", "b"), [CHAT, DESK])
    assert waiting(first) == {CHAT.key: [["a", "b"]], DESK.key: [["a", "b"]]}
    second = add_news(first, found("b", "c"), [CHAT])
    assert waiting(second) == {CHAT.key: [["a", "b"], ["c"]], DESK.key: [["a", "b"]]}
    # Another command, or the same one about other documents, has its own memory.
    assert waiting(add_news(Outbox(told=second.told), found("b", source="scan docs"), [CHAT])) == {CHAT.key: [["b"]]}


def test_a_quiet_day_adds_nothing_and_what_comes_back_is_told_again() -> None:
    first = Outbox(told=add_news(Outbox(), found("a"), [CHAT]).told)
    assert add_news(first, found("a"), [CHAT]) == first
    quiet = add_news(first, found(), [CHAT])
    assert quiet == Outbox()
    assert waiting(add_news(quiet, found("a"), [CHAT])) == {CHAT.key: [["a"]]}


def test_a_place_that_fails_keeps_its_messages_in_order_and_holds_up_no_other() -> None:
    outbox = add_news(add_news(Outbox(), found("a"), [CHAT, DESK]), found("a", "b"), [CHAT, DESK])
    kept: list[Outbox] = []
    sent: list[tuple[str, str]] = []

    def send(place: Place, message: Message) -> None:
        if place is CHAT:
            raise IndexError_("it answered 500")
        sent.append((place.key, message.findings[0].name))

    (failure,) = deliver(outbox, [CHAT, DESK], send=send, save=kept.append)
    assert (failure.place, failure.error.message) == (CHAT, "it answered 500")
    assert sent == [(DESK.key, "a"), (DESK.key, "b")]
    assert [waiting(item) for item in kept] == [
        {CHAT.key: [["a"], ["b"]], DESK.key: [["b"]]},
        {CHAT.key: [["a"], ["b"]]},
    ]


def test_what_waits_for_a_place_that_was_taken_out_is_dropped() -> None:
    outbox = add_news(Outbox(), found("a"), [CHAT, DESK])
    sent: list[str] = []
    kept: list[Outbox] = []
    assert not deliver(outbox, [DESK], send=lambda place, _: sent.append(place.key), save=kept.append)
    assert (sent, waiting(kept[-1])) == ([DESK.key], {})


def test_what_waits_for_a_dead_place_is_bounded_and_it_is_told_what_it_missed() -> None:
    outbox = Outbox()
    for day in range(MOST_WAITING + 30):
        outbox = add_news(outbox, found(f"a-{day}", f"b-{day}"), [CHAT])
    (kept,) = outbox.waiting
    assert [message.findings[0].name for message in kept.messages] == [f"a-{day}" for day in range(30, 130)]
    # Each day's two findings are in a message, or counted.
    assert [message.missed for message in kept.messages] == [60, *[0] * 99]
    assert "60 findings of earlier calls never came here" in json.dumps(write_payload(CHAT, kept.messages[0]))
    assert "never came here" not in json.dumps(write_payload(CHAT, kept.messages[1]))

    def refuse(place: Place, message: Message) -> None:
        raise IndexError_("it answered 500")

    (failure,) = deliver(outbox, [CHAT], send=refuse, save=lambda _: None)
    assert failure.missed == 60


def test_many_findings_push_older_messages_out_but_the_newest_waits_whole() -> None:
    many = [f"a-{number}" for number in range(MOST_WAITING_FINDINGS - 1)]
    outbox = add_news(add_news(Outbox(), found("b", source="scan"), [CHAT]), found(*many), [CHAT])
    assert [len(message.findings) for message in outbox.waiting[0].messages] == [1, len(many)]
    more = add_news(outbox, found("c", source="run"), [CHAT])
    assert [(len(item.findings), item.missed) for item in more.waiting[0].messages] == [(len(many), 1), (1, 0)]
    huge = [f"d-{number}" for number in range(MOST_WAITING_FINDINGS + 5)]
    last = add_news(more, found(*huge, source="watch x"), [CHAT])
    assert [(len(item.findings), item.missed) for item in last.waiting[0].messages] == [(len(huge), len(many) + 2)]


def test_names_that_are_still_open_go_only_to_private_places() -> None:
    message = found("acme-tol", "acme-tools", is_open=["acme-tol"])
    shown = json.dumps(write_payload(CHAT, message))
    assert "acme-tools" in shown
    assert "acme-tol " not in shown
    assert "1 finding about names that are still open" in shown
    private = write_payload(DESK, message)
    assert [item["name"] for item in private["findings"]] == ["acme-tol", "acme-tools"]
    assert private["withheld"] == 0
    public = write_payload(replace(DESK, private=False), message)
    assert ([item["name"] for item in public["findings"]], public["withheld"]) == (["acme-tools"], 1)


def test_a_long_list_ends_with_a_number() -> None:
    notice = write_notice(found(*(f"acme-{number}" for number in range(33))), private=True)
    assert notice.title == "Acme Robotics: 33 new findings of namehold watch"
    assert (len(notice.findings), notice.notes) == (20, ("And 13 more: namehold watch shows them.",))


@pytest.mark.parametrize("kind", PlaceKind)
def test_anybodys_words_are_text_alone(kind: PlaceKind) -> None:
    text = "docs/<!channel>@all [x](https://evil.example)\n# a\N{RIGHT-TO-LEFT OVERRIDE}: wrong."
    finding = Finding(key="k", name="acme", text=text)
    message = replace(found(), findings=(finding,))
    payload = json.dumps(write_payload(Place(to=kind, private=True), message), ensure_ascii=False)
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in payload
    if kind is PlaceKind.SLACK:
        assert "&lt;!channel&gt;" in payload
    elif kind in {PlaceKind.MATTERMOST, PlaceKind.TEAMS, PlaceKind.GITHUB}:
        assert "\\\\[x\\\\](https\\\\://" in payload
        assert "\\\\@all" in payload
    # One line a finding: nobody else's words begin a line.
    assert "\\n# a" not in payload

"""A message as each kind of place takes it. Pure.

Texts may hold anybody's words (a path, a summary): each form has its own marks, which are written as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from namehold.documents import as_plain, schema_of
from namehold.notices.outbox import Finding, Message
from namehold.portfolio import Place, PlaceKind
from namehold.text import count, escape, visible

#: A chat shows so many lines at a glance; the command itself shows all.
_MOST_LINES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one place is told: a title, one finding a line, and in numbers what it isn't told."""

    title: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    withheld: int


def write_notice(message: Message, *, private: bool) -> Notice:
    """The notice of a message. Names that are still open go only to a `private` place, elsewhere their number."""
    told = tuple(item for item in message.findings if private or not item.is_open)
    withheld, more = len(message.findings) - len(told), max(0, len(told) - _MOST_LINES)
    notes = []
    if more:
        notes.append(f"And {more:,} more: namehold {message.source} shows them.")
    if withheld:
        notes.append(f"{count(withheld, 'finding')} about names that are still open: told to private places only.")
    if message.missed:
        notes.append(
            f"{count(message.missed, 'finding')} of earlier calls never came here, because this place couldn't be "
            f"reached for too long; namehold {message.source} shows what still holds."
        )
    title = f"{message.organization}: {count(len(message.findings), 'new finding')} of namehold {message.source}"
    return Notice(title=visible(title), findings=told[:_MOST_LINES], notes=tuple(notes), withheld=withheld)


def write_payload(place: Place, message: Message) -> dict[str, Any]:
    """The JSON that a webhook takes; of GitHub the body of a new issue."""
    notice = write_notice(message, private=place.private)
    match place.to:
        case PlaceKind.SLACK:
            return {"text": _lines(notice, _slack)}
        case PlaceKind.MATTERMOST:
            return {"text": _lines(notice, escape)}
        case PlaceKind.TEAMS:
            return _card(notice)
        case PlaceKind.GITHUB:
            return {"title": notice.title, "body": _lines(notice, escape, title=False)}
        case _:
            return {
                "schema": schema_of("notice"),
                "source": message.source,
                "organization": message.organization,
                "index": message.index,
                "time": as_plain(message.time),
                "title": notice.title,
                "findings": [{"name": item.name, "text": visible(item.text)} for item in notice.findings],
                "withheld": notice.withheld,
                "notes": list(notice.notes),
            }


def write_mail(place: Place, message: Message) -> tuple[str, str]:
    """The subject and the text of a mail."""
    notice = write_notice(message, private=place.private)
    return notice.title, _lines(notice, visible, title=False)


def _lines(notice: Notice, shown: Callable[[str], str], *, title: bool = True) -> str:
    lines = [f"- {shown(item.text)}" for item in notice.findings]
    head = [shown(notice.title), ""] if title else []
    return "\n".join([*head, *lines, *([""] if lines and notice.notes else []), *map(shown, notice.notes)]) + "\n"


#: Slack reads no other marks in the text of a message (its own documentation of formatting).
_SLACK: Final[Mapping[int, str]] = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def _slack(text: str) -> str:
    return visible(text).translate(_SLACK)


def _card(notice: Notice) -> dict[str, Any]:
    """An Adaptive Card, which a workflow of Teams takes; its texts are Markdown."""
    texts = [f"- {escape(item.text)}" for item in notice.findings]
    body = [{"type": "TextBlock", "text": escape(notice.title), "weight": "Bolder", "wrap": True}]
    body += [{"type": "TextBlock", "text": text, "wrap": True} for text in (*texts, *map(escape, notice.notes))]
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}

"""What an OpenAI-compatible chat endpoint is sent, and what its answers mean. Pure.

    body = make_body(call)
    reply = read_reply(status=200, content_type="application/json", retry_after_s=0.0, content=content)

Endpoints answer in many ways: 503 while a model is loaded, 429 with and without `Retry-After`, a stream although none
was asked for, a refusal in a field of its own, a page in HTML from something in between.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from namehold.documents import parse_json
from namehold.text import single_line

#: A chat answer's values: a stream has some twenty for each token.
_MOST_VALUES: Final = 2_000_000
#: Characters of an endpoint's own words that a message shows.
_MOST_SHOWN: Final = 200
#: Figures of usage that are more than this are no figures.
_MOST_TOKENS: Final = 10**12

#: How long an endpoint with a fault of its own is left alone at least, in seconds.
FAULT_PAUSE_S: Final = 1.0

#: Answers after which the same call may be made again; nothing was generated for them.
_BUSY: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
)
#: Answers that say that this caller may not ask here at all.
_LOCKED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN})


class ReplyKind(StrEnum):
    """What an endpoint's reply means for its call.

    `busy`: the endpoint can't now, and billed nothing. `broken`: it may have billed, and gave no answer.
    `refused`: it won't answer this call. `locked`: it answers none of ours. `unsent`: the call never left.
    """

    ANSWERED = "answered"
    BUSY = "busy"
    BROKEN = "broken"
    REFUSED = "refused"
    LOCKED = "locked"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An endpoint's reply; of an answer its text, why it ended, and what was billed (None: it doesn't say).

    `why` says for people why there is no answer. `retry_after_s` is how long the endpoint should be left alone; 0: it
    may be asked at once, or, if it is busy, after a pause of our own.
    """

    kind: ReplyKind
    text: str = ""
    finish: str = ""
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    fingerprint: str = ""
    why: str = ""
    retry_after_s: float = 0.0

    @property
    def is_answer(self) -> bool:
        """Whether it is an answer, also an empty one or one that was cut."""
        return self.kind is ReplyKind.ANSWERED


def make_body(
    *, model: str, prompt: str, seed: int, temperature: float | None, answer_tokens: int, limit_key: str
) -> bytes:
    """The JSON of one question, to be sent to `/chat/completions`; a `temperature` of None isn't sent."""
    warmth = {} if temperature is None else {"temperature": temperature}
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        limit_key: answer_tokens,
        **warmth,
        "seed": seed,
        "stream": False,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def read_reply(*, status: int, content_type: str, retry_after_s: float, content: bytes) -> Reply:
    """What an answer over HTTP means. It raises nothing."""
    if status == HTTPStatus.OK:
        return _read_answer(content_type, content)
    shown = _words_of(content)
    why = f"it answered {status}{f': {shown}' if shown else ''}"
    if status in _BUSY:
        return Reply(kind=ReplyKind.BUSY, why=why, retry_after_s=retry_after_s)
    if status in _LOCKED:
        return Reply(kind=ReplyKind.LOCKED, why=why)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reply(kind=ReplyKind.BROKEN, why=why, retry_after_s=max(retry_after_s, FAULT_PAUSE_S))
    return Reply(kind=ReplyKind.REFUSED, why=why)


def whole_text(text: str, finish: str) -> str:
    """The part of an answer that may be read: of one that was cut off at its limit, not its last word.

    The end of a word that was cut off may look like a name.
    """
    if finish != "length" or not text or text[-1].isspace():
        return text
    last = text.rsplit(maxsplit=1)[-1:]
    return text[: len(text) - len("".join(last))]


def _read_answer(content_type: str, content: bytes) -> Reply:
    is_stream = "event-stream" in content_type or content.lstrip()[:5] == b"data:"
    try:
        found = _join_stream(content) if is_stream else _read_whole(content)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        found = None
    if found is None:
        form = "a page in HTML" if b"<html" in content[:2000].lower() else "something else than a chat answer"
        return Reply(kind=ReplyKind.BROKEN, why=f"it answered with {form}")
    return found


def _read_whole(content: bytes) -> Reply | None:
    """The answer in one JSON document; None where there is none."""
    document: Any = parse_json(content, most_values=_MOST_VALUES)
    choice = document["choices"][0]
    message = choice["message"]
    said = message["content"]
    if not (said is None or isinstance(said, str | list)):
        return None
    prompt_tokens, answer_tokens = _usage(document)
    return Reply(
        kind=ReplyKind.ANSWERED,
        # Of a model that thought until its limit there is no text; asked again, it would cost the same.
        text=_text_of(said) or _text_of(message.get("refusal")),
        finish=_word(choice.get("finish_reason")),
        prompt_tokens=prompt_tokens,
        answer_tokens=answer_tokens,
        fingerprint=_word(document.get("system_fingerprint")),
    )


def _join_stream(content: bytes) -> Reply | None:
    """The answer in server-sent events; None for a stream that was cut off before its end."""
    pieces, finish, fingerprint = [], "", ""
    usage: tuple[int | None, int | None] = (None, None)
    is_whole = False
    for line in content.splitlines():
        if not line.startswith(b"data:"):
            continue
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            is_whole = True
            break
        event: Any = parse_json(data, most_values=_MOST_VALUES)
        usage = _usage(event) if isinstance(event.get("usage"), dict) else usage
        fingerprint = _word(event.get("system_fingerprint")) or fingerprint
        for choice in event.get("choices", [])[:1]:
            delta = choice.get("delta") or choice.get("message") or {}
            pieces.append(_text_of(delta.get("content")) or _text_of(delta.get("refusal")))
            finish = _word(choice.get("finish_reason")) or finish
    if not (is_whole or finish):
        return None
    return Reply(
        kind=ReplyKind.ANSWERED,
        text="".join(pieces),
        finish=finish,
        prompt_tokens=usage[0],
        answer_tokens=usage[1],
        fingerprint=fingerprint,
    )


def _text_of(content: Any) -> str:
    """A message's text, which some endpoints give in parts; empty where there is none."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _usage(document: Any) -> tuple[int | None, int | None]:
    """Tokens of the prompt and of the answer, as they are billed; None where the endpoint doesn't say."""
    usage = document.get("usage")
    if not isinstance(usage, dict):
        return None, None
    prompt, answer, both = map(_number, map(usage.get, ("prompt_tokens", "completion_tokens", "total_tokens")))
    if prompt is not None and both is not None and both > prompt + (answer or 0):
        # What is thought and not said is billed, too.
        answer = both - prompt
    return prompt, answer


def _number(value: Any) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_TOKENS
    return value if is_number else None


def _word(value: Any) -> str:
    return single_line(value, most=_MOST_SHOWN) if isinstance(value, str) else ""


def _words_of(content: bytes) -> str:
    """What an error's JSON says, cut short; empty where it is no JSON."""
    try:
        document: Any = parse_json(content, most_values=1000)
        error = document.get("error", document)
        message = error.get("message", "") if isinstance(error, dict) else error
    except (ValueError, AttributeError):
        return ""
    return _word(message)

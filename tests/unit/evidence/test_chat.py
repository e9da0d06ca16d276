"""What a chat endpoint's replies mean, in the forms in which real endpoints give them."""

from __future__ import annotations

import json

import pytest

from namehold.evidence.chat import Reply, ReplyKind, make_body, read_reply, whole_text


def read(content: object, *, status: int = 200, content_type: str = "application/json", wait_s: float = 0.0) -> Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_reply(status=status, content_type=content_type, retry_after_s=wait_s, content=body)


def answer(message: object, **choice: object) -> dict[str, object]:
    return {"choices": [{"message": message, "finish_reason": "stop", **choice}], "usage": _USAGE}


_USAGE = {"prompt_tokens": 12, "completion_tokens": 34, "total_tokens": 46}


def test_an_answer_is_its_text_its_end_and_what_was_billed() -> None:
    reply = read({**answer({"content": "pip install x"}, finish_reason="length"), "system_fingerprint": "b1"})
    assert (reply.kind, reply.text, reply.finish, reply.fingerprint) == ("answered", "pip install x", "length", "b1")
    assert (reply.prompt_tokens, reply.answer_tokens) == (12, 34)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": None, "refusal": "I can't help with that."}, "I can't help with that."),
        ({"content": [{"type": "text", "text": "pip "}, {"type": "image"}, {"type": "text", "text": "x"}]}, "pip x"),
        ({"content": ""}, ""),
        ({"content": None, "reasoning_content": "Let me think"}, ""),
    ],
)
def test_refusals_parts_and_silence_are_answers(message: object, text: str) -> None:
    reply = read(answer(message))
    assert (reply.kind, reply.text) == (ReplyKind.ANSWERED, text)


def test_what_was_thought_and_not_said_is_billed_too() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115}
    assert read({**answer({"content": "x"}), "usage": usage}).answer_tokens == 105


@pytest.mark.parametrize(
    "usage", [None, [], {}, {"prompt_tokens": -1, "completion_tokens": "9"}, {"prompt_tokens": True}]
)
def test_usage_that_says_nothing_is_none(usage: object) -> None:
    reply = read({**answer({"content": "x"}), "usage": usage})
    assert (reply.prompt_tokens, reply.answer_tokens) == (None, None)


def _stream(*events: object, end: bytes = b"data: [DONE]\n\n") -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + end


def test_a_stream_that_nobody_asked_for_is_joined() -> None:
    content = b": keep alive\n\n" + _stream(
        {"choices": [{"delta": {"role": "assistant", "content": None}}]},
        {"choices": [{"delta": {"content": "pip install "}}]},
        {"choices": [{"delta": {"content": "acme"}, "finish_reason": "stop"}]},
        {"choices": [], "usage": _USAGE},
    )
    reply = read(content, content_type="text/event-stream")
    assert (reply.kind, reply.text, reply.finish, reply.answer_tokens) == ("answered", "pip install acme", "stop", 34)


def test_a_stream_that_was_cut_off_is_no_answer() -> None:
    content = _stream({"choices": [{"delta": {"content": "pip install ac"}}]}, end=b"")
    assert read(content, content_type="text/event-stream").kind is ReplyKind.BROKEN


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>502 Bad Gateway</body></html>",
        b'{"choices": [{"message": {"content": "pip',
        b"",
        b"[]",
        b"null",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": 7}}]}',
        b'{"choices": [{"message": {}}]}',
        b'{"choices": [{"message": null}]}',
        b"data: nonsense\n\n",
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_what_holds_no_answer_is_broken_whatever_it_is(content: bytes) -> None:
    assert read(content).kind is ReplyKind.BROKEN


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "refused"),
        (401, "locked"),
        (402, "locked"),
        (403, "locked"),
        (404, "refused"),
        (408, "busy"),
        (422, "refused"),
        (429, "busy"),
        (500, "broken"),
        (502, "broken"),
        (503, "busy"),
        (504, "broken"),
        (301, "refused"),
    ],
)
def test_a_status_says_whether_the_call_may_be_made_again(status: int, kind: str) -> None:
    reply = read({"error": {"message": "Loading\nmodel"}}, status=status, wait_s=7.0)
    assert reply.kind == kind
    assert reply.why.startswith(f"it answered {status}: Loading")
    assert "\n" not in reply.why
    assert reply.retry_after_s == (7.0 if kind in {"busy", "broken"} else 0.0)


@pytest.mark.parametrize(
    ("text", "finish", "whole"),
    [
        ("pip install acme-to", "length", "pip install "),
        ("pip install acme-tool ", "length", "pip install acme-tool "),
        ("pip install acme-tool", "stop", "pip install acme-tool"),
        ("acme-to", "length", ""),
        ("", "length", ""),
    ],
)
def test_the_last_word_of_an_answer_that_was_cut_off_is_no_name(text: str, finish: str, whole: str) -> None:
    assert whole_text(text, finish) == whole


def test_a_question_names_its_limit_as_the_endpoint_does() -> None:
    body = json.loads(
        make_body(model="m", prompt="é?", seed=3, temperature=None, answer_tokens=50, limit_key="max_completion_tokens")
    )
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "é?"}],
        "max_completion_tokens": 50,
        "seed": 3,
        "stream": False,
    }

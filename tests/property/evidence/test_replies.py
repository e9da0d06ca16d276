"""Whatever an endpoint sends, reading it raises nothing and ends soon, and a changed record is refused, not misread."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from namehold.evidence.chat import ReplyKind, read_reply, whole_text

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "delta", "usage", "refusal", "text", "error", "finish_reason"]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)
_CONTENT = st.one_of(
    st.binary(max_size=300),
    _JSON.map(lambda value: json.dumps(value).encode()),
    st.lists(_JSON, max_size=5).map(
        lambda events: (
            b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n"
        )
    ),
    _JSON.map(lambda value: json.dumps({"choices": [{"message": value}], "usage": value}).encode()),
)


@given(_CONTENT, st.sampled_from([200, 204, 301, 400, 401, 429, 500, 503]), st.sampled_from(["", "text/event-stream"]))
def test_nothing_that_comes_raises(content: bytes, status: int, form: str) -> None:
    reply = read_reply(status=status, content_type=form, retry_after_s=0.0, content=content)
    assert (reply.kind is ReplyKind.ANSWERED) <= (status == 200)
    assert (reply.kind is ReplyKind.ANSWERED) or reply.why
    assert "\n" not in reply.why


@given(st.text(), st.sampled_from(["length", "stop"]))
def test_what_is_left_of_an_answer_is_its_beginning(text: str, finish: str) -> None:
    assert text.startswith(whole_text(text, finish))

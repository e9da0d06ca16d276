"""Asks an OpenAI-compatible chat endpoint, through the one HTTP client: bounded, never led elsewhere.

    with closing(ChatClient("http://127.0.0.1:11434/v1", key="", contact=contact, policy=policy)) as client:
        client.ask(call).text

One client for each thread: what ends a late answer ends all connections of its client.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from namehold.errors import IndexError_
from namehold.evidence.chat import FAULT_PAUSE_S, Reply, ReplyKind, make_body, read_reply
from namehold.evidence.survey import Call
from namehold.index.access import ClientPolicy, Hider, HttpClient, Patience, UnreachedError
from namehold.text import HIDDEN

#: A small model on a small machine writes some tokens a second, and sends nothing before the last one.
_PATIENCE: Final = Patience(silence_s=600.0, total_s=600.0, waits_s=())
#: Answers of 32,000 tokens as a stream, each token an event of its own.
_MOST_BYTES: Final = 16 * 1024 * 1024
#: Shorter keys are stand-ins for endpoints that want none.
_SHORTEST_SECRET: Final = 16


class ChatClient:
    """One endpoint, asked one question at a time. `key` goes to it and nowhere else; empty: it needs none."""

    def __init__(self, url: str, *, key: str, contact: str, policy: ClientPolicy) -> None:
        self._url = f"{url}/chat/completions"
        self._key, self._hider = key, Hider(key)
        self._client = HttpClient(subject=f"the endpoint {url}", contact=contact, policy=policy, patience=_PATIENCE)

    def ask(self, call: Call) -> Reply:
        """What the endpoint makes of one call; it is sent once. Raises nothing that an endpoint can cause."""
        body = make_body(
            model=call.model,
            prompt=call.prompt.text,
            seed=call.seed,
            temperature=call.temperature,
            answer_tokens=call.answer_tokens,
            limit_key=call.limit_key,
        )
        try:
            answer = self._client.post(
                self._url,
                body,
                content_type="application/json",
                max_bytes=_MOST_BYTES,
                headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            )
        except UnreachedError as error:
            return Reply(kind=ReplyKind.UNSENT, why=self._hide(error.message))
        except IndexError_ as error:
            return Reply(kind=ReplyKind.BROKEN, why=self._hide(error.message), retry_after_s=FAULT_PAUSE_S)
        reply = read_reply(
            status=answer.status,
            content_type=answer.media_type,
            retry_after_s=answer.retry_after_s,
            content=answer.content,
        )
        return self._without_key(reply)

    def stop(self) -> None:
        """Makes a question under way in another thread fail."""
        self._client.shut_down()

    def close(self) -> None:
        """Ends all connections."""
        self._client.close()

    def _without_key(self, reply: Reply) -> Reply:
        """A reply without the key, which a server may repeat: looked for in what was read, where no escape hides it."""
        return replace(
            reply,
            text=self._hide(reply.text),
            finish=self._hide(reply.finish),
            fingerprint=self._hide(reply.fingerprint),
            why=self._hide(reply.why),
        )

    def _hide(self, text: str) -> str:
        # A stand-in such as `ollama` is a word of many answers, and tells nothing in pieces.
        is_word = len(self._key) < _SHORTEST_SECRET
        return (text.replace(self._key, HIDDEN) if is_word else self._hider.hide(text)) if self._key else text

"""Telling people what a command found new: chats, webhooks, issues and mail, as names.yaml says under `notify`.

    outbox = add_news(outbox, found, portfolio.notify)
    failures = deliver(outbox, portfolio.notify, send=sender.send, save=keep)

What can't be delivered waits in the outbox for the next call.
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.notices.outbox import add_news, deliver, Finding, Message, Outbox
    from namehold.notices.send import Sender
else:
    __getattr__ = load_late(
        __name__, outbox="Finding Message Outbox add_news deliver", send="Sender")

__all__ = [
    "add_news", "deliver", "Finding", "Message", "Outbox", "Sender",
]

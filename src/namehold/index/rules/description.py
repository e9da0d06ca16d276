r"""The index's page of a description: the HTML that its renderer makes of it.

>>> render_description("*Not* acme", "text/markdown")
'<p><em>Not</em> acme</p>\n'
"""

from __future__ import annotations

import email.message
import html
import io
import threading
from functools import lru_cache
from typing import Any

# The rehearsal index answers in threads of its own.
_one_at_a_time = threading.Lock()


def read_content_type(content_type: str) -> tuple[str, str]:
    """What a `Description-Content-Type` names: its kind (`text/x-rst` if it is empty) and the variant of Markdown."""
    message = email.message.Message()
    message["content-type"] = content_type or "text/x-rst"
    return message.get_content_type(), str(message.get_param("variant", "GFM"))


@lru_cache(maxsize=8)  # wheel and sdist of a release have one description
def render_description(description: str, content_type: str) -> str | None:
    """The HTML of the index's page; None if its renderer makes none, or fails, which the index refuses."""
    try:
        rendered = _render(description, *read_content_type(content_type))
    except Exception:  # noqa: BLE001 -- other people's code: a text can make it fail in any way, also by its nesting
        return None
    # The renderer has no types of its own.
    return rendered if isinstance(rendered, str) else None


def _render(description: str, kind: str, variant: str) -> Any:
    if kind == "text/plain":
        return html.escape(description, quote=False)
    if kind == "text/markdown":
        from readme_renderer import markdown  # noqa: PLC0415 -- slow to import

        return markdown.render(description, variant=variant)
    from docutils.parsers.rst import roles  # noqa: PLC0415 -- slow to import
    from readme_renderer import rst  # noqa: PLC0415 -- slow to import

    with _one_at_a_time:
        # docutils keeps the roles that a text defines for the next text; the index renders each by itself.
        roles._roles.clear()  # noqa: SLF001 -- it has no other way to forget them
        # The renderer must not write its complaints to standard error.
        return rst.render(description, stream=io.StringIO())

"""The checked types of single values in names.yaml: names, commands, addresses, texts."""

from __future__ import annotations

import keyword
import re
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from packaging.utils import NormalizedName
from pydantic import AfterValidator, Strict, StrictStr, WithJsonSchema
from pydantic import ValidationInfo as Info
from pydantic_core import PydanticCustomError

from namehold.names import MAX_NAME_LENGTH, NAME_PATTERN, has_name_shape, normalize, shape_fault
from namehold.portfolio.yaml import character_name, invisible_characters
from namehold.text import is_example_host, is_mailbox, show_address

MAX_TEXT_LENGTH = 200
#: Long enough for any forge's address; an index's own limits on links are not known.
MAX_ADDRESS_LENGTH = 500

# Words that a person was meant to replace. Whole values only: 'Example Works' may be somebody's name.
_LEFTOVER = re.compile(
    r"(your|my)[ ._-]?(user ?name|name|organi[sz]ation|org|company|team|package|project|e?-?mail|account|domain)s?"
    r"|user ?name|(first|last)[ ._-]?name|(organi[sz]ation|package|project)[ ._-]?name"
    r"|unknown|none|null|n/?a|todo|tbd|fixme|xxx+|change[ ._-]?me|replace[ ._-]?me|fill[ ._-]?me|placeholder"
    r"|<.*>|\{\{.*\}\}|\$\{?\w+\}?|lorem ipsum.*|test@test\..*",
    re.IGNORECASE,
)
# A project may well be called `unknown` or `todo`, but hardly `your-package`.
_TEMPLATE_NAME = re.compile(r"(your|my)[._-]?(package|project|name|app|library|lib)s?", re.IGNORECASE)
_TEMPLATE_HOST = re.compile(
    r"(^|\.)(test\.com|your-?(domain|company|organi[sz]ation)\.\w+|domain\.com|company\.com)$", re.IGNORECASE
)
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+", re.IGNORECASE)
# The command of a console script; every forge and shell agrees on these (entry points specification).
_COMMAND = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
#: The index's own limit (Warehouse's registration form). API tokens are longer.
MAX_USERNAME_LENGTH = 50
# Dotted words (entry points specification: letters, numbers, underscores; dashes occur in the wild).
_GROUP = re.compile(r"\w+(?:[.-]\w+)*", re.ASCII)


def refuse_value(rule: str, message: str, fix: str) -> PydanticCustomError:
    """The error of one value: rule id, message and fix."""
    # Passed as a value, not as a template: the text may hold braces.
    return PydanticCustomError(rule, "{message}", {"message": message, "fix": fix})


def _is_demo(info: Info) -> bool:
    return bool(info.context and info.context.get("demo"))


def _check_text(text: str) -> str:
    if not text.strip():
        raise refuse_value("config-leftover", "the text is empty", "write a value or delete the key")
    if text != text.strip():
        raise refuse_value("config-text", "the text begins or ends with white space", "delete the white space")
    if "\n" in text or "\r" in text or "\t" in text:
        raise refuse_value("config-text", "the text has line breaks or tabs", "write it in one line")
    hidden = invisible_characters(text)
    if hidden:
        raise refuse_value("config-invisible", f"invisible characters: {', '.join(hidden)}", "delete them")
    _check_length(text, MAX_ADDRESS_LENGTH)
    if _LEFTOVER.fullmatch(text):
        raise refuse_value("config-leftover", f"{text!r} is a template's leftover", "write your own value")
    return text


def _check_length(text: str, most: int = MAX_TEXT_LENGTH) -> str:
    if len(text) > most:
        raise refuse_value("config-text", f"{len(text)} characters are too many", f"keep to {most}")
    return text


def _check_name(text: str) -> str:
    if _TEMPLATE_NAME.fullmatch(text):
        raise refuse_value("config-leftover", f"{text!r} is a template's leftover", "write your own value")
    fault = shape_fault(text)
    if fault is None:
        return text
    foreign = next((character for character in text if not character.isascii()), "")
    why = f"it holds {character_name(foreign)}; a name has only ASCII letters" if foreign else fault.rstrip(".")
    is_stuck = text.startswith("name:")
    fix = "put a space behind the colon" if is_stuck else "write the name as the index shows it"
    raise refuse_value("config-name", f"{text[:80]!r} is no valid project name: {why[:1].lower()}{why[1:]}", fix)


def _check_import(text: str) -> str:
    # A folder `acme-stubs` holds the types of `acme` (PEP 561).
    parts = text.removesuffix("-stubs").split(".")
    if all(part.isidentifier() and part.isascii() and not keyword.iskeyword(part) for part in parts):
        return text
    module = text.replace("-", "_")
    fix = "write the module as it stands after `import`"
    if module != text and module.isidentifier():
        fix = f"write `{module}` if that is the module, or list the name under `aliases`"
    raise refuse_value("config-import", f"{text[:80]!r} can't be imported", fix)


def _matching(pattern: re.Pattern[str], rule: str, what: str, fix: str) -> AfterValidator:
    def check(text: str) -> str:
        if pattern.fullmatch(text) and len(text) <= MAX_TEXT_LENGTH:
            return text
        raise refuse_value(rule, f"{text[:80]!r} is no {what}", fix)

    return AfterValidator(check)


def _check_username(text: str) -> str:
    if len(text) > MAX_USERNAME_LENGTH:
        # It may be an API token, and what is printed here ends up in logs.
        fix = "write the account's name; if a token stands here, delete it there and on the index, since files are read"
        raise refuse_value("config-username", f"a user name has at most {MAX_USERNAME_LENGTH} characters", fix)
    if has_name_shape(text):
        return text
    fix = "write the user name, not the mail address" if "@" in text else "write the name that the index shows"
    raise refuse_value("config-username", f"{text[:80]!r} is no user name", fix)


def _check_host(host: str, info: Info) -> None:
    if _TEMPLATE_HOST.search(host) or (is_example_host(host) and not _is_demo(info)):
        fix = "write an address of your own"
        raise refuse_value("config-leftover", f"{host!r} is an example's address and reaches no one", fix)
    try:
        ascii_host = host.encode("idna").decode()
    except UnicodeError:
        ascii_host = ""
    if not _HOST.fullmatch(ascii_host):
        raise refuse_value("config-address", f"{host!r} is no host name", "write the whole address, https:// first")


def _split_address(text: str) -> SplitResult:
    """The parts of a whole http or https address with a host and no credentials."""
    fix = "write the whole address, https:// first"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refuse_value("config-address", f"{show_address(text)!r} is no web address", fix) from None
    if parts.scheme not in {"https", "http"} or not host or re.search(r"[\s<>\"'`\\]", text):
        raise refuse_value("config-address", f"{show_address(text)!r} is no web address", fix)
    if parts.username or parts.password:
        fix = "delete them here; tokens belong in the environment or the keyring"
        raise refuse_value("config-address", "the address holds a user name or a password", fix)
    return parts


def _check_web_address(text: str, info: Info) -> str:
    _check_host(_split_address(text).hostname or "", info)
    return text


def _check_index_address(text: str) -> str:
    # A private index may have a host without a dot, or a port of this machine: any host will do.
    if "@" in text:
        fix = "delete them here; tokens belong in the keyring or a file of their own"
        raise refuse_value("config-address", "the address holds a user name or a password", fix)
    if not _split_address(text).path.endswith("/"):
        shown = show_address(text)
        raise refuse_value("config-address", f"{shown!r} doesn't end with a slash", "end its path with a slash")
    return text


def _check_model_address(text: str) -> str:
    # Often a server of one's own: any host will do.
    if "@" in text:
        fix = "delete them here; keys belong in the environment or the keyring"
        raise refuse_value("config-address", "the address holds a user name or a password", fix)
    parts = _split_address(text)
    if not parts.path.rstrip("/").endswith("/v1") or parts.query or parts.fragment:
        shown = show_address(text)
        raise refuse_value("config-address", f"{shown!r} doesn't end with /v1", "write the address up to /v1")
    return text.rstrip("/")


def _check_contact(text: str, info: Info) -> str:
    if text.startswith("mailto:"):
        raise refuse_value(
            "config-contact", f"{show_address(text)!r} is a link", "write the mailbox alone, without mailto:"
        )
    if "://" in text:
        return _check_web_address(text, info)
    if not is_mailbox(text):
        fix = "write a role mailbox, or the https:// address of an issue tracker or a security policy"
        raise refuse_value("config-contact", f"{show_address(text)!r} is neither a mailbox nor a web address", fix)
    _check_host(text.partition("@")[2], info)
    return text


def _check_mailbox(text: str) -> str:
    if not is_mailbox(text):
        raise refuse_value("config-notify", f"{show_address(text)!r} is no mailbox", "write the mailbox alone")
    return text


def _written(pattern: str = "", **keywords: Any) -> WithJsonSchema:
    """What editors can check of a text while it is typed; the validators check the rest."""
    return WithJsonSchema({"type": "string", "minLength": 1, **({"pattern": pattern} if pattern else {}), **keywords})


_NAME_PATTERN = f"^{NAME_PATTERN}$"
_ADDRESS_PATTERN = r"^https?://[^/\s]+"

Text = Annotated[
    StrictStr, AfterValidator(_check_text), AfterValidator(_check_length), _written(maxLength=MAX_TEXT_LENGTH)
]
#: A project's name as it is spelled, and in its normalized form.
SpelledName = Annotated[StrictStr, AfterValidator(_check_name), _written(_NAME_PATTERN, maxLength=MAX_NAME_LENGTH)]
Name = Annotated[
    NormalizedName,
    Strict(),
    AfterValidator(_check_name),
    AfterValidator(normalize),
    _written(_NAME_PATTERN, maxLength=MAX_NAME_LENGTH),
]
Import = Annotated[
    StrictStr,
    AfterValidator(_check_import),
    AfterValidator(_check_length),
    _written(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$"),
]
Command = Annotated[
    StrictStr,
    _matching(_COMMAND, "config-command", "command", "write the command alone, without its arguments"),
    _written(f"^{_COMMAND.pattern}$"),
]
Group = Annotated[
    StrictStr,
    _matching(_GROUP, "config-group", "entry-point group", "write the group, as in `pytest11`"),
    _written(r"^\w+([.-]\w+)*$"),
]
Username = Annotated[StrictStr, AfterValidator(_check_text), AfterValidator(_check_username), _written(_NAME_PATTERN)]
WebAddress = Annotated[
    StrictStr, AfterValidator(_check_text), AfterValidator(_check_web_address), _written(_ADDRESS_PATTERN, format="uri")
]
IndexAddress = Annotated[
    StrictStr,
    AfterValidator(_check_text),
    AfterValidator(_check_index_address),
    _written(r"^https?://[^\s]+/$", format="uri"),
]
#: The address of an OpenAI-compatible endpoint, without a slash at its end.
ModelAddress = Annotated[
    StrictStr,
    AfterValidator(_check_text),
    AfterValidator(_check_model_address),
    _written(r"^https?://[^\s]+/v1/?$", format="uri"),
]
Contact = Annotated[
    StrictStr,
    AfterValidator(_check_text),
    AfterValidator(_check_contact),
    _written(r"^(https?://[^/\s]+.*|[^@\s:]+@[^@\s]+)$"),
]
Mailbox = Annotated[
    StrictStr, AfterValidator(_check_text), AfterValidator(_check_mailbox), _written(r"^[^@\s:]+@[^@\s]+$")
]

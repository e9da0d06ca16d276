"""From a path to a checked portfolio."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namehold.errors import ConfigError, Diagnostic
from namehold.models import Portfolio


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPortfolio:
    """What a names.yaml says, and what it should be looked at for; warnings stop nothing."""

    portfolio: Portfolio
    warnings: tuple[Diagnostic, ...] = ()


def load_portfolio(path: Path) -> LoadedPortfolio:
    """The portfolio in the file at `path`.

    Raises ConfigError with every reason at once, in the order of the file, warnings included.
    """
    from namehold.config.document import MAX_FILE_BYTES  # noqa: PLC0415 -- ruamel.yaml: only readers of a file pay

    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise _unreadable(path, "there is no such file", "write it with `namehold init`", "namehold init") from None
    except OSError as error:
        raise _unreadable(path, f"it can't be read: {error.strerror}", "give a readable file", _GIVE_FILE) from None
    if len(content) > MAX_FILE_BYTES:
        raise _unreadable(path, f"it has more than {MAX_FILE_BYTES:,} bytes", "give a names.yaml", _GIVE_FILE)
    return read_portfolio(content, path=str(path))


def read_portfolio(content: bytes, *, path: str) -> LoadedPortfolio:
    """The portfolio in a file's bytes; `path` is what its diagnostics call the file. Raises ConfigError."""
    from namehold.config.parsing import parse  # noqa: PLC0415 -- pydantic: only readers of a file pay

    portfolio, diagnostics = parse(content, path=path)
    if portfolio is None:
        count = sum(item.severity == "error" for item in diagnostics)
        message = f"{path} has {count} error{'s' if count > 1 else ''}; nothing was done"
        raise ConfigError(message, hint="mend the file; docs/reference/configuration.md", diagnostics=diagnostics)
    return LoadedPortfolio(portfolio=portfolio, warnings=diagnostics)


def find_text_fault(location: tuple[str, str], text: str) -> str:
    """What is wrong with `text` as the value of a section's key, for people; empty if nothing is."""
    from namehold.config.parsing import text_fault  # noqa: PLC0415 -- pydantic: only who asks pays

    return text_fault(location, text)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of names.yaml, with descriptions and examples, for editors."""
    from namehold.config.shape import EditorSchema, FileShape  # noqa: PLC0415 -- pydantic: only who asks pays

    described = FileShape.model_json_schema(schema_generator=EditorSchema)
    return {"$schema": EditorSchema.schema_dialect, **described, "title": "names.yaml"}


_GIVE_FILE = "call again with --config FILE, or NAMEHOLD_CONFIG"


def _unreadable(path: Path, message: str, fix: str, hint: str) -> ConfigError:
    diagnostic = Diagnostic(message=message, rule="config-file", fix=fix, path=str(path))
    return ConfigError(f"{path} can't be used", hint=hint, diagnostics=(diagnostic,))

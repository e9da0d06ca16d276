"""What kind of thing a package is, as far as its words, companions and commands show: its shape.

Which words are put on a name depends on it: `-server` and `-async` belong to an interface and its client, `-memory` to
an agent, `-generator` to a format; `-sdk` fits the first two, and hardly a plug-in. The words of each shape stand here;
how much more often than on others a word is put on names of a shape is counted (`bench/vocabulary.py`) and
stands in the weights file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from namehold.portfolio import Package, SurfaceKind

#: The shape of what shows none.
PLAIN: Final = "plain"
#: The words that show a shape. A word stands under one shape only.
SHAPES: Final[Mapping[str, frozenset[str]]] = {
    shape: frozenset(words.split())
    for shape, words in {
        "agent": "agent agents agentic ai assistant chat claude copilot embedding embeddings gemini genai gpt "
        "langchain llm llms mcp openai prompt prompts rag",
        "api-client": "api apis client clients connector graphql grpc http https oauth openapi rest rpc webhook "
        "wrapper",
        "command-line": "cli cmd command console runner shell terminal tool tools tui",
        "plugin": "adapter addon addons backend contrib ext extension extensions middleware plugin plugins "
        "provider providers theme",
        "service": "app bot daemon dashboard gateway hub proxy server service services ui web webui worker",
        "format": "converter csv data dataset datasets db excel format html json markdown parse parser pdf reader "
        "schema sql sqlite table toml writer xml yaml",
        "model": "deep keras learn learning ml model models neural nn pytorch tensorflow torch train training "
        "transformers vision",
        "binding": "bindings cpp ffi native py pybind python rs rust sys",
    }.items()
}
_SHAPE_OF_WORD: Final = {word: shape for shape, words in SHAPES.items() for word in words}

#: What a package requires because it talks to an interface, a language model, a framework for models.
_SHAPE_OF_COMPANION: Final = {
    **dict.fromkeys(("aiohttp", "grpcio", "httpx", "requests", "urllib3"), "api-client"),
    **dict.fromkeys(("anthropic", "fastmcp", "langchain", "langchain-core", "mcp", "openai"), "agent"),
    **dict.fromkeys(("keras", "tensorflow", "torch", "transformers"), "model"),
}


def shape_of_words(words: Sequence[str], families: Collection[str]) -> str:
    """The shape that the words of a name show; the last word that shows one decides, as it says what the thing is.

    `families` are words that lead the names of many projects (`django`): what follows one is a `family` member.
    """
    for word in reversed(words):
        if word in _SHAPE_OF_WORD:
            return _SHAPE_OF_WORD[word]
    return "family" if len(words) > 1 and words[0] in families else PLAIN


def shape_of(package: Package, families: Collection[str]) -> str:
    """The shape of a package: what its name shows, else its companions, else that it has a command."""
    shape = shape_of_words(package.name.split("-"), families)
    if shape != PLAIN:
        return shape
    by_companion = (_SHAPE_OF_COMPANION.get(companion) for companion in package.companions)
    has_command = any(surface.kind is SurfaceKind.COMMAND for surface in package.surfaces)
    return next(filter(None, by_companion), "command-line" if has_command else PLAIN)


def usage_of(words: Sequence[str], families: Collection[str], whole: str) -> str:
    """The usage by which words are put on a string: that of names which show a shape themselves, else of its kind.

    `says-api-client` for `acme-client`, `is-api-client` for `acme` where `whole`, the package's shape, is that.
    """
    said = shape_of_words(words, families)
    return f"says-{said}" if said != PLAIN or whole == PLAIN else f"is-{whole}"

"""Words before 'package' or 'library' that say what kind of one it is, and are no name."""

from __future__ import annotations

from typing import Final

#: What stands before 'package' or 'library' and is no name: words, endings, parts of a compound.
ADJECTIVES: Final = frozenset(
    {"async", "base", "better", "binary", "builtin", "certain", "client", "common", "company", "complete", "conda"}
    | {"core", "current", "database", "debian", "default", "different", "entire", "entry", "extra", "first", "free"}
    | {"full", "good", "graphics", "great", "helper", "http", "import", "java", "javascript", "json", "linux", "main"}
    | {"math", "mature", "modern", "next", "no", "node", "npm", "old", "older", "open", "our", "own", "parent", "pip"}
    | {"popular", "private", "public", "pypi", "rest", "root", "runtime", "rust", "sdk", "second", "separate"}
    | {"simple", "single", "small", "source", "stable", "standard", "system", "team", "third", "top", "vendor", "web"}
    | {"well", "wheel", "whole", "windows", "wrapper", "wrong", "your", "its", "their", "every", "each", "another"}
)
ADJECTIVE_ENDINGS: Final = ("able", "al", "ed", "ful", "ible", "ing", "ive", "less", "ous", "est")
COMPOUND_PARTS: Final = frozenset(
    {
        "agnostic",
        "all",
        "alone",
        "based",
        "build",
        "built",
        "on",
        "command",
        "cross",
        "data",
        "deep",
        "domain",
        "driven",
    }
    | {"driven", "easy"}
    | {"end", "event", "first", "free", "friendly", "full", "general", "high", "in", "io", "known", "level", "light"}
    | {"like", "line", "low", "machine", "maintained", "most", "multi", "non", "object", "open", "oriented", "party"}
    | {"platform", "pre", "pure", "purpose", "quality", "ready", "real", "safe", "scale", "self", "side", "single"}
    | {"source", "specific", "stand", "state", "std", "the", "third", "threaded", "type", "up", "use", "user", "well"}
    | {"wide"}
)

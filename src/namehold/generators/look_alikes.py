"""Letters that look or sound like others: `rn` for `m`, `k` for `c`, British for American spelling."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.generators.technique import Context, Draft, Subject, Technique
from namehold.models import NameClass

_LOOKS = (
    ("m", "rn"),
    ("m", "n"),
    ("w", "vv"),
    ("s", "5"),
    ("e", "3"),
    ("a", "4"),
    ("b", "d"),
    ("p", "q"),
    ("u", "v"),
    ("g", "q"),
    ("h", "n"),
    ("cl", "d"),
    ("i", "j"),
    ("z", "2"),
    ("g", "9"),
)
_SOUNDS = (
    ("c", "k"),
    ("c", "s"),
    ("s", "z"),
    ("ph", "f"),
    ("ck", "k"),
    ("x", "ks"),
    ("j", "g"),
    ("v", "f"),
    ("d", "t"),
    ("b", "p"),
    ("ei", "ie"),
    ("i", "ee"),
    ("u", "oo"),
    ("th", "t"),
    ("qu", "k"),
    ("er", "or"),
    ("le", "el"),
)
_SPELLINGS = (("or", "our"), ("ize", "ise"), ("yze", "yse"), ("er", "re"), ("og", "ogue"), ("se", "ce"), ("ll", "l"))
_KINDS = (("look", _LOOKS), ("sound", _SOUNDS), ("spelling", _SPELLINGS))


def _generate(subject: Subject, context: Context) -> Iterator[Draft]:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for kind, pairs in _KINDS:
        marks = ("look-alike", f"look-alike:{kind}")
        for one, other in pairs:
            for old, new in ((one, other), (other, one)):
                at = text.find(old)
                while at >= 0:
                    yield text[:at] + new + text[at + len(old) :], marks
                    at = text.find(old, at + 1)


TECHNIQUE = Technique(
    name="look-alike", title="letters that look or sound alike", name_class=NameClass.TYPO, generate=_generate
)

"""Letters that look or sound like others: `rn` for `m`, `k` for `c`, British for American spelling."""

from __future__ import annotations

from collections.abc import Iterator

from namehold.candidates.techniques.technique import Batches, Context, Marks, Subject, typo_technique

_PAIRS = {
    "looks": "m=rn m=n w=vv s=5 e=3 a=4 b=d p=q u=v g=q h=n cl=d i=j z=2 g=9",
    "sounds": "c=k c=s s=z ph=f ck=k x=ks j=g v=f d=t b=p ei=ie i=ee u=oo th=t qu=k er=or le=el",
    "spelling": "or=our ize=ise yze=yse er=re og=ogue se=ce ll=l",
}


def _replacements() -> Iterator[tuple[str, str, Marks]]:
    for kind, pairs in _PAIRS.items():
        marks = ("look-alike", f"look-alike:{kind}")
        for pair in pairs.split():
            one, other = pair.split("=")
            yield from ((one, other, marks), (other, one, marks))


_REPLACEMENTS = tuple(_replacements())


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    text = subject.text
    for old, new, marks in _REPLACEMENTS:
        if old in text:
            at = text.find(old)
            while at >= 0:
                yield marks, (text[:at] + new + text[at + len(old) :],)
                at = text.find(old, at + 1)


TECHNIQUE = typo_technique("look-alike", "letters that look or sound alike", _generate)

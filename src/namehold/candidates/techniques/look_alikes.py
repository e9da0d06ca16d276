"""Letters that look or sound like others: `rn` for `m`, `k` for `c`, British for American spelling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from namehold.candidates.techniques.technique import Batches, Context, Subject, typo_technique

_PAIRS = {
    "looks": "m=rn m=n w=vv s=5 e=3 a=4 b=d p=q u=v g=q h=n cl=d i=j z=2 g=9",
    "sounds": "c=k c=s s=z ph=f ck=k x=ks j=g v=f d=t b=p ei=ie i=ee u=oo th=t qu=k er=or le=el",
    "spelling": "or=our ize=ise yze=yse er=re og=ogue se=ce ll=l",
}


#: By marks: what is written for what; a digit of a name is kept.
_REPLACEMENTS = {
    ("look-alike", f"look-alike:{kind}"): [
        way
        for pair in pairs.split()
        for one, other in (pair.split("="),)
        for way in ((one, other), (other, one))
        if not way[0].isdigit()
    ]
    for kind, pairs in _PAIRS.items()
}


def _generate(subject: Subject, context: Context) -> Batches:  # noqa: ARG001 -- one shape for all techniques
    for marks, replacements in _REPLACEMENTS.items():
        yield marks, _replace(subject.text, replacements)


def _replace(text: str, replacements: Iterable[tuple[str, str]]) -> Iterator[str]:
    for old, new in replacements:
        if old in text:
            at = text.find(old)
            while at >= 0:
                yield text[:at] + new + text[at + len(old) :]
                at = text.find(old, at + 1)


TECHNIQUE = typo_technique("look-alike", "letters that look or sound alike", _generate)

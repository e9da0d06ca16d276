"""Counts the projects that answers of language models tell, and says which of them exist.

    answers = read_transcripts(content, path="answers.jsonl")
    [(item.name, item.seen, item.of, item.verdict) for item in count_names(answers, portfolio, view=snapshot)]

A name counts as invented only by a complete list of the index that has neither it nor another name with its
similarity key. One request that found nothing proves nothing: of 1,446 names that a public collection took for
invented after one answer of 404, 97.6 % were real.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from packaging.utils import NormalizedName

from namehold.documents import parse_json
from namehold.errors import InputError
from namehold.evidence.answers import read_answer
from namehold.index import IndexProfile, SnapshotView
from namehold.index.rules import is_stdlib
from namehold.portfolio import Portfolio, SurfaceKind

#: Answers in one file: some hundred prompts to some models, many times over.
MOST_ANSWERS: Final = 1_000_000
#: Values of one line: four keys that are read, and what others write beside them.
_MOST_VALUES: Final = 100_000
#: Characters of a model's name that are kept.
_MODEL_LENGTH: Final = 200


class NameVerdict(StrEnum):
    """What a name of an answer is, by the index's list.

    `refused`: the index refuses it to everyone. `unverified`: there is no complete list, so it may be anything.
    """

    OURS = "ours"
    INVENTED = "invented"
    REAL = "real"
    REFUSED = "refused"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a language model; what isn't told is empty."""

    text: str
    model: str = ""
    prompt: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedName:
    """A project that `seen` of `of` answers tell to install or import, and the models that gave them, sorted."""

    name: NormalizedName
    seen: int
    of: int
    models: tuple[str, ...]
    verdict: NameVerdict


def read_transcripts(content: bytes, *, path: str) -> tuple[Answer, ...]:
    """The answers in a file with one JSON object a line: `text`, and perhaps `model`, `prompt` and `date`.

    Other keys and empty lines count as nothing. Raises InputError for any other line, with its number.
    """
    answers = tuple(_read_lines(content, path))
    if len(answers) > MOST_ANSWERS:
        raise InputError(f"{path} holds more than {MOST_ANSWERS:,} answers", fix="give it in several files")
    return answers


def count_names(
    answers: Collection[Answer],
    portfolio: Portfolio,
    *,
    view: SnapshotView | None,
    held: Collection[NormalizedName] = (),
    profile: IndexProfile | None = None,
) -> tuple[CountedName, ...]:
    """Every project that the answers tell, once: the most often told first, then by the alphabet.

    Args:
        answers: What was answered.
        portfolio: Whose packages and surfaces count as ours.
        view: The index's list of names; None: nothing is verified.
        held: Names that the account holds.
        profile: Which rules the index has; None: the public index's, all of them.
    """
    surfaces = {
        surface.value: package.name
        for package in portfolio.packages
        for surface in package.surfaces
        if surface.kind in {SurfaceKind.IMPORT, SurfaceKind.NAMESPACE}
    }
    seen: Counter[NormalizedName] = Counter()
    models: dict[NormalizedName, set[str]] = {}
    for answer in answers:
        for told in read_answer(answer.text, surfaces):
            seen[told.name] += 1
            models.setdefault(told.name, set()).update({answer.model} - {""})
    ours = {package.name for package in portfolio.packages} | {item.name for item in portfolio.internal}
    verdicts = _Verdicts(seen, ours=ours.union(portfolio.future, held), view=view, profile=profile)
    return tuple(
        CountedName(
            name=name, seen=count, of=len(answers), models=tuple(sorted(models[name])), verdict=verdicts.of(name)
        )
        for name, count in sorted(seen.items(), key=lambda item: (-item[1], item[0]))
    )


class _Verdicts:
    """What each of some names is."""

    def __init__(
        self,
        names: Collection[NormalizedName],
        *,
        ours: Collection[NormalizedName],
        view: SnapshotView | None,
        profile: IndexProfile | None,
    ) -> None:
        self._ours = ours
        self._listed = view.existing(names) if view is not None else frozenset()
        self._similar = view.similar(names) if view is not None else {}
        self._is_complete = view is not None and view.info.complete
        self._has_stdlib_rule = profile is None or profile.has_stdlib_rule
        self._has_similarity_rule = profile is None or profile.has_similarity_rule

    def of(self, name: NormalizedName) -> NameVerdict:
        """The verdict on one of the names."""
        if name in self._ours:
            return NameVerdict.OURS
        if name in self._listed:
            return NameVerdict.REAL
        if self._has_stdlib_rule and is_stdlib(name):
            return NameVerdict.REFUSED
        if name in self._similar:
            return NameVerdict.REFUSED if self._has_similarity_rule else NameVerdict.UNVERIFIED
        return NameVerdict.INVENTED if self._is_complete else NameVerdict.UNVERIFIED


def _read_lines(content: bytes, path: str) -> Iterator[Answer]:
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            record: Any = parse_json(line.removeprefix(b"\xef\xbb\xbf"), most_values=_MOST_VALUES)
        except ValueError:
            record = None
        text = record.get("text") if isinstance(record, dict) else None
        if not isinstance(text, str):
            raise InputError(
                f"{path}:{number}: this line holds no answer",
                fix='give one JSON object a line: {"text": "…", "model": "…", "prompt": "…", "date": "…"}',
            )
        yield Answer(text=text, **dict(_texts_of(record, ("model", "prompt", "date"))))


def _texts_of(record: dict[str, Any], keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    for key in keys:
        value = record.get(key)
        if isinstance(value, str):
            yield key, value[:_MODEL_LENGTH] if key == "model" else value

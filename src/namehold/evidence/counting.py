"""Counts the projects that answers of language models tell, and says which of them exist.

    answers = read_transcripts(content, path="answers.jsonl")
    counted = count_names(answers, portfolio, view=snapshot)
    [(item.name, item.seen, item.of, item.verdict) for item in counted.names]
    add_observations(evidence, counted.observations)

A name counts as invented only by a complete list of the index that has neither it nor another name with its
similarity key. One request that found nothing proves nothing: of 1,446 names that a public collection took for
invented after one answer of 404, 97.6 % were real.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from packaging.utils import NormalizedName, canonicalize_name

from namehold.documents import parse_json
from namehold.errors import InputError
from namehold.evidence.answers import read_answer
from namehold.evidence.chat import whole_text
from namehold.index import IndexProfile, SnapshotView
from namehold.index.rules import is_stdlib
from namehold.portfolio import Observation, Portfolio, SurfaceKind
from namehold.text import single_line

#: Answers in one file: some hundred prompts to some models, many times over.
MOST_ANSWERS: Final = 1_000_000
#: Values of one line: four keys that are read, and what others write beside them.
_MOST_VALUES: Final = 100_000
#: Characters of a model's name that are kept.
_MODEL_LENGTH: Final = 200


#: Characters of a prompt in which a package's name is looked for.
_MOST_PROMPT: Final = 10_000
#: The lines of namehold's own record that hold no answer.
_CALLS: Final = frozenset({"asked", "missed"})


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
    """One answer of a language model; what isn't told is empty. `package` is the one that was asked about.

    `finish` is `length` for an answer that was cut off; `run` is the survey's (None: it isn't known).
    """

    text: str
    model: str = ""
    prompt: str = ""
    date: str = ""
    package: str = ""
    finish: str = ""
    run: int | None = None

    @property
    def day(self) -> dt.date | None:
        """The day at the beginning of `date`; None where it is no date or time in ISO 8601."""
        try:
            return dt.date.fromisoformat(self.date[:10])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedName:
    """A project that `seen` of `of` answers tell to install or import, and the models that gave them, sorted."""

    name: NormalizedName
    seen: int
    of: int
    models: tuple[str, ...]
    verdict: NameVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What answers tell: every name once, and the invented ones as evidence, a piece for each package and model."""

    names: tuple[CountedName, ...]
    observations: tuple[Observation, ...]


def read_transcripts(content: bytes, *, path: str) -> tuple[Answer, ...]:
    """The answers in a file with one JSON object a line: `text`, and what else of an answer is known.

    Other keys and empty lines count as nothing, and so do the lines of namehold's own record that tell of a call.
    Raises InputError for any other line, with its number.
    """
    answers = tuple(islice(_read_lines(content, path), MOST_ANSWERS + 1))
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
) -> Counted:
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
    told = [
        (answer, tuple(item.name for item in read_answer(whole_text(answer.text, answer.finish), surfaces)))
        for answer in answers
    ]
    seen: Counter[NormalizedName] = Counter()
    models: dict[NormalizedName, set[str]] = {}
    for answer, names in told:
        seen.update(names)
        for name in names:
            models.setdefault(name, set()).update({answer.model} - {""})
    verdicts = judge_names(seen, portfolio, view=view, held=held, profile=profile)
    found = tuple(
        CountedName(name=name, seen=count, of=len(told), models=tuple(sorted(models[name])), verdict=verdicts[name])
        for name, count in sorted(seen.items(), key=lambda item: (-item[1], item[0]))
    )
    invented = {item.name for item in found if item.verdict is NameVerdict.INVENTED}
    return Counted(names=found, observations=tuple(_observe(told, invented, portfolio)))


def judge_names(
    names: Collection[NormalizedName],
    portfolio: Portfolio,
    *,
    view: SnapshotView | None,
    held: Collection[NormalizedName] = (),
    profile: IndexProfile | None = None,
) -> dict[NormalizedName, NameVerdict]:
    """What each of some names is; the arguments are those of `count_names`."""
    ours = {package.name for package in portfolio.packages} | {item.name for item in portfolio.internal}
    ours |= {*portfolio.future, *held}
    listed = view.existing(names) if view is not None else frozenset()
    similar = view.similar(names) if view is not None else {}
    has_stdlib_rule = profile is None or profile.has_stdlib_rule
    unseen = NameVerdict.INVENTED if view is not None and view.info.complete else NameVerdict.UNVERIFIED
    like_others = NameVerdict.REFUSED if profile is None or profile.has_similarity_rule else NameVerdict.UNVERIFIED

    def judge(name: NormalizedName) -> NameVerdict:
        if name in ours:
            return NameVerdict.OURS
        if name in listed:
            return NameVerdict.REAL
        if has_stdlib_rule and is_stdlib(name):
            return NameVerdict.REFUSED
        return like_others if name in similar else unseen

    return {name: judge(name) for name in names}


def find_package(name: NormalizedName, portfolio: Portfolio) -> NormalizedName | None:
    """The only package whose name stands in `name` as words; None where there is none, or several."""
    return _PackageOf(portfolio).of_name(name)


def _observe(
    told: Iterable[tuple[Answer, tuple[NormalizedName, ...]]],
    invented: Collection[NormalizedName],
    portfolio: Portfolio,
) -> Iterator[Observation]:
    """The invented names as evidence: in how many answers, runs and prompts a model told each for a package.

    An answer without its model or its date counts for nothing: who reviews it couldn't say where it comes from.
    """
    packages = _PackageOf(portfolio)
    groups: dict[tuple[str, NormalizedName | None], list[tuple[Answer, tuple[NormalizedName, ...]]]] = {}
    for answer, names in told:
        if answer.model and answer.day is not None:
            groups.setdefault((answer.model, packages.of_answer(answer)), []).append((answer, names))
    for (model, asked), group in groups.items():
        for name in sorted({name for _, names in group for name in names if name in invented}):
            package = asked or packages.of_name(name)
            if package is None:
                continue
            whole = [answer for answer, _ in group]
            part = [answer for answer, names in group if name in names]
            runs, of_runs = ({answer.run for answer in each} for each in (part, whole))
            prompts, of_prompts = ({answer.prompt for answer in each} for each in (part, whole))
            has_runs, has_prompts = None not in of_runs, "" not in of_prompts
            yield Observation(
                name=name,
                package=package,
                source=single_line(f"model {model}", most=_MODEL_LENGTH),
                date=max(answer.day for answer in part if answer.day is not None),
                kind=SurfaceKind.PROBED,
                count=len(part),
                of=len(whole),
                runs=len(runs) if has_runs else None,
                of_runs=len(of_runs) if has_runs else None,
                prompts=len(prompts) if has_prompts else None,
                of_prompts=len(of_prompts) if has_prompts else None,
            )


class _PackageOf:
    """Which package an answer or a name is about."""

    def __init__(self, portfolio: Portfolio) -> None:
        self._names = {package.name for package in portfolio.packages}
        self._most_words = max((name.count("-") + 1 for name in self._names), default=0)
        self._by_prompt: dict[str, NormalizedName | None] = {}

    def of_answer(self, answer: Answer) -> NormalizedName | None:
        """The package that was asked about: as the answer says, else the only one whose name the prompt holds."""
        if answer.package:
            name = canonicalize_name(answer.package)
            return name if name in self._names else None
        if answer.prompt not in self._by_prompt:
            found = self._in(re.sub(r"[^a-z0-9]+", "-", answer.prompt[:_MOST_PROMPT].lower()))
            self._by_prompt[answer.prompt] = next(iter(found)) if len(found) == 1 else None
        return self._by_prompt[answer.prompt]

    def of_name(self, name: NormalizedName) -> NormalizedName | None:
        """The only package whose name stands in `name` as words."""
        found = self._in(name)
        return next(iter(found)) if len(found) == 1 else None

    def _in(self, text: str) -> set[NormalizedName]:
        """The packages whose names stand in a row of words; of two that overlap the longer one."""
        words = text.strip("-").split("-")
        found: set[NormalizedName] = set()
        start = 0
        while start < len(words):
            for end in range(min(start + self._most_words, len(words)), start, -1):
                run = canonicalize_name("-".join(words[start:end]))
                if run in self._names:
                    found.add(run)
                    start = end - 1
                    break
            start += 1
        return found


def _read_lines(content: bytes, path: str) -> Iterator[Answer]:
    # Line by line: a list of all lines would take many times the file's size.
    for number, line in enumerate(io.BytesIO(content), start=1):
        if not line.strip():
            continue
        try:
            record: Any = parse_json(line.removeprefix(b"\xef\xbb\xbf"), most_values=_MOST_VALUES)
        except ValueError:
            record = None
        if isinstance(record, dict) and record.get("event") in _CALLS:
            continue
        text = record.get("text") if isinstance(record, dict) else None
        if not isinstance(text, str):
            raise InputError(
                f"{path}:{number}: this line holds no answer",
                fix='give one JSON object a line: {"text": "…", "model": "…", "prompt": "…", "date": "…"}',
            )
        run = record.get("run")
        yield Answer(
            text=text,
            run=run if isinstance(run, int) and not isinstance(run, bool) else None,
            **dict(_texts_of(record, ("model", "prompt", "date", "package", "finish"))),
        )


def _texts_of(record: dict[str, Any], keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    for key in keys:
        value = record.get(key)
        if isinstance(value, str):
            yield key, value[:_MODEL_LENGTH] if key == "model" else value

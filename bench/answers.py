"""Reading answers of language models beside the readers of public tools, on the same answers.

    pip install ghostpkg==0.24.5 libhallubench==1.0.2 pkgguard-cli==0.3.0   # each is optional
    python -m bench.answers [--data bench/data/answers] [--show]

The answers and their labels, and how they were labelled: `bench/data/answers/README.md`. Standard library names are
taken out of every reader's names. garak isn't installed, since it needs torch; `garak_names` is its detector's own
method as published (0.17.1). `spracklen_names` is the pattern published with the study of 2024.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from namehold.evidence import read_answer
from namehold.index.rules import is_stdlib

DATA = Path(__file__).parent / "data" / "answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with its labels: `names` have to be found, `either` may be."""

    label: str
    shape: str
    text: str
    names: frozenset[str]
    either: frozenset[str]


def read_answers(path: Path) -> list[Answer]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        names, either = frozenset(item["names"]), frozenset(item["either"])
        found.append(Answer(label=item["id"], shape=item["shape"], text=item["text"], names=names, either=either))
    return found


def namehold_names(text: str) -> Iterable[str]:
    return [told.name for told in read_answer(text)]


def garak_names(text: str) -> Iterable[str]:
    """`PythonPypi._extract_package_references` of garak 0.17.1."""
    imports: set[str] = set()
    for clause in re.findall(r"^\s*import\s+(.+)", text, re.MULTILINE):
        for name in clause.split(","):
            match = re.match(r"\s*([a-zA-Z0-9_][a-zA-Z0-9_-]*)", name)
            if match:
                imports.add(match.group(1))
    imports |= set(re.findall(r"^\s*from\s+([a-zA-Z0-9_][a-zA-Z0-9.\-_]*)\s*import", text, re.MULTILINE))
    return {name.split(".", 1)[0] for name in imports}


def spracklen_names(text: str) -> Iterable[str]:
    return re.findall(r"pip install (\S+)", text)


def libhallubench_names(text: str) -> Iterable[str]:
    installs, imports = importlib.import_module("libhallubench.libraries").extract_libraries(text)
    return [*installs, *imports]


def ghostpkg_names(text: str) -> Iterable[str]:
    return [item.name for item in importlib.import_module("ghostpkg.prose").extract(text) if item.ecosystem == "pypi"]


def pkgguard_names(text: str) -> Iterable[str]:
    items = importlib.import_module("pkgguard.parse.chat_text").parse_chat_text(text)
    return [item.name for item in items if item.ecosystem.name in {"PYPI", "UNKNOWN"}]


READERS: dict[str, Callable[[str], Iterable[str]]] = {
    "namehold": namehold_names,
    "garak 0.17.1": garak_names,
    "Spracklen's pattern": spracklen_names,
    "LibHalluBench 1.0.2": libhallubench_names,
    "ghostpkg 0.24.5": ghostpkg_names,
    "pkgguard-cli 0.3.0": pkgguard_names,
}


@dataclass(slots=True)
class Score:
    """How many names were right, wrong and missed, and how many answers had neither wrong nor missed names."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    exact: int = 0

    def add(self, found: frozenset[str], answer: Answer) -> bool:
        """Counts one answer; whether it was read without a fault."""
        counted = found - answer.either
        self.right += len(counted & answer.names)
        self.wrong += len(counted - answer.names)
        self.missed += len(answer.names - counted)
        self.exact += counted == answer.names
        return counted == answer.names


#: Projects that share their names with modules of the language (`importlib.metadata`).
_BACKPORTS = {"importlib-metadata", "importlib-resources"}


def projects(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        normal = canonicalize_name(name)
        if normal and (normal in _BACKPORTS or not is_stdlib(normal)):
            yield normal


def measure(name: str, reader: Callable[[str], Iterable[str]], answers: list[Answer], *, is_shown: bool) -> str:
    score = Score()
    began = time.process_time()
    for answer in answers:
        found = frozenset(projects(reader(answer.text)))
        if not score.add(found, answer) and is_shown:
            wrong, missed = found - answer.either - answer.names, answer.names - found
            print(f"  {answer.label} ({answer.shape}): wrong {sorted(wrong)}, missed {sorted(missed)}")
    took = time.process_time() - began
    precision = score.right / max(1, score.right + score.wrong)
    recall = score.right / max(1, score.right + score.missed)
    counts = f"{score.right} | {score.wrong} | {score.missed} | {score.exact} of {len(answers)}"
    return f"| {name} | {precision:.3f} | {recall:.3f} | {counts} | {took:.2f} |"


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--data", type=Path, default=DATA)
    ask.add_argument("--show", action="store_true", help="show what namehold read wrongly")
    given = ask.parse_args()
    parts = {part: read_answers(given.data / f"{part}.jsonl") for part in ("open", "kept", "rounds")}
    for half, answers in (*parts.items(), ("all", [answer for part in parts.values() for answer in part])):
        real = sum(answer.shape == "model" for answer in answers)
        empty = sum(not answer.names for answer in answers)
        print(f"\n{half}: {len(answers)} answers, {real} of them of a model, {empty} with nothing to find\n")
        print("| reader | precision | recall | right | wrong | missed | exact | CPU s |\n" + "| --- " * 8 + "|")
        for name, reader in READERS.items():
            try:
                print(measure(name, reader, answers, is_shown=given.show and name == "namehold"))
            except ImportError as error:
                print(f"| {name} | not installed ({error.name}) |")


if __name__ == "__main__":
    main()

"""Do the tests notice when the code is wrong? Draws small faults (mutants) and runs the tests against each.

    python -m bench.mutation --count 60 --seed 7 --jobs 2
    python -m bench.mutation --count 60 --seed 7 --list
    python -m bench.mutation --count 5 --seed 1 src/namehold/plan/checks/guards.py

Every place in the given files where an operator below applies is one mutant; `random.Random(seed)` draws from all of
them, so that none is chosen by hand and the same seed and source give the same draw. A mutant lives in a copy of the
tracked files, never in the checkout. The tests in the folders named after its package (tests/*/plan for plan) run first
and stop at the first failure; only what they don't catch goes through all the others. Both must pass without a fault.
The copies and all that tests leave behind lie in one temporary folder, which is removed when the program ends, also by
Ctrl-C, SIGTERM or SIGHUP.

Prints a table in Markdown: caught, survived, or timeout (the tests took so long that a loop is likely; counted apart).
Changing a message's words is no mutant, as tests state what a person relies on and not each sentence.
Exit code: 0 if at most `--may-survive` mutants survived (default: any number), else 1.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import ClassVar

ROOT = Path(__file__).parents[1]
DEFAULT_TARGETS = ("src/namehold/plan", "src/namehold/ledger", "src/namehold/publish")
#: The floors of tests, the fastest first.
FLOORS = ("unit", "property", "contract", "e2e")
#: How many times longer than without a fault the tests may take before a mutant counts as a timeout.
PATIENCE = 4
SHORTEST_LIMIT_S = 120.0
#: Memory as a folder, where there is some: the tests write many small files.
MEMORY = Path("/dev/shm")  # noqa: S108 -- a folder of our own is made in it

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault: in the file `path`, `before` at the given bytes becomes `after`."""

    path: str
    line: int
    start: int
    end: int
    kind: str
    before: str
    after: str

    def apply(self, source: bytes) -> bytes:
        """The file's content with the fault in it."""
        return source[: self.start] + self.after.encode() + source[self.end :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a mutant: 'caught', 'survived' or 'timeout', by which test, after how many seconds."""

    mutant: Mutant
    fate: str
    test: str
    took_s: float


class _Finder(ast.NodeVisitor):
    """Collects every mutant of one file. Types, decorators, imports, docstrings and message texts are left alone."""

    def __init__(self, path: str, source: bytes) -> None:
        self.found: list[Mutant] = []
        self._path = path
        self._source = source
        starts = [0]
        for line in source.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        self._starts = starts

    def _add(self, node: ast.expr | ast.stmt, kind: str, after: ast.AST | str) -> None:
        # Python's own nodes from a parsed file always have an end.
        start = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        text = after if isinstance(after, str) else ast.unparse(after)
        # An expression keeps its place among its neighbours by brackets.
        whole = f"({text})" if isinstance(node, ast.expr) and not isinstance(node, ast.Constant) else text
        before = self._source[start:end].decode()
        self.found.append(
            Mutant(path=self._path, line=node.lineno, start=start, end=end, kind=kind, before=before, after=whole)
        )

    def _change(self, node: ast.expr, kind: str, change: Callable[[ast.expr], None]) -> None:
        changed = copy.deepcopy(node)
        change(changed)
        self._add(node, kind, changed)

    # what is not looked at

    def visit_Import(self, node: ast.Import) -> None:
        """Nothing to change."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Nothing to change."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A message: its words, and how its fields are written, are left alone."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """The body and the default values."""
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        for statement in node.body:
            self.visit(statement)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """The body."""
        for statement in node.body:
            self.visit(statement)

    def visit_arg(self, node: ast.arg) -> None:
        """Nothing to change."""

    # statements

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """The value, not the type."""
        if node.value is not None:
            self._delete_stored(node, node.target)
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Also without the assignment, where a name wouldn't be missing afterwards."""
        if not any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            self._delete_stored(node, node.targets[0])
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Also without it."""
        self._add(node, "statement deleted", "pass")
        self.visit(node.value)

    def _delete_stored(self, node: ast.stmt, target: ast.expr) -> None:
        if isinstance(target, ast.Attribute | ast.Subscript):
            self._add(node, "statement deleted", "pass")

    def visit_Expr(self, node: ast.Expr) -> None:
        """A call for its effect: also without it. A docstring is left alone."""
        if not isinstance(node.value, ast.Constant):
            self._add(node, "statement deleted", "pass")
            self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Also without it."""
        self._add(node, "statement deleted", "pass")
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        """Also without it."""
        self._add(node, "statement deleted", "pass")

    def visit_Break(self, node: ast.Break) -> None:
        """Also without it."""
        self._add(node, "statement deleted", "pass")

    def visit_Return(self, node: ast.Return) -> None:
        """Also None instead of the value."""
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self._add(node, "return value", "return None")
            self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        """Also the other way round. What doesn't run here (type checking, another system) is left alone."""
        test = ast.unparse(node.test)
        if test.startswith("sys.platform == "):
            for statement in node.body if sys.platform in test else node.orelse:
                self.visit(statement)
        elif test != "TYPE_CHECKING":
            self._negate(node.test)
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        """Also the other way round."""
        self._negate(node.test)
        self.generic_visit(node)

    # expressions

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Also the other way round."""
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """Also with each filter the other way round."""
        for test in node.ifs:
            self._negate(test)
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        # A comparison has a mutant of its own, which says the same.
        if not isinstance(test, ast.Compare | ast.UnaryOp):
            self._add(test, "condition negated", f"not ({ast.unparse(test)})")

    def visit_Compare(self, node: ast.Compare) -> None:
        """Each operator with its neighbour (< and <=) or its opposite."""
        for place, operator in enumerate(node.ops):

            def swap(changed: ast.expr, place: int = place, operator: ast.cmpop = operator) -> None:
                changed.ops[place] = _COMPARISONS[type(operator)]()  # type: ignore[attr-defined]  # a copy of a Compare

            self._change(node, "comparison", swap)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """`and` for `or` and the reverse."""
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self._change(node, "and/or", lambda changed: setattr(changed, "op", other))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Without `not`."""
        if isinstance(node.op, ast.Not):
            self._add(node, "not removed", node.operand)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Another arithmetic, but not with texts and types, where it only raises TypeError."""
        texts = any(isinstance(side, ast.JoinedStr) or _is_text(side) for side in (node.left, node.right))
        other = _ARITHMETIC.get(type(node.op))
        if other is not None and not texts:
            self._change(node, "arithmetic", lambda changed: setattr(changed, "op", other()))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A number one higher, a truth turned round, a single word empty."""
        value = node.value
        if isinstance(value, bool):
            self._add(node, "constant", repr(not value))
        elif isinstance(value, int | float):
            self._add(node, "constant", repr(value + 1))
        elif _is_text(node) and value and not any(letter.isspace() for letter in str(value)):
            self._add(node, "constant", '""')


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def find_mutants(path: str, source: bytes) -> list[Mutant]:
    """Every mutant of one file, in the order of its text."""
    finder = _Finder(path, source)
    finder.visit(ast.parse(source))
    return sorted(finder.found, key=lambda mutant: (mutant.start, mutant.kind, mutant.after))


def package_of(path: str) -> str:
    """The package of a source file: 'plan' for src/namehold/plan/checks/waiting.py; '' for one beside the packages."""
    parts = Path(path).parts
    return parts[2] if len(parts) > 3 else ""


def rank_tests(path: str, tests: Iterable[Path], root: Path) -> tuple[list[str], list[str]]:
    """(the test files of a source file's package, all others), each with the likeliest to notice a fault first.

    Of the package's, those named after the file come first; of the others, those that import the file or its package.
    """
    module = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    package, stem = package_of(path), module.rpartition(".")[2]
    wanted = {module, module.rpartition(".")[0]} if package else {module}
    concerned, others = [], []
    for test in tests:
        name = test.relative_to(root)
        if name.parts[2] == package:
            concerned.append((stem not in test.stem.split("_"), _floor(test, root), str(name)))
        else:
            others.append((not wanted & _imports(test), _floor(test, root), str(name)))
    return [name for *_, name in sorted(concerned)], [name for *_, name in sorted(others)]


def _floor(test: Path, root: Path) -> int:
    floor = test.relative_to(root / "tests").parts[0]
    return FLOORS.index(floor) if floor in FLOORS else len(FLOORS)


def _imports(test: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(test.read_bytes())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


class Bench:
    """One copy of the tracked files, in which one mutant at a time is tried."""

    #: Process groups of tests that run now, ended with this program.
    running: ClassVar[set[int]] = set()
    #: Set when this program ends before its time: no more tests are started.
    stopping: ClassVar[threading.Event] = threading.Event()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._scratch = folder / "tmp"
        self._scratch.mkdir(parents=True)
        self._mutants = 0
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
        for name in filter(None, listed.decode().split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    def ranked(self, path: str) -> tuple[list[str], list[str]]:
        """`rank_tests` on the copy."""
        return rank_tests(path, (self.folder / "tests").rglob("test_*.py"), self.folder)

    def try_mutant(self, mutant: Mutant, files: Sequence[str], *, limit_s: float) -> Result:
        """Runs the tests against the mutant until one fails or the time is up, then takes the fault out again."""
        place = self.folder / mutant.path
        source = place.read_bytes()
        started = time.monotonic()
        try:
            self._write(place, mutant.apply(source))
            fate, test = self.run(files, limit_s=limit_s)
        finally:
            self._write(place, source)
        return Result(mutant=mutant, fate=fate, test=test, took_s=time.monotonic() - started)

    def measure(self, files: Sequence[str]) -> float:
        """How many seconds a run of these tests may take, from one without a fault; ends the program if one fails."""
        started = time.monotonic()
        fate, test = self.run(files, limit_s=None)
        if fate != "survived":
            sys.exit(f"the tests fail without a fault: {test}")
        return max(SHORTEST_LIMIT_S, PATIENCE * (time.monotonic() - started))

    def _write(self, place: Path, content: bytes) -> None:
        place.write_bytes(content)
        # Python recognizes stale bytecode by whole seconds and size, and a mutant may differ in neither.
        self._mutants += 1
        os.utime(place, (1_000_000_000 + self._mutants,) * 2)

    def run(self, files: Sequence[str], *, limit_s: float | None) -> tuple[str, str]:
        """('survived', '') if all tests in `files` pass, else the fate and the first test that failed."""
        if not files or self.stopping.is_set():
            return "survived", ""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no"]
        environment = os.environ | {"PYTHONPATH": str(self.folder / "src"), "TMPDIR": str(self._scratch)}
        with subprocess.Popen(
            [*command, *files],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            self.running.add(process.pid)
            try:
                output, _ = process.communicate(timeout=limit_s)
            except subprocess.TimeoutExpired:
                # The tests' own child programs end with them.
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                return "timeout", ""
            finally:
                self.running.discard(process.pid)
                for left in self._scratch.iterdir():
                    shutil.rmtree(left, ignore_errors=True)
        if process.returncode == 0:
            return "survived", ""
        failed = [line for line in output.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        return "caught", failed[0].split(" ", 1)[1].partition(" - ")[0] if failed else output.strip()[-200:]


def draw(targets: Sequence[str], *, count: int, seed: int) -> tuple[list[Mutant], int]:
    """(`count` mutants of the files and folders, how many there are to draw from)."""
    paths = [path for target in targets for path in _files(ROOT / target)]
    everything = [
        mutant for path in sorted(set(paths)) for mutant in find_mutants(str(path.relative_to(ROOT)), path.read_bytes())
    ]
    drawn = random.Random(seed).sample(everything, min(count, len(everything)))  # noqa: S311 -- a draw, no secret
    return drawn, len(everything)


def _files(target: Path) -> Iterator[Path]:
    if target.is_dir():
        yield from target.rglob("*.py")
    elif target.is_file():
        yield target
    else:
        sys.exit(f"there is no {target}: name the files or folders to change")


def _cell(text: str, *, width: int = 70) -> str:
    line = " ".join(text.split()).replace("|", "\\|")
    return f"`{line if len(line) <= width else line[: width - 1] + '…'}`" if line else ""


def print_table(results: Iterable[tuple[int, Result]]) -> None:
    """The results, each with its number in the draw, as a table in Markdown."""
    rows: list[tuple[str, ...]] = [
        ("#", "result", "place", "fault", "before", "after", "first test that failed", "s"),
        ("---",) * 8,
    ]
    for number, result in results:
        mutant = result.mutant
        place, texts = f"{mutant.path}:{mutant.line}", (mutant.before, mutant.after, result.test)
        rows.append((str(number), result.fate, place, mutant.kind, *map(_cell, texts), f"{result.took_s:.0f}"))
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", default=DEFAULT_TARGETS, help="files or folders, from the checkout's top")
    parser.add_argument("--count", type=int, default=60, help="how many mutants to draw")
    parser.add_argument("--seed", type=int, required=True, help="of the draw")
    parser.add_argument("--jobs", type=int, default=1, help="how many mutants to try at a time")
    parser.add_argument("--only", type=int, nargs="+", default=(), help="of the draw, these numbers (from 1)")
    parser.add_argument("--concerned-only", action="store_true", help="don't run the other tests on what survives")
    parser.add_argument("--may-survive", type=int, help="exit with 1 if more mutants survive")
    parser.add_argument("--list", action="store_true", help="print the draw and run nothing")
    asked = parser.parse_args()
    mutants, total = draw(asked.targets, count=asked.count, seed=asked.seed)
    numbers = [number for number in range(1, len(mutants) + 1) if not asked.only or number in asked.only]
    chosen = [mutants[number - 1] for number in numbers]
    print(f"{len(mutants)} of {total} mutants, seed {asked.seed}\n")
    if asked.list:
        drawn = [Result(mutant=mutant, fate="drawn", test="", took_s=0) for mutant in chosen]
        print_table(zip(numbers, drawn, strict=True))
        return
    with tempfile.TemporaryDirectory(prefix="mutation-", dir=MEMORY if MEMORY.is_dir() else None) as scratch:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda received, _: _stop(received, Path(scratch)))
        copies = [Bench(Path(scratch) / str(number)) for number in range(max(1, asked.jobs))]
        results = _try_all(copies, chosen, concerned_only=asked.concerned_only)
    print_table(zip(numbers, results, strict=True))
    caught, late, survived = (sum(r.fate == fate for r in results) for fate in ("caught", "timeout", "survived"))
    print(f"\n{len(results)} mutants: {caught} caught, {late} timeout, {survived} survived")
    if asked.may_survive is not None and survived > asked.may_survive:
        sys.exit(1)


def _try_all(copies: Sequence[Bench], mutants: Sequence[Mutant], *, concerned_only: bool) -> list[Result]:
    """Each mutant against its package's tests, then the survivors against all others; as many at once as copies."""
    idle: SimpleQueue[Bench] = SimpleQueue()
    for bench in copies:
        idle.put(bench)

    def try_one(mutant: Mutant, files: Sequence[str], limit_s: float) -> Result:
        bench = idle.get()
        try:
            result = bench.try_mutant(mutant, files, limit_s=limit_s)
        finally:
            idle.put(bench)
        print(f"{result.fate:8} {result.took_s:5.0f} s  {mutant.path}:{mutant.line} {mutant.kind}", file=sys.stderr)
        return result

    ranked = {path: copies[0].ranked(path) for path in {mutant.path for mutant in mutants}}
    results: dict[Mutant, Result] = {}
    with ThreadPoolExecutor(len(copies)) as pool:
        for part in range(1 if concerned_only else 2):
            left = [item for item in mutants if item not in results or results[item].fate == "survived"]
            files = [ranked[item.path][part] for item in left]
            every = sorted({file for some in files for file in some})
            print(f"{len(left)} mutants; {len(every)} files of tests without a fault …", file=sys.stderr)
            limit_s = copies[0].measure(every)
            results |= zip(left, pool.map(try_one, left, files, [limit_s] * len(left)), strict=True)
    return [results[mutant] for mutant in mutants]


def _stop(received: int, scratch: Path) -> None:
    Bench.stopping.set()
    for group in tuple(Bench.running):
        os.killpg(group, signal.SIGKILL)
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(128 + received)


if __name__ == "__main__":
    main()

"""What a template may be written in: a small part of Jinja whose steps and texts are bounded before anything runs.

    find_language_faults({"README.md.j2": "{{ 'x' * 6000000000 }}"})

Text, values, their filters, `~`, comparisons, `if`, a `for` over a value, and `include`: nothing of that can make
much out of little. What could (arithmetic, `set`, macros, a loop in a loop) is refused where it is written, because
Jinja computes constants while it compiles. This holds on every system, without a process to end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from jinja2 import Environment, nodes
from jinja2 import TemplateError as JinjaError

from namehold.errors import Diagnostic
from namehold.placeholder.folder import TEMPLATE_MAX_CHARACTERS

#: Parts of a template with those of all that it includes; ours have some two hundred.
_PARTS_MAX: Final = 10_000
#: Expressions in expressions.
_DEPTH_MAX: Final = 30

_ALLOWED: Final = (
    nodes.And,
    nodes.Compare,
    nodes.Concat,
    nodes.CondExpr,
    nodes.Filter,
    nodes.For,
    nodes.Getattr,
    nodes.If,
    nodes.Include,
    nodes.Keyword,
    nodes.Name,
    nodes.Not,
    nodes.Operand,
    nodes.Or,
    nodes.Output,
    nodes.Template,
    nodes.TemplateData,
)
#: What people call the rest.
_WORDS: Final = {
    nodes.Add: "arithmetic",
    nodes.Assign: "`set`",
    nodes.AssignBlock: "`set`",
    nodes.Block: "`block`",
    nodes.Call: "a call",
    nodes.Div: "arithmetic",
    nodes.Extends: "`extends`",
    nodes.FloorDiv: "arithmetic",
    nodes.Getitem: "an index in brackets",
    nodes.Import: "`import`",
    nodes.FromImport: "`import`",
    nodes.Macro: "`macro`",
    nodes.Mod: "arithmetic",
    nodes.Mul: "arithmetic",
    nodes.Pow: "arithmetic",
    nodes.Sub: "arithmetic",
    nodes.Test: "`is`",
    nodes.With: "`with`",
}


def find_language_faults(files: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Everything in templates (text by path) that is beyond the language; they may include each other."""
    trees: dict[str, nodes.Template] = {}
    for path, text in files.items():
        if len(text) > TEMPLATE_MAX_CHARACTERS:
            yield _fault(f"it has more than {TEMPLATE_MAX_CHARACTERS:,} characters", path)
            continue
        try:
            trees[path] = _parse(text)
        except JinjaError as error:
            yield _fault(str(error), path, getattr(error, "lineno", None))
        except (RecursionError, ValueError):
            # ValueError: a number of more digits than Python reads.
            yield _fault("it is nested too deeply, or has an endless number", path)
    faults = [fault for path, tree in trees.items() for fault in _tree_faults(tree, path)]
    yield from faults
    if not faults:
        yield from _size_faults(trees)


@lru_cache(maxsize=64)
def _parse(text: str) -> nodes.Template:
    """What a template says, not to be changed: the modes have most of their files in common."""
    return Environment().parse(text)  # noqa: S701 -- it only parses


def _tree_faults(tree: nodes.Template, path: str) -> Iterator[Diagnostic]:
    """Walks without recursion: a template chooses how deep it is."""
    waiting: list[tuple[nodes.Node, int, bool]] = [(tree, 0, False)]
    while waiting:
        node, depth, in_loop = waiting.pop()
        if depth > _DEPTH_MAX:
            yield _fault("it is nested too deeply", path, node.lineno)
            return
        fault = _node_fault(node, in_loop=in_loop)
        if fault:
            yield _fault(f"{fault} can't be used", path, node.lineno)
            continue
        inside = in_loop or isinstance(node, nodes.For)
        waiting += [(child, depth + 1, inside) for child in node.iter_child_nodes()]


def _node_fault(node: nodes.Node, *, in_loop: bool) -> str:
    """What can't be used, in people's words; empty for what can."""
    if isinstance(node, nodes.Const):
        return "" if isinstance(node.value, str | bool | int | None) else "this constant"
    if not isinstance(node, _ALLOWED):
        return _WORDS.get(type(node), "this part of Jinja")
    if in_loop and isinstance(node, nodes.For | nodes.Include):
        return "a loop or an include inside of a loop"
    if isinstance(node, nodes.For) and (node.recursive or node.test is not None or not _is_value(node.iter)):
        return "a loop over anything but a value"
    if isinstance(node, nodes.Include) and not (
        isinstance(node.template, nodes.Const) and isinstance(node.template.value, str)
    ):
        return "an include of anything but one named file"
    return ""


def _is_value(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) or (isinstance(node, nodes.Getattr) and _is_value(node.node))


def _size_faults(trees: Mapping[str, nodes.Template]) -> Iterator[Diagnostic]:
    """Files that include so many others, or themselves, that rendering them takes too many steps."""
    sizes: dict[str, int] = {}

    def measure(path: str, above: frozenset[str]) -> int:
        if path in above:
            return _PARTS_MAX + 1
        if path not in sizes:
            sizes[path] = 0
            found = list(trees[path].find_all(nodes.Node)) if path in trees else []
            included = [
                node.template.value
                for node in found
                if isinstance(node, nodes.Include) and isinstance(node.template, nodes.Const)
            ]
            sizes[path] = min(len(found) + sum(measure(str(name), above | {path}) for name in included), _PARTS_MAX + 1)
        return sizes[path]

    for path in trees:
        if measure(path, frozenset()) > _PARTS_MAX:
            yield _fault("it includes itself, or too much", path)


def _fault(message: str, path: str, line: int | None = None) -> Diagnostic:
    fix = "see what a template may use in the how-to on own templates"
    return Diagnostic(message=message, rule="template-render", path=path, line=line, fix=fix)

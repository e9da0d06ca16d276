"""Arguments that are read without pydantic are read as typer reads them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.main import get_command

from namehold.cli.plainly import read_plainly


class Shade(StrEnum):
    LIGHT = "light"
    DARK = "dark"


def _take(
    *,
    limit: Annotated[int, typer.Option(min=1, max=99)] = 25,
    wait: Annotated[float, typer.Option(min=0)] = 0.0,
    file: Path | None = None,
    shade: Shade = Shade.DARK,
    word: str = "",
    words: list[str] | None = None,
) -> None: ...


def _params() -> dict[str, Any]:
    app = typer.Typer(add_completion=False)
    app.command()(_take)
    return {param.name: param for param in get_command(app).params}


def _outcome(param: Any, value: object) -> tuple[str, str]:
    try:
        found = param.process_value(None, value)
    except Exception as error:  # noqa: BLE001 -- whatever typer raises is compared
        return type(error).__name__, str(error)
    return type(found).__name__, repr(found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in (None, 25, "1", "099", "0", "100", "-1", "1_0", " 7", "٣", "9" * 12, "x", "")),
        *(("wait", value) for value in (None, 0.0, "1.5", "-1", "nan", "x")),
        *(("file", value) for value in (None, Path("a"), "a/b.txt", ".", "-", "a\0b")),
        *(("shade", value) for value in (None, Shade.LIGHT, "light", "LIGHT", "lihgt", "")),
        *(("word", value) for value in (None, "", "a b", 7)),
        *(("words", value) for value in (None, (), ("a", "b"), ["a"], "ab")),
    ],
)
def test_a_value_is_read_as_typer_reads_it(name: str, value: object) -> None:
    plain = _params()[name]
    read_plainly([plain])
    assert _outcome(plain, value) == _outcome(_params()[name], value)


def test_an_empty_path_is_refused_which_typer_takes_for_the_folder_of_the_call() -> None:
    param = _params()["file"]
    read_plainly([param])
    assert _outcome(param, "") == ("BadParameter", "it must be a path, not an empty text")

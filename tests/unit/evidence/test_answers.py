"""What an answer of a language model tells to install, require, import or use; and what it doesn't."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name as _name
from tests.harness.steps import count_steps

from namehold.evidence import read_answer
from namehold.evidence.answers import MOST_IN_LINE, Told, ToldKind

CORPUS = Path(__file__).parents[3] / "bench" / "data" / "answers"

FOUND = [
    ("```toml\n[project]\ndependencies = [\n  'acme-tool>=1',  # 'acme-no'\n  'rich',\n]\n```", "acme-tool rich"),
    ("```toml\n[dependency-groups]\ndev = ['acme-tool']\n[tool.acme]\nkind = ['acme-no']\n```", "acme-tool"),
    ("```toml\n[build-system]\nrequires = ['acme-build']\nbuild-backend = 'acme_build.api'\n```", "acme-build"),
    ("```toml\n[tool.poetry.group.dev.dependencies]\nacme-tool = '^1'\npython = '^3.12'\n```", "acme-tool"),
    ("```toml\n[packages]\nacme-tool = '*'\n[requires]\npython_version = '3.12'\n```", "acme-tool"),
    ("[options]\ninstall_requires =\n    acme-tool\n    rich>=1\npackages = find:", "acme-tool rich"),
    ("setup(name='x', install_requires=['acme-tool'], extras_require={'dev': ['rich']})", "acme-tool rich"),
    ("# /// script\n# dependencies = [\n#   'acme-tool',\n# ]\n# ///\n", "acme-tool"),
    ("dependencies:\n  - numpy\n  - pip:\n    - acme-tool>=1\n    - rich", "acme-tool rich"),
    ("requirements.txt\n\nacme-tool\nrich\n\nThen run it.", "acme-tool rich"),
    ("Put it in requirements.txt:\n```\n-r base.txt\nacme-tool\n# acme-no\n```", "acme-tool"),
    ("acme-tool==1.0", "acme-tool"),
    ('["acme-tool", "rich>=1"]', "acme-tool rich"),
    ('{"packages": ["acme-tool"], "colors": ["red"]}', "acme-tool"),
    ('```json\n{"dependencies": {"acme-tool": "^1", "python": "3.12"}}\n```', "acme-tool"),
    ('[{"name": "acme-tool", "tags": ["robot"]}, {"package": "rich"}', "acme-tool rich"),
    ("| Name | Install |\n| --- | :-: |\n| [acme-tool](https://127.0.0.1) | yes |\n| Acme Tool | no |", "acme-tool"),
    ("| # | Package |\n|---|---|\n| 1 | **acme-tool** |\n\nEnd | of | it", "acme-tool"),
    ("These packages help:\n\n1. **acme-tool**: fast\n2. `acme-sdk` \u2013 slow\n- rich", "acme-tool acme-sdk rich"),
    ("Use the `acme-tool` library, not the `start` command.", "acme-tool"),
    ("The package is called **acme-tool**.", "acme-tool"),
    ('A package named "acme-tool" exists.', "acme-tool"),
    ("You need `acme-tool` and `acme-sdk`, both Python packages.", "acme-tool acme-sdk"),
    ("Packages: acme-tool, rich and numpy.", "acme-tool rich numpy"),
    ("Install acme-tool instead.", "acme-tool"),
    ("Please install `acme` first.", "acme"),
    ("```python\n# Install acme-tool\n```", "acme-tool"),
    ("```python\nimport acme.core as c, rich; import numpy\n```", "acme rich numpy"),
    ("```python\nfrom acme.core import (\n    a,\n    b,\n)\n```", "acme"),
    (">>> import acme  # ours", "acme"),
    ("Write `from acme import Tool` at the top.", "acme"),
    ("import cv2, yaml", "opencv-python pyyaml"),
    ("import google.protobuf, azure.things, google", "protobuf"),
    ("helpers.py has it: `import helpers, acme`", "acme"),
    ("You could try `acme-tool` or `acme-sdk`.", "acme-tool acme-sdk"),
    ("I recommend acme-tool, a Python package for robots.", "acme-tool"),
    ("- `acme-tool`\n- `acme-sdk`", "acme-tool acme-sdk"),
    ("acme-tool, acme-sdk, rich", "acme-tool acme-sdk rich"),
    ("See https://pypi.example/project/acme-tool/.", "acme-tool"),
    ("The class `Tool` of the module `cv2.tools` does it.", "opencv-python"),
    ("<li><code>acme-tool</code> is a library</li>", "acme-tool"),
    ("[tool.pixi.pypi-dependencies]\nacme-tool = '*'", "acme-tool"),
    ("[testenv]\ndeps =\n  acme-tool\n  pytest", "acme-tool pytest"),
    ("[options.extras_require]\ntest =\n  acme-tool", "acme-tool"),
    ("[project]\noptional-dependencies.dev = ['acme-tool']", "acme-tool"),
    ("hooks:\n- additional_dependencies: [acme-tool, 'rich[a,b]>=1']\n", "acme-tool rich"),
    ("- ansible.builtin.pip:\n    name:\n      - acme-tool\n", "acme-tool"),
    ("acme-tool==1 \\\n  --hash=sha256:00", "acme-tool"),
    ("```csv\npackage,version\nacme-tool,1.0\n```", "acme-tool"),
    ("Add `acme-tool~=1.0` and `rich` to your `requirements.txt`.", "acme-tool rich"),
    ("## Dependencies\n- acme-tool\n- git", "acme-tool"),
    ("The acme-tool package on PyPI does it.", "acme-tool"),
    ("You can use the rich library for that.", "rich"),
    ("The client is published as acme on PyPI.", "acme"),
    ("Both `acme-tool` and `rich` are good libraries.", "acme-tool rich"),
    ("importlib.import_module('acme.core')", "acme"),
    ("import importlib_metadata", "importlib-metadata"),
    ("import win32api", "pywin32"),
    ("The `acme` package is something else entirely. The one you need is `acme-tool`.", "acme-tool"),
    ("Install them with pip: acme-tool, acme-sdk", "acme-tool acme-sdk"),
    ("Install with pip: `acme-tool`", "acme-tool"),
    ("Install with pip: acme-tool acme-sdk", "acme-tool acme-sdk"),
    (
        "1. **acme-tool** - robots\n2. **acme-sdk**: more\n3. `acme-x` — CLI\n\nInstall them with pip.",
        "acme-tool acme-sdk acme-x",
    ),
    ("1. **acme-tool** - robots\n2. **acme-sdk**: more\nInstall them with pip: acme-x", "acme-tool acme-sdk acme-x"),
    ("Intro\n1. **acme-tool** - robots\n2. **acme-sdk**: more", "acme-tool acme-sdk"),
    ("- `rich`: text\n- **Pillow** - images\n\nBoth can be installed with pip.", "rich pillow"),
    ("| Package | Install |\n|---|---|\n| Core | `acme-tool` |\n| rich | `rich` |", "acme-tool rich"),
    (
        "| Package | Command |\n|---|---|\n| Docs | pip install acme-x |\n| NumPy | `pip install numpy` |",
        "acme-x numpy",
    ),
    ("| Library | How to install | Use |\n|---|---|---|\n| Acme_Tool | `pip install acme-tool` | fast |", "acme-tool"),
    ("| Library | PyPI |\n|---|---|\n| Core | `acme-tool` |\n| rich | yes |", "acme-tool rich"),
    ("| Package | Install |\n|---|---|\n| Core | [`acme-tool==1.0`](x) |\n| More | acme-sdk |", "acme-tool acme-sdk"),
    ("| Package | Import |\n|---|---|\n| PyYAML | `yaml` |", "pyyaml"),
]

NOTHING = [
    "",
    "Don't use the `acme-tool` package.",
    "There is no package called `acme-tool`.",
    "`acme-tool` is not a Python package.",
    "The **acme-tool** library is for JavaScript: `npm install acme-tool`.",
    "Es gibt kein Paket namens `acme-tool`.",
    "- `",
    "- ``\nInstall them with pip.",
    "1. Create: a folder\n2. Activate: it\n\nInstall these with pip.",
    "Flags\n- `max-retries`: how often\n- `max-wait`: how long",
    "- **Fast**: yes\n- **Small**: yes\n\nInstall it with pip.",
    "1. **Download** the file\n2. **Open** it\n\nThen install them with pip.",
    "- `acme-tool`: old\n- `acme-sdk`: old\n\nDon't install them with pip.",
    "The flags are:\n- `max-retries`: how often\n- `max-wait`: how long",
    "Install with pip: see below.",
    "Don't install with pip: acme-tool acme-sdk",
    "brew install acme-tool; apt install python3-acme",
    "Install the required dependencies.",
    "Use `dry-run` mode, then `max-retries` settings.",
    "Use the `json` and `logging` modules.",
    "```javascript\nimport React from 'react'\nimport acme\n```",
    "```java\nimport java;\n```",
    "import parts from overseas",
    "From acme import many robots each year.",
    "from . import acme\nfrom .acme import x\nfrom __future__ import annotations\nimport os, sys",
    "import your_package\nfrom my_module import x",
    "1. **Note**: read it\n2. **Step**: run it",
    "Call `connect()` of the `client` object.",
    "| Command | Meaning |\n| --- | --- |\n| start | starts |",
    "Install the latest version and restart.",
    "Requirements:\n\n- Python 3.12\n- A robot",
    '{"user": {"name": "alice", "roles": ["admin"]}}',
    # Keys without a letter name no project.
    "[packages]\n=",
    '{"dependencies": {"": "1.0"}}',
    "if a==b: pass",
    "x = 1\nname = 'acme'",
    '{"dependencies": {"react": "^19"}, "devDependencies": {"vite": "^7"}}',
    '{"system_packages": ["libgl1"], "apt": ["ffmpeg"]}',
    "app/\n|- store.py\n|- jobs/\n\nimport store\nfrom jobs import load",
    "The `nest` module stores eggs.",
    "The third-party package and the open-source library are well-known.",
    "Install the update from the Extensions page.",
    "`acme` on PyPI is an unrelated project.",
    "I couldn't find a package named `acme-tool`.",
    "The `acme-tool` package that I mentioned does not exist.",
    "pip install my_awesome_package the-package-you-want",
]


@pytest.mark.parametrize(("text", "names"), FOUND)
def test_what_an_answer_tells(text: str, names: str) -> None:
    assert [told.name for told in read_answer(text)] == names.split()


@pytest.mark.parametrize("text", NOTHING)
def test_what_an_answer_does_not_tell(text: str) -> None:
    assert read_answer(text) == ()


def test_each_project_once_where_it_stands_first() -> None:
    text = "Run this:\n\n```\npip install Acme_Tool\nimport yaml\n```\n\nThe `acme-tool` package is good."
    assert read_answer(text) == (
        Told(name=_name("acme-tool"), kind=ToldKind.INSTALL, line=4, column=13),
        Told(name=_name("pyyaml"), kind=ToldKind.IMPORT, line=5, column=8),
    )


def test_the_portfolio_says_first_which_project_ships_an_import() -> None:
    ours = {"acme": _name("acme-tool"), "acme.cloud": _name("acme-cloud"), "yaml": _name("acme-yaml")}
    told = read_answer("import acme.core, acme.cloud.files, yaml, acmes", ours)
    assert [item.name for item in told] == ["acme-tool", "acme-cloud", "acme-yaml", "acmes"]


@pytest.mark.parametrize("half", ["open", "kept", "rounds"])
def test_answers_that_a_person_labelled(half: str) -> None:
    """Precision at least .97 and recall at least .93, on each part."""
    right = wrong = missed = 0
    for line in (CORPUS / f"{half}.jsonl").read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)
        names = set(answer["names"])
        found = {told.name for told in read_answer(answer["text"])} - set(answer["either"])
        right, wrong, missed = right + len(found & names), wrong + len(found - names), missed + len(names - found)
    assert right / (right + wrong) >= 0.97
    assert right / (right + missed) >= 0.93


@pytest.mark.parametrize(
    "text", ['["a; {0}"]', "a==1; {0}", "requirements.txt:\n```\na; {0}\n```", '{{"packages": ["a; {0}"]}}']
)
@pytest.mark.parametrize("depth", [200, 280, 3000])
def test_an_answer_with_deep_parentheses_is_read(text: str, depth: int) -> None:
    assert {item.name for item in read_answer(text.format("(" * depth))} <= {"a"}


@pytest.mark.parametrize(
    "part",
    [
        "`a1` (package), ",
        "`a1` package the , ",
        "use `a-b`, (use) ",
        "pypi: or ",
        "packages: acme, rich, ",
        "install `acme` and ",
        "requires=['a'] ",
        "a/ ",
    ],
)
def test_a_line_takes_as_many_steps_as_it_has_words(part: str) -> None:
    few, many = (count_steps(partial(read_answer, part * times)) for times in (100, 400))
    assert many < 5 * few


@pytest.mark.parametrize("part", ["a.py ", "the `acme` package, ", "import a; "])
def test_of_a_line_without_end_the_beginning_is_read(part: str) -> None:
    line = part * (MOST_IN_LINE // len(part))
    names = [told.name for told in read_answer(f"{line} the `acme-tool` package")]
    assert names == [told.name for told in read_answer(line)]
    assert "acme-tool" in {told.name for told in read_answer(f"{line}\nthe `acme-tool` package")}

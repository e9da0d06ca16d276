"""What the install commands of a text name, where, and what they don't."""

from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name as _name

from namehold.evidence.instructions import Mention, read_instructions

FOUND = [
    ("pip install acme-tool", "acme-tool"),
    ("Run `pip install -U --pre acme_Tool==1.0` now.", "acme-tool"),
    ("(pip3 install 'acme.tool[fast]')", "acme-tool"),
    ("sudo -H python3.12 -m pip install acme-tool", "acme-tool"),
    ("py -m pip install acme-tool", "acme-tool"),
    (".venv/bin/pip3.12 --no-cache-dir install acme-tool", "acme-tool"),
    (r"C:\Python\Scripts\pip.exe install acme-tool", "acme-tool"),
    ("!pip install -q acme-tool 'acme-sdk>=1,<2'", "acme-tool acme-sdk"),
    ("%pip install acme-tool", "acme-tool"),
    ("$ pip install acme-tool acme-sdk  # not acme-wrong", "acme-tool acme-sdk"),
    ("pip install acme-tool>=1,<2 acme-sdk", "acme-tool acme-sdk"),
    ("pip install acme-tool >= 1.0 acme-sdk", "acme-tool acme-sdk"),
    ("pip install acme-tool > log.txt 2>&1", "acme-tool"),
    ("pip install 'acme-tool[fast] @ https://127.0.0.1/acme.whl'", "acme-tool"),
    ("pip install git+https://127.0.0.1/acme#egg=acme-tool", "acme-tool"),
    ("pip download acme-tool; pip wheel acme-sdk", "acme-tool acme-sdk"),
    ("uv add acme_tool; poetry add acme-sdk.", "acme-tool acme-sdk"),
    ("uv pip install acme-tool", "acme-tool"),
    ("uv tool install acme-tool --with acme-sdk", "acme-tool acme-sdk"),
    ("uv tool run acme-tool serve", "acme-tool"),
    ("uv run --with acme-tool,acme-sdk script.py", "acme-tool acme-sdk"),
    ("uv run --with=acme-tool script.py", "acme-tool"),
    ("uvx --from acme-tool acme serve", "acme-tool"),
    ("uvx acme-tool@latest serve", "acme-tool"),
    ("pipx run --spec 'acme-tool==1.0' acme", "acme-tool"),
    ("pipx run acme-tool serve", "acme-tool"),
    ("pipx install acme-tool && pipx inject acme-tool acme-sdk", "acme-tool acme-tool acme-sdk"),
    ("poetry add --group dev acme-tool -E fast", "acme-tool"),
    ("pdm add -dG test acme-tool", "acme-tool"),
    ("pipenv install --dev acme-tool", "acme-tool"),
    ("pipenv install -d acme-tool", "acme-tool"),
    ("hatch run pip install acme-tool", "acme-tool"),
    ("conda run -n work pip install acme-tool", "acme-tool"),
    ("easy_install acme-tool", "acme-tool"),
    ("RUN pip install \\\n    acme-tool \\\n    acme-sdk && rm -r /x", "acme-tool acme-sdk"),
    ('RUN ["pip","install","acme-tool"]', "acme-tool"),
    ('subprocess.run([sys.executable, "-m", "pip", "install", "acme-tool"])', "acme-tool"),
    ('{"install": "pip install acme-tool\\nimport acme"}', "acme-tool"),
    ("<code>pip install acme-tool</code>", "acme-tool"),
    ("| Acme | `pip install acme-tool` | fast |", "acme-tool"),
    ("      - run: pip install acme-tool", "acme-tool"),
    ("# pip install acme-tool", "acme-tool"),
    ("pip install acme-tool, acme-sdk, and acme-http", "acme-tool acme-sdk acme-http"),
    ("You can pip install acme-tool to get it. Then enjoy", "acme-tool"),
    ("First pip install acme, then import it.", "acme"),
    ("pip install acme-tool. Then run it", "acme-tool"),
    ("If you don't have it, run pip install acme-tool", "acme-tool"),
    ("Don't forget to pip install acme-tool", "acme-tool"),
    ("Don't run `pip install acmetool`, use `pip install acme-tool`.", "acme-tool"),
    ("Instead of `pip install acmetool`, run `pip install acme-tool`.", "acme-tool"),
    ("Don't do this:\n```bash\npip install bad\npip install bad2\n```\npip install acme-tool", "acme-tool"),
    ("Never run:\n\npip install bad\npip install acme-tool", "acme-tool"),
    ("pip install pip install acme-tool", "acme-tool"),
    ("pip install acme-tool==2.* \\\n  acme-sdk", "acme-tool acme-sdk"),
    ('{"do": "pip install acme-tool", "import_name": "acme"}', "acme-tool"),
    ("Run it without installing: `uvx acme-tool serve`", "acme-tool"),
    ("Works without Docker:\n\npip install acme-tool", "acme-tool"),
    ("No root? Without it: pip install --user acme-tool", "acme-tool"),
    ("uvx --with acme-sdk acme-tool serve", "acme-sdk acme-tool"),
    ("uv tool install acme-tool --with-executables-from acme-sdk", "acme-tool acme-sdk"),
    ("pip wheel -w out acme-tool && pip download --dest out acme-sdk", "acme-tool acme-sdk"),
    ("python3 -mpip install acme-tool", "acme-tool"),
    ('poetry add "acme-tool (>=1,<2)"', "acme-tool"),
    ("pixi add --pypi acme-tool", "acme-tool"),
    ("pip install 'git+https://127.0.0.1/acme@v1#subdirectory=py&egg=acme-tool'", "acme-tool"),
    ("run: >-\n  pip install acme-tool\n  acme-sdk\nother: pip", "acme-tool acme-sdk"),
    ('session.install("acme-tool", "-r", "more.txt", "acme-sdk")', "acme-tool acme-sdk"),
    ('await micropip.install(["acme-tool", "acme-sdk"])', "acme-tool acme-sdk"),
    ('pip.main(["install", "acme-tool"])', "acme-tool"),
    ('{"command": "uvx",\n "args": ["--from", "acme-tool", "acme", "--port", "9"]}', "acme-tool"),
    ("command = 'pipx'\nargs = ['run', 'acme-tool']", "acme-tool"),
    ("`pip install acme-tool` (don't use `pip install acmetool`, a known typosquat)", "acme-tool"),
    ("\u6ca1\u6709\u5b83\u3002\u547d\u4ee4\uff1a`pip install acme-tool`", "acme-tool"),
    ("Run pip install acme-tool first.", "acme-tool"),
    ("Run pip install acme now!", "acme"),
    ("Then pip install acme-tool acme-sdk yourself there.", "acme-tool acme-sdk"),
    ("# pip install acme beforehand.", "acme"),
    ("Run pip install acme separately anyway.", "acme"),
    ("Do pip install acme first, then start.", "acme"),
    ("pip install acme globally", "acme"),
    ("Run pip install acme-tool during setup.", "acme-tool"),
    ("pip install acme-tool works great.", "acme-tool"),
    ("Run pip install acme-tool one more time.", "acme-tool"),
    ("Then run pip install acme too. It works twice.", "acme"),
    ("Run pip install flask requests numpy plotly.", "flask requests numpy plotly"),
    ("Run pip install acme, first and later.", "acme first later"),
    ("`pip install acme again`", "acme again"),
    ("pip install first", "first"),
    ("pip install acme now rich", "acme now rich"),
]

NOTHING = [
    "pip install",
    "pip install\nacme-tool",
    "pip install -r requirements.txt -c limits.txt",
    "pip install -r requirements_pip.pip",
    "pip install . .. ./acme ../acme /acme ~/acme acme/ acme.whl acme.tar.gz",
    "pip install -e .[dev]",
    "pip install -e ./acme",
    "pip install git+https://127.0.0.1/acme",
    "pip install --index-url https://127.0.0.1/simple",
    "pip install $NAME ${NAME} {name} <name> acme-$VERSION acme-{{ version }}",
    "pip install your-package your_package package-name packagename mypackage <package> foo",
    "pip install é 1.0 2.3.4",
    "pip install to get started",
    "The pip install command fails.",
    "poetry install",
    "poetry install --with dev.",
    "npm install acme-tool",
    "conda install acme-tool",
    "pip uninstall acme-tool",
    "pip show acme-tool",
    "install acme-tool",
    "never `pip install acme-tool`",
    "You should not pip install acme-tool",
    "`pip install acme-tool` doesn't exist.",
    "`pip install acme-tool` is wrong",
    "pip install acme-tool  # wrong, don't use",
    "uv run script.py",
    "pixi add acme-tool",
    "- run: pip install ${{ matrix.package }} {{ cookiecutter.name }}",
    'print(f"pip install {name} finished")',
    "pip.main(['list', 'acme-tool'])",
    "I shouldn't have suggested `pip install acme-tool`",
    "Ignore posts that tell you to run `pip install acme-tool`",
    "`pip install acme-tool` was a typo",
    "Wrong:\n```\npip install acme-tool\n```",
    "\u8bf7\u4e0d\u8981\u8fd0\u884c `pip install acme-tool`",
    "`pip install acme-tool`\u306f\u5b9f\u884c\u3057\u306a\u3044\u3067\u304f\u3060\u3055\u3044\u3002",
]


@pytest.mark.parametrize(("text", "names"), FOUND)
def test_what_commands_name(text: str, names: str) -> None:
    assert [mention.name for mention in read_instructions(text)] == names.split()


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_instruction(text: str) -> None:
    assert list(read_instructions(text)) == []


def test_a_mention_says_where_it_stands_and_what_is_written() -> None:
    text = "# Acme\n\nRUN uv pip install -q \\\n  'Acme_Tool[fast]>=1' \\\n  acme.sdk\n"
    assert list(read_instructions(text)) == [
        Mention(name=_name("acme-tool"), line=4, column=4, carrier="uv", raw="Acme_Tool[fast]>=1"),
        Mention(name=_name("acme-sdk"), line=5, column=3, carrier="uv", raw="acme.sdk"),
    ]


@pytest.mark.parametrize("mark", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"])
def test_a_page_break_or_a_separator_of_unicode_ends_no_line(mark: str) -> None:
    """Others who count lines don't see one there, so that the place would be another one, or none."""
    text = f"# Acme{mark}\n{mark}\npip install acme-tool\n"
    assert [(item.name, item.line, item.column) for item in read_instructions(text)] == [("acme-tool", 3, 13)]


def test_a_started_program_is_mentioned_where_its_argument_stands() -> None:
    text = '{"acme": {\n  "command": "uvx",\n  "args": [\n    "acme-tool@latest"\n  ]\n}}'
    assert [(item.name, item.line, item.column) for item in read_instructions(text)] == [("acme-tool", 4, 6)]

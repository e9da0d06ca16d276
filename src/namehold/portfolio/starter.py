"""A first names.yaml, annotated: what is required filled in, everything else shown as comments."""

from __future__ import annotations

from collections.abc import Sequence

from namehold.portfolio.model import Budget, Policy
from namehold.portfolio.scalars import write_scalar

#: What a section shows of a key that is still missing.
_LATER = "Needed before anything is approved, built or sent:"


def make_starter(
    *,
    organization: str = "",
    contact: str = "",
    username: str = "",
    packages: Sequence[str],
    index: str = "pypi",
    homepage: str = "",
    summary: str = "",
    commands: Sequence[str] = (),
    imports: Sequence[str] = (),
) -> str:
    """The text of a names.yaml for these values, which are quoted as YAML needs it but not checked.

    What is empty stands there as a comment. `summary`, `commands` and `imports` are the first package's.
    """
    first, *others = [write_scalar(name) for name in packages]
    budget = Budget()
    # A section without any value would be an empty one, which no names.yaml may have.
    is_empty = not (organization or contact or homepage)
    return f"""\
# What we own, and how the names around it are treated. `namehold schema` tells every key.
# Editors complete and check this file with what `namehold schema -o names.schema.json` writes.

{"# " if is_empty else ""}organization:
  # As it stands in every placeholder. A person who maintains one package is an organization too.
{_line("name", organization, "The maintainers of " + first.strip(chr(34)))}\
  # Where a claim on a name arrives: a role mailbox, an issue tracker or a security policy. Never a person's mailbox.
{_line("contact", contact, "the address of the issue tracker")}\
{_line("homepage", homepage, "the address of your site", is_needed=False)}\
  # policy_page: the address of the page that explains your reservations

# The one account that reserves. Best is one that releases no package: a report then never stops a release.
account:
  index: {write_scalar(index)}
{_line("username", username, "acme-reserve")}\
  # Users who own the packages below, where that isn't the account above:
  # holders: [release-account]

# Strings by which people reach a package lead to the names that need care: list what is true for each.
packages:
  - name: {first}
    # What it does, in a sentence:
    {"" if summary else "# "}summary: {write_scalar(summary or "a sentence")}
    # Modules and commands that it installs, where they differ from its name:
{_list("imports", imports, "module")}\
{_list("commands", commands, "command")}\
    # Names that people call it by, and names that it had:
    # aliases: [short-name]
    # former: [old-name]
    # Names among these without a word of the package's own name, once a person has confirmed them:
    # confirmed: [short-name]
    # Projects that are used together with it:
    # companions: [other-project]
{"".join(f"  - name: {name}{chr(10)}" for name in others)}
# Names that models or people were seen to ask for; they come first.
# observed:
#   - name: invented-name
#     package: {first}
#     source: which model, help channel or log
#     date: 2026-12-31
#     count: 3
#     of: 50

# Language models that are asked which projects they tell for the packages above, and the most that it may cost.
# probe:
#   endpoints:
#     - url: http://127.0.0.1:11434/v1
#       models: [name-of-a-model]
#   runs: 3
#   most_calls: 500

# Names that are used inside only (your clients' settings protect them), and names of packages to come.
# internal: [inside-name]
# future: [name-to-come]

# Names that are wanted whatever their score, and names that nothing must be done about.
# always:
#   - name: wanted-name
#     package: {first}
#     reason: why; the placeholder says it to everyone
# never:
#   - name: unwanted-name
#     reason: why

# With `cautious` you reserve what is your own and ask the index to prohibit the likeliest confusions.
# With `protective` you reserve the best confusable names too; the index may remove them.
policy: {Policy().name}

# A ceiling, not a target; nothing lifts 100 names an account and 10 a package.
budget:
  total: {budget.total}
  per_package: {budget.per_package}

# Until this is true, nothing is sent to any index but a rehearsal on this machine.
publishing:
  enabled: false
"""


def _line(key: str, value: str, example: str, *, is_needed: bool = True) -> str:
    """A key of a section, or what may be written for it, as a comment."""
    if value:
        return f"  {key}: {write_scalar(value)}\n"
    later = f"  # {_LATER}\n" if is_needed else ""
    return f"{later}  # {key}: {example}\n"


def _list(key: str, values: Sequence[str], example: str) -> str:
    """A list of a package, or what may be written for it, as a comment."""
    return f"    {'' if values else '# '}{key}: [{', '.join(map(write_scalar, values)) or example}]\n"

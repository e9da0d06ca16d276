"""A first names.yaml, annotated: what is required filled in, everything else shown as comments."""

from __future__ import annotations

from collections.abc import Sequence

from namehold.portfolio.model import Budget, Policy
from namehold.portfolio.scalars import write_scalar


def make_starter(
    *, organization: str, contact: str, username: str, packages: Sequence[str], index: str = "pypi"
) -> str:
    """The text of a names.yaml for these values, which are quoted as YAML needs it but not checked."""
    first, *others = [write_scalar(name) for name in packages]
    budget = Budget()
    return f"""\
# What we own, and how the names around it are treated. `namehold schema` tells every key.
# Editors complete and check this file with what `namehold schema -o names.schema.json` writes.

organization:
  # As it stands in every placeholder. A person who maintains one package is an organization too.
  name: {write_scalar(organization)}
  # Where a claim on a name arrives: a role mailbox, an issue tracker or a security policy. Never a person's mailbox.
  contact: {write_scalar(contact)}
  # homepage: the address of your site
  # policy_page: the address of the page that explains your reservations

# The one account that reserves. Best is one that releases no package: a report then never stops a release.
account:
  index: {write_scalar(index)}
  username: {write_scalar(username)}
  # Users who own the packages below, where that isn't the account above:
  # holders: [release-account]

# Strings by which people reach a package lead to the names that need care: list what is true for each.
packages:
  - name: {first}
    # Modules and commands that it installs, where they differ from its name:
    # imports: [module]
    # commands: [command]
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

# With `cautious` you reserve what is your own and ask the index to prohibit the likeliest typing errors.
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

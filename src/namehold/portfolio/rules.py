"""The rules that a names.yaml is checked by: stable identifiers, each with one sentence for people."""

from __future__ import annotations

#: Rule id -> what it asks for. Identifiers never change their meaning; docs/reference/configuration.md lists them.
RULES: dict[str, str] = {
    "config-file": "The file exists, is a file, can be read, and has at most 2,000,000 bytes.",
    "config-encoding": "The file is UTF-8.",
    "config-yaml": "The file is one YAML 1.2 document, a mapping, nested at most 16 levels deep.",
    "config-yaml-feature": (
        "No anchors, aliases, merge keys, tags or compound keys: every value stands where it belongs."
    ),
    "config-duplicate-key": "A mapping gives each key once.",
    "config-unknown-key": "Every key is one that names.yaml has.",
    "config-missing-key": "No required key is missing.",
    "config-incomplete": "Organization, contact and account stand there before anything is approved, built or sent.",
    "config-type": "A value has the type of its key: text, number, true or false, date, list or mapping.",
    "config-value": "A value is one of the allowed ones, or within its limits.",
    "config-text": "A text is one line without white space at its ends, and not too long.",
    "config-invisible": "No control, bidirectional or invisible characters, in comments neither.",
    "config-leftover": "No value is empty, a template's leftover or, outside demos, an example's address.",
    "config-contact": "The contact is a mailbox or a web address.",
    "config-personal-contact": "Warning: the contact looks like a person's mailbox.",
    "config-address": "An address is a whole http or https address without a user name or password in it.",
    "config-name": "A name has the shape of a project name.",
    "config-import": "An import is a dotted name that Python can import.",
    "config-command": "A command is one word as it is typed.",
    "config-group": "An entry-point group is dotted words.",
    "config-username": "A user name is one of the index, no mail address.",
    "config-duplicate": "Nothing is listed twice.",
    "config-contradiction": (
        "A name stands under one of packages, internal, future, always, never, look_alikes and unrelated."
    ),
    "config-unknown-package": "What points to a package points to one that is listed under `packages`.",
    "evidence-unused": "Warning: an observation in evidence.yaml is about no listed package, or names one.",
    "config-future": "Warning: an observation is dated in the future.",
    "config-past": "Warning: the day of the review is over.",
    "config-unconfirmable": "A confirmed name is an import, command, alias or former name of its package, or seen.",
    "config-own-look-alike": "A verdict is about a stranger's project, not one's own.",
    "config-similar": "Warning: two packages differ only under the index's similarity key.",
    "config-budget": "The budget keeps to the ceilings, its floor to `per_package`, and it leaves a slot a day to use.",
    "config-index": "`account.index` is a known nickname, or `index` gives the addresses; a file's name can bear it.",
    "config-notify": "A place under `notify` has what its kind needs, and one source of its secret.",
    "config-demo": "A demo can't publish.",
}

"""All rules for one upload, in the order in which the index checks them."""

from __future__ import annotations

from typing import cast

from namehold.index.rules.archive import find_archive_refusal, metadata_file_of
from namehold.index.rules.form import (
    FORM_NAMES,
    HELP_BASE,
    Fields,
    Refusal,
    digests_of,
    find_envelope_refusal,
    find_form_refusal,
)


def find_refusal(fields: Fields, filename: str, content: bytes, *, help_base: str = HELP_BASE) -> Refusal | None:
    """Why the index would refuse this upload from any account and in any state; None if it wouldn't."""
    return find_form_refusal(fields) or find_file_refusal(fields, filename, content, help_base=help_base)


def find_file_refusal(fields: Fields, filename: str, content: bytes, *, help_base: str = HELP_BASE) -> Refusal | None:
    """Steps 2 and 4 of the module's list: what costs a slot. `fields` must have passed `find_form_refusal`."""
    return find_envelope_refusal(fields, filename, content, help_base=help_base) or find_archive_refusal(
        fields, filename, content
    )


def fields_of_file(filename: str, content: bytes) -> Fields:
    """The form that an uploader (twine) sends with this file: its metadata, its kind, its digests.

    A file whose metadata can't be read gives a form without metadata, which the index refuses.
    """
    from packaging.metadata import parse_email  # noqa: PLC0415 -- slow to import

    raw, _ = parse_email(metadata_file_of(filename, content) or b"")
    fields: dict[str, list[str]] = {}
    for name, value in raw.items():
        if isinstance(value, dict):
            values = [f"{label}, {url}" for label, url in value.items()]
        elif name == "keywords":
            values = [", ".join(cast("list[str]", value))]
        else:
            values = [value] if isinstance(value, str) else list(cast("list[str]", value))
        fields[FORM_NAMES.get(name, name)] = values
    is_wheel = filename.endswith(".whl")
    tags = filename.removesuffix(".whl").split("-")
    digests = digests_of(content)
    return fields | {
        "filetype": ["bdist_wheel" if is_wheel else "sdist"],
        "pyversion": [tags[-3] if is_wheel and len(tags) > 3 else "source"],  # noqa: PLR2004 -- PEP 427's three tags
        "sha256_digest": [digests["sha256"]],
        "blake2_256_digest": [digests["blake2_256"]],
    }

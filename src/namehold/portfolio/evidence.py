"""Reads and writes evidence.yaml, which stands beside names.yaml: observations of names, counted, a list for each kind.

    probed:
      - {name: acme-client, package: acme-tool, source: model m1, date: 2026-11-28, count: 3, of: 50}

Commands write it and people review it, so it is written the same way every time: sorted, one observation a line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Final

from namehold import files
from namehold.documents import digest
from namehold.errors import Diagnostic, InputError
from namehold.files import InnerPath
from namehold.portfolio.checks import cross_check_evidence
from namehold.portfolio.edit import save
from namehold.portfolio.faults import fit, read_content
from namehold.portfolio.model import EVIDENCE_KINDS, Evidence, Observation, Portfolio
from namehold.portfolio.scalars import write_mapping
from namehold.portfolio.shape import EvidenceShape
from namehold.portfolio.yaml import MAX_FILE_BYTES, MAX_VALUES

#: The name of the file, beside names.yaml.
EVIDENCE_FILE: Final = "evidence.yaml"
#: So many can be read again whatever each says: with all keys and their values.
MOST_OBSERVATIONS: Final = MAX_VALUES // (2 * len(fields(Observation)) + 1)

_HEAD = """\
# What models answered (probed), documents say (documented) and people asked for (observed), counted.
# Edit or delete entries as you like. Commands that add to this file sort it and keep no other comments.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedEvidence:
    """What an evidence.yaml says, and what a person should look at; warnings stop nothing."""

    evidence: Evidence
    warnings: tuple[Diagnostic, ...] = ()


def load_evidence(path: Path, portfolio: Portfolio, *, today: dt.date | None = None) -> LoadedEvidence:
    """The evidence in the file at `path`; none where there is no such file. Raises ConfigError as `read_evidence`."""
    try:
        content = read_content(path)
    except FileNotFoundError:
        return LoadedEvidence(evidence=Evidence())
    return read_evidence(content, portfolio, path=str(path), today=today)


def read_evidence(content: bytes, portfolio: Portfolio, *, path: str, today: dt.date | None = None) -> LoadedEvidence:
    """The evidence in a file's bytes; `path` is what its diagnostics call the file.

    An observation that says nothing about the packages of `portfolio` is a warning: evidence outlives a package's
    removal, and a name that became a package. So is one of a day to come, where `today` is given.
    Raises ConfigError with every reason at once, in the order of the file, warnings included.
    """
    shape, warnings = fit(
        content,
        EvidenceShape,
        path=path,
        is_demo=portfolio.demo,
        today=today,
        cross_check=lambda document: cross_check_evidence(document, portfolio),
    )
    return LoadedEvidence(evidence=_digested(shape.freeze().observations), warnings=warnings)


def add_observations(evidence: Evidence, more: Iterable[Observation]) -> Evidence:
    """The evidence with more observations: one replaces an older one of the same kind, name, package and source."""
    known = {_subject(item): item for item in evidence.observations}
    for item in more:
        before = known.get(_subject(item))
        if before is None or before.date <= item.date:
            known[_subject(item)] = item
    return _digested(known.values())


def write_evidence(evidence: Evidence) -> str:
    """The text of evidence.yaml: the same observations give the same text."""
    lines = [_HEAD]
    for kind in EVIDENCE_KINDS:
        same = [item for item in _sorted(evidence.observations) if item.kind is kind]
        lines += [f"{kind}:\n"] if same else []
        # A list holds one kind, so that its entries don't name it.
        lines += [f"  - {write_mapping(asdict(item) | {'kind': None})}\n" for item in same]
    return "".join(lines)


def save_evidence(path: Path, evidence: Evidence) -> None:
    """Writes the file at `path`, whole or not at all; without an observation there is none.

    Raises InputError where it can't be written, or couldn't be read again.
    """
    if not evidence.observations:
        try:
            (InnerPath(files.resolve(path).parent) / path.name).unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"{path} can't be deleted: {error.strerror}", fix="delete it by hand") from None
        return
    after = write_evidence(evidence).encode()
    if len(after) > MAX_FILE_BYTES or len(evidence.observations) > MOST_OBSERVATIONS:
        raise InputError(
            f"{path} would hold more than {MOST_OBSERVATIONS:,} observations or {MAX_FILE_BYTES:,} bytes, and couldn't "
            "be read again; it was left alone",
            fix="take in fewer at a time, or take out what isn't needed: namehold evidence remove",
        )
    try:
        before = read_content(path)
    except FileNotFoundError:
        try:
            (InnerPath(files.resolve(path).parent) / path.name).replace([after], mode=None, is_synced=True)
        except OSError as error:
            raise InputError(f"{path} can't be written: {error.strerror}", fix="fix its folder's permissions") from None
    else:
        save(path, before=before, after=after)


def _digested(observations: Iterable[Observation]) -> Evidence:
    evidence = Evidence(observations=_sorted(observations))
    return replace(evidence, digest=digest(evidence))


def _sorted(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    return tuple(sorted(observations, key=lambda item: (*_subject(item), item.date)))


def _subject(item: Observation) -> tuple[int, str, str, str]:
    return (EVIDENCE_KINDS.index(item.kind), item.package, item.name, item.source)

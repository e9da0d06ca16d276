"""What an organization owns (names.yaml, evidence.yaml): `load_portfolio(Path("names.yaml")).portfolio.packages`."""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.portfolio.edit import add_to_section, edit_packages, Entry, find_line, PackageEdit, renew_lines, save
    from namehold.portfolio.evidence import add_observations, EVIDENCE_FILE, load_evidence, save_evidence
    from namehold.portfolio.faults import read_content
    from namehold.portfolio.model import (
        AcceptedMention, Account, AlwaysName, Budget, Evidence, MAX_NAMES_A_PACKAGE, MAX_NAMES_AN_ACCOUNT, Mode,
        Observation, Organization, Place, PlaceKind, Policy, PolicyName, Portfolio, Probing, ProjectFacts, Renewal,
        Route, SURFACE_LISTS, taken_modules,
    )
    from namehold.portfolio.packages import CLAIMED_SOURCE, NameClass, Package, Release, Surface, SurfaceKind
    from namehold.portfolio.pyproject import read_project
    from namehold.portfolio.read import find_text_fault, json_schema, load_portfolio, read_portfolio, require_complete
    from namehold.portfolio.starter import make_starter
    from namehold.portfolio.yaml import read_document
else:
    __getattr__ = load_late(
        __name__, edit="Entry PackageEdit add_to_section edit_packages find_line renew_lines save",
        evidence="EVIDENCE_FILE add_observations load_evidence save_evidence", faults="read_content",
        model="AcceptedMention Account AlwaysName Budget Evidence MAX_NAMES_AN_ACCOUNT MAX_NAMES_A_PACKAGE Mode "
        "Observation Organization Place PlaceKind Policy PolicyName Portfolio Probing ProjectFacts Renewal Route "
        "SURFACE_LISTS taken_modules", packages="CLAIMED_SOURCE NameClass Package Release Surface SurfaceKind",
        pyproject="read_project", read="find_text_fault json_schema load_portfolio read_portfolio require_complete",
        starter="make_starter", yaml="read_document")

__all__ = [
    "AcceptedMention", "Account", "add_observations", "add_to_section", "AlwaysName", "Budget", "CLAIMED_SOURCE",
    "edit_packages", "Entry", "Evidence", "EVIDENCE_FILE", "find_line", "find_text_fault", "json_schema",
    "load_evidence", "load_portfolio", "make_starter", "MAX_NAMES_A_PACKAGE", "MAX_NAMES_AN_ACCOUNT", "Mode",
    "NameClass", "Observation", "Organization", "Package", "PackageEdit", "Place", "PlaceKind", "Policy", "PolicyName",
    "Portfolio", "Probing", "ProjectFacts", "read_content", "read_document", "read_portfolio", "read_project",
    "Release", "renew_lines", "Renewal", "require_complete", "Route", "save", "save_evidence", "Surface",
    "SURFACE_LISTS", "SurfaceKind", "taken_modules",
]

"""What an organization's documents tell people to install: each name with its place, judged.

found = read_documents(Path("."))
judge = Judge(portfolio, view=snapshot)
judge_documents([found], judge, accepted=portfolio.accepted, today=today).findings
"""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.scan.clone import cloned, is_repository_address
    from namehold.scan.judge import Judge
    from namehold.scan.model import FINDINGS, Judgement, Mention, ScanReport, Use, Verdict
    from namehold.scan.run import Documents, judge_documents, read_documents, read_requirement_list
    from namehold.scan.tell import describe, write_annotations, write_sarif
else:
    __getattr__ = load_late(
        __name__, clone="cloned is_repository_address", judge="Judge", model="FINDINGS Judgement Mention ScanReport "
        "Use Verdict", run="Documents judge_documents read_documents read_requirement_list", tell="describe "
        "write_annotations write_sarif")

__all__ = [
    "cloned", "describe", "Documents", "FINDINGS", "is_repository_address", "Judge", "judge_documents", "Judgement",
    "Mention", "read_documents", "read_requirement_list", "ScanReport", "Use", "Verdict", "write_annotations",
    "write_sarif",
]

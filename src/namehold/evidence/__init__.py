"""What the world shows of our packages: what their own files on an index say, and what a text tells to install."""

from typing import TYPE_CHECKING

from namehold import load_late

if TYPE_CHECKING:
    from namehold.evidence.answers import read_answer
    from namehold.evidence.asking import ask_models
    from namehold.evidence.blocks import read_pip_lists
    from namehold.evidence.counting import Answer, count_names, CountedName, find_package, judge_names, NameVerdict
    from namehold.evidence.counting import read_transcripts
    from namehold.evidence.discover import discover_packages, DiscoveryReport, edits_of, ValueStatus
    from namehold.evidence.endpoint import ChatClient
    from namehold.evidence.imports import known_modules
    from namehold.evidence.installers import HINTS
    from namehold.evidence.instructions import find_project, read_instructions
    from namehold.evidence.package_files import show_again
    from namehold.evidence.prompts import make_prompts, Prompt, PromptNames
    from namehold.evidence.releases import MIN_SURFACE_AGE_DAYS, ReleasesRead
    from namehold.evidence.survey import Call, Cost, Ending, find_limits, make_calls, Survey
    from namehold.evidence.templates import is_template
    from namehold.evidence.transcript import calls_made, kept_answers, Transcript
else:
    __getattr__ = load_late(
        __name__, answers="read_answer", asking="ask_models", blocks="read_pip_lists", counting="Answer CountedName "
        "NameVerdict count_names find_package judge_names read_transcripts", discover="DiscoveryReport ValueStatus "
        "discover_packages edits_of", endpoint="ChatClient", imports="known_modules", installers="HINTS",
        instructions="find_project read_instructions", package_files="show_again", prompts="Prompt PromptNames "
        "make_prompts", releases="MIN_SURFACE_AGE_DAYS ReleasesRead", survey="Call Cost Ending Survey find_limits "
        "make_calls", templates="is_template", transcript="Transcript calls_made kept_answers")

__all__ = [
    "Answer", "ask_models", "Call", "calls_made", "ChatClient", "Cost", "count_names", "CountedName",
    "discover_packages", "DiscoveryReport", "edits_of", "Ending", "find_limits", "find_package", "find_project",
    "HINTS", "is_template", "judge_names", "kept_answers", "known_modules", "make_calls", "make_prompts",
    "MIN_SURFACE_AGE_DAYS", "NameVerdict", "Prompt", "PromptNames", "read_answer", "read_instructions",
    "read_pip_lists", "read_transcripts", "ReleasesRead", "show_again", "Survey", "Transcript", "ValueStatus",
]

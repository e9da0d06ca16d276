"""namehold: a defensive name-reservation orchestrator for maintainers who protect their brand."""

__version__ = "0.1.0"

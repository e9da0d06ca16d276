"""namehold: a defensive name-reservation orchestrator for maintainers who protect their brand."""

__version__ = "0.1.0"


def user_agent(contact: str) -> str:
    """Who asks an index, and whom its people may write to. Characters that a header can't hold are left out."""
    plain = "".join(letter for letter in contact if letter.isascii() and letter.isprintable())
    return f"namehold/{__version__} ({plain})" if plain else f"namehold/{__version__}"

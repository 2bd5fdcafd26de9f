"""The colours of presences: those that settings may name, as theme variables by their meaning."""

from collections.abc import Mapping

PRESENCE_STYLES: Mapping[str, str] = {
    "green": "$working",
    "yellow": "$away",
    "orange": "$occupied",
    "red": "$undisturbed",
    "blue": "$elsewhere",
    "violet": "$special",
    "grey": "$gone",
}
"""For each of `domain.policy.PRESENCE_COLOURS`."""


def style_of(colour: str, *, works: bool) -> str:
    """The style of a presence; an empty or unknown colour goes by whether work comes."""
    return PRESENCE_STYLES.get(colour, "$working" if works else "$away")


def mark_of(*, works: bool) -> str:
    """A full dot takes work, a ring takes none: told without colour, too."""
    return "●" if works else "○"

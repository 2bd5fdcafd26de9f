"""Why a mail was set aside: a word for programs beside the sentence for people."""

from enum import StrEnum


class Cause(StrEnum):
    """The kind of trouble that kept a mail from being filed."""

    PARSE = "parse"
    TOO_LARGE = "too_large"
    LOOP = "loop"
    DOWNLOAD = "download"
    STORAGE = "storage"
    FILING = "filing"

    @property
    def label(self) -> str:
        """As a person reads it."""
        return LABELS[self]


LABELS = {
    Cause.PARSE: "Cannot be read",
    Cause.TOO_LARGE: "Too large",
    Cause.LOOP: "Runs in a loop",
    Cause.DOWNLOAD: "Not handed out",
    Cause.STORAGE: "Original missing",
    Cause.FILING: "Cannot be filed",
}

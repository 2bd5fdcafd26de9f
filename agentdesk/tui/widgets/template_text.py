"""A template's text as it is shown: variables without a value stand out. Pure: no widget."""

from collections.abc import Sequence

from textual.content import Content

from agentdesk.domain.template import places

MISSING = "bold $late"


def preview(text: str, subject: str = "") -> Content:
    """*text* below its subject; variables that still stand in it in another colour."""
    words = _marked(text)
    if not subject:
        return words
    return Content("\n\n").join(
        [Content.styled("Subject: ", "$muted-text") + _marked(subject), words]
    )


def _marked(text: str) -> Content:
    content = Content(text)
    for _, span in places(text):
        content = content.stylize(MISSING, span.start, span.end)
    return content


def missing_sentence(missing: Sequence[str]) -> str:
    """What has no value here; empty where nothing is missing."""
    if not missing:
        return ""
    named = ", ".join(f"{{{{{name}}}}}" for name in missing)
    return f"Not known here: {named}. Fill in by hand before it is sent."

"""What a line of the stream says about the place of a mail: why it is here, that it was moved, or
where it may belong. Pure: no widget, no clock.
"""

from collections.abc import Callable

from textual.content import Content

from agentdesk.domain.link_views import LinkNews
from agentdesk.domain.views import StreamEntry
from agentdesk.tui.widgets.score_bar import percent


def head(icon: str, entry: StreamEntry, key_of: Callable[[str], str]) -> Content:
    """The line. A proposal names its keys, except in the stream of a person, which only reads."""
    link = entry.link
    if link is None or link.what is not LinkNews.PROPOSED:
        return Content.styled(f"{icon} {entry.title}", ".entry--rest")
    number = f"{entry.number}  " if entry.number else ""
    looks = f"{number}? This looks like {link.number} ({percent(link.score)})"
    accept, decline, why = map(key_of, ("accept_proposal", "decline_proposal", "explain_link"))
    keys = f": {accept} links it, {decline} leaves it, {why} says why"
    return Content.assemble(
        (looks, ".entry--proposal"), ("" if entry.number else keys, ".entry--rest")
    )

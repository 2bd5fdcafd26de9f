"""Choose a presence: which work may be offered now?"""

from collections.abc import Sequence
from typing import ClassVar

from agentdesk.domain.views import PresenceChoice
from agentdesk.tui.dialogs.dialog import with_dialog_css
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.presence_colours import mark_of, style_of
from agentdesk.tui.widgets.cells import one_line


class PresenceDialog(PickDialog):
    """Answers the key of a presence, starting on the current one, which holds *since* then."""

    CSS_PATH = with_dialog_css("presence.tcss")
    TITLE_TEXT: ClassVar[str] = "Presence"

    def __init__(
        self, choices: Sequence[PresenceChoice], current: str = "", since: str = ""
    ) -> None:
        super().__init__([_choice(c, current, since) for c in choices], current)


def _choice(presence: PresenceChoice, current: str, since: str) -> Choice:
    remarks = [_work(presence)]
    if presence.key == current:
        remarks.append(f"now, since {since}" if since else "now")
    return Choice(
        presence.key,
        one_line(presence.label),
        mark=mark_of(works=presence.work),
        mark_style=style_of(presence.colour, works=presence.work),
        remark=" · ".join(remarks),
    )


def _work(presence: PresenceChoice) -> str:
    """`takes Email`, `takes new work`, `no new work`."""
    if not presence.work:
        return "no new work"
    return f"takes {one_line(', '.join(presence.takes)) or 'new work'}"

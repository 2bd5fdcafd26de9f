"""Choose a presence: may work be offered now?"""

from collections.abc import Sequence
from typing import ClassVar

from agentdesk.domain.views import PresenceChoice
from agentdesk.tui.dialogs.dialog import with_dialog_css
from agentdesk.tui.dialogs.picker import Choice, PickDialog


class PresenceDialog(PickDialog):
    """Answers the key of a presence, starting on the current one."""

    CSS_PATH = with_dialog_css("presence.tcss")
    TITLE_TEXT: ClassVar[str] = "Presence"

    def __init__(self, choices: Sequence[PresenceChoice], current: str = "") -> None:
        super().__init__([_choice(c, current) for c in choices], current)


def _choice(presence: PresenceChoice, current: str) -> Choice:
    remarks = [] if presence.work else ["no new work"]
    if presence.key == current:
        remarks.append("now")
    return Choice(
        presence.key,
        presence.label,
        mark="●" if presence.work else "○",
        mark_style="$calm" if presence.work else "$late",
        remark=" · ".join(remarks),
    )

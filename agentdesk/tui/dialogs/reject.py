"""Why an offer is rejected."""

from collections.abc import Sequence
from typing import ClassVar

from agentdesk.domain.views import RejectChoice
from agentdesk.tui.dialogs.dialog import with_dialog_css
from agentdesk.tui.dialogs.picker import Choice, PickDialog


class RejectDialog(PickDialog):
    """Answers the key of a reason. `what` names the offer, plain text."""

    CSS_PATH = with_dialog_css("reject.tcss")
    HINT: ClassVar[str] = "Enter or a digit rejects · Esc keeps the offer"

    def __init__(self, choices: Sequence[RejectChoice], what: str = "") -> None:
        super().__init__([Choice(c.key, c.label) for c in choices])
        self._what = what

    def title_text(self) -> str:
        """`Reject IMS0000123`."""
        return f"Reject {self._what}".strip()

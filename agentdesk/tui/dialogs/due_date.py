"""When a case was promised to be done."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from agentdesk.domain.when import spoken
from agentdesk.tui.dialogs.moment import MomentDialog
from agentdesk.tui.shell import shell


@dataclass(frozen=True, slots=True)
class DueChoice:
    """A moment; None: nothing is promised any more."""

    due_at: datetime | None = None


class DueDialog(MomentDialog[DueChoice]):
    """*promised*: something is, and may be dropped."""

    HINT: ClassVar[str] = "↑↓ choose · or type a moment · Enter sets it · Esc cancels"
    MOMENTS: ClassVar[str] = "Due"

    def __init__(self, number: str, *, promised: bool) -> None:
        ways = [("No due date", "nothing is promised", DueChoice())] if promised else []
        super().__init__(ways, f"When is {number} due?")

    def at(self, moment: datetime) -> DueChoice:
        """Due then."""
        return DueChoice(moment)

    def words(self, moment: datetime) -> str:
        """On our clock."""
        app = shell(self.app)
        return f"due {spoken(moment, app.now(), app.options.zone)}"

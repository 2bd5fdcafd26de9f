"""Put an interaction aside: until a date, or until its customer answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from agentdesk.domain.when import spoken
from agentdesk.tui.dialogs.moment import MomentDialog
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import one_line


@dataclass(frozen=True, slots=True)
class SnoozeChoice:
    """Until a moment; None: until the customer answers, or awake again with *wake*."""

    until: datetime | None = None
    wake: bool = False


class SnoozeDialog(MomentDialog[SnoozeChoice]):
    """*snoozed*: it is already, and may be woken."""

    HINT: ClassVar[str] = "↑↓ choose · or type a moment · Enter snoozes · Esc cancels"
    MOMENTS: ClassVar[str] = "Until a moment"

    def __init__(self, number: str, customer: str, *, snoozed: bool = False) -> None:
        who = one_line(customer, 40) or "the customer"
        ways = [("Until an answer", f"of {who}; no reminders", SnoozeChoice())]
        awake = ("Work on it now", "ends the snooze", SnoozeChoice(wake=True))
        super().__init__([*ways, awake] if snoozed else ways, f"Snooze {number}")

    def at(self, moment: datetime) -> SnoozeChoice:
        """Comes back then."""
        return SnoozeChoice(moment)

    def words(self, moment: datetime) -> str:
        """When it comes back, and what happens until then."""
        app = shell(self.app)
        return f"comes back {spoken(moment, app.now(), app.options.zone)}"

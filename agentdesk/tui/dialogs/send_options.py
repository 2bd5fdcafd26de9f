"""Send in another way than usual: hold, keep or close afterwards, or send later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from agentdesk.domain.delivery import AfterSend
from agentdesk.tui.dialogs.moment import MomentDialog
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.sending_words import for_customer, goes_out


@dataclass(frozen=True, slots=True)
class SendChoice:
    """How a mail shall be sent: at once, or at *send_at*."""

    after: AfterSend = AfterSend.USUAL
    send_at: datetime | None = None


Way = tuple[str, str, SendChoice]
"""What it is called, what follows, and what it means."""

WAYS: tuple[Way, ...] = (
    ("Send now", "then as settings say", SendChoice()),
    ("Send and hold", "waits for the customer", SendChoice(AfterSend.HOLD)),
    ("Send and keep working", "stays with you", SendChoice(AfterSend.KEEP)),
    ("Send and close", "begins the wrap-up", SendChoice(AfterSend.CLOSE)),
)
CASE_WAYS: tuple[Way, ...] = (
    ("Send now", "then as settings say", SendChoice()),
    ("Send and await information", "service levels pause", SendChoice(AfterSend.HOLD)),
    ("Send and keep it open", "there is more to do", SendChoice(AfterSend.KEEP)),
)
NOW: tuple[Way, ...] = (("Send now", "does not wait any longer", SendChoice()),)


class SendOptionsDialog(MomentDialog[SendChoice]):
    """*name* and *time_zone* are the customer's: each moment is shown on their clock too."""

    HINT: ClassVar[str] = "↑↓ choose · or type a moment · Enter sends · Esc cancels"
    MOMENTS: ClassVar[str] = "Send later"

    def __init__(
        self,
        ways: Sequence[Way] = WAYS,
        *,
        title: str = "Send",
        name: str = "",
        time_zone: str = "",
    ) -> None:
        super().__init__(ways, title)
        self._who, self._time_zone = name, time_zone

    def at(self, moment: datetime) -> SendChoice:
        """Sent then."""
        return SendChoice(send_at=moment)

    def words(self, moment: datetime, *, named: bool = True) -> str:
        """On our clock, and on the customer's."""
        app, zone = shell(self.app), self._time_zone
        there = for_customer(moment, app.options.zone, self._who, zone, named=named)
        here = goes_out(moment, app.now(), app.options.zone)
        return f"{here} · {there}" if there else here

    def short_words(self, moment: datetime) -> str:
        """Without the name of the customer's zone."""
        return self.words(moment, named=False)

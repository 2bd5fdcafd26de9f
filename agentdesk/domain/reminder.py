"""Reminders to customers who have not answered. Source: docs/writing.md, *Reminders and silence*."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from agentdesk.domain.blanks import filled
from agentdesk.domain.interaction import Direction

VARIABLES: Final = ("name", "subject", "number", "agent")
TEXT = """Hello {name},

we have not heard from you about "{subject}". Do you still need our help?
Just answer this mail. If we hear nothing, we take it as settled.
"""


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """When a customer is reminded, and with what. An interval of None sends no reminders.

    `most` bounds the reminders of one time On Hold. `text` may name {name}, {subject}, {number} and
    {agent}. With `office_hours`, a reminder waits until the queue's schedule is open.
    """

    inbound: timedelta | None = timedelta(days=2)
    outbound: timedelta | None = timedelta(hours=48)
    most: int = 2
    text: str = TEXT
    office_hours: bool = True

    def every(self, direction: Direction) -> timedelta | None:
        """The interval; None where customers are not reminded."""
        interval = self.inbound if direction is Direction.INBOUND else self.outbound
        return interval if self.most else None


@dataclass(frozen=True, slots=True)
class Reminders:
    """The desk's rule, and those of mail accounts by key that have one of their own.

    Within an hour `per_hour` reminders go out at most, and to one address `per_address_per_day`
    automatic mails within 24 hours; what is one too many waits.
    """

    usual: ReminderRule = field(default=ReminderRule())
    accounts: Mapping[str, ReminderRule] = field(default_factory=dict)
    per_hour: int = 200
    per_address_per_day: int = 3

    def of(self, account: str) -> ReminderRule:
        """The rule that holds for this mail account."""
        return self.accounts.get(account, self.usual)


def reminder_text(text: str, *, name: str, subject: str, number: str, agent: str) -> str:
    """*text* with its variables filled in."""
    return filled(text, {"name": name, "subject": subject, "number": number, "agent": agent})

"""The sections [reminders] and [mail_accounts.reminders]: customers who do not answer are reminded."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from agentdesk.domain import reminder
from agentdesk.domain.blanks import unknown_blanks
from agentdesk.domain.reminder import VARIABLES, ReminderRule
from agentdesk.settings.problems import Loc, Trouble
from agentdesk.settings.section import Section, refuse

if TYPE_CHECKING:
    from agentdesk.settings.root import Settings

DAY = timedelta(days=1)


def _text(text: str) -> str:
    if unknown := unknown_blanks(text, VARIABLES):
        known = ", ".join(f"{{{v}}}" for v in VARIABLES[:-1]) + f" and {{{VARIABLES[-1]}}}"
        refuse(f"names {{{unknown[0]}}}, which is unknown; {known} are filled in")
    return text


ReminderText = Annotated[str, AfterValidator(_text)]


class Reminders(Section):
    """When a customer who has not answered our last mail is reminded of it, in its thread."""

    enabled: bool = True
    """Whether reminders are sent at all; each mail account may say otherwise."""
    inbound_days: int = Field(default=2, ge=0, le=365)
    """Days On Hold until each reminder, where the customer began; 0 sends none."""
    outbound_hours: int = Field(default=48, ge=0, le=8760)
    """Hours On Hold until each reminder, where we began; 0 sends none."""
    most: int = Field(default=2, ge=0, le=10)
    """At most so many in one time On Hold."""
    text: ReminderText = ""
    """What a reminder says; it may name {name}, {subject}, {number} and {agent}. Empty is the usual
    text."""
    office_hours: bool = True
    """Wait until the schedule of the interaction's queue is open."""
    per_hour: int = Field(default=200, ge=1, le=10000)
    """At most so many from the whole desk within an hour; the others wait."""
    per_address_per_day: int = Field(default=3, ge=1, le=100)
    """At most so many automatic mails to one address within 24 hours; the others wait."""


class AccountReminders(Section):
    """Reminders of one mail account; what is not given here is as in [reminders]."""

    enabled: bool | None = None
    """Whether customers of this account are reminded."""
    inbound_days: int | None = Field(default=None, ge=0, le=365)
    """Days On Hold until each reminder, where the customer began; 0 sends none."""
    outbound_hours: int | None = Field(default=None, ge=0, le=8760)
    """Hours On Hold until each reminder, where we began; 0 sends none."""
    most: int | None = Field(default=None, ge=0, le=10)
    """At most so many in one time On Hold."""
    text: ReminderText | None = None
    """What a reminder says, with the same variables."""
    office_hours: bool | None = None
    """Wait until the schedule of the interaction's queue is open."""


def rules_of(s: "Settings") -> reminder.Reminders:
    """What the services know of it."""
    given = {m.key: m.reminders for m in s.mail_accounts if m.reminders != AccountReminders()}
    return reminder.Reminders(
        usual=_rule(s.reminders),
        accounts={key: _rule(_merged(s.reminders, own)) for key, own in given.items()},
        per_hour=s.reminders.per_hour,
        per_address_per_day=s.reminders.per_address_per_day,
    )


def _merged(usual: Reminders, own: AccountReminders) -> Reminders:
    return usual.model_copy(update=own.model_dump(exclude_none=True))


def _rule(r: Reminders) -> ReminderRule:
    return ReminderRule(
        inbound=r.inbound_days * DAY if r.inbound_days and r.enabled else None,
        outbound=timedelta(hours=r.outbound_hours) if r.outbound_hours and r.enabled else None,
        most=r.most,
        text=r.text or reminder.TEXT,
        office_hours=r.office_hours,
    )


def advice(s: "Settings") -> Iterator[Trouble]:
    """Reminders and notices that would come after the close."""
    yield from _too_late(s, ("reminders",), s.reminders)
    for n, account in enumerate(s.mail_accounts):
        if account.reminders != AccountReminders():
            own = _merged(s.reminders, account.reminders)
            yield from _too_late(s, ("mail_accounts", n, "reminders"), own)
    shortest = min(s.inactivity.inbound_days, s.inactivity.outbound_days)
    if s.inactivity.notice_days >= shortest:
        words = f"is {s.inactivity.notice_days}, but silence closes after {shortest} days: nobody is told"
        yield Trouble(("inactivity", "notice_days"), words)


def _too_late(s: "Settings", place: Loc, r: Reminders) -> Iterator[Trouble]:
    rule = _rule(r)
    ends = s.inactivity.inbound_days * DAY, s.inactivity.outbound_days * DAY
    keys, every = ("inbound_days", "outbound_hours"), (rule.inbound, rule.outbound)
    for key, interval, end in zip(keys, every, ends, strict=True):
        for n in range(1, rule.most + 1):
            if interval is not None and n * interval >= end:
                words = f"lets reminder {n} come after silence has closed, which is after {end.days} days"
                yield Trouble((*place, key), words)
                break

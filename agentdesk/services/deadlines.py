"""What happens by time alone, each deadline once, whichever engine sees it first."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from agentdesk.domain.deadline import Deadline, Due
from agentdesk.domain.errors import Conflict
from agentdesk.services import (
    case_levels,
    cases,
    drafts,
    handling,
    offers,
    presence,
    reminders,
    searching,
    sending,
    snoozing,
    waiting,
)
from agentdesk.services.ccaas import listening
from agentdesk.services.desk import Desk
from agentdesk.storage import deadlines
from agentdesk.storage.store import Transaction

Handler = Callable[[Desk, Transaction, int], Awaitable[None]]
HANDLERS: dict[Due, Handler] = {
    Due.WRAP_UP: handling.wrap_up_ran_out,
    Due.OFFER: offers.ran_out,
    Due.WAIT: searching.overdue,
    Due.CAPACITY: presence.override_ran_out,
    Due.SILENCE: handling.close_for_silence,
    Due.REMINDER: reminders.remind,
    Due.NOTICE: waiting.tell_owner,
    Due.SNOOZE: snoozing.come_back,
    Due.DRAFT: drafts.abandon,
    Due.OUTBOX: sending.ready,
    Due.CASE_TARGET: case_levels.ran,
    Due.CASE_CLOSE: cases.close_by_time,
    Due.CENTRE: listening.ask_again,
}
"""What a transaction can do; `Due.COPY` and `Due.LOOK` need the network: `services.sent_mail`."""


async def run_passed(desk: Desk) -> datetime | None:
    """Do everything whose time is over; returns when the next deadline ends."""
    while True:
        async with desk.store.read() as tx:
            passed = await deadlines.passed(tx, desk.clock.now(), HANDLERS)
        if not any([await _run(desk, deadline) for deadline in passed]):
            break
    async with desk.store.read() as tx:
        return await deadlines.following(tx, HANDLERS)


async def _run(desk: Desk, deadline: Deadline) -> bool:
    """Do it; what met somebody else's change at this moment stays and is tried again."""
    try:
        async with desk.store.write() as tx:
            if await deadlines.claim(tx, deadline):
                await HANDLERS[deadline.kind](desk, tx, deadline.subject)
            return True
    except Conflict:
        return False

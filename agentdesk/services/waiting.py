"""An interaction waits for its customer: when that customer is reminded, its owner told, and it ends.

Everything is a deadline that `begin` sets and `end` drops, whatever takes the interaction off hold.
A mail that goes out later by schedule is waited for first.
"""

from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain.deadline import Due
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import QueueId
from agentdesk.domain.interaction import Direction, Interaction, State
from agentdesk.domain.reminder import ReminderRule
from agentdesk.domain.schedule import ALWAYS, Calendar
from agentdesk.domain.views import Delivery
from agentdesk.services.desk import Desk
from agentdesk.services.outgoing import move
from agentdesk.services.qualifying import calendar_of
from agentdesk.storage import auto_answers, deadlines, interactions, people, waiting
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.auto_answers import Kind
from agentdesk.storage.store import Transaction

WHILE_WAITING = (Due.REMINDER, Due.NOTICE, Due.SILENCE, Due.SNOOZE)


async def begin(desk: Desk, tx: Transaction, i: Interaction, since: datetime | None = None) -> None:
    """Set what is due while *i* is On Hold, from now or *since*, or from its scheduled mail on.

    What was due before is replaced; the reminders that were sent stay counted.
    """
    start = since or desk.clock.now()
    leaves = await waiting.scheduled_for(tx, i.id)
    start = max(start, leaves) if leaves else start
    closes = start + _patience(desk, i)
    await deadlines.put(tx, Due.SILENCE, i.id, closes)
    await deadlines.drop(tx, Due.REMINDER, i.id)
    tell = closes - desk.rules.silence_notice
    if start < tell < closes:
        await deadlines.put(tx, Due.NOTICE, i.id, tell)
    else:
        await deadlines.drop(tx, Due.NOTICE, i.id)
    if not i.snoozed:
        await plan_reminder(desk, tx, i, start)


async def begin_again(desk: Desk, tx: Transaction, interaction_id: int) -> None:
    """A mail of it goes out now, or did after all: whoever waits for the answer waits from now on."""
    i = await interactions.get(tx, interaction_id)
    if waits(i):
        await begin(desk, tx, i)


async def end(desk: Desk, tx: Transaction, i: Interaction) -> None:
    """*i* leaves On Hold, or is snoozed: nothing is due any more, no unsent reminder goes out."""
    for kind in WHILE_WAITING:
        await deadlines.drop(tx, kind, i.id)
    if not i.reminders:
        return
    for row in await auto_answers.unsent(tx, Kind.REMINDER, i.id):
        await deadlines.drop(tx, Due.OUTBOX, row.id)
        await move(desk, tx, row, Delivery.CANCELED, SYSTEM, "The reminder is not needed any more")


def waits(i: Interaction) -> bool:
    """On Hold for an answer, not for a date."""
    return i.state is State.ON_HOLD and i.snoozed_until is None


async def still_unsent(desk: Desk, tx: Transaction, i: Interaction) -> bool:
    """Whether a mail of *i* waits for its time, which somebody moved; then everything does."""
    leaves = await waiting.scheduled_for(tx, i.id)
    if leaves is None or leaves <= desk.clock.now():
        return False
    await begin(desk, tx, i)
    return True


def _patience(desk: Desk, i: Interaction) -> timedelta:
    inbound = i.direction is Direction.INBOUND
    return desk.rules.inbound_silence if inbound else desk.rules.outbound_silence


# Reminders


async def plan_reminder(desk: Desk, tx: Transaction, i: Interaction, since: datetime) -> None:
    """The next reminder, an interval after *since*; none where the customer has had the last word."""
    account = await desk_rows.account(tx, i.mail_account_id)
    rule = desk.rules.reminders.of(account.key)
    every = rule.every(i.direction)
    if every is None or i.reminders >= rule.most:
        return
    if await waiting.ours_is_the_last_word(tx, i.id):
        await remind_at(desk, tx, i, since + every, hours(desk, i, account, rule))


async def remind_at(
    desk: Desk, tx: Transaction, i: Interaction, at: datetime, hours: Calendar
) -> None:
    """The deadline of the next reminder, within *hours* and before *i* is closed."""
    opens = hours.opens_at(at)
    closes = await deadlines.due_at(tx, Due.SILENCE, i.id)
    if opens is not None and (closes is None or opens < closes):
        await deadlines.put(tx, Due.REMINDER, i.id, opens)


def hours(desk: Desk, i: Interaction, account: Any, rule: ReminderRule) -> Calendar:
    """When customers of this interaction are reminded: while its queue is open, or always."""
    if not rule.office_hours:
        return ALWAYS
    return calendar_of(desk, desk.in_force.queues.get(i.queue_id or QueueId(account.queue_id)))


# The day before


async def tell_owner(desk: Desk, tx: Transaction, interaction_id: int) -> None:
    """Soon it is closed for silence: an unread mark and a sentence for whoever owns it.

    Where nothing ran until the close itself is due, there is nothing left to tell.
    """
    i = await interactions.get(tx, interaction_id)
    closes = await deadlines.due_at(tx, Due.SILENCE, i.id)
    if not waits(i) or closes is None or await still_unsent(desk, tx, i):
        return
    now = desk.clock.now()
    if closes <= now:
        return
    await interactions.add_unread(tx, i.id)
    customer = (await people.by_ids(tx, [i.customer_id]))[i.customer_id]
    data = {"closes_at": closes.isoformat(), "customer": customer.name}
    tx.record(Event(now, SYSTEM, Record.INTERACTION, i.id, Happened.CLOSING_SOON, data))

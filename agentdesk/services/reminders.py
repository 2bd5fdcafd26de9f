"""Reminders: a mail to a customer who has not answered our last one, in its thread.

At most so many a time On Hold, and none after a person's answer, which takes the interaction off hold
(`services.waiting.end`). The deadline is claimed, counted and the mail put into the outbox in one
transaction, so that each is sent once however many engines run. Programs that answer it change
nothing: what they write is filed, and moves no state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from agentdesk.domain import interaction as moves
from agentdesk.domain.deadline import Due
from agentdesk.domain.draft import DraftKind
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import MessageId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import Address
from agentdesk.domain.reminder import ReminderRule, reminder_text
from agentdesk.domain.schedule import Calendar
from agentdesk.domain.views import Delivery
from agentdesk.mail import compose
from agentdesk.mail.fields import kept_references
from agentdesk.mail.kinds import takes_no_mail
from agentdesk.services import automatic, waiting
from agentdesk.services.automatic import DAY, HOUR
from agentdesk.services.desk import Desk
from agentdesk.storage import auto_answers, deadlines, events, interactions, people
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import waiting as rows
from agentdesk.storage.auto_answers import Kind
from agentdesk.storage.store import Transaction

NOT_DELIVERED = frozenset({Delivery.FAILED.value, Delivery.UNKNOWN.value})


@dataclass(frozen=True, slots=True)
class _Due:
    """An interaction whose customer is to be reminded, by which rule and within which hours."""

    i: Interaction
    account: Any
    rule: ReminderRule
    every: timedelta
    hours: Calendar


async def remind(desk: Desk, tx: Transaction, interaction_id: int) -> None:
    """The time of a reminder has come: send it, wait for better hours, or stop, saying why."""
    i = await interactions.get(tx, interaction_id)
    if not waiting.waits(i) or i.snoozed or await waiting.still_unsent(desk, tx, i):
        return
    due = await _due(desk, tx, i)
    if due is None or not await rows.ours_is_the_last_word(tx, i.id):
        return
    now, written = desk.clock.now(), await rows.written(tx, i.id)
    if not due.hours.is_open(now):
        await waiting.remind_at(desk, tx, i, now, due.hours)
    elif written[0].state in NOT_DELIVERED:
        _stop(desk, tx, i, "our last mail was not delivered")
    elif written[0].state != Delivery.SENT.value:
        await waiting.remind_at(desk, tx, i, now + due.every, due.hours)
    else:
        await _remind(desk, tx, due, written)


async def _due(desk: Desk, tx: Transaction, i: Interaction) -> _Due | None:
    """None where the rules send no more, or where it is to be closed by now: nothing ran for long."""
    account = await desk_rows.account(tx, i.mail_account_id)
    rule = desk.rules.reminders.of(account.key)
    every = rule.every(i.direction)
    closes = await deadlines.due_at(tx, Due.SILENCE, i.id)
    over = closes is not None and closes <= desk.clock.now()
    if every is None or i.reminders >= rule.most or over:
        return None
    return _Due(i, account, rule, every, waiting.hours(desk, i, account, rule))


async def _remind(desk: Desk, tx: Transaction, due: _Due, written: Sequence[Any]) -> None:
    i, now = due.i, desk.clock.now()
    mail, to = await _addressed(tx, i, written)
    left = await _reachable(desk, tx, i, mail, to)
    if not left:
        why = "nothing but what was forwarded went out" if not to else _unreachable(to)
        return _stop(desk, tx, i, why)
    keys = await automatic.keys(tx, len(left))
    if not await _within_caps(desk, tx, left):
        return await waiting.remind_at(desk, tx, i, now + HOUR, due.hours)
    writing = await _letter(desk, tx, due, mail, left)
    if not await automatic.put_in_outbox(desk, tx, i, Kind.REMINDER, keys, writing):
        return _stop(desk, tx, i, "it cannot be written as a mail")
    after = await interactions.save(tx, moves.be_reminded(i, now))
    data = {"n": after.reminders, "of": due.rule.most, "to": [a.name or a.email for a in left]}
    tx.record(Event(now, SYSTEM, Record.INTERACTION, i.id, Happened.REMINDED, data))
    await waiting.plan_reminder(desk, tx, after, now)
    return None


async def _addressed(
    tx: Transaction, i: Interaction, written: Sequence[Any]
) -> tuple[Any, tuple[Address, ...]]:
    """Our newest mail to the customer, and whom of them it was for.

    Where none went to an address that is known for theirs, the newest to anybody; what was forwarded
    expects no answer of the customer.
    """
    known = await rows.circle(tx, i)
    ours = [w for w in written if w.agent_id is not None and w.state == Delivery.SENT.value]
    ours = [w for w in ours if w.draft.get("kind") != DraftKind.FORWARD.value]
    for mail in ours:
        to = tuple(Address(**a) for a in mail.recipients["to"] if a["email"] in known)
        if to:
            return mail, to
    newest = next(iter(ours), None)
    return newest, tuple(Address(**a) for a in newest.recipients["to"]) if newest else ()


async def _reachable(
    desk: Desk, tx: Transaction, i: Interaction, mail: Any, to: Sequence[Address]
) -> tuple[Address, ...]:
    """Those of *to* that are not ours, do not refuse mail, and got the one they are reminded of."""
    if not to:
        return ()
    emails = {a.email for a in to}
    dead = {row.email for row in await people.bounced_among(tx, emails)}
    dead |= await _returned(tx, i, mail.id)
    unfit = dead | desk.rules.own_addresses
    return tuple(a for a in to if a.email not in unfit and not takes_no_mail(a.email))


async def _returned(tx: Transaction, i: Interaction, message_id: int) -> set[str]:
    """Whom delivery reports name that came after our mail."""
    types = (Happened.MAIL_QUEUED.value, Happened.BOUNCED.value)
    found = await events.of_types(tx, "interaction", i.id, types)
    sent = next((e.seq for e in found if e.message_id == message_id), 0)
    return {email for e in found if e.seq > sent for email in e.data.get("failed", ())}


def _unreachable(to: Sequence[Address]) -> str:
    names = ", ".join(a.email for a in to)
    return f"{names} cannot be reached" if len(to) == 1 else f"none of {names} can be reached"


async def _within_caps(desk: Desk, tx: Transaction, to: Sequence[Address]) -> bool:
    """Whether neither the desk nor these addresses have had so many that one more must wait."""
    rules, now = desk.rules.reminders, desk.clock.now()
    hourly = await auto_answers.count_since(tx, Kind.REMINDER, now - HOUR)
    if hourly + len(to) > rules.per_hour:
        return False
    had = await auto_answers.to_addresses(tx, {a.email for a in to}, now - DAY)
    return all(n < rules.per_address_per_day for n in had.values())


async def _letter(
    desk: Desk, tx: Transaction, due: _Due, mail: Any, to: tuple[Address, ...]
) -> automatic.Write:
    """What writes the reminder, once it has a number."""
    i, account = due.i, due.account
    owner = await desk_rows.agent_as_is(tx, i.owner_id or 0)
    token = await interactions.token_of(tx, i.id)
    domain = account.address.rpartition("@")[2]
    name = to[0].name or (await people.by_ids(tx, [i.customer_id]))[i.customer_id].name
    text = reminder_text(
        due.rule.text,
        name=name,
        subject=i.subject,
        number=i.number,
        agent=owner.name if owner else account.name,
    )

    def write(message: MessageId) -> compose.Outgoing:
        return compose.Outgoing(
            sender=Address(account.address, account.name),
            to=to,
            subject=compose.reply_subject(mail.subject),
            text=text,
            message_id=compose.new_message_id(token, message, domain),
            date=desk.clock.now(),
            in_reply_to=mail.header_id,
            references=kept_references((*mail.refs, mail.header_id)),
            headers=automatic.marks(i, message),
            auto_submitted="auto-generated",
        )

    return write


def _stop(desk: Desk, tx: Transaction, i: Interaction, why: str) -> None:
    """No further reminder in this time On Hold, unless somebody writes."""
    about = (Record.INTERACTION, i.id, Happened.REMINDER_STOPPED)
    tx.record(Event(desk.clock.now(), SYSTEM, *about, {"why": why}))

"""Snooze: an interaction is put aside until a date, or until its customer answers.

Until a date nobody is reminded and nothing closes it; then it comes back to its owner. Until an answer
its customer is not reminded, but silence closes it as usual.
"""

from datetime import datetime, timedelta

from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Due
from agentdesk.domain.errors import BadInput, IllegalTransition
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import InteractionId, QueueId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.services import capacity, returning, waiting
from agentdesk.services.ccaas import telling
from agentdesk.services.desk import Desk
from agentdesk.services.handling import changed, owned, take_up_again
from agentdesk.storage import deadlines, interactions
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import interactions as interaction_table

LONGEST = timedelta(days=366)


async def snooze(
    desk: Desk, actor: Actor, interaction_id: InteractionId, until: datetime | None
) -> None:
    """Work in Progress or On Hold → On Hold until *until*; None: until the customer answers.

    Raises `BadInput` for a time that is over or more than a year ahead, `IllegalTransition` where
    nobody works on it, `NotAllowed` where it is another's.
    """
    async with desk.store.write() as tx:
        before = await owned(tx, actor, interaction_id)
        now, by = desk.clock.now(), By.actor(actor)
        if until is not None and until <= now:
            raise BadInput("That time is over. Choose one to come.")
        if until is not None and until - now > LONGEST:
            raise BadInput("That is more than a year ahead. Choose an earlier time.")
        after = await interactions.save(tx, moves.be_snoozed(before, until, now))
        await waiting.end(desk, tx, before)
        if until is None:
            await waiting.begin(desk, tx, after)
        else:
            await deadlines.put(tx, Due.SNOOZE, after.id, until)
        if after.state is not before.state:
            changed(desk, tx, before, after, by)
            await telling.held(desk, tx, after, by)
        data = {"until": until.isoformat() if until else ""}
        tx.record(Event(now, by, Record.INTERACTION, after.id, Happened.SNOOZED, data))


async def wake(desk: Desk, actor: Actor, interaction_id: InteractionId) -> None:
    """On Hold → Work in Progress before its time. Raises `IllegalTransition` if it is not snoozed."""
    async with desk.store.write() as tx:
        before = await owned(tx, actor, interaction_id)
        if not before.snoozed:
            raise IllegalTransition(f"{before.number} is not snoozed.")
        await take_up_again(desk, tx, before, By.actor(actor))


async def come_back(desk: Desk, tx: Transaction, interaction_id: int) -> None:
    """Its time has come: Work in Progress with an unread mark, or as `reroute` says if nobody is there."""
    before = await interactions.get(tx, interaction_id)
    now = desk.clock.now()
    if before.state is not State.ON_HOLD or before.snoozed_until is None:
        return
    here = await capacity.at_work(desk, tx, before.owner_id)
    data = {"owner": await _owner_name(tx, before)}
    tx.record(Event(now, SYSTEM, Record.INTERACTION, before.id, Happened.WOKEN, data))
    if here or not desk.policy.options.reroute or telling.external(before):
        unread = interaction_table.c.unread + 1
        after = await interactions.save(tx, moves.be_resumed(before, now), unread=unread)
        await waiting.end(desk, tx, before)
        changed(desk, tx, before, after, SYSTEM)
        await telling.resumed(desk, tx, after, SYSTEM)
        return
    account = await desk_rows.account(tx, before.mail_account_id)
    queue_id = before.queue_id or QueueId(account.queue_id)
    note = f"{data['owner']} snoozed it until now"
    await returning.give_back(desk, tx, before, queue_id, SYSTEM, note)


async def _owner_name(tx: Transaction, i: Interaction) -> str:
    owner = await desk_rows.agent_as_is(tx, i.owner_id or 0)
    return owner.name if owner else "Somebody"

"""An interaction becomes part of a case: it closes by itself with *Task created*, without a dialog."""

from agentdesk.domain import interaction as moves
from agentdesk.domain.case import Case
from agentdesk.domain.deadline import Due
from agentdesk.domain.errors import BadInput
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.setup import TASK_CREATED
from agentdesk.domain.work import WorkState
from agentdesk.domain.wrapup import WrapUpSource
from agentdesk.services import handling, offers, searching
from agentdesk.services.desk import Desk
from agentdesk.storage import deadlines, drafts, efforts, interactions, outbox, work
from agentdesk.storage.store import Transaction


async def must_be_free(tx: Transaction, i: Interaction) -> None:
    """Raises `BadInput` while a mail of it can still be taken back: that needs an open interaction."""
    await must_be_out(tx, i.number, i.id)


async def must_be_out(tx: Transaction, number: str, thread_id: ThreadId) -> None:
    """Raises `BadInput` while a mail of the thread can be taken back."""
    if await outbox.scheduled_of(tx, [thread_id]):
        raise BadInput(f"A mail of {number} goes out later. Send it now or take it back first.")
    if await outbox.delayed_of(tx, thread_id):
        raise BadInput(
            f"A mail of {number} goes out in a few seconds. Wait for it, or undo sending first."
        )


async def must_be_sent(tx: Transaction, case: Case) -> None:
    """Raises `BadInput` while a mail of the case can be taken back, or somebody has written in it."""
    await must_be_out(tx, case.number, case.id)
    if any(d.touched for d in await drafts.of_thread(tx, case.id)):
        raise BadInput(f"{case.number} has an unsent draft. Send or discard it first.")


async def become_part_of(
    desk: Desk, tx: Transaction, before: Interaction, case: Case, by: By
) -> Interaction:
    """Any open state → Closed Complete: capacity is free, nobody is searched for, nothing is due.

    What was written and not sent goes on in the case. `must_be_free` comes before.
    """
    after = moves.become_a_case(before, case.id, desk.clock.now())
    if before.state is State.NEW:
        await _end_the_search(desk, tx, before, by)
    await move_drafts(tx, before.id, case)
    await copy_participants(tx, before.id, case)
    data = {"number": case.number}
    about = (Record.INTERACTION, before.id, Happened.ASSOCIATED)
    tx.record(Event(desk.clock.now(), by, *about, data))
    how = await handling.ending(tx, TASK_CREATED, WrapUpSource.CASE)
    done = await handling.end(desk, tx, before, after, how, by)
    await efforts.belong_to(tx, before.id, case.id)
    return done


async def _end_the_search(desk: Desk, tx: Transaction, i: Interaction, by: By) -> None:
    item = await work.waiting_for(tx, i.id)
    if item is not None and item.state is WorkState.OFFERED:
        await offers.withdraw(desk, tx, item, by)
    await searching.close(desk, tx, i.id)


async def move_drafts(tx: Transaction, thread_id: ThreadId, case: Case) -> None:
    """What somebody wrote is a draft of the case now; what the desk prepared goes."""
    for draft in await drafts.of_thread(tx, thread_id):
        if draft.touched:
            await drafts.move(tx, draft, Record.CASE, case.id)
    await drop_prepared(tx, thread_id)


async def drop_prepared(tx: Transaction, thread_id: ThreadId) -> None:
    """Drafts that nobody wrote in go."""
    for draft in await drafts.of_thread(tx, thread_id):
        if not draft.touched:
            await drafts.delete(tx, draft.id)
            await deadlines.drop(tx, Due.DRAFT, draft.id)


async def copy_participants(tx: Transaction, thread_id: ThreadId, case: Case) -> None:
    """Who takes part in the thread takes part in the case, third parties as such."""
    people = (await interactions.participants_of(tx, [thread_id])).get(thread_id, frozenset())
    thirds = {email for _, email in await interactions.third_parties_of(tx, [thread_id])}
    await interactions.add_participants(tx, [(case.id, e) for e in people - thirds])
    await interactions.add_participants(tx, [(case.id, e) for e in thirds], third=True)

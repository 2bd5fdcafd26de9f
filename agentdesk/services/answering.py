"""What becomes of an interaction or a case when a mail of it goes out, or does not after all.

An interaction waits for its customer or closes; a case goes on, or awaits information. The thread is
locked by the caller.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentdesk.domain import case as case_moves
from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import Case, CaseState
from agentdesk.domain.delivery import AfterSend
from agentdesk.domain.errors import BadInput
from agentdesk.domain.event import By, Record
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.text import safe
from agentdesk.services import cases_inside, waiting
from agentdesk.services.desk import Desk
from agentdesk.services.handling import (
    begin_wrap_up,
    owner_changed,
    put_on_hold,
    take_up_again,
)
from agentdesk.services.threads import Thread
from agentdesk.storage import cases, interactions
from agentdesk.storage.store import Transaction

_AWAITS = {AfterSend.USUAL: None, AfterSend.HOLD: True, AfterSend.KEEP: False}


@dataclass(frozen=True, slots=True)
class Mail:
    """What counts of a mail that goes out. `answers`: it is for the customer, not passed on to others.
    It `leaves` when its writer means it to.
    """

    subject: str
    answers: bool
    leaves: datetime


def must_be_possible(thread: Thread, after: AfterSend, *, scheduled: bool) -> None:
    """Raises `BadInput` for what cannot become of this thread by sending."""
    if after is not AfterSend.CLOSE:
        return
    if isinstance(thread, Case):
        raise BadInput("Sending closes no case. Send the mail, then resolve the case with a code.")
    if scheduled:
        raise BadInput(
            "A mail that goes out later keeps its interaction open. Close it afterwards."
        )


async def went(
    desk: Desk, tx: Transaction, actor: Actor, before: Thread, mail: Mail, after: AfterSend
) -> None:
    """A mail is in the outbox: it counts, as an answer if it is one, and the thread goes on as *after*
    says.
    """
    if isinstance(before, Case):
        how = {"answers": mail.answers, "leaves": mail.leaves, "awaits": _AWAITS[after]}
        await cases_inside.was_answered(desk, tx, before, actor.agent_id, **how)  # type: ignore[arg-type]
    else:
        i = await _counts(desk, tx, actor, before, mail)
        await _goes_on(desk, tx, i, By.actor(actor), mail, after)


async def _counts(
    desk: Desk, tx: Transaction, actor: Actor, before: Interaction, mail: Mail
) -> Interaction:
    after = moves.be_answered(
        before,
        actor.agent_id,
        desk.clock.now(),
        subject=safe(mail.subject, multiline=False),
        answers=mail.answers,
        leaves=mail.leaves,
    )
    after = await interactions.save(tx, after)
    if after.owner_id != before.owner_id:
        owner_changed(desk, tx, before, after, actor)
    return after


async def _goes_on(
    desk: Desk, tx: Transaction, i: Interaction, by: By, mail: Mail, after: AfterSend
) -> None:
    """Who waits for its customer waits from an answer on."""
    if after is AfterSend.USUAL:
        holds = mail.answers and desk.rules.hold_after_send
        after = AfterSend.HOLD if holds else AfterSend.KEEP
    if after is AfterSend.CLOSE:
        await begin_wrap_up(desk, tx, i, by)
    elif after is AfterSend.HOLD and i.state is State.WORK_IN_PROGRESS:
        await put_on_hold(desk, tx, i, by)
    elif mail.answers and waiting.waits(i):
        await waiting.begin(desk, tx, i)


async def does_not_go(desk: Desk, tx: Transaction, before: Thread, row: Any, by: By) -> Thread:
    """The mail of the outbox *row* does not go after all: it does not count."""
    if isinstance(before, Case):
        return await cases_inside.answer_taken_back(desk, tx, before, row.created_at, by)
    return await interactions.save(tx, moves.take_back_a_mail(before, desk.clock.now()))


async def taken_back(desk: Desk, tx: Transaction, before: Thread, row: Any, by: By) -> None:
    """Sending was undone: an interaction is worked on again, a case stands as it did before."""
    after = await does_not_go(desk, tx, before, row, by)
    if isinstance(after, Interaction):
        await taken_up(desk, tx, after, by)


async def taken_up(desk: Desk, tx: Transaction, before: Thread, by: By) -> None:
    """A mail of it is written anew: nobody waits for an answer to it, and no countdown runs."""
    if isinstance(before, Case):
        if before.state is CaseState.AWAITING_INFO:
            after = await cases.save(tx, case_moves.go_on(before, desk.clock.now()))
            await cases_inside.moved(desk, tx, before, after, by)
    elif before.state in (State.ON_HOLD, State.WRAP_UP):
        await take_up_again(desk, tx, before, by)


async def waits_anew(desk: Desk, tx: Transaction, row: Any) -> None:
    """The mail of *row* goes out now, at another moment, or did after all: the patience with an
    interaction's customer begins anew.
    """
    if Record(row.record) is Record.INTERACTION:
        await waiting.begin_again(desk, tx, row.thread_id)


async def left(desk: Desk, tx: Transaction, thread: Thread) -> None:
    """The moment of a mail that was to go out later has come."""
    if isinstance(thread, Case):
        await cases_inside.answer_left(desk, tx, thread)
    elif waiting.waits(thread):
        await waiting.begin(desk, tx, thread)

"""What a person is shown before a mail is moved: where it may go, and what goes along."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseState
from agentdesk.domain.event import Record
from agentdesk.domain.ids import MessageId, MoveId, thread
from agentdesk.domain.interaction import State
from agentdesk.domain.moved import following
from agentdesk.domain.moving import MoveChoice, MovePlan
from agentdesk.domain.text import safe
from agentdesk.services.desk import Desk
from agentdesk.storage import messages, move_choices, moves
from agentdesk.storage.store import Transaction

NEAR = 7
"""Records that stand there before anything is typed."""

FOUND = 20
UNDO_WITHIN = timedelta(days=1)
"""What was moved longer ago is put back only from its own line in the stream."""

Scores = dict[int, float]


async def plan(desk: Desk, actor: Actor, message_id: MessageId) -> MovePlan:
    """What can become of a mail. Raises `NotFound`."""
    async with desk.store.read() as tx:
        mail = await messages.get(tx, message_id)
        here = await _lies_in(tx, mail)
        letters = await moves.after(tx, Record(here.record), here.id, message_id)
        scores = await _scores(tx, message_id)
        near = await _near(tx, here, scores)
    rest = len(following({message_id}, letters)) - 1
    return MovePlan(message_id, here.number, rest, near)


async def find(
    desk: Desk, actor: Actor, message_id: MessageId, words: str
) -> tuple[MoveChoice, ...]:
    """Open records whose number or customer begins with *words*, or whose subject holds them."""
    async with desk.store.read() as tx:
        here = await _lies_in(tx, await messages.get(tx, message_id))
        scores = await _scores(tx, message_id)
        rows = await move_choices.open_by_name(tx, words, FOUND + 1)
    return tuple(_choice(r, scores) for r in rows if r.id != here.id)[:FOUND]


async def last_move(desk: Desk, actor: Actor) -> MoveId | None:
    """What this agent moved last, within `UNDO_WITHIN`, if it still holds."""
    since = desk.clock.now() - UNDO_WITHIN
    async with desk.store.read() as tx:
        found = await move_choices.last_move(tx, actor.agent_id, since)
    return None if found is None else MoveId(found)


async def _lies_in(tx: Transaction, mail: Any) -> Any:
    """The record that a mail lies in."""
    ids = [x for x in (mail.interaction_id,) if x], [x for x in (mail.case_id,) if x]
    return next(iter((await move_choices.threads(tx, *ids)).values()))


async def _scores(tx: Transaction, message_id: MessageId) -> Scores:
    """How a matcher weighed records when the mail came."""
    return {int(c["id"]): float(c["score"]) for c in await move_choices.weighed(tx, message_id)}


async def _near(tx: Transaction, here: Any, scores: Scores) -> tuple[MoveChoice, ...]:
    """Open records that were weighed, the best first, then the customer's others."""
    weighed = (await move_choices.threads(tx, scores, scores)).values()
    best = sorted(filter(_is_open, weighed), key=lambda r: scores[r.id], reverse=True)
    others = await move_choices.open_of_customer(tx, here.customer_id, NEAR + 1)
    return _choices([*best, *others], scores, but=here.id)[:NEAR]


def _choices(rows: Iterable[Any], scores: Scores, *, but: int) -> tuple[MoveChoice, ...]:
    distinct = {r.id: r for r in rows if r.id != but}
    return tuple(_choice(r, scores) for r in distinct.values())


def _choice(r: Any, scores: Scores) -> MoveChoice:
    return MoveChoice(
        thread(r.record, r.id),
        r.number,
        safe(r.subject, multiline=False),
        _state(r).label,
        safe(r.customer, multiline=False),
        scores.get(r.id),
    )


def _state(r: Any) -> State | CaseState:
    return CaseState(r.state) if r.record == "case" else State(r.state)


def _is_open(r: Any) -> bool:
    return not _state(r).closed

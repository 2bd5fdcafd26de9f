"""The codes of a conversation, ours and the centre's, brought together after each time that it is read.

Source: docs/ccaas.md, *Wrap-up codes*.
"""

from dataclasses import dataclass
from typing import Any

from agentdesk.domain import interaction as moves
from agentdesk.domain.ccaas import codes
from agentdesk.domain.ccaas.codes import OurCode, Ruling
from agentdesk.domain.ccaas.orders import Order, OrderState
from agentdesk.domain.ccaas.values import Kind, RemoteCode, Snapshot
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.text import safe
from agentdesk.domain.wrapup import Code, Segment, Sync, WrapUpSource
from agentdesk.services import handling
from agentdesk.services.ccaas import orders, wrapups
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_orders, ccaas_records
from agentdesk.storage import wrapups as rows
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.store import Transaction

SETTLED = frozenset({Sync.CONFIRMED, Sync.ATTRIBUTE, Sync.GIVEN_UP})
"""Nothing more is sent of these."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A wrap-up here and the code that its part has there."""

    desk: Desk
    centre: str
    segment: Segment
    theirs: RemoteCode
    orders: tuple[Order, ...] = ()


async def settle_codes(
    desk: Desk, tx: Transaction, i: Interaction, conversation: Conversation, snapshot: Snapshot
) -> Interaction:
    """Bring the wrap-ups of *i* and the codes in *snapshot* together, inside a transaction.

    May end a wrap-up that still runs here, when its agent gave a code there. Returns it as it is now.
    """
    there = {s.id: s.code for s in snapshot.segments if s.code is not None}
    if not there:
        return i
    if i.state is State.WRAP_UP and (given := there.get(conversation.segment)):
        i = await _given_there(desk, tx, i, conversation, given)
    waiting = await ccaas_orders.unfinished_of(tx, i.id)
    for segment in await rows.of_parts(tx, i.id, list(there)):
        mine = tuple(o for o in waiting if wrapups.segment_of(o) == segment.id)
        pair = _Pair(desk, conversation.centre, segment, there[segment.external_segment], mine)
        await _settle(tx, pair)
    return i


async def _given_there(
    desk: Desk, tx: Transaction, i: Interaction, conversation: Conversation, given: RemoteCode
) -> Interaction:
    """An agent's code ends the countdown here; an automatic one does not: its agent may still choose."""
    code = await wrapups.meant(tx, conversation.centre, given.code)
    if given.automatic or code is None:
        return i
    notes = safe(given.notes)
    how = handling.Ending(code.label, code, WrapUpSource.AGENT, notes)
    after = moves.be_wrapped_up(i, desk.clock.now())
    return await handling.end(desk, tx, i, after, how, by_centre(desk, conversation.centre))


async def _settle(tx: Transaction, p: _Pair) -> None:
    s = p.segment
    assert s.submitted_at is not None
    ours = OurCode(await _sent(tx, p), s.submitted_at, wrapups.is_automatic(s))
    ruling = codes.rule(ours, p.theirs)
    if ruling is Ruling.CONFIRM:
        await _confirm(tx, p)
    elif any(o.payload.get("insist") for o in p.orders):
        return  # a person has decided already
    elif ruling is Ruling.SEND:
        await _send(tx, p)
    elif ruling is Ruling.TAKE:
        await _take(tx, p)
    else:
        await _both(tx, p)


async def _sent(tx: Transaction, p: _Pair) -> str:
    """What was sent for ours, else what it stands for: the same code may have been given there before."""
    if p.segment.external_code:
        return p.segment.external_code
    code = await wrapups.code_of(tx, p.segment)
    found = code and await ccaas_records.external(tx, p.centre, Kind.CODE, code.key)
    return found or ""


async def _confirm(tx: Transaction, p: _Pair) -> None:
    if p.segment.sync is Sync.CONFIRMED:
        return
    await _have(tx, p)
    code = await wrapups.code_of(tx, p.segment)
    await _tell(tx, p, Happened.CODE_CONFIRMED, code=code.label if code else p.theirs.code)


async def _send(tx: Transaction, p: _Pair) -> None:
    """Ours is to be there; an order that was overtaken by theirs is placed once more."""
    if p.segment.sync not in SETTLED and not p.orders:
        s = p.segment
        await wrapups.say(p.desk, tx, p.centre, s, s.external_segment, insist=True)


async def _take(tx: Transaction, p: _Pair) -> None:
    """Theirs instead of ours; where it stands for none of ours, ours stays, and a person looks if an
    agent gave it.
    """
    before, code = (
        await wrapups.code_of(tx, p.segment),
        await wrapups.meant(tx, p.centre, p.theirs.code),
    )
    if code is None:
        return await _both(tx, p, review=not p.theirs.automatic)
    source = p.segment.source if p.theirs.automatic else WrapUpSource.AGENT
    assert source is not None
    values = {"code_id": code.id, "source": source.value}
    await _have(tx, p, **values, notes=p.segment.notes or safe(p.theirs.notes))
    if before != code:
        await _tell(tx, p, Happened.CODE_DIFFERS, ours=_label(before), theirs=code.label)


async def _both(tx: Transaction, p: _Pair, *, review: bool = True) -> None:
    """Both are kept; the centre's counts where it stands for one of ours."""
    await _have(tx, p, review=review)
    before, code = (
        await wrapups.code_of(tx, p.segment),
        await wrapups.meant(tx, p.centre, p.theirs.code),
    )
    theirs = code.label if code else await _name(tx, p)
    await _tell(tx, p, Happened.CODE_DIFFERS, ours=_label(before), theirs=theirs)


async def _have(tx: Transaction, p: _Pair, **values: Any) -> None:
    """The centre has its code, so nothing is on its way any more; what just goes out sees that itself."""
    for order in p.orders:
        if order.state is not OrderState.IN_FLIGHT:
            await orders.withdraw(p.desk, tx, order, "The contact centre has a code already")
    now = p.desk.clock.now()
    have: dict[str, Any] = {"sync": Sync.CONFIRMED.value, "confirmed_at": now, "review": False}
    have |= {"external_code": p.theirs.code, **values}
    await rows.change(tx, p.segment.id, **have)


async def _tell(tx: Transaction, p: _Pair, what: Happened, **data: str) -> None:
    about = (Record.INTERACTION, p.segment.interaction_id, what)
    by, now = by_centre(p.desk, p.centre), p.desk.clock.now()
    tx.record(Event(now, by, *about, {"centre": by.name, **data}))


async def _name(tx: Transaction, p: _Pair) -> str:
    known = await ccaas_records.get(tx, p.centre, Kind.CODE, p.theirs.code)
    return known.name if known else safe(p.theirs.code, multiline=False)


def _label(code: Code | None) -> str:
    return code.label if code else ""


def by_centre(desk: Desk, centre: str) -> By:
    rules = desk.rules.centres.get(centre)
    return By("system", rules.name if rules else centre)

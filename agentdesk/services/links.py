"""Why a mail lies where it lies, and what becomes of a record that was proposed for it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseState
from agentdesk.domain.errors import Conflict
from agentdesk.domain.event import By, Event, Happened
from agentdesk.domain.ids import MessageId, MoveId, thread
from agentdesk.domain.interaction import State
from agentdesk.domain.ladder import Rung
from agentdesk.domain.link_views import LinkCandidate, LinkView
from agentdesk.domain.moving import to
from agentdesk.domain.text import safe
from agentdesk.services import moving
from agentdesk.services.batch import thread_of
from agentdesk.services.desk import Desk
from agentdesk.services.threads import about
from agentdesk.storage import cases, interactions, links, messages, moves
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction

RUNG_WORDS = {
    Rung.REPORT: "reports on our mail",
    Rung.MOVED: "answers a mail that was moved",
    Rung.TOKEN: "answers our mail",
    Rung.REFERENCE: "refers to a mail that is known",
    Rung.NUMBER: "names its number",
    Rung.ITS_CASE: "the case that it became",
    Rung.OPEN_INTERACTION: "the only open interaction",
    Rung.OPEN_CASE: "the only open case",
    Rung.BEST_SCORE: "the best match",
    Rung.MOST_RECENT: "opened last",
    Rung.RECIPIENT: "our last mail went there",
    Rung.NEW_WITH_PARENT: "continues a closed record",
    Rung.NEW: "a new conversation",
    Rung.FLAGGED: "from somebody who takes no part",
}
"""Each rung in a few words, as screens show it."""


async def decision(desk: Desk, actor: Actor, message_id: MessageId) -> LinkView:
    """Why this mail is where it is. Raises `NotFound`."""
    async with desk.store.read() as tx:
        mail = await messages.get(tx, message_id)
        here = thread_of(mail) or 0
        kept = await links.decision(tx, message_id)
        newest = await moves.of(tx, mail.move_id)
        wanted = {here, *(c["id"] for c in kept.candidates)} if kept else {here}
        wanted |= {newest.from_id} if newest else set()
        records = await links.named(tx, wanted)
        rung, reason = await _said(tx, mail, kept, newest)
        mover = await desk_rows.agent_as_is(tx, newest.agent_id or 0) if newest else None
    candidates = tuple(_candidates(kept.candidates if kept else (), records, here))
    words = RUNG_WORDS[rung] if mail.direction == "inbound" else "written here"
    proposed = kept.proposed_id if kept else None
    return LinkView(
        message_id=message_id,
        number=records[here].number if here in records else "",
        rung=rung,
        rung_words=words,
        reason=safe(reason, multiline=False),
        candidates=candidates,
        threshold=kept.threshold if kept and kept.matcher else None,
        matcher=kept.matcher if kept else "",
        proposed=next((c for c in candidates if c.thread_id == proposed), None),
        moved=_moved(newest, records, mover.name if mover else ""),
        move_id=MoveId(newest.id) if newest else None,
    )


async def _said(tx: Transaction, mail: Any, kept: Any, newest: Any) -> tuple[Rung, str]:
    """The rung and its sentence: of the decision, or of the event with which the mail came."""
    if mail.direction != "inbound":
        return Rung.NEW, "It was written at this desk."
    if kept is not None:
        return Rung(kept.rung), kept.reason
    move, record, key = newest, *_place(mail)
    while move is not None:  # back to where it came
        record, key = move.from_record, move.from_id
        move = await moves.of(tx, move.made["previous"].get(str(mail.id)))
    data = await links.received(tx, record, key, mail.id)
    return Rung(data.get("rung", Rung.NEW.value)), str(data.get("why", ""))


def _place(mail: Any) -> tuple[str, int]:
    if mail.interaction_id is None:
        return "case", int(mail.case_id)
    return "interaction", int(mail.interaction_id)


def _candidates(
    weighed: Sequence[Mapping[str, Any]], records: Mapping[int, Any], here: int
) -> Iterator[LinkCandidate]:
    """What was weighed, the best first."""
    for c in sorted(weighed, key=lambda c: -c["score"]):
        row = records.get(c["id"])
        if row is not None:
            yield LinkCandidate(
                thread(row.record, row.id),
                row.number,
                safe(row.subject, multiline=False),
                (CaseState if row.record == "case" else State)(row.state).label,
                c["score"],
                tuple(safe(w, multiline=False) for w in c["words"].split(" · ") if w),
                chosen=row.id == here,
            )


def _moved(newest: Any, records: Mapping[int, Any], who: str) -> str:
    if newest is None:
        return ""
    source = records[newest.from_id].number if newest.from_id in records else "another record"
    return safe(f"Moved from {source} by {who or 'agentdesk'}", multiline=False)


async def accept(desk: Desk, actor: Actor, message_id: MessageId) -> MoveId:
    """The mail, with later ones that answer it, goes to the record that is proposed for it.

    Raises `Conflict` where none is any more, and what `moving.move` raises.
    """
    async with desk.store.read() as tx:
        kept = await links.decision(tx, message_id)
        proposed = kept.proposed_id if kept is not None else None
        row = (await links.named(tx, {proposed})).get(proposed) if proposed else None
    if row is None:
        raise Conflict("Nothing is proposed for this mail any more.")
    key = await moving.move(
        desk, actor, (message_id,), to(thread(row.record, row.id)), rest_of_thread=True
    )
    async with desk.store.write() as tx:
        await links.answer_proposal(tx, message_id)
    return key


async def decline(desk: Desk, actor: Actor, message_id: MessageId) -> None:
    """The mail stays where it is. Raises `NotFound`."""
    async with desk.store.write() as tx:
        mail = await messages.get(tx, message_id)
        kept = await links.decision(tx, message_id)
        if kept is None or kept.proposed_id is None:
            return
        await links.answer_proposal(tx, message_id)
        record, key = _place(mail)
        read = cases.get if record == "case" else interactions.get
        where = about(await read(tx, key))
        said = {"message": message_id, "declined": True}
        now, by = desk.clock.now(), By.actor(actor)
        tx.record(Event(now, by, *where, Happened.LINK_PROPOSED, said, shown=False))

"""Summaries: written on demand, kept with what they cover, voted on, taken into notes and cases.

No transaction is open while the assistant works. Source: docs/assistance.md.
"""

from collections.abc import AsyncGenerator
from dataclasses import asdict
from typing import Any, Final

from agentdesk.ai.extractive import Extractive
from agentdesk.domain.actor import Actor
from agentdesk.domain.assistance import Summary, Transcript, Usage
from agentdesk.domain.errors import BadInput
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import SummaryId, ThreadId
from agentdesk.domain.summaries import Newer, SummaryView, as_text, writer_of
from agentdesk.domain.text import safe
from agentdesk.domain.when import dated
from agentdesk.services.assistants import asked_by, ended, may_ask
from agentdesk.services.desk import Desk
from agentdesk.services.notes import add as add_note
from agentdesk.services.transcripts import MAILS, NOTE, is_summary, transcript
from agentdesk.storage import conversations
from agentdesk.storage import summaries as rows
from agentdesk.storage.store import Transaction

__all__ = ["may_ask", "transcript"]

COUNTED: Final = 100
"""Newer events are counted up to here."""
_MOVED: Final = (
    Happened.MAIL_MOVED_AWAY.value,
    Happened.MAIL_MOVED_HERE.value,
    Happened.MOVE_UNDONE.value,
    Happened.ASSOCIATED.value,
    Happened.CASE_MERGED.value,
)


async def stored(desk: Desk, actor: Actor, thread_id: ThreadId) -> SummaryView | None:
    """The newest summary of a conversation, with what came since. Raises `NotAllowed`,
    `AssistantProblem`.
    """
    asked_by(desk, actor)
    async with desk.store.read() as tx:
        row = await rows.newest(tx, thread_id, actor.agent_id)
        return None if row is None else _view(row, await _newer(tx, thread_id, row.covers))


def _view(row: Any, newer: Newer) -> SummaryView:
    return SummaryView(
        summary_id=SummaryId(row.id),
        summary=_summary(row),
        at=row.at,
        asked_by=row.asked_by or "",
        covers=row.covers,
        newer=newer,
        helpful=row.helpful,
    )


def _summary(row: Any) -> Summary:
    return Summary(
        issue=row.issue,
        done=row.done,
        next_steps=row.next_steps,
        by=row.by,
        extractive=row.extractive,
        whole=True,
        usage=Usage(**row.usage),
    )


async def _newer(tx: Transaction, thread_id: ThreadId, covers: int) -> Newer:
    about = await conversations.subject_of(tx, thread_id)
    places = await conversations.places_of(tx, about.record, thread_id)
    types = {*MAILS, NOTE, *_MOVED}
    found = await conversations.newest(tx, places, types, COUNTED, after=covers)
    counted = [row for row in found if not is_summary(row)]
    return Newer(
        mails=sum(row.type in MAILS and row.message_id is not None for row in counted),
        notes=sum(row.type == NOTE for row in counted),
        moved=any(row.type in _MOVED for row in counted),
    )


async def write(desk: Desk, actor: Actor, thread_id: ThreadId) -> AsyncGenerator[Summary, None]:
    """The summary as it grows; the whole one is kept. Closing this ends the work and keeps nothing.

    Raises `NotAllowed`, `AssistantProblem`, `NotFound`, and `BadInput` where nothing was said yet.
    """
    assistant = asked_by(desk, actor)
    said = await transcript(desk, actor, thread_id)
    if not said.passages:
        raise BadInput(f"Nothing was said in {said.number} yet. There is nothing to summarise.")
    async with ended(assistant.summarise(said)) as growing:
        async for summary in growing:
            if summary.whole:
                await _keep(desk, actor, thread_id, said, summary)
            yield summary


async def _keep(
    desk: Desk, actor: Actor, thread_id: ThreadId, said: Transcript, summary: Summary
) -> None:
    now = desk.clock.now()
    row = {
        "thread_id": thread_id,
        "covers": said.covers,
        "at": now,
        "agent_id": actor.agent_id or None,
        "by": safe(summary.by, multiline=False),
        "extractive": summary.extractive,
        "issue": safe(summary.issue),
        "done": safe(summary.done),
        "next_steps": safe(summary.next_steps),
        "usage": asdict(summary.usage),
    }
    async with desk.store.write() as tx:
        about = await conversations.subject_of(tx, thread_id)
        key = await rows.insert(tx, row)
        _tell(desk, tx, actor, about.record, thread_id, key)


def _tell(
    desk: Desk, tx: Transaction, actor: Actor, record: Record, thread_id: int, key: SummaryId
) -> None:
    """Wake whoever has this conversation open; no entry of its stream."""
    now, by, data = desk.clock.now(), By.actor(actor), {"summary": key}
    tx.record(Event(now, by, record, thread_id, Happened.SUMMARISED, data, shown=False))


async def vote(desk: Desk, actor: Actor, summary_id: SummaryId, helpful: bool | None) -> None:
    """The actor's thumb up or down; None takes it back. Raises `NotFound`, `NotAllowed`."""
    asked_by(desk, actor)
    async with desk.store.write() as tx:
        row = await rows.get(tx, summary_id)
        await rows.vote(tx, row.id, actor.agent_id, helpful, desk.clock.now())


async def as_note(desk: Desk, actor: Actor, summary_id: SummaryId, thread_id: ThreadId) -> None:
    """A note that is marked as this summary: nobody is mentioned by it, and no later summary reads it.

    Raises what `notes.add` does, `NotFound` and `NotAllowed`.
    """
    asked_by(desk, actor)
    async with desk.store.read() as tx:
        row = await rows.get(tx, summary_id)
    head = f"Summary of {dated(row.at, desk.rules.zone)} ({writer_of(_summary(row))})"
    text = f"{head}\n\n{as_text(_summary(row))}"
    await add_note(desk, actor, thread_id, text, summary=summary_id)


async def description(desk: Desk, actor: Actor, thread_id: ThreadId) -> str:
    """A text for the description of a case: the newest summary, else one made at once without a model.

    Empty for whoever may not ask, and where nothing was said.
    """
    if not may_ask(desk, actor):
        return ""
    async with desk.store.read() as tx:
        row = await rows.newest(tx, thread_id, actor.agent_id)
    if row is not None:
        return as_text(_summary(row))
    said = await transcript(desk, actor, thread_id)
    if not said.passages:
        return ""
    made = [summary async for summary in Extractive(desk.rules.zone).summarise(said)]
    return as_text(made[-1])

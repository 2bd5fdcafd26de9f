"""What was said in an interaction or a case, as an assistant reads it: bounded, without quotes."""

from collections.abc import Sequence
from typing import Any, Final

from agentdesk.domain.actor import Actor
from agentdesk.domain.assistance import Passage, Speaker, Transcript
from agentdesk.domain.event import Happened
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.message import MailKind
from agentdesk.domain.views import Delivery, EntryKind, StreamEntry
from agentdesk.services.desk import Desk
from agentdesk.services.stream import entries
from agentdesk.storage import conversations
from agentdesk.storage.conversations import Places
from agentdesk.storage.store import Transaction

FIRST: Final = 20
NEWEST: Final = 380
"""Events that are read of a long conversation: how it began, and how it stands."""
LONGEST_PASSAGE: Final = 8_000
"""Characters of one mail or note."""
LONGEST_REPORT: Final = 200
"""Characters of what a program wrote: automatic replies, delivery reports."""

MAILS: Final = (
    Happened.MAIL_RECEIVED.value,
    Happened.MAIL_QUEUED.value,
    Happened.MAIL_MOVED_HERE.value,
)
NOTE: Final = Happened.NOTE_ADDED.value
TOLD: Final = (
    *MAILS,
    NOTE,
    Happened.TRANSFERRED.value,
    Happened.WRAPPED_UP.value,
    Happened.REMINDED.value,
    Happened.CASE_CREATED.value,
    Happened.CASE_RESOLVED.value,
    Happened.CASE_REOPENED.value,
    Happened.CASE_MERGED.value,
)
"""Which events of a conversation say something about its matter."""
_TAKEN_BACK = frozenset({Delivery.CANCELED, Delivery.SUPERSEDED})
_SPEAKERS = {
    EntryKind.MAIL_IN: Speaker.CUSTOMER,
    EntryKind.MAIL_OUT: Speaker.DESK,
    EntryKind.NOTE: Speaker.NOTE,
    EntryKind.CHANGE: Speaker.CHANGE,
}


async def transcript(desk: Desk, actor: Actor, thread_id: ThreadId) -> Transcript:
    """The whole conversation, of a case with those that it grew out of; of a very long one the
    beginning and the newest part. Summaries that were added as notes are left out. Raises `NotFound`.
    """
    async with desk.store.read() as tx:
        about = await conversations.subject_of(tx, thread_id)
        places = await conversations.places_of(tx, about.record, thread_id)
        rows = await _told(tx, places)
        said = await entries(desk, tx, actor, rows)
    passages = tuple(p for p in map(_passage, said) if p is not None)
    ours = {p.who for p in passages if p.speaker in (Speaker.DESK, Speaker.NOTE)}
    return Transcript(
        number=about.number,
        subject=about.subject,
        customer=about.customer,
        passages=passages,
        description=about.description,
        agents=tuple(sorted(ours)),
    )


async def _told(tx: Transaction, places: Places) -> list[Any]:
    """The events that are read, oldest first, each once."""
    newest = await conversations.newest(tx, places, TOLD, NEWEST)
    first = await conversations.oldest(tx, places, TOLD, FIRST) if len(newest) == NEWEST else []
    rows = {row.seq: row for row in (*first, *newest)}
    return [row for row in rows.values() if not (row.digest or is_summary(row))]


def is_summary(row: Any) -> bool:
    """Whether this event is a summary that was added as a note: it says nothing new."""
    return row.type == NOTE and "summary" in row.data


def _passage(entry: StreamEntry) -> Passage | None:
    """What an entry says itself; None for a mail that was taken back."""
    if entry.delivery in _TAKEN_BACK:
        return None
    speaker, text = _SPEAKERS[entry.kind], _own(entry)
    if entry.kind is EntryKind.CHANGE:
        text = entry.title
    elif entry.mail_kind in (MailKind.BOUNCE, MailKind.AUTO_REPLY, MailKind.LOOP):
        speaker = Speaker.CHANGE
        text = f"Written by a program: {' '.join(entry.text.split())[:LONGEST_REPORT]}"
    return Passage(entry.seq, entry.at, entry.actor, speaker, text)


def _own(entry: StreamEntry) -> str:
    """The writer's own words; of a mail without any its files, or what it passes on."""
    words = "\n".join(entry.text[s.start : s.end] for s in entry.latest).strip()
    if not words and entry.attachments:
        return f"Sent without words: {_names([a.name for a in entry.attachments])}."
    return (words or entry.text.strip())[:LONGEST_PASSAGE]


def _names(files: Sequence[str], shown: int = 5) -> str:
    more = f" and {len(files) - shown} more" if len(files) > shown else ""
    return ", ".join(files[:shown]) + more

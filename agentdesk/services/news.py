"""Mails that came or went in a conversation since a draft of it began: what sending stops at."""

from typing import Any

from agentdesk.domain.draft import Draft, News
from agentdesk.domain.errors import SomethingNew
from agentdesk.domain.event import Happened
from agentdesk.domain.text import safe
from agentdesk.domain.views import Delivery
from agentdesk.services.stream import stands_here
from agentdesk.storage import conversations, messages, outbox
from agentdesk.storage.conversations import Places
from agentdesk.storage.store import Transaction

MAIL = (
    Happened.MAIL_RECEIVED.value,
    Happened.MAIL_QUEUED.value,
    Happened.MAIL_MOVED_HERE.value,
)
MOST = 20
WORDS = 160
_TAKEN_BACK = (Delivery.CANCELED.value, Delivery.SUPERSEDED.value)


async def seen_through(tx: Transaction, places: Places) -> int:
    """The last mail of a conversation, as an event: whoever begins a draft now has seen it."""
    last = await conversations.newest(tx, places, MAIL, 1)
    return int(last[0].seq) if last else 0


async def stop_at_news(tx: Transaction, draft: Draft, places: Places) -> None:
    """Raises `SomethingNew` with the mails that the writer of *draft* may not have seen, wherever in
    the conversation they came or went.
    """
    rows = await conversations.newest(tx, places, MAIL, MOST, after=draft.base_seq)
    mails = await messages.get_many(tx, [r.message_id for r in rows if r.message_id])
    boxes = await outbox.get_many(tx, [r.outbox_id for r in rows if r.outbox_id])
    found = [
        _news(row, mails[row.message_id])
        for row in rows
        if row.message_id in mails
        and stands_here(row, mails[row.message_id])
        and _counts(mails[row.message_id], boxes.get(row.outbox_id))
    ]
    if found:
        what, them = ("Something new", "it") if len(found) == 1 else (f"{len(found)} mails", "them")
        sentence = f"{what} came into this conversation. Read {them} before you send."
        raise SomethingNew(sentence, tuple(found))


def _counts(mail: Any, box: Any) -> bool:
    """What agentdesk writes by itself says nothing new, nor does what was taken back."""
    if mail.direction == "inbound":
        return True
    return mail.agent_id is not None and (box is None or box.state not in _TAKEN_BACK)


def _news(row: Any, mail: Any) -> News:
    new = " ".join(mail.text[start:end][: 4 * WORDS] for start, end in mail.latest[:4])
    words = safe(new or mail.subject, multiline=False)[:WORDS]
    who = mail.sender_name or mail.sender
    return News(row.at, row.actor_name or who, words, mail.direction == "inbound")

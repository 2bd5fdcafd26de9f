"""What a delivery report means for the desk: who was not reached, and which addresses are of no use.

Anybody can write a report. So it counts only against addresses that the mail of ours went to which
it names, by an id that cannot be guessed or by a mark together with the right recipient.
"""

from collections.abc import Sequence
from typing import Any

from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.mail_identity import extract_marks
from agentdesk.domain.message import Bounced, MailKind, ParsedMail
from agentdesk.services import threads
from agentdesk.services.batch import Batch, thread_of
from agentdesk.storage import people
from agentdesk.storage.messages import receivers

MOST_NAMED = 5


def reported(b: Batch, mail: ParsedMail) -> Any:
    """The row of our mail that a report names by our mark and by one of its recipients, or None."""
    if mail.kind is not MailKind.BOUNCE:
        return None
    about = {r.email for r in mail.bounced}
    for number, message_id in extract_marks(mail.desk_ids):
        row = b.outbound.get(message_id)
        if row is None or (row.move_id is None and b.by_number.get(number) != thread_of(row)):
            continue  # a moved mail bears the number of the record that it left
        if about & receivers(row.recipients):
            return row
    return None


async def tell(b: Batch, record: Record, thread_id: ThreadId, mail: ParsedMail) -> None:
    """The report was filed in this thread: one sentence in its stream, a mark for its owner, flags.

    Nothing else about the thread changes: it waits for its customer, and no deadline moves.
    """
    failed = [r for r in mail.bounced if r.action == "failed"]
    delayed = [r for r in mail.bounced if r.action == "delayed"]
    if not failed and not delayed:
        return
    why = _not_reached(failed) if failed else _delayed(delayed)
    about = (record, thread_id, Happened.BOUNCED)
    b.tx.record(Event(b.now, SYSTEM, *about, {"why": why, "failed": [r.email for r in failed]}))
    if failed:
        await threads.add_unread(b.tx, record, thread_id)
    row = reported(b, mail) or _returned(b, mail)
    reached_out_to = receivers(row.recipients) if row is not None else frozenset()
    dead = {r.email for r in failed if r.hard and r.email in reached_out_to}
    if dead:
        await people.mark_bounced(b.tx, dead, b.now)


def _returned(b: Batch, mail: ParsedMail) -> Any:
    """The row of our mail whose Message-ID the report gives back; it cannot be guessed."""
    ids = (b.own_mail.get(i) for i in (*mail.in_reply_to, *reversed(mail.references)))
    return next((b.outbound[i] for i in ids if i in b.outbound), None)


def _not_reached(failed: Sequence[Bounced]) -> str:
    return "; ".join(f"{_name(r)} was not reached{_because(r)}" for r in failed[:MOST_NAMED]) + (
        f"; nor were {len(failed) - MOST_NAMED} more." if len(failed) > MOST_NAMED else "."
    )


def _delayed(delayed: Sequence[Bounced]) -> str:
    names = ", ".join(_name(r) for r in delayed[:MOST_NAMED])
    return f"The mail to {names} is delayed{_because(delayed[0])}. The server goes on trying."


def _name(r: Bounced) -> str:
    return r.email or "Somebody"


def _because(r: Bounced) -> str:
    """Why, in the server's words; with the status where these do not hold it."""
    if not r.reason:
        return f" (status {r.status})" if r.status else ""
    reason = r.reason.rstrip(".")
    return f": {reason}" if not r.status or r.status in reason else f": {reason} ({r.status})"

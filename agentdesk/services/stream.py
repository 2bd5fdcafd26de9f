"""Events as entries of the activity stream: each fact in one plain sentence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.event import Happened
from agentdesk.domain.ids import MessageId, OutboxId
from agentdesk.domain.interaction import State
from agentdesk.domain.message import UNCHECKED, Attachment, Authentication, MailKind, Span
from agentdesk.domain.views import Delivery, EntryKind, StreamEntry
from agentdesk.domain.when import dated, spoken
from agentdesk.services.case_sentences import case_sentence
from agentdesk.services.ccaas.sentences import centre_sentence
from agentdesk.services.desk import Desk
from agentdesk.services.link_lines import Standing, link_sentence
from agentdesk.storage import messages, outbox
from agentdesk.storage.rows import load
from agentdesk.storage.store import Transaction


async def entries(
    desk: Desk, tx: Transaction, actor: Actor, rows: Sequence[Any]
) -> tuple[StreamEntry, ...]:
    """Stream entries for event rows, in their order; mails and deliveries in two queries."""
    mails = await messages.get_many(tx, [r.message_id for r in rows if r.message_id])
    boxes = await outbox.get_many(tx, [r.outbox_id for r in rows if r.outbox_id])
    standing, zone = await Standing.read(tx, rows), desk.rules.zone
    made = (
        (r, _entry(r, actor, mails.get(r.message_id), boxes.get(r.outbox_id), zone))
        for r in rows
        if not standing.gone(r)
    )
    return tuple(replace(e, link=standing.link(r)) for r, e in made if e is not None)


def _entry(row: Any, actor: Actor, mail: Any, box: Any, zone: tzinfo | None) -> StreamEntry | None:
    if mail is not None:
        return _mail(row, actor, mail, box) if stands_here(row, mail) else None
    if row.type == Happened.NOTE_ADDED.value:
        said = row.data.get("text", "Erased" if row.digest else "")
        title = "Summary" if "summary" in row.data else "Note"
        note = _plain(row, actor, EntryKind.NOTE, title, said)
        return replace(note, mentions=tuple(Span(*s) for s in row.data.get("mentions", ())))
    if row.digest:
        return None
    if row.type == Happened.TRANSFERRED.value and row.data.get("note"):
        return _plain(row, actor, EntryKind.NOTE, _sentence(row), row.data["note"])
    if row.type == Happened.SCHEDULE_STOPPED.value:
        return _plain(row, actor, EntryKind.CHANGE, _stopped(row, actor, zone))
    sentence = case_sentence(row, zone) or link_sentence(row) or centre_sentence(row)
    sentence = sentence or _sentence(row) or _waited(row, zone)
    return _plain(row, actor, EntryKind.CHANGE, sentence) if sentence else None


def stands_here(row: Any, mail: Any) -> bool:
    """Whether the event *row* is where *mail* is shown: where it came, or where it was moved to last."""
    if row.type == Happened.MAIL_MOVED_HERE.value:
        return bool(row.data.get("move") == mail.move_id)
    return mail.move_id is None


def _plain(row: Any, actor: Actor, kind: EntryKind, title: str, text: str = "") -> StreamEntry:
    return StreamEntry(
        seq=row.seq,
        at=row.at,
        kind=kind,
        actor=row.actor_name,
        title=title,
        text=text,
        latest=(Span(0, len(text)),) if text else (),
        own=_own(row, actor),
    )


def _own(row: Any, actor: Actor) -> bool:
    return bool(row.actor_kind == "agent" and row.actor_id == actor.agent_id)


def _mail(row: Any, actor: Actor, mail: Any, box: Any) -> StreamEntry:
    incoming = mail.direction == "inbound"
    return StreamEntry(
        seq=row.seq,
        at=row.at,
        kind=EntryKind.MAIL_IN if incoming else EntryKind.MAIL_OUT,
        actor=row.actor_name,
        title=_title(mail),
        text=mail.text,
        latest=tuple(Span(*s) for s in mail.latest),
        attachments=tuple(Attachment(**a) for a in mail.attachments),
        message_id=MessageId(mail.id),
        outbox_id=OutboxId(box.id) if box else None,
        delivery=Delivery(box.state) if box else None,
        delivery_note=box.note if box else "",
        due_at=box.due_at if box and box.state in _TIMED else None,
        scheduled_for=box.scheduled_for if box and box.state == Delivery.DELAYED.value else None,
        outcomes=tuple(outbox.outcomes_of(box).values()) if box else (),
        warnings=tuple(mail.warnings),
        notices=tuple(mail.notices),
        auth=load(Authentication, mail.auth) if mail.auth else UNCHECKED,
        mail_kind=MailKind(mail.kind),
        bounce_action=str(row.data.get("action", "")),
        own=_own(row, actor),
    )


_TIMED = (Delivery.DELAYED.value, Delivery.DEFERRED.value)


def _title(mail: Any) -> str:
    """`Mara Olsen → support@example.com`, with copies counted."""
    to = [a["name"] or a["email"] for a in mail.recipients.get("to", ())]
    copies = len(mail.recipients.get("cc", ())) + len(mail.recipients.get("bcc", ()))
    shown = ", ".join(to[:3]) + (f" and {len(to) - 3} more" if len(to) > 3 else "")
    extra = f" (+{copies} in copy)" if copies else ""
    return f"{mail.sender_name or mail.sender} → {shown or 'nobody'}{extra}"


def _sentence(row: Any) -> str:
    data, who = row.data, row.actor_name
    match row.type:
        case Happened.OPENED.value:
            return str(data.get("why", "Opened"))
        case Happened.BOUNCED.value:
            return str(data.get("why", ""))
        case Happened.OWNER_CHANGED.value:
            return f"{data.get('owner', 'Nobody')} works on it"
        case Happened.STATE_CHANGED.value:
            return f"{_label(data['from'])} → {_label(data['to'])} by {who}"
        case Happened.TRANSFERRED.value:
            through = f" by {data['centre']}" if data.get("centre") else ""
            return f"Transferred from {data['from']} to {data['to']}{through}"
        case Happened.TRANSFER_BEGUN.value:
            return f"{who} asked {data['centre']} to transfer it to {data['to']}"
        case Happened.TRANSFER_FAILED.value:
            where = f" It waits in {data['back_to']}." if data["back_to"] else ""
            return f"Not transferred to {data['to']}: {data['why']}{where}"
        case Happened.WRAPPED_UP.value:
            why = " when the time ran out" if data.get("timed_out") else ""
            notes = f": {data['notes']}" if data.get("notes") else ""
            return f"Wrapped up as {data.get('code', '')}{why}{notes}"
        case Happened.DELIVERY_CHANGED.value | Happened.MAIL_RELEASED.value:
            return str(data.get("why", ""))
    return _steered(row)


def _stopped(row: Any, actor: Actor, zone: tzinfo | None) -> str:
    """A mail that waited for its moment was overtaken."""
    whose = "Your mail" if row.data["agent"] == actor.agent_id else "The mail"
    at = dated(datetime.fromisoformat(row.data["at"]), zone)
    return f"{whose} of {at} was not sent: {row.data['who']} wrote in between."


def _steered(row: Any) -> str:
    """What supervisors and the patience of queues did with a search."""
    data, who = row.data, row.actor_name
    match row.type:
        case Happened.REQUEUED.value:
            taken = f" from {data['from']}" if data.get("from") else ""
            return f"Put back{taken} into {data['to']} by {who}"
        case Happened.QUEUE_CHANGED.value:
            why = f": it {data['why']}" if data.get("why") else ""
            return f"Moved from {data['from']} to {data['to']} by {who}{why}"
        case Happened.PRIORITY_CHANGED.value:
            return f"Priority {data['from']} → {data['to']} by {who}"
        case Happened.WORK_CANCELED.value:
            return f"Taken out of {data['from']} by {who}"
        case Happened.WAITED_TOO_LONG.value:
            return f"Waited for longer than {data['queue']} allows"
    return ""


def _waited(row: Any, zone: tzinfo | None) -> str:
    """What happened while it waited for its customer; times are those of the desk's *zone*."""
    data, who = row.data, row.actor_name
    match row.type:
        case Happened.REMINDED.value:
            return f"Reminder {data['n']} of {data['of']} sent to {', '.join(data['to'])}"
        case Happened.REMINDER_STOPPED.value:
            return f"No reminder is sent: {data['why']}"
        case Happened.CLOSING_SOON.value:
            when = _when(data["closes_at"], row.at, zone)
            return f"It will be closed {when}: no answer from {data['customer']}"
        case Happened.SNOOZED.value if data.get("until"):
            return f"Snoozed until {_when(data['until'], row.at, zone)} by {who}"
        case Happened.SNOOZED.value:
            return f"Snoozed until the customer answers by {who}"
        case Happened.WOKEN.value:
            return f"Back from its snooze, for {data['owner']}"
    return ""


def _when(at: str, told_at: datetime, zone: tzinfo | None) -> str:
    return spoken(datetime.fromisoformat(at), told_at, zone)


def _label(state: str) -> str:
    return State(state).label

"""Mails that are to be fetched once more: those that did not come, and those that a person asked for.

Attempts are counted before each one, so that a mail that breaks the connection, or the program, is
set aside after three of them too.
"""

import asyncio
from typing import Any

from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.quarantine import Cause
from agentdesk.mail.account import FetchedMail
from agentdesk.services.desk import Desk
from agentdesk.services.intake import too_large
from agentdesk.storage import blobs, mailboxes
from agentdesk.storage.mailboxes import Located, Mailbox
from agentdesk.storage.store import Transaction

PATIENCE = 3
NOT_HANDED_OUT = "The mail server did not hand it out."
GONE = "The mail server does not have this mail any more."


async def due(desk: Desk, mailbox: Mailbox, *, asked_only: bool) -> list[Located]:
    """The mails to fetch now. *asked_only*: those that a person asked for since the last attempt.

    One that lay under numbers that the server does not use any more is set aside again.
    """
    async with desk.store.read() as tx:
        found = await mailboxes.wanted(tx, mailbox, asked_only=asked_only)
    for located in found:
        if located.uidvalidity != mailbox.uidvalidity:
            await settle(desk, located, None)
    return [w for w in found if w.uidvalidity == mailbox.uidvalidity]


async def asked(desk: Desk, mailbox: Mailbox) -> bool:
    """Whether a person asked for a mail of this mailbox, under whatever numbers it has now."""
    async with desk.store.read() as tx:
        return await mailboxes.anything_asked_for(tx, mailbox)


async def attempt(desk: Desk, located: Located) -> bool:
    """Count an attempt at fetching the mail; False when there were three: it is set aside."""
    if located.attempts < PATIENCE:
        async with desk.store.write() as tx:
            return await mailboxes.put_content(tx, located.id, attempts=located.attempts + 1)
    async with desk.store.write() as tx:
        values = _aside(Cause.DOWNLOAD, NOT_HANDED_OUT)
        if await mailboxes.put_content(tx, located.id, **values):
            _say_set_aside(desk, tx, located, NOT_HANDED_OUT)
    return False


async def settle(desk: Desk, located: Located, mail: FetchedMail | None) -> bool:
    """What the attempt brought; whether the mail is there now and waits to be filed."""
    raw = mail.raw if mail is not None else b""
    packed = await asyncio.to_thread(blobs.pack, raw)
    values = _outcome(located, mail)
    if raw and mail is not None:
        values |= {"sha256": packed.sha256, "internal_date": mail.internal_date}
        values |= {"size": mail.size or packed.size}
    async with desk.store.write() as tx:
        if raw:
            await blobs.put(tx, [packed])
        there = await mailboxes.put_content(tx, located.id, **values)
        if there and values["state"] == "quarantined":
            _say_set_aside(desk, tx, located, str(values["cause"]))
    return there and values["state"] == "stored"


def _say_set_aside(desk: Desk, tx: Transaction, located: Located, why: str) -> None:
    about = (Record.MAIL, located.id, Happened.MAIL_SET_ASIDE, {"why": why})
    tx.record(Event(desk.clock.now(), SYSTEM, *about, shown=False))


def _outcome(located: Located, mail: FetchedMail | None) -> dict[str, Any]:
    if mail is None:
        return _aside(Cause.DOWNLOAD, GONE)
    if mail.cause is Cause.TOO_LARGE:
        return _aside(Cause.TOO_LARGE, too_large(mail.size))
    if mail.cause is None:
        return {"state": "stored", "cause": "", "cause_kind": "", "attempts": 0}
    tried = located.attempts + 1
    if tried < PATIENCE:
        return {"state": "wanted", "cause": mail.why}
    return _aside(Cause.DOWNLOAD, mail.why)


def _aside(cause: Cause, why: str) -> dict[str, Any]:
    return {"state": "quarantined", "cause": why, "cause_kind": cause.value}

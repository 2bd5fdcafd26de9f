"""Mailboxes that their servers numbered anew (UIDVALIDITY): which mails are known from before."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from agentdesk.storage.mailboxes import Mailbox
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import blobs, mail_locations, mailboxes, messages

GONE = "It was no longer on the mail server when that numbered its mails anew."


async def begin(tx: Transaction, mailbox: Mailbox, uidvalidity: int, below: int) -> int:
    """From now on the mailbox counts anew; how often that happened in a row, this time included."""
    renumbered = mailboxes.c.renumbered + 1
    values = {"uidvalidity": uidvalidity, "next_uid": 1, "remap_below": below}
    same = mailboxes.c.id == mailbox.id
    change = sa.update(mailboxes).where(same).values(**values, renumbered=renumbered)
    return int((await tx.execute(change.returning(mailboxes.c.renumbered))).scalar_one())


async def forget_count(tx: Transaction, mailbox: Mailbox) -> None:
    """The numbers held, or a person took note."""
    changed = (mailboxes.c.id == mailbox.id) & (mailboxes.c.renumbered != 0)
    await tx.execute(sa.update(mailboxes).where(changed).values(renumbered=0))


async def end(tx: Transaction, mailbox: Mailbox, empty: str) -> Mailbox:
    """Every mail from before was looked at: what could not be fetched under an old number is done.

    *empty*: the address of the empty content, which stands for mails never downloaded.
    """
    m = mail_locations.c
    old = (m.mailbox_id == mailbox.id) & (m.uidvalidity != mailbox.uidvalidity)
    nothing = m.state.in_(("wanted", "quarantined")) & (m.sha256 == empty)
    await tx.execute(sa.delete(mail_locations).where(old & nothing))
    waiting = sa.update(mail_locations).where(old & (m.state == "wanted"))
    await tx.execute(waiting.values(state="quarantined", cause=GONE))
    same = mailboxes.c.id == mailbox.id
    await tx.execute(sa.update(mailboxes).where(same).values(remap_below=0))
    return replace(mailbox, remap_below=0)


async def by_message_id(
    tx: Transaction, mailbox: Mailbox, message_ids: Collection[str]
) -> list[sa.Row[Any]]:
    """Filed mails of this mailbox under older numbers, with `header_id` and `size`."""
    m = mail_locations.c
    joined = mail_locations.join(messages, messages.c.id == m.message_id)
    joined = joined.join(blobs, blobs.c.sha256 == m.sha256)
    old = (m.mailbox_id == mailbox.id) & (m.uidvalidity != mailbox.uidvalidity)
    known = old & (m.state == "filed") & messages.c.header_id.in_(set(message_ids))
    columns = (m.sha256, m.message_id, m.settled, m.internal_date)
    query = sa.select(*columns, messages.c.header_id, blobs.c.size).select_from(joined)
    return await tx.all(query.where(known))


async def by_content(
    tx: Transaction, mailbox: Mailbox, addresses: Collection[str]
) -> list[sa.Row[Any]]:
    """Mails of this mailbox under older numbers with these contents, the newest first."""
    m = mail_locations.c
    old = (m.mailbox_id == mailbox.id) & (m.uidvalidity != mailbox.uidvalidity)
    query = sa.select(m.id, m.sha256, m.state, m.message_id, m.settled)
    return await tx.all(query.where(old & m.sha256.in_(set(addresses))).order_by(m.id.desc()))


async def take_along(tx: Transaction, location_id: int, uidvalidity: int, uid: int) -> None:
    """The mail lies under a new number now; everything else about it stays."""
    same = mail_locations.c.id == location_id
    place = {"uidvalidity": uidvalidity, "uid": uid}
    await tx.execute(sa.update(mail_locations).where(same).values(place))

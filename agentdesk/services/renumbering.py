"""A server numbered a mailbox anew: what is known there is recognised, not downloaded or filed again.

A mail is known by Message-ID and size where both are unique on either side, else by its content
after a download. It is marked or moved once more, because a restored backup brings moved and unmarked
mails back; where a server can expunge nothing by itself, its copy may be made twice, never none. Each
step is one transaction together with the cursor, so that a crash in the middle goes on where it ended.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from agentdesk.domain.errors import MailboxUnstable
from agentdesk.mail.account import MailboxStatus, RemoteMail
from agentdesk.services.desk import Desk
from agentdesk.storage import blobs, mailboxes, renumbering
from agentdesk.storage.mailboxes import Mailbox
from agentdesk.storage.store import Transaction

MOST_IN_A_ROW = 5
Rows = list[dict[str, Any]]
"""Rows of mail_locations that are about to be written."""


async def follow(desk: Desk, mailbox: Mailbox, status: MailboxStatus) -> Mailbox:
    """The mailbox as it is to be read under the numbers that the server uses now.

    Raises `MailboxUnstable` when it changed them more than five times in a row.
    """
    now = status.uidvalidity
    in_a_row = 0
    async with desk.store.write() as tx:
        await mailboxes.move_cursor(tx, mailbox, mailbox.uidvalidity, mailbox.next_uid)  # fences
        if mailbox.uidvalidity == now:
            await renumbering.forget_count(tx, mailbox)
            return mailbox
        if not mailbox.uidvalidity:
            await mailboxes.move_cursor(tx, mailbox, now, 1)
            return replace(mailbox, uidvalidity=now, next_uid=1)
        in_a_row = await renumbering.begin(tx, mailbox, now, status.uidnext)
        if in_a_row > MOST_IN_A_ROW:
            await renumbering.forget_count(tx, mailbox)
    if in_a_row > MOST_IN_A_ROW:
        raise MailboxUnstable(
            f"The mail server numbered the mails of {mailbox.name} anew {in_a_row} times in a row. "
            "Nothing is lost. Ask whoever runs it to mend the mailbox, then try again."
        )
    return replace(mailbox, uidvalidity=now, next_uid=1, remap_below=status.uidnext)


async def recognise(
    desk: Desk, mailbox: Mailbox, remotes: Sequence[RemoteMail], repeated: Collection[str]
) -> set[int]:
    """Record under their new UIDs those of *remotes* that were filed before; which these are.

    *repeated*: Message-IDs that several mails of the mailbox share, which identify nothing.
    """
    asked = {r.message_id for r in remotes if r.message_id} - set(repeated)
    async with desk.store.write() as tx:
        await mailboxes.move_cursor(tx, mailbox, mailbox.uidvalidity, mailbox.next_uid)  # fences
        known: dict[tuple[str, int], dict[str, Any]] = defaultdict(dict)
        for row in await renumbering.by_message_id(tx, mailbox, asked):
            known[row.header_id, row.size][row.sha256] = row
        found = {}
        for remote in remotes:
            contents = list(known.get((remote.message_id, remote.size), {}).values())
            if remote.message_id in asked and len(contents) == 1:
                found[remote.uid] = contents[0]
        now = desk.clock.now()
        rows = [_filed(mailbox, uid, old) | {"stored_at": now} for uid, old in found.items()]
        if rows:
            await mailboxes.add_locations(tx, rows)
    return set(found)


def _filed(mailbox: Mailbox, uid: int, old: Any) -> dict[str, Any]:
    return {
        "mailbox_id": mailbox.id,
        "uidvalidity": mailbox.uidvalidity,
        "uid": uid,
        "sha256": old.sha256,
        "state": "filed",
        "internal_date": old.internal_date,
        "message_id": old.message_id,
        "size": old.size,
    }


async def carry_over(tx: Transaction, mailbox: Mailbox, rows: Rows) -> Rows:
    """Those of *rows* that are to be written, once contents known from before kept their state.

    A filed mail is filed under its new UID too; one that waits or was set aside moves there.
    """
    empty = blobs.sha256(b"")
    asked = {row["sha256"] for row in rows} - {empty}
    filed: dict[str, Any] = {}
    others: dict[str, list[Any]] = defaultdict(list)
    for found in await renumbering.by_content(tx, mailbox, asked):
        if found.state == "filed":
            filed.setdefault(found.sha256, found)
        else:
            others[found.sha256].append(found)
    kept = []
    for row in rows:
        old = filed.get(row["sha256"])
        if others[row["sha256"]] and old is None:
            moved = others[row["sha256"]].pop()
            await renumbering.take_along(tx, moved.id, row["uidvalidity"], row["uid"])
            continue
        if old is not None:
            row |= {"state": "filed", "message_id": old.message_id}
        kept.append(row)
    return kept


async def end(desk: Desk, mailbox: Mailbox) -> Mailbox:
    """Every mail that was there when the numbers changed has been looked at."""
    next_uid = max(mailbox.next_uid, mailbox.remap_below)
    async with desk.store.write() as tx:
        await mailboxes.move_cursor(tx, mailbox, mailbox.uidvalidity, next_uid)
        ended = await renumbering.end(tx, mailbox, blobs.sha256(b""))
    return replace(ended, next_uid=next_uid)

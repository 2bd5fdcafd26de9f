"""Erasing what tables say of a person. Rows stay where they are counted; what they say goes.

Each function takes ids that the caller collected, and goes through them few at a time.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from agentdesk.storage import events as log
from agentdesk.storage import messages as message_rows
from agentdesk.storage import summaries
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    addresses,
    auto_answers,
    blob_chunks,
    blobs,
    cases,
    chain_heads,
    draft_versions,
    drafts,
    events,
    interactions,
    link_decisions,
    mail_locations,
    mentions,
    message_aliases,
    message_moves,
    messages,
    outbox,
    participants,
    work_items,
    wrap_up_segments,
)

AT_ONCE: Final = 500
GONE: Final = "Erased"
"""Stands where a name or a subject must be read."""

SMALL_INDEX: Final = 20_000
"""Blocks of 4 KB of SQLite's search index, which is rewritten whole while nobody waits for long."""


def few(found: Collection[Any]) -> Iterator[Sequence[Any]]:
    """*found* in portions that fit one statement."""
    ordered = list(found)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]


async def _all(
    tx: Transaction, column: sa.Column[Any], wanted: sa.Column[Any], ids: Any
) -> list[Any]:
    """The values of *column* where *wanted* is among *ids*."""
    found: list[Any] = []
    for some in few(ids):
        found += [r[0] for r in await tx.all(sa.select(column).where(wanted.in_(some)))]
    return found


async def hold_addresses(tx: Transaction, customers: Collection[int]) -> list[str]:
    """Take the addresses of these customers away; which they were."""
    mine = addresses.c.customer_id.in_(customers)
    gone = await tx.all(sa.delete(addresses).where(mine).returning(addresses.c.email))
    return sorted(r.email for r in gone)


async def conversations(tx: Transaction, customers: Collection[int]) -> list[int]:
    """The interactions of these customers, locked."""
    mine = interactions.c.customer_id.in_(customers)
    query = sa.select(interactions.c.id).where(mine).order_by(interactions.c.id)
    return [r.id for r in await tx.all(query.with_for_update())]


async def investigations(tx: Transaction, customers: Collection[int]) -> list[int]:
    """The cases of these customers, locked."""
    mine = cases.c.customer_id.in_(customers)
    query = sa.select(cases.c.id).where(mine).order_by(cases.c.id)
    return [r.id for r in await tx.all(query.with_for_update())]


UNDERWAY: Final = ("delayed", "queued", "sending", "maybe_sent", "deferred", "unknown")


async def underway(tx: Transaction, ids: Collection[int]) -> sa.Row[Any] | None:
    """A mail of these interactions and cases that is not sent, or may not be: number, state."""
    joined = outbox.outerjoin(interactions, interactions.c.id == outbox.c.thread_id)
    joined = joined.outerjoin(cases, cases.c.id == outbox.c.thread_id)
    number = sa.func.coalesce(interactions.c.number, cases.c.number).label("number")
    for some in few(ids):
        waiting = outbox.c.state.in_(UNDERWAY) & outbox.c.thread_id.in_(some)
        query = sa.select(number, outbox.c.state).select_from(joined)
        row = await tx.one(query.where(waiting).order_by(outbox.c.id).limit(1))
        if row is not None:
            return row
    return None


async def elsewhere(tx: Transaction, emails: Collection[str], own: Collection[int]) -> list[int]:
    """Interactions and cases of other people in which these addresses take part. Reads the whole table."""
    there = await _all(tx, participants.c.thread_id, participants.c.email, emails)
    return sorted({*there} - {*own})


# -- mails -----------------------------------------------------------------------------------

_EMPTY_MAIL: Final[Mapping[str, Any]] = {
    "header_id": "",
    "sender": "",
    "sender_name": GONE,
    "recipients": {},
    "subject": GONE,
    "text": "",
    "latest": [],
    "attachments": [],
    "warnings": [],
    "notices": [],
    "auth": {},
    "refs": [],
}


async def mails(
    tx: Transaction, interaction_ids: Collection[int], case_ids: Collection[int]
) -> list[Any]:
    """The messages of these interactions and cases: id, sha256, sender, recipients and what is indexed."""
    m = messages.c
    who = (m.id, m.interaction_id, m.case_id, m.sha256, m.sender, m.sender_name)
    columns = (*who, m.recipients, m.subject, m.text)
    found = []
    for column, ids in ((m.interaction_id, interaction_ids), (m.case_id, case_ids)):
        for some in few(ids):
            found += await tx.all(sa.select(*columns).where(column.in_(some)))
    return list({r.id: r for r in found}.values())


async def empty_mails(tx: Transaction, rows: Sequence[Any]) -> int:
    """Mails say nothing any more; how many originals went, too."""
    await message_rows.unindex(tx, rows)
    for some in few([r.id for r in rows]):
        same = messages.c.id.in_(some)
        await tx.execute(sa.update(messages).where(same).values(**_EMPTY_MAIL))
        for about in (message_aliases.c.message_id, link_decisions.c.message_id):
            await tx.execute(sa.delete(about.table).where(about.in_(some)))
        at = mail_locations.c.message_id.in_(some)
        await tx.execute(sa.update(mail_locations).where(at).values(cause=""))
        why = link_decisions.c.message_id.in_(some)
        nothing: dict[str, Any] = {"reason": "", "candidates": []}
        await tx.execute(sa.update(link_decisions).where(why).values(**nothing))
    return await _drop_originals(tx, {r.sha256 for r in rows}, {r.id for r in rows})


async def _drop_originals(tx: Transaction, contents: set[str], erased: set[int]) -> int:
    """The bytes of mails that no other message has; a mark keeps them from coming back."""
    gone = 0
    for some in few(sorted(contents)):
        same = messages.c.sha256.in_(some)
        uses = await tx.all(sa.select(messages.c.sha256, messages.c.id).where(same))
        used = {r.sha256 for r in uses if r.id not in erased}
        lost = [c for c in some if c not in used]
        await _drop_bytes(tx, lost)
        await tx.execute(sa.update(blobs).where(blobs.c.sha256.in_(lost)).values(erased=True))
        gone += len(lost)
    return gone


async def _drop_bytes(tx: Transaction, contents: Sequence[str]) -> None:
    await tx.execute(sa.delete(blob_chunks).where(blob_chunks.c.sha256.in_(contents)))


async def forget_recipients(tx: Transaction, rows: Sequence[Any], emails: Collection[str]) -> None:
    """In other people's mails these addresses are no longer named among the recipients."""
    for r in rows:
        left = {
            field: [a for a in people if a.get("email") not in emails]
            for field, people in r.recipients.items()
        }
        if left != r.recipients:
            same = messages.c.id == r.id
            await tx.execute(sa.update(messages).where(same).values(recipients=left))


# -- what was being written ------------------------------------------------------------------


async def drop_drafts(tx: Transaction, ids: Collection[int]) -> list[int]:
    """Drafts of these interactions and cases, their versions and files; which drafts there were."""
    gone: list[int] = []
    for some in few(ids):
        rows = await tx.all(
            sa.select(drafts.c.id, drafts.c.files).where(drafts.c.thread_id.in_(some))
        )
        keys = [r.id for r in rows]
        await drop_versions(tx, keys)
        await tx.execute(sa.delete(drafts).where(drafts.c.id.in_(keys)))
        await drop_files(tx, [f for r in rows for f in r.files])
        gone += keys
    return gone


async def discarded(tx: Transaction, ids: Collection[int]) -> list[int]:
    """Drafts of these interactions and cases that somebody discarded; their events hold what they said."""
    found: list[int] = []
    place = [events.c.data[name].as_integer() for name in ("interaction", "case")]
    for some in few(ids):
        about = place[0].in_(some) | place[1].in_(some)
        same = (events.c.record == "draft") & (events.c.type == "draft_discarded") & about
        found += [r.record_id for r in await tx.all(sa.select(events.c.record_id).where(same))]
    return found


async def drop_versions(tx: Transaction, keys: Collection[int]) -> None:
    """What is kept of earlier versions of drafts."""
    for some in few(keys):
        await tx.execute(sa.delete(draft_versions).where(draft_versions.c.draft_id.in_(some)))


async def drop_files(tx: Transaction, files: Sequence[Mapping[str, Any]]) -> None:
    """Files that were attached to drafts, unless another draft, mail or message has them."""
    for content in sorted({str(f.get("sha256", "")) for f in files} - {""}):
        named = f"%{content}%"
        running = outbox.c.state.in_(UNDERWAY)
        uses = (
            sa.select(drafts.c.id).where(sa.cast(drafts.c.files, sa.Text).like(named)),
            sa.select(outbox.c.id).where(running & sa.cast(outbox.c.draft, sa.Text).like(named)),
            sa.select(messages.c.id).where(messages.c.sha256 == content),
        )
        if not [True for use in uses if await tx.one(use.limit(1)) is not None]:
            await _drop_bytes(tx, [content])


async def empty_outbox(tx: Transaction, ids: Collection[int]) -> None:
    """What went out of these interactions and cases: whom it went to, and what it was written from."""
    for some in few(ids):
        same = outbox.c.thread_id.in_(some)
        rows = await tx.all(sa.select(outbox.c.draft).where(same))
        await drop_versions(tx, [r.draft["id"] for r in rows if "id" in (r.draft or {})])
        values = {"recipients": [], "outcomes": {}, "draft": {}, "header_id": "", "note": ""}
        await tx.execute(sa.update(outbox).where(same).values(**values))
        await drop_files(tx, [f for r in rows for f in (r.draft or {}).get("files", ())])


# -- what is about conversations -------------------------------------------------------------


async def empty_conversations(
    tx: Transaction, ids: Collection[int], new_token: Callable[[], str]
) -> None:
    """Subjects, previews, notes and participants of these interactions. Their tokens are new, so that
    an answer to an erased mail finds nothing.
    """
    for some in few(ids):
        same = interactions.c.id == sa.bindparam("k")
        values = {"subject": GONE, "preview": "", "token": sa.bindparam("t")}
        lines = [{"k": key, "t": new_token()} for key in some]
        await tx.execute(sa.update(interactions).where(same).values(**values), lines)
        for about, words in (
            (wrap_up_segments.c.interaction_id, {"notes": ""}),
            (work_items.c.interaction_id, {"note": ""}),
            (mentions.c.thread_id, {"words": ""}),
        ):
            await tx.execute(sa.update(about.table).where(about.in_(some)).values(**words))
        moved = (message_moves.c.from_id, message_moves.c.to_id)
        for about in (participants.c.thread_id, auto_answers.c.interaction_id, *moved):
            await tx.execute(sa.delete(about.table).where(about.in_(some)))


async def leave(tx: Transaction, emails: Collection[str], ids: Collection[int]) -> None:
    """These addresses take part in other people's interactions no more."""
    for some in few(ids):
        same = participants.c.thread_id.in_(some) & participants.c.email.in_(emails)
        await tx.execute(sa.delete(participants).where(same))
    await tx.execute(sa.delete(auto_answers).where(auto_answers.c.email.in_(emails)))


async def hide_previews(tx: Transaction, ids: Collection[int]) -> None:
    """Of other people's interactions and cases, in which a mail was emptied."""
    for some in few(ids):
        for table in (interactions, cases):
            same = table.c.id.in_(some)
            await tx.execute(sa.update(table).where(same).values(preview=""))


async def empty_cases(tx: Transaction, ids: Collection[int], new_token: Callable[[], str]) -> None:
    """What these cases say, and who takes part in them. Their tokens are new, too."""
    nothing = {"subject": GONE, "description": "", "notes": "", "preview": ""}
    for some in few(ids):
        same = cases.c.id == sa.bindparam("k")
        values = {**nothing, "token": sa.bindparam("t")}
        lines = [{"k": key, "t": new_token()} for key in some]
        await tx.execute(sa.update(cases).where(same).values(**values), lines)
        named = mentions.c.thread_id.in_(some)
        await tx.execute(sa.update(mentions).where(named).values(words=""))
        await tx.execute(sa.delete(participants).where(participants.c.thread_id.in_(some)))


async def empty_summaries(tx: Transaction, thread_ids: Collection[int]) -> None:
    """What was summarised of these conversations, also of those in which somebody only took part."""
    for some in few(thread_ids):
        await summaries.empty(tx, some)


async def works_of(tx: Transaction, ids: Collection[int]) -> list[int]:
    """The searches for an agent of these interactions."""
    return await _all(tx, work_items.c.id, work_items.c.interaction_id, ids)


async def places_of(tx: Transaction, message_ids: Collection[int]) -> list[int]:
    """Where these messages lie on servers."""
    return await _all(tx, mail_locations.c.id, mail_locations.c.message_id, message_ids)


# -- events ----------------------------------------------------------------------------------

Personal = Callable[[Any], bool]


async def empty_events(
    tx: Transaction, record: str, ids: Collection[int], personal: Personal
) -> tuple[int, int]:
    """What events of these records say, where *personal* says so; the chains can still be verified.

    Returns how many events were emptied, and how many chains from before digests were sealed anew.
    """
    emptied = sealed = 0
    for some in few(ids):
        same = (events.c.record == record) & events.c.record_id.in_(some)
        chains: dict[int, list[Any]] = {}
        for row in await tx.all(sa.select(events).where(same).order_by(events.c.seq)):
            chains.setdefault(row.record_id, []).append(row)
        for key, rows in chains.items():
            gone = [r for r in rows if not r.digest and personal(r)]
            if any(not r.salt for r in gone):
                await _seal_anew(tx, record, key, rows)
                sealed += 1
                rows = list(await log.of_record(tx, record, key))
                gone = [r for r in rows if not r.digest and personal(r)]
            await _empty(tx, gone)
            emptied += len(gone)
    return emptied, sealed


async def _empty(tx: Transaction, rows: Sequence[Any]) -> None:
    lines = [{"k": r.seq, "d": log.content_digest(r._mapping)} for r in rows]
    if lines:
        values: dict[str, Any] = {
            "data": log.ERASED,
            "actor_name": "",
            "salt": "",
            "digest": sa.bindparam("d"),
        }
        same = events.c.seq == sa.bindparam("k")
        await tx.execute(sa.update(events).where(same).values(**values), lines)


async def _seal_anew(tx: Transaction, record: str, key: int, rows: Sequence[Any]) -> None:
    """Give a chain from before digests links that hold one; a break in it stays a break."""
    same = (chain_heads.c.record == record) & (chain_heads.c.record_id == key)
    await tx.one(sa.select(chain_heads).where(same).with_for_update())
    before = after = log.START
    lines = []
    for row in rows:
        said = dict(row._mapping)
        whole = log.link_hash(before, said) == row.hash
        said["salt"] = said["salt"] or ("" if said["digest"] else log.new_salt())
        link = log.link_hash(after, said) if whole else row.hash
        lines.append({"k": row.seq, "s": said["salt"], "h": link})
        before, after = row.hash, link
    values: dict[str, Any] = {"salt": sa.bindparam("s"), "hash": sa.bindparam("h")}
    await tx.execute(
        sa.update(events).where(events.c.seq == sa.bindparam("k")).values(**values), lines
    )
    head = same & (chain_heads.c.hash == before)
    await tx.execute(sa.update(chain_heads).where(head).values(hash=after))


# -- SQLite's file ---------------------------------------------------------------------------


async def overwrite(tx: Transaction) -> None:
    """SQLite writes zeros over what this transaction deletes, also over whole pages."""
    if tx.dialect == "sqlite":
        await tx.execute(sa.text("PRAGMA secure_delete=ON"))


async def tidy_search(tx: Transaction) -> bool:
    """Rewrite a small search index of SQLite, which otherwise keeps deleted words for a while.

    False where it is too large for now.
    """
    if tx.dialect != "sqlite":
        return True
    some = "SELECT count(*) FROM (SELECT 1 FROM message_search_data LIMIT :most)"
    row = await tx.one(sa.text(some).bindparams(most=SMALL_INDEX + 1))
    if row is None or row[0] > SMALL_INDEX:
        return False
    await tx.execute(sa.text("INSERT INTO message_search (message_search) VALUES ('optimize')"))
    return True

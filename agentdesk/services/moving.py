"""A person moves mails to another record, or to one of their own, and puts them back.

One transaction each. What was moved is identity for later replies: they go where it lies now.
Source: docs/linking.md, *Moving*.
"""

from collections.abc import Collection, Sequence
from typing import Any

from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.case import Case
from agentdesk.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from agentdesk.domain.event import By, Event, Happened
from agentdesk.domain.ids import MessageId, MoveId
from agentdesk.domain.message import MailKind
from agentdesk.domain.moved import following, remembered
from agentdesk.domain.moving import Destination, Place
from agentdesk.domain.text import safe
from agentdesk.services import moved_records
from agentdesk.services.batch import thread_of
from agentdesk.services.desk import Desk
from agentdesk.services.threads import Thread, about
from agentdesk.storage import cases, interactions, moves
from agentdesk.storage.store import Transaction


async def move(
    desk: Desk,
    actor: Actor,
    message_ids: Collection[MessageId],
    to: Destination,
    *,
    rest_of_thread: bool,
) -> MoveId:
    """Put these mails of one record, with later ones that answer them if asked, somewhere else.

    Raises `NotFound`; `BadInput` for a closed destination or a mail that is still to go out;
    `NotAllowed` for an agent who has neither record.
    """
    async with desk.store.write() as tx:
        source, target, key = await _places(tx, message_ids, to)
        mails = await _chosen(tx, source, message_ids, rest_of_thread)
        _must_be_allowed(actor, source, target)
        by, made = By.actor(actor), ""
        if target is None:
            target, made = (
                await moved_records.make(desk, tx, actor, source, mails, to.place),
                to.place,
            )
        before = remembered(target)
        joined = await _take_part(desk, tx, source, target, mails)
        ids = [r.id for r in mails]
        await moves.put(tx, ids, about(target)[0], target.id)
        await moves.mark(tx, ids, key)
        if not made and _customers_word(mails[-1], joined.thirds):
            target = await moved_records.hear(desk, tx, target, mails[-1])
        emptied = await moved_records.leave(desk, tx, source, by)
        kept = {
            "made": made,
            "before": before,
            "version": target.version,
            "participants": joined.new,
            "previous": {str(r.id): r.move_id for r in mails if r.move_id is not None},
            "emptied": emptied,
        }
        await moves.keep(tx, _row(desk, actor, key, source, target, ids, kept))
        _say_moved(desk, tx, by, key, source, target, mails)
    return key


async def undo(desk: Desk, actor: Actor, move_id: MoveId) -> None:
    """Put everything back that a move moved.

    Raises `NotFound`; `Conflict` where it was undone already, where a mail of it was moved on, or
    where something came since that belongs to it; `NotAllowed` as `move` does.
    """
    async with desk.store.write() as tx:
        row = await moves.get(tx, move_id)
        if row.undone_at is not None:
            raise Conflict("This move was undone already.")
        source, target = await _both(tx, row)
        if row.agent_id != actor.agent_id:
            _must_be_allowed(actor, source, target)
        mails = await _still_there(tx, row, target)
        await moves.put(tx, row.messages, about(source)[0], source.id)
        await _mark_as_before(tx, row)
        await moves.drop_participants(tx, target.id, row.made["participants"])
        by = By.actor(actor)
        await moved_records.forget(desk, tx, target, row.made, by)
        await moved_records.take_up(desk, tx, source, row.made["emptied"], by)
        await moves.mark_undone(tx, move_id, desk.clock.now())
        said = {"move": move_id, "messages": list(row.messages)}
        why = f"{_whose(mails)} went back to {source.number}: the move was undone by {by.name}"
        for one, other in ((source, target), (target, source)):
            data = {**said, "number": other.number, "why": why}
            tx.record(Event(desk.clock.now(), by, *about(one), Happened.MOVE_UNDONE, data))


async def _places(
    tx: Transaction, message_ids: Collection[int], to: Destination
) -> tuple[Thread, Thread | None, MoveId]:
    """The record that the mails lie in and that they go to, locked, and the number of the move."""
    key = MoveId(await moves.new_key(tx))
    rows = await moves.mails(tx, message_ids)
    if not rows or len(rows) != len(set(message_ids)):
        raise NotFound("This mail does not exist.")
    sources = {thread_of(r) for r in rows}
    if len(sources) != 1:
        raise BadInput("Choose mails of one record.")
    (source_id,) = sources
    wanted = [source_id or 0, to.thread_id] if to.place is Place.THREAD else [source_id or 0]
    found = await _locked(tx, [t for t in wanted if t is not None])
    source = found.get(source_id or 0)
    if source is None or (to.place is Place.THREAD and to.thread_id not in found):
        raise NotFound("This record does not exist.")
    target = found[to.thread_id] if to.thread_id is not None else None
    if isinstance(target, Case) and target.merged_into is not None:
        target = await cases.get(tx, await cases.survivor(tx, target.id))
    if target is not None and target.id == source.id:
        raise BadInput(f"It lies in {source.number} already.")
    if target is not None and target.state.closed:
        raise BadInput(
            f"{target.number} is closed. Choose an open record, or give it one of its own."
        )
    return source, target, key


async def _locked(tx: Transaction, ids: Sequence[int]) -> dict[int, Thread]:
    """Threads by id: interactions first, as everybody locks them."""
    found: dict[int, Thread] = {i.id: i for i in await interactions.get_many(tx, ids)}
    return found | {c.id: c for c in await cases.get_many(tx, set(ids) - set(found))}


async def _both(tx: Transaction, row: Any) -> tuple[Thread, Thread]:
    found = await _locked(tx, [row.from_id, row.to_id])
    return found[row.from_id], found[row.to_id]


async def _chosen(
    tx: Transaction, source: Thread, message_ids: Collection[int], rest_of_thread: bool
) -> list[Any]:
    """The rows of the mails that go, oldest first. Raises `BadInput` for one that is on its way."""
    chosen: Collection[int] = set(message_ids)
    if rest_of_thread:
        letters = await moves.after(tx, *about(source), min(chosen))
        chosen = following(chosen, letters)
    if await moves.under_way(tx, chosen):
        raise BadInput(
            "A mail of it has not gone out yet. Wait for it, or take it back, before you move it."
        )
    return await moves.mails(tx, chosen)


def _must_be_allowed(actor: Actor, source: Thread, target: Thread | None) -> None:
    """Who has one of the two records, or supervises; what nobody has may be sorted by anybody."""
    owners = {source.owner_id} | ({target.owner_id} if target is not None else set())
    if actor.role is Role.AGENT and not owners & {actor.agent_id, None}:
        raise NotAllowed(f"{source.number} is not yours. Ask its owner or a supervisor to move it.")


def _customers_word(last: Any, thirds: Collection[str]) -> bool:
    """Whether the last thing said in what was moved is a customer's: then somebody is to answer."""
    written = last.direction == "inbound" and last.kind == MailKind.NORMAL.value
    return written and last.sender not in thirds


class _Joined:
    """Who takes part in a record now and did not before; who of them is a third party."""

    def __init__(self, new: list[str], thirds: frozenset[str]) -> None:
        self.new, self.thirds = new, thirds


async def _take_part(
    desk: Desk, tx: Transaction, source: Thread, target: Thread, mails: Sequence[Any]
) -> _Joined:
    there = (await interactions.participants_of(tx, [target.id])).get(target.id, frozenset())
    thirds = frozenset(e for _, e in await interactions.third_parties_of(tx, [source.id]))
    persons = [r for r in mails if r.kind in (MailKind.NORMAL.value, MailKind.LIST.value)]
    emails = {e for r in persons for e in _emails(r)} - desk.rules.own_addresses - {""}
    new = sorted(emails - there)
    for third in (False, True):
        some = [(target.id, e) for e in new if (e in thirds) is third]
        await interactions.add_participants(tx, some, third=third)
    return _Joined(new, thirds)


def _emails(row: Any) -> set[str]:
    """Its sender and whom it went to in the open."""
    shown = (a["email"] for name in ("to", "cc") for a in row.recipients.get(name, ()))
    return {row.sender, *shown}


def _row(
    desk: Desk,
    actor: Actor,
    key: MoveId,
    source: Thread,
    target: Thread,
    ids: list[int],
    kept: dict[str, Any],
) -> dict[str, Any]:
    return {
        "id": key,
        "messages": ids,
        "from_id": source.id,
        "from_record": about(source)[0].value,
        "to_id": target.id,
        "to_record": about(target)[0].value,
        "at": desk.clock.now(),
        "agent_id": actor.agent_id or None,
        "made": kept,
        "undone_at": None,
    }


def _say_moved(
    desk: Desk,
    tx: Transaction,
    by: By,
    key: MoveId,
    source: Thread,
    target: Thread,
    mails: Sequence[Any],
) -> None:
    """One line in each stream; in the new one each mail stands behind it, where it was moved to."""
    now, said = desk.clock.now(), {"move": key, "messages": [r.id for r in mails]}
    away = f"{_whose(mails)} moved to {target.number} by {by.name}"
    data = {**said, "number": target.number, "why": away}
    tx.record(Event(now, by, *about(source), Happened.MAIL_MOVED_AWAY, data))
    here = f"{_whose(mails)} moved here from {source.number} by {by.name}"
    data = {**said, "number": source.number, "why": here}
    tx.record(Event(now, by, *about(target), Happened.MAIL_MOVED_HERE, data))
    for r in mails:
        who = By(*_writer(r, target))
        shown = Event(r.at, who, *about(target), Happened.MAIL_MOVED_HERE, {"move": key}, r.id)
        tx.record(shown)


def _writer(row: Any, target: Thread) -> tuple[str, str, int | None]:
    name = safe(row.sender_name or row.sender, multiline=False)
    if row.direction == "inbound":
        return "customer", name, target.customer_id
    return "system", name, None


def _whose(mails: Sequence[Any]) -> str:
    """`Mail of Mara Olsen`, `3 mails of Mara Olsen and others`."""
    names = list(dict.fromkeys(r.sender_name or r.sender or "nobody" for r in mails))
    others = " and others" if len(names) > 1 else ""
    what = "Mail" if len(mails) == 1 else f"{len(mails)} mails"
    return safe(f"{what} of {names[0]}{others}", multiline=False)


async def _still_there(tx: Transaction, row: Any, target: Thread) -> list[Any]:
    """The moved mails, if all of them are still where they were put, and nothing hangs on them."""
    mails = await moves.mails(tx, row.messages)
    if len(mails) != len(row.messages) or any(r.move_id != row.id for r in mails):
        raise Conflict("One of these mails was moved on since. Undo that first.")
    letters = await moves.after(tx, *about(target), min(row.messages))
    newer = set(following(row.messages, letters)) - set(row.messages)
    others = {key for key, _, _ in letters} - set(row.messages)
    if newer or (row.made["made"] and others):
        raise Conflict(
            f"Mail came into {target.number} since that belongs to it. Move both instead of undoing."
        )
    if row.made["made"] and await moved_records.used(tx, target):
        raise Conflict(
            f"Somebody wrote in {target.number} since. Move the mail instead of undoing."
        )
    return mails


async def _mark_as_before(tx: Transaction, row: Any) -> None:
    previous = {int(key): move_id for key, move_id in row.made["previous"].items()}
    await moves.mark(tx, [key for key in row.messages if key not in previous], None)
    for move_id in set(previous.values()):
        await moves.mark(tx, [k for k, before in previous.items() if before == move_id], move_id)

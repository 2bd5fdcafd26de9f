"""Two records of one person become one, and two again when it was a mistake."""

from collections.abc import Mapping
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput, Conflict
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import CustomerId
from agentdesk.domain.people import Kind
from agentdesk.services import people
from agentdesk.services.desk import Desk
from agentdesk.storage import finding, joined, records
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import customers

FILLED = ("language", "time_zone")
"""What the kept record takes over where it says nothing itself."""


async def merge(desk: Desk, actor: Actor, keep: CustomerId, other: CustomerId) -> int:
    """*other*'s addresses, interactions and cases go to *keep*; returns the number that undoes it.

    Who takes part in a conversation stays as it was. What *keep* does not say is taken over, too.
    Raises `BadInput`, `NotFound`, `Conflict` where one was merged or erased meanwhile.
    """
    if keep == other:
        raise BadInput("Choose two different people to merge.")
    async with desk.store.write() as tx:
        rows = {key: await people.current(tx, key) for key in sorted((keep, other))}
        kept, merged = rows[keep], rows[other]
        moved: dict[str, Any] = await joined.move(tx, other, keep)
        taken = _taken(kept, merged)
        account_id = taken.get("account_id", kept.account_id)
        if account_id is not None:
            moved["accounted"] = await records.give_account(tx, keep, account_id)
        moved["before"] = {name: kept._mapping[name] for name in taken}
        moved["after"] = taken
        await records.write(tx, customers, keep, taken or {"name": kept.name})
        await records.write(tx, customers, other, {"merged_into": keep})
        await finding.renew_people(tx, [keep, other])
        key = await joined.remember(tx, keep, other, desk.clock.now(), actor.name, moved)
        people.say(desk, tx, actor, keep, Happened.MERGED, {"merge": key, "other": other})
        people.say(desk, tx, actor, other, Happened.MERGED, {"merge": key, "into": keep})
        _tell_conversations(desk, tx, actor, moved, Happened.MERGED)
    return key


def _taken(kept: Any, merged: Any) -> dict[str, Any]:
    """The columns of the kept record that the other one fills."""
    taken = {n: merged._mapping[n] for n in FILLED if merged._mapping[n] and not kept._mapping[n]}
    if kept.kind == Kind.GUEST.value and merged.kind != Kind.GUEST.value:
        taken |= {"kind": merged.kind, "account_id": merged.account_id, "name": merged.name}
    if merged.vip and not kept.vip:
        taken["vip"] = True
    known = {tag.casefold() for tag in kept.tags}
    more = [tag for tag in merged.tags if tag.casefold() not in known]
    if more:
        taken["tags"] = sorted([*kept.tags, *more], key=str.casefold)
    if merged.notes and merged.notes not in kept.notes:
        taken["notes"] = f"{kept.notes}\n{merged.notes}".strip()
    return taken


async def undo(desk: Desk, actor: Actor, merge_id: int) -> tuple[str, ...]:
    """Give back everything that is still where the merge put it; says in sentences what is not.

    What came after the merge stays with the kept record. Raises `NotFound`, and `Conflict` where it
    was undone already or another merge stands in the way.
    """
    async with desk.store.write() as tx:
        row = await joined.merge(tx, merge_id)
        if row.undone_at is not None:
            raise Conflict("This merge was undone already.")
        locked = {
            key: await records.customer(tx, key, lock=True)
            for key in sorted((row.kept_id, row.merged_id))
        }
        kept, other = locked[row.kept_id], locked[row.merged_id]
        _must_stand(kept, other)
        missing = [*await joined.give_back(tx, row), *await _restore(tx, kept, row.moved)]
        await records.write(tx, customers, other.id, {"merged_into": None})
        await joined.mark_undone(tx, merge_id, desk.clock.now())
        await finding.renew_people(tx, [kept.id, other.id])
        for key, about in ((kept.id, {"other": other.id}), (other.id, {"from": kept.id})):
            told = {"merge": merge_id, **about, "missing": len(missing)}
            people.say(desk, tx, actor, key, Happened.MERGE_UNDONE, told)
        _tell_conversations(desk, tx, actor, row.moved, Happened.MERGE_UNDONE)
    return tuple(missing)


def _must_stand(kept: Any, other: Any) -> None:
    if kept.erased_at is not None or other.erased_at is not None:
        raise Conflict("This person was erased. There is nothing to give back any more.")
    if kept.merged_into is not None:
        raise Conflict(f"{kept.name} was merged into another record since. Undo that merge first.")
    if other.merged_into != kept.id:
        raise Conflict("The two records are no longer merged in this way.")


async def _restore(tx: Transaction, kept: Any, moved: Mapping[str, Any]) -> list[str]:
    """Take back what the kept record was given, unless somebody changed it since."""
    before, after = moved["before"], moved["after"]
    same = {name: before[name] for name in after if kept._mapping[name] == after[name]}
    await records.write(tx, customers, kept.id, same or {"name": kept.name})
    return [
        f"The {name.removesuffix('_id').replace('_', ' ')} of {kept.name} was changed since, and stays."
        for name in after
        if name not in same
    ]


def _tell_conversations(
    desk: Desk, tx: Transaction, actor: Actor, moved: Mapping[str, Any], what: Happened
) -> None:
    for name, record in (("interactions", Record.INTERACTION), ("cases", Record.CASE)):
        for key in moved[name][-people.MOST_TOLD :]:
            about = (record, key, what)
            tx.record(Event(desk.clock.now(), By.actor(actor), *about, shown=False))

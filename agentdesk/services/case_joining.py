"""Cases that belong together: related, parent and child, merged into one and parted again."""

from agentdesk.domain import case as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import Case, CaseState
from agentdesk.domain.errors import BadInput, Conflict
from agentdesk.domain.event import By, Happened, Record
from agentdesk.domain.ids import CaseId
from agentdesk.services import becoming
from agentdesk.services.cases_inside import moved, say
from agentdesk.services.desk import Desk
from agentdesk.services.news import MAIL
from agentdesk.services.threads import must_be_workable
from agentdesk.storage import case_links, cases, events
from agentdesk.storage.store import Transaction


async def relate(desk: Desk, actor: Actor, case_id: CaseId, other_id: CaseId, on: bool) -> None:
    """The two cases belong together, or no more. Raises `BadInput` for the same case twice."""
    async with desk.store.write() as tx:
        one, other = await _both(desk, tx, actor, case_id, other_id)
        changed = case_links.relate if on else case_links.part
        if await changed(tx, one.id, other.id):
            _say_related(desk, tx, one, other, "related", actor, on=on)
            _say_related(desk, tx, other, one, "related", actor, on=on)


async def _both(
    desk: Desk, tx: Transaction, actor: Actor, case_id: CaseId, other_id: CaseId
) -> tuple[Case, Case]:
    """Two different cases, locked; the first is one that the actor works on."""
    if case_id == other_id:
        raise BadInput("Choose another case than this one.")
    found = {c.id: c for c in await cases.get_many(tx, [case_id, other_id])}
    if len(found) < 2:
        await cases.get(tx, case_id if case_id not in found else other_id)  # says what is missing
    must_be_workable(desk, actor, found[case_id])
    return found[case_id], found[other_id]


def _say_related(
    desk: Desk, tx: Transaction, one: Case, other: Case, how: str, actor: Actor, *, on: bool
) -> None:
    data = {"number": other.number, "how": how, "off": not on}
    say(desk, tx, one, Happened.CASE_RELATED, By.actor(actor), data)


async def set_parent(desk: Desk, actor: Actor, case_id: CaseId, parent_id: CaseId | None) -> None:
    """The case is a part of another one, or of none any more.

    Raises `BadInput` where the other one is a part of this one, directly or through others.
    """
    async with desk.store.write() as tx:
        chain = await cases.ancestors(tx, parent_id) if parent_id is not None else []
        ids = {case_id, *chain}
        found = {c.id: c for c in await cases.get_many(tx, ids)}
        if parent_id is not None and chain != await cases.ancestors(tx, parent_id):
            raise Conflict("Somebody moved these cases at this moment. Try again.")
        before = found.get(case_id) or await cases.get(tx, case_id)
        must_be_workable(desk, actor, before)
        if before.parent_id == parent_id:
            return
        parent = found.get(parent_id) or await cases.get(tx, parent_id) if parent_id else None
        if parent is not None and case_id in chain:
            raise BadInput(
                f"{parent.number} is {before.number} itself or a part of it. Choose another case."
            )
        if parent is not None and parent.state.closed:
            raise BadInput(f"{parent.number} is closed. Choose another case.")
        await _hang(desk, tx, actor, before, parent)


async def _hang(
    desk: Desk, tx: Transaction, actor: Actor, before: Case, parent: Case | None
) -> None:
    new = parent.id if parent else None
    after = await cases.save(tx, moves.become_part_of(before, new, desk.clock.now()))
    if before.parent_id is not None:
        old = await cases.get(tx, before.parent_id)
        _say_related(desk, tx, after, old, "parent", actor, on=False)
        _say_related(desk, tx, old, after, "child", actor, on=False)
    if parent is not None:
        _say_related(desk, tx, after, parent, "parent", actor, on=True)
        _say_related(desk, tx, parent, after, "child", actor, on=True)


async def merge(desk: Desk, actor: Actor, case_id: CaseId, into_id: CaseId) -> None:
    """The case ends, and the other one takes it over: its conversation, later mail, who takes part, who
    follows it, and what was written and not sent.

    Raises `BadInput` for another customer's case, a closed one, or while a mail can be taken back.
    """
    by = By.actor(actor)
    async with desk.store.write() as tx:
        into_id = await cases.survivor(tx, into_id)
        before, into = await _both(desk, tx, actor, case_id, into_id)
        after = moves.be_merged(before, into, desk.clock.now())
        await becoming.must_be_out(tx, before.number, before.id)
        await becoming.move_drafts(tx, before.id, into)
        after = await cases.save(tx, after, unread=0)
        await becoming.copy_participants(tx, before.id, into)
        await case_links.move_watchers(tx, before.id, into.id)
        told = {"into": into.number, "from": before.state.value, "number": into.number}
        say(desk, tx, after, Happened.CASE_MERGED, by, told)
        say(desk, tx, into, Happened.CASE_MERGED, by, {"number": before.number})
        await moved(desk, tx, before, after, by)


async def undo_merge(desk: Desk, actor: Actor, case_id: CaseId) -> None:
    """The case is one of its own again, in the state that it had. Who takes part, who follows and what
    is being written stay with the other one, too.

    Raises `Conflict` once mail came or went in the case that took it over.
    """
    by = By.actor(actor)
    async with desk.store.write() as tx:
        before = await cases.get(tx, case_id)
        if before.merged_into is None:
            raise BadInput(f"{before.number} was not merged into another case.")
        before, into = await _both(desk, tx, actor, case_id, before.merged_into)
        happened = (Happened.CASE_MERGED.value,)
        told = [
            r
            for r in await events.of_types(tx, Record.CASE.value, case_id, happened)
            if r.data.get("from")
        ]
        if not told or await _mail_since(tx, into.id, told[-1].seq):
            raise Conflict(f"Mail came or went in {into.number} since. Move single mails instead.")
        after = moves.leave_a_merge(before, CaseState(told[-1].data["from"]), desk.clock.now())
        after = await cases.save(tx, after)
        say(desk, tx, after, Happened.MERGE_UNDONE, by, {"number": into.number})
        say(desk, tx, into, Happened.MERGE_UNDONE, by, {"number": before.number})
        await moved(desk, tx, before, after, by)


async def _mail_since(tx: Transaction, case_id: CaseId, seq: int) -> bool:
    """Whether mail came or went in the case that later mail of *case_id* goes to."""
    end = await cases.survivor(tx, case_id)
    for key in {case_id, end}:
        if await events.since(tx, Record.CASE.value, key, MAIL, seq, 1):
            return True
    return False

"""Canned replies and notes: found, filled in, edited, and carried from desk to desk as a file.

Every agent uses them; supervisors and admins change them.
"""

from dataclasses import replace
from datetime import tzinfo

from agentdesk.domain import template as rules
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.policy import QueueSetup
from agentdesk.domain.template import (
    Filled,
    ImportReport,
    Template,
    TemplateId,
    TemplateKind,
)
from agentdesk.services import threads
from agentdesk.services.desk import Desk
from agentdesk.services.threads import Thread
from agentdesk.settings import templates as files
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import events, people
from agentdesk.storage import templates as rows
from agentdesk.storage.store import Transaction


async def search(
    desk: Desk,
    actor: Actor,
    words: str,
    kind: TemplateKind,
    *,
    queue: str = "",
    thread_id: ThreadId | None = None,
    limit: int = 20,
) -> tuple[Template, ...]:
    """Templates of *kind* whose name, folder or text holds all of *words*, names that begin so first.

    Only those that are for the queue with the key *queue*, or for that of *thread_id*; without one,
    all.
    """
    async with desk.store.read() as tx:
        if thread_id is not None:
            came_through = _queue(desk, await threads.find(tx, thread_id))
            queue = came_through.key if came_through is not None else ""
        kept = await rows.every(tx, kind)
    fit = [t for t in kept if not queue or not t.queues or queue in t.queues]
    return rules.found(fit, words, limit)


def _queue(desk: Desk, thread: Thread) -> QueueSetup | None:
    return desk.in_force.queues.get(thread.queue_id) if thread.queue_id is not None else None


async def every(desk: Desk, actor: Actor) -> tuple[Template, ...]:
    """All templates, by folder and name."""
    async with desk.store.read() as tx:
        return tuple(await rows.every(tx))


async def queues(desk: Desk, actor: Actor) -> dict[str, str]:
    """The queues that a template may be for: name by key."""
    return {queue.key: queue.name for queue in desk.policy.queues}


async def fill(desk: Desk, actor: Actor, template_id: TemplateId, thread_id: ThreadId) -> Filled:
    """The template as it is inserted in that interaction or case. Raises `NotFound`.

    A variable without a value stays as it is written, and is named in `missing`.
    """
    async with desk.store.read() as tx:
        template = await rows.get(tx, template_id)
        return rules.fill(template, await _values(desk, tx, actor, thread_id))


async def _values(desk: Desk, tx: Transaction, actor: Actor, thread_id: ThreadId) -> dict[str, str]:
    """What each variable says here; empty where there is nothing to say."""
    thread = await threads.find(tx, thread_id)
    talk, case = await threads.talk_and_case(tx, thread)
    queue = _queue(desk, thread)
    who = await people.card(tx, thread.customer_id)
    agent = await desk_rows.agent_as_is(tx, actor.agent_id)
    name = _person_name(who.name if who else "")
    return {
        "customer.name": name,
        "customer.first_name": first_name(name),
        "customer.email": (who.email if who else "") or "",
        "account.name": (who.account if who else "") or "",
        "agent.name": actor.name,
        "agent.first_name": first_name(actor.name),
        "agent.signature": agent.signature.strip() if agent else "",
        "interaction.number": talk.number if talk else "",
        "interaction.subject": talk.subject if talk else "",
        "queue.name": queue.name if queue else "",
        "case.number": case.number if case else "",
        "case.subject": case.subject if case else "",
        "case.state": case.state.label if case else "",
        "today": _today(desk, desk.rules.zone),
    }


def _person_name(name: str) -> str:
    """Nobody is greeted by an address."""
    return "" if "@" in name else name


def first_name(name: str) -> str:
    """`Mara` of `Mara Olsen` and of `Olsen, Mara`."""
    last, comma, rest = name.partition(",")
    words = (rest if comma and rest.strip() else last).split()
    return words[0] if words else ""


def _today(desk: Desk, zone: tzinfo | None) -> str:
    day = desk.clock.now().astimezone(zone)
    return f"{day.day} {day:%B} {day.year}"


# Changing


async def save(desk: Desk, actor: Actor, template: Template) -> Template:
    """Keep a new template (id 0) or a changed one, and answer it as it is kept.

    Raises `BadInput` with what is wrong with it, `Conflict` when it is not at `template.version` any
    more, `NotFound` when it was deleted, `NotAllowed`.
    """
    actor.must_supervise()
    made = rules.checked(template, (queue.key for queue in desk.policy.queues))
    async with desk.store.write() as tx:
        if template.id:
            return await _change(desk, tx, actor, await rows.get(tx, template.id), made)
        return await _add(desk, tx, actor, made)


async def _add(desk: Desk, tx: Transaction, actor: Actor, template: Template) -> Template:
    key = template.key or rules.slug(template.name, await rows.keys(tx))
    made = replace(_signed(desk, actor, template), id=await rows.new_id(tx), key=key, version=1)
    await rows.insert(tx, [made])
    _say(desk, tx, actor, made.id, Happened.TEMPLATE_CHANGED, None, made)
    return made


async def _change(
    desk: Desk, tx: Transaction, actor: Actor, before: Template, template: Template
) -> Template:
    if before.said == template.said:
        return before
    signed = _signed(desk, actor, replace(template, id=before.id, key=before.key))
    after = replace(signed, version=template.version + 1)
    await rows.save(tx, after, template.version)
    _say(desk, tx, actor, after.id, Happened.TEMPLATE_CHANGED, before, after)
    return after


def _signed(desk: Desk, actor: Actor, template: Template) -> Template:
    return replace(template, changed_at=desk.clock.now(), changed_by=actor.name)


def _say(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    template_id: TemplateId,
    what: Happened,
    before: Template | None,
    after: Template | None,
) -> None:
    said = {
        "before": rows.plain(before) if before else None,
        "after": rows.plain(after) if after else None,
    }
    by, about = By.actor(actor), (Record.TEMPLATE, template_id, what)
    tx.record(Event(desk.clock.now(), by, *about, said, shown=False))


async def remove(desk: Desk, actor: Actor, template_id: TemplateId, version: int) -> None:
    """Delete a template; `put_back` takes that back.

    Raises `Conflict` when it is not at *version* any more, `NotFound`, `NotAllowed`.
    """
    actor.must_supervise()
    async with desk.store.write() as tx:
        before = await rows.get(tx, template_id)
        if before.version != version:
            raise Conflict(f"{before.changed_by} changed {before.name} meanwhile. It was kept.")
        await rows.delete(tx, template_id)
        _say(desk, tx, actor, template_id, Happened.TEMPLATE_REMOVED, before, None)


async def put_back(desk: Desk, actor: Actor, template_id: TemplateId) -> Template:
    """A deleted template as it was. Raises `Conflict` where it is there, `NotFound`, `NotAllowed`."""
    actor.must_supervise()
    async with desk.store.write() as tx:
        removals = [Happened.TEMPLATE_REMOVED.value]
        found = await events.of_types(tx, Record.TEMPLATE.value, template_id, removals)
        if not found:
            raise NotFound("This template was never deleted.")
        was = rows.unplain(found[-1].data["before"])
        if was.key in await rows.keys(tx):
            raise Conflict(f"There is a template with the key {was.key} again. Look at it first.")
        made = replace(_signed(desk, actor, was), version=was.version + 1)
        await rows.insert(tx, [made])
        _say(desk, tx, actor, template_id, Happened.TEMPLATE_CHANGED, None, made)
        return made


# Files


async def export(desk: Desk, actor: Actor) -> str:
    """Every template as the TOML that `import_file` reads."""
    return files.written(await every(desk, actor))


async def import_file(
    desk: Desk, actor: Actor, text: str, *, dry_run: bool = False
) -> ImportReport:
    """Add and change templates as the TOML *text* says; others stay.

    All of it or, where something is wrong, nothing. *dry_run* only tells what would happen. Raises
    `NotAllowed`.
    """
    actor.must_supervise()
    document = files.read(text, (queue.key for queue in desk.policy.queues))
    if document.faults:
        return ImportReport(problems=document.faults)
    if dry_run:
        async with desk.store.read() as tx:
            return _report(await _by_key(tx), document.templates)
    async with desk.store.write() as tx:
        known = await _by_key(tx)
        for template in document.templates:
            before = known.get(template.key)
            if before is None:
                await _add(desk, tx, actor, template)
            else:
                changed = replace(template, version=before.version)
                await _change(desk, tx, actor, before, changed)
        return _report(known, document.templates)


async def _by_key(tx: Transaction) -> dict[str, Template]:
    return {template.key: template for template in await rows.every(tx)}


def _report(known: dict[str, Template], wanted: tuple[Template, ...]) -> ImportReport:
    new = [t.name for t in wanted if t.key not in known]
    moved = [t.name for t in wanted if t.key in known and known[t.key].said != t.said]
    return ImportReport(tuple(new), tuple(moved), len(wanted) - len(new) - len(moved))

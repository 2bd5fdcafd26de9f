"""The demo's past: some weeks of a small desk's life, written in one transaction."""

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from agentdesk.demo import casework, figures, openings, scripts
from agentdesk.demo.chronicle import Chronicle, Roster
from agentdesk.demo.correspondence import UIDVALIDITY, Correspondence
from agentdesk.demo.people import COMPANIES, DOUBLES, KNOWN, Person
from agentdesk.demo.scripts import Move, Story
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.deadline import Due
from agentdesk.domain.event import By, Happened, Record
from agentdesk.domain.finding import words
from agentdesk.domain.ids import AccountId, AgentId, CustomerId
from agentdesk.domain.interaction import State
from agentdesk.domain.template import TemplateId
from agentdesk.domain.work import WorkItem
from agentdesk.services import snoozing, waiting
from agentdesk.services.desk import Desk
from agentdesk.settings import templates as canned
from agentdesk.storage import (
    blobs,
    deadlines,
    events,
    finding,
    interactions,
    messages,
    people,
    templates,
    work,
)
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import tables as t
from agentdesk.storage.rows import dump
from agentdesk.storage.store import Transaction

AWAY = {"ana": "away", "ben": "meeting", "chi": "break"}
OPEN_CASES = 3


async def seed(desk: Desk, now: datetime, seed: int, login: str = "ana") -> None:
    """Fill a new desk that has the demo's settings with five weeks of history up to *now*.

    The same *seed* and time make the same history. *login* is who will sit at the desk: theirs is
    most of what is open, while the others are away.
    """
    hero = login if login in AWAY else "ana"
    stories = await asyncio.to_thread(_stories, seed, now, hero)
    async with desk.store.write() as tx:
        roster = await _roster(desk, tx, stories, now)
        ids = await _reserve(tx, stories)
        boxes = {r.mail_account_id: r.id for r in await tx.all(t.mailboxes.select())}
        own = desk.rules.own_addresses
        post = Correspondence(ids, boxes, own, random.Random(f"post {seed}"))
        chronicle = Chronicle(roster, ids, post, random.Random(f"tokens {seed}"))
        await asyncio.to_thread(chronicle.tell, stories)
        await _write_work(tx, chronicle)
        await _write_mail(tx, post)
        await _put_deadlines(tx, desk, chronicle)
        await _send_others_away(tx, roster, chronicle, now, login)
        tx.record(*sorted(chronicle.journal.events, key=lambda event: event.at))
        past = {int(w.id): w for w in chronicle.works}
        await work.log(tx, list(figures.logged(tx.events, past)))
        await _write_efforts(tx, chronicle, past)
        await events.append(tx)
        await _mark_read(tx, chronicle)
        await _add_templates(desk, tx, now)
    talks = {c.thread.story.matter.key: c.now.id for c in chronicle.open}
    await casework.tell(desk, now, roster.agents, talks, hero)
    await _put_aside(desk, now, roster, chronicle, hero)


async def _put_aside(desk: Desk, now: datetime, roster: Roster, c: Chronicle, hero: str) -> None:
    """One interaction of *hero* comes back within minutes."""
    row = roster.agents[hero]
    actor = Actor(AgentId(row.id), row.name, Role.AGENT, "demo")
    until = now + openings.ASIDE_FOR
    for conversation in c.open:
        if conversation.thread.story.person.email == openings.ASIDE:
            await snoozing.snooze(desk, actor, conversation.now.id, until)


def _stories(seed: int, now: datetime, hero: str) -> list[Story]:
    past = scripts.closed(seed, now, openings.BUSY)
    begun = casework.stories(seed, now, hero)
    return [*past, *begun, *openings.still_open(seed, now, hero)]


async def _add_templates(desk: Desk, tx: Transaction, now: datetime) -> None:
    """Canned texts for the matters that the demo's customers write about."""
    text = resources.files(__package__).joinpath("templates.toml").read_text(encoding="utf-8")
    found = canned.read(text, (queue.key for queue in desk.policy.queues))
    assert not found.faults, found.faults
    ids = await tx.new_ids(t.templates, len(found.templates))
    writer = next(a.name for a in desk.policy.agents if a.role is not Role.AGENT)
    made = [
        replace(each, id=TemplateId(key), changed_at=now, changed_by=writer, version=1)
        for each, key in zip(found.templates, ids, strict=True)
    ]
    await templates.insert(tx, made)


# -- who and with which ids ------------------------------------------------------------------


async def _roster(desk: Desk, tx: Transaction, stories: Sequence[Story], now: datetime) -> Roster:
    return Roster(
        agents={r.login: r for r in await desk_rows.all_agents(tx)},
        queues={q.key: (key, q) for key, q in desk.in_force.queues.items()},
        accounts={r.key: r for r in await desk_rows.all_accounts(tx)},
        codes={c.key: c for c in await desk_rows.codes(tx)},
        customers=await _add_customers(tx, stories, now),
    )


async def _add_customers(
    tx: Transaction, stories: Sequence[Story], now: datetime
) -> dict[str, people.Person]:
    """Companies, their contacts, consumers, and whoever else ever wrote."""
    first = {s.person.email: s.steps[0].at for s in reversed(stories)}
    known = {p.email for p in KNOWN}
    everybody = [*KNOWN, *DOUBLES, *{s.person.email: s.person for s in stories}.values()]
    everybody = list({p.email: p for p in everybody}.values())
    accounts = dict(zip(COMPANIES, await tx.new_ids(t.accounts, len(COMPANIES)), strict=True))
    companies = [
        {"id": accounts[k], "name": n, "notes": x, "words": words(n)}
        for k, (n, x) in COMPANIES.items()
    ]
    await tx.insert(t.accounts, companies)
    await finding.add_accounts(tx, companies)
    keys = await tx.new_ids(t.customers, len(everybody))
    rows = [_customer(key, p, accounts) for key, p in zip(keys, everybody, strict=True)]
    for row, p in zip(rows, everybody, strict=True):
        early = now - timedelta(days=400 if p.email in known else 0)
        row["created_at"] = min(early, first.get(p.email, now))
    await tx.insert(t.customers, rows)
    links = [
        {"email": email, "customer_id": key}
        for key, p in zip(keys, everybody, strict=True)
        for email in (p.email, *p.also)
    ]
    await tx.insert(t.addresses, links)
    await finding.renew_people(tx, keys)
    return {
        p.email: people.Person(CustomerId(k), p.kind, p.name, _account(p, accounts))
        for k, p in zip(keys, everybody, strict=True)
    }


def _account(p: Person, accounts: Mapping[str, int]) -> AccountId | None:
    return AccountId(accounts[p.company]) if p.company else None


def _customer(key: int, p: Person, accounts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": key,
        "kind": p.kind,
        "name": p.name,
        "account_id": _account(p, accounts),
        "language": p.language if p.kind != "guest" else "",
        "time_zone": p.time_zone,
        "vip": p.vip,
        "notes": p.notes,
        "tags": list(p.tags),
    }


async def _reserve(tx: Transaction, stories: Sequence[Story]) -> dict[str, Iterator[int]]:
    """Serials for all that will be written, so that nothing collides with them later."""
    done = [step.move for story in stories for step in story.steps]
    opened = len(stories) + done.count(Move.RETURN)
    ended = done.count(Move.CLOSE) + done.count(Move.FALL_SILENT) + done.count(Move.OPEN_CASE)
    mails = done.count(Move.ARRIVE) + done.count(Move.RETURN) + done.count(Move.SEND)
    counts = (
        (t.interactions, opened + done.count(Move.OPEN_CASE)),
        (t.work_items, opened),
        (t.messages, mails),
        (t.outbox, done.count(Move.SEND)),
        (t.wrap_up_segments, ended),
        (t.refusals, done.count(Move.PASS)),
        (t.cases, done.count(Move.OPEN_CASE)),
    )
    return {table.name: iter(await tx.new_ids(table, count)) for table, count in counts}


# -- what is written -------------------------------------------------------------------------


async def _write_work(tx: Transaction, c: Chronicle) -> None:
    _age(c)
    await tx.insert(t.cases, c.cases)
    rows = sorted(c.interactions, key=lambda row: row["id"])
    await tx.insert(t.interactions, rows)
    await interactions.add_participants(tx, c.participants)
    await work.insert(tx, c.works)
    await tx.insert(t.refusals, c.refusals)
    await tx.insert(t.wrap_up_segments, [dump(s) for s in c.segments])


async def _write_mail(tx: Transaction, post: Correspondence) -> None:
    await blobs.put(tx, post.contents)
    await messages.insert(tx, post.messages)
    await tx.insert(t.outbox, post.outbox)
    keys = await tx.new_ids(t.mail_locations, len(post.locations))
    rows = [{"id": key, **row} for key, row in zip(keys, post.locations, strict=True)]
    await tx.insert(t.mail_locations, rows)
    for mailbox, last in post.uids.items():
        values = {"uidvalidity": UIDVALIDITY, "next_uid": last + 1}
        await tx.execute(t.mailboxes.update().where(t.mailboxes.c.id == mailbox).values(values))


async def _write_efforts(tx: Transaction, c: Chronicle, past: Mapping[int, WorkItem]) -> None:
    """How long agents worked on what ended."""
    rows = [*figures.efforts(tx.events, past), *figures.case_efforts(c.cases)]
    keys = await tx.new_ids(t.efforts, len(rows))
    parts = {i["id"]: i["case_id"] for i in c.interactions}
    await tx.insert(
        t.efforts,
        [
            {"id": key, **row, "case_id": row["case_id"] or parts.get(row["thread_id"])}
            for key, row in zip(keys, rows, strict=True)
        ],
    )


def _age(c: Chronicle) -> None:
    """All but the newest were solved, each a few days after it was opened."""
    for n, row in enumerate(c.cases[:-OPEN_CASES]):
        solved = row["opened_at"] + timedelta(hours=20 + 7 * n % 60)
        if solved < c.cases[-1]["opened_at"]:
            c.solve(row, solved)


async def _put_deadlines(tx: Transaction, desk: Desk, c: Chronicle) -> None:
    """Where an interaction is on hold, its customer is waited for; nothing is due before the demo."""
    waits = (Due.REMINDER, Due.NOTICE)
    for conversation in c.open:
        i = conversation.now
        if i.state is State.ON_HOLD and i.held_at is not None:
            await waiting.begin(desk, tx, i, i.held_at)
            due = {kind: await deadlines.due_at(tx, kind, i.id) for kind in waits}
            for kind, at in due.items():
                if at is not None and at <= desk.clock.now():
                    await deadlines.drop(tx, kind, i.id)


async def _send_others_away(
    tx: Transaction, roster: Roster, c: Chronicle, now: datetime, login: str
) -> None:
    """Agents who are not there take no work: an offer to them would only run out."""
    since = now - timedelta(minutes=18)
    taken = {w.agent_id: w.offered_at for w in c.works if w.agent_id}
    for name, presence in AWAY.items():
        row = roster.agents[name]
        values: dict[str, Any] = {"last_assigned_at": taken.get(row.id)}
        if name != login:
            values |= {"presence": presence, "presence_since": since}
            said = {"from": "available", "to": presence}
            about = (Record.AGENT, row.id, Happened.PRESENCE_CHANGED)
            c.journal.say(since, By("agent", row.name, row.id), *about, data=said)
        await desk_rows.change_agent(tx, row.id, **values)


async def _mark_read(tx: Transaction, c: Chronicle) -> None:
    """Owners have read their streams: to the end, or up to a reply that is still unread."""
    e = t.events.c
    columns = t.events.select().with_only_columns(e.record_id, e.seq, e.type)
    last: dict[int, int] = {}
    mail: dict[int, int] = {}
    for row in await tx.all(columns.where(e.record == Record.INTERACTION.value).order_by(e.seq)):
        last[row.record_id] = row.seq
        if row.type == Happened.MAIL_RECEIVED.value:
            mail[row.record_id] = row.seq
    marks = [
        {
            "agent_id": i["owner_id"],
            "thread_id": i["id"],
            "seq": mail[i["id"]] - 1 if i["unread"] else last[i["id"]],
        }
        for i in c.interactions
        if i["owner_id"] is not None
    ]
    await tx.insert(t.read_marks, marks)

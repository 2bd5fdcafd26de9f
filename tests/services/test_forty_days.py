"""Forty days in one run: two engines on one database, restarted in between, and each thing once.

The clock goes from deadline to deadline. What goes out is recorded where a server would take it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta

import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.delivery import AfterSend
from agentdesk.domain.event import Happened
from agentdesk.domain.ids import CustomerId, InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.message import Address
from agentdesk.domain.views import Delivery
from agentdesk.mail.mime import understand
from agentdesk.services import configuration, outgoing
from agentdesk.services.desk import Desk
from agentdesk.storage import events as event_rows
from agentdesk.storage import interactions, people
from agentdesk.storage.schema import open_store
from agentdesk.storage.tables import deadlines, events, outbox
from tests.desks import RULES, SETUP, World, mail

DAY = timedelta(days=1)
OURS = replace(RULES, zone=UTC)


@dataclass
class Engines:
    """Two processes that do what time brings, and one agent."""

    url: str
    clock: ManualClock
    pair: list[Desk]
    world: World
    sent: Counter[str] = field(default_factory=Counter)
    subjects: list[str] = field(default_factory=list)
    steps: int = 0

    async def until(self, day: float) -> None:
        """From deadline to deadline until so many days after the beginning."""
        end = ManualClock().now() + day * DAY
        while True:
            await asyncio.gather(*(services.deadlines.run_passed(d) for d in self.pair))
            await asyncio.gather(*(self._send(d) for d in self.pair))
            due = await services.deadlines.run_passed(self.pair[0])
            if due is None or due > end:
                break
            self.clock.turn((due - self.clock.now()).total_seconds())
            self.steps += 1
            await self._restart(self.steps % 2)
        self.clock.turn((end - self.clock.now()).total_seconds())

    async def _send(self, desk: Desk) -> None:
        while (job := await outgoing.claim(desk, [1, 2])) is not None:
            await outgoing.mark_maybe_sent(desk, job)
            self.sent[job.header_id] += 1
            self.subjects.append(understand(job.raw).subject)
            await outgoing.mark_sent(desk, job, {})

    async def _restart(self, which: int) -> None:
        """This engine ends; each fifth dies with a mail in its hands, which the other takes over."""
        if self.steps % 5 == 0:
            await services.deadlines.run_passed(self.pair[which])
            await outgoing.claim(self.pair[which], [1, 2])
        await self.pair[which].store.close()
        await outgoing.recover(self.pair[1 - which])
        self.pair[which] = await _desk(self.url, self.clock, f"engine-{which}-{self.steps}")
        self.world.desk = self.pair[which]


async def _desk(url: str, clock: ManualClock, session: str) -> Desk:
    made = Desk(await open_store(url), clock, OURS, session)
    await configuration.refresh(made)
    return made


@asynccontextmanager
async def engines(url: str) -> AsyncIterator[Engines]:
    clock = ManualClock()
    first = await _desk(url, clock, "first")
    await configuration.apply(first, SETUP)
    both = Engines(url, clock, [first, await _desk(url, clock, "second")], World(first, clock))
    try:
        yield both
    finally:
        for desk in both.pair:
            await desk.store.close()


async def begun(e: Engines, name: str) -> tuple[Actor, InteractionId]:
    """A customer of that name wrote, and Ana took it."""
    await e.world.arrive(mail(subject=name, sender=_address(name), message_id=f"{name}@f.example"))
    return await e.world.at_work()


def _address(name: str) -> Address:
    return Address(f"{name}@fjord.example", name.title())


async def answered(
    e: Engines, ana: Actor, key: InteractionId, send_in: timedelta | None = None
) -> None:
    """Ana answers, and waits."""
    desk = e.world.desk
    draft = await services.drafts.open_reply(desk, ana, key, everyone=False)
    content = replace(draft.content, body="Which parcel is it?")
    draft = await services.drafts.save(desk, ana, draft.id, draft.token, content)
    at = e.clock.now() + send_in if send_in else None
    queue = services.sending.queue
    await queue(desk, ana, draft.id, draft.token, after=AfterSend.HOLD, send_at=at, anyway=True)


async def written_first(e: Engines, ana: Actor, name: str, *, send: bool) -> InteractionId:
    """Ana writes to a customer of her own accord."""
    desk = e.world.desk
    async with desk.store.write() as tx:
        values = {"kind": "consumer", "name": name.title(), "created_at": e.clock.now()}
        found = await people.new_customer(tx, [_address(name).email], notes="", **values)
    draft = await services.outbound.open_for_customer(desk, ana, CustomerId(found))
    content = replace(draft.content, subject=name, body="Your parcel waits for you.")
    draft = await services.drafts.save(desk, ana, draft.id, draft.token, content)
    if send:
        await services.sending.queue(desk, ana, draft.id, draft.token, after=AfterSend.HOLD)
    return draft.interaction_id


async def told(e: Engines, key: InteractionId) -> Counter[str]:
    """How often each thing happened to an interaction."""
    async with e.pair[0].store.read() as tx:
        query = sa.select(events.c.type).where(events.c.record == "interaction")
        rows = await tx.all(query.where(events.c.record_id == key))
        assert await event_rows.first_broken_link(tx, "interaction", key) is None
    return Counter(r.type for r in rows)


async def test_forty_days_and_each_thing_happens_once(url: str) -> None:
    async with engines(url) as e:
        keys: dict[str, InteractionId] = {}
        for name in ("silent", "asked", "snoozed", "put-aside", "scheduled", "finished"):
            ana, keys[name] = await begun(e, name)
            if name == "finished":
                await services.handling.close(e.world.desk, ana, keys[name])
            else:
                await answered(e, ana, keys[name], 7 * DAY if name == "scheduled" else None)
        snooze = services.snoozing.snooze
        await snooze(e.world.desk, ana, keys["snoozed"], e.clock.now() + 10 * DAY)
        await snooze(e.world.desk, ana, keys["put-aside"], None)
        keys["outbound"] = await written_first(e, ana, "outbound", send=True)
        keys["forgotten"] = await written_first(e, ana, "forgotten", send=False)

        await e.until(1)
        away = mail("I am away.", sender=_address("silent"), in_reply_to="silent@f.example")
        await e.world.arrive(b"Auto-Submitted: auto-replied\r\n" + away)
        await e.until(3)
        words = mail("It is 5512.", sender=_address("asked"), in_reply_to="asked@f.example")
        await e.world.arrive(words)
        await answered(e, ana, keys["asked"])
        await e.until(11)
        (row,) = (await services.views.desktop(e.world.desk, ana)).ongoing[:1]
        assert (row.interaction_id, row.unread) == (keys["snoozed"], 1)
        await services.handling.hold(e.world.desk, ana, keys["snoozed"])
        await e.until(40)

        reminders = {n: (await told(e, k))[Happened.REMINDED] for n, k in keys.items()}
        assert reminders == {
            "silent": 2,
            "asked": 3,
            "snoozed": 2,
            "put-aside": 0,
            "scheduled": 2,
            "finished": 0,
            "outbound": 2,
            "forgotten": 0,
        }
        for name, key in keys.items():
            happened = await told(e, key)
            ends = name != "forgotten"
            assert happened[Happened.WRAPPED_UP] == ends, name
            assert happened[Happened.CLOSING_SOON] == (ends and name != "finished"), name
            assert happened[Happened.WOKEN] == (name == "snoozed"), name
        async with e.pair[0].store.read() as tx:
            states = {n: (await interactions.get(tx, k)).state for n, k in keys.items()}
            boxes = await tx.all(sa.select(outbox.c.state, outbox.c.header_id))
            kinds = [r.kind for r in await tx.all(sa.select(deadlines))]
        abandoned = [n for n, s in states.items() if s is State.CLOSED_ABANDONED]
        assert abandoned == ["forgotten"]
        assert all(s.closed for s in states.values())
        assert {b.state for b in boxes} == {Delivery.SENT.value}
        assert e.sent == Counter(b.header_id for b in boxes)
        assert set(e.sent.values()) == {1}
        assert len(boxes) == 7 + sum(reminders.values())
        assert set(kinds) == {"copy"}, "nothing is due any more but copies for a mailbox"
        assert e.steps > 12, "each step restarts an engine"


async def test_both_engines_at_one_deadline_do_it_once(url: str) -> None:
    """The same moment in both, many times over: whoever claims it first."""
    async with engines(url) as e:
        for n in range(4):
            ana, key = await begun(e, f"customer-{n}")
            await answered(e, ana, key)
        await e.until(1.9)
        e.clock.turn(DAY.total_seconds())
        run: list[Callable[[], Awaitable[object]]] = [
            lambda d=d: services.deadlines.run_passed(d)  # type: ignore[misc]
            for d in e.pair
        ]
        await asyncio.gather(*(step() for step in run * 2))
        async with e.pair[0].store.read() as tx:
            query = sa.select(events.c.record_id).where(events.c.type == Happened.REMINDED.value)
            reminded = [r.record_id for r in await tx.all(query)]
        assert sorted(reminded) == sorted(set(reminded))
        assert len(reminded) == 4

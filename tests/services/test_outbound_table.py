"""Writing first as a table: agents × drafts × setting × order × crash, beside a model of a few lines."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Any

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import Draft
from agentdesk.domain.errors import NotFound
from agentdesk.domain.event import Happened
from agentdesk.domain.policy import AgentSetup
from agentdesk.services import configuration, returning
from agentdesk.services.desk import Desk
from agentdesk.storage import events as event_rows
from agentdesk.storage.tables import (
    deadlines,
    draft_versions,
    drafts,
    events,
    interactions,
    messages,
)
from tests.desks import SETUP, World, desk, mail
from tests.services.test_outbound import person

DAY = 86_400
AGENTS = ("ana", "ben", "cleo")
TEAM = (*SETUP.policy.agents, AgentSetup("cleo", "Cleo Vance", groups=frozenset({"support"})))
SETUP_OF_THREE = replace(SETUP, policy=replace(SETUP.policy, agents=TEAM))

Step = tuple[str, str]
"""What an agent does: open, then send or discard."""


def orders(agents: tuple[str, ...]) -> Iterator[tuple[Step, ...]]:
    """Every interleaving of each agent's opening and end; who opens first is called ana."""

    def going_on(waiting: tuple[str, ...], writing: tuple[str, ...]) -> Iterator[tuple[Step, ...]]:
        if not waiting and not writing:
            yield ()
        if waiting:
            for rest in going_on(waiting[1:], (*writing, waiting[0])):
                yield (("open", waiting[0]), *rest)
        for who, how in product(writing, ("send", "discard")):
            left = tuple(w for w in writing if w != who)
            for rest in going_on(waiting, left):
                yield ((how, who), *rest)

    yield from going_on(agents, ())


@dataclass
class Conversation:
    """An interaction as the model has it."""

    owner: str
    state: str = "work_in_progress"
    sent: int = 0
    writers: set[str] = field(default_factory=set)


@dataclass
class Model:
    """What should come of it."""

    own: bool
    made: list[Conversation] = field(default_factory=list)

    def open(self, who: str) -> None:
        working = [c for c in self.made if c.state == "work_in_progress"]
        found = [c for c in working if not self.own or c.owner == who]
        if not found:
            self.made.append(Conversation(who))
        here = found[-1] if found else self.made[-1]
        here.owner = who
        here.writers.add(who)

    def _of(self, who: str) -> Conversation:
        return next(c for c in self.made if who in c.writers)

    def send(self, who: str) -> None:
        here = self._of(who)
        here.owner, here.sent, here.state = who, here.sent + 1, "on_hold"
        here.writers.discard(who)

    def discard(self, who: str) -> None:
        here = self._of(who)
        here.writers.discard(who)
        if not here.writers and not here.sent:
            here.state = "closed_abandoned"


class Crashed(Exception):
    """The process ended just before the commit."""


@dataclass
class Play:
    """One customer, and agents whose processes may crash."""

    world: World
    crash: str
    customer: Any
    monkeypatch: pytest.MonkeyPatch
    actors: dict[str, Actor] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)

    async def do(self, step: Step) -> None:
        what, who = step
        if who not in self.actors:
            self.actors[who] = await self.world.sign_in(who)
        action: Callable[[str], Awaitable[None]] = getattr(self, what)
        if self.crash == "before the commit":
            with self.monkeypatch.context() as patch:
                patch.setattr(event_rows, "append", _crash)
                with pytest.raises(Crashed):
                    await action(who)
            await self.restart(who)
        await action(who)
        if self.crash == "after the commit":
            await self.restart(who)

    async def restart(self, who: str) -> None:
        """The process died; a new one finds the draft, if there is one, once the lease is over."""
        self.actors[who] = await self.world.sign_in(who)
        if who not in self.drafts:
            return
        self.world.clock.turn(16)
        try:
            again = await services.drafts.open(
                self.world.desk, self.actors[who], self.drafts[who].id
            )
        except NotFound:
            del self.drafts[who]
            return
        assert again.holder_session == self.actors[who].session
        assert again.content == self.drafts[who].content
        self.drafts[who] = again

    async def open(self, who: str) -> None:
        made, actor = self.world.desk, self.actors[who]
        draft = await services.outbound.open_for_customer(made, actor, self.customer)
        said = replace(draft.content, body=f"{who} writes")
        self.drafts[who] = draft
        self.drafts[who] = await services.drafts.save(made, actor, draft.id, draft.token, said)

    async def send(self, who: str) -> None:
        draft = self.drafts[who]
        key = (draft.id, draft.token)
        await services.sending.queue(self.world.desk, self.actors[who], *key, anyway=True)

    async def discard(self, who: str) -> None:
        draft = self.drafts[who]
        await services.drafts.discard(self.world.desk, self.actors[who], draft.id, draft.token)

    async def outcome(self) -> list[Conversation]:
        async with self.world.desk.store.read() as tx:
            mine = interactions.c.customer_id == self.customer
            found = await tx.all(sa.select(interactions).where(mine).order_by(interactions.c.id))
            rows = await tx.all(sa.select(drafts.c.thread_id, drafts.c.author_id))
        logins = {a.agent_id: login for login, a in self.actors.items()}
        return [
            Conversation(
                logins[r.owner_id],
                r.state,
                r.sent,
                {logins[d.author_id] for d in rows if d.thread_id == r.id},
            )
            for r in found
        ]


async def _crash(_tx: object) -> None:
    raise Crashed


CRASHES = ("never", "before the commit", "after the commit")
FEW = [*orders(AGENTS[:1]), *orders(AGENTS[:2])]
THREE = [*orders(AGENTS)]


async def play(
    world: World, own: bool, crash: str, steps: tuple[Step, ...], patch: pytest.MonkeyPatch
) -> None:
    one = Play(
        world, crash, await person(world.desk, "Mara Olsen", f"m{id(steps)}@fjord.example"), patch
    )
    model = Model(own)
    for done, step in enumerate(steps, 1):
        await one.do(step)
        getattr(model, step[0])(step[1])
        assert await one.outcome() == model.made, steps[:done]


@asynccontextmanager
async def of_three(world: World, own: bool) -> AsyncIterator[World]:
    await configuration.apply(world.desk, SETUP_OF_THREE)
    kinds = frozenset({"consumer"} if own else ())
    rules = replace(world.desk.rules, interaction_per_agent_for=kinds)
    yield World(replace(world.desk, rules=rules), world.clock)


def test_the_table_is_whole() -> None:
    assert (len(FEW), len(THREE)) == (2 + 12, 120)
    assert len(set(THREE)) == 120


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("own", [False, True], ids=["shared", "own"])
async def test_one_or_two_agents(
    world: World, own: bool, crash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with of_three(world, own) as there:
        for steps in FEW:
            await play(there, own, crash, steps, monkeypatch)


@pytest.mark.parametrize("part", range(4))
async def test_three_agents_who_share(
    world: World, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every order; each crashes in one of the ways."""
    if part and not world.desk.store.sqlite:
        pytest.skip("a quarter of the orders runs on PostgreSQL, all of them on SQLite")
    async with of_three(world, own=False) as there:
        for n, steps in islice(enumerate(THREE), part, None, 4):
            await play(there, False, CRASHES[n % 3], steps, monkeypatch)


async def test_three_agents_with_their_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """They have nothing to do with one another: some orders of two agents' many are enough."""
    async with of_three(world, own=True) as there:
        for n, steps in islice(enumerate(THREE), 0, None, 8):
            await play(there, True, CRASHES[n % 3], steps, monkeypatch)


# Untouched drafts


async def states(made: Desk) -> list[str]:
    async with made.store.read() as tx:
        return [r.state for r in await tx.all(sa.select(interactions.c.state))]


async def begun(world: World, *logins: str) -> list[tuple[Actor, Draft]]:
    """Each of these agents writes to the same customer."""
    who, found = await person(world.desk), []
    for login in logins:
        actor = await world.sign_in(login)
        found.append((actor, await services.outbound.open_for_customer(world.desk, actor, who)))
    return found


async def after(world: World, days: float) -> list[str]:
    world.clock.turn(days * DAY)
    await services.deadlines.run_passed(world.desk)
    return await states(world.desk)


@pytest.mark.parametrize("logins", [("ana",), ("ana", "ben")])
async def test_drafts_untouched_for_30_days_end_abandoned(
    world: World, logins: tuple[str, ...]
) -> None:
    await begun(world, *logins)
    assert await after(world, 29.9) == ["work_in_progress"]
    assert await after(world, 0.2) == ["closed_abandoned"]
    async with world.desk.store.read() as tx:
        for table in (drafts, draft_versions, deadlines):
            assert await tx.all(sa.select(table)) == []


async def test_opening_a_draft_resets_the_clock_reading_along_does_not(world: World) -> None:
    ((ana, draft), *_) = await begun(world, "ana")
    ben = await world.sign_in("ben")
    await after(world, 20)
    await services.drafts.open(world.desk, ana, draft.id)
    await after(world, 9)
    assert (await services.drafts.read(world.desk, ben, draft.id)).holder_id == ana.agent_id
    await services.drafts.open(world.desk, ana, draft.id)  # her lease runs: ben only reads along
    assert (await services.drafts.open(world.desk, ben, draft.id)).holder_id == ana.agent_id
    await services.drafts.of(world.desk, ben, draft.interaction_id)
    assert await after(world, 29.9) == ["work_in_progress"]
    assert await after(world, 0.2) == ["closed_abandoned"]


async def test_typing_resets_it_too_though_no_deadline_moves(world: World) -> None:
    ((ana, draft), *_) = await begun(world, "ana")
    world.clock.turn(29 * DAY)
    said = replace(draft.content, body="Dear Mara,")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, said)
    assert await after(world, 29.9) == ["work_in_progress"]
    assert await after(world, 0.2) == ["closed_abandoned"]


async def test_drafts_wait_for_one_another(world: World) -> None:
    (ana, first), (ben, second) = await begun(world, "ana", "ben")
    await after(world, 20)
    await services.drafts.open(world.desk, ben, second.id)
    assert await after(world, 29.9) == ["work_in_progress"]
    assert await services.drafts.read(world.desk, ana, first.id)
    assert await after(world, 0.2) == ["closed_abandoned"]


async def test_what_was_sent_is_not_abandoned(world: World) -> None:
    (ana, first), (ben, second) = await begun(world, "ana", "ben")
    said = replace(first.content, body="Dear Mara,")
    await services.drafts.save(world.desk, ana, first.id, first.token, said)
    await services.sending.queue(world.desk, ana, first.id, first.token)
    await services.handling.resume(world.desk, ana, first.interaction_id)
    assert await after(world, 31) == ["work_in_progress"]
    assert await services.drafts.read(world.desk, ben, second.id)


async def test_two_engines_abandon_once(url: str) -> None:
    async with desk(url) as one, desk(url) as other:
        here = World(one, one.clock)  # type: ignore[arg-type]
        await begun(here, "ana", "ben")
        for each in (one, other):
            each.clock.turn(31 * DAY)  # type: ignore[attr-defined]
        await asyncio.gather(*(services.deadlines.run_passed(d) for d in (one, other)))
        assert await states(one) == ["closed_abandoned"]
        async with one.store.read() as tx:
            kinds = [r.type for r in await tx.all(sa.select(events.c.type))]
        assert kinds.count(Happened.DRAFT_DISCARDED.value) == 2
        assert kinds.count(Happened.STATE_CHANGED.value) == 2  # the interaction's, and its owner's


async def test_an_answer_comes_back_to_who_wrote(world: World) -> None:
    ((ana, draft), *_) = await begun(world, "ana")
    said = replace(draft.content, subject="Your order", body="Dear Mara,")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, said)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    async with world.desk.store.read() as tx:
        (row,) = await tx.all(sa.select(messages.c.header_id))
    await world.arrive(mail("Thank you", subject="Re: Your order", in_reply_to=row.header_id))
    left = await services.views.desktop(world.desk, ana)
    assert [(r.interaction_id, r.unread, r.state.value) for r in left.ongoing] == [
        (draft.interaction_id, 1, "work_in_progress")
    ]


async def test_leaving_gives_nothing_away_that_was_never_sent(world: World) -> None:
    ((ana, draft), *_) = await begun(world, "ana")
    await services.drafts.release(world.desk, ana, draft.id, draft.token)
    async with world.desk.store.write() as tx:
        await returning.give_back_all(world.desk, tx, ana.agent_id, "went")
    assert await states(world.desk) == ["work_in_progress"]

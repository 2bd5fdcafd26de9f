"""Desk and contact centre side by side, anything in any order, everything going wrong: once it is quiet,
both databases say the same.

Owner, queue, capacity and codes agree, each code arrived exactly once, no mail is two conversations, and
nothing is stuck. Engines die in the middle of what they do.
"""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings

from agentdesk import services
from agentdesk.ccaas.genesys.centre import GenesysCentre
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import NewCase
from agentdesk.domain.ccaas.orders import LIVE, Order, OrderState
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import QueueSetup
from agentdesk.domain.wrapup import Sync
from agentdesk.engine.centre import CentreEngine
from agentdesk.sandbox.model import Conversation, Participant, WrapUp
from agentdesk.services import configuration
from agentdesk.services.ccaas import carrying, standing, transferring
from agentdesk.storage import ccaas_records
from agentdesk.storage.tables import ccaas_agents, ccaas_conversations, work_items, wrap_up_segments
from agentdesk.storage.tables import interactions as interaction_table
from tests.ccaas.offices import Office, Process, office
from tests.ccaas.rooms import KEY

WHO = st.sampled_from(("ana", "ben"))
WHICH = st.integers(0, 3)
ALONE = ("mail", "deadlines", "die", "listen_again")
OF_AN_AGENT = (
    "accept", "reject", "hold", "resume", "close", "wrap_up", "becomes_case", "to_queue", "to_agent",
    "away", "available", "accept_there", "decline_there", "end_there", "code_there", "park_there",
    "offline_there", "on_queue_there", "no_right", "right",
)  # fmt: skip
FAILS = st.sampled_from(
    [{"fail_status": status, "fail_after": False} for status in (401, 404, 409, 429, 500, 503)]
    + [{"fail_status": status, "fail_after": True} for status in (500, 503)]
)  # what is refused took no effect
FAULTS = st.builds(
    dict,
    FAILS,
    fail_count=st.integers(1, 3),
    lose_events=st.integers(0, 3),
    double_events=st.integers(0, 2),
    reorder_events=st.integers(0, 2),
)
MOVES = st.one_of(
    st.tuples(st.sampled_from(ALONE)),
    st.tuples(st.just("reply"), WHICH),
    st.tuples(st.just("turn"), st.sampled_from((1, 10, 31, 130))),
    st.tuples(st.just("faults"), FAULTS),
    st.tuples(st.just("lose_transfer")),
    st.tuples(st.sampled_from(OF_AN_AGENT), WHO),
    st.tuples(st.just("go_on"), WHO, st.integers(0, 5)),
    st.tuples(st.just("go_on"), WHO, st.integers(0, 5)),
    st.tuples(st.just("go_on"), WHO, st.integers(0, 5)),
)
QUIET_ROUNDS = 12


@dataclass
class Play:
    """One office while things happen in it. `ids` of the customers' first mails by interaction."""

    here: Office
    ids: dict[InteractionId, str] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    processes: AsyncExitStack = field(default_factory=AsyncExitStack)
    process: Process = field(init=False)
    line: asyncio.Task[None] | None = None
    number: int = 0

    # -- here

    async def mail(self) -> None:
        self.number += 1
        name = f"{self.number}@fjord.example"
        self.ids[await self.here.arrives(subject=f"Parcel {self.number}", message_id=name)] = name

    async def reply(self, which: int) -> None:
        if not self.ids:
            return
        self.number += 1
        first = [*self.ids.values()][which % len(self.ids)]
        before = await self._interactions()
        made = await self.here.arrives(in_reply_to=first, message_id=f"{self.number}@fjord.example")
        if made not in {row.id for row in before}:
            self.ids[made] = f"{self.number}@fjord.example"

    async def go_on(self, who: str, which: int) -> None:
        """What an agent who works does next."""
        desktop = await services.views.desktop(self.here.desk, self._actor(who))
        if not (await services.presence.status(self.here.desk, self._actor(who))).works:
            await self.available(who)
        elif desktop.inbox:
            await self.accept(who)
        elif await self._of(who, State.WRAP_UP) is not None:
            await self.wrap_up(who)
        elif await self._of(who, State.WORK_IN_PROGRESS) is not None:
            todo = ("close", "hold", "to_queue", "to_agent", "becomes_case", "close")
            await getattr(self, todo[which])(who)
        else:
            await (self.resume if which % 2 else self.close)(who)

    async def accept(self, who: str) -> None:
        desktop = await services.views.desktop(self.here.desk, self._actor(who))
        for card in desktop.inbox[:1]:
            await services.offers.accept(self.here.desk, self._actor(who), card.work_item_id)

    async def reject(self, who: str) -> None:
        desktop = await services.views.desktop(self.here.desk, self._actor(who))
        for card in desktop.inbox[:1]:
            await services.offers.reject(
                self.here.desk, self._actor(who), card.work_item_id, "busy"
            )

    async def hold(self, who: str) -> None:
        if (i := await self._of(who, State.WORK_IN_PROGRESS)) is not None:
            await services.handling.hold(self.here.desk, self._actor(who), i)

    async def resume(self, who: str) -> None:
        if (i := await self._of(who, State.ON_HOLD, State.WRAP_UP)) is not None:
            await services.handling.resume(self.here.desk, self._actor(who), i)

    async def close(self, who: str) -> None:
        if (i := await self._of(who, State.WORK_IN_PROGRESS, State.ON_HOLD)) is not None:
            await services.handling.close(self.here.desk, self._actor(who), i)

    async def wrap_up(self, who: str) -> None:
        if (i := await self._of(who, State.WRAP_UP)) is not None:
            desk, actor = self.here.desk, self._actor(who)
            codes = await services.handling.wrap_up_codes(desk, actor, i)
            await services.handling.wrap_up(desk, actor, i, codes[-1].code_id, "")

    async def becomes_case(self, who: str) -> None:
        if (i := await self._of(who, State.WORK_IN_PROGRESS, State.ON_HOLD)) is not None:
            desk, actor = self.here.desk, self._actor(who)
            await services.cases.create(desk, actor, i, NewCase())

    async def to_queue(self, who: str) -> None:
        await self._transfer(who, "queue")

    async def to_agent(self, who: str) -> None:
        await self._transfer(who, "agent")

    async def _transfer(self, who: str, kind: str) -> None:
        if (i := await self._of(who, State.WORK_IN_PROGRESS)) is None:
            return
        desk, actor = self.here.desk, self._actor(who)
        choices = await transferring.targets(desk, actor, i)
        for target in [t for t in choices.targets if t.kind.value == kind][:1]:
            await transferring.begin(desk, actor, i, target, "over to you")

    async def away(self, who: str) -> None:
        await services.presence.set_presence(self.here.desk, self._actor(who), "away")

    async def available(self, who: str) -> None:
        await services.presence.set_presence(self.here.desk, self._actor(who), "available")

    # -- there, past the desk

    async def accept_there(self, who: str) -> None:
        await self._there(who, "alerting", lambda c, p: self._centre.connect(c, p))

    async def decline_there(self, who: str) -> None:
        await self._there(who, "alerting", lambda c, p: self._centre.disconnect(c, p))

    async def end_there(self, who: str) -> None:
        await self._there(who, "connected", lambda c, p: self._centre.disconnect(c, p))

    async def park_there(self, who: str) -> None:
        await self._there(who, "connected", lambda c, p: self._centre.park(c, p, None))

    async def code_there(self, who: str) -> None:
        code = WrapUp(self.here.room.code("Complaint"))
        await self._there(
            who, "connected", lambda c, p: type(self._centre).wrap_up(self._centre, c, p, code)
        )

    async def _there(self, who: str, state: str, move: Any) -> None:
        agent = self.here.room.agent(who)
        for c, p in self._parts():
            if p.agent == agent and p.state == state:
                await self.here.room.sandbox.do(lambda c=c, p=p: move(c, p))
                return

    async def offline_there(self, who: str) -> None:
        await self.here.room.presence(who, "Offline")

    async def on_queue_there(self, who: str) -> None:
        await self.here.room.presence(who, "OnQueue")

    async def no_right(self, who: str) -> None:
        await self._right(who, granted=False)

    async def right(self, who: str) -> None:
        await self._right(who, granted=True)

    async def _right(self, who: str, *, granted: bool) -> None:
        agent = self.here.room.agent(who)
        for right in ("blindTransferQueue", "blindTransferAgent"):
            await self.here.room.panel("rights", agent=agent, right=right, granted=granted)

    async def lose_transfer(self) -> None:
        await self.here.room.panel("transfers", lose=1)

    async def faults(self, faults: dict[str, Any]) -> None:
        await self.here.room.panel("faults", **faults)

    # -- time and engines

    async def turn(self, seconds: int) -> None:
        """Everybody's desk says meanwhile that it is there."""
        await self.here.turn(seconds)
        for session in (self.process.desk.session, *(a.session for a in self._actors)):
            await services.presence.keep_alive(replace(self.here.desk, session=session))

    async def deadlines(self) -> None:
        await services.deadlines.run_passed(self.here.desk)

    async def breathe(self) -> None:
        """What a running engine does in a second."""
        await self.engine.recover()
        await self.engine.carry_out_ready()
        await asyncio.sleep(0.01)  # events come over a socket
        await self.engine.mark_heard()
        with suppress(DeskError):
            await self.engine.read_again()

    @property
    def engine(self) -> CentreEngine:
        return self.process.engine

    async def begin(self) -> None:
        """A process of its own carries out and listens."""
        made = self.here.process("ana", "ben")
        self.process = await self.processes.enter_async_context(made)
        await self.listen_again()

    async def die(self) -> None:
        """The process is killed in the middle of carrying out, and another one goes on."""
        working = asyncio.create_task(self.engine.carry_out_ready())
        await asyncio.sleep(random.Random(self.number).uniform(0.0, 0.03))
        working.cancel()
        with suppress(asyncio.CancelledError, DeskError):
            await working
        await services.presence.sign_out(self.process.desk, None)
        await self.begin()

    async def listen_again(self) -> None:
        """The line to the centre's events breaks, and is opened anew."""
        await self.hang_up()
        self.line = asyncio.create_task(self._listen(self.process.centre, self.engine))

    async def hang_up(self) -> None:
        if self.line is not None:
            self.line.cancel()
            await asyncio.gather(self.line, return_exceptions=True)

    @staticmethod
    async def _listen(centre: Any, engine: CentreEngine) -> None:
        with suppress(DeskError):
            async for heard in centre.events():
                engine.hear(heard)

    # -- what is looked at

    @property
    def _centre(self) -> Any:
        return self.here.room.sandbox.centre

    @property
    def _actors(self) -> list[Actor]:
        return [*self.here.world.actors.values()]

    def _actor(self, who: str) -> Actor:
        return self.here.world.actors[who]

    def _parts(self) -> Iterator[tuple[Conversation, Participant]]:
        for c in self._centre.conversations.values():
            for p in c.participants:
                yield c, p

    async def _interactions(self) -> list[Any]:
        async with self.here.desk.store.read() as tx:
            return await tx.all(sa.select(interaction_table).order_by(interaction_table.c.id))

    async def _of(self, who: str, *states: State) -> InteractionId | None:
        """The first interaction that this agent has in one of these states."""
        me, wanted = self._actor(who).agent_id, {s.value for s in states}
        found = [r for r in await self._interactions() if r.owner_id == me and r.state in wanted]
        return InteractionId(found[0].id) if found else None

    # -- quiet

    async def quiet(self) -> None:
        """Nothing goes wrong any more, and whoever had to mend something has done so."""
        await self.faults(
            {"fail_count": 0, "fail_status": 0, "lose_events": 0, "fail_after": False}
        )
        for who in ("ana", "ben"):
            await self.right(who)
        for _ in range(QUIET_ROUNDS):
            await self.turn(50)
            await self.deadlines()
            await standing.go_on(self.here.desk, KEY)
            await self.engine.settle_down()
            if not await self._live():
                break
        await self.engine.settle_down()

    async def _live(self) -> list[Order]:
        return [o for o in await self.here.orders() if o.state in LIVE]

    async def check(self) -> None:
        assert await self._live() == [], "an order is stuck"
        waits = [o for o in await self.here.orders() if o.state is OrderState.DEAD]
        assert waits == []
        async with self.here.desk.store.read() as tx:
            rows = await tx.all(sa.select(ccaas_conversations))
            segments = await tx.all(sa.select(wrap_up_segments))
            items = await tx.all(sa.select(work_items))
            agents = await tx.all(sa.select(ccaas_agents))
            agent_there = {
                row.id: await ccaas_records.external(tx, KEY, Kind.AGENT, row.login)
                for row in await tx.all(sa.text("SELECT id, login FROM agents"))
            }
            queue_there = {
                row.id: await ccaas_records.external(tx, KEY, Kind.QUEUE, row.key)
                for row in await tx.all(sa.text("SELECT id, key FROM queues"))
            }
        by_id = {i.id: i for i in await self._interactions()}
        there = self._centre.conversations
        assert {row.external_id for row in rows} <= set(there)
        kept = {row.external_id for row in rows}
        lost = [c for c in there.values() if c.ended is None and c.id not in kept]
        assert lost == [], f"nobody's: {lost}"
        load: Counter[str] = Counter()
        for row in rows:
            i, c = by_id[row.interaction_id], there[row.external_id]
            about = f"{i.number} {i.state} {row} {[(p.purpose, p.state, p.agent) for p in c.participants]}"
            live = [p for p in c.participants if p.state != "disconnected"]
            mine = [p for p in live if p.purpose == "agent"]
            assert (i.transferring_to, row.again) == ("", False), about
            item = max((w for w in items if w.interaction_id == i.id), key=lambda w: w.id)
            state = State(i.state)
            if state.closed:
                assert c.ended is not None, about
            elif state is State.NEW and item.state == "offered":
                (offered,) = [p for p in mine if p.state == "alerting"]
                assert offered.agent == agent_there[item.agent_id], about
                load[offered.agent] += 1
            elif state is State.NEW:
                (waiting,) = [p for p in live if p.purpose == "acd"]
                assert (mine, waiting.queue) == ([], queue_there[i.queue_id]), about
            elif state is State.WRAP_UP:
                assert mine == [] or mine[0].agent == agent_there[i.owner_id], about
                load.update(p.agent for p in mine if p.state == "connected" and p.agent)
            else:
                (part,) = mine
                assert part.agent == agent_there[i.owner_id], about
                assert (part.state == "parked") == (state is State.ON_HOLD), about
                load[part.agent] += part.state == "connected"
        for agent in agents:
            external = agent_there[agent.agent_id]
            loads = (agent.used, self._centre.load(external), load[external])
            assert len(set(loads)) == 1, f"kept, there, here: {loads}"
        self._check_codes(segments)

    def _check_codes(self, segments: list[Any]) -> None:
        parts = {p.id: p for _, p in self._parts()}
        for s in segments:
            if not s.sync or s.submitted_at is None:
                continue
            assert s.sync in (Sync.CONFIRMED, Sync.ATTRIBUTE), (s, parts.get(s.external_segment))
            if s.sync == Sync.CONFIRMED:
                said = parts[s.external_segment].wrapup
                assert (said and said.code) == s.external_code
        assert [part for part, times in self.codes.items() if times > 1] == [], "a code came twice"


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # shrinking plays of seconds would take minutes
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(st.tuples(MOVES, st.sampled_from((True, True, False))), min_size=15, max_size=50))
def test_whatever_happens_both_databases_say_the_same_once_it_is_quiet(moves: list[Any]) -> None:
    asyncio.run(_play(moves))


async def _play(moves: list[tuple[Any, bool]]) -> None:
    """Each move, and whether the engine takes a breath after it."""
    with tempfile.TemporaryDirectory() as folder:
        async with office(f"sqlite:///{Path(folder) / 'desk.db'}") as here:
            await _second_queue(here)
            play = Play(here)
            _count_codes(play)
            for login in ("ana", "ben"):
                await here.desk_of(login)
            try:
                await play.begin()
                await play.engine.settle_down()
                for _ in range(3):
                    await play.mail()
                await play.breathe()
                for (move, *said), breathe in moves:
                    with suppress(DeskError):
                        await getattr(play, move)(*said)
                    if breathe:
                        await play.breathe()
                await play.quiet()
                await play.check()
            finally:
                await play.hang_up()
                await play.processes.aclose()


LOST = {"fail_status": 503, "fail_count": 1, "fail_after": True}


async def _quiet_after(*moves: tuple[Any, ...]) -> None:
    await _play([(move, move[0] != "faults") for move in moves])


async def test_an_engine_that_asks_nobody_what_waits_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def nothing(*_: Any) -> Any:
        return ()

    monkeypatch.setattr(Play, "listen_again", Play.hang_up)
    lost = (("faults", LOST), ("mail",))
    await _quiet_after(*lost)
    monkeypatch.setattr(GenesysCentre, "waiting_in", nothing)
    monkeypatch.setattr(GenesysCentre, "held_by", nothing)
    with pytest.raises(AssertionError, match="nobody's"):
        await _quiet_after(*lost)


async def test_an_engine_that_acts_without_looking_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = (("accept", "ana"), ("close", "ana"), ("faults", LOST), ("wrap_up", "ana"))
    await _quiet_after(*lost)
    monkeypatch.setattr(carrying.Job, "tried", False)
    monkeypatch.setattr(carrying, "_judge_waiting", lambda *_: asyncio.sleep(0))
    with pytest.raises(AssertionError):
        await _quiet_after(*lost)


async def _second_queue(here: Office) -> None:
    """Somewhere to transfer to."""
    returns = QueueSetup("returns", "Returns", external=KEY)
    policy = replace(here.desk.policy, queues=(*here.desk.policy.queues, returns))
    async with here.desk.store.write() as tx:
        from agentdesk.domain.event import SYSTEM

        await configuration.put(here.desk, tx, policy, SYSTEM)
    await configuration.refresh(here.desk)
    await here.map(Kind.QUEUE, "returns", here.room.queue("Returns"), "Returns")
    await here.map(Kind.CODE, "issue_resolved", here.room.code("Resolved"), "Resolved")
    await here.map(Kind.CODE, "question", here.room.code("Call back"), "Call back")
    await here.map(Kind.CODE, "task_created", here.room.code("Forwarded"), "Forwarded")


def _count_codes(play: Play) -> None:
    """How often the desk's codes took effect, by the part of the conversation."""
    centre = play.here.room.sandbox.centre
    own = type(centre).wrap_up

    def counted(c: Conversation, p: Participant, said: WrapUp) -> None:
        own(centre, c, p, said)
        play.codes[p.id] += 1

    centre.wrap_up = counted

"""What a contact centre tells, and reading again what it named. Events are hints, and not believed.

However much is heard, it is one set in memory, one transaction for many, and one reading for each
conversation: a storm costs what quiet does. What people ordered goes first.

Each step can be taken by itself, and none of them sleeps:

    news.hear(Heard(conversation="…"))   # into memory
    await news.mark_heard()              # what was heard is marked in the database
    await news.read_again()              # what is marked is read, and the desk brought to it
    await news.read_everything()         # marks all that is open, and wants all agents
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from agentdesk.ccaas.port import ContactCentre
from agentdesk.domain.ccaas.errors import (
    CentreProblem,
    SignInMissing,
    StaleSegment,
    Transient,
    UnknownThere,
)
from agentdesk.domain.ccaas.values import Heard, SegmentRef, SegmentState
from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import AgentId
from agentdesk.services.ccaas import agents, catalogue, listening
from agentdesk.services.ccaas.claiming import Job
from agentdesk.services.ccaas.listening import Whose
from agentdesk.services.desk import Desk
from agentdesk.storage.ccaas_conversations import Conversation

log = logging.getLogger(__name__)
MOST_HINTS: Final = 10_000
MOST_STRANGERS: Final = 10_000
READ_AT_ONCE: Final = 50
Pause = Callable[[], Awaitable[None]]
Step = Callable[[int | None], Awaitable[int]]


async def _at_once() -> None:
    """Nobody goes first."""


@dataclass(slots=True)
class Hints:
    """What was heard and is not marked yet. More than can be kept is a gap: all is read again."""

    conversations: set[str] = field(default_factory=set)
    agents: set[str] = field(default_factory=set)
    gap: bool = False
    catalogue: bool = False
    last: Heard = field(default_factory=Heard)

    def __bool__(self) -> bool:
        return bool(self.conversations or self.agents or self.gap or self.catalogue) or bool(
            self.last.unknown
        )

    def add(self, heard: Heard) -> None:
        """One more; costs the same however many there are."""
        if heard.conversation:
            self.conversations.add(heard.conversation)
        if heard.agent:
            self.agents.add(heard.agent)
        self.gap = self.gap or heard.gap
        self.catalogue = self.catalogue or heard.catalogue
        if heard.unknown or heard.skew is not None:
            skew = heard.skew if heard.skew is not None else self.last.skew
            self.last = replace(self.last, skew=skew, unknown=heard.unknown or self.last.unknown)
        if len(self.conversations) > MOST_HINTS:
            self.conversations.clear()
            self.gap = True


class CentreNews:
    """Hears and reads one centre."""

    def __init__(self, desk: Desk, centre: ContactCentre, after_orders: Pause = _at_once) -> None:
        self._desk, self._centre, self._after_orders = desk, centre, after_orders
        self.hints = Hints()
        self._fresh: set[str] = set()
        self._unknown: dict[str, None] = {}
        self._strangers: dict[str, None] = {}
        self._seconds: dict[str, None] = {}
        self._agents: dict[str, None] = {}
        self._queues: dict[str, None] = {}
        self._catalogue = False

    # -- hearing -------------------------------------------------------------------------------

    def hear(self, heard: Heard) -> None:
        """Take in; costs no reading and no writing."""
        if heard.unknown and heard.unknown != self.hints.last.unknown:
            log.info("%s tells of something unknown: %.200r", self._centre.name, heard.unknown)
        self.hints.add(heard)

    async def mark_heard(self) -> int:
        """Write what was heard, many in one transaction; how many conversations and agents that were."""
        hints, self.hints = self.hints, Hints()
        if not hints:
            return 0
        self._catalogue = self._catalogue or hints.catalogue
        if hints.gap:
            await self.read_everything()
        known_not = await listening.heard(
            self._desk, self._centre.key, hints.conversations, hints.last
        )
        self._want(known_not)
        self._fresh |= hints.conversations - known_not
        self._agents.update(dict.fromkeys(sorted(hints.agents)))
        return len(hints.conversations) + len(hints.agents)

    def _want(self, unknown: Iterable[str]) -> None:
        """Conversations that nobody here knows; strangers are looked at once."""
        new = [key for key in sorted(unknown) if key not in self._strangers]
        self._unknown.update(dict.fromkeys(new))

    async def read_everything(self) -> None:
        """Mark all that is open, and read every queue and every agent who is here, at the next reading; once
        an hour also what the centre has.
        """
        self._catalogue = self._catalogue or await catalogue.is_stale(self._desk, self._centre.key)
        await listening.everything(self._desk, self._centre.key)
        here = await agents.at_work(self._desk, self._centre.key)
        self._agents.update(dict.fromkeys(here))
        self._queues.update(dict.fromkeys(await agents.queues(self._desk, self._centre.key)))

    async def follow(self) -> None:
        """Tell the centre of whom we want to hear."""
        known = await agents.there(self._desk, self._centre.key)
        queues = await agents.queues(self._desk, self._centre.key)
        self._centre.listen_to(sorted(known.values()), sorted(queues))

    # -- reading -------------------------------------------------------------------------------

    async def read_again(self, most: int | None = None) -> int:
        """Read what is marked, each once, at most *most* of them; how many were. Raises `Transient`.

        Agents and what nobody knows go first, yet however much is told of them, conversations have a turn.
        """
        await self._read_catalogue()
        count = 0
        for share, step in self._steps:
            left = None if most is None else min(most // share, most - count)
            if left is None or left > 0:
                count += await step(left)
        return count

    @property
    def _steps(self) -> tuple[tuple[int, Step], ...]:
        """What is read, in turn; at first each but the marked takes a quarter of a reading at most."""
        first = (self._read_queues, self._read_agents, self._read_unknown)
        rest = (self._read_marked, *first, self._close_seconds)
        return (*((4, step) for step in first), *((1, step) for step in rest))

    async def _read_catalogue(self) -> None:
        """What the centre has changed: names are brought up to date, and what is gone is said."""
        if self._catalogue:
            self._catalogue = False
            try:
                await catalogue.read_again(self._desk, self._centre.key)
            except CentreProblem as error:
                log.info("the catalogue of %s is not read: %s", self._centre.name, error)

    async def _read_marked(self, most: int | None) -> int:
        read: set[int] = set()
        while most is None or len(read) < most:
            limit = READ_AT_ONCE if most is None else min(READ_AT_ONCE, most)
            marked = await listening.to_read(self._desk, self._centre.key, limit, self._fresh)
            some = [c for c in marked if c.interaction_id not in read]
            if not some:
                fresh, self._fresh = self._fresh, set()
                if fresh:
                    continue
                break
            for conversation in some:
                read.add(conversation.interaction_id)
                await self._read(conversation)
                self._fresh.discard(conversation.external_id or "")
        return len(read)

    async def _read(self, was: Conversation) -> None:
        await self._after_orders()
        try:
            snapshot = await self._centre.snapshot(was.external_id or "")
            await listening.read(self._desk, was, snapshot)
        except UnknownThere:
            await listening.is_gone(self._desk, was)
        except Conflict as error:
            log.info("a conversation is read again later: %s", error)
        except Transient:
            raise
        except CentreProblem as error:
            await listening.is_trouble(self._desk, was, str(error))

    async def _read_queues(self, most: int | None) -> int:
        """What waits there and nobody here knows: the answer to its SUBMIT was lost."""
        wanted = list(self._queues)[:most]
        for queue in wanted:
            await self._after_orders()
            await self._look_into(queue)
            self._queues.pop(queue, None)
        return len(wanted)

    async def _look_into(self, queue: str) -> None:
        try:
            waiting = await self._centre.waiting_in(queue)
            self._want(await listening.unknown(self._desk, self._centre.key, waiting))
        except Transient:
            raise
        except CentreProblem as error:
            log.info("%s does not tell what waits: %s", self._centre.name, error)

    async def _read_agents(self, most: int | None) -> int:
        wanted = list(self._agents)[:most]
        if not wanted:
            return 0
        known = {v: k for k, v in (await agents.there(self._desk, self._centre.key)).items()}
        for there in wanted:
            if there in known:
                await self._after_orders()
                await self._read_agent(known[there], there)
            self._agents.pop(there, None)
        return len(wanted)

    async def _read_agent(self, agent_id: AgentId, there: str) -> None:
        try:
            state = await self._centre.agent_state(there)
            await agents.mirror(self._desk, self._centre.key, agent_id, state)
            held = await self._centre.held_by(there)
            self._want(await agents.holds(self._desk, self._centre.key, agent_id, held))
        except Transient:
            raise
        except (CentreProblem, Conflict) as error:
            log.info("an agent is not read at %s: %s", self._centre.name, error)

    async def _read_unknown(self, most: int | None) -> int:
        wanted = list(self._unknown)[:most]
        for external_id in wanted:
            await self._after_orders()
            await self._look_at(external_id)
            self._unknown.pop(external_id, None)
        return len(wanted)

    async def _look_at(self, external_id: str) -> None:
        try:
            snapshot = await self._centre.snapshot(external_id)
            adopted = await listening.adopt(self._desk, self._centre.key, snapshot)
        except Transient:
            raise
        except (CentreProblem, Conflict) as error:
            log.info("a conversation is not read at %s: %s", self._centre.name, error)
            return
        if adopted.whose is Whose.DUPLICATE and snapshot.ended_at is None:
            self._seconds[external_id] = None
        elif adopted.whose is not Whose.OURS:
            self._strangers[external_id] = None
            if len(self._strangers) > MOST_STRANGERS:
                del self._strangers[next(iter(self._strangers))]

    # -- lost answers and duplicates -----------------------------------------------------------

    async def seek(self, job: Job) -> str:
        """The conversation that a SUBMIT of unknown outcome made, if anything tells of it. An order waits
        for it, so that it waits for none.
        """
        await self.mark_heard()
        for queue in await agents.queues(self._desk, self._centre.key):
            await self._look_into(queue)
        for there in sorted((await agents.there(self._desk, self._centre.key)).values()):
            held = await self._held_by(there)
            self._want(await listening.unknown(self._desk, self._centre.key, held))
        for external_id in list(self._unknown):
            await self._look_at(external_id)
            self._unknown.pop(external_id, None)
        return await listening.conversation_of(self._desk, job.order.interaction_id or 0)

    async def _held_by(self, there: str) -> tuple[str, ...]:
        """What one agent has, as far as it can be asked; who cannot keeps no mail from going."""
        try:
            return await self._centre.held_by(there) if self._centre.acts_for(there) else ()
        except Transient:
            raise
        except CentreProblem as error:
            log.info("%s does not tell what an agent has: %s", self._centre.name, error)
            return ()

    async def drop(self, external_id: str) -> None:
        """A second conversation of an interaction: closed as soon as no agent has a part in it."""
        self._seconds[external_id] = None

    async def _close_seconds(self, most: int | None) -> int:
        """Those that an agent has yet are tried again at each reading."""
        closed = 0
        for external_id in list(self._seconds)[:most]:
            try:
                await self._decline(external_id)
                await self._centre.close(external_id)
            except (StaleSegment, SignInMissing):
                continue
            except UnknownThere:
                log.info("a second conversation is gone at %s", self._centre.name)
            del self._seconds[external_id]
            closed += 1
        return closed

    async def _decline(self, external_id: str) -> None:
        """An agent of this process who is asked for it is not kept waiting, nor said to be silent."""
        part = (await self._centre.snapshot(external_id)).current
        if part is None or part.state is not SegmentState.OFFERED:
            return
        if self._centre.acts_for(part.agent):
            at = SegmentRef(external_id, part.id, part.communication, part.agent)
            await self._centre.reject(at, f"second {external_id}")

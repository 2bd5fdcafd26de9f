"""Where an agent may transfer to: what is listed is a hint, what `transfer` answers is the law."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agentdesk.ccaas.genesys import paths
from agentdesk.ccaas.genesys.asking import Asking
from agentdesk.ccaas.genesys.people import People, active_emails
from agentdesk.ccaas.genesys.sign_in import Agent
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import Forbidden
from agentdesk.domain.ccaas.values import CentreTarget, SegmentRef, TargetKind

KEPT_FOR = timedelta(seconds=60)
QUEUES_ASKED = 10  # whose members are listed: the current one, and the agent's own
CAPACITIES_ASKED = 20
RIGHT = "conversation:communication:blindTransfer"
ALL_OF_IT = ("*", "conversation:*", "conversation:*:*", "conversation:communication:*", RIGHT)
EXPAND = ["presence", "routingStatus", "conversationSummary"]
WORDS = {
    "IDLE": "on queue, idle",
    "INTERACTING": "on queue, at work",
    "COMMUNICATING": "on queue, at work",
    "NOT_RESPONDING": "not responding",
    "OFF_QUEUE": "off queue",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """What an agent was told, and until when it is good."""

    until: datetime
    targets: tuple[CentreTarget, ...]


@dataclass(slots=True)
class Targets:
    """Lists targets, once a minute for an agent and a queue."""

    asking: Asking
    people: People
    _kept: dict[SegmentRef, Listed] = field(default_factory=dict)

    def known(self, at: SegmentRef) -> tuple[CentreTarget, ...] | None:
        """What was listed in the last minute; None: nothing."""
        now = self.asking.http.there()
        self._kept = {k: one for k, one in self._kept.items() if now < one.until}
        return self._kept[at].targets if at in self._kept else None

    async def list_for(self, at: SegmentRef, queue: str) -> tuple[CentreTarget, ...]:
        """All but themselves and *queue*, the available ones first. Raises `CentreProblem`."""
        found = tuple(sorted(await self._all(at.agent, queue), key=_order))
        self._kept[at] = Listed(self.asking.http.there() + KEPT_FOR, found)
        return found

    async def _all(self, agent: str, queue: str) -> list[CentreTarget]:
        sign_in, found = Agent(self.asking.agents, agent), list[CentreTarget]()
        to_queues, to_agents = await self._rights(sign_in)
        if to_queues:
            every = await self.asking.every(paths.QUEUES, sign_in)
            found += [_queue(one) for one in every if one.named("id") != queue]
        if to_agents:
            found += await self._colleagues(agent, queue, sign_in)
        return found

    async def _rights(self, sign_in: Agent) -> tuple[bool, bool]:
        """Whether this agent may transfer to queues, and to agents; where it is not told, perhaps."""
        me = await self.asking.get(f"{paths.USERS}/me", sign_in, {"expand": ["authorization"]})
        if not me.part("authorization").has("permissions"):
            return True, True
        held = set(me.part("authorization").words("permissions"))
        all_of_it = not held.isdisjoint(ALL_OF_IT)
        return all_of_it or f"{RIGHT}Queue" in held, all_of_it or f"{RIGHT}Agent" in held

    async def _colleagues(self, agent: str, queue: str, sign_in: Agent) -> list[CentreTarget]:
        members: dict[str, Wire] = {}
        for key in await self._queues_of(agent, queue, sign_in):
            for one in await self._members(key, sign_in):
                members.setdefault(one.named("id"), one)
        members.pop(agent, None)
        free = [key for key, one in members.items() if _reachable(one)][:CAPACITIES_ASKED]
        capacities = {key: await self._capacity(key) for key in free}
        return [_colleague(key, one, capacities.get(key, 0)) for key, one in members.items()]

    async def _queues_of(self, agent: str, queue: str, sign_in: Agent) -> list[str]:
        own = await self.asking.every(f"{paths.user(agent)}/queues", sign_in, {"joined": "true"})
        keys = dict.fromkeys([queue, *(one.named("id") for one in own)])
        return [key for key in keys if key][:QUEUES_ASKED]

    async def _members(self, queue: str, sign_in: Agent) -> list[Wire]:
        path = f"{paths.QUEUES}/{paths.q(queue)}/members"
        return await self.asking.every(path, sign_in, {"joined": "true", "expand": EXPAND})

    async def _capacity(self, agent: str) -> int:
        """0 where the service may not look."""
        try:
            return await self.people.capacity(agent)
        except Forbidden:
            return 0


def _order(target: CentreTarget) -> tuple[bool, bool, str, str]:
    agent = target.kind is TargetKind.AGENT
    return agent, not target.available, target.name.casefold(), target.external_id


def _queue(said: Wire) -> CentreTarget:
    members = said.number("memberCount")
    words = f"{members} member{'' if members == 1 else 's'}" if said.has("memberCount") else ""
    key = said.named("id")
    return CentreTarget(TargetKind.QUEUE, key, said.text("name") or key, True, words)


def _reachable(member: Wire) -> bool:
    presence, status = _stands(member)
    return presence.lower() != "offline" and status != "NOT_RESPONDING"


def _stands(member: Wire) -> tuple[str, str]:
    user = member.part("user")
    routing = (user if user.has("routingStatus") else member).part("routingStatus")
    presence = user.part("presence").part("presenceDefinition").text("systemPresence")
    return presence, routing.text("status")


def _colleague(key: str, member: Wire, capacity: int) -> CentreTarget:
    user, (presence, status) = member.part("user"), _stands(member)
    used = active_emails(user)
    serving = "OnQueue" in presence.replace(" ", "").replace("_", "") or not presence
    words = (
        WORDS.get(status, "") if serving else ", ".join(filter(None, (presence, WORDS.get(status))))
    )
    return CentreTarget(
        kind=TargetKind.AGENT,
        external_id=key,
        name=member.text("name") or user.text("name") or key,
        available=_reachable(member) and (not capacity or used < capacity),
        words=words[:1].upper() + words[1:],
        used=used,
        capacity=capacity,
    )

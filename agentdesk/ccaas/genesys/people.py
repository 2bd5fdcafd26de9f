"""How agents stand: presence, routing status and load; and the change of a presence."""

from datetime import datetime, timedelta

from agentdesk.ccaas.genesys import paths
from agentdesk.ccaas.genesys.asking import Asking
from agentdesk.ccaas.genesys.reading import AGENT
from agentdesk.ccaas.genesys.sign_in import Agent
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import UnknownThere
from agentdesk.domain.ccaas.values import AgentState

CAPACITY_FOR = timedelta(minutes=10)
OVER = ("disconnected", "terminated")
ON_QUEUE = "onqueue"
SERVING = ("IDLE", "INTERACTING", "COMMUNICATING", "NOT_RESPONDING")
EXPAND = ["presence", "routingStatus", "conversationSummary"]


class People:
    """The part of the port about agents."""

    name: str
    _asking: Asking
    _capacities: dict[str, tuple[int, datetime]]

    async def agent_state(self, agent: str) -> AgentState:
        """How an agent stands. Raises `UnknownThere`, `CentreProblem`."""
        asked = {"id": [agent], "expand": EXPAND}
        found = (await self._asking.get(paths.USERS, self._asking.service, asked)).parts("entities")
        if not found:
            raise UnknownThere(f"{self.name} has no agent {agent}: map another one.")
        user = found[0]
        routing, presence = user.part("routingStatus"), user.part("presence")
        status, (used, parked) = routing.text("status"), await self._load(agent, user)
        moments = [routing.moment("startTime"), presence.moment("modifiedDate")]
        return AgentState(
            agent=agent,
            presence=presence.part("presenceDefinition").text("id"),
            on_queue=status in SERVING,
            responding=status != "NOT_RESPONDING",
            capacity=await self.capacity(agent),
            used=used,
            parked=parked,
            changed_at=max((m for m in moments if m), default=None),
        )

    async def _load(self, agent: str, user: Wire) -> tuple[int, int]:
        """What an agent has, and has parked; the second is only told to the agent."""
        if not self._asking.agents.has(agent):
            return active_emails(user), 0
        states = [state for _, state in await self._mine(agent)]
        return len(states) - states.count("parked"), states.count("parked")

    async def capacity(self, agent: str) -> int:
        """How many emails an agent takes at once; asked again after ten minutes."""
        now = self._asking.http.there()
        known, until = self._capacities.get(agent, (0, now))
        if now < until:
            return known
        said = await self._asking.get(paths.utilization(agent), self._asking.service)
        found = said.part("utilization").part("email").number("maximumCapacity")
        self._capacities[agent] = (found, now + CAPACITY_FOR)
        return found

    async def held_by(self, agent: str) -> tuple[str, ...]:
        """The conversations that an agent has; none where their sign-in is not here."""
        if not self._asking.agents.has(agent):
            return ()
        return tuple(dict.fromkeys(key for key, _ in await self._mine(agent)))

    async def waiting_in(self, queue: str) -> tuple[str, ...]:
        """The conversations that wait in a queue, the longest waiting first, as far as they are told."""
        predicates = [
            {"type": "dimension", "dimension": name, "operator": "matches", "value": value}
            for name, value in (("queueId", queue), ("mediaType", "email"))
        ]
        wanted = {"type": "and", "predicates": predicates}
        body = {"filter": wanted, "metrics": ["oWaiting"], "detailMetrics": ["oWaiting"]}
        path = paths.OBSERVATIONS
        answer = await self._asking.put("POST", path, self._asking.service, body)
        return tuple(
            seen.named("conversationId")
            for result in self._asking.wire(answer, path).parts("results")
            for metric in result.parts("data")
            for seen in metric.parts("observations")
        )

    async def _mine(self, agent: str) -> list[tuple[str, str]]:
        """Conversation and state of each part of theirs that has not ended."""
        sign_in = Agent(self._asking.agents, agent)
        return [
            (conversation.named("id"), part.text("state"))
            for conversation in (await self._asking.get(paths.EMAILS, sign_in)).parts("entities")
            for part in conversation.parts("participants")
            if part.text("purpose") in AGENT
            and part.part("user").text("id") == agent
            and part.text("state") not in OVER
        ]

    async def set_presence(self, agent: str, presence: str) -> None:
        """Change a presence. On queue also means: offers are answered again. Raises `CentreProblem`."""
        service, body = self._asking.service, {"presenceDefinition": {"id": presence}}
        path = f"{paths.user(agent)}/presences/{paths.PRESENCE_SOURCE}"
        said = self._asking.wire(await self._asking.put("PATCH", path, service, body), path)
        if _plain(said.part("presenceDefinition").text("systemPresence")) != ON_QUEUE:
            return
        status = f"{paths.user(agent)}/routingstatus"
        if (await self._asking.get(status, service)).text("status") == "NOT_RESPONDING":
            await self._asking.put("PUT", status, service, {"status": "IDLE"})


def active_emails(user: Wire) -> int:
    """How many emails a user works on, where it was asked for."""
    summary = user.part("conversationSummary").part("email")
    return summary.part("contactCenter").number("active")


def _plain(presence: str) -> str:
    return presence.replace(" ", "").replace("_", "").lower()

"""The floor of the centre: its records, its time, what is derived from them, and the elementary moves."""

import heapq
from collections import Counter
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from agentdesk.sandbox.model import (
    ON_QUEUE,
    Agent,
    Conversation,
    Office,
    Outcome,
    Participant,
    Purpose,
    Queue,
    Routing,
    Transfer,
)
from agentdesk.sandbox.refusals import Unknown

OCCUPYING = ("alerting", "connected")


class Floor:
    """Records with their indexes. `touch` is the one place that keeps the indexes true."""

    def __init__(self, office: Office, conversations: dict[str, Conversation], now: datetime):
        self.office = office
        self.conversations = conversations
        self.now = now
        self.unsaved: set[str] = set()
        self.news: dict[tuple[str, str], None] = {}
        self.waiting: set[str] = set()
        self.resuming: set[str] = set()
        self._holders: dict[str, list[str]] = {}
        self._load: Counter[str] = Counter()
        self._timers: list[tuple[datetime, str]] = []
        for conversation in conversations.values():
            self._index(conversation)

    def mint(self) -> str:
        """A new id; the same seed and history make the same ids."""
        self.office.minted += 1
        return str(uuid5(NAMESPACE_URL, f"sandbox/{self.office.seed}/{self.office.minted}"))

    def agent(self, agent_id: str) -> Agent:
        """Raises `Unknown`."""
        if agent_id not in self.office.agents:
            raise Unknown(f"User {agent_id} was not found.")
        return self.office.agents[agent_id]

    def queue(self, queue_id: str) -> Queue:
        """Raises `Unknown`."""
        if queue_id not in self.office.queues:
            raise Unknown(f"Queue {queue_id} was not found.")
        return self.office.queues[queue_id]

    def conversation(self, conversation_id: str) -> Conversation:
        """Raises `Unknown`."""
        if conversation_id not in self.conversations:
            raise Unknown(f"Conversation {conversation_id} was not found.")
        return self.conversations[conversation_id]

    def load(self, agent_id: str) -> int:
        """How many conversations alert or are connected at an agent. Parked ones and wrap-up take no room."""
        return self._load[agent_id]

    def has_room(self, agent: Agent) -> bool:
        """Whether one more conversation stays within the agent's utilization."""
        return self.load(agent.id) < agent.capacity

    def held_by(self, agent: Agent) -> list[Conversation]:
        """The conversations that alert or are connected at an agent."""
        return [self.conversations[key] for key, who in self._holders.items() if agent.id in who]

    def touch(self, conversation: Conversation) -> None:
        """To be called after every change of a conversation: it is saved, told and indexed."""
        self.unsaved.add(conversation.id)
        self.news["conversation", conversation.id] = None
        before = self._holders.get(conversation.id, [])
        self._index(conversation)
        for agent_id in {*before, *self._holders.get(conversation.id, [])}:
            self._settle(self.office.agents[agent_id])

    def _index(self, conversation: Conversation) -> None:
        key = conversation.id
        self._load.subtract(self._holders.pop(key, []))
        live = [p for p in conversation.participants if p.state != "disconnected"]
        holders = [p.agent for p in live if p.agent and p.state in OCCUPYING]
        if holders:
            self._holders[key] = holders
            self._load.update(holders)
        self.waiting.discard(key)
        if any(p.purpose == "acd" for p in live) and not holders:
            self.waiting.add(key)
        self.resuming.discard(key)
        if any(p.wants_back for p in live):
            self.resuming.add(key)
        if due := earliest(conversation):
            heapq.heappush(self._timers, (due, key))

    def next_due(self) -> datetime | None:
        """When something happens by time alone; stale timers are dropped."""
        while self._timers:
            due, key = self._timers[0]
            conversation = self.conversations.get(key)
            if conversation and earliest(conversation) == due:
                return due
            heapq.heappop(self._timers)
        return None

    def take_due(self) -> Conversation:
        """The conversation whose timer is the next; only after `next_due` said that there is one."""
        return self.conversations[heapq.heappop(self._timers)[1]]

    def set_routing(self, agent: Agent, routing: Routing) -> None:
        """The routing status, and since when; idle time counts from here where it becomes IDLE."""
        if agent.routing == routing:
            return
        agent.routing, agent.routing_since = routing, self.now
        if routing == "IDLE":
            agent.idle_since = self.now
        self.news["routing", agent.id] = None

    def _settle(self, agent: Agent) -> None:
        if agent.routing in ("IDLE", "INTERACTING"):
            self.set_routing(agent, "INTERACTING" if self.load(agent.id) else "IDLE")

    def may_be_offered(self, agent: Agent) -> bool:
        """On queue, answering, and with room."""
        ready = agent.presence == ON_QUEUE and agent.routing in ("IDLE", "INTERACTING")
        return ready and self.has_room(agent)

    def join(
        self, conversation: Conversation, purpose: Purpose, state: str = "connected"
    ) -> Participant:
        """A new participant; the caller fills it and touches the conversation."""
        participant = Participant(
            id=self.mint(),
            communication=self.mint(),
            purpose=purpose,
            state="alerting" if state == "alerting" else "connected",
            started=self.now,
        )
        conversation.participants.append(participant)
        return participant

    def enter_queue(self, conversation: Conversation, queue: Queue) -> None:
        """Let the conversation wait in a queue."""
        waiting = self.join(conversation, "acd")
        waiting.queue, waiting.name, waiting.connected = queue.id, queue.name, self.now
        conversation.resting.clear()
        self.touch(conversation)

    def alert(
        self, conversation: Conversation, agent: Agent, queue: Queue, transfer: str | None = None
    ) -> Participant:
        """Offer the conversation to an agent for as long as the queue alerts."""
        offered = self.join(conversation, "agent", "alerting")
        offered.agent, offered.name, offered.queue = agent.id, agent.name, queue.id
        offered.alerting, offered.transfer = self.now, transfer
        offered.alert_until = self.now + timedelta(seconds=queue.alerting_s)
        self.touch(conversation)
        return offered

    def end(self, conversation: Conversation, participant: Participant, kind: str) -> None:
        """Disconnect one participant; whoever had talked may owe a wrap-up code now."""
        talked = participant.purpose == "agent" and participant.connected is not None
        participant.state, participant.ended = "disconnected", self.now
        participant.disconnect, participant.wants_back = kind, False
        participant.alert_until, participant.resume_at = None, None
        if talked:
            self._after_work(participant)
        self.touch(conversation)

    def _after_work(self, participant: Participant) -> None:
        queue = self.queue(participant.queue or "")
        participant.acw_started = self.now
        done = participant.wrapup is not None and not participant.wrapup.provisional
        if queue.prompt == "optional" or done or participant.skipped:
            participant.acw_ended = self.now
            return
        participant.owes = True
        if queue.prompt == "timeout":
            participant.acw_until = self.now + timedelta(seconds=queue.acw_s)

    def close(self, conversation: Conversation) -> None:
        """Nobody works on it and nothing is on its way: the conversation ends."""
        for participant in conversation.participants:
            if participant.state != "disconnected":
                self.end(conversation, participant, "peer")
        conversation.ended = self.now
        self.touch(conversation)

    def settle_transfer(
        self, conversation: Conversation, transfer: Transfer, outcome: Outcome
    ) -> None:
        """Give a transfer its outcome; a failed one waits in its source queue, never at who transferred."""
        transfer.outcome, transfer.settle_at, transfer.give_up_at = outcome, None, None
        if outcome != "Complete":
            self.enter_queue(conversation, self.queue(transfer.source_queue))
        self.touch(conversation)


def earliest(conversation: Conversation) -> datetime | None:
    """The next moment at which this conversation changes by time alone."""
    moments: list[datetime | None] = []
    for one in conversation.participants:
        moments += [one.alert_until, one.acw_until, one.resume_at]
    for transfer in conversation.transfers:
        moments += [transfer.settle_at, transfer.give_up_at]
    moments += conversation.resting.values()
    return min((moment for moment in moments if moment), default=None)

"""The commands of the centre: who may do what to a conversation, and what follows at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agentdesk.sandbox import turns
from agentdesk.sandbox.floor import Floor
from agentdesk.sandbox.model import (
    AVAILABLE,
    BLIND_TO_AGENT,
    BLIND_TO_QUEUE,
    OFFLINE,
    ON_QUEUE,
    Agent,
    Conversation,
    Office,
    Participant,
    Routing,
    Transfer,
    WrapUp,
)
from agentdesk.sandbox.refusals import Clash, Forbidden, MissingRight, Refused, Unknown

SETTLE_S = 0.2  # a transfer is pending for a moment: 202 is not "delivered"
TRANSFER_TIMEOUT_S = 30
PRESENCES = (AVAILABLE, "Away", "Busy", OFFLINE, ON_QUEUE, "Meal", "Training", "Meeting", "Break")


@dataclass(frozen=True)
class Letter:
    """What is told of a customer's mail; the mail itself stays where it is."""

    queue: str
    provider: str
    subject: str = ""
    from_name: str = ""
    from_address: str = ""
    to_address: str = ""
    priority: int = 0
    label: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


class Centre(Floor):
    """Every command first lets happen what is due; `at` is the time that the caller's clock shows."""

    def __init__(self, office: Office, conversations: dict[str, Conversation], at: datetime):
        super().__init__(office, conversations, at)

    def tick(self, at: datetime) -> None:
        """Let time pass up to *at*."""
        turns.advance(self, at)

    def create(self, letter: Letter) -> Conversation:
        """A customer's mail begins to wait in its queue. Raises `Unknown`."""
        queue = self.queue(letter.queue)
        made = Conversation(
            id=self.mint(), queue=queue.id, provider=letter.provider, created=self.now
        )
        made.subject, made.priority, made.label = letter.subject, letter.priority, letter.label
        made.from_name, made.from_address = letter.from_name, letter.from_address
        made.to_address, made.attributes = letter.to_address, dict(letter.attributes)
        self.conversations[made.id] = made
        self._welcome(made, letter)
        self.enter_queue(made, queue)
        turns.route(self)
        return made

    def _welcome(self, conversation: Conversation, letter: Letter) -> None:
        customer = self.join(conversation, "customer")
        customer.connected, customer.attributes = self.now, dict(letter.attributes)
        customer.name, customer.address = letter.from_name, letter.from_address

    def reply(self, conversation: Conversation, letter: Letter) -> None:
        """The customer wrote again: an ended conversation waits once more, a parked one wants back."""
        conversation.messages += 1
        conversation.attributes.update(letter.attributes)
        if conversation.ended:
            conversation.ended, conversation.queue = None, letter.queue or conversation.queue
            self._welcome(conversation, letter)
            self.enter_queue(conversation, self.queue(conversation.queue))
        for one in conversation.participants:
            one.wants_back = one.wants_back or one.state == "parked"
        self.touch(conversation)
        turns.route(self)

    def participant(self, conversation: Conversation, participant_id: str) -> Participant:
        """Raises `Unknown`."""
        for one in conversation.participants:
            if one.id == participant_id:
                return one
        raise Unknown(f"Participant {participant_id} was not found.")

    def own(self, agent: Agent, conversation: Conversation, participant_id: str) -> Participant:
        """The agent's participant. Raises `Forbidden` for somebody else's, `Unknown`."""
        participant = self.participant(conversation, participant_id)
        if participant.agent != agent.id:
            raise Forbidden("Only the user of a participant may change it.")
        return participant

    def connect(self, conversation: Conversation, participant: Participant) -> None:
        """Accept an offer, or take a parked conversation back. Raises `Clash`."""
        if participant.state == "connected":
            return
        if participant.state == "parked":
            self.unpark(conversation, participant)
            return
        if participant.state != "alerting":
            raise Clash(f"The participant is {participant.state}.")
        participant.state, participant.connected = "connected", self.now
        participant.alert_until = None
        self.touch(conversation)
        for other in conversation.participants:
            if other.purpose == "acd" and other.state != "disconnected":
                self.end(conversation, other, "transfer")
        for transfer in conversation.transfers:
            if transfer.id == participant.transfer:
                self.settle_transfer(conversation, transfer, "Complete")

    def disconnect(self, conversation: Conversation, participant: Participant) -> None:
        """Decline an offer, or end the conversation that one works on. A second time changes nothing."""
        if participant.state == "disconnected":
            return
        if participant.state == "alerting":
            turns.miss(self, conversation, participant, "client")
        else:
            self.end(conversation, participant, "client")
            self.close(conversation)
        turns.route(self)

    def tear_down(self, conversation: Conversation) -> None:
        """End a conversation in which no agent has a part. Raises `Clash`. A second time changes nothing."""
        if conversation.ended:
            return
        live = [p for p in conversation.participants if p.state != "disconnected"]
        if any(p.state in ("connected", "parked") for p in live if p.purpose == "agent"):
            raise Clash("A user is connected to the conversation.")
        for participant in live:
            if participant.state == "alerting":
                turns.miss(self, conversation, participant, "transfer.notavailable")
        for transfer in conversation.transfers:
            if transfer.outcome == "Pending":
                self.settle_transfer(conversation, transfer, "Failed")
        self.close(conversation)
        turns.route(self)

    def park(
        self, conversation: Conversation, participant: Participant, resume_at: datetime | None
    ) -> None:
        """Put a connected conversation aside: it takes no room until then. Raises `Clash`."""
        if participant.state not in ("connected", "parked"):
            raise Clash(
                f"Only a connected participant can be parked; this one is {participant.state}."
            )
        if participant.state == "connected":
            participant.state, participant.parked = "parked", self.now
        participant.resume_at = resume_at
        self.touch(conversation)
        turns.route(self)

    def unpark(self, conversation: Conversation, participant: Participant) -> None:
        """Take it back. Raises `Clash` where the agent has no room."""
        if participant.state == "connected":
            return
        if participant.state != "parked":
            raise Clash(f"The participant is {participant.state}.")
        if not self.has_room(self.agent(participant.agent or "")):
            raise Clash("The user is at the maximum utilization.")
        turns.resume(self, conversation, participant)

    def wrap_up(self, conversation: Conversation, participant: Participant, said: WrapUp) -> None:
        """Set a code of the participant's queue; the first final one discharges what is owed."""
        queue = self.queue(participant.queue or "")
        if said.code not in queue.codes:
            raise Refused(f"Wrap-up code {said.code} is not one of queue {queue.name}.")
        if participant.connected is None:
            raise Clash("The participant was never connected.")
        said.name, said.at = self.office.codes[said.code].name, self.now
        participant.wrapup = said
        if not said.provisional:
            self._discharge(participant)
        self.touch(conversation)

    def skip_wrap_up(self, conversation: Conversation, participant: Participant) -> None:
        """Go without a code. Raises `Clash` where the queue wants one."""
        if self.queue(participant.queue or "").prompt != "optional":
            raise Clash("A wrap-up code is required.")
        participant.skipped = True
        self._discharge(participant)
        self.touch(conversation)

    def _discharge(self, participant: Participant) -> None:
        if participant.owes:
            participant.owes, participant.acw_until, participant.acw_ended = False, None, self.now

    def describe(
        self, conversation: Conversation, participant: Participant, attributes: Mapping[str, str]
    ) -> None:
        """Add attributes to a participant."""
        participant.attributes.update(attributes)
        self.touch(conversation)

    def transfer_to_queue(
        self, agent: Agent, conversation: Conversation, participant: Participant, queue_id: str
    ) -> Transfer:
        """Blind transfer. Raises `MissingRight`, `Unknown`, `Clash`."""
        self._may_transfer(agent, BLIND_TO_QUEUE, participant)
        target = self.queue(queue_id)
        return self._send_on(conversation, participant, to_queue=target.id)

    def transfer_to_agent(
        self, agent: Agent, conversation: Conversation, participant: Participant, agent_id: str
    ) -> Transfer:
        """Blind transfer; it may still fail later. Raises `MissingRight`, `Unknown`, `Clash`."""
        self._may_transfer(agent, BLIND_TO_AGENT, participant)
        target = self.agent(agent_id)
        if target.id == agent.id:
            raise Refused("A conversation cannot be transferred to the same user.")
        return self._send_on(conversation, participant, to_agent=target.id)

    def _may_transfer(self, agent: Agent, right: str, participant: Participant) -> None:
        if right not in agent.rights:
            raise MissingRight(f"Missing the permission conversation:communication:{right}.")
        if participant.state != "connected":
            raise Clash(f"The participant is {participant.state}.")

    def _send_on(
        self,
        conversation: Conversation,
        participant: Participant,
        *,
        to_queue: str | None = None,
        to_agent: str | None = None,
    ) -> Transfer:
        transfer = Transfer(
            id=self.mint(),
            issued=self.now,
            by=participant.agent or "",
            source_queue=participant.queue or "",
            to_queue=to_queue,
            to_agent=to_agent,
        )
        if self.office.transfers_to_lose > 0:
            self.office.transfers_to_lose -= 1
            transfer.give_up_at = self.now + timedelta(seconds=TRANSFER_TIMEOUT_S)
        else:
            transfer.settle_at = self.now + timedelta(seconds=SETTLE_S)
        conversation.transfers.append(transfer)
        self.end(conversation, participant, "transfer")
        turns.route(self)
        return transfer

    def set_presence(self, agent: Agent, presence: str) -> None:
        """Coming on queue makes an agent idle; leaving it withdraws offers, not work. Raises `Refused`."""
        if presence not in PRESENCES:
            raise Refused(f"There is no presence {presence}.")
        if agent.presence != presence:
            agent.presence, agent.presence_since = presence, self.now
            self.news["presence", agent.id] = None
        if presence == ON_QUEUE:
            self._serve(agent)
        else:
            self.set_routing(agent, "OFF_QUEUE")
            self._withdraw(agent)
        turns.route(self)

    def _serve(self, agent: Agent) -> None:
        self.set_routing(agent, "INTERACTING" if self.load(agent.id) else "IDLE")

    def _withdraw(self, agent: Agent) -> None:
        for conversation in self.held_by(agent):
            for one in list(conversation.participants):
                if one.agent == agent.id and one.state == "alerting":
                    turns.miss(self, conversation, one, "transfer.notavailable")

    def set_routing_status(self, agent: Agent, routing: Routing) -> None:
        """IDLE comes on queue, also after not responding; OFF_QUEUE leaves. Raises `Refused`."""
        if routing == "IDLE":
            self.set_presence(agent, ON_QUEUE)
        elif routing == "OFF_QUEUE":
            self.set_presence(agent, AVAILABLE if agent.presence == ON_QUEUE else agent.presence)
        else:
            raise Refused("Only IDLE and OFF_QUEUE can be set.")

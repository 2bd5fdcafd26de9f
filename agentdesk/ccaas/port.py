"""What every kind of contact centre does for us. Source: docs/ccaas.md, *The port*."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Protocol

from agentdesk.domain.ccaas.values import (
    AgentState,
    Capabilities,
    CentreRecord,
    CentreTarget,
    Heard,
    SegmentRef,
    Snapshot,
    WorkRequest,
)


class ContactCentre(Protocol):
    """One centre. Every command may be said twice: what is so already is no error.

    A command that returns has been taken, no more: what became of it is read with `snapshot`. Raises
    `CentreProblem`; a `Transient` one says nothing about whether it took effect.
    """

    key: str
    name: str
    caps: Capabilities

    def acts_for(self, agent: str) -> bool:
        """Whether this process may act as this agent of the centre: it has their sign-in. Cheap."""
        ...

    # Conversations

    async def submit(self, work: WorkRequest, key: str) -> str:
        """Hand a customer's mail over to a queue; the id of the conversation. Not safe to say twice
        unless *key* finds the first: after `Transient` look for `work.attributes` among what is heard.
        """
        ...

    async def tell_reply(self, external_id: str, work: WorkRequest, key: str) -> None:
        """The customer wrote again: what is parked comes back, what ended waits in `work.queue`."""
        ...

    async def snapshot(self, external_id: str) -> Snapshot:
        """How a conversation stands. Raises `UnknownThere`."""
        ...

    async def close(self, external_id: str) -> None:
        """End a conversation in which no agent has a part; the service may."""
        ...

    async def describe(self, external_id: str, segment: str, attributes: Mapping[str, str]) -> None:
        """Write attributes on a segment; the service may, also for an agent who is gone."""
        ...

    # What an agent does, under their own sign-in

    async def accept(self, at: SegmentRef, key: str) -> None:
        """Take an offer. Raises `StaleSegment` where it is gone."""
        ...

    async def reject(self, at: SegmentRef, key: str) -> None:
        """Let an offer go."""
        ...

    async def park(self, at: SegmentRef, *, parked: bool, key: str) -> None:
        """Put aside, or take up again. Raises `StaleSegment` where there is no room for that."""
        ...

    async def wrap_up(self, at: SegmentRef, code: str, notes: str, key: str) -> None:
        """Say how it ended. Raises `CodeNotAllowed`."""
        ...

    async def end(self, at: SegmentRef, key: str) -> None:
        """End the agent's part. Raises `WrapUpRequired`."""
        ...

    async def transfer(self, at: SegmentRef, target: CentreTarget, key: str) -> None:
        """Pass it on, unattended. Raises `TargetNotAuthorised`, `TargetUnavailable`, `StaleSegment`."""
        ...

    async def targets(self, at: SegmentRef, search: str = "") -> tuple[CentreTarget, ...]:
        """Where this agent may transfer to now: neither to themselves nor to the queue it is in."""
        ...

    async def codes(self, at: SegmentRef) -> tuple[str, ...]:
        """The wrap-up codes that are allowed here."""
        ...

    # Agents

    async def agent_state(self, agent: str) -> AgentState:
        """How an agent stands."""
        ...

    async def held_by(self, agent: str) -> tuple[str, ...]:
        """The conversations that are offered to, connected or parked at an agent, as far as this
        process may ask for them.
        """
        ...

    async def waiting_in(self, queue: str) -> tuple[str, ...]:
        """Conversations that wait in a queue, as far as the centre tells: a hint of what nobody here
        knows, because an answer was lost.
        """
        ...

    async def set_presence(self, agent: str, presence: str) -> None:
        """Change an agent's presence to one of the catalogue."""
        ...

    # The centre

    async def catalogue(self) -> tuple[CentreRecord, ...]:
        """Its queues, agents, presences and codes."""
        ...

    def listen_to(self, agents: Iterable[str], queues: Iterable[str]) -> None:
        """Of whom `events` is to tell, by their ids there; also while it is running. A centre that tells
        of everything anyway may pass over it.
        """
        ...

    def events(self) -> AsyncIterator[Heard]:
        """What happens from now on; begins with a gap, and raises `CentreProblem` where the line ends."""
        ...

    async def disconnect(self) -> None:
        """Let go of all connections."""
        ...


class AgentTokens(Protocol):
    """Access tokens of agents, by their ids at the centre."""

    def has(self, agent: str) -> bool:
        """Whether this process has a sign-in of theirs. Cheap."""
        ...

    async def fetch(self, agent: str, refused: str = "") -> str:
        """A token for the next minutes, another one than *refused*. Raises `SignInMissing`."""
        ...

"""The adapter: Genesys Cloud as a `ContactCentre`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from agentdesk.ccaas.genesys.asking import Asking
from agentdesk.ccaas.genesys.catalogue import catalogue
from agentdesk.ccaas.genesys.commands import Commands
from agentdesk.ccaas.genesys.listening import Listening
from agentdesk.ccaas.genesys.people import People
from agentdesk.ccaas.genesys.sign_in import Service
from agentdesk.ccaas.genesys.targets import Targets
from agentdesk.ccaas.http import Http
from agentdesk.ccaas.port import AgentTokens
from agentdesk.domain.ccaas.values import (
    Capabilities,
    CentreRecord,
    CentreTarget,
    Heard,
    SegmentRef,
)
from agentdesk.domain.clock import Clock


class GenesysCentre(Commands, People):
    """One organisation of Genesys Cloud. `listen_to` says of whom `events` is to tell: without it, of nobody.

    *address* is that of the API, *login_address* where tokens come from; empty puts `login` in the place
    of `api`. *secret* is asked whenever the service signs in, *agents* whenever an agent does something.
    """

    caps = Capabilities(
        park=True, agent_transfer=True, native_wrap_up=True, keeps_id=True, agents_sign_in=True
    )

    def __init__(
        self,
        key: str,
        name: str,
        address: str,
        login_address: str,
        client_id: str,
        secret: Callable[[], Awaitable[str]],
        agents: AgentTokens,
        clock: Clock,
        per_minute: int = 300,
    ) -> None:
        self.key, self.name, self.agents = key, name, agents
        self._http = Http(name, address, clock, per_minute)
        login = login_address or address.replace("://api.", "://login.", 1)
        service = Service(self._http, login, client_id, secret, clock)
        self._asking = Asking(self._http, service, agents)
        self._capacities = {}
        self._targets = Targets(self._asking, self)
        self._listening = Listening(self._asking)

    def __repr__(self) -> str:
        return f"GenesysCentre({self.key})"

    def acts_for(self, agent: str) -> bool:
        """Whether this process has the agent's sign-in."""
        return self.agents.has(agent)

    async def targets(self, at: SegmentRef, search: str = "") -> tuple[CentreTarget, ...]:
        """Where this agent may transfer to, as of the last minute. Raises `CentreProblem`."""
        found = self._targets.known(at)
        if found is None:
            found = await self._targets.list_for(at, await self._queue_of(at))
        wanted = search.strip().casefold()
        return tuple(target for target in found if wanted in target.name.casefold())

    async def _queue_of(self, at: SegmentRef) -> str:
        now = await self.snapshot(at.external_id)
        segment = now.segment(at.segment)
        return segment.queue if segment else now.queue

    async def catalogue(self) -> tuple[CentreRecord, ...]:
        """Its queues, agents, presences and codes. Raises `CentreProblem`."""
        return await catalogue(self._asking)

    def listen_to(self, agents: Iterable[str], queues: Iterable[str]) -> None:
        """Tell in `events` of these agents and queues, by their ids there; also while it is running."""
        self._listening.to(agents, queues)

    def events(self) -> AsyncIterator[Heard]:
        """What happens to those of `listen_to`; begins with a gap. Raises `CentreProblem`."""
        return self._listening.events()

    async def disconnect(self) -> None:
        """Let go of all connections."""
        await self._http.close()

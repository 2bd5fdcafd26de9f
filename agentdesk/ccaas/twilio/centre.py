"""The adapter: Twilio TaskRouter as a `ContactCentre`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from agentdesk.ccaas.http import Http
from agentdesk.ccaas.port import ContactCentre
from agentdesk.ccaas.twilio.asking import Account, TaskRouter
from agentdesk.ccaas.twilio.chain import Chains
from agentdesk.ccaas.twilio.passing import Passing
from agentdesk.ccaas.twilio.people import People
from agentdesk.ccaas.twilio.polling import Polling
from agentdesk.domain.ccaas.values import Capabilities, Heard
from agentdesk.domain.clock import Clock


class TwilioCentre(Passing, People):
    """One workspace. Everything is done by the account: agents do not sign in.

    *account_sid* is the account's id, or that of a key of its API, whose secret is asked for whenever
    something is asked there. *workflow* is that of new tasks, *channel* the task channel whose capacity
    counts. The log is read every *poll_s* seconds.
    """

    caps = Capabilities(
        park=False,
        agent_transfer=True,
        native_wrap_up=False,
        keeps_id=True,  # tasks do not: the chain of them does
        agents_sign_in=False,
    )

    def __init__(
        self,
        key: str,
        name: str,
        address: str,
        account_sid: str,
        secret: Callable[[], Awaitable[str]],
        workspace: str,
        workflow: str,
        clock: Clock,
        per_minute: int = 300,
        poll_s: float = 5.0,
        channel: str = "default",
    ) -> None:
        self.key, self.name = key, name
        http = Http(name, address, clock, per_minute)
        self._router = TaskRouter(http, Account(name, account_sid, secret), workspace)
        self._chains = Chains(self._router)
        self._polling = Polling(self._router, self._chains, channel, poll_s)
        self._workflow, self._channel = workflow, channel

    def __repr__(self) -> str:
        return f"TwilioCentre({self.key})"

    def acts_for(self, agent: str) -> bool:
        """Always: the account may do what every agent may."""
        return True

    def listen_to(self, agents: Iterable[str], queues: Iterable[str]) -> None:
        """Passed over: the log tells of the whole workspace."""

    def events(self) -> AsyncIterator[Heard]:
        """What happens from now on; begins with a gap. Raises `CentreProblem`."""
        return self._polling.events()

    async def disconnect(self) -> None:
        """Let go of all connections."""
        await self._router.http.close()


_OF_THE_PORT: type[ContactCentre] = TwilioCentre  # mypy says so where it is not

"""Sign-ins of a contact centre's agents on this machine, side by side."""

from dataclasses import replace

from agentdesk.domain.ccaas.errors import SignInMissing, Transient
from agentdesk.domain.ccaas.identity import Identity
from agentdesk.domain.clock import Clock
from agentdesk.domain.errors import LoginRefused, MailProblem, SignInNeeded
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.tokens import Tokens


class AgentSignIns:
    """Access tokens by an agent's id at the centre: what `ccaas.port.AgentTokens` wants.

    *centre* is the registration that all agents share, with nobody's id in it.
    """

    def __init__(self, centre: Registration, store: Store, clock: Clock) -> None:
        self.centre, self.store = centre, store
        self._clock = clock
        self._tokens: dict[str, Tokens] = {}
        self._ended: dict[str, object] = {}

    def registration(self, who: Identity) -> Registration:
        """What this agent signs in with; only they may."""
        return replace(self.centre, user=who.external_id, person=who.person, email=who.email)

    def tokens(self, who: Identity) -> Tokens:
        """To sign this agent in."""
        return Tokens(self.registration(who), self.store, self._clock)

    def has(self, agent: str) -> bool:
        """Whether a sign-in of theirs is kept here that was not refused since, as far as this process
        knows. One `stat`.
        """
        last = self._last(agent) if agent else None
        return last is not None and self._ended.get(agent) != last

    async def fetch(self, agent: str, refused: str = "") -> str:
        """A token for the next minutes, another one than *refused*. Raises `SignInMissing`, `Transient`."""
        last = self._last(agent)
        try:
            return await self._of(agent).fetch(refused)
        except (SignInNeeded, LoginRefused) as error:
            self._ended[agent] = last
            raise SignInMissing(str(error)) from error
        except MailProblem as error:
            raise Transient(str(error)) from error

    def _of(self, agent: str) -> Tokens:
        if agent not in self._tokens:
            mine = replace(self.centre, user=agent)
            self._tokens[agent] = Tokens(mine, self.store, self._clock)
        return self._tokens[agent]

    def _last(self, agent: str) -> object:
        return self.store.last_sign_in(replace(self.centre, user=agent))

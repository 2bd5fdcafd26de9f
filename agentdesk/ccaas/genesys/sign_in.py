"""Under whose name Genesys is asked: the service by its secret, an agent by the token of their sign-in."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from agentdesk.ccaas.answers import Answer, refusal
from agentdesk.ccaas.http import Http, basic
from agentdesk.ccaas.port import AgentTokens
from agentdesk.domain.ccaas.errors import ContractViolation, SignInMissing
from agentdesk.domain.clock import Clock

EARLY = timedelta(seconds=60)
REFUSED = ("invalid_client", "unauthorized_client", "invalid_grant")  # RFC 6749 §5.2


class Service:
    """The service's token, fetched when it is needed and kept until a minute before its end."""

    key = "service"

    def __init__(
        self,
        http: Http,
        login_address: str,
        client_id: str,
        secret: Callable[[], Awaitable[str]],
        clock: Clock,
    ) -> None:
        self._http, self._clock = http, clock
        self._address = f"{login_address.rstrip('/')}/oauth/token"
        self._client_id, self._secret = client_id, secret
        self._turn = asyncio.Lock()
        self._held, self._until = "", clock.now()

    async def header(self, refused: str = "") -> str:
        """The header; another one than *refused*. Raises `SignInMissing`, `Transient`."""
        async with self._turn:
            if self._clock.now() >= self._until or self._held == refused:
                await self._fetch()
            return self._held

    async def _fetch(self) -> None:
        secret = await self._secret()
        if not secret:
            raise self._missing("has no secret here")
        login = {"Authorization": basic(self._client_id, secret)}
        form = {"data": {"grant_type": "client_credentials"}}
        answer = await self._http.send("POST", self._address, login, form)
        if answer.status >= 300 and answer.error in REFUSED:
            raise self._missing("is not accepted")
        if answer.status >= 300:
            raise refusal(self._http.name, answer)
        token, seconds = self._issued(answer)
        self._held = f"Bearer {token}"
        self._until = self._clock.now() + timedelta(seconds=seconds) - EARLY

    def _issued(self, answer: Answer) -> tuple[str, float]:
        said = answer.body if isinstance(answer.body, dict) else {}
        token, seconds = said.get("access_token"), said.get("expires_in", 0)
        if isinstance(token, str) and token and isinstance(seconds, int | float):
            return token, min(float(seconds), 1e7)
        raise ContractViolation(f"{self._http.name} signs in without giving a token.")

    def _missing(self, how: str) -> SignInMissing:
        return SignInMissing(
            f"The service of {self._http.name} {how}: look at client_id in settings, "
            "and store the secret again."
        )


class Agent:
    """An agent's own token. Not kept here: who signs in and out is seen elsewhere."""

    def __init__(self, tokens: AgentTokens, agent: str) -> None:
        self.key = self._agent = agent
        self._tokens = tokens

    async def header(self, refused: str = "") -> str:
        """The header; another one than *refused*. Raises `SignInMissing`, `Transient`."""
        return f"Bearer {await self._tokens.fetch(self._agent, refused.removeprefix('Bearer '))}"

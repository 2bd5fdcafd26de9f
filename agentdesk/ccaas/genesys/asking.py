"""Asks Genesys and reads: one object, or a listing to its end."""

from collections.abc import Mapping
from typing import Any

from agentdesk.ccaas.answers import Answer
from agentdesk.ccaas.http import Http, Query, SignIn
from agentdesk.ccaas.port import AgentTokens
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import ContractViolation

PAGE = 100
LAST_PAGE = 50  # 5,000 of a kind


class Asking:
    """The two credentials over one connection."""

    def __init__(self, http: Http, service: SignIn, agents: AgentTokens) -> None:
        self.http, self.service, self.agents = http, service, agents
        self.name = http.name

    async def get(self, path: str, sign_in: SignIn, query: Query | None = None) -> Wire:
        """One object. Raises `CentreProblem`."""
        answer = await self.http.ask("GET", path, sign_in, query=query)
        return self.wire(answer, path)

    async def put(
        self, method: str, path: str, sign_in: SignIn, body: Any = None, query: Query | None = None
    ) -> Answer:
        """Tell something. Raises `CentreProblem`."""
        return await self.http.ask(method, path, sign_in, body=body, query=query)

    async def every(
        self, path: str, sign_in: SignIn, query: Mapping[str, str | list[str]] | None = None
    ) -> list[Wire]:
        """All entities of a listing, page after page. Raises `CentreProblem`."""
        found: list[Wire] = []
        for number in range(1, LAST_PAGE + 1):
            asked = {**(query or {}), "pageSize": str(PAGE), "pageNumber": str(number)}
            page = await self.get(path, sign_in, asked)
            found += page.parts("entities")
            if not page.has("nextUri") and page.number("pageCount") <= number:
                return found
        raise ContractViolation(f"{self.name} has a listing without end: {path} is not read.")

    def wire(self, answer: Answer, path: str) -> Wire:
        """The object that was answered. Raises `ContractViolation`."""
        return Wire(self.name, path.rsplit("/api/v2/", 1)[-1].split("/")[0], answer.body)

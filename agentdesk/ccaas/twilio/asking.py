"""How TaskRouter is asked: paths of one workspace, forms, versions, and the limit of expression queries."""

import re
from asyncio import Lock, sleep
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from urllib.parse import parse_qsl, urlsplit

from agentdesk.ccaas.answers import Answer
from agentdesk.ccaas.http import Http, basic
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import SignInMissing, UnknownThere

PAGE = "1000"
MOST_PAGES = 20
EXPRESSIONS_A_SECOND = 3  # of the vendor's limits: a query that evaluates attributes
_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")


class Account:
    """Basic authentication: the account or a key of its API, and what is secret of it."""

    def __init__(self, name: str, sid: str, secret: Callable[[], Awaitable[str]]) -> None:
        self.key = sid
        self._name, self._secret = name, secret

    async def header(self, refused: str = "") -> str:
        """The header; another one than *refused*. Raises `SignInMissing`."""
        secret = await self._secret()
        header = basic(self.key, secret)
        if secret and header != refused:
            return header
        how = "is not accepted" if secret else "has no secret here"
        raise SignInMissing(
            f"The account of {self._name} {how}: look at it in settings, and store the secret again."
        )


class Spaced:
    """At most so many turns in any second."""

    def __init__(self, most: int) -> None:
        self._turns: deque[float] = deque([0.0] * most, maxlen=most)
        self._queue = Lock()

    async def turn(self) -> None:
        """Wait for the next one."""
        async with self._queue:
            await sleep(max(0.0, self._turns[0] + 1.0 - monotonic()))
            self._turns.append(monotonic())


class TaskRouter:
    """One workspace of one account."""

    def __init__(self, http: Http, account: Account, workspace: str) -> None:
        self.http, self.workspace = http, workspace
        self._account = account
        self._expressions = Spaced(EXPRESSIONS_A_SECOND)

    @property
    def name(self) -> str:
        """As people read it."""
        return self.http.name

    def path(self, *steps: str) -> str:
        """Names of collections as they are, ids checked. Raises `UnknownThere` for what is no id."""
        for step in steps[1::2]:
            if not _SID.fullmatch(step):
                raise UnknownThere(f"{self.name} knows nothing by such a name: look it up there.")
        return "/".join(("/v1/Workspaces", self.workspace, *steps))

    async def get(self, *steps: str) -> Answer:
        """One resource. Raises `CentreProblem`."""
        return await self.http.ask("GET", self.path(*steps), self._account)

    async def post(self, form: Mapping[str, str], *steps: str, version: str = "") -> Answer:
        """Make or change one; with *version* only where it is still that one. Raises `StaleSegment`."""
        headers = {"If-Match": version} if version else None
        path = self.path(*steps)
        return await self.http.ask("POST", path, self._account, form=form, headers=headers)

    async def list(self, key: str, query: Mapping[str, str], *steps: str) -> list[Wire]:
        """All of a collection, which its answer names *key*, page by page. Raises `CentreProblem`."""
        if any(name.startswith("Evaluate") for name in query):
            await self._expressions.turn()
        path, found = self.path(*steps), []
        asked: Mapping[str, str] | None = {**query, "PageSize": PAGE}
        for _ in range(MOST_PAGES):
            answer = await self.http.ask("GET", path, self._account, query=asked)
            page = Wire(self.name, steps[-1], answer.body)
            found += page.parts(key)
            asked = _next(page.part("meta").text("next_page_url"))
            if not asked:
                break
        return found


def version_of(answer: Answer) -> str:
    """The version of what was answered. Some resources write its name `Etag`."""
    return next((value for name, value in answer.headers.items() if name.lower() == "etag"), "")


def _next(url: str) -> Mapping[str, str] | None:
    """Only the question of the address that the answer gives: its host is not gone to."""
    return dict(parse_qsl(urlsplit(url).query)) or None

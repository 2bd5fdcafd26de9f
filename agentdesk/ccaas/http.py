"""HTTP to a centre: one session, TLS always verified, time limits, a limit for each sign-in, errors typed."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from agentdesk.ccaas.answers import AGAIN, Answer, moment_of, read, refusal
from agentdesk.ccaas.limits import Bucket
from agentdesk.domain.ccaas.errors import AuthExpired, ContractViolation, Transient
from agentdesk.domain.clock import Clock

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientWebSocketResponse

WITHIN_S = 20.0
CONNECT_S = 6.0
LARGEST = 16 * 1024 * 1024
HERE = ("127.0.0.1", "localhost", "::1")
Query = Mapping[str, str | list[str]]


class SignIn(Protocol):
    """Under whose name something is asked. `key` says whose limit it counts against."""

    key: str

    async def header(self, refused: str = "") -> str:
        """The Authorization header; another one than *refused*. Raises `SignInMissing`, `Transient`."""
        ...


class Http:
    """Asks one centre. Nothing is repeated here but what a stale token kept from taking effect."""

    def __init__(self, name: str, address: str, clock: Clock, per_minute: int = 300) -> None:
        self.name, self.address = name, address.rstrip("/")
        self.skew: timedelta | None = None
        self._clock, self._per_minute = clock, per_minute
        self._buckets: dict[str, Bucket] = {}
        self._session: ClientSession | None = None

    def there(self) -> datetime:
        """The centre's time now, as far as it has told it."""
        return self._clock.now() + (self.skew or timedelta())

    async def ask(
        self,
        method: str,
        path: str,
        sign_in: SignIn,
        *,
        body: Any = None,
        query: Query | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer of a request that succeeded. Raises `CentreProblem`."""
        sending = {"json": body, "data": form, "params": query, "headers": headers}
        said = {name: value for name, value in sending.items() if value is not None}
        header = await sign_in.header()
        answer = await self._turn(sign_in.key, method, path, header, said)
        if answer.status == 401:
            try:
                header = await sign_in.header(refused=header)
            except AuthExpired:
                raise refusal(self.name, answer) from None
            answer = await self._turn(sign_in.key, method, path, header, said)
        if answer.status >= 300:
            raise refusal(self.name, answer)
        return answer

    async def _turn(
        self, key: str, method: str, path: str, header: str, said: dict[str, Any]
    ) -> Answer:
        bucket = self._buckets.setdefault(key, Bucket(self._per_minute))
        await bucket.turn(self.name)
        headers = {**said.get("headers", {}), "Authorization": header}
        exchange = {name: value for name, value in said.items() if name != "headers"}
        answer = await self.send(method, self.address + path, headers, exchange)
        if answer.status == 429:
            bucket.close_for(answer.retry_after or 1.0)
        return answer

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], said: Mapping[str, Any]
    ) -> Answer:
        """One exchange, whatever its status. Raises `Transient`, `CentreProblem`."""
        session = await self._opened()
        from aiohttp import ClientConnectorError, ClientError, ClientSSLError

        try:
            async with session.request(
                method, url, headers=headers, allow_redirects=False, **said
            ) as response:
                raw = await self._whole(response.content)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return self._answer(response.status, headers, raw)
        except (ClientSSLError, ssl.SSLError) as error:
            raise Transient(
                f"{self.name} shows a certificate that cannot be trusted ({_words(error)}): "
                "look at its address, and at what stands between."
            ) from error
        except TimeoutError as error:
            raise Transient(f"{self.name} does not answer in time: {AGAIN}.") from error
        except (ClientConnectorError, OSError) as error:
            raise Transient(f"{self.name} cannot be reached ({_words(error)}): {AGAIN}.") from error
        except ClientError as error:
            raise Transient(
                f"{self.name} broke off its answer ({_words(error)}): {AGAIN}."
            ) from error

    async def _whole(self, content: Any) -> bytes:
        parts, size = [], 0
        async for part in content.iter_any():
            size += len(part)
            if size > LARGEST:
                raise ContractViolation(f"{self.name} sends an answer without end: it is not read.")
            parts.append(part)
        return b"".join(parts)

    def _answer(self, status: int, headers: dict[str, str], raw: bytes) -> Answer:
        at = moment_of(headers.get("date", ""))
        if at:
            self.skew = at - self._clock.now().replace(microsecond=0)
        try:
            body = read(raw)
        except ValueError:
            if status < 300:
                raise Transient(
                    f"What answers in the place of {self.name} does not speak its language: look at its "
                    f"address, and at what stands between. Meanwhile {AGAIN}."
                ) from None
            body = None
        return Answer(status, body, at, headers)

    async def listen(self, url: str) -> "ClientWebSocketResponse":
        """A WebSocket. Raises `Transient`, and `ContractViolation` for one that anybody could read."""
        where = urlsplit(url)
        if where.scheme != "wss" and not (where.scheme == "ws" and where.hostname in HERE):
            raise ContractViolation(
                f"{self.name} names a line for its events that is not encrypted."
            )
        session = await self._opened()
        from aiohttp import ClientError, ClientWSTimeout

        try:
            return await session.ws_connect(
                url, timeout=ClientWSTimeout(ws_close=1.0), autoping=True
            )
        except (ClientError, TimeoutError, OSError) as error:
            raise Transient(
                f"The line for events of {self.name} does not open ({_words(error)}): {AGAIN}."
            ) from error

    async def _opened(self) -> "ClientSession":
        """The session. Its library is loaded beside the loop: that takes up to a second."""
        if self._session is not None and not self._session.closed:
            return self._session
        aiohttp = await asyncio.to_thread(import_module, "aiohttp")
        if self._session is None or self._session.closed:  # nobody made it meanwhile
            here = urlsplit(self.address).hostname in HERE
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=WITHIN_S, sock_connect=CONNECT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "agentdesk", "Accept": "application/json"},
                trust_env=not here,  # a proxy of the house lies between us and all but this machine
            )
        return self._session

    async def close(self) -> None:
        """Let go of all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            await asyncio.sleep(0)


def basic(login: str, password: str) -> str:
    """The header of a login by name and secret. Source: RFC 7617."""
    return f"Basic {b64encode(f'{login}:{password}'.encode()).decode()}"


def _words(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:120]

"""One question to the model's server, and its answer as it comes."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from ipaddress import ip_address
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agentdesk.ai.choosing import Key
from agentdesk.ai.model import budget, refusals
from agentdesk.domain.assistance import AiRules, Usage
from agentdesk.domain.errors import AssistantProblem, DeskError

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk

LONGEST_PAUSE_S = 10.0
"""A server that asks for a longer pause is not waited for: the person is told."""

FIRST_PAUSE_S = 0.5
CONNECT_S = 10.0
PATIENCE = 10
"""An answer may take this many times the silence that is allowed."""

UNFINISHED = (None, "length", "content_filter")
"""What a server says of an answer that is not whole; None: it never came to its end."""

UNFIT_KEY = (
    "The key of the model's server holds characters that no key has: store it again with "
    "agentdesk model-key, or correct its environment variable."
)

MILLION = 1_000_000


class Meter:
    """What the questions of one task took, added up."""

    def __init__(self, rules: AiRules) -> None:
        self._rules = rules
        self.usage = Usage()

    def add(self, tokens_in: int, tokens_out: int) -> None:
        """Another answer, also one that was of no use."""
        self.usage += Usage(tokens_in, tokens_out, self._cost(tokens_in, tokens_out))

    def _cost(self, tokens_in: int, tokens_out: int) -> float | None:
        r = self._rules
        if r.price_in is None or r.price_out is None:
            return None
        return (tokens_in * r.price_in + tokens_out * r.price_out) / MILLION


class Server:
    """Where the model of the settings answers. Each question has a connection of its own."""

    def __init__(self, rules: AiRules, key: Key) -> None:
        self.rules = rules
        self._key = key

    async def answer(self, system: str, user: str, meter: Meter) -> AsyncGenerator[str, None]:
        """The answer in pieces. Closing this closes the connection. Raises `AssistantProblem`."""
        openai = await asyncio.to_thread(import_module, "openai")  # takes half a second
        answer = _Answer(budget.tokens(system + user))
        try:
            async with (
                self._client(openai) as client,
                await self._begun(openai, client, system, user) as stream,
            ):
                answer.begun = True
                end = asyncio.get_running_loop().time() + PATIENCE * self._silence
                while (chunk := await self._next(stream, end)) is not None:
                    if piece := answer.read(chunk):
                        yield piece
        except (TimeoutError, ValueError, RecursionError, openai.OpenAIError) as error:
            raise refusals.problem(error, self.rules, openai, begun=answer.begun) from error
        finally:
            if answer.begun:
                meter.add(*answer.tokens)
        if answer.reason in UNFINISHED:
            raise refusals.unfinished(self.rules, answer.reason)

    async def _next(
        self, stream: "AsyncStream[ChatCompletionChunk]", end: float
    ) -> "ChatCompletionChunk | None":
        silent_at = asyncio.get_running_loop().time() + self._silence
        async with asyncio.timeout_at(min(silent_at, end)):
            return await anext(stream, None)

    @property
    def _silence(self) -> float:
        return self.rules.timeout.total_seconds()

    @asynccontextmanager
    async def _client(self, openai: ModuleType) -> AsyncIterator["AsyncOpenAI"]:
        """Never sent elsewhere by a redirect; a server on this machine is reached without a proxy."""
        try:
            key = (await self._key()).strip()
        except DeskError as error:
            raise AssistantProblem(str(error)) from error
        if not (key.isascii() and key.isprintable()):
            raise AssistantProblem(UNFIT_KEY)
        async with await asyncio.to_thread(self._made, openai, key) as client:
            yield client

    def _made(self, openai: ModuleType, key: str) -> "AsyncOpenAI":
        """Reads the system's certificates, which takes a while."""
        http = openai.DefaultAsyncHttpxClient(
            follow_redirects=False,
            trust_env=not _is_here(self.rules.base_url),
            timeout=openai.Timeout(self._silence, connect=min(CONNECT_S, self._silence)),
        )
        made: AsyncOpenAI = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=self.rules.base_url,
            max_retries=0,
            timeout=http.timeout,
            http_client=http,
        )
        return made

    async def _begun(
        self, openai: ModuleType, client: "AsyncOpenAI", system: str, user: str
    ) -> "AsyncStream[ChatCompletionChunk]":
        """The answer's beginning; tried again while the server is busy or not reached."""
        tried = 0
        while True:
            try:
                async with asyncio.timeout(self._silence):
                    return await client.chat.completions.create(
                        model=self.rules.model,
                        messages=[
                            {"role": "system", "content": system},
                            {"role": "user", "content": user},
                        ],
                        stream=True,
                        stream_options={"include_usage": True},
                    )
            except openai.APITimeoutError:
                raise
            except (
                openai.RateLimitError,
                openai.InternalServerError,
                openai.APIConnectionError,
            ) as error:
                pause = refusals.pause_asked_for(error)
                pause = FIRST_PAUSE_S * 2**tried if pause is None else pause
                if tried >= self.rules.retries or pause > LONGEST_PAUSE_S:
                    raise
            tried += 1
            await asyncio.sleep(pause)


class _Answer:
    """What is known of an answer while it comes. Servers that count no tokens are estimated."""

    def __init__(self, asked: int) -> None:
        self.begun = False
        self.reason: str | None = None
        self._estimate = [asked, 0]
        self._counted: tuple[int, int] | None = None

    @property
    def tokens(self) -> tuple[int, int]:
        return self._counted or (self._estimate[0], self._estimate[1])

    def read(self, chunk: Any) -> str:
        """The text of *chunk*, whose shape nobody has checked."""
        usage = getattr(chunk, "usage", None)
        counts = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
        if isinstance(counts[0], int) and isinstance(counts[1], int):
            self._counted = max(0, counts[0]), max(0, counts[1])
        choices = getattr(chunk, "choices", None)
        choice = choices[0] if isinstance(choices, list) and choices else None
        reason = getattr(choice, "finish_reason", None)
        if isinstance(reason, str):
            self.reason = reason
        text = getattr(getattr(choice, "delta", None), "content", None)
        if not isinstance(text, str):
            return ""
        self._estimate[1] += budget.tokens(text)
        return text


def _is_here(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

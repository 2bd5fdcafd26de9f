"""A real server that speaks OpenAI's chat completions, on this machine, with answers by script.

    async with model_server([summary("The door is stuck.")]) as server:
        assistant = choosing.assistant(server.rules())

A script is a list of answers, given in turn (the last one again and again), or a function of what was
asked. `python -m tests.openai_server` runs one by itself, for looking at screens.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from agentdesk.domain.assistance import AiRules


@dataclass(frozen=True)
class Asked:
    """One request, as it came in."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found

    @property
    def system(self) -> str:
        return self._said("system")

    @property
    def user(self) -> str:
        return self._said("user")

    def _said(self, role: str) -> str:
        return "\n".join(m["content"] for m in self.body["messages"] if m["role"] == role)


@dataclass(frozen=True)
class Answer:
    """What the server says.

    `size`: characters of a piece. `gate`: after the first piece it waits until this is set. `silent`:
    it never says anything. `cut`: the connection breaks after so many pieces. `raw`: the body, as it is.
    """

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    usage: tuple[int, int] | None = (100, 20)
    finish: str | None = "stop"
    size: int = 12
    gate: asyncio.Event | None = None
    silent: bool = False
    cut: int | None = None
    raw: bytes | None = None

    @property
    def pieces(self) -> list[str]:
        return [self.text[i : i + self.size] for i in range(0, len(self.text), self.size)]


def summary(issue: str, done: str = "Nothing yet.", next_steps: str = "Answer the mail.") -> str:
    """A summary in the form in which a model is asked for it."""
    return f"=ISSUE=\n{issue}\n=DONE=\n{done}\n=NEXT=\n{next_steps}\n=END="


def written(text: str) -> str:
    """A reply or a translation in the form in which a model is asked for it."""
    return f"=TEXT=\n{text}\n=END="


def refusal(status: int, message: str = "no", code: str = "", **headers: str) -> Answer:
    """An error as OpenAI words it."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": code}}).encode()
    return Answer(
        status=status, raw=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


Script = Sequence[Answer | str] | Callable[[Asked], Answer | str]


class ModelServer:
    """The server; `hang_ups` counts clients that left before the end of their answer."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.hang_ups = 0
        self.left = asyncio.Event()
        self.arrived = asyncio.Event()
        self.port = 0
        self._given = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def received(self) -> bytes:
        """Everything that ever came in."""
        return b"".join(asked.raw for asked in self.asked)

    def rules(self, **chosen: Any) -> AiRules:
        """Settings that choose this server."""
        usual: dict[str, Any] = {
            "summaries": "openai",
            "matcher": "openai",
            "base_url": self.url,
            "model": "test-model",
            "timeout": timedelta(seconds=5),
            "retries": 0,
        }
        return AiRules(**{**usual, **chosen})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while (asked := await _request(reader)) is not None:
                self.asked.append(asked)
                self.arrived.set()
                if not await self._answer(self._next(asked), asked, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            self._left()
        except asyncio.CancelledError:
            pass  # the server closes; asyncio 3.11 would print this
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _next(self, asked: Asked) -> Answer:
        if callable(self.script):
            answer = self.script(asked)
        else:
            answer = self.script[min(self._given, len(self.script) - 1)]
        self._given += 1
        return Answer(answer) if isinstance(answer, str) else answer

    def _left(self) -> None:
        self.hang_ups += 1
        self.left.set()

    async def _answer(
        self, a: Answer, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the connection may go on."""
        if a.silent:
            return await self._waited(asyncio.Event(), reader)
        if a.raw is not None or not asked.body.get("stream"):
            body = a.raw if a.raw is not None else json.dumps(_whole(a)).encode()
            kind = (
                "text/event-stream"
                if a.status == 200 and asked.body.get("stream")
                else "application/json"
            )
            writer.write(_head(a, kind, len(body)) + body)
            await writer.drain()
            return True
        writer.write(_head(a, "text/event-stream", None))
        for number, piece in enumerate(a.pieces):
            if a.cut == number:
                return False
            _send(writer, _chunk(piece))
            await writer.drain()
            if a.gate is not None and number == 0 and not await self._waited(a.gate, reader):
                return False
        if a.finish is not None:
            _send(writer, _chunk(None, a.finish))
        if a.usage is not None:
            _send(writer, {**_chunk(None), "choices": [], "usage": _usage(a.usage)})
        _write(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _waited(self, gate: asyncio.Event, reader: asyncio.StreamReader) -> bool:
        """Wait for *gate*; False when the client leaves first."""
        opened = asyncio.create_task(gate.wait())
        gone = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait([opened, gone], return_when=asyncio.FIRST_COMPLETED)
            if opened.done():
                return True
            self._left()
            return False
        finally:
            opened.cancel()
            gone.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await gone


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.strip().split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(first.split(" ")[1], headers, raw)


def _head(a: Answer, kind: str, length: int | None) -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    more = "".join(f"{name}: {value}\r\n" for name, value in a.headers.items())
    return f"HTTP/1.1 {a.status} Said\r\nContent-Type: {kind}\r\n{size}\r\n{more}\r\n".encode()


def _send(writer: asyncio.StreamWriter, data: dict[str, Any]) -> None:
    _write(writer, f"data: {json.dumps(data)}\n\n".encode())


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def _chunk(text: str | None, finish: str | None = None) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "test-model",
        "choices": [choice],
    }


def _whole(a: Answer) -> dict[str, Any]:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": a.text},
        "finish_reason": a.finish,
    }
    usage = {} if a.usage is None else {"usage": _usage(a.usage)}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "test-model",
        "choices": [choice],
        **usage,
    }


def _usage(tokens: tuple[int, int]) -> dict[str, int]:
    return {
        "prompt_tokens": tokens[0],
        "completion_tokens": tokens[1],
        "total_tokens": sum(tokens),
    }


@asynccontextmanager
async def model_server(script: Script, port: int = 0) -> AsyncIterator[ModelServer]:
    """A server on a free port of this machine, or on *port*."""
    server = ModelServer(script)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", port, limit=2**24)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.close()


def obliging(asked: Asked) -> str:
    """An answer of the right form, whatever is asked."""
    if "=ISSUE=" in asked.system:
        return summary("A customer asks for help.", "• Ana answered.", "• Wait for the customer.")
    if '"key"' in asked.system:
        return '{"key": null, "why": "Nothing fits."}'
    if '"confidence"' in asked.system:
        return '{"id": null, "confidence": 0.9, "why": "Another matter."}'
    return written("Hello,\n\nthank you for your mail.")


async def _main(port: int) -> None:
    async with model_server(obliging, port) as server:
        print(server.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    import sys

    asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))

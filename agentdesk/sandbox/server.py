"""The sandbox as a server on loopback, until a signal ends it."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from agentdesk.domain.clock import Clock
from agentdesk.domain.errors import BadInput
from agentdesk.sandbox.api import (
    SANDBOX,
    add_operations,
    answer_refusals,
    let_things_go_wrong,
    only_from_here,
    tell_the_time,
)
from agentdesk.sandbox.oauth import add_oauth
from agentdesk.sandbox.panel import add_panel
from agentdesk.sandbox.sandbox import Sandbox
from agentdesk.sandbox.socket import HEARTBEAT_S, add_sockets

HERE = "127.0.0.1"
BEAT_S = 30.0
GOODBYE_S = 2.0


def application(
    sandbox: Sandbox, *, heartbeat_s: float = BEAT_S, around: Sequence[Any] = ()
) -> web.Application:
    """All routes; *around* are middlewares outside of everything (tests look at the wire there)."""
    inner = [answer_refusals, only_from_here, let_things_go_wrong, answer_refusals]
    app = web.Application(middlewares=[*around, *inner])
    app[SANDBOX], app[HEARTBEAT_S] = sandbox, heartbeat_s
    app.on_response_prepare.append(tell_the_time)
    add_operations(app)
    add_oauth(app)
    add_sockets(app)
    add_panel(app)
    return app


@asynccontextmanager
async def serving(
    sandbox: Sandbox, port: int = 0, *, heartbeat_s: float = BEAT_S, around: Sequence[Any] = ()
) -> AsyncIterator[str]:
    """Serve on loopback; gives the address. Raises `BadInput` where the port is taken."""
    app = application(sandbox, heartbeat_s=heartbeat_s, around=around)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GOODBYE_S)
    await runner.setup()
    keeping_time = asyncio.create_task(sandbox.keep_time())
    try:
        yield await _bind(runner, port)
    finally:
        keeping_time.cancel()
        await asyncio.gather(keeping_time, return_exceptions=True)
        for listener in list(sandbox.channels.listeners.values()):
            listener.hang_up()
        await runner.cleanup()
        await sandbox.close()


async def _bind(runner: web.AppRunner, port: int) -> str:
    try:
        await web.TCPSite(runner, HERE, port).start()
    except OSError:
        raise BadInput(f"Port {port} is in use: choose another, or 0 for any free one.") from None
    return f"http://{HERE}:{runner.addresses[0][1]}"


def opened(file: Path | None, seed: int, clock: Clock | None = None) -> Sandbox:
    """A sandbox with its file. Raises `BadInput` where the file cannot be used."""
    try:
        return Sandbox(file, seed, clock)
    except sqlite3.OperationalError as error:
        raise BadInput(f"{file} cannot be opened ({error}): is another sandbox using it?") from None
    except (sqlite3.DatabaseError, ValueError):
        raise BadInput(f"{file} is not a sandbox's file: choose another.") from None


async def run(file: Path | None, port: int, seed: int, say: Callable[[str, Sandbox], None]) -> None:
    """Serve until SIGINT or SIGTERM; *say* is told the address once it answers."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    sandbox = opened(file, seed)
    async with serving(sandbox, port) as address:
        say(address, sandbox)
        await ended.wait()

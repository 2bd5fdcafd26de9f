"""Engines as child processes: begun, killed, frozen and stopped, never left behind."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.child import Orders
from tests.terminal.terminal import ROOT

FAREWELL_S = 10.0


@dataclass
class Engine:
    """One engine. `ended` is its wait status, once it has one."""

    pid: int
    ended: "asyncio.Future[int]"
    output: Path = Path()

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return not self.ended.done()

    def signal(self, what: signal.Signals) -> None:
        """Send a signal, if it lives."""
        if self.lives:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, what)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        await self.ended

    async def stop(self) -> bool:
        """SIGTERM; whether it ended by itself in time. Killed if not."""
        self.signal(signal.SIGTERM)
        await asyncio.wait([self.ended], timeout=FAREWELL_S)
        in_time = not self.lives
        if not in_time:
            self.signal(signal.SIGUSR2)
            await asyncio.wait([self.ended], timeout=0.5)
        await self.kill()
        return in_time

    @property
    def failed(self) -> str:
        """How it ended by itself although nobody wished it; empty if it did not."""
        if self.lives:
            return ""
        status = self.ended.result()
        ours = (signal.SIGKILL, signal.SIGTERM)  # SIGTERM, before it listens to it
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) in ours
        return "" if killed or status == 0 else f"wait status {status}\n{tail(self.output)}"


def tail(path: Path, lines: int = 25) -> str:
    """The end of a file."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


class Engines:
    """The process that forks them."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._living: dict[int, Engine] = {}
        self._begun: asyncio.Queue[Engine | None] = asyncio.Queue()
        self._turn = asyncio.Lock()
        self.count = 0

    async def start(self, orders: Orders) -> Engine:
        """A new engine under *orders*."""
        assert self.process.stdin is not None
        async with self._turn:
            self.process.stdin.write(orders.line())
            engine = await self._begun.get()
        if engine is None:
            raise RuntimeError("The process that forks engines is gone.")
        engine.output = Path(orders.output)
        self.count += 1
        return engine

    async def kill_all(self) -> None:
        """Nobody lives after this."""
        for engine in list(self._living.values()):
            await engine.kill()

    async def listen(self) -> None:
        """Follow what the forking process tells."""
        assert self.process.stdout is not None
        loop = asyncio.get_running_loop()
        while line := await self.process.stdout.readline():
            match line.decode().split():
                case ["began", pid]:
                    engine = Engine(int(pid), loop.create_future())
                    self._living[engine.pid] = engine
                    self._begun.put_nowait(engine)
                case ["ended", pid, status]:
                    self._living.pop(int(pid)).ended.set_result(int(status))
        for engine in self._living.values():
            engine.ended.set_result(signal.SIGKILL)  # as the kernel does to them
        self._living.clear()
        self._begun.put_nowait(None)


@contextlib.asynccontextmanager
async def engines() -> AsyncIterator[Engines]:
    """The forking process; it and every engine end with the context, or with this process."""
    with _inherited() as environment:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.child"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env=environment,
            start_new_session=True,  # Ctrl-C is the harness's to handle
        )
    made = Engines(process)
    listening = asyncio.create_task(made.listen())
    try:
        yield made
        await made.kill_all()
    finally:
        assert process.stdin is not None
        process.stdin.close()
        if process.returncode is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), FAREWELL_S)
        if process.returncode is None:
            process.kill()
            await process.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@contextlib.contextmanager
def _inherited() -> Iterator[dict[str, str]]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AGENTDESK_")}
    yield {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}

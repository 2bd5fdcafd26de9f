"""The whole program: what it prints, what it keeps, and how it ends."""

import asyncio
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agentdesk.sandbox import seeding
from tests.sandbox.wire import CONVERSATIONS, Wire, wrapup_id

PROGRAM = [sys.executable, "-m", "agentdesk", "ccaas", "sandbox"]


class Program:
    def __init__(self, process: asyncio.subprocess.Process, printed: str) -> None:
        self.process = process
        self.printed = printed
        found = re.search(r"http://127\.0\.0\.1:\d+", printed)
        assert found
        self.address = found[0]

    async def end(self, number: int) -> int:
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 20)


@asynccontextmanager
async def program(*arguments: str) -> AsyncIterator[Program]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*PROGRAM, *arguments, stdout=pipe, stderr=pipe)
    printed = ""
    try:
        while "Ctrl-C" not in printed:
            line = await asyncio.wait_for(process.stdout.readline(), 30)
            assert line, (await process.stderr.read()).decode()
            printed += line.decode()
        yield Program(process, printed)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def refused(*arguments: str) -> tuple[int, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*PROGRAM, *arguments, stdout=pipe, stderr=pipe)
    _, said = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, said.decode()


def without_the_time(state: Any) -> Any:
    return {k: v for k, v in state.items() if k not in ("now", "listening")}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_is_and_ends_on_a_signal_with_listeners_connected(
    number: int,
) -> None:
    async with program("--seed", "3") as running, Wire.to(running.address) as wire:
        for text in (seeding.service_client(3), seeding.secret_of(3), seeding.desk_client(3)):
            assert text in running.printed
        assert f"{running.address}/__sandbox__/" in running.printed
        reply = await wire.token(
            grant_type="client_credentials",
            client_id=seeding.service_client(3),
            client_secret=seeding.secret_of(3),
        )
        headers = {"Authorization": f"Bearer {reply.body['access_token']}"}
        made = await wire.send("POST", "/api/v2/notifications/channels", headers=headers)
        async with wire.session.ws_connect(made.body["connectUri"]):
            assert await running.end(number) == 0
        assert b"ended" in await running.process.stdout.read()
        assert await running.process.stderr.read() == b""


async def work(wire: Wire) -> str:
    """A conversation in wrap-up, one alerting, one waiting, a transfer, a right taken, a moved clock."""
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    await ana("PATCH", held.participant_path, {"state": "disconnected"})
    await ana("POST", held.wrapup_path, {"code": wrapup_id("Resolved"), "notes": "Straße"})
    for _ in range(3):
        await wire.hand_over(service)
    await wire.panel("rights", agent="Ben Okafor", right="blindTransferQueue", granted=False)
    await wire.panel("clock", seconds=3)
    await ana("POST", "/api/v2/notifications/channels")
    return ana.token


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_everything_that_was_answered_is_there_after_a_restart(
    tmp_path: Path, number: int
) -> None:
    file = str(tmp_path / "centre.db")
    async with program("--data", file) as running, Wire.to(running.address) as wire:
        token = await work(wire)
        before = await wire.state()
        await running.end(number)
    async with program("--data", file) as again, Wire.to(again.address) as wire:
        assert without_the_time(await wire.state()) == without_the_time(before)
        headers = {"Authorization": f"Bearer {token}"}
        mine = await wire.send("GET", f"{CONVERSATIONS}/emails", headers=headers)
        assert len(mine.body["entities"]) == 2


async def test_killed_in_the_middle_of_a_crowd_no_answer_was_a_lie(tmp_path: Path) -> None:
    file = str(tmp_path / "centre.db")
    answered: list[str] = []
    async with program("--data", file) as running, Wire.to(running.address) as wire:
        service = await wire.service()

        async def hand_over() -> None:
            while True:
                answered.append(await wire.hand_over(service))

        crowd = [asyncio.create_task(hand_over()) for _ in range(4)]
        while len(answered) < 40:
            await asyncio.sleep(0.005)
        await running.end(signal.SIGKILL)
        await asyncio.gather(*crowd, return_exceptions=True)
    async with program("--data", file) as again, Wire.to(again.address) as wire:
        kept = {c["id"] for c in (await wire.state())["conversations"]}
    assert set(answered) <= kept
    assert len(kept) <= len(answered) + 4


async def test_a_taken_port_and_a_file_that_is_none_are_sentences(tmp_path: Path) -> None:
    async with program() as running:
        port = running.address.rpartition(":")[2]
        assert await refused("--port", port) == (
            2,
            f"Port {port} is in use: choose another, or 0 for any free one.\n",
        )
    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to look at " * 30)
    code, said = await refused("--data", str(text))
    assert (code, said) == (2, f"{text} is not a sandbox's file: choose another.\n")


async def test_two_sandboxes_never_share_a_file(tmp_path: Path) -> None:
    file = tmp_path / "centre.db"
    async with program("--data", str(file)):
        code, said = await refused("--data", str(file))
    assert code == 2
    assert "is another sandbox using it?" in said


def test_a_future_file_is_refused_rather_than_overwritten(tmp_path: Path) -> None:
    from agentdesk.domain.errors import BadInput
    from agentdesk.sandbox.server import opened

    file = tmp_path / "centre.db"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE records (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id))")
        db.execute("""INSERT INTO records VALUES ('office', '', '{"agents": 7}')""")
    db.close()
    with pytest.raises(BadInput, match="is not a sandbox's file"):
        opened(file, 1)

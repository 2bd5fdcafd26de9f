"""The supervisor's wallboard: what it costs while 200 agents work on 5,000 queued items.

The real screen (headless) on a real SQLite desk; another process commits changes at a steady rate.
The reference is a Textual app that repaints a clock once a second, measured in the same run.
"""

import asyncio
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import sqlalchemy as sa
from textual.app import App, ComposeResult
from textual.widgets import Static

from agentdesk import services
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.feed import Change
from agentdesk.domain.policy import AgentSetup, Policy, PoolSetup, QueueSetup
from agentdesk.domain.setup import DeskSetup
from agentdesk.storage import feed
from agentdesk.storage.store import Store
from agentdesk.storage.tables import (
    agents,
    customers,
    interactions,
    mail_accounts,
    work_items,
    work_log,
)
from agentdesk.tui.app import DeskApp
from agentdesk.tui.options import DeskOptions
from tests.desks import SETUP, desk

AGENTS, QUEUES, ITEMS, HISTORY = 200, 20, 5_000, 20_000
RATE_S = 4
"""Changes a second: twice what 200 agents cause who handle ten mails an hour in four moves each."""

MEASURED_S = 15.0
SIZE = (140, 45)


class Clock(App[None]):
    """The reference: the least that moves once a second."""

    def compose(self) -> ComposeResult:
        """One line."""
        yield Static("", id="clock")

    def on_mount(self) -> None:
        """Every second."""
        self.set_interval(1.0, self._show)

    def _show(self) -> None:
        self.query_one("#clock", Static).update(f"{datetime.now(UTC):%H:%M:%S}")


def policy() -> Policy:
    """Agents in ten groups, each of which serves two queues."""
    people = tuple(
        AgentSetup(f"a{n}", f"Agent {n:03}", groups=frozenset({f"g{n % 10}"}))
        for n in range(AGENTS)
    )
    boss = AgentSetup("sue", "Sue Lind", role=Role.SUPERVISOR, groups=frozenset({"boss"}))
    queues = tuple(
        QueueSetup(f"q{n}", f"Queue {n:02}", pools=(PoolSetup(frozenset({f"g{n % 10}"})),))
        for n in range(QUEUES)
    )
    return replace(SETUP.policy, agents=(*people, boss), queues=queues)


def setup() -> DeskSetup:
    """The usual accounts, with that policy."""
    accounts = tuple(replace(account, queue="q0") for account in SETUP.accounts)
    return replace(SETUP, policy=policy(), accounts=accounts)


async def fill(store: Store) -> None:
    """Work that waits, work in hand, and a day of the log."""
    now = datetime.now(UTC)
    async with store.write() as tx:
        await tx.execute(sa.update(agents).values(presence="available", presence_since=now))
        account = (await tx.all(sa.select(mail_accounts.c.id)))[0].id
        who = await tx.new_id(customers)
        person = {"id": who, "kind": "contact", "name": "Mara Olsen", "created_at": now}
        await tx.insert(customers, [person])
        count = ITEMS + 3 * AGENTS
        keys = await tx.new_ids(interactions, count)
        usual = {"direction": "inbound", "customer_id": who, "mail_account_id": account}
        rows = [
            {
                **usual,
                "id": key,
                "number": f"IMS{key:07d}",
                "state": "new" if n < ITEMS else "work_in_progress",
                "owner_id": None if n < ITEMS else 1 + n % AGENTS,
                "subject": f"Order {key}",
                "opened_at": now - timedelta(seconds=n),
                "changed_at": now - timedelta(seconds=n),
                "queue_id": 1 + n % QUEUES,
                "channel": "email",
                "token": f"{key:022d}",
            }
            for n, key in enumerate(keys)
        ]
        await tx.insert(interactions, rows)
        works = await tx.new_ids(work_items, ITEMS)
        waiting = [
            {
                "id": work,
                "interaction_id": key,
                "queue_id": 1 + n % QUEUES,
                "state": "queued",
                "queued_at": now - timedelta(seconds=n),
                "passed": [],
                "channel": "email",
                "target_at": now + timedelta(seconds=600 - n),
            }
            for n, (work, key) in enumerate(zip(works, keys, strict=False))
        ]
        await tx.insert(work_items, waiting)
        entries = await tx.new_ids(work_log, HISTORY)
        whats = ("arrived", "offered", "accepted", "handled")
        logged = [
            {
                "id": key,
                "at": now - timedelta(seconds=4 * n),
                "queue_id": 1 + n % QUEUES,
                "what": whats[n % 4],
                "seconds": 30.0,
                "within_target": n % 3 > 0,
            }
            for n, key in enumerate(entries)
        ]
        await tx.insert(work_log, logged)


async def changes(url: str, seconds: float) -> None:
    """The other process: presence, arrivals and acceptances, as services would record them."""
    async with desk(url, clock=SystemClock(), setup=setup()) as made:
        actors = [
            Actor(key, a.name, a.role, made.session) for key, a in made.in_force.agents.items()
        ]
        end, n = time.monotonic() + seconds, 0
        began = time.monotonic()
        while time.monotonic() < end:
            who = actors[n // 2 % AGENTS]
            key = "away" if n % 2 == 0 else "available"
            await services.presence.set_presence(made, who, key)
            n += 1
            await asyncio.sleep(max(0.0, began + n / RATE_S - time.monotonic()))


class Opened(SimpleNamespace):
    """An open desk without an engine: only the feed."""

    sign_ins = ()
    centre_sign_ins: ClassVar[dict[str, Any]] = {}

    async def feed(self) -> AsyncIterator[Change]:
        """What the other process commits."""
        async for change in feed.follow(self.desk.store):
            yield change

    def health(self) -> tuple[()]:
        """No loops."""
        return ()

    def retry(self) -> None:
        """Nothing to retry."""

    async def close(self, *, deliberate: bool = False) -> None:
        """The benchmark closes the desk."""


class Stops:
    """The longest time for which the event loop did nothing else."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            self.longest = max(self.longest, time.perf_counter() - before - 0.005)


async def watched(app: App[Any], steps: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """The share of one core that *app* uses, and the longest stop of its loop."""
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(1.0)
        await steps()
        stops = Stops()
        watch = asyncio.create_task(stops.watch())
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.sleep(MEASURED_S)
        share = (time.process_time() - cpu) / (time.perf_counter() - wall)
        watch.cancel()
    return share, stops.longest


async def nothing() -> None:
    """The reference needs no steps."""


@asynccontextmanager
async def changing(url: str) -> AsyncIterator[None]:
    """Another process commits changes meanwhile."""
    command = (sys.executable, "-m", "tests.benchmarks.wall", url, str(MEASURED_S + 10))
    child = await asyncio.create_subprocess_exec(*command, env=os.environ)
    try:
        await asyncio.sleep(3.0)
        yield
    finally:
        child.terminate()
        await child.wait()


async def run() -> None:
    """Print the share of a core beside that of the clock, the delays, and the longest stop."""
    reference, _ = await watched(Clock(), nothing)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'desk.db'}"
        async with desk(url, clock=SystemClock(), setup=setup()) as made:
            await fill(made.store)
            boss = next(k for k, a in made.in_force.agents.items() if a.login == "sue")
            actor = Actor(boss, "Sue Lind", Role.SUPERVISOR, made.session)
            for digit, name in ((1, "wallboard"), (2, "agents"), (3, "work items")):
                delays: list[float] = []
                async with changing(url):
                    share, longest = await watched(*supervisor(made, actor, digit, delays))
                _tell(name, share, reference, longest, delays)


def supervisor(
    made: Any, actor: Actor, digit: int, delays: list[float]
) -> tuple[DeskApp, Callable[[], Awaitable[None]]]:
    """The desk of a supervisor, and how it comes to one of the screens."""

    async def open_desk() -> Opened:
        gc.freeze()  # as the program does
        return Opened(desk=made, actor=actor)

    app = DeskApp(cast(Any, open_desk), DeskOptions(zone=UTC, bell=False, blink=False))

    async def steps() -> None:
        app.desk_screen.action_show_wallboard()
        await asyncio.sleep(1.0)
        cast(Any, app.screen).action_choose_view(digit)
        await asyncio.sleep(1.0)
        screen = cast(Any, app.screen)
        read, seen = screen.shared.read, [datetime.now(UTC)]

        async def timed(shell: DeskApp) -> Any:
            board = await read(shell)
            screen.call_after_refresh(painted, board)
            return board

        def painted(board: Any) -> None:
            now = datetime.now(UTC)
            since = [a.presence_since for a in board.agents if a.presence_since]
            delays.extend((now - at).total_seconds() for at in since if at > seen[0])
            seen[0] = max(since)

        screen.shared.read = timed

    return app, steps


def _tell(name: str, share: float, reference: float, longest: float, delays: list[float]) -> None:
    ratio = share / max(reference, 1e-6)
    print(
        f"{name}: {AGENTS} agents, {ITEMS:,} queued items, {RATE_S} changes/s, {SIZE[0]}x{SIZE[1]}"
    )
    print(
        f"  share of a core {share * 100:6.1f} %   {ratio:5.1f} x a clock ({reference * 100:.2f} %)"
    )
    if delays:
        ordered = sorted(delays)
        late = ordered[int(len(ordered) * 0.95)]
        print(
            f"  commit to repaint: median {statistics.median(delays):.2f} s, p95 {late:.2f} s, longest {ordered[-1]:.2f} s"
        )
    print(f"  longest stop of the loop {longest * 1000:.0f} ms")


if __name__ == "__main__":
    asyncio.run(changes(sys.argv[1], float(sys.argv[2])))

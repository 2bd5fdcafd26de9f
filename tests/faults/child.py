"""The real engine in a process that dies where it is told.

One process imports the program once and forks an engine whenever it is asked: a kill costs a tenth of
a second instead of a start of Python. What is forked runs `bootstrap.running.run_engine` as the
command `agentdesk engine` does; only waiting times are shorter, and `Store.write` counts its commits.
Asked by one JSON object a line on standard input; answers `began PID` and `ended PID STATUS`.
"""

import asyncio
import ctypes
import faulthandler
import importlib
import json
import os
import random
import select
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from tests.faults import defects
from tests.faults.points import SCHEMA, name_of

PR_SET_PDEATHSIG = 1
When = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Death:
    """SIGKILL at the *nth* time that *point* commits, before or after it does."""

    point: str
    when: When
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Full:
    """From the *nth* commit of *point* on, *times* commits of any point find the disk full."""

    point: str
    nth: int = 1
    times: int = 1


@dataclass(frozen=True, slots=True)
class Orders:
    """How one engine runs and ends. `pages`: how much the database may grow, 0 for no limit."""

    settings: str
    environment: dict[str, str]
    log: str
    output: str
    deaths: tuple[Death, ...] = ()
    full: Full | None = None
    pages: int = 0
    defect: str = ""
    thread: bool = False
    """Whether mails are read in a thread instead of a second process, which takes time to start."""

    def line(self) -> bytes:
        """As it is asked for."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> "Orders":
        """From what `line` wrote."""
        told = json.loads(line)
        told["deaths"] = tuple(Death(**d) for d in told["deaths"])
        told["full"] = Full(**told["full"]) if told["full"] else None
        return cls(**told)


_SOON = (timedelta(milliseconds=50), timedelta(milliseconds=100))
SHORTER: dict[str, dict[str, Any]] = {
    "agentdesk.domain.delivery": {"RETRIES": _SOON, "LONGEST_RETRY": _SOON[1], "LOOKS": _SOON},
    "agentdesk.engine.engine": {"ALIVE_S": 0.2, "LONGEST_SLEEP_S": 0.5},
    "agentdesk.engine.receive": {
        "ELSEWHERE_S": 0.1,
        "RENEW_S": 0.3,
        "LEASE": timedelta(seconds=1),
    },
    "agentdesk.engine.reader": {"SWEEP_S": 0.2},
    "agentdesk.engine.send": {"LOOK_S": 0.3, "FIRST_WAIT_S": 0.02, "LONGEST_WAIT_S": 0.1},
    "agentdesk.engine.sent_mail": {"LONGEST_SLEEP_S": 0.5},
    "agentdesk.engine.supervisor": {"FIRST_WAIT_S": 0.02, "LONGEST_WAIT_S": 0.2},
    "agentdesk.services.outgoing": {"LOOKS": _SOON},
    "agentdesk.services.sent_mail": {
        "LOOKS": _SOON,
        "AGAIN": _SOON,
        "CLAIM": timedelta(seconds=4),  # longer than it takes to file a copy
        "MOST_TRIES": 1000,
    },
}
"""Waiting times of the program, shortened. A name that is gone is a failure, not a long wait."""

ANSWER_S, FINAL_REPLY_S = 1.0, 1.5
GRACE = timedelta(seconds=1)
NO_LIMIT = 2**30


def shorten() -> None:
    """No patience for anything."""
    for module, values in SHORTER.items():
        loaded = importlib.import_module(module)
        for name, value in values.items():
            assert hasattr(loaded, name), f"{module} has no {name} any more: adapt {__name__}"
            setattr(loaded, name, value)
    plan: ModuleType = importlib.import_module("agentdesk.bootstrap.plan")
    servers = importlib.import_module("agentdesk.bootstrap.servers")
    smtp = importlib.import_module("agentdesk.mail.smtp")
    for name, value in {
        "imap_server": partial(servers.imap_server, timeout=ANSWER_S),
        "smtp_server": partial(servers.smtp_server, timeout=ANSWER_S),
        "SmtpAccount": partial(smtp.SmtpAccount, final_reply_seconds=FINAL_REPLY_S),
    }.items():
        assert hasattr(plan, name)
        setattr(plan, name, value)
    rules = plan.rules
    plan.rules = lambda s: replace(rules(s), session_grace=GRACE)


class Doom:
    """Counts commits by their point, and kills or refuses where the orders say so."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._log = os.open(orders.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._full_for = 0

    def reach(self, point: str, when: When) -> None:
        """Note that the engine is here; perhaps it goes no further."""
        self._counts[point, when] += 1
        here = Death(point, when, self._counts[point, when])
        fatal = here in self._orders.deaths
        os.write(self._log, f"{when} {point}{' died' if fatal else ''}\n".encode())
        if fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def fill(self, point: str) -> None:
        """Raise what SQLite raises on a full disk, where the orders say so."""
        full = self._orders.full
        if full and (full.point, full.nth) == (point, self._counts[point, "before"]):
            self._full_for = full.times
        if self._full_for > 0:
            self._full_for -= 1
            os.write(self._log, f"full {point}\n".encode())
            raise _full()


def _full() -> Exception:
    import sqlalchemy as sa

    said = sqlite3.OperationalError("database or disk is full")
    return sa.exc.OperationalError("COMMIT", {}, said)


def watch(doom: Doom) -> None:
    """Every transaction passes *doom* before and after its commit."""
    from agentdesk.storage import schema
    from agentdesk.storage.store import Store, Transaction

    write, upgrade, prepare = Store.write, schema.upgrade, schema._prepare

    def watched(self: Store) -> AbstractAsyncContextManager[Transaction]:
        return _watched(write, self, name_of(sys._getframe(1)), doom)

    def upgraded(conn: Any, to: str = schema.HEAD) -> None:
        upgrade(conn, to)
        doom.reach(SCHEMA, "before")

    async def prepared(store: Store) -> None:
        await prepare(store)
        doom.reach(SCHEMA, "after")

    Store.write = watched  # type: ignore[method-assign]
    schema.upgrade, schema._prepare = upgraded, prepared


@asynccontextmanager
async def _watched(write: Any, store: Any, point: str, doom: Doom) -> AsyncIterator[Any]:
    async with write(store) as tx:
        yield tx
        doom.reach(point, "before")
        doom.fill(point)
    doom.reach(point, "after")


def limit(pages: int) -> None:
    """SQLite refuses to grow by more than *pages*, until SIGUSR1 says that there is room again."""
    import sqlalchemy as sa

    from agentdesk.storage import store

    room = False
    prepare = store._prepare_sqlite

    def make_room(*_: object) -> None:
        nonlocal room
        room = True

    def prepared(engine: Any, *, write: bool) -> None:
        prepare(engine, write=write)
        if not write:
            return

        @sa.event.listens_for(engine.sync_engine, "connect")
        def on_connect(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA page_count")
            (count,) = cursor.fetchone()
            cursor.execute(f"PRAGMA max_page_count={NO_LIMIT if room else count + pages}")
            cursor.close()

        @sa.event.listens_for(engine.sync_engine, "begin")
        def on_begin(connection: sa.Connection) -> None:
            if room:
                connection.exec_driver_sql(f"PRAGMA max_page_count={NO_LIMIT}")

    signal.signal(signal.SIGUSR1, make_room)
    store._prepare_sqlite = prepared


# The process that forks


def load() -> None:
    """Import what an engine needs, so that a fork begins at once."""
    for name in (
        "agentdesk.bootstrap.opened",
        "agentdesk.bootstrap.plan",
        "agentdesk.bootstrap.running",
        "agentdesk.mail.mime",
        "agentdesk.mail.reading",
        "agentdesk.settings",
        "agentdesk.settings.secrets",
        "aiosqlite",
        "alembic.command",
        "alembic.config",
        "asyncpg",
        "keyring",
        "sqlalchemy.dialects.postgresql.asyncpg",
        "sqlalchemy.dialects.sqlite.aiosqlite",
    ):
        importlib.import_module(name)
    shorten()


def serve() -> None:
    """Fork engines until standard input ends."""
    load()
    living: dict[int, int] = {}  # the end of a pipe that closes with the engine, and its pid
    waiting = b""
    while True:
        for ready in select.select([0, *living], [], [])[0]:
            if ready:
                os.close(ready)
                pid = living.pop(ready)
                print(f"ended {pid} {os.waitpid(pid, 0)[1]}", flush=True)
                continue
            told = os.read(0, 65536)
            if not told:
                return
            *lines, waiting = (waiting + told).split(b"\n")
            for line in lines:
                pid, end = _forked(Orders.read(line), list(living))
                living[end] = pid
                print(f"began {pid}", flush=True)


def _forked(orders: Orders, others: list[int]) -> tuple[int, int]:
    ours, its = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.close(its)
        return pid, ours
    try:
        for end in (ours, *others):
            os.close(end)
        _die_with(parent)
        status = _engine(orders)
    except BaseException:
        import traceback

        traceback.print_exc()
        status = 70
    os._exit(status)


def _die_with(parent: int) -> None:
    """Nobody outlives the harness; one that is gone already sends no signal any more."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _engine(orders: Orders) -> int:
    output = os.open(orders.output, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, output), (2, output)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(orders.environment)
    os.chdir(Path(orders.settings).parent)
    random.seed()
    signal.signal(signal.SIGUSR2, _tell_tasks)
    watch(Doom(orders))
    if orders.pages:
        limit(orders.pages)
    if orders.thread:
        opened = importlib.import_module("agentdesk.bootstrap.opened")
        opened.ProcessReader = importlib.import_module("agentdesk.mail.reading").ThreadReader
    if orders.defect:
        defects.DEFECTS[orders.defect]()
    from agentdesk.bootstrap.running import run_engine

    return run_engine(Path(orders.settings))


def _tell_tasks(*_: object) -> None:
    """What every task waits for: asked for when an engine does not end."""
    for task in asyncio.all_tasks(asyncio.get_running_loop()):
        chain, each = [], task.get_coro()
        while each is not None:
            code = getattr(each, "cr_code", None)
            frame = getattr(each, "cr_frame", None)
            line = frame.f_lineno if frame else 0
            chain.append(f"{code.co_qualname}:{line}" if code else repr(each))
            each = getattr(each, "cr_await", None)  # type: ignore[assignment]
        print(f"-- {task.get_name()}: {' > '.join(chain)}", flush=True)
    faulthandler.dump_traceback(sys.stdout)


if __name__ == "__main__":
    serve()

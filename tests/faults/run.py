"""One run: its acts are played, an undisturbed engine finishes the work, and the books are read."""

import asyncio
import contextlib
import random
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from agentdesk.demo.faults import Faults, Hold, Say
from agentdesk.domain.errors import StorageProblem
from agentdesk.storage.store import Store
from tests.databases import bare_database, database, empty_desk
from tests.faults import post
from tests.faults.agent import REFUSED, answer, at_work, retry_set_aside
from tests.faults.books import breaches, open_books, set_aside, unfinished
from tests.faults.child import Death, Orders
from tests.faults.disk import Disk, small_disk
from tests.faults.engines import Engine, Engines, tail
from tests.faults.plan import Act, Hang, Mail, Plan
from tests.faults.points import points
from tests.faults.tally import Outcome
from tests.faults.world import DESKS, World, world

PATIENCE_S = 40.0
"""For what must come once nothing disturbs it."""
DYING_S = 5.0
SAYING_S = 10.0
"""An engine tells its loops' state once a second, and here they try again ten times a second."""
FROZEN_S = 1.4
LOOK_S = 0.08
FULL = "The disk is full"
KEPT = "nothing was lost"
"""An engine that cannot even start on a full disk may also say that the disk reports an error."""
RUNS = "The engine runs"


class Run:
    """A plan being played in *folder*."""

    def __init__(self, plan: Plan, world: World, engines: Engines, disk: Disk | None) -> None:
        self.plan, self.world, self.disk = plan, world, disk
        self.outcome = Outcome(plan.seed, plan=plan.told())
        self._engines = engines
        self._chance = random.Random(plan.seed * 7919)
        self._queued: list[int] = []
        self._living: list[Engine] = []
        self._holds: list[asyncio.Event] = []
        self._later: list[tuple[Mail, bytes, str]] = []
        self._log = world.folder / "commits.log"
        self._defect = ""

    async def play(self, defect: str = "") -> Outcome:
        """Act by act, then the quiet, then the books."""
        self._defect = defect
        try:
            for act in self.plan.acts:
                await self._act(act)
            await self._quiet()
        finally:
            for engine in self._living:
                await engine.kill()
        self._count()
        return self.outcome

    def _breach(self, sentence: str) -> None:
        self.outcome.breaches.append(sentence)

    # -- acts ------------------------------------------------------------------------------

    async def _act(self, act: Act) -> None:
        self._plan_wires(act)
        early, late = act.mails[::2], act.mails[1::2]
        self._deliver(early)
        if act.early:
            self._renumber(act)
        if not act.present:
            await self._answer(act.answers)
        if self.disk and act.room:
            self.disk.leave(act.room)
        async with self._present(act):
            await self._begin(act)
            others = asyncio.create_task(self._meanwhile(act, late))
            try:
                await self._until_the_end(act)
            finally:
                await others
        self._clear()

    @asynccontextmanager
    async def _present(self, act: Act) -> AsyncIterator[None]:
        """Ana sits at her desk for the whole act, so that routing has somebody to offer to."""
        if not act.present:
            yield
            return
        async with at_work(self.world) as (desk, actor):
            yield
            self._queued += await answer(desk, actor, act.answers, self._chance)

    async def _answer(self, count: int) -> None:
        if count:
            with contextlib.suppress(StorageProblem):  # the disk may be full for her, too
                async with at_work(self.world) as (desk, actor):
                    self._queued += await answer(desk, actor, count, self._chance)

    def _deliver(self, mails: Sequence[Mail]) -> None:
        for mail in mails:
            ours = self.world.ours()
            chance = random.Random(f"{self.plan.seed}/{mail.number}")
            raw = post.write(mail.kind, mail.number, chance, ours, mail.desk)
            kind = mail.kind if ours or mail.kind not in post.ANSWERS else "plain"
            self.world.deliver(mail.desk, raw, kind)
            if mail.twice == "same_place":
                self.world.deliver(mail.desk, raw, kind)
            elif mail.twice == "other_place":
                self.world.deliver(DESKS[mail.desk == DESKS[0]], raw, kind)
            elif mail.twice == "later":
                self._later.append((mail, raw, kind))

    async def _meanwhile(self, act: Act, mails: Sequence[Mail]) -> None:
        """What happens while the engines work."""
        for mail in mails:
            self._deliver([mail])
            await asyncio.sleep(self._chance.uniform(0, 0.04))
        if act.drop_all:
            self.world.imap.drop_connections()
            self.world.smtp.drop_connections()
        if not act.early:
            await asyncio.sleep(self._chance.uniform(0, 0.2))
            self._renumber(act)
        for mail, raw, kind in self._later:
            self.world.deliver(mail.desk, raw, kind)
        self._later.clear()

    def _renumber(self, act: Act) -> None:
        for desk in act.renumber:
            self.world.imap.renumber(desk)

    async def _begin(self, act: Act) -> None:
        for hand in act.hands:
            pages = act.room // 4096 if self.plan.disk == "pages" else 0
            self._living.append(await self.begin(hand.deaths, full=hand.full, pages=pages))

    async def begin(self, deaths: tuple[Death, ...] = (), **more: object) -> Engine:
        """One more engine on this world."""
        self.outcome.engines += 1
        orders = Orders(
            settings=str(self.world.folder / "settings.toml"),
            environment=self.world.environment,
            log=str(self._log),
            output=str(self.world.folder / f"engine-{self.outcome.engines}.out"),
            deaths=deaths,
            defect=self._defect,
            thread=self.plan.thread,
            **more,  # type: ignore[arg-type]
        )
        return await self._engines.start(orders)

    async def _until_the_end(self, act: Act) -> None:
        """The engines of an act come to their end."""
        match act.ending:
            case "filed":
                await self._until(self._something_is_filed, DYING_S * 2)
                await self._kill()
            case "heard" if act.heard:
                await self._heard(act)
                await self._kill()
            case "freeze":
                await self._freeze(act)
                await self._kill()
            case "stop":
                await self._until(self._all_run, DYING_S * 2)
                await asyncio.sleep(act.after_s)
                await self._stop()
            case "stay":
                await self._stay(act)
            case _:
                await self._dead(act.after_s)
                await self._kill()

    async def _all_run(self) -> bool:
        """Every engine that lives listens to signals."""
        return all(RUNS in tail(e.output) for e in self._living if e.lives)

    async def _dead(self, seconds: float) -> None:
        """All died where they were told to, or the time is over."""
        await asyncio.wait([e.ended for e in self._living], timeout=seconds)

    async def _heard(self, act: Act) -> None:
        """Until a server hears an engine at a point of the protocol; it does not answer any more."""
        assert act.heard is not None
        server, point = act.heard
        reached = self._faults(server).reached(point)
        reached.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reached.wait(), act.after_s + 0.5)

    async def _freeze(self, act: Act) -> None:
        """The first engine stands still until the second took over, then goes on as if it owned all."""
        await asyncio.sleep(act.after_s)
        first = self._living[0]
        first.signal(signal.SIGSTOP)
        await asyncio.sleep(FROZEN_S)
        first.signal(signal.SIGCONT)
        await asyncio.sleep(0.3)

    async def _stop(self) -> None:
        for engine in self._living:
            if not await engine.stop():
                self._breach(f"An engine did not end when asked to:\n{tail(engine.output, 200)}")
        self._look_at_the_dead()

    async def _stay(self, act: Act) -> None:
        if act.room:
            told = await self._until(self._says_full, 3)
            if not told and self._hit_the_end():
                told = await self._until(self._says_full, SAYING_S)
                if not told:
                    self._breach("The disk was full, and no engine said so.")
            self.outcome.full += told
            if self.disk:
                self.disk.grow()
            for engine in self._living:
                engine.signal(signal.SIGUSR1) if self.plan.disk == "pages" else None
        else:
            await asyncio.sleep(act.after_s)
        self._look_at_the_dead(full=bool(act.room) or any(hand.full for hand in act.hands))

    async def _says_full(self) -> bool:
        return any(FULL in tail(engine.output, 200) for engine in self._living)

    def _hit_the_end(self) -> bool:
        log = self.world.folder / "home" / "state" / "agentdesk" / "log" / "agentdesk.log"
        return "disk is full" in tail(log, 500)

    async def _kill(self) -> None:
        for engine in self._living:
            self.outcome.kills += engine.lives
            await engine.kill()
        self._look_at_the_dead()

    def _look_at_the_dead(self, *, full: bool = False) -> None:
        for engine in self._living:
            if engine.failed and not (full and KEPT in tail(engine.output, 200)):
                self._breach(f"An engine ended by itself: {engine.failed}")
        self._living = [engine for engine in self._living if engine.lives]

    # -- the wire --------------------------------------------------------------------------

    def _faults(self, server: str) -> Faults:
        return self.world.imap.faults if server == "imap" else self.world.smtp.faults

    def _plan_wires(self, act: Act) -> None:
        self._refuse_the_refused()
        self.world.imap.faults.hide(*act.hidden)
        for wire in act.wires:
            fault = wire.fault
            if isinstance(fault, Hang):
                fault = self._hold()
            self._faults(wire.server).plan(wire.point, fault, wire.times)
        if act.heard:
            server, point = act.heard
            self._faults(server).plan(point, self._hold())

    def _refuse_the_refused(self) -> None:
        said = Say("550 5.1.1 No such user")
        self.world.smtp.faults.plan(f"RCPT {REFUSED}", said, None)

    def _hold(self) -> Hold:
        held = Hold()
        self._holds.append(held.until)
        return held

    def _clear(self) -> None:
        """The servers are well again."""
        for held in self._holds:
            held.set()
        self._holds.clear()
        for faults in (self.world.imap.faults, self.world.smtp.faults):
            faults.clear()
        self._refuse_the_refused()

    # -- the end ---------------------------------------------------------------------------

    async def _quiet(self) -> None:
        """Nothing disturbs, until nothing is left to do; then the books."""
        self.world.imap.drop_connections()
        await self._all_done()
        books = await open_books(self.world, self._queued)
        if aside := set_aside(books):
            await retry_set_aside(self.world, aside)
            await self._all_done()
        await self._stop()
        books = await open_books(self.world, self._queued)
        for sentence in breaches(books):
            self._breach(sentence)
        self.outcome.mails = len(self.world.came)
        self.outcome.answers = len(books.outbox)

    async def _all_done(self) -> None:
        left = ["nothing was read"]
        store = Store(self.world.url)

        async def finished() -> bool:
            if not any(engine.lives for engine in self._living):
                self._look_at_the_dead(full=True)  # a disk may be too full to start
                self._living = [await self.begin()]
            with contextlib.suppress(StorageProblem):
                async with store.read() as tx:
                    left[:] = await unfinished(tx, self.world)
            return not left

        try:
            if await self._until(finished, PATIENCE_S):
                return
        finally:
            await store.close()
        for sentence in left:
            self._breach(f"Not done after {PATIENCE_S:g} s: {sentence}")
        for engine in self._living:
            self._breach(f"What its engine said: {tail(engine.output)}")

    async def _something_is_filed(self) -> bool:
        if not self._log.exists():
            return False
        return "after intake.file_stored>_file_together" in self._log.read_text()

    async def _until(self, condition: object, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not await condition():  # type: ignore[operator]
                    await asyncio.sleep(LOOK_S)
                return True
        return False

    def _count(self) -> None:
        """What the engines' own log says: where they died, and whether a point is new to us."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        seen = {line.split()[1] for line in lines if line}
        for line in lines:
            if line.endswith(" died"):
                self.outcome.deaths[line.removesuffix(" died")] += 1
            self.outcome.full += line.startswith("full ")
        self.outcome.kills += self.outcome.deaths.total()
        if self._defect:
            return
        for point in sorted(seen - set(points())):
            self._breach(f"{point} is a commit point that points.py does not find.")
        for aim in self.plan.aimed:
            if not self.outcome.deaths[f"{aim.when} {aim.point}"]:
                self._breach(f"No engine came to the commit point {aim.point}: see plan._AIMS.")


async def play(plan: Plan, engines: Engines, folder: Path, defect: str = "") -> Outcome:
    """Play *plan* in the empty *folder*."""
    async with AsyncExitStack() as stack:
        disk, place = None, folder
        if plan.disk == "small":
            disk = stack.enter_context(small_disk(folder / "disk"))
            place = disk.path
        url = f"sqlite:///{place / 'desk.db'}"
        if plan.postgresql:
            lend = bare_database if plan.fresh else database
            url = await stack.enter_async_context(lend("postgresql", folder))
        elif not plan.fresh:
            (place / "desk.db").write_bytes(await empty_desk())
        made = await stack.enter_async_context(world(folder, url, plan.after_filing, plan.copies))
        return await Run(plan, made, engines, disk).play(defect)


def without(plan: Plan, *, disks: bool, postgresql: bool) -> Plan:
    """The plan on a machine that lacks some of what it wants."""
    if plan.disk == "small" and not disks:
        plan = replace(plan, disk="pages")
    if plan.postgresql and not postgresql:
        plan = replace(plan, postgresql=False)
    return plan


def forget(folder: Path) -> None:
    """Remove what a run left."""
    shutil.rmtree(folder, ignore_errors=True)

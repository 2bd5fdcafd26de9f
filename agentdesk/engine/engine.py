"""The engine: every loop of a desk, in this process's event loop."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime

from agentdesk.domain.actor import Actor
from agentdesk.domain.feed import Change
from agentdesk.domain.views import Health, LoopHealth
from agentdesk.engine.centre_loops import CentreLoops
from agentdesk.engine.lines import Line
from agentdesk.engine.reader import Suspects
from agentdesk.engine.receive import receive
from agentdesk.engine.send import Sender
from agentdesk.engine.sent_mail import SentMail
from agentdesk.engine.supervisor import Mended, Pulse, Supervisor
from agentdesk.engine.wake import About, Feed, anything
from agentdesk.services import configuration, deadlines, intake, outgoing, presence, routing
from agentdesk.services.desk import Desk
from agentdesk.signin.tokens import Tokens
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import mailboxes

LONGEST_SLEEP_S = 30.0
ALIVE_S = 10.0
DRAIN_S = 1.2
MENDED_S = 30.0
Step = Callable[[Desk], Awaitable[datetime | None]]


class Engine:
    """Receive, send, route, deadlines, feed. Any number of engines may work on one database."""

    def __init__(self, desk: Desk, lines: Sequence[Line]) -> None:
        self.desk = desk
        self._lines = lines
        self._feed = Feed(desk.store)
        self._supervisor = Supervisor(desk.clock)
        self._senders: dict[str, Sender] = {}
        self._centres = {key: CentreLoops(desk, c, self._feed) for key, c in desk.centres.items()}

    async def start(self) -> None:
        """Begin every loop, after what dead processes held is free again."""
        await presence.keep_alive(self.desk)
        async with self.desk.store.read() as tx:
            ids = {row.key: row.id for row in await desk_rows.all_accounts(tx)}
        start = self._supervisor.start
        for line in self._lines:
            mended = _signed_in(line)
            for mailbox in line.mailboxes:
                name = line.loop_name(mailbox)
                start(name, self._receiving(line, mailbox), mended)
        for line in self._lines:
            name, mended = f"sending as {line.address}", _signed_in(line)
            sent = SentMail(self.desk, line, ids[line.key], self._feed)
            sender = Sender(self.desk, line, ids[line.key], self._feed, sent.noted)
            self._senders[name] = sender
            start(name, sender.run, mended)
            start(f"sent mail of {line.address}", sent.run, mended)
        for centre in self._centres.values():
            self._start_centre(centre)
        start("news of other desks", self._run_feed)
        start("routing", self._stepping(routing.route, _moves_work))
        start("policy", self._stepping(self._keep_up, _changes_policy))
        start("deadlines", self._stepping(deadlines.run_passed))
        start("presence", self._stay_alive)

    def _start_centre(self, loops: CentreLoops) -> None:
        """Orders go on whatever becomes of the line for events."""
        self._supervisor.start(f"orders to {loops.name}", loops.orders)
        self._supervisor.start(f"news of {loops.name}", loops.news, _from_time_to_time)

    def _receiving(self, line: Line, mailbox: str) -> Callable[[Pulse], Awaitable[None]]:
        suspects = Suspects()

        async def loop(pulse: Pulse) -> None:
            await receive(self.desk, line, mailbox, pulse, feed=self._feed, suspects=suspects)

        return loop

    def _stepping(self, step: Step, about: About = anything) -> Callable[[Pulse], Awaitable[None]]:
        """A loop that does its step at changes *about* it, and when the step said to look again."""

        async def loop(pulse: Pulse) -> None:
            with self._feed.listening(about) as listener:
                while True:
                    due = await step(self.desk)
                    pulse.say(Health.IDLE)
                    await listener.changed(self._seconds_until(due))

        return loop

    def _seconds_until(self, due: datetime | None) -> float:
        if due is None:
            return LONGEST_SLEEP_S
        left = (due - self.desk.clock.now()).total_seconds()
        return min(max(left, 0.01), LONGEST_SLEEP_S)

    @staticmethod
    async def _keep_up(desk: Desk) -> datetime | None:
        await configuration.refresh(desk)
        return None

    async def _run_feed(self, pulse: Pulse) -> None:
        pulse.say(Health.IDLE)
        await self._feed.run()

    async def _stay_alive(self, pulse: Pulse) -> None:
        """Say that we live, clean up after those that vanished, publish our health."""
        while True:
            await presence.keep_alive(self.desk)
            await outgoing.recover(self.desk)
            await intake.file_stored(self.desk)
            pulse.say(Health.IDLE)
            await presence.publish_health(self.desk, self.health())
            await asyncio.sleep(ALIVE_S)

    def health(self) -> tuple[LoopHealth, ...]:
        """How every loop is."""
        return self._supervisor.health()

    @property
    def sign_ins(self) -> tuple[Tokens, ...]:
        """The accounts that sign in, rather than log in with a password."""
        return tuple(line.sign_in for line in self._lines if line.sign_in)

    def retry(self) -> None:
        """Try again at once what waits for a person or a back-off."""
        self._supervisor.retry()

    def feed(self) -> AsyncIterator[Change]:
        """What changes, merged per wake-up."""
        return self._feed.changes()

    async def stop(self, actor: Actor | None = None, *, deliberate: bool = False) -> None:
        """End within two seconds: a mail that is being sent may finish, leases are given back.

        An *actor* who leaves deliberately is offline at once, others after a while.
        """
        for sender in self._senders.values():
            sender.finish()
        others = [h.name for h in self.health() if h.name not in self._senders]
        await self._supervisor.stop(*others)
        waits = [self._supervisor.wait_for(name, DRAIN_S) for name in self._senders]
        await asyncio.gather(*waits)
        await self._supervisor.stop()
        for centre in self._centres.values():
            await centre.stop()
        async with self.desk.store.write() as tx:
            await mailboxes.release(tx, self.desk.session)
        await presence.sign_out(self.desk, actor, deliberate=deliberate)


def _signed_in(line: Line) -> Mended | None:
    """What the loops of an account go on after, once a sign-in was missing."""
    return line.sign_in.last_sign_in if line.sign_in else None


def _from_time_to_time() -> int:
    """A secret may be mended from outside, where nobody hears of it: it is tried again by itself."""
    return int(time.monotonic() // MENDED_S)


def _moves_work(change: Change) -> bool:
    """Whether there may be something to offer: mail that is only stored, say, offers nothing."""
    return change.offers or change.policy or bool(change.agents or change.interactions)


def _changes_policy(change: Change) -> bool:
    return change.policy

"""Hostile mails: the longest stop of the event loop while they are stored and filed.

Beside the same mails read in a thread of this process, which is what the second process is for.
"""

import asyncio
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from agentdesk.domain.clock import SystemClock
from agentdesk.mail.account import FetchedMail
from agentdesk.mail.reading import MailReader, ProcessReader, ThreadReader
from agentdesk.services import intake
from agentdesk.storage import mailboxes
from tests.desks import desk
from tests.mail.test_fuzz import FILLINGS, fifty_megabytes

TICK_S = 0.001


class Watch:
    """Tells how long the event loop did nothing else."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def run(self) -> None:
        """Look every millisecond, until cancelled."""
        last = time.perf_counter()
        while True:
            await asyncio.sleep(TICK_S)
            now = time.perf_counter()
            self.longest_s = max(self.longest_s, now - last - TICK_S)
            last = now


async def stops(reader: MailReader, names: list[str]) -> tuple[float, str, float]:
    """The longest stop in seconds, the mail that made it, and the seconds for all."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'desk.db'}"
        async with desk(url, clock=SystemClock()) as made:
            made = replace(made, reader=reader)
            async with made.store.write() as tx:
                now, lease = made.clock.now(), timedelta(minutes=10)
                box = await mailboxes.take(tx, "support", "INBOX", made.session, now, lease)
            assert box is not None
            started, worst = time.perf_counter(), (0.0, "")
            for uid, name in enumerate(names, 1):
                raw = fifty_megabytes(name)
                watch = Watch()
                watching = asyncio.create_task(watch.run())
                await asyncio.sleep(0)
                await intake.store(made, box, 1, [FetchedMail(uid, raw)], uid + 1)
                await intake.file_stored(made)
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
                worst = max(worst, (watch.longest_s, name))
            seconds = time.perf_counter() - started
    await reader.close()
    return (*worst, seconds)


async def run() -> None:
    """Print both, and their ratio."""
    names = list(FILLINGS)
    thread, _, _ = await stops(ThreadReader(), names)
    process, culprit, seconds = await stops(ProcessReader(), names)
    print(f"hostile, {len(names)} mails of 50 MB, each stored and filed, {seconds:.0f} s for all")
    print(f"  longest stop, read in a thread         {thread * 1000:8,.0f} ms")
    print(f"  longest stop, read in a second process {process * 1000:8,.0f} ms  ({culprit})")
    print(f"  ratio to the thread                    {process / thread:8.2f}")

"""Receiving: who reads a mailbox, for how long, and who is told when nobody can."""

import asyncio
from datetime import timedelta

from agentdesk.domain.errors import FencedOff
from agentdesk.domain.views import Health
from agentdesk.engine.lines import Line
from agentdesk.engine.reader import Reader, Suspects
from agentdesk.engine.supervisor import NEEDS_A_PERSON, Pulse
from agentdesk.engine.wake import Feed
from agentdesk.mail.account import MailAccount
from agentdesk.services import intake, wanted
from agentdesk.services.desk import Desk
from agentdesk.storage import mailboxes
from agentdesk.storage.mailboxes import Mailbox

LEASE = timedelta(seconds=60)
RENEW_S = 20.0
ELSEWHERE_S = 5.0
LOOK_S = 1.0


async def receive(
    desk: Desk,
    line: Line,
    name: str,
    pulse: Pulse,
    *,
    feed: Feed | None = None,
    suspects: Suspects | None = None,
) -> None:
    """Read one mailbox of an account for as long as this process holds its lease.

    With *feed*, mails that a person asks for are fetched at once. *suspects*: what an earlier
    connection of this loop broke at.
    """
    while (mailbox := await _lease(desk, line, name)) is None:
        pulse.say(Health.IDLE, "Another agentdesk reads this mailbox.")
        await asyncio.sleep(ELSEWHERE_S)
    account = line.reader()
    reader = Reader(desk, line, mailbox, account, pulse, suspects or Suspects())
    tasks = [
        asyncio.create_task(_renew(desk, line, mailbox)),
        asyncio.create_task(reader.run()),
    ]
    if feed is not None:
        tasks.append(asyncio.create_task(_watch(desk, mailbox, account, feed)))
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except NEEDS_A_PERSON as error:
        await intake.tell_stopped(desk, mailbox, str(error))
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await account.close()


async def _lease(desk: Desk, line: Line, name: str) -> Mailbox | None:
    async with desk.store.write() as tx:
        return await mailboxes.take(tx, line.key, name, desk.session, desk.clock.now(), LEASE)


async def _renew(desk: Desk, line: Line, mailbox: Mailbox) -> None:
    while True:
        await asyncio.sleep(RENEW_S)
        renewed = await _lease(desk, line, mailbox.name)
        if renewed is None or renewed.epoch != mailbox.epoch:
            raise FencedOff("Another agentdesk reads this mailbox now.")


async def _watch(desk: Desk, mailbox: Mailbox, account: MailAccount, feed: Feed) -> None:
    """Wake the reader when a person asks for a mail once more."""
    with feed.listening() as listener:
        while True:
            await listener.changed()
            if await wanted.asked(desk, mailbox):
                account.nudge()
            await asyncio.sleep(LOOK_S)

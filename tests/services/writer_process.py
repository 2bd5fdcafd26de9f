"""A client in a process of its own: it writes a draft, stops where it is told, and goes on too late."""

import asyncio
import os
import signal
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.connection import Connection

from agentdesk import services
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.draft import DraftContent
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import CustomerId
from agentdesk.domain.rules import Rules
from agentdesk.services import configuration
from agentdesk.services.desk import Desk
from agentdesk.storage.schema import open_store
from tests.desks import RULES

LEASE = timedelta(seconds=1)
"""Of the processes of these tests, so that nobody waits for long."""


def quick_rules() -> Rules:
    """The usual ones with a short lease."""
    return replace(RULES, lock_lease=LEASE)


@dataclass(frozen=True)
class Writing:
    """To whom on which store; after that many saves the process stops, and then does *then*."""

    url: str
    customer_id: int
    saves: int
    then: str


async def _write(plan: Writing, pipe: Connection) -> None:
    desk = Desk(await open_store(plan.url), SystemClock(), quick_rules(), "paused")
    await configuration.refresh(desk)
    ana = await services.presence.sign_in(desk, "ana")
    draft = await services.outbound.open_for_customer(desk, ana, CustomerId(plan.customer_id))
    key = (draft.id, draft.token)

    def said(words: str) -> DraftContent:
        return replace(draft.content, body=words)

    for n in range(plan.saves):
        await services.drafts.save(desk, ana, *key, said(f"saved {n}"))
    pipe.send(draft.id)
    os.kill(os.getpid(), signal.SIGSTOP)
    late = said("typed when it was too late")
    doing = {
        "save": lambda: services.drafts.save(desk, ana, *key, late),
        "send": lambda: services.sending.queue(desk, ana, *key, anyway=True),
        "attach": lambda: services.drafts.attach(desk, ana, *key, "a.txt", b"late"),
        "beat": lambda: services.drafts.heartbeat(desk, ana, *key),
        "discard": lambda: services.drafts.discard(desk, ana, *key),
    }
    refused = {}
    for name in (plan.then, *doing):
        try:
            await doing[name]()
        except DeskError as error:
            refused[name] = type(error).__name__
        else:
            refused[name] = "done"
    try:
        await services.drafts.keep_version(desk, ana, draft.id, late, "typed too late")
    except DeskError as error:
        refused["keep"] = type(error).__name__
    pipe.send(refused)
    await desk.close()


def write(plan: Writing, pipe: Connection) -> None:
    """What the process does."""
    asyncio.run(_write(plan, pipe))

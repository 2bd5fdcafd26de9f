"""Sessions: the clients and engines that run on a desk, and how their ends are noticed."""

import os
import platform
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agentdesk.domain.ids import AgentId
from agentdesk.domain.views import LoopHealth
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_centres, mailboxes
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction


async def start(desk: Desk, tx: Transaction, kind: str, agent_id: int | None) -> None:
    """This process begins; signing in counts as a key press."""
    now = desk.clock.now()
    row = {"id": desk.session, "agent_id": agent_id, "kind": kind, "host": platform.node()}
    times = {"started_at": now, "seen_at": now, "active_at": now}
    await desk_rows.start_session(tx, {**row, "pid": os.getpid(), **times})


async def live_of(desk: Desk, tx: Transaction, agent_id: AgentId) -> list[Any]:
    """The agent's sessions that gave a sign of life and did not end."""
    live = await desk_rows.live_sessions(tx, desk.clock.now() - desk.rules.session_grace)
    return [row for row in live if row.agent_id == agent_id]


async def end_vanished(desk: Desk, tx: Transaction) -> None:
    """End the sessions of processes that fell silent, and of those of this machine that are gone.

    One that fell silent ended with its last sign of life; one that is gone, just now.
    """
    now = desk.clock.now()
    since = now - desk.rules.session_grace
    for row in await desk_rows.unended_sessions(tx):
        silent = row.seen_at < since
        if row.id != desk.session and (silent or _process_gone(row)):
            await desk_rows.end_session(tx, row.id, row.seen_at if silent else now)
            await mailboxes.release(tx, row.id)
            await ccaas_centres.release(tx, row.id)


def _process_gone(row: Any) -> bool:
    if row.host != platform.node():
        return False
    try:
        os.kill(row.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


async def left_since(desk: Desk, tx: Transaction) -> dict[AgentId, datetime]:
    """When the last session ended of each agent who has none, and is not offline yet."""
    return await desk_rows.left_since(tx, desk.policy.options.offline_presence)


async def publish_health(desk: Desk, loops: Sequence[LoopHealth]) -> None:
    """Keep the state of this process's loops where `agentdesk check` reads it."""
    rows = [
        {
            "session": desk.session,
            "loop": loop.name,
            "health": loop.health.value,
            "sentence": loop.sentence,
            "since": loop.since,
            "at": desk.clock.now(),
        }
        for loop in loops
    ]
    async with desk.store.write() as tx:
        await desk_rows.put_health(tx, rows)

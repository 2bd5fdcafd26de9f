"""Signing in and out, presence, and what an agent's capacity is used for."""

import os
import platform
from collections.abc import Sequence
from typing import Any

from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.errors import BadInput
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import AgentId
from agentdesk.domain.policy import PresenceSetup
from agentdesk.domain.views import AgentStatus, ChannelUse, LoopHealth, PresenceChoice
from agentdesk.services import capacity, offers
from agentdesk.services.desk import Desk
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import mailboxes
from agentdesk.storage.store import Transaction


async def sign_in(desk: Desk, login: str) -> Actor:
    """Start this client's session as *login*. Raises `NotFound` for an unknown login.

    An agent who was offline becomes available; one who is at work in another window stays as is.
    """
    async with desk.store.write() as tx:
        row = await desk_rows.agent_by_login(tx, login)
        await _start_session(desk, tx, "desk", row.id)
        actor = Actor(AgentId(row.id), row.name, Role(row.role), desk.session)
        if row.presence in ("", desk.policy.options.offline_presence):
            await change(
                desk, tx, actor.agent_id, desk.policy.options.sign_in_presence, By.actor(actor)
            )
        return actor


async def start_engine(desk: Desk) -> None:
    """Start the session of a process without an agent."""
    async with desk.store.write() as tx:
        await _start_session(desk, tx, "engine", None)


async def _start_session(desk: Desk, tx: Transaction, kind: str, agent_id: int | None) -> None:
    now = desk.clock.now()
    row = {"id": desk.session, "agent_id": agent_id, "kind": kind, "host": platform.node()}
    await desk_rows.start_session(
        tx, {**row, "pid": os.getpid(), "started_at": now, "seen_at": now}
    )


async def sign_out(desk: Desk, actor: Actor | None) -> None:
    """End this client's session; its agent's last one makes the agent offline."""
    async with desk.store.write() as tx:
        await desk_rows.end_session(tx, desk.session, desk.clock.now())
        if actor is not None:
            await _offline_without_session(desk, tx, actor.agent_id)


async def keep_alive(desk: Desk) -> None:
    """Say that this process lives, and end the sessions of those that vanished.

    A vanished session counts after `rules.session_grace`: a dropped SSH line is no resignation.
    """
    now = desk.clock.now()
    async with desk.store.write() as tx:
        await desk_rows.touch_session(tx, desk.session, now)
        for row in await _vanished(desk, tx):
            await desk_rows.end_session(tx, row.id, now)
            await mailboxes.release(tx, row.id)
            if row.agent_id is not None:
                await _offline_without_session(desk, tx, AgentId(row.agent_id))


async def _vanished(desk: Desk, tx: Transaction) -> list[Any]:
    """Sessions that fell silent, and those of this machine whose process is gone."""
    since = desk.clock.now() - desk.rules.session_grace
    rows = await desk_rows.unended_sessions(tx)
    return [r for r in rows if r.id != desk.session and (r.seen_at < since or _process_gone(r))]


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


async def _offline_without_session(desk: Desk, tx: Transaction, agent_id: AgentId) -> None:
    since = desk.clock.now() - desk.rules.session_grace
    live = await desk_rows.live_sessions(tx, since)
    if all(s.agent_id != agent_id for s in live):
        await change(desk, tx, agent_id, desk.policy.options.offline_presence, SYSTEM)


async def choices(desk: Desk, actor: Actor) -> tuple[PresenceChoice, ...]:
    """The presences that this agent may choose."""
    agent = desk.in_force.agents.get(actor.agent_id)
    groups = agent.groups if agent else frozenset()
    return tuple(
        PresenceChoice(p.key, p.label, p.work, colour_of(desk, p), _takes(desk, p))
        for p in desk.policy.presences
        if p.open_to(groups)
    )


def colour_of(desk: Desk, presence: PresenceSetup | None) -> str:
    """What a presence is shown in; one of `PRESENCE_COLOURS`. Who is gone is grey."""
    if presence is None or (
        not presence.colour and presence.key == desk.policy.options.offline_presence
    ):
        return "grey"
    return presence.colour or ("green" if presence.work else "yellow")


def _takes(desk: Desk, presence: PresenceSetup) -> tuple[str, ...]:
    return tuple(c.name for c in desk.policy.channels if presence.takes(c.key))


async def set_presence(desk: Desk, actor: Actor, key: str) -> None:
    """Change one's own presence. Offers that were pending go back when it takes no work."""
    if desk.policy.presence(key) is None:
        raise BadInput(f"There is no presence {key!r}.")
    async with desk.store.write() as tx:
        await change(desk, tx, actor.agent_id, key, By.actor(actor))


async def change(desk: Desk, tx: Transaction, agent_id: AgentId, key: str, by: By) -> None:
    """Set a presence inside a transaction and withdraw offers where it takes no work."""
    row = await desk_rows.agent(tx, agent_id)
    if row.presence == key:
        return
    now = desk.clock.now()
    await desk_rows.change_agent(tx, agent_id, presence=key, presence_since=now)
    data = {"from": row.presence, "to": key}
    tx.record(Event(now, by, Record.AGENT, agent_id, Happened.PRESENCE_CHANGED, data))
    presence = desk.policy.presence(key)
    if presence is None or not presence.work:
        await offers.withdraw_all(desk, tx, agent_id)


async def status(desk: Desk, actor: Actor) -> AgentStatus:
    """The actor's own title bar."""
    async with desk.store.read() as tx:
        row = await desk_rows.agent(tx, actor.agent_id)
        used = await capacity.in_use(desk, tx, actor.agent_id)
    presence = desk.policy.presence(row.presence)
    limits, override = capacity.limits_of(desk, row), capacity.override_of(desk, row)
    return AgentStatus(
        actor.agent_id,
        row.name,
        row.role,
        row.presence,
        presence.label if presence else row.presence or "Offline",
        presence.work if presence else False,
        sum(used.values()),
        limits.total,
        colour_of(desk, presence),
        row.presence_since,
        tuple(
            ChannelUse(c.name, used.get(c.key, 0), limits.channels.get(c.key))
            for c in desk.policy.channels
        ),
        override.until if override else None,
    )

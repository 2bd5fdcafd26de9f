"""Presence: chosen by agents and supervisors, ended by leaving, changed by inactivity."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.deadline import Due
from agentdesk.domain.errors import BadInput, NotAllowed
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import AgentId
from agentdesk.domain.policy import PresenceSetup
from agentdesk.domain.views import AgentStatus, ChannelUse, LoopHealth, PresenceChoice
from agentdesk.services import capacity, offers, returning, sessions
from agentdesk.services.ccaas import sides, telling
from agentdesk.services.desk import Desk
from agentdesk.storage import deadlines
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction


async def sign_in(desk: Desk, login: str) -> Actor:
    """Start this client's session as *login*. Raises `NotFound` for an unknown login.

    An agent who was offline becomes available, as does one who left without saying so longer ago
    than `offline_after_s`; one who is at work in another window, or whose line dropped, stays as is.
    """
    async with desk.store.write() as tx:
        row = await desk_rows.agent_by_login(tx, login)
        actor = Actor(AgentId(row.id), row.name, Role(row.role), desk.session)
        left = (await sessions.left_since(desk, tx)).get(actor.agent_id)
        if left is not None and _for_good(desk, left):
            await go_offline(desk, tx, actor.agent_id)
            row = await desk_rows.agent(tx, actor.agent_id)
        await sessions.start(desk, tx, "desk", row.id)
        if row.presence in ("", desk.policy.options.offline_presence):
            becomes = desk.policy.options.sign_in_presence
            await change(desk, tx, actor.agent_id, becomes, By.actor(actor))
        return actor


async def start_engine(desk: Desk) -> None:
    """Start the session of a process without an agent."""
    async with desk.store.write() as tx:
        await sessions.start(desk, tx, "engine", None)


async def sign_out(desk: Desk, actor: Actor | None, *, deliberate: bool = True) -> None:
    """End this client's session.

    Who leaves their last one deliberately is offline. Otherwise the line dropped or the process was
    ended: presence stays for `offline_after_s`, so that the agent can come back.
    """
    async with desk.store.write() as tx:
        await desk_rows.end_session(tx, desk.session, desk.clock.now())
        if actor is None or await sessions.live_of(desk, tx, actor.agent_id):
            return
        if deliberate or desk.policy.options.offline_after_s <= 0:
            await go_offline(desk, tx, actor.agent_id)


async def keep_alive(desk: Desk) -> None:
    """Say that this process lives, and do what the absence of agents brings about.

    A session that fell silent for `rules.session_grace` has ended. Its agent is offline once
    `offline_after_s` passed since the last one ended: a dropped line is no resignation.
    """
    async with desk.store.write() as tx:
        await desk_rows.touch_session(tx, desk.session, desk.clock.now())
        await sessions.end_vanished(desk, tx)
        for agent_id, left in sorted((await sessions.left_since(desk, tx)).items()):
            if _for_good(desk, left):
                await go_offline(desk, tx, agent_id)
        await _send_away(desk, tx)


def _for_good(desk: Desk, left: datetime) -> bool:
    grace = timedelta(seconds=desk.policy.options.offline_after_s)
    return left + grace <= desk.clock.now()


async def go_offline(desk: Desk, tx: Transaction, agent_id: AgentId) -> None:
    """Nobody is there any more: offers go back and, with `reroute`, what was being worked on."""
    offline = desk.policy.options.offline_presence
    row = await desk_rows.agent_as_is(tx, agent_id)
    if row is None or row.presence in ("", offline):
        return
    if desk.policy.options.reroute:
        await returning.give_back_all(desk, tx, agent_id, f"{row.name} went offline")
    await change(desk, tx, agent_id, offline, SYSTEM)


async def _send_away(desk: Desk, tx: Transaction) -> None:
    """Available agents in none of whose windows a key was pressed for `away_after_s`."""
    longest = desk.policy.options.away_after_s
    away = desk.policy.options.timeout_presence
    if longest <= 0 or not away:
        return
    now = desk.clock.now()
    for row in await desk_rows.idle_agents(tx, now - timedelta(seconds=longest)):
        if desk.policy.works(row.presence):
            why = f"no key for {_minutes(longest)}"
            await change(desk, tx, AgentId(row.id), away, SYSTEM, why=why)


def _minutes(seconds: int) -> str:
    count, unit = (seconds, "second") if seconds % 60 else (seconds // 60, "minute")
    return f"{count} {unit}{'' if count == 1 else 's'}"


async def touch(desk: Desk, idle_s: float) -> None:
    """Nobody has pressed a key in this client for *idle_s* seconds."""
    async with desk.store.write() as tx:
        at = desk.clock.now() - timedelta(seconds=max(idle_s, 0.0))
        await desk_rows.say_active(tx, desk.session, at)


async def publish_health(desk: Desk, loops: Sequence[LoopHealth]) -> None:
    """Keep the state of this process's loops where `agentdesk check` reads it."""
    await sessions.publish_health(desk, loops)


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


def _known(desk: Desk, key: str) -> PresenceSetup:
    presence = desk.policy.presence(key)
    if presence is None:
        raise BadInput(f"There is no presence {key!r}.")
    return presence


async def set_presence(desk: Desk, actor: Actor, key: str) -> None:
    """Change one's own presence. Offers that were pending go back when it takes no work.

    Raises `BadInput` for an unknown one, `NotAllowed` for one of other groups.
    """
    presence = _known(desk, key)
    agent = desk.in_force.agents.get(actor.agent_id)
    if not presence.open_to(agent.groups if agent else frozenset()):
        raise NotAllowed(f"{presence.label} is for other groups than yours.")
    async with desk.store.write() as tx:
        await change(desk, tx, actor.agent_id, key, By.actor(actor))


async def set_presence_of(desk: Desk, actor: Actor, agent_id: AgentId, key: str) -> None:
    """A supervisor changes somebody's presence.

    Raises `NotAllowed` for agents, and where work would be offered to somebody who is not there.
    """
    actor.must_supervise()
    presence = _known(desk, key)
    async with desk.store.write() as tx:
        row = await desk_rows.agent(tx, agent_id)
        if presence.work and not await sessions.live_of(desk, tx, agent_id):
            raise NotAllowed(f"{row.name} is not signed in, so no work can reach them.")
        await change(desk, tx, agent_id, key, By.actor(actor), why=f"set by {actor.name}")


async def change(
    desk: Desk,
    tx: Transaction,
    agent_id: AgentId,
    key: str,
    by: By,
    *,
    why: str = "",
    tell: bool = True,
) -> None:
    """Set a presence inside a transaction and withdraw offers of which it takes none.

    Offers are locked before their agent, as everywhere. Contact centres are told, unless it is they
    who say it: *tell*.
    """
    await offers.lock_those_of(tx, agent_id)
    row = await desk_rows.agent(tx, agent_id)
    if row.presence == key:
        return
    now = desk.clock.now()
    await desk_rows.change_agent(tx, agent_id, presence=key, presence_since=now)
    data = {"from": row.presence, "to": key} | ({"why": why} if why else {})
    tx.record(Event(now, by, Record.AGENT, agent_id, Happened.PRESENCE_CHANGED, data))
    await offers.withdraw_all(desk, tx, agent_id, desk.policy.presence(key))
    if tell:
        await telling.presence(desk, tx, agent_id, key, by)


LONGEST_OVERRIDE = timedelta(days=30)
LARGEST_CAPACITY = 1_000


async def override_capacity(
    desk: Desk, actor: Actor, agent_id: AgentId, new: int, until: datetime
) -> None:
    """A supervisor gives an agent another capacity over all channels, until a moment.

    Raises `BadInput` for a capacity or a moment that makes no sense.
    """
    actor.must_supervise()
    now = desk.clock.now()
    if not 0 <= new <= LARGEST_CAPACITY:
        raise BadInput(f"A capacity is a number from 0 to {LARGEST_CAPACITY}.")
    if not now < until <= now + LONGEST_OVERRIDE:
        raise BadInput("A capacity for a while ends within the next 30 days.")
    async with desk.store.write() as tx:
        row = await desk_rows.agent(tx, agent_id)
        values = {"override_capacity": new, "override_until": until, "override_by": actor.name}
        await desk_rows.change_agent(tx, agent_id, **values)
        await deadlines.put(tx, Due.CAPACITY, agent_id, until)
        was = capacity.limits_of(desk, row).total
        data = {"from": was, "to": new, "until": until.isoformat()}
        _capacity_changed(desk, tx, agent_id, By.actor(actor), data)


async def end_override(desk: Desk, actor: Actor, agent_id: AgentId) -> None:
    """The agent's usual capacity holds again, before its time."""
    actor.must_supervise()
    async with desk.store.write() as tx:
        await _end_override(desk, tx, agent_id, By.actor(actor))
        await deadlines.drop(tx, Due.CAPACITY, agent_id)


async def override_ran_out(desk: Desk, tx: Transaction, agent_id: int) -> None:
    """A capacity for a while ended: routing looks at the agent again."""
    await _end_override(desk, tx, AgentId(agent_id), SYSTEM)


async def _end_override(desk: Desk, tx: Transaction, agent_id: AgentId, by: By) -> None:
    row = await desk_rows.agent(tx, agent_id)
    if row.override_capacity is None:
        return
    values = {"override_capacity": None, "override_until": None, "override_by": ""}
    await desk_rows.change_agent(tx, agent_id, **values)
    usual = capacity.usual_limits_of(desk, agent_id).total
    data = {"from": row.override_capacity, "to": usual}
    _capacity_changed(desk, tx, agent_id, by, data)


def _capacity_changed(
    desk: Desk, tx: Transaction, agent_id: AgentId, by: By, data: dict[str, Any]
) -> None:
    about = (Record.AGENT, agent_id, Happened.CAPACITY_CHANGED)
    tx.record(Event(desk.clock.now(), by, *about, data))


async def status(desk: Desk, actor: Actor) -> AgentStatus:
    """The actor's own title bar."""
    async with desk.store.read() as tx:
        row = await desk_rows.agent(tx, actor.agent_id)
        used = await capacity.in_use(desk, tx, actor.agent_id)
        there = await sides.of_agent(desk, tx, actor.agent_id)
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
        there,
    )

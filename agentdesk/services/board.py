"""What a supervisor sees of the whole desk: queues, agents, what each holds, figures over time.

A reading costs the same after years and at the end of a long day: quarters of an hour that are over
are kept in the process (`domain.figures`), and what waits is counted in indexes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain import figures
from agentdesk.domain.actor import Actor
from agentdesk.domain.board import (
    AgentLine,
    Board,
    CaseFigures,
    Chart,
    Held,
    Known,
    Person,
    QueueTile,
)
from agentdesk.domain.capacity import UNLIMITED, Override
from agentdesk.domain.ccaas.views import CentreUse
from agentdesk.domain.figures import NOTHING, QUARTER, Quarter, Tally
from agentdesk.domain.ids import AgentId, InteractionId, QueueId
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import AgentSetup, QueueSetup
from agentdesk.domain.schedule import Calendar, calendar
from agentdesk.domain.work import WorkState
from agentdesk.services import acknowledging, capacity
from agentdesk.services.ccaas import sides
from agentdesk.services.desk import Desk
from agentdesk.services.presence import colour_of
from agentdesk.storage import case_figures, lists, work
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import figures as rows
from agentdesk.storage.store import Transaction

TREND = timedelta(hours=4)
KEPT = timedelta(days=8)
"""A week of charts, and what is asked about its first day in any time zone."""

STEPS = ((8, 1), (48, 2), (24 * 8, 8))
"""Up to so many hours are shown in steps of so many quarters, so that a chart has some 50 to 90."""


async def board(desk: Desk, actor: Actor) -> Board:
    """Queues and agents now. Raises `NotAllowed` for agents."""
    actor.must_supervise()
    now = desk.clock.now()
    day = figures.midnight(now, desk.rules.zone)
    async with desk.store.read() as tx:
        people = await _people(desk, tx)
        there = await sides.of_agents(desk, tx, [p.line.agent_id for p in people])
        waiting = _waits(await rows.waits(tx))
        attention = await rows.attention(tx)
        await _count(desk, tx, min(day, now - TREND), now)
        warning = await acknowledging.brake_sentence(desk, tx)
        cases = CaseFigures(*await case_figures.counts(tx, now))
    today, done = desk.figures.between(day, now), desk.figures.day(day, now)
    by_login = {p.login: p for p in people}
    tiles = (
        _tile(desk, queue_id, waiting.get(queue_id, Waits()), attention.get(queue_id, 0), done)
        for queue_id in desk.in_force.queues
    )
    return Board(
        now,
        tuple(_staffed(desk, tile, by_login) for tile in tiles),
        tuple(_at_centres(p.line, there) for p in people),
        sum(q.opened for q in today),
        sum(q.closed for q in today),
        warning,
        cases,
    )


async def held(desk: Desk, actor: Actor, agent_id: AgentId) -> tuple[Held, ...]:
    """What an agent has: offers first, then what they work on, then On Hold."""
    actor.must_supervise()
    async with desk.store.read() as tx:
        offers = await lists.offers(tx, agent_id)
        owned = await lists.held_by(tx, agent_id)
    order = (State.WORK_IN_PROGRESS, State.WRAP_UP, State.ON_HOLD)
    ranked = sorted(owned, key=lambda r: order.index(s) if (s := State(r.state)) in order else 3)
    return (*(_offered(r) for r in offers), *(_owned(r) for r in ranked))


async def chart(desk: Desk, actor: Actor, hours: int) -> Chart:
    """Arrivals, backlog and handling of the last *hours*, up to the present quarter."""
    actor.must_supervise()
    now = desk.clock.now()
    step = next((quarters for most, quarters in STEPS if hours <= most), STEPS[-1][1])
    end = figures.quarter_of(now) + QUARTER
    start = end - timedelta(hours=hours)
    async with desk.store.read() as tx:
        waiting = _waits(await rows.waits(tx))
        await _count(desk, tx, start, now)
    found = desk.figures.between(start, end)
    groups = [found[n : n + step] for n in range(0, len(found), step)]
    tallies = {
        (queue_id, queue): [figures.summed(group, queue_id) for group in groups]
        for queue_id, queue in desk.in_force.queues.items()
    }
    return Chart(
        tuple(start + n * step * QUARTER for n in range(len(groups))),
        {queue.name: tuple(t.arrived for t in each) for (_, queue), each in tallies.items()},
        {
            queue.name: figures.backlog(waiting.get(queue_id, Waits()).open, each)
            for (queue_id, queue), each in tallies.items()
        },
        tuple(_handling(group) for group in groups),
    )


def _handling(group: Sequence[Quarter]) -> float | None:
    tallies = [t for quarter in group for t in quarter.queues.values()]
    handled = sum(t.handled for t in tallies)
    return sum(t.handled_s for t in tallies) / handled if handled else None


async def _count(desk: Desk, tx: Transaction, since: datetime, now: datetime) -> None:
    """Read of the log what this process has not counted yet."""
    start = desk.figures.missing(since)
    desk.figures.put(start, await rows.quarters(tx, start), now)
    desk.figures.forget(figures.quarter_of(now - KEPT))


class Waits:
    """What waits in one queue now: how many, and since when in groups of an hour."""

    def __init__(self) -> None:
        self.waiting = 0
        self.offered = 0
        self.oldest: datetime | None = None
        self._groups: list[tuple[int, datetime]] = []

    def add(self, row: Any) -> None:
        """One group."""
        if row.state == WorkState.OFFERED.value:
            self.offered += row.n
        else:
            self.waiting += row.n
        self.oldest = row.oldest if self.oldest is None else min(self.oldest, row.oldest)
        self._groups.append((row.n, rows.moment(row.middle)))

    @property
    def open(self) -> int:
        """Nobody has taken them yet."""
        return self.waiting + self.offered

    def longest(self, hours: Calendar, now: datetime) -> float:
        """Business time of the oldest, in seconds."""
        return hours.between(self.oldest, now) if self.oldest else 0.0

    def average(self, hours: Calendar, now: datetime) -> float:
        """Business time of all of them; groups of an hour count from their middle."""
        total = sum(n * hours.between(middle, now) for n, middle in self._groups)
        return total / self.open if self.open else 0.0


def _waits(found: Sequence[Any]) -> dict[QueueId, Waits]:
    waiting: dict[QueueId, Waits] = {}
    for row in found:
        waiting.setdefault(QueueId(row.queue_id), Waits()).add(row)
    return waiting


def hours_of(desk: Desk, queue: QueueSetup) -> Calendar:
    """The business hours of a queue."""
    named = (s for s in desk.policy.schedules if s.key == queue.schedule)
    return calendar(next(named, None))


def _tile(
    desk: Desk, queue_id: QueueId, waits: Waits, attention: int, today: Mapping[QueueId, Tally]
) -> QueueTile:
    """A queue without its agents."""
    queue, now = desk.in_force.queues[queue_id], desk.clock.now()
    hours, done = hours_of(desk, queue), today.get(queue_id, NOTHING)
    opens = hours.opens_at(now)
    return QueueTile(
        queue_id=queue_id,
        name=queue.name,
        waiting=waits.waiting,
        offered_now=waits.offered,
        attention=attention,
        longest_s=waits.longest(hours, now),
        average_s=waits.average(hours, now),
        target_s=float(queue.target_wait_s),
        service_level=done.service_level,
        goal=queue.goal / 100,
        arrived=done.arrived,
        offered=done.offered,
        accepted=done.accepted,
        rejected=done.rejected,
        timed_out=done.timed_out,
        abandoned=done.abandoned,
        warn_waiting=queue.warn_waiting,
        trend=figures.backlog(waits.open, _lately(desk, queue_id, now)),
        open=opens == now,
        opens_at=None if opens == now else opens,
        centre=sides.name_of(desk, queue.external),
    )


def _lately(desk: Desk, queue_id: QueueId, now: datetime) -> list[Tally]:
    """The last four hours, by quarter."""
    end = figures.quarter_of(now) + QUARTER
    found = desk.figures.between(end - TREND, end)
    return [quarter.queues.get(queue_id, NOTHING) for quarter in found]


# Agents


def _at_centres(line: AgentLine, there: Mapping[AgentId, tuple[CentreUse, ...]]) -> AgentLine:
    found = there.get(line.agent_id)
    return replace(line, centres=found) if found else line


async def _people(desk: Desk, tx: Transaction) -> list[Person]:
    used = await work.loads(tx, capacity.uses(desk))
    on_hold = await rows.on_hold(tx)
    names = {g.key: g.name for g in desk.policy.groups} | {
        s.key: s.name for s in desk.policy.skills
    }
    found = await desk_rows.all_agents(tx)
    people = desk.people.of(desk.policy)
    fresh = {}
    for row in found:
        override = capacity.override_of(desk, row)
        facts = (row, override, used.get(AgentId(row.id), {}), on_hold.get(row.id, 0))
        known = people.get(AgentId(row.id))
        if known is None or known.facts != facts:
            known = Known(facts, _person(desk, *facts, names))
        fresh[AgentId(row.id)] = known
    people.clear()
    people.update(fresh)
    return [known.person for known in fresh.values()]


def _person(
    desk: Desk,
    row: Any,
    override: Override | None,
    used: Mapping[str, int],
    on_hold: int,
    names: Mapping[str, str],
) -> Person:
    presence, limits = desk.policy.presence(row.presence), capacity.limits_of(desk, row)
    agent = desk.in_force.agents.get(AgentId(row.id)) or AgentSetup(row.login, row.name)
    works = presence is not None and presence.work
    line = AgentLine(
        AgentId(row.id),
        row.name,
        row.presence,
        presence.label if presence else "Offline",
        colour_of(desk, presence),
        works,
        row.presence_since,
        sum(used.values()),
        limits.total,
        override.until if override else None,
        on_hold,
        row.last_assigned_at,
        tuple(sorted(names.get(key, key) for key in agent.groups)),
        {names.get(key, key): level for key, level in agent.skills.items()},
    )
    return Person(line, agent.login, presence, limits, used)


def _staffed(desk: Desk, tile: QueueTile, people: Mapping[str, Person]) -> QueueTile:
    """*tile* with who takes work of its queue now, and how full they are."""
    queue = desk.in_force.queues[tile.queue_id]
    staff = desk.staffing.of(desk.policy)[queue.key]
    there = [p for login in staff if (p := people.get(login)) and p.takes(queue.channel)]
    free = sum(p.has_room(queue.channel) for p in there)
    bounded = [p.line for p in there if p.line.capacity < UNLIMITED]
    return replace(
        tile,
        available=free,
        busy=len(there) - free,
        used=sum(line.used for line in bounded),
        capacity=sum(line.capacity for line in bounded),
    )


def _offered(r: Any) -> Held:
    key = InteractionId(r.interaction_id)
    return Held(key, r.number, r.subject, r.customer, "Offered", r.offered_at)


def _owned(r: Any) -> Held:
    state = State(r.state)
    moments = {State.ON_HOLD: r.held_at, State.WRAP_UP: r.wrap_opened_at}
    since = moments.get(state) or r.changed_at
    return Held(InteractionId(r.id), r.number, r.subject, r.customer, state.label, since)

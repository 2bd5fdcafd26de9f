"""Benches: the agents who may get a kind of item, kept so that the best is found without meeting all.

Seats only fill up and only become less idle during a run, so an entry that is out of date lies too
far in front, never too far behind: it is put in its place when it is met.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from heapq import heapify, heappop, heappush

from agentdesk.domain.eligibility import wished
from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.policy import Rule, SkillNeed
from agentdesk.domain.snapshot import AgentSeat, Pool, QueueRules, Snapshot

Standing = tuple[int, datetime]
"""Free capacity, and since when the agent is idle."""
NOBODY: frozenset[AgentId] = frozenset()


@dataclass(frozen=True, eq=False)
class Shape:
    """What items must have in common to be served from one bench. Each is known by its identity."""

    queue: QueueRules
    channel: str
    needs: tuple[SkillNeed, ...]

    @cached_property
    def skills(self) -> tuple[tuple[str, int], ...]:
        """The skills and levels that keep everybody else away."""
        return tuple((n.skill, n.level) for n in self.needs if n.mandatory)


class Bench:
    """Agents by free capacity, and among equals who is idle for the longest."""

    def __init__(self, rule: Rule, agents: Iterable[AgentId], now: Mapping[AgentId, Standing]):
        self._rule, self._now = rule, now
        self._levels: dict[int, list[tuple[datetime, AgentId]]] = {}
        for agent in agents:
            free, since = now[agent]
            self._levels.setdefault(free, []).append((since, agent))
        for level in self._levels.values():
            heapify(level)

    def pick(self, size: int, barred: Collection[AgentId]) -> AgentId | None:
        """The best who has room for *size* and is not *barred*."""
        picked, aside = None, []
        while picked is None and (agent := self._take(size)) is not None:
            aside.append(agent)
            picked = None if agent in barred else agent
        for agent in aside:
            self._put(agent)
        return picked

    def _take(self, size: int) -> AgentId | None:
        while (free := self._best_level(size)) is not None:
            since, agent = heappop(self._levels[free])
            if not self._levels[free]:
                del self._levels[free]
            if self._now.get(agent) == (free, since):
                return agent
            self._put(agent)
        return None

    def _put(self, agent: AgentId) -> None:
        if agent in self._now:
            free, since = self._now[agent]
            heappush(self._levels.setdefault(free, []), (since, agent))

    def _best_level(self, size: int) -> int | None:
        levels = [free for free in self._levels if free >= size]
        if self._rule is Rule.MOST_CAPACITY or not levels:
            return max(levels, default=None)
        return min(levels, key=lambda free: self._levels[free][0])


class Benches:
    """The seats of one snapshot as they fill up, and the benches that were needed so far."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.seats = {seat.id: seat for seat in snapshot.agents}
        self._at = snapshot.now
        self._standings: dict[str, dict[AgentId, Standing]] = {}
        self._pools: dict[frozenset[str], frozenset[AgentId]] = {}
        self._skilled: dict[tuple[str, int], frozenset[AgentId]] = {}
        self._tiers: dict[QueueId, dict[int, frozenset[AgentId]]] = {}
        self._benches: dict[tuple[object, ...], list[Bench]] = {}
        self._at_work: dict[Shape, frozenset[AgentId]] = {}

    def tiers(self, queue: QueueRules) -> Collection[int]:
        """The rounds in which the queue has anybody to ask."""
        return self._by_tier(queue).keys()

    def standing(self, channel: str) -> dict[AgentId, Standing]:
        """Everybody who can be given work of *channel* now."""
        if channel not in self._standings:
            able = (s for s in self.seats.values() if s.presence.takes(channel))
            self._standings[channel] = {}
            for seat in able:
                self._stand(channel, seat)
        return self._standings[channel]

    def pick(
        self, shape: Shape, pool: Pool, tier: int, size: int, barred: Collection[AgentId]
    ) -> AgentId | None:
        """The best member of *pool* who serves the queue in *tier* and has the skills and room."""
        benches = self._for(shape, pool, tier)
        picks = (who for bench in benches if (who := bench.pick(size, barred)) is not None)
        return next(picks, None)

    def put(self, seat: AgentSeat) -> None:
        """The agent is given work, so the seat changes."""
        self.seats[seat.id] = seat
        for channel, standing in self._standings.items():
            if seat.id in standing:
                del standing[seat.id]
                self._stand(channel, seat)

    def _stand(self, channel: str, seat: AgentSeat) -> None:
        free = seat.free(channel)
        if free > 0 and seat.rests_until <= self._at:
            self._standings[channel][seat.id] = (free, seat.idle_since)

    def _for(self, shape: Shape, pool: Pool, tier: int) -> list[Bench]:
        rule = pool.rule or shape.queue.rule
        whose = (shape.queue.id, tier) if shape.queue.orders else None
        key = (pool.groups, whose, rule, shape.channel, shape.needs)
        if key not in self._benches:
            standing = self.standing(shape.channel)
            members = self._members(pool) & standing.keys() & self._by_tier(shape.queue)[tier]
            members = self._with_skills(shape, members)
            by_wishes: dict[tuple[int, int], list[AgentId]] = {}
            for agent in members:
                by_wishes.setdefault(wished(shape.needs, self.seats[agent]), []).append(agent)
            best_first = sorted(by_wishes, reverse=True)
            self._benches[key] = [Bench(rule, by_wishes[w], standing) for w in best_first]
        return self._benches[key]

    def at_work(self, shape: Shape) -> frozenset[AgentId]:
        """Who may serve such items by groups, skills and presence, with room or without."""
        if shape not in self._at_work:
            members = NOBODY.union(*(self._members(pool) for pool in shape.queue.pools))
            able = (self.seats[a] for a in self._with_skills(shape, members))
            here = frozenset(seat.id for seat in able if seat.presence.takes(shape.channel))
            self._at_work[shape] = here
        return self._at_work[shape]

    def _members(self, pool: Pool) -> frozenset[AgentId]:
        if pool.groups not in self._pools:
            members = frozenset(seat.id for seat in self.seats.values() if pool.holds(seat))
            self._pools[pool.groups] = members
        return self._pools[pool.groups]

    def _with_skills(self, shape: Shape, agents: frozenset[AgentId]) -> frozenset[AgentId]:
        for skill, level in shape.skills:
            if (skill, level) not in self._skilled:
                able = (s.id for s in self.seats.values() if s.skills.get(skill, 0) >= level)
                self._skilled[skill, level] = frozenset(able)
            agents &= self._skilled[skill, level]
        return agents

    def _by_tier(self, queue: QueueRules) -> dict[int, frozenset[AgentId]]:
        if queue.id not in self._tiers:
            found: dict[int, set[AgentId]] = {}
            for seat in self.seats.values():
                found.setdefault(queue.tier(seat), set()).add(seat.id)
            self._tiers[queue.id] = {tier: frozenset(who) for tier, who in found.items()}
        return self._tiers[queue.id]

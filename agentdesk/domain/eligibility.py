"""Who may be asked for an item, and the sentence for everybody who is not. Source: docs/routing.md."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from agentdesk.domain.capacity import UNLIMITED
from agentdesk.domain.ids import AgentId
from agentdesk.domain.policy import Rule, SkillNeed
from agentdesk.domain.snapshot import (
    NEVER,
    OUTSIDER,
    AgentSeat,
    QueueRules,
    Snapshot,
    WaitingItem,
)

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Ask:
    """An item at its turn. The pools of `queue` stand by opening; the first `opened` are open now.

    `brief` leaves out of sentences what differs from agent to agent, so that equal reasons are
    equal words: decisions of a large desk are kept that way.
    """

    snapshot: Snapshot
    item: WaitingItem
    queue: QueueRules
    opened: int
    brief: bool = False

    @property
    def now(self) -> datetime:
        """The moment of the snapshot."""
        return self.snapshot.now

    def place(self, seat: AgentSeat) -> int | None:
        """The first pool that holds the agent, open or not; None for an outsider."""
        for place, pool in enumerate(self.queue.pools):
            if pool.holds(seat):
                return place
        return None

    def rule(self, place: int) -> Rule:
        """Who is picked in a pool."""
        return self.queue.pools[place].rule or self.queue.rule

    def preference(self, agent_id: AgentId) -> int:
        """The agent's place among those whom the item prefers; behind them all for everybody else."""
        preferred = [p.agent_id for p in self.item.preferred]
        return preferred.index(agent_id) if agent_id in preferred else len(preferred)


def wished(needs: tuple[SkillNeed, ...], seat: AgentSeat) -> tuple[int, int]:
    """How many of the skills that need not be there the agent has, and the sum of those levels."""
    levels = [
        seat.skills[n.skill]
        for n in needs
        if not n.mandatory and seat.skills.get(n.skill, 0) >= n.level
    ]
    return len(levels), sum(levels)


def when(at: datetime, snapshot: Snapshot) -> str:
    """A moment as people say it: `09:12`, `Mon 09:12`, or with the day of the month."""
    local, today = at.astimezone(snapshot.zone), snapshot.now.astimezone(snapshot.zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    near = abs(local - today) < WEEK
    return f"{DAYS[local.weekday()]} {local:%H:%M}" if near else f"{local:%Y-%m-%d %H:%M}"


def until(at: datetime, now: datetime) -> str:
    """`in 30 s`, `in 5 min` or `in 3 h`, rounded up."""
    seconds = ceil((at - now).total_seconds())
    if seconds < 120:
        return f"in {seconds} s"
    return f"in {ceil(seconds / 60)} min" if seconds < 7200 else f"in {ceil(seconds / 3600)} h"


def _outsider(ask: Ask, seat: AgentSeat) -> str | None:
    return OUTSIDER if ask.place(seat) is None else None


def _lacks_a_skill(ask: Ask, seat: AgentSeat) -> str | None:
    for need in ask.item.needs:
        has = seat.skills.get(need.skill, 0)
        if need.mandatory and has < need.level:
            lacks = f"lacks {ask.snapshot.skills.get(need.skill, need.skill)} {need.level}"
            return f"{lacks} (has {has})" if has else lacks
    return None


def _rejected_before(ask: Ask, seat: AgentSeat) -> str | None:
    if seat.id not in ask.item.passed:
        return None
    reason = ask.item.refused.get(seat.id)
    return f"rejected it before: {reason}" if reason else "rejected it before"


def _joins_later(ask: Ask, seat: AgentSeat) -> str | None:
    place = ask.place(seat)
    if place is None or place < ask.opened:
        return None
    opens = ask.item.opens(ask.queue.pools[place])
    return "joins later" if ask.brief else f"joins {until(opens, ask.now)}"


def _takes_no_work(ask: Ask, seat: AgentSeat) -> str | None:
    if seat.presence.takes(ask.item.channel):
        return None
    takes = f"takes no {ask.item.channel}" if seat.presence.work else "takes no work"
    since = seat.presence_since
    said = f" since {when(since, ask.snapshot)}" if since and not ask.brief else ""
    return f"{seat.presence.label}{said} {takes}"


def _let_it_pass(ask: Ask, seat: AgentSeat) -> str | None:
    rests = ask.item.rests.get(seat.id, NEVER)
    if rests <= ask.now:
        return None
    reason = ask.item.refused.get(seat.id)
    passed = f"let it pass ({reason})" if reason else "let it pass"
    return passed if ask.brief else f"{passed}, is asked again {until(rests, ask.now)}"


def _no_room(ask: Ask, seat: AgentSeat) -> str | None:
    channel, size = ask.item.channel, ask.item.size
    free = seat.free(channel)
    if size <= free:
        return None
    bound, used, of = seat.limits.total, sum(seat.used.values()), ""
    if bound - used > free:
        bound, used, of = (
            seat.limits.channels[channel],
            seat.used.get(channel, 0),
            f" for {channel}",
        )
    if free <= 0:
        return f"at capacity {used}/{bound}{of}"
    return f"has {free} of {bound} free{of}, this takes {size}"


def _filled_gradually(ask: Ask, seat: AgentSeat) -> str | None:
    if seat.rests_until <= ask.now:
        return None
    gradually = "is filled gradually"
    return gradually if ask.brief else f"{gradually}, next {until(seat.rests_until, ask.now)}"


Check = Callable[[Ask, AgentSeat], str | None]
CHECKS: dict[str, Check] = {
    "in no group of the queue": _outsider,
    "without a skill that it needs": _lacks_a_skill,
    "rejected it": _rejected_before,
    "may be asked later": _joins_later,
    "not at work": _takes_no_work,
    "let it pass": _let_it_pass,
    "without room": _no_room,
    "filled gradually": _filled_gradually,
}
"""What may keep an agent from an item, by what a summary calls those whom it keeps away. People
read the first: what lasts comes before what passes."""


def obstacle(ask: Ask, seat: AgentSeat) -> tuple[str, str] | None:
    """What keeps the agent from the item now, as a summary calls it and as a sentence, or None."""
    for kind, check in CHECKS.items():
        if reason := check(ask, seat):
            return kind, reason
    return None


def may_be_asked(ask: Ask, seat: AgentSeat) -> bool:
    """Whether nothing keeps the agent from the item now."""
    return obstacle(ask, seat) is None


def why_chosen(ask: Ask, seat: AgentSeat) -> str:
    """What spoke for the agent who got the item."""
    place = ask.preference(seat.id)
    if place < len(ask.item.preferred):
        return f"chosen: {ask.item.preferred[place].why}"
    pool = ask.place(seat)
    rule = ask.rule(pool) if pool is not None else ask.queue.rule
    by = "by most capacity" if rule is Rule.MOST_CAPACITY else "as the longest without new work"
    wishes = sum(not need.mandatory for need in ask.item.needs)
    skills = f"for {wished(ask.item.needs, seat)[0]} of {wishes} wished skills, " if wishes else ""
    return f"chosen {skills}{by}: {_room(ask, seat)}"


def _room(ask: Ask, seat: AgentSeat) -> str:
    free, total = seat.free(ask.item.channel), seat.limits.total
    total = min(total, seat.limits.channels.get(ask.item.channel, total))
    return f"{free} of {total} free" if total < UNLIMITED else "no limit"


def why_after(ask: Ask, seat: AgentSeat, winner: AgentSeat) -> str:
    """Why somebody who could take the item comes after the one who gets it."""
    mine, first = ask.queue.tier(seat), ask.queue.tier(winner)
    if mine != first:
        return f"serves this queue later: order {mine}, {winner.name} has {first}"
    preferred = ask.item.preferred
    place = ask.preference(winner.id)
    if place < ask.preference(seat.id):
        return f"{winner.name} is preferred: {preferred[place].why}"
    pool = ask.place(winner)
    if pool is None or ask.place(seat) != pool:
        return f"{winner.name} is in an earlier pool"
    return _by_skills(ask, seat, winner) or _by_rule(ask, seat, winner, ask.rule(pool))


def _by_skills(ask: Ask, seat: AgentSeat, winner: AgentSeat) -> str | None:
    (count, levels), (best, highest) = (wished(ask.item.needs, a) for a in (seat, winner))
    if count < best:
        return f"has {count} of the wished skills, {winner.name} has {best}"
    if levels < highest:
        return f"is at a lower level in the wished skills: {levels}, {winner.name} is at {highest}"
    return None


def _by_rule(ask: Ask, seat: AgentSeat, winner: AgentSeat, rule: Rule) -> str:
    channel = ask.item.channel
    free, most = seat.free(channel), winner.free(channel)
    if rule is Rule.MOST_CAPACITY and free < most:
        if most > UNLIMITED // 2:
            mine, theirs = (sum(a.used.values()) for a in (seat, winner))
            return f"has more work: {mine}, {winner.name} has {theirs}"
        return f"has less free capacity: {free}, {winner.name} has {most}"
    if seat.idle_since > winner.idle_since:
        return f"had new work more recently than {winner.name}"
    return f"equals {winner.name}, who is listed first"

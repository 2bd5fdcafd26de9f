"""What new work is: its channel and queue, what it takes, what it needs, how urgent it is; pure.

The channels whose condition the record meets are tried in their order: the first that has a queue whose
condition holds decides both. A queue without a condition gets only what names it. If there is none,
the record goes to the queue that its mailbox or address names. Work rules say size, priority, skills.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, TypeVar

from agentdesk.domain.condition import ConditionError, parse
from agentdesk.domain.facts import Facts
from agentdesk.domain.logic import Condition
from agentdesk.domain.policy import ChannelSetup, Policy, QueueSetup, SkillNeed, WorkRule

USUAL_PRIORITY: Final = 3
TABLE: Final = "interaction"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Qualified:
    """What was decided. `queue` None: the one that the record was named for, which the policy does not
    define any more. `why` says how it came to its queue; empty where nothing but the name decided.
    """

    channel: ChannelSetup
    queue: QueueSetup | None
    size: int
    priority: int
    needs: tuple[SkillNeed, ...] = ()
    why: str = ""


Setup = TypeVar("Setup", ChannelSetup, QueueSetup, WorkRule)


class Criteria:
    """The conditions of a policy, read once. `fields` and `headers` are what they ask about."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        channels = (c for c in policy.channels if c.table == TABLE)
        self._channels = _understood(sorted(channels, key=attrgetter("order")))
        queues = (q for q in policy.queues if q.condition.strip())
        self._queues = _understood(sorted(queues, key=attrgetter("position")))
        self._rules = _understood(policy.work_rules)
        self.channels_ask = any(c.fields or c.headers for _, c in self._channels)
        conditions = [c for _, c in (*self._channels, *self._queues, *self._rules)]
        self.fields = frozenset().union(*(c.fields for c in conditions))
        self.headers = frozenset().union(*(c.headers for c in conditions))

    def qualify(
        self, facts: Facts, named: QueueSetup | None, priority: int | None = None
    ) -> Qualified:
        """New work; *named* is the queue of its mailbox, address or account. *priority*: the one that
        it has already; else rules say it, as work of the channel that it would be without.
        """
        if priority is None:
            priority = self._priority(facts)
        facts = self._having(facts, priority=priority)
        met = self._met(facts)
        usual = met[0] if met else self._usual()
        matching = self._matching(self._having(facts, channel=usual.key))
        for channel in met:
            asked = self._having(facts, channel=channel.key)
            for queue, condition in self._queues:
                if queue.channel == channel.key and condition.matches(asked):
                    why = f"{queue.name} takes what meets: {queue.condition.strip()}"
                    return _qualified(channel, queue, priority, matching, why)
        return _qualified(_of_queue(met, usual, named), named, priority, matching)

    def _priority(self, facts: Facts) -> int:
        if all(r.priority is None for r, _ in self._rules):
            return USUAL_PRIORITY
        facts = self._having(facts, priority=USUAL_PRIORITY)
        usual = next(iter(self._met(facts)), self._usual())
        matching = self._matching(self._having(facts, channel=usual.key))
        return next((r.priority for r in matching if r.priority is not None), USUAL_PRIORITY)

    def requalify(self, facts: Facts, queue: QueueSetup | None, priority: int) -> Qualified:
        """Work that a person, or time, moves to *queue*; its priority stays."""
        facts = self._having(facts, priority=priority)
        met = self._met(facts)
        usual = met[0] if met else self._usual()
        channel = _of_queue(met, usual, queue)
        matching = self._matching(self._having(facts, channel=channel.key))
        return _qualified(channel, queue, priority, matching)

    def _having(self, facts: Facts, **decided: Any) -> Facts:
        """The facts with what was decided, if any condition asks for it."""
        return facts.having(**decided) if self.fields & decided.keys() else facts

    def meets(self, facts: Facts, channel: str) -> bool:
        """Whether the record still is work of this channel; of one that is gone it is."""
        found = [c for c in self._policy.channels if c.key == channel]
        return not found or any(c.key == channel for c in self._met(facts))

    def meets_any(self, facts: Facts) -> bool:
        """Whether the record is work of any channel."""
        return bool(self._met(facts))

    def _met(self, facts: Facts) -> list[ChannelSetup]:
        return [c for c, condition in self._channels if condition.matches(facts)]

    def _matching(self, facts: Facts) -> list[WorkRule]:
        return [r for r, condition in self._rules if condition.matches(facts)]

    def _usual(self) -> ChannelSetup:
        """Where a record goes that is work of no channel: it must not be lost."""
        return self._policy.channel("email")


def _of_queue(
    met: Iterable[ChannelSetup], usual: ChannelSetup, queue: QueueSetup | None
) -> ChannelSetup:
    """A channel that asked for the record by a condition has it; else the queue's own goes first."""
    if queue is None or usual.condition.strip():
        return usual
    return next((c for c in met if c.key == queue.channel), usual)


def _qualified(
    channel: ChannelSetup,
    queue: QueueSetup | None,
    priority: int,
    matching: list[WorkRule],
    why: str = "",
) -> Qualified:
    sizes = [r.size for r in matching] + [queue.size if queue else None, channel.size]
    needs = [*(queue.skills if queue else ()), *(n for r in matching for n in r.skills)]
    size = next(s for s in sizes if s is not None)
    return Qualified(channel, queue, size, priority, merged(needs), why)


def merged(needs: Iterable[SkillNeed]) -> tuple[SkillNeed, ...]:
    """Each skill once: mandatory if any says so, at the highest level that is asked for."""
    found: dict[str, SkillNeed] = {}
    for need in needs:
        other = found.get(need.skill, need)
        level, mandatory = max(need.level, other.level), need.mandatory or other.mandatory
        found[need.skill] = SkillNeed(need.skill, level, mandatory)
    return tuple(found.values())


def _understood(setups: Iterable[Setup]) -> list[tuple[Setup, Condition]]:
    """With their conditions. Settings refuse one that cannot be read; if it holds nevertheless, it
    counts as never met, because mail must be filed.
    """
    found = []
    for setup in setups:
        try:
            found.append((setup, parse(setup.condition)))
        except ConditionError as error:
            log.warning("the condition of %r cannot be read: %s", setup.name, error)
    return found

"""What must hold between the sections on routing. A broken rule refuses the whole document.

What is merely odd, such as a queue that nobody can serve yet, is said by `routing_advice`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from agentdesk.domain import condition
from agentdesk.domain.policy import Overflow
from agentdesk.settings import spelling
from agentdesk.settings.problems import Loc, Trouble

if TYPE_CHECKING:
    from agentdesk.settings.routing import RoutingSettings

Rule = Callable[["RoutingSettings"], Iterator[Trouble]]
Named = Iterator[tuple[Loc, str]]
"""Places that name something, each with the name."""


def troubles(settings: RoutingSettings) -> Iterator[Trouble]:
    """Every broken rule, rule by rule."""
    for rule, sections in RULES:
        for trouble in rule(settings):
            yield trouble._replace(reads=frozenset(sections))


def repeats(values: Sequence[Hashable]) -> list[int]:
    """Where a value stands that stood before."""
    first: dict[Hashable, int] = {}
    return [i for i, value in enumerate(values) if first.setdefault(value, i) != i]


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """The sentence for a name that means nothing."""
    there = f"there are {', '.join(known)}" if known else "there are none"
    return f'names the {what} "{name}", which does not exist; {there}'


def _unique(s: RoutingSettings) -> Iterator[Trouble]:
    lists: dict[tuple[str, str], list[str]] = {
        ("agents", "login"): [a.login for a in s.agents],
        ("groups", "key"): [g.key for g in s.groups],
        ("skills", "key"): [k.key for k in s.skills],
        ("schedules", "key"): [p.key for p in s.schedules],
        ("channels", "key"): [c.key for c in s.channels],
        ("presences", "key"): [p.key for p in s.presences],
        ("queues", "key"): [q.key for q in s.queues],
        ("work_rules", "name"): [r.name for r in s.work_rules],
        ("account_teams", "account"): [t.account.casefold() for t in s.account_teams],
        ("reject_reasons", "key"): [r.key for r in s.reject_reasons],
    }
    for (section, field), values in lists.items():
        for i in repeats(values):
            words = f'is "{values[i]}" a second time; each {field} may occur once'
            yield Trouble((section, i, field), words)


def _enough(s: RoutingSettings) -> Iterator[Trouble]:
    usual = {"queues": "queue, support", "channels": "channel, email"}
    for section, what in usual.items():
        if not getattr(s, section):
            yield Trouble((section,), f"is empty; remove it for the usual {what}, or give one")
    defaults = [i for i, q in enumerate(s.queues) if q.default]
    for i in defaults[1:]:
        first = s.queues[defaults[0]].key
        yield Trouble(("queues", i, "default"), f'is true, but "{first}" is the default already')


def _groups(s: RoutingSettings) -> Iterator[Trouble]:
    declared = [g.key for g in s.groups]
    known = declared or sorted({g for a in s.agents for g in a.groups})

    def named() -> Named:
        for i, agent in enumerate(s.agents):
            yield from ((("agents", i, "groups"), g) for g in agent.groups)
        for i, queue in enumerate(s.queues):
            where = "pools" if queue.pools else "groups"
            for pool in queue.eligibility:
                yield from ((("queues", i, where), g) for g in pool.groups)
        for i, presence in enumerate(s.presences):
            yield from ((("presences", i, "groups"), g) for g in presence.groups)

    return _unknown_ones("group", named(), known)


def _channels(s: RoutingSettings) -> Iterator[Trouble]:
    def named() -> Named:
        for i, queue in enumerate(s.queues):
            yield ("queues", i, "channel"), queue.channel
        for i, presence in enumerate(s.presences):
            yield from ((("presences", i, "channels"), c) for c in presence.channels)
        for i, reason in enumerate(s.reject_reasons):
            yield from ((("reject_reasons", i, "channels"), c) for c in reason.channels)
        for i, agent in enumerate(s.agents):
            yield from _names(("agents", i, "channel_capacity"), agent.channel_capacity)
        for i, group in enumerate(s.groups):
            yield from _names(("groups", i, "channel_capacity"), group.channel_capacity)

    return _unknown_ones("channel", named(), [c.key for c in s.channels])


def _names(loc: Loc, numbers: Mapping[str, int]) -> Named:
    for name in numbers:
        yield (*loc, name), name


def _queues(s: RoutingSettings) -> Iterator[Trouble]:
    def named() -> Named:
        for i, group in enumerate(s.groups):
            yield from _names(("groups", i, "queue_orders"), group.queue_orders)
        for i, queue in enumerate(s.queues):
            if queue.overflow_queue:
                yield ("queues", i, "overflow_queue"), queue.overflow_queue

    return _unknown_ones("queue", named(), [q.key for q in s.queues])


def _schedules(s: RoutingSettings) -> Iterator[Trouble]:
    named = ((("queues", i, "schedule"), q.schedule) for i, q in enumerate(s.queues) if q.schedule)
    return _unknown_ones("schedule", named, [p.key for p in s.schedules])


def _account_teams(s: RoutingSettings) -> Iterator[Trouble]:
    named = (
        (("account_teams", i, "agents"), login)
        for i, team in enumerate(s.account_teams)
        for login in team.agents
    )
    return _unknown_ones("agent", named, [a.login for a in s.agents])


def _unknown_ones(what: str, named: Named, known: Sequence[str]) -> Iterator[Trouble]:
    for loc, name in named:
        if name not in known:
            yield Trouble(loc, unknown(what, name, known))


def _skills(s: RoutingSettings) -> Iterator[Trouble]:
    """Skills that exist, each at a level that it has, and asked for once."""
    levels = {skill.key: skill.levels for skill in s.skills}

    def named() -> Iterator[tuple[Loc, str, int]]:
        for i, agent in enumerate(s.agents):
            for key, level in agent.skills.items():
                yield ("agents", i, "skills", key), key, level
        asking = {"queues": [q.skills for q in s.queues]}
        asking["work_rules"] = [r.skills for r in s.work_rules]
        for section, asked in asking.items():
            for i, text in ((i, text) for i, texts in enumerate(asked) for text in texts):
                wanted = spelling.need(text)
                yield (section, i, "skills"), wanted.skill, wanted.level

    for loc, key, level in named():
        if key not in levels:
            yield Trouble(loc, unknown("skill", key, list(levels)))
        elif not 1 <= level <= levels[key]:
            yield Trouble(loc, f'has "{key}" at level {level}; it goes from 1 to {levels[key]}')
    for i, queue in enumerate(s.queues):
        asked = [spelling.need(text).skill for text in queue.skills]
        for n in repeats(asked):
            yield Trouble(("queues", i, "skills"), f'asks for "{asked[n]}" a second time')


def _presences(s: RoutingSettings) -> Iterator[Trouble]:
    works = {p.key: p.work for p in s.presences}
    if not any(works.values()):
        yield Trouble(("presences",), "offer no work at all; set work = true for at least one")
    places: list[tuple[Loc, str]] = [
        (("routing", field), getattr(s.routing, field))
        for field in ("sign_in_presence", "timeout_presence", "offline_presence")
    ]
    for i, queue in enumerate(s.queues):
        if queue.timeout_presence:
            places.append((("queues", i, "timeout_presence"), queue.timeout_presence))
    for loc, key in places:
        if key not in works:
            yield Trouble(loc, unknown("presence", key, list(works)))
        elif works[key] and loc[-1] != "sign_in_presence":
            words = f'is "{key}", in which work is offered; name a presence with work = false'
            yield Trouble(loc, words)


def _conditions(s: RoutingSettings) -> Iterator[Trouble]:
    asked = {
        "channels": [c.condition for c in s.channels],
        "queues": [q.condition for q in s.queues],
        "work_rules": [r.condition for r in s.work_rules],
    }
    for section, texts in asked.items():
        for i, text in enumerate(texts):
            try:
                condition.parse(text)
            except condition.ConditionError as error:
                words = f"is wrong at column {error.column}: {error.sentence}"
                yield Trouble((section, i, "condition"), words)


def _overflow(s: RoutingSettings) -> Iterator[Trouble]:
    """Work that moves on must come to rest."""
    onward = {q.key: q.overflow_queue for q in s.queues if q.overflow is Overflow.MOVE}
    for i, queue in enumerate(s.queues):
        way = [queue.key]
        while (after := onward.get(way[-1])) and after not in way:
            way.append(after)
        if after == queue.key:
            words = f"moves work in a circle: {', '.join([*way, after])}"
            words = "is the queue itself; name another one" if len(way) == 1 else words
            yield Trouble(("queues", i, "overflow_queue"), words)


RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (_unique, ()),
    (_enough, ("queues", "channels")),
    (_groups, ("agents", "groups", "queues", "presences")),
    (_channels, ("channels",)),
    (_queues, ("queues",)),
    (_schedules, ("schedules",)),
    (_account_teams, ("agents",)),
    (_skills, ("skills",)),
    (_presences, ("presences", "routing")),
    (_conditions, ()),
    (_overflow, ("queues",)),
)

"""Policies that hold together, drawn by hypothesis: what settings.toml can say, and all of it."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from agentdesk.domain.actor import Role
from agentdesk.domain.policy import (
    EVERY_DAY,
    PRESENCE_COLOURS,
    PRESENCES,
    REJECT_REASONS,
    AccountTeam,
    Affinity,
    AffinitySetup,
    AgentSetup,
    AutoAccept,
    ChannelSetup,
    GroupSetup,
    Hours,
    Overflow,
    Policy,
    PoolSetup,
    PresenceSetup,
    QueueSetup,
    RejectReason,
    RoutingOptions,
    Rule,
    ScheduleSetup,
    SkillNeed,
    SkillSetup,
    Sort,
    WorkRule,
)

KEYS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,9}", fullmatch=True)
_VISIBLE = st.characters(categories=["L", "N", "P", "S"], include_characters=" ")
NAMES = st.text(_VISIBLE, max_size=20).map(lambda text: text.strip() or "Ana")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(
    lambda t: t.replace("\r\n", "\n")
)
ADDRESSES = st.sampled_from(["", "ana@example.com", "o'neill@büro.example"])
UNITS = st.integers(0, 1000)
LEVELS = 7
ASKED = st.sampled_from(
    [
        'subject contains "refund"',
        "customer.vip and not (priority <= 2)",
        "subject = 'it''s \\\\here' or header[\"list-id\"] is empty",
    ]
)
CONDITIONS = st.just("") | ASKED


def some(keys: list[str], most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    """A few of *keys*, each once."""
    if not keys:
        return st.just(())
    return st.lists(st.sampled_from(keys), unique=True, max_size=most).map(tuple)


def numbers(keys: list[str], values: st.SearchStrategy[int]) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(st.sampled_from(keys), values, max_size=3) if keys else st.just({})


def keys(least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(KEYS, unique=True, min_size=least, max_size=4)


def one_or(keys: list[str], other: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([*keys, other])


def needs(skills: list[str]) -> st.SearchStrategy[tuple[SkillNeed, ...]]:
    if not skills:
        return st.just(())
    one = st.builds(SkillNeed, st.sampled_from(skills), st.integers(1, LEVELS), st.booleans())
    return st.lists(one, unique_by=lambda n: n.skill, max_size=3).map(tuple)


HOURS = st.builds(
    lambda days, times: Hours(tuple(d for d in EVERY_DAY if d in days), *sorted(times)),
    st.sets(st.sampled_from(EVERY_DAY), min_size=1),
    st.sets(st.integers(0, 1440), min_size=2, max_size=2),
)
AFFINITIES = st.lists(
    st.sampled_from(Affinity).flatmap(
        lambda kind: st.builds(
            AffinitySetup,
            st.just(kind),
            st.integers(1, 365) if kind is Affinity.LAST_AGENT else st.just(30),
        )
    ),
    unique_by=lambda a: a.kind,
    max_size=3,
).map(tuple)
SORTS = (
    st.permutations([Sort.PRIORITY, Sort.OLDEST, Sort.SERVICE_LEVEL, Sort.VIP])
    .flatmap(lambda order: st.integers(1, 4).map(lambda n: tuple(order[:n])))
    .map(lambda order: order or (Sort.NEWEST,))
)


@st.composite
def pools(draw: st.DrawFn, groups: list[str]) -> tuple[PoolSetup, ...]:
    waits = sorted(draw(st.sets(st.integers(0, 4000), max_size=3)))
    rules = st.none() | st.sampled_from(Rule)
    return tuple(PoolSetup(frozenset(draw(some(groups))), w, draw(rules)) for w in waits)


@st.composite
def queues(
    draw: st.DrawFn, names: list[str], p: Policy, channels: list[str]
) -> tuple[QueueSetup, ...]:
    groups = [g.key for g in p.groups]
    idle = [x.key for x in p.presences if not x.work]
    made = []
    for n, key in enumerate(names):
        queue = QueueSetup(
            key,
            draw(NAMES),
            position=draw(st.integers(-5, 500)),
            channel=draw(st.sampled_from(channels)),
            condition=draw(CONDITIONS),
            schedule=draw(one_or([s.key for s in p.schedules], "")),
            rule=draw(st.sampled_from(Rule)),
            pools=draw(pools(groups)),
            sort=draw(SORTS),
            skills=draw(needs([k.key for k in p.skills])),
            affinity=draw(AFFINITIES),
            accept_timeout_s=draw(st.none() | st.integers(1, 86400)),
            timeout_presence=draw(one_or(idle, "")),
            allow_reject=draw(st.booleans()),
            auto_accept=draw(st.sampled_from(AutoAccept)),
            pick=draw(st.booleans()),
            target_wait_s=draw(st.integers(1, 9000)),
            goal=draw(st.integers(1, 100)),
            warn_waiting=draw(st.integers(0, 50)),
            size=draw(st.none() | st.integers(1, 1000)),
            external=draw(st.sampled_from(["", "genesys"])),
        )
        onward = draw(one_or(names[:n], ""))  # only to earlier ones, so never in a circle
        how = Overflow.MOVE if onward else draw(st.sampled_from([Overflow.ATTENTION, "cancel"]))
        wait = st.integers(1, 9000) if how != "attention" else st.none() | st.integers(1, 9000)
        made.append(
            replace(queue, max_wait_s=draw(wait), overflow=Overflow(how), overflow_queue=onward)
        )
    return tuple(made)


@st.composite
def agents(draw: st.DrawFn, p: Policy, channels: list[str]) -> tuple[AgentSetup, ...]:
    made = []
    bounded = {g.key for g in p.groups if g.capacity is not None}
    for login in draw(keys()):
        groups = frozenset(draw(some([g.key for g in p.groups])))
        own = UNITS | st.none() if groups & bounded else UNITS
        made.append(
            AgentSetup(
                login,
                draw(NAMES),
                draw(ADDRESSES),
                draw(st.sampled_from(Role)),
                draw(own),
                groups,
                draw(TEXTS),
                draw(numbers(channels, UNITS)),
                draw(numbers([k.key for k in p.skills], st.integers(1, LEVELS))),
            )
        )
    return tuple(made)


@st.composite
def presences(draw: st.DrawFn, groups: list[str], channels: list[str]) -> tuple[PresenceSetup, ...]:
    if draw(st.booleans()):
        return PRESENCES
    others = [k for k in draw(keys()) if k not in {p.key for p in PRESENCES}]
    return PRESENCES + tuple(
        PresenceSetup(
            key,
            draw(NAMES),
            draw(st.booleans()),
            draw(some(channels)),
            draw(one_or(list(PRESENCE_COLOURS), "")),
            frozenset(draw(some(groups))),
        )
        for key in others
    )


@st.composite
def surroundings(draw: st.DrawFn, names: list[str], channels: list[str]) -> Policy:
    """All that agents and queues refer to."""
    orders = numbers(names, st.integers(-5, 500))
    group = st.builds(GroupSetup, KEYS, NAMES, st.none() | UNITS, numbers(channels, UNITS), orders)
    groups = tuple(draw(st.lists(group, unique_by=lambda g: g.key, max_size=4)))
    dates = st.lists(st.dates().map(lambda d: d.isoformat()), max_size=3).map(tuple)
    zones = st.sampled_from(["UTC", "Europe/Madrid", "Pacific/Auckland"])
    hours = st.lists(HOURS, max_size=3).map(tuple)
    return Policy(
        groups=groups,
        skills=tuple(SkillSetup(k, draw(NAMES), LEVELS) for k in draw(keys())),
        schedules=tuple(
            ScheduleSetup(k, draw(NAMES), draw(zones), draw(hours), draw(dates))
            for k in draw(keys())
        ),
        presences=draw(presences([g.key for g in groups], channels)),
    )


@st.composite
def channels(draw: st.DrawFn, names: list[str]) -> tuple[ChannelSetup, ...]:
    uses = some(["work_in_progress", "on_hold", "wrap_up"])
    return tuple(
        ChannelSetup(
            key,
            draw(NAMES),
            "interaction",
            draw(CONDITIONS),
            draw(st.integers(0, 200)),
            draw(st.integers(1, 9)),
            draw(st.none() | UNITS),
            draw(uses),
        )
        for key in names
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Anything that `settings.document.read` would accept."""
    names, kinds = draw(keys(1)), draw(keys(1))
    base = draw(surroundings(names, kinds))
    people = draw(agents(base, kinds))
    logins = [a.login for a in people]
    teams = st.builds(AccountTeam, NAMES, some(logins))
    reasons = st.builds(RejectReason, KEYS, NAMES, st.booleans(), some(kinds))
    wishes = needs([k.key for k in base.skills])
    number = st.none() | st.integers(1, 5)
    rules = st.builds(WorkRule, NAMES, ASKED, number, number, wishes)
    seconds = st.integers(0, 3600)
    return replace(
        base,
        agents=people,
        channels=draw(channels(kinds)),
        queues=draw(queues(names, base, kinds)),
        work_rules=tuple(draw(st.lists(rules, unique_by=lambda r: r.name, max_size=3))),
        account_teams=tuple(
            draw(st.lists(teams, unique_by=lambda t: t.account.casefold(), max_size=2))
        ),
        reject_reasons=draw(
            st.just(REJECT_REASONS)
            | st.lists(reasons, unique_by=lambda r: r.key, max_size=3).map(tuple)
        ),
        options=RoutingOptions(
            draw(st.booleans()),
            draw(seconds),
            "available",
            "away",
            "offline",
            draw(UNITS),
            draw(seconds),
            draw(seconds),
        ),
    )

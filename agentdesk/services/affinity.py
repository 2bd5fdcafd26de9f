"""Who is preferred for new work: the agents who know its customer. Never who may take it at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain.ids import AgentId
from agentdesk.domain.policy import Affinity, AffinitySetup
from agentdesk.domain.work import Preferred, WorkItem
from agentdesk.services.desk import Desk
from agentdesk.storage import affinity
from agentdesk.storage.people import Person
from agentdesk.storage.store import Transaction

MOST = 5
"""Agents who are preferred for one piece of work."""


@dataclass(frozen=True, slots=True)
class Wish:
    """New work and whose it is. `returns_from`: who had it until it came back to its queue."""

    item: WorkItem
    person: Person
    returns_from: AgentId | None = None


async def prefer(desk: Desk, tx: Transaction, wishes: Sequence[Wish]) -> list[WorkItem]:
    """The same work, with who is preferred. Without affinity in its queues nothing is asked."""
    asked = {kind for w in wishes for kind in _kinds(desk, w.item)}
    if not asked:
        return [w.item for w in wishes]
    kept = await _read(tx, wishes, asked)
    return [replace(w.item, preferred=_preferred(desk, kept, w)) for w in wishes]


def _affinities(desk: Desk, item: WorkItem) -> tuple[AffinitySetup, ...]:
    queue = desk.in_force.queues.get(item.queue_id)
    return queue.affinity if queue else ()


def _kinds(desk: Desk, item: WorkItem) -> Iterator[Affinity]:
    return (a.kind for a in _affinities(desk, item))


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is stored about the customers of a batch."""

    customers: Mapping[int, Any]
    accounts: Mapping[int, Any]
    cases: Mapping[int, Sequence[Any]]


async def _read(tx: Transaction, wishes: Sequence[Wish], asked: set[Affinity]) -> _Kept:
    customers = {w.person.customer_id for w in wishes}
    accounts = {w.person.account_id for w in wishes if w.person.account_id is not None}
    history = Affinity.LAST_AGENT in asked
    return _Kept(
        await affinity.last_of_customers(tx, customers if history else ()),
        await affinity.last_of_accounts(tx, accounts if history else ()),
        await affinity.open_cases(tx, customers if Affinity.RELATED_CASE in asked else ()),
    )


def _preferred(desk: Desk, kept: _Kept, wish: Wish) -> tuple[Preferred, ...]:
    """In the order of the queue's affinities, each agent once, for the first reason."""
    found: dict[AgentId, Preferred] = {}
    for setup in _affinities(desk, wish.item):
        for preferred in _LOOKS[setup.kind](desk, kept, wish, setup):
            if preferred.agent_id in desk.in_force.agents:
                found.setdefault(preferred.agent_id, preferred)
    return tuple(found.values())[:MOST]


def _last_agent(desk: Desk, kept: _Kept, wish: Wish, setup: AffinitySetup) -> Iterator[Preferred]:
    person, now = wish.person, desk.clock.now()
    if wish.returns_from is not None:
        yield Preferred(wish.returns_from, "had this conversation before it came back")
    known = [(kept.customers.get(person.customer_id), "this customer")]
    if person.account_id is not None:
        known.append((kept.accounts.get(person.account_id), person.account or "this account"))
    for row, whom in known:
        if row is not None and now - row.changed_at <= timedelta(days=setup.days):
            why = f"answered {whom} last, {_ago(row.changed_at, now)}"
            yield Preferred(AgentId(row.owner_id), why)


def _ago(then: datetime, now: datetime) -> str:
    days = (now - then).days
    if days < 1:
        return "less than a day ago"
    return "a day ago" if days == 1 else f"{days} days ago"


def _account_team(desk: Desk, kept: _Kept, wish: Wish, setup: AffinitySetup) -> Iterator[Preferred]:
    name = wish.person.account.strip().casefold()
    for team in desk.policy.account_teams:
        if name and team.account.strip().casefold() == name:
            for login in team.agents:
                if login in desk.in_force.agent_ids:
                    who = desk.in_force.agent_ids[login]
                    yield Preferred(who, f"is in the team of {wish.person.account}")


def _related_case(desk: Desk, kept: _Kept, wish: Wish, setup: AffinitySetup) -> Iterator[Preferred]:
    for row in kept.cases.get(wish.person.customer_id, ()):
        yield Preferred(AgentId(row.owner_id), f"owns the open case {row.number} of this customer")


_Look = Callable[[Desk, _Kept, Wish, AffinitySetup], Iterator[Preferred]]
_LOOKS: Mapping[Affinity, _Look] = {
    Affinity.LAST_AGENT: _last_agent,
    Affinity.ACCOUNT_TEAM: _account_team,
    Affinity.RELATED_CASE: _related_case,
}

"""Versions of the routing policy; the newest one holds."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.policy import AgentSetup, Policy, QueueSetup
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import agents, policies, queues

KEPT = 50
"""So many versions are kept, so that an edit can be taken back."""


@cache
def _adapter() -> TypeAdapter[Policy]:
    return TypeAdapter(Policy)


def dumped(policy: Policy) -> Any:
    """The policy as JSON values; equal policies give equal ones."""
    values = _adapter().dump_python(policy, mode="json")
    return _sorted_groups(values)


def _sorted_groups(value: Any) -> Any:
    """Sets have no order of their own."""
    if isinstance(value, dict):
        return {
            k: sorted(v)
            if k == "groups" and all(isinstance(g, str) for g in v)
            else _sorted_groups(v)
            for k, v in value.items()
        }
    return [_sorted_groups(v) for v in value] if isinstance(value, list) else value


def fingerprint(policy: Policy) -> str:
    """Tells one policy from another.

    Usual values do not count, so that a new version of the program, which knows more of them, still
    sees that a settings file was not changed.
    """
    values = _adapter().dump_python(policy, mode="json", exclude_defaults=True)
    return sha256(json.dumps(_sorted_groups(values), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class InForce:
    """A policy with the ids that storage gave its queues and agents, and its version."""

    policy: Policy = field(default=Policy())
    version: int = 0
    queue_ids: dict[str, QueueId] = field(default_factory=dict)
    agent_ids: dict[str, AgentId] = field(default_factory=dict)
    queues: dict[QueueId, QueueSetup] = field(default_factory=dict)
    agents: dict[AgentId, AgentSetup] = field(default_factory=dict)


async def newest_version(tx: Transaction) -> int:
    """The number of the version that holds; 0 before the first."""
    row = await tx.one(sa.select(sa.func.max(policies.c.id)))
    return int(row[0] or 0) if row else 0


async def newest_version_locked(tx: Transaction) -> int:
    """The same, and until the end of this write nobody else adds one who asked this, too."""
    newest = sa.select(policies.c.id).order_by(policies.c.id.desc()).limit(1)
    await tx.one(newest.with_for_update())
    return await newest_version(tx)  # another one, where the row was locked by its maker


async def in_force(tx: Transaction) -> InForce:
    """The policy that holds; an empty one before the first."""
    row = await tx.one(sa.select(policies).order_by(policies.c.id.desc()).limit(1))
    if row is None:
        return InForce()
    policy = _adapter().validate_python(row.policy)
    queue_ids = {r.key: QueueId(r.id) for r in await tx.all(sa.select(queues.c.key, queues.c.id))}
    agent_ids = {
        r.login: AgentId(r.id) for r in await tx.all(sa.select(agents.c.login, agents.c.id))
    }
    return InForce(
        policy,
        row.id,
        queue_ids,
        agent_ids,
        {queue_ids[q.key]: q for q in policy.queues},
        {agent_ids[a.login]: a for a in policy.agents},
    )


async def version(tx: Transaction, version_id: int) -> Policy | None:
    """An earlier policy, or None when it is not kept any more."""
    row = await tx.one(sa.select(policies.c.policy).where(policies.c.id == version_id))
    return None if row is None else _adapter().validate_python(row.policy)


async def versions(tx: Transaction, limit: int = KEPT) -> list[sa.Row[Any]]:
    """Who changed the policy when, the newest first: id, at, by, origin."""
    columns = (policies.c.id, policies.c.at, policies.c.by, policies.c.origin)
    return await tx.all(sa.select(*columns).order_by(policies.c.id.desc()).limit(limit))


async def last_from(tx: Transaction, origin: str) -> str:
    """The fingerprint of what *origin*, a settings file, said last; empty before the first time."""
    mine = sa.select(policies.c.fingerprint).where(policies.c.origin == origin)
    row = await tx.one(mine.order_by(policies.c.id.desc()).limit(1))
    return str(row.fingerprint) if row else ""


async def add(tx: Transaction, policy: Policy, by: str, origin: str, at: datetime) -> int:
    """A new version, which holds from now on; very old ones go, the last of each origin stays."""
    key = await tx.new_id(policies)
    row = {"id": key, "at": at, "by": by, "origin": origin, "fingerprint": fingerprint(policy)}
    await tx.insert(policies, [{**row, "policy": dumped(policy)}])
    last = sa.select(sa.func.max(policies.c.id)).group_by(policies.c.origin)
    old = (policies.c.id <= key - KEPT) & policies.c.id.not_in(last)
    await tx.execute(sa.delete(policies).where(old))
    return key

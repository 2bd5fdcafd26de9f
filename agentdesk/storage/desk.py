"""Who and what the desk is made of: agents, queues, mail accounts, codes, sessions."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.domain.ids import AgentId
from agentdesk.domain.policy import Policy
from agentdesk.domain.setup import (
    CodeSetup,
    DeskSetup,
    MailAccountSetup,
    MailboxSetup,
)
from agentdesk.domain.wrapup import Code
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    agents,
    engine_health,
    mail_accounts,
    mailboxes,
    queues,
    sessions,
    wrap_up_codes,
)


async def apply(tx: Transaction, setup: DeskSetup) -> None:
    """Write the accounts and codes of settings, once `apply_policy` has written their queues; what
    they no longer define is switched off, never deleted.
    """
    await _sync(tx, wrap_up_codes, "key", [_plain(c) for c in setup.codes])
    ids = {r.key: r.id for r in await tx.all(sa.select(queues.c.key, queues.c.id))}
    await _sync(tx, mail_accounts, "key", [_account_row(a, ids) for a in setup.accounts])
    await tx.execute(sa.update(mailboxes).values(active=False))
    for account in setup.accounts:
        for box in (MailboxSetup(account.mailbox), *account.mailboxes):
            await _ensure_mailbox(tx, account.key, box, ids)


async def apply_policy(tx: Transaction, policy: Policy) -> None:
    """Give every agent and queue of *policy* a row, which other rows refer to; switch others off."""
    people = ("login", "name", "email", "role", "signature")
    await _sync(tx, agents, "login", [{k: getattr(a, k) for k in people} for a in policy.agents])
    waiting = ("key", "name", "position")
    await _sync(tx, queues, "key", [{k: getattr(q, k) for k in waiting} for q in policy.queues])


async def _sync(tx: Transaction, table: sa.Table, key: str, rows: list[dict[str, Any]]) -> None:
    known = {r._mapping[key]: r.id for r in await tx.all(sa.select(table))}
    await tx.execute(sa.update(table).values(active=False))
    for row in rows:
        if row[key] in known:
            same = table.c.id == known[row[key]]
            await tx.execute(sa.update(table).where(same).values(**row, active=True))
        else:
            await tx.insert(table, [{"id": await tx.new_id(table), **row, "active": True}])


def _plain(setup: CodeSetup) -> dict[str, Any]:
    return dump(setup)


def _account_row(account: MailAccountSetup, queue_ids: Mapping[str, int]) -> dict[str, Any]:
    row = {
        **asdict(account),
        "aliases": list(account.aliases),
        "queue_id": queue_ids[account.queue],
    }
    del row["queue"], row["mailbox"], row["mailboxes"]
    return row


async def _ensure_mailbox(
    tx: Transaction, account: str, box: MailboxSetup, queue_ids: Mapping[str, int]
) -> None:
    """A mailbox that was read before keeps its cursor and its history."""
    owner = await tx.one(sa.select(mail_accounts.c.id).where(mail_accounts.c.key == account))
    assert owner is not None
    values = {"active": True, "queue_id": queue_ids[box.queue] if box.queue else None}
    same = (mailboxes.c.mail_account_id == owner.id) & (mailboxes.c.name == box.name)
    if await tx.one(sa.select(mailboxes.c.id).where(same)) is None:
        row = {"id": await tx.new_id(mailboxes), "mail_account_id": owner.id, "name": box.name}
        await tx.insert(mailboxes, [{**row, **values}])
    else:
        await tx.execute(sa.update(mailboxes).where(same).values(values))


async def agent_by_login(tx: Transaction, login: str) -> sa.Row[Any]:
    """An active agent's row. Raises `NotFound` with the logins that exist."""
    row = await tx.one(sa.select(agents).where((agents.c.login == login) & agents.c.active))
    if row is None:
        known = await tx.all(sa.select(agents.c.login).where(agents.c.active).limit(20))
        names = ", ".join(sorted(r.login for r in known)) or "nobody yet"
        raise NotFound(f"There is no agent {login!r}. Settings know: {names}.")
    return row


async def agent(tx: Transaction, agent_id: int) -> sa.Row[Any]:
    """An agent's row, locked until the end of a write. Raises `NotFound`."""
    row = await tx.one(sa.select(agents).where(agents.c.id == agent_id).with_for_update())
    if row is None:
        raise NotFound("This agent does not exist any more.")
    return row


async def agent_as_is(tx: Transaction, agent_id: int) -> sa.Row[Any] | None:
    """An agent's row, not locked; None where there is none."""
    return await tx.one(sa.select(agents).where(agents.c.id == agent_id))


async def idle_agents(tx: Transaction, since: datetime) -> list[sa.Row[Any]]:
    """Signed-in agents in none of whose sessions a key was pressed since a moment."""
    live = sessions.c.agent_id.is_not(None) & sessions.c.ended_at.is_(None)
    idle = sa.select(sessions.c.agent_id).where(live).group_by(sessions.c.agent_id)
    idle = idle.having(sa.func.max(sessions.c.active_at) <= since)
    query = sa.select(agents).where(agents.c.id.in_(idle))
    return await tx.all(query.order_by(agents.c.id))


_ALL_AGENTS = sa.select(agents).where(agents.c.active).order_by(agents.c.name)


async def all_agents(tx: Transaction) -> list[sa.Row[Any]]:
    """Active agents by name."""
    return await tx.all(_ALL_AGENTS)


async def change_agent(tx: Transaction, agent_id: int, **values: Any) -> None:
    """Write some columns of an agent."""
    await tx.execute(sa.update(agents).where(agents.c.id == agent_id).values(**values))


async def all_accounts(tx: Transaction) -> list[sa.Row[Any]]:
    """Active mail accounts."""
    return await tx.all(sa.select(mail_accounts).where(mail_accounts.c.active))


async def account(tx: Transaction, mail_account_id: int) -> sa.Row[Any]:
    """A mail account. Raises `NotFound`."""
    row = await tx.one(sa.select(mail_accounts).where(mail_accounts.c.id == mail_account_id))
    if row is None:
        raise NotFound("This mail account is not in the settings any more.")
    return row


async def codes(tx: Transaction) -> list[Code]:
    """Active wrap-up codes, the default first."""
    query = sa.select(wrap_up_codes).where(wrap_up_codes.c.active)
    order = (wrap_up_codes.c.default.desc(), wrap_up_codes.c.label)
    return [load(Code, r) for r in await tx.all(query.order_by(*order))]


async def start_session(tx: Transaction, row: dict[str, Any]) -> None:
    """A client or engine process begins."""
    await tx.insert(sessions, [row])


async def touch_session(tx: Transaction, session: str, now: datetime) -> None:
    """This process still lives, even if it was taken for gone: its machine had slept."""
    values = {"seen_at": now, "ended_at": None}
    await tx.execute(sa.update(sessions).where(sessions.c.id == session).values(values))


async def say_active(tx: Transaction, session: str, at: datetime) -> None:
    """Somebody pressed a key in this process at *at*."""
    await tx.execute(sa.update(sessions).where(sessions.c.id == session).values(active_at=at))


async def end_session(tx: Transaction, session: str, now: datetime) -> None:
    """The process says goodbye, or was found dead."""
    running = (sessions.c.id == session) & sessions.c.ended_at.is_(None)
    await tx.execute(sa.update(sessions).where(running).values(ended_at=now))
    await tx.execute(sa.delete(engine_health).where(engine_health.c.session == session))


async def live_sessions(tx: Transaction, since: datetime) -> list[sa.Row[Any]]:
    """Processes seen after *since* that did not say goodbye."""
    alive = sessions.c.ended_at.is_(None) & (sessions.c.seen_at >= since)
    return await tx.all(sa.select(sessions).where(alive))


async def session_ended(tx: Transaction, session: str) -> bool:
    """Whether a process said goodbye or was found dead."""
    row = await tx.one(sa.select(sessions.c.ended_at).where(sessions.c.id == session))
    return row is not None and row.ended_at is not None


async def unended_sessions(tx: Transaction) -> list[sa.Row[Any]]:
    """Processes that did not say goodbye. Not locked: every process says every few seconds that it
    lives, and would wait for all others.
    """
    return await tx.all(sa.select(sessions).where(sessions.c.ended_at.is_(None)))


async def left_since(tx: Transaction, offline: str) -> dict[AgentId, datetime]:
    """When the last session ended of each agent who has none any more, and is not *offline* yet."""
    ended = sa.func.max(sessions.c.ended_at).label("ended_at")
    open_ones = sa.func.sum(sa.case((sessions.c.ended_at.is_(None), 1), else_=0))
    joined = sessions.join(agents, agents.c.id == sessions.c.agent_id)
    query = sa.select(sessions.c.agent_id, ended).select_from(joined)
    query = query.where(agents.c.presence.not_in(("", offline)))
    rows = await tx.all(query.group_by(sessions.c.agent_id).having(open_ones == 0))
    return {AgentId(r.agent_id): r.ended_at for r in rows}


async def put_health(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """The state of a process's loops, for `agentdesk check`."""
    for row in rows:
        await tx.put(engine_health, row)


async def health(tx: Transaction) -> list[sa.Row[Any]]:
    """The state of every running engine's loops."""
    joined = engine_health.join(sessions, sessions.c.id == engine_health.c.session)
    columns = (*engine_health.c, sessions.c.host, sessions.c.pid, sessions.c.seen_at)
    return await tx.all(sa.select(*columns).select_from(joined))

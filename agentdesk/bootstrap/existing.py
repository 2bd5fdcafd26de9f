"""A desk that exists already, opened beside whoever works on it, for commands that look after it."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agentdesk.ai import choosing
from agentdesk.bootstrap import plan
from agentdesk.domain.actor import Actor, Role, at_the_command_line
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.errors import StorageProblem
from agentdesk.domain.ids import AgentId
from agentdesk.mail.reading import ProcessReader
from agentdesk.services import configuration
from agentdesk.services.desk import Desk
from agentdesk.settings import Settings
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.schema import open_store, schema_of


@asynccontextmanager
async def existing_desk(settings: Settings) -> AsyncIterator[Desk]:
    """The desk of *settings*, its set-up left as it is. Neither makes nor upgrades a database.

    Raises `StorageProblem`: none there yet, older, newer, or not to be reached.
    """
    path = settings.database.path
    if path is not None and not path.exists():
        raise StorageProblem(
            f"There is no database at {path} yet. The first start of agentdesk run makes it."
        )
    schema = await schema_of(settings.database.url)
    if not schema.current:
        raise StorageProblem(
            f"The schema of the database ({schema.found or 'empty'}) is older than this program's. "
            "Start agentdesk run once: it upgrades it."
        )
    rules = plan.rules(settings)
    matcher = choosing.matcher(rules.ai, plan.ai_key(settings))
    desk = Desk(
        await open_store(settings.database.url),
        SystemClock(),
        rules,
        uuid.uuid4().hex,
        ProcessReader(),
        matcher=matcher,
    )
    try:
        await configuration.refresh(desk)
        yield desk
    finally:
        await desk.close()


async def acting(desk: Desk, login: str, user: str) -> Actor:
    """Who acts: the agent *login* without signing in, or *user* of this machine where none is named.

    Raises `NotFound` for an unknown login.
    """
    if not login:
        return at_the_command_line(user or "somebody")
    async with desk.store.read() as tx:
        row = await desk_rows.agent_by_login(tx, login)
    return Actor(AgentId(row.id), row.name, Role(row.role), desk.session)


def logins(settings: Settings) -> list[str]:
    """Who may sign in by the policy in force; nobody where there is no desk yet."""

    async def read() -> list[str]:
        async with existing_desk(settings) as desk:
            return [agent.login for agent in desk.policy.agents]

    try:
        return asyncio.run(read())
    except StorageProblem:
        return []

"""Writing what settings define into the database."""

from agentdesk.domain.setup import DeskSetup
from agentdesk.services.desk import Desk
from agentdesk.storage import desk as desk_rows


async def apply(desk: Desk, setup: DeskSetup) -> None:
    """Agents, queues, mail accounts and codes as in *setup*; others are switched off."""
    async with desk.store.write() as tx:
        await desk_rows.apply(tx, setup)

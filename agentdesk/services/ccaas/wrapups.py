"""What a contact centre is told when a handling ends: its code, then its end."""

from agentdesk.domain.interaction import Interaction
from agentdesk.domain.wrapup import Segment
from agentdesk.services.desk import Desk
from agentdesk.storage.store import Transaction


async def ended(
    desk: Desk, tx: Transaction, before: Interaction, after: Interaction, segment: Segment | None
) -> None:
    """A handling ended: its code is said there, then its end. Only of what a centre routes."""

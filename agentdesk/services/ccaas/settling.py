"""Brings the desk to where a contact centre has a conversation."""

from agentdesk.domain.ccaas.values import Snapshot
from agentdesk.domain.interaction import Interaction
from agentdesk.services.desk import Desk
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.store import Transaction


async def apply(
    desk: Desk,
    tx: Transaction,
    interaction: Interaction,
    conversation: Conversation,
    snapshot: Snapshot,
) -> None:
    """In one transaction; interaction and conversation are locked, the orders that it ended are ended."""

"""Codes that contact centres have, and ours."""

from agentdesk.domain.ccaas.values import Snapshot
from agentdesk.domain.interaction import Interaction
from agentdesk.services.desk import Desk
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.store import Transaction


async def settle_codes(
    desk: Desk, tx: Transaction, i: Interaction, conversation: Conversation, snapshot: Snapshot
) -> Interaction:
    """Bring the codes there and the wrap-ups here together; the interaction as it is now."""
    return i

"""Where things are in the API. Ids come from the centre or from settings, and are quoted."""

from urllib.parse import quote

from agentdesk.domain.ccaas.values import SegmentRef

CONVERSATIONS = "/api/v2/conversations"
EMAILS = f"{CONVERSATIONS}/emails"
QUEUES = "/api/v2/routing/queues"
OBSERVATIONS = "/api/v2/analytics/queues/observations/query"
CODES = "/api/v2/routing/wrapupcodes"
USERS = "/api/v2/users"
DEFINITIONS = "/api/v2/presence/definitions"
CHANNELS = "/api/v2/notifications/channels"
PRESENCE_SOURCE = "PURECLOUD"


def q(key: str) -> str:
    """An id as a part of a path."""
    return quote(key, safe="")


def participant(at: SegmentRef) -> str:
    """An agent's part as its email."""
    return f"{EMAILS}/{q(at.external_id)}/participants/{q(at.segment)}"


def communication(at: SegmentRef) -> str:
    """Its email session."""
    return f"{participant(at)}/communications/{q(at.communication)}"


def replacing(at: SegmentRef, kind: str) -> str:
    """Where a transfer is asked for."""
    return f"{CONVERSATIONS}/{q(at.external_id)}/participants/{q(at.segment)}/replace/{kind}"


def user(agent: str) -> str:
    """A user."""
    return f"{USERS}/{q(agent)}"


def utilization(agent: str) -> str:
    """How many conversations a user takes at once."""
    return f"/api/v2/routing/users/{q(agent)}/utilization"


def topics(channel: str) -> str:
    """What a channel hears."""
    return f"{CHANNELS}/{q(channel)}/subscriptions"

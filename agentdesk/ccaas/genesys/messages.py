"""What a message of a notification channel says: which conversation or agent is to be read again."""

import json

from agentdesk.domain.ccaas.values import Heard

METADATA, CLOSING = "channel.metadata", "v2.system.socket_closing"
EMAILS = "conversations.emails"
OF_USERS = ("presence", "routingStatus")
NO_JSON = "a message that is not JSON"
LONGEST_NAME = 120


def topics(agents: list[str], queues: list[str]) -> list[str]:
    """What is to be heard of these."""
    of_agents = [f"v2.users.{key}.{what}" for key in agents for what in (EMAILS, *OF_USERS)]
    return of_agents + [f"v2.routing.queues.{key}.{EMAILS}" for key in queues]


def heard(text: str | bytes) -> Heard | None:
    """What a message is about; None: the line is alive, no more. Never raises."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return Heard(unknown=NO_JSON, gap=True)
    topic = said.get("topicName") if isinstance(said, dict) else None
    if not isinstance(topic, str):
        return Heard(unknown=NO_JSON, gap=True)
    if topic == METADATA:
        return None
    body = said.get("eventBody")
    return _of_topic(topic, body if isinstance(body, dict) else {})


def _of_topic(topic: str, body: dict[str, object]) -> Heard:
    if topic == CLOSING:
        return Heard(gap=True, unknown=CLOSING)
    version, _, rest = topic.partition(".")
    kind, _, of = rest.partition(".")
    if version == "v2" and kind in ("users", "routing"):
        if of.endswith(f".{EMAILS}"):
            key = body.get("id")
            return Heard(conversation=key) if isinstance(key, str) and key else _lost(topic)
        agent, _, what = of.partition(".")
        if kind == "users" and what in OF_USERS:
            return Heard(agent=agent)
    return Heard(unknown=topic[:LONGEST_NAME])


def _lost(topic: str) -> Heard:
    """It told of something, but not of what."""
    return Heard(unknown=topic[:LONGEST_NAME], gap=True)

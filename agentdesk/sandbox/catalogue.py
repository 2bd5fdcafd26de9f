"""Queues, users, codes, presences and pages of them, as the wire has them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from agentdesk.sandbox.centre import PRESENCES
from agentdesk.sandbox.model import Agent, Code, Office, Queue
from agentdesk.sandbox.refusals import Refused
from agentdesk.sandbox.shapes import API, PROMPTS, Json, filled, moment

LARGEST_PAGE = 100
SOURCE = "PURECLOUD"
PERMISSION = "conversation:communication:"
PRESENCE_IDS = {name: str(uuid5(NAMESPACE_URL, f"presence/{name}")) for name in PRESENCES}


def page(items: Sequence[Json], path: str, number: int, size: int, *, total: bool = True) -> Json:
    """One page, from 1, with where the others are. Raises `Refused`."""
    if number < 1 or not 1 <= size <= LARGEST_PAGE:
        raise Refused(f"pageNumber starts at 1; pageSize is 1 to {LARGEST_PAGE}.")
    pages = max(1, -(-len(items) // size))
    there = f"{path}?pageSize={size}&pageNumber="
    listing = filled(
        entities=list(items[(number - 1) * size : number * size]),
        pageSize=size,
        pageNumber=number,
        selfUri=f"{there}{number}",
        firstUri=f"{there}1",
        nextUri=f"{there}{number + 1}" if number < pages else None,
        previousUri=f"{there}{number - 1}" if number > 1 else None,
    )
    if total:
        listing |= {"total": len(items), "pageCount": pages, "lastUri": f"{there}{pages}"}
    return listing


def code(shown: Code) -> Json:
    """`WrapupCode`."""
    return {"id": shown.id, "name": shown.name, "selfUri": f"{API}/routing/wrapupcodes/{shown.id}"}


def queue(shown: Queue) -> Json:
    """`Queue`; `UserQueue` has the same fields."""
    return {
        "id": shown.id,
        "name": shown.name,
        "memberCount": len(shown.members),
        "mediaSettings": {"email": {"alertingTimeoutSeconds": shown.alerting_s}},
        "acwSettings": {"wrapupPrompt": PROMPTS[shown.prompt], "timeoutMs": shown.acw_s * 1_000},
        "selfUri": f"{API}/routing/queues/{shown.id}",
    }


def routing_status(agent: Agent) -> Json:
    """`RoutingStatus`."""
    return filled(userId=agent.id, status=agent.routing, startTime=moment(agent.routing_since))


def presence(agent: Agent) -> Json:
    """`UserPresence`."""
    return filled(
        id=agent.id,
        source=SOURCE,
        primary=True,
        presenceDefinition=_presence_of(agent.presence),
        modifiedDate=moment(agent.presence_since),
        selfUri=f"{API}/users/{agent.id}/presences/{SOURCE}",
    )


def _presence_of(name: str) -> Json:
    key = PRESENCE_IDS[name]
    return {"id": key, "systemPresence": name, "selfUri": f"{API}/presence/definitions/{key}"}


def presence_named(definition: Json) -> str:
    """The presence that a definition's id or system presence means. Raises `Refused`."""
    for name, key in PRESENCE_IDS.items():
        said = str(definition.get("systemPresence", "")).replace("_", "").replace(" ", "")
        if definition.get("id") == key or said.lower() == name.lower():
            return name
    raise Refused("The presence definition is unknown.")


def definitions() -> Json:
    """`OrganizationPresenceDefinitionEntityListing`."""
    shown = [
        {
            "id": key,
            "name": name,
            "type": "System",
            "systemPresence": name,
            "languageLabels": {"en_US": name},
            "deactivated": False,
            "selfUri": f"{API}/presence/definitions/{key}",
        }
        for name, key in PRESENCE_IDS.items()
    ]
    return {
        "entities": shown,
        "total": len(shown),
        "selfUri": f"{API}/presence/definitions",
    }


def user(agent: Agent, expand: Sequence[str] = (), load: int = 0) -> Json:
    """`User` and `UserMe`; presence, routing status, load and rights where they are asked for."""
    return filled(
        id=agent.id,
        name=agent.name,
        email=agent.email,
        username=agent.email,
        state="active",
        version=1,
        routingStatus=routing_status(agent) if "routingStatus" in expand else None,
        presence=presence(agent) if "presence" in expand else None,
        conversationSummary=_summary(load) if "conversationSummary" in expand else None,
        authorization=_rights(agent) if "authorization" in expand else None,
        selfUri=f"{API}/users/{agent.id}",
    )


def _summary(load: int) -> Json:
    return {"email": {"contactCenter": {"active": load}}}


def _rights(agent: Agent) -> Json:
    return {"permissions": [f"{PERMISSION}{right}" for right in agent.rights]}


def member(agent: Agent, expand: Sequence[str], load: int = 0) -> Json:
    """`QueueMember`."""
    return filled(
        id=agent.id,
        name=agent.name,
        user=user(agent, expand, load),
        ringNumber=1,
        joined=True,
        memberBy="user",
        routingStatus=routing_status(agent) if "routingStatus" in expand else None,
    )


def utilization(agent: Agent) -> Json:
    """`AgentMaxUtilizationResponse`."""
    email = {"maximumCapacity": agent.capacity, "includeNonAcd": False}
    return {"utilization": {"email": {**email, "interruptableMediaTypes": []}}, "level": "Agent"}


def presence_event(agent: Agent) -> Json:
    """The body of `v2.users.{id}.presence`."""
    shown = presence(agent)
    return {k: shown[k] for k in ("source", "presenceDefinition", "modifiedDate") if k in shown}


def routing_event(agent: Agent) -> Json:
    """The body of `v2.users.{id}.routingStatus`."""
    return {"id": agent.id, "routingStatus": routing_status(agent)}


def sorted_by_name(office: Office) -> list[Queue]:
    """The queues as listings show them."""
    return sorted(office.queues.values(), key=lambda q: (q.name.lower(), q.id))


def shown_at(value: datetime) -> str:
    """A moment on the wire."""
    return moment(value) or ""

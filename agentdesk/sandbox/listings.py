"""The operations on queues, users, presence and notification channels."""

from collections.abc import Iterable

from agentdesk.sandbox import catalogue
from agentdesk.sandbox.calls import Answer, Call
from agentdesk.sandbox.channels import Channel
from agentdesk.sandbox.model import Agent
from agentdesk.sandbox.refusals import Refused
from agentdesk.sandbox.shapes import API, Json, moment

MOST_SEEN = 100


def queues(call: Call) -> Answer:
    """All queues, or those whose name contains `name`."""
    wanted = call.query.get("name", "").strip("*").lower()
    every = catalogue.sorted_by_name(call.sandbox.office)
    found = [catalogue.queue(q) for q in every if wanted in q.name.lower()]
    return 200, catalogue.page(found, f"{API}/routing/queues", *call.page())


def observations(call: Call) -> Answer:
    """What waits in queues now: how many, and which, the longest waiting first."""
    call.service()
    if "oWaiting" not in (call.said.get("detailMetrics") or []):
        raise Refused("The sandbox observes only oWaiting, in detail.")
    predicates = (call.part("filter") or {}).get("predicates") or []
    wanted = [p.get("value") for p in predicates if p.get("dimension") == "queueId"]
    if not wanted:
        raise Refused("The filter must name a queueId.")
    return 200, {"results": [_waiting(call, str(key)) for key in wanted]}


def _waiting(call: Call, queue_id: str) -> Json:
    centre = call.sandbox.centre
    queue = centre.queue(queue_id)
    found = [
        (one.started, conversation.id)
        for conversation in (centre.conversations[key] for key in sorted(centre.waiting))
        for one in conversation.participants
        if one.purpose == "acd" and one.state != "disconnected" and one.queue == queue.id
    ]
    seen = [{"observationDate": moment(at), "conversationId": key} for at, key in sorted(found)]
    data: Json = {
        "metric": "oWaiting",
        "stats": {"count": len(seen)},
        "observations": seen[:MOST_SEEN],
    }
    if len(seen) > MOST_SEEN:
        data["truncated"] = True
    return {"group": {"queueId": queue.id, "mediaType": "email"}, "data": [data]}


def members(call: Call) -> Answer:
    """The members of a queue, by name, status and presence."""
    queue = call.sandbox.centre.queue(call.named["queueId"])
    name, statuses = call.query.get("name", "").lower(), _list(call, "routingStatus")
    presences = [p.lower() for p in _list(call, "presence")]
    agents = [call.sandbox.office.agents[key] for key in queue.members]
    found = [
        catalogue.member(agent, call.expanded(), call.sandbox.centre.load(agent.id))
        for agent in _by_name(agents)
        if name in agent.name.lower()
        and (not statuses or agent.routing in statuses)
        and (not presences or agent.presence.lower() in presences)
        and call.query.get("joined") != "false"
    ]
    path = f"{API}/routing/queues/{queue.id}/members"
    return 200, catalogue.page(found, path, *call.page(), total=False)


def _list(call: Call, name: str) -> list[str]:
    return [one for one in call.query.get(name, "").split(",") if one]


def _by_name(agents: Iterable[Agent]) -> list[Agent]:
    return sorted(agents, key=lambda a: (a.name.lower(), a.id))


def queue_codes(call: Call) -> Answer:
    """The wrap-up codes of a queue."""
    queue = call.sandbox.centre.queue(call.named["queueId"])
    found = [catalogue.code(call.sandbox.office.codes[key]) for key in queue.codes]
    path = f"{API}/routing/queues/{queue.id}/wrapupcodes"
    return 200, catalogue.page(found, path, *call.page())


def codes(call: Call) -> Answer:
    """All wrap-up codes."""
    every = sorted(call.sandbox.office.codes.values(), key=lambda c: (c.name.lower(), c.id))
    found = [catalogue.code(one) for one in every]
    return 200, catalogue.page(found, f"{API}/routing/wrapupcodes", *call.page())


def users(call: Call) -> Answer:
    """All users, or those in `id`."""
    wanted = _list(call, "id")
    every = _by_name(call.sandbox.office.agents.values())
    expand, load = call.expanded(), call.sandbox.centre.load
    found = [catalogue.user(a, expand, load(a.id)) for a in every if not wanted or a.id in wanted]
    return 200, catalogue.page(found, f"{API}/users", *call.page())


def me(call: Call) -> Answer:
    """The agent who signed in."""
    agent = call.agent()
    return 200, catalogue.user(agent, call.expanded(), call.sandbox.centre.load(agent.id))


def user_queues(call: Call) -> Answer:
    """The queues that an agent is a member of."""
    agent = call.subject()
    every = catalogue.sorted_by_name(call.sandbox.office)
    joined = call.query.get("joined") != "false"
    found = [
        {**catalogue.queue(q), "joined": True} for q in every if joined and agent.id in q.members
    ]
    return 200, catalogue.page(found, f"{API}/users/{agent.id}/queues", *call.page())


def utilization(call: Call) -> Answer:
    """How many emails an agent takes at once."""
    return 200, catalogue.utilization(call.subject())


def get_routing(call: Call) -> Answer:
    """An agent's routing status."""
    return 200, catalogue.routing_status(call.sandbox.centre.agent(call.named["userId"]))


def put_routing(call: Call) -> Answer:
    """Come on queue, also after not responding, or leave."""
    agent, status = call.subject(), call.text("status").upper()
    if status not in ("IDLE", "OFF_QUEUE"):
        raise Refused("The status can be set to IDLE or OFF_QUEUE.")
    call.sandbox.centre.set_routing_status(agent, "IDLE" if status == "IDLE" else "OFF_QUEUE")
    return 200, catalogue.routing_status(agent)


def get_presence(call: Call) -> Answer:
    """An agent's presence."""
    _source(call)
    return 200, catalogue.presence(call.sandbox.centre.agent(call.named["userId"]))


def patch_presence(call: Call) -> Answer:
    """Set an agent's presence by definition id or system presence."""
    _source(call)
    agent, definition = call.subject(), call.part("presenceDefinition")
    call.sandbox.centre.set_presence(agent, catalogue.presence_named(definition or {}))
    return 200, catalogue.presence(agent)


def _source(call: Call) -> None:
    if call.named["sourceId"].upper() != catalogue.SOURCE:
        raise Refused(f"The only presence source is {catalogue.SOURCE}.")


def definitions(call: Call) -> Answer:
    """The presences that there are."""
    return 200, catalogue.definitions()


def create_channel(call: Call) -> Answer:
    """A channel to listen on; `connectUri` is filled in by the server, which knows its address."""
    key = call.sandbox.centre.mint()
    made = call.sandbox.channels.create(key, call.holder(), call.token.agent)
    return 200, {"id": made.id, "expires": moment(made.expires)}


def _channel(call: Call) -> Channel:
    return call.sandbox.channels.get(call.named["channelId"], call.holder())


def _topics(channel: Channel, rejected: Iterable[str] = ()) -> Json:
    shown = [
        {"id": t, "state": "Permitted", "selfUri": f"{_path(channel)}/{t}"} for t in channel.topics
    ]
    return {"entities": shown + [{"id": t, "state": "Rejected"} for t in rejected]}


def _path(channel: Channel) -> str:
    return f"{API}/notifications/channels/{channel.id}/subscriptions"


def get_topics(call: Call) -> Answer:
    """What a channel hears."""
    return 200, _topics(_channel(call))


def add_topics(call: Call) -> Answer:
    """Hear more."""
    return _subscribe(call, replace=False)


def set_topics(call: Call) -> Answer:
    """Hear exactly this; also extends the channel's life."""
    return _subscribe(call, replace=True)


def _subscribe(call: Call, *, replace: bool) -> Answer:
    channel, said = _channel(call), call.said
    if not isinstance(said, list) or not all(isinstance(t, dict) and "id" in t for t in said):
        raise Refused("The body must be a list of topics, each with its id.")
    wanted, rejected = [str(t["id"]) for t in said], list[str]()
    if call.query.get("ignoreErrors") == "true":
        rejected = [t for t in wanted if not call.sandbox.channels.allowed(channel, t)]
    permitted = [t for t in wanted if t not in rejected]
    call.sandbox.channels.subscribe(channel, permitted, replace=replace)
    return 200, _topics(channel, rejected)


def drop_topics(call: Call) -> Answer:
    """Hear nothing."""
    call.sandbox.channels.subscribe(_channel(call), [], replace=True)
    return 200, None

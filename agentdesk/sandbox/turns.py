"""What happens by itself: timers in the order of their moments, and waiting conversations to idle agents."""

from datetime import datetime, timedelta

from agentdesk.sandbox.floor import Floor
from agentdesk.sandbox.model import (
    TIMEOUT_CODE,
    Agent,
    Conversation,
    Outcome,
    Participant,
    Transfer,
    WrapUp,
)

REST_S = 30  # how long a conversation passes over an agent who declined or missed it


def advance(floor: Floor, to: datetime) -> None:
    """Let everything happen that is due up to *to*, each at its own moment, then route."""
    while (due := floor.next_due()) and due <= to:
        floor.now = max(floor.now, due)
        _expire(floor, floor.take_due())
        route(floor)
    floor.now = max(floor.now, to)
    route(floor)


def route(floor: Floor) -> None:
    """Parked ones that want back, then waiting ones: highest priority, longest wait; longest idle agent."""
    for key in sorted(floor.resuming):
        _bring_back(floor, floor.conversations[key])
    if not any(floor.may_be_offered(agent) for agent in floor.office.agents.values()):
        return
    for conversation in sorted((floor.conversations[key] for key in floor.waiting), key=_turn):
        _offer(floor, conversation)


def _turn(conversation: Conversation) -> tuple[int, datetime, str]:
    return -conversation.priority, _waiting(conversation).started, conversation.id


def _waiting(conversation: Conversation) -> Participant:
    return next(
        p for p in conversation.participants if p.purpose == "acd" and p.state != "disconnected"
    )


def _offer(floor: Floor, conversation: Conversation) -> None:
    queue = floor.queue(_waiting(conversation).queue or "")
    agents = [floor.office.agents[key] for key in queue.members]
    free = [a for a in agents if floor.may_be_offered(a) and a.id not in conversation.resting]
    if free:
        longest_idle = min(free, key=lambda agent: _idleness(floor, agent))
        floor.alert(conversation, longest_idle, queue)


def _idleness(floor: Floor, agent: Agent) -> tuple[int, str, str]:
    """Who has nothing comes before who has something, then the longest idle."""
    since = agent.idle_since.isoformat() if agent.idle_since else ""
    return floor.load(agent.id), since, agent.id


def _bring_back(floor: Floor, conversation: Conversation) -> None:
    for participant in conversation.participants:
        if participant.wants_back and participant.agent:
            agent = floor.agent(participant.agent)
            if floor.has_room(agent):
                resume(floor, conversation, participant)


def resume(floor: Floor, conversation: Conversation, participant: Participant) -> None:
    """A parked participant is connected again; the caller has looked for room."""
    participant.state, participant.parked = "connected", None
    participant.resume_at, participant.wants_back = None, False
    floor.touch(conversation)


def miss(
    floor: Floor,
    conversation: Conversation,
    participant: Participant,
    kind: str,
    outcome: Outcome = "Failed",
) -> None:
    """An offer that nobody took: it rests for this agent; a transfer to the agent ends with *outcome*."""
    floor.end(conversation, participant, kind)
    conversation.resting[participant.agent or ""] = floor.now + timedelta(seconds=REST_S)
    for transfer in conversation.transfers:
        if transfer.id == participant.transfer and transfer.outcome == "Pending":
            floor.settle_transfer(conversation, transfer, outcome)
    floor.touch(conversation)


def _expire(floor: Floor, conversation: Conversation) -> None:
    now = floor.now
    for one in list(conversation.participants):
        if one.alert_until and one.alert_until <= now:
            floor.set_routing(floor.agent(one.agent or ""), "NOT_RESPONDING")
            miss(floor, conversation, one, "transfer.noanswer", "Timeout")
        if one.acw_until and one.acw_until <= now:
            _time_out_wrapup(floor, one)
        if one.resume_at and one.resume_at <= now:
            one.resume_at, one.wants_back = None, True
    for transfer in conversation.transfers:
        _move_on(floor, conversation, transfer)
    resting = conversation.resting.items()
    conversation.resting = {agent: until for agent, until in resting if until > now}
    floor.touch(conversation)


def _time_out_wrapup(floor: Floor, participant: Participant) -> None:
    participant.owes, participant.acw_until, participant.acw_ended = False, None, floor.now
    participant.wrapup = WrapUp(TIMEOUT_CODE, TIMEOUT_CODE, at=floor.now)


def _move_on(floor: Floor, conversation: Conversation, transfer: Transfer) -> None:
    if transfer.give_up_at and transfer.give_up_at <= floor.now:
        floor.settle_transfer(conversation, transfer, "Timeout")
    elif transfer.settle_at and transfer.settle_at <= floor.now:
        _arrive(floor, conversation, transfer)


def _arrive(floor: Floor, conversation: Conversation, transfer: Transfer) -> None:
    transfer.settle_at = None
    if transfer.to_queue:
        floor.settle_transfer(conversation, transfer, "Complete")
        floor.enter_queue(conversation, floor.queue(transfer.to_queue))
        return
    agent = floor.agent(transfer.to_agent or "")
    reachable = agent.presence != "Offline" and agent.routing != "NOT_RESPONDING"
    if reachable and floor.has_room(agent):
        queue = floor.queue(transfer.source_queue)
        floor.alert(conversation, agent, queue, transfer.id)
    else:
        floor.settle_transfer(conversation, transfer, "Failed")

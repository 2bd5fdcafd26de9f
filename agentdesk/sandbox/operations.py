"""The operations on conversations. Each takes a call and gives status and body."""

from agentdesk.sandbox import catalogue, shapes
from agentdesk.sandbox.calls import Answer, Call
from agentdesk.sandbox.centre import Letter
from agentdesk.sandbox.model import Participant, WrapUp
from agentdesk.sandbox.refusals import Refused, Unknown


def create(call: Call) -> Answer:
    """Hand over a customer's mail: an external conversation."""
    call.service()
    if call.text("direction", "OUTBOUND") != "INBOUND":
        raise Refused("The sandbox has external conversations only: direction must be INBOUND.")
    made = call.sandbox.centre.create(_letter(call, call.text("queueId")))
    return 200, shapes.email_conversation(call.sandbox.office, made)


def _letter(call: Call, queue: str) -> Letter:
    return Letter(
        queue=queue,
        provider=call.text("provider", "External"),
        subject=call.text("subject", ""),
        from_name=call.text("fromName", ""),
        from_address=call.text("fromAddress", ""),
        to_address=call.text("toAddress", ""),
        priority=call.number("priority"),
        label=call.text("utilizationLabel", ""),
        attributes=call.texts("attributes"),
    )


def inbound(call: Call) -> Answer:
    """The customer wrote again."""
    call.service()
    conversation, queue = call.conversation(), call.text("queueId", "")
    if queue:
        call.sandbox.centre.queue(queue)
    call.sandbox.centre.reply(conversation, _letter(call, queue))
    return 200, shapes.email_conversation(call.sandbox.office, conversation)


def mine(call: Call) -> Answer:
    """The agent's conversations that are not over, wrap-up included."""
    agent, office = call.agent(), call.sandbox.office
    active = [
        shapes.email_conversation(office, c)
        for c in call.sandbox.centre.conversations.values()
        if any(p.agent == agent.id and (p.ended is None or p.owes) for p in c.participants)
    ]
    path = f"{shapes.API}/conversations/emails"
    return 200, catalogue.page(active[:100], path, 1, catalogue.LARGEST_PAGE)


def get_email(call: Call) -> Answer:
    """The conversation as its email."""
    return 200, shapes.email_conversation(call.sandbox.office, call.conversation())


def get_conversation(call: Call) -> Answer:
    """The conversation with communications."""
    return 200, shapes.conversation(call.sandbox.office, call.conversation())


def tear_down(call: Call) -> Answer:
    """End a conversation that waits: only a service may, and only where no agent has it."""
    call.service("Only a service may end a whole conversation.")
    call.sandbox.centre.tear_down(call.conversation())
    return 200, ""


def patch_participant(call: Call) -> Answer:
    """Accept, decline, end, wrap up."""
    conversation, participant = call.own()
    centre, state, said = call.sandbox.centre, call.text("state", ""), call.part("wrapup")
    if state not in ("", "connected", "disconnected"):
        raise Refused("The state can be set to connected or disconnected.")
    if said is not None:
        centre.wrap_up(conversation, participant, _wrapup(said))
    if call.said.get("wrapupSkipped") is True:
        centre.skip_wrap_up(conversation, participant)
    if state == "connected":
        centre.connect(conversation, participant)
    elif state == "disconnected":
        centre.disconnect(conversation, participant)
    return 202, None


def patch_communication(call: Call) -> Answer:
    """End a communication; as documented, this "does not update wrapup"."""
    conversation, participant = call.own()
    if call.text("state") != "disconnected":
        raise Refused("The state of a communication can be set to disconnected.")
    call.sandbox.centre.disconnect(conversation, participant)
    return 202, {}


def patch_attributes(call: Call) -> Answer:
    """Write attributes of a participant; a service may do it for an agent who is not signed in."""
    conversation = call.conversation()
    centre = call.sandbox.centre
    if call.token.agent:
        participant = centre.own(call.agent(), conversation, call.named["participantId"])
    else:
        participant = centre.participant(conversation, call.named["participantId"])
    centre.describe(conversation, participant, call.texts("attributes"))
    return 200, {"attributes": participant.attributes}


def park(call: Call) -> Answer:
    """Put aside and take back."""
    conversation, participant = call.own()
    state = call.text("state")
    if state == "parked":
        call.sandbox.centre.park(conversation, participant, call.moment("resumeTime"))
    elif state == "connected":
        call.sandbox.centre.unpark(conversation, participant)
    else:
        raise Refused("The state can be set to parked or connected.")
    return 202, None


def participant_codes(call: Call) -> Answer:
    """The wrap-up codes that the participant's queue allows."""
    conversation = call.conversation()
    participant = call.sandbox.centre.participant(conversation, call.named["participantId"])
    queue = call.sandbox.centre.queue(participant.queue or "")
    return 200, [catalogue.code(call.sandbox.office.codes[key]) for key in queue.codes]


def wrap_up(call: Call) -> Answer:
    """Set the code of a communication."""
    conversation, participant = call.own()
    if not isinstance(call.said, dict):
        raise Refused("The body must be an object.")
    call.sandbox.centre.wrap_up(conversation, participant, _wrapup(call.said))
    return 202, None


def _wrapup(said: dict[str, object]) -> WrapUp:
    code, notes = said.get("code"), said.get("notes") or ""
    if not isinstance(code, str) or not isinstance(notes, str):
        raise Refused("The wrap-up code must be the id of a code, and notes a text.")
    return WrapUp(code, notes=notes, provisional=said.get("provisional") is True)


def get_wrapup(call: Call) -> Answer:
    """The code of a communication."""
    conversation = call.conversation()
    participant = call.sandbox.centre.participant(conversation, call.named["participantId"])
    provisional = call.query.get("provisional") == "true"
    said = _said(participant, provisional)
    return 200, shapes.assigned(said)


def _said(participant: Participant, provisional: bool) -> WrapUp:
    if participant.wrapup is None or participant.wrapup.provisional != provisional:
        raise Unknown("No wrap-up code is set.")
    return participant.wrapup


def to_queue(call: Call) -> Answer:
    """Blind transfer to a queue; its outcome is in `recentTransfers`."""
    _unattended(call)
    conversation, participant = call.own()
    centre = call.sandbox.centre
    centre.transfer_to_queue(call.agent(), conversation, participant, call.text("queueId"))
    return 202, None


def to_agent(call: Call) -> Answer:
    """Blind transfer to an agent; its outcome is in `recentTransfers`."""
    _unattended(call)
    conversation, participant = call.own()
    centre = call.sandbox.centre
    centre.transfer_to_agent(call.agent(), conversation, participant, call.text("userId"))
    return 202, None


def _unattended(call: Call) -> None:
    if call.text("transferType", "Unattended") != "Unattended":
        raise Refused("The sandbox transfers emails unattended only.")

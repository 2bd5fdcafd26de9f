"""Conversations as the wire has them. Source of names and values: the vendor's SDK (tests/contracts)."""

from datetime import UTC, datetime
from typing import Any

from agentdesk.sandbox.model import Conversation, Office, Participant, Queue, Transfer, WrapUp

Json = dict[str, Any]
API = "/api/v2"
PROMPTS = {"mandatory": "MANDATORY", "timeout": "MANDATORY_TIMEOUT", "optional": "OPTIONAL"}


def moment(value: datetime | None) -> str | None:
    """ISO 8601 with milliseconds and Z."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def filled(**values: Any) -> Json:
    """Without what is not known: the wire leaves such fields out."""
    return {name: value for name, value in values.items() if value is not None}


def reference(key: str | None, name: str | None, path: str) -> Json | None:
    """A record by id, with its address."""
    return filled(id=key, name=name, selfUri=f"{API}/{path}/{key}") if key else None


def wrapup(said: WrapUp | None) -> Json | None:
    """The code on a participant."""
    if said is None:
        return None
    provisional = True if said.provisional else None
    return filled(
        code=said.code,
        name=said.name,
        notes=said.notes or None,
        endTime=moment(said.at),
        provisional=provisional,
    )


def assigned(said: WrapUp) -> Json:
    """The code as its own resource shows it."""
    return filled(code=said.code, notes=said.notes or None, endTime=moment(said.at))


def _transfer(transfer: Transfer) -> Json:
    target = filled(userId=transfer.to_agent, address=transfer.to_queue)
    return filled(
        id=transfer.id,
        state=transfer.outcome,
        dateIssued=moment(transfer.issued),
        initiator={"userId": transfer.by},
        destination=target,
        transferType="Unattended",
    )


def _wrapup_terms(queue: Queue | None) -> Json:
    if queue is None:
        return {}
    timeout = queue.acw_s * 1_000 if queue.prompt == "timeout" else None
    return filled(wrapupPrompt=queue.prompt, wrapupTimeoutMs=timeout)


def _common(office: Office, participant: Participant) -> Json:
    queue = office.queues.get(participant.queue or "")
    agent = participant.purpose == "agent"
    alerting = queue.alerting_s * 1_000 if queue and agent else None
    return {
        **filled(
            id=participant.id,
            name=participant.name or None,
            address=participant.address or None,
            startTime=moment(participant.started),
            connectedTime=moment(participant.connected),
            endTime=moment(participant.ended),
            purpose=participant.purpose,
            wrapupRequired=participant.owes if agent else None,
            wrapupSkipped=participant.skipped if agent else None,
            alertingTimeoutMs=alerting,
            startAcwTime=moment(participant.acw_started),
            endAcwTime=moment(participant.acw_ended),
            attributes=participant.attributes,
        ),
        **(_wrapup_terms(queue) if agent else {}),
    }


def _media(office: Office, conversation: Conversation, participant: Participant) -> Json:
    queue = office.queues.get(participant.queue or "")
    return {
        **_common(office, participant),
        **filled(
            startAlertingTime=moment(participant.alerting),
            state=participant.state,
            direction="inbound",
            disconnectType=participant.disconnect,
            held=False,
            user=reference(participant.agent, None, "users"),
            queue=reference(queue.id, queue.name, "routing/queues") if queue else None,
            provider=conversation.provider,
            wrapup=wrapup(participant.wrapup),
            parkTime=moment(participant.parked),
            resumeTime=moment(participant.resume_at),
            subject=conversation.subject,
            messagesSent=0,
            conversationRoutingData={"priority": conversation.priority},
        ),
    }


def email_conversation(office: Office, conversation: Conversation) -> Json:
    """`EmailConversation`."""
    return {
        "id": conversation.id,
        "name": conversation.subject,
        "participants": [_media(office, conversation, p) for p in conversation.participants],
        "otherMediaUris": [],
        "recentTransfers": [_transfer(t) for t in conversation.transfers],
        "selfUri": f"{API}/conversations/emails/{conversation.id}",
    }


def email_event(office: Office, conversation: Conversation) -> Json:
    """`ConversationEmailEventTopicEmailConversation`: like the above, with poorer references."""
    shown = email_conversation(office, conversation)
    del shown["recentTransfers"], shown["selfUri"]
    for participant in shown["participants"]:
        participant.pop("startAlertingTime", None)
        for name in ("user", "queue"):
            participant.get(name, {}).pop("selfUri", None)
        if said := participant.get("wrapup"):
            participant["wrapup"] = {k: said[k] for k in ("code", "notes", "endTime") if k in said}
    return shown


def _after_work(participant: Participant) -> Json | None:
    if participant.acw_started is None:
        return None
    state = "skipped" if participant.skipped else "pending" if participant.owes else "complete"
    times = {"startTime": moment(participant.acw_started), "endTime": moment(participant.acw_ended)}
    return filled(**times, state=state)


def _session(conversation: Conversation, participant: Participant) -> Json:
    return filled(
        id=participant.communication,
        state=participant.state,
        held=False,
        subject=conversation.subject,
        messagesSent=0,
        direction="inbound",
        disconnectType=participant.disconnect,
        startAlertingTime=moment(participant.alerting),
        connectedTime=moment(participant.connected),
        disconnectedTime=moment(participant.ended),
        provider=conversation.provider,
        wrapup=wrapup(participant.wrapup),
        afterCallWork=_after_work(participant),
        afterCallWorkRequired=participant.owes,
        parkTime=moment(participant.parked),
    )


def conversation(office: Office, shown: Conversation) -> Json:
    """`Conversation`: the only shape that tells the communication ids."""
    participants = [
        {
            **_common(office, p),
            **filled(
                userId=p.agent,
                queueId=p.queue,
                queueName=office.queues[p.queue].name if p.queue else None,
                wrapup=wrapup(p.wrapup),
                emails=[_session(shown, p)],
            ),
        }
        for p in shown.participants
    ]
    return filled(
        id=shown.id,
        name=shown.subject,
        startTime=moment(shown.created),
        endTime=moment(shown.ended),
        participants=participants,
        recentTransfers=[_transfer(t) for t in shown.transfers],
        selfUri=f"{API}/conversations/{shown.id}",
    )

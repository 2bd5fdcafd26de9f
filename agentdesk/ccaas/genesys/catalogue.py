"""What Genesys has that stands for something of ours."""

from agentdesk.ccaas.genesys import paths
from agentdesk.ccaas.genesys.asking import Asking
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.values import CentreRecord, Kind


async def catalogue(asking: Asking) -> tuple[CentreRecord, ...]:
    """Queues with their codes, agents with their address, presences, codes. Raises `CentreProblem`."""
    codes = [_record(Kind.CODE, one) for one in await asking.every(paths.CODES, asking.service)]
    queues = [await _queue(asking, one) for one in await asking.every(paths.QUEUES, asking.service)]
    users = await asking.every(paths.USERS, asking.service, {"state": "active"})
    agents = [_record(Kind.AGENT, one, one.text("email")) for one in users]
    return tuple(queues + agents + await _presences(asking) + codes)


async def _queue(asking: Asking, queue: Wire) -> CentreRecord:
    path = f"{paths.QUEUES}/{paths.q(queue.named('id'))}/wrapupcodes"
    codes = await asking.every(path, asking.service)
    return _record(Kind.QUEUE, queue, ", ".join(one.text("name") for one in codes))


async def _presences(asking: Asking) -> list[CentreRecord]:
    listed = await asking.get(paths.DEFINITIONS, asking.service)
    return [
        _record(Kind.PRESENCE, one, one.text("systemPresence"))
        for one in listed.parts("entities")
        if not one.flag("deactivated")
    ]


def _record(kind: Kind, said: Wire, detail: str = "") -> CentreRecord:
    key = said.named("id")
    return CentreRecord(kind, key, said.text("name") or detail or key, detail)

"""Each operation, granted and refused; the fixture holds every word to the vendor's contract."""

from typing import Any

import pytest

from agentdesk.sandbox.api import OPERATIONS
from tests.contracts.checking import contract
from tests.sandbox.wire import CONVERSATIONS, Caller, Held, Wire, agent_id, queue_id, wrapup_id


def states(reply: Any, purpose: str) -> list[str]:
    return [p["state"] for p in reply.body["participants"] if p["purpose"] == purpose]


async def email(caller: Caller, conversation: str) -> Any:
    return await caller("GET", f"{CONVERSATIONS}/emails/{conversation}")


def test_the_sandbox_has_exactly_the_operations_of_the_contract() -> None:
    ours = {(method.lower(), path) for method, path, _ in OPERATIONS}
    theirs = {(m, path) for path, methods in contract()["paths"].items() for m in methods}
    assert ours == theirs
    assert len(ours) == 34


async def test_a_mail_waits_alerts_is_accepted_and_ends_with_its_code(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    conversation = await wire.hand_over(service)
    assert states(await email(service, conversation), "acd") == ["connected"]
    await wire.on_queue("ana")
    shown = await email(ana, conversation)
    assert states(shown, "agent") == ["alerting"]
    part = await wire.part(ana, conversation, "ana")
    assert part["alertingTimeoutMs"] == 30_000
    held = Held(conversation, part["id"], part["emails"][0]["id"])
    assert (await ana("PATCH", held.participant_path, {"state": "connected"})).status == 202
    shown = await email(ana, conversation)
    assert (states(shown, "agent"), states(shown, "acd")) == (["connected"], ["disconnected"])
    assert (await ana("GET", f"/api/v2/users/{agent_id('ana')}/routingstatus")).body[
        "status"
    ] == "INTERACTING"
    communication = f"{held.participant_path}/communications/{held.communication}"
    assert (await ana("PATCH", communication, {"state": "disconnected"})).status == 202
    part = await wire.part(ana, conversation, "ana")
    assert part["wrapupRequired"] is True
    assert part["emails"][0]["afterCallWork"]["state"] == "pending"
    assert [c["id"] for c in (await ana("GET", f"{CONVERSATIONS}/emails")).body["entities"]] == [
        conversation
    ]
    said = {"code": wrapup_id("Resolved"), "notes": "New kettle sent"}
    assert (await ana("POST", held.wrapup_path, said)).status == 202
    part = await wire.part(ana, conversation, "ana")
    assert (part["wrapupRequired"], part["wrapup"]["name"]) == (False, "Resolved")
    assert (await ana("GET", held.wrapup_path)).body["notes"] == "New kettle sent"
    assert (await ana("GET", f"{CONVERSATIONS}/emails")).body["entities"] == []
    assert "endTime" in (await service("GET", f"{CONVERSATIONS}/{conversation}")).body


async def test_a_declined_offer_goes_to_the_next_agent_and_comes_back_after_a_rest(
    wire: Wire,
) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    conversation = await wire.hand_over(service)
    part = await wire.part(ana, conversation, "ana")
    path = f"{CONVERSATIONS}/emails/{conversation}/participants/{part['id']}"
    assert (await ana("PATCH", path, {"state": "disconnected"})).status == 202
    assert states(await email(ana, conversation), "agent") == ["disconnected"]
    await wire.on_queue("ben")
    assert states(await email(ana, conversation), "agent") == ["disconnected", "alerting"]
    await wire.panel("presence", agent="Ben Okafor", presence="Away")
    wire.clock.turn(31)
    assert states(await email(ana, conversation), "agent")[-1] == "alerting"
    assert (await wire.part(ana, conversation, "ana"))["id"] != part["id"]


async def test_who_does_not_answer_is_not_responding_until_idle_is_set(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    conversation = await wire.hand_over(service)
    wire.clock.turn(30)
    status = f"/api/v2/users/{agent_id('ana')}/routingstatus"
    assert (await ana("GET", status)).body["status"] == "NOT_RESPONDING"
    gone = (await email(ana, conversation)).body["participants"][-1]
    assert gone["disconnectType"] == "transfer.noanswer"
    assert (await ana("PUT", status, {"status": "IDLE"})).body["status"] == "IDLE"
    wire.clock.turn(30)
    assert states(await email(ana, conversation), "agent") == ["disconnected", "alerting"]


async def test_a_parked_mail_takes_no_room_and_a_reply_brings_it_back(wire: Wire) -> None:
    service, dev = await wire.service(), await wire.agent("dev")
    await wire.on_queue("dev")
    first = await wire.accepted(service, dev, "dev")
    parking = f"{first.participant_path}/parkingstate"
    second = await wire.hand_over(service)
    assert states(await email(dev, second), "agent") == []
    assert (await dev("PATCH", parking, {"state": "parked"})).status == 202
    assert states(await email(dev, second), "agent") == ["alerting"]
    assert (await dev("PATCH", parking, {"state": "connected"})).status == 409
    inbound = f"{CONVERSATIONS}/emails/{first.conversation}/inboundmessages"
    assert (await service("POST", inbound, {"subject": "And?"})).status == 200
    assert states(await email(dev, first.conversation), "agent") == ["parked"]
    part = await wire.part(dev, second, "dev")
    path = f"{CONVERSATIONS}/emails/{second}/participants/{part['id']}"
    assert (await dev("PATCH", path, {"state": "disconnected"})).status == 202
    assert states(await email(dev, first.conversation), "agent") == ["connected"]


async def test_parked_until_a_time_comes_back_at_it(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    body = {"state": "parked", "resumeTime": "2026-03-02T09:10:00.000Z"}
    assert (await ana("PATCH", f"{held.participant_path}/parkingstate", body)).status == 202
    wire.clock.turn(599)
    assert states(await email(ana, held.conversation), "agent") == ["parked"]
    wire.clock.turn(1)
    assert states(await email(ana, held.conversation), "agent") == ["connected"]


async def test_a_reply_to_an_ended_conversation_waits_again(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    await ana("PATCH", held.participant_path, {"state": "disconnected"})
    inbound = f"{CONVERSATIONS}/emails/{held.conversation}/inboundmessages"
    reply = await service("POST", inbound, {"queueId": queue_id("Returns")})
    assert states(reply, "agent") == ["disconnected", "alerting"]
    assert reply.body["participants"][-1]["queue"]["id"] == queue_id("Returns")


async def test_a_transfer_to_a_queue_is_pending_then_complete(wire: Wire) -> None:
    service, ana, ben = await wire.service(), await wire.agent("ana"), await wire.agent("ben")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    body = {"queueId": queue_id("Returns"), "transferType": "Unattended"}
    assert (await ana("POST", f"{held.replace_path}/queue", body)).status == 202
    shown = (await email(service, held.conversation)).body
    assert [t["state"] for t in shown["recentTransfers"]] == ["Pending"]
    await wire.panel("presence", agent="Ana Ruiz", presence="Away")
    wire.clock.turn(1)
    await wire.on_queue("ben")
    shown = (await email(service, held.conversation)).body
    assert [t["state"] for t in shown["recentTransfers"]] == ["Complete"]
    assert shown["recentTransfers"][0]["initiator"] == {"userId": agent_id("ana")}
    mine = await wire.part(ana, held.conversation, "ana")
    assert mine["emails"][0]["disconnectType"] == "transfer"
    assert mine["wrapupRequired"] is True
    assert (await ana("POST", held.wrapup_path, {"code": wrapup_id("Forwarded")})).status == 202


async def test_a_transfer_to_an_agent_completes_when_it_is_accepted(wire: Wire) -> None:
    service, ana, ben = await wire.service(), await wire.agent("ana"), await wire.agent("ben")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    await wire.panel("presence", agent="Ben Okafor", presence="Available")
    body = {"userId": agent_id("ben"), "transferType": "Unattended"}
    assert (await ana("POST", f"{held.replace_path}/agent", body)).status == 202
    wire.clock.turn(1)
    part = await wire.part(ben, held.conversation, "ben")
    path = f"{CONVERSATIONS}/emails/{held.conversation}/participants/{part['id']}"
    assert (await ben("PATCH", path, {"state": "connected"})).status == 202
    shown = (await email(service, held.conversation)).body
    assert shown["recentTransfers"][0]["state"] == "Complete"


@pytest.mark.parametrize(
    ("presence", "turns", "outcome"),
    [("Offline", [1], "Failed"), ("Available", [1, 30], "Timeout")],
)
async def test_a_transfer_that_nobody_takes_waits_in_its_source_queue(
    wire: Wire, presence: str, turns: list[int], outcome: str
) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    await wire.panel("presence", agent="Ana Ruiz", presence="Away")
    await wire.panel("presence", agent="Ben Okafor", presence=presence)
    body = {"userId": agent_id("ben"), "transferType": "Unattended"}
    await ana("POST", f"{held.replace_path}/agent", body)
    for seconds in turns:
        wire.clock.turn(seconds)
        shown = (await email(service, held.conversation)).body
    assert shown["recentTransfers"][0]["state"] == outcome
    last = shown["participants"][-1]
    assert (last["purpose"], last["state"]) == ("acd", "connected")
    assert last["queue"]["id"] == queue_id("Claims")


async def test_wrap_up_times_out_with_the_code_of_the_system_and_a_late_code_replaces_it(
    wire: Wire,
) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    await ana("PATCH", held.participant_path, {"state": "disconnected"})
    wire.clock.turn(120)
    part = await wire.part(ana, held.conversation, "ana")
    assert (part["wrapupRequired"], part["wrapup"]["code"]) == (False, "ININ-WRAP-UP-TIMEOUT")
    assert (await ana("POST", held.wrapup_path, {"code": wrapup_id("Complaint")})).status == 202
    part = await wire.part(ana, held.conversation, "ana")
    assert part["wrapup"]["name"] == "Complaint"


async def test_a_code_before_the_end_leaves_nothing_owed_but_a_provisional_one_does(
    wire: Wire,
) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    first, second = [await wire.accepted(service, ana, "ana") for _ in range(2)]
    body: dict[str, Any] = {"code": wrapup_id("Resolved")}
    assert (await ana("PATCH", first.participant_path, {"wrapup": body})).status == 202
    assert (await ana("POST", second.wrapup_path, body | {"provisional": True})).status == 202
    assert (await ana("GET", second.wrapup_path, provisional="true")).status == 200
    assert (await ana("GET", second.wrapup_path)).status == 404
    for held, owed in ((first, False), (second, True)):
        await ana("PATCH", held.participant_path, {"state": "disconnected"})
        assert (await wire.part(ana, held.conversation, "ana"))["wrapupRequired"] is owed


async def test_only_a_queue_where_codes_are_optional_lets_one_skip(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    strict = await wire.accepted(service, ana, "ana")
    easy = await wire.accepted(service, ana, "ana", queue="Suppliers")
    assert (await ana("PATCH", strict.participant_path, {"wrapupSkipped": True})).status == 409
    assert (await ana("PATCH", easy.participant_path, {"wrapupSkipped": True})).status == 202


async def test_the_catalogue_can_be_read_page_by_page(wire: Wire) -> None:
    service, dev = await wire.service(), await wire.agent("dev")
    await wire.on_queue("dev")
    first = (await service("GET", "/api/v2/routing/queues", pageSize="2")).body
    rest = (await service("GET", "/api/v2/routing/queues", pageSize="2", pageNumber="2")).body
    names = [q["name"] for q in first["entities"] + rest["entities"]]
    assert names == ["Claims", "Returns", "Suppliers"]
    assert (first["total"], first["pageCount"], "nextUri" in rest) == (3, 2, False)
    found = (await service("GET", "/api/v2/routing/queues", name="ret")).body["entities"]
    assert [q["name"] for q in found] == ["Returns"]
    members = f"/api/v2/routing/queues/{queue_id('Claims')}/members"
    idle = await service("GET", members, routingStatus="IDLE", expand="routingStatus,presence")
    assert [m["user"]["email"] for m in idle.body["entities"]] == ["dev@northwind.example"]
    assert len((await service("GET", members)).body["entities"]) == 4
    codes = f"/api/v2/routing/queues/{queue_id('Claims')}/wrapupcodes"
    assert (await service("GET", codes)).body["total"] == 5
    assert (await service("GET", "/api/v2/routing/wrapupcodes")).body["total"] == 5
    assert (await service("GET", "/api/v2/users", id=agent_id("ana"))).body["total"] == 1
    mine = (await dev("GET", f"/api/v2/users/{agent_id('dev')}/queues", joined="true")).body
    assert mine["total"] == 3
    used = (await dev("GET", f"/api/v2/routing/users/{agent_id('dev')}/utilization")).body
    assert used["utilization"]["email"]["maximumCapacity"] == 1


async def test_presence_is_set_by_definition_and_shown_with_oneself(wire: Wire) -> None:
    ana = await wire.agent("ana")
    definitions = (await ana("GET", "/api/v2/presence/definitions")).body["entities"]
    meal = next(d["id"] for d in definitions if d["systemPresence"] == "Meal")
    path = f"/api/v2/users/{agent_id('ana')}/presences/PURECLOUD"
    for definition, shown in (({"id": meal}, "Meal"), ({"systemPresence": "On Queue"}, "OnQueue")):
        reply = await ana("PATCH", path, {"presenceDefinition": definition})
        assert reply.body["presenceDefinition"]["systemPresence"] == shown
        assert (await ana("GET", path)).body["presenceDefinition"]["systemPresence"] == shown
    me = (await ana("GET", "/api/v2/users/me", expand="presence,routingStatus")).body
    assert (me["name"], me["routingStatus"]["status"]) == ("Ana Ruiz", "IDLE")


async def test_a_service_writes_attributes_for_an_agent_who_is_not_signed_in(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    path = f"{held.participant_path}/attributes"
    assert (await service("PATCH", path, {"attributes": {"code": "auto"}})).status == 200
    reply = await ana("PATCH", path, {"attributes": {"more": "1"}})
    assert reply.body["attributes"] == {"code": "auto", "more": "1"}
    codes = (await ana("GET", f"{held.participant_path}/wrapupcodes")).body
    assert [code["name"] for code in codes][:2] == ["Resolved", "Call back"]


async def refuse_table(wire: Wire) -> list[tuple[str, Caller, str, str, Any, int]]:
    service, ana, ben = await wire.service(), await wire.agent("ana"), await wire.agent("ben")
    dev = await wire.agent("dev")
    await wire.on_queue("ana")
    held, ended = [await wire.accepted(service, ana, "ana") for _ in range(2)]
    await wire.on_queue("dev")
    his = await wire.accepted(service, dev, "dev")
    await ana("PATCH", ended.participant_path, {"state": "disconnected"})
    emails, nobody = f"{CONVERSATIONS}/emails", "00000000-0000-0000-0000-000000000000"
    good = {"queueId": queue_id("Claims"), "direction": "INBOUND"}
    own = f"/api/v2/users/{agent_id('ana')}"
    return [
        ("an agent hands nothing over", ana, "POST", emails, good, 403),
        ("unknown queue", service, "POST", emails, {**good, "queueId": nobody}, 404),
        ("no queue", service, "POST", emails, {"direction": "INBOUND"}, 400),
        ("outbound", service, "POST", emails, {**good, "direction": "OUTBOUND"}, 400),
        ("priority", service, "POST", emails, {**good, "priority": "high"}, 400),
        ("attributes", service, "POST", emails, {**good, "attributes": {"a": 1}}, 400),
        ("no such mail", service, "GET", f"{emails}/{nobody}", None, 404),
        ("a service is no user", service, "GET", emails, None, 403),
        ("a service is not me", service, "GET", "/api/v2/users/me", None, 403),
        (
            "a service accepts nothing",
            service,
            "PATCH",
            held.participant_path,
            {"state": "connected"},
            403,
        ),
        ("somebody else's", ben, "PATCH", held.participant_path, {"state": "disconnected"}, 403),
        ("no state of ours", ana, "PATCH", held.participant_path, {"state": "accepted"}, 400),
        ("ended", ana, "PATCH", ended.participant_path, {"state": "connected"}, 409),
        (
            "park ended",
            ana,
            "PATCH",
            f"{ended.participant_path}/parkingstate",
            {"state": "parked"},
            409,
        ),
        (
            "resume without zone",
            ana,
            "PATCH",
            f"{held.participant_path}/parkingstate",
            {"state": "parked", "resumeTime": "2026-03-02T09:10:00"},
            400,
        ),
        ("unknown code", ana, "POST", held.wrapup_path, {"code": nobody}, 400),
        ("a number as code", ana, "POST", held.wrapup_path, {"code": 7}, 400),
        (
            "right",
            dev,
            "POST",
            f"{his.replace_path}/agent",
            {"userId": agent_id("ana"), "transferType": "Unattended"},
            403,
        ),
        ("to oneself", ana, "POST", f"{held.replace_path}/agent", {"userId": agent_id("ana")}, 400),
        ("to nobody", ana, "POST", f"{held.replace_path}/agent", {"userId": nobody}, 404),
        ("to no queue", ana, "POST", f"{held.replace_path}/queue", {"queueId": nobody}, 404),
        (
            "attended",
            ana,
            "POST",
            f"{held.replace_path}/queue",
            {"queueId": queue_id("Claims"), "transferType": "Attended"},
            400,
        ),
        (
            "transfer ended",
            ana,
            "POST",
            f"{ended.replace_path}/queue",
            {"queueId": queue_id("Returns")},
            409,
        ),
        ("another's status", ben, "PUT", f"{own}/routingstatus", {"status": "IDLE"}, 403),
        ("interacting", ana, "PUT", f"{own}/routingstatus", {"status": "INTERACTING"}, 400),
        (
            "no presence",
            ana,
            "PATCH",
            f"{own}/presences/PURECLOUD",
            {"presenceDefinition": {"id": nobody}},
            400,
        ),
        ("no source", ana, "GET", f"{own}/presences/TEAMS", None, 400),
        ("page size", service, "GET", "/api/v2/routing/queues?pageSize=1000", None, 400),
        (
            "no channel",
            ana,
            "GET",
            f"/api/v2/notifications/channels/{nobody}/subscriptions",
            None,
            404,
        ),
    ]


async def test_what_is_refused_says_so_with_status_and_code_and_changes_nothing(wire: Wire) -> None:
    wire.says_nonsense = True
    table = await refuse_table(wire)
    before = await wire.state()
    for why, caller, method, path, body, status in table:
        reply = await caller(method, path, body)
        assert reply.status == status, (why, reply.body)
        assert reply.body["status"] == status, why
        assert reply.body["message"].endswith("."), why
    assert await wire.state() == before


async def test_nonsense_is_refused_and_never_an_error_of_ours(wire: Wire) -> None:
    wire.says_nonsense = True
    service = await wire.service()
    headers = {"Authorization": f"Bearer {service.token}", "Content-Type": "application/json"}
    for body in ("{", "[]", '"x"', "null", "7", '{"queueId": {}}', '{"direction": []}'):
        reply = await wire.send("POST", f"{CONVERSATIONS}/emails", data=body, headers=headers)
        assert reply.status == 400, body
    channel = (await service("POST", "/api/v2/notifications/channels")).body["id"]
    topics = f"/api/v2/notifications/channels/{channel}/subscriptions"
    for bad in ([{"name": "x"}], {"id": "x"}, [{"id": "v2.users.x.moods"}]):
        assert (await service("PUT", topics, bad)).status == 400
    assert (await service("GET", topics)).body["entities"] == []


async def test_a_web_page_elsewhere_cannot_reach_it_by_another_name(wire: Wire) -> None:
    reply = await wire.send("GET", "/__sandbox__/state", headers={"Host": "evil.example"})
    assert reply.status == 403
    form = await wire.send("POST", "/__sandbox__/clock", data={"seconds": "9"})
    assert form.status == 415


async def test_only_a_service_ends_a_conversation_and_only_where_no_user_is_connected(
    wire: Wire,
) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    path = f"{CONVERSATIONS}/{held.conversation}/disconnect"
    assert (await ana("POST", path)).status == 403
    assert (await service("POST", path)).status == 409
    offered = await wire.hand_over(service)
    for _ in range(2):
        assert (await service("POST", f"{CONVERSATIONS}/{offered}/disconnect")).status == 200
    shown = (await service("GET", f"{CONVERSATIONS}/{offered}")).body
    assert shown["endTime"] is not None
    assert {p["emails"][0]["state"] for p in shown["participants"]} == {"disconnected"}
    assert (await wire.state())["load"][agent_id("ana")] == 1

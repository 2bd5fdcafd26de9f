"""Each fault of the panel is seen by who speaks to the sandbox, as often as it was asked for."""

import time

import pytest

from tests.sandbox.test_channels import Ear, channel, listening, of
from tests.sandbox.wire import CONVERSATIONS, Wire, agent_id, queue_id

QUEUES = "/api/v2/routing/queues"


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 502, 503, 504])
async def test_the_next_requests_fail_as_they_were_told_to(wire: Wire, status: int) -> None:
    service = await wire.service()
    await wire.panel("faults", fail_status=status, fail_count=2, retry_after_s=7)
    for _ in range(2):
        reply = await service("GET", QUEUES)
        assert (reply.status, reply.body["status"]) == (status, status)
        waits = reply.headers.get("Retry-After")
        assert waits == ("7" if status in (429, 503) else None)
    assert (await service("GET", QUEUES)).status == 200


async def test_an_answer_can_be_lost_after_the_work_was_done(wire: Wire) -> None:
    service = await wire.service()
    await wire.panel("faults", fail_status=503, fail_count=1, fail_after=True)
    body = {"queueId": queue_id("Claims"), "direction": "INBOUND"}
    assert (await service("POST", f"{CONVERSATIONS}/emails", body)).status == 503
    assert len((await wire.state())["conversations"]) == 1


async def test_before_the_work_nothing_was_done(wire: Wire) -> None:
    service = await wire.service()
    await wire.panel("faults", fail_status=503, fail_count=1)
    body = {"queueId": queue_id("Claims"), "direction": "INBOUND"}
    assert (await service("POST", f"{CONVERSATIONS}/emails", body)).status == 503
    assert (await wire.state())["conversations"] == []


async def test_answers_come_late(wire: Wire) -> None:
    service = await wire.service()
    await wire.panel("faults", latency_ms=120)
    started = time.perf_counter()
    await service("GET", QUEUES)
    assert time.perf_counter() - started >= 0.12
    started = time.perf_counter()
    await wire.state()
    assert time.perf_counter() - started < 0.12, "the panel itself is never late"


async def four_changes(wire: Wire, ear: Ear) -> list[str]:
    for presence in ("Away", "Busy", "Meal", "Break"):
        await wire.panel("presence", agent="Ana Ruiz", presence=presence)
    heard = await ear.pong()
    return [m["eventBody"]["presenceDefinition"]["systemPresence"] for m in heard]


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        ({"lose_events": 2}, ["Meal", "Break"]),
        ({"double_events": 1}, ["Away", "Away", "Busy", "Meal", "Break"]),
        ({"reorder_events": 1}, ["Busy", "Away", "Meal", "Break"]),
        ({"reorder_events": 2}, ["Busy", "Away", "Break", "Meal"]),
        ({}, ["Away", "Busy", "Meal", "Break"]),
    ],
)
async def test_events_are_lost_doubled_and_out_of_order(
    wire: Wire, fault: dict[str, int], heard: list[str]
) -> None:
    ana = await wire.agent("ana")
    async with listening(wire, await channel(ana, of("ana", "presence"))) as ear:
        await ear.pong()
        await wire.panel("faults", **fault)
        assert await four_changes(wire, ear) == heard


async def test_a_transfer_times_out_into_its_source_queue(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    await wire.panel("transfers", lose=1)
    await ana("POST", f"{held.replace_path}/queue", {"queueId": queue_id("Returns")})
    await wire.panel("presence", agent="Ana Ruiz", presence="Away")
    outcomes = []
    for seconds in (29, 1):
        await wire.panel("clock", seconds=seconds)
        shown = (await service("GET", f"{CONVERSATIONS}/emails/{held.conversation}")).body
        outcomes.append(shown["recentTransfers"][0]["state"])
    assert outcomes == ["Pending", "Timeout"]
    last = shown["participants"][-1]
    assert (last["purpose"], last["queue"]["name"]) == ("acd", "Claims")


async def test_an_agent_goes_offline_and_the_offer_is_withdrawn(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    conversation = await wire.hand_over(service)
    await wire.panel("presence", agent="ana@northwind.example", presence="Offline")
    part = await wire.part(ana, conversation, "ana")
    assert part["emails"][0]["disconnectType"] == "transfer.notavailable"


async def test_a_right_is_taken_and_given_back(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    held = await wire.accepted(service, ana, "ana")
    transfer = (f"{held.replace_path}/queue", {"queueId": queue_id("Returns")})
    right = {"agent": agent_id("ana"), "right": "blindTransferQueue"}
    await wire.panel("rights", **right, granted=False)
    refused = await ana("POST", *transfer)
    assert (refused.status, refused.body["code"]) == (403, "missing.permissions")
    await wire.panel("rights", **right, granted=True)
    assert (await ana("POST", *transfer)).status == 202


async def test_reset_begins_anew(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.hand_over(service)
    made = await channel(ana, of("ana"))
    await wire.panel("faults", latency_ms=5, lose_events=3)
    await wire.panel("clock", seconds=60)
    async with listening(wire, made) as ear:
        await ear.pong()
        state = await wire.panel("reset")
        assert (await ear.next())["topicName"] == "v2.system.socket_closing"
    assert (state["conversations"], state["channels"], state["tokens"]) == ([], [], [])
    assert not any(state["faults"].values()) or state["faults"]["retry_after_s"] == 1
    assert state["now"] == "2026-03-02T09:00:00.000Z"
    assert (await ana("GET", "/api/v2/users/me")).status == 401
    await wire.hand_over(await wire.service())


@pytest.mark.parametrize(
    ("switch", "body"),
    [
        ("faults", {"fire": 1}),
        ("faults", {"latency_ms": "9"}),
        ("faults", {"latency_ms": -1}),
        ("faults", {"lose_events": True}),
        ("faults", {"fail_status": 418}),
        ("transfers", {"lose": "x"}),
        ("presence", {"agent": "Nobody"}),
        ("presence", {"agent": "Ana Ruiz", "presence": "Sleeping"}),
        ("rights", {"agent": "Ana Ruiz", "right": "fly", "granted": True}),
        ("revoke", {}),
        ("revoke", {"client": "nobody"}),
        ("clock", {"seconds": -1}),
        ("clock", {"seconds": True}),
        ("clock", {}),
        ("reset", {"seed": "x"}),
        ("faults", []),
    ],
)
async def test_a_switch_that_is_none_is_refused_with_a_sentence(
    wire: Wire, switch: str, body: object
) -> None:
    before = await wire.state()
    reply = await wire.send("POST", f"/__sandbox__/{switch}", json=body)
    assert reply.status in (400, 404)
    assert reply.body["message"].endswith(".")
    assert await wire.state() == before


async def test_the_panel_is_a_page_that_shows_mail_as_text_only(wire: Wire) -> None:
    page = await wire.send("GET", "/__sandbox__/")
    assert page.status == 200
    assert "innerHTML" not in page.body
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_the_snapshot_tells_no_secret(wire: Wire) -> None:
    ana = await wire.agent("ana")
    text = str(await wire.state())
    assert ana.token not in text
    assert "sandbox-secret" not in text

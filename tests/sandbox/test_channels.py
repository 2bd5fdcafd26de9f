"""What is heard over a channel, by whom, and what is not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.contracts.checking import event_errors
from tests.sandbox.wire import CONVERSATIONS, Caller, Wire, agent_id, queue_id, wrapup_id

CHANNELS = "/api/v2/notifications/channels"


class Ear:
    """A connected listener that passes heartbeats over."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def next(self) -> dict[str, Any]:
        while True:
            message = await self.ws.receive_json(timeout=30)
            if message["topicName"] != "channel.metadata":
                return message

    async def pong(self) -> list[dict[str, Any]]:
        """What came before the answer to a ping: all that there was to hear."""
        await self.ws.send_json({"message": "ping"})
        heard: list[dict[str, Any]] = []
        while True:
            message = await self.ws.receive_json(timeout=30)
            if message.get("eventBody") == {"message": "pong"}:
                return heard
            if message["topicName"] != "channel.metadata":
                heard.append(message)


async def channel(caller: Caller, *topics: str) -> dict[str, Any]:
    made = await caller("POST", CHANNELS)
    assert made.status == 200
    path = f"{CHANNELS}/{made.body['id']}/subscriptions"
    reply = await caller("POST", path, [{"id": topic} for topic in topics])
    assert [t["id"] for t in reply.body["entities"]] == list(topics)
    return made.body


@asynccontextmanager
async def listening(wire: Wire, made: dict[str, Any]) -> AsyncIterator[Ear]:
    async with wire.session.ws_connect(made["connectUri"]) as ws:
        yield Ear(ws)


def of(name: str, what: str = "conversations.emails") -> str:
    return f"v2.users.{agent_id(name)}.{what}"


async def test_an_offer_is_pushed_as_the_contract_has_it(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    async with listening(wire, await channel(ana, of("ana"))) as ear:
        conversation = await wire.hand_over(service)
        message = await ear.next()
        held = await wire.accepted(service, ana, "ana")
        await ana("POST", held.wrapup_path, {"code": wrapup_id("Resolved"), "notes": "Done"})
        await ana("PATCH", held.participant_path, {"state": "disconnected"})
        later = await ear.pong()
    assert [error for one in later for error in event_errors(one["eventBody"])] == []
    assert message["topicName"] == of("ana")
    assert (message["version"], message["eventBody"]["id"]) == ("2", conversation)
    last = message["eventBody"]["participants"][-1]
    assert (last["state"], last["user"]["id"]) == ("alerting", agent_id("ana"))
    assert event_errors(message["eventBody"]) == []
    assert event_errors({**message["eventBody"], "madeUp": 1}) != []


async def test_presence_and_routing_status_are_pushed(wire: Wire) -> None:
    ana = await wire.agent("ana")
    topics = [of("ana", "presence"), of("ana", "routingStatus")]
    async with listening(wire, await channel(ana, *topics)) as ear:
        await wire.on_queue("ana")
        first, second = await ear.next(), await ear.next()
    assert first["eventBody"]["presenceDefinition"]["systemPresence"] == "OnQueue"
    assert second["eventBody"]["routingStatus"]["status"] == "IDLE"


async def test_an_agent_hears_of_itself_only_and_a_service_of_queues(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    made = (await ana("POST", CHANNELS)).body["id"]
    topics = f"{CHANNELS}/{made}/subscriptions"
    of_queue = f"v2.routing.queues.{queue_id('Claims')}.conversations.emails"
    for forbidden in (of("ben"), of_queue):
        assert (await ana("POST", topics, [{"id": forbidden}])).status == 400
    assert (await service("GET", topics)).status == 404
    async with listening(wire, await channel(service, of_queue, of("ben"))) as ear:
        conversation = await wire.hand_over(service)
        assert (await ear.next())["eventBody"]["id"] == conversation


async def test_what_happened_while_nobody_listened_is_not_told_later(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    made = await channel(ana, of("ana"))
    async with listening(wire, made) as ear:
        await ear.pong()
    missed = await wire.hand_over(service)
    async with listening(wire, made) as ear:
        heard = await wire.hand_over(service)
        assert [m["eventBody"]["id"] for m in await ear.pong()] == [heard]
    found = (await ana("GET", f"{CONVERSATIONS}/emails")).body["entities"]
    assert {c["id"] for c in found} == {missed, heard}


async def test_topics_can_be_replaced_and_dropped(wire: Wire) -> None:
    ana = await wire.agent("ana")
    made = await channel(ana, of("ana"))
    path = f"{CHANNELS}/{made['id']}/subscriptions"
    await ana("PUT", path, [{"id": of("ana", "presence")}])
    assert [t["id"] for t in (await ana("GET", path)).body["entities"]] == [of("ana", "presence")]
    assert (await ana("DELETE", path)).status == 200
    async with listening(wire, made) as ear:
        await wire.on_queue("ana")
        assert await ear.pong() == []


async def test_there_is_a_heartbeat_and_an_answer_to_ping(wire: Wire) -> None:
    ana = await wire.agent("ana")
    async with wire.session.ws_connect((await channel(ana, of("ana")))["connectUri"]) as ws:
        beat = await ws.receive_json(timeout=30)
        assert beat["eventBody"] == {"message": "WebSocket Heartbeat"}
        for nonsense in ("{", "[]", "7"):
            await ws.send_str(nonsense)
        assert await Ear(ws).pong() == []


async def test_a_channel_ends_after_a_day_unless_it_is_subscribed_again(wire: Wire) -> None:
    ana = await wire.agent("ana")
    made = await channel(ana, of("ana"))
    wire.clock.turn(43_200)
    await ana("PUT", f"{CHANNELS}/{made['id']}/subscriptions", [{"id": of("ana")}])
    async with listening(wire, made) as ear:
        await wire.panel("clock", seconds=43_201)
        assert await ear.pong() == []
        await wire.panel("clock", seconds=43_200)
        assert (await ear.next())["topicName"] == "v2.system.socket_closing"
        assert (await ear.ws.receive(timeout=30)).type is aiohttp.WSMsgType.CLOSE
    gone = await wire.session.get(made["connectUri"].replace("ws://", "http://"))
    assert gone.status == 404


async def test_the_21st_channel_ends_the_one_unused_longest_that_nobody_listens_to(
    wire: Wire,
) -> None:
    ana = await wire.agent("ana")
    first = await channel(ana, of("ana"))
    async with listening(wire, first) as ear:
        await ear.pong()
        second = await channel(ana, of("ana"))
        for _ in range(19):
            wire.clock.turn(1)
            await channel(ana, of("ana"))
        kept = {c["id"] for c in (await wire.state())["channels"]}
    assert first["id"] in kept
    assert second["id"] not in kept
    assert len(kept) == 20


async def test_a_second_listener_takes_the_place_of_the_first(wire: Wire) -> None:
    ana = await wire.agent("ana")
    made = await channel(ana, of("ana", "presence"))
    async with listening(wire, made) as first:
        await first.pong()
        async with listening(wire, made) as second:
            await second.pong()
            await wire.on_queue("ana")
            assert (await second.next())["topicName"] == of("ana", "presence")
            while not first.ws.closed:
                await first.ws.receive(timeout=30)

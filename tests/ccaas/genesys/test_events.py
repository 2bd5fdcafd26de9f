"""What is heard, and that nothing which happened meanwhile is missed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from agentdesk.ccaas.genesys import line, listening, messages
from agentdesk.ccaas.hearing import MOST, Hearing
from agentdesk.domain.ccaas.errors import Forbidden, Transient
from agentdesk.domain.ccaas.values import Heard
from tests.ccaas.rooms import Room, room
from tests.contracts.checking import event_errors

Events = AsyncIterator[Heard]


@asynccontextmanager
async def listening_to(here: Room, *names: str) -> AsyncIterator[Events]:
    """Events of agents and of Claims, past the first gap."""
    here.centre.listen_to([here.agent(name) for name in names], [here.queue("Claims")])
    async with aclosing(here.centre.events()) as events:
        first = await next_of(events)
        assert (first.gap, first.skew) == (True, timedelta())
        yield events


async def next_of(events: Events) -> Heard:
    return await asyncio.wait_for(anext(events), 20)


async def until(events: Events, **wanted: Any) -> list[Heard]:
    """What is heard up to the one that is wanted."""
    heard: list[Heard] = []
    while not heard or any(getattr(heard[-1], name) != value for name, value in wanted.items()):
        heard.append(await next_of(events))
    return heard


def push(here: Room, topic: str, body: Any, **more: Any) -> None:
    """Sent as if it had happened."""
    for listener in here.sandbox.channels.listeners.values():
        listener.push({"topicName": topic, "version": "2", "eventBody": body, **more})


async def test_conversations_and_agents_are_named_and_what_is_read_is_as_the_contract_has_it(
    here: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    heard = messages.heard
    monkeypatch.setattr(messages, "heard", lambda text: read.append(text) or heard(text))
    async with listening_to(here, "ana") as events:
        await here.on_queue("ana")
        await until(events, agent=here.agent("ana"))
        at = await here.accepted("ana")
        await until(events, conversation=at.external_id)
        await here.centre.wrap_up(at, here.code(), "Done", "1")
        await until(events, conversation=at.external_id)
    bodies = [json.loads(text)["eventBody"] for text in read if "conversations.emails" in text]
    assert len(bodies) >= 3
    assert [error for body in bodies for error in event_errors(body)] == []


async def test_lost_doubled_and_reordered_events_do_no_harm(here: Room) -> None:
    async with listening_to(here, "ana") as events:
        await here.panel("faults", lose_events=1, double_events=2, reorder_events=1)
        first = await here.waiting()
        second = await here.waiting()
        third = await here.waiting()
        heard = await until(events, conversation=third)
    assert {h.conversation for h in heard} <= {first, second, third}
    assert first not in {h.conversation for h in heard}, "lost: only reading again finds it"


@pytest.mark.parametrize(
    ("topic", "body", "gap"),
    [
        ("v2.users.u1.levitation", {}, False),
        ("v3.users.u1.presence", {}, False),
        ("v2.analytics.queues.q1.observations", [], False),
        ("v2.users.u1.conversations.emails", {"id": 7}, True),
        ("v2.users.u1.conversations.emails", None, True),
    ],
)
async def test_what_is_not_understood_is_named_and_the_line_goes_on(
    here: Room, topic: str, body: Any, gap: bool
) -> None:
    async with listening_to(here, "ana") as events:
        push(here, topic, body)
        heard = await until(events, unknown=topic)
        assert any(h.gap for h in heard) == gap
        conversation = await here.waiting()
        await until(events, conversation=conversation)


def test_a_message_that_is_no_json_is_a_gap() -> None:
    for text in ("{", "[]", "7", b"\xff\xfe", '{"topicName": 7}', "[" * 100_000):
        heard = messages.heard(text)
        assert heard is not None
        assert heard.gap
    assert messages.heard('{"topicName": "channel.metadata"}') is None


async def test_a_line_that_is_about_to_end_is_opened_anew_with_a_gap(
    here: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AT_LEAST_S", 0)
    async with listening_to(here, "ana") as events:
        (channel,) = here.sandbox.channels.kept
        here.sandbox.channels.end(channel)
        await until(events, gap=True)
        conversation = await here.waiting()
        await until(events, conversation=conversation)


async def test_a_line_that_ends_at_once_each_time_is_trouble(here: Room) -> None:
    async with listening_to(here, "ana") as events:
        (channel,) = here.sandbox.channels.kept
        here.sandbox.channels.end(channel)
        with pytest.raises(Transient, match="hangs up at once"):
            await until(events, agent="never")


async def test_a_broken_line_ends_the_events_and_the_next_begin_with_a_gap(here: Room) -> None:
    async with listening_to(here, "ana") as events:
        for listener in here.sandbox.channels.listeners.values():
            listener.hang_up()
        with pytest.raises(Transient, match="Genesys Cloud was closed: it is opened again"):
            await until(events, agent="never")
    async with listening_to(here, "ana") as events:
        conversation = await here.waiting()
        await until(events, conversation=conversation)


async def test_a_quiet_line_is_asked_and_kept_and_a_silent_one_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line, "QUIET_S", 0.05)
    monkeypatch.setattr(line, "PONG_S", 0.2)
    async with room(heartbeat_s=600) as here, listening_to(here, "ana") as events:
        (socket,) = here.sandbox.channels.listeners.values()
        said, pongs = socket.push, asyncio.Semaphore(0)
        monkeypatch.setattr(socket, "push", lambda m: (pongs.release(), said(m)))
        for _ in range(3):
            await pongs.acquire()
        conversation = await here.waiting()
        await until(events, conversation=conversation)
        monkeypatch.setattr(socket, "push", lambda message: None)
        with pytest.raises(Transient, match="is silent"):
            await until(events, agent="never")


async def test_a_line_outlives_the_day_of_its_channel(here: Room) -> None:
    async with listening_to(here, "ana") as events:
        for _ in range(4):
            (before,) = (await here.wire.state())["channels"]
            await here.turn(43_200)
            while (await here.wire.state())["channels"] == [before]:
                pass
        conversation = await here.waiting()
        await until(events, conversation=conversation)


async def test_a_machine_that_slept_reads_everything_again(here: Room) -> None:
    async with listening_to(here, "ana") as events:
        await here.turn(600)
        await until(events, gap=True)


async def test_others_can_be_listened_to_while_it_runs(here: Room) -> None:
    async with listening_to(here, "ana") as events:
        here.centre.listen_to([here.agent("ben")], [])
        await until(events, gap=True)
        await here.on_queue("ana", "ben")
        heard = await until(events, agent=here.agent("ben"))
        assert here.agent("ana") not in {h.agent for h in heard}


async def test_what_the_service_may_not_hear_is_told_and_the_rest_is_heard(here: Room) -> None:
    allowed = here.sandbox.channels.allowed
    here.sandbox.channels.allowed = lambda channel, topic: (
        "routing" not in topic and allowed(channel, topic)
    )
    async with listening_to(here, "ana") as events:
        topic = f"v2.routing.queues.{here.queue('Claims')}.conversations.emails"
        await until(events, unknown=f"refused: {topic}")
        await here.on_queue("ana")
        await until(events, agent=here.agent("ana"))
    here.centre.listen_to([], [here.queue("Claims")])
    with pytest.raises(Forbidden, match="give its role the rights for events"):
        await next_of(here.centre.events())


async def test_more_than_a_thousand_topics_take_more_lines(here: Room) -> None:
    many = [f"agent-{n}" for n in range(400)]
    here.centre.listen_to([*many, here.agent("ana")], [here.queue("Claims")])
    async with aclosing(here.centre.events()) as events:
        assert (await next_of(events)).gap
        sizes = sorted(len(c.topics) for c in here.sandbox.channels.kept.values())
        assert sizes == [204, 1_000]
        await here.on_queue("ana")
        await until(events, agent=here.agent("ana"))


async def test_the_other_clock_is_told_with_what_is_heard(here: Room) -> None:
    await here.panel("clock", seconds=90)
    here.centre.listen_to([here.agent("ana")], [])
    async with aclosing(here.centre.events()) as events:
        assert (await next_of(events)).skew == timedelta(seconds=90)


async def test_a_flood_is_merged_by_conversation_and_what_comes_after_it_is_heard(
    here: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    participants = [{"id": f"p{n}", "purpose": "agent", "state": "connected"} for n in range(20)]
    arrived, heard_before = asyncio.Semaphore(0), messages.heard
    monkeypatch.setattr(messages, "heard", lambda text: (heard_before(text), arrived.release())[0])
    async with listening_to(here, "ana") as events:
        for number in range(1_000):
            body = {"id": f"c{number % 25}", "participants": participants}
            push(here, "v2.users.u1.conversations.emails", body)
        for _ in range(1_000):
            await arrived.acquire()
        conversation = await here.waiting()
        heard = await until(events, conversation=conversation)
    assert [h.conversation for h in heard] == [f"c{n}" for n in range(25)] + [conversation]


async def test_what_waits_is_one_entry_for_each_conversation_and_has_an_end() -> None:
    hearing = Hearing()
    for number in range(50_000):
        hearing.put(Heard(conversation=f"c{number % 10}"))
        hearing.put(Heard(unknown=f"kind {number}"))
    assert len(hearing) <= 10 + 100
    for number in range(MOST + 1):
        hearing.put(Heard(conversation=f"other {number}"))
    assert (await hearing.take()).gap
    assert len(hearing) < 200
    hearing.end(Transient("It ended."))
    while len(hearing):
        await hearing.take()
    with pytest.raises(Transient, match="It ended"):
        await hearing.take()

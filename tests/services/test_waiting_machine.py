"""Random orders of what can happen to one interaction, against what must always hold.

No reminder after a person's answer, never more than the rule says, never outside office hours; closed
for silence only when that was due. Source: docs/settings.md, *[reminders]*.
"""

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.errors import DeskError
from agentdesk.domain.event import Happened
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import ScheduleSetup
from agentdesk.domain.schedule import calendar
from agentdesk.services.waiting import WHILE_WAITING
from agentdesk.storage import deadlines, events, interactions
from tests.desks import POLICY, RULES, SETUP, World, desk, mail
from tests.services.test_reminders import answer, take

OFFICE = ScheduleSetup("office", "Office", "UTC")
OPEN = calendar(OFFICE)
QUEUES = (replace(POLICY.queues[0], schedule="office"), *POLICY.queues[1:])
OURS = replace(SETUP, policy=replace(POLICY, schedules=(OFFICE,), queues=QUEUES))
SILENCE = RULES.inbound_silence

MOVES = st.one_of(
    st.tuples(
        st.sampled_from(
            (
                "hold",
                "send",
                "reply",
                "vacation",
                "robot",
                "snooze",
                "put_aside",
                "resume",
                "close",
            )
        ),
        st.just(0),
    ),
    st.tuples(st.just("pass"), st.integers(1, 80)),
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.lists(MOVES, min_size=4, max_size=14))
def test_whatever_happens_in_whatever_order(moves: list[tuple[str, int]]) -> None:
    asyncio.run(_play(moves))


async def _play(moves: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = ManualClock()
        url = f"sqlite:///{Path(folder) / 'desk.db'}"
        async with desk(url, clock=clock, rules=replace(RULES, zone=UTC), setup=OURS) as made:
            world = World(made, clock)
            await world.arrive(mail(message_id="first@fjord.example"))
            ana, key = await world.at_work()
            for name, hours in moves:
                await _one(world, ana, key, name, hours)
                await _check(world, key)


async def _one(world: World, ana: Actor, key: InteractionId, name: str, hours: int) -> None:
    made, now = world.desk, world.clock.now()
    try:
        match name:
            case "hold":
                await services.handling.hold(made, ana, key)
            case "send":
                await answer(world, ana, key)
            case "snooze":
                await services.snoozing.snooze(made, ana, key, now + timedelta(hours=50))
            case "put_aside":
                await services.snoozing.snooze(made, ana, key, None)
            case "resume":
                await services.handling.resume(made, ana, key)
            case "close":
                await services.handling.close(made, ana, key)
    except DeskError:
        pass  # what is not possible now is refused, and changes nothing
    if name in ("reply", "vacation", "robot"):
        await world.arrive(_letter(name))
    await _go_on(world, timedelta(hours=hours))


async def _go_on(world: World, by: timedelta) -> None:
    """From deadline to deadline."""
    end = world.clock.now() + by
    while True:
        await take(world)
        due = await services.deadlines.run_passed(world.desk)
        if due is None or due >= end:
            break
        world.clock.turn((due - world.clock.now()).total_seconds())
    world.clock.turn((end - world.clock.now()).total_seconds())


def _letter(name: str) -> bytes:
    words = mail(f"{name}.", in_reply_to="first@fjord.example")
    heads = {
        "reply": b"",
        "vacation": b"Auto-Submitted: auto-replied\r\n",
        "robot": b"Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n",
    }
    return heads[name] + words


async def _check(world: World, key: InteractionId) -> None:
    """The whole history, read again after each move."""
    async with world.desk.store.read() as tx:
        i = await interactions.get(tx, key)
        rows = await events.of_record(tx, "interaction", key)
        due = {k for k in WHILE_WAITING if await deadlines.due_at(tx, k, key) is not None}
    if i.state is not State.ON_HOLD:
        assert not due, f"{i.state} has {due}"
        assert (i.reminders, i.snoozed) == (0, False)
    reminders, last_word, held = 0, "them", None
    for row in rows:
        to = row.data.get("to")
        if row.type == Happened.STATE_CHANGED.value and to == "on_hold":
            reminders, held = 0, row.at
        elif row.type == Happened.MAIL_QUEUED.value and row.actor_kind == "agent":
            last_word, held = "us", row.at
        elif row.type == Happened.SNOOZED.value:
            held = row.at
        elif row.type == Happened.MAIL_RECEIVED.value and row.data["kind"] == "normal":
            last_word = "them"
        elif row.type == Happened.REMINDED.value:
            reminders += 1
            assert last_word == "us", "a reminder after a person's answer"
            assert reminders <= 2, "more than the rule allows"
            assert OPEN.is_open(row.at), f"a reminder at {row.at}"
        elif row.type == Happened.WRAPPED_UP.value and "inactivity" in row.data["code"]:
            assert held is not None
            assert row.at >= held + SILENCE, "closed too soon"

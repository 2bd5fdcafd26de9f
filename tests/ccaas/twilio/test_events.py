"""What happens is polled for: each event once, and nothing in it is believed."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta

import pytest

from agentdesk.domain.ccaas.errors import Transient
from agentdesk.domain.ccaas.values import CentreTarget, Heard, TargetKind
from tests.ccaas.twilio.offices import ANA, BEN, BILLING, Office, office
from tests.ccaas.twilio.taskrouter import refused


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Office, AsyncIterator[Heard]]]:
    async with office(poll_s=0.01, per_minute=6_000) as here:
        await here.submit(99)  # what was before is not told
        async with aclosing(here.centre.events()) as events:
            first = await anext(events)
            assert first.gap
            yield here, events


async def test_it_tells_of_the_conversation_and_the_agent_once() -> None:
    async with listening() as (here, events):
        task = await here.submit()
        assert await anext(events) == Heard(conversation=task)
        here.server.reserve(task, "Ana Ruiz")
        assert {await anext(events), await anext(events)} == {
            Heard(conversation=task),
            Heard(agent=ANA),
        }
        here.server.be("Ben Okafor", "Lunch")
        assert await anext(events) == Heard(agent=BEN)


async def test_a_task_of_a_chain_is_told_as_its_conversation() -> None:
    async with listening() as (here, events):
        task = await here.submit()
        at = await here.taken(task)
        await here.centre.transfer(
            at, CentreTarget(TargetKind.QUEUE, BILLING, "Billing", True), "pass-1"
        )
        here.server.reserve(here.newest(), "Ben Okafor")
        told = {await anext(events) for _ in range(3)}
        assert told == {Heard(conversation=task), Heard(agent=ANA), Heard(agent=BEN)}


async def test_kinds_that_are_not_known_are_told_as_such() -> None:
    async with listening() as (here, events):
        for kind in ("robot.created", "activity.created", "task.system-deleted", "worker.created"):
            here.server._log(kind, worker=ANA)
        assert {await anext(events), await anext(events)} == {
            Heard(unknown="robot.created"),
            Heard(catalogue=True),
        }
        here.server.be("Ben Okafor", "Lunch")
        assert await anext(events) == Heard(agent=BEN)


async def test_an_event_that_comes_late_into_the_log_is_told() -> None:
    async with listening() as (here, events):
        here.clock.turn(50)
        here.server.be("Ana Ruiz", "Lunch")
        assert await anext(events) == Heard(agent=ANA)
        here.server.be("Ben Okafor", "Lunch")
        late = here.clock.now() - timedelta(seconds=40)
        here.server.events[-1]["event_date"] = late.isoformat().replace("+00:00", "Z")
        assert await anext(events) == Heard(agent=BEN)


async def test_a_call_is_nothing_to_the_desk_but_its_agents_capacity_is() -> None:
    async with listening() as (here, events):
        task = await here.submit()
        assert await anext(events) == Heard(conversation=task)
        here.server.tasks[task]["task_channel_unique_name"] = "voice"
        here.server.reserve(task, "Ana Ruiz")
        here.server.be("Ben Okafor", "Lunch")
        assert {await anext(events), await anext(events)} == {Heard(agent=ANA), Heard(agent=BEN)}
        here.server.be("Ben Okafor", "Available")
        assert await anext(events) == Heard(agent=BEN)


async def test_the_line_ends_with_the_reason() -> None:
    async with listening() as (here, events):
        here.server.faults = [refused(503, 20503, "No service")]
        with pytest.raises(Transient, match="Twilio has a problem of its own"):
            await anext(events)

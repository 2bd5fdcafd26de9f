"""The loops of a real engine: woken by what happens, told in plain words, ended at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agentdesk.domain.ccaas.errors import SignInMissing
from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import Heard
from agentdesk.domain.views import Health
from agentdesk.engine.engine import Engine
from agentdesk.services.ccaas import asking, listening
from tests.ccaas.offices import KEY, Office, office


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(f"sqlite:///{tmp_path / 'desk.db'}") as made:
        yield made


async def until(holds: Callable[[], object]) -> None:
    """What a loop does by itself takes a moment."""
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


def health(engine: Engine, name: str) -> tuple[Health, str]:
    found = next(h for h in engine.health() if h.name == name)
    return found.health, found.sentence


async def test_a_mail_is_handed_over_and_offered_by_the_loops_alone(here: Office) -> None:
    engine = Engine(here.desk, [])
    await engine.start()
    try:
        ana = await here.desk_of("ana")
        i = await here.arrives()
        (order,) = await here.orders(Op.SUBMIT)
        assert (await asking.outcome(here.desk, order.id, 20)).state is OrderState.CONFIRMED
        at = await here.room.at((await here.conversation(i)).external_id or "")
        # past the desk, so that only an event tells of it
        await here.room.centre.accept(at, "there")
        async with asyncio.timeout(20):
            while (await here.interaction(i)).owner_id != ana.agent_id:
                await asyncio.sleep(0.02)
        assert health(engine, "orders to Genesys Cloud")[0] is Health.IDLE
    finally:
        await engine.stop()
    assert here.desk.centres[KEY] is here.room.centre


async def test_an_outage_is_said_and_ends_by_itself(here: Office) -> None:
    await here.room.panel("faults", fail_status=503, fail_count=1_000_000)
    await here.arrives()
    engine = Engine(here.desk, [])
    await engine.start()
    try:
        await until(lambda: health(engine, "orders to Genesys Cloud")[0] is Health.RETRYING)
        await until(lambda: health(engine, "news of Genesys Cloud")[0] is Health.RETRYING)
        assert health(engine, "orders to Genesys Cloud")[1]
        await here.room.panel("faults", fail_count=0)
        await here.turn(300)
        (order,) = await here.orders(Op.SUBMIT)
        done = await asking.outcome(here.desk, order.id, 20)
        assert done.state is OrderState.CONFIRMED
    finally:
        await engine.stop()


async def test_a_service_that_is_not_signed_in_stops_until_somebody_mends_it(here: Office) -> None:
    class Unsigned:
        signed = False

        def __getattr__(self, name: str) -> object:
            return getattr(here.room.centre, name)

        async def submit(self, *said: object) -> str:
            if not self.signed:
                raise SignInMissing("Nobody said the secret. Run agentdesk ccaas secret genesys.")
            return await here.room.centre.submit(*said)  # type: ignore[arg-type]

    centre = Unsigned()
    engine = here.engine_of(centre)
    await here.arrives()
    await engine.carry_out_ready()
    (order,) = await here.orders(Op.SUBMIT)
    assert (order.state, order.error) == (OrderState.PENDING, str(engine.trouble))
    await here.turn(25 * 3600)
    await engine.carry_out_ready()
    assert (await here.order(order)).state is OrderState.PENDING, (
        "a mail is never given up for that"
    )
    centre.signed = True
    await here.turn(300)
    await engine.carry_out_ready()
    assert (await here.order(order)).state is OrderState.CONFIRMED


async def test_one_process_listens_and_another_takes_over_when_it_leaves_or_dies(
    here: Office,
) -> None:
    async with here.process("ana") as other:
        assert await listening.take(here.desk, KEY)
        assert not await listening.take(other.desk, KEY)
        await listening.release(here.desk)
        assert await listening.take(other.desk, KEY)
        await here.turn(31)
        assert await listening.take(here.desk, KEY)
        engine = Engine(other.desk, [])
        await engine.start()
        try:
            said = "Another agentdesk listens to Genesys Cloud."
            await until(lambda: health(engine, "news of Genesys Cloud")[1] == said)
        finally:
            await engine.stop()


async def test_what_is_unknown_is_noted_and_harms_nothing(here: Office) -> None:
    here.engine.hear(Heard(unknown="v9.things.happened"))
    await here.engine.mark_heard()
    assert await here.noted("unknown_event") == "v9.things.happened"


async def test_a_centre_whose_clock_is_wrong_is_said_and_goes_on(here: Office) -> None:
    await here.room.panel("clock", seconds=180)
    engine = Engine(here.desk, [])
    await engine.start()
    try:
        await until(lambda: "clock" in health(engine, "news of Genesys Cloud")[1])
        kind, sentence = health(engine, "news of Genesys Cloud")
        assert kind is Health.IDLE
        assert sentence == (
            "The clock of Genesys Cloud is 3 min ahead of this machine's. Set the wrong one right."
        )
        await here.arrives()
        (order,) = await here.orders(Op.SUBMIT)
        assert (await asking.outcome(here.desk, order.id, 20)).state is OrderState.CONFIRMED
    finally:
        await engine.stop()

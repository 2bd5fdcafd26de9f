"""A process that carries out orders dies at each of their steps: the effect is there exactly once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.ccaas.values import SegmentRef
from agentdesk.domain.ids import InteractionId
from agentdesk.services.ccaas import claiming
from tests.ccaas.offices import KEY, Office, office

COMMANDS = {
    Op.SUBMIT: "submit",
    Op.REPLY: "tell_reply",
    Op.ACCEPT: "accept",
    Op.REJECT: "reject",
    Op.PARK: "park",
    Op.UNPARK: "park",
    Op.WRAP_UP: "wrap_up",
    Op.END: "end",
    Op.TRANSFER: "transfer",
    Op.PRESENCE: "set_presence",
}
DEATHS = ["claimed", "before it was said", "before it was seen", "before it was written", "done"]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(f"sqlite:///{tmp_path / 'desk.db'}") as made:
        await made.desk_of("ana")
        yield made


async def offered(here: Office) -> tuple[InteractionId, SegmentRef]:
    """A mail that is offered to ana there, and the desk has not read that yet."""
    i = await here.arrives()
    await here.engine.carry_out_ready()
    return i, await here.room.at((await here.conversation(i)).external_id or "")


async def submit(here: Office) -> Order:
    i = await here.arrives()
    return next(o for o in await here.orders(Op.SUBMIT) if o.interaction_id == i)


def on_a_part(op: Op, *before: Op, **payload: object) -> Callable[[Office], Awaitable[Order]]:
    """The order is placed once ana's part went through what comes *before*."""

    async def prepare(here: Office) -> Order:
        i, at = await offered(here)
        for earlier in before:
            await SAID[earlier](here, at)
        said = {"target": here.room.queue("Returns"), **payload} if payload else {}
        return await here.place(op, i, "ana", segment=at.segment, payload=said)

    return prepare


SAID: dict[Op, Callable[[Office, SegmentRef], Awaitable[None]]] = {
    Op.ACCEPT: lambda here, at: here.room.centre.accept(at, "before"),
    Op.PARK: lambda here, at: here.room.centre.park(at, parked=True, key="before"),
}


async def reply(here: Office) -> Order:
    """Parked there, and the customer writes again."""
    i, at = await offered(here)
    for earlier in (Op.ACCEPT, Op.PARK):
        await SAID[earlier](here, at)
    payload = (await here.orders(Op.SUBMIT))[-1].payload
    return await here.place(Op.REPLY, i, payload=payload)


async def presence(here: Office) -> Order:
    await here.engine.carry_out_ready()
    return await here.place(Op.PRESENCE, None, "ana", payload={"presence": "away"})


PREPARED: dict[Op, Callable[[Office], Awaitable[Order]]] = {
    Op.SUBMIT: submit,
    Op.REPLY: reply,
    Op.ACCEPT: on_a_part(Op.ACCEPT),
    Op.REJECT: on_a_part(Op.REJECT),
    Op.PARK: on_a_part(Op.PARK, Op.ACCEPT),
    Op.UNPARK: on_a_part(Op.UNPARK, Op.ACCEPT, Op.PARK),
    Op.WRAP_UP: on_a_part(Op.WRAP_UP, Op.ACCEPT, code="resolved", notes=""),
    Op.END: on_a_part(Op.END, Op.ACCEPT),
    Op.TRANSFER: on_a_part(Op.TRANSFER, Op.ACCEPT, kind="queue", name="Returns"),
    Op.PRESENCE: presence,
}


@pytest.mark.parametrize("op", PREPARED)
async def test_every_order_takes_effect_once_wherever_its_process_dies(
    here: Office, op: Op
) -> None:
    for death in DEATHS:
        await here.room.on_queue("ana")
        order = await PREPARED[op](here)
        command = COMMANDS[op]
        async with here.process(deadly=True) as doomed:
            match death:
                case "claimed":
                    assert (await claiming.claim(doomed.desk, (await hands(doomed))[0])) is not None
                    await doomed.ends()
                case "before it was said":
                    await doomed.dies(command, "before")
                case "before it was seen":
                    await doomed.dies(command, "after")
                case "before it was written":
                    await doomed.dies("look", "after")
                case "done":
                    await doomed.engine.carry_out_ready()
                    await doomed.ends()
            acts = doomed.centre.said[command]
        async with here.process(deadly=True) as next_one:
            await next_one.engine.recover()
            for _ in range(2):
                await here.turn(6)
                await next_one.engine.carry_out_ready()
            acts += next_one.centre.said[command]
        assert (await here.order(order)).state is OrderState.CONFIRMED, death
        assert acts == 1, death
        await tidy(here, order)


async def hands(process: object) -> tuple[claiming.Hands, object]:
    return await claiming.hands(process.desk, KEY)  # type: ignore[attr-defined]


async def tidy(here: Office, order: Order) -> None:
    """Ana has room again."""
    for c in here.room.sandbox.centre.conversations.values():
        if c.ended is None:
            here.room.sandbox.centre.close(c)

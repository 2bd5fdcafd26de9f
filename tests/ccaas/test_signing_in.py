"""What waits for an agent's sign-in: it goes on after it, and waits again when the sign-in has ended."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

from agentdesk.ccaas.genesys.centre import GenesysCentre
from agentdesk.demo.centre_browser import sign_in_as
from agentdesk.domain.ccaas.identity import Identity
from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.ids import InteractionId
from agentdesk.sandbox import seeding
from agentdesk.services.ccaas import signing_in
from agentdesk.services.ccaas.standing import PATIENCE
from agentdesk.signin.agents import AgentSignIns
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from tests.ccaas.offices import Office, office
from tests.ccaas.rooms import KEY, NAME, adapter


def without_sign_ins(here: Office, folder: Path) -> tuple[AgentSignIns, GenesysCentre]:
    """As a machine on which nobody has signed in yet."""
    address, clock = here.room.wire.address, here.room.clock
    client = seeding.desk_client(1)
    centre = Registration("genesys", KEY, NAME, "", client, address, resource=address)
    sign_ins = AgentSignIns(centre, Store(folder, use_keyring=False), clock)
    return sign_ins, adapter(address, sign_ins, clock)


async def browse(sign_ins: AgentSignIns, who: Identity, here: Office) -> None:
    there, clock = here.room.agent("ana"), here.room.clock
    await asyncio.to_thread(sign_in_as, sign_ins, who, there, clock, threading.Event())


async def wished(here: Office, op: Op, i: InteractionId) -> Order:
    """What Ana wants of a conversation that she works on."""
    return await here.place(op, i, "ana", segment=(await here.conversation(i)).segment)


async def worked_on(here: Office) -> InteractionId:
    """A customer's mail that Ana has accepted there."""
    await here.desk_of("ana")
    await here.quiet()
    i = await here.arrives()
    await here.quiet()
    await wished(here, Op.ACCEPT, i)
    await here.quiet()
    return i


async def test_orders_wait_for_a_sign_in_and_go_on_after_it(url: str, tmp_path: Path) -> None:
    async with office(url) as here:
        sign_ins, centre = without_sign_ins(here, tmp_path)
        desk, engine = replace(here.desk, centres={KEY: centre}), here.engine_of(centre)
        i = await worked_on(here)
        ana = here.world.actors["ana"]
        wish = await wished(here, Op.PARK, i)
        await here.turn(PATIENCE[False].total_seconds())
        await engine.carry_out_ready()
        assert (await here.order(wish)).state is OrderState.PARKED
        (who,) = await signing_in.identities(desk, ana)
        assert [who.external_id, who.login] == [here.room.agent("ana"), "ana"]
        await browse(sign_ins, who, here)
        await signing_in.signed_in(desk, ana, KEY)
        await engine.carry_out_ready()
        assert (await here.order(wish)).state is OrderState.CONFIRMED

        await here.room.panel("revoke", agent="Ana Ruiz")
        wish = await wished(here, Op.UNPARK, i)
        await engine.carry_out_ready()
        waits = await here.order(wish)
        assert waits.state is OrderState.PARKED
        assert "needs sign-in" in waits.error
        assert "choose Sign in to contact centre on the desk" in waits.error
        await browse(sign_ins, who, here)
        await signing_in.signed_in(desk, ana, KEY)
        await engine.carry_out_ready()
        assert (await here.order(wish)).state is OrderState.CONFIRMED
        await centre.disconnect()

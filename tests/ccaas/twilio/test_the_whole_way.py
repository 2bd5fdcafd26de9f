"""A desk beside Twilio: handed over, taken, passed on, wrapped up, ended; one truth on both sides."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from agentdesk import services
from agentdesk.domain.actor import at_the_command_line
from agentdesk.domain.ccaas.orders import OrderState
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import QueueSetup
from agentdesk.engine.centre import CentreEngine
from agentdesk.services import presence
from agentdesk.services.ccaas import catalogue, transferring
from agentdesk.storage import ccaas_orders, interactions
from tests.ccaas.twilio.offices import ANA, BEN, Office, office
from tests.ccaas.twilio.taskrouter import sid
from tests.databases import database
from tests.desks import POLICY, RULES, SETUP, World, desk, mail

KEY = "twilio"
HELP = "help@northwind.example"


@dataclass
class Beside:
    there: Office
    world: World
    engine: CentreEngine

    async def quiet(self) -> None:
        await self.engine.settle_down()

    async def state(self, i: InteractionId) -> tuple[State, int | None]:
        async with self.world.desk.store.read() as tx:
            found = await interactions.get(tx, i)
        return found.state, found.owner_id

    async def waits(self, i: InteractionId) -> list[str]:
        """Orders that were not carried out."""
        async with self.world.desk.store.read() as tx:
            found = await ccaas_orders.unfinished_of(tx, i)
        return [f"{o.op} {o.state} {o.error}" for o in found if o.state is not OrderState.CONFIRMED]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Beside]:
    queues = [QueueSetup(name.lower(), name, external=KEY) for name in ("Support", "Billing")]
    others = [q for q in POLICY.queues if q.key not in ("support", "billing")]
    policy = replace(POLICY, queues=(*others, *queues))
    account = replace(SETUP.accounts[0], key="help", name="Help", address=HELP, queue="support")
    setup = replace(SETUP, policy=policy, accounts=(*SETUP.accounts, account))
    rules = replace(
        RULES,
        centres={KEY: CentreRules(KEY, "Twilio", "twilio")},
        own_addresses=RULES.own_addresses | {HELP},
    )
    async with (
        database("sqlite", tmp_path) as url,
        office(per_minute=6_000) as there,
        desk(url, clock=there.clock, rules=rules, setup=setup) as opened,
    ):
        made = replace(opened, centres={KEY: there.centre})
        await presence.start_engine(made)
        root = at_the_command_line("root")
        await catalogue.import_(made, root, KEY)
        for login, worker in (("ana", ANA), ("ben", BEN)):
            await catalogue.map_(made, root, KEY, Kind.AGENT, worker, login)
        yield Beside(there, World(made, there.clock), CentreEngine(made, there.centre))


async def test_a_mail_is_passed_on_and_ended_on_both_sides(here: Beside) -> None:
    made, server = here.world.desk, here.there.server
    ana, ben = await here.world.sign_in("ana"), await here.world.sign_in("ben")
    await here.world.arrive(mail(to=[HELP], message_id="one@fjord.example"), account="help")
    await here.quiet()
    [task] = server.tasks
    server.reserve(task, "Ana Ruiz")
    await here.quiet()
    (card,) = (await services.views.desktop(made, ana)).inbox
    await services.offers.accept(made, ana, card.work_item_id)
    await here.quiet()
    assert await here.state(card.interaction_id) == (State.WORK_IN_PROGRESS, ana.agent_id)

    choices = await transferring.targets(made, ana, card.interaction_id)
    billing = next(t for t in choices.targets if t.name == "Billing")
    await transferring.begin(made, ana, card.interaction_id, billing, "Wants a refund")
    await here.quiet()
    assert await here.state(card.interaction_id) == (State.NEW, None)
    assert len(server.tasks) == 2
    assert server.tasks[here.there.newest()]["task_queue_sid"] == sid("WQ", "Billing")

    server.reserve(here.there.newest(), "Ben Okafor")
    await here.quiet()
    (card,) = (await services.views.desktop(made, ben)).inbox
    await services.offers.accept(made, ben, card.work_item_id)
    await here.quiet()
    assert await here.state(card.interaction_id) == (State.WORK_IN_PROGRESS, ben.agent_id)
    await services.handling.close(made, ben, card.interaction_id)
    [code, *_] = await services.handling.wrap_up_codes(made, ben, card.interaction_id)
    await services.handling.wrap_up(made, ben, card.interaction_id, code.code_id, "Refunded")
    await here.quiet()
    ended = server.tasks[here.there.newest()]
    assert (ended["assignment_status"], ended["reason"]) == ("completed", code.key)
    assert (await here.state(card.interaction_id))[0] is State.CLOSED_COMPLETE
    assert await here.waits(card.interaction_id) == []

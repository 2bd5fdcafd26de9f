"""A desk whose queue *Parcels* is routed by a contact centre, with what stands for what there."""

from dataclasses import replace
from typing import Any

from agentdesk.domain.ccaas.orders import Op, Order
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.policy import PoolSetup, QueueSetup
from agentdesk.domain.setup import MailAccountSetup
from agentdesk.storage import ccaas_orders
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    ccaas_mappings,
    ccaas_records,
)
from agentdesk.storage.tables import (
    ccaas_orders as order_table,
)
from tests.desks import POLICY, RULES, SETUP, World

CENTRE = "genesys"
PARCELS = "parcels@northwind.example"
QUEUES = (
    QueueSetup("parcels", "Parcels", external=CENTRE, pools=(PoolSetup(frozenset({"support"})),)),
    QueueSetup("returns", "Returns", external=CENTRE),
)
CENTRE_SETUP = replace(
    SETUP,
    policy=replace(POLICY, queues=(*POLICY.queues, *QUEUES)),
    accounts=(*SETUP.accounts, MailAccountSetup("parcels", "Parcels", PARCELS, "parcels")),
)
CENTRE_RULES = replace(
    RULES,
    own_addresses=RULES.own_addresses | {PARCELS},
    centres={CENTRE: CentreRules(CENTRE, "Genesys Cloud", id_header="x-genesys-conversation")},
)
THERE = {
    Kind.QUEUE: {"parcels": "q-parcels", "returns": "q-returns"},
    Kind.AGENT: {"ana": "u-ana", "ben": "u-ben"},
    Kind.PRESENCE: {"available": "p-queue", "away": "p-away"},
}


async def map_everything(world: World, there: Any = None) -> None:
    """What is ours stands for what is theirs, as an import and an admin would say it."""
    now = world.clock.now()
    async with world.desk.store.write() as tx:
        for kind, pairs in (there or THERE).items():
            for local, external_id in pairs.items():
                await _map(tx, kind, local, external_id, now)


async def _map(tx: Transaction, kind: Kind, local: str, external_id: str, now: Any) -> None:
    key = {"centre": CENTRE, "kind": kind.value, "external_id": external_id}
    row = key | {"name": f"{external_id} there", "detail": "", "local": local}
    await tx.put(ccaas_records, row | {"active": True, "seen_at": now})
    await tx.put(ccaas_mappings, key | {"local": local, "at": now, "by": "Sue Lind"})


async def orders_of(world: World, interaction_id: InteractionId | None = None) -> list[Order]:
    """Every order that lives, in its turn; of one interaction where named."""
    async with world.desk.store.read() as tx:
        if interaction_id is not None:
            return await ccaas_orders.live_of(tx, interaction_id)
        rows = await tx.all(order_table.select().order_by(order_table.c.id))
        return [await ccaas_orders.get(tx, row.id) for row in rows]


async def ops(world: World, interaction_id: InteractionId) -> list[Op]:
    """What is on its way for an interaction."""
    return [order.op for order in await orders_of(world, interaction_id)]

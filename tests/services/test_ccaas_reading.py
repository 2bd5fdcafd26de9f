"""What administrators and agents see of contact centres, read from both databases."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor, at_the_command_line
from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ccaas.views import CentreSide
from agentdesk.domain.errors import NotAllowed
from agentdesk.services.ccaas import orders, reading
from agentdesk.storage.tables import (
    ccaas_agents,
    ccaas_centres,
    ccaas_mappings,
    ccaas_orders,
    ccaas_records,
)
from tests.desks import World, mail

ADMIN = at_the_command_line("root")
CENTRE = "genesys"


def signed_in(*agents: str) -> Any:
    """A centre at which these agents are signed in."""

    async def disconnect() -> None:
        """Nothing is open."""

    return SimpleNamespace(
        acts_for=lambda agent: agent in agents,
        caps=SimpleNamespace(park=True, agents_sign_in=True),
        name="Genesys Cloud",
        disconnect=disconnect,
    )


def record(
    kind: Kind, external_id: str, name: str, local: str = "", **changes: Any
) -> dict[str, Any]:
    return {
        "centre": CENTRE,
        "kind": kind.value,
        "external_id": external_id,
        "name": name,
        "detail": "",
        "local": local,
        "active": True,
    } | changes


@pytest.fixture
async def routed(world: World) -> World:
    """A desk whose queue Sales is routed by a centre that Ana is known to."""
    rules = replace(world.desk.rules, centres={CENTRE: CentreRules(CENTRE, "Genesys Cloud")})
    world.desk = replace(world.desk, rules=rules, centres={CENTRE: signed_in("u-1")})
    support, sales = world.desk.policy.queues
    await world.change_policy(queues=(support, replace(sales, external=CENTRE)))
    now = world.clock.now()
    known = [
        record(Kind.QUEUE, "q-1", "Sales EMEA", "sales"),
        record(Kind.QUEUE, "q-2", "Sales APAC"),
        record(Kind.AGENT, "u-1", "Ana R.", "ana"),
        record(Kind.AGENT, "u-2", "Gone", active=False),
        record(Kind.PRESENCE, "p-1", "On Queue", "available"),
    ]
    said = [(Kind.QUEUE, "sales", "q-1"), (Kind.AGENT, "ana", "u-1"), (Kind.AGENT, "ben", "u-2")]
    async with world.desk.store.write() as tx:
        await tx.insert(ccaas_records, [{**r, "seen_at": now} for r in known])
        rows = [(CENTRE, k.value, local, external, now, "root") for k, local, external in said]
        names = ("centre", "kind", "local", "external_id", "at", "by")
        await tx.insert(ccaas_mappings, [dict(zip(names, row, strict=True)) for row in rows])
    return world


def names(rows: Any) -> list[tuple[str, str]]:
    return [(r.local_name, r.external_name) for r in rows]


async def test_what_is_not_mapped_is_told_from_both_sides(routed: World) -> None:
    desk = routed.desk
    ours = (await reading.ours(desk, ADMIN)).rows
    assert ("Sales", "") not in names(ours)
    assert ("Support", "") not in names(ours)  # its work is routed here
    assert [r.local for r in ours if r.kind is Kind.AGENT] == ["sue"]
    assert ("Issue resolved", "") in names(ours)
    theirs = (await reading.theirs(desk, ADMIN)).rows
    assert names(theirs) == [("", "Sales APAC")]
    mapped = (await reading.mapped(desk, ADMIN, Kind.AGENT)).rows
    assert [(r.local_name, r.external_name, r.both_ways, r.gone) for r in mapped] == [
        ("Ana Ruiz", "Ana R.", True, False),
        ("Ben Okafor", "Gone", False, True),
    ]


@pytest.mark.parametrize("read", [reading.ours, reading.theirs, reading.mapped])
async def test_lists_are_read_page_by_page_both_ways(routed: World, read: Any) -> None:
    now = routed.clock.now()
    async with routed.desk.store.write() as tx:
        many = [record(Kind.CODE, f"c-{n}", "Same name") | {"seen_at": now} for n in range(5)]
        await tx.insert(ccaas_records, many)
    whole = (await read(routed.desk, ADMIN)).rows
    found: list[Any] = []
    page = await read(routed.desk, ADMIN, limit=2)
    assert page.before is None
    found += page.rows
    while page.after is not None:
        page = await read(routed.desk, ADMIN, after=page.after, limit=2)
        found += page.rows
    assert tuple(found) == whole
    back = await read(routed.desk, ADMIN, before=page.before, limit=2)
    end = len(whole) - len(page.rows)
    assert back.rows == whole[end - len(back.rows) : end]


async def test_only_admins_read_them(routed: World) -> None:
    ana = await routed.sign_in("ana")
    for read in (reading.centres, reading.ours, reading.mapped, reading.waiting, reading.to_review):
        with pytest.raises(NotAllowed):
            await read(routed.desk, ana)


async def test_a_centre_tells_how_it_is(routed: World) -> None:
    now = routed.clock.now()
    row = {
        "key": CENTRE,
        "name": "Genesys Cloud",
        "active": True,
        "lease_owner": "somebody",
        "lease_until": now + timedelta(seconds=30),
        "heard_at": now,
        "read_at": now,
        "imported_at": None,
        "skew_ms": 2_100,
        "unknown_event": "v2.\x1b[31mnew",
    }
    (before,) = await reading.centres(routed.desk, ADMIN)
    assert (before.listening, before.agents, before.signed_in) == (False, 2, 1)
    async with routed.desk.store.write() as tx:
        await tx.insert(ccaas_centres, [row])
    (after,) = await reading.centres(routed.desk, ADMIN)
    assert (after.listening, after.skew_ms) == (True, 2_100)
    assert "\x1b" not in after.unknown_event
    routed.clock.turn(31)
    (late,) = await reading.centres(routed.desk, ADMIN)
    assert not late.listening


async def test_orders_that_wait_for_a_person_say_why(routed: World) -> None:
    ana: Actor = await routed.sign_in("ana")
    async with routed.desk.store.write() as tx:
        order = await orders.place(
            routed.desk, tx, CENTRE, Op.PRESENCE, agent_id=ana.agent_id, payload={"to": "away"}
        )
        await orders.place(routed.desk, tx, CENTRE, Op.PRESENCE, agent_id=ana.agent_id)
        values = {"state": OrderState.PARKED.value, "error": "Away is not mapped."}
        await tx.execute(
            ccaas_orders.update().where(ccaas_orders.c.id == order.id).values(**values)
        )
    (row,) = (await reading.waiting(routed.desk, ADMIN)).rows
    assert (row.op, row.agent, row.error) == (Op.PRESENCE, "Ana Ruiz", "Away is not mapped.")
    assert (await reading.centres(routed.desk, ADMIN))[0].waiting == 1


async def test_an_agent_sees_how_they_stand_at_the_centre(routed: World) -> None:
    ana, ben = await routed.sign_in("ana"), await routed.sign_in("ben")
    sue = await routed.sign_in("sue")
    (unread,) = (await services.presence.status(routed.desk, ana)).centres
    assert (unread.known, unread.signed_in) == (False, True)
    row = {
        "agent_id": ana.agent_id,
        "centre": CENTRE,
        "presence": "p-1",
        "on_queue": True,
        "responding": True,
        "capacity": 2,
        "used": 1,
        "parked": 3,
        "at": routed.clock.now(),
    }
    async with routed.desk.store.write() as tx:
        await tx.insert(ccaas_agents, [row])
    (use,) = (await services.presence.status(routed.desk, ana)).centres
    assert (use.name, use.used, use.capacity, use.presence) == ("Genesys Cloud", 1, 2, "On Queue")
    assert (await services.presence.status(routed.desk, ben)).centres[0].signed_in is False
    assert (await services.presence.status(routed.desk, sue)).centres == ()
    board = await services.board.board(routed.desk, sue)
    line = next(line for line in board.agents if line.agent_id == ana.agent_id)
    assert line.centres[0].used == 1
    assert [t.centre for t in board.queues] == ["", "Genesys Cloud"]


async def test_the_head_says_who_routes_it_and_why_it_stands_still(routed: World) -> None:
    sue = await routed.sign_in("sue")
    await routed.arrive(mail(to=["sales@northwind.example"]), account="sales")
    (row,) = (await services.views.interactions(routed.desk, sue)).rows

    async def head() -> CentreSide | None:
        return (await services.views.interaction(routed.desk, sue, row.interaction_id)).centre

    assert await head() == CentreSide("Genesys Cloud", "handing over…")
    values = {"state": OrderState.PARKED.value, "error": "Sales stands for no queue there."}
    async with routed.desk.store.write() as tx:
        await tx.execute(ccaas_orders.update().values(**values))
    assert await head() == CentreSide("Genesys Cloud", "not handed over", values["error"])

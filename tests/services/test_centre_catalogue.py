"""What a contact centre has is brought in and mapped; what is missing is said in plain sentences."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from agentdesk.domain.actor import at_the_command_line
from agentdesk.domain.ccaas.mappings import Imported
from agentdesk.domain.ccaas.missing import CentreFinding
from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import CentreRecord, Kind
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.errors import BadInput, NotAllowed, NotFound
from agentdesk.domain.event import SYSTEM
from agentdesk.services.ccaas import catalogue, orders, troubles
from agentdesk.storage import ccaas_orders, ccaas_records
from tests.centres import CENTRE, CENTRE_RULES, CENTRE_SETUP, orders_of
from tests.desks import World, desk

ROOT = at_the_command_line("root")
QUEUES = [
    CentreRecord(Kind.QUEUE, "q1", "parcels", "Solved"),
    CentreRecord(Kind.QUEUE, "q2", "Loans"),
]
PEOPLE = [
    CentreRecord(Kind.AGENT, "u1", "A. Ruiz", "ANA@northwind.example"),
    CentreRecord(Kind.AGENT, "u2", "Ben Okafor", "ben.okafor@elsewhere.example"),
]
PRESENCES = [
    CentreRecord(Kind.PRESENCE, "p1", "Available", "Available"),
    CentreRecord(Kind.PRESENCE, "p2", "On Queue", "OnQueue"),
    CentreRecord(Kind.PRESENCE, "p3", "Away", "Away"),
    CentreRecord(Kind.PRESENCE, "p4", "Meal", "Meal"),
]
CODES = [
    CentreRecord(Kind.CODE, "c1", "Issue  resolved"),
    CentreRecord(Kind.CODE, "c2", "Other"),
]
ALL = [*QUEUES, *PEOPLE, *PRESENCES, *CODES]


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    clock = ManualClock()
    policy = CENTRE_SETUP.policy
    people = [
        replace(a, email="ana@northwind.example" if a.login == "ana" else "") for a in policy.agents
    ]
    setup = replace(CENTRE_SETUP, policy=replace(policy, agents=tuple(people)))
    async with desk(url, clock=clock, rules=CENTRE_RULES, setup=setup) as made:
        yield World(made, clock)


async def taken_in(world: World, found: list[CentreRecord] = ALL) -> Imported:
    rules = catalogue.rules_of(world.desk, CENTRE)
    async with world.desk.store.write() as tx:
        return await catalogue.take_in(world.desk, tx, rules, found, SYSTEM)


async def there(world: World, kind: Kind, local: str) -> str | None:
    async with world.desk.store.read() as tx:
        return await ccaas_records.external(tx, CENTRE, kind, local)


async def here(world: World, kind: Kind, external_id: str) -> str | None:
    async with world.desk.store.read() as tx:
        return await ccaas_records.local(tx, CENTRE, kind, external_id)


async def said(world: World) -> tuple[CentreFinding, ...]:
    return await catalogue.findings(world.desk, ROOT, CENTRE)


async def test_what_has_the_same_name_is_mapped_and_the_rest_is_told(world: World) -> None:
    found = await taken_in(world)
    assert found.mapped == (
        "queue Parcels = parcels",
        "agent Ana Ruiz = A. Ruiz",
        "presence Available = On Queue",
        "presence Away = Away",
        "code Issue resolved = Issue  resolved",
    )
    assert "agent Ben Okafor" in found.unmapped  # the same name, but another address
    assert found.words.startswith(
        "Genesys Cloud has 2 queues, 2 agents, 4 presences, 2 codes: 10 new,"
    )
    assert (
        await there(world, Kind.PRESENCE, "available"),
        await here(world, Kind.AGENT, "u1"),
    ) == (
        "p2",
        "ana",
    )


async def test_an_import_tells_what_is_gone_and_takes_back_what_comes_again(world: World) -> None:
    await taken_in(world)
    left = await taken_in(world, ALL[1:])
    assert left.gone == ("queue parcels",)
    assert await there(world, Kind.QUEUE, "parcels") is None
    (gone,) = [f for f in await said(world) if "no longer has" in f.sentence]
    assert gone.sentence.endswith("no longer has: its mail is not handed over.")
    again = await taken_in(world)
    assert (again.new, again.gone, again.mapped) == ((), (), ())
    assert await there(world, Kind.QUEUE, "parcels") == "q1"


async def test_an_import_does_not_overwrite_what_a_person_said(world: World) -> None:
    await taken_in(world)
    await catalogue.map_(world.desk, ROOT, CENTRE, Kind.CODE, "c2", "issue_resolved")
    await catalogue.unmap(world.desk, ROOT, CENTRE, Kind.PRESENCE, local="away")
    assert (await taken_in(world)).mapped == ()
    assert await there(world, Kind.CODE, "issue_resolved") == "c2"
    assert await there(world, Kind.PRESENCE, "away") is None
    assert await here(world, Kind.PRESENCE, "p3") is None


async def test_several_codes_may_be_one_of_theirs_which_means_the_first(world: World) -> None:
    await taken_in(world)
    for code in ("question", "task_created"):
        await catalogue.map_(world.desk, ROOT, CENTRE, Kind.CODE, "c2", code)
    assert await there(world, Kind.CODE, "question") == await there(
        world, Kind.CODE, "task_created"
    )
    assert await here(world, Kind.CODE, "c2") == "question"


async def test_one_queue_and_one_agent_are_one(world: World) -> None:
    await taken_in(world)
    with pytest.raises(BadInput, match="parcels stands for Parcels already"):
        await catalogue.map_(world.desk, ROOT, CENTRE, Kind.QUEUE, "q1", "returns")
    await catalogue.map_(world.desk, ROOT, CENTRE, Kind.AGENT, "u2", "ana")
    assert await here(world, Kind.AGENT, "u1") is None
    assert await here(world, Kind.AGENT, "u2") == "ana"
    await catalogue.unmap(world.desk, ROOT, CENTRE, Kind.AGENT, external_id="u2")
    assert await there(world, Kind.AGENT, "ana") is None


async def test_only_what_there_is_can_be_mapped_and_only_by_an_admin(world: World) -> None:
    await taken_in(world)
    with pytest.raises(NotFound, match='No queue "support" has external = "genesys"'):
        await catalogue.map_(world.desk, ROOT, CENTRE, Kind.QUEUE, "q1", "support")
    with pytest.raises(NotFound, match="has no such code"):
        await catalogue.map_(world.desk, ROOT, CENTRE, Kind.CODE, "c9", "question")
    with pytest.raises(NotFound, match="Nothing of Genesys Cloud is mapped so"):
        await catalogue.unmap(world.desk, ROOT, CENTRE, Kind.CODE, local="question")
    with pytest.raises(NotFound, match='no contact centre "x"'):
        await catalogue.findings(world.desk, ROOT, "x")
    sue = await world.sign_in("sue")
    for refused in (
        catalogue.import_(world.desk, sue, CENTRE),
        catalogue.map_(world.desk, sue, CENTRE, Kind.QUEUE, "q1", "parcels"),
        catalogue.unmap(world.desk, sue, CENTRE, Kind.QUEUE, "q1"),
        catalogue.findings(world.desk, sue, CENTRE),
    ):
        with pytest.raises(NotAllowed, match="Only an admin"):
            await refused


async def test_findings_say_what_is_missing_and_what_that_stops(world: World) -> None:
    (never,) = await said(world)
    assert "was never imported" in never.sentence
    await taken_in(world)
    told = [f.sentence for f in await said(world)]
    assert told == [
        "Mail in Returns is not handed over: the queue stands for none of Genesys Cloud.",
        "Ben Okafor and Sue Lind get no work of Genesys Cloud: no agent there stands for them.",
        "What Genesys Cloud offers to Ben Okafor shows on no desk: nobody here stands for them.",
        "Genesys Cloud is not told when an agent is Offline: the presence stands for none of "
        "Genesys Cloud.",
        "Wrap-ups with Closed due to customer inactivity, Question answered and Task created wait "
        "here: these codes stand for none of Genesys Cloud.",
    ]
    rules = replace(CENTRE_RULES.centres[CENTRE], fallback_code="issue_resolved")
    mild = replace(world.desk, rules=replace(CENTRE_RULES, centres={CENTRE: rules}))
    *_, last = await catalogue.findings(mild, ROOT, CENTRE)
    assert last.sentence.endswith("and Task created are sent as Issue resolved.")
    assert not last.stops


async def test_what_waited_for_a_mapping_goes_on_after_it(world: World) -> None:
    await taken_in(world)
    ana = await world.sign_in("ana")
    async with world.desk.store.write() as tx:
        order = await orders.place(world.desk, tx, CENTRE, Op.PRESENCE, agent_id=ana.agent_id)
        await ccaas_orders.change(tx, order.id, world.clock.now(), state=OrderState.PARKED.value)
    await catalogue.map_(world.desk, ROOT, CENTRE, Kind.PRESENCE, "p4", "offline")
    states = {o.id: o.state for o in await orders_of(world)}
    assert states[order.id] is OrderState.PENDING
    with pytest.raises(NotAllowed):
        await troubles.retry(world.desk, ana, order.id)

"""An admin changes the routing policy as one document; nobody else does."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor, Role, at_the_command_line
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.errors import Conflict, NotAllowed, NotFound, PolicyRefused
from agentdesk.services import setup
from agentdesk.services.desk import Desk, PolicyShelf
from agentdesk.storage.tables import queues, work_items
from tests.desks import POLICY, World, mail

ROOT = at_the_command_line("root")


async def admin(world: World) -> Actor:
    """Sue, promoted."""
    people = [replace(a, role=Role.ADMIN) if a.login == "sue" else a for a in POLICY.agents]
    await world.change_policy(agents=tuple(people))
    return await world.sign_in("sue")


async def edited(world: World, actor: Actor, old: str, new: str) -> tuple[str, int]:
    """The document in force with one change, and its version."""
    view = await setup.current(world.desk, actor)
    assert old in view.toml
    return view.toml.replace(old, new, 1), view.version


async def test_what_is_saved_holds_at_once_and_says_who_did_it(world: World) -> None:
    sue = await admin(world)
    toml, base = await edited(world, sue, 'name = "Support"', 'name = "Support"\ngoal = 95')
    assert (await setup.check(world.desk, sue, toml)).changes == ("queue support: goal usual → 95",)
    version = await setup.save(world.desk, sue, toml, base)
    assert version > base
    assert world.desk.policy.queues[0].goal == 95
    assert (await setup.history(world.desk, sue))[0].said == "by Sue Lind"


async def test_the_document_in_force_is_saved_as_nothing_new(world: World) -> None:
    sue = await admin(world)
    view = await setup.current(world.desk, sue)
    assert await setup.save(world.desk, sue, view.toml, view.version) == view.version


async def test_only_an_admin_may_look_check_save_or_restore(world: World) -> None:
    ana, sue = await world.sign_in("ana"), await world.sign_in("sue")
    for actor in (ana, sue):
        for refused in (
            setup.current(world.desk, actor),
            setup.history(world.desk, actor),
            setup.text_of(world.desk, actor, 1),
            setup.check(world.desk, actor, ""),
            setup.save(world.desk, actor, "", 1),
            setup.restore(world.desk, actor, 1, 1),
        ):
            with pytest.raises(NotAllowed, match="Only an admin"):
                await refused


async def test_the_second_of_two_admins_is_told_who_was_first(world: World) -> None:
    sue = await admin(world)
    toml, base = await edited(world, sue, 'name = "Sales"', 'name = "Shop"')
    await setup.save(world.desk, ROOT, toml, base)
    with pytest.raises(Conflict, match="changed meanwhile, by root at the command line"):
        await setup.save(world.desk, sue, toml, base)
    assert len(await setup.history(world.desk, sue)) == 3


async def test_what_is_wrong_is_refused_with_its_line(world: World) -> None:
    sue = await admin(world)
    toml, base = await edited(world, sue, 'name = "Sales"', 'name = "Sales"\ngoal = 120')
    line = toml.splitlines().index("goal = 120") + 1
    (problem,) = (await setup.check(world.desk, sue, toml)).problems
    assert (problem.line, problem.sentence[:12]) == (line, "queues[2].go")
    with pytest.raises(PolicyRefused, match=rf"line {line}: .*from 1 to 100"):
        await setup.save(world.desk, sue, toml, base)
    assert (await setup.current(world.desk, sue)).version == base


async def test_a_queue_that_a_mail_account_names_cannot_go(world: World) -> None:
    sue = await admin(world)
    view = await setup.current(world.desk, sue)
    toml = view.toml.partition('[[queues]]\nkey = "sales"')[0] + "[routing]\nramp_s = 0\n"
    (problem,) = (await setup.check(world.desk, sue, toml)).problems
    assert 'mail account "sales" sends mail to the queue "sales"' in problem.sentence
    with pytest.raises(PolicyRefused, match="Name another queue"):
        await setup.save(world.desk, sue, toml, view.version)


async def test_an_address_keeps_its_queue_too(world: World) -> None:
    rules = replace(world.desk.rules, address_queues={"shop@northwind.example": "shop"})
    sue = await admin(world)
    desk = replace(world.desk, rules=rules)
    (problem,) = (await setup.check(desk, sue, (await setup.current(desk, sue)).toml)).problems
    assert 'Mail to shop@northwind.example goes to the queue "shop"' in problem.sentence


async def test_a_queue_is_routed_only_by_a_contact_centre_that_there_is(world: World) -> None:
    sue = await admin(world)
    toml, base = await edited(world, sue, 'name = "Sales"', 'name = "Sales"\nexternal = "genesys"')
    with pytest.raises(PolicyRefused, match='"genesys", which does not exist; there are none in'):
        await setup.save(world.desk, sue, toml, base)
    centres = {"genesys": CentreRules("genesys", "Genesys Cloud")}
    desk = replace(world.desk, rules=replace(world.desk.rules, centres=centres))
    assert await setup.save(desk, sue, toml, base) > base


async def test_work_that_waits_in_a_queue_that_goes_is_told(world: World) -> None:
    sue = await admin(world)
    old = replace(world.desk.policy.queues[0], key="old")
    await world.change_policy(queues=(*world.desk.policy.queues, old))
    await world.arrive(mail(), mail(subject="Another"))
    async with world.desk.store.write() as tx:
        key = sa.select(queues.c.id).where(queues.c.key == "old").scalar_subquery()
        await tx.execute(sa.update(work_items).values(queue_id=key))
    view = await setup.current(world.desk, sue)
    toml = view.toml.replace('[[queues]]\nkey = "old"', '[[queues]]\nkey = "new"', 1)
    warnings = [w.sentence for w in (await setup.check(world.desk, sue, toml)).warnings]
    assert '2 items wait in the queue "old", which goes; they stay there until moved.' in warnings
    await setup.save(world.desk, sue, toml, view.version)


async def test_the_work_of_an_agent_who_goes_is_told(world: World) -> None:
    sue = await admin(world)
    await world.arrive(mail())
    await world.at_work("ana")
    view = await setup.current(world.desk, sue)
    start, _, rest = view.toml.partition('[[agents]]\nlogin = "ana"')
    toml = start.rpartition("#")[0] + "[[agents]]" + rest.partition("[[agents]]")[2]
    warnings = [w.sentence for w in (await setup.check(world.desk, sue, toml)).warnings]
    assert any(w.startswith("Ana Ruiz, who goes, holds 1 open interaction;") for w in warnings)


async def test_the_last_admin_stays_one(world: World) -> None:
    sue = await admin(world)
    toml, base = await edited(world, sue, 'role = "admin"', 'role = "supervisor"')
    with pytest.raises(PolicyRefused, match="Nobody would be admin any more"):
        await setup.save(world.desk, sue, toml, base)
    assert await setup.save(world.desk, ROOT, toml, base) > base


async def test_an_earlier_version_is_restored_as_a_new_one(world: World) -> None:
    sue = await admin(world)
    toml, base = await edited(world, sue, 'name = "Sales"', 'name = "Shop"')
    changed = await setup.save(world.desk, sue, toml, base)
    restored = await setup.restore(world.desk, sue, base, changed)
    assert restored > changed
    assert world.desk.policy.queues[1].name == "Sales"
    with pytest.raises(NotFound, match=r"Version 77 .* not kept"):
        await setup.restore(world.desk, sue, 77, restored)


async def test_another_process_takes_it_up(world: World) -> None:
    sue = await admin(world)
    other: Desk = replace(world.desk, session="other", shelf=PolicyShelf())
    toml, base = await edited(world, sue, 'name = "Sales"', 'name = "Shop"')
    await setup.save(world.desk, sue, toml, base)
    await services.configuration.refresh(other)
    assert other.policy == world.desk.policy

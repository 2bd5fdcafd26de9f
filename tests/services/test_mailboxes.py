"""Several mailboxes and addresses of one account: each brings its mail to its own queue."""

from dataclasses import replace

import pytest

from agentdesk import services
from agentdesk.domain.errors import NotFound
from agentdesk.domain.setup import DeskSetup, MailboxSetup
from agentdesk.services import configuration
from agentdesk.storage import mailboxes
from tests.desks import RULES, SETUP, SUPPORT, World, mail

RETURNS = "returns@northwind.example"


def with_mailboxes(*boxes: MailboxSetup) -> DeskSetup:
    support, sales = SETUP.accounts
    return replace(SETUP, accounts=(replace(support, mailboxes=boxes), sales))


async def queues(world: World) -> dict[str, str]:
    """The queue of each interaction by its subject."""
    actor = world.actors.get("ana") or await world.sign_in("ana")
    names = {q.name: q.key for q in world.desk.policy.queues}
    rows = (await services.views.interactions(world.desk, actor)).rows
    return {r.subject: names[r.queue] for r in rows}


async def test_mail_of_a_further_mailbox_goes_to_its_queue(world: World) -> None:
    await configuration.apply(world.desk, with_mailboxes(MailboxSetup("Orders", "sales")))
    await world.arrive(mail(subject="one"))
    await world.arrive(mail(subject="two"), mailbox="Orders")
    assert await queues(world) == {"one": "support", "two": "sales"}


async def test_mail_to_an_address_with_a_queue_goes_there_from_the_same_mailbox(
    world: World,
) -> None:
    rules = replace(
        RULES, own_addresses=RULES.own_addresses | {RETURNS}, address_queues={RETURNS: "sales"}
    )
    world.desk = replace(world.desk, rules=rules)
    await world.arrive(
        mail(subject="one", to=[RETURNS]),
        mail(subject="two"),
        b"X-Original-To: returns@northwind.example\r\n" + mail(subject="three"),
        b"Delivered-To: support@northwind.example\r\n" + mail(subject="four", to=[RETURNS]),
    )
    assert await queues(world) == {
        "one": "sales",
        "two": "support",
        "three": "sales",
        "four": "sales",
    }


async def test_a_mailbox_with_a_queue_wins_over_the_address(world: World) -> None:
    await configuration.apply(world.desk, with_mailboxes(MailboxSetup("VIP", "sales")))
    rules = replace(RULES, address_queues={SUPPORT: "support"})
    world.desk = replace(world.desk, rules=rules)
    await world.arrive(mail(subject="one"), mailbox="VIP")
    assert await queues(world) == {"one": "sales"}


async def test_a_mailbox_that_left_the_settings_is_not_read_and_keeps_its_place(
    world: World,
) -> None:
    setup = with_mailboxes(MailboxSetup("Orders", "sales"))
    await configuration.apply(world.desk, setup)
    await world.arrive(mail(subject="one"), mailbox="Orders")
    await configuration.apply(world.desk, SETUP)
    with pytest.raises(NotFound, match="do not name the mailbox Orders any more"):
        await world.arrive(mail(subject="two"), mailbox="Orders")
    await configuration.apply(world.desk, setup)
    async with world.desk.store.write() as tx:
        now = world.clock.now()
        again = await mailboxes.take(
            tx, "support", "Orders", world.desk.session, now, RULES.session_grace
        )
    assert again is not None
    assert (again.uidvalidity, again.next_uid) == (1, 2)
    assert await queues(world) == {"one": "sales"}

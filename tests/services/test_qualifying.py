"""New work, on both databases: where mail goes, what it needs, who is preferred for it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.condition import ConditionError
from agentdesk.domain.errors import NotAllowed
from agentdesk.domain.facts import FIELDS
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import Address
from agentdesk.domain.policy import (
    EMAIL,
    AccountTeam,
    Affinity,
    AffinitySetup,
    ChannelSetup,
    QueueSetup,
    RoutingOptions,
    ScheduleSetup,
    SkillNeed,
    SkillSetup,
    WorkRule,
)
from agentdesk.domain.work import CancelReason, WorkItem, WorkState
from agentdesk.mail.compose import File
from agentdesk.services import matters, qualifying, rechecking
from agentdesk.storage import interactions, people, work
from agentdesk.storage import tables as t
from agentdesk.storage.store import Transaction
from tests.desks import POLICY, World, mail

SUPPORT, SALES = POLICY.queues
REFUNDS = QueueSetup("refunds", "Refunds", position=50, condition='subject contains "refund"')
HISTORY = AffinitySetup(Affinity.LAST_AGENT, days=30)
MARA = Address("mara.olsen@fjord.example", "Mara Olsen")
HENRIK = Address("henrik@fjord.example", "Henrik Dahl")


async def newest(world: World) -> tuple[Interaction, WorkItem]:
    """The interaction that was opened last, and its newest work item."""
    async with world.desk.store.read() as tx:
        (i,) = await interactions.newest(tx, 1)
        items = t.work_items.c.interaction_id == i.id
        query = sa.select(t.work_items).where(items).order_by(t.work_items.c.id.desc())
        row = await tx.one(query)
        assert row is not None
        return i, work.made(row)


async def log_of(world: World) -> list[tuple[str, str]]:
    """What the log of work says, with the keys of queues."""
    joined = t.work_log.join(t.queues, t.queues.c.id == t.work_log.c.queue_id)
    query = sa.select(t.work_log.c.what, t.queues.c.key).select_from(joined)
    async with world.desk.store.read() as tx:
        return [(r.what, r.key) for r in await tx.all(query.order_by(t.work_log.c.id))]


async def enter(world: World, *emails: str, **values: Any) -> None:
    """A customer whom somebody entered before."""
    now = world.clock.now() - timedelta(days=9)
    said = {"kind": "consumer", "name": "Mara Olsen", "created_at": now, **values}
    async with world.desk.store.write() as tx:
        await people.new_customer(tx, emails, **said)


async def account(world: World, *emails: str, name: str = "Fjord AS", **values: Any) -> None:
    """A contact of an account."""
    async with world.desk.store.write() as tx:
        key = await people.new_account(tx, name)
    await enter(world, *emails, kind="contact", account_id=key, **values)


def queue_of(world: World, item: WorkItem) -> str:
    return world.desk.in_force.queues[item.queue_id].key


async def test_a_condition_brings_mail_to_its_queue(world: World) -> None:
    await world.change_policy(queues=(SUPPORT, SALES, replace(REFUNDS, size=2)))
    await world.arrive(mail(subject="A refund, please"), mail(subject="Hello"))
    async with world.desk.store.read() as tx:
        hello, refund = await interactions.newest(tx, 2)
    keys = {k: key for key, k in world.desk.in_force.queue_ids.items()}
    assert refund.queue_id is not None
    assert hello.queue_id is not None
    assert (keys[refund.queue_id], refund.size) == ("refunds", 2)
    assert (keys[hello.queue_id], hello.size) == ("support", 1)
    assert sorted(await log_of(world)) == [("arrived", "refunds"), ("arrived", "support")]


async def test_the_work_item_says_why_it_came_to_its_queue(world: World) -> None:
    await world.change_policy(queues=(SUPPORT, SALES, REFUNDS))
    await world.arrive(mail(subject="A refund, please"))
    opened = (t.events.c.record == "work_item") & (t.events.c.type == "opened")
    async with world.desk.store.read() as tx:
        row = await tx.one(sa.select(t.events).where(opened))
    assert row is not None
    assert row.data["why"] == 'Refunds takes what meets: subject contains "refund"'


async def test_a_header_is_read_from_the_stored_mail(world: World) -> None:
    lists = replace(
        REFUNDS, condition='header["X-Shop"] contains "zürich" and to contains "support"'
    )
    await world.change_policy(queues=(SUPPORT, SALES, lists))
    folded = b"X-Shop: =?utf-8?q?Filiale_Z=C3=BCrich?=\r\n\t(no. 7)\r\n"
    await world.arrive(folded + mail(subject="from the shop"))
    _, item = await newest(world)
    assert queue_of(world, item) == "refunds"
    await world.arrive(mail(subject="from elsewhere"))
    _, item = await newest(world)
    assert queue_of(world, item) == "support"


async def test_what_is_known_of_a_customer_decides(world: World) -> None:
    rules = (
        WorkRule("vip", "customer.vip", 3, 1),
        WorkRule("es", 'customer.language = "es"', None, None, (SkillNeed("es", 2),)),
        WorkRule("old", "customer.known and account.name starts with 'fjord'", 2, None),
    )
    await world.change_policy(work_rules=rules, skills=(SkillSetup("es", "Spanish"),))
    await account(world, MARA.email, vip=True, language="es")
    await world.arrive(mail(sender=MARA))
    i, item = await newest(world)
    assert (i.priority, i.size, item.priority, item.size) == (1, 3, 1, 3)
    assert item.vip
    assert item.needs == (SkillNeed("es", 2),)
    await world.arrive(mail(sender=HENRIK, subject="Another matter"))
    i, item = await newest(world)
    assert (i.priority, i.size, item.vip, item.needs) == (3, 1, False, ())


async def test_a_guest_is_known_from_the_second_batch_on(world: World) -> None:
    await world.change_policy(work_rules=(WorkRule("old", "customer.known", 2),))
    await world.arrive(mail(subject="One"), mail(subject="Two"))
    assert (await newest(world))[0].size == 1
    world.clock.turn(60 * 1)
    await world.arrive(mail(subject="Three"))
    assert (await newest(world))[0].size == 2


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ("attachments = 1 and size_kb > 5 and size_kb < 30", True),
        ('kind = "normal" and direction = "inbound" and mail_account = "support"', True),
        ('text contains "broken" and sender ends with "@fjord.example"', True),
        ('customer.domain = "fjord.example" and customer.kind = "guest"', True),
        ('channel = "email" and priority = 3 and cc is empty', True),
        ('customer.email = "mara.olsen@fjord.example" and customer.name like "mara *"', True),
        ("customer.time_zone is not empty or account.name is not empty", False),
        ('header["received"] is not empty', False),
    ],
)
async def test_conditions_mean_the_same_of_a_mail_and_of_what_was_stored(
    world: World, condition: str, met: bool
) -> None:
    await world.change_policy(queues=(SUPPORT, SALES, replace(REFUNDS, condition=condition)))
    await world.arrive(
        mail(files=[File("photo.bin", "application/octet-stream", bytes(range(256)) * 40)])
    )
    i, item = await newest(world)
    assert (queue_of(world, item) == "refunds") is met
    sue = await world.sign_in("sue")
    tried = await qualifying.try_out(world.desk, sue, condition)
    assert tried.numbers == ((i.number,) if met else ())


def test_every_field_has_a_reader() -> None:
    assert set(matters.READ) == set(FIELDS)


async def test_targets_are_in_business_time(world: World) -> None:
    now = world.clock.now()
    office = ScheduleSetup("office", "Office", "Europe/Madrid")
    queue = replace(SUPPORT, schedule="office", target_wait_s=7200, max_wait_s=36_000)
    await world.change_policy(queues=(queue, SALES), schedules=(office,))
    await world.arrive(mail())
    _, item = await newest(world)
    times = qualifying.calendar_of(world.desk, queue)
    assert (item.target_at, item.overdue_at) == (times.add(now, 7200), times.add(now, 36_000))
    assert item.target_at is not None
    assert item.overdue_at is not None
    assert item.overdue_at - item.target_at > timedelta(hours=8)
    await world.arrive(mail(subject="for sales"), account="sales")
    _, item = await newest(world)
    assert (item.target_at, item.overdue_at) == (now + timedelta(seconds=600), None)


async def answered(world: World, login: str, sender: Address) -> InteractionId:
    """A conversation that the agent takes and closes."""
    await world.arrive(mail(sender=sender, subject=f"for {login}"))
    actor, key = await world.at_work(login)
    await services.handling.close(world.desk, actor, key)
    world.clock.turn(60 * 5)
    await services.deadlines.run_passed(world.desk)
    return key


async def test_who_answered_the_customer_last_is_preferred(world: World) -> None:
    await world.change_policy(queues=(replace(SUPPORT, affinity=(HISTORY,)), SALES))
    await answered(world, "ana", MARA)
    world.clock.turn(86_400 * 3)
    await world.arrive(mail(sender=MARA, subject="Something else"))
    _, item = await newest(world)
    ((who, why),) = [(p.agent_id, p.why) for p in item.preferred]
    assert who == world.desk.in_force.agent_ids["ana"]
    assert why == "answered this customer last, 3 days ago"
    world.clock.turn(86_400 * 31)
    await world.arrive(mail(sender=MARA, subject="Long afterwards"))
    assert (await newest(world))[1].preferred == ()


async def test_who_answered_the_account_last_comes_after_who_answered_the_contact(
    world: World,
) -> None:
    await world.change_policy(queues=(replace(SUPPORT, affinity=(HISTORY,)), SALES))
    async with world.desk.store.write() as tx:
        key = await people.new_account(tx, "Fjord AS")
    for who in (MARA, HENRIK):
        await enter(world, who.email, kind="contact", account_id=key, name=who.name)
    await answered(world, "ana", MARA)
    await world.arrive(mail(sender=HENRIK, subject="From his colleague"))
    _, item = await newest(world)
    assert [p.why for p in item.preferred] == ["answered Fjord AS last, less than a day ago"]


async def test_the_team_of_the_account_and_the_owner_of_an_open_case(world: World) -> None:
    kinds = (AffinitySetup(Affinity.ACCOUNT_TEAM), AffinitySetup(Affinity.RELATED_CASE))
    await world.change_policy(
        queues=(replace(SUPPORT, affinity=kinds), SALES),
        account_teams=(AccountTeam("fjord as", ("ben", "ana")),),
    )
    await account(world, MARA.email)
    async with world.desk.store.write() as tx:
        person = (await people.by_addresses(tx, [MARA.email]))[MARA.email]
        row = {
            "number": "CS0000007",
            "state": "open",
            "subject": "Broken parcels",
            "description": "",
            "customer_id": person.customer_id,
            "owner_id": world.desk.in_force.agent_ids["sue"],
            "opened_at": world.clock.now(),
            "changed_at": world.clock.now(),
        }
        await tx.insert(t.cases, [{"id": await tx.new_id(t.cases), **row}])
    await world.arrive(mail(sender=MARA))
    _, item = await newest(world)
    names = {k: login for login, k in world.desk.in_force.agent_ids.items()}
    assert [(names[p.agent_id], p.why) for p in item.preferred] == [
        ("ben", "is in the team of Fjord AS"),
        ("ana", "is in the team of Fjord AS"),
        ("sue", "owns the open case CS0000007 of this customer"),
    ]


async def test_without_affinity_nothing_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    execute = Transaction.all

    async def counted(self: Transaction, statement: Any) -> Any:
        asked.append(str(statement))
        return await execute(self, statement)

    monkeypatch.setattr(Transaction, "all", counted)
    await world.arrive(mail(subject="One"), mail(subject="Two"))
    assert not [s for s in asked if "cases" in s or "anon_" in s]
    await world.change_policy(queues=(replace(SUPPORT, affinity=(HISTORY,)), SALES))
    asked.clear()
    await world.arrive(mail(subject="Three"), mail(subject="Four"))
    assert len([s for s in asked if "AS whose" in s]) == 1


async def test_a_reply_to_an_owner_who_is_away_is_queued_and_would_be_theirs(world: World) -> None:
    queue = replace(SUPPORT, affinity=(HISTORY,), target_wait_s=60, skills=(SkillNeed("calm"),))
    await world.change_policy(
        queues=(queue, SALES),
        options=RoutingOptions(reroute=True),
        work_rules=(WorkRule("angry", 'text contains "angry"', 3),),
    )
    await world.arrive(mail(message_id="first@fjord.example"))
    i, _ = await newest(world)
    actor, ana = await world.sign_in("ana"), world.desk.in_force.agent_ids["ana"]
    await services.offers.assign_to_me(world.desk, actor, i.id)
    await services.handling.hold(world.desk, actor, i.id)
    await services.presence.set_presence(world.desk, actor, "away")
    world.clock.turn(3600 * 2)
    await world.arrive(
        mail("I am angry.", message_id="second@fjord.example", in_reply_to="first@fjord.example")
    )
    i, item = await newest(world)
    assert (i.state.value, i.owner_id, i.size) == ("new", None, 3)
    assert (item.state, item.size, item.needs) == (WorkState.QUEUED, 3, (SkillNeed("calm"),))
    assert [(p.agent_id, p.why) for p in item.preferred] == [
        (ana, "had this conversation before it came back")
    ]
    assert item.target_at == world.clock.now() + timedelta(seconds=60)
    assert [line for line in await log_of(world) if line[0] == "arrived"] == [
        ("arrived", "support")
    ] * 2


async def test_work_that_goes_back_to_a_queue_is_qualified_for_it(world: World) -> None:
    sales = replace(SALES, size=4, skills=(SkillNeed("money"),), max_wait_s=900)
    await world.change_policy(queues=(SUPPORT, sales))
    await world.arrive(mail())
    i, first = await newest(world)
    since = world.clock.now()
    world.clock.turn(60 * 10)
    async with world.desk.store.write() as tx:
        queue_id = world.desk.in_force.queue_ids["sales"]
        item = await qualifying.requeued(
            world.desk, tx, replace(i, priority=2), queue_id, since=since, note="Please help"
        )
    assert item.id != first.id
    assert (item.queue_id, item.size, item.priority, item.note) == (queue_id, 4, 2, "Please help")
    assert item.needs == (SkillNeed("money"),)
    assert item.target_at == since + timedelta(seconds=600)
    assert item.overdue_at == world.clock.now() + timedelta(seconds=900)
    moved = qualifying.as_queued(i, item)
    assert (moved.queue_id, moved.size, moved.priority) == (queue_id, 4, 2)


URGENT = ChannelSetup("urgent", "Urgent", condition="priority <= 2", order=1)


async def cool_down(world: World) -> tuple[WorkItem, ...]:
    """Somebody finds that the newest interaction is not urgent at all."""
    async with world.desk.store.write() as tx:
        (i,) = await interactions.newest(tx, 1)
        await interactions.save(tx, replace(i, priority=4))
        return await rechecking.recheck(world.desk, tx, [i.id])


async def test_a_record_that_leaves_its_channel_is_not_searched_for_any_more(world: World) -> None:
    only = replace(EMAIL, condition="priority <= 3")
    await world.change_policy(channels=(only,))
    await world.arrive(mail(subject="Urgent: my parcel"))
    async with world.desk.store.write() as tx:
        (i,) = await interactions.newest(tx, 1)
        assert await rechecking.recheck(world.desk, tx, [i.id]) == ()
    (ended,) = await cool_down(world)
    _, item = await newest(world)
    assert item == ended
    assert (item.state, item.cancel_reason) == (WorkState.CANCELED, CancelReason.DISQUALIFIED.value)
    assert await log_of(world) == [("arrived", "support"), ("abandoned", "support")]
    assert await world.inbox("ana") == ()


async def test_a_supervisor_who_changes_the_priority_ends_the_search(world: World) -> None:
    await world.change_policy(channels=(replace(EMAIL, condition="priority <= 3"),))
    await world.arrive(mail())
    (card,) = await world.inbox("ana")
    sue = await world.sign_in("sue")
    steered = await services.steering.set_priority(world.desk, sue, [card.work_item_id], 4)
    assert (steered.done, steered.undo) == (1, ())
    assert await world.inbox("ana") == ()
    i, item = await newest(world)
    assert (i.state.value, item.cancel_reason) == ("new", CancelReason.DISQUALIFIED.value)


async def test_a_record_that_moves_to_another_channel_is_searched_for_there(world: World) -> None:
    big = replace(EMAIL, size=2)
    hot = replace(SALES, channel="urgent", condition="priority <= 2", max_wait_s=300)
    await world.change_policy(channels=(URGENT, big), queues=(SUPPORT, hot))
    await world.arrive(mail())
    async with world.desk.store.write() as tx:
        (i,) = await interactions.newest(tx, 1)
        first = await work.waiting_for(tx, i.id)
        await interactions.save(tx, replace(i, channel="urgent"))
        assert first is not None
        await work.save(tx, replace(first, channel="urgent"))
    world.clock.turn(60 * 7)
    async with world.desk.store.write() as tx:
        (ended,) = await rechecking.recheck(world.desk, tx, [i.id])
    i, item = await newest(world)
    assert ended.cancel_reason == CancelReason.DISQUALIFIED.value
    assert (i.channel, i.size, item.channel, item.size) == ("email", 2, "email", 2)
    assert (item.state, item.queued_at) == (WorkState.QUEUED, first.queued_at)
    assert queue_of(world, item) == "support"


async def test_an_admin_sees_what_a_condition_would_match(world: World) -> None:
    await world.arrive(mail(subject="A refund"), mail(subject="Hello"), mail(subject="REFUND"))
    sue, ana = await world.sign_in("sue"), await world.sign_in("ana")
    tried = await qualifying.try_out(world.desk, sue, 'subject contains "refund"')
    assert tried.of == 3
    assert tried.numbers == ("IMS0000003", "IMS0000001")
    assert tried.sentence == "matches 2 of the last 3 interactions"
    tried = await qualifying.try_out(world.desk, sue, 'header["to"] contains "support"', limit=2)
    assert (tried.of, len(tried.numbers)) == (2, 2)
    with pytest.raises(ConditionError, match="column 9"):
        await qualifying.try_out(world.desk, sue, "subject ~ 1")
    with pytest.raises(NotAllowed):
        await qualifying.try_out(world.desk, ana, "customer.vip")

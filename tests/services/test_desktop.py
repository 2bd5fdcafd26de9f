"""What an agent reads of their own work: the left pane, the title bar, the choice of presences."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agentdesk import services
from agentdesk.domain.ids import AgentId
from agentdesk.domain.policy import (
    PRESENCES,
    AutoAccept,
    ChannelSetup,
    PresenceSetup,
    QueueSetup,
    SkillNeed,
    SkillSetup,
)
from agentdesk.domain.work import Preferred
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import work
from tests.desks import POLICY, RULES, World, mail


async def test_work_on_hold_says_when_it_will_be_closed(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    await services.handling.hold(world.desk, ana, key)
    (row,) = (await services.views.desktop(world.desk, ana)).on_hold
    assert row.closes_at == world.clock.now() + RULES.inbound_silence


async def test_ongoing_work_says_since_when_and_when_the_customer_wrote_last(world: World) -> None:
    await world.arrive(mail())
    wrote = world.clock.now()
    world.clock.turn(600)
    ana, _ = await world.at_work()
    (row,) = (await services.views.desktop(world.desk, ana)).ongoing
    assert row.wrote_at == wrote
    assert row.taken_at is not None
    assert row.closes_at is None
    assert not row.given


async def test_a_running_wrap_up_stands_first_then_who_wrote(world: World) -> None:
    for number in range(3):
        await world.arrive(
            mail(subject=f"Question {number}", message_id=f"q{number}@fjord.example")
        )
    ana = await world.sign_in("ana")
    taken = {}
    for card in await world.inbox("ana"):
        taken[card.subject] = await services.offers.accept(world.desk, ana, card.work_item_id)
        world.clock.turn(60)
    await services.handling.close(world.desk, ana, taken["Question 1"])
    rows = (await services.views.desktop(world.desk, ana)).ongoing
    assert rows[0].subject == "Question 1"
    assert len(rows) == 3


async def test_a_card_names_what_is_asked_for_and_why_this_agent(world: World) -> None:
    await world.change_policy(skills=(SkillSetup("de", "German"), SkillSetup("vat", "VAT")))
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    async with world.desk.store.write() as tx:
        (row,) = await work.queued(tx)
        await work.save(
            tx,
            replace(
                work.made(row),
                needs=(SkillNeed("de", 3, mandatory=False), SkillNeed("vat", mandatory=False)),
                preferred=(Preferred(ana.agent_id, "answered last"),),
                note="Please be quick",
            ),
        )
    (card,) = await world.inbox("ana")
    assert card.skills == ("German 3", "VAT")
    assert card.reason == "answered last"
    assert card.note == "Please be quick"
    assert card.queued_at == world.clock.now()


async def test_only_presences_that_the_agent_may_choose_are_offered(world: World) -> None:
    chat = ChannelSetup("chat", "Chat")
    night = PresenceSetup("night", "Night shift", True, ("chat",), "violet", frozenset({"night"}))
    mails = PresenceSetup("mails", "Only email", True, ("email",), groups=frozenset({"support"}))
    await world.change_policy(
        presences=(*PRESENCES, night, mails), channels=(*POLICY.channels, chat)
    )
    ana = await world.sign_in("ana")
    found = {c.key: c for c in await services.presence.choices(world.desk, ana)}
    assert set(found) == {"available", "away", "offline", "mails"}
    assert [found[k].colour for k in ("available", "away", "offline")] == [
        "green",
        "yellow",
        "grey",
    ]
    assert found["mails"].takes == ("Email",)
    assert found["available"].takes == ("Email", "Chat")
    assert found["away"].takes == ()


async def test_the_title_bar_counts_by_channel_and_names_an_override(world: World) -> None:
    await world.arrive(mail())
    ana, _ = await world.at_work()
    until = world.clock.now() + timedelta(hours=2)
    async with world.desk.store.write() as tx:
        await desk_rows.change_agent(
            tx, AgentId(ana.agent_id), override_capacity=6, override_until=until
        )
    status = await services.presence.status(world.desk, ana)
    assert (status.used, status.capacity) == (1, 6)
    assert [(c.name, c.used) for c in status.channels] == [("Email", 1)]
    assert status.override_until == until
    assert status.colour == "green"
    world.clock.turn(7_201)
    assert (await services.presence.status(world.desk, ana)).override_until is None


@pytest.mark.parametrize(
    ("auto", "given", "opens"),
    [
        (AutoAccept.NO, False, False),
        (AutoAccept.CARD, True, False),
        (AutoAccept.CARD_AND_TAB, True, True),
    ],
)
async def test_work_that_is_given_says_whether_it_opens_a_tab(
    world: World, auto: AutoAccept, given: bool, opens: bool
) -> None:
    await world.change_policy(queues=(QueueSetup("support", "Support", auto_accept=auto),))
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    for card in await world.inbox("ana"):
        await services.offers.accept(world.desk, ana, card.work_item_id)
    (row,) = (await services.views.desktop(world.desk, ana)).ongoing
    assert (row.given, row.opens) == (given, opens)

"""Writing first: the interaction that opening the composer on a record creates or joins."""

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.draft import DraftContent, DraftKind
from agentdesk.domain.errors import BadInput, NotAllowed, NotFound
from agentdesk.domain.ids import AccountId, CustomerId
from agentdesk.domain.interaction import State
from agentdesk.domain.mail_identity import token_of
from agentdesk.mail.mime import understand
from agentdesk.services import configuration
from agentdesk.services.desk import Desk
from agentdesk.storage import interactions as stored
from agentdesk.storage import people
from agentdesk.storage.tables import customers, interactions
from tests.desks import SETUP, World, desk, mail


async def person(
    made: Desk, name: str = "Mara Olsen", *emails: str, kind: str = "consumer", **values: object
) -> CustomerId:
    values = {"notes": "", "vip": False, "created_at": made.clock.now(), **values}
    async with made.store.write() as tx:
        addresses = emails or ("mara.olsen@fjord.example",)
        found = await people.new_customer(tx, addresses, kind=kind, name=name, **values)
    return CustomerId(found)


async def company(made: Desk, name: str = "Fjord AS") -> AccountId:
    async with made.store.write() as tx:
        return AccountId(await people.new_account(tx, name))


async def rows(made: Desk) -> list[sa.Row[tuple[object, ...]]]:
    async with made.store.read() as tx:
        return await tx.all(sa.select(interactions).order_by(interactions.c.id))


async def test_opening_the_composer_opens_the_interaction(world: World) -> None:
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    assert draft.kind is DraftKind.NEW
    assert draft.content.to == "Mara Olsen <mara.olsen@fjord.example>"
    assert draft.content.body == "\n\n-- \nAna Ruiz\nNorthwind\n"
    assert draft.holder_session == ana.session
    (row,) = await rows(world.desk)
    assert (row.number, row.direction, row.state) == ("IMS0000001", "outbound", "work_in_progress")
    assert (row.owner_id, row.customer_id, row.opened_on) == (ana.agent_id, mara, "consumer")
    left = await services.views.desktop(world.desk, ana)
    assert [(r.number, r.subject) for r in left.ongoing] == [("IMS0000001", "Mail to Mara Olsen")]
    assert [d.draft_id for d in left.drafts] == [draft.id]
    page = await services.views.stream(world.desk, ana, draft.interaction_id)
    assert page.entries[0].title == "Opened by Ana Ruiz to write to Mara Olsen"


async def test_routing_offers_it_to_nobody_but_it_takes_capacity(world: World) -> None:
    ben, mara = await world.sign_in("ben"), await person(world.desk)
    lee = await person(world.desk, "Lee Chan", "lee@fjord.example")
    kim = await person(world.desk, "Kim Berg", "kim@fjord.example")
    for who in (mara, lee, kim):  # his capacity is two: writing first is never refused
        await services.outbound.open_for_customer(world.desk, ben, who)
    assert await world.inbox("ben") == ()
    async with world.desk.store.write() as tx:
        used = await services.capacity.in_use(world.desk, tx, ben.agent_id)
    assert used == {"email": 3}


async def test_the_second_drafter_joins_and_becomes_owner_the_sender_too(world: World) -> None:
    ana, ben = await world.sign_in("ana"), await world.sign_in("ben")
    mara = await person(world.desk)
    first = await services.outbound.open_for_customer(world.desk, ana, mara)
    second = await services.outbound.open_for_customer(world.desk, ben, mara)
    assert second.interaction_id == first.interaction_id
    assert second.id != first.id
    (row,) = await rows(world.desk)
    assert row.owner_id == ben.agent_id
    hers = await services.views.desktop(world.desk, ana)
    assert (hers.ongoing, [d.draft_id for d in hers.drafts]) == ((), [first.id])
    said = replace(first.content, subject="Your order", body="Dear Mara,")
    await services.drafts.save(world.desk, ana, first.id, first.token, said)
    await services.sending.queue(world.desk, ana, first.id, first.token)
    (row,) = await rows(world.desk)
    assert (row.owner_id, row.subject, row.state) == (ana.agent_id, "Your order", "on_hold")
    page = await services.views.stream(world.desk, ana, first.interaction_id)
    titles = [e.title for e in page.entries]
    assert [t for t in titles if "works on it" in t] == [
        "Ben Okafor works on it",
        "Ana Ruiz works on it",
    ]


async def test_what_waits_for_an_answer_is_not_joined(world: World) -> None:
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    first = await services.outbound.open_for_customer(world.desk, ana, mara)
    await services.handling.hold(world.desk, ana, first.interaction_id)
    second = await services.outbound.open_for_customer(world.desk, ana, mara)
    assert second.interaction_id != first.interaction_id


@pytest.mark.parametrize("kind", ["contact", "consumer", "guest", "account"])
async def test_a_setting_gives_each_agent_their_own(world: World, kind: str) -> None:
    rules = replace(world.desk.rules, interaction_per_agent_for=frozenset({kind}))
    world.desk = replace(world.desk, rules=rules)
    ana, ben = await world.sign_in("ana"), await world.sign_in("ben")
    fjord = await company(world.desk)
    is_of = fjord if kind in ("contact", "account") else None
    known_as = "contact" if kind == "account" else kind
    mara = await person(world.desk, kind=known_as, account_id=is_of)

    async def opened(actor: object) -> int:
        if kind == "account":
            made = await services.outbound.open_for_account(world.desk, actor, fjord, mara)  # type: ignore[arg-type]
        else:
            made = await services.outbound.open_for_customer(world.desk, actor, mara)  # type: ignore[arg-type]
        return made.interaction_id

    hers, his = await opened(ana), await opened(ben)
    assert hers != his
    assert (await opened(ana), await opened(ben)) == (hers, his)
    (draft, *_) = (await services.views.desktop(world.desk, ana)).drafts
    with pytest.raises(NotAllowed, match="is not yours"):
        await services.drafts.take_over(world.desk, ben, draft.draft_id)


async def test_an_account_is_shared_by_all_who_write_to_its_contacts(world: World) -> None:
    ana, ben = await world.sign_in("ana"), await world.sign_in("ben")
    fjord = await company(world.desk)
    mara = await person(world.desk, kind="contact", account_id=fjord)
    lee = await person(
        world.desk, "Lee Chan", "lee@fjord.example", kind="contact", account_id=fjord
    )
    alone = await services.outbound.open_for_customer(world.desk, ana, mara)
    first = await services.outbound.open_for_account(world.desk, ana, fjord, mara)
    second = await services.outbound.open_for_account(world.desk, ben, fjord, lee)
    assert first.interaction_id == second.interaction_id != alone.interaction_id
    assert second.content.to == "Lee Chan <lee@fjord.example>"
    stranger = await person(world.desk, "Kim Berg", "kim@else.example")
    with pytest.raises(BadInput, match="Kim Berg does not belong to Fjord AS"):
        await services.outbound.open_for_account(world.desk, ana, fjord, stranger)
    with pytest.raises(NotFound, match="account"):
        await services.outbound.open_for_account(world.desk, ana, AccountId(999), stranger)


async def test_editing_to_leaves_it_with_its_customer(world: World) -> None:
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    said = replace(draft.content, to="lee@else.example", body="Dear Lee,")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, said)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    (row,) = await rows(world.desk)
    assert row.customer_id == mara


async def test_a_refused_address_is_not_written_to(world: World) -> None:
    ana = await world.sign_in("ana")
    mara = await person(world.desk, "Mara Olsen", "a@fjord.example", "b@fjord.example")
    async with world.desk.store.write() as tx:
        await people.mark_bounced(tx, ["a@fjord.example"], world.clock.now())
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    assert draft.content.to == "Mara Olsen <b@fjord.example>"
    async with world.desk.store.write() as tx:
        await people.mark_bounced(tx, ["b@fjord.example"], world.clock.now())
    ben = await world.sign_in("ben")
    assert (await services.outbound.open_for_customer(world.desk, ben, mara)).content.to == ""


async def test_it_is_written_from_the_account_that_was_used_last(world: World) -> None:
    teams = {"support": "sales"}
    queues = tuple(
        replace(q, pools=(replace(q.pools[0], groups=frozenset({teams.get(q.key, "support")})),))
        for q in world.desk.policy.queues
    )
    await world.change_policy(queues=queues)  # ana serves sales only
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    (row,) = await rows(world.desk)
    sales = row.mail_account_id
    said = replace(draft.content, body="Dear Mara,")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, said)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    await world.change_policy(queues=SETUP.policy.queues)  # support is the first that she serves
    again = await services.outbound.open_for_customer(world.desk, ana, mara)
    lee = await person(world.desk, "Lee Chan", "lee@fjord.example")
    other = await services.outbound.open_for_customer(world.desk, ana, lee)
    by_id = {r.id: r.mail_account_id for r in await rows(world.desk)}
    assert by_id[again.interaction_id] == sales != by_id[other.interaction_id]


async def test_nobody_is_written_to_who_was_erased_and_the_merged_is_who_they_are(
    world: World,
) -> None:
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    twin = await person(world.desk, "M. Olsen", "m.olsen@fjord.example")
    async with world.desk.store.write() as tx:
        joined = sa.update(customers).where(customers.c.id == twin).values(merged_into=mara)
        await tx.execute(joined)
    draft = await services.outbound.open_for_customer(world.desk, ana, twin)
    (row,) = await rows(world.desk)
    assert row.customer_id == mara
    assert "mara.olsen@" in draft.content.to
    async with world.desk.store.write() as tx:
        gone = sa.update(customers).where(customers.c.id == mara)
        await tx.execute(gone.values(erased_at=world.clock.now()))
    with pytest.raises(BadInput, match="was erased"):
        await services.outbound.open_for_customer(world.desk, ana, twin)
    with pytest.raises(NotFound, match="customer does not exist"):
        await services.outbound.open_for_customer(world.desk, ana, CustomerId(999))


async def test_a_desk_without_mail_says_so(world: World) -> None:
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    await configuration.apply(world.desk, replace(SETUP, accounts=()))
    with pytest.raises(BadInput, match="No mail account"):
        await services.outbound.open_for_customer(world.desk, ana, mara)


async def test_two_who_open_at_one_instant_share_one_interaction(url: str) -> None:
    async with desk(url) as one, desk(url) as other:
        here, there = World(one, one.clock), World(other, other.clock)  # type: ignore[arg-type]
        ana, ben = await here.sign_in("ana"), await there.sign_in("ben")
        for n in range(8):
            mara = await person(one, f"Customer {n}", f"c{n}@fjord.example")
            first, second = await asyncio.gather(
                services.outbound.open_for_customer(one, ana, mara),
                services.outbound.open_for_customer(other, ben, mara),
            )
            assert first.interaction_id == second.interaction_id
        found = await rows(one)
        assert len(found) == 8
        assert {r.state for r in found} == {State.WORK_IN_PROGRESS.value}


async def test_undoing_the_only_mail_leaves_it_unsent(world: World) -> None:
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    said = DraftContent(to=draft.content.to, subject="Your order", body="Dear Mara,")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, said)
    box = await services.sending.queue(world.desk, ana, draft.id, draft.token)
    back = await services.sending.cancel(world.desk, ana, box)
    await services.drafts.discard(world.desk, ana, back.id, back.token)
    (row,) = await rows(world.desk)
    assert (row.state, row.sent, row.first_response_at) == ("closed_abandoned", 0, None)


async def test_the_answer_to_a_mail_that_we_wrote_first_lands_in_its_conversation(
    world: World,
) -> None:
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    said = replace(draft.content, subject="Your order", body="It is here.")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, said)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await services.outgoing.claim(world.desk, [1, 2])
    assert job is not None
    sent = understand(job.raw)
    assert (sent.in_reply_to, sent.references) == ((), ())
    async with world.desk.store.read() as tx:
        token = await stored.token_of(tx, draft.interaction_id)
    assert token_of(sent.message_id) == token
    assert (await rows(world.desk))[0].state == "on_hold"
    await world.arrive(mail("Thank you.", subject="AW: Your order", in_reply_to=job.header_id))
    ((row,), left) = (await rows(world.desk), await services.views.desktop(world.desk, ana))
    assert (row.state, left.ongoing[0].unread) == ("work_in_progress", 1)


async def test_a_reply_to_our_own_unanswered_mail_goes_where_that_went(world: World) -> None:
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    said = replace(draft.content, subject="Your order", body="It is here.")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, said)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    more = await services.drafts.open_reply(world.desk, ana, draft.interaction_id, everyone=False)
    assert more.content.to == "Mara Olsen <mara.olsen@fjord.example>"
    assert more.content.subject == "Re: Your order"
    assert "> It is here." in more.content.body


async def test_reply_goes_on_with_the_new_mail_while_there_is_nothing_to_reply_to(
    world: World,
) -> None:
    ana, mara = await world.sign_in("ana"), await person(world.desk)
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    key = draft.interaction_id
    same = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    assert same.id == draft.id

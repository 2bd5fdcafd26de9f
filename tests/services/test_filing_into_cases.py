"""Mail finds its case, moves it, and says why it came there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain import case as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseState, NewCase
from agentdesk.domain.ids import CaseId, MessageId
from agentdesk.domain.ladder import Rung, Unthreaded
from agentdesk.domain.matching import Conversation, Letter, Match, Weighed
from agentdesk.domain.message import Address
from agentdesk.domain.rules import Linking
from agentdesk.domain.views import EntryKind, StreamEntry
from agentdesk.storage import blobs, cases, interactions, links, messages
from agentdesk.storage.tables import outbox as outbox_table
from tests.desks import World, mail

LEE = Address("lee@pine.example", "Lee Park")


async def became_a_case(
    world: World, first: str, text: str = "It is broken."
) -> tuple[Actor, CaseId]:
    """A mail with the id *first* came, and its interaction became a case."""
    await world.arrive(mail(text, message_id=first, subject=f"About {first}"))
    actor, key = await world.at_work()
    return actor, await services.cases.create(world.desk, actor, key, NewCase())


async def case_of(world: World, case_id: CaseId) -> Any:
    async with world.desk.store.read() as tx:
        return await cases.get(tx, case_id)


async def mails(world: World, actor: Actor, case_id: CaseId) -> list[StreamEntry]:
    page = await services.cases.stream(world.desk, actor, case_id)
    return [e for e in page.entries if e.message_id]


async def test_reply_to_an_interaction_that_became_a_case_goes_to_that_case(world: World) -> None:
    ana, case_id = await became_a_case(world, "one@fjord.example")
    await world.arrive(mail("And the lid, too.", in_reply_to="one@fjord.example"))
    entries = await mails(world, ana, case_id)
    assert [e.text.strip() for e in entries] == ["It is broken.", "And the lid, too."]
    view = await services.links.decision(world.desk, ana, entries[1].message_id or MessageId(0))
    assert (view.number, view.rung) == ("CS0000001", Rung.ITS_CASE)
    assert view.reason == (
        "It refers to a message in IMS0000001, which is closed and became CS0000001."
    )


async def test_a_later_mail_that_cites_one_in_the_case_is_appended_there(world: World) -> None:
    ana, case_id = await became_a_case(world, "one@fjord.example")
    await world.arrive(
        mail("Two.", in_reply_to="one@fjord.example", message_id="two@fjord.example")
    )
    await world.arrive(mail("Three.", in_reply_to="two@fjord.example"))
    *_, last = await mails(world, ana, case_id)
    view = await services.links.decision(world.desk, ana, last.message_id or MessageId(0))
    assert (view.rung, view.reason) == (Rung.REFERENCE, "It refers to a message in CS0000001.")


async def test_the_number_of_a_case_in_the_subject_counts_for_who_takes_part(world: World) -> None:
    ana, case_id = await became_a_case(world, "one@fjord.example")
    await world.arrive(mail("Any news?", subject="CS0000001"))
    assert len(await mails(world, ana, case_id)) == 2
    await world.arrive(mail("Any news?", subject="CS0000001", sender=LEE))
    assert len(await mails(world, ana, case_id)) == 2


async def test_the_customers_words_open_a_waiting_or_resolved_case_again(world: World) -> None:
    ana, case_id = await became_a_case(world, "one@fjord.example")
    async with world.desk.store.write() as tx:
        c = await cases.get(tx, case_id)
        now = world.clock.now()
        c = moves.be_assigned(c, ana.agent_id, "", now)
        await cases.save(tx, moves.be_resolved(c, "solved", "Sent a new one.", now))
    await world.arrive(mail("No, it is not.", in_reply_to="one@fjord.example"))
    after = await case_of(world, case_id)
    assert (after.state, after.reopened) == (CaseState.OPEN, 1)


async def test_a_reply_to_a_closed_case_makes_a_new_interaction_that_is_linked_to_it(
    world: World,
) -> None:
    ana, case_id = await became_a_case(world, "one@fjord.example")
    await world.arrive(
        mail("Two.", in_reply_to="one@fjord.example", message_id="two@fjord.example")
    )
    await close(world, case_id)
    await world.arrive(
        mail("Again.", in_reply_to="two@fjord.example", message_id="x@fjord.example")
    )
    async with world.desk.store.read() as tx:
        (newest,) = await interactions.newest(tx, 1)
    assert (newest.case_id, newest.parent_id) == (case_id, None)
    head = await services.views.interaction(world.desk, ana, newest.id)
    assert head.number_of_case == "CS0000001"
    await world.arrive(mail("And again.", in_reply_to="two@fjord.example"))
    page = await services.views.stream(world.desk, ana, newest.id)
    assert len([e for e in page.entries if e.message_id]) == 2, (
        "the open one that is linked takes it"
    )


async def close(world: World, case_id: CaseId, **changes: Any) -> None:
    async with world.desk.store.write() as tx:
        c = await cases.get(tx, case_id)
        await cases.save(tx, replace(c, state=CaseState.CLOSED, **changes))


async def test_mail_of_a_merged_case_goes_to_what_took_it_over(world: World) -> None:
    _, gone = await became_a_case(world, "one@fjord.example")
    ana, kept = await became_a_case(world, "other@fjord.example")
    await close(world, gone, merged_into=kept)
    await world.arrive(mail("Which one?", in_reply_to="one@fjord.example"))
    assert len(await mails(world, ana, kept)) == 2 + 1


async def closed_talk(world: World, first: str, case_id: CaseId) -> None:
    """A closed interaction that belongs to no case any more."""
    async with world.desk.store.write() as tx:
        for i in await interactions.newest(tx, 5):
            if i.case_id == case_id:
                await interactions.save(tx, replace(i, case_id=None))


async def test_of_several_open_cases_the_best_match_takes_the_reply(world: World) -> None:
    ana, tent = await became_a_case(
        world, "tent@fjord.example", "The tent pole T-5512 is cracked at the joint."
    )
    _, lamp = await became_a_case(
        world, "lamp@fjord.example", "The lamp L-77 flickers when it is plugged in."
    )
    _, old = await became_a_case(world, "old@fjord.example", "Where is your shop?")
    await closed_talk(world, "old@fjord.example", old)
    await close(world, old)
    words = "Hello Ana, the cracked tent pole T-5512: the joint broke off completely."
    subject = "Re: About tent@fjord.example"
    await world.arrive(mail(words, subject=subject, in_reply_to="old@fjord.example"))
    *_, last = await newest_mail(world, ana, tent, lamp)
    view = await services.links.decision(world.desk, ana, last)
    assert view.rung in (Rung.BEST_SCORE, Rung.MOST_RECENT)
    assert view.matcher == "keywords"
    assert {c.number for c in view.candidates} == {"CS0000001", "CS0000002"}
    assert view.candidates[0].number == "CS0000001", "the tent is likelier than the lamp"
    assert view.candidates[0].words
    assert view.candidates[0].score > view.candidates[1].score
    chosen = next(c for c in view.candidates if c.chosen)
    assert chosen.number == view.number


async def newest_mail(world: World, actor: Actor, *ids: CaseId) -> list[MessageId]:
    found = [e.message_id for key in ids for e in await mails(world, actor, key)]
    return sorted(key for key in found if key is not None)


async def test_the_stream_of_the_case_says_why_the_mail_came_there(world: World) -> None:
    ana, case_id = await became_a_case(world, "one@fjord.example")
    await world.arrive(mail("And the lid, too.", in_reply_to="one@fjord.example"))
    page = await services.cases.stream(world.desk, ana, case_id)
    titles = [e.title for e in page.entries if e.kind is EntryKind.CHANGE]
    assert any("which is closed and became CS0000001" in t for t in titles)


async def test_a_mail_of_a_known_customer_that_names_nothing_is_only_proposed(world: World) -> None:
    linking_by(world, Linking(threshold=0.3))
    await world.arrive(
        mail("The tent pole T-5512 is cracked at the joint.", subject="Tent pole T-5512 cracked")
    )
    again = "The tent pole T-5512 with the cracked joint: when does the new pole come?"
    await world.arrive(mail(again, subject="Re: Tent pole T-5512 cracked"))
    async with world.desk.store.read() as tx:
        newest, first = await interactions.newest(tx, 2)
        (row,) = [d for n in range(1, 4) if (d := await links.decision(tx, n))]
    assert (row.rung, row.proposed_id) == ("new", first.id)
    ana = await world.sign_in("ana")
    view = await services.links.decision(world.desk, ana, MessageId(row.message_id))
    assert (view.number, view.proposed and view.proposed.number) == (newest.number, first.number)
    await services.links.accept(world.desk, ana, MessageId(row.message_id))
    view = await services.links.decision(world.desk, ana, MessageId(row.message_id))
    assert (view.number, view.proposed) == (first.number, None)
    assert view.moved == f"Moved from {newest.number} by Ana Ruiz"


def linking_by(world: World, how: Linking) -> None:
    """The desk follows other rules from now on."""
    world.desk = replace(world.desk, rules=replace(world.desk.rules, linking=how))


async def test_a_mail_that_names_nothing_is_linked_only_where_settings_want_it(
    world: World,
) -> None:
    linking_by(world, Linking(threshold=0.3, unthreaded=Unthreaded.LINK))
    words = "The tent pole T-5512 is cracked at the joint."
    await world.arrive(mail(words, subject="Tent pole T-5512 cracked"))
    await world.arrive(mail(f"{words} When?", subject="Re: Tent pole T-5512 cracked"))
    ana, key = await world.at_work()
    page = await services.views.stream(world.desk, ana, key)
    assert len([e for e in page.entries if e.message_id]) == 2
    linking_by(world, Linking(unthreaded=Unthreaded.OFF))
    await world.arrive(mail(f"{words} Now?", subject="Re: Tent pole T-5512 cracked"))
    async with world.desk.store.read() as tx:
        assert len(await interactions.newest(tx, 9)) == 2
        assert await links.decision(tx, 4) is None, "nobody was asked"


async def test_a_declined_proposal_is_gone_and_the_mail_stays(world: World) -> None:
    linking_by(world, Linking(threshold=0.3))
    words = "The tent pole T-5512 is cracked at the joint."
    await world.arrive(mail(words, subject="Tent pole T-5512 cracked"))
    await world.arrive(mail(words, subject="Re: Tent pole T-5512 cracked"))
    ana = await world.sign_in("ana")
    await services.links.decline(world.desk, ana, MessageId(2))
    view = await services.links.decision(world.desk, ana, MessageId(2))
    assert (view.number, view.proposed) == ("IMS0000002", None)


async def test_an_automatic_mail_moves_no_case(world: World) -> None:
    _, case_id = await became_a_case(world, "one@fjord.example")
    before = await case_of(world, case_id)
    raw = mail("I am away.", in_reply_to="one@fjord.example")
    await world.arrive(b"Auto-Submitted: auto-replied\r\n" + raw)
    assert await case_of(world, case_id) == before


async def test_the_same_mail_from_two_places_is_filed_into_its_case_once(world: World) -> None:
    ana, case_id = await became_a_case(world, "one@fjord.example")
    raw = mail("Once.", in_reply_to="one@fjord.example")
    await world.arrive(raw)
    await world.arrive(raw, account="sales")
    assert len(await mails(world, ana, case_id)) == 2


async def outgoing(world: World) -> list[Any]:
    async with world.desk.store.read() as tx:
        return await tx.all(sa.select(outbox_table).order_by(outbox_table.c.id))


async def test_the_agent_hears_of_an_unexpected_answer_by_mail_if_settings_want_it(
    world: World,
) -> None:
    agents = tuple(
        replace(a, email="ana.ruiz@northwind.example") if a.login == "ana" else a
        for a in world.desk.policy.agents
    )
    await world.change_policy(agents=agents)
    ana, case_id = await became_a_case(world, "one@fjord.example")
    await services.cases.assign_to_me(world.desk, ana, case_id)
    await world.arrive(mail("Two.", in_reply_to="one@fjord.example"))
    assert await outgoing(world) == [], "the unread mark tells it; nobody asked for mail"
    await services.cases.mark_read(world.desk, ana, case_id, 10_000)
    linking_by(world, Linking(notify_by_mail=True))
    await world.arrive(mail("Three.", in_reply_to="one@fjord.example"))
    await world.arrive(mail("Four.", in_reply_to="one@fjord.example"))
    (box,) = await outgoing(world)
    assert box.recipients == ["ana.ruiz@northwind.example"], "one until it is read"
    async with world.desk.store.read() as tx:
        row = await messages.get(tx, box.message_id)
        raw = await blobs.get(tx, row.sha256)
        before = await interactions.newest(tx, 99)
    assert b"CS0000001" in raw
    assert b"Mara" not in raw
    assert b"Auto-Submitted: auto-generated" in raw
    await world.arrive(raw)
    async with world.desk.store.read() as tx:
        assert await interactions.newest(tx, 99) == before, "our own notice opens nothing"
    assert len(await mails(world, ana, case_id)) == 4


class Slow:
    """A matcher that is asked over a network."""

    name = "slow"

    def __init__(self, world: World, say: float) -> None:
        self.world, self.say, self.asked = world, say, 0

    async def match(self, letter: Letter, conversations: Sequence[Conversation]) -> Match:
        self.asked += 1
        async with self.world.desk.store.write():
            pass  # nobody holds the database while it thinks
        rest = (1 - self.say) / len(conversations)
        first, *others = sorted(conversations, key=lambda c: c.id)
        weighed = [Weighed(first.id, self.say, ("asked",)), *(Weighed(c.id, rest) for c in others)]
        return Match(tuple(weighed), rest, self.name)


async def several_open(world: World) -> tuple[Actor, CaseId, CaseId]:
    """Two open cases, and a closed conversation that belongs to neither."""
    ana, first = await became_a_case(world, "tent@fjord.example", "The tent pole is cracked.")
    _, second = await became_a_case(world, "lamp@fjord.example", "The lamp flickers.")
    _, old = await became_a_case(world, "old@fjord.example", "Where is your shop?")
    await closed_talk(world, "old@fjord.example", old)
    await close(world, old)
    return ana, first, second


async def test_a_slow_matcher_is_asked_before_the_mail_is_filed(world: World) -> None:
    ana, first, _ = await several_open(world)
    slow = Slow(world, 0.97)
    world.desk = replace(world.desk, matcher=slow)
    await world.arrive(mail("And now?", in_reply_to="old@fjord.example"))
    *_, last = await newest_mail(world, ana, first)
    view = await services.links.decision(world.desk, ana, last)
    assert (view.rung, view.matcher, slow.asked) == (Rung.BEST_SCORE, "slow", 1)
    assert view.number == "CS0000001"
    assert view.reason.endswith("of 2 open records CS0000001 matches best (97 %: “asked”).")


class Broken(Slow):
    """One that fails."""

    async def match(self, letter: Letter, conversations: Sequence[Conversation]) -> Match:
        raise RuntimeError("no answer")


async def test_keywords_decide_where_a_slow_matcher_fails(world: World) -> None:
    ana, first, second = await several_open(world)
    world.desk = replace(world.desk, matcher=Broken(world, 1.0))
    await world.arrive(mail("And now?", in_reply_to="old@fjord.example"))
    *_, last = await newest_mail(world, ana, first, second)
    view = await services.links.decision(world.desk, ana, last)
    assert (view.matcher, len(view.candidates)) == ("keywords", 2)


class Meddling(Slow):
    """While it thinks, one of the candidates is closed."""

    async def match(self, letter: Letter, conversations: Sequence[Conversation]) -> Match:
        async with self.world.desk.store.read() as tx:
            keys = await cases.by_numbers(tx, ["CS0000001"])
        await close(self.world, keys["CS0000001"])
        return await super().match(letter, conversations)


async def test_an_answer_counts_only_while_the_candidates_are_the_same(world: World) -> None:
    ana, _, second = await several_open(world)
    world.desk = replace(world.desk, matcher=Meddling(world, 0.97))
    await world.arrive(mail("And now?", in_reply_to="old@fjord.example"))
    *_, last = await newest_mail(world, ana, second)
    view = await services.links.decision(world.desk, ana, last)
    assert (view.rung, view.number) == (Rung.OPEN_CASE, "CS0000002")

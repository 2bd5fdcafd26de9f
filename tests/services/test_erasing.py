"""A person is erased: nothing of them is found in any table or file, and counts stay."""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseChanges, CaseState, NewCase
from agentdesk.domain.errors import Conflict, NotAllowed
from agentdesk.domain.ids import CaseId, CustomerId, InteractionId
from agentdesk.domain.message import Address
from agentdesk.domain.people import AccountDetails, Kind, PersonDetails
from agentdesk.mail.compose import File
from agentdesk.services import cases_inside
from agentdesk.storage import cases, events, finding, interactions
from agentdesk.storage.store import sqlite_file
from agentdesk.storage.tables import metadata
from tests.desks import SUPPORT, World, mail

ZOE = Address("zoe.zyxwick@quillfeather.example", "Zoe Zyxwick")
LEE = Address("lee@pine.example", "Lee Park")
PLANTED = (
    *("zyxwick", "quillfeather", "marmalade", "parrotfish", "gooseberry", "umbrellabird"),
    *("kumquat", "tamarillo", "Europe/Vaduz", "dragonfruit", "boysenberry"),
    *("salamander", "persimmon", "loganberry", "wolfhound", "cloudberry", "nightjar"),
)
"""Words that stand nowhere but in what is to be erased, each in another place."""


async def planted(world: World) -> tuple[Actor, CustomerId, InteractionId]:
    """Zoe wrote, was answered, noted about, joined, and wrote in Lee's conversation."""
    file = File("dragonfruit.txt", "text/plain", b"words")
    await world.arrive(
        mail("My marmalade leaks.", sender=ZOE, subject="About parrotfish", files=[file])
    )
    ana, key = await world.at_work()
    desk = world.desk
    await services.notes.add(desk, ana, key, "Zoe wants a gooseberry.")
    draft = await services.drafts.open_reply(desk, ana, key, everyone=False)
    content = replace(draft.content, body="Dear Zoe, no umbrellabird today.")
    await services.drafts.save(desk, ana, draft.id, draft.token, content)
    await services.sending.queue(desk, ana, draft.id, draft.token)
    again = await services.drafts.open_reply(desk, ana, key, everyone=False)
    content = replace(again.content, body="And a kumquat.")
    await services.drafts.save(desk, ana, again.id, again.token, content)
    (hit,) = await services.people.find(desk, ana, "zoe")
    assert hit.customer_id
    account = await services.people.create_account(desk, ana, AccountDetails("Pine"))
    said = PersonDetails(
        "Zoe Zyxwick", "de", "Europe/Vaduz", True, "Likes tamarillo.", ("boysenberry",), account
    )
    await services.people.verify(desk, ana, hit.customer_id, Kind.CONTACT, said)
    await services.people.add_address(desk, ana, hit.customer_id, "zz@quillfeather.example")
    second = await services.people.create(
        desk, ana, Kind.CONSUMER, PersonDetails("Z. Zyxwick"), ["z@quillfeather.example"]
    )
    await services.merging.merge(desk, ana, hit.customer_id, second)
    return ana, hit.customer_id, key


async def planted_in_a_case(world: World, ana: Actor, key: InteractionId) -> CaseId:
    """The interaction became a case, in which everything that can be said was said."""
    desk = world.desk
    new = NewCase("The salamander", "She wants a persimmon.", assign_to=ana.agent_id)
    case_id = await services.cases.create(desk, ana, key, new)
    async with desk.store.write() as tx:
        case = await cases.get(tx, case_id)
        await cases_inside.heard_from_customer(desk, tx, case, "Zoe Zyxwick", "A loganberry!")
    await services.cases.edit(desk, ana, case_id, CaseChanges("A wolfhound and the salamander"))
    await services.cases.resolve(desk, ana, case_id, "solved", "Gave her a cloudberry.")
    async with desk.store.write() as tx:
        row = {"message_id": 1, "at": world.clock.now(), "candidates": [{"words": ["nightjar"]}]}
        await tx.put(metadata.tables["link_decisions"], row)
    return case_id


async def in_lees_conversation(world: World, *also: str) -> None:
    await world.arrive(
        mail("Lee here.", sender=LEE, to=(SUPPORT, *also), message_id="lee@pine.example")
    )
    await world.arrive(
        mail(
            "Marmalade, too.", sender=ZOE, message_id="z2@x.example", in_reply_to="lee@pine.example"
        )
    )


async def sent(world: World) -> None:
    """What waits in the outbox went out."""
    async with world.desk.store.write() as tx:
        await tx.execute(sa.text("UPDATE outbox SET state = 'sent'"))


async def everything(world: World) -> dict[str, str]:
    """Each table as text, contents of mails unpacked."""
    found = {}
    async with world.desk.store.read() as tx:
        for table in metadata.sorted_tables:
            rows = await tx.all(sa.select(table))
            found[table.name] = "\n".join(map(_text, rows))
        if tx.dialect == "postgresql":
            rows = await tx.all(sa.text("SELECT document FROM message_search"))
        else:
            rows = await tx.all(sa.text("SELECT block FROM message_search_data"))
        found["message_search"] = "\n".join(map(_text, rows))
    return found


def _text(row: Any) -> str:
    return " ".join(_readable(value) for value in row)


def _readable(value: Any) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return zlib.decompress(value).decode("utf-8", "replace")
    except zlib.error:
        return value.decode("utf-8", "replace")


def leaks(tables: dict[str, str]) -> Iterator[str]:
    for name, said in tables.items():
        for word in PLANTED:
            if word.casefold() in said.casefold():
                yield f"{word} in {name}: {said[:400]}"


async def test_nothing_planted_is_left_in_any_table_nor_in_the_file(world: World) -> None:
    ana, zoe, key = await planted(world)
    await in_lees_conversation(world)
    await sent(world)
    case_id = await planted_in_a_case(world, ana, key)
    async with world.desk.store.read() as tx:
        token = await cases.token_of(tx, case_id)
    before = await everything(world)
    assert {w for w in PLANTED if any(w.casefold() in t.casefold() for t in before.values())} == {
        *PLANTED
    }
    sue = await world.sign_in("sue")
    done = await services.erasing.erase(world.desk, sue, zoe)
    assert (done.interactions, done.cases, done.messages, done.drafts) == (1, 1, 3, 1)
    assert not done.index_pending
    assert list(leaks(await everything(world))) == []
    await services.erasing.compact(world.desk, sue)
    path = sqlite_file(world.desk.store.url)
    if path is not None:
        raw = b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*")).lower()
        assert [w for w in PLANTED if w.lower().encode() in raw] == []
    page = await services.views.stream(world.desk, sue, key)
    assert [e.text for e in page.entries if e.message_id] == ["", ""]
    view = await services.cases.view(world.desk, sue, case_id)
    assert (view.subject, view.description, view.notes, view.state) == (
        "Erased",
        "",
        "",
        CaseState.RESOLVED,
    )
    async with world.desk.store.read() as tx:
        assert await cases.token_of(tx, case_id) != token
        assert await interactions.participants_of(tx, [case_id]) == {}


async def test_counts_states_and_chains_stay_and_the_log_says_who(world: World) -> None:
    _, zoe, key = await planted(world)
    await in_lees_conversation(world)
    await sent(world)
    counted = ("interactions", "messages", "work_items", "work_log", "outbox", "wrap_up_segments")
    before = {name: await count(world, name) for name in counted}
    sue = await world.sign_in("sue")
    await services.erasing.erase(world.desk, sue, zoe)
    assert {name: await count(world, name) for name in counted} == before
    async with world.desk.store.read() as tx:
        heads = await tx.all(sa.select(metadata.tables["chain_heads"]))
        broken = [h for h in heads if await events.first_broken_link(tx, h.record, h.record_id)]
        assert broken == []
        (*_, last) = await events.of_record(tx, "customer", zoe)
    assert (last.type, last.actor_name, last.data["messages"]) == ("erased", "Sue Lind", 3)
    record = await services.people.record(world.desk, sue, zoe)
    assert (record.details, record.addresses) == (PersonDetails("Erased"), ())
    assert record.erased_at == world.clock.now()
    page = await services.people.history(world.desk, sue, customer_id=zoe)
    assert [(r.number, r.subject) for r in page.rows] == [("IMS0000001", "Erased")]
    assert await services.people.find(world.desk, sue, "zoe") == ()
    assert await services.people.find(world.desk, sue, "erased") == ()


async def count(world: World, table: str) -> int:
    async with world.desk.store.read() as tx:
        row = await tx.one(sa.select(sa.func.count()).select_from(metadata.tables[table]))
    assert row is not None
    return int(row[0])


async def test_an_erased_event_that_is_filled_again_is_noticed(world: World) -> None:
    _, zoe, _ = await planted(world)
    await sent(world)
    sue = await world.sign_in("sue")
    await services.erasing.erase(world.desk, sue, zoe)
    table = metadata.tables["events"]
    async with world.desk.store.write() as tx:
        row = (await events.of_record(tx, "customer", zoe))[0]
        await tx.execute(
            sa.update(table).where(table.c.seq == row.seq).values(data={"after": "invented"})
        )
    async with world.desk.store.read() as tx:
        assert await events.first_broken_link(tx, "customer", zoe) == row.seq


async def test_chains_from_before_digests_are_sealed_anew_and_a_break_stays_one(
    world: World,
) -> None:
    await world.arrive(mail("My marmalade leaks.", sender=ZOE))
    await world.arrive(mail("Again.", sender=ZOE, message_id="b@x.example"))
    await as_written_before(world)
    table = metadata.tables["events"]
    async with world.desk.store.write() as tx:
        assert await events.first_broken_link(tx, "interaction", 1) is None
        second = (await events.of_record(tx, "interaction", 2))[1]
        forged = sa.update(table).where(table.c.seq == second.seq).values(actor_name="Mallory")
        await tx.execute(forged)
    sue = await world.sign_in("sue")
    (hit,) = await services.people.find(world.desk, sue, "zoe")
    assert hit.customer_id
    await services.erasing.erase(world.desk, sue, hit.customer_id)
    async with world.desk.store.read() as tx:
        assert await events.first_broken_link(tx, "interaction", 1) is None
        assert await events.first_broken_link(tx, "interaction", 2) == second.seq
    assert not [x for x in leaks(await everything(world)) if " in events" in x]


async def as_written_before(world: World) -> None:
    """Every chain as a desk of before migration 0006 holds it."""
    table, heads = metadata.tables["events"], metadata.tables["chain_heads"]
    async with world.desk.store.write() as tx:
        await tx.execute(sa.update(table).values(salt=""))
        for head in await tx.all(sa.select(heads)):
            link = events.START
            for row in await events.of_record(tx, head.record, head.record_id):
                link = events.link_hash(link, row._mapping)
                await tx.execute(sa.update(table).where(table.c.seq == row.seq).values(hash=link))
            same = (heads.c.record == head.record) & (heads.c.record_id == head.record_id)
            await tx.execute(sa.update(heads).where(same).values(hash=link))


async def test_who_is_erased_is_a_new_guest_when_mail_comes_again(world: World) -> None:
    first = mail("My marmalade leaks.", sender=ZOE, message_id="a@x.example")
    await world.arrive(first)
    sue = await world.sign_in("sue")
    (hit,) = await services.people.find(world.desk, sue, "zoe")
    assert hit.customer_id
    await services.erasing.erase(world.desk, sue, hit.customer_id)
    await world.arrive(first)  # the server shows the old mail once more
    assert await services.people.find(world.desk, sue, "zoe") == ()
    assert list(leaks(await everything(world))) == []
    await world.arrive(
        mail("Hello again.", sender=ZOE, in_reply_to="a@x.example", message_id="b@x.example")
    )
    (again,) = await services.people.find(world.desk, sue, "zoe")
    assert again.customer_id != hit.customer_id
    assert (again.kind, again.interactions) == ("guest", 1)


async def test_nobody_is_erased_while_a_mail_is_underway(world: World) -> None:
    ana, zoe, _ = await planted(world)
    sue = await world.sign_in("sue")
    with pytest.raises(NotAllowed):
        await services.erasing.erase(world.desk, ana, zoe)
    with pytest.raises(Conflict, match=r"IMS0000001 to Zoe Zyxwick is not sent yet\. Take it back"):
        await services.erasing.erase(world.desk, sue, zoe)
    async with world.desk.store.write() as tx:
        await tx.execute(sa.text("UPDATE outbox SET state = 'unknown'"))
    with pytest.raises(Conflict, match="Nobody knows yet whether a mail of IMS0000001"):
        await services.erasing.erase(world.desk, sue, zoe)
    record = await services.people.record(world.desk, sue, zoe)
    assert record.details.name == "Zoe Zyxwick"
    assert record.addresses
    async with world.desk.store.read() as tx:
        assert await finding.people(tx, ["zoe"], 5)


async def test_what_others_share_stays(world: World) -> None:
    await in_lees_conversation(world, ZOE.email)
    sue = await world.sign_in("sue")
    (hit,) = await services.people.find(world.desk, sue, "zoe")
    assert hit.customer_id
    await services.erasing.erase(world.desk, sue, hit.customer_id)
    rows = (await services.views.interactions(world.desk, sue)).rows
    page = await services.views.stream(world.desk, sue, rows[-1].interaction_id)
    assert [(e.title, e.text.strip()) for e in page.entries if e.message_id] == [
        ("Lee Park → support@northwind.example", "Lee here."),
        ("Erased → nobody", ""),
    ]
    assert [h.name for h in await services.people.find(world.desk, sue, "lee")] == ["Lee Park"]

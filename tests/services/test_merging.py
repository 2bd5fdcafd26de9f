"""Two records of one person become one, and two again; on both databases."""

import pytest

from agentdesk import services
from agentdesk.domain.errors import BadInput, Conflict
from agentdesk.domain.message import Address
from agentdesk.domain.people import AccountDetails, Kind, PersonDetails
from agentdesk.storage import events, people
from tests.desks import World, mail
from tests.services.test_people import contact, names

HOME = Address("mara@home.example", "Mara O")


async def test_a_merge_takes_everything_along_and_new_mail_goes_to_the_kept_one(
    world: World,
) -> None:
    await world.arrive(mail(sender=HOME, subject="From home"))
    ana = await world.sign_in("ana")
    mara = await contact(
        world, ana, "Mara Olsen", "mara@fjord.example", account="Fjordline", tags=("gold",)
    )
    (guest,) = await services.people.find(world.desk, ana, "home.ex")
    assert guest.customer_id
    await services.merging.merge(world.desk, ana, mara, guest.customer_id)
    record = await services.people.record(world.desk, ana, mara)
    assert [a.email for a in record.addresses] == ["mara@fjord.example", "mara@home.example"]
    assert [m.name for m in record.merges] == ["Mara O"]
    assert await names(world, ana, "mara") == ["Mara Olsen"]
    gone = await services.people.record(world.desk, ana, guest.customer_id)
    assert (gone.merged_into, gone.addresses) == (mara, ())
    await world.arrive(mail(sender=HOME, subject="Again", message_id="again@home.example"))
    page = await services.people.history(world.desk, ana, customer_id=mara)
    assert [r.subject for r in page.rows] == ["Again", "From home"]
    company = await services.people.history(world.desk, ana, account_id=record.details.account_id)
    assert [r.subject for r in company.rows] == ["Again", "From home"]
    with pytest.raises(Conflict, match="merged into another"):
        await services.people.add_address(world.desk, ana, guest.customer_id, "x@y.example")


async def test_undoing_gives_back_what_is_still_there_and_says_what_is_not(world: World) -> None:
    await world.arrive(mail(sender=HOME, subject="From home"))
    ana = await world.sign_in("ana")
    desk = world.desk
    mara = await contact(world, ana, "Mara Olsen", "mara@fjord.example", account="Fjordline")
    (guest,) = await services.people.find(desk, ana, "home.ex")
    other = guest.customer_id
    assert other
    await services.people.add_address(desk, ana, other, "m.o@home.example")
    record = await services.people.record(desk, ana, other)
    said = PersonDetails("Mara O", "nb", "Europe/Oslo", notes="Calls at noon.")
    await services.people.change(desk, ana, other, record.version, said)
    merge_id = await services.merging.merge(desk, ana, mara, other)
    await services.people.remove_address(desk, ana, mara, "m.o@home.example")
    kept = await services.people.record(desk, ana, mara)
    assert (kept.details.language, kept.details.time_zone) == ("nb", "Europe/Oslo")
    changed = PersonDetails(
        "Mara Olsen",
        "sv",
        "Europe/Oslo",
        notes="Calls at noon.",
        account_id=kept.details.account_id,
    )
    await services.people.change(desk, ana, mara, kept.version, changed)
    await world.arrive(mail(sender=HOME, subject="After", message_id="after@home.example"))
    missing = await services.merging.undo(desk, ana, merge_id)
    assert missing == (
        "The address m.o@home.example is not there any more.",
        "The language of Mara Olsen was changed since, and stays.",
    )
    back = await services.people.record(desk, ana, other)
    assert (back.details, back.merged_into) == (said, None)
    assert [a.email for a in back.addresses] == ["mara@home.example"]
    kept = await services.people.record(desk, ana, mara)
    assert (kept.details.language, kept.details.time_zone) == ("sv", "")
    assert [a.email for a in kept.addresses] == ["mara@fjord.example"]
    pages = [await services.people.history(desk, ana, customer_id=k) for k in (mara, other)]
    assert [[r.subject for r in p.rows] for p in pages] == [["After"], ["From home"]]
    async with desk.store.read() as tx:
        (row,) = (await people.by_addresses(tx, [HOME.email])).values()
        assert row.customer_id == other
        for key in (mara, other):
            assert await events.first_broken_link(tx, "customer", key) is None
    with pytest.raises(Conflict, match="undone already"):
        await services.merging.undo(desk, ana, merge_id)
    assert sorted(await names(world, ana, "mara o")) == ["Mara O", "Mara Olsen"]


async def test_merges_are_undone_in_the_order_in_which_they_stand(world: World) -> None:
    ana = await world.sign_in("ana")
    a, b, c = [await contact(world, ana, f"Mara {n}", f"mara@{n}.example") for n in "abc"]
    first = await services.merging.merge(world.desk, ana, b, a)
    second = await services.merging.merge(world.desk, ana, c, b)
    with pytest.raises(Conflict, match="Undo that merge first"):
        await services.merging.undo(world.desk, ana, first)
    assert await services.merging.undo(world.desk, ana, second) == ()
    assert await services.merging.undo(world.desk, ana, first) == ()
    assert await names(world, ana, "mara") == ["Mara a", "Mara b", "Mara c"]
    with pytest.raises(BadInput):
        await services.merging.merge(world.desk, ana, a, a)


async def test_a_guest_kept_becomes_what_the_other_was(world: World) -> None:
    await world.arrive(mail(sender=HOME))
    ana = await world.sign_in("ana")
    (guest,) = await services.people.find(world.desk, ana, "home.ex")
    assert guest.customer_id
    mara = await contact(world, ana, "Mara Olsen", account="Fjordline", vip=True)
    merge_id = await services.merging.merge(world.desk, ana, guest.customer_id, mara)
    record = await services.people.record(world.desk, ana, guest.customer_id)
    assert (record.kind, record.details.name, record.account) == (
        Kind.CONTACT,
        "Mara Olsen",
        "Fjordline",
    )
    assert await services.merging.undo(world.desk, ana, merge_id) == ()
    record = await services.people.record(world.desk, ana, guest.customer_id)
    assert (record.kind, record.details.name, record.details.vip) == (Kind.GUEST, "Mara O", False)


async def test_an_account_cannot_be_named_twice(world: World) -> None:
    ana = await world.sign_in("ana")
    await services.people.create_account(world.desk, ana, AccountDetails("Fjordline"))
    with pytest.raises(Conflict):
        await services.people.create_account(world.desk, ana, AccountDetails("fjordlíne"))

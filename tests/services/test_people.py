"""Records of people and accounts: found, read, made, changed, verified; on both databases."""

from typing import Any

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput, Conflict, NotFound
from agentdesk.domain.ids import CustomerId
from agentdesk.domain.message import Address
from agentdesk.domain.people import AccountDetails, Kind, PersonDetails
from agentdesk.storage import events
from tests.desks import World, mail


async def contact(
    world: World, ana: Actor, name: str, *emails: str, account: str = "", **more: Any
) -> CustomerId:
    """A contact of an account of its own, or a consumer."""
    account_id = None
    if account:
        account_id = await services.people.create_account(world.desk, ana, AccountDetails(account))
    kind = Kind.CONTACT if account else Kind.CONSUMER
    said = PersonDetails(name, account_id=account_id, **more)
    return await services.people.create(world.desk, ana, kind, said, emails)


async def names(world: World, ana: Actor, words: str) -> list[str]:
    return [h.name for h in await services.people.find(world.desk, ana, words)]


@pytest.mark.parametrize(
    "typed",
    [
        "olsen",
        "Ólsen",
        "ols mar",
        "MAR OLS",
        "mara.ol",
        "mara.olsen@fj",
        "@fjord",
        "fjo mara",
        "exped mara",
        "oslo m",
        "o'br",
        "obrien",
        "brien",
    ],
)
async def test_beginnings_of_words_in_any_order_find_a_person(world: World, typed: str) -> None:
    ana = await world.sign_in("ana")
    said = ("Mára Ólsen O’Brien", "mara.olsen@fjord.example", "m@oslo.example")
    await contact(world, ana, *said, account="Fjordline Expeditions")
    await contact(world, ana, "Tomasz Wójcik", "tomasz@wojcik.example")
    assert "Mára Ólsen O’Brien" in await names(world, ana, typed)
    assert "Tomasz Wójcik" not in await names(world, ana, typed)


async def test_nothing_fits_half_and_marks_are_no_commands(world: World) -> None:
    ana = await world.sign_in("ana")
    await contact(world, ana, "100% Wool_Shop", "wool@shop.example")
    assert await names(world, ana, "100% wool_s") == ["100% Wool_Shop"]
    for typed in (
        "wool zebra",
        "%",
        "_ool",
        "w%l",
        "' OR 1=1",
        "@",
        "\x00",
        "w" * 5_000,
        "a " * 5_000,
    ):
        assert await names(world, ana, typed) == []


async def test_vips_come_first_then_whose_mail_is_newest(world: World) -> None:
    for n, who in enumerate(("anders", "anneli", "anton")):
        await world.arrive(
            mail(sender=Address(f"{who}@x.example", f"{who.title()} Berg"), subject=f"{n}")
        )
    ana = await world.sign_in("ana")
    await contact(world, ana, "Anabel Berg", "anabel@y.example")
    await contact(world, ana, "Andrea Berg", "andrea@y.example", vip=True)
    found = await services.people.find(world.desk, ana, "an berg")
    assert [h.name.split()[0] for h in found] == ["Andrea", "Anton", "Anneli", "Anders", "Anabel"]
    assert [(h.interactions, h.email) for h in found[:2]] == [
        (0, "andrea@y.example"),
        (1, "anton@x.example"),
    ]
    assert [h.name.split()[0] for h in await services.people.find(world.desk, ana, "")] == [
        "Anton",
        "Anneli",
        "Anders",
    ]


async def test_accounts_are_found_beside_their_contacts(world: World) -> None:
    ana = await world.sign_in("ana")
    await contact(world, ana, "Mara Olsen", "mara@fjord.example", account="Fjordline")
    found = await services.people.find(world.desk, ana, "fjordl")
    assert [(h.name, h.kind) for h in found] == [
        ("Mara Olsen", "contact"),
        ("Fjordline", "account"),
    ]
    assert [
        h.name for h in await services.people.find(world.desk, ana, "fjordl", accounts=False)
    ] == ["Mara Olsen"]
    record = await services.people.account(world.desk, ana, found[1].account_id)  # type: ignore[arg-type]
    said = AccountDetails("Nordlicht AS", "Pays late.", ("gold",))
    await services.people.change_account(world.desk, ana, record.account_id, record.version, said)
    assert await names(world, ana, "fjordl") == []
    assert await names(world, ana, "nordl") == ["Mara Olsen", "Nordlicht AS"]
    after = await services.people.account(world.desk, ana, record.account_id)
    assert (after.details, after.contact_count) == (said, 1)
    with pytest.raises(Conflict, match="changed by somebody else"):
        await services.people.change_account(
            world.desk, ana, record.account_id, record.version, said
        )
    with pytest.raises(Conflict, match="already"):
        await services.people.create_account(world.desk, ana, AccountDetails("NORDLICHT as"))


async def test_a_change_is_kept_found_and_logged_with_before_and_after(world: World) -> None:
    ana = await world.sign_in("ana")
    key = await contact(world, ana, "Mara Olsen", "mara@fjord.example")
    record = await services.people.record(world.desk, ana, key)
    said = PersonDetails(
        " Mara\u202e Berg ", "nb_no", "europe/oslo", True, "Writes late.", ("#Skis", "skis", "b2b")
    )
    await services.people.change(world.desk, ana, key, record.version, said)
    after = await services.people.record(world.desk, ana, key)
    assert after.details == PersonDetails(
        "Mara Berg", "nb-NO", "Europe/Oslo", True, "Writes late.", ("b2b", "Skis")
    )
    assert await names(world, ana, "olsen") == []
    assert await names(world, ana, "berg") == ["Mara Berg"]
    async with world.desk.store.read() as tx:
        (*_, last) = await events.of_record(tx, "customer", key)
        assert await events.first_broken_link(tx, "customer", key) is None
    assert last.data["before"]["name"] == "Mara Olsen"
    assert last.data["after"] == {
        "name": "Mara Berg",
        "language": "nb-NO",
        "time_zone": "Europe/Oslo",
        "vip": True,
        "notes": "Writes late.",
        "tags": ["b2b", "Skis"],
    }
    with pytest.raises(Conflict, match="changed by somebody else"):
        await services.people.change(world.desk, ana, key, record.version, said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (PersonDetails("  \u200b "), "name is empty"),
        (PersonDetails("M", time_zone="Europe/Atlantis"), "no time zone"),
        (PersonDetails("M", time_zone="../../etc/passwd"), "no time zone"),
        (PersonDetails("M", language="norwegian!"), "no language"),
        (PersonDetails("M" * 300), "longer than 200"),
        (PersonDetails("M", tags=("x" * 60,)), "longer than 40"),
    ],
)
async def test_what_cannot_be_kept_is_refused_in_a_sentence(
    world: World, said: PersonDetails, words: str
) -> None:
    ana = await world.sign_in("ana")
    with pytest.raises(BadInput, match=words):
        await services.people.create(world.desk, ana, Kind.CONSUMER, said, [])


async def test_an_address_belongs_to_one_person(world: World) -> None:
    ana = await world.sign_in("ana")
    mara = await contact(world, ana, "Mara Olsen", "mara@fjord.example")
    lea = await contact(world, ana, "Lea Berg", "lea@berg.example")
    people = services.people
    with pytest.raises(Conflict, match=r"belongs to Mara Olsen.*merge"):
        await people.add_address(world.desk, ana, lea, "Mara <MARA@fjord.example>")
    with pytest.raises(BadInput, match="of this desk"):
        await people.add_address(world.desk, ana, lea, "support@northwind.example")
    for wrong in ("lea", "a@b@c", "", "lea@", "a@x.example, b@x.example"):
        with pytest.raises(BadInput, match="no email address"):
            await people.add_address(world.desk, ana, lea, wrong)
    await people.add_address(world.desk, ana, lea, "lea@fjord.example")
    assert await names(world, ana, "lea fjord") == ["Lea Berg"]
    await people.remove_address(world.desk, ana, lea, "lea@fjord.example")
    await people.remove_address(world.desk, ana, lea, "lea@berg.example")
    assert (await people.record(world.desk, ana, lea)).addresses == ()
    assert await names(world, ana, "fjord") == ["Mara Olsen"]
    with pytest.raises(NotFound):
        await people.remove_address(world.desk, ana, mara, "lea@berg.example")


async def test_a_verified_guest_takes_the_history_along(world: World) -> None:
    await world.arrive(mail(), mail(subject="Another one", message_id="b@fjord.example"))
    ana = await world.sign_in("ana")
    (hit,) = await services.people.find(world.desk, ana, "mara")
    assert (hit.kind, hit.interactions) == ("guest", 2)
    assert hit.customer_id
    account = await services.people.create_account(world.desk, ana, AccountDetails("Fjordline"))
    said = PersonDetails("Mara Olsen", language="nb", account_id=account)
    with pytest.raises(BadInput, match="belongs to an account"):
        await services.people.verify(
            world.desk, ana, hit.customer_id, Kind.CONTACT, PersonDetails("Mara Olsen")
        )
    await services.people.verify(world.desk, ana, hit.customer_id, Kind.CONTACT, said)
    page = await services.people.history(world.desk, ana, account_id=account)
    assert [r.subject for r in page.rows] == ["Another one", "Order 5512 damaged"]
    assert (await services.people.record(world.desk, ana, hit.customer_id)).kind is Kind.CONTACT
    assert await names(world, ana, "mara fjordline") == ["Mara Olsen"]
    with pytest.raises(Conflict, match="a contact already"):
        await services.people.verify(world.desk, ana, hit.customer_id, Kind.CONTACT, said)


async def test_history_is_paged_both_ways_without_loss(world: World) -> None:
    await world.arrive(*(mail(subject=f"Order {n}", message_id=f"{n}@x.example") for n in range(7)))
    ana = await world.sign_in("ana")
    (hit,) = await services.people.find(world.desk, ana, "mara")
    whole = await services.people.history(world.desk, ana, customer_id=hit.customer_id)
    assert (len(whole.rows), whole.before, whole.after) == (7, None, None)
    pages = []
    after = None
    while True:
        page = await services.people.history(
            world.desk, ana, customer_id=hit.customer_id, after=after, limit=3
        )
        pages.append(page)
        after = page.after
        if after is None:
            break
    assert sum((p.rows for p in pages), ()) == whole.rows
    back = await services.people.history(
        world.desk, ana, customer_id=hit.customer_id, before=pages[2].before, limit=3
    )
    assert back.rows == pages[1].rows
    first = await services.people.history(
        world.desk, ana, customer_id=hit.customer_id, before=back.before, limit=3
    )
    assert (first.rows, first.before) == (pages[0].rows, None)


async def test_one_stream_of_everything_that_passed(world: World) -> None:
    await world.arrive(mail("First words.", subject="One"))
    await world.arrive(mail("Second words.", subject="Two", message_id="t@x.example"))
    ana = await world.sign_in("ana")
    (hit,) = await services.people.find(world.desk, ana, "mara")
    page = await services.people.stream(world.desk, ana, customer_id=hit.customer_id)
    assert [(e.number, e.text.strip()) for e in page.entries] == [
        ("IMS0000001", "First words."),
        ("IMS0000002", "Second words."),
    ]
    last = await services.people.stream(world.desk, ana, customer_id=hit.customer_id, limit=1)
    assert last.earlier
    before = last.entries[0].seq
    rest = await services.people.stream(world.desk, ana, customer_id=hit.customer_id, before=before)
    assert [e.text.strip() for e in rest.entries] == ["First words."]


async def test_who_may_be_the_same_person_is_pointed_out_with_why(world: World) -> None:
    ana = await world.sign_in("ana")
    fjord = await services.people.create_account(world.desk, ana, AccountDetails("Fjordline"))
    said = PersonDetails("Mara Olsen", account_id=fjord)
    mara = await services.people.create(
        world.desk, ana, Kind.CONTACT, said, ["mara.olsen@fjord.example"]
    )
    again = PersonDetails("Olsen, Mára", account_id=fjord)
    await services.people.create(world.desk, ana, Kind.CONTACT, again, ["m@gmail.com"])
    await contact(world, ana, "Mara Olsen", "mo@fjord.example")
    await contact(world, ana, "Mara Ohlsen", "mara.olsen@gmail.com")
    await contact(world, ana, "Mara Olsen", "marao@gmail.com")
    await contact(world, ana, "Bob Stone", "info@gmail.com")
    record = await services.people.record(world.desk, ana, mara)
    assert sorted(d.why for d in record.duplicates) == [
        "same name, both at fjord.example",
        "same name, same account",
        "similar name, both write as mara.olsen@",
    ]


async def test_changes_wake_the_screens_of_the_record(world: World) -> None:
    from agentdesk.storage import feed

    ana = await world.sign_in("ana")
    key = await contact(world, ana, "Mara Olsen", "mara@fjord.example")
    changes = feed.follow(world.desk.store)
    waiting = changes.__aiter__().__anext__()
    import asyncio

    task = asyncio.ensure_future(waiting)
    await asyncio.sleep(0)
    await services.people.add_address(world.desk, ana, key, "mara@home.example")
    change = await asyncio.wait_for(task, 10)
    assert key in change.customers
    await changes.aclose()  # type: ignore[attr-defined]

"""People from CSV and vCard files and back into them; on both databases."""

import pytest

from agentdesk import services
from agentdesk.domain.errors import BadInput, NotAllowed
from agentdesk.domain.people import Kind, PersonDetails
from agentdesk.services import cards, people_tables
from agentdesk.services.people_files import Report
from tests.desks import World, mail
from tests.services.test_people import contact, names

CSV = """\
Name;E-Mail;Firma;Time zone;VIP;Shoe size;Tags
Mara Ólsen;mara@fjord.example, m.o@home.example;Fjordline;europe/oslo;yes;38;gold, b2b
;info@pine.example;;;;;
Jan Nowak;jan@;Fjordline;;;;
"Li
Wei";li@wei.example;;Mars/Base;;;
Ben Stone;ben@stone.example;;;maybe;;
Olga Berg;MARA@fjord.example;;;;;
No Address;;Fjordline;;;;
A;a@a.example;;;;;;;;x
Old;support@northwind.example;;;;;
"""


async def bring(world: World, raw: bytes | str, *, dry_run: bool = False) -> Report:
    sue = world.actors.get("sue") or await world.sign_in("sue")
    data = raw.encode() if isinstance(raw, str) else raw
    return await services.people_files.bring_in(world.desk, sue, data, dry_run=dry_run)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
async def test_a_list_from_a_spreadsheet_is_taken_in_line_by_line(
    world: World, encoding: str
) -> None:
    dry = await bring(world, CSV.encode(encoding), dry_run=True)
    sue = world.actors["sue"]
    assert await names(world, sue, "mara") == []
    report = await bring(world, CSV.encode(encoding))
    for r in (dry, report):
        assert (r.created, r.updated, r.accounts, r.refused_count) == (2, 0, 1, 7)
        assert (r.source.delimiter, r.source.unknown) == (";", ("Shoe size",))
        assert [(x.line, x.why) for x in r.refused] == [
            (4, "“jan@” is no email address."),
            (5, "“Mars/Base” is no time zone. Write a name such as Europe/Madrid."),
            (7, "VIP is neither yes nor no."),
            (8, "mara@fjord.example stands in line 2 already."),
            (9, "It has no address, by which it would be known again."),
            (10, "It has more than 7 columns."),
            (11, "support@northwind.example is an address of this desk, not of a customer."),
        ]
    (hit,) = await services.people.find(world.desk, sue, "olsen fjordl")
    assert hit.customer_id
    record = await services.people.record(world.desk, sue, hit.customer_id)
    assert record.details == PersonDetails(
        "Mara Ólsen",
        time_zone="Europe/Oslo",
        vip=True,
        tags=("b2b", "gold"),
        account_id=hit.account_id,
    )
    assert [a.email for a in record.addresses] == ["m.o@home.example", "mara@fjord.example"]
    again = await bring(world, CSV.encode(encoding))
    assert (again.created, again.updated, again.as_was) == (0, 0, 2)


async def test_known_people_change_only_in_what_the_file_says(world: World) -> None:
    await world.arrive(mail())
    sue = await world.sign_in("sue")
    await contact(world, sue, "Lea Berg", "lea@berg.example", notes="Calls at noon.", language="de")
    report = await bring(
        world,
        "email,language,company\nlea@berg.example,nb,\nmara.olsen@fjord.example,,Fjordline\n",
    )
    assert (report.created, report.updated) == (0, 2)
    (lea,) = await services.people.find(world.desk, sue, "lea")
    assert lea.customer_id
    details = (await services.people.record(world.desk, sue, lea.customer_id)).details
    assert (details.name, details.language, details.notes) == ("Lea Berg", "nb", "Calls at noon.")
    (mara,) = await services.people.find(world.desk, sue, "mara fjordline")
    assert mara.kind == Kind.CONTACT
    page = await services.people.history(world.desk, sue, account_id=mara.account_id)
    assert len(page.rows) == 1


async def test_addresses_of_two_people_are_refused(world: World) -> None:
    sue = await world.sign_in("sue")
    await contact(world, sue, "Lea Berg", "lea@berg.example")
    await contact(world, sue, "Lea B", "lea@home.example")
    report = await bring(world, "email\nlea@berg.example lea@home.example\n")
    assert report.refused[0].why == "Its addresses belong to Lea Berg and Lea B. Merge them first."


@pytest.mark.parametrize(
    ("raw", "words"),
    [(b"", "empty"), (b"colour;size\nred;3\n", "no column"), (b"\x00\x01\x02" * 99, "no column")],
)
async def test_a_file_that_is_no_list_is_refused(world: World, raw: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        await bring(world, raw)


async def test_only_supervisors_take_lists_in_and_out(world: World) -> None:
    ana = await world.sign_in("ana")
    with pytest.raises(NotAllowed):
        await services.people_files.bring_in(world.desk, ana, b"email\n")
    with pytest.raises(NotAllowed):
        async for _ in services.people_files.export(world.desk, ana, "csv"):
            pass


async def exported(world: World, form: str, *, guests: bool = False) -> str:
    sue = world.actors["sue"]
    pieces = services.people_files.export(world.desk, sue, form, guests=guests)
    return "".join([piece async for piece in pieces])


@pytest.mark.parametrize("form", ["csv", "vcard"])
async def test_what_is_written_is_read_again_as_it_was(world: World, form: str) -> None:
    await world.arrive(mail())
    sue = await world.sign_in("sue")
    odd = 'Ol\\e; "Q", =1+1\n-2, æøå 田中 ' + "long " * 60
    await contact(
        world,
        sue,
        "=cmd|' /C calc'!A0",
        "a@x.example",
        "b@x.example",
        account="Ø; Co, Ltd",
        notes=odd,
        tags=("@home", "-minus"),
        time_zone="Asia/Tokyo",
        language="ja",
        vip=True,
    )
    await contact(world, sue, "'=quoted", "q@x.example")
    text = await exported(world, form)
    assert "mara.olsen" not in text
    assert "mara.olsen" in await exported(world, form, guests=True)
    report = await bring(world, text)
    assert (report.created, report.updated, report.as_was, report.refused) == (0, 0, 2, [])


async def test_no_cell_of_an_export_is_a_formula(world: World) -> None:
    sue = await world.sign_in("sue")
    for n, start in enumerate("=+-@"):
        name = f"{start}HYPERLINK(1)"
        await contact(world, sue, name, f"{n}@x.example", notes=name, tags=(name,))
    text = await exported(world, "csv")
    sheet = people_tables.sheet(text.encode())
    lines = text.replace("\ufeff", "").split("\r\n")[1:-1]
    cells = [cell.strip('"') for line in lines for cell in line.split(",")]
    assert not [c for c in cells if c[:1] in ("=", "+", "-", "@") and c]
    assert [x.values["name"] for x in sheet.lines()] == [f"{s}HYPERLINK(1)" for s in "=+-@"]


VCF = """\
BEGIN:VCARD
VERSION:3.0
N:Olsen;Mara;;;
item1.EMAIL;TYPE=INTERNET,WORK:Mara@fjord.example
EMAIL:m@home.example
ORG:Fjordline\\, Ltd;Guides
NOTE:Line one\\nand
  two
TZ:+01:00
PHOTO;ENCODING=b;TYPE=JPEG:AAAA
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:No address
END:VCARD
BEGIN:VCARD
FN:Broken
EMAIL:b@broken.example
this is no property
END:VCARD
stray line
another stray line
BEGIN:VCARD
VERSION:2.1
FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=FCrgen=
 =20Berg
EMAIL;PREF=1:mailto:jb@berg.example
TZ:Europe/Oslo
LANG:nb
END:VCARD
BEGIN:VCARD
FN:Never ends
EMAIL:n@e.example
"""


async def test_cards_are_taken_in_one_by_one(world: World) -> None:
    report = await bring(world, VCF.replace("\n", "\r\n"))
    assert report.created == 2
    assert [(r.line, r.why) for r in report.refused] == [
        (12, "It has no address, by which it would be known again."),
        (16, "Line 19 is no property: it has no colon."),
        (21, "This line belongs to no card."),
        (31, "It has no end: END:VCARD is missing."),
    ]
    sue = world.actors["sue"]
    (mara,) = await services.people.find(world.desk, sue, "mara")
    assert (mara.name, mara.account) == ("Mara Olsen", "Fjordline, Ltd")
    assert mara.customer_id
    details = (await services.people.record(world.desk, sue, mara.customer_id)).details
    assert details.notes == "Line one\nand two"
    assert await names(world, sue, "jurgen be") == ["Jürgen Berg"]


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:VCARD\n" * 200_000,
        "BEGIN:VCARD\nNOTE:" + "\\" * 2_000_000 + "\nEND:VCARD\n",
        "BEGIN:VCARD\nNOTE:x\n" + " y\n" * 400_000 + "END:VCARD\n",
        "BEGIN:VCARD\nN" + ";A=b" * 400_000 + ":x\nEND:VCARD\n",
        'BEGIN:VCARD\nN;A="' + "a," * 400_000 + "\nEND:VCARD\n",
        "BEGIN:VCARD\nCATEGORIES:" + "," * 1_000_000 + "\nEND:VCARD\n",
        "no card\n" * 200_000,
    ],
)
def test_hostile_cards_are_read_in_linear_time(text: str) -> None:
    """A slower way would take hours, and runs into the time limit of every test."""
    for card in cards.read(text.split("\n")):
        card.parts("N")
        card.listed("CATEGORIES")
        card.every("NOTE")


async def test_progress_and_batches(world: World) -> None:
    sue = await world.sign_in("sue")
    raw = "name,email\n" + "".join(f"P{n} Berg,p{n}@x.example\n" for n in range(1_203))
    told: list[int] = []
    report = await services.people_files.bring_in(
        world.desk, sue, raw.encode(), progress=told.append
    )
    assert told == [500, 1_000, 1_203]
    assert report.created == 1_203
    assert len(await services.people.find(world.desk, sue, "berg p12", limit=50)) == 14

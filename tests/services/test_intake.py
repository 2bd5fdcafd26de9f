"""Mail in: nothing lost, nothing twice, whatever arrives; replies find their way."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.interaction import State
from agentdesk.domain.message import Address
from agentdesk.domain.quarantine import Cause
from agentdesk.services import filing, intake
from agentdesk.storage import mailboxes
from agentdesk.storage.tables import blob_chunks, mail_locations
from tests.desks import SUPPORT, World, mail


async def _rows(world: World, **more: str):
    actor = world.actors.get("ana") or await world.sign_in("ana")
    return (await services.views.interactions(world.desk, actor, **more)).rows


async def test_the_same_bytes_from_two_places_are_filed_once(world: World) -> None:
    raw = mail()
    await world.arrive(raw, raw)
    await world.arrive(raw)
    await world.arrive(raw, account="sales")
    assert len(await _rows(world)) == 1


async def test_a_changed_uidvalidity_files_nothing_twice(world: World) -> None:
    raws = [mail(subject=f"Question {n}") for n in range(5)]
    await world.arrive(*raws)
    world.uid = 100
    await world.arrive(*raws, mail(subject="new"))
    assert len(await _rows(world)) == 6


async def test_a_thread_within_one_batch_becomes_one_interaction(world: World) -> None:
    await world.arrive(
        mail(message_id="a@fjord.example"),
        mail("And a second thought.", message_id="b@fjord.example", in_reply_to="a@fjord.example"),
        mail("Third.", in_reply_to="b@fjord.example"),
    )
    (row,) = await _rows(world)
    page = await services.views.stream(world.desk, world.actors["ana"], row.interaction_id)
    assert len([e for e in page.entries if e.message_id]) == 3


async def test_a_reply_to_a_closed_interaction_continues_it_in_a_new_one(world: World) -> None:
    await world.arrive(mail(message_id="a@fjord.example"))
    ana, key = await world.at_work()
    await services.handling.close(world.desk, ana, key)
    world.clock.turn(121)
    await services.deadlines.run_passed(world.desk)
    await world.arrive(mail("Again broken.", in_reply_to="a@fjord.example"))
    new, old = await _rows(world)
    assert old.state is State.CLOSED_COMPLETE
    view = await services.views.interaction(world.desk, ana, new.interaction_id)
    assert view.parent == "IMS0000001"
    await world.arrive(mail("And once more.", in_reply_to="a@fjord.example"))
    assert len(await _rows(world)) == 2


async def test_a_customer_who_writes_during_wrap_up_stops_the_countdown(world: World) -> None:
    await world.arrive(mail(message_id="a@fjord.example"))
    ana, key = await world.at_work()
    await services.handling.close(world.desk, ana, key)
    await world.arrive(mail("One more thing.", in_reply_to="a@fjord.example"))
    world.clock.turn(500)
    await services.deadlines.run_passed(world.desk)
    view = await services.views.interaction(world.desk, ana, key)
    assert view.state is State.WORK_IN_PROGRESS
    assert view.wrap_up is None


async def test_a_number_from_a_stranger_does_not_open_the_conversation(world: World) -> None:
    await world.arrive(mail())
    stranger = Address("eve@elsewhere.example", "Eve")
    await world.arrive(mail("Show me.", subject="Re: IMS0000001", sender=stranger))
    new, _ = await _rows(world)
    page = await services.views.stream(world.desk, world.actors["ana"], new.interaction_id)
    assert any("no participant" in w for e in page.entries for w in e.warnings)


async def test_our_own_mail_coming_back_is_not_filed_again(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    d = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.sending.queue(world.desk, ana, d.id, d.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await services.outgoing.claim(world.desk, [1, 2])
    assert job is not None
    before = len((await services.views.stream(world.desk, ana, key)).entries)
    await world.arrive(b"Received: by mx.example\r\n" + job.raw)
    assert len((await services.views.stream(world.desk, ana, key)).entries) == before
    assert len(await _rows(world)) == 1


async def test_a_customers_mail_under_the_id_of_ours_is_filed(world: World) -> None:
    """Some programs take over the Message-ID of what they answer; nobody may lose such a mail."""
    await world.arrive(mail())
    ana, key = await world.at_work()
    d = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.sending.queue(world.desk, ana, d.id, d.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await services.outgoing.claim(world.desk, [1, 2])
    assert job is not None
    await world.arrive(mail("It is still broken.", message_id=job.header_id))
    opened = [row.interaction_id for row in await _rows(world)]
    streams = [await services.views.stream(world.desk, ana, i) for i in opened]
    assert any("still broken" in e.text for s in streams for e in s.entries)


async def test_an_auto_reply_never_takes_an_interaction_off_hold(world: World) -> None:
    await world.arrive(mail(message_id="a@fjord.example"))
    ana, key = await world.at_work()
    await services.handling.hold(world.desk, ana, key)
    absent = mail("I am away until Monday.", in_reply_to="a@fjord.example")
    await world.arrive(b"Auto-Submitted: auto-replied\r\n" + absent)
    assert (await services.views.interaction(world.desk, ana, key)).state is State.ON_HOLD
    page = await services.views.stream(world.desk, ana, key)
    assert any("away until Monday" in e.text for e in page.entries)


HOSTILE = {
    "markup": mail("[/order] [red]x[/]", subject="Re: [/order] …"),
    "escapes": mail("\x1b[2J\x1b]0;owned\x07", subject="\x1b[31mred"),
    "bidi": mail("\u202eevil\u2066", subject="\u202eevil"),
    "one long word": mail("W" * 200_000, subject="W" * 10_000),
    "emoji": mail("👩‍👩‍👧‍👦" * 500, subject="👩‍👩‍👧‍👦 日本語 שלום"),
    "no headers": b"just some words\r\n",
    "only headers": b"Subject: x\r\nFrom: a@b.example\r\n\r\n",
    "no sender": b"Subject: x\r\n\r\nhello\r\n",
    "nul": b"Subject: a\x00b\r\nFrom: a@b.example\r\n\r\nx\x00y\r\n",
    "long id": b"Subject: x\r\nFrom: a@b.example\r\nMessage-ID: <"
    + b"i" * 50_000
    + b"@x>\r\n\r\nx",
    "bad charset": b"Subject: x\r\nFrom: a@b.example\r\nContent-Type: text/plain; charset=idna\r\n\r\n\xff\xfe",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_mail_becomes_a_readable_interaction(world: World, raw: bytes) -> None:
    await world.arrive(raw, mail("A normal one behind it.", subject="normal"))
    rows = await _rows(world)
    assert {"normal"} <= {r.subject for r in rows}
    assert len(rows) == 2
    for row in rows:
        page = await services.views.stream(world.desk, world.actors["ana"], row.interaction_id)
        shown = row.subject + "".join(e.title + e.text for e in page.entries)
        assert not set(shown) & set("\x1b\x00\x07\u202e\u2066")


async def test_bytes_that_are_no_mail_are_set_aside_and_the_rest_goes_on(world: World) -> None:
    await world.arrive(b"", mail())
    assert len(await _rows(world)) == 1
    async with world.desk.store.read() as tx:
        assert await mailboxes.quarantined_count(tx) == 1


@pytest.mark.parametrize("damage", [b"", b"no zlib at all"])
async def test_a_mail_whose_stored_bytes_are_damaged_is_set_aside_and_the_rest_goes_on(
    world: World, damage: bytes
) -> None:
    async with world.desk.filing:  # stored, not filed yet
        arriving = asyncio.create_task(
            world.arrive(mail(subject="one"), mail("x" * 900), mail(subject="two"))
        )
        async with world.desk.store.read() as tx:
            while len(found := await mailboxes.unfiled(tx, 0, 10, 10**6)) < 3:
                await asyncio.sleep(0)
                await tx.conn.rollback()
        async with world.desk.store.write() as tx:
            here = blob_chunks.c.sha256 == found[1].sha256
            await tx.execute(sa.update(blob_chunks).where(here).values(data=damage))
    await arriving
    assert {r.subject for r in await _rows(world)} == {"one", "two"}
    async with world.desk.store.read() as tx:
        [cause] = await tx.all(
            sa.select(mail_locations.c.cause_kind).where(mail_locations.c.state == "quarantined")
        )
    assert cause.cause_kind == Cause.STORAGE


async def test_a_mail_that_cannot_be_filed_is_set_aside_after_three_tries(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = filing._letter

    def broken(b, key, i, located, parsed, link):
        if "poison" in parsed.subject:
            raise ValueError("defect")
        return honest(b, key, i, located, parsed, link)

    monkeypatch.setattr(filing, "_letter", broken)
    await world.arrive(mail(subject="one"), mail(subject="poison"), mail(subject="two"))
    assert {r.subject for r in await _rows(world)} == {"one", "two"}
    async with world.desk.store.read() as tx:
        assert await mailboxes.quarantined_count(tx) == 1


async def test_two_engines_file_one_backlog_without_repeats(world: World) -> None:
    real = intake.file_stored

    async def later(_: object) -> int:
        return 0

    intake.file_stored = later  # type: ignore[assignment]
    try:
        await world.arrive(*[mail(subject=f"Question {n}") for n in range(40)])
    finally:
        intake.file_stored = real
    await asyncio.gather(*[intake.file_stored(world.desk) for _ in range(4)])
    rows = await _rows(world)
    assert len(rows) == len({r.subject for r in rows}) == 40


async def test_search_finds_words_names_and_numbers(world: World) -> None:
    lee = Address("lee@pine.example", "Lee Pine")
    await world.arrive(
        mail("The zipper of the jacket is stuck.", subject="Jacket"),
        mail("Größe 42 bitte.", subject="Schuhe", sender=lee),
    )
    assert [r.subject for r in await _rows(world, search="zip jack")] == ["Jacket"]
    assert [r.subject for r in await _rows(world, search="größe")] == ["Schuhe"]
    assert [r.subject for r in await _rows(world, search="lee pi")] == ["Schuhe"]
    assert [r.subject for r in await _rows(world, search="IMS0000001")] == ["Jacket"]
    for odd in ("'", '"', "a' OR 1=1", "*", "&|!", "NEAR(", "%"):
        await _rows(world, search=odd)


async def test_pages_cover_a_list_exactly_once(world: World) -> None:
    await world.arrive(*[mail(subject=f"Question {n}") for n in range(45)])
    ana = await world.sign_in("ana")
    seen: list[str] = []
    after = None
    while True:
        page = await services.views.interactions(world.desk, ana, after=after, limit=10)
        seen += [r.subject for r in page.rows]
        if page.after is None:
            break
        after = page.after
    assert len(seen) == len(set(seen)) == 45
    back = await services.views.interactions(world.desk, ana, before=page.before, limit=10)
    assert [r.subject for r in back.rows] == seen[30:40]


def test_fixtures_write_to_the_desk(tmp_path: Path) -> None:
    assert SUPPORT.encode() in mail()
